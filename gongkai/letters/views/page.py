"""The page of one letter as its reader meets it: words, next step, reply, clocks, story."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render

from gongkai.ledger import clock, story
from gongkai.ledger.acts import Step
from gongkai.letters import acts, asks, attachments, forms, learning, policy
from gongkai.letters.models import Draft, ExtensionRequest, Letter, Stage
from gongkai.people.actor import Actor
from gongkai.people.desk import OfficeRequest
from gongkai.people.fields import standing_units
from gongkai.people.models import Power
from gongkai.text import reply as reading
from gongkai.ui.refusal import Verdict

OFFERED = 3  # letters that say nearly the same, on the page itself; the page of merging shows more
EARLIER = 10  # answers of the unit that a reply is compared with


def find(request: OfficeRequest, number: str) -> Letter:
    """The letter, if this person may see it; missing and forbidden answer alike."""
    letter = asks.letter(request.actor, number)
    if letter is None:
        raise Http404
    return letter


def show(
    request: OfficeRequest,
    letter: Letter,
    *,
    reply: forms.ReplyForm | None = None,
    person: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Draw the page of a letter for its reader: `reply` as typed so far, `person` the writer when unmasked."""
    actor, now = request.actor, clock.now()
    beside = asks.beside(letter)
    its_story = story.story(
        letter.matter, now, answers=asks.ANSWERS, bad=asks.BACKWARD, outside=asks.FROM_THE_WRITER
    )
    seen = its_story.seen
    drafts = asks.drafts(letter) if "drafts" in beside else []
    draft = next((one for one in drafts if one.state != Draft.State.SENT), None)
    steps = acts.steps(actor, letter, draft)
    main, merged = asks.merged_with(letter) if "ties" in beside else (None, [])
    parts = asks.parts(letter) if "parts" in beside else []
    page = {
        "letter": letter,
        "now": now,
        "seen": seen,
        "person": person,
        "marks": (),
        "stages": asks.stages(letter),
        "files": attachments.of(letter) if "files" in beside else attachments.NONE,
        "may_attach": letter.is_working and acts.is_anyones(actor, letter),
        "may_unmask": policy.may_unmask(actor, letter),
        "main": main,
        "merged": merged,
        "opened": _opened(actor, merged) if merged else frozenset(),
        "parts": [(part, letter.is_working and actor.may(Power.HANDLE, part.unit_id)) for part in parts],
        "requests": _requests(request, letter) if "requests" in beside else [],
        "steps": steps,
        "other_steps": [step for name, step in steps.items() if name not in _inline(letter, steps)],
        "may_merge": policy.is_lead(actor, letter) and letter.is_working and letter.stage != Stage.SIGNING,
        "may_publish": _may_publish(request, letter),
        "draft": draft,
        "drafts": drafts,
        "points": _points(letter, draft) if draft and letter.is_working else (),
        "story": its_story,
    }
    if letter.stage == Stage.RECEIVED and "classification" in steps:
        page |= _intake(request, letter, seen)
    if "findings" in steps:
        start = {"text": draft.text if draft else ""}
        page["reply"] = reply or forms.ReplyForm(case=letter, actor=actor, seen=seen, initial=start)
        page["may_submit"] = policy.may_submit(actor, letter)
    return render(request, "letters/letter.html", page, status=status)


def _inline(letter: Letter, steps: dict[str, Step[Letter]]) -> tuple[str, ...]:
    """The acts that have their form on the page itself."""
    signing = ("signature", "signature_return", "answer") if "signature" in steps else ("answer",)
    return {
        Stage.RECEIVED: ("classification", "assignment"),
        Stage.ASSIGNED: ("receipt", "return", "findings"),
        Stage.HANDLING: ("findings",),
        Stage.SIGNING: signing,
    }.get(Stage(letter.stage), ())


def _opened(actor: Actor, tied: list[asks.Tied]) -> frozenset[str]:
    """The numbers of those letters that this person may open."""
    seen = policy.visible_to(actor).filter(matter__number__in=[one.number for one in tied])
    return frozenset(seen.values_list("matter__number", flat=True))


def _intake(request: OfficeRequest, letter: Letter, seen: int) -> dict[str, Any]:
    """What is offered for a letter that is to be classified: suggestions, others like it, the form."""
    chosen = {name: value for name, value in request.GET.items() if value}
    suggested = []
    for one in learning.suggest(letter):
        if one.field in letter.filled:
            continue
        taken = chosen | {one.field: one.value}
        suggested.append((one, f"?{urlencode(taken)}#h-class", chosen.get(one.field) == one.value))
    start = acts.BY_NAME["classification"].starts_with(letter) | chosen
    if code := chosen.get("unit", letter.filled.get("unit", {}).get("value")):
        units = standing_units(request.actor).filter(code=code)
        start["unit"] = units.values_list("pk", flat=True).first()
    seen_letters = policy.visible_to(request.actor)
    near = [] if letter.is_protected else asks.duplicates(seen_letters, letter.title, letter.text, letter.pk)
    return {
        "suggested": suggested,
        "take_all": f"?{urlencode({one.field: one.value for one, _url, _taken in suggested})}#h-class",
        "filled": _filled(letter),
        "marks": {word for one, _url, _taken in suggested for word in one.words}
        | {word for one in letter.filled.values() for word in one["words"]},
        "near": near[:OFFERED],
        "classification": forms.ClassificationForm(
            case=letter, actor=request.actor, seen=seen, initial=start
        ),
    }


def _filled(letter: Letter) -> list[dict[str, Any]]:
    """What the system has filled in and nobody has confirmed yet, in the order of the form."""
    return [
        letter.filled[what] | {"title": f"{label}：{letter.filled[what]['label']}"}
        for what, label in learning.FIELDS.items()
        if what in letter.filled
    ]


def _points(letter: Letter, draft: Draft) -> list[reading.Point]:
    """What reading the reply found. Advice only."""
    if not draft.text:
        return []
    earlier = Letter.objects.filter(unit=letter.unit_id, answered_at__isnull=False).exclude(pk=letter.pk)
    answers = earlier.order_by("-received_at").values_list("answer", flat=True)[:EARLIER]
    relevance = learning.relevance(letter.place_id)
    whole = f"{letter.title}\n{letter.text}"
    return reading.check(whole, draft.text, earlier_replies=answers, relevance=relevance)


def _requests(request: OfficeRequest, letter: Letter) -> list[tuple[ExtensionRequest, Verdict | None]]:
    """Requests for more time; those that wait, with whether this person may decide them."""
    may = policy.may_decide_extension(request.actor, letter)
    rows = asks.extension_requests(letter)
    return [(row, may if row.granted is None else None) for row in rows]


def _may_publish(request: OfficeRequest, letter: Letter) -> Verdict | None:
    """Whether the answer may be published, for those whose business it is; else None."""
    if letter.is_answered and acts.is_leads_or_signers(request.actor, letter):
        return policy.may_publish(request.actor, letter)
    return None
