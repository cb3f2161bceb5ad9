"""The page of one letter, and what is done on it: acts, the reply, looking at the writer, merging, publishing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from gongkai.files import actions as files
from gongkai.files.models import Attachment
from gongkai.ledger import asks as ledger
from gongkai.ledger import clock, lawbook
from gongkai.letters import actions, acts, asks, facts, forms, learning, policy
from gongkai.letters.acts import Act
from gongkai.letters.models import ExtensionRequest, Letter, Part, Stage
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.text import reply as reading
from gongkai.text import screen
from gongkai.ui.refusal import Refused, Verdict

EARLIER = 10  # answers of the unit that a reply is compared with
WRITING = (Stage.ASSIGNED, Stage.HANDLING)


def find(request: OfficeRequest, number: str) -> Letter:
    """The letter, if this person may see it; missing and forbidden answer alike."""
    letters = policy.visible_to(request.actor).select_related(
        "matter__place", "place", "unit", "lead", "officer"
    )
    return get_object_or_404(letters, matter__number=number)


@office_page
@lawbook.steady()
def letter(request: OfficeRequest, number: str) -> HttpResponse:
    found = find(request, number)
    actions.open_(found, by=request.actor, at=clock.now())
    return show(request, found)


def show(
    request: OfficeRequest, letter: Letter, *, reply: forms.ReplyForm | None = None, person: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """Draw the page of a letter for its reader; `reply` as typed so far, `person` the writer when unmasked."""
    actor, now = request.actor, clock.now()
    events, duties = asks.timeline(letter), asks.duties(letter, now)
    letter.seen = events[0]["id"] if events else 0  # type: ignore[attr-defined]
    drafts = list(letter.drafts.select_related("author", "signer"))
    draft = next((one for one in drafts if one.state != one.State.SENT), None)
    steps = acts.steps(actor, letter, draft)
    suggested = _suggested(request, letter) if "classification" in steps and letter.stage == Stage.RECEIVED else []
    card = next(
        (one for one in duties if one.obligation == asks.main_clock(o.obligation for o in duties)), None
    )
    parts = list(letter.parts.select_related("unit"))
    main, merged = asks.merged_with(letter)
    page = {
        "letter": letter,
        "now": now,
        "stages": asks.stages(letter),
        "attachments": Attachment.objects.of(actions.ROOM, letter.number),
        "marks": {word for one, _url, _taken in suggested for word in one.words},
        "suggested": suggested,
        "near": _near(request, letter) if "classification" in steps else [],
        "main": main,
        "merged": merged,
        "steps": steps,
        "classification": _classification(request, letter) if letter.stage == Stage.RECEIVED else None,
        "other_steps": [step for name, step in steps.items() if name not in _inline(letter, steps)],
        "draft": draft,
        "drafts": drafts,
        "may_submit": policy.may_submit(actor, letter) if "findings" in steps else None,
        "reply": reply or (_reply(request, letter, draft) if "findings" in steps else None),
        "points": _points(letter, draft) if draft and not letter.is_answered else [],
        "parts": [(part, actor.may("letters.handle", part.unit_id) and letter.is_working) for part in parts],
        "requests": _requests(request, letter),
        "card": card,
        "why": ledger.explanations(letter.matter, now).get(card.obligation.key) if card else None,
        "duties": duties,
        "events": events,
        "person": person,
        "may_unmask": policy.may_unmask(actor, letter),
        "may_merge": policy.is_lead(actor, letter) and letter.is_working and letter.stage != Stage.SIGNING,
        "may_publish": policy.may_publish(actor, letter) if letter.is_answered else None,
        "may_attach": letter.is_working and acts.is_anyones(actor, letter),
    }
    return render(request, "letters/letter.html", page, status=status)


def _inline(letter: Letter, steps: dict[str, acts.Step]) -> tuple[str, ...]:
    """The acts that have their form on the page itself."""
    signing = ("signature", "signature_return", "answer") if "signature" in steps else ("answer",)
    return {
        Stage.RECEIVED: ("classification", "assignment"),
        Stage.ASSIGNED: ("receipt", "return", "findings"),
        Stage.HANDLING: ("findings",),
        Stage.SIGNING: signing,
    }.get(Stage(letter.stage), ())


def _suggested(request: OfficeRequest, letter: Letter) -> list[tuple[learning.Suggested, str, bool]]:
    """What is suggested, each with the address that takes it into the form, and whether it was taken."""
    rows = []
    for one in learning.suggest(letter):
        given = request.GET.copy()
        given[one.field] = one.value
        rows.append((one, f"?{given.urlencode()}#h-class", request.GET.get(one.field) == one.value))
    return rows


def _classification(request: OfficeRequest, letter: Letter) -> forms.ClassificationForm:
    """The form of classification, with the suggestions a person chose to take filled in."""
    start = acts.BY_NAME["classification"].starts_with(letter) | {k: v for k, v in request.GET.items() if v}
    if code := request.GET.get("unit"):
        start["unit"] = (
            forms.standing_units(request.actor).filter(code=code).values_list("pk", flat=True).first()
        )
    return forms.ClassificationForm(letter=letter, actor=request.actor, initial=start)


def _near(request: OfficeRequest, letter: Letter) -> list[asks.Near]:
    if letter.is_protected or letter.stage != Stage.RECEIVED:
        return []
    return asks.duplicates(policy.visible_to(request.actor), letter.title, letter.text, letter.pk)


def _reply(request: OfficeRequest, letter: Letter, draft: Any) -> forms.ReplyForm:
    start = {"text": draft.text if draft else ""}
    return forms.ReplyForm(letter=letter, actor=request.actor, initial=start)


def _points(letter: Letter, draft: Any) -> list[reading.Point]:
    """What reading the reply found. Advice only."""
    if not draft.text:
        return []
    earlier = Letter.objects.filter(unit=letter.unit_id, answered_at__isnull=False).exclude(pk=letter.pk)
    answers = earlier.order_by("-received_at").values_list("answer", flat=True)[:EARLIER]
    return reading.check(f"{letter.title}\n{letter.text}", draft.text, earlier_replies=answers)


def _requests(request: OfficeRequest, letter: Letter) -> list[tuple[ExtensionRequest, Verdict | None]]:
    """Requests for more time; those that wait, with whether this person may decide them."""
    may = policy.may_decide_extension(request.actor, letter)
    rows = letter.extension_requests.select_related("asked_by", "decided_by")
    return [(row, may if row.granted is None else None) for row in rows]


# ---- acts ------------------------------------------------------------------------------------------------------


@office_page
@lawbook.steady()
def act(request: OfficeRequest, number: str, act: Act) -> HttpResponse:
    """One act: its form and whether it may happen; or the act itself, and back to the letter."""
    found, now = find(request, number), clock.now()
    draft = actions.current_draft(found)
    found.seen = asks.last_fact(found)  # type: ignore[attr-defined]
    given = request.POST if request.method == "POST" else None
    form = act.form(given, letter=found, actor=request.actor, initial=act.starts_with(found))
    if form.is_valid():
        if asks.is_done_since(found, act.fact, form.cleaned_data["seen"], request.actor):
            messages.info(request, "这一步您刚才已经办过，没有重复记录。")
        else:
            act.do(found, by=request.actor, at=now, **form.given)
            messages.success(request, act.done)
        return back(request, found)
    page = {"letter": found, "act": act, "form": form, "verdict": act.may(request.actor, found, draft)}
    return render(request, "letters/act.html", page, status=422 if form.errors else 200)


def back(request: OfficeRequest, letter: Letter) -> HttpResponse:
    """To the letter; to the list when it has left this person's hands."""
    if policy.visible_to(request.actor).filter(pk=letter.pk).exists():
        return redirect("letters:letter", letter.number)
    return redirect("letters:list")


@require_POST
@office_page
@lawbook.steady()
def draft(request: OfficeRequest, number: str) -> HttpResponse:
    """Keep the reply as far as it is written; or put a template's words into it, without keeping."""
    found = find(request, number)
    form = forms.ReplyForm(request.POST, letter=found, actor=request.actor)
    if not form.is_valid():
        return show(request, found, reply=form, status=422)
    text, template = form.cleaned_data["text"], form.cleaned_data["template"]
    if "insert" in request.POST:
        words = "\n\n".join(filter(None, (text.strip(), template.text if template else "")))
        return show(
            request, found, reply=forms.ReplyForm(letter=found, actor=request.actor, initial={"text": words})
        )
    actions.draft(found, by=request.actor, at=clock.now(), text=text)
    messages.success(request, "草稿已存。")
    return redirect("letters:letter", number)


@require_POST
@office_page
@lawbook.steady()
def submission(request: OfficeRequest, number: str) -> HttpResponse:
    """Send the reply to be signed. What was typed is kept when it is refused."""
    found = find(request, number)
    form = forms.ReplyForm(request.POST, letter=found, actor=request.actor)
    if form.is_valid() and not form.cleaned_data["text"].strip():
        form.add_error("text", "请填写答复正文。")
    if not form.is_valid():
        return show(request, found, reply=form, status=422)
    if asks.is_done_since(found, facts.REPLY_SUBMITTED, form.cleaned_data["seen"], request.actor):
        return redirect("letters:letter", number)
    if policy.may_handle(request.actor, found) and not policy.may_submit(request.actor, found):
        return show(request, found, reply=form, status=409)
    actions.submit(found, by=request.actor, at=clock.now(), text=form.cleaned_data["text"])
    messages.success(request, "已送审签。")
    return redirect("letters:letter", number)


@office_page
@lawbook.steady()
def part(request: OfficeRequest, number: str, pk: int) -> HttpResponse:
    """The words of a helping unit."""
    found = find(request, number)
    asked = get_object_or_404(Part.objects.select_related("unit"), pk=pk, letter=found)
    verdict = policy.may_help(request.actor, found, asked.unit_id)
    form = forms.PartReplyForm(request.POST or None, initial={"words": asked.words})
    if form.is_valid():
        if form.cleaned_data["words"].strip() != asked.words:
            actions.answer_joint(asked, by=request.actor, at=clock.now(), **form.cleaned_data)
        messages.success(request, "协办意见已交给承办单位。")
        return back(request, found)
    page = {"letter": found, "part": asked, "form": form, "verdict": verdict}
    return render(request, "letters/part.html", page, status=422 if form.errors else 200)


@require_POST
@office_page
@lawbook.steady()
def decision(request: OfficeRequest, number: str, pk: int) -> HttpResponse:
    """Grant or refuse more time."""
    found = find(request, number)
    asked = get_object_or_404(ExtensionRequest, pk=pk, letter=found)
    form = forms.DecisionForm(request.POST)
    if not form.is_valid():
        raise Refused("没有选同意还是不同意", remedy="请返回后选一项。")
    decided = actions.decide_extension(asked, by=request.actor, at=clock.now(), **form.cleaned_data)
    messages.success(request, "已同意延期。" if decided.granted else "已答复：不同意延期。")
    return redirect("letters:letter", number)


@office_page
@lawbook.steady()
def unmask(request: OfficeRequest, number: str) -> HttpResponse:
    """The writer's name and numbers, once, in the answer to a reason that is recorded."""
    found = find(request, number)
    found.seen = asks.last_fact(found)  # type: ignore[attr-defined]
    given = request.POST if request.method == "POST" else None
    form = forms.UnmaskForm(given, letter=found, actor=request.actor)
    verdict = policy.may_unmask(request.actor, found)
    if form.is_valid():
        person = actions.unmask(found, by=request.actor, at=clock.now(), **form.given)
        return show(request, found, person=person)
    page = {"letter": found, "form": form, "verdict": verdict}
    return render(request, "letters/unmask.html", page, status=422 if form.errors else 200)


@office_page
@lawbook.steady()
def merge(request: OfficeRequest, number: str) -> HttpResponse:
    """Merge this letter into another: by number, by words, or one of those that say nearly the same."""
    found, actor = find(request, number), request.actor
    seen = policy.visible_to(actor)
    given = request.POST if request.method == "POST" else None
    form = forms.MergeForm(given, letter=found, actor=actor)
    if form.is_valid():
        into = seen.select_related("matter").filter(matter__number=form.cleaned_data["into"]).first()
        if into is None:
            form.add_error("into", "没有找到这个编号，请核对；应是您能看到的、正在办理的来信。")
        elif found.stage == Stage.MERGED:
            messages.info(request, "这封信已经并案。")
            return redirect("letters:letter", into.number)
        else:
            actions.merge(found, into, by=actor, at=clock.now())
            messages.success(request, f"{found.number} 已并入这封信，来信人会收到同样的答复。")
            return redirect("letters:letter", into.number)
    q = request.GET.get("q", "").strip()
    candidates = asks.narrowed(seen.working(), {"q": q}) if q else seen.none()
    page = {
        "letter": found,
        "form": form,
        "near": asks.duplicates(seen, found.title, found.text, found.pk),
        "q": q,
        "found": candidates.exclude(pk=found.pk)
        .exclude(is_protected=True)
        .select_related("matter", "unit")[:20],
        "closed": Verdict.yes()
        if policy.is_lead(actor, found) and not found.is_protected
        else policy.no(policy.ONLY_LEAD),
    }
    return render(request, "letters/merge.html", page, status=422 if form.errors else 200)


@require_POST
@office_page
@lawbook.steady()
def merged(request: OfficeRequest, number: str) -> HttpResponse:
    """Merge several chosen letters into this one."""
    found = find(request, number)
    chosen = policy.visible_to(request.actor).filter(matter__number__in=request.POST.getlist("letters"))
    count = actions.merge_all(chosen.exclude(pk=found.pk), found, by=request.actor, at=clock.now())
    messages.success(
        request, f"已并入 {count} 封，来信人会收到同样的答复。" if count else "没有选择要并入的来信。"
    )
    return redirect("letters:letter", number)


@office_page
@lawbook.steady()
def publication(request: OfficeRequest, number: str) -> HttpResponse:
    """Edit question and answer for the public and publish them; personal data that is found is shown and masked."""
    found = find(request, number)
    found.seen = asks.last_fact(found)  # type: ignore[attr-defined]
    start = {
        "title": found.public_title or screen.mask(found.title),
        "text": found.public_text or screen.mask(found.text),
        "answer": found.public_answer or screen.mask(found.answer),
    }
    given = request.POST if request.method == "POST" else None
    form = forms.PublicationForm(given, letter=found, actor=request.actor, initial=start)
    if form.is_valid():
        if not asks.is_done_since(found, facts.PUBLISHED, form.cleaned_data["seen"], request.actor):
            actions.publish(found, by=request.actor, at=clock.now(), **form.given)
        messages.success(request, "问答已公开。")
        return redirect("letters:letter", number)
    original = f"{found.title}\n{found.text}\n{found.answer}"
    page = {
        "letter": found,
        "form": form,
        "verdict": policy.may_publish(request.actor, found),
        "private": screen.find(original),
        "marks": [finding.text for finding in screen.find(original)],
    }
    return render(request, "letters/publication.html", page, status=422 if form.errors else 200)


@require_POST
@office_page
@lawbook.steady()
def attachments(request: OfficeRequest, number: str) -> HttpResponse:
    """Add files to a letter; a file that is not taken is named with the reason, the others stay."""
    found = find(request, number)
    if not (found.is_working and acts.is_anyones(request.actor, found)):
        raise Http404
    attach(request, found, clock.now())
    return redirect("letters:letter", number)


def attach(request: OfficeRequest, letter: Letter, now: datetime) -> None:
    """Keep the uploaded files with a letter, and say which were not taken and why."""
    for upload in request.FILES.getlist("files"):
        try:
            files.attach(upload, room=actions.ROOM, number=letter.number, by=request.staff, at=now)
        except Refused as refused:
            messages.warning(request, f"附件“{upload.name}”没有收下：{refused.reason}。{refused.remedy}")
