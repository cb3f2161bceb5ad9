"""Demonstration opinion: what people say in a week, and three events worked as far as today allows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from gongkai.config.demo.county import County
from gongkai.config.demo.office_hours import OfficeHours
from gongkai.ledger import actions as ledger
from gongkai.opinion import actions, asks
from gongkai.opinion.actions import collecting, streaming
from gongkai.opinion.models import Event, Post, Response, Source, Story
from gongkai.opinion.watching.items import Item
from gongkai.people.actor import Actor
from gongkai.reviews import actions as reviews
from gongkai.reviews.models import Sheet

TOLD = Path(__file__).with_name("opinion.toml")
CHANNELS = ["政府网站", "群众留言", "热线电话", "传统媒体"]  # what the county adds to the list of the city
PILOTS = ["保障性住房", "义务教育"]  # the areas the county tries out
WATCHER, CHIEF, OVERSEER = "feng_gang", "lei_ting", "chen_li"
Row = Mapping[str, Any]


def build_opinion(county: County, now: datetime) -> int:
    """Write sources, posts, stories and events; how many events. Takes a second or two."""
    return OpinionWork(county, now).tell()


class OpinionWork(OfficeHours):
    """The opinion desk of the county at work, by day and by night."""

    def __init__(self, county: County, now: datetime) -> None:
        super().__init__(county, now, seed=20261101)
        self.told: Row = tomllib.loads(TOLD.read_text(encoding="utf-8"))

    def ago(self, hours: float) -> datetime:
        return self.now - timedelta(hours=hours)

    def tell(self) -> int:
        """Everything in order of time, in one transaction."""
        with transaction.atomic():
            place = self.county.place
            ledger.configure(
                place,
                "opinion.channel",
                "values",
                CHANNELS,
                from_on=self.county.on,
                by=Actor.system(place),
                at=self.now,
            )
            ledger.configure(
                place, "pilot.area", "values", PILOTS, from_on=self.county.on, by=Actor.system(place), at=self.now
            )  # fmt: skip
            sources = {
                row["name"]: Source.objects.create(
                    place=place, name=row["name"], kind=row["kind"], tier=row["tier"], how=Source.How.FILE
                )
                for row in self.told["source"]
            }
            for plan in self.told["plan"]:
                given = {"mode": "daily", "from_at": None, "until_at": None, "is_on": True} | plan
                collecting.save_plan(place, given, by=Actor.system(place))
            for row in self.told["story"]:
                self.say(row, sources)
            streaming.regroup(place, self.now)
            for row in self.told["event"]:
                self.event(row)
            self.look_back()
        return len(self.told["event"])

    def look_back(self) -> None:
        """A lesson promoted, two pilot units that check each other, the figures of the year handed over."""
        office, year = self.county.units["office"], timezone.localdate(self.now).year
        lesson: Row = self.told["lesson"]
        self.do(
            self.ago(0.6),
            lambda by, t: actions.share(office, by=by, at=t, is_good=True, **lesson),
            OVERSEER,
        )
        housing, town = self.county.units["zhujian"], self.county.units["nanqiao"]
        for unit in (housing, town):
            self.do(
                self.ago(0.6),
                lambda by, t, unit=unit: actions.name_pilot(
                    unit, by=by, area=PILOTS[0], from_on=self.county.on
                ),
                OVERSEER,
            )
        due_on = timezone.localdate(self.now) + timedelta(days=7)
        self.do(
            self.ago(0.6),
            lambda by, t: actions.pair(housing, town, by=by, at=t, area=PILOTS[0], due_on=due_on),
            OVERSEER,
        )
        self.do(self.ago(0.5), lambda by, t: actions.report_year(year, by=by, at=t), OVERSEER)

    def say(self, row: Row, sources: Mapping[str, Source]) -> None:
        """The posts of a story, each repeated by others in the hours after it."""
        for number, post in enumerate(row["post"]):
            first = self.ago(post["hours"])
            items = [
                Item(
                    external_id=f"{row['key']}-{number}-{n}", title=post["title"] if n == 0 else "",
                    text=post["text"] if n == 0 else f"{post['text']}{self.chance.choice(self.told['tails'])}",
                    published_at=min(first + timedelta(hours=self.chance.uniform(0, 5) * (n > 0)), self.now),
                    author=f"{row['key']}-{number}-{n}", followers=self.chance.choice([20, 300, 4000]),
                )
                for n in range(post["by"] + 1)
            ]  # fmt: skip
            source = sources[post["source"]]
            system = Actor.system(self.county.place)
            collecting.receive(source, items, by=system, at=self.now)

    def story(self, key: str) -> Story:
        """The story most of the posts of a key are in."""
        posted = Post.objects.filter(place=self.county.place, external_id__startswith=f"{key}-")
        largest: dict[int, int] = {}
        for one in posted:
            largest[one.story_id] = largest.get(one.story_id, 0) + 1
        return Story.objects.get(pk=max(largest, key=lambda pk: (largest[pk], -pk)))

    def first_words(self, key: str) -> str:
        """What the first post of a story says."""
        return str(next(story["post"][0]["text"] for story in self.told["story"] if story["key"] == key))

    def event(self, row: Row) -> None:
        """One event as far as `reach` says: found, gathered, answered."""
        at = self.ago(row["hours"])
        made: Event = self.do(
            at,
            lambda by, t: actions.detect(
                by=by,
                at=t,
                title=row["title"],
                summary=self.first_words(row["story"]),
                found_by="监测发现",
                channel="论坛",
                detected_at=t,
            ),
            WATCHER,
        )
        story = self.story(row["story"])
        self.do(at, lambda by, t: actions.take_up(story, made, by=by, at=t), WATCHER)
        if row["reach"] == "found":
            return
        suggested = asks.suggestion(made, at)
        content, reaction, media = (factor.score for factor in suggested.factors)
        self.do(
            at + timedelta(minutes=25),
            lambda by, t: actions.assess(
                made, by=by, at=t, grade=row["grade"], suggested=suggested.grade, because=row["because"],
                scores=(content, reaction, media), evidence=suggested.as_evidence(), kind=row["kind"],
                triage=row["triage"], scope=row["scope"], subject=row["subject"], must_respond=row["must"],
                is_emergency=row.get("emergency", False), is_rumour=row.get("rumour", False), value="必须回应",
                trend="讨论量还在上升",
            ),
            WATCHER,
        )  # fmt: skip
        self.answer(row, made, at)

    def answer(self, row: Row, made: Event, at: datetime) -> None:
        """Assigned, gathered, reported, and where the row has an answer, answered."""
        units, lead = self.county.units, row["lead"]
        self.do(
            at + timedelta(minutes=40),
            lambda by, t: actions.assign(
                made, units[lead], by=by, at=t, others=[units[key] for key in row["others"]],
                coordinators=[units["office"], units["propaganda"]],
            ),
            WATCHER,
        )  # fmt: skip
        for key in (lead, *row["others"]):
            self.as_unit(
                key, "handle", at + timedelta(minutes=55), lambda by, t: actions.accept(made, by=by, at=t)
            )
        self.as_unit(
            lead, "handle", at + timedelta(minutes=95),
            lambda by, t: actions.gather(made, by=by, at=t, words=row["facts"], questions=row["questions"]),
        )  # fmt: skip
        self.do(
            at + timedelta(minutes=60),
            lambda by, t: actions.report_upward(made, by=by, at=t, words=row["title"], way="舆情专班平台"),
            WATCHER,
        )
        if row.get("rumour"):
            self.do(
                at + timedelta(minutes=100),
                lambda by, t: actions.hand_over(
                    made,
                    "rumour",
                    by=by,
                    at=t,
                    words="核实没有此事，传播快",
                    cite="《通知》61号 三",
                    evidence=asks.leads(made),
                ),
                WATCHER,
            )
        if row["reach"] == "answered":
            self.release(row, made, at)

    def release(self, row: Row, made: Event, at: datetime) -> None:
        """The line agreed, the answer written, signed and out."""
        lead = row["lead"]
        self.as_unit(
            lead,
            "handle",
            at + timedelta(minutes=110),
            lambda by, t: actions.set_line(made, by=by, at=t, words=row["line"]),
        )
        for key in row["others"]:
            self.as_unit(
                key,
                "handle",
                at + timedelta(minutes=125),
                lambda by, t: actions.answer_line(made, by=by, at=t, agrees=True),
            )
        answer: Response = self.as_unit(
            lead, "handle", at + timedelta(minutes=130),
            lambda by, t: actions.draft(
                made, by=by, at=t, form="在门户发布官方信息", title=row["answer"], text=row["text"], speaker="县水务局"
            ),
        )  # fmt: skip
        sheet: Sheet = self.as_unit(
            lead, "handle", at + timedelta(minutes=135), lambda by, t: actions.submit(answer, by=by, at=t)
        )
        for minutes, role in ((145, "office"), (155, "sign")):
            self.as_unit(
                lead, role, at + timedelta(minutes=minutes), lambda by, t: reviews.sign(sheet, by=by, at=t)
            )
        self.as_unit(
            lead, "handle", at + timedelta(minutes=160), lambda by, t: actions.release(answer, by=by, at=t)
        )
        self.as_unit(
            lead, "handle", at + timedelta(hours=10),
            lambda by, t: actions.handle(made, by=by, at=t, words="排放浑水结束，三个小区送水点供水正常。"),
        )  # fmt: skip
