"""The work of the unit: sign for, return, look into, ask others, ask for time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from gongkai.ledger import actions as ledger
from gongkai.ledger import asks
from gongkai.letters import facts, policy
from gongkai.letters.actions.report import code_of, report
from gongkai.letters.indexing import index
from gongkai.letters.models import ExtensionRequest, Letter, Part, Stage
from gongkai.people.actor import Actor
from gongkai.people.models import Unit
from gongkai.text import screen
from gongkai.ui.refusal import Refused


@transaction.atomic
def sign_for(letter: Letter, *, by: Actor, at: datetime) -> Letter:
    """The unit takes the letter; whoever signs for it becomes its officer."""
    letter = Letter.objects.locked(letter)
    policy.may_sign_for(by, letter).enforce()
    letter.move_to(Stage.HANDLING)
    letter.officer, letter.signed_for_at = by.staff, at
    letter.save(update_fields=["stage", "officer", "signed_for_at"])
    report(letter, facts.SIGNED_FOR, by, at, unit=code_of(letter.unit))
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
    report(letter, facts.RETURNED, by, at, unit=code_of(unit), reason=screen.mask(reason)[:300])
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
    report(letter, facts.FINDINGS_NOTED, by, at, unit=code_of(letter.unit))
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
            report(letter, facts.JOINT_ASKED, by, at, party=unit.code)
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
    report(part.letter, facts.JOINT_ANSWERED, by, at, party=part.unit.code)
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
