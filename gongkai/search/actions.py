"""The verbs of the index: put entries in, take them out, take words as equal, note what was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from gongkai.search import words
from gongkai.search.models import Entry, Query, Synonym
from gongkai.text import screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A record to be found. `place` and `unit` are codes; what is not `public` is found by staff only."""

    room: str
    number: str
    place: str
    title: str
    body: str
    at: datetime
    unit: str = ""
    kind: str = ""
    public: bool = False


def put(item: Item) -> None:
    """Make a record findable as it now is, whatever the index held of it before."""
    put_many([item])


def put_many(items: Iterable[Item]) -> int:
    """Make many records findable as they now are; how many. Of two with one number the last counts."""
    latest = {(item.room, item.number): item for item in items}
    when = connection.ops.adapt_datetimefield_value
    if latest:
        with connection.cursor() as cursor:
            cursor.executemany(PUT, [_row(item, when) for item in latest.values()])
    return len(latest)


COLUMNS = (
    "room", "number", "place_code", "unit_code", "kind", "public", "at", "title", "body", "heading", "text", "tokens",
)  # fmt: skip
PUT = (
    f"INSERT INTO search_entry ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))}) "
    f"ON CONFLICT (number, room) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in COLUMNS[2:])}"
)


def _row(item: Item, when: Callable[[datetime], Any]) -> tuple[Any, ...]:
    """What the index keeps of a record, in the order of COLUMNS."""
    heading, text = words.fold(item.title[:200]), words.fold(item.body)
    return (
        item.room, item.number, item.place, item.unit, item.kind, item.public, when(item.at), item.title[:200], item.body,
        heading[:400], text, words.tokens(heading, text, words.fold(item.number)),
    )  # fmt: skip


def remove(room: str, *numbers: str) -> None:
    """Let records of a room be found no more."""
    Entry.objects.filter(room=room, number__in=numbers).delete()


def equate(place: str, *equal: str) -> Synonym:
    """Take words as equal at a place, or everywhere when the place is empty."""
    row, _ = Synonym.objects.get_or_create(place_code=place, words=" ".join(sorted(map(words.fold, equal))))
    return row


def part(synonym: Synonym) -> None:
    """Take the words as equal no longer."""
    synonym.delete()


def note(place: str, q: str, hits: int, at: datetime) -> None:
    """Keep what was asked and how much was found, without the person and without personal data."""
    text = " ".join(screen.mask(q).split())[:200]
    if text:
        Query.objects.create(place_code=place, at=at, text=text, hits=hits)


def forget(before: datetime) -> int:
    """Drop the questions noted before an instant; how many."""
    return Query.objects.filter(at__lt=before).delete()[0]
