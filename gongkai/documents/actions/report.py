"""What every verb ends with: the fact, with what packs read of the document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gongkai.documents import policy
from gongkai.documents.models import Document
from gongkai.ledger import actions as ledger
from gongkai.ledger import outbox
from gongkai.ledger.models import Fact
from gongkai.people.actor import Actor
from gongkai.people.models import Place
from gongkai.ui.refusal import Refused

ROOM = "documents"
PREFIX = "GW"


def report(
    document: Document, kind: Any, by: Actor, at: datetime, /, *, because: str = "", **details: Any
) -> Fact:
    """Record a fact of a document; details hold no personal data."""
    return ledger.record(kind, matter=document.matter, by=by, at=at, details=details, because=because)


def traits(document: Document) -> dict[str, Any]:
    """What the clocks of packs read, for the facts that open them."""
    return policy.traits(document) | {"unit": document.unit.code}


def need(text: str, what: str, remedy: str) -> str:
    """The text without blanks around it. Raises Refused when nothing is left."""
    if not text.strip():
        raise Refused(what, remedy=remedy)
    return text.strip()


def rendered_around(place: Place, key: str, at: datetime) -> None:
    """Ask for the pages around the documents of a place that show something (`service:3`) to be made anew."""
    payload = {"place": place.code, "what": key}
    outbox.post("site.render", f"site:{place.code}:{key}:{at.isoformat()}", payload, at)


def rendered(document: Document, at: datetime, *, at_once: bool = False) -> None:
    """Ask for the public pages of a document, and all that show it, to be made anew. Only ids travel.

    `at_once` does not wait for the loop: what is withdrawn must be gone when the person is told that it is.
    """
    key = f"document:{document.pk}:{at.isoformat()}"
    outbox.post("site.render", key, {"document": document.pk}, at)
    if at_once:
        outbox.hurry(key, at)
