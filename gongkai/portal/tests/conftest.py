"""清源县 with a browser in front of it, and letters in every state."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.test import Client

from gongkai.documents import actions as documents
from gongkai.documents.models import CatalogueEntry
from gongkai.documents.tests.conftest import Desk, fresh
from gongkai.letters import actions
from gongkai.letters.models import Letter
from gongkai.people.actor import Actor
from tests.world import moment

PHONE = "13812345678"


@pytest.fixture
def browser() -> Client:
    return Client()


@pytest.fixture
def send(browser: Client, county, at) -> Callable[..., object]:
    """Open the form, fill it in, send it a minute later. The last response, its redirect not followed."""

    def write(alone: str = "no", client: Client = browser, **changes: object) -> object:
        at("2025-09-29 09:00")
        page = client.get(f"/qingyuan/write/?alone={alone}").content.decode()
        filled = {
            "alone": alone,
            "stamp": stamp_of(page),
            "nature": "投诉",
            "title": "东湖花园7幢电梯反复停运",
            "text": "电梯停了三个月，老人下不了楼，请问归谁管，什么时候能修好？",
            "name": "林晓",
            "phone": PHONE,
            "may_publish": "on",
        }
        at("2025-09-29 09:01")
        return client.post("/qingyuan/write/", filled | changes)

    return write


def stamp_of(page: str) -> str:
    found = re.search(r'name="stamp" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture
def letter(county, at) -> Letter:
    """林晓's letter about a lift, just received."""
    now = at("2025-09-26 10:00")
    return actions.receive(
        county.place,
        source="政务信箱",
        title="东湖花园7幢电梯反复停运",
        text="电梯停了三个月，老人下不了楼。",
        person={"name": "林晓", "phone": PHONE},
        by=Actor.system(county.place),
        at=now,
        now=now,
        nature="投诉",
        may_publish=True,
    )


@pytest.fixture
def assigned(county, at, letter: Letter) -> Letter:
    """The letter, classified and given to 住建局."""
    now = at("2025-09-26 11:25")
    letter = actions.classify(
        letter,
        by=county.actor("zhao_jing"),
        at=now,
        nature="投诉",
        time_class="调查核实",
        triage="一般",
        topic="电梯",
    )
    return actions.assign(letter, county.units["zhujian"], by=county.actor("zhao_jing"), at=now)


@pytest.fixture
def answered(county, at, assigned: Letter) -> Letter:
    """The letter with its answer sent."""
    return answer(county, at, assigned, "2025-09-30 15:40", "更换轴承，10月13日前表决，之后15日内完成。")


def answer(county, at, letter: Letter, when: str, text: str) -> Letter:
    now = at(when)
    wang, zhou = county.actor("wang_min"), county.actor("zhou_lan")
    actions.note_findings(letter, by=wang, at=now, text="到现场看过，属实。")
    actions.submit(letter, by=wang, at=now, text=text)
    actions.sign_reply(letter, by=zhou, at=now)
    return actions.answer(letter, by=zhou, at=now)


@pytest.fixture
def published(county, at, answered: Letter) -> Letter:
    now = at("2025-10-09 09:00")
    return actions.publish(
        answered,
        by=county.actor("zhou_lan"),
        at=now,
        title="老旧小区电梯反复停运怎么办",
        text="电梯停了三个月，请问归谁管？",
        answer="由业主表决后更换，应急维修由社区组织。",
    )


@pytest.fixture
def open_letter(browser: Client) -> Callable[[Letter], object]:
    """Give code and tail of a letter."""

    def follow(letter: Letter, tail: str = PHONE[-4:], client: Client = browser) -> object:
        return client.post("/qingyuan/follow/", {"code": letter.code, "tail": tail})

    return follow


def text_of(response: object) -> str:
    content: bytes = response.content  # type: ignore[attr-defined]
    return content.decode()


def when(text: str) -> datetime:
    return moment(text)


# ---- documents -----------------------------------------------------------------------------------------


@pytest.fixture
def desk(county) -> Desk:
    documents.lay_columns(county.place)
    return Desk(county)


@pytest.fixture
def site(desk, county, at):
    """A document, its interpretation, a topic, a gazette, services and a catalogue that show it. The clock: 30 September."""
    explained = desk.cleared(
        desk.issued(title="关于老旧小区电梯更新补贴的通知", subject="城乡建设", keywords="电梯,补贴")
    )
    words = desk.do(
        "wang_min",
        "2025-09-28 09:30",
        documents.interpret,
        explained,
        title="一图看懂电梯更新补贴",
        html="<p>每台15万元。</p>",
    )
    desk.cleared(words, "2025-09-28 10:00")
    desk.do("qian_fang", "2025-09-29 10:00", documents.publish, explained)
    given = {"by": county.actor("chen_li"), "at": moment("2025-09-29 11:00")}
    place, unit = county.place, county.units["zhujian"]
    figures = [{"title": "各镇电梯更新台数", "unit": "台", "rows": [["南桥镇", 12], ["城关镇", 30]]}]
    documents.save_topic(
        place,
        slug="lifts",
        title="老旧电梯更新",
        words="大家关心的事。",
        figures=figures,
        documents=[explained],
        **given,
    )
    documents.save_gazette(
        place, year=2025, issue=9, issued_on=date(2025, 9, 29), documents=[explained], **given
    )
    documents.save_service(unit, name="公租房申请", kind="公共服务", area="住房", materials="身份证", **given)
    row = CatalogueEntry(
        place=place,
        year=2025,
        area="住房保障",
        item="补贴",
        content="标准",
        limit="20个工作日",
        unit=unit,
        channels="政府网站",
    )
    documents.revise_catalogue(place, 2025, [row], unit=unit, **given)
    at("2025-09-30 09:00")
    return fresh(explained)
