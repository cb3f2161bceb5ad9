"""The verbs of the index: put entries in, take them out, take words as equal, note what was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from gongkai.people.actor import Actor
from gongkai.search import policy, synonyms, words
from gongkai.search.models import Entry, Query, Synonym
from gongkai.text import screen
from gongkai.ui.refusal import Refused


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


@transaction.atomic
def equate(words: Sequence[str], *, by: Actor, at: datetime) -> tuple[Synonym, bool]:
    """Take words as equal at the actor's place, from now on; the group, and whether it is new.

    Raises Refused, also when the words are no group.
    """
    policy.may_equate(by).enforce()
    try:
        group = synonyms.group_of(" ".join(words))
    except synonyms.BadGroup as bad:
        raise Refused(str(bad)) from None
    return Synonym.objects.get_or_create(
        place_code=by.place.code, words=" ".join(group), ended_at=None, defaults={"by": by.staff, "at": at}
    )


@transaction.atomic
def equate_all(groups: Iterable[Sequence[str]], *, by: Actor, at: datetime) -> int:
    """Take many groups of words as equal; how many are new."""
    return sum(equate(group, by=by, at=at)[1] for group in groups)


@transaction.atomic
def part(synonym: Synonym, *, by: Actor, at: datetime) -> None:
    """Take the words as equal no longer; that they were stays on record."""
    policy.may_equate(by).enforce()
    Synonym.objects.filter(pk=synonym.pk, place_code=by.place.code, ended_at=None).update(
        ended_by=by.staff, ended_at=at
    )


def note(place: str, q: str, hits: int, at: datetime) -> None:
    """Keep what was asked and how much was found, without the person and without personal data."""
    text = " ".join(screen.mask(q).split())[:200]
    if text:
        Query.objects.create(place_code=place, at=at, text=text, hits=hits)


def forget(before: datetime) -> int:
    """Drop the questions noted before an instant; how many."""
    return Query.objects.filter(at__lt=before).delete()[0]
