"""Finding: entries that hold every term, those with it in the title first, then the newest.

The index gives entries that hold the pairs of a term; a term of more than one token is then looked for as it
stands, so that what is found is exact. The same entries are found on both databases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, Count, Func, IntegerField, Q, QuerySet, Value, When
from django.db.models.sql.compiler import SQLCompiler

from gongkai.search.models import Entry, Synonym
from gongkai.search.words import Asked, fold, read, tokens_of
from gongkai.text.cut import Cutter

PAGE = 20
FACETS = {"room": "room", "unit": "unit_code", "kind": "kind", "year": "year"}
BEIJING = timezone(timedelta(hours=8))  # one time in the whole country, without summer time since 1992
NEAR = 0.5  # share of characters two names must have in common, to ask "did you mean"
NEAR_TITLES = 300


class Year(Func):
    """The year of an instant in Beijing. Django's own asks Python for each row on SQLite."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        template = "CAST(strftime('%%%%Y', %(expressions)s, '+8 hours') AS INTEGER)"
        return self.as_sql(compiler, connection, template=template)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        template = "CAST(EXTRACT(YEAR FROM %(expressions)s AT TIME ZONE 'Asia/Shanghai') AS integer)"
        return self.as_sql(compiler, connection, template=template)


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what was found. `facets` maps room, unit, kind and year to (value, count), most first; years newest first.

    `suggestion` is another question, with results, offered when nothing was found.
    """

    rows: Sequence[Entry]
    count: int
    page: int
    asked: Asked
    facets: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    suggestion: str = ""

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PAGE))


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
    seen = Entry.objects.all()
    if place is not None:
        seen = seen.filter(place_code=place)
    if public is not None:
        seen = seen.filter(public=public)
    if units is not None:
        seen = seen.filter(Q(public=True) | Q(unit_code__in=units))
    if since is not None:
        seen = seen.filter(at__gte=since)
    if until is not None:
        seen = seen.filter(at__lt=until)
    chosen: dict[str, Collection[str]] = {
        "room": rooms,
        "unit_code": [unit] if unit else (),
        "kind": [kind] if kind else (),
    }
    narrowed = seen.filter(**{f"{column}__in": values for column, values in chosen.items() if values})
    if year is not None:
        narrowed = narrowed.filter(at__gte=_new_year(year), at__lt=_new_year(year + 1))
    if q.strip() and not asked.terms and not asked.excluded:
        return Results([], 0, 1, asked)
    groups = (
        _matching(seen, asked)
        .order_by()
        .annotate(year=Year("at"))
        .values_list(*FACETS.values())
        .annotate(n=Count("pk"))
    )
    count, facets = _counted(list(groups), [*chosen.values(), () if year is None else (year,)])
    if not count:
        return Results([], 0, 1, asked, facets, _suggest(narrowed, asked))
    page = min(max(page, 1), -(-count // PAGE))
    rows = list(_ordered(_matching(narrowed, asked), asked)[(page - 1) * PAGE : page * PAGE])
    return Results(rows, count, page, asked, facets)


def numbers(q: str, *, room: str, place: str | None = None) -> QuerySet[Entry, str]:
    """The numbers of the records of a room that `find` would find: a subquery for that room's own lists."""
    asked = question(q, place)
    entries = Entry.objects.filter(room=room)
    if place is not None:
        entries = entries.filter(place_code=place)
    if q.strip() and not asked.terms and not asked.excluded:
        entries = entries.none()
    return _matching(entries, asked).values_list("number", flat=True)


def question(q: str, place: str | None, *, exact: bool = False) -> Asked:
    """A question as it is looked for at a place: its words, each with those taken as equal unless `exact`."""
    return read(q, () if exact else _synonyms(place))


def _new_year(year: int) -> datetime:
    """The first instant of a year; years no calendar has are the nearest it has."""
    return datetime.combine(date(min(max(year, 1900), 9998), 1, 1), datetime.min.time(), BEIJING)


def _synonyms(place: str | None) -> list[frozenset[str]]:
    rows = Synonym.objects.filter(place_code__in={"", place or ""}, ended_at=None).values_list(
        "words", flat=True
    )
    return [frozenset(words.split()) for words in rows]


def _matching(entries: QuerySet[Entry], asked: Asked) -> QuerySet[Entry]:
    for alternatives in asked.terms:
        anyone = Q()
        for word in alternatives:
            anyone |= _holds(word)
        entries = entries.filter(anyone)
    for word in asked.excluded:
        entries = entries.exclude(pk__in=Entry.objects.filter(_holds(word)).values("pk"))
    return entries


def _holds(word: str) -> Q:
    wanted = tokens_of(word)
    held = Q(tokens__holds=wanted)
    if wanted == (word,):
        return held
    return held & (Q(heading__contains=word) | Q(text__contains=word) | Q(number__icontains=word))


def _ordered(entries: QuerySet[Entry], asked: Asked) -> QuerySet[Entry]:
    in_title = Q()
    for alternatives in asked.terms:
        anyone = Q()
        for word in alternatives:
            anyone |= Q(heading__contains=word)
        in_title &= anyone
    if in_title:
        last = Case(When(in_title, then=Value(0)), default=Value(1), output_field=IntegerField())
        entries = entries.order_by(last, "-at", "-id")
    else:
        entries = entries.order_by("-at", "-id")
    return entries.defer("tokens", "heading", "text")


def _counted(
    groups: Sequence[tuple[Any, ...]], chosen: Sequence[Collection[Any]]
) -> tuple[int, dict[str, list[tuple[str, int]]]]:
    """From (room, unit, kind, year, count): how many are chosen; each facet as the others narrow it."""
    count = 0
    tallies: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for *values, n in groups:
        refused = [i for i, value in enumerate(values) if chosen[i] and value not in chosen[i]]
        count += 0 if refused else n
        for i, tally in enumerate(tallies.values()):
            if values[i] and refused in ([], [i]):
                tally[str(values[i])] += n
    ranked = {name: sorted(tally.items(), key=lambda kv: (-kv[1], kv[0])) for name, tally in tallies.items()}
    ranked["year"].sort(reverse=True)
    return count, ranked


# ---- when nothing was found ------------------------------------------------------------------------------


def _suggest(entries: QuerySet[Entry], asked: Asked) -> str:
    """Another question that finds something: a name spelled like it, the words of a sentence, fewer words."""
    terms = [alternatives[0] for alternatives in asked.terms]
    if len(terms) == 1:
        if near := _nearest(entries, terms[0]):
            return near
        terms = [word for word in dict.fromkeys(_cutter().words(terms[0])) if word != terms[0]]
    counts = {term: entries.filter(_holds(term)).count() for term in terms}
    terms = sorted((term for term in terms if counts[term]), key=lambda term: counts[term])
    while terms:
        fewer = [term for term in counts if term in terms]
        if _matching(entries, Asked(tuple((term,) for term in fewer))).exists():
            return " ".join(fewer)
        terms.pop(0)
    return ""


def _nearest(entries: QuerySet[Entry], term: str) -> str:
    """The run of characters in a title that is most like the term, if it is like it enough."""
    pairs = tokens_of(term)
    if len(pairs) < 2:
        return ""
    sharing = Q()
    for pair in pairs:
        sharing |= Q(tokens__holds=(pair,))
    titles = entries.filter(sharing).order_by("-at").values_list("heading", flat=True)[:NEAR_TITLES]
    likeness: Counter[str] = Counter()
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(term)
    for heading in dict.fromkeys(titles):
        for start in range(len(heading) - len(term) + 1):
            window = heading[start : start + len(term)]
            if window[0] != " " and window[-1] != " " and len(tokens_of(window)) == len(pairs):
                matcher.set_seq1(window)
                likeness[window] = round(matcher.ratio() * 1000)
    best = max(likeness, key=lambda window: (likeness[window], window), default="")
    return best if best and likeness[best] > NEAR * 1000 and fold(best) != term else ""


@cache
def _cutter() -> Cutter:
    return Cutter()
