"""What every verb ends with: the fact, and the public pages made anew."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from gongkai.ledger import actions as ledger
from gongkai.ledger import outbox
from gongkai.ledger.models import Fact, Matter
from gongkai.ledger.vocabulary import Kind
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Unit
from gongkai.press.models import Case, PressEvent
from gongkai.text import screen
from gongkai.ui.refusal import Refused

ROOM, REQUESTS, ACCOUNTS, POSTS, FAILINGS = (
    "press",
    "press.interview",
    "press.account",
    "press.post",
    "press.fault",
)
PREFIXES = {ROOM: "FB", REQUESTS: "CF", ACCOUNTS: "ZH", POSTS: "XM", FAILINGS: "SZ"}


PRIVATE = frozenset({screen.Kind.IDENTITY, screen.Kind.PASSPORT, screen.Kind.CARD, screen.Kind.MOBILE})


def opened(room: str, title: str, unit: Unit, at: datetime) -> Matter:
    """The matter of a new case of this room."""
    number = ledger.numbers(PREFIXES[room], at)[0]
    return ledger.open_matter(number, room=room, title=title, place=unit.place, unit=unit, at=at)


def report(case: Case, kind: Kind, by: Actor, at: datetime, /, *, because: str = "", **details: Any) -> Fact:
    """Record a fact of a case; details hold no personal data."""
    return ledger.record(kind, matter=case.matter, by=by, at=at, details=details, because=because)


def need(text: str, what: str, remedy: str) -> str:
    """The text without blanks around it. Raises Refused when nothing is left."""
    if not text.strip():
        raise Refused(what, remedy=remedy)
    return text.strip()


def without_numbers(text: str) -> None:
    """Raise Refused when a text for everybody has numbers of persons in it. Phones of offices may stand."""
    found = [one.text for one in screen.find(text) if one.kind in PRIVATE]
    if found:
        raise Refused(f"里面像有个人信息：{'、'.join(found[:3])}", remedy="请删去或遮盖后再发布。")


def when(at: datetime) -> str:
    """A moment in words, as facts and letters tell it: 2025年9月29日 10:00."""
    local = timezone.localtime(at)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def rendered(event: PressEvent, at: datetime) -> None:
    """Ask for the public pages of an event to be made anew, when it has any. Only ids travel."""
    if event.announced_at is not None or event.published_at is not None:
        around(event.place, f"press:{event.pk}", at)


def around(place: Place, what: str, at: datetime) -> None:
    """Ask for the pages of a place that show something to be made anew."""
    payload = {"place": place.code, "what": what}
    outbox.post("site.render", f"site:{place.code}:{what}:{at.isoformat()}", payload, at)
