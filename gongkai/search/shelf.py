"""The index as it is read: which entries answer a question, how many of each room, unit, kind and year, which come first.

Entries stand in segments (at most 65,536 each). A later segment overrides an earlier one: the entries it holds, or takes
out, count no more where they stood before. Who an entry is of and when it was is kept by the process as columns, by the
stamp of the segment, which never changes; the postings are read from the database each time.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from django.db import connection
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from gongkai.search import postings
from gongkai.search.models import Bucket, Entry, Segment
from gongkai.search.words import Asked, fold, holds, tokens_of

CHECKED = 500  # entries that are read to see whether a phrase stands there; of more, the first ones
MOST_TOKENS = 8  # of one word that are looked up; the text itself says the rest
FIELDS = ("room", "place", "unit", "kind", "public", "year")
NOWHERE = np.zeros(0, dtype=np.intp)
OUT: tuple[Any, ...] = ()  # what stands in the place of a cell where an entry is taken out

T = TypeVar("T")
Mask = NDArray[np.bool_]
Totals = NDArray[np.int64]


class Unsettled(Exception):
    """Segments were put together while they were read."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Every room, place, unit, kind, openness and year that entries share, by numbers. Never changed, only replaced."""

    numbers: Mapping[tuple[Any, ...], int]
    values: tuple[Mapping[Any, int], ...]
    codes: NDArray[np.int32]  # a row a field, a column a cell

    def with_(self, cells: Iterable[tuple[Any, ...]]) -> Cells:
        """These and more cells; those that are known keep their numbers."""
        numbers, values = dict(self.numbers), [dict(known) for known in self.values]
        fresh = [cell for cell in dict.fromkeys(cells) if cell and cell not in numbers]
        numbers.update({cell: number for number, cell in enumerate(fresh, len(numbers))})
        codes = [
            [known.setdefault(value, len(known)) for value in column]
            for known, column in zip(values, zip(*fresh, strict=True), strict=True)
        ] if fresh else np.zeros((len(FIELDS), 0))  # fmt: skip
        return Cells(
            numbers, tuple(values), np.concatenate([self.codes, np.array(codes, dtype=np.int32)], axis=1)
        )

    def of(self, name: str, wanted: Collection[Any]) -> Mask:
        """Which cells have one of the wanted values."""
        at = FIELDS.index(name)
        return np.isin(self.codes[at], [self.values[at].get(value, -1) for value in wanted])

    def every(self) -> Mask:
        return np.ones(self.codes.shape[1], dtype=bool)

    def tally(self, name: str, totals: Totals) -> dict[Any, int]:
        """Totals by cell as totals by value."""
        at = FIELDS.index(name)
        sums = np.bincount(self.codes[at], weights=totals, minlength=len(self.values[at]))
        return {value: round(n) for value, n in zip(self.values[at], sums.tolist(), strict=True) if n}


@dataclass(slots=True, eq=False)
class Held:
    """The columns of a segment. Entries of a cell follow each other from one of `starts` on. `by_id` are their places by rising id,
    `order` is the rank of each by time and id, `latest` the last time, `dead` what later segments override.
    """

    key: int
    stamp: int
    bits: int
    ids: NDArray[np.int64]
    times: NDArray[np.int64]
    cells: NDArray[np.int32]
    starts: NDArray[np.int64]
    by_id: NDArray[np.int32]
    order: NDArray[np.int32]
    latest: int
    dead: dict[int, NDArray[np.int64]] = field(default_factory=dict)
    living: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))


@dataclass(frozen=True, slots=True)
class Shelf:
    """The segments as they are at a moment, oldest first, and the cells of their entries."""

    stamps: tuple[int, ...]
    held: Sequence[Held]
    cells: Cells


_shelf = Shelf((), (), Cells({}, tuple({} for _ in FIELDS), np.zeros((len(FIELDS), 0), dtype=np.int32)))
_lock = Lock()


def shelf() -> Shelf:
    """The segments as they now are. One query when nothing changed."""
    return _settled(_standing)


def _standing() -> Shelf:
    global _shelf
    rows = list(Segment.objects.order_by(Coalesce("turn", "pk")).values_list("pk", "stamp", "bits"))
    stamps = tuple(stamp for _, stamp, _ in rows)
    with _lock:
        if _shelf.stamps == stamps:
            return _shelf
        held = {one.stamp: one for one in _shelf.held}
        missing = [key for key, stamp, _ in rows if stamp not in held]
        loaded = binary(
            Segment.objects.filter(pk__among=missing).values_list("pk", "stamp", "bits", "kinds", "columns")
        )
        kinds = {stamp: [tuple(cell) for cell in json.loads(text)] for _, stamp, _, text, _ in loaded}
        cells = _shelf.cells.with_(cell for some in kinds.values() for cell in some)
        for key, stamp, bits, _, columns in loaded:
            numbers = np.array([cells.numbers.get(cell, -1) for cell in kinds[stamp]], dtype=np.int32)
            held[stamp] = _hold(key, stamp, bits, numbers, columns)
        if any(stamp not in held for stamp in stamps):
            raise Unsettled
        standing = [held[stamp] for stamp in stamps]
        _bury(standing)
        _shelf = Shelf(stamps, standing, cells)
        return _shelf


def _hold(key: int, stamp: int, bits: int, numbers: NDArray[np.int32], columns: bytes) -> Held:
    ids, times, kinds = opened(columns)
    starts = np.flatnonzero(np.diff(kinds, prepend=kinds[0] + 1))
    order = np.empty(len(ids), dtype=np.int32)
    order[np.lexsort((ids, times))] = np.arange(len(ids))
    by_id = np.argsort(ids).astype(np.int32)
    return Held(key, stamp, bits, ids, times, numbers[kinds], starts, by_id, order, int(times.max()))


def opened(columns: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]:
    """Ids, times (microseconds since 1970) and kinds (rising, ids of a kind too) of the entries of a segment."""
    count = len(columns) // 18
    return (
        np.frombuffer(columns, "<i8", count),
        np.frombuffer(columns, "<i8", count, 8 * count),
        np.frombuffer(columns, "<u2", count, 16 * count),
    )


def _bury(held: Sequence[Held]) -> None:
    """Note what no longer counts: taken out, or standing in a later segment."""
    for n, one in enumerate(held):
        later = {other.stamp: other for other in held[n + 1 :]}
        for stamp, other in later.items():
            if stamp not in one.dead:
                one.dead[stamp] = places_of(other, one)
        one.dead = {stamp: one.dead[stamp] for stamp in later}
        living = one.cells >= 0
        for places in one.dead.values():
            living[places] = False
        one.living = living


def places_of(other: Held, one: Held) -> NDArray[np.int64]:
    """Where in a segment the entries of another stand, those that do."""
    wanted, ids = other.ids[other.by_id], one.ids[one.by_id]
    if wanted[-1] < ids[0] or ids[-1] < wanted[0]:
        return np.zeros(0, dtype=np.int64)
    near = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    there: NDArray[np.int64] = one.by_id[near[ids[near] == wanted]].astype(np.int64)
    return there


# ---- what a question finds ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the reader may see and what they chose of it, as masks over the cells; times in microseconds."""

    seen: Mask
    narrowed: Mask
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Totals by cell of what may be seen, the number of what is chosen, the ids that come first.

    Of more than CHECKED entries that may hold a phrase, the first ones are looked at and the rest estimated: `about`.
    """

    cells: Cells
    totals: Totals
    count: int
    ids: list[int]
    reach: int  # how many could be given at most
    about: bool = False


def answer(asked: Asked, choose: Callable[[Cells], Chosen], most: int, *, checked: int = CHECKED) -> Answer:
    """What a question finds and the `most` entries that come first: those with every word in the title, then the newest.

    Of entries that may hold a phrase `checked` are read.
    """
    return _settled(lambda: _answer(asked, choose, most, checked))


def every(asked: Asked, choose: Callable[[Cells], Chosen]) -> list[int]:
    """The ids of all chosen entries that a question finds, in no order; each is read when a phrase is asked for."""
    return _settled(lambda: _every(asked, choose))


def _settled(ask: Callable[[], T]) -> T:
    """An answer from segments that stood while they were read; a few times anew when they did not."""
    for _ in range(5):
        with contextlib.suppress(Unsettled):
            return ask()
    return ask()


def _every(asked: Asked, choose: Callable[[Cells], Chosen]) -> list[int]:
    standing = shelf()
    chosen = choose(standing.cells)
    found = _matching(standing.held, asked, titles=False)
    rows = _first(found, chosen.narrowed, sum(int(np.count_nonzero(hit.mask)) for hit in found))
    if not _is_exact(asked):
        rows = _checked(rows, asked)
    return [pk for _, _, pk, _ in rows]


def _is_exact(asked: Asked) -> bool:
    """Whether the tokens alone say what holds the words."""
    return all(tokens_of(word) == (word,) for term in (*asked.terms, asked.excluded) for word in term)


def _answer(asked: Asked, choose: Callable[[Cells], Chosen], most: int, checked: int) -> Answer:
    standing = shelf()
    cells = standing.cells
    chosen = choose(cells)
    size = len(chosen.seen)
    found = _matching(standing.held, asked)
    totals = np.zeros(size + 1, dtype=np.int64)  # the last are those that are in no cell
    for hit in found:
        hit.within(chosen)
        totals[hit.held.cells[hit.held.starts]] += hit.counts()
    totals = np.where(chosen.seen, totals[:-1], 0)
    count = int(totals[chosen.narrowed].sum())
    if _is_exact(asked):
        return Answer(cells, totals, count, [row[-2] for row in _first(found, chosen.narrowed, most)], count)
    whole = int(totals.sum()) <= checked
    rows = _first(found, chosen.seen if whole else chosen.narrowed, checked)
    right = _checked(rows, asked)
    if whole:
        totals = np.bincount([row[-1] for row in right], minlength=size)[:size]
        right = [row for row in right if chosen.narrowed[row[-1]]]
        return Answer(cells, totals, len(right), [row[-2] for row in right[:most]], len(right))
    share = len(right) / len(rows) if rows else 0.0
    about = count > len(rows)
    count = round(count * share) if about else len(right)
    totals = np.rint(totals * share).astype(np.int64)
    return Answer(cells, totals, count, [row[-2] for row in right[:most]], len(right), about)


@dataclass(slots=True)
class Hits:
    """The entries of a segment that a question finds, and those of them whose title holds every word."""

    held: Held
    mask: Mask
    titled: Mask | None

    def within(self, chosen: Chosen) -> None:
        """Leave out what lies outside the chosen time."""
        for bound, stay in ((chosen.since, np.greater_equal), (chosen.until, np.less)):
            if bound is not None:
                self.mask = self.mask & stay(self.held.times, bound)
        if self.titled is not None:
            self.titled = self.titled & self.mask

    def counts(self) -> Totals:
        """How many of each of the cells of the segment."""
        return np.add.reduceat(self.mask.view(np.uint8), self.held.starts, dtype=np.int64)

    def at(self, *, titled: bool) -> NDArray[Any]:
        """The places of those with every word in the title, or of the others."""
        if self.titled is None:
            return np.flatnonzero(self.mask) if not titled else NOWHERE
        return np.flatnonzero(self.titled if titled else self.mask & ~self.titled)


Row = tuple[
    bool, int, int, int
]  # not in the title, minus the time, id, cell: what comes first is least but for the id


def _first(found: Sequence[Hits], wanted: Mask, most: int) -> list[Row]:
    """The rows that come first among the wanted cells: those with every word in the title, then the others, by time."""
    rows = _newest(found, wanted, most, titled=True) if most else []
    return rows + (_newest(found, wanted, most - len(rows), titled=False) if len(rows) < most else [])


def _newest(found: Sequence[Hits], wanted: Mask, most: int, *, titled: bool) -> list[Row]:
    rows: list[Row] = []
    for hit in sorted(found, key=lambda hit: hit.held.latest, reverse=True):
        if len(rows) == most and hit.held.latest < -rows[-1][1]:
            break  # this segment and those after it hold nothing as new
        at = hit.at(titled=titled)
        cells = hit.held.cells[at]
        stay = wanted[cells]
        at, cells = at[stay], cells[stay]
        if len(at) > most:
            best = np.argpartition(-hit.held.order[at], most - 1)[:most]
            at, cells = at[best], cells[best]
        times, ids = (-hit.held.times[at]).tolist(), hit.held.ids[at].tolist()
        rows += zip((not titled,) * len(at), times, ids, cells.tolist(), strict=True)
        rows = sorted(rows, key=lambda row: (row[0], row[1], -row[2]))[:most]
    return rows


def _checked(rows: Sequence[Row], asked: Asked) -> list[Row]:
    """The rows whose text holds the words as they stand, those with them in the title first."""
    entries = Entry.objects.filter(pk__among=[row[2] for row in rows])
    texts = {pk: rest for pk, *rest in entries.values_list("pk", "heading", "text", "number")}
    right: list[Row] = []
    for _, minus, pk, cell in rows:
        if pk not in texts:
            continue
        heading, text, number = texts[pk]

        def within(word: str, heading: str = heading, text: str = text, number: str = number) -> bool:
            return holds(text, word) or holds(heading, word) or holds(fold(number), word)

        if all(any(map(within, term)) for term in asked.terms) and not any(map(within, asked.excluded)):
            titled = bool(asked.terms) and all(any(word in heading for word in term) for term in asked.terms)
            right.append((not titled, minus, pk, cell))
    return sorted(right, key=lambda row: (row[0], row[1], -row[2]))


def _matching(held: Sequence[Held], asked: Asked, titles: bool = True) -> list[Hits]:
    """The living entries of each segment that hold the tokens of every term and of no excluded word.

    An excluded word of several tokens is not yet left out: the text has to say.
    """
    keys = {word: _keys(_looked_up(word)) for term in asked.terms for word in term}
    without = [word for word in asked.excluded if tokens_of(word) == (word,)]
    keys |= {word: _keys((word,)) for word in without}
    contents = _read(held, {key for some in keys.values() for key in some})
    found = []
    for one in held:

        def holding(words: Sequence[str], of_title: int = 0, one: Held = one) -> Mask:
            """The entries that hold every token of one of the words."""
            masks = (
                reduce(np.logical_and, (
                    postings.holding(contents[_bucket(one, key)], key | of_title, len(one.ids)) for key in keys[word]
                )) for word in words
            )  # fmt: skip
            return reduce(np.logical_or, masks)

        mask = one.living
        for term in asked.terms:
            mask = mask & holding(term)
            if not mask.any():
                break
        else:
            if without:
                mask = mask & ~holding(without)
            titled = None
            if titles and asked.terms:
                titled = reduce(np.logical_and, (holding(term, postings.IN_TITLE) for term in asked.terms))
            found.append(Hits(one, mask, titled))
    return found


def _keys(tokens: Iterable[str]) -> list[int]:
    return [postings.key_of(token) for token in tokens]


def _looked_up(word: str) -> tuple[str, ...]:
    tokens = tokens_of(word)
    return tokens if len(tokens) <= MOST_TOKENS else tokens[:: -(-len(tokens) // MOST_TOKENS)]


def _bucket(one: Held, key: int) -> int:
    return one.key << 16 | postings.bucket_of(key, one.bits)


def _read(held: Sequence[Held], keys: Collection[int]) -> Mapping[int, bytes]:
    """The buckets that hold keys. Raises Unsettled when a segment is no longer there."""
    wanted = sorted({_bucket(one, key) for one in held if len(one.ids) for key in keys})
    if not wanted:
        return {}
    contents = dict(binary(Bucket.objects.filter(pk__among=wanted).values_list("pk", "content")))
    if len(contents) != len(wanted):
        raise Unsettled
    return contents


def binary(rows: Any) -> list[tuple[Any, ...]]:
    """Rows with bytes in them: PostgreSQL is asked for them as they are, not written out in letters."""
    if connection.vendor != "postgresql":
        return list(rows)
    from psycopg import Cursor

    words, params = rows.query.get_compiler(connection=connection).as_sql()
    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:
        return cursor.execute(words, params, binary=True).fetchall()
