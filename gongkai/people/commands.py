"""What verbs of the command line name people's things by."""

from __future__ import annotations

import typer
from django.db.models import Q

from gongkai.people.models import Place, Unit


def place_of(word: str) -> Place:
    """A registered place by code or slug. Raises BadParameter naming those that are."""
    found = Place.objects.filter(Q(code=word) | Q(slug=word)).first()
    if found is None:
        known = "、".join(f"{place.slug}（{place.code}）" for place in Place.objects.all())
        raise typer.BadParameter(
            f"没有登记地区 {word}。已登记：{known or '无，可先运行 gongkai places --add'}。"
        )
    return found


def unit_of(place: Place, word: str) -> Unit:
    """A unit of a place by full name, short name or code. Raises BadParameter."""
    found = Unit.objects.filter(Q(name=word) | Q(short_name=word) | Q(code=word), place=place).first()
    if found is None:
        raise typer.BadParameter(f"{place.name}没有“{word}”这个单位。请写登记的全称、简称或编号。")
    return found
