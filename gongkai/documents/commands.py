"""The documents' verbs of the command line: import, export."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

from gongkai.documents import exchange, offline
from gongkai.documents import imports as importing
from gongkai.ledger import clock
from gongkai.people.actor import Actor
from gongkai.people.commands import place_of, unit_of
from gongkai.people.models import Place

exports = typer.Typer(help="导出。", no_args_is_help=True)


def documents(
    folder: Annotated[Path, typer.Argument(exists=True, help="放文件的文件夹；只有目录表时给表格文件")],
    place: Annotated[str, typer.Option("--place", help="行政区划代码或网址名，如 520300、zunyi")],
    table: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="元数据表（CSV、XLSX）：文件、标题、发文字号、成文日期、发布日期……",
        ),
    ] = None,
    unit: Annotated[str, typer.Option(help="表里没有写单位的算哪个单位（全称、简称或编号）")] = "",
    published: Annotated[bool, typer.Option("--published", help="都是已经发布过的")] = False,
    half_width: Annotated[bool, typer.Option("--half-width", help="把汉字之间的半角标点改为全角")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不写入")] = False,
    report: Annotated[Path | None, typer.Option(help="没有收下的写到哪里，缺省为 rejected.csv")] = None,
) -> None:
    """导入公文：每个文件、每一行要么收下，要么写进报告说明原因；可以放心重复运行。"""
    here = place_of(place)
    if folder.is_file():
        folder, table = folder.parent, folder
        found = importing.pieces(None, table)
    else:
        found = importing.pieces(folder, table)
    default = unit_of(here, unit) if unit else None
    importer = importing.Importer(
        here, by=Actor.system(here), now=clock.now(), unit=default, published=published, half_width=half_width, dry=dry_run
    )  # fmt: skip
    bars = (SpinnerColumn(), TextColumn("导入"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*bars, console=Console(stderr=True)) as progress:
        task = progress.add_task("导入", total=len(found))
        for count in importer.run(found):
            progress.advance(task, count)
    came = importer.report
    for line in came.notes[:20]:
        typer.echo(line, err=True)
    if came.bad:
        path = report or Path("rejected.csv")
        came.write(path)
        typer.echo(f"{len(came.bad)} 件没有收下，原因见 {path}", err=True)
    verb = "可以收下" if dry_run else "收下"
    typer.echo(
        f"{verb} {came.taken} 件（其中已发布 {came.published} 件），重复 {came.repeated} 件，没有收下 {len(came.bad)} 件。"
    )


@exports.callback()
def _group() -> None:
    """导出。"""


@exports.command("documents")
def export_documents(
    place: Annotated[str, typer.Option("--place", help="行政区划代码或网址名，如 520300、zunyi")],
    to: Annotated[Path, typer.Option("--to", dir_okay=False, help="写到哪个文件")],
    as_: Annotated[str, typer.Option("--as", help="json、csv 或 xml")] = "json",
    since: Annotated[str, typer.Option(help="只要这以后变过的：上次给的游标，或日期 2026-01-31")] = "",
) -> None:
    """导出已公开的文件（元数据和正文）；撤回的只留标识和说明。"""
    if as_ not in exchange.WRITERS:
        raise typer.BadParameter(f"--as {as_}：应为 {'、'.join(exchange.WRITERS)}。")
    here, now = place_of(place), clock.now()
    pages = exchange.all_changes(here, _cursor(here, since), now)
    with to.open("w", encoding="utf-8", newline="") as file:
        count = exchange.WRITERS[as_](here, pages, file)
    typer.echo(f"导出 {count} 件，写到 {to}。", err=True)


def _cursor(place: Place, since: str) -> int:
    if since.isdecimal() or not since:
        return int(since or 0)
    try:
        return exchange.since(place, date.fromisoformat(since))
    except ValueError:
        raise typer.BadParameter(f"--since {since}：应为上次给的游标，或日期 2026-01-31。") from None


@exports.command()
def site(
    place: Annotated[str, typer.Option("--place", help="行政区划代码或网址名，如 520300、zunyi")],
    to: Annotated[Path, typer.Option("--to", dir_okay=False, help="写到哪个 zip 文件")],
) -> None:
    """导出离线网站：一个 zip，解开就能看，不用联网。"""
    count = offline.write(place_of(place), to, clock.now())
    typer.echo(f"写入 {count} 个文件：{to}。", err=True)
