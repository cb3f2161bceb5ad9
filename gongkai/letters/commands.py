"""The letters' verbs of the command line: import, learn, group, forget."""

from __future__ import annotations

from datetime import datetime, timedelta
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

from gongkai.files.tables import moment_of
from gongkai.ledger import clock
from gongkai.letters import actions, issues, learning, retention
from gongkai.letters import imports as importing
from gongkai.people.actor import Actor
from gongkai.people.commands import place_of
from gongkai.people.models import Place

imports = typer.Typer(help="导入。", no_args_is_help=True)
app = typer.Typer(help="群众留言：训练、归并、删除期满的来信人信息。", no_args_is_help=True)

SHOWN = 50  # letters named by a dry run
PlaceOption = Annotated[str, typer.Option("--place", help="行政区划代码或网址名，如 520300、zunyi")]


@imports.callback()
def _group() -> None:
    """导入。"""


@imports.command()
def letters(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV 或 XLSX，第一行是列名")],
    place: PlaceOption,
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="字段=列名，可多次；会记住，下次同样的列不必再写")
    ] = None,
    source: Annotated[str, typer.Option(help="没有来源列时算什么来源")] = "12345热线",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不写入")] = False,
    from_day: Annotated[str, typer.Option("--from", help="演练：把最早一封挪到这一天，其余顺移")] = "",
    report: Annotated[
        Path | None, typer.Option(help="没有收下的行写到哪里，缺省为 文件名.rejected.csv")
    ] = None,
) -> None:
    """导入来信：每一行要么收下，要么写进报告说明原因；可以放心重复运行。"""
    here, now = place_of(place), clock.now()
    columns, rows = importing.read_rows(file)
    given = dict(_pair(text) for text in map_ or [])
    mapping = importing.mapping_for(here, columns, given)
    typer.echo("，".join(f"{importing.FIELDS[name]}←{column}" for name, column in mapping.items()), err=True)
    total, first = _survey(file, mapping)
    shift = (
        timedelta(days=(datetime.fromisoformat(from_day).date() - first.date()).days)
        if from_day and first
        else None
    )
    importer = importing.Importer(
        here, mapping, source=source, by=Actor.system(here), now=now, dry=dry_run, shift=shift
    )
    bars = (SpinnerColumn(), TextColumn("导入"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*bars, console=Console(stderr=True)) as progress:
        task = progress.add_task("导入", total=total)
        for count in importer.run(rows):
            progress.advance(task, count)
    found = importer.report
    if not dry_run:
        importing.remember(here, columns, mapping, now)
    if found.bad:
        path = report or file.with_suffix(".rejected.csv")
        path = path if path.parent.exists() and _writable(path.parent) else Path(path.name)
        found.write(path)
        typer.echo(f"{len(found.bad)} 行没有收下，原因见 {path}", err=True)
    verb = "可以收下" if dry_run else "收下"
    typer.echo(
        f"{verb} {found.taken} 封，重复 {found.repeated} 封，没有收下 {len(found.bad)} 行；"
        f"已定承办单位 {found.units} 封，已有答复 {found.answered} 封。"
    )


def _writable(folder: Path) -> bool:
    import os

    return os.access(folder, os.W_OK)


def _pair(text: str) -> tuple[str, str]:
    name, _, column = text.partition("=")
    if not column:
        raise typer.BadParameter(f"--map {text}：应为 字段=列名，例如 --map text=诉求内容。")
    return name.strip(), column.strip()


def _survey(file: Path, mapping: dict[str, str]) -> tuple[int, datetime | None]:
    """Rows of a file and the earliest receipt in it."""
    _columns, rows = importing.read_rows(file)
    column, total, first = mapping["received_at"], 0, None
    for _line, values in rows:
        total += 1
        at = moment_of(values.get(column))
        if at is not None and (first is None or at < first):
            first = at
    return total, first


@app.command()
def train(place: PlaceOption) -> None:
    """用本地已办结的来信重新训练分类建议，并做交叉验证。"""
    learned = learning.train(place_of(place), clock.now())
    if learned is None:
        typer.echo("已办结并分好类的来信太少，还不能训练；继续使用词语提示。")
        raise typer.Exit(1)
    typer.echo(f"用 {learned.letters} 封来信训练完毕。")
    for name, figures in learned.report.items():
        typer.echo(f"  {name}：准确率 {figures['accuracy']:.1%}，宏平均 F1 {figures['macro_f1']:.3f}")


@app.command()
def group(place: PlaceOption) -> None:
    """重新归并热点问题。"""
    typer.echo(f"归并出 {issues.regroup(place_of(place), clock.now())} 个热点问题。")


@app.command()
def forget(
    place: Annotated[str, typer.Option("--place", help="只做一个地区；缺省为所有已登记的地区")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只列出会删的，不写")] = False,
) -> None:
    """删除办结已满保存年限的来信人信息：姓名、联系方式、指纹和所交附件；来信和答复保留。"""
    now = clock.now()
    for here in [place_of(place)] if place else list(Place.objects.all()):
        years = retention.years_kept(here, now)
        if dry_run:
            letters = retention.over(here, now, years)
            for number in letters.values_list("matter__number", flat=True)[:SHOWN]:
                typer.echo(f"  {number}")
            typer.echo(f"{here.name}：办结后保存 {years} 年，{letters.count()} 封期满。（未写入）")
        else:
            count = actions.forget_writers(here, now)
            typer.echo(f"{here.name}：办结后保存 {years} 年，已删除 {count} 封的来信人信息。")
