"""Who sees which duty, unit and board. What concerns a letter is seen only by those who may open the letter."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from gongkai.ledger.models import Matter, Obligation, ObligationQuerySet
from gongkai.letters import policy as letters
from gongkai.people.actor import Actor
from gongkai.people.models import Power, Unit
from gongkai.ui.refusal import Verdict

WORKING = (Power.RECEIVE, Power.ASSIGN, Power.HANDLE, Power.SIGN, Power.PROTECT, Power.OVERSEE)
OWING = (
    *WORKING,
    Power.DRAFT,
    Power.OPENNESS,
    Power.SECRECY,
    Power.APPROVE,
    Power.HEAD,
    Power.LEGAL,
    Power.PUBLISH,
)
OVER_ALL = (Power.OVERSEE, Power.LEAD, Power.AUDIT)  # who sees the whole place


def sees_all(actor: Actor) -> bool:
    return any(actor.may(power) for power in OVER_ALL)


def own_units(actor: Actor) -> frozenset[int]:
    """Units in which a post of theirs works on what is owed."""
    return actor.units(*WORKING)


def owed_by(actor: Actor) -> ObligationQuerySet:
    """What the units of one's posts owe, of what one may open. Minimum periods are nothing to be done."""
    rows = Obligation.objects.standing().filter(unit__in=actor.units(*OWING), is_minimum=False)
    if sees_all(actor):
        return rows
    return rows.filter(Q(matter__letter=None) | _of_open_letters(actor, "matter"))


def _of_open_letters(actor: Actor, matter: str) -> Exists:
    """Rows whose letter this person may open; asked row by row, so that a million other letters cost nothing."""
    return Exists(letters.visible_to(actor).filter(matter=OuterRef(matter)))


def visible_obligations(actor: Actor) -> QuerySet[Obligation]:
    """Duties at one's place: all for who oversees, leads or audits, else those of one's letters and units."""
    here = Obligation.objects.filter(place=actor.place)
    if sees_all(actor):
        return here
    mine = Q(matter__letter=None, unit__in=actor.all_units)
    return here.filter(mine | _of_open_letters(actor, "matter"))


def visible_matters(actor: Actor) -> QuerySet[Matter]:
    """Matters at one's place with a duty one may see."""
    here = Matter.objects.filter(place=actor.place)
    if sees_all(actor):
        return here
    mine = Q(letter=None, obligations__unit__in=actor.all_units)
    return here.filter(mine | _of_open_letters(actor, "pk")).distinct()


def visible_units(actor: Actor) -> QuerySet[Unit]:
    """The boards of units: one's own, or every unit of the place."""
    here = Unit.objects.filter(place=actor.place)
    return here if sees_all(actor) else here.filter(pk__in=actor.all_units)


def may_configure(actor: Actor) -> Verdict:
    if actor.may(Power.CONFIGURE):
        return Verdict.yes()
    return Verdict.no("您没有地方设定权限。", remedy="请找本地负责人员与单位管理的人办理。")
