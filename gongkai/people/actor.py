"""Who acts: a person with the powers their posts give on a day. Who asks "may they" asks an Actor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property

from django.db.models import BigIntegerField, DateField, Exists, OuterRef, Q, QuerySet

from gongkai.people.models import Holding, Leave, Place, Power, Staff, Unit
from gongkai.prepared import Prepared, Slot

WIDE = frozenset({Power.OVERSEE, Power.LEAD, Power.CONFIGURE, Power.ADMINISTER, Power.AUDIT})
APART = ((Power.ADMINISTER, Power.AUDIT),)  # no one person holds both


@dataclass(frozen=True)
class Actor:
    """A person on a day, or the system itself (`staff` None). `powers` maps a power to its units.

    `stands_for` are the A holders who are away and for whom this person acts as B.
    """

    place: Place
    staff: Staff | None = None
    powers: Mapping[str, frozenset[int]] = field(default_factory=dict, hash=False)
    posts: tuple[str, ...] = ()
    home: int | None = None
    on: date | None = None
    stands_for: frozenset[int] = frozenset()

    @classmethod
    def of(cls, staff: Staff, on: date) -> Actor:
        """Read a person's powers for a day, in one query; for a B who acts, in two. B holds while every A of the post is
        on leave.
        """
        powers: dict[str, set[int]] = {}
        posts: list[str] = []
        home: int | None = None
        deputised: list[int] = []
        for unit, unit_name, post, given, rank, pk in _held().ask(staff=staff.pk, on=on):
            home = home or unit
            posts.append(f"{unit_name} {post}")
            if rank == Holding.Rank.B:
                deputised.append(pk)
            for power in given:
                powers.setdefault(power, set()).add(unit)
        units = {power: frozenset(found) for power, found in powers.items()}
        return cls(staff.place, staff, units, tuple(posts), home, on, _away(deputised, on))

    @classmethod
    def system(cls, place: Place) -> Actor:
        """The clock, an import, a citizen's own form: acts without powers of a person."""
        return cls(place)

    @property
    def name(self) -> str:
        return self.staff.name if self.staff else "系统"

    @property
    def is_system(self) -> bool:
        return self.staff is None

    def may(self, power: str, unit: int | None = None) -> bool:
        """True when a post gives the power, in that unit if one is named and the power is not place-wide."""
        units = self.powers.get(power, frozenset())
        return bool(units) and (unit is None or power in WIDE or unit in units)

    def units(self, *powers: str) -> frozenset[int]:
        """Units in which any of the powers hold."""
        return frozenset().union(*(self.powers.get(power, frozenset()) for power in powers))

    @cached_property
    def all_units(self) -> frozenset[int]:
        return frozenset().union(*self.powers.values()) if self.powers else frozenset()


@cache
def _held() -> Prepared[tuple[int, str, str, list[str], str, int]]:
    """Unit, its short name, post, powers, rank and key of the post of each holding that acts, by `staff` and `on`."""
    mine = Holding.objects.filter(staff=Slot("staff", BigIntegerField()))
    held = acting(mine, Slot("on", DateField())).order_by("id")
    return Prepared(
        held.values_list(
            "post__unit", "post__unit__short_name", "post__name", "post__powers", "rank", "post_id"
        )
    )


def _away(posts: list[int], on: date) -> frozenset[int]:
    """The A holders of posts in which B acts. One query, none for no posts."""
    if not posts:
        return frozenset()
    held = Holding.objects.filter(_in_office(on), post__in=posts, rank=Holding.Rank.A)
    return frozenset(held.values_list("staff", flat=True))


def acting(holdings: QuerySet[Holding], on: date | Slot) -> QuerySet[Holding]:
    """The holdings that give their powers on a day: A always, B while every A of the post is on leave."""
    away = Leave.objects.filter(staff=OuterRef("staff"), first_on__lte=on, last_on__gte=on)
    present_a = Holding.objects.filter(post=OuterRef("post"), rank=Holding.Rank.A).filter(
        _in_office(on), ~Exists(away), staff__is_active=True
    )
    return holdings.filter(_in_office(on)).filter(Q(rank=Holding.Rank.A) | ~Exists(present_a))


def holders(unit: Unit, on: date, *powers: str) -> list[Staff]:
    """The active staff whose posts in a unit give them any of the powers on a day."""
    return _with_powers(Holding.objects.filter(post__unit=unit), on, powers)


def holders_at(place: Place, on: date, *powers: str) -> list[Staff]:
    """The active staff of a place whose posts, in whatever unit, give them any of the powers on a day."""
    return _with_powers(Holding.objects.filter(staff__place=place), on, powers)


def stood_in_for(actor: Actor, power: str, unit: int, on: date) -> str:
    """For whom a person acts as B with a power in a unit on a day: the name of A who is away; empty as A."""
    if actor.staff is None:
        return ""
    held = acting(actor.staff.holdings.filter(post__unit=unit), on).select_related("post").order_by("rank")
    with_it = [holding for holding in held if power in holding.post.powers]
    if not with_it or with_it[0].rank == Holding.Rank.A:
        return ""
    away = Holding.objects.filter(_in_office(on), post=with_it[0].post_id, rank=Holding.Rank.A)
    return away.select_related("staff").values_list("staff__name", flat=True).first() or ""


def _with_powers(holdings: QuerySet[Holding], on: date, powers: Iterable[str]) -> list[Staff]:
    wanted = set(powers)
    held = acting(holdings.filter(staff__is_active=True), on).select_related("post", "staff").order_by("id")
    found = {holding.staff_id: holding.staff for holding in held if wanted & set(holding.post.powers)}
    return list(found.values())


def _in_office(on: date | Slot) -> Q:
    return (Q(from_on=None) | Q(from_on__lte=on)) & (Q(until_on=None) | Q(until_on__gt=on))


def must_be_apart(powers: Iterable[str]) -> tuple[str, str] | None:
    """Two powers one person may not hold together, or None."""
    held = set(powers)
    return next(((str(a), str(b)) for a, b in APART if {a, b} <= held), None)
