"""Who sees which duty, unit and board. What concerns a matter is seen only by those to whom its room opens it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from gongkai.ledger import pages
from gongkai.ledger.models import Matter, Obligation, ObligationQuerySet
from gongkai.letters.actions import ROOM as LETTERS
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
    return rows.filter(_opened(actor, "matter__room", "matter"))


def _opened(actor: Actor, room: str, matter: str) -> Q:
    """Rows of matters that this person may open, and of matters no room has a page for.

    Asked row by row, so that a million other matters cost nothing.
    """
    opened = ~Q(**{f"{room}__in": list(pages.PAGES)})
    for name, page in pages.PAGES.items():
        opened |= Q(Exists(page.opened(actor).filter(matter=OuterRef(matter))), **{room: name})
    return opened


def visible_obligations(actor: Actor) -> QuerySet[Obligation]:
    """Duties at one's place in matters one may open: all for who oversees, leads or audits, else those of letters
    and of one's units.
    """
    rows = Obligation.objects.filter(_opened(actor, "matter__room", "matter"), place=actor.place)
    if sees_all(actor):
        return rows
    return rows.filter(Q(matter__room=LETTERS) | Q(unit__in=actor.all_units))


def visible_matters(actor: Actor) -> QuerySet[Matter]:
    """Matters at one's place one may open, with a duty of one's units where they are no letters."""
    rows = Matter.objects.filter(_opened(actor, "room", "pk"), place=actor.place)
    if sees_all(actor):
        return rows
    mine = Obligation.objects.filter(matter=OuterRef("pk"), unit__in=actor.all_units)
    return rows.filter(Q(room=LETTERS) | Exists(mine))


def visible_units(actor: Actor) -> QuerySet[Unit]:
    """The boards of units: one's own, or every unit of the place."""
    here = Unit.objects.filter(place=actor.place)
    return here if sees_all(actor) else here.filter(pk__in=actor.all_units)


def may_configure(actor: Actor) -> Verdict:
    if actor.may(Power.CONFIGURE):
        return Verdict.yes()
    return Verdict.no("您没有地方设定权限。", remedy="请找本地负责人员与单位管理的人办理。")
