"""What other packs or another calendar would change in what is written: asked before anybody signs for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from gongkai.ledger import lawbook
from gongkai.ledger.difference import DUTY, STATE, UNIT, Difference, written
from gongkai.ledger.models import Matter, RulesEdition
from gongkai.people.models import Place

DUE = DUTY.index("due_at")
BATCH = 100


@dataclass(frozen=True, slots=True)
class Change:
    """A duty of a matter as it is written and as it would be; a state is empty where there is no such duty."""

    duty: str
    old_due: datetime | None
    due: datetime | None
    old_state: str
    state: str
    old_unit: int | None
    unit: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """Changed matters with their duties, among `seen` that were looked at. `after` is the key of the next page."""

    rows: Sequence[tuple[Matter, Sequence[Change]]]
    seen: int
    after: int | None


@lawbook.proposed()
def affected(place: Place) -> QuerySet[Matter]:
    """Matters folded with other packs or another calendar than those in use, in order."""
    return (
        Matter.objects.filter(place=place).exclude(rules_version=lawbook.version(place.code)).order_by("pk")
    )


@lawbook.proposed()
def changes(matters: Sequence[Matter], now: datetime) -> dict[int, list[Change]]:
    """What would change, by matter, folded at the instant each was last folded: the rules alone make the difference.

    A matter of which only entries would change is there without duties.
    """
    difference = Difference(matters, now)
    found: dict[int, list[Change]] = {}
    for matter in matters:
        before = len(difference.changed)
        folded = difference.fold(matter, matter.folded_at or matter.opened_at)
        if len(difference.changed) > before:
            old = {key: tuple(values) for _pk, key, *values in difference.duties.get(matter.pk, ())}
            new = {
                o.key: written(matter.place_id, o, difference.units.find(matter, o.owner, o.unit))
                for o in folded.obligations
            }
            keys = (key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key))
            found[matter.pk] = [_change(key, old.get(key), new.get(key)) for key in keys]
    return found


def _change(key: str, old: tuple[Any, ...] | None, new: tuple[Any, ...] | None) -> Change:
    was, will = old or (None,) * len(DUTY), new or (None,) * len(DUTY)
    return Change(
        key.partition("#")[0], was[DUE], will[DUE], was[STATE] or "", will[STATE] or "", was[UNIT], will[UNIT]
    )


@lawbook.proposed()
def page(place: Place, now: datetime, *, after: int = 0, rows: int = 20, seen: int = 1_000) -> Page:
    """The changed matters after a key: at most `rows` of them, of at most `seen` looked at."""
    found: list[tuple[Matter, Sequence[Change]]] = []
    looked = 0
    while looked < seen:
        batch = list(affected(place).filter(pk__gt=after)[: min(BATCH, seen - looked)])
        if not batch:
            return Page(found, looked, None)
        changed = changes(batch, now)
        for matter in batch:
            if len(found) == rows:
                return Page(found, looked, after)
            looked, after = looked + 1, matter.pk
            if matter.pk in changed:
                found.append((matter, changed[matter.pk]))
    return Page(found, looked, after if affected(place).filter(pk__gt=after).exists() else None)


@lawbook.proposed()
def is_harmless(place: Place, now: datetime) -> bool:
    """True when nothing that is written would change."""
    after = 0
    while batch := list(affected(place).filter(pk__gt=after)[:BATCH]):
        if changes(batch, now):
            return False
        after = batch[-1].pk
    return True


def edition(place: Place) -> RulesEdition | None:
    """The rules a place adopted last."""
    return RulesEdition.objects.filter(place=place).select_related("by").order_by("-id").first()
