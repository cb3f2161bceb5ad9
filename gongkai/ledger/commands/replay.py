"""`gongkai try`: the what-if replay."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from gongkai.law.cases import moment
from gongkai.law.explain import end_zh
from gongkai.law.fold import Folded
from gongkai.law.replay import as_row, replay
from gongkai.ledger import lawbook


def try_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="每行一个事实的 JSON 文件")],
    place: Annotated[str, typer.Option(help="按哪个地方的规则：代码或网址名")],
    now: Annotated[str, typer.Option(help="算到哪一刻；缺省为各事项最后一个事实")] = "",
    as_of: Annotated[str, typer.Option(help="只用此刻以前已记录的事实")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="每个事项一行 JSON")] = False,
) -> None:
    """把文件里的事实按规则算一遍，不动任何数据库：某项规则如果早就施行，去年会怎样。"""
    try:
        code = lawbook.book().place_of(place)
        until, known = _moment(now), _moment(as_of)
    except (KeyError, ValueError) as error:
        raise typer.BadParameter(str(error.args[0])) from None
    matters = duties = 0
    failed = False
    with file.open(encoding="utf-8") as lines:
        for matter, folded, bad in replay(
            lines, lawbook.rules_offline(code), lawbook.calendar_offline(code), now=until, as_of=known
        ):
            if folded is None:
                for line in bad:
                    typer.echo(str(line), err=True)
                failed = bool(bad)
                continue
            matters, duties = matters + 1, duties + len(folded.obligations)
            typer.echo(
                json.dumps(as_row(matter, folded), ensure_ascii=False) if as_json else _text(matter, folded)
            )
    typer.echo(f"{matters} 个事项，{duties} 项职责。", err=True)
    raise typer.Exit(1 if failed else 0)


def _moment(text: str) -> datetime | None:
    return moment(text) if text else None


STATES = {
    "open": "办理中", "warned": "已提醒", "met": "按时办结", "breached": "逾期", "met_late": "逾期办结",
    "lapsed": "不再需要", "void": "作废",
}  # fmt: skip


def _text(matter: str, folded: Folded) -> str:
    rows = [matter] if matter else []
    for o in folded.obligations:
        due = end_zh(o.due_at) if o.due_at else "未定时限"
        mark = "（暂定）" if o.provisional else ""
        rows.append(
            f"  {o.duty.says:<14}\t{due}{mark}\t{STATES[o.state]}\t{o.unit or o.owner}\t{o.duty.cite}"
        )
    return "\n".join(rows)
