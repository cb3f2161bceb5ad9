"""What a pack must have before it is used: every reference resolves, every duty can be met and has a case."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from gongkai.law.calendar import SHANGHAI
from gongkai.law.cases import Case
from gongkai.law.fold import VOIDED
from gongkai.law.pack import Duty, Pack, PackError, Trigger
from gongkai.law.rules import PERIOD_OPENED, Rulebook, loosened

FOREVER = datetime(9999, 1, 1, tzinfo=SHANGHAI)


@dataclass(frozen=True, slots=True)
class Fault:
    where: str
    wrong: str
    right: str

    def __str__(self) -> str:
        return f"{self.where}：{self.wrong}。{self.right}。"


def check(
    book: Rulebook,
    cases: list[Case],
    kinds: Mapping[str, object],
    known: Callable[[str, str], bool],
) -> Iterator[Fault]:
    """Every fault of a rulebook.

    `kinds` is the vocabulary of facts; `known(kind, name)` says whether a page or record that a clause
    names exists.
    """
    proven = {duty for case in cases for duty in case.duties}
    first: dict[str, Pack] = {}
    for pack in book.packs:
        for clause in pack.clauses:
            if (other := first.setdefault(clause, pack)) is not pack:
                where = str(pack.where("clause", clause))
                yield Fault(where, f"条款 {clause} 在规则包 {other.head.id} 里已有", "请换一个编号")
        yield from _check_clauses(pack, book, known)
    for place in book.places:
        try:
            rules = book.rules(place)
        except PackError as error:
            yield Fault(error.where, f"{error.key}：{error.wrong}", error.right)
            continue
        for rule in rules.duties.values():
            pack, raw = rule.layers[-1]
            if pack.head.place != place:
                continue
            where = str(pack.where("duty", rule.id))
            for day in rule.boundaries:
                try:
                    duty = rule.at(day, FOREVER)
                except PackError as error:
                    yield Fault(error.where, f"{error.key}：{error.wrong}", error.right)
                    break
                if duty is not None:
                    yield from (Fault(where, *fault) for fault in _check_duty(duty, rules.duties, kinds))
            if "refines" in raw and "derogates" not in raw:
                yield from _check_refinement(where, rule.id, place, book, raw)
            if rule.id not in proven:
                yield Fault(where, "没有案例", f"请在 cases.toml 写一个用到 {rule.id} 的案例")
        for pack in rules.packs:
            if pack.head.place == place:
                for gate in pack.gates.values():
                    if not any(gate.id in case.gates for case in cases):
                        yield Fault(
                            str(pack.where("gate", gate.id)), "没有案例", "请在 cases.toml 写一个用到它的案例"
                        )


def _check_duty(
    duty: Duty, duties: Mapping[str, object], kinds: Mapping[str, object]
) -> Iterator[tuple[str, str]]:
    if not (duty.met_by or duty.must_not):
        yield "没有办法履行", "请写 met_by（或最短期限的 must_not）"
    if not (duty.opened_by or duty.every or duty.with_) and not _followed(duty.id, duties):
        yield "没有什么会产生这项职责", "请写 opened_by、every 或 with，或让别的职责的 on_breach 指向它"
    pauses = (*duty.pause.on, *duty.pause.until) if duty.pause else ()
    extends = duty.extend.on if duty.extend else ()
    used = (*duty.opened_by, *duty.met_by, *duty.lapses_by, *duty.restart, *pauses, *extends)
    plain = [Trigger(kind) for kind in (duty.with_, duty.must_not) if kind]
    for trigger in (*used, *plain):
        head, _, tail = trigger.fact.partition(":")
        if head in ("met", "breached") and tail:
            if tail not in duties:
                yield f"提到的职责 {tail} 不存在", "请核对编号"
        elif trigger.fact not in kinds and trigger.fact not in (VOIDED, PERIOD_OPENED):
            yield f"没有 {trigger.fact} 这种事实", "请核对，全部种类见 gongkai packs facts"
    for follow in (duty.on_breach, duty.times.then if duty.times else None):
        if follow and follow.duty not in duties:
            yield f"接续的职责 {follow.duty} 不存在", "请核对编号"
    if duty.extend and duty.within:
        units = {span.unit for span in duty.within.spans().values()}
        if units and duty.extend.max.unit not in units:
            yield "延期的单位与期限不同", "请用同一单位"


def _followed(id: str, duties: Mapping[str, object]) -> bool:
    for rule in duties.values():
        for _, raw in rule.layers:  # type: ignore[attr-defined]
            then = raw.get("times", {}).get("then", {})
            if id in (raw.get("on_breach", {}).get("duty"), then.get("duty")):
                return True
    return False


def _check_refinement(
    where: str, id: str, place: str, book: Rulebook, raw: Mapping[str, object]
) -> Iterator[Fault]:
    """A child that writes a looser number without a citation is told so: the stricter would silently win."""
    above = book.rules(place[:2] + "0000" if place.endswith("00") else place[:4] + "00")
    parent = above.duties.get(id)
    own = book.rules(place).duties[id]
    pack, _last = own.layers[-1]
    if parent is None:
        return
    for day in own.boundaries:
        theirs = parent.at(day, FOREVER)
        if theirs is None:
            continue
        from gongkai.law.pack import duty_from

        merged: dict[str, object] = {}
        for _, layer in own.layers:
            merged |= layer
        ours = duty_from(merged, pack.where("duty", id))
        if key := loosened(theirs, ours):
            yield Fault(where, f"{key} 比上级宽松", "请改严，或写 derogates 说明依据")
            return


def _check_clauses(pack: Pack, book: Rulebook, known: Callable[[str, str], bool]) -> Iterator[Fault]:
    rules = book.rules(pack.head.place)
    named = {clause for section in ("lists", "gates", "routes", "reviews", "indicators")
             for item in getattr(pack, section).values() for clause in item.clauses}  # fmt: skip
    named |= {clause for raw in pack.duties.values() for clause in raw.get("clauses", [])}
    for clause in sorted(named - set(pack.clauses)):
        yield Fault(pack.file, f"条款 {clause} 没有 [[clause]]", "请为它写一段")
    for clause in pack.clauses.values():
        for carrier in clause.carried_by:
            kind, _, name = carrier.partition(":")
            tables: Mapping[str, object] = {
                "duty": rules.duties, "list": rules.lists, "route": rules.routes, "review": rules.reviews,
                "indicator": rules.indicators, "gate": {gate.id for gate in rules.gates},
            }  # fmt: skip
            exists = name in tables[kind] if kind in tables else known(kind, name)  # type: ignore[operator]
            if not exists:
                yield Fault(
                    str(pack.where("clause", clause.id)), f"{carrier} 不存在", "请核对，或留空表示尚未落实"
                )


def missing_clauses(book: Rulebook, table: Path) -> set[str]:
    """Clause ids of a table (TSV with an `id` column) that no pack lists."""
    with table.open(encoding="utf-8") as file:
        ids = {row["id"] for row in csv.DictReader(file, delimiter="\t")}
    return ids - {clause for pack in book.packs for clause in pack.clauses}


def today_rules(book: Rulebook, place: str, day: date) -> Iterator[tuple[Pack, Duty]]:
    """Duties in force at a place on a day, as encoded now, with the pack that states each."""
    rules = book.rules(place)
    for rule in rules.duties.values():
        if duty := rule.at(day, FOREVER):
            yield rule.pack, duty
