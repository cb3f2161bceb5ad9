"""What the government owed in a month and how it kept it, as it is now or as it was known on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from statistics import median
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from gongkai.ledger import asks, lawbook
from gongkai.ledger.asks import Kept, Load
from gongkai.ledger.models import Obligation
from gongkai.people.models import Place, Unit
from gongkai.portal.terms import Term, terms

MONTHS_BACK = 12
FEW = 10  # below that a share says nothing
NOBODY = "还没有分给承办单位"
SAMPLE = 5_000  # the newest settled duties a median is taken of
TEN_MINUTES = 600


# ---- months --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of Chinese time, by its first day."""

    first: date

    @property
    def since(self) -> datetime:
        return midnight(self.first)

    @property
    def until(self) -> datetime:
        return midnight(self.following.first)

    @property
    def following(self) -> Month:
        return Month((self.first + timedelta(days=32)).replace(day=1))

    @property
    def previous(self) -> Month:
        return Month((self.first - timedelta(days=1)).replace(day=1))

    @property
    def id(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def label(self) -> str:
        return f"{self.first.year}年{self.first.month}月"

    @property
    def short(self) -> str:
        return f"{self.first.month}月"


def month_of(now: datetime) -> Month:
    return Month(timezone.localtime(now).date().replace(day=1))


def months(now: datetime) -> list[Month]:
    """This month and those before it, newest first."""
    found = [month_of(now)]
    while len(found) <= MONTHS_BACK:
        found.append(found[-1].previous)
    return found


def midnight(day: date) -> datetime:
    """The first instant of a day in Chinese time."""
    return datetime.combine(day, time.min, timezone.get_current_timezone())


# ---- lines ---------------------------------------------------------------------------------------------

FACES = ("late", "today", "soon", "ample")


@dataclass(frozen=True, slots=True)
class Line:
    """One duty or one unit: what fell due and how it was kept, and what stands open now."""

    label: str
    kept: Kept
    load: Load
    term: Term | None = None

    @property
    def live(self) -> list[tuple[str, int]]:
        """What stands open by urgency, without zeros."""
        return [(face, getattr(self.load, face)) for face in FACES if getattr(self.load, face)]

    @property
    def share(self) -> str:
        """Kept on time, in per cent; of few cases the counts alone are said."""
        return f"{self.kept.share:.0%}" if self.kept.share is not None and self.kept.due >= FEW else "—"


@dataclass(frozen=True, slots=True)
class Account:
    """What a place owed in a month, by duty and by unit."""

    month: Month
    until: datetime
    known_at: datetime | None
    duties: list[Line]
    units: list[Line]

    @property
    def total(self) -> Kept:
        return total(self.duties)

    @property
    def load(self) -> Load:
        return open_total(self.duties)

    @property
    def outside_total(self) -> Kept:
        return total(self.outside)

    @property
    def outside(self) -> list[Line]:
        return [line for line in self.duties if line.term and line.term.is_for_people]

    @property
    def inside(self) -> list[Line]:
        return [line for line in self.duties if not (line.term and line.term.is_for_people)]


def total(lines: Iterable[Line]) -> Kept:
    return _sum(line.kept for line in lines)


def open_total(lines: Iterable[Line]) -> Load:
    return _total(line.load for line in lines)


def account(place: Place, month: Month, now: datetime, known_at: datetime | None = None) -> Account:
    """The account of a month up to now; as it was known at an instant when one is given. Five queries."""
    until = min(month.until, known_at or now)
    rows = asks.at_place(place)
    load = {} if known_at else asks.load(rows, now, ("duty", "unit_id"))
    counted = (
        asks.kept_as_of(rows, month.since, until, known_at, ("duty", "unit_id"))
        if known_at
        else asks.kept(rows, month.since, until, ("duty", "unit_id"))
    )
    known = terms(place.code)
    return Account(month, until, known_at, _by_duty(counted, load, known), _by_unit(counted, load))


def accounts(place: Place, some: Iterable[Month], now: datetime) -> list[Account]:
    """The accounts of months up to now, put together when a fact is new or the minute is another. One query, or more."""
    mark = asks.mark(now)
    return [_account(place, month, now.replace(second=0, microsecond=0), mark) for month in some]


@lru_cache(maxsize=64)
def _account(place: Place, month: Month, now: datetime, _mark: object) -> Account:
    return account(place, month, now)


def _by_duty(counted: Mapping[Any, Kept], load: Mapping[Any, Load], known: Mapping[str, Term]) -> list[Line]:
    kept, open_ = _gathered(counted, 0), _gathered(load, 0)
    lines = [
        Line(known[id].says if id in known else id, _sum(kept[id]), _total(open_[id]), known.get(id))
        for id in dict.fromkeys([*known, *kept, *open_])
    ]
    shown = [line for line in lines if line.kept.due or line.kept.soft_missed or line.load.total]
    return sorted(shown, key=lambda line: -line.kept.due - line.load.total)


def _by_unit(counted: Mapping[Any, Kept], load: Mapping[Any, Load]) -> list[Line]:
    kept, open_ = _gathered(counted, 1), _gathered(load, 1)
    ids = dict.fromkeys([*kept, *open_])
    names = dict(Unit.objects.filter(pk__in=[id for id in ids if id]).values_list("pk", "short_name"))
    lines = [Line(names.get(id, NOBODY), _sum(kept[id]), _total(open_[id])) for id in ids]
    return sorted(lines, key=lambda line: (-line.kept.due, -line.load.total, line.label))


def _gathered(rows: Mapping[Any, Any], at: int) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for key, row in rows.items():
        found[key[at]].append(row)
    return found


def _sum(rows: Iterable[Kept]) -> Kept:
    return Kept(
        *map(sum, zip(*((k.due, k.met, k.late, k.made_good, k.soft_missed) for k in rows), strict=True))
    )


def _total(rows: Iterable[Load]) -> Load:
    return Load(*map(sum, zip(*((x.late, x.today, x.soon, x.ample) for x in rows), strict=True)))


# ---- how long things take ------------------------------------------------------------------------------


def taken(place: Place, now: datetime) -> dict[str, float]:
    """The median working days a duty took over the last year, by duty. Kept for ten minutes."""
    key = f"portal:taken:{place.code}"
    found: dict[str, float] | None = cache.get(key)
    if found is None:
        found = dict(_medians(place, now))
        cache.set(key, found, TEN_MINUTES)
    return found


def _medians(place: Place, now: datetime) -> Iterator[tuple[str, float]]:
    calendar = lawbook.calendar(place.code)
    settled = (
        asks.at_place(place)
        .filter(due_at__gte=now - timedelta(days=365), settled_at__isnull=False)
        .filter(state__in=[Obligation.States.MET, Obligation.States.MET_LATE])
        .order_by("-due_at")
        .values_list("duty", "opened_at", "settled_at")[:SAMPLE]
    )
    days: dict[str, list[int]] = defaultdict(list)
    for duty, opened, ended in settled:
        first, last = timezone.localdate(opened), timezone.localdate(ended)
        days[duty].append(calendar.working_days_between(first, last))
    return ((duty, median(counts)) for duty, counts in days.items())
