"""Looking back: accountability proposed by rule and decided by people, inspections, lessons, bulletins, risk before decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from gongkai.ledger import actions as ledger
from gongkai.ledger import asks, cycles
from gongkai.ledger.models import Fact, Link, Matter
from gongkai.opinion import accountability, facts, policy, yearly
from gongkai.opinion.actions.report import RISK_PREFIX, need, report, tell
from gongkai.opinion.models import Accountability, Bulletin, Event, Exchange, Inspection, Risk
from gongkai.people.actor import Actor
from gongkai.people.models import Duty, Place, Unit, unit_answering_for
from gongkai.reviews import actions as reviews
from gongkai.reviews.models import Sheet
from gongkai.text import screen
from gongkai.ui.refusal import Refused

ROOM = "risk"
YEAR = "opinion_year"


# ---- accountability ----------------------------------------------------------------------------------------------


@transaction.atomic
def propose_accountability(event: Event, *, by: Actor, at: datetime) -> list[Accountability]:
    """Put down what the rules of the place propose for this event, each with its evidence; those that are new."""
    event = Event.objects.locked(event)
    policy.may_propose(by, event).enforce()
    made = []
    for one in accountability.proposals(event):
        row, is_new = Accountability.objects.get_or_create(
            event=event, unit=one.unit, rule=one.rule,
            defaults={"measure": one.measure, "cite": one.cite, "evidence": list(one.evidence), "proposed_at": at},
        )  # fmt: skip
        if is_new:
            report(
                event,
                facts.ACCOUNTABILITY_PROPOSED,
                by,
                at,
                unit=one.unit.code,
                rule=one.rule,
                measure=one.measure,
            )
            made.append(row)
    return made


@transaction.atomic
def decide(
    row: Accountability, *, by: Actor, at: datetime, decided: bool, words: str, is_borne: bool = False
) -> Accountability:
    """A person decides; who spoke up in good faith and erred is borne with (宽容失误), and that is written down."""
    event = Event.objects.locked(row.event)
    row = (
        Accountability.objects.select_for_update(of=("self",)).select_related("unit", "event").get(pk=row.pk)
    )
    policy.may_decide(by, row).enforce()
    if decided and is_borne:
        raise Refused("属于容错情形的不追责", remedy="请选“不采取”，并写明为什么属于容错情形。")
    row.words = need(words, "没有写决定的理由", "采取与不采取都要写明理由。")[:300]
    row.decided, row.is_borne, row.by, row.decided_at = decided, is_borne, by.staff, at
    row.save()
    report(
        event, facts.ACCOUNTABILITY_DECIDED, by, at, party=row.unit.code, measure=row.measure, decided=decided,
        borne=is_borne,
    )  # fmt: skip
    if decided:
        tell(event, row.unit, at, f"accountability:{row.pk}", f"{row.measure}：{row.rule}", urgent=False)
    return row


# ---- inspections, lessons, bulletins -----------------------------------------------------------------------------


@transaction.atomic
def inspect(
    unit: Unit, *, by: Actor, at: datetime, what: str, found: str, on: date, to_mend: str = ""
) -> Inspection:
    """Keep what an inspection of rules, mechanism or effect found; what is to be mended goes to the unit."""
    policy.may_inspect(by).enforce()
    if what not in asks.values_of(by.place.code, "opinion.inspected"):
        raise Refused(
            "没有选督查内容",
            remedy=f"可选：{'、'.join(asks.values_of(by.place.code, 'opinion.inspected'))}。",
        )
    row = Inspection.objects.create(
        place=by.place, unit=unit, what=what, found=need(found, "没有写发现的情况", "请写明看到了什么。"),
        to_mend=to_mend.strip()[:300], on=on, by=by.staff,
    )  # fmt: skip
    cycle = cycles.running(by.place, "opinion.inspect", at)
    if cycle is not None:
        ledger.record(facts.INSPECTED, matter=cycle, by=by, at=at, details={"unit": unit.code, "what": what})
    return row


@transaction.atomic
def mend(row: Inspection, *, by: Actor, at: datetime, words: str) -> Inspection:
    """The unit reports that it was put right."""
    row = Inspection.objects.select_for_update(of=("self",)).select_related("unit", "place").get(pk=row.pk)
    policy.may_mend(by, row).enforce()
    row.mended, row.mended_at = need(words, "没有写整改情况", "请写明怎样整改、结果怎样。")[:300], at
    row.save(update_fields=["mended", "mended_at"])
    cycle = cycles.running(row.place, "opinion.inspect", at)
    if cycle is not None:
        ledger.record(facts.MENDED, matter=cycle, by=by, at=at, details={"unit": row.unit.code})
    return row


@transaction.atomic
def share(
    unit: Unit,
    *,
    by: Actor,
    at: datetime,
    kind: str,
    title: str,
    text: str,
    event: Event | None = None,
    is_good: bool = False,
    area: str = "",
    about: Unit | None = None,
) -> Exchange:
    """Put a lesson, a difficulty or a model case where every unit reads it. Only who oversees marks it as good.

    `area` is the pilot area it is of, `about` the unit that was looked at.
    """
    policy.may_share(by).enforce()
    if kind not in asks.values_of(by.place.code, "exchange.kind"):
        raise Refused(
            "没有选类别", remedy=f"可选：{'、'.join(asks.values_of(by.place.code, 'exchange.kind'))}。"
        )
    row = Exchange.objects.create(
        place=by.place, unit=unit, kind=kind, title=need(title, "没有写标题", "请写标题。")[:120],
        text=screen.mask(need(text, "没有写内容", "请写内容。")), event=event, is_good=is_good and bool(policy.may_inspect(by)),
        by=by.staff, at=at, area=area, about=about,
    )  # fmt: skip
    if event is not None:
        report(event, facts.SHARED, by, at, party=unit.code, sort=kind)
    return row


@transaction.atomic
def circulate(
    *,
    by: Actor,
    at: datetime,
    title: str,
    from_on: date,
    until_on: date,
    figures: Mapping[str, Any],
    words: str = "",
) -> Bulletin:
    """Issue the bulletin on how public concerns were handled; the period's duty is met by it."""
    policy.may_circulate(by).enforce()
    if from_on > until_on:
        raise Refused("起止日期颠倒了", remedy="请先填较早的一天。")
    row = Bulletin.objects.create(
        place=by.place, title=need(title, "没有写标题", "请写标题。")[:120], from_on=from_on, until_on=until_on,
        figures=dict(figures), words=words.strip(), by=by.staff, at=at,
    )  # fmt: skip
    cycle = cycles.running(by.place, "opinion.circulate", at)
    if cycle is not None:
        ledger.record(facts.CIRCULATED, matter=cycle, by=by, at=at, details={})
    return row


@transaction.atomic
def report_year(year: int, *, by: Actor, at: datetime, because: str = "") -> Fact:
    """Hand the figures of a year over to the assessment, fixed as they now stand.

    One fact stands for a place and year: a later one corrects it and says why. Raises Refused when nothing changed.
    """
    today = timezone.localdate(at)
    policy.may_report_year(by, year, today).enforce()
    place = Place.objects.select_for_update().get(pk=by.place.pk)
    figures, before = yearly.figures(place, year), next(iter(yearly.reported(place, year)), None)
    if before is None:
        matter = ledger.open_matter(
            yearly.number_of(place, year), room=YEAR, title=f"{year}年舆情回应情况报送考核", place=place,
            unit=unit_answering_for(place, Duty.OPENNESS, today), at=at,
        )  # fmt: skip
    elif not list(yearly.differences(before.details["figures"], figures)):
        raise Refused("数字和上次报送的一样", remedy="数字有了变化再更正。")
    else:
        matter = before.matter
        because = need(because, "没有写更正事由", "请写明上次报送以后为什么变了。")
    return ledger.record(
        facts.YEAR_REPORTED, matter=matter, by=by, at=at, details={"year": year, "figures": figures},
        corrects=before, because=because,
    )  # fmt: skip


# ---- risk before decisions ---------------------------------------------------------------------------------------


@transaction.atomic
def open_risk(unit: Unit, *, by: Actor, at: datetime, title: str, about: Matter | None = None) -> Risk:
    """Begin the assessment of a decision that touches people, before it is taken."""
    policy.may_open_risk(by, unit.pk).enforce()
    title = need(title, "没有写决策事项", "请写明要出台什么决策。")[:120]
    number = ledger.numbers(RISK_PREFIX, at)[0]
    matter = ledger.open_matter(number, room=ROOM, title=title, place=by.place, unit=unit, at=at)
    risk = Risk.objects.create(
        matter=matter, place=by.place, unit=unit, title=title, about=about, by=by.staff, at=at
    )
    fact = ledger.record(facts.RISK_OPENED, matter=matter, by=by, at=at, details={"unit": unit.code})
    if about is not None:
        ledger.link(Link.Kind.ASSESSES, matter, about, fact)
    return risk


@transaction.atomic
def assess_risk(
    risk: Risk, *, by: Actor, at: datetime, findings: Sequence[Mapping[str, Any]], level: str, plan: str
) -> Sheet:
    """Say how it was assessed (tracking, survey, visits), the level and the plan, and put it up for approval.

    `findings` are rows of method, how many were asked or read, and what was found.
    """
    risk = (
        Risk.objects.select_for_update(of=("self",))
        .select_related("matter__place", "unit", "place")
        .get(pk=risk.pk)
    )
    policy.may_assess_risk(by, risk).enforce()
    known = asks.values_of(risk.place_id, "risk.method")
    rows = [dict(row) for row in findings if str(row.get("found", "")).strip()]
    if not rows or any(row.get("method") not in known for row in rows):
        raise Refused("没有写评估方法和结果", remedy=f"至少用一种方法：{'、'.join(known)}。")
    if level not in asks.values_of(risk.place_id, "risk.level"):
        raise Refused(
            "没有选风险等级", remedy=f"可选：{'、'.join(asks.values_of(risk.place_id, 'risk.level'))}。"
        )
    risk.findings, risk.level = rows, level
    risk.plan = need(plan, "没有写应对预案", "请写明可能出现什么、怎样应对、由谁负责。")
    risk.stage = Risk.Stage.REVIEWING
    risk.save()
    methods = "、".join(dict.fromkeys(str(row["method"]) for row in rows))
    ledger.record(
        facts.RISK_ASSESSED, matter=risk.matter, by=by, at=at,
        details={"unit": risk.unit.code, "level": level, "methods": methods},
    )  # fmt: skip
    text = "\n".join(f"{row['method']}：{row['found']}" for row in rows) + f"\n\n应对预案：{risk.plan}"
    return reviews.submit(
        risk.matter, policy.RISK, unit=risk.unit, title=f"舆情风险评估：{risk.title}", text=text, case={"level": level},
        by=by, at=at, points=[("风险等级", level), ("评估方法", methods)],
    )  # fmt: skip


def risk_approved(sheet: Sheet, by: Actor, at: datetime) -> None:
    """The assessment stands: the decision may go on; a document it is about is told so."""
    risk = (
        Risk.objects.select_for_update(of=("self",))
        .select_related("matter__place", "about")
        .get(matter=sheet.matter_id)
    )
    risk.stage, risk.approved_at = Risk.Stage.APPROVED, at
    risk.save(update_fields=["stage", "approved_at"])
    ledger.record(facts.RISK_APPROVED, matter=risk.matter, by=by, at=at, details={"level": risk.level})
    if risk.about is not None:
        ledger.record(facts.RISK_APPROVED, matter=risk.about, by=by, at=at, details={"level": risk.level})


def risk_returned(sheet: Sheet, by: Actor, at: datetime, ground: str) -> None:
    """Back to the unit that assesses."""
    risk = Risk.objects.select_for_update(of=("self",)).get(matter=sheet.matter_id)
    risk.stage = Risk.Stage.DRAFT
    risk.save(update_fields=["stage"])
