"""What everybody may read of the documents of a place: every list, page, feed and map asks here."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Literal

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.http import Http404

from gongkai.documents.models import (
    Column,
    Document,
    DocumentQuerySet,
    Edition,
    Sort,
)
from gongkai.ledger import asks as ledger
from gongkai.ledger import clock
from gongkai.people.models import Place, Unit
from gongkai.portal import together
from gongkai.prepared import Prepared, Several, Slot, totals
from gongkai.ui.environment import url_for

A_PAGE = 25
FEW = 1_000  # documents of a column that are sooner sorted than looked for among all
FIELDS = (
    "pk", "matter__number", "shown", "number", "sort", "genre", "unit__short_name", "published_at", "changed_at", "openness",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A published document in a list: plain values, no text."""

    pk: int
    code: str
    title: str
    number: str
    sort: str
    genre: str
    unit: str
    at: datetime
    changed_at: datetime
    openness: str
    url: str

    @property
    def kind(self) -> str:
        return self.genre if self.sort == Sort.OFFICIAL else Sort(self.sort).label


def of_place(place: Place) -> DocumentQuerySet:
    """The published documents of a place, in no order."""
    found: DocumentQuerySet = Document.objects.filter(place=place).published()
    return found


def _title() -> Coalesce:
    """The title that went out; one that was changed since waits for its review like the text."""
    released = Edition.objects.filter(document=OuterRef("pk"), released_at__isnull=False).order_by("-serial")
    return Coalesce(Subquery(released.values("title")[:1]), "title")


def rows(documents: Any, place: Place) -> Iterator[Row]:
    """Documents as rows, in the order they come. One query."""
    return _rows(documents.annotate(shown=_title()).values_list(*FIELDS), place)


def _rows(found: Iterable[tuple[Any, ...]], place: Place) -> Iterator[Row]:
    base = url_for("portal:documents", place.slug)
    for pk, code, title, number, sort, genre, unit, at, changed, openness in found:
        yield Row(pk, code, title, number, sort, genre, unit, at, changed or at, openness, f"{base}{code}/")


# ---- lists -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of the published documents of a place: all of them, a column's, a unit's, one of the 五公开."""

    place: Place
    of: Literal["place", "column", "unit", "openness"]
    id: int | str = 0

    @classmethod
    def of_place(cls, place: Place) -> Listing:
        return cls(place, "place")

    @classmethod
    def of_column(cls, column: Column) -> Listing:
        return cls(column.place, "column", column.pk)

    @classmethod
    def of_unit(cls, unit: Unit) -> Listing:
        return cls(unit.place, "unit", unit.pk)

    @classmethod
    def of_openness(cls, place: Place, stage: str) -> Listing:
        return cls(place, "openness", stage)

    @property
    def name(self) -> str:
        """What pages note that they are made of it: `column:3`."""
        if self.of == "openness":  # a word, not a key: other places have it, too
            return f"{self.of}:{self.place.pk}:{self.id}"
        return f"{self.of}:{self.id or self.place.pk}"

    def count(self) -> int:
        """How many, as of the last fact: one query, or two."""
        if together.of_all():
            return len(self._order())
        return together.once(("count", self.name), self._count)

    def _count(self) -> int:
        return _count_as_of(self.of, self.place.pk, self.id, ledger.mark(clock.now()))

    def newest(self, most: int) -> list[Row]:
        return self.rows(0, most)

    def rows(self, first: int, most: int, oldest_first: bool = False) -> list[Row]:
        """Some of them as rows, from the one numbered `first` of that order on. One query."""
        if together.of_all():
            keys = self._order()[:: -1 if oldest_first else 1][first : first + most]
            rows = {row.pk: row for row in _rows(_some().ask(documents=keys), self.place)}
            return [rows[key] for key in keys if key in rows]
        found = _ordered(self._asked_for(), oldest_first).some(first, most, place=self.place.pk, id=self.id)
        return list(_rows(found, self.place))

    def number_of(self, document: Document) -> int:
        """The numbered page one of its documents stands on, or will when that page is full. One query, or two."""
        [[newer]] = _how_many_newer(self._asked_for()).ask(
            place=self.place.pk, id=self.id, at=document.published_at, pk=document.pk
        )
        return (self.count() - int(newer) - 1) // A_PAGE + 1

    def _asked_for(self) -> str:
        is_small = self.of == "column" and not _members().some(FEW, 1, id=self.id)
        return "small column" if is_small else self.of

    def _order(self) -> array[int]:
        """The keys of all of them, newest first."""
        return together.once(("order", self.name), self._keys)

    def _keys(self) -> array[int]:
        of = "small column" if self.of == "column" else self.of
        return array("q", (key for (key,) in _order_of(of).ask(place=self.place.pk, id=self.id)))


def _listed(of: str) -> DocumentQuerySet:
    """The documents of any list of a kind, in no order, with slots for the `place` and the `id`."""
    id = Slot("id", BigIntegerField())
    found: DocumentQuerySet = Document.objects.filter(place=Slot("place", CharField())).published()
    if of == "unit":
        return found.filter(unit=id)
    if of == "openness":  # said twice, so that the database knows the index of those that have any
        return found.exclude(openness="").filter(openness=Slot("id", CharField()))
    members = Document.columns.through.objects.filter(column=id)
    if of == "small column":  # its documents are sorted
        return found.filter(pk__in=members.values("document"))
    if of == "column":  # row by row, so that the newest of a large column are found along the index of time
        return found.filter(Exists(members.filter(document=OuterRef("pk"))))
    return found


@lru_cache(maxsize=1)
def _members() -> Prepared[tuple[int]]:
    members = Document.columns.through.objects.filter(column=Slot("id", BigIntegerField()))
    return Prepared(members.values_list("pk"))


@lru_cache(maxsize=8)
def _ordered(of: str, oldest_first: bool) -> Prepared[tuple[Any, ...]]:
    at: F | Coalesce = F("published_at")
    if of == "small column":  # said so that the database starts from the few and not along the index of time
        at = Coalesce("published_at", "changed_at")
    order = (at.asc(), "pk") if oldest_first else (at.desc(), "-pk")
    return Prepared(_listed(of).order_by(*order).annotate(shown=_title()).values_list(*FIELDS))


@lru_cache(maxsize=4)
def _order_of(of: str) -> Prepared[tuple[int]]:
    return Prepared(_listed(of).order_by("-published_at", "-pk").values_list("pk"))


@lru_cache(maxsize=1)
def _some() -> Prepared[tuple[Any, ...]]:
    some = Document.objects.filter(pk__in=Several("documents", BigIntegerField())).published()
    return Prepared(some.annotate(shown=_title()).values_list(*FIELDS))


@lru_cache(maxsize=1024)
def _count_as_of(of: str, place: str, id: int | str, _mark: object) -> int:
    [[count]] = _how_many(of).ask(place=place, id=id)
    return int(count)


@lru_cache(maxsize=8)
def _how_many(of: str) -> Prepared[tuple[Any, ...]]:
    return totals(_listed(of), of_all=Count("pk"))


@lru_cache(maxsize=8)
def _how_many_newer(of: str) -> Prepared[tuple[Any, ...]]:
    at = Slot("at", DateTimeField())
    after = Q(published_at__gt=at) | Q(published_at=at, pk__gt=Slot("pk", BigIntegerField()))
    return totals(_listed(of).filter(after, published_at__gte=at), newer=Count("pk"))


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of a list, newest first. Pages are numbered from the oldest, so that a full one never changes.

    `number` is None for the front page, which holds the newest full page and what came after it.
    """

    rows: Sequence[Row]
    count: int
    number: int | None
    older: int | None
    newer: int | None
    has_newer: bool


def full_pages(count: int) -> int:
    return count // A_PAGE


def shelf(listing: Listing, number: int | None = None) -> Shelf:
    """The front page of a list, or a full page by its number. Raises Http404 for a page that is not there."""
    count = listing.count()
    full = full_pages(count)
    if number is None:
        shown = count - A_PAGE * max(full - 1, 0)
        return Shelf(listing.newest(shown), count, None, full - 1 if full > 1 else None, None, False)
    if not 1 <= number <= full:
        raise Http404
    first = A_PAGE * (number - 1)  # of the oldest; whichever end is nearer is walked from
    if first <= count // 2:
        found = listing.rows(first, A_PAGE, oldest_first=True)[::-1]
    else:
        found = listing.rows(count - A_PAGE * number, A_PAGE)
    return Shelf(
        found, count, number, number - 1 if number > 1 else None, number + 1 if number < full else None, True
    )


def matters(rows: Sequence[Row]) -> set[str]:
    """What a page with these rows is made of."""
    return {f"document:{row.pk}" for row in rows}


def columns(place: Place) -> list[Column]:
    """The columns of the site, in their order. One query."""
    return together.once(("columns", place.pk), partial(_columns_of, place))


def _columns_of(place: Place) -> list[Column]:
    found = _columns().ask(place=place.pk)
    for column in found:
        column.place = place
    return found


@lru_cache(maxsize=1)
def _columns() -> Prepared[Column]:
    return Prepared(Column.objects.filter(place=Slot("place", CharField())))


def column(place: Place, slug: str) -> Column:
    """A column by its address. Raises Http404."""
    for one in columns(place):
        if one.slug == slug:
            return one
    raise Http404


def statutory(place: Place) -> list[Column]:
    """The columns of the openness platform (政府信息公开), in their order."""
    kinds = ("信息公开指南", "信息公开制度", "信息公开目录", "信息公开年报", "依申请公开")
    return [one for one in columns(place) if one.kind in kinds]


def others(place: Place) -> list[Column]:
    """The other columns of the site."""
    of_openness = statutory(place)
    return [one for one in columns(place) if one not in of_openness]
