"""A place of any code with the offices and people an event needs, and an event on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gongkai.ledger import clock
from gongkai.ledger.models import Obligation
from gongkai.opinion import actions
from gongkai.opinion.models import Event, Response
from gongkai.people.actor import Actor
from gongkai.people.models import Duty, Holding, Place, Post, Power, Responsibility, Staff, Unit
from gongkai.reviews import actions as reviews
from gongkai.reviews.models import Sheet
from tests.world import moment

NATION, QUZHOU, YINZHOU, XIAN, ZUNYI, HESHUO = "110100", "330800", "330212", "610100", "520300", "652828"
OFFICES = {
    "office": (Duty.OPENNESS,), "wangxin": (Duty.CYBERSPACE,), "xuanchuan": (Duty.PROPAGANDA,),
    "gongan": (Duty.POLICE,), "xinfang": (Duty.PETITION,), "shuiwu": (), "zhujian": (),
}  # fmt: skip
PEOPLE = {
    "watcher": ("wangxin", (Power.WATCH,)), "chief": ("wangxin", (Power.HEAD, Power.APPROVE, Power.WATCH)),
    "overseer": ("office", (Power.OVERSEE, Power.OPENNESS)), "mayor": ("office", (Power.LEAD,)),
    "press": ("xuanchuan", (Power.APPROVE,)), "police": ("gongan", (Power.RESPOND,)),
    "petition": ("xinfang", (Power.RESPOND,)), "writer": ("shuiwu", (Power.RESPOND, Power.DRAFT)),
    "section": ("shuiwu", (Power.REVIEW,)), "deputy": ("shuiwu", (Power.APPROVE,)), "head": ("shuiwu", (Power.HEAD,)),
    "other": ("zhujian", (Power.RESPOND, Power.DRAFT)), "other_deputy": ("zhujian", (Power.APPROVE,)),
    "other_head": ("zhujian", (Power.HEAD,)),
}  # fmt: skip
TITLE = "城东片区自来水发黄"
TEXT = "9月29日起城东片区自来水发黄。经检测，管道冲洗引起，水质符合标准。预计9月30日18时恢复。咨询电话0851-20000103。"
QUESTIONS = "水还能不能喝\n什么时候恢复"


class Town:
    """A place and its people: `town.do("watcher", "2025-09-29 09:00", actions.detect, title=…)`."""

    def __init__(self, code: str, slug: str) -> None:
        self.place = Place.objects.create(
            code=code, slug=slug, name=slug, level="city", government=f"{slug}人民政府"
        )
        self.units = {
            name: Unit.objects.create(
                place=self.place, code=f"{code}-{name}", name=name, short_name=name, kind="department"
            )
            for name in OFFICES
        }
        for name, duties in OFFICES.items():
            for duty in duties:
                Responsibility.objects.create(unit=self.units[name], duty=duty)
        self.staff: dict[str, Staff] = {}
        for name, (unit, powers) in PEOPLE.items():
            post = Post.objects.create(
                unit=self.units[unit], name=name, powers=[str(power) for power in powers]
            )
            self.staff[name] = Staff.objects.create(username=f"{slug}{name}", name=name, place=self.place)
            Holding.objects.create(staff=self.staff[name], post=post)

    def actor(self, name: str, at: str) -> Actor:
        return Actor.of(self.staff[name], moment(at).date())

    def do(self, name: str, at: str, verb: Callable[..., Any], /, *args: Any, **given: Any) -> Any:
        with clock.set_to(moment(at)):
            return verb(*args, by=self.actor(name, at), at=moment(at), **given)

    def found(self, at: str = "2025-09-29 09:00", **more: Any) -> Event:
        given = {"title": TITLE, "found_by": "监测发现", "channel": "微博"} | more
        return fresh(self.do("watcher", at, actions.detect, **given))

    def graded(
        self, at: str = "2025-09-29 09:30", grade: str = "一般", event: Event | None = None, **more: Any
    ) -> Event:
        event = event or self.found()
        self.do("watcher", at, actions.assess, event, grade=grade, scores=(20, 20, 10), **more)
        return fresh(event)

    def assigned(self, at: str = "2025-09-29 10:00", event: Event | None = None, **more: Any) -> Event:
        event = event or self.graded()
        self.do("watcher", at, actions.assign, event, self.units["shuiwu"], **more)
        return fresh(event)

    def gathered(self, at: str = "2025-09-29 10:30", event: Event | None = None) -> Event:
        event = event or self.assigned()
        self.do("writer", at, actions.accept, event, head=self.staff["head"], deputy=self.staff["deputy"])
        self.do("writer", at, actions.gather, event, words="管道冲洗引起，水质合格", questions=QUESTIONS)
        return fresh(event)

    def ready(self, event: Event, at: str = "2025-09-29 11:00", **more: Any) -> Response:
        """A response that was signed by all whose step it is."""
        given = {"form": self.form(), "title": "关于城东片区自来水发黄的情况通报", "text": TEXT} | more
        made = self.do("writer", at, actions.draft, event, **given)
        sheet = self.do("writer", at, actions.submit, made)
        for name in ("section", "deputy", "overseer", "press"):
            sheet = Sheet.objects.get(pk=sheet.pk)
            step = sheet.signatures.current().first() if sheet.is_running else None
            if step is not None and self.actor(name, at).may(step.power, step.unit_id):
                self.do(name, at, reviews.sign, sheet)
        return again(made)

    def form(self) -> str:
        from gongkai.ledger import asks

        return asks.values_of(self.place.code, "response.form")[0]

    def released(self, at: str = "2025-09-29 12:00", event: Event | None = None) -> Event:
        event = event or self.gathered()
        self.do("writer", at, actions.release, self.ready(event))
        return fresh(event)


def fresh(event: Event) -> Event:
    """The event as it now is."""
    return Event.objects.select_related("matter__place", "matter__unit", "place", "unit").get(pk=event.pk)


def again(response: Response) -> Response:
    """The response as it now is."""
    return Response.objects.select_related("event__matter__place", "event__place", "unit").get(pk=response.pk)


def duty(event: Event, id: str) -> Obligation | None:
    """The newest obligation of a duty of an event."""
    return event.matter.obligations.filter(duty=id).select_related("unit").order_by("-id").first()
