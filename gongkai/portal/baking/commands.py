"""`gongkai site`: bake the public pages, compare them, write the configuration of nginx."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from rich.console import Console
from rich.progress import track

from gongkai.ledger import clock
from gongkai.people.models import Place
from gongkai.portal.baking import actions, nginx
from gongkai.ui.refusal import Refused

app = typer.Typer(help="公开网站的静态页面", no_args_is_help=True)
OfPlace = Annotated[str, typer.Option("--place", help="行政区划代码或网址名；不写就是所有启用的地方")]


def _places(place: str) -> list[Place]:
    found = [one for one in Place.objects.filter(is_open=True) if place in ("", one.code, one.slug)]
    if not found:
        raise Refused(f"没有启用的地方“{place}”", remedy="用 bin/gongkai places 看有哪些。")
    return found


def _bar(name: str) -> actions.Watch:
    return lambda parts, total: track(parts, name, total, console=Console(stderr=True))


@app.command()
def bake(
    place: OfPlace = "",
    force: Annotated[bool, typer.Option("--force", help="页数大减也换上")] = False,
    processes: Annotated[int, typer.Option(help="同时用几个进程")] = min(4, os.cpu_count() or 1),
) -> None:
    """把一个地方的公开页面全部重新生成，写好以后一次换上；少得太多就不换。"""
    for one in _places(place):
        made = actions.bake_all(one, clock.now(), force=force, processes=processes, watch=_bar(one.name))
        typer.echo(f"{one.name}：{made.pages} 页，比原来少 {len(made.vanished)} 页")
        for path in made.vanished:
            typer.echo(f"  少了 {path}")


@app.command()
def check(
    place: OfPlace = "",
    sample: Annotated[int, typer.Option(help="只抽查几页；0 是全部")] = 0,
) -> None:
    """重新生成一遍和文件比较，列出不一样的页；有就以 1 退出。"""
    wrong = [path for one in _places(place) for path in actions.drift(one, sample or None)]
    for path in wrong:
        typer.echo(f"不一致 {path}")
    typer.echo("全部一致" if not wrong else f"共 {len(wrong)} 页不一致；bin/gongkai site bake 重新生成")
    raise typer.Exit(1 if wrong else 0)


@app.command("nginx")
def nginx_(
    upstream: Annotated[str, typer.Option(help="应用的地址")] = "127.0.0.1:8000",
    listen: Annotated[str, typer.Option(help="监听的地址和端口")] = "80",
    root: Annotated[str, typer.Option(help="静态页面的目录；不写就是本机的")] = "",
) -> None:
    """按本机的目录写出 nginx 的配置，打印到屏幕。"""
    site = Path(root) if root else Path(settings.GONGKAI_BAKED)
    typer.echo(nginx.configuration(site, Path(settings.STATIC_ROOT), upstream, listen), nl=False)
