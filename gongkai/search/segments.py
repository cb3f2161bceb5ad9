"""Segments of the index as they are made: from entries, or from segments that become one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gongkai.search import postings
from gongkai.search.models import Bucket, Segment
from gongkai.search.shelf import OUT, Held, Shelf, binary, places_of, shelf
from gongkai.search.words import fold

BEIJING = timezone(timedelta(hours=8))  # one time in the whole country, without summer time since 1992
MANY = 16  # segments of a size that become one
LEAST, SMALL, FULL = 32, 1_024, 32_768  # entries: what is less is least, small, and large enough to be left
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PARTS = 64  # at most so many parts of the keys are joined one after another


@dataclass(frozen=True, slots=True)
class Row:
    """An entry by its key and the columns that the index reads."""

    key: int
    entry: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fresh:
    """A segment not yet written; `buckets` with their numbers, empty ones too."""

    size: int
    bits: int
    kinds: str
    columns: bytes
    buckets: Iterable[tuple[int, bytes]]
    turn: int | None = None


def microseconds(at: datetime) -> int:
    """Since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)


def made(rows: Sequence[Row]) -> Fresh:
    """A segment of entries, at most 65,536; those of a kind follow each other."""
    kinds: dict[tuple[Any, ...], int] = {}
    numbered = sorted(
        ((kinds.setdefault(_kind(row.entry), len(kinds)), row.key, row.entry) for row in rows),
        key=lambda row: row[:2],
    )
    numbers, keys, entries = zip(*numbered, strict=True)
    found = postings.postings(
        [(entry["heading"], f"{entry['text']}\n{fold(entry['number'])}") for entry in entries]
    )
    bits = postings.bits_for(len(found))
    times = [microseconds(entry["at"]) for entry in entries]
    return Fresh(
        len(rows), bits, json.dumps(list(kinds), ensure_ascii=False),
        _columns(np.array(keys), np.array(times), np.array(numbers)), postings.split(found, len(rows), bits),
    )  # fmt: skip


def _kind(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    """What the index counts an entry by, in the order of `shelf.FIELDS`."""
    year = entry["at"].astimezone(BEIJING).year
    return entry["room"], entry["place_code"], entry["unit_code"], entry["kind"], bool(entry["public"]), year


def without(keys: Sequence[int]) -> Fresh:
    """A segment that takes entries out. `keys` rise."""
    none = np.zeros(len(keys), dtype=np.int64)
    columns = _columns(np.array(keys), none, none)
    return Fresh(len(keys), 0, json.dumps([OUT]), columns, postings.split(postings.NONE, len(keys), 0))


def _columns(ids: NDArray[Any], times: NDArray[Any], kinds: NDArray[Any]) -> bytes:
    return ids.astype("<i8").tobytes() + times.astype("<i8").tobytes() + kinds.astype("<u2").tobytes()


# ---- several become one ------------------------------------------------------------------------------------


def are_many() -> bool:
    """Whether there are many segments of a few entries."""
    return Segment.objects.filter(size__lt=LEAST).count() >= MANY


def to_join(*, least: bool = False) -> list[int]:
    """Keys of segments that follow each other and should be one: many of a size (`least`: of a few entries only), or
    one of which half is dead.
    """
    held = shelf().held
    for below in (LEAST,) if least else (LEAST, SMALL, FULL):
        run: list[Held] = []
        for one in held:
            if len(one.ids) < below:
                while sum(len(other.ids) for other in run) + len(one.ids) > postings.LARGEST:
                    run.pop(0)
                run.append(one)
                if len(run) == MANY:
                    return [one.key for one in run]
            else:
                run = []
    half_dead = (
        one.key for one in held if len(one.ids) >= FULL and np.count_nonzero(one.living) < len(one.ids) // 2
    )
    return [] if least else list(islice(half_dead, 1))


def joined(keys: Sequence[int]) -> Fresh:
    """One segment of the living entries of several, in the place of the oldest."""
    standing = shelf()
    parts = [one for one in standing.held if one.key in set(keys)]
    kept = [_kept(one, parts, standing) for one in parts]
    ids = np.concatenate([one.ids[stay] for one, stay in zip(parts, kept, strict=True)])
    times = np.concatenate([one.times[stay] for one, stay in zip(parts, kept, strict=True)])
    cells = np.concatenate([one.cells[stay] for one, stay in zip(parts, kept, strict=True)])
    order = np.lexsort((ids, cells))
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    moves, start = [], 0
    for one, stay in zip(parts, kept, strict=True):
        move = np.full(len(one.ids), -1, dtype=np.int64)
        count = int(np.count_nonzero(stay))
        move[stay] = places[start : start + count]
        moves.append(move)
        start += count
    used, numbers = np.unique(cells[order], return_inverse=True)
    names = {number: cell for cell, number in standing.cells.numbers.items()} | {-1: OUT}
    bits = min(16, max(0, (sum(1 << one.bits for one in parts) - 1).bit_length()))
    kinds = json.dumps([names[number] for number in used.tolist()], ensure_ascii=False)
    turn = min(
        Segment.objects.filter(pk__in=keys).values_list("turn", "pk"), key=lambda row: row[0] or row[1]
    )
    return Fresh(
        len(ids), bits, kinds, _columns(ids[order], times[order], numbers),
        list(_moved(parts, moves, len(ids), bits)), turn[0] or turn[1],
    )  # fmt: skip


def _kept(one: Held, joining: Sequence[Held], standing: Shelf) -> NDArray[np.bool_]:
    """Which entries stay: living ones, and what takes out an entry of an older segment that is not joined."""
    kept = one.living.copy()
    out = one.cells < 0
    if out.any():
        for older in standing.held:
            if older is one:
                break
            if older not in joining:
                places = places_of(older, one)
                kept[places] |= out[places]
    return kept


def _moved(
    parts: Sequence[Held], moves: Sequence[NDArray[np.int64]], size: int, bits: int
) -> Iterator[tuple[int, bytes]]:
    """The buckets of several segments as those of one, a part of the keys at a time."""
    top = min(bits, PARTS.bit_length() - 1, *(one.bits for one in parts))
    for part in range(1 << top):
        found = [
            postings.moved(_contents(one, part << one.bits - top, 1 << one.bits - top), move)
            for one, move in zip(parts, moves, strict=True)
        ]
        yield from postings.split(postings.joined(found), size, bits, part << bits - top, 1 << bits - top)


def _contents(one: Held, first: int, count: int) -> list[bytes]:
    start = one.key << 16 | first
    return [
        content
        for (content,) in binary(
            Bucket.objects.filter(pk__gte=start, pk__lt=start + count).values_list("content")
        )
    ]
