"""Questions the pages ask of events: which list in which order, what an event looks like, who is to be called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone

from gongkai.ledger import asks as ledger
from gongkai.ledger import pages
from gongkai.ledger.models import Link, Matter, Obligation
from gongkai.opinion import policy, stories
from gongkai.opinion.grading import GRADES, Suggestion, suggest
from gongkai.opinion.models import (
    ALIVE,
    Dispatch,
    Event,
    EventQuerySet,
    Grouping,
    HourCount,
    Post,
    Source,
    Stage,
    Story,
)
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Power, Unit, Watch, unit_answering_for
from gongkai.text.posts import NEGATIVE

A_PAGE = 25
LEADS_MOST = 200
INSIDE_MOST = 500  # letters of a concern that are looked up
STANDING = ("open", "warned", "breached")
LINE = ("研判", "交办", "处置", "回应", "办结")
PLACE_ON_LINE = {
    Stage.FOUND: 0, Stage.GRADED: 1, Stage.HANDLING: 2, Stage.ANSWERED: 4, Stage.CLOSED: 5, Stage.DISMISSED: 5,
}  # fmt: skip
LEADS = {
    "department": "相关责任部门", "local": "当地涉事责任部门", "competent": "上级业务主管部门", "several": "各相关部门",
    "designated": "政府办公室指定的牵头部门", "superior": "上级部门",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at events."""

    id: str
    label: str
    rows: Callable[[Actor], Q]


def _stage(*given: Stage) -> Callable[[Actor], Q]:
    return lambda _actor: Q(stage__in=given)


def _mine(actor: Actor) -> Q:
    return Q(parties__unit__in=actor.units(Power.RESPOND), parties__left_at=None, stage__in=ALIVE)


VIEWS = (
    View("", "在办", _stage(*ALIVE)),
    View("mine", "本单位的", _mine),
    View("found", "待研判", _stage(Stage.FOUND)),
    View("graded", "待交办", _stage(Stage.GRADED)),
    View("handling", "处置中", _stage(Stage.HANDLING)),
    View("answered", "已回应", _stage(Stage.ANSWERED)),
    View("closed", "已办结", _stage(Stage.CLOSED, Stage.DISMISSED)),
    View("all", "全部", lambda _actor: Q()),
)
BY_ID = {view.id: view for view in VIEWS}


@dataclass(frozen=True, slots=True)
class Row:
    """An event in a list with its most urgent clock."""

    event: Event
    url: str
    face: ledger.Face | None
    says: str
    due: datetime | None
    volumes: tuple[float, ...] = ()  # posts an hour of the last day, when they were asked for


def counts(events: EventQuerySet, actor: Actor) -> dict[str, int]:
    """How many events stand in each view of work. One query."""
    views = [view for view in VIEWS if view.id not in ("all", "closed")]
    found: dict[str, int] = events.aggregate(
        **{f"of_{view.id}": Count("pk", filter=view.rows(actor), distinct=True) for view in views}
    )
    return {name.removeprefix("of_"): figure for name, figure in found.items()}


def page(
    events: EventQuerySet, view: View, actor: Actor, now: datetime, after: str = ""
) -> tuple[list[Row], str]:
    """A page of a view, the newest first, and the key of the next page. Two queries."""
    found = events.filter(view.rows(actor)).select_related("matter", "unit").distinct().order_by("-id")
    if after.isdigit():
        found = found.filter(pk__lt=int(after))
    rows = list(found[: A_PAGE + 1])
    more, rows = len(rows) > A_PAGE, rows[:A_PAGE]
    return lines(rows, now), str(rows[-1].pk) if more else ""


def lines(events: list[Event], now: datetime, *, heat: bool = False) -> list[Row]:
    """Events with their most urgent clocks; with `heat` also how loud the last day was. One query, or two."""
    loud = _volumes([event.matter_id for event in events], now) if heat else {}
    owed: dict[int, list[Obligation]] = defaultdict(list)
    standing = Obligation.objects.filter(
        matter__in=[event.matter_id for event in events],
        settled_at=None,
        is_soft=False,
        state__in=STANDING,
        is_minimum=False,
    )
    for obligation in standing.exclude(due_at=None).order_by("due_at"):
        owed[obligation.matter_id].append(obligation)
    shown = []
    for event in events:
        first = next(iter(owed[event.matter_id]), None)
        shown.append(
            Row(
                event,
                reverse("opinion:event", args=[event.code]),
                ledger.face(first, now) if first else None,
                ledger.says_of(event.place_id, first.duty) if first else "",
                first.due_at if first else None,
                tuple(loud.get(event.matter_id, ())),
            )
        )
    return shown


def _volumes(matters: list[int], now: datetime) -> dict[int, list[float]]:
    """Posts an hour of the last twenty-four hours, by matter; those without a story are left out. One query."""
    last = int(now.timestamp()) // 3600
    rows = (
        HourCount.objects.filter(story__matter__in=matters, hour__gt=last - 24, hour__lte=last)
        .order_by()
        .values_list("story__matter", "hour")
        .annotate(n=Sum("posts"))
    )
    found: dict[int, list[float]] = {}
    for matter, hour, n in rows:
        found.setdefault(matter, [0.0] * 24)[hour - last + 23] += n
    return found


def by_grade(events: EventQuerySet, now: datetime) -> list[tuple[str, list[Row]]]:
    """What is at work by grade, the gravest first, each by its clock; what nobody has graded stands first. Three queries."""
    rows = lines(list(events.alive().select_related("matter", "unit")), now, heat=True)
    rows.sort(key=lambda row: (row.due is None, row.due or now, row.event.pk))
    groups = [("待研判定级", [row for row in rows if not row.event.grade])]
    groups += [(grade, [row for row in rows if row.event.grade == grade]) for grade in reversed(GRADES)]
    others = [row for row in rows if row.event.grade and row.event.grade not in GRADES]
    return [(name, found) for name, found in (*groups, ("其他", others)) if found]


def stages(event: Event) -> list[tuple[str, str]]:
    """The line of stages, with where the event stands."""
    here = PLACE_ON_LINE[Stage(event.stage)]
    return [
        (name, "done" if n < here else "now" if n == here and event.is_alive else "")
        for n, name in enumerate(LINE)
    ]


# ---- what was watched --------------------------------------------------------------------------------------------


def stories_of(event: Event) -> list[int]:
    """The stories an event has taken up."""
    return list(Story.objects.filter(matter=event.matter_id).order_by("pk").values_list("pk", flat=True))


def evidence(event: Event, now: datetime) -> stories.Evidence | None:
    """What was watched of an event; None when no story belongs to it."""
    found = stories_of(event)
    return stories.evidence(found, now) if found else None


def suggestion(event: Event, now: datetime) -> Suggestion:
    """The grade that what was watched suggests, with its figures."""
    found = evidence(event, now)
    return suggest(event.place_id, found.factors if found else (), timezone.localdate(now))


def loudness(event: Event, now: datetime, hours: int) -> dict[str, int]:
    """How many posts spoke of it in the hours before the first answer and after it, and how many of them against."""
    found = stories_of(event)
    if not found or event.answered_at is None:
        return {"before": 0, "after": 0, "negative_before": 0, "negative_after": 0}
    span = timedelta(hours=hours)
    before, negative_before = volume(found, event.answered_at - span, event.answered_at)
    after, negative_after = volume(found, event.answered_at, event.answered_at + span)
    return {
        "before": before, "after": after, "negative_before": negative_before, "negative_after": negative_after,
    }  # fmt: skip


def volume(of: list[int], since: datetime, until: datetime) -> tuple[int, int]:
    """How many posts of these stories were published in a stretch of time, and how many of them against. One query."""
    found = Post.objects.filter(story__in=of, published_at__gt=since, published_at__lte=until)
    counted = found.aggregate(posts=Count("pk"), negative=Count("pk", filter=Q(stance=NEGATIVE)))
    return counted["posts"], counted["negative"]


def leads(event: Event) -> list[dict[str, Any]]:
    """What goes to another body as evidence: where, when, first words, print of the text; never who wrote it."""
    posts = (
        Post.objects.filter(story__in=stories_of(event))
        .select_related("source")
        .order_by("published_at", "pk")
    )
    return [
        {
            "post": post.pk, "source": post.source.name, "url": post.url, "at": post.published_at.isoformat(),
            "words": post.text[:100], "print": post.text_print,
        }
        for post in posts[:LEADS_MOST]
    ]  # fmt: skip


# ---- who ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposal:
    """Whom the rules name as responsible, under which article; which units coordinate. A person confirms."""

    lead: str
    says: str
    cite: str
    units: tuple[Unit, ...]
    coordinators: tuple[Unit, ...]


def proposal(event: Event, now: datetime) -> Proposal:
    """The proposal of the place's route for an event, with the units that posts name most often."""
    case = {"scope": event.scope, "grade": event.grade, "kind": event.kind, "emergency": event.is_emergency}
    lead, says, cite = ledger.route(event.place_id, "opinion.responsible", case)
    duties = ledger.route_with(event.place_id, "opinion.responsible", case)
    with_ = tuple(
        unit
        for duty in duties
        if (unit := unit_answering_for(event.place, duty, timezone.localdate(now))) is not None
    )
    found = evidence(event, now)
    codes = [code for code, _count in found.units[:3]] if found else []
    by_code = {
        unit.code: unit for unit in Unit.objects.filter(code__in=codes).bodies(timezone.localdate(now))
    }
    named = tuple(by_code[code] for code in codes if code in by_code)
    return Proposal(LEADS.get(lead, lead), says, cite, named, with_)


def contacts(event: Event, now: datetime) -> list[Watch]:
    """Who is to be reached now in the units of an event, with the number that is answered day and night."""
    units = [party.unit_id for party in event.parties.all() if party.left_at is None]
    return list(
        Watch.objects.filter(unit__in=units, starts_at__lte=now, ends_at__gt=now)
        .select_related("unit", "staff")
        .order_by("unit__code")
    )


def with_origins(posts: Iterable[Post], actor: Actor) -> list[Post]:
    """Posts with the page of the letter they were, where this person may open it. Two queries if there are any."""
    found = list(posts)
    inside = {post.external_id: post for post in found if post.source.how == Source.How.INSIDE}
    if inside:
        matters = list(Matter.objects.filter(place=actor.place, number__in=inside))
        urls = pages.urls_for(actor, matters)
        for matter in matters:
            inside[matter.number].origin = urls.get(matter.pk, "")
    return found


def concerns(of: Iterable[int], numbers: Iterable[str], actor: Actor) -> list[pages.Known]:
    """What other rooms know of the letters in stories, and of matters by number: hot issues of the same concern.

    Who does not look at what is said in the whole place is told only of what they may open.
    """
    posts = Post.objects.filter(story__in=of, source__how=Source.How.INSIDE).order_by("-published_at", "-pk")
    letters = list(posts.values_list("external_id", flat=True)[:INSIDE_MOST])
    known = pages.known_of(actor, [*letters, *numbers])
    return [one for one in known if one.url or policy.sees_all(actor)]


def topics_of(place: Place) -> list[str]:
    """The topics that posts of a place were given. One query."""
    return Grouping.objects.filter(place=place).values_list("topics", flat=True).first() or []


def by_topic(seen: QuerySet[Story], since: datetime) -> list[tuple[str, int, int]]:
    """What was spoken of since an instant: topic, stories, posts of them; the loudest first. One query."""
    spoken = seen.filter(last_at__gt=since).exclude(topic="").order_by()
    counted = spoken.values_list("topic").annotate(n=Count("pk"), said=Sum("posts_count"))
    return list(counted.order_by("-said", "topic"))


def story_inside(number: str) -> Story | None:
    """The story a letter is heard in."""
    return Story.objects.filter(posts__source__how=Source.How.INSIDE, posts__external_id=number).first()


def related(event: Event) -> list[tuple[str, Matter]]:
    """Matters of other rooms tied to this one: letters it arose from, conferences that answer it, documents."""
    ties = Link.objects.filter(Q(source=event.matter_id) | Q(target=event.matter_id)).select_related(
        "source", "target"
    )
    found = []
    for tie in ties.order_by("id"):
        if tie.source_id == event.matter_id:
            found.append((tie.get_kind_display(), tie.target))
        else:
            found.append((Link.INVERSE.get(tie.kind, tie.get_kind_display()), tie.source))
    return found


def inbox(actor: Actor) -> list[Dispatch]:
    """Reports and hand-overs that this person's units have not signed for yet. One query."""
    waiting = Dispatch.objects.filter(unit__in=actor.all_units, received_at=None, event__place=actor.place)
    return list(waiting.select_related("event__matter", "unit", "by").order_by("at")[:50])
