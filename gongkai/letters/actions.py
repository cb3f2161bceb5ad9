"""The verbs of a letter, from receipt to rating. Each locks, asks, changes and reports; packs do the counting."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from gongkai.ledger import actions as ledger
from gongkai.ledger import asks, cycles, outbox
from gongkai.ledger.models import Fact, Link
from gongkai.letters import facts, policy
from gongkai.letters.indexing import index
from gongkai.letters.models import Draft, ExtensionRequest, Issue, Learned, Letter, Part, Stage, Template, Tie
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Unit, unit_answering_for
from gongkai.text import alike, screen
from gongkai.ui.refusal import Refused
from gongkai.vault import cipher

if TYPE_CHECKING:
    from gongkai.text import hot

ROOM = "letters"
PREFIX = "LY"
IN_AN_ANSWER = tuple(
    kind for kind in screen.Kind if kind is not screen.Kind.LANDLINE
)  # an office may be called
PERSON = ("name", "phone", "email", "address", "identity")


def lead_unit(place: Place, source: str, at: datetime) -> Unit | None:
    """The unit that leads letters of a source at a place, by its route and the units' responsibilities."""
    role, _says, _cite = asks.route(place.code, "letter.lead", {"source": source})
    return unit_answering_for(place, role, at.date()) if role else None


def phone_tail(place: Place, phone: str) -> str:
    """Keyed hash of the last four digits, the second half of the key a writer follows the letter by."""
    digits = "".join(c for c in phone if c.isdigit())
    return cipher.fingerprint(f"tail:{place.code}:{digits[-4:]}") if len(digits) >= 4 else ""


def writer_print(person: Mapping[str, str]) -> str:
    """Keyed hash that tells the same writer again: by phone, else identity, else name and address."""
    digits = "".join(c for c in person.get("phone", "") if c.isdigit())
    known = (
        digits
        or person.get("identity", "")
        or f"{person.get('name', '')}|{person.get('address', '')}".strip("|")
    )
    return cipher.fingerprint(known)


def compose(
    place: Place, *, source: str, title: str, text: str, person: Mapping[str, str], at: datetime, entered_at: datetime,
    alone: bool = False, may_publish: bool = False, nature: str = "", object_place: str = "", about_unit: str = "",
    external_number: str = "", lead: Unit | None = None,
) -> Letter:  # fmt: skip
    """A letter not yet written to the database, its writer sealed."""
    kept = {key: value.strip() for key, value in person.items() if key in PERSON and value and value.strip()}
    protected = nature == "举报"
    return Letter(
        place=place, source=source, title=title.strip()[:200], text=text.strip(), nature=nature,
        object_place=object_place.strip()[:64], about_unit=about_unit.strip()[:64], lead=lead, received_at=at,
        entered_at=entered_at, alone=alone, may_publish=may_publish and not alone and not protected,
        is_named=bool(kept.get("name")), is_protected=protected, writer=cipher.seal(kept),
        writer_print=writer_print(kept), phone_tail=phone_tail(place, kept.get("phone", "")),
        text_print=alike.fingerprint(f"{title}\n{text}"), external_number=external_number.strip()[:64],
    )  # fmt: skip


def received_details(letter: Letter) -> dict[str, Any]:
    details: dict[str, Any] = {"source": letter.source, "alone": letter.alone}
    if letter.lead:
        details["lead"] = letter.lead.code
    if letter.nature:
        details["nature"] = letter.nature
    return details


@transaction.atomic
def receive(
    place: Place, *, source: str, title: str, text: str, person: Mapping[str, str], by: Actor, at: datetime,
    now: datetime, because: str = "", **more: Any,
) -> Letter:  # fmt: skip
    """Take a letter in. `at` is the legal time of receipt, `now` the time of entry; apart they need a reason.

    Raises Refused when the actor may not register letters.
    """
    policy.may_receive(by).enforce()
    lead = lead_unit(place, source, at)
    letter = compose(
        place, source=source, title=title, text=text, person=person, at=at, entered_at=now, lead=lead, **more
    )
    number = ledger.numbers(PREFIX, at)[0]
    letter.matter = ledger.open_matter(number, room=ROOM, title=letter.title, place=place, unit=lead, at=at)
    letter.save()
    ledger.record(
        facts.RECEIVED, matter=letter.matter, by=by, at=at, details=received_details(letter), because=because
    )  # fmt: skip
    index([letter])
    tell_writer(letter, "received", now)
    return letter


def tell_writer(letter: Letter, event: str, now: datetime, key: str = "") -> None:
    """Put out word to the writer, if there is a number or address to send it to. Only ids travel."""
    if letter.writer:
        outbox.post(
            "letter.tell_writer",
            f"writer:{letter.pk}:{event}:{key}",
            {"letter": letter.pk, "event": event},
            now,
        )


def _report(letter: Letter, kind: Any, by: Actor, at: datetime, because: str = "", **details: Any) -> Fact:
    return ledger.record(kind, matter=letter.matter, by=by, at=at, details=details, because=because)


@transaction.atomic
def open_(letter: Letter, *, by: Actor, at: datetime) -> None:
    """Somebody of the lead unit looked at new intake. Only the first look is a fact; an overseer's does not count."""
    if letter.opened_at is not None or not policy.is_of_lead_unit(by, letter):
        return
    letter = Letter.objects.locked(letter)
    if letter.opened_at is None:
        letter.opened_at = at
        letter.save(update_fields=["opened_at"])
        _report(letter, facts.OPENED, by, at, unit=letter.lead.code if letter.lead else "")


@transaction.atomic
def classify_and_assign(
    letter: Letter, *, by: Actor, at: datetime, unit: Unit | None = None, **classes: str
) -> Letter:  # fmt: skip
    """Classify a letter and, when a unit is named, give it to that unit."""
    letter = classify(letter, by=by, at=at, **classes)
    return assign(letter, unit, by=by, at=at) if unit else letter


@transaction.atomic
def classify(
    letter: Letter, *, by: Actor, at: datetime, nature: str, time_class: str, triage: str, topic: str = ""
) -> Letter:  # fmt: skip
    """Say what kind of letter it is: nature, how long it may take, where it flows. A report becomes protected."""
    letter = Letter.objects.locked(letter)
    policy.may_classify(by, letter).enforce()
    given = (nature, time_class, triage, topic.strip()[:32])
    if given == (letter.nature, letter.time_class, letter.triage, letter.topic):
        return letter
    letter.nature, letter.time_class, letter.triage, letter.topic = given
    if nature == "举报":
        letter.is_protected, letter.may_publish = True, False
    letter.opened_at = letter.opened_at or at
    letter.save(
        update_fields=["nature", "time_class", "triage", "topic", "is_protected", "may_publish", "opened_at"]
    )  # fmt: skip
    _report(
        letter, facts.CLASSIFIED, by, at, **{"nature": nature, "class": time_class, "triage": triage, "topic": topic}
    )  # fmt: skip
    index([letter])
    return letter


@transaction.atomic
def assign(letter: Letter, unit: Unit, *, by: Actor, at: datetime) -> Letter:
    """Give the letter to a unit; giving it to another one later is a transfer, with the same fact."""
    letter = Letter.objects.locked(letter)
    policy.may_assign(by, letter).enforce()
    if unit.place_id != letter.place_id or unit.closed_on is not None:
        raise Refused("这个单位不能承办本地来信", remedy="请选择本地仍在运行的单位；已撤并的选其承接单位。")
    if letter.stage == Stage.ASSIGNED and letter.unit_id == unit.pk:
        return letter
    letter.move_to(Stage.ASSIGNED)
    letter.unit, letter.officer, letter.signed_for_at = unit, None, None
    letter.opened_at = letter.opened_at or at
    letter.save(update_fields=["stage", "unit", "officer", "signed_for_at", "opened_at"])
    ledger.assign_matter(letter.matter, unit)
    _report(letter, facts.ASSIGNED, by, at, unit=unit.code)
    index([letter])
    return letter


@transaction.atomic
def sign_for(letter: Letter, *, by: Actor, at: datetime) -> Letter:
    """The unit takes the letter; whoever signs for it becomes its officer."""
    letter = Letter.objects.locked(letter)
    policy.may_sign_for(by, letter).enforce()
    letter.move_to(Stage.HANDLING)
    letter.officer, letter.signed_for_at = by.staff, at
    letter.save(update_fields=["stage", "officer", "signed_for_at"])
    _report(letter, facts.SIGNED_FOR, by, at, unit=_code(letter.unit))
    return letter


@transaction.atomic
def return_(letter: Letter, *, by: Actor, at: datetime, reason: str) -> Letter:
    """The unit says the letter is not its business, and why; the lead unit has to give it to another."""
    letter = Letter.objects.locked(letter)
    policy.may_return(by, letter).enforce()
    unit = letter.unit
    letter.move_to(Stage.RECEIVED)
    letter.unit, letter.officer = None, None
    letter.save(update_fields=["stage", "unit", "officer"])
    if letter.lead:
        ledger.assign_matter(letter.matter, letter.lead)
    _report(letter, facts.RETURNED, by, at, unit=_code(unit), reason=screen.mask(reason)[:300])
    index([letter])
    return letter


@transaction.atomic
def note_findings(letter: Letter, *, by: Actor, at: datetime, text: str) -> Letter:
    """Write down what was found on the spot."""
    letter = Letter.objects.locked(letter)
    policy.may_handle(by, letter).enforce()
    if letter.stage == Stage.ASSIGNED:
        letter = sign_for(letter, by=by, at=at)
    if letter.findings == text.strip():
        return letter
    letter.findings = text.strip()
    letter.save(update_fields=["findings"])
    _report(letter, facts.FINDINGS_NOTED, by, at, unit=_code(letter.unit))
    return letter


@transaction.atomic
def ask_joint(letter: Letter, units: Iterable[Unit], *, by: Actor, at: datetime, question: str) -> list[Part]:
    """Ask other units to help; each gets a clock of its own."""
    letter = Letter.objects.locked(letter)
    policy.may_ask_joint(by, letter).enforce()
    parts: list[Part] = []
    for unit in units:
        if unit.pk == letter.unit_id or unit.place_id != letter.place_id:
            raise Refused(f"{unit.short_name}不能作为协办单位", remedy="请选择承办单位以外的本地单位。")
        part, made = Part.objects.get_or_create(
            letter=letter, unit=unit, defaults={"question": question.strip()[:500], "asked_at": at}
        )
        if made:
            _report(letter, facts.JOINT_ASKED, by, at, unit=unit.code)
            parts.append(part)
    return parts


@transaction.atomic
def answer_joint(part: Part, *, by: Actor, at: datetime, words: str) -> Part:
    """A helping unit gives its words to the lead unit."""
    part = (
        Part.objects.select_for_update(of=("self",)).select_related("letter__matter", "unit").get(pk=part.pk)
    )
    policy.may_help(by, part.letter, part.unit_id).enforce()
    part.words, part.answered_at = words.strip(), at
    part.save(update_fields=["words", "answered_at"])
    _report(part.letter, facts.JOINT_ANSWERED, by, at, unit=part.unit.code)
    return part


@transaction.atomic
def ask_extension(letter: Letter, *, by: Actor, at: datetime, amount: int, reason: str) -> ExtensionRequest:
    """Ask for more time before the time is out. What the rules would refuse is refused now."""
    letter = Letter.objects.locked(letter)
    waiting = letter.extension_requests.filter(granted=None, asked_by=by.staff, amount=amount).first()
    if waiting and waiting.reason == reason.strip()[:300]:
        return waiting
    policy.may_ask_extension(by, letter).enforce()
    assert by.staff is not None
    details = {"by": amount, "approved_by": "审批中"}
    asks.may_happen(letter.matter, facts.EXTENDED.name, at, details).enforce()
    return ExtensionRequest.objects.create(
        letter=letter, amount=amount, reason=reason.strip()[:300], asked_by=by.staff, asked_at=at
    )


@transaction.atomic
def decide_extension(
    request: ExtensionRequest, *, by: Actor, at: datetime, granted: bool
) -> ExtensionRequest:
    """The unit's head grants or refuses more time; granted after the time is out it does not count."""
    request = ExtensionRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    letter = Letter.objects.locked(request.letter)
    policy.may_decide_extension(by, letter).enforce()
    if request.granted is not None:
        return request
    details = {"by": request.amount, "approved_by": by.name, "reason": screen.mask(request.reason)}
    if granted:
        asks.may_happen(letter.matter, facts.EXTENDED.name, at, details).enforce()
        ledger.record(facts.EXTENDED, matter=letter.matter, by=by, at=at, details=details)
    request.granted, request.decided_by, request.decided_at = granted, by.staff, at
    request.save(update_fields=["granted", "decided_by", "decided_at"])
    return request


# ---- the reply -------------------------------------------------------------------------------------------------


def current_draft(letter: Letter) -> Draft | None:
    return letter.drafts.exclude(state=Draft.State.SENT).order_by("-id").first()


@transaction.atomic
def draft(letter: Letter, *, by: Actor, at: datetime, text: str) -> Draft:
    """Keep the reply as far as it is written."""
    letter = Letter.objects.locked(letter)
    policy.may_handle(by, letter).enforce()
    found = current_draft(letter) or Draft(letter=letter)
    found.text, found.author, found.updated_at, found.state = text.strip(), by.staff, at, Draft.State.WRITING
    found.save()
    return found


@transaction.atomic
def submit(letter: Letter, *, by: Actor, at: datetime, text: str) -> Draft:
    """Send the reply to be signed. Refused, with the article, while something it needs is missing."""
    letter = Letter.objects.locked(letter)
    policy.may_submit(by, letter).enforce()
    if not text.strip():
        raise Refused("答复还没有写", remedy="请先写答复正文。")
    if letter.stage == Stage.ASSIGNED:
        letter = sign_for(letter, by=by, at=at)
    found = draft(letter, by=by, at=at, text=text)
    found.state = Draft.State.SUBMITTED
    found.save(update_fields=["state"])
    letter.move_to(Stage.SIGNING)
    letter.save(update_fields=["stage"])
    _report(letter, facts.REPLY_SUBMITTED, by, at, unit=_code(letter.unit))
    return found


@transaction.atomic
def sign_reply(letter: Letter, *, by: Actor, at: datetime, opinion: str = "") -> Draft:
    """The unit's head signs the reply; where the unit itself answers, it is sent at once by `answer`."""
    letter = Letter.objects.locked(letter)
    found = current_draft(letter)
    policy.may_sign_reply(by, letter, found).enforce()
    assert found is not None
    found.state, found.signer, found.opinion, found.signed_at = (
        Draft.State.SIGNED,
        by.staff,
        opinion[:500],
        at,
    )
    found.save(update_fields=["state", "signer", "opinion", "signed_at"])
    _report(letter, facts.REPLY_SIGNED, by, at, unit=_code(letter.unit))
    return found


@transaction.atomic
def sign_and_answer(letter: Letter, *, by: Actor, at: datetime, opinion: str = "") -> Draft:
    """Sign the reply; where the signer's unit answers itself, send it at once."""
    letter = Letter.objects.locked(letter)
    found = sign_reply(letter, by=by, at=at, opinion=opinion)
    if policy.may_answer(by, letter, found):
        answer(letter, by=by, at=at)
    return found


@transaction.atomic
def return_reply(letter: Letter, *, by: Actor, at: datetime, opinion: str) -> Draft:
    """Send the reply back to its author, with what to change."""
    letter = Letter.objects.locked(letter)
    found = current_draft(letter)
    policy.may_return_reply(by, letter, found).enforce()
    assert found is not None
    letter.move_to(Stage.HANDLING)
    letter.save(update_fields=["stage"])
    found.state, found.signer, found.opinion = Draft.State.RETURNED, by.staff, opinion[:500]
    found.save(update_fields=["state", "signer", "opinion"])
    _report(letter, facts.REPLY_RETURNED, by, at, unit=_code(letter.unit), reason=screen.mask(opinion)[:300])
    return found


@transaction.atomic
def answer(letter: Letter, *, by: Actor, at: datetime) -> Letter:
    """Send the signed reply to the writer, and to everyone whose letter was merged into this one."""
    letter = Letter.objects.locked(letter)
    found = current_draft(letter)
    policy.may_answer(by, letter, found).enforce()
    assert found is not None
    letter.move_to(Stage.ANSWERED)
    letter.answer, letter.answered_at = found.text, at
    letter.rating, letter.rating_words = "", ""
    letter.save(update_fields=["stage", "answer", "answered_at", "rating", "rating_words"])
    found.state = Draft.State.SENT
    found.save(update_fields=["state"])
    unit = letter.lead if policy.answers_itself(letter) else letter.unit
    _report(letter, facts.ANSWERED, by, at, unit=_code(unit))
    tell_writer(letter, "answered", at, str(found.pk))
    for other in merged_into(letter):
        other.answer, other.answered_at = found.text, at
        other.save(update_fields=["answer", "answered_at"])
        _report(other, facts.ANSWERED, by, at, unit=_code(unit))
        tell_writer(other, "answered", at, str(found.pk))
    index([letter])
    return letter


def merged_into(letter: Letter) -> list[Letter]:
    """Letters that were merged into this one."""
    sources = Link.objects.filter(kind=Link.Kind.MERGED_INTO, target=letter.matter).values("source")
    return list(Letter.objects.filter(matter__in=sources).select_related("matter", "lead"))


# ---- after the answer ------------------------------------------------------------------------------------------


def new_rating_key(letter: Letter) -> str:
    """A one-time key for the rating link; only its keyed hash is kept."""
    key = secrets.token_urlsafe(24)
    letter.rating_key = cipher.fingerprint(key)[:43]
    letter.save(update_fields=["rating_key"])
    return key


@transaction.atomic
def rate(letter: Letter, *, at: datetime, rating: str, words: str = "") -> Letter:
    """The writer rates the answer, once for each answer. 不满意 sends the letter back to be done again."""
    letter = Letter.objects.locked(letter)
    if letter.stage != Stage.ANSWERED or letter.rating:
        raise Refused("这次答复已经评价过了" if letter.rating else "还没有答复，不能评价")
    letter.rating, letter.rating_words, letter.rating_key = rating, words.strip(), ""
    if rating == "不满意":
        letter.redo_count += 1
        letter.move_to(Stage.HANDLING)
        letter.findings = ""
    else:
        letter.move_to(Stage.CLOSED)
    letter.save(
        update_fields=["rating", "rating_words", "rating_key", "redo_count", "stage", "findings"]
    )  # fmt: skip
    _report(letter, facts.RATED, Actor.system(letter.place), at, rating=rating)
    return letter


@transaction.atomic
def follow_up(letter: Letter, *, by: Actor, at: datetime, outcome: str) -> Letter:
    """Ask the writer again, by phone or at the door, and note how it went."""
    letter = Letter.objects.locked(letter)
    policy.may_follow_up(by, letter).enforce()
    _report(letter, facts.FOLLOWED_UP, by, at, outcome=screen.mask(outcome)[:300])
    return letter


@transaction.atomic
def draw_sample(place: Place, *, by: Actor, at: datetime, share: float, since: datetime) -> list[Letter]:
    """Choose answered letters to be checked again: a share of each unit's, at least one; the choice is random.

    The month's duty to draw is met by it, also when there was nothing to choose from.
    """
    policy.may_draw_sample(by).enforce()
    closed = Letter.objects.filter(
        place=place, stage__in=(Stage.ANSWERED, Stage.CLOSED), answered_at__gte=since
    )
    closed = closed.exclude(matter__facts__kind=facts.RECHECK_CHOSEN.name).select_related(
        "matter", "unit", "place"
    )
    by_unit: dict[int | None, list[Letter]] = {}
    for letter in closed:
        by_unit.setdefault(letter.unit_id, []).append(letter)
    chosen: list[Letter] = []
    for letters in by_unit.values():
        count = max(1, round(len(letters) * share))
        chosen += secrets.SystemRandom().sample(letters, min(count, len(letters)))
    for letter in chosen:
        _report(letter, facts.RECHECK_CHOSEN, by, at, unit=_code(letter.unit))
    cycles.open_cycles(at)
    if cycle := cycles.current(place, "letter.sample", "month", at):
        ledger.record(facts.SAMPLE_DRAWN, matter=cycle, by=by, at=at, details={"count": len(chosen)})
    return chosen


@transaction.atomic
def recheck(letter: Letter, *, by: Actor, at: datetime, outcome: str) -> Letter:
    """Note what checking a closed letter again found."""
    letter = Letter.objects.locked(letter)
    policy.may_recheck(by, letter).enforce()
    _report(letter, facts.RECHECKED, by, at, outcome=screen.mask(outcome)[:300])
    return letter


# ---- other ways out --------------------------------------------------------------------------------------------


@transaction.atomic
def merge(letter: Letter, into: Letter, *, by: Actor, at: datetime) -> Letter:
    """Handle a letter together with another about the same thing; its writer gets the same answer."""
    letter, into = Letter.objects.locked(letter), Letter.objects.locked(into)
    policy.may_merge(by, letter, into).enforce()
    for other in merged_into(letter):
        ledger.link(Link.Kind.MERGED_INTO, other.matter, into.matter)
    letter.move_to(Stage.MERGED)
    letter.save(update_fields=["stage"])
    fact = _report(letter, facts.MERGED, by, at, into=into.matter.number)
    ledger.link(Link.Kind.MERGED_INTO, letter.matter, into.matter, fact)
    index([letter])
    return letter


@transaction.atomic
def merge_all(letters: Iterable[Letter], into: Letter, *, by: Actor, at: datetime) -> int:
    """Merge several letters into one, all or none; how many. Those that are merged into it already are passed over."""
    known = {other.pk for other in merged_into(into)}
    fresh = [letter for letter in letters if letter.pk not in known]
    for letter in fresh:
        merge(letter, into, by=by, at=at)
    return len(fresh)


@transaction.atomic
def hand_to_petition(letter: Letter, *, by: Actor, at: datetime) -> Letter:
    """Hand a report or complaint to the petition office; the writer is told where it went."""
    letter = Letter.objects.locked(letter)
    policy.may_hand_over(by, letter).enforce()
    unit = unit_answering_for(letter.place, "petition", at.date())
    if unit is None:
        raise Refused("本地没有登记信访部门", remedy="请管理员在“单位”里为信访部门勾选“信访”职能。")
    letter.move_to(Stage.HANDED)
    letter.save(update_fields=["stage"])
    _report(letter, facts.HANDED_TO_PETITION, by, at, unit=unit.code)
    tell_writer(letter, "handed", at)
    index([letter])
    return letter


@transaction.atomic
def report_to_cyberspace(letter: Letter, *, by: Actor, at: datetime, ground: str) -> Letter:
    """Tell the cyberspace office that this may become public opinion; handling the letter goes on."""
    letter = Letter.objects.locked(letter)
    policy.may_report(by, letter).enforce()
    unit = unit_answering_for(letter.place, "cyberspace", at.date())
    if unit is None:
        raise Refused("本地没有登记网信部门", remedy="请管理员在“单位”里为网信部门勾选“网信”职能。")
    _report(letter, facts.REPORTED_TO_CYBERSPACE, by, at, unit=unit.code, ground=screen.mask(ground)[:300])
    return letter


@transaction.atomic
def decline(letter: Letter, *, by: Actor, at: datetime, reason: str, channel: str) -> Letter:
    """Not taken: another procedure is the right one. The writer is told which, and why."""
    letter = Letter.objects.locked(letter)
    policy.may_decline(by, letter).enforce()
    letter.move_to(Stage.DECLINED)
    letter.answer = f"{reason.strip()}\n\n{channel.strip()}".strip()
    letter.save(update_fields=["stage", "answer"])
    _report(letter, facts.DECLINED, by, at, reason=screen.mask(reason)[:300], channel=channel[:100])
    tell_writer(letter, "declined", at)
    index([letter])
    return letter


@transaction.atomic
def withdraw(letter: Letter, *, at: datetime) -> Letter:
    """The writer takes the letter back, with its code."""
    letter = Letter.objects.locked(letter)
    if not letter.is_working:
        raise Refused(f"这封信{letter.get_stage_display()}，不能撤回")
    letter.move_to(Stage.WITHDRAWN)
    letter.save(update_fields=["stage"])
    _report(letter, facts.WITHDRAWN, Actor.system(letter.place), at)
    index([letter])
    return letter


@transaction.atomic
def supplement(letter: Letter, *, at: datetime, words: str) -> Letter:
    """The writer adds something while the letter is being worked on."""
    letter = Letter.objects.locked(letter)
    if not letter.is_working:
        raise Refused(f"这封信{letter.get_stage_display()}，不能再补充", remedy="可以另写一封信。")
    letter.text = f"{letter.text}\n\n【{timezone.localtime(at):%Y-%m-%d %H:%M} 补充】\n{words.strip()}"
    letter.save(update_fields=["text"])
    _report(letter, facts.SUPPLEMENTED, Actor.system(letter.place), at)
    index([letter])
    return letter


# ---- publication and looking at the writer ---------------------------------------------------------------------


@transaction.atomic
def publish(letter: Letter, *, by: Actor, at: datetime, title: str, text: str, answer: str) -> Letter:
    """Publish question and answer, as edited for the public; personal data that is still found is masked."""
    letter = Letter.objects.locked(letter)
    policy.may_publish(by, letter).enforce()
    letter.public_title, letter.public_text = screen.mask(title), screen.mask(text)
    letter.public_answer = screen.mask(answer, kinds=IN_AN_ANSWER)
    letter.published_at = at
    letter.save(update_fields=["public_title", "public_text", "public_answer", "published_at"])
    _report(letter, facts.PUBLISHED, by, at)
    index([letter])
    return letter


@transaction.atomic
def unpublish(letter: Letter, *, by: Actor, at: datetime, reason: str) -> Letter:
    """Take question and answer off the site at once."""
    letter = Letter.objects.locked(letter)
    policy.may_unpublish(by, letter).enforce()
    letter.published_at = None
    letter.save(update_fields=["published_at"])
    _report(letter, facts.UNPUBLISHED, by, at, reason=screen.mask(reason)[:300])
    index([letter])
    return letter


@transaction.atomic
def unmask(letter: Letter, *, by: Actor, at: datetime, reason: str) -> dict[str, Any]:
    """Show the writer to somebody who may see them; that they looked, and why, is a fact."""
    policy.may_unmask(by, letter).enforce()
    if len(reason.strip()) < 4:
        raise Refused("请写明查看来信人信息的事由", remedy="至少四个字，例如“电话核实漏水位置”。")
    _report(letter, facts.UNMASKED, by, at, reason=screen.mask(reason)[:300])
    return letter.person


@transaction.atomic
def tie(one: Letter, other: Letter, *, by: Actor, at: datetime, together: bool) -> Tie:
    """A person's word on whether two letters are about one issue; grouping keeps to it."""
    policy.may_group(by).enforce()
    first, second = sorted((one, other), key=lambda letter: letter.pk)
    row, _made = Tie.objects.update_or_create(
        one=first, other=second, defaults={"together": together, "by": by.staff, "at": at, "place": one.place}
    )
    return row


@transaction.atomic
def set_apart(letter: Letter, issue: Issue, *, by: Actor, at: datetime) -> None:
    """A person's word that a letter is not about an issue: apart from every other letter of it."""
    for other in issue.letters.exclude(pk=letter.pk):
        tie(letter, other, by=by, at=at, together=False)


@transaction.atomic
def save_template(place: Place, unit: Unit | None, *, name: str, text: str, by: Actor) -> Template:
    """Keep words to start replies from. Without a unit they are for the whole place."""
    policy.may_keep_template(by, unit.pk if unit else None).enforce()
    row, _made = Template.objects.update_or_create(
        place=place, unit=unit, name=name.strip()[:64], defaults={"text": text.strip()}
    )
    return row


@transaction.atomic
def delete_template(template: Template, *, by: Actor) -> None:
    policy.may_keep_template(by, template.unit_id).enforce()
    template.delete()


@transaction.atomic
def keep_issues(place: Place, groups: Iterable[hot.Issue], *, at: datetime) -> int:
    """Put the issues of a place in the place of the earlier ones; how many there are. Keys are letters' ids."""
    Issue.objects.filter(place=place).delete()
    found = list(groups)
    behind: list[Any] = []
    for group in found:
        issue = Issue.objects.create(
            place=place, name=group.name[:120], words=list(group.words), heat=group.heat, writers=group.writers,
            count=len(group.keys), first_at=group.first_at, last_at=group.last_at, grouped_at=at,
        )  # fmt: skip
        behind += [Issue.letters.through(issue_id=issue.pk, letter_id=int(key)) for key in group.keys]
    Issue.letters.through.objects.bulk_create(behind, batch_size=500)
    return len(found)


@transaction.atomic
def keep_model(
    place: Place, *, at: datetime, letters: int, report: Mapping[str, Any], model: bytes
) -> Learned:
    """Keep what was learned, with how well it did on letters it had not seen. Earlier ones stay for the record."""
    return Learned.objects.create(
        place=place, trained_at=at, letters=letters, report=dict(report), model=model
    )


def _code(unit: Unit | None) -> str:
    return unit.code if unit else ""
