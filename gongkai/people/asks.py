"""Questions about people: who holds a post today, who stands in, who is on duty, when nobody is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from gongkai.people.models import Holding, Leave, Place, Post, Power, Staff, Unit, Watch

Interval = tuple[datetime, datetime]


@dataclass(frozen=True)
class Branch:
    """A unit and how deep it stands under its superiors, 0 for the top."""

    unit: Unit
    depth: int

    @property
    def indent(self) -> str:
        return "　" * self.depth


def tree(units: Iterable[Unit]) -> list[Branch]:
    """Lay units out with their parts below them. A unit whose superior is not given stands at the top."""
    given = list(units)
    known = {unit.pk for unit in given}
    parts: dict[int | None, list[Unit]] = defaultdict(list)
    for unit in given:
        parts[unit.superior_id if unit.superior_id in known else None].append(unit)

    def branches(superior: int | None, depth: int) -> list[Branch]:
        return [
            branch
            for unit in parts.get(superior, [])
            for branch in (Branch(unit, depth), *branches(unit.pk, depth + 1))
        ]

    return branches(None, 0)


@dataclass(frozen=True)
class Holder:
    """Somebody who holds a post today. `away` is their leave; `acts` says whether its powers are theirs now,
    which A keeps while away.
    """

    holding: Holding
    away: Leave | None
    acts: bool

    @property
    def staff(self) -> Staff:
        return self.holding.staff

    @property
    def is_a(self) -> bool:
        return self.holding.rank == Holding.Rank.A


@dataclass(frozen=True)
class PostToday:
    """A post and its holders on a day, A before B."""

    post: Post
    holders: tuple[Holder, ...]

    @property
    def powers(self) -> list[str]:
        """The names of the powers, in the order of `Power`."""
        return [power.label for power in Power if power in self.post.powers]

    @property
    def stand_ins(self) -> list[Holder]:
        """The B holders who act because no A is there."""
        return [one for one in self.holders if one.acts and not one.is_a]

    @property
    def is_vacant(self) -> bool:
        """Nobody who has the powers of the post is there today."""
        return not any(one.acts and one.away is None for one in self.holders)

    def of(self, staff: Staff) -> Holder | None:
        return next((one for one in self.holders if one.staff.pk == staff.pk), None)


def parts_of(place: Place, on: date) -> list[str]:
    """What the parts of a place are called on a day: its counties, its townships and streets. Two queries."""
    counties = Place.objects.filter(parent=place).values_list("name", flat=True)
    townships = Unit.objects.filter(place=place, kind=Unit.Kind.TOWNSHIP).bodies(on)
    return sorted({*counties, *townships.values_list("short_name", flat=True)})


def posts_on(posts: QuerySet[Post], on: date) -> list[PostToday]:
    """Say who holds each post on a day and who acts: every A, and every B while no A is there. Three queries.

    Somebody whose account is off counts as not there, as in `Actor.of`.
    """
    found = list(posts.select_related("unit"))
    holdings = list(
        Holding.objects.in_force(on).filter(post__in=found).select_related("staff").order_by("rank", "id")
    )
    leaves = {
        leave.staff_id: leave
        for leave in Leave.objects.on(on).filter(staff__in={h.staff_id for h in holdings})
    }
    held: dict[int, list[Holding]] = defaultdict(list)
    for holding in holdings:
        held[holding.post_id].append(holding)

    def holders(post: Post) -> tuple[Holder, ...]:
        mine = held[post.pk]
        a_there = any(
            h.rank == Holding.Rank.A and h.staff.is_active and h.staff_id not in leaves for h in mine
        )
        return tuple(
            Holder(h, leaves.get(h.staff_id), h.staff.is_active and (h.rank == Holding.Rank.A or not a_there))
            for h in mine
        )

    return [PostToday(post, holders(post)) for post in found]


def holders_of(place: Place, power: str, on: date) -> list[Staff]:
    """People with an account that works whose posts at a place give a power on a day, A or B."""
    holdings = Holding.objects.in_force(on).filter(post__unit__place=place, staff__is_active=True)
    held = holdings.select_related("staff", "post").order_by("id")
    return list({h.staff_id: h.staff for h in held if power in h.post.powers}.values())


@dataclass(frozen=True)
class DutyDay:
    """A day of the roster with the watches that begin on it, and on the first day those that run into it."""

    on: date
    watches: tuple[Watch, ...]


@dataclass(frozen=True)
class DutyWeek:
    """Seven days of a roster from Monday, and the stretches from now on when nobody is on duty."""

    days: tuple[DutyDay, ...]
    gaps: tuple[Interval, ...]

    @property
    def monday(self) -> date:
        return self.days[0].on

    @property
    def before(self) -> date:
        return self.monday - timedelta(days=7)

    @property
    def after(self) -> date:
        return self.monday + timedelta(days=7)


def duty_week(watches: QuerySet[Watch], day: date, now: datetime) -> DutyWeek:
    """Lay out the week in which `day` lies, in local time. Gaps that are over by `now` are not named."""
    monday = day - timedelta(days=day.weekday())
    since, until = _midnight(monday), _midnight(monday + timedelta(days=7))
    found = list(watches.filter(starts_at__lt=until, ends_at__gt=since).select_related("unit", "staff"))
    begun: dict[date, list[Watch]] = defaultdict(list)
    for watch in found:
        begun[max(monday, timezone.localdate(watch.starts_at))].append(watch)
    days = (monday + timedelta(days=n) for n in range(7))
    return DutyWeek(
        tuple(DutyDay(on, tuple(begun[on])) for on in days),
        tuple(gaps([(w.starts_at, w.ends_at) for w in found], max(since, now), until)),
    )


def gaps(covered: Sequence[Interval], since: datetime, until: datetime) -> list[Interval]:
    """Return the stretches between `since` and `until` that no interval covers, in order."""
    found = []
    reached = since
    for start, end in sorted(covered):
        if start > reached:
            found.append((reached, min(start, until)))
        reached = max(reached, end)
        if reached >= until:
            break
    if reached < until:
        found.append((reached, until))
    return [(start, end) for start, end in found if start < end]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))
