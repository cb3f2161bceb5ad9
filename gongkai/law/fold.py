"""The fold: the facts of one matter, the rules and the calendar, and an instant, give what is owed. Nothing else.

Facts are taken in the order they happened, timers before facts at one instant. There is no state between
two folds: a late fact, a correction, a new holiday notice or a corrected pack is simply folded again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from gongkai.law.calendar import SHANGHAI, Calendar
from gongkai.law.clock import Span, Unit, after, before, due, instant_at, position
from gongkai.law.pack import Duty, Extend, Follow, Trigger, holds
from gongkai.law.rules import PERIOD_OPENED, Rule, Rules

VOIDED = "fact.voided"  # a correcting fact of this kind takes its target away and puts nothing in its place
INSTANT = timedelta(microseconds=1)
MOST_STEPS = 1_000


class FoldError(RuntimeError):
    """Rules that open one another without end."""


class State(StrEnum):
    OPEN = "open"
    WARNED = "warned"
    MET = "met"
    BREACHED = "breached"
    MET_LATE = "met_late"
    LAPSED = "lapsed"
    VOID = "void"


STANDING = frozenset({State.OPEN, State.WARNED, State.BREACHED})
OWNERS = {
    "responsible": "unit",
    "lead": "lead",
}  # owners that follow the matter: the word and the detail it reads


class What(StrEnum):
    """What an entry reports."""

    OPENED = "opened"
    WARNED = "warned"
    PAUSED = "paused"
    RESUMED = "resumed"
    RESTARTED = "restarted"
    EXTENDED = "extended"
    REFUSED = "refused"
    MET = "met"
    MET_LATE = "met_late"
    BREACHED = "breached"
    ESCALATED = "escalated"
    LAPSED = "lapsed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened. `at` is the legal time, `recorded_at` when it became known; both aware.

    `details` hold no personal data. `corrects` names the `seq` of the fact this one takes the place of.
    """

    seq: int
    kind: str
    at: datetime
    recorded_at: datetime
    details: Mapping[str, Any] = field(default_factory=dict)
    corrects: int | None = None
    by: str = ""


@dataclass(slots=True)
class Obligation:
    """Who owes what to whom by when. `due_at` is the first late instant (shown as 24:00 of the day before)."""

    key: str
    duty: Duty
    opened_at: datetime
    start: datetime
    fact: int
    origin: Mapping[str, Any]
    owner: str
    unit: str | None
    state: State = State.OPEN
    due_at: datetime | None = None
    provisional: bool = False
    budget: Span | None = None
    settled_at: datetime | None = None
    settled_by: int | None = None
    breached_at: datetime | None = None
    extensions: list[tuple[int, int]] = field(default_factory=list)  # (fact, amount in the budget's unit)
    pauses: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    count: int = 0
    is_soft: bool = False
    fired: set[tuple[str, int]] = field(default_factory=set)
    timers: list[tuple[datetime, str, int]] = field(default_factory=list)

    @property
    def is_standing(self) -> bool:
        return self.state in STANDING and self.settled_at is None

    @property
    def is_paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1][1] is None and self.is_standing


class Entry(NamedTuple):
    """A line of the ledger: what came of a duty, when, through which fact (None for a clock)."""

    at: datetime
    what: What
    key: str
    unit: str | None
    fact: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Folded:
    obligations: tuple[Obligation, ...]
    entries: tuple[Entry, ...]
    next_at: datetime | None
    details: Mapping[str, Any]


def standing_facts(facts: Iterable[Fact], known_at: datetime | None = None) -> list[Fact]:
    """Facts as known at an instant, corrections applied, in the order they happened.

    A correcting fact stands where its target stood in the order of recording; a chain of corrections ends
    with the last; a voided fact is gone until its voiding is itself corrected.
    """
    known = [f for f in facts if known_at is None or f.recorded_at <= known_at]
    last: dict[int, Fact] = {}
    root: dict[int, int] = {}
    for fact in sorted(known, key=lambda f: f.seq):
        root[fact.seq] = root.get(fact.corrects, fact.corrects) if fact.corrects is not None else fact.seq
        last[root[fact.seq]] = fact
    kept = [(fact.at, origin, fact) for origin, fact in last.items() if fact.kind != VOIDED]
    kept.sort(key=lambda row: row[:2])
    return [fact for _, _, fact in kept]


def fold(
    facts: Iterable[Fact],
    rules: Rules,
    calendar: Calendar,
    now: datetime,
    *,
    known_at: datetime | None = None,
) -> Folded:
    """Fold one matter up to `now`, with what was recorded by `known_at` (default: everything given).

    Facts dated after `now` wait; `next_at` is the next instant at which folding again would add something.
    """
    return _Fold(rules, calendar, now, known_at or now).run(standing_facts(facts, known_at))


class _Fold:
    def __init__(self, rules: Rules, calendar: Calendar, now: datetime, known: datetime) -> None:
        self.rules, self.calendar, self.now, self.known = rules, calendar, now, known
        self.obligations: list[Obligation] = []
        self.standing: list[Obligation] = []
        self.entries: list[Entry] = []
        self.details: dict[str, Any] = {}
        self.seen: dict[str, list[Fact]] = {}
        self.derived: deque[tuple[str, Obligation, Fact | None]] = deque()
        self.opened: dict[str, int] = {}
        self.steps = 0

    # -- the line of events --------------------------------------------------------------------------------------

    def run(self, facts: Sequence[Fact]) -> Folded:
        for fact in facts:
            if fact.at > self.now:
                break
            self.tick(fact.at)
            self.take(fact)
        self.tick(self.now)
        pending = [timer[0] for o in self.standing for timer in o.timers[:1]]
        pending += [fact.at for fact in facts if fact.at > self.now][:1]
        return Folded(tuple(self.obligations), tuple(self.entries), min(pending, default=None), self.details)

    def tick(self, until: datetime) -> None:
        """Let every timer up to and including `until` go off, in order."""
        last = (until.astimezone(SHANGHAI), "~", 0)  # as timers are, after every kind of them
        while True:
            first: Obligation | None = None
            soonest = last
            for o in self.standing:
                if o.timers and o.timers[0] < soonest:
                    first, soonest = o, o.timers[0]
            if first is None:
                return
            at, kind, number = first.timers.pop(0)
            first.fired.add((kind, number))
            if kind == "due":
                self.breach(first, at)
                first.timers += self.late_timers(first)
            elif kind == "warn":
                if first.state is State.OPEN:
                    first.state = State.WARNED
                self.enter(at, What.WARNED, first, note=str(first.duty.warn[number]))
            elif kind == "late":
                self.enter(at, What.ESCALATED, first, note=str(first.duty.late[number]))
            else:
                self.renew(first, at)
            if self.derived:
                self.settle_derived(at)

    def take(self, fact: Fact) -> None:
        """One fact: it may move or end what stands, then open something new."""
        overlay = {**self.details, **fact.details}
        self.details = overlay
        for o in tuple(self.standing):
            self.move(o, fact)
        self.seen.setdefault(fact.kind, []).append(fact)
        for rule in self.rules.openers.get(fact.kind, ()):
            self.open(rule, fact.kind, fact, fact.at)
        if self.derived:
            self.settle_derived(fact.at)

    # -- one obligation and a fact -------------------------------------------------------------------------------

    def move(self, o: Obligation, fact: Fact) -> None:
        duty, details = o.duty, self.details
        if (key := OWNERS.get(o.owner)) and (unit := details.get(key)) != o.unit:
            o.unit = unit
            self.enter(fact.at, What.MOVED, o, fact)
        if duty.is_minimum and fact.kind == duty.must_not:
            return self.end_minimum(o, fact)
        if self.fits(duty.met_by, fact, o):
            o.count += 1
            if o.count >= duty.at_least:
                return self.meet(o, fact.at, fact)
        if self.fits(duty.lapses_by, fact, o):
            return self.end(o, State.LAPSED, What.LAPSED, fact.at, fact)
        if duty.pause:
            if o.is_paused and self.fits(duty.pause.until, fact, o):
                o.pauses[-1] = (o.pauses[-1][0], fact.at)
                self.set_clock(o, fact.at)
                self.enter(fact.at, What.RESUMED, o, fact)
            elif not o.is_paused and self.fits(duty.pause.on, fact, o) and o.state is not State.BREACHED:
                o.pauses.append((fact.at, None))
                o.timers = [timer for timer in o.timers if timer[1] == "renew"]
                self.enter(fact.at, What.PAUSED, o, fact)
        if duty.restart and o.state is not State.BREACHED and self.fits(duty.restart, fact, o):
            o.start, o.pauses, o.extensions = fact.at, [], []
            self.set_clock(o, fact.at)
            self.enter(fact.at, What.RESTARTED, o, fact)
        if duty.extend and self.fits(duty.extend.on, fact, o):
            self.extend(o, duty.extend, fact)
        elif duty.within and duty.within.by and o.state is not State.BREACHED:
            if duty.within.of(details) != o.budget:
                self.set_clock(o, fact.at)
        if duty.soft_when and o.state is not State.BREACHED:
            o.is_soft = holds(duty.soft_when, details)

    def fits(self, triggers: tuple[Trigger, ...], fact: Fact, o: Obligation) -> bool:
        for t in triggers:
            if t.fact == fact.kind and (not (t.when or t.same) or t.fits(self.details, o.origin)):
                return True
        return False

    def extend(self, o: Obligation, power: Extend, fact: Fact) -> None:
        refusal = extension_refused(o, power, fact.details, fact.at)
        if refusal:
            self.enter(fact.at, What.REFUSED, o, fact, refusal)
            return
        amount = int(fact.details.get("by", power.max.amount))
        o.extensions.append((fact.seq, amount))
        self.set_clock(o, fact.at)
        self.enter(fact.at, What.EXTENDED, o, fact, str(Span(amount, power.max.unit)))

    def end_minimum(self, o: Obligation, fact: Fact) -> None:
        earliest = earliest_of(o, self.details, self.calendar)
        if earliest is None or fact.at >= earliest:
            self.end(o, State.MET, What.MET, fact.at, fact)
        else:
            o.breached_at = fact.at
            self.end(o, State.BREACHED, What.BREACHED, fact.at, fact)

    # -- opening and ending --------------------------------------------------------------------------------------

    def open(self, rule: Rule, kind: str, fact: Fact, at: datetime) -> None:
        duty = rule.at(at.astimezone(SHANGHAI).date(), self.known)
        if duty is None or not self.opens(duty, kind, fact):
            return
        if duty.times and self.is_running(duty):
            return
        number = self.opened.get(duty.id, 0) + 1
        self.opened[duty.id] = number
        if duty.times and number > duty.times.max:
            if duty.times.then:
                self.follow(duty.times.then, fact, at)
            return
        self.start(duty, fact, at, f"{duty.id}#{fact.seq}")

    def is_running(self, duty: Duty) -> bool:
        """Whether one of a counted duty stands, or what follows when the count is over: one at a time."""
        assert duty.times is not None
        running = {duty.id, duty.times.then.duty} if duty.times.then else {duty.id}
        return any(o.duty.id in running for o in self.standing)

    def opens(self, duty: Duty, kind: str, fact: Fact) -> bool:
        if kind == PERIOD_OPENED and duty.every:
            return fact.details.get("duty") == duty.id
        if duty.with_ and kind == duty.with_:
            return holds(duty.when, self.details)
        for t in duty.opened_by:
            if t.fact == kind and t.fits(self.details, self.details):
                return holds(duty.when, self.details)
        return False

    def start(
        self, duty: Duty, fact: Fact, at: datetime, key: str, owner: str = "", within: Span | None = None
    ) -> None:
        owner = owner or duty.owner
        details = self.details
        unit = (
            details.get(OWNERS[owner])
            if owner in OWNERS
            else fact.details.get("party") or fact.details.get("unit")
            if owner == "named"
            else None
        )
        o = Obligation(key, duty, at, start_of(duty, fact, at), fact.seq, fact.details, owner, unit)
        o.is_soft = duty.soft or (bool(duty.soft_when) and holds(duty.soft_when, details))
        if within is not None:
            o.budget = within
        self.obligations.append(o)
        self.standing.append(o)
        self.enter(at, What.OPENED, o, fact)
        if duty.with_ and (met := self.met_already(o)):
            return self.meet(o, at, met)
        self.set_clock(o, at)

    def met_already(self, o: Obligation) -> Fact | None:
        """A same-moment duty is also kept by what happened before in the matter."""
        for trigger in o.duty.met_by:
            for fact in reversed(self.seen.get(trigger.fact, ())):
                if trigger.fits(self.details, o.origin):
                    return fact
        return None

    def follow(self, follow: Follow, fact: Fact, at: datetime, cause: str = "") -> None:
        duty = self.rules.duty(follow.duty, at.astimezone(SHANGHAI).date(), self.known)
        if duty is not None:
            self.start(duty, fact, at, f"{duty.id}#{cause or fact.seq}", follow.owner, follow.within)

    def meet(self, o: Obligation, at: datetime, fact: Fact) -> None:
        late = o.state is State.BREACHED
        self.end(o, State.MET_LATE if late else State.MET, What.MET_LATE if late else What.MET, at, fact)
        self.derived.append((f"met:{o.duty.id}", o, fact))

    def end(self, o: Obligation, state: State, what: What, at: datetime, fact: Fact) -> None:
        o.state, o.settled_at, o.settled_by, o.timers = state, at, fact.seq, []
        if o.pauses and o.pauses[-1][1] is None:
            o.pauses[-1] = (o.pauses[-1][0], at)
        if o in self.standing:
            self.standing.remove(o)
        self.enter(at, what, o, fact)
        if state is State.BREACHED:
            self.derived.append((f"breached:{o.duty.id}", o, fact))

    def breach(self, o: Obligation, at: datetime) -> None:
        o.state, o.breached_at = State.BREACHED, at
        self.enter(at, What.BREACHED, o)
        self.derived.append((f"breached:{o.duty.id}", o, None))

    def settle_derived(self, at: datetime) -> None:
        """Breach and fulfilment are facts too; they come right after their cause."""
        while self.derived:
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise FoldError(
                    f"职责互相触发，没有尽头：{self.derived[0][0]}。请检查 opened_by 和 on_breach。"
                )
            kind, o, cause = self.derived.popleft()
            details = {**o.origin, "duty": o.duty.id, "obligation": o.key}
            fact = Fact(cause.seq if cause else o.fact, kind, at, at, details)
            if kind.startswith("breached:") and o.duty.on_breach:
                self.follow(o.duty.on_breach, fact, at, f"{o.key}")
            for rule in self.rules.openers.get(kind, ()):
                self.open(rule, kind, fact, at)

    # -- clocks --------------------------------------------------------------------------------------------------

    def set_clock(self, o: Obligation, at: datetime) -> None:
        """Compute the due instant anew and arm the timers that lie after `at`; older ones are void."""
        duty = o.duty
        if duty.is_minimum:
            o.due_at = None
        elif duty.every:
            o.due_at, o.provisional = period_end(duty.every, o.start), False
        elif duty.with_:
            o.due_at, o.provisional = o.opened_at + INSTANT, False
        elif o.is_paused:
            return
        else:
            if duty.within is not None and (o.budget is None or duty.within.by):
                o.budget = duty.within.of(self.details)
            if o.budget is None:
                o.due_at = None
            else:
                o.due_at, o.provisional = due_of(o, self.calendar)
        o.timers = self.timers_of(o, at)
        if o.state is State.WARNED and any(timer[1] == "warn" for timer in o.timers):
            o.state = State.OPEN

    def timers_of(self, o: Obligation, at: datetime) -> list[tuple[datetime, str, int]]:
        duty, timers = o.duty, []
        if o.due_at is not None:
            if o.state is State.BREACHED:
                timers += self.late_timers(o)
            else:
                timers.append((max(o.due_at, at), "due", 0))
                for number, span in enumerate(duty.warn):
                    when = _before(o.due_at, span, self.calendar)
                    if when > at and when > o.start:
                        timers.append((when, "warn", number))
        if duty.applies == "pending":
            for number, day in enumerate(self.rules.duties[duty.id].boundaries):
                midnight = datetime.combine(day, time(), SHANGHAI)
                if midnight > at:
                    timers.append((midnight, "renew", number))
        timers.sort()
        return timers

    def late_timers(self, o: Obligation) -> list[tuple[datetime, str, int]]:
        """Escalation steps still to come after a miss."""
        if o.due_at is None:
            return []
        if not o.duty.late:
            return []
        steps = enumerate(o.duty.late)
        return sorted(
            (_after(o.due_at, span, self.calendar), "late", n)
            for n, span in steps
            if ("late", n) not in o.fired
        )

    def renew(self, o: Obligation, at: datetime) -> None:
        """A rule that applies to pending matters changed: the new version governs from that day."""
        duty = self.rules.duty(o.duty.id, at.astimezone(SHANGHAI).date(), self.known)
        if duty is not None and o.state is not State.BREACHED:
            o.duty, o.budget = duty, None
            self.set_clock(o, at)

    def enter(
        self, at: datetime, what: What, o: Obligation, fact: Fact | None = None, note: str = ""
    ) -> None:
        self.entries.append(Entry(at, what, o.key, o.unit, fact.seq if fact else None, note))


def start_of(duty: Duty, fact: Fact, at: datetime) -> datetime:
    """The instant a clock starts: when the fact happened, or an instant the fact carries (ISO 8601)."""
    if duty.from_ == "happened_at":
        return at
    given = fact.details.get(duty.from_)
    if not given:
        return at
    moment = datetime.fromisoformat(given) if isinstance(given, str) else given
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def due_of(o: Obligation, calendar: Calendar) -> tuple[datetime, bool]:
    """Due instant of an obligation with a budget, and whether it is provisional (暂定).

    Extensions and closed pauses are added to the budget; they count from the start, never from a rolled date.
    """
    assert o.budget is not None
    unit = o.budget.unit
    if not o.extensions and not o.pauses:
        return _plain_due(o.start.astimezone(SHANGHAI), o.budget, calendar, o.duty.roll, o.duty.ends)
    extra = sum(amount * unit.length for _, amount in o.extensions)
    paused = sum(
        position(end, unit, calendar) - position(begin, unit, calendar)
        for begin, end in o.pauses
        if end is not None
    )
    result = due(o.start, o.budget, calendar, extra=extra, paused=paused, roll=o.duty.roll)
    return _closing(result.at, unit, calendar, o.duty.ends), result.provisional


def _closing(at: datetime, unit: Unit, calendar: Calendar, ends: str) -> datetime:
    """A day ends at 24:00, or with the office where the pack says so."""
    if ends != "office_hours" or not unit.is_whole_days:
        return at
    day = (at - timedelta(days=1)).astimezone(SHANGHAI).date()
    return datetime.combine(day, calendar.office_hours[-1][1], SHANGHAI)


def _plain_due(
    start: datetime, budget: Span, calendar: Calendar, roll: bool, ends: str
) -> tuple[datetime, bool]:
    if budget.unit.is_whole_days:  # the hour of receipt does not matter: one answer for the whole day
        return _due_of_day(start.date(), budget, calendar, roll, ends)
    result = due(start, budget, calendar, roll=roll)
    return result.at, result.provisional


@lru_cache(maxsize=20_000)
def _due_of_day(day: date, budget: Span, calendar: Calendar, roll: bool, ends: str) -> tuple[datetime, bool]:
    result = due(datetime.combine(day, time(12), SHANGHAI), budget, calendar, roll=roll)
    return _closing(result.at, budget.unit, calendar, ends), result.provisional


@lru_cache(maxsize=20_000)
def _before(instant: datetime, span: Span, calendar: Calendar) -> datetime:
    return before(instant, span, calendar)


@lru_cache(maxsize=20_000)
def _after(instant: datetime, span: Span, calendar: Calendar) -> datetime:
    return after(instant, span, calendar)


def extension_refused(o: Obligation, power: Extend, details: Mapping[str, Any], at: datetime) -> str:
    """Why an extension is not allowed, or ''. The same words refuse the act beforehand and mark it afterwards."""
    amount = int(details.get("by", power.max.amount))
    if o.state is State.BREACHED or (o.due_at is not None and at >= o.due_at):
        return "期限已过，不能再延期"
    if len(o.extensions) >= power.times:
        return f"最多延期 {power.times} 次"
    if sum(a for _, a in o.extensions) + amount > power.max.amount:
        return f"延期合计不得超过 {power.max.zh}"
    if power.approved_by and not details.get("approved_by"):
        return "延期须经批准"
    return ""


def earliest_of(o: Obligation, details: Mapping[str, Any], calendar: Calendar) -> datetime | None:
    """The first instant at which the forbidden act is allowed, or None when its exception lifts the minimum."""
    span = o.duty.before
    if o.duty.unless and holds(o.duty.unless.when, details):
        span = o.duty.unless.before
    if span is None:
        return None
    start = position(o.start, span.unit, calendar)
    return instant_at(start + span.length, span.unit, calendar)


def period_end(every: str, start: datetime) -> datetime:
    """The end of the year, half, quarter, month or November that holds `start`, as the first late instant."""
    day = start.astimezone(SHANGHAI).date()
    last_month = {
        "year": 12,
        "half": 6 if day.month <= 6 else 12,
        "quarter": (day.month + 2) // 3 * 3,
        "month": day.month,
        "november": 11,
    }[every]
    end = date(day.year + 1, 1, 1) if last_month == 12 else date(day.year, last_month + 1, 1)
    return datetime.combine(end, time(), SHANGHAI)
