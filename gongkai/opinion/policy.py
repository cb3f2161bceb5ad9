"""Who may see and do what in opinion. A stranger's door and a missing one answer alike."""

from __future__ import annotations

from django.db.models import QuerySet

from gongkai.opinion.models import Alarm, Plan, Post, Source, Story
from gongkai.people.actor import Actor
from gongkai.people.models import Power
from gongkai.ui.refusal import Verdict

yes, no = Verdict.yes, Verdict.no

# ---- watching ----------------------------------------------------------------------------------

SEES = (Power.WATCH, Power.OVERSEE, Power.LEAD)
ONLY_WATCH = "只有舆情监测岗可以这样做"


def may_see(actor: Actor) -> bool:
    """Whether a person sees what is said at their place."""
    return any(actor.may(power) for power in SEES)


def visible_stories(actor: Actor) -> QuerySet[Story]:
    return Story.objects.filter(place=actor.place) if may_see(actor) else Story.objects.none()


def visible_posts(actor: Actor) -> QuerySet[Post]:
    return Post.objects.filter(place=actor.place) if may_see(actor) else Post.objects.none()


def visible_alarms(actor: Actor) -> QuerySet[Alarm]:
    return Alarm.objects.filter(story__place=actor.place) if may_see(actor) else Alarm.objects.none()


def visible_sources(actor: Actor) -> QuerySet[Source]:
    return Source.objects.filter(place=actor.place) if may_see(actor) else Source.objects.none()


def visible_plans(actor: Actor) -> QuerySet[Plan]:
    return Plan.objects.filter(place=actor.place) if may_see(actor) else Plan.objects.none()


def may_watch(actor: Actor) -> Verdict:
    """Keep sources and plans, enter posts, say which belong together."""
    return yes() if actor.is_system or actor.may(Power.WATCH) else no(ONLY_WATCH)


def may_judge(actor: Actor, story: Story) -> Verdict:
    """Watch a story, dismiss it, move posts in and out of it."""
    if not (verdict := may_watch(actor)):
        return verdict
    if story.matter_id is not None:
        return no("这条线索已经立为事件", remedy="请在事件里处理。")
    return yes()


def may_dismiss(actor: Actor, story: Story) -> Verdict:
    if not (verdict := may_judge(actor, story)):
        return verdict
    return yes() if story.state != Story.State.DISMISSED else no("这条线索已经定为不处理")
