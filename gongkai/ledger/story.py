"""What a page shows of any matter: its duties with their clocks, its facts in order, and whether a click came twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import BigIntegerField, CharField, Max

from gongkai.law import explain as law_explain
from gongkai.ledger import asks, wording
from gongkai.ledger.models import Fact, Matter, Obligation
from gongkai.ledger.vocabulary import KINDS, Kind, says
from gongkai.people.actor import Actor
from gongkai.people.models import Unit
from gongkai.prepared import Prepared, Several, Slot
from gongkai.ui.filters import moment

CLAIMANTS = {
    "writer": "来信人", "lead": "牵头单位", "superior": "上级", "public": "公众", "openness_office": "政务公开主管部门",
    "responsible": "责任单位", "reader": "读者",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty of a matter as a page shows it."""

    clock: asks.Timed
    key: str
    is_soft: bool
    says: str
    face: asks.Face
    cite: str
    is_local: bool
    whom: str
    """Who owes it to whom."""


@dataclass(frozen=True, slots=True)
class Story:
    """What a page shows of any matter: the duty that takes the card and why it is due then, the others, the facts."""

    card: Owed | None
    why: law_explain.Explanation | None
    standing: Sequence[Owed]
    settled: Sequence[Owed]
    events: Sequence[dict[str, Any]]

    @property
    def seen(self) -> int:
        """The mark of how far the story has come."""
        return self.events[0]["id"] if self.events else 0

    @property
    def count(self) -> int:
        """Duties beside the card."""
        return len(self.standing) + len(self.settled)


MATTER = Slot("matter", BigIntegerField())


def story(
    matter: Matter,
    now: datetime,
    *,
    answers: Collection[str] = (),
    bad: Collection[str] = (),
    outside: Collection[str] = (),
) -> Story:
    """A matter told for its page. Three queries at most; `bad` and `outside` as for `timeline`.

    The card is for the most urgent duty that stands, one that must be kept before one that should; where nothing
    stands, for the last of `answers`.
    """
    told, owed = asks.told(matter.pk), duties(matter, now)
    standing = [one for one in owed if one.clock.is_standing]
    settled = [one for one in owed if not one.clock.is_standing]
    timed = sorted((one for one in standing if one.clock.due_at), key=lambda one: one.is_soft)
    given = sorted((one for one in settled if one.clock.duty in answers), key=lambda one: one.clock.opened_at)
    card = timed[0] if timed else given[-1] if given else None
    why = asks.explanation(matter, card.key, told, now) if card else None
    return Story(
        card,
        why,
        [one for one in standing if one is not card],
        [one for one in settled if one is not card],
        timeline(told, bad=bad, outside=outside),
    )


def duties(matter: Matter, now: datetime) -> list[Owed]:
    """Every duty of a matter: what stands first, by its time, then what is settled, the last first. One query."""
    shown = []
    for *clock, key, is_soft, claimant, unit in _owed().ask(matter=matter.pk):
        timed = asks.Timed(*clock)
        duty = asks.duty_of(matter.place_id, timed.duty)
        words, is_local = (duty.says, "within" in duty.local) if duty else (timed.duty, False)
        to = CLAIMANTS.get(claimant)
        whom = " · ".join(filter(None, (unit, f"对{to}" if to else "")))
        cite = asks.cite_of(matter.place_id, timed.duty)
        shown.append(Owed(timed, key, is_soft, words, asks.face(timed, now), cite, is_local, whom))
    standing = [one for one in shown if one.clock.is_standing]
    settled = [one for one in shown if not one.clock.is_standing]
    standing.sort(key=lambda one: (one.clock.due_at is None, one.clock.due_at, one.clock.pk))
    settled.sort(key=lambda one: (one.clock.settled_at or now, one.clock.pk), reverse=True)
    return [*standing, *settled]


@cache
def _owed() -> Prepared[tuple[Any, ...]]:
    rows = Obligation.objects.filter(matter=MATTER).exclude(state="void")
    return Prepared(rows.values_list(*asks.Timed._fields, "key", "is_soft", "claimant", "unit__short_name"))


def timeline(
    told: Sequence[Fact], *, bad: Collection[str] = (), outside: Collection[str] = ()
) -> list[dict[str, Any]]:
    """The facts of a matter, the latest first by when they happened: what, when, who, with what. At most one query.

    `bad` are kinds that go backward, `outside` kinds a citizen brings about.
    """
    found = sorted(told, key=lambda fact: (fact.happened_at, fact.pk), reverse=True)
    codes = wording.codes(found)
    units = dict(_short_names().ask(codes=codes)) if codes else {}
    voided = {fact.corrects_id for fact in found if fact.corrects_id}
    return [
        {
            "id": fact.pk, "at": fact.happened_at, "title": says(fact.kind), "by": _who(fact, outside),
            "text": _details(fact, units),
            "state": "bad" if fact.kind in bad or fact.pk in voided else "now" if n == 0 else "",
        }
        for n, fact in enumerate(found)
    ]  # fmt: skip


@cache
def _short_names() -> Prepared[tuple[str, str]]:
    some = Unit.objects.filter(code__in=Several("codes", CharField()))
    return Prepared(some.order_by().values_list("code", "short_name"))


def _who(fact: Fact, outside: Collection[str]) -> str:
    if fact.by is None:
        return "来信人" if fact.kind in outside else "系统"
    return f"{fact.by.name} · {fact.by_unit.short_name}" if fact.by_unit else fact.by.name


def _details(fact: Fact, units: Mapping[str, str]) -> str:
    """The details of a fact in words, with the reason of a fact that was entered later."""
    kind = KINDS.get(fact.kind)
    parts = []
    for name, label in kind.details.items() if kind else ():
        value = fact.details.get(name)
        if value in (None, "", False) or name in QUIET:
            continue
        word = wording.word(name, value, units)
        if name in ("unit", "party") and fact.by_unit and word == fact.by_unit.short_name:
            continue
        parts.append(word if name in PLAIN else f"{label}：{word}")
    if fact.because:
        parts.append(f"补记于{moment(fact.recorded_at)}：{fact.because}")
    return "；".join(parts)


PLAIN = frozenset({"unit", "party", "reason", "outcome", "name", "number"})
QUIET = wording.CODES | {"figures", "to", "major", "detected_at", "occurred_at"}


def last_fact(matter: Matter) -> int:
    """The mark of how far a matter's story had come when a page was shown."""
    return Fact.objects.filter(matter=matter).aggregate(last=Max("id"))["last"] or 0


def is_done_since(matter: Matter, kinds: Sequence[Kind], seen: int | None, by: Actor) -> bool:
    """True when the same person has recorded such a fact after the page they act from was shown: a second click."""
    if seen is None:
        return False
    names = [kind.name for kind in kinds]
    return Fact.objects.filter(matter=matter, kind__in=names, pk__gt=seen, by=by.staff).exists()
