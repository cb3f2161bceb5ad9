"""Demonstration letters: sixty days of invented letters of 清源县, worked through the real actions.

Everything goes through `letters.actions` with the clock held at the time of the act, so clocks, breaches and
seals come out as they would have. The same seed gives the same county.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from gongkai.config.demo.county import County
from gongkai.config.demo.office_hours import OfficeHours
from gongkai.ledger import actions as ledger
from gongkai.ledger import clock, cycles, outbox, seals, supervision
from gongkai.ledger.models import Effect, Obligation
from gongkai.letters import actions, issues, learning
from gongkai.letters.models import Letter
from gongkai.people.actor import Actor

SCENES = Path(__file__).with_name("scenes.toml")
DAYS, A_DAY = 60, 4
SOURCES = {"政务信箱": 6, "12345热线": 9, "群众来信": 2, "政务微信微博": 3}
LEADS = {
    "政务信箱": "zhao_jing",
    "12345热线": "sun_wei",
    "群众来信": "zhao_jing",
    "政务微信微博": "qian_fang",
}
Scene = Mapping[str, Any]
Words = Mapping[str, str]
DUTIES = ("zhujian", "shuiwu", "jiaoyu", "gongan", "nanqiao")


def fill(county: County, now: datetime) -> int:
    """Write the letters of the last sixty days; how many. Takes some seconds."""
    return Story(county, now).tell()


class Story(OfficeHours):
    def __init__(self, county: County, now: datetime) -> None:
        super().__init__(county, now, seed=20260302)
        self.until = now
        raw = tomllib.loads(SCENES.read_text(encoding="utf-8"))
        self.words: Mapping[str, list[str]] = raw["words"]
        self.scenes: list[Scene] = raw["scene"]

    def tell(self) -> int:
        """Letters in the order of their receipt, each worked as far as today allows."""
        starts = sorted(
            self.now - timedelta(days=self.chance.uniform(0.05, DAYS)) for _ in range(int(DAYS * A_DAY * 0.9))
        )
        with transaction.atomic():
            cycles.open_cycles(self.now)
            for start in starts:
                self.one(start)
            self.desk()
        with transaction.atomic():
            ledger.sweep_all(self.now)
            self.orders()
            self.samples()
        Effect.objects.filter(kind="letter.tell_writer", done_at=None).update(done_at=self.now)
        Effect.objects.filter(kind="notice.entry", due_at__lt=self.now - timedelta(days=3)).update(
            done_at=self.now
        )
        outbox.deliver_all(self.now)
        seals.seal_all(self.now)
        learning.train(self.county.place, self.now)
        issues.regroup(self.county.place, self.now)
        return Letter.objects.filter(place=self.county.place).count()

    # -- one letter ----------------------------------------------------------------------------------------------

    def one(self, start: datetime, scene: Scene | None = None) -> None:
        scene = scene or self.chance.choice(self.scenes)
        fill = {name: self.chance.choice(values) for name, values in self.words.items()}
        fill["road2"] = self.chance.choice([road for road in self.words["road"] if road != fill["road"]])
        source = self.chance.choices(list(SOURCES), list(SOURCES.values()))[0]
        named = scene["nature"] != "举报" and self.chance.random() < 0.8
        person = (
            {"name": fill["surname"] + self.chance.choice(("先生", "女士")), "phone": self.phone()}
            if named
            else {}
        )
        consents = named and self.chance.random() < 0.7
        with clock.set_to(start):
            letter = actions.receive(
                self.county.place, source=source, title=scene["title"].format(**fill), text=scene["text"].format(**fill),
                person=person, by=Actor.system(self.county.place), at=start, now=start, may_publish=consents,
                nature=scene["nature"] if source == "政务信箱" else "", object_place=fill["estate"],
            )  # fmt: skip
        self.work(letter, scene, fill, LEADS[source], start)

    def work(self, letter: Letter, scene: Scene, fill: Words, lead: str, at: datetime) -> None:
        """Classify, assign, handle, sign, answer, rate; each step a while later, none after now."""
        if self.chance.random() < 0.02 or (at := self.later(at, 0.2, 5)) > self.until:
            return
        triage = {"举报": "举报投诉"}.get(scene["nature"], "舆情" if scene["topic"] == "网络" else "一般")
        self.do(at, lambda by, t: actions.classify(
            letter, by=by, at=t, nature=scene["nature"], time_class=scene["class"], triage=triage, topic=scene["topic"],
        ), lead)  # fmt: skip
        letter.refresh_from_db()
        if triage == "举报投诉":
            if (at := self.later(at, 0.3, 4)) <= self.until:
                self.do(at, lambda by, t: actions.hand_to_petition(letter, by=by, at=t), lead)
            return
        if triage == "舆情" and (at := self.later(at, 0.1, 0.5)) <= self.until:
            self.do(
                at,
                lambda by, t: actions.report_to_cyberspace(letter, by=by, at=t, ground="转发量上升快"),
                lead,
            )
        key = scene["unit"] if scene["unit"] in DUTIES else self.chance.choice(DUTIES)
        if self.chance.random() < 0.06:
            wrong = self.chance.choice([other for other in DUTIES if other != key])
            at = self.pass_on(letter, wrong, lead, at)
            if at > self.until:
                return
        if (at := self.later(at, 0.1, 3)) > self.until:
            return
        self.do(at, lambda by, t: actions.assign(letter, self.county.units[key], by=by, at=t), lead)
        self.handle(letter, scene, fill, key, lead, at)

    def pass_on(self, letter: Letter, wrong: str, lead: str, at: datetime) -> datetime:
        """Given to the wrong unit first, which returns it."""
        if (at := self.later(at, 0.1, 2)) > self.until:
            return at
        self.do(at, lambda by, t: actions.assign(letter, self.county.units[wrong], by=by, at=t), lead)
        if (at := self.later(at, 0.5, 6)) <= self.until:
            self.as_unit(wrong, "handle", at, lambda by, t: actions.return_(
                letter, by=by, at=t, reason="不属于本单位职责，请转主管部门",
            ))  # fmt: skip
        return at

    def handle(self, letter: Letter, scene: Scene, fill: Words, key: str, lead: str, at: datetime) -> None:
        if (at := self.later(at, 0.2, 4)) <= self.until:
            self.as_unit(key, "handle", at, lambda by, t: actions.sign_for(letter, by=by, at=t))
            self.reply(letter, scene, fill, key, lead, at)

    def reply(self, letter: Letter, scene: Scene, fill: Words, key: str, lead: str, at: datetime) -> None:
        """Look, write, sign, send; one in fourteen takes four times as long."""
        quick, slow = scene["class"] == "简单咨询", self.chance.random() < 0.07
        if (at := self.later(at, 1 if quick else 4, (4 if quick else 20) * (4 if slow else 1))) > self.until:
            return
        if "findings" in scene:
            words = scene["findings"].format(**fill)
            self.as_unit(
                key, "handle", at, lambda by, t: actions.note_findings(letter, by=by, at=t, text=words)
            )
            if (at := self.later(at, 0.5, 4)) > self.until:
                return
        text = scene["reply"].format(**fill)
        self.as_unit(key, "handle", at, lambda by, t: actions.submit(letter, by=by, at=t, text=text))
        if (at := self.later(at, 0.3, 4)) > self.until:
            return
        self.as_unit(key, "sign", at, lambda by, t: actions.sign_reply(letter, by=by, at=t))
        if (at := self.later(at, 0.05, 1.5)) > self.until:
            return
        if quick:
            self.do(at, lambda by, t: actions.answer(letter, by=by, at=t), lead)
        else:
            self.as_unit(key, "sign", at, lambda by, t: actions.answer(letter, by=by, at=t))
        self.after(letter, scene, fill, key, lead, at)

    def after(self, letter: Letter, scene: Scene, fill: Words, key: str, lead: str, at: datetime) -> None:
        """Rated by some; done again when 不满意; published when the writer agreed."""
        rated, shown = at + timedelta(hours=self.chance.uniform(1, 70)), at + timedelta(days=2)
        if self.chance.random() < 0.55 and rated <= self.until:
            rating = self.chance.choices(("满意", "基本满意", "不满意"), (14, 5, 1))[0]
            with clock.set_to(rated):
                actions.rate(letter, at=rated, rating=rating)
            if rating == "不满意":
                letter.refresh_from_db()
                self.reply(letter, scene, fill, key, lead, rated)
        letter.refresh_from_db()
        if (
            letter.may_publish
            and letter.is_answered
            and not letter.published_at
            and self.chance.random() < 0.75
        ):
            if shown <= self.until:
                self.do(shown, lambda by, t: actions.publish(
                    letter, by=by, at=t, title=letter.title, text=letter.text, answer=letter.answer,
                ), lead)  # fmt: skip

    def desk(self) -> None:
        """Letters of the last days that somebody has begun and not ended: work for whoever signs in."""
        for key, count in (("zhujian", 8), ("shuiwu", 3), ("jiaoyu", 3), ("gongan", 3), ("nanqiao", 2)):
            scenes = [scene for scene in self.scenes if scene["unit"] == key]
            for number in range(count):
                start = self.now - timedelta(days=self.chance.uniform(0.3, 5))
                self.until = min(self.now, start + timedelta(hours=self.chance.uniform(6, 40)))
                self.one(start, scenes[number % len(scenes)])
        self.until = self.now

    def orders(self) -> None:
        """Orders for what is late, as the openness office would issue them; most, not all."""
        chen = self.county.actor("chen_li")
        late = Obligation.objects.standing().filter(
            duty="letter.answer", breached_at__isnull=False, unit__isnull=False
        )
        for duty in late.exclude(unit=self.county.units["office"]).select_related("matter__place", "unit"):
            at = (duty.breached_at or self.now) + timedelta(hours=self.chance.uniform(1, 30))
            if self.chance.random() < 0.8 and at <= self.now:
                with clock.set_to(self.now):
                    supervision.supervise(
                        duty,
                        by=chen,
                        at=self.now,
                        within="2 working days",
                        words="请尽快答复来信人并报告原因",
                    )

    def samples(self) -> None:
        """The openness office drew its monthly sample, but for the running month."""
        chen = self.county.actor("chen_li")
        for month in (2, 1):
            at = self.later(self.now - timedelta(days=30 * month), 0, 30)
            with clock.set_to(at):
                since = at - timedelta(days=30)
                chosen = actions.draw_sample(self.county.place, by=chen, at=at, share=0.1, since=since)
            for letter in chosen[:-1]:
                done = self.later(at, 8, 40)
                with clock.set_to(done):
                    actions.recheck(letter, by=chen, at=done, outcome="答复中的承诺已经兑现")

    def phone(self) -> str:
        return f"199{self.chance.randrange(10**8):08}"
