"""Worked examples: `cases.toml` beside a pack says what facts give which duties. They are the pack's tests."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from gongkai.law.calendar import SHANGHAI, Calendar
from gongkai.law.explain import end_zh
from gongkai.law.fold import Fact, Folded, Obligation, fold
from gongkai.law.pack import PackError
from gongkai.law.rules import Rulebook, Rules, Setting

GIVEN = ("fact", "at", "recorded_at", "corrects", "by")
EXPECT = ("duty", "due", "state", "unit", "owner", "count", "provisional", "settled", "earliest")
KEYS = {"name", "place", "clauses", "given", "expect", "now", "gate", "refused", "route", "settings"}
DUE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}):(\d{2}))?")


@dataclass(frozen=True, slots=True)
class Case:
    """One example: facts given, and the duties, refusals or routes expected of them."""

    file: str
    name: str
    place: str
    clauses: tuple[str, ...]
    given: tuple[Mapping[str, Any], ...]
    expect: tuple[Mapping[str, Any], ...]
    now: datetime | None
    gate: Mapping[str, Any]
    route: Mapping[str, Any]
    settings: tuple[Setting, ...]

    @property
    def duties(self) -> set[str]:
        return {row["duty"] for row in self.expect}

    @property
    def gates(self) -> set[str]:
        return {self.gate["id"]} if self.gate else set()

    @property
    def facts(self) -> list[Fact]:
        return [fact_from(row, number) for number, row in enumerate(self.given, 1)]


def moment(value: Any) -> datetime:
    """A TOML or ISO moment; without an offset it is meant in Asia/Shanghai; a day is its beginning."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise ValueError(f"{value!r} 不是时刻，例如 2025-09-26T10:00:00")
    return value if value.tzinfo else value.replace(tzinfo=SHANGHAI)


def end_of(text: str) -> datetime:
    """`2025-10-10 24:00` or a plain day (its end) as the first late instant; `2025-10-10 16:30` as it stands."""
    found = DUE.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} 不是期限，例如 2025-10-10 24:00")
    day = datetime.combine(date.fromisoformat(found[1]), time(), SHANGHAI)
    if found[2] is None:
        return day + timedelta(days=1)
    return day + timedelta(hours=int(found[2]), minutes=int(found[3]))


def fact_from(row: Mapping[str, Any], seq: int) -> Fact:
    """A fact from a table: `fact`, `at`, optional `recorded_at`, `corrects`, `by`; every other key is a detail."""
    if "fact" not in row or "at" not in row:
        raise ValueError(
            f'第 {seq} 条缺少 fact 或 at，例如 {{ fact = "letter.received", at = 2025-09-26T10:00:00 }}'
        )
    at = moment(row["at"])
    details = {
        key: value.isoformat() if isinstance(value, (date, datetime)) else value
        for key, value in row.items()
        if key not in GIVEN
    }
    recorded = moment(row.get("recorded_at", at))
    return Fact(seq, str(row["fact"]), at, recorded, details, row.get("corrects"), str(row.get("by", "")))


def load(folder: Path) -> Iterator[Case]:
    """Every case of every pack under a folder. Raises PackError for a table it cannot read."""
    for path in sorted(folder.glob("*/*/cases.toml")):
        file = str(path.relative_to(folder))
        try:
            rows = tomllib.loads(path.read_text(encoding="utf-8")).get("case", [])
        except tomllib.TOMLDecodeError as error:
            raise PackError(file, "TOML", f"读不懂：{error}", "请改正这一处的语法") from None
        for number, row in enumerate(rows, 1):
            name = row.get("name", f"第 {number} 个")
            if unknown := set(row) - KEYS:
                raise PackError(
                    f"{file} {name}", min(unknown), "没有这个键", f"可用：{'、'.join(sorted(KEYS))}"
                )
            if "place" not in row:
                raise PackError(f"{file} {name}", "place", "缺少这个键", '请写 place = "520300"')
            for expected in row.get("expect", []):
                if unknown := set(expected) - set(EXPECT):
                    raise PackError(
                        f"{file} {name}", min(unknown), "没有这个键", f"可用：{'、'.join(EXPECT)}"
                    )
            settings = tuple(
                Setting(s["duty"], s["key"], s["value"], s.get("from", date(2000, 1, 1)))
                for s in row.get("settings", [])
            )
            yield Case(
                file, name, row["place"], tuple(row.get("clauses", [])), tuple(row.get("given", [])),
                tuple(row.get("expect", [])), moment(row["now"]) if "now" in row else None,
                row.get("gate", {}), row.get("route", {}), settings,
            )  # fmt: skip


def run(
    case: Case, book: Rulebook, calendar: Calendar, checks: Mapping[str, Callable[[Mapping[str, Any]], bool]]
) -> list[str]:
    """What of a case does not hold, in words; an empty list when all does.

    `checks` are the named checks of the rooms, for gates.
    """
    rules = book.rules(case.place, case.settings)
    faults: list[str] = []
    if case.given and case.expect:
        facts = case.facts
        folded = fold(facts, rules, calendar, case.now or facts[-1].at)
        for wanted in case.expect:
            faults += _compare(wanted, folded, rules, case.place, calendar)
    if case.gate:
        faults += _gate(case.gate, rules, checks)
    if case.route:
        found = rules.route(case.route["id"], case.route.get("details", {}))
        if (found.lead if found else None) != case.route["lead"]:
            faults.append(
                f"路由 {case.route['id']} 应到 {case.route['lead']}，实为 {found.lead if found else '无'}"
            )
    return faults


def _compare(
    wanted: Mapping[str, Any], folded: Folded, rules: Rules, place: str, calendar: Calendar
) -> list[str]:
    found = [o for o in folded.obligations if o.duty.id == wanted["duty"]]
    if "count" in wanted and len(found) != wanted["count"]:
        return [f"{wanted['duty']} 应有 {wanted['count']} 项，实有 {len(found)} 项"]
    if wanted.get("count") == 0:
        return []
    if not found:
        opened = "、".join(sorted({o.duty.id for o in folded.obligations})) or "无"
        return [f"没有产生 {wanted['duty']}；产生了：{opened}"]
    problems = [_differences(wanted, o, folded, calendar) for o in found]
    return [] if [] in problems else problems[-1]


def _differences(wanted: Mapping[str, Any], o: Obligation, folded: Folded, calendar: Calendar) -> list[str]:
    from gongkai.law.fold import earliest_of

    out: list[str] = []
    if "due" in wanted:
        expected = end_of(str(wanted["due"]))
        if o.due_at != expected:
            out.append(
                f"{o.duty.id} 应到 {end_zh(expected)}，实为 {end_zh(o.due_at) if o.due_at else '无期限'}"
            )
    if "earliest" in wanted:
        found = earliest_of(o, folded.details, calendar)
        if found != end_of(str(wanted["earliest"])):
            out.append(f"{o.duty.id} 最早应为 {wanted['earliest']}，实为 {end_zh(found) if found else '无'}")
    if "settled" in wanted and o.settled_at != moment(wanted["settled"]):
        out.append(f"{o.duty.id} 办结时刻不符：{o.settled_at}")
    for key, value in (
        ("state", str(o.state)),
        ("unit", o.unit),
        ("owner", o.owner),
        ("provisional", o.provisional),
    ):
        if key in wanted and wanted[key] != value:
            out.append(f"{o.duty.id} 的 {key} 应为 {wanted[key]}，实为 {value}")
    return out


def _gate(
    wanted: Mapping[str, Any], rules: Rules, checks: Mapping[str, Callable[[Mapping[str, Any]], bool]]
) -> list[str]:
    gate = next((gate for gate in rules.gates if gate.id == wanted["id"]), None)
    if gate is None:
        return [f"没有关口 {wanted['id']}"]
    details = wanted.get("details", {})
    missing = [need for need in gate.needs if need not in checks]
    if missing:
        return [f"关口 {gate.id} 的检查 {missing[0]} 没有哪个房间提供"]
    refused = not all(checks[need](details) for need in gate.needs)
    if refused != wanted["refused"]:
        return [f"关口 {gate.id} 应{'拒绝' if wanted['refused'] else '放行'}"]
    return []
