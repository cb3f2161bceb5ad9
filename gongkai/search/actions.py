"""The verbs of the index: put entries in, take them out, take words as equal, note what was asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

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
    Entry.objects.bulk_create(
        [_entry(item) for item in latest.values()],
        update_conflicts=True,
        unique_fields=["number", "room"],
        update_fields=[f.name for f in Entry._meta.fields if f.name not in ("id", "room", "number")],
        batch_size=500,
    )
    return len(latest)


def _entry(item: Item) -> Entry:
    heading, text = words.fold(item.title[:200]), words.fold(item.body)
    return Entry(
        room=item.room, number=item.number, place_code=item.place, unit_code=item.unit, kind=item.kind,
        public=item.public, at=item.at, title=item.title[:200], body=item.body, heading=heading[:400],
        text=text, tokens=words.tokens(heading, text, words.fold(item.number)),
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
