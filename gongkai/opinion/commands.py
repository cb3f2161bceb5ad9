"""The opinion room's verbs of the command line: import posts, collect, group, play a drill."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from gongkai.ledger import clock
from gongkai.opinion import imports as importing
from gongkai.opinion import learning
from gongkai.opinion.actions import collecting, streaming
from gongkai.opinion.models import Source
from gongkai.opinion.watching.items import BadItem, Item
from gongkai.people.actor import Actor
from gongkai.people.commands import place_of
from gongkai.people.models import Place
from gongkai.text.rumour import SURE

app = typer.Typer(help="政务舆情：采集、归并、演练。", no_args_is_help=True)

PlaceOption = Annotated[str, typer.Option("--place", help="行政区划代码或网址名，如 520300、zunyi")]
MapOption = Annotated[
    list[str] | None, typer.Option("--map", help="字段=列名，可多次；会记住，下次同样的列不必再写")
]
SHOWN = 20  # stories and alarms named by a drill


@app.callback()
def _group() -> None:
    """政务舆情。"""


def posts(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV、XLSX、JSON 或 JSONL")],
    place: PlaceOption,
    source: Annotated[str, typer.Option(help="算哪个来源的；没有就建一个“其他”渠道的文件来源")] = "文件导入",
    map_: MapOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不写入")] = False,
    report: Annotated[
        Path | None, typer.Option(help="没有收下的行写到哪里，缺省为 文件名.rejected.csv")
    ] = None,
) -> None:
    """导入言论：每一行要么收下，要么写进报告说明原因；可以放心重复运行。"""
    here, now = place_of(place), clock.now()
    columns, rows = importing.read(file)
    mapping = importing.mapping_for(here, columns, dict(_pair(text) for text in map_ or []))
    typer.echo("，".join(f"{importing.FIELDS[name]}←{column}" for name, column in mapping.items()), err=True)
    importer = importing.Importer(
        _source(here, source, now), mapping, by=Actor.system(here), now=now, dry=dry_run
    )
    for _ in track(importer.run(rows), description="导入", console=Console(stderr=True), total=None):
        pass
    found = importer.report
    if not dry_run:
        importing.remember(here, columns, mapping, now)
    if found.bad:
        path = report or Path(f"{file.stem}.rejected.csv")
        found.write(path)
        typer.echo(f"{len(found.bad)} 行没有收下，原因见 {path}", err=True)
    verb = "可以收下" if dry_run else "收下"
    typer.echo(
        f"{verb} {found.taken} 条，重复 {found.repeated} 条，不符合方案 {found.passed} 条，没有收下 {len(found.bad)} 行。"
    )


def _pair(text: str) -> tuple[str, str]:
    name, _, column = text.partition("=")
    if not column:
        raise typer.BadParameter(f"--map {text}：应为 字段=列名，例如 --map text=微博正文。")
    return name.strip(), column.strip()


def _source(place: Place, name: str, now: datetime) -> Source:
    if found := Source.objects.filter(place=place, name=name).first():
        return found
    given = {
        "name": name, "kind": "其他", "how": Source.How.FILE, "tier": Source.Tier.SELF, "address": "", "selector": "",
        "every": 15, "mode": "daily", "only_matching": False, "is_on": True,
    }  # fmt: skip
    return collecting.save_source(place, given, by=Actor.system(place), at=now)[0]


@app.command()
def learn(place: PlaceOption) -> None:
    """用本地核过的言论（改正过的、随事件研判过的）训练“疑似不实”提示，并做交叉验证。"""
    learned = learning.train(place_of(place), clock.now())
    if learned is None:
        typer.echo("核过的言论太少，还不能训练：不实的和属实的各要八条以上；继续使用词语提示。")
        raise typer.Exit(1)
    shown = next(one for one in learned.report["thresholds"] if one["confidence"] == SURE)
    typer.echo(
        f"用 {learned.posts} 条核过的言论训练完毕。交叉验证：准确率 {learned.report['accuracy']:.1%}。"
    )
    right = "" if shown["precision"] is None else f"，其中 {shown['precision']:.1%} 确实不实"
    typer.echo(
        f"会提示的（把握不低于 {SURE:.0%}）占 {shown['share']:.1%}{right}。界面上只写“疑似不实，待核”，由人核实。"
    )


@app.command()
def collect() -> None:
    """采集一轮到时的来源。"""
    typer.echo(f"新收到 {collecting.collect(clock.now())} 条。")


@app.command()
def group(place: PlaceOption) -> None:
    """重新归并最近七天的言论。"""
    typer.echo(f"{streaming.regroup(place_of(place), clock.now())} 条换了线索。")


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV、XLSX、JSON 或 JSONL")],
    place: Annotated[str, typer.Option("--place", help="放进哪个地区；--dry 时不必写")] = "",
    speed: Annotated[float, typer.Option(min=0.1, help="按录下的速度的几倍放，60 即一小时放成一分钟")] = 60.0,
    dry: Annotated[bool, typer.Option("--dry", help="不写数据库：报出线索、预警、延迟和每秒条数")] = False,
    map_: MapOption = None,
) -> None:
    """演练：把录下的言论按原来的快慢重放一遍。"""
    here = place_of(place) if place else None
    if here is None and not dry:
        raise typer.BadParameter("请用 --place 指明放进哪个地区，或用 --dry 只测不写。")
    items = list(_items(file, here, dict(_pair(text) for text in map_ or [])))
    items.sort(key=lambda item: (item.published_at, item.external_id))
    if not items:
        typer.echo("文件里没有可放的言论。")
        raise typer.Exit(1)
    if here is None or dry:
        _dry(items)
    else:
        _play(items, here, speed)


def _items(file: Path, place: Place | None, given: dict[str, str]) -> Iterator[Item]:
    columns, rows = importing.read(file)
    mapping = importing.mapping_for(place, columns, given)
    for line, row in rows:
        try:
            yield importing.item_from(row, mapping, clock.now())
        except BadItem as wrong:
            typer.echo(f"第 {line} 行没有收下：{wrong}", err=True)


def _dry(items: list[Item]) -> None:
    from gongkai.opinion import replay

    drill = replay.dry(items)
    several = sorted(drill.stories.items(), key=lambda one: (-len(one[1]), one[0]))
    typer.echo(f"{drill.posts} 条言论，{len(several)} 条线索，每秒 {drill.speed:,.0f} 条。")
    for story, keys in several[:SHOWN]:
        if len(keys) > 1:
            typer.echo(f"  {len(keys):>5} 条  {drill.names[story] or story}")
    typer.echo(f"预警 {len(drill.rung)} 次：")
    for one in drill.rung[:SHOWN]:
        typer.echo(
            f"  {one.alarm.at:%Y-%m-%d %H:%M} {one.alarm.says}（迟 {_minutes(one.delay)} 分钟）：{one.name or one.story}"
        )


def _minutes(span: timedelta) -> int:
    return round(span / timedelta(minutes=1))


def _play(items: list[Item], place: Place, speed: float) -> None:
    """Put the items in at their pace, as if the first were said now; alarms are raised every half minute."""
    from dataclasses import replace

    source, start = _source(place, "演练", clock.now()), time.monotonic()
    first, began, looked = items[0].published_at, clock.now(), 0.0
    waiting = list(reversed(items))
    taken = 0
    while waiting:
        passed = time.monotonic() - start
        batch = []
        while waiting and (waiting[-1].published_at - first).total_seconds() <= passed * speed:
            item = waiting.pop()
            at = began + (item.published_at - first) / speed
            batch.append(
                replace(
                    item,
                    published_at=min(at, clock.now()),
                    external_id=f"{began:%y%m%d%H%M%S}:{item.external_id}"[:128],
                )
            )
        for n in range(0, len(batch), importing.BATCH):
            part = batch[n : n + importing.BATCH]
            taken += collecting.receive(source, part, by=Actor.system(place), at=clock.now()).taken
        if passed - looked >= 30 or not waiting:
            looked = passed
            raised = streaming.raise_alarms(clock.now())
            typer.echo(f"已放 {taken} 条，新预警 {raised} 次。")
        time.sleep(0.2)
