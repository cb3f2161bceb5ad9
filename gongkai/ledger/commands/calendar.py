"""`gongkai calendar`: due dates and single days, with their notices."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from gongkai.law import clock
from gongkai.law.calendar import SHANGHAI, CalendarError
from gongkai.law.cases import moment
from gongkai.ledger import lawbook

app = typer.Typer(help="工作日历：期限、某一天是不是工作日。", no_args_is_help=True)
UNITS = {
    "workdays": clock.Unit.WORKING_DAY,
    "days": clock.Unit.DAY,
    "hours": clock.Unit.HOUR,
    "workhours": clock.Unit.WORKING_HOUR,
}


@app.command()
def due(
    start: Annotated[str, typer.Argument(help="起算日或时刻，如 2026-09-18 或 2026-09-18T15:30")],
    amount: Annotated[int, typer.Argument(help="多少", min=0)],
    unit: Annotated[
        str, typer.Option(help="workdays 工作日、days 自然日、hours 小时、workhours 工作小时")
    ] = "workdays",
    place: Annotated[str, typer.Option(help="行政区划代码，有地方假日时用")] = "",
    why: Annotated[bool, typer.Option("--why", help="列出每一天")] = False,
) -> None:
    """期限的最后一天；跨到没有放假通知的年份时加“暂定”。"""
    if unit not in UNITS:
        raise typer.BadParameter(f"没有单位 {unit}。可用：{'、'.join(UNITS)}。", param_hint="--unit")
    try:
        begin = moment(start)
    except ValueError:
        raise typer.BadParameter(f"{start} 不是日期。例如 2026-09-18。", param_hint="START") from None
    calendar = lawbook.calendar_offline(place)
    try:
        found = clock.due(begin, clock.Span(amount, UNITS[unit]), calendar)
    except (CalendarError, OverflowError) as error:
        raise typer.BadParameter(f"算不到那么远：{error}", param_hint="AMOUNT") from None
    whole = UNITS[unit].is_whole_days
    shown = _last_day(found.at).isoformat() if whole else f"{found.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    typer.echo(f"{shown} 暂定" if found.provisional else shown)
    if why and whole:
        for row in clock.explain_days(begin, found.at, UNITS[unit], calendar, count=amount):
            number = f"第{row.number}天" if row.number else ""
            typer.echo(f"  {row.day.date} {row.day.zh} {number} {row.day.notice}".rstrip())


def _last_day(at: datetime) -> date:
    return date.fromordinal(at.astimezone(SHANGHAI).date().toordinal() - 1)


@app.command()
def day(
    which: Annotated[str, typer.Argument(help="哪一天，如 2025-09-28")],
    place: Annotated[str, typer.Option(help="行政区划代码")] = "",
) -> None:
    """这一天是工作日、周末、放假还是调休，依据哪个通知。"""
    try:
        found = lawbook.calendar_offline(place).day(date.fromisoformat(which))
    except (ValueError, CalendarError) as error:
        raise typer.BadParameter(f"{which}：{error}", param_hint="WHICH") from None
    typer.echo(" ".join(filter(None, (which, found.zh, found.notice, "" if found.announced else "暂定"))))
