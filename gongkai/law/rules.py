"""Which rule holds where and when: packs of a place and its superiors, refined, amended and corrected.

A place is an administrative division code; its chain follows from the code itself (520399 → 520300 →
520000 → 000000, the nation). A child may be stricter; looser needs `derogates`.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from gongkai.law.clock import Span, Unit
from gongkai.law.pack import (
    CategoryList,
    Clause,
    Duty,
    Gate,
    Indicator,
    Pack,
    PackError,
    Review,
    Route,
    RouteCase,
    Within,
    duty_from,
    holds,
    read,
)  # fmt: skip

NATION = "000000"
EVER = date.max


def chain_of(place: str) -> tuple[str, ...]:
    """Codes whose rules hold at a place, the nation first: 330212 → 000000, 330000, 330200, 330212."""
    codes = [NATION, place[:2] + "0000", place[:4] + "00", place]
    return tuple(dict.fromkeys(codes))


@dataclass(frozen=True, slots=True)
class Setting:
    """A value a place sets for itself where its regulation is silent: duty, key and what holds from a day on."""

    duty: str
    key: str
    value: Any
    from_: date


class Rule:
    """One duty at one place: layers from the nation down, each with its amendments and corrections."""

    def __init__(
        self, id: str, layers: Sequence[tuple[Pack, Mapping[str, Any]]], settings: Sequence[Setting]
    ) -> None:
        self.id = id
        self.layers = tuple(layers)
        self.settings = tuple(sorted(settings, key=lambda setting: setting.from_))
        self.pack = layers[-1][0]
        self._cache: dict[tuple[date, tuple[int, ...]], Duty | None] = {}

    @cached_property
    def boundaries(self) -> tuple[date, ...]:
        """Days on which this duty changes: start, end and amendments of every layer, local settings."""
        days: set[date] = set()
        for pack, raw in self.layers:
            days |= {raw.get("in_force_from", pack.head.in_force_from)}
            days |= {day for day in (raw.get("in_force_until"), pack.head.in_force_until) if day}
            days |= {change.from_ for change in self._changes(pack) if change.from_}
        return tuple(sorted(days | {setting.from_ for setting in self.settings}))

    @cached_property
    def recordings(self) -> tuple[datetime, ...]:
        """Instants at which an encoding error of this duty was corrected."""
        moments = {c.recorded_at for pack, _ in self.layers for c in self._changes(pack) if c.recorded_at}
        return tuple(sorted(moments))

    def _changes(self, pack: Pack) -> Iterator[Any]:
        return (change for change in pack.changes if change.duty == self.id)

    def at(self, day: date, known: datetime) -> Duty | None:
        """The duty as valid on a day and as encoded by an instant; None where it was not in force."""
        past = bisect_right(self.boundaries, day)
        if not past:
            return None
        valid = self.boundaries[past - 1]
        key = (valid, tuple(1 if moment <= known else 0 for moment in self.recordings))
        if key not in self._cache:
            self._cache[key] = self._resolve(valid, known)
        return self._cache[key]

    def _resolve(self, day: date, known: datetime) -> Duty | None:
        duty: Duty | None = None
        merged: dict[str, Any] = {}
        for pack, raw in self.layers:
            until = raw.get("in_force_until", pack.head.in_force_until) or EVER
            if not raw.get("in_force_from", pack.head.in_force_from) <= day < until:
                continue
            if "refines" in raw and duty is None:
                continue  # its parent is not in force yet
            own = dict(raw)
            for change in self._changes(pack):
                if (change.recorded_at and change.recorded_at <= known) or (
                    change.from_ and change.from_ <= day
                ):
                    own |= change.values
            at = pack.where("duty", self.id)
            parent, merged = duty, merged | own
            duty = duty_from(merged, at)
            if parent is not None:
                duty = _strictest(parent, duty, own, at)
        for setting in self.settings:
            if duty is not None and setting.from_ <= day:
                merged = merged | {setting.key: setting.value}
                duty = duty_from(merged, self.pack.where("duty", self.id))
        return duty


def _hours(span: Span) -> tuple[Unit, int]:
    return (Unit.MINUTE, span.amount * 60) if span.unit is Unit.HOUR else (span.unit, span.amount)


def _stricter(parent: Span | None, child: Span | None, *, key: str, at: Any, shorter: bool) -> Span | None:
    """The stricter of two lengths of the same unit. Raises PackError when units differ: nothing says which is less."""
    if parent is None or child is None or parent == child:
        return child or parent
    (unit_a, a), (unit_b, b) = _hours(parent), _hours(child)
    if unit_a is not unit_b:
        raise at.error(
            key, f"{child} 与上级的 {parent} 单位不同，比不出宽严", "请用同一单位，或写 derogates 说明依据"
        )
    return child if (b < a) == shorter else parent


def _strictest(parent: Duty, child: Duty, own: Mapping[str, Any], at: Any) -> Duty:
    """The child's duty, with every number taken from whichever of the two is stricter, unless it derogates."""
    if "derogates" in own:
        return child
    changes: dict[str, Any] = {}
    if parent.within and child.within:
        theirs, ours = parent.within.spans(), child.within.spans()
        names = dict.fromkeys((*ours, *theirs))
        spans = {
            n: _stricter(
                theirs.get(n, theirs.get("")), ours.get(n, ours.get("")), key="within", at=at, shorter=True
            )
            for n in names
        }
        plain = spans.pop("", None)
        by = child.within.by or parent.within.by
        changes["within"] = Within(plain, by, {n: s for n, s in spans.items() if s})
    if parent.extend and child.extend:
        longest = _stricter(parent.extend.max, child.extend.max, key="extend.max", at=at, shorter=True)
        times = min(parent.extend.times, child.extend.times)
        changes["extend"] = replace(child.extend, max=longest or child.extend.max, times=times)
    if parent.before:
        changes["before"] = _stricter(parent.before, child.before, key="before", at=at, shorter=False)
    return replace(child, **changes)


def loosened(parent: Duty, child: Duty) -> str:
    """The key in which a child asks less than its parent, or ''. Used by the lint: silence would hide a mistake."""
    if parent.within and child.within:
        for name, span in child.within.spans().items():
            other = parent.within.table.get(name, parent.within.span)
            if other and _hours(other)[0] is _hours(span)[0] and _hours(span)[1] > _hours(other)[1]:
                return "within"
    if parent.extend and child.extend:
        if (
            child.extend.times > parent.extend.times
            or _hours(child.extend.max)[1] > _hours(parent.extend.max)[1]
        ):
            return "extend"
    if parent.before and child.before and _hours(child.before)[1] < _hours(parent.before)[1]:
        return "before"
    return ""


class Rules:
    """Everything that holds at one place, ready for the fold: duties by the fact that opens them, and the tables."""

    def __init__(self, place: str, packs: Sequence[Pack], settings: Sequence[Setting] = ()) -> None:
        self.place, self.packs, self.settings = place, tuple(packs), tuple(settings)
        self.duties: dict[str, Rule] = {}
        layers: dict[str, list[tuple[Pack, Mapping[str, Any]]]] = {}
        for pack in packs:
            for name, raw in pack.duties.items():
                stack = layers.setdefault(name, [])
                if stack and "refines" not in raw:
                    other = stack[-1][0].head.id
                    raise pack.where("duty", name).error(
                        "id",
                        f"与 {other} 的同名职责没有先后",
                        f'请写 refines = "{other}/{name}"，或换一个编号',
                    )
                if "refines" in raw and not stack:
                    raise pack.where("duty", name).error(
                        "refines", f"上级没有 {name}", "请核对编号和上级规则包"
                    )
                stack.append((pack, raw))
        for name, stack in layers.items():
            self.duties[name] = Rule(name, stack, [s for s in settings if s.duty == name])

    @cached_property
    def openers(self) -> Mapping[str, tuple[Rule, ...]]:
        """Rules by the kind of fact that may open them, over all their versions."""
        found: dict[str, list[Rule]] = {}
        for rule in self.duties.values():
            kinds: set[str] = set()
            for pack, raw in rule.layers:
                values = [raw, *(change.values for change in pack.changes if change.duty == rule.id)]
                for value in values:
                    if "every" in value:
                        kinds.add(PERIOD_OPENED)
                    given = value.get("opened_by", [])
                    for item in given if isinstance(given, list) else [given]:
                        kinds.add(item if isinstance(item, str) else item["fact"])
                    if value.get("with"):
                        kinds.add(value["with"])
            for kind in sorted(kinds):
                found.setdefault(kind, []).append(rule)
        return {kind: tuple(rules) for kind, rules in found.items()}

    def duty(self, id: str, day: date, known: datetime) -> Duty | None:
        rule = self.duties.get(id)
        return rule.at(day, known) if rule else None

    def pack_of(self, duty: str) -> Pack:
        return self.duties[duty].pack

    def pack_with(self, section: str, id: str) -> Pack | None:
        """The nearest pack that states a gate, route, list, review or indicator."""
        return next((pack for pack in reversed(self.packs) if id in getattr(pack, section)), None)

    def _last(self, section: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for pack in self.packs:  # the nearer place wins
            found |= getattr(pack, section)
        return found

    @cached_property
    def lists(self) -> Mapping[str, CategoryList]:
        return self._last("lists")

    @cached_property
    def gates(self) -> tuple[Gate, ...]:
        return tuple(self._last("gates").values())

    @cached_property
    def reviews(self) -> Mapping[str, Review]:
        return self._last("reviews")

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        return self._last("indicators")

    @cached_property
    def routes(self) -> Mapping[str, tuple[tuple[Pack, Route], ...]]:
        found: dict[str, list[tuple[Pack, Route]]] = {}
        for pack in reversed(self.packs):
            for name, route in pack.routes.items():
                found.setdefault(name, []).append((pack, route))
        return {name: tuple(rows) for name, rows in found.items()}

    @property
    def clauses(self) -> Iterator[tuple[Pack, Clause]]:
        return ((pack, clause) for pack in self.packs for clause in pack.clauses.values())

    def route(self, id: str, details: Mapping[str, Any]) -> RouteCase | None:
        """The first case whose condition holds, the nearer place first."""
        for _, route in self.routes.get(id, ()):
            for case in route.case:
                if holds(case.when, details):
                    return case
        return None

    def gates_of(self, act: str, details: Mapping[str, Any]) -> Iterator[Gate]:
        return (gate for gate in self.gates if gate.guards == act and holds(gate.when, details))


PERIOD_OPENED = "period.opened"


class Rulebook:
    """All packs of a folder. `rules(place)` compiles what holds there."""

    def __init__(self, packs: Iterable[Pack], version: str = "") -> None:
        self.packs = tuple(packs)
        self.version = version
        seen: dict[str, Pack] = {}
        for pack in self.packs:
            if other := seen.get(pack.head.id):
                raise PackError(pack.file, "id", f"与 {other.file} 的编号相同", "规则包编号要唯一")
            seen[pack.head.id] = pack
        self.by_id: Mapping[str, Pack] = seen

    @classmethod
    def load(cls, folder: Path) -> Rulebook:
        """Read every `*/*/pack.toml`. Raises PackError, or FileNotFoundError when there is none."""
        paths = sorted(folder.glob("*/*/pack.toml"))
        if not paths:
            raise FileNotFoundError(f"{folder}：没有找到规则包。应有 地区/规章/pack.toml。")
        digest = hashlib.sha256()
        for path in paths:
            digest.update(path.read_bytes())
        return cls((read(path, folder) for path in paths), digest.hexdigest()[:16])

    @property
    def places(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(pack.head.place for pack in self.packs))

    def place_of(self, word: str) -> str:
        """The code of a place given by code, slug or pack id. Raises KeyError with what would be right."""
        if word.isdigit() and len(word) == 6:
            return word
        for pack in self.packs:
            if word in (pack.head.slug, pack.head.id):
                return pack.head.place
        slugs = {pack.head.slug: pack.head.place for pack in self.packs if pack.head.slug}
        known = "、".join(f"{slug}（{place}）" for slug, place in slugs.items())
        raise KeyError(f"没有地区 {word}。可用六位行政区划代码，或：{known}")

    def rules(self, place: str, settings: Sequence[Setting] = ()) -> Rules:
        """What holds at a place: packs along its chain, the nation first, older before newer."""
        order = {code: number for number, code in enumerate(chain_of(place))}
        packs = [pack for pack in self.packs if pack.head.place in order]
        packs.sort(key=lambda pack: (order[pack.head.place], pack.head.in_force_from, pack.head.id))
        return Rules(place, packs, settings)
