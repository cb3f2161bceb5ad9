"""Why a duty is due on that day: the fact, the article, each counted and skipped day, pauses and extensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gongkai.law.calendar import SHANGHAI, Calendar
from gongkai.law.clock import CountedDay, Unit, explain_days
from gongkai.law.fold import Fact, Obligation
from gongkai.law.pack import Pack


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    cite: str = ""
    local: bool = False  # the regulation gives no value: 本地设定


@dataclass(frozen=True, slots=True)
class Explanation:
    sentences: tuple[Sentence, ...]
    days: tuple[CountedDay, ...]
    due_at: datetime | None
    provisional: bool


def moment_zh(at: datetime) -> str:
    at = at.astimezone(SHANGHAI)
    return f"{at.year}年{at.month}月{at.day}日 {at.hour:02}:{at.minute:02}"


def end_zh(at: datetime) -> str:
    """A first late instant as people write it: midnight is 24:00 of the day before."""
    at = at.astimezone(SHANGHAI)
    if at.hour == at.minute == at.second == 0:
        day = at - timedelta(days=1)
        return f"{day.year}年{day.month}月{day.day}日 24:00"
    return moment_zh(at)


def explain(
    o: Obligation, pack: Pack, facts: Mapping[int, Fact], calendar: Calendar, says: Mapping[str, str]
) -> Explanation:
    """Show the working of one obligation. `says` gives the wording of a fact kind, e.g. letter.received → 收到来信."""
    duty, unit = o.duty, o.budget.unit if o.budget else None
    cite = f"{pack.head.title} {duty.cite}" if duty.cite else pack.head.title
    rows: list[Sentence] = []
    opened = facts.get(o.fact)
    what = says.get(opened.kind, opened.kind) if opened else ""
    by_day = unit in (Unit.DAY, Unit.WORKING_DAY)
    tail = "当天不算。" if by_day and o.budget and o.budget.amount else "从这一刻起算。"
    rows.append(Sentence(f"{what}：{moment_zh(o.start)}，{tail}", local="from" in duty.local))
    if o.budget is not None:
        rows.append(Sentence(f"应在 {o.budget.zh}内{duty.says}。", cite, "within" in duty.local))
    elif duty.every:
        rows.append(Sentence(f"本期内至少 {duty.at_least} 次：{duty.says}。", cite))
    elif duty.is_minimum and duty.before:
        rows.append(Sentence(f"至少满 {duty.before.zh}，才可以进行下一步。", cite))
    elif duty.with_:
        rows.append(Sentence(f"应同时{duty.says}。", cite))
    else:
        rows.append(Sentence(f"应{duty.says}，未定时限。", cite))
    for begin, end in o.pauses:
        until = moment_zh(end) if end else "尚未恢复"
        rows.append(Sentence(f"期间暂停计时：{moment_zh(begin)} 至 {until}。"))
    for seq, amount in o.extensions:
        fact = facts.get(seq)
        who = f"，经{fact.details['approved_by']}批准" if fact and fact.details.get("approved_by") else ""
        word = type(o.budget)(amount, o.budget.unit).zh if o.budget else str(amount)
        rows.append(Sentence(f"延长 {word}{who}。"))
    days: tuple[CountedDay, ...] = ()
    if o.due_at is not None and by_day and unit is not None:
        count = (o.budget.amount if o.budget else 0) + sum(amount for _, amount in o.extensions)
        closed = [(begin, end) for begin, end in o.pauses if end is not None]
        days = tuple(explain_days(o.start, o.due_at, unit, calendar, count=count, pauses=closed))
        rows += _skipped(days)
    if o.due_at is not None:
        rows.append(Sentence(f"到 {end_zh(o.due_at)} 为止，在此之前算按时。"))
    if o.provisional:
        rows.append(Sentence("这一天还是暂定的：国务院尚未公布那一年的放假安排，公布后会重新计算。"))
    return Explanation(tuple(rows), days, o.due_at, o.provisional)


def _skipped(days: tuple[CountedDay, ...]) -> list[Sentence]:
    """One sentence a notice: make-up days that count and holidays that do not."""
    rows: list[Sentence] = []
    for kind, word in (("makeup", "因调休上班，算工作日"), ("holiday", "放假，不算")):
        by_notice: dict[tuple[str, str], list[str]] = {}
        for row in days:
            if row.day.kind == kind and (row.role == "off" if kind == "holiday" else row.number is not None):
                by_notice.setdefault((row.day.name, row.day.notice), []).append(
                    f"{row.day.date.month}月{row.day.date.day}日"
                )
        for (name, notice), dates in by_notice.items():
            span = dates[0] if len(dates) == 1 else f"{dates[0]}至{dates[-1]}"
            rows.append(Sentence(f"{span}{name}{word}。", notice))
    return rows
