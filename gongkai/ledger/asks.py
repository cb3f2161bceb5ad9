"""Questions asked of the ledger: may this happen, what is owed, why then, what was known when, how it was kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Count, Exists, OuterRef, Q, QuerySet

from gongkai.law import explain as law_explain
from gongkai.law import fold as law
from gongkai.law.calendar import SHANGHAI
from gongkai.law.clock import Unit as ClockUnit
from gongkai.law.clock import left_zh
from gongkai.law.pack import Duty
from gongkai.law.pack import holds as law_holds
from gongkai.law.rules import Rules
from gongkai.ledger import clock, lawbook
from gongkai.ledger.actions import as_law
from gongkai.ledger.models import Entry, Fact, Matter, Obligation
from gongkai.ledger.vocabulary import KINDS
from gongkai.people.models import Place
from gongkai.prepared import Prepared, Slot, era
from gongkai.ui.refusal import Verdict


def folded(matter: Matter, now: datetime, known_at: datetime | None = None) -> law.Folded:
    """The fold of a matter as it stands, or as it was known at an instant."""
    facts = map(as_law, Fact.objects.filter(matter=matter).order_by("id"))
    calendar = lawbook.calendar(matter.place_id)
    return law.fold(facts, lawbook.rules(matter.place_id), calendar, now, known_at=known_at)


def may_happen(
    matter: Matter, kind: str, at: datetime, details: Mapping[str, Any], state: law.Folded | None = None
) -> Verdict:
    """What the rules say to an act before it is done: minimum periods and the limits of extensions."""
    state = state or folded(matter, at)
    merged = {**state.details, **details}
    calendar = lawbook.calendar(matter.place_id)
    for o in state.obligations:
        if not o.is_standing:
            continue
        if o.duty.must_not == kind and (earliest := law.earliest_of(o, merged, calendar)) and at < earliest:
            return Verdict.no(
                f"还没有到最短期限，最早 {law_explain.end_zh(earliest)}",
                cite=cite_of(matter.place_id, o.duty),
            )
        if o.duty.extend and any(t.fact == kind for t in o.duty.extend.on):
            if refusal := law.extension_refused(o, o.duty.extend, details, at):
                return Verdict.no(refusal, cite=cite_of(matter.place_id, o.duty))
    return Verdict.yes()


Check = Callable[[Mapping[str, Any]], bool]
CHECKS: dict[str, Check] = {}


def provides(name: str) -> Callable[[Check], Check]:
    """Register a named check that gates of packs may ask for; it reads the details of the case."""

    def register(check: Check) -> Check:
        CHECKS[name] = check
        return check

    return register


def provide(checks: Mapping[str, str]) -> None:
    """Register the named checks of a room that each read one detail of the case: name of the check, name of the detail."""
    for name, detail in checks.items():
        provides(name)(partial(_holds, detail))


def _holds(detail: str, case: Mapping[str, Any]) -> bool:
    return bool(case.get(detail))


@dataclass(frozen=True, slots=True)
class Closed:
    """A gate that is closed for a case: why, under which article, and whether the thing may or must go back."""

    id: str
    says: str
    cite: str
    effect: str

    @property
    def must_return(self) -> bool:
        return self.effect == "must_return"


def closed_gates(place: str, act: str, details: Mapping[str, Any]) -> list[Closed]:
    """Every gate of an act that is closed, in the order of the packs."""
    rules = lawbook.rules(place)
    found = []
    for gate in rules.gates_of(act, details):
        if not all(CHECKS[need](details) for need in gate.needs):
            pack = rules.pack_with("gates", gate.id)
            cite = f"《{pack.head.title}》{gate.cite}" if pack else gate.cite
            found.append(Closed(gate.id, gate.says, cite, gate.effect))
    return found


def gates(place: str, act: str, details: Mapping[str, Any]) -> Verdict:
    """What the packs' gates say to an act: the first that is closed refuses, with its article.

    A gate that only allows a return (可以退文) refuses nothing.
    """
    shut = next((one for one in closed_gates(place, act, details) if one.effect != "may_return"), None)
    return Verdict.no(shut.says, cite=shut.cite) if shut else Verdict.yes()


@dataclass(frozen=True, slots=True)
class Chain:
    """Whose signatures a thing needs, in order: (what the step is called, whose it is)."""

    id: str
    says: str
    cite: str
    steps: tuple[tuple[str, str], ...]
    different_persons: bool
    may_override: bool


def chain(place: str, of: str, details: Mapping[str, Any]) -> Chain | None:
    """The chain of signatures for a kind of thing at a place: the nearest pack's; steps whose condition fails are left out."""
    rules = lawbook.rules(place)
    for pack in reversed(rules.packs):
        for found in pack.reviews.values():
            if of in found.of:
                steps = tuple((step.says, step.by) for step in found.step if law_holds(step.when, details))
                override = bool(found.override and found.override.allowed)
                cite = f"《{pack.head.title}》{found.cite}"
                return Chain(found.id, found.says, cite, steps, found.different_persons, override)
    return None


def route(place: str, id: str, details: Mapping[str, Any]) -> tuple[str, str, str]:
    """Whom a route names, in what words, under which article; empty words when no case holds."""
    rules = lawbook.rules(place)
    for pack, found in rules.routes.get(id, ()):
        for case in found.case:
            if law_holds(case.when, details):
                return case.lead, case.says, f"《{pack.head.title}》{case.cite}"
    return "", "", ""


def route_with(place: str, id: str, details: Mapping[str, Any]) -> tuple[str, ...]:
    """Who stands beside whom a route names, by the words packs use for units' duties."""
    for _pack, found in lawbook.rules(place).routes.get(id, ()):
        for case in found.case:
            if law_holds(case.when, details):
                return case.with_
    return ()


def cite_of(place: str, duty: Duty | str, on: datetime | None = None) -> str:
    """The article behind a duty, with the title of its regulation."""
    rules = lawbook.rules(place)
    id = duty if isinstance(duty, str) else duty.id
    if id not in rules.duties:
        return ""
    cite = duty.cite if isinstance(duty, Duty) else _current(place, id).cite
    return f"《{rules.pack_of(id).head.title}》{cite}"


def _current(place: str, id: str) -> Duty:
    return _latest(lawbook.rules(place), id)


@lru_cache(maxsize=1024)
def _latest(rules: Rules, id: str) -> Duty:
    rule = rules.duties[id]
    duty = rule.at(rule.boundaries[-1], _FAR)
    if duty is None:  # a rule that ended: its last words
        duty = next(d for d in (rule.at(b, _FAR) for b in reversed(rule.boundaries)) if d)
    return duty


_FAR = datetime(9999, 1, 1, tzinfo=SHANGHAI)


def duty_of(place: str, id: str, on: date | None = None) -> Duty | None:
    """A duty in its latest version, or the one of a day: its wording, article and local keys."""
    rules = lawbook.rules(place)
    if id not in rules.duties:
        return None
    return _current(place, id) if on is None else rules.duties[id].at(on, _FAR)


def runs_by_night(place: str, id: str) -> bool:
    """Whether a duty is counted in hours or minutes, which nights and holidays do not stop."""
    duty = duty_of(place, id)
    units = {span.unit for span in duty.within.spans().values()} if duty and duty.within else set()
    return bool(units) and units <= {ClockUnit.HOUR, ClockUnit.MINUTE}


def says_of(place: str, id: str) -> str:
    """What a duty asks, in the words shown to the person who owes it."""
    duty = duty_of(place, id)
    return duty.says if duty else id


def cite_of_list(place: str, id: str) -> str:
    """The article behind a category list, with the title of its regulation."""
    rules = lawbook.rules(place)
    pack = rules.pack_with("lists", id)
    return f"《{pack.head.title}》{rules.lists[id].cite}" if pack else ""


def mark(now: datetime) -> tuple[int, int, int]:
    """What figures of matters hang on: the last fact and the minute. One query, whatever was recorded."""
    return era(), lawbook.newest().fact, int(now.timestamp()) // 60


def told(matter: int) -> list[Fact]:
    """The facts of a matter with who recorded them, the oldest first. One query."""
    return _told().ask(matter=matter)


@cache
def _told() -> Prepared[Fact]:
    facts = Fact.objects.filter(matter=Slot("matter", BigIntegerField())).select_related("by", "by_unit")
    columns = [field.name for field in Fact._meta.concrete_fields]
    return Prepared(facts.only(*columns, "by__name", "by_unit__short_name").order_by("id"))


def explanations(
    matter: Matter, now: datetime, known_at: datetime | None = None
) -> dict[str, law_explain.Explanation]:
    """Why each duty of a matter is due when it is, by key. One query."""
    facts = told(matter.pk)
    state = _as_told(matter, facts, now, known_at)
    return {o.key: _explained(o, matter, facts) for o in state.obligations}


def explanation(
    matter: Matter, key: str, facts: Sequence[Fact], now: datetime
) -> law_explain.Explanation | None:
    """Why one duty of a matter is due when it is, from the facts told. No query."""
    state = _as_told(matter, facts, now, None)
    return next((_explained(o, matter, facts) for o in state.obligations if o.key == key), None)


def _as_told(matter: Matter, facts: Sequence[Fact], now: datetime, known_at: datetime | None) -> law.Folded:
    rules, calendar = lawbook.rules(matter.place_id), lawbook.calendar(matter.place_id)
    return law.fold(map(as_law, facts), rules, calendar, now, known_at=known_at)


def _explained(o: law.Obligation, matter: Matter, facts: Sequence[Fact]) -> law_explain.Explanation:
    words = {name: kind.says for name, kind in KINDS.items()}
    pack, calendar = lawbook.rules(matter.place_id).pack_of(o.duty.id), lawbook.calendar(matter.place_id)
    return law_explain.explain(o, pack, {fact.pk: as_law(fact) for fact in facts}, calendar, words)


# ---- how a clock looks -----------------------------------------------------------------------------------------


class Face(NamedTuple):
    """A clock as shown: kind (ample soon today late met metlate prov paused), its word and what is left."""

    kind: str
    word: str
    left: str


WORDS = {
    "ample": "充裕", "soon": "将到期", "today": "今日到期", "late": "已逾期", "met": "已按时办结",
    "metlate": "逾期办结", "prov": "暂定", "paused": "暂停计时", "lapsed": "不再需要",
}  # fmt: skip


class Standing(NamedTuple):
    """A duty that stands, of whose row a list read no more than its face needs."""

    place_id: str
    duty: str
    state: str
    is_paused: bool
    is_provisional: bool
    due_at: datetime
    is_standing: bool = True


class Timed(NamedTuple):
    """A duty of which a list read what tells the clocks of a case apart: by the names of the model."""

    matter_id: int
    pk: int
    place_id: str
    duty: str
    state: str
    opened_at: datetime
    due_at: datetime | None
    settled_at: datetime | None
    is_paused: bool
    is_provisional: bool
    is_minimum: bool

    @property
    def is_standing(self) -> bool:
        return self.settled_at is None and self.state in law.STANDING


def face(o: Obligation | Standing | Timed, now: datetime) -> Face:
    """The face of an obligation at an instant. No query."""
    if o.state == law.State.MET:
        return Face("met", WORDS["met"], "")
    if o.state == law.State.MET_LATE:
        return Face("metlate", WORDS["metlate"], "")
    if not o.is_standing:
        return (
            Face("late", WORDS["late"], "")
            if o.state == law.State.BREACHED
            else Face("met", WORDS["lapsed"], "")
        )
    if o.is_paused:
        return Face("paused", WORDS["paused"], "")
    if o.due_at is None:
        return Face("ample", WORDS["ample"], "未定时限")
    unit = _unit_of(lawbook.rules(o.place_id), o.duty)
    left = left_zh(now, o.due_at, unit, lawbook.calendar(o.place_id))
    if o.due_at <= now:
        return Face("late", WORDS["late"], left)
    if o.is_provisional:
        return Face("prov", WORDS["prov"], left)
    tonight, soon = horizons(now)
    kind = "today" if o.due_at <= tonight else "soon" if o.due_at <= soon else "ample"
    return Face(kind, WORDS[kind], left)


@lru_cache(maxsize=16)
def horizons(now: datetime) -> tuple[datetime, datetime]:
    """Until when a duty is due today, and until when soon: the coming midnight, and two days more."""
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + _DAY, midnight + 3 * _DAY


@lru_cache(maxsize=1024)
def _unit_of(rules: Rules, id: str) -> ClockUnit:
    duty = _latest(rules, id) if id in rules.duties else None
    if duty and duty.within:
        spans = list(duty.within.spans().values())
        if spans:
            return spans[0].unit
    return ClockUnit.DAY


# ---- how duties were kept --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """How duties that fell due in a period were kept. `due` counts firm duties; soft ones are counted apart."""

    due: int = 0
    met: int = 0
    late: int = 0
    made_good: int = 0
    soft_missed: int = 0

    @property
    def share(self) -> float | None:
        return self.met / self.due if self.due else None


def kept(
    rows: QuerySet[Obligation], since: datetime, until: datetime, by: Sequence[str] = ("duty",)
) -> dict[tuple[Any, ...], Kept]:
    """Kept and missed duties whose time came in a period, grouped; one query."""
    met, late = Q(state=law.State.MET), Q(breached_at__isnull=False)
    counted = (
        rows.filter(is_minimum=False, due_at__gte=since, due_at__lt=until)
        .exclude(state__in=[law.State.LAPSED, law.State.VOID])
        .order_by()
        .values(*by)
        .annotate(
            met=Count("id", filter=met & Q(is_soft=False)),
            late=Count("id", filter=late & Q(is_soft=False)),
            made_good=Count("id", filter=Q(state=law.State.MET_LATE, is_soft=False)),
            soft_met=Count("id", filter=met & Q(is_soft=True)),
            soft_missed=Count("id", filter=late & Q(is_soft=True)),
        )
    )
    return {
        tuple(row[name] for name in by): Kept(
            row["met"] + row["late"], row["met"], row["late"], row["made_good"], row["soft_missed"]
        )
        for row in counted
    }


def kept_as_of(
    rows: QuerySet[Obligation], since: datetime, until: datetime, at: datetime, by: Sequence[str] = ("duty",)
) -> dict[tuple[Any, ...], Kept]:
    """As `kept`, by the entries written until an instant. One query.

    An entry that was undone later still stood then. Due dates are those of today: earlier ones are not entries.
    """

    def stood(what: str) -> Exists:
        undone = Entry.objects.filter(undoes=OuterRef("pk"), recorded_at__lte=at)
        lines = Entry.objects.filter(
            matter=OuterRef("matter"), key=OuterRef("key"), what=what, recorded_at__lte=at
        )
        return Exists(lines.exclude(Exists(undone)))

    late, met = Q(was_late=True), Q(was_met=True, was_late=False)
    counted = (
        rows.filter(is_minimum=False, due_at__gte=since, due_at__lt=until)
        .annotate(
            was_late=stood(Entry.Whats.BREACHED),
            was_met=stood(Entry.Whats.MET),
            was_made_good=stood(Entry.Whats.MET_LATE),
        )
        .order_by()
        .values(*by)
        .annotate(
            met=Count("id", filter=met & Q(is_soft=False)),
            late=Count("id", filter=late & Q(is_soft=False)),
            made_good=Count("id", filter=late & Q(was_made_good=True, is_soft=False)),
            soft_missed=Count("id", filter=late & Q(is_soft=True)),
        )
    )
    return {
        tuple(row[name] for name in by): Kept(
            row["met"] + row["late"], row["met"], row["late"], row["made_good"], row["soft_missed"]
        )
        for row in counted
    }


@dataclass(frozen=True, slots=True)
class Load:
    """What stands open: late, today, soon, ample."""

    late: int = 0
    today: int = 0
    soon: int = 0
    ample: int = 0

    @property
    def total(self) -> int:
        return self.late + self.today + self.soon + self.ample


def load(
    rows: QuerySet[Obligation], now: datetime, by: Sequence[str] = ("duty",)
) -> dict[tuple[Any, ...], Load]:
    """Open duties by urgency, grouped, by the same horizons as `face`; one query."""
    tonight, soon = horizons(now)
    counted = (
        rows.standing()  # type: ignore[attr-defined]
        .filter(is_minimum=False)
        .order_by()
        .values(*by)
        .annotate(
            late=Count("id", filter=Q(due_at__lte=now)),
            today=Count("id", filter=Q(due_at__gt=now, due_at__lte=tonight)),
            soon=Count("id", filter=Q(due_at__gt=tonight, due_at__lte=soon)),
            ample=Count("id", filter=Q(due_at__gt=soon) | Q(due_at=None)),
        )
    )
    return {
        tuple(row[name] for name in by): Load(row["late"], row["today"], row["soon"], row["ample"])
        for row in counted
    }


_DAY = timedelta(days=1)


def at_place(place: Place) -> QuerySet[Obligation]:
    return Obligation.objects.filter(place=place)


# ---- what was owed as it was known ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stood:
    """A duty as it stood in the ledger at an instant. `state` is open, warned or breached, `since` when it became so."""

    matter_id: int
    key: str
    duty: str
    unit_id: int | None
    state: str
    opened_at: datetime
    since: datetime


_CLOSING = [law.What.MET, law.What.MET_LATE, law.What.LAPSED]
_STATES: dict[str, law.State] = {
    law.What.EXTENDED: law.State.OPEN,
    law.What.RESTARTED: law.State.OPEN,
    law.What.WARNED: law.State.WARNED,
    law.What.BREACHED: law.State.BREACHED,
}


def standing_as_of(place: Place, instant: datetime) -> list[Stood]:
    """What a place owed at an instant, as the ledger had it then: read from the entries written by then. One query.

    What was recorded later, undone later or corrected later does not count, whenever it happened. Oldest misses
    first. Due dates are not entries; a duty near its time shows as warned, from the warning its rule gave.
    """
    known = Entry.objects.filter(recorded_at__lte=instant)
    undone = Exists(known.filter(undoes=OuterRef("pk")))
    closing = known.filter(matter=OuterRef("matter"), key=OuterRef("key"), what__in=_CLOSING).exclude(undone)
    lines = (
        known.filter(matter__place=place)
        .exclude(what=Entry.Whats.UNDONE)
        .exclude(undone)
        .exclude(Exists(closing))
    )
    found: dict[tuple[int, str], Stood] = {}
    for matter, key, what, at, unit in lines.order_by("at", "id").values_list(
        "matter_id", "key", "what", "at", "unit_id"
    ):
        before = found.get((matter, key))
        if before is None:
            if what == law.What.OPENED:
                found[matter, key] = Stood(
                    matter, key, key.partition("#")[0], unit, str(law.State.OPEN), at, at
                )
            continue
        state, since = (str(_STATES[what]), at) if what in _STATES else (before.state, before.since)
        found[matter, key] = replace(before, unit_id=unit or before.unit_id, state=state, since=since)
    minima = {id for id in {stood.duty for stood in found.values()} if _is_minimum(place.code, id)}
    rows = (stood for stood in found.values() if stood.duty not in minima)
    return sorted(rows, key=lambda stood: (stood.state != law.State.BREACHED, stood.since, stood.key))


def _is_minimum(place: str, id: str) -> bool:
    duty = duty_of(place, id)
    return duty is not None and duty.is_minimum


def values_of(place: str, id: str, on: date | None = None) -> tuple[str, ...]:
    """The values of a category list at a place on a day, today without one; an open list with what its chain added."""
    rules = lawbook.rules(place)
    category = rules.lists.get(id)
    if category is None:
        return ()
    added = lawbook.additions(place, on or clock.today()).get(id, ()) if category.open else ()
    return tuple(dict.fromkeys((*category.values, *added)))
