"""The verbs of the index: put entries in, take them out, take words as equal, note what was asked."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from gongkai.people.actor import Actor
from gongkai.search import policy, synonyms, words
from gongkai.search.models import Bucket, Entry, Query, Segment, Synonym
from gongkai.text import screen
from gongkai.ui.refusal import Refused

if TYPE_CHECKING:
    from gongkai.search import segments


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
    put_entries([entry(item) for item in latest.values()])
    return len(latest)


def put_entries(entries: Sequence[dict[str, Any]]) -> None:
    """Make records findable by their entries; no two of one number."""
    for start in range(0, len(entries), AT_ONCE):
        _put(entries[start : start + AT_ONCE])


AT_ONCE = 2_000  # entries put into one segment; as many postings as fit into some 30 MB
COLUMNS = (
    "room",
    "number",
    "place_code",
    "unit_code",
    "kind",
    "public",
    "at",
    "title",
    "body",
    "heading",
    "text",
)
PUT = (
    f"INSERT INTO search_entry ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))}) "
    f"ON CONFLICT (number, room) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in COLUMNS[2:])}"
)


@transaction.atomic(savepoint=False)
def _put(entries: Sequence[dict[str, Any]]) -> None:
    """Write entries, then the segment that holds them: whoever writes the same entry later has the later segment."""
    from gongkai.search import segments

    when = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.executemany(
            PUT, [[when(v) if k == "at" else v for k, v in entry.items()] for entry in entries]
        )
    numbers = [entry["number"] for entry in entries]
    found = Entry.objects.filter(number__in=numbers).values_list("room", "number", "pk")
    keys = {(room, number): pk for room, number, pk in found}
    rows = [segments.Row(keys[entry["room"], entry["number"]], entry) for entry in entries]
    _add(segments.made(rows))


def entry(item: Item) -> dict[str, Any]:
    """What the index keeps of a record, in the order of COLUMNS. Asks the database nothing."""
    title = item.title[:200]
    return {
        "room": item.room, "number": item.number, "place_code": item.place, "unit_code": item.unit, "kind": item.kind,
        "public": item.public, "at": item.at, "title": title, "body": item.body, "heading": words.fold(title)[:400],
        "text": _folded(item.body),
    }  # fmt: skip


_folded = lru_cache(maxsize=8)(words.fold)  # of what staff and the public find, the words are mostly the same


@transaction.atomic(savepoint=False)
def remove(room: str, *numbers: str) -> None:
    """Let records of a room be found no more."""
    from gongkai.search import segments

    entries = Entry.objects.filter(room=room, number__in=numbers)
    if keys := sorted(entries.values_list("pk", flat=True)):
        entries.delete()
        _add(segments.without(keys))


def rebuild() -> int:
    """Make the segments anew from all entries; how many entries."""
    from gongkai.search import segments

    with transaction.atomic():
        Segment.objects.all().delete()
        Bucket.objects.all().delete()
        count, after = 0, 0
        while entries := list(Entry.objects.filter(pk__gt=after).order_by("pk").values()[:AT_ONCE]):
            _add(segments.made([segments.Row(entry["id"], entry) for entry in entries]))
            count, after = count + len(entries), entries[-1]["id"]
    return count


def settle() -> int:
    """Put segments of a size together, or make one anew of which little is left; how many were put.

    One step of some seconds at most: the loop has other things to do.
    """
    from gongkai.search import segments

    some = segments.to_join()
    return len(some) if some and _join(some) else 0


def _add(fresh: segments.Fresh) -> None:
    """Put a segment at the end; when there are many of a few entries they become one, larger ones are left to the loop."""
    from gongkai.search import segments

    _write(fresh)
    if fresh.size < segments.LEAST and segments.are_many() and (some := segments.to_join(least=True)):
        _join(some)


def _join(keys: Sequence[int]) -> bool:
    """Put segments that follow each other together; False when another process just did.

    What comes into the index meanwhile is later and overrides. The work is done before the database is locked.
    """
    from gongkai.search import segments

    joined = segments.joined(keys)
    with transaction.atomic(savepoint=False):
        standing = Segment.objects.select_for_update(
            skip_locked=connection.features.has_select_for_update_skip_locked
        )
        if len(standing.filter(pk__in=keys).values_list("pk")) < len(keys):
            return False
        Segment.objects.filter(pk__in=keys).delete()
        for key in keys:
            Bucket.objects.filter(pk__gte=key << 16, pk__lt=key + 1 << 16).delete()
        if joined.size:
            _write(joined)
    return True


def _write(fresh: segments.Fresh) -> None:
    segment = Segment.objects.create(
        turn=fresh.turn, stamp=secrets.randbits(62), size=fresh.size, bits=fresh.bits, kinds=fresh.kinds, columns=fresh.columns
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO search_bucket (id, content) VALUES (%s, %s)",
            [(segment.pk << 16 | number, content) for number, content in fresh.buckets],
        )


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
