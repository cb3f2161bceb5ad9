"""The yearly evaluation of spokespersons and what follows a failing: order, circular, accountability."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from gongkai.ledger import actions as ledger
from gongkai.ledger import cycles
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Unit
from gongkai.press import facts, policy
from gongkai.press.actions.events import OVERALL
from gongkai.press.actions.report import FAILINGS, need, opened, report
from gongkai.press.models import Attendee, Evaluation, Failing, Spokesperson
from gongkai.text import screen
from gongkai.ui.refusal import Refused

EVALUATE = "press.evaluate"
S = Failing.Stage


@transaction.atomic
def evaluate(
    person: Spokesperson, *, by: Actor, at: datetime, year: int, grade: str, words: str = ""
) -> Evaluation:
    """Say how a spokesperson did in a year. Nobody judges themselves."""
    policy.may_evaluate(by).enforce()
    if person.place_id != by.place.code or policy.is_judged(by, person):
        raise Refused("不能评估自己", remedy="请由新闻发布主管单位的其他人评估。")
    row, _made = Evaluation.objects.update_or_create(
        year=year, spokesperson=person,
        defaults={
            "place": by.place, "unit": person.unit, "grade": grade, "words": words.strip()[:500], "by": by.staff, "at": at,
            "appearances": appearances(person, year),
        },
    )  # fmt: skip
    return row


def appearances(person: Spokesperson, year: int) -> int:
    """How often a spokesperson attended in a year."""
    return Attendee.objects.filter(spokesperson=person, event__held_at__year=year).count()


@transaction.atomic
def finish_evaluation(place: Place, *, by: Actor, at: datetime, year: int) -> int:
    """Report the evaluation of a year as done; everybody who spoke for a unit must have been evaluated."""
    policy.may_evaluate(by).enforce()
    left = to_evaluate(place, year, timezone.localdate(at))
    if left:
        names = "、".join(person.name for person in left[:5])
        raise Refused(f"还有 {len(left)} 人没有评估：{names}", remedy="评估完所有新闻发言人再报告。")
    count = Evaluation.objects.filter(place=place, year=year).count()
    if not count:
        raise Refused("没有评估任何人", remedy="请先登记新闻发言人。")
    cycle = cycles.of_period(place, EVALUATE, str(year))
    if cycle is None:
        raise Refused("本地的制度没有规定年度评估", remedy="评估结果已经保存，不用报告。")
    unit = cycle.unit.code if cycle.unit else ""
    ledger.record(facts.EVALUATED, matter=cycle, by=by, at=at, details={"unit": unit, "count": count})
    return count


def to_evaluate(place: Place, year: int, on: date) -> list[Spokesperson]:
    """Spokespersons in office in a year who have not been evaluated for it."""
    people = Spokesperson.objects.filter(
        place=place, role=Spokesperson.Role.SPOKESPERSON, since__year__lte=year
    ).exclude(until__year__lt=year)
    done = Evaluation.objects.filter(year=year).values("spokesperson")
    return [one for one in people.exclude(pk__in=done).select_related("unit") if one.since <= on]


@transaction.atomic
def find_failing(
    *,
    unit: Unit,
    fault: str,
    words: str,
    by: Actor,
    at: datetime,
    spokesperson: Spokesperson | None = None,
    about: str = "",
) -> Failing:
    """Establish one of the failings of press work against a unit, with what happened."""
    policy.may_evaluate(by).enforce()
    if policy.is_judged(by, spokesperson):
        raise Refused("不能认定自己", remedy="请由新闻发布主管单位的其他人认定。")
    failing = Failing.objects.create(
        matter=opened(FAILINGS, f"{unit.short_name}：{fault}", unit, at), place=unit.place, unit=unit,
        title=f"{unit.short_name}：{fault}"[:200], stage=S.FOUND, spokesperson=spokesperson, fault=fault,
        words=need(words, "没有写事实", "请写明什么时候、什么事、怎样失职。")[:500], about=about.strip()[:64], found_at=at,
    )  # fmt: skip
    report(failing, facts.FAULT_FOUND, by, at, unit=unit.code, fault=fault)
    return failing


def _locked(failing: Failing) -> Failing:
    rows = Failing.objects.select_for_update(of=("self",))
    return rows.select_related("matter__place", "unit").get(pk=failing.pk)


@transaction.atomic
def order_rectification(failing: Failing, *, by: Actor, at: datetime, order: str) -> Failing:
    """Order the unit to put it right; it has a clock."""
    failing = _locked(failing)
    policy.may_order_rectification(by, failing).enforce()
    failing.move_to(S.ORDERED)
    failing.order = need(order, "没有写整改要求", "请写明要改什么。")[:300]
    failing.save()
    report(failing, facts.RECTIFICATION_ORDERED, by, at, unit=failing.unit.code, fault=failing.fault)
    return failing


@transaction.atomic
def rectify(failing: Failing, *, by: Actor, at: datetime, result: str) -> Failing:
    """The unit reports what it did."""
    failing = _locked(failing)
    policy.may_rectify(by, failing).enforce()
    failing.move_to(S.RECTIFIED)
    failing.result = need(result, "没有写整改结果", "请写明怎样改的。")[:500]
    failing.save()
    report(failing, facts.RECTIFIED, by, at, unit=failing.unit.code)
    return failing


@transaction.atomic
def close_failing(failing: Failing, *, by: Actor, at: datetime) -> Failing:
    """The press office looked at what the unit reported, and it is right: nothing more is asked."""
    failing = _locked(failing)
    policy.may_close_failing(by, failing).enforce()
    failing.move_to(S.CLOSED).save(update_fields=["stage"])
    report(failing, facts.FAILING_CLOSED, by, at, unit=failing.unit.code)
    return failing


@transaction.atomic
def circulate(failing: Failing, *, by: Actor, at: datetime) -> Failing:
    """Criticise in a circular (通报批评)."""
    failing = _locked(failing)
    policy.may_circulate(by, failing).enforce()
    failing.circulated_at = at
    failing.save(update_fields=["circulated_at"])
    report(failing, facts.CIRCULAR_ISSUED, by, at, unit=failing.unit.code, fault=failing.fault)
    return failing


@transaction.atomic
def propose_accountability(failing: Failing, *, by: Actor, at: datetime, proposal: str) -> Failing:
    """Propose to hold somebody to account; a head decides."""
    failing = _locked(failing)
    policy.may_propose_accountability(by, failing).enforce()
    failing.proposal = need(proposal, "没有写建议", "请写明理由和建议。")[:300]
    failing.save(update_fields=["proposal"])
    report(failing, facts.ACCOUNTABILITY_PROPOSED, by, at, unit=failing.unit.code, fault=failing.fault)
    return failing


@transaction.atomic
def decide_accountability(
    failing: Failing, *, by: Actor, at: datetime, outcome: str, decision: str
) -> Failing:
    """A head decides whether somebody is held to account. No score does."""
    failing = _locked(failing)
    policy.may_decide_accountability(by, failing).enforce()
    words = need(decision, "没有写理由", "请写明决定的理由。")
    failing.decision, failing.decided_by = f"{outcome}：{screen.mask(words)}"[:300], by.staff
    failing.save(update_fields=["decision", "decided_by"])
    report(failing, facts.ACCOUNTABILITY_DECIDED, by, at, unit=failing.unit.code, outcome=outcome)
    return failing


@transaction.atomic
def set_reading(place: Place, *, by: Actor, at: datetime, each: str, year: int) -> None:
    """Say from a year on how the quota of overall meetings is read: once for the place, or for every unit."""
    policy.may_set_reading(by).enforce()
    if year <= timezone.localtime(at).year:
        raise Refused("今年的应办事项已经产生", remedy="请从下一年起改。")
    owner = {"place": "press_office", "unit": "named"}[each]
    from_on = date(year, 1, 1)
    for key, value in (("each", each), ("owner", owner)):
        ledger.configure(place, OVERALL, key, value, from_on=from_on, by=by, at=at)
