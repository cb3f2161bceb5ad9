"""One screen for the opinion officer, one for the leader: events by grade and clock, what is loud, where, on which sources."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import render

from gongkai.ledger import clock, lawbook
from gongkai.opinion import asks, policy
from gongkai.opinion.models import Post, Source
from gongkai.people.actor import Actor
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.people.models import Power, Unit

LOUDEST = 8
ALARMS = 8
WORDS = 24


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
    since = now - timedelta(days=7)
    posts = policy.visible_posts(actor).filter(published_at__gt=since, published_at__lte=now)
    by_day = _by_day(actor, now)
    page = {
        "today_posts": by_day[-1], "yesterday_posts": by_day[-2],
        "now": now, "groups": groups, "total": len(rows),
        "late": sum(row.face is not None and row.face.kind == "late" for row in rows),
        "today": sum(row.face is not None and row.face.kind == "today" for row in rows),
        "stories": policy.visible_stories(actor).filter(matter=None, state__in=["new", "watched"], last_at__gt=since)
        .order_by("-heat", "-last_at")[:LOUDEST],
        "alarms": policy.visible_alarms(actor).filter(seen_at=None).select_related("story").order_by("-level", "-raised_at")[:ALARMS],
        "by_kind": list(posts.values_list("source__kind").annotate(n=Count("pk")).order_by("-n", "source__kind")),
        "by_day": by_day, "units": _units(actor, now), "words": _words(actor, since),
        "sources": _sources(actor), "inbox": asks.inbox(actor), "may_detect": policy.may_detect(actor),
        "is_leader": not actor.may(Power.WATCH),
    }  # fmt: skip
    return render(request, "opinion/board.html", page)


def _by_day(actor: Actor, now: datetime) -> list[float]:
    """Posts a day of the last two weeks, the present day last. One query."""
    last = int(now.timestamp()) // 3600
    rows = (
        Post.objects.filter(place=actor.place, hour__gt=last - 14 * 24, hour__lte=last)
        .order_by()
        .values_list("hour")
        .annotate(n=Count("pk"))
    )
    days = [0.0] * 14
    for hour, n in rows:
        days[13 - (last - hour) // 24] += n
    return days


def _units(actor: Actor, now: datetime) -> list[tuple[str, int]]:
    """Events of the last ninety days by the unit that answers for them: where it burns. One query."""
    since = now - timedelta(days=90)
    of = Q(opinions__detected_at__gt=since, opinions__place=actor.place)
    rows = Unit.objects.filter(of).annotate(n=Count("opinions", filter=of)).order_by("-n", "code")
    return list(rows.values_list("short_name", "n")[:LOUDEST])


def _words(actor: Actor, since: datetime) -> list[tuple[str, int]]:
    """The risk words of the week's stories with how many posts hold them. One query."""
    found: dict[str, int] = {}
    stories = policy.visible_stories(actor).filter(last_at__gt=since).order_by("-heat")[:200]
    for risks in stories.values_list("risks", flat=True):
        for word, n in risks.items():
            found[word] = found.get(word, 0) + (n if isinstance(n, int) else len(n))
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))[:WORDS]


def _sources(actor: Actor) -> dict[str, int]:
    """How many sources are on, and how many of them fail. One query."""
    return Source.objects.filter(place=actor.place, is_on=True).aggregate(
        on=Count("pk"), failing=Count("pk", filter=Q(failures__gte=3))
    )
