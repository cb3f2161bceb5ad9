"""One screen for the opinion officer, one for the leader: events by grade and clock, what is loud, where, on which sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from gongkai.ledger import clock, lawbook
from gongkai.opinion import asks, policy
from gongkai.opinion.models import Alarm, Post, Source, Story
from gongkai.people.actor import Actor
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.people.models import Power, Unit
from gongkai.ui.charts import Figure, Square

LOUDEST = 8
WEEK = 7  # days that most of it looks back
ALARMS = 6  # stories with an alarm nobody has seen
WORDS = 24
READ = 5_000  # the newest posts with risk words that are counted
URGENT, HOT = 3, 3  # lines on the leader's screen
AT_RISK = ("late", "today", "soon")


@office_page
@lawbook.steady()
def board(request: OfficeRequest) -> HttpResponse:
    """Everything at work by grade, each with its clock; the loudest stories; alarms; sources; units; words."""
    actor, now = request.actor, clock.now()
    if not policy.sees_all(actor):
        raise Http404
    events = policy.visible_to(actor)
    groups = asks.by_grade(events, now)
    rows = [row for _name, found in groups for row in found]
    late = [row for row in rows if row.face is not None and row.face.kind == "late"]
    today = [row for row in rows if row.face is not None and row.face.kind == "today"]
    head = {
        "now": now,
        "total": len(rows),
        "late": len(late),
        "today": len(today),
        "inbox": asks.inbox(actor),
    }
    works = actor.may(Power.WATCH) or actor.may(Power.OVERSEE)
    if actor.may(Power.LEAD) and not works and "all" not in request.GET:
        return render(request, "opinion/leader.html", head | _of_leader(actor, rows, now))
    since = now - timedelta(days=WEEK)
    hour = int(now.timestamp()) // 3600
    posts = policy.visible_posts(actor).filter(hour__gt=hour - WEEK * 24, hour__lte=hour)
    page = head | {
        "groups": groups,
        "stories": policy.visible_stories(actor).filter(matter=None, state__in=["new", "watched"], last_at__gt=since)
        .order_by("-heat", "-last_at")[:LOUDEST],
        "alarms": _alarms(actor),
        "by_kind": _by_kind(posts),
        "by_day": _by_day(actor, now), "units": _units(actor, now), "places": _places(actor, since),
        "topics": _topics(actor, since), "words": _words(actor, since), "sources": _sources(actor), "may_detect": policy.may_detect(actor),
        "is_leader": not actor.may(Power.WATCH),
    }  # fmt: skip
    return render(request, "opinion/board.html", page)


def _of_leader(actor: Actor, rows: Sequence[asks.Row], now: datetime) -> dict[str, Any]:
    """One phone screen: what is late or nearly, what is hot, which way it goes."""
    urgent = [row for row in rows if row.face is not None and row.face.kind in AT_RISK]
    urgent.sort(key=lambda row: (row.due is None, row.due or now))
    spoken = policy.visible_stories(actor).exclude(state=Story.State.DISMISSED)
    return {
        "urgent": urgent[:URGENT], "more": max(0, len(urgent) - URGENT), "by_day": _by_day(actor, now),
        "hot": spoken.filter(last_at__gt=now - timedelta(days=2)).order_by("-heat", "-pk")[:HOT],
    }  # fmt: skip


def _alarms(actor: Actor) -> list[list[Alarm]]:
    """The alarms nobody has seen, by story, the gravest story first. One query."""
    unseen = policy.visible_alarms(actor).filter(seen_at=None).exclude(story__state=Story.State.DISMISSED)
    of: dict[int, list[Alarm]] = {}
    for one in unseen.select_related("story").order_by("-level", "-raised_at")[:200]:
        of.setdefault(one.story_id, []).append(one)
    return list(of.values())[:ALARMS]


def _by_kind(posts: QuerySet[Post]) -> list[tuple[str, int]]:
    """Posts by the kind of their source, the most first. Two queries."""
    said = dict(posts.order_by().values_list("source").annotate(n=Count("pk")))
    kinds: Counter[str] = Counter()
    for source, kind in Source.objects.filter(pk__in=said).values_list("pk", "kind"):
        kinds[kind] += said[source]
    return sorted(kinds.items(), key=lambda one: (-one[1], one[0]))


def _by_day(actor: Actor, now: datetime) -> list[int]:
    """Posts of each of the last fourteen times 24 hours, the last one last. One query."""
    last = int(now.timestamp()) // 3600
    rows = (
        Post.objects.filter(place=actor.place, hour__gt=last - 14 * 24, hour__lte=last)
        .order_by()
        .values_list("hour")
        .annotate(n=Count("pk"))
    )
    days = [0] * 14
    for hour, n in rows:
        days[13 - (last - hour) // 24] += n
    return days


def _units(actor: Actor, now: datetime) -> list[tuple[str, int]]:
    """Events of the last ninety days by the unit that answers for them: where it burns. One query."""
    since = now - timedelta(days=90)
    of = Q(opinions__detected_at__gt=since, opinions__place=actor.place)
    rows = Unit.objects.filter(of).annotate(n=Count("opinions", filter=of)).order_by("-n", "code")
    return list(rows.values_list("short_name", "n")[:LOUDEST])


def _places(actor: Actor, since: datetime) -> list[Square]:
    """What people said since an instant, by the township or street that their stories name; none when nothing. Two queries.

    Those on the map of the place are all there, with 0 too; of the others the loudest that were named.
    """
    spoken = policy.visible_stories(actor).filter(last_at__gte=since).exclude(state=Story.State.DISMISSED)
    named = Story.units.through.objects.filter(story__in=spoken, unit__kind=Unit.Kind.TOWNSHIP)
    said = dict(named.order_by().values_list("unit").annotate(n=Sum("story__posts_count")))
    if not said:
        return []
    townships = Unit.objects.filter(place=actor.place, kind=Unit.Kind.TOWNSHIP).bodies(actor.on)
    found = [
        Square(
            one.short_name, said.get(one.pk, 0), f"{reverse('opinion:stories')}?unit={one.pk}&days={WEEK}",
            one.map_row, one.map_column,
        )
        for one in townships
    ]  # fmt: skip
    others = sorted((one for one in found if not one.row and one.value), key=lambda one: -one.value)
    return [*(one for one in found if one.row), *others[:LOUDEST]]


def _topics(actor: Actor, since: datetime) -> list[Figure]:
    """What people said since an instant, by topic, each with its stories behind it. One query."""
    spoken = policy.visible_stories(actor).exclude(state=Story.State.DISMISSED)
    return [
        Figure(topic, said, url=f"{reverse('opinion:stories')}?{urlencode({'topic': topic, 'days': WEEK})}")
        for topic, _stories, said in asks.by_topic(spoken, since)[:LOUDEST]
    ]


def _words(actor: Actor, since: datetime) -> list[tuple[str, int]]:
    """Words of harm said since an instant, each with how many posts hold it. One query."""
    posts = policy.visible_posts(actor).filter(published_at__gt=since).exclude(risks={})
    found = Counter(
        word
        for risks in posts.order_by("-published_at").values_list("risks", flat=True)[:READ]
        for word in {word for words in risks.values() for word in words}
    )
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))[:WORDS]


def _sources(actor: Actor) -> dict[str, int]:
    """How many sources are on, and how many of them fail. One query."""
    return Source.objects.filter(place=actor.place, is_on=True).aggregate(
        on=Count("pk"), failing=Count("pk", filter=Q(failures__gte=3))
    )
