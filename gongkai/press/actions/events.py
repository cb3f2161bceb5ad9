"""A press event from its plan to its file: prepare, review, announce, invite, hold, publish, close, cancel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from gongkai.files import actions as files
from gongkai.files.models import Attachment
from gongkai.ledger import actions as ledger
from gongkai.ledger import cycles
from gongkai.ledger.models import Link, Matter
from gongkai.people.actor import Actor
from gongkai.people.models import Unit
from gongkai.press import facts, policy
from gongkai.press.actions.report import ROOM, need, opened, rendered, report, when, without_numbers
from gongkai.press.models import Attendee, CitizenQuestion, Line, MediaQuestion, Outlet, PressEvent, Statement
from gongkai.reviews import actions as reviews
from gongkai.reviews.models import Sheet
from gongkai.text import screen
from gongkai.ui.refusal import Refused

S = PressEvent.Stage
OVERALL = "press.overall_meeting"
PLAIN = ("form", "topic", "hot", "is_overall", "is_major", "starts_at", "where", "host", "preview")


@transaction.atomic
def plan(
    *,
    unit: Unit,
    title: str,
    form: str,
    topic: str,
    by: Actor,
    at: datetime,
    answers: Iterable[Matter] = (),
    arose_from: Iterable[Matter] = (),
    **fields: Any,
) -> PressEvent:
    """Plan a press event of a unit. `answers` are opinion events it answers, `arose_from` what the topic came from."""
    policy.may_plan(by, unit.pk).enforce()
    title = need(title, "没有题目", "请写发布什么。")
    event = PressEvent(
        matter=opened(ROOM, title, unit, at), place=unit.place, unit=unit, stage=S.PLANNED, author=by.staff,
        title=title[:200],
    )  # fmt: skip
    _fill(event, {"form": form, "topic": topic, **fields})
    event.save()
    fact = report(event, facts.PLANNED, by, at, unit=unit.code, **policy.traits(event))
    for kind, matters in ((Link.Kind.ANSWERS, answers), (Link.Kind.AROSE_FROM, arose_from)):
        for matter in matters:
            _tie(event, matter, kind, by, fact)
    return event


def _fill(event: PressEvent, fields: Mapping[str, Any]) -> None:
    if unknown := set(fields) - set(PLAIN):
        raise TypeError(f"not a field of a press event: {sorted(unknown)}")
    for name, value in fields.items():
        setattr(event, name, value)


def _tie(event: PressEvent, matter: Matter, kind: Link.Kind, by: Actor, fact: Any = None) -> None:
    if not policy.linkable(by).filter(pk=matter.pk).exists():
        raise Refused("没有这个事项", remedy="请核对编号；来信不能直接作为发布题目。")
    ledger.link(kind, event.matter, matter, fact)


@transaction.atomic
def tie(event: PressEvent, *, by: Actor, at: datetime, matter: Matter, kind: str) -> PressEvent:
    """Tie an event to what it answers or came from. What was held already counts for the matter from now."""
    event = PressEvent.objects.locked(event)
    policy.may_tie(by, event).enforce()
    _tie(event, matter, Link.Kind(kind), by)
    if kind == Link.Kind.ANSWERS and event.held_at is not None:
        _tell_held(event, [matter], by, at)
    return event


@transaction.atomic
def edit(event: PressEvent, *, by: Actor, at: datetime, title: str, **fields: Any) -> PressEvent:
    """Change what is planned. What is announced already is moved by `reschedule`, with a reason."""
    event = PressEvent.objects.locked(event)
    policy.may_edit(by, event).enforce()
    if event.announced_at is not None and fields.get("starts_at", event.starts_at) != event.starts_at:
        raise Refused("已经预告，不能直接改时间", remedy="请用“改期”，写明理由，读者会看到。")
    _fill(event, fields)
    event.title = need(title, "没有题目", "请写发布什么。")[:200]
    event.save()
    report(event, facts.REVISED, by, at, **policy.traits(event))
    rendered(event, at)
    return event


@transaction.atomic
def prepare(event: PressEvent, *, by: Actor, at: datetime, agenda: str, material: str) -> PressEvent:
    """Write down agenda and material. A change of what was signed goes to be signed again."""
    event = PressEvent.objects.locked(event)
    policy.may_prepare(by, event).enforce()
    before = policy.text_of(event)
    event.agenda = agenda.strip()
    event.material = need(material, "没有发布材料", "请写发布什么、口径是什么。")
    if policy.text_of(event) != before or event.stage == S.PLANNED:
        event.move_to(S.PREPARED)
    event.save()
    report(event, facts.PREPARED, by, at)
    return event


@transaction.atomic
def submit(event: PressEvent, *, by: Actor, at: datetime) -> Sheet:
    """Send agenda and material to be signed."""
    event = PressEvent.objects.locked(event)
    policy.may_submit(by, event).enforce()
    event.move_to(S.REVIEWING).save()
    points = [("发布形式", event.form), ("题目来源", event.topic), ("主持人", event.host)]
    points += [(str(one.get_kind_display()), str(one)) for one in event.attendees.all()]
    return reviews.submit(
        event.matter, policy.MATERIAL, unit=event.unit, title=event.title, text=policy.text_of(event),
        case=policy.traits(event), by=by, at=at, points=[point for point in points if point[1]],
    )  # fmt: skip


def signed(sheet: Sheet, by: Actor, at: datetime) -> None:
    """All have signed the material."""
    event = PressEvent.objects.locked(PressEvent.objects.only("pk").get(matter=sheet.matter_id))
    event.move_to(S.REVIEWED).save()
    report(event, facts.MATERIAL_SIGNED, by, at)


def unsigned(sheet: Sheet, by: Actor, at: datetime, ground: str) -> None:
    """Returned or taken back: the material is its author's again."""
    event = PressEvent.objects.locked(PressEvent.objects.only("pk").get(matter=sheet.matter_id))
    event.move_to(S.PREPARED).save()


@transaction.atomic
def name_attendance(
    event: PressEvent, *, by: Actor, at: datetime, attendees: Sequence[Mapping[str, Any]]
) -> PressEvent:
    """Say who attends, all of them anew: rows with kind, name, title, and a spokesperson or an expert of the rosters."""
    event = PressEvent.objects.locked(event)
    policy.may_name_attendance(by, event).enforce()
    event.attendees.all().delete()
    rows = Attendee.objects.bulk_create(Attendee(event=event, **row) for row in attendees)
    count = {kind: sum(row.kind == kind for row in rows) for kind in Attendee.Kind}
    report(
        event, facts.ATTENDANCE_NAMED, by, at, heads=count[Attendee.Kind.HEAD],
        spokespersons=count[Attendee.Kind.SPOKESPERSON],
    )  # fmt: skip
    rendered(event, at)
    return event


@transaction.atomic
def announce(event: PressEvent, *, by: Actor, at: datetime, preview: str) -> PressEvent:
    """Put the preview on the portal; of an online interview readers may send questions from now on."""
    event = PressEvent.objects.locked(event)
    policy.may_announce(by, event).enforce()
    assert event.starts_at is not None
    event.preview = need(preview, "没有写预告", "请写什么时候、谈什么、谁来谈。")
    without_numbers(preview)
    event.announced_at = at
    event.save()
    report(event, facts.ANNOUNCED, by, at, form=event.form, on=when(event.starts_at))
    rendered(event, at)
    return event


@transaction.atomic
def reschedule(event: PressEvent, *, by: Actor, at: datetime, starts_at: datetime, reason: str) -> PressEvent:
    """Move an event to another time, with the reason."""
    event = PressEvent.objects.locked(event)
    policy.may_reschedule(by, event).enforce()
    event.starts_at = starts_at
    event.save()
    reason = need(reason, "没有写改期理由", "请写一句，读者会看到。")
    report(event, facts.RESCHEDULED, by, at, on=when(starts_at), reason=screen.mask(reason)[:200])
    rendered(event, at)
    return event


@transaction.atomic
def hold(
    event: PressEvent, *, by: Actor, at: datetime, held_at: datetime | None = None, because: str = ""
) -> PressEvent:
    """Record that an event was held. Every opinion event it answers learns of it, and so does the yearly quota.

    `held_at` is when it was held, when it is entered later; then a reason is asked for.
    """
    event = PressEvent.objects.locked(event)
    held_at = held_at or at
    if held_at > at:
        raise Refused("举行时间还没有到", remedy="举行以后再记。")
    policy.may_hold(by, event, held_at).enforce()
    event.move_to(S.HELD).held_at = held_at
    event.save()
    _tell_held(event, [event.matter, *policy.answered_events(event)], by, held_at, because)
    if event.is_overall:
        cycle = cycles.current(event.place, OVERALL, "year", held_at, event.unit.code)
        if cycle is not None:
            details = {"unit": event.unit.code, "number": event.code}
            ledger.record(
                facts.OVERALL_HELD, matter=cycle, by=by, at=held_at, details=details, because=because
            )
    rendered(event, at)
    return event


def _tell_held(
    event: PressEvent, matters: Iterable[Matter], by: Actor, at: datetime, because: str = ""
) -> None:
    """Record the fact on the event and on whatever it answers: that is how a clock of another room is met."""
    kinds = dict.fromkeys(one.kind for one in event.attendees.all())
    details = {
        "form": event.form, "unit": event.unit.code, "attended_by": "、".join(kinds), "number": event.code,
    }  # fmt: skip
    for matter in matters:
        ledger.record(facts.CONFERENCE_HELD, matter=matter, by=by, at=at, details=details, because=because)


@transaction.atomic
def publish(
    event: PressEvent,
    *,
    by: Actor,
    at: datetime,
    record: str,
    video: str = "",
    files_out: Iterable[Attachment] = (),
) -> PressEvent:
    """Put the record on the portal: transcript, video, chosen files. Private numbers in it are refused."""
    event = PressEvent.objects.locked(event)
    policy.may_publish(by, event).enforce()
    record = need(record, "没有写发布实录", "请写实录或摘要；文字直播可以直接带入。")
    without_numbers(record)
    event.record, event.video = record, video
    event.move_to(S.PUBLISHED).published_at = at
    event.save()
    files.publish(ROOM, event.code, files_out)
    report(event, facts.PUBLISHED, by, at, form=event.form)
    rendered(event, at)
    return event


@transaction.atomic
def update(event: PressEvent, *, by: Actor, at: datetime, facet: str, words: str) -> Statement:
    """Publish how things go on: the truth of it, what the government says, what is done. On the portal at once."""
    event = PressEvent.objects.locked(event)
    policy.may_update(by, event).enforce()
    words = need(words, "没有写内容", "请写一句读者看得懂的话。")
    without_numbers(words)
    row = Statement.objects.create(event=event, facet=facet, words=words, at=at, by=by.staff)
    if event.announced_at is None:
        event.announced_at = at
        event.save()
    report(event, facts.UPDATE_PUBLISHED, by, at, facet=facet)
    for matter in policy.answered_events(event):
        ledger.record(facts.UPDATE_PUBLISHED, matter=matter, by=by, at=at, details={"facet": facet})
    rendered(event, at)
    return row


@transaction.atomic
def close(event: PressEvent, *, by: Actor, at: datetime) -> PressEvent:
    """Put an event on file: nothing more is asked or answered."""
    event = PressEvent.objects.locked(event)
    policy.may_close(by, event).enforce()
    event.move_to(S.CLOSED).save()
    report(event, facts.CLOSED, by, at)
    rendered(event, at)
    return event


@transaction.atomic
def cancel(event: PressEvent, *, by: Actor, at: datetime, reason: str) -> PressEvent:
    """Cancel an event; readers who saw its preview see why."""
    event = PressEvent.objects.locked(event)
    policy.may_cancel(by, event).enforce()
    event.cancelled = need(reason, "没有写取消理由", "请写明为什么取消，看过预告的人会看到。")[:300]
    event.move_to(S.CANCELLED).save()
    report(event, facts.CANCELLED, by, at, reason=screen.mask(event.cancelled)[:200])
    rendered(event, at)
    return event


# ---- questions ---------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(
    event: PressEvent, *, by: Actor, at: datetime, words: str, outlet: Outlet | None = None
) -> MediaQuestion:
    """Enter a question of the media; its answer has a clock."""
    event = PressEvent.objects.locked(event)
    policy.may_ask(by, event).enforce()
    last = event.questions.aggregate(last=Max("serial"))["last"] or 0
    words = need(words, "没有写问题", "请写媒体问了什么。")
    row = MediaQuestion.objects.create(event=event, serial=last + 1, outlet=outlet, words=words, asked_at=at)
    report(event, facts.QUESTION_ASKED, by, at, unit=event.unit.code, question=row.serial)
    return row


@transaction.atomic
def answer(
    question: MediaQuestion, *, by: Actor, at: datetime, answer: str = "", refusal: str = ""
) -> MediaQuestion:
    """Answer a question of the media, or say why not. Without either nothing is settled."""
    question = MediaQuestion.objects.select_for_update(of=("self",)).get(pk=question.pk)
    policy.may_answer(by, question).enforce()
    answer, refusal = answer.strip(), refusal.strip()
    without_numbers(answer)
    if not answer and not refusal:
        raise Refused(
            "没有答复，也没有理由", remedy="请写答复；不便答复的，写明理由。无故推诿采访是失职情形。"
        )
    question.answer, question.refusal = answer, "" if answer else refusal[:300]
    question.settled_at, question.by = at, by.staff
    question.save()
    event = question.event
    details: dict[str, Any] = {"unit": event.unit.code, "question": question.serial}
    if answer:
        report(event, facts.QUESTION_ANSWERED, by, at, **details)
    else:
        report(event, facts.QUESTION_REFUSED, by, at, reason=screen.mask(refusal)[:200], **details)
    rendered(event, at)
    return question


def ask_online(event: PressEvent, *, at: datetime, stamp: str, words: str, nickname: str = "") -> bool:
    """Keep a reader's question, once per form; numbers of persons in it are masked. False when it was kept before."""
    if not policy.takes_questions(event):
        raise Refused("现在不收提问", remedy="访谈已经开始，或者没有预告。")
    words = screen.mask(need(words, "没有写问题", "请写您想问什么。"))[:500]
    given = {"words": words, "nickname": screen.mask(nickname.strip())[:16], "asked_at": at, "event": event}
    _row, made = CitizenQuestion.objects.get_or_create(stamp=stamp[:40], defaults=given)
    return made


@transaction.atomic
def choose(
    event: PressEvent, *, by: Actor, at: datetime, chosen: Iterable[CitizenQuestion], reason: str = ""
) -> PressEvent:
    """Say which questions of readers are put to the guests; the others stay with a reason."""
    event = PressEvent.objects.locked(event)
    policy.may_choose(by, event).enforce()
    rows = event.citizen_questions.all()
    if not rows.exists():
        raise Refused("还没有网友提问")
    pks = [row.pk for row in chosen]
    rows.filter(pk__in=pks).update(state=CitizenQuestion.State.CHOSEN, reason="", by=by.staff)
    left = rows.exclude(pk__in=pks)
    if left.exists():
        reason = need(reason, "有提问没有选用，没有写理由", "请写一句，如：与本期题目无关、已有答复。")[:120]
        left.update(state=CitizenQuestion.State.LEFT, reason=reason, by=by.staff)
    report(event, facts.QUESTIONS_CHOSEN, by, at, chosen=len(pks), left=left.count())
    rendered(event, at)
    return event


@transaction.atomic
def record_line(event: PressEvent, *, by: Actor, at: datetime, speaker: str, words: str) -> Line:
    """Add one thing said to the live text; readers see it at once."""
    event = PressEvent.objects.locked(event)
    policy.may_record_line(by, event).enforce()
    speaker, words = (
        need(speaker, "没有写谁说的", "请写发言人。"),
        need(words, "没有写内容", "请写说了什么。"),
    )
    without_numbers(words)
    last = event.lines.order_by("-order").first()
    if last is not None and (last.speaker, last.words) == (speaker[:32], words) and last.by == by.staff:
        return last  # the same line sent twice
    row = Line.objects.create(
        event=event,
        order=last.order + 1 if last else 1,
        at=at,
        speaker=speaker[:32],
        words=words,
        by=by.staff,
    )
    rendered(event, at)
    return row
