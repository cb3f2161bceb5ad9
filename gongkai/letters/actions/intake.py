"""Taking a letter in, saying what it is, giving it to a unit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from gongkai.ledger import actions as ledger
from gongkai.ledger import asks
from gongkai.letters import facts, policy
from gongkai.letters.actions.filling import ask_to_fill
from gongkai.letters.actions.report import PREFIX, ROOM, report, tell_writer
from gongkai.letters.indexing import index
from gongkai.letters.models import Letter, Stage
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Unit, unit_answering_for
from gongkai.text import alike
from gongkai.ui.refusal import Refused
from gongkai.vault import cipher

PERSON = ("name", "phone", "email", "address", "identity")


def lead_unit(place: Place, source: str, at: datetime) -> Unit | None:
    """The unit that leads letters of a source at a place, by its route and the units' responsibilities."""
    role, _says, _cite = asks.route(place.code, "letter.lead", {"source": source})
    return unit_answering_for(place, role, timezone.localdate(at)) if role else None


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
    if policy.may_fill(Actor.system(place), letter):
        ask_to_fill(place.code, [letter.pk], now)
    tell_writer(letter, "received", now)
    return letter


def open_(letter: Letter, *, by: Actor, at: datetime) -> None:
    """Somebody of the lead unit looked at new intake. Only the first look is a fact; an overseer's does not count."""
    if letter.opened_at is None and policy.is_of_lead_unit(by, letter):
        _open(letter, by, at)


@transaction.atomic
def _open(letter: Letter, by: Actor, at: datetime) -> None:
    letter = Letter.objects.locked(letter)
    if letter.opened_at is None:
        letter.opened_at = at
        letter.save(update_fields=["opened_at"])
        report(letter, facts.OPENED, by, at, unit=letter.lead.code if letter.lead else "")


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
    """Say what kind of letter it is: nature, how long it may take, where it flows. A report becomes protected.

    What the system had filled in is a person's word from now on, changed or not.
    """
    letter = Letter.objects.locked(letter)
    policy.may_classify(by, letter).enforce()
    given = (nature, time_class, triage, topic.strip()[:32])
    if given == (letter.nature, letter.time_class, letter.triage, letter.topic) and not letter.filled:
        return letter
    letter.filled = {}
    letter.nature, letter.time_class, letter.triage, letter.topic = given
    if nature == "举报":
        letter.is_protected, letter.may_publish = True, False
    letter.opened_at = letter.opened_at or at
    letter.save(
        update_fields=[
            "nature", "time_class", "triage", "topic", "filled", "is_protected", "may_publish", "opened_at",
        ]
    )  # fmt: skip
    report(
        letter, facts.CLASSIFIED, by, at, **{"nature": nature, "class": time_class, "triage": triage, "topic": topic}
    )  # fmt: skip
    index([letter])
    return letter


@transaction.atomic
def assign(letter: Letter, unit: Unit, *, by: Actor, at: datetime) -> Letter:
    """Give the letter to a unit; giving it to another one later is a transfer, with the same fact."""
    letter = Letter.objects.locked(letter)
    policy.may_assign(by, letter).enforce()
    day = timezone.localdate(at)
    if unit.place_id != letter.place_id or not Unit.objects.filter(pk=unit.pk).standing(day).exists():
        raise Refused("这个单位不能承办本地来信", remedy="请选择本地仍在运行的单位；已撤并的选其承接单位。")
    if letter.stage == Stage.ASSIGNED and letter.unit_id == unit.pk:
        return letter
    letter.move_to(Stage.ASSIGNED)
    letter.unit, letter.officer, letter.signed_for_at = unit, None, None
    letter.opened_at = letter.opened_at or at
    letter.save(update_fields=["stage", "unit", "officer", "signed_for_at", "opened_at"])
    ledger.assign_matter(letter.matter, unit)
    report(letter, facts.ASSIGNED, by, at, unit=unit.code)
    index([letter])
    return letter
