"""`gongkai clauses`: every clause, what carries it out, and the test that shows it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from gongkai.ledger import clauses, lawbook


def clauses_(
    place: Annotated[str, typer.Option(help="只看一个地方：代码或网址名")] = "",
    missing: Annotated[bool, typer.Option("--missing", help="只看尚未落实的")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="供程序读取")] = False,
) -> None:
    """制度落实：每一条由什么落实、由哪个测试证明；还没有的写 not yet。"""
    try:
        code = lawbook.book().place_of(place) if place else ""
    except KeyError as error:
        raise typer.BadParameter(str(error.args[0])) from None
    packs = lawbook.rules_offline(code).packs if code else lawbook.book().packs
    rows = [row for row in clauses.table(packs) if not (missing and row.carried_by)]
    if as_json:
        fields = ("id", "pack", "cite", "says", "software", "carried_by", "tests", "note")
        typer.echo(
            json.dumps([{f: getattr(row, f) for f in fields} for row in rows], ensure_ascii=False, indent=1)
        )
        return
    for row in rows:
        carried = "、".join(row.carried_by) or ("由人落实" if row.software == "no" else "not yet")
        typer.echo(f"{row.id:<12} {carried}\t{'、'.join(row.tests) or '—'}\t{row.cite}\t{row.says}")
    done = sum(bool(row.carried_by) for row in rows)
    typer.echo(
        f"{len(rows)} 条，已落实 {done} 条，其中有测试证明 {sum(bool(r.carried_by and r.tests) for r in rows)} 条。"
    )
