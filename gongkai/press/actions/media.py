"""Media: who is invited to an event, and interviews they ask for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from gongkai.ledger import actions as ledger
from gongkai.ledger import outbox
from gongkai.ledger.models import Link, Matter
from gongkai.notices import channels
from gongkai.people.actor import Actor
from gongkai.people.models import Unit
from gongkai.press import facts, policy
from gongkai.press.actions.report import REQUESTS, need, opened, report, when
from gongkai.press.models import InterviewRequest, Invitation, Outlet, PressEvent
from gongkai.text import screen
from gongkai.ui.refusal import Refused

INVITE = "press.invite"
S = InterviewRequest.Stage


@transaction.atomic
def invite(event: PressEvent, *, by: Actor, at: datetime, outlets: Iterable[Outlet]) -> PressEvent:
    """Invite outlets: by mail where an address is kept, else to be printed. Nobody is invited twice."""
    event = PressEvent.objects.locked(event)
    policy.may_invite(by, event).enforce()
    known = set(event.invitations.values_list("outlet", flat=True))
    rows = [
        Invitation(
            event=event, outlet=outlet, invited_at=at,
            channel=Invitation.Channel.MAIL if outlet.email else Invitation.Channel.PRINT,
        )
        for outlet in outlets if outlet.pk not in known
    ]  # fmt: skip
    if not rows:
        raise Refused("没有要邀请的媒体", remedy="请至少选一家没有邀请过的媒体。")
    Invitation.objects.bulk_create(rows)
    event.move_to(PressEvent.Stage.INVITED).save()
    report(event, facts.INVITED, by, at, count=len(rows))
    for row in event.invitations.filter(channel=Invitation.Channel.MAIL, sent_at=None):
        outbox.post(INVITE, f"{INVITE}:{row.pk}", {"invitation": row.pk}, at)
    return event


def send_invitation(pk: int, now: datetime) -> None:
    """Mail one invitation to the desk of its outlet. Called by the outbox; safe to call again."""
    row = Invitation.objects.select_related("event__unit", "event__place", "outlet").get(pk=pk)
    if row.sent_at is not None or row.event.stage == PressEvent.Stage.CANCELLED:
        return
    channels.to_mail(row.outlet.email, f"采访邀请：{row.event.title}", letter_of(row))
    row.sent_at = now
    row.save(update_fields=["sent_at"])


def letter_of(row: Invitation) -> str:
    """The words of an invitation, as mailed and as printed."""
    event = row.event
    at = when(event.starts_at) if event.starts_at else "另行通知"
    lines = [
        f"{row.outlet.name}：",
        f"{event.unit.name}定于{at}举行“{event.title}”{event.form}，请派记者参加。",
        f"地点：{event.where or '另行通知'}",
        f"主持人：{event.host}" if event.host else "",
        f"联系电话：{event.unit.phone}" if event.unit.phone else "",
        f"请在会前回复是否参加。编号：{event.code}",
    ]
    return "\n".join(line for line in lines if line)


@transaction.atomic
def note_answer(
    row: Invitation, *, by: Actor, at: datetime, answer: str, attended: bool | None = None
) -> Invitation:
    """Note whether an invited outlet comes, and whether it came."""
    policy.may_ask(by, row.event).enforce()
    row.answer, row.attended = answer, attended
    row.save(update_fields=["answer", "attended"])
    return row


@transaction.atomic
def receive_request(
    *,
    unit: Unit,
    outlet: Outlet,
    title: str,
    words: str,
    by: Actor,
    at: datetime,
    wants_head: bool = False,
    answers: Iterable[Matter] = (),
) -> InterviewRequest:
    """Enter that media ask a unit for an interview; whether it is given has a clock."""
    policy.may_receive_request(by, unit.pk).enforce()
    title = need(title, "没有题目", "请写采访题目。")
    request = InterviewRequest.objects.create(
        matter=opened(REQUESTS, title, unit, at), place=unit.place, unit=unit, title=title[:200], stage=S.ASKED,
        outlet=outlet, words=need(words, "没有写想采访什么", "请写媒体的提纲。"), wants_head=wants_head, asked_at=at,
    )  # fmt: skip
    report(request, facts.INTERVIEW_REQUESTED, by, at, unit=unit.code, head=wants_head)
    for matter in answers:
        if not policy.linkable(by).filter(pk=matter.pk).exists():
            raise Refused("没有这个事项", remedy="请核对编号。")
        ledger.link(Link.Kind.ANSWERS, request.matter, matter)
    return request


def _locked(request: InterviewRequest) -> InterviewRequest:
    rows = InterviewRequest.objects.select_for_update(of=("self",))
    return rows.select_related("matter__place", "unit").get(pk=request.pk)


@transaction.atomic
def accept(
    request: InterviewRequest,
    *,
    by: Actor,
    at: datetime,
    meets_at: datetime | None = None,
    by_head: bool = False,
) -> InterviewRequest:
    """Give the interview, with its time."""
    request = _locked(request)
    policy.may_accept_interview(by, request).enforce()
    request.move_to(S.ACCEPTED)
    request.meets_at, request.by_head, request.reason, request.ground = meets_at, by_head, "", ""
    request.save()
    report(request, facts.INTERVIEW_ACCEPTED, by, at, unit=request.unit.code, head=by_head)
    return request


@transaction.atomic
def record_interview(
    request: InterviewRequest,
    *,
    by: Actor,
    at: datetime,
    answered_by: str,
    answer: str,
    by_head: bool = False,
    address: str = "",
) -> InterviewRequest:
    """Enter into the log who answered the media and what was said; what it answers learns of it."""
    request = _locked(request)
    policy.may_record_interview(by, request).enforce()
    request.move_to(S.ANSWERED)
    request.answered_by = need(answered_by, "没有写谁受访", "请写姓名和职务。")[:64]
    request.answer = need(answer, "没有写答问摘要", "请写答了什么。")
    request.by_head, request.address = by_head, address
    request.save()
    report(request, facts.INTERVIEW_ANSWERED, by, at, unit=request.unit.code, head=by_head)
    targets = Link.objects.filter(kind=Link.Kind.ANSWERS, source=request.matter_id).values("target")
    for matter in Matter.objects.filter(pk__in=targets):
        ledger.record(facts.INTERVIEW_ANSWERED, matter=matter, by=by, at=at, details={"head": by_head})
    return request


@transaction.atomic
def refuse(
    request: InterviewRequest, *, by: Actor, at: datetime, ground: str, reason: str
) -> InterviewRequest:
    """Do not give the interview, for a reason that is kept (无故推诿采访 is a failing)."""
    request = _locked(request)
    policy.may_refuse_interview(by, request).enforce()
    request.move_to(S.REFUSED)
    request.ground = ground
    request.reason = need(reason, "没有写不接受的理由", "无故推诿采访是失职情形，请写明理由。")[:300]
    request.save()
    report(
        request, facts.INTERVIEW_REFUSED, by, at, unit=request.unit.code, ground=ground,
        reason=screen.mask(request.reason)[:200],
    )  # fmt: skip
    return request
