"""From the first sign to the grade: detect, judge, warn, dismiss, take up again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from gongkai.ledger import actions as ledger
from gongkai.ledger import asks
from gongkai.ledger.models import Link, Matter
from gongkai.opinion import facts, policy
from gongkai.opinion.actions.report import PREFIX, ROOM, need, report, tell, traits
from gongkai.opinion.models import Assessment, Event, Stage, Story
from gongkai.people.actor import Actor
from gongkai.people.models import Duty, Place, Unit, unit_answering_for
from gongkai.text import screen
from gongkai.ui.refusal import Refused

ORDERED, ORDERED_KIND = "上级要求", "上级政府要求主动回应"
JUDGED = (
    "kind", "subject", "must_respond", "priority", "scope", "triage", "is_emergency", "is_sensitive", "is_rumour",
    "is_restricted", "needs_release",
)  # fmt: skip
LISTS = {
    "kind": "opinion.kind", "subject": "opinion.subject", "must_respond": "opinion.must_respond",
    "priority": "opinion.priority", "scope": "opinion.scope", "triage": "opinion.triage",
}  # fmt: skip


@transaction.atomic
def detect(
    *,
    by: Actor,
    at: datetime,
    title: str,
    summary: str = "",
    found_by: str,
    channel: str = "",
    detected_at: datetime | None = None,
    occurred_at: datetime | None = None,
    ordered_by: str = "",
    from_matter: Matter | None = None,
    is_restricted: bool = False,
) -> Event:
    """Register an event. The clock runs from the instant the place has set: found, or happened.

    `from_matter` is the letter or other matter it arose from. Raises Refused for an instant in the future.
    """
    policy.may_detect(by).enforce()
    detected_at = detected_at or at
    if detected_at > at or (occurred_at and occurred_at > at):
        raise Refused("时间不能晚于现在", remedy="请核对发现时间和事件发生时间。")
    if found_by == ORDERED:
        ordered_by = need(ordered_by, "没有写是哪个上级要求的", "请写明要求回应的上级机关。")
    desk = desk_of(by.place, at)
    number = ledger.numbers(PREFIX, at)[0]
    title = screen.mask(need(title, "没有写标题", "请用一句话写清大家在说什么。"))[:120]
    matter = ledger.open_matter(number, room=ROOM, title=title, place=by.place, unit=desk, at=at)
    event = Event.objects.create(
        matter=matter, place=by.place, title=title, summary=screen.mask(summary), found_by=found_by, channel=channel,
        detected_at=detected_at, occurred_at=occurred_at, ordered_by=ordered_by[:64], is_restricted=is_restricted,
        must_respond=ORDERED_KIND if found_by == ORDERED else "",
    )  # fmt: skip
    code = desk.code if desk else ""
    fact = report(
        event, facts.DETECTED, by, at, found_by=found_by, channel=channel, ordered_by=ordered_by[:64],
        lead=code, detected_at=detected_at.isoformat(), occurred_at=occurred_at.isoformat() if occurred_at else "",
        must_respond=event.must_respond,
    )  # fmt: skip
    if from_matter is not None:
        ledger.link(Link.Kind.AROSE_FROM, matter, from_matter, fact)
    if desk is not None:
        tell(event, desk, at, "detected", "发现舆情，请研判")
    return event


@transaction.atomic
def assess(
    event: Event,
    *,
    by: Actor,
    at: datetime,
    grade: str,
    scores: tuple[int, int, int],
    suggested: str = "",
    because: str = "",
    evidence: Sequence[Any] = (),
    nature: str = "",
    trend: str = "",
    risk: str = "",
    value: str = "",
    measures: str = "",
    **judged: Any,
) -> Assessment:
    """Judge an event on its three factors and decide the grade; a later judgement may change it.

    `scores` are content, public reaction, media (0..100 each) with `evidence` behind them. A grade other than the
    suggested one needs its reason. Raises Refused for a value that is on no list of the place.
    """
    event = Event.objects.locked(event)
    policy.may_assess(by, event).enforce()
    if grade not in asks.values_of(event.place_id, "opinion.grade"):
        raise Refused(
            "没有选等级", remedy=f"请选：{'、'.join(asks.values_of(event.place_id, 'opinion.grade'))}。"
        )
    if suggested and grade != suggested:
        because = need(
            because, "和建议的等级不同，要写理由", "请写明为什么定为这一级；理由会和依据一起留存。"
        )
    for name, value_ in judged.items():
        if name not in JUDGED:
            raise TypeError(name)
        if name in LISTS and value_ and value_ not in asks.values_of(event.place_id, LISTS[name]):
            raise Refused(f"清单里没有“{value_}”", remedy="请从清单里选；开放的清单可以由本地增加。")
        setattr(event, name, value_)
    before, first = event.grade, event.stage == Stage.FOUND
    row = Assessment.objects.create(
        event=event, serial=event.assessments.count() + 1, content=scores[0], reaction=scores[1], media=scores[2],
        evidence=list(evidence), suggested=suggested, grade=grade, because=because[:300], nature=nature[:300],
        trend=trend[:300], risk=risk[:300], value=value, measures=measures, by=by.staff, at=at,
    )  # fmt: skip
    event.grade = grade
    if first:
        event.move_to(Stage.GRADED)
        event.graded_at = at
    event.save()
    report(event, facts.ASSESSED, by, at, suggested=suggested, value=value)
    report(event, facts.GRADED if first else facts.REGRADED, by, at, before=before, **traits(event))
    return row


@transaction.atomic
def warn(event: Event, *, by: Actor, at: datetime, words: str) -> Event:
    """Warn the units it may concern before anything is decided (预警)."""
    event = Event.objects.locked(event)
    policy.may_assess(by, event).enforce()
    report(
        event,
        facts.WARNED,
        by,
        at,
        words=screen.mask(need(words, "没有写预警内容", "请写清楚要注意什么。"))[:300],
    )
    for party in event.parties.filter(left_at=None).select_related("unit"):
        tell(event, party.unit, at, "warned", "舆情预警")
    return event


@transaction.atomic
def escalate(event: Event, *, by: Actor, at: datetime, reason: str) -> Event:
    """Note that it got worse: what the rules on accountability ask about later."""
    event = Event.objects.locked(event)
    policy.may_escalate(by, event).enforce()
    reason = need(reason, "没有写升级的表现", "请写明怎样升级了，如转入全国性媒体、引发线下聚集。")
    report(event, facts.ESCALATED, by, at, reason=screen.mask(reason)[:300])
    return event


@transaction.atomic
def dismiss(event: Event, *, by: Actor, at: datetime, reason: str) -> Event:
    """Not opinion after all: reasoned, and its clocks end."""
    event = Event.objects.locked(event)
    policy.may_dismiss(by, event).enforce()
    reason = need(reason, "没有写理由", "请写明为什么不作舆情处理。")
    event.move_to(Stage.DISMISSED)
    event.save(update_fields=["stage"])
    report(event, facts.DISMISSED, by, at, reason=screen.mask(reason)[:300])
    return event


@transaction.atomic
def reopen(event: Event, *, by: Actor, at: datetime, reason: str) -> Event:
    """Take up again what was dismissed or closed."""
    event = Event.objects.locked(event)
    policy.may_reopen(by, event).enforce()
    reason = need(reason, "没有写理由", "请写明为什么重新办理。")
    event.move_to(Stage.FOUND if event.stage == Stage.DISMISSED else Stage.HANDLING)
    if event.stage == Stage.FOUND:
        event.grade, event.graded_at = "", None
    event.closed_at = None
    event.save(update_fields=["stage", "grade", "graded_at", "closed_at"])
    report(event, facts.REOPENED, by, at, reason=screen.mask(reason)[:300], **policy.traits(event))
    return event


@transaction.atomic
def take_up(story: Story, event: Event, *, by: Actor, at: datetime) -> Story:
    """Let an event take up a story that was watched; from then on its posts are kept with the event."""
    story = Story.objects.select_for_update(of=("self",)).get(pk=story.pk)
    policy.may_judge(by, story).enforce()
    story.matter, story.state, story.judged_by, story.judged_at = (
        event.matter,
        Story.State.TAKEN,
        by.staff,
        at,
    )
    story.save(update_fields=["matter", "state", "judged_by", "judged_at"])
    report(event, facts.STORY_TAKEN, by, at, story=story.pk, posts=story.posts_count)
    return story


def desk_of(place: Place, at: datetime) -> Unit | None:
    """The unit that answers for opinion at a place: the cyberspace office, else the openness office."""
    on = timezone.localdate(at)
    return unit_answering_for(place, Duty.CYBERSPACE, on) or unit_answering_for(place, Duty.OPENNESS, on)
