"""Pilot units of an area (试点), and how they check each other (互查) by a day the office names."""

from __future__ import annotations

from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from gongkai.ledger import actions as ledger
from gongkai.ledger import asks
from gongkai.notices import actions as notices
from gongkai.opinion import facts, policy
from gongkai.opinion.actions.supervising import share
from gongkai.opinion.models import Exchange, MutualCheck, Pilot
from gongkai.people.actor import Actor
from gongkai.people.models import Unit
from gongkai.ui.filters import day
from gongkai.ui.refusal import Refused

CHECKS = "checks"  # the room of their matters
PREFIX = "HC"  # 互查
FOUND = "自查互查发现问题"


@transaction.atomic
def name_pilot(unit: Unit, *, by: Actor, area: str, from_on: date, until_on: date | None = None) -> Pilot:
    """Name a unit as a pilot of an area from a day on; named again for the same day, its end is changed."""
    policy.may_pilot(by).enforce()
    if area not in (known := asks.values_of(by.place.code, "pilot.area")):
        remedy = f"可选：{'、'.join(known)}。" if known else "请先在“地方设定”里登记试点领域。"
        raise Refused("没有选试点领域", remedy=remedy)
    if until_on is not None and until_on < from_on:
        raise Refused("起止日期颠倒了", remedy="请先填较早的一天。")
    row, _made = Pilot.objects.update_or_create(
        place=by.place, unit=unit, area=area, from_on=from_on, defaults={"until_on": until_on}
    )
    return row


@transaction.atomic
def pair(
    unit: Unit, about: Unit, *, by: Actor, at: datetime, area: str, due_on: date, is_mutual: bool = True
) -> list[MutualCheck]:
    """Have one pilot unit check another by the end of a day, and with `is_mutual` the other the first."""
    policy.may_pilot(by).enforce()
    today = timezone.localdate(at)
    if unit == about:
        raise Refused("不能自己查自己", remedy="请选两个不同的试点单位。")
    if due_on < today:
        raise Refused("期限已经过了", remedy="请填今天或以后的一天。")
    standing = Pilot.objects.filter(Q(until_on=None) | Q(until_on__gte=today), area=area, from_on__lte=today)
    pilots = set(standing.filter(unit__in=[unit, about]).values_list("unit", flat=True))
    if missing := [one.short_name for one in (unit, about) if one.pk not in pilots]:
        raise Refused(f"{'、'.join(missing)}现在不是“{area}”的试点单位", remedy="请先登记为试点单位。")
    pairs = ((unit, about), (about, unit)) if is_mutual else ((unit, about),)
    return [_ask(checker, checked, by, at, area, due_on) for checker, checked in pairs]


def _ask(unit: Unit, about: Unit, by: Actor, at: datetime, area: str, due_on: date) -> MutualCheck:
    title = f"互查：{unit.short_name}查{about.short_name}（{area}）"
    number = ledger.numbers(PREFIX, at)[0]
    matter = ledger.open_matter(number, room=CHECKS, title=title, place=by.place, unit=unit, at=at)
    row = MutualCheck.objects.create(
        matter=matter, place=by.place, area=area, unit=unit, about=about, due_on=due_on, asked_at=at
    )
    due = timezone.make_aware(datetime.combine(due_on, time.min)).isoformat()
    ledger.record(
        facts.CHECK_ASKED, matter=matter, by=by, at=at,
        details={"party": unit.code, "checked": about.code, "area": area, "due_on": due},
    )  # fmt: skip
    notices.tell(
        key=f"opinion:check:{row.pk}", unit=unit, place=by.place, title=f"请互查{about.short_name}的试点工作",
        body=f"{title}，{day(due_on)} 24:00 前报告。", number=number, urgent=False, overseers=False, now=at,
    )  # fmt: skip
    return row


@transaction.atomic
def report_check(check: MutualCheck, *, by: Actor, at: datetime, title: str, text: str) -> Exchange:
    """The checking unit says what it found, to be read by all; that was the check."""
    check = (
        MutualCheck.objects.select_for_update(of=("self",))
        .select_related("matter__place", "unit", "about")
        .get(pk=check.pk)
    )
    policy.may_report_check(by, check).enforce()
    check.found = share(
        check.unit, by=by, at=at, kind=FOUND, title=title, text=text, area=check.area, about=check.about
    )
    check.save(update_fields=["found"])
    details = {"party": check.unit.code, "checked": check.about.code}
    ledger.record(facts.CHECKED, matter=check.matter, by=by, at=at, details=details)
    return check.found
