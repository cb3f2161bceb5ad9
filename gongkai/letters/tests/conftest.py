"""Letters of 清源县 and browsers in which its people are signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gongkai.ledger import clock
from gongkai.letters import actions
from gongkai.letters.models import Letter
from gongkai.people.actor import Actor
from tests.world import moment

WRITER = {"name": "方秀英", "phone": "13900001234"}
LIFT = "东湖花园7幢电梯从6月起三天两头停，老人下不了楼。物业说等维修基金，已经等了三个月。请尽快处理。"


@pytest.fixture
def desk(county) -> Callable[[str], Client]:
    """A browser in which a person of the county is signed in: `desk("wang_min")`."""

    def open_(name: str) -> Client:
        browser = Client()
        browser.force_login(getattr(county, name))
        return browser

    return open_


@pytest.fixture
def write(county) -> Callable[..., Letter]:
    """A letter that has come in: `write("电梯停运", at="2025-09-26 10:00", source="政务信箱")`."""

    def come_in(title: str = "东湖花园7幢电梯反复停运", text: str = LIFT, **more: Any) -> Letter:
        at = moment(more.pop("at", "2025-09-26 10:00"))
        given = {"source": "政务信箱", "person": WRITER, "may_publish": True} | more
        with clock.set_to(at):
            system = Actor.system(county.place)
            return actions.receive(county.place, title=title, text=text, by=system, at=at, now=at, **given)

    return come_in


@pytest.fixture
def assigned(county, write) -> Callable[..., Letter]:
    """A letter that the petition office classified and gave to a unit: `assigned(unit="zhujian")`."""

    def give(
        unit: str = "zhujian", *, nature="投诉", time_class="调查核实", triage="一般", **more: Any
    ) -> Letter:
        letter = write(**more)
        lead = Letter.objects.select_related("lead").get(pk=letter.pk).lead
        by = _assigner(county, lead)
        at = letter.received_at
        kinds = {"nature": nature, "time_class": time_class, "triage": triage}
        with clock.set_to(at):
            actions.classify_and_assign(letter, by=by, at=at, unit=county.units[unit], **kinds)
        letter.refresh_from_db()
        return letter

    return give


def _assigner(county, lead) -> Actor:
    who: dict[int, str] = {
        county.units["xinfang"].pk: "zhao_jing",
        county.units["service"].pk: "sun_wei",
        county.units["bigdata"].pk: "qian_fang",
    }
    return county.actor(who[lead.pk])


@pytest.fixture
def connection_queries(db) -> Callable[[Callable[[], Any]], int]:
    """How many queries something takes the second time it is done."""

    def count(do: Callable[[], Any]) -> int:
        do()
        with CaptureQueriesContext(connection) as queries:
            do()
        return len(queries)

    return count
