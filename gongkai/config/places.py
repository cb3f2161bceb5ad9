"""`gongkai places`: open the places whose rules are in the packs."""

from __future__ import annotations

from typing import Annotated

import typer

from gongkai.config.demo import places as known
from gongkai.people.models import Place


def places(
    add: Annotated[bool, typer.Option("--add", help="把规则包里的五个地方登记进数据库")] = False,
) -> None:
    """列出已登记的地区；--add 登记规则包里的地方。"""
    if add:
        known.add_places()
    for place in Place.objects.select_related("parent"):
        state = "门户已启用" if place.is_open else "门户未启用"
        typer.echo(f"{place.code} {place.slug}\t{place.name}\t{place.government}\t{state}")
