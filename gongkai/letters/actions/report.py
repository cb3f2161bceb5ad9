"""What every verb ends with: the fact, and word to the writer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gongkai.ledger import actions as ledger
from gongkai.ledger import outbox
from gongkai.ledger.models import Fact
from gongkai.letters.models import Letter
from gongkai.people.actor import Actor
from gongkai.people.models import Unit

ROOM = "letters"
PREFIX = "LY"


def report(letter: Letter, kind: Any, by: Actor, at: datetime, because: str = "", **details: Any) -> Fact:
    """Record a fact of a letter; details hold no personal data."""
    return ledger.record(kind, matter=letter.matter, by=by, at=at, details=details, because=because)


def tell_writer(letter: Letter, event: str, now: datetime, key: str = "") -> None:
    """Put out word to the writer, if there is a number or address to send it to. Only ids travel."""
    if letter.writer:
        outbox.post(
            "letter.tell_writer",
            f"writer:{letter.pk}:{event}:{key}",
            {"letter": letter.pk, "event": event},
            now,
        )


def code_of(unit: Unit | None) -> str:
    """The code a fact names a unit by; empty without one."""
    return unit.code if unit else ""
