"""Demonstration press work of 清源县: rosters, media, accounts, five events at different stages, requests, a post.

Everything goes through the actions of `press` and `reviews` with the clock held at the time of the act. What is said
stands in `press.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from gongkai.config.demo.county import County, holder
from gongkai.config.demo.office_hours import OfficeHours
from gongkai.ledger import cycles
from gongkai.press import actions
from gongkai.press.models import Account, Attendee, Expert, Outlet, PressEvent
from gongkai.reviews import actions as reviews
from gongkai.reviews.models import Sheet

HERE = Path(__file__).parent
Told = Mapping[str, Any]
REACH = ("planned", "reviewing", "announced", "held", "published", "closed")
KEEPER, OFFICE = "song_jia", "pan_yun"
PLAIN = ("title", "form", "topic", "where", "host")


def build_press(county: County, at: datetime) -> int:
    """Write the press work of the last weeks and the next; how many events."""
    with transaction.atomic():
        return PressWork(county, at).tell()


class PressWork(OfficeHours):
    """The press work of the county, each event taken as far as `reach` says."""

    def __init__(self, county: County, now: datetime) -> None:
        super().__init__(county, now, seed=20261122)
        self.outlets: dict[str, Outlet] = {}
        self.accounts: list[Account] = []

    def tell(self) -> int:
        told: Told = tomllib.loads((HERE / "press.toml").read_text(encoding="utf-8"))
        cycles.open_cycles(self.now)
        start = self.before(60)
        for row in told["spokesperson"]:
            self.spokesperson(row, start)
        for row in told["expert"]:
            given = {name: row[name] for name in ("name", "organisation", "field", "is_counsel")}
            self.do(
                start,
                lambda by, t, row=row, given=given: actions.save_expert(
                    by=by, at=t, unit=self.county.units[row["unit"]], since=_year(t), **given
                ),
                self.keeper(row["unit"]),
            )
        for row in told["outlet"]:
            self.outlet(row, start)
        for row in told["account"]:
            self.account(row, start)
        for row in told["event"]:
            self.event(row)
        for row in told["request"]:
            self.request(row)
        for row in told["post"]:
            self.post(row)
        return PressEvent.objects.filter(place=self.county.place).count()

    def keeper(self, unit: str) -> str:
        """Who does the press work of a unit."""
        return KEEPER if unit == "propaganda" else holder(f"{unit}.office")

    def signer(self, unit: str) -> str:
        """Who signs what goes out."""
        return OFFICE if unit == "propaganda" else holder(f"{unit}.sign")

    # -- rosters -------------------------------------------------------------------------------------------------

    def spokesperson(self, row: Told, at: datetime) -> None:
        unit = self.county.units[row["unit"]]
        person = self.do(
            at, lambda by, t: actions.save_spokesperson(
                by=by, at=t, unit=unit, staff=self.county.staff[row["staff"]], name=row["name"], title=row["title"],
                phone=row["phone"], since=_year(t),
            ), self.keeper(row["unit"]),
        )  # fmt: skip
        for ability, title, hours in row["trained"]:
            self.do(
                at, lambda by, t, ability=ability, title=title, hours=hours: actions.add_training(
                    person, by=by, at=t, on=t.date(), ability=ability, title=title, hours=hours
                ), self.keeper(row["unit"]),
            )  # fmt: skip

    def outlet(self, row: Told, at: datetime) -> None:
        given = {name: row[name] for name in ("name", "kind", "email", "phone")}
        outlet = self.do(at, lambda by, t: actions.save_outlet(by=by, at=t, **given), KEEPER)
        self.outlets[outlet.name] = outlet
        for name, credential, beat, contact in row["journalists"]:
            given = {"name": name, "credential": credential, "beat": beat, "contact": contact}
            self.do(
                at,
                lambda by, t, given=given: actions.save_journalist(outlet, by=by, at=t, **given),
                KEEPER,
            )

    def account(self, row: Told, at: datetime) -> None:
        unit, keeper = self.county.units[row["unit"]], self.keeper(row["unit"])
        given = {name: row[name] for name in ("platform", "name", "handle", "address")}
        rules = {
            "review_rule": "经办人起草，综合岗核对，分管领导审定后发布。",
            "security_rule": "专人专机，口令每季更换，人员变动当天收回。",
        }
        account = self.do(
            at, lambda by, t: actions.request_account(
                by=by, at=t, unit=unit, keeper_a=self.county.staff[keeper],
                keeper_b=self.county.staff[self.signer(row["unit"])], **given, **rules,
            ), keeper,
        )  # fmt: skip
        at = self.later(at, 1, 4)
        self.do(at, lambda by, t: actions.activate(account, by=by, at=t), OFFICE)
        first = timezone.localtime(self.now).date().replace(day=1)
        for back, followers in enumerate(reversed(row["followers"]), 1):
            month = first
            for _ in range(back):
                month = (month - timedelta(days=1)).replace(day=1)
            self.do(
                self.now, lambda by, t, month=month, followers=followers: actions.note_month(
                    account, by=by, at=t, month=month, followers=followers
                ), keeper,
            )  # fmt: skip
        for days in (48, 39, 30, 21, 13, 5):
            self.do(self.before(days), lambda by, t: actions.note_update(account, by=by, at=t), keeper)
        self.accounts.append(account)

    # -- events --------------------------------------------------------------------------------------------------

    def event(self, row: Told) -> None:
        """Plan an event, and take it step by step as far as it has come."""
        ahead = row["ago"] < 0
        day = self.now + timedelta(days=-row["ago"]) if ahead else self.before(row["ago"])
        starts = timezone.localtime(day).replace(hour=10, minute=0, second=0, microsecond=0)
        starts = min(starts, self.now - timedelta(hours=2)) if not ahead else starts
        hot = bool(row.get("hot"))
        at = starts - timedelta(hours=4) if hot else self.before(max(0, row["ago"]) + 8)
        unit, keeper = self.county.units[row["unit"]], self.keeper(row["unit"])
        flags = {name: row.get(name, False) for name in ("is_overall", "is_major")}
        plain = {name: row[name] for name in PLAIN}
        event = self.do(
            at, lambda by, t: actions.plan(
                by=by, at=t, unit=unit, hot=row.get("hot", ""), starts_at=starts if row["where"] else None, **plain, **flags
            ), keeper,
        )  # fmt: skip
        for facet, words in row.get("statements", ()):
            at += timedelta(minutes=30)
            self.do(
                at, lambda by, t, facet=facet, words=words: actions.update(event, by=by, at=t, facet=facet, words=words),
                keeper,
            )  # fmt: skip
        reach = REACH.index(row["reach"])
        if reach:
            self.ready(event, row, at + timedelta(minutes=20), signed=row["reach"] != "reviewing")
        if reach >= REACH.index("held"):
            self.hold(event, row, starts, keeper)

    def ready(self, event: PressEvent, row: Told, at: datetime, *, signed: bool) -> None:
        """Material, attendance, preview, signatures, invitations."""
        keeper = self.keeper(row["unit"])

        def step(act: Any, **given: Any) -> Any:
            return self.do(at, lambda by, t: act(self.fresh(event), by=by, at=t, **given), keeper)

        step(actions.prepare, agenda=row["agenda"], material=row["material"])
        kinds = Attendee.Kind
        who: list[dict[str, Any]] = [
            {"kind": kinds.HEAD, "name": name, "title": title} for name, title in row["heads"]
        ]
        for expert in Expert.objects.filter(name__in=row.get("experts", ())):
            who.append(
                {"kind": kinds.EXPERT, "name": expert.name, "title": expert.organisation, "expert": expert}
            )
        step(actions.name_attendance, attendees=who)
        if row["preview"]:
            step(actions.announce, preview=row["preview"])
        for n, (words, nickname) in enumerate(row.get("citizens", ())):
            stamp = f"demo-{event.code}-{n}"
            actions.ask_online(self.fresh(event), at=self.now, stamp=stamp, words=words, nickname=nickname)
        sheet = step(actions.submit)
        at += timedelta(minutes=20)
        if not signed:
            return
        while Sheet.objects.get(pk=sheet.pk).is_running:
            self.do(at, lambda by, t: reviews.sign(sheet, by=by, at=t), self.signer(row["unit"]))
        if row["form"] != "在线访谈":
            step(actions.invite, outlets=list(self.outlets.values()))

    def hold(self, event: PressEvent, row: Told, starts: datetime, keeper: str) -> None:
        """The day itself: held, questions, record, and on file where it has come so far."""

        def step(at: datetime, act: Any, *args: Any, **given: Any) -> Any:
            target = args or (self.fresh(event),)
            return self.do(at, lambda by, t: act(*target, by=by, at=t, **given), keeper)

        step(starts, actions.hold)
        for name, words, answer in row["questions"]:
            asked = step(starts + timedelta(minutes=30), actions.ask, words=words, outlet=self.outlets[name])
            step(starts + timedelta(minutes=35), actions.answer, asked, answer=answer)
        for invited in event.invitations.all():
            came = invited.outlet.name != "黔北新闻网"
            step(starts, actions.note_answer, invited, answer="yes" if came else "no", attended=came)
        after = starts + timedelta(minutes=80)
        step(after, actions.plan_dissemination, event.matter, channel="政府网站", on=after, unit=event.unit)
        step(after, actions.publish, record=row["record"].strip())
        if row["reach"] == "closed":
            step(after + timedelta(minutes=20), actions.close)

    def request(self, row: Told) -> None:
        unit, keeper, at = self.county.units[row["unit"]], self.keeper(row["unit"]), self.before(row["ago"])
        given = {name: row[name] for name in ("title", "words", "wants_head")}
        request = self.do(
            at, lambda by, t: actions.receive_request(
                by=by, at=t, unit=unit, outlet=self.outlets[row["outlet"]], **given
            ), keeper,
        )  # fmt: skip
        if row["answer"]:
            at = self.later(at, 2, 6)
            self.do(
                at, lambda by, t: actions.record_interview(
                    request, by=by, at=t, answered_by=row["answered_by"], answer=row["answer"], by_head=row["wants_head"]
                ), keeper,
            )  # fmt: skip

    def post(self, row: Told) -> None:
        unit, keeper, at = self.county.units[row["unit"]], self.keeper(row["unit"]), self.before(row["ago"])
        chosen = [one for one in self.accounts if one.name in row["accounts"]]
        post = self.do(
            at, lambda by, t: actions.draft_post(
                by=by, at=t, unit=unit, title=row["title"], text=row["text"], accounts=chosen
            ), keeper,
        )  # fmt: skip
        sheet = self.do(at, lambda by, t: actions.submit_post(post, by=by, at=t), keeper)
        at += timedelta(minutes=15)
        while Sheet.objects.get(pk=sheet.pk).is_running:
            self.do(at, lambda by, t: reviews.sign(sheet, by=by, at=t), self.signer(row["unit"]))
        self.do(at, lambda by, t: actions.push(post, by=by, at=t), keeper)
        for push in post.pushes.all():
            self.do(at, lambda _by, t, push=push: actions.deliver(push.pk, t), keeper)
            push.refresh_from_db()
            self.do(
                at, lambda by, t, push=push: actions.note_reads(push, by=by, at=t, reads=row["reads"]), keeper
            )

    def fresh(self, event: PressEvent) -> PressEvent:
        return PressEvent.objects.select_related("matter__place", "place", "unit").get(pk=event.pk)


def _year(at: datetime) -> date:
    return date(timezone.localtime(at).year, 1, 1)
