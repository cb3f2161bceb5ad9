"""Packs: one regulation as data. Reads `pack.toml` and refuses, by name, whatever it does not understand.

The format and its meaning are in docs/packs.md. A pack is only *parsed* here; which rule holds at a place
on a day is the business of `rules`, what follows from a fact that of `fold`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from gongkai.law.calendar import SHANGHAI
from gongkai.law.clock import ClockError, Span

FORMAT = 1
LEVELS = ("national", "province", "city", "county")
PERIODS = ("year", "half", "quarter", "month", "november")


class PackError(ValueError):
    """What is wrong in a pack, where, and what would be right."""

    def __init__(self, where: str, key: str, wrong: str, right: str) -> None:
        self.where, self.key, self.wrong, self.right = where, key, wrong, right
        super().__init__(f"{where}：{key}：{wrong}。{right}。")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a file a table stands, for messages: `packs/zunyi/…/pack.toml [[duty]] letter.answer`."""

    file: str
    section: str = ""
    name: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.file, self.section, self.name) if part)

    def error(self, key: str, wrong: str, right: str) -> PackError:
        return PackError(str(self), key, wrong, right)


Condition = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A fact that moves a clock: its kind, a condition on its details, and details that must equal the opener's."""

    fact: str
    when: Condition = field(default_factory=dict)
    same: tuple[str, ...] = ()

    def fits(self, details: Mapping[str, Any], origin: Mapping[str, Any]) -> bool:
        """True when the details meet the condition and agree with the opening fact where they must."""
        return holds(self.when, details) and all(details.get(key) == origin.get(key) for key in self.same)


def holds(condition: Condition, details: Mapping[str, Any]) -> bool:
    """A conjunction of field tests. `present` asks for any value, `absent` for none; several values mean any of them."""
    for key, wanted in condition.items():
        value = details.get(key)
        empty = value is None or value == "" or value is False
        if wanted == ("present",):
            if empty:
                return False
        elif wanted == ("absent",):
            if not empty:
                return False
        elif ("true" if value is True else "false" if value is False else str(value)) not in wanted:
            return False
    return True


@dataclass(frozen=True, slots=True)
class Within:
    """A length, or a table of lengths by one detail; `otherwise` holds until that detail is known."""

    span: Span | None
    by: str = ""
    table: Mapping[str, Span] = field(default_factory=dict)

    def of(self, details: Mapping[str, Any]) -> Span | None:
        if not self.by:
            return self.span
        return self.table.get(str(details.get(self.by, "")), self.span)

    def spans(self) -> dict[str, Span]:
        """Every length by its name in the table; the plain or `otherwise` one under ''."""
        return dict(self.table) | ({"": self.span} if self.span else {})


@dataclass(frozen=True, slots=True)
class Pause:
    on: tuple[Trigger, ...]
    until: tuple[Trigger, ...]


@dataclass(frozen=True, slots=True)
class Extend:
    """Power to lengthen: the fact `on` carries `by` (an amount in the duty's unit) and `approved_by`."""

    on: tuple[Trigger, ...]
    max: Span
    times: int = 1
    approved_by: str = ""


@dataclass(frozen=True, slots=True)
class Follow:
    """A duty that a miss, or one redo too many, lays on somebody: reparation or escalation."""

    duty: str
    owner: str = ""
    within: Span | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """At most `max` openings in one matter; the next one opens `then` instead."""

    max: int
    then: Follow | None = None


@dataclass(frozen=True, slots=True)
class Unless:
    """The exception to a minimum period: `when` holds, and the shorter `before` applies (or none at all)."""

    when: Condition
    before: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What is owed. `within` counts from `from_`; lengths keep their units; see docs/packs.md for each key."""

    id: str
    says: str
    cite: str
    clauses: tuple[str, ...] = ()
    opened_by: tuple[Trigger, ...] = ()
    when: Condition = field(default_factory=dict)
    owner: str = "responsible"
    claimant: str = "public"
    within: Within | None = None
    from_: str = "happened_at"
    ends: str = ""
    local: tuple[str, ...] = ()
    met_by: tuple[Trigger, ...] = ()
    lapses_by: tuple[Trigger, ...] = ()
    warn: tuple[Span, ...] = ()
    late: tuple[Span, ...] = ()
    on_breach: Follow | None = None
    soft: bool = False
    soft_when: Condition = field(default_factory=dict)
    pause: Pause | None = None
    restart: tuple[Trigger, ...] = ()
    extend: Extend | None = None
    times: Times | None = None
    with_: str = ""
    must_not: str = ""
    before: Span | None = None
    unless: Unless | None = None
    every: str = ""
    at_least: int = 1
    each: str = ""
    roll: bool = True
    applies: str = "trigger"
    refines: str = ""
    derogates: str = ""
    in_force_from: date | None = None
    in_force_until: date | None = None

    @property
    def is_minimum(self) -> bool:
        return bool(self.must_not)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryList:
    id: str
    values: tuple[str, ...]
    open: bool
    cite: str
    clauses: tuple[str, ...] = ()
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """An act is refused (or may, or must, be returned) until every named check of its room holds."""

    id: str
    guards: str
    needs: tuple[str, ...]
    says: str
    cite: str
    effect: str = "refuse"
    when: Condition = field(default_factory=dict)
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteCase:
    lead: str
    when: Condition = field(default_factory=dict)
    with_: tuple[str, ...] = ()
    cite: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    id: str
    case: tuple[RouteCase, ...]
    says: str = ""
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One signature of a chain: whose it is (a role of the room of reviews), and when it is asked for at all."""

    says: str
    by: str
    when: Condition = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A chain of signatures, in order, for the kinds of thing in `of`."""

    id: str
    of: tuple[str, ...]
    step: tuple[Step, ...]
    cite: str
    different_persons: bool = True
    override: Override | None = None
    clauses: tuple[str, ...] = ()
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    id: str
    says: str
    cite: str
    measure: Mapping[str, str] = field(default_factory=dict)
    manual: bool = False
    weight: int = 0
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause of the regulation: its article, what it asks in our words, and what carries it out."""

    id: str
    cite: str
    says: str
    carried_by: tuple[str, ...] = ()
    software: str = "yes"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An amendment (`from_`: valid from a day) or a correction (`recorded_at`: known since an instant) of one duty."""

    duty: str
    because: str
    values: Mapping[str, Any]
    from_: date | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    id: str
    title: str
    issuer: str
    place: str
    level: str
    in_force_from: date
    number: str = ""
    slug: str = ""
    parent: str = "national"
    in_force_until: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    head: Head
    file: str
    duties: Mapping[str, Mapping[str, Any]]
    lists: Mapping[str, CategoryList]
    gates: Mapping[str, Gate]
    routes: Mapping[str, Route]
    reviews: Mapping[str, Review]
    indicators: Mapping[str, Indicator]
    clauses: Mapping[str, Clause]
    changes: tuple[Change, ...]

    def where(self, section: str, name: str) -> Spot:
        return Spot(self.file, f"[[{section}]]", name)


# ---- reading ---------------------------------------------------------------------------------------------------

Reader = Callable[[Any, Spot, str], Any]
T = TypeVar("T")


def _text(value: Any, at: Spot, key: str) -> str:
    if not isinstance(value, str):
        raise at.error(key, f"应为文字，得到 {value!r}", "请加引号")
    return value


def _flag(value: Any, at: Spot, key: str) -> bool:
    if not isinstance(value, bool):
        raise at.error(key, f"应为 true 或 false，得到 {value!r}", "请写 true 或 false，不加引号")
    return value


def _count(value: Any, at: Spot, key: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise at.error(key, f"应为非负整数，得到 {value!r}", "例如 2")
    return value


def _day(value: Any, at: Spot, key: str) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise at.error(key, f"应为日期，得到 {value!r}", "例如 2018-10-15，不加引号")
    return value


def _moment(value: Any, at: Spot, key: str) -> datetime:
    if not isinstance(value, datetime):
        raise at.error(key, f"应为时刻，得到 {value!r}", "例如 2026-03-01T09:00:00，不加引号")
    return value if value.tzinfo else value.replace(tzinfo=SHANGHAI)


def _texts(value: Any, at: Spot, key: str) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise at.error(key, f"应为文字列表，得到 {value!r}", '例如 ["甲", "乙"]')
    return tuple(value)


def _span(value: Any, at: Spot, key: str) -> Span:
    try:
        return Span.parse(_text(value, at, key))
    except ClockError as error:
        raise at.error(key, str(error).rstrip("。"), '例如 "5 working days"、"24 hours"、"30 days"') from None


def _spans(value: Any, at: Spot, key: str) -> tuple[Span, ...]:
    return tuple(_span(item, at, key) for item in _texts(value, at, key))


def _condition(value: Any, at: Spot, key: str) -> Condition:
    if not isinstance(value, dict):
        raise at.error(key, f"应为条件表，得到 {value!r}", '例如 { source = ["政务信箱", "来信"] }')
    return {
        name: ("true" if wanted else "false",)
        if isinstance(wanted, bool)
        else _texts(wanted, at, f"{key}.{name}")
        for name, wanted in value.items()
    }


def _triggers(value: Any, at: Spot, key: str) -> tuple[Trigger, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(
        Trigger(item) if isinstance(item, str) else _table(Trigger, item, at, key, TRIGGER) for item in items
    )


def _within(value: Any, at: Spot, key: str) -> Within:
    if isinstance(value, str):
        return Within(_span(value, at, key))
    if not isinstance(value, dict) or "by" not in value:
        raise at.error(
            key, f"应为时长或带 by 的表，得到 {value!r}", '例如 { by = "class", 咨询 = "2 working days" }'
        )
    rows = {
        name: _span(span, at, f"{key}.{name}")
        for name, span in value.items()
        if name not in ("by", "otherwise")
    }
    otherwise = _span(value["otherwise"], at, f"{key}.otherwise") if "otherwise" in value else None
    return Within(otherwise, _text(value["by"], at, f"{key}.by"), rows)


def _words(value: Any, at: Spot, key: str) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise at.error(
            key, f"应为文字表，得到 {value!r}", '例如 { duty = "letter.answer", share = "met", of = "due" }'
        )
    return dict(value)


def _one_of(*allowed: str) -> Reader:
    def read(value: Any, at: Spot, key: str) -> str:
        if value not in allowed:
            raise at.error(key, f"不认识 {value!r}", f"可用：{'、'.join(allowed)}")
        return str(value)

    read.allowed = allowed  # type: ignore[attr-defined]  # the schema for editors reads it
    return read


def _nested(kind: type, readers: Mapping[str, Reader]) -> Reader:
    def read(value: Any, at: Spot, key: str) -> Any:
        return _table(kind, value, at, key, readers)

    read.table = readers  # type: ignore[attr-defined]  # the schema for editors reads it
    return read


def _table(kind: type[T], raw: Any, at: Spot, key: str, readers: Mapping[str, Reader]) -> T:
    """Read one TOML table into a dataclass: unknown and missing keys are errors."""
    prefix = f"{key}." if key else ""
    if not isinstance(raw, dict):
        raise at.error(key, f"应为表，得到 {raw!r}", "请写成 { … }")
    if unknown := [name for name in raw if name not in readers]:
        raise at.error(prefix + unknown[0], "没有这个键", f"可用的键：{'、'.join(readers)}")
    slots = {slot.name.rstrip("_"): slot for slot in fields(kind)}  # type: ignore[arg-type]
    values = {slots[name].name: readers[name](value, at, prefix + name) for name, value in raw.items()}
    for name, slot in slots.items():
        if (
            name in readers
            and slot.name not in values
            and slot.default is MISSING
            and slot.default_factory is MISSING
        ):
            raise at.error(prefix + name, "缺少这个键", "请补上")
    return kind(**values)


TRIGGER: dict[str, Reader] = {"fact": _text, "when": _condition, "same": _texts}
FOLLOW: dict[str, Reader] = {"duty": _text, "owner": _text, "within": _span}
DUTY: dict[str, Reader] = {
    "id": _text, "says": _text, "cite": _text, "clauses": _texts,
    "opened_by": _triggers, "when": _condition, "owner": _text, "claimant": _text,
    "within": _within, "from": _text, "ends": _one_of("", "office_hours"), "local": _texts,
    "met_by": _triggers, "lapses_by": _triggers, "warn": _spans, "late": _spans,
    "on_breach": _nested(Follow, FOLLOW), "soft": _flag, "soft_when": _condition,
    "pause": _nested(Pause, {"on": _triggers, "until": _triggers}), "restart": _triggers,
    "extend": _nested(Extend, {"on": _triggers, "max": _span, "times": _count, "approved_by": _text}),
    "times": _nested(Times, {"max": _count, "then": _nested(Follow, FOLLOW)}),
    "with": _text, "must_not": _text, "before": _span,
    "unless": _nested(Unless, {"when": _condition, "before": _span}),
    "every": _one_of(*PERIODS), "at_least": _count, "each": _one_of("unit", "place"), "roll": _flag,
    "applies": _one_of("trigger", "pending"), "refines": _text, "derogates": _text,
    "in_force_from": _day, "in_force_until": _day,
}  # fmt: skip
LIST: dict[str, Reader] = {
    "id": _text, "values": _texts, "open": _flag, "cite": _text, "clauses": _texts, "says": _text,
}  # fmt: skip
GATE: dict[str, Reader] = {
    "id": _text, "guards": _text, "needs": _texts, "says": _text, "cite": _text,
    "effect": _one_of("refuse", "may_return", "must_return"), "when": _condition, "clauses": _texts,
}  # fmt: skip
ROUTE_CASE: dict[str, Reader] = {
    "lead": _text,
    "when": _condition,
    "with": _texts,
    "cite": _text,
    "says": _text,
}
STEP: dict[str, Reader] = {"says": _text, "by": _text, "when": _condition}


def _steps(value: Any, at: Spot, key: str) -> tuple[Step, ...]:
    if not isinstance(value, list) or not value:
        raise at.error(key, "至少要有一个 [[review.step]]", "请写出每一步的名称 says 和由谁签 by")
    return tuple(_table(Step, item, at, key, STEP) for item in value)


REVIEW: dict[str, Reader] = {
    "id": _text, "of": _texts, "step": _steps, "cite": _text, "different_persons": _flag,
    "override": _nested(Override, {"allowed": _flag}), "clauses": _texts, "says": _text,
}  # fmt: skip
INDICATOR: dict[str, Reader] = {
    "id": _text, "says": _text, "cite": _text, "measure": _words, "manual": _flag, "weight": _count, "clauses": _texts,
}  # fmt: skip
CLAUSE: dict[str, Reader] = {
    "id": _text, "cite": _text, "says": _text, "carried_by": _texts, "note": _text,
    "software": _one_of("yes", "partly", "no"),
}  # fmt: skip
HEAD: dict[str, Reader] = {
    "id": _text, "title": _text, "number": _text, "issuer": _text, "place": _text, "slug": _text, "note": _text,
    "level": _one_of(*LEVELS), "parent": _text, "in_force_from": _day, "in_force_until": _day,
}  # fmt: skip


def _cases(value: Any, at: Spot, key: str) -> tuple[RouteCase, ...]:
    if not isinstance(value, list) or not value:
        raise at.error(key, "至少要有一个 [[route.case]]", "请写出条件和牵头单位")
    return tuple(_table(RouteCase, item, at, key, ROUTE_CASE) for item in value)


ROUTE: dict[str, Reader] = {"id": _text, "says": _text, "clauses": _texts, "case": _cases}
SECTIONS: dict[str, tuple[type, dict[str, Reader]]] = {
    "list": (CategoryList, LIST), "gate": (Gate, GATE), "route": (Route, ROUTE), "review": (Review, REVIEW),
    "indicator": (Indicator, INDICATOR), "clause": (Clause, CLAUSE),
}  # fmt: skip
CHANGE_KEYS = ("duty", "because", "from", "recorded_at")


def duty_from(raw: Mapping[str, Any], at: Spot) -> Duty:
    """Build a duty from its merged keys. Raises PackError naming the key."""
    return _table(Duty, dict(raw), at, "", DUTY)


def _check_duty(raw: Mapping[str, Any], at: Spot) -> None:
    """A duty stands by itself, or refines another and then names only what it changes, and where it says so."""
    if "refines" not in raw:
        duty_from(raw, at)
        return
    duty_from({"says": "", "cite": "", "owner": "", **raw}, at)
    if not raw.get("cite"):
        raise at.error("cite", "缺少这个键", "细化上级规则也要写明依据")


def _change(raw: Any, at: Spot, *, key: str) -> Change:
    for name in ("duty", "because", key):
        if name not in raw:
            raise at.error(name, "缺少这个键", "修改和更正都要写明哪项职责、何时、为什么")
    values = {name: value for name, value in raw.items() if name not in CHANGE_KEYS}
    if unknown := [name for name in values if name not in DUTY or name in ("id", "refines")]:
        raise at.error(unknown[0], "不能这样改", f"可改的键：{'、'.join(DUTY)}")
    for name, value in values.items():
        DUTY[name](value, at, name)
    return Change(
        duty=_text(raw["duty"], at, "duty"),
        because=_text(raw["because"], at, "because"),
        values=values,
        from_=_day(raw["from"], at, "from") if key == "from" else None,
        recorded_at=_moment(raw["recorded_at"], at, "recorded_at") if key == "recorded_at" else None,
    )


def _rows(raw: Mapping[str, Any], section: str, file: str) -> Iterator[tuple[Spot, str, dict[str, Any]]]:
    rows = raw.get(section, [])
    if not isinstance(rows, list):
        raise PackError(file, section, "应为多个 [[…]] 段", f"请写 [[{section}]]，用双层方括号")
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        name = row.get("id")
        at = Spot(file, f"[[{section}]]", name or f"第 {number} 段")
        if not isinstance(name, str):
            raise at.error("id", "缺少编号", '请写 id = "…"')
        if name in seen:
            raise at.error(
                "id", "编号重复", "同一文件里每个编号只能出现一次；改数值请用 [[amend]] 或 [[correct]]"
            )
        seen.add(name)
        yield at, name, row


def read(path: Path, root: Path | None = None) -> Pack:
    """Read one `pack.toml`. Raises PackError for the first thing that is not right in it."""
    file = str(path.relative_to(root)) if root else path.name
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PackError(file, "TOML", f"读不懂：{error}", "请改正这一处的语法，文件用 UTF-8 保存") from None
    known = {"format", "pack", "duty", "amend", "correct", *SECTIONS}
    if unknown := [key for key in raw if key not in known]:
        raise PackError(file, unknown[0], "没有这一段", f"可用：{'、'.join(sorted(known))}")
    if raw.get("format") != FORMAT:
        raise PackError(file, "format", f"不支持 {raw.get('format')!r}", f"请写 format = {FORMAT}")
    head = _table(Head, raw.get("pack", {}), Spot(file, "[pack]"), "", HEAD)
    duties: dict[str, Mapping[str, Any]] = {}
    for at, name, row in _rows(raw, "duty", file):
        _check_duty(row, at)
        duties[name] = row
    tables: dict[str, dict[str, Any]] = {
        section: {name: _table(kind, row, at, "", readers) for at, name, row in _rows(raw, section, file)}
        for section, (kind, readers) in SECTIONS.items()
    }
    changes = tuple(
        _change(row, Spot(file, f"[[{section}]]", str(row.get("duty", ""))), key=key)
        for section, key in (("amend", "from"), ("correct", "recorded_at"))
        for row in raw.get(section, [])
    )
    return Pack(
        head=head, file=file, duties=duties, changes=changes, lists=tables["list"], gates=tables["gate"],
        routes=tables["route"], reviews=tables["review"], indicators=tables["indicator"], clauses=tables["clause"],
    )  # fmt: skip
