"""What every verb ends with: the fact, with what packs read of the event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gongkai.ledger import actions as ledger
from gongkai.ledger import outbox
from gongkai.ledger.models import Fact
from gongkai.notices import actions as notices
from gongkai.opinion import indexing, policy
from gongkai.opinion.models import Event, Response
from gongkai.people.actor import Actor
from gongkai.people.models import Unit
from gongkai.ui.refusal import Refused

ROOM = "opinion"
PREFIX = "YQ"
RISK_PREFIX = "FX"


def report(event: Event, kind: Any, by: Actor, at: datetime, /, *, because: str = "", **details: Any) -> Fact:
    """Record a fact of an event; details hold no personal data."""
    return ledger.record(kind, matter=event.matter, by=by, at=at, details=details, because=because)


def traits(event: Event) -> dict[str, Any]:
    """What the clocks of packs read, with both instants a clock may start from."""
    return policy.traits(event) | {
        "detected_at": event.detected_at.isoformat(),
        "occurred_at": event.occurred_at.isoformat() if event.occurred_at else "",
    }


def need(text: str, what: str, remedy: str) -> str:
    """The text without blanks around it. Raises Refused when nothing is left."""
    if not text.strip():
        raise Refused(what, remedy=remedy)
    return text.strip()


def tell(event: Event, unit: Unit, at: datetime, key: str, title: str, *, urgent: bool = True) -> None:
    """Tell a unit at once, by night too: opinion does not wait for the morning."""
    notices.tell(
        key=f"opinion:{event.pk}:{key}:{unit.pk}:{at.isoformat()}", unit=unit, place=event.place, title=title,
        body=f"{event.title}（{event.code}）", number=event.code, urgent=urgent, overseers=False, now=at,
    )  # fmt: skip


def rendered(response: Response, at: datetime) -> None:
    """Ask for the public pages of the responses of a place to be made anew at once, and let the search know."""
    indexing.index(response)
    place, key = response.event.place_id, f"response:{response.pk}:{response.stage}:{at.isoformat()}"
    outbox.post("site.render", key, {"place": place, "what": f"responses:{place}"}, at)
    outbox.hurry(key, at)
