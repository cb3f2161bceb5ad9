"""Press events of 清源县 on their way, each step by the person whose step it is; a town of 西安市 beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.core.files.base import File
from django.test import Client

from gongkai.documents.tests.test_places import Town
from gongkai.files import actions as files
from gongkai.ledger import actions as ledger
from gongkai.ledger import clock, outbox
from gongkai.ledger.models import Matter
from gongkai.people.models import Duty, Power, Responsibility
from gongkai.press import actions
from gongkai.press.models import Account, Outlet, PressEvent, SocialPost, Spokesperson
from gongkai.reviews import actions as reviews
from gongkai.reviews.models import Sheet
from tests.world import moment

TITLE = "南桥镇老旧小区供水管网改造情况新闻发布会"
MATERIAL = "改造涉及十二个小区，十月底前完工，期间每天供水不少于十二小时。"


class Desk:
    """Does things as a person at a time: `desk.do("song_jia", "2025-09-26 10:00", actions.announce, event, …)`."""

    title, form, topic = TITLE, "新闻发布会", "重点工作"
    keeper, signer = "song_jia", ("pan_yun",)

    def __init__(self, county: Any) -> None:
        self.county = county
        self.place = county.place
        self.unit = county.units["propaganda"]

    def actor(self, name: str, at: str) -> Any:
        return self.county.actor(name, moment(at).date())

    def do(self, name: str, at: str, verb: Callable[..., Any], /, *args: Any, **given: Any) -> Any:
        with clock.set_to(moment(at)):
            return verb(*args, by=self.actor(name, at), at=moment(at), **given)

    def plan(self, at: str = "2025-09-22 09:00", who: str = "", **more: Any) -> PressEvent:
        """A planned event with its time."""
        given = {"unit": self.unit, "title": self.title, "form": self.form, "topic": self.topic}
        given |= {"starts_at": moment("2025-09-29 10:00"), "where": "县政府新闻发布厅"}
        return fresh(self.do(who or self.keeper, at, actions.plan, **(given | more)))

    def attended(
        self, event: PressEvent, at: str = "2025-09-23 09:00", kind: str = "部门负责人"
    ) -> PressEvent:
        rows = [{"kind": kind, "name": "周岚", "title": "副局长"}]
        self.do(self.keeper, at, actions.name_attendance, event, attendees=rows)
        return fresh(event)

    def signed(
        self, event: PressEvent | None = None, at: str = "2025-09-24 09:00", **more: Any
    ) -> PressEvent:
        """An event whose material has been signed."""
        event = event or self.plan(**more)
        self.do(self.keeper, at, actions.prepare, event, agenda="一、情况\n二、问答", material=MATERIAL)
        sheet = self.do(self.keeper, at, actions.submit, fresh(event))
        for name in self.signer:
            if Sheet.objects.get(pk=sheet.pk).is_running:
                self.do(name, at, reviews.sign, sheet)
        return fresh(event)

    def held(self, event: PressEvent | None = None, at: str = "2025-09-29 10:00", **more: Any) -> PressEvent:
        """An event that has been held, a head on its platform."""
        event = self.attended(self.signed(event, **more))
        self.do(self.keeper, at, actions.hold, event)
        return fresh(event)

    def published(
        self, event: PressEvent | None = None, at: str = "2025-09-29 15:00", **more: Any
    ) -> PressEvent:
        event = self.held(event, **more)
        self.do(self.keeper, at, actions.publish, event, record="主持人：现在开始。\n副局长：十月底完工。")
        return fresh(event)

    def opinion(self, unit: Any = None, number: str = "YQ-2025-0928-0001", room: str = "opinion") -> Matter:
        """A matter of another room, as that room would open it."""
        return ledger.open_matter(
            number, room=room, title="网传南桥镇停水一周", place=self.place, unit=unit or self.unit,
            at=moment("2025-09-28 09:00"),
        )  # fmt: skip

    def outlet(self, name: str = "清源日报", **more: Any) -> Outlet:
        given = {"name": name, "kind": "报刊", "email": "desk@daily.example"} | more
        return self.do(self.keeper, "2025-09-22 09:00", actions.save_outlet, **given)

    def spokesperson(self, unit: Any = None, staff: Any = None, name: str = "周岚") -> Spokesperson:
        return self.do(
            self.keeper, "2025-09-22 09:00", actions.save_spokesperson, unit=unit or self.unit, staff=staff, name=name,
            title="副局长", phone="0851-20000199", since=moment("2025-01-01 00:00").date(),
        )  # fmt: skip

    def account(self, who: str = "", unit: Any = None, **more: Any) -> Account:
        """An account that was asked for, with its two rules and keepers unless they are left out."""
        people = list(self.place.staff.all()[:2])
        given = {
            "review_rule": "三审三校",
            "security_rule": "专人专机",
            "keeper_a": people[0],
            "keeper_b": people[1],
        }
        given |= {"unit": unit or self.unit, "platform": "微博", "name": "清源发布"}
        made = self.do(who or self.keeper, "2025-09-22 09:00", actions.request_account, **(given | more))
        return Account.objects.select_related("matter", "unit", "place").get(pk=made.pk)

    def active(self, **more: Any) -> Account:
        account = self.account(**more)
        self.do(self.signer[0], "2025-09-22 10:00", actions.activate, account)
        return Account.objects.select_related("matter", "unit", "place").get(pk=account.pk)

    def post(
        self, account: Account, at: str = "2025-09-23 09:00", pictures: Iterable[File[Any]] = (), **more: Any
    ) -> SocialPost:
        """A post whose text has been signed."""
        given = {
            "unit": account.unit,
            "title": "停水通知",
            "text": "今晚八点起停水四小时。",
            "accounts": [account],
        }
        post = self.do(self.keeper, at, actions.draft_post, **(given | more))
        for picture in pictures:
            files.attach(picture, room=actions.POSTS, number=post.code, by=None, at=moment(at))
        sheet = self.do(self.keeper, at, actions.submit_post, post)
        for name in self.signer:
            if Sheet.objects.get(pk=sheet.pk).is_running:
                self.do(name, at, reviews.sign, sheet)
        return SocialPost.objects.select_related("matter", "unit", "place").get(pk=post.pk)


class XianDesk(Desk):
    """A district of 西安 with a press office and one bureau: 三审, six forms, two overall meetings a year."""

    topic, keeper, signer = "重点工作", "press", ("section", "deputy")

    def __init__(self) -> None:
        self.town = Town("610100", "xian")
        self.place, self.unit = self.town.place, self.town.bureau
        Responsibility.objects.create(unit=self.town.office, duty=Duty.PRESS)
        self.town._appoint("press", self.town.bureau, (Power.PRESS,))
        self.town._appoint("spokesman", self.town.office, (Power.PRESS,))
        self.town._appoint("chief", self.town.office, (Power.PRESS, Power.HEAD))
        self.town._appoint("settings", self.town.office, (Power.CONFIGURE,))

    def actor(self, name: str, at: str) -> Any:
        return self.town.actor(name, at)

    def active(self, **more: Any) -> Account:
        account = self.account(**more)
        self.do("spokesman", "2025-09-22 10:00", actions.activate, account)
        return Account.objects.select_related("matter", "unit", "place").get(pk=account.pk)


def fresh(event: PressEvent) -> PressEvent:
    """The event as it now is."""
    return PressEvent.objects.select_related("matter__place", "place", "unit").get(pk=event.pk)


@pytest.fixture
def desk(county) -> Desk:
    return Desk(county)


@pytest.fixture
def xian(db, fresh_rules) -> XianDesk:
    return XianDesk()


@pytest.fixture
def door(county) -> Callable[[str], Client]:
    """A browser in which a person of the county is signed in: `door("song_jia")`."""

    def open_(name: str) -> Client:
        browser = Client()
        browser.force_login(getattr(county, name))
        return browser

    return open_


def deliver(at: str) -> None:
    """Carry out what the outbox holds by a time."""
    with clock.set_to(moment(at)):
        outbox.deliver_all(moment(at))
