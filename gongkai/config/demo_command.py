"""`gongkai demo`: put the demonstration county into an empty database."""

from __future__ import annotations

import typer

from gongkai.config.demo import county, documents, letters, places
from gongkai.config.serve import PASSWORD
from gongkai.ledger import clock
from gongkai.people.models import Place, Staff


def demo() -> None:
    """放入演示数据：清源县、五个地方、六十天的来信和公文。已有人员时不做任何事。"""
    if Staff.objects.exists():
        typer.echo("已有人员，没有放入演示数据。演示数据只能放进空库。", err=True)
        raise typer.Exit(1)
    places.add_places()
    now = clock.now()
    built = county.build_county(clock.today(), PASSWORD)
    papers = documents.fill(built, now)
    count = letters.fill(built, now)
    typer.echo(f"{Place.objects.count()} 个地区，{count} 封来信，{papers} 份公文。演示口令：{PASSWORD}")
