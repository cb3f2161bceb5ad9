"""`gongkai packs`: check, show, compare, and describe the rule packs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from gongkai.law import cases, schema
from gongkai.law.calendar import SHANGHAI
from gongkai.law.lint import today_rules
from gongkai.law.pack import Duty, PackError
from gongkai.ledger import asks, checks, clock, lawbook
from gongkai.ledger.vocabulary import KINDS

app = typer.Typer(help="规则包：检查、查看、比较。", no_args_is_help=True)


@app.command()
def check() -> None:
    """检查所有规则包和案例；每处问题给出文件、键、错在哪、怎样才对。"""
    try:
        book = lawbook.book()
        rows = lawbook.all_cases()
        faults = [str(fault) for fault in checks.faults()]
    except (PackError, FileNotFoundError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    for case in rows:
        found = cases.run(case, book, lawbook.calendar_offline(case.place), asks.CHECKS)
        faults += [f"{case.file} “{case.name}”：{fault}" for fault in found]
    for fault in faults:
        typer.echo(fault, err=True)
    clauses = sum(len(pack.clauses) for pack in book.packs)
    typer.echo(f"{len(book.packs)} 个规则包，{clauses} 条条款，{len(rows)} 个案例，{len(faults)} 处问题。")
    raise typer.Exit(1 if faults else 0)


@app.command()
def show(
    place: Annotated[str, typer.Argument(help="行政区划代码或网址名，如 520300、zunyi")],
    on: Annotated[str, typer.Option(help="哪一天的规则，缺省为今天")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="供程序读取")] = False,
) -> None:
    """一个地方现行的全部职责：谁、何时之前、依据哪一条。"""
    rows = list(_rows(place, on))
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        local = "（本地设定）" if "within" in row["local"] else ""
        typer.echo(
            f"{row['duty']:<22} {row['within']}{local}\t{row['says']}\t{row['owner']}\t《{row['pack']}》{row['cite']}"
        )


def _code(place: str) -> str:
    try:
        return lawbook.book().place_of(place)
    except KeyError as error:
        raise typer.BadParameter(str(error.args[0])) from None


def _rows(place: str, on: str) -> Iterator[dict[str, Any]]:
    day = date.fromisoformat(on) if on else clock.now().astimezone(SHANGHAI).date()
    for pack, duty in today_rules(lawbook.book(), _code(place), day):
        yield {
            "duty": duty.id, "says": duty.says, "within": length(duty), "owner": duty.owner, "local": list(duty.local),
            "soft": duty.soft, "pack": pack.head.title, "cite": duty.cite, "clauses": list(duty.clauses),
        }  # fmt: skip


def length(duty: Duty) -> str:
    """How long a duty gives, in words."""
    if duty.every:
        word = {
            "year": "每年",
            "half": "每半年",
            "quarter": "每季度",
            "month": "每月",
            "november": "每年11月",
        }[duty.every]
        return f"{word}至少 {duty.at_least} 次"
    if duty.is_minimum and duty.before:
        return f"至少 {duty.before.zh}"
    if duty.with_:
        return "同时"
    if duty.within is None:
        return "未定时限"
    spans = duty.within.spans()
    if set(spans) == {""}:
        return spans[""].zh
    return "，".join(f"{name or '其他'} {span.zh}" for name, span in spans.items())


@app.command()
def diff(
    one: Annotated[str, typer.Argument(help="甲地")], other: Annotated[str, typer.Argument(help="乙地")]
) -> None:  # fmt: skip
    """两地逐条比较：只在一地有的，以及数值不同的。"""
    left, right = ({row["duty"]: row for row in _rows(place, "")} for place in (one, other))
    same = 0
    for duty in sorted({*left, *right}):
        a, b = left.get(duty), right.get(duty)
        if a and b:
            changes = [
                f"{key} {a[key]} ≠ {b[key]}"
                for key in ("within", "owner", "soft", "cite")
                if a[key] != b[key]
            ]
            if not changes:
                same += 1
                continue
            typer.echo(f"≠ {duty} {a['says']}：" + "；".join(changes))
        elif row := a or b:
            typer.echo(
                f"{'<' if a else '>'} {duty} {row['says']}：只在{one if a else other}，{row['within']}，{row['cite']}"
            )
    typer.echo(f"另有 {same} 项相同。")


@app.command("schema")
def schema_(
    to: Annotated[Path | None, typer.Option(help="写到文件；缺省打印")] = None,
) -> None:
    """pack.toml 的 JSON Schema，供编辑器补全和检查。"""
    text = json.dumps(schema.schema(), ensure_ascii=False, indent=1)
    if to:
        to.write_text(text + "\n", encoding="utf-8")
    else:
        typer.echo(text)


@app.command()
def facts(as_json: Annotated[bool, typer.Option("--json", help="供程序读取")] = False) -> None:
    """全部事实种类及其内容：`gongkai try` 和对接系统使用的词汇。"""
    if as_json:
        rows = [
            {"fact": kind.name, "says": kind.says, "details": dict(kind.details)} for kind in KINDS.values()
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for kind in sorted(KINDS.values(), key=lambda kind: kind.name):
        details = "，".join(f"{name}={says}" for name, says in kind.details.items())
        typer.echo(f"{kind.name:<30} {kind.says}\t{details}")
