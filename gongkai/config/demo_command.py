"""`gongkai demo`: put the demonstration county into an empty database."""

from __future__ import annotations

import typer

from gongkai.config.demo import everything
from gongkai.config.serve import PASSWORD
from gongkai.ledger import clock
from gongkai.people.models import Place, Staff


def demo() -> None:
    """放入演示数据：清源县、五个地方、六十天的来信和公文、新闻发布和舆情。已有人员时不做任何事。"""
    if Staff.objects.exists():
        typer.echo("已有人员，没有放入演示数据。演示数据只能放进空库。", err=True)
        raise typer.Exit(1)
    filled = everything.put_in(clock.now(), PASSWORD)
    typer.echo(
        f"{Place.objects.count()} 个地区，{filled.letters} 封来信，{filled.papers} 份公文，{filled.press} 次新闻发布，"
        f"{filled.events} 件舆情。演示口令：{PASSWORD}"
    )
