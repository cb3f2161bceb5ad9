"""Sources and posts of 清源县."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gongkai.ledger import clock
from gongkai.opinion.actions import streaming
from gongkai.opinion.models import Post, Source
from gongkai.opinion.tests.world import QUZHOU, Town
from gongkai.opinion.watching.items import Item
from gongkai.people.actor import Actor
from tests.world import moment

WATER = (
    (
        "城东自来水又发黄",
        "城东片区的自来水从昨晚开始发黄，水像泥汤一样，东湖花园、学府路都这样，有没有人管？",
    ),
    (
        "东湖花园自来水发黄发浑",
        "东湖花园的自来水今天早上打开又黄又浑，孩子还能喝吗？城东片区好几个小区都发黄。",
    ),
    ("城东自来水发黄，水厂怎么说", "城东片区自来水发黄第二天了，打水厂电话没人接，到底能不能喝？"),
)
PARKING = ("南桥镇集市停车收费", "南桥镇赶集停车突然收费五元一次，谁批准的收费？镇上给个说法。")


@pytest.fixture
def desk(county) -> Callable[[str], Client]:
    """A browser in which a person of the county is signed in: `desk("feng_gang")`."""

    def open_(name: str) -> Client:
        browser = Client()
        browser.force_login(getattr(county, name))
        return browser

    return open_


@pytest.fixture
def town(db, fresh_rules) -> Callable[..., Town]:
    """A place of its own with offices and people: `town(HESHUO)`."""
    return lambda code=QUZHOU: Town(code, f"t{code}")


@pytest.fixture
def source(county) -> Callable[..., Source]:
    """A source: `source("清源论坛", kind="论坛", tier="self")`."""

    def make(name: str = "清源论坛", kind: str = "论坛", **more: Any) -> Source:
        found = Source.objects.filter(place=county.place, name=name).first()
        return found or Source.objects.create(
            place=county.place, name=name, kind=kind, **({"how": "hand"} | more)
        )

    return make


@pytest.fixture
def say(county, source) -> Callable[..., list[Post]]:
    """Posts that came in, a quarter of an hour apart: `say(*WATER, at="2025-09-29 08:00")`."""

    def take(
        *said: tuple[str, str], at: str = "2025-09-29 08:00", to: Source | None = None, **more: Any
    ) -> list[Post]:
        first, to = moment(at), to or source()
        names = [f"{at}:{n}:{title}"[:100] for n, (title, _) in enumerate(said)]
        items = [
            Item(
                name,
                text,
                first + timedelta(minutes=15 * n),
                title=title,
                **({"author": f"网友{n}"} | more),
            )
            for n, (name, (title, text)) in enumerate(zip(names, said, strict=True))
        ]
        now = first + timedelta(minutes=15 * len(said))
        with clock.set_to(now):
            streaming.take_in(to, items, by=Actor.system(county.place), at=now)
        return [Post.objects.get(source=to, external_id=name) for name in names]

    return take
