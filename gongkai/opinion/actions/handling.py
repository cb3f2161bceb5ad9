"""Who answers for it and what they do: leader, consultation, assignment, facts, line, reports, hand-overs, the ground."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from gongkai.opinion import facts, policy
from gongkai.opinion.actions.report import need, report, tell
from gongkai.opinion.models import Consultation, Dispatch, Event, Measurement, Party, Stage
from gongkai.people.actor import Actor
from gongkai.people.models import Duty, Staff, Unit, unit_answering_for
from gongkai.reviews import actions as reviews
from gongkai.reviews.models import Sheet
from gongkai.text import screen
from gongkai.ui.refusal import Refused

UPWARD = (Duty.OPENNESS, Duty.CYBERSPACE)  # 本级政府办公室和网信部门
RUMOUR = (Duty.POLICE, Duty.CYBERSPACE)  # 公安机关和网络监管部门


# ---- leadership, consultation, measures --------------------------------------------------------------------------


@transaction.atomic
def name_leader(event: Event, leader: Staff, *, by: Actor, at: datetime) -> Event:
    """Say who leads: of an extra-major event the head of the government himself."""
    event = Event.objects.locked(event)
    policy.may_name_leader(by, event).enforce()
    if leader.place_id != event.place_id:
        raise Refused("领导责任人要是本地的人员")
    event.leader = leader
    event.save(update_fields=["leader"])
    report(event, facts.LEADER_NAMED, by, at, leader=leader.name)
    return event


@transaction.atomic
def call_consultation(
    event: Event, units: Iterable[Unit], *, by: Actor, at: datetime, meets_at: datetime, agenda: str = ""
) -> Consultation:
    """Invite units to judge together; each is told at once."""
    event = Event.objects.locked(event)
    policy.may_consult(by, event).enforce()
    invited = list(units)
    convener = Unit.objects.filter(pk=by.home or 0).first() or event.matter.unit
    if not invited or convener is None:
        raise Refused("没有选要邀请的单位", remedy="请选择涉事单位、主管部门和宣传、网信部门。")
    row = Consultation.objects.create(
        event=event, convener=convener, meets_at=meets_at, agenda=agenda[:200], by=by.staff
    )
    row.units.set(invited)
    report(event, facts.CONSULTATION_CALLED, by, at, party=convener.code, units=_names(invited))
    for unit in invited:
        tell(event, unit, at, f"consult:{row.pk}", "请参加舆情会商")
    return row


@transaction.atomic
def hold_consultation(row: Consultation, *, by: Actor, at: datetime, minutes: str) -> Consultation:
    """Write down what was said and agreed."""
    event = Event.objects.locked(row.event)
    policy.may_consult(by, event).enforce()
    if row.held_at is not None:
        raise Refused("这次会商已有纪要")
    row.minutes, row.held_at = need(minutes, "没有写会商纪要", "请写明各方意见和一致的结论。"), at
    row.save(update_fields=["minutes", "held_at"])
    report(event, facts.CONSULTED, by, at, party=row.convener.code, units=_names(row.units.all()))
    return row


def _names(units: Iterable[Unit]) -> str:
    return "、".join(unit.short_name for unit in units)


@transaction.atomic
def submit_measures(event: Event, *, by: Actor, at: datetime) -> Sheet:
    """Put the control measures up for approval, in order (按程序报审)."""
    event = Event.objects.locked(event)
    policy.may_submit_measures(by, event).enforce()
    judged = event.assessments.exclude(measures="").first()
    unit = event.matter.unit
    assert judged is not None
    assert unit is not None
    sheet = reviews.submit(
        event.matter, policy.MEASURES, unit=unit, title=f"预控处置意见：{event.title}", text=judged.measures,
        case=policy.traits(event), by=by, at=at,
        points=[("等级", judged.grade), ("性质", judged.nature), ("走势", judged.trend), ("风险", judged.risk)],
    )  # fmt: skip
    report(event, facts.MEASURES_SUBMITTED, by, at)
    return sheet


# ---- units -------------------------------------------------------------------------------------------------------


@transaction.atomic
def assign(
    event: Event,
    lead: Unit,
    *,
    by: Actor,
    at: datetime,
    others: Sequence[Unit] = (),
    role: str = Party.Role.JOINT,
    coordinators: Sequence[Unit] = (),
    task: str = "",
) -> Event:
    """Say who answers for an event: one first responsible unit, others by their duties, who coordinates.

    Those who were responsible before and are not now are relieved, and the fact says so.
    """
    event = Event.objects.locked(event)
    policy.may_assign(by, event, designating=True).enforce()
    wanted = {unit.pk: (unit, Party.Role.COORDINATE) for unit in coordinators}
    wanted |= {unit.pk: (unit, Party.Role(role)) for unit in others}
    wanted[lead.pk] = (lead, Party.Role.LEAD)
    speaking = [unit for unit, role_ in wanted.values() if role_ != Party.Role.COORDINATE]
    standing = {one.unit_id: one for one in event.parties.filter(left_at=None).select_related("unit")}
    for pk, party in standing.items():
        if pk not in wanted:
            party.left_at = at
            party.save(update_fields=["left_at"])
            report(event, facts.RELIEVED, by, at, party=party.unit.code)
    event.unit = lead
    if event.stage != Stage.HANDLING:
        event.move_to(Stage.HANDLING)
    event.save(update_fields=["unit", "stage"])
    for unit, role_ in sorted(wanted.values(), key=lambda one: one[1] != Party.Role.LEAD):
        known = standing.get(unit.pk)
        if known is not None and known.role == role_:
            continue
        Party.objects.update_or_create(
            event=event, unit=unit,
            defaults={"role": role_, "task": task[:300], "assigned_at": at, "accepted_at": None, "left_at": None},
        )  # fmt: skip
        if role_ == Party.Role.LEAD:
            code, several = unit.code, len(speaking) > 1
            report(event, facts.ASSIGNED, by, at, lead=code, party=code, role=role_.label, several=several)
        else:
            report(event, facts.JOINED, by, at, party=unit.code, role=role_.label)
        tell(event, unit, at, "assigned", "舆情交办，请签收")
    return event


@transaction.atomic
def accept(
    event: Event, *, by: Actor, at: datetime, head: Staff | None = None, deputy: Staff | None = None
) -> Party:
    """A unit takes it on, and says who is first and who directly responsible there."""
    event = Event.objects.locked(event)
    policy.may_accept(by, event).enforce()
    party = policy.party_of(by, event)
    assert party is not None
    party.accepted_at, party.head, party.deputy = at, head, deputy
    party.save(update_fields=["accepted_at", "head", "deputy"])
    report(event, facts.ACCEPTED, by, at, party=party.unit.code)
    return party


@transaction.atomic
def gather(event: Event, *, by: Actor, at: datetime, words: str, questions: str = "") -> Event:
    """Bring together what is established, and what people want to know; the text replaces the one before."""
    event = Event.objects.locked(event)
    policy.may_gather(by, event).enforce()
    event.facts = screen.mask(need(words, "没有写已核实的情况", "请写时间、地点、经过、影响和已采取的措施。"))
    if questions.strip():
        event.questions = screen.mask(questions.strip())
    event.save(update_fields=["facts", "questions"])
    party = policy.party_of(by, event)
    report(event, facts.FACTS_GATHERED, by, at, party=party.unit.code if party else "")
    return event


@transaction.atomic
def set_line(event: Event, *, by: Actor, at: datetime, words: str) -> Event:
    """Write the one line; what units said to an earlier one no longer counts."""
    event = Event.objects.locked(event)
    policy.may_set_line(by, event).enforce()
    event.line = screen.mask(need(words, "没有写统一口径", "请写明各单位对外怎样说。"))
    event.save(update_fields=["line"])
    own = policy.party_of(by, event)
    for party in (
        event.parties.filter(left_at=None).exclude(role=Party.Role.COORDINATE).select_related("unit")
    ):
        agrees = True if own is not None and party.pk == own.pk else None
        party.agrees, party.words = agrees, ""
        party.save(update_fields=["agrees", "words"])
        if agrees is None:
            report(event, facts.LINE_ASKED, by, at, party=party.unit.code)
            tell(event, party.unit, at, "line", "请确认统一口径")
    report(event, facts.LINE_SET, by, at)
    return event


@transaction.atomic
def answer_line(event: Event, *, by: Actor, at: datetime, agrees: bool, words: str = "") -> Party:
    """A unit agrees to the line, or says what is wrong with it."""
    event = Event.objects.locked(event)
    policy.may_answer_line(by, event).enforce()
    party = policy.party_of(by, event, *policy.WORKING)
    assert party is not None
    if not agrees:
        words = need(words, "不同意要写明意见", "请写清楚哪里不一致、应当怎样说。")
    party.agrees, party.words = agrees, screen.mask(words)[:300]
    party.save(update_fields=["agrees", "words"])
    report(event, facts.LINE_ANSWERED, by, at, party=party.unit.code, agrees=agrees)
    return party


@transaction.atomic
def handle(event: Event, *, by: Actor, at: datetime, words: str) -> Party:
    """Report what was done on the ground; the thing itself is solved there, not online."""
    event = Event.objects.locked(event)
    policy.may_handle(by, event).enforce()
    party = policy.party_of(by, event)
    assert party is not None
    party.handled, party.handled_at = (
        screen.mask(need(words, "没有写处置情况", "请写明做了什么、结果怎样。")),
        at,
    )
    party.save(update_fields=["handled", "handled_at"])
    report(event, facts.HANDLED, by, at, party=party.unit.code)
    return party


# ---- what leaves the desk ----------------------------------------------------------------------------------------


@transaction.atomic
def report_upward(
    event: Event, *, by: Actor, at: datetime, words: str, way: str, superior: str = ""
) -> list[Dispatch]:
    """Report to the government office and the cyberspace office at once, by both with one stroke; also to a superior.

    Raises Refused when the place has registered neither office.
    """
    event = Event.objects.locked(event)
    policy.may_report(by, event).enforce()
    words = screen.mask(need(words, "没有写报送内容", "请写明时间、来源、内容、走势和建议。"))
    made = _dispatch(event, Dispatch.Purpose.REPORT, UPWARD, words, by, at, way=way)
    if superior.strip():
        made.append(
            Dispatch.objects.create(
                event=event, purpose=Dispatch.Purpose.REPORT, to="superior", way=way[:32], words=words,
                outcome=f"上级：{superior.strip()[:64]}", by=by.staff, at=at,
            )
        )  # fmt: skip
    for row in made:
        party = row.unit.code if row.unit else superior.strip()[:64]
        report(event, facts.REPORTED, by, at, to=row.to, party=party, way=way[:32])
        _keep_own(event, row, by, at)
    return made


@transaction.atomic
def hand_over(
    event: Event,
    to: str,
    *,
    by: Actor,
    at: datetime,
    words: str,
    cite: str,
    evidence: Sequence[Any] = (),
) -> list[Dispatch]:
    """Hand leads to another body: `rumour` to police and network regulator at the same moment, else one office.

    A named person decides under a named article; evidence holds links and digests, no authors.
    """
    event = Event.objects.locked(event)
    policy.may_hand_over(by, event).enforce()
    cite = need(cite, "没有写依据", "请写明依据哪一条移送。")
    words = need(words, "没有写移送理由", "请写明事实和理由。")
    duties = RUMOUR if to == "rumour" else (Duty(to),)
    made = _dispatch(event, Dispatch.Purpose.HAND_OVER, duties, words, by, at, cite=cite, evidence=evidence)
    for row in made:
        report(event, facts.HANDED_OVER, by, at, to=row.to, party=row.unit.code if row.unit else "")
        _keep_own(event, row, by, at)
    return made


def _keep_own(event: Event, row: Dispatch, by: Actor, at: datetime) -> None:
    """What a body sends to itself is received as it is sent."""
    if row.received_at is not None and row.unit is not None:
        report(event, facts.RECEIVED, by, at, party=row.unit.code)


def _dispatch(
    event: Event,
    purpose: Dispatch.Purpose,
    duties: Sequence[Duty],
    words: str,
    by: Actor,
    at: datetime,
    *,
    way: str = "",
    cite: str = "",
    evidence: Sequence[Any] = (),
) -> list[Dispatch]:
    made = []
    for duty in duties:
        unit = unit_answering_for(event.place, duty, timezone.localdate(at))
        if unit is None:
            raise Refused(
                f"本地没有登记{duty.label}部门",
                remedy=f"请管理员在“单位”里为{duty.label}部门勾选“{duty.label}”职能。",
            )
        row = Dispatch.objects.create(
            event=event, purpose=purpose, to=str(duty), unit=unit, way=way[:32], words=words, cite=cite[:120],
            evidence=list(evidence), by=by.staff, at=at, received_at=at if unit.pk == by.home else None,
        )  # fmt: skip
        tell(event, unit, at, f"dispatch:{row.pk}", f"舆情{row.get_purpose_display()}，请签收")
        made.append(row)
    return made


@transaction.atomic
def receive(row: Dispatch, *, by: Actor, at: datetime, outcome: str = "") -> Dispatch:
    """The receiving body signs for it, and may say what it does."""
    event = Event.objects.locked(row.event)
    policy.may_receive(by, row).enforce()
    row.received_at, row.outcome = at, outcome.strip()[:300]
    row.save(update_fields=["received_at", "outcome"])
    report(event, facts.RECEIVED, by, at, party=row.unit.code if row.unit else "")
    return row


# ---- the end -----------------------------------------------------------------------------------------------------


@transaction.atomic
def measure(
    event: Event,
    *,
    by: Actor,
    at: datetime,
    hours: int,
    before: int,
    after: int,
    negative_before: int,
    negative_after: int,
    reached: int,
    words: str = "",
) -> Measurement:
    """Keep how loud it was in the hours before the first answer and after it, and how many the answer reached."""
    event = Event.objects.locked(event)
    policy.may_measure(by, event).enforce()
    row = Measurement.objects.create(
        event=event, hours=hours, before=before, after=after, negative_before=negative_before,
        negative_after=negative_after, reached=reached, words=words[:300], by=by.staff, at=at,
    )  # fmt: skip
    report(event, facts.MEASURED, by, at, before=before, after=after, reached=reached)
    return row


@transaction.atomic
def close(event: Event, *, by: Actor, at: datetime, reason: str) -> Event:
    """End it: answered, handled on the ground, quiet again."""
    event = Event.objects.locked(event)
    policy.may_close(by, event).enforce()
    reason = need(reason, "没有写结论", "请写明怎样了结。")
    event.move_to(Stage.CLOSED)
    event.closed_at = at
    event.save(update_fields=["stage", "closed_at"])
    report(event, facts.CLOSED, by, at, reason=screen.mask(reason)[:300])
    return event
