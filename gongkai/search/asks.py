"""Finding: entries that hold every term, those with it in the title first, then the newest.

The index gives entries that hold the pairs of a term; a term of more than one token is then looked for as it stands, so
that what is shown is exact. The same code finds the same entries on both databases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import SequenceMatcher
from itertools import accumulate
from types import ModuleType
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from gongkai.search.models import Entry, Synonym
from gongkai.search.words import Asked, fold, read, tokens_of
from gongkai.text.cut import plain_cutter

if TYPE_CHECKING:
    from gongkai.search.shelf import Answer, Cells, Chosen

PAGE, DEEPEST = 20, 500  # entries of a page; pages
FACETS = ("room", "unit", "kind", "year")
NEAR = 0.5  # share of characters two names must have in common, to ask "did you mean"
NEAR_TITLES = 300
ENOUGH = 100  # entries that are read to see whether another question finds any


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what was found. `facets` maps room, unit, kind and year to (value, count), most first; years newest first.

    Pages go through the first `reach` entries. `suggestion` is another question, with results, offered when nothing was found. Of more than 500 entries that
    may hold a phrase the first are read and the others estimated: the counts are `about`, what is shown is exact.
    """

    rows: Sequence[Entry]
    count: int
    page: int
    asked: Asked
    facets: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    reach: int = 0
    suggestion: str = ""
    about: bool = False

    @property
    def pages(self) -> int:
        return max(1, -(-self.reach // PAGE))


def find(
    q: str,
    *,
    rooms: Collection[str] = (),
    place: str | None = None,
    public: bool | None = None,
    units: Collection[str] | None = None,
    unit: str | None = None,
    kind: str | None = None,
    year: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    page: int = 1,
    exact: bool = False,
) -> Results:
    """Find entries; an empty question lists everything, one of signs only finds nothing.

    With `exact` only the words typed are looked for, not those a place takes as equal.

    `public` and `units` are what the reader may see: public entries only, or public ones and those of their
    units. `rooms`, `unit`, `kind`, `year` and the time (from `since`, before `until`) are what they chose.
    """
    asked = question(q, place, exact=exact)
    if q.strip() and not asked.terms and not asked.excluded:
        return Results([], 0, 1, asked)
    narrowing: dict[str, Collection[Any]] = {
        "room": rooms,
        "unit": [unit] if unit else (),
        "kind": [kind] if kind else (),
        "year": () if year is None else [year],
    }
    reader = Reader(place, public, units, since, until, narrowing)
    page = min(max(page, 1), DEEPEST)
    found = _shelf().answer(asked, reader.choose, page * PAGE)
    facets = reader.facets(found)
    if not found.count:
        return Results([], 0, 1, asked, facets, suggestion=_suggest(reader, asked))
    reach = min(found.reach, PAGE * DEEPEST)
    page = min(page, -(-reach // PAGE))
    shown = found.ids[(page - 1) * PAGE : page * PAGE]
    rows = {row.pk: row for row in Entry.objects.filter(pk__among=shown).defer("heading", "text")}
    return Results(
        [rows[pk] for pk in shown if pk in rows], found.count, page, asked, facets, reach, about=found.about
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """What a reader may see, and what they chose of it by facets."""

    place: str | None
    public: bool | None = None
    units: Collection[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    narrowing: Mapping[str, Collection[Any]] = field(default_factory=dict)

    def seen(self, cells: Cells) -> Any:
        """Which cells the reader may see, as a mask. The one place of permission."""
        seen = cells.of("place", [self.place]) if self.place is not None else cells.every()
        if self.public is not None:
            seen = seen & cells.of("public", [self.public])
        if self.units is not None:
            seen = seen & (cells.of("public", [True]) | cells.of("unit", self.units))
        return seen

    def choose(self, cells: Cells) -> Chosen:
        from gongkai.search.segments import microseconds

        narrowed = seen = self.seen(cells)
        for name, values in self.narrowing.items():
            if values:
                narrowed = narrowed & cells.of(name, values)
        since, until = (None if at is None else microseconds(at) for at in (self.since, self.until))
        chosen: Chosen = _shelf().Chosen(seen, narrowed, since, until)
        return chosen

    def facets(self, found: Answer) -> dict[str, list[tuple[str, int]]]:
        """The values of each facet with their counts, as the other choices narrow them."""
        ranked = {}
        for name in FACETS:
            totals = found.totals.copy()
            for other, values in self.narrowing.items():
                if values and other != name:
                    totals[~found.cells.of(other, values)] = 0
            tally = [(str(value), n) for value, n in found.cells.tally(name, totals).items() if value]
            ranked[name] = sorted(tally, key=lambda kv: (-kv[1], kv[0]))
        ranked["year"].sort(reverse=True)
        return ranked


def numbers(q: str, *, room: str, place: str | None = None) -> QuerySet[Entry, str]:
    """The numbers of the records of a room that `find` would find: a subquery for that room's own lists."""
    asked = question(q, place)
    entries = Entry.objects.filter(room=room)
    if place is not None:
        entries = entries.filter(place_code=place)
    if asked.terms or asked.excluded:
        entries = entries.filter(
            pk__among=_shelf().every(asked, Reader(place, narrowing={"room": [room]}).choose)
        )
    elif q.strip():
        entries = entries.none()
    return entries.values_list("number", flat=True)


def _shelf() -> ModuleType:
    """The index; what reads it loads numpy, which a process that looks for nothing can do without."""
    from gongkai.search import shelf

    return shelf


def question(q: str, place: str | None, *, exact: bool = False) -> Asked:
    """A question as it is looked for at a place: its words, each with those taken as equal unless `exact`."""
    return read(q, () if exact else _synonyms(place))


def _synonyms(place: str | None) -> list[frozenset[str]]:
    rows = Synonym.objects.filter(place_code__in={"", place or ""}, ended_at=None).values_list(
        "words", flat=True
    )
    return [frozenset(words.split()) for words in rows]


# ---- when nothing was found ------------------------------------------------------------------------------


def _suggest(reader: Reader, asked: Asked) -> str:
    """Another question that finds something: a name spelled like it, the words of a sentence, fewer words."""

    def count(*words: str) -> int:
        asked = Asked(tuple((word,) for word in words))
        found: Answer = _shelf().answer(asked, reader.choose, 0, checked=ENOUGH)
        return found.count

    terms = [alternatives[0] for alternatives in asked.terms]
    if len(terms) == 1:
        if near := _nearest(reader, terms[0]):
            return near
        terms = [word for word in dict.fromkeys(plain_cutter().words(terms[0])) if word != terms[0]]
    counts = {term: count(term) for term in terms}
    terms = sorted((term for term in terms if counts[term]), key=lambda term: counts[term])
    while terms:
        fewer = [term for term in counts if term in terms]
        if count(*fewer):
            return " ".join(fewer)
        terms.pop(0)
    return ""


def _nearest(reader: Reader, term: str) -> str:
    """The run of characters in a title that is most like the term, if it is like it enough."""
    pairs = tokens_of(term)
    if len(pairs) < 2:
        return ""
    sharing = _shelf().answer(Asked((pairs,)), reader.choose, NEAR_TITLES)
    headings = dict(Entry.objects.filter(pk__among=sharing.ids).values_list("pk", "heading"))
    titles = [headings[pk] for pk in sharing.ids if pk in headings]
    likeness: Counter[str] = Counter()
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(term)
    wanted, length = set(term), len(term)
    for heading in dict.fromkeys(titles):
        common = [0, *accumulate(character in wanted for character in heading)]
        for start in range(len(heading) - length + 1):
            if common[start + length] - common[start] <= NEAR * length:
                continue
            window = heading[start : start + length]
            if window[0] != " " and window[-1] != " " and len(tokens_of(window)) == len(pairs):
                matcher.set_seq1(window)
                likeness[window] = round(matcher.ratio() * 1000)
    best = max(likeness, key=lambda window: (likeness[window], window), default="")
    return best if best and likeness[best] > NEAR * 1000 and fold(best) != term else ""
