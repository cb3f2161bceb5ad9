"""Questions the pages ask of press: the year's plan, where an event stands, the quota, how far accounts reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone

from gongkai.ledger import asks as ledger
from gongkai.ledger import cycles
from gongkai.ledger.models import Link, Matter, Obligation
from gongkai.people.models import Place, Unit
from gongkai.press.actions import OVERALL
from gongkai.press.models import Account, AccountMonth, PressEvent, Push
from gongkai.press.models.event import PressEventQuerySet

LINE = ("计划", "材料", "审定", "举行", "发布", "归档")
S = PressEvent.Stage
PLACE_ON_LINE = {
    S.PLANNED: 0, S.PREPARED: 1, S.REVIEWING: 2, S.REVIEWED: 3, S.INVITED: 3, S.HELD: 4, S.PUBLISHED: 5, S.CLOSED: 6,
}  # fmt: skip
VIEWS = (
    ("", "全年", Q()),
    ("coming", "还没有举行", Q(stage__in=[S.PLANNED, S.PREPARED, S.REVIEWING, S.REVIEWED, S.INVITED])),
    ("overall", "涉全局例会", Q(is_overall=True)),
    ("interview", "在线访谈", Q(form="在线访谈")),
    ("hot", "热点事件", ~Q(hot="")),
    ("over", "已举行", Q(stage__in=[S.HELD, S.PUBLISHED, S.CLOSED])),
)


def stages(event: PressEvent) -> list[tuple[str, str]]:
    """The line of stages, with where the event stands."""
    if event.stage == S.CANCELLED:
        return [*((word, "next") for word in LINE), ("已取消", "now")]
    here = PLACE_ON_LINE[S(event.stage)]
    return [(word, "done" if n < here else "now" if n == here else "next") for n, word in enumerate(LINE)]


def year_of(events: PressEventQuerySet, year: int) -> PressEventQuerySet:
    """Events held or meant for a year; those without a time by the year of their plan."""
    timed = Q(starts_at__year=year) | Q(held_at__year=year)
    return events.filter(timed | Q(starts_at=None, held_at=None, matter__opened_at__year=year))


def by_month(events: PressEventQuerySet) -> list[tuple[str, list[PressEvent]]]:
    """Events under the months they fall into, the latest first; those without a time at the top. One query."""
    rows = list(events.select_related("matter", "unit"))
    rows.sort(key=lambda one: (one.held_at or one.starts_at or one.matter.opened_at, one.pk), reverse=True)
    rows.sort(key=lambda one: (one.held_at or one.starts_at) is not None)

    def month(event: PressEvent) -> str:
        at = event.held_at or event.starts_at
        return f"{timezone.localtime(at):%Y年}{timezone.localtime(at).month}月" if at else "还没有定时间"

    return [(name, list(found)) for name, found in groupby(rows, key=month)]


def ties(event: PressEvent) -> list[tuple[str, Matter]]:
    """Matters an event is tied to, with the words of the tie. One query each way."""
    found = [
        (tie.get_kind_display(), tie.target)
        for tie in Link.objects.filter(source=event.matter_id).select_related("target")
    ]
    back = Link.objects.filter(target=event.matter_id).select_related("source")
    return found + [(Link.INVERSE[tie.kind], tie.source) for tie in back]


# ---- the quota ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quota:
    """Overall meetings of a unit or of the place in a year: held, planned (what is over was not held), still missing."""

    label: str
    held: int
    planned: int
    wanted: int
    face: ledger.Face | None

    @property
    def missing(self) -> int:
        return max(0, self.wanted - self.held - self.planned)


def quota(place: Place, year: int, now: datetime) -> tuple[list[Quota], str, str]:
    """The quota of a year: rows, how it was read then (place, unit, or empty where no rule asked for it), its article."""
    duty, today = ledger.duty_of(place.code, OVERALL, date(year, 12, 31)), timezone.localdate(now)
    events = year_of(PressEvent.objects.filter(place=place, is_overall=True), year)
    held, planned = Q(held_at__year=year), Q(held_at=None) & ~Q(stage=S.CANCELLED)
    if year < today.year:
        planned = Q(pk=None)
    wanted = duty.at_least if duty else 0
    owed = {
        one.matter.unit_id if one.matter.number.count("-") > 3 else None: one
        for one in Obligation.objects.filter(
            place=place, duty=OVERALL, matter__room=cycles.ROOM, opened_at__year__in=[year - 1, year],
            matter__number__contains=f"-{year}",
        ).select_related("matter")
    }  # fmt: skip
    if duty is None or duty.each != "unit":
        total = events.aggregate(held=Count("pk", filter=held), planned=Count("pk", filter=planned))
        o = owed.get(None)
        row = Quota(place.name, total["held"], total["planned"], wanted, ledger.face(o, now) if o else None)
        return [row], "place" if duty else "", ledger.cite_of(place.code, OVERALL)
    counted: dict[int, dict[str, Any]] = {
        row["unit"]: dict(row)
        for row in events.order_by()
        .values("unit")
        .annotate(held=Count("pk", filter=held), planned=Count("pk", filter=planned))
    }
    rows = []
    for unit in Unit.objects.filter(place=place).bodies(min(today, date(year, 12, 31))):
        one = counted.get(unit.pk, {"held": 0, "planned": 0})
        o = owed.get(unit.pk)
        face = ledger.face(o, now) if o else None
        rows.append(Quota(unit.short_name, one["held"], one["planned"], wanted, face))
    return rows, "unit", ledger.cite_of(place.code, OVERALL)


def quota_years(place: Place, today: date) -> list[int]:
    """The years with a cycle of the quota or an overall meeting, this one and the next among them, the last first."""
    meetings = years(PressEvent.objects.filter(place=place, is_overall=True), today)
    return sorted({*meetings, *cycles.years(place, OVERALL, place.units.all())}, reverse=True)


# ---- accounts ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """An account in a list: when it was last updated, its followers, its clock."""

    account: Account
    last: datetime | None
    followers: int | None
    face: ledger.Face | None

    @property
    def url(self) -> str:
        return reverse("press:account", args=[self.account.code])


def accounts(rows: QuerySet[Account], now: datetime) -> list[Shown]:
    """Accounts with their latest figures and the clock of staying alive. Three queries."""
    found = list(rows.select_related("matter", "unit"))
    pks = [one.matter_id for one in found]
    owed = {
        o.matter_id: o
        for o in Obligation.objects.standing().filter(matter__in=pks, duty="account.stay_active")
    }
    newest: dict[int, int] = {}
    months = AccountMonth.objects.filter(account__in=found).order_by("month")
    for account, followers in months.values_list("account", "followers"):
        newest[account] = followers
    told = dict(
        Matter.objects.filter(pk__in=pks).annotate(
            last=Max("facts__happened_at", filter=Q(facts__kind="account.updated"))
        ).values_list("pk", "last")
    )  # fmt: skip
    return [
        Shown(
            one, told.get(one.matter_id), newest.get(one.pk),
            ledger.face(owed[one.matter_id], now) if one.matter_id in owed else None,
        )
        for one in found
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opening:
    """How far a unit has opened accounts, and whom its posts reached."""

    unit: Unit
    active: int
    platforms: int
    followers: int
    sent: int
    reads: int


def opening(place: Place, now: datetime) -> tuple[list[Opening], int]:
    """Accounts and reach by unit over the last year, and how many units have at least one active account. Four queries."""
    units = list(Unit.objects.filter(place=place).bodies(timezone.localdate(now)))
    active = Account.objects.filter(place=place, stage=Account.Stage.ACTIVE)
    opened = {
        row["unit"]: row
        for row in active.order_by()
        .values("unit")
        .annotate(n=Count("pk"), p=Count("platform", distinct=True))
    }
    followers: dict[int, int] = {}
    latest: dict[int, tuple[int, int]] = {}
    months = AccountMonth.objects.filter(account__in=active).order_by("month")
    for account, unit, count in months.values_list("account", "account__unit", "followers"):
        latest[account] = (unit, count)
    for unit, count in latest.values():
        followers[unit] = followers.get(unit, 0) + count
    year = now - timedelta(days=365)
    reached = {
        row["account__unit"]: row
        for row in Push.objects.filter(account__place=place, sent_at__gte=year)
        .order_by().values("account__unit").annotate(n=Count("pk"), r=Sum("reads"))
    }  # fmt: skip
    none: dict[str, Any] = {"n": 0, "p": 0, "r": 0}
    rows = [
        Opening(
            unit, opened.get(unit.pk, none)["n"], opened.get(unit.pk, none)["p"], followers.get(unit.pk, 0),
            reached.get(unit.pk, none)["n"], reached.get(unit.pk, none)["r"] or 0,
        )
        for unit in units
    ]  # fmt: skip
    return rows, sum(1 for row in rows if row.active)


def years(events: PressEventQuerySet, today: date) -> Sequence[int]:
    """The years there is something to show of, this one and the next among them."""
    found = {today.year, today.year + 1}
    found |= {day.year for day in events.exclude(starts_at=None).dates("starts_at", "year")}
    return sorted(found)
