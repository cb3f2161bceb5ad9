"""What is being said: stories by heat, one story with its evidence, all posts; a person's judgement on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST

from gongkai.ledger import clock
from gongkai.opinion import asks, policy, stories
from gongkai.opinion.actions import streaming
from gongkai.opinion.forms import watch as forms
from gongkai.opinion.models import Alarm, HourCount, Post, Story
from gongkai.people.desk import OfficeRequest, needs, office_page
from gongkai.text.plan import Needs, parse
from gongkai.ui.parts import onward

A_PAGE = 25
POSTS = 20  # on a page
SPARK = 24  # hours of the trend beside a story
CURVE = 48  # hours of the curve of a story at least
MOST_HOURS = 24 * 14
SEARCHED = 20_000  # the newest posts that are compared with an expression


@dataclass(frozen=True, slots=True)
class Row:
    """A story in the list: heat as people now, posts of the last hours, the gravest alarm nobody has seen."""

    story: Story
    heat: float
    hours: tuple[int, ...]
    units: tuple[str, ...]
    alarm: str


@office_page
@needs(*policy.SEES)
def list_(request: OfficeRequest) -> HttpResponse:
    """Stories by heat, narrowed by what was asked. The number of queries does not grow with the list."""
    actor, now = request.actor, clock.now()
    form = forms.StoriesForm(request.GET, actor=actor)
    found = form.narrowed(policy.visible_stories(actor), now)
    if not request.GET.get("state"):
        found = found.exclude(state=Story.State.DISMISSED)
    if key := _key(request.GET.get("after", "")):
        heat, pk = key
        found = found.filter(Q(heat__lt=heat) | Q(heat=heat, pk__lt=pk))
    page = list(found.prefetch_related("units").order_by("-heat", "-pk")[: A_PAGE + 1])
    shown = page[:A_PAGE]
    last = shown[-1] if len(page) > A_PAGE else None
    unseen = policy.visible_alarms(actor).filter(seen_at=None).exclude(story__state=Story.State.DISMISSED)
    given = {
        "rows": _rows(shown, now),
        "form": form,
        "now": now,
        "alarms": list(unseen.filter(level=Alarm.Level.URGENT).select_related("story")[:5]),
        "may_watch": policy.may_watch(actor),
    } | onward(request, last and f"{last.heat!r}~{last.pk}")
    return render(request, "opinion/watch/stories.html", given)


def _rows(shown: Sequence[Story], now: datetime) -> list[Row]:
    """Rows of stories with their trend and alarms. Two queries."""
    last = int(now.timestamp()) // 3600
    hours: dict[int, dict[int, int]] = defaultdict(dict)
    ids = [story.pk for story in shown]
    counted = HourCount.objects.filter(story__in=ids, hour__gt=last - SPARK).values_list(
        "story_id", "hour", "posts"
    )
    for story_id, hour, posts in counted:
        hours[story_id][hour] = posts
    alarms = dict(
        Alarm.objects.filter(story__in=ids, seen_at=None)
        .order_by()
        .values_list("story_id")
        .annotate(level=Max("level"))
    )
    return [
        Row(
            story, story.heat_at(now), tuple(hours[story.pk].get(hour, 0) for hour in range(last - SPARK + 1, last + 1)),
            tuple(unit.short_name for unit in story.units.all()),
            str(Alarm.Level(alarms[story.pk]).label) if story.pk in alarms else "",
        )
        for story in shown
    ]  # fmt: skip


def _key(text: str) -> tuple[float, int] | None:
    heat, _, pk = text.partition("~")
    try:
        return float(heat), int(pk)
    except ValueError:
        return None


@office_page
@needs(*policy.SEES)
def story(request: OfficeRequest, pk: int) -> HttpResponse:
    """One story: why it stands out, how it grew, where it was said, every post with the words that speak."""
    return _show(request, _find(request, pk))


def _find(request: OfficeRequest, pk: int) -> Story:
    return get_object_or_404(
        policy.visible_stories(request.actor).select_related("matter", "judged_by"), pk=pk
    )


def _show(request: OfficeRequest, found: Story, status: int = 200, **forms_: Any) -> HttpResponse:
    actor, now = request.actor, clock.now()
    alarms = list(found.alarms.select_related("seen_by"))
    told = stories.evidence([found.pk], now)
    behind = found.posts.select_related("source").order_by("published_at", "pk")
    page = Paginator(behind, POSTS).get_page(request.GET.get("page"))
    page.object_list = asks.with_origins(page.object_list, actor)
    others = policy.visible_stories(actor).exclude(pk=found.pk).exclude(state=Story.State.DISMISSED)
    judge = policy.may_judge(actor, found)
    given = {
        "story": found,
        "now": now,
        "heat": found.heat_at(now),
        "alarms": alarms,
        "told": told,
        "units": list(found.units.all()),
        "plans": list(found.plans.all()),
        "curve": curve(found, now),
        "page": page,
        "known": asks.concerns([found.pk], (), actor),
        "judge": judge,
        "dismissal": policy.may_dismiss_story(actor, found),
        "detect_url": _detect(found) if policy.may_watch(actor) and found.matter_id is None else "",
        "dismiss_form": forms.DismissForm(),
        "merge_form": forms.MergeForm(others=others.order_by("-heat", "-pk")[:30]) if judge else None,
        "is_watcher": bool(policy.may_watch(actor)),
    }
    return render(request, "opinion/watch/story.html", given | forms_, status=status)


def _detect(found: Story) -> str:
    """Where a story is taken up as an event."""
    try:
        return f"{reverse('opinion:detect')}?{urlencode({'story': found.pk})}"
    except NoReverseMatch:
        return ""


@dataclass(frozen=True, slots=True)
class Curve:
    """The hours of a story from its first (or the last two weeks), for the drawing and for the table under it."""

    volumes: tuple[int, ...]
    hours: int
    rows: tuple[tuple[datetime, int, int, int, int], ...]


def curve(found: Story, now: datetime) -> Curve:
    """The heat of a story by the hour, until now or as long as it was spoken of and two days more. One query."""
    first = int(found.first_at.timestamp()) // 3600
    end = min(int(now.timestamp()) // 3600, int(found.last_at.timestamp()) // 3600 + CURVE)
    count = max(1, min(end - first + 1, MOST_HOURS))
    hours = stories.heat_of([found.pk], count, datetime.fromtimestamp(end * 3600, tz=now.tzinfo))
    axis = max(CURVE, -(-count // 24) * 24)
    rows = tuple((one.at, one.posts, one.authors, one.media, one.negative) for one in hours if one.posts)
    return Curve(tuple(one.posts for one in hours), axis, rows)


# ---- judgements --------------------------------------------------------------------------------


@require_POST
@office_page
@needs(*policy.SEES)
def judgement(request: OfficeRequest, pk: int) -> HttpResponse:
    """Watch a story, dismiss it with a reason, take that back, or note that its alarms were seen."""
    found, now, what = _find(request, pk), clock.now(), request.POST.get("what", "")
    if what == "dismiss":
        form = forms.DismissForm(request.POST)
        if not form.is_valid():
            return _show(request, found, 422, dismiss_form=form)
        streaming.dismiss(found, reason=form.cleaned_data["reason"], by=request.actor, at=now)
        messages.success(request, "已定为不处理，理由已记下。")
    elif what == "watch":
        streaming.watch(found, by=request.actor, at=now)
        messages.success(request, "已列入持续关注，归并时不再拆开。")
    elif what == "reopen":
        streaming.reopen(found, by=request.actor, at=now)
        messages.success(request, "已恢复为新出现。")
    elif what == "seen":
        policy.may_watch(request.actor).enforce()
        streaming.note_seen(found, by=request.actor, at=now)
        messages.success(request, "已记下您看过这些预警。")
    return redirect("opinion:story", found.pk)


@require_POST
@office_page
@needs(*policy.SEES)
def merge(request: OfficeRequest, pk: int) -> HttpResponse:
    """Put this story into another."""
    found = _find(request, pk)
    others = policy.visible_stories(request.actor).exclude(pk=found.pk)
    form = forms.MergeForm(request.POST, others=others)
    if not form.is_valid():
        return _show(request, found, 422, merge_form=form)
    into = streaming.merge(found, form.cleaned_data["into"], by=request.actor, at=clock.now())
    messages.success(request, "已并成一条线索，以后归并也会在一起。")
    return redirect("opinion:story", into.pk)


@require_POST
@office_page
@needs(*policy.SEES)
def split(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take the ticked posts out: they are about something else."""
    found = _find(request, pk)
    ticked = [int(key) for key in request.POST.getlist("posts") if key.isdigit()]
    chosen = list(policy.visible_posts(request.actor).filter(story=found, pk__in=ticked))
    other = streaming.split(found, chosen, by=request.actor, at=clock.now())
    messages.success(request, f"已把 {len(chosen)} 条分成另一条线索，以后也不会归到一起。")
    return redirect("opinion:story", other.pk)


# ---- posts -------------------------------------------------------------------------------------


@office_page
@needs(*policy.SEES)
def posts(request: OfficeRequest) -> HttpResponse:
    """All posts, the newest first, by an expression like those of plans."""
    form = forms.PostsForm(request.GET or None, actor=request.actor)
    found: QuerySet[Post] = policy.visible_posts(request.actor).order_by("-published_at", "-pk")
    rows: list[tuple[Post, Sequence[str]]] = []
    is_asked = form.is_valid()
    after = request.GET.get("after", "")
    if is_asked or not request.GET.keys() - {"after"}:
        found = form.narrowed(found) if is_asked else found
        words = form.cleaned_data["q"] if is_asked else ""
        rows = _matching(found, words, int(after) if after.isdigit() else 0)
    more = len(rows) > POSTS
    start = int(after) if after.isdigit() else 0
    given = {
        "form": form,
        "rows": list(
            zip(
                asks.with_origins((post for post, _ in rows[:POSTS]), request.actor),
                (words for _, words in rows),
                strict=False,
            )
        ),
        "now": clock.now(),
        "is_watcher": bool(policy.may_watch(request.actor)),
    } | onward(request, start + POSTS if more else None)
    return render(
        request, "opinion/watch/posts.html", given, status=422 if request.GET and form.errors else 200
    )


def _matching(found: QuerySet[Post], words: str, start: int) -> list[tuple[Post, Sequence[str]]]:
    """A page of posts and one more, with the words that were met. Three queries at most."""
    if not words:
        page = found.select_related("source", "story")[start : start + POSTS + 1]
        return [(post, post.cues) for post in page]
    plan, met = parse(words), {}
    for pk, title, text in _narrowed(found, plan.needs).values_list("pk", "title", "text").iterator():
        if hit := plan.find(f"{title}\n{text}"):
            met[pk] = hit.words
            if len(met) > start + POSTS:
                break
    ids = list(met)[start : start + POSTS + 1]
    of = Post.objects.select_related("source", "story").in_bulk(ids)
    return [(of[pk], met[pk]) for pk in ids]


def _narrowed(found: QuerySet[Post], needed: Needs) -> QuerySet[Post]:
    """Of the newest `SEARCHED` posts (and those of the same instant as the last) those that may have what is needed. One query.

    The database compares them as they are written: those with signs that are written otherwise may have anything.
    """
    times = found.order_by("-published_at").values_list("published_at", flat=True)
    for last in times[SEARCHED - 1 : SEARCHED]:
        found = found.filter(published_at__gte=last)
    for runs in needed:
        said = Q(has_variants=True)
        for run in runs:
            said |= Q(text__icontains=run) | Q(title__icontains=run)
        found = found.filter(said)
    return found


@office_page
@needs(*policy.SEES)
def post(request: OfficeRequest, pk: int) -> HttpResponse:
    """One post with what was read from it, to be put right."""
    seen = policy.visible_posts(request.actor).select_related("source", "story", "duplicate_of")
    found = get_object_or_404(seen.annotate(same=Count("copies")), pk=pk)
    start = {"kind": found.kind, "stance": found.stance}
    form = forms.ReadingForm(request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST" and form.is_valid():
        streaming.correct(found, by=request.actor, **form.cleaned_data)
        messages.success(request, "已改正。")
        return redirect("opinion:post", found.pk)
    asks.with_origins([found], request.actor)
    given = {"post": found, "form": form, "now": clock.now(), "verdict": policy.may_watch(request.actor)}
    return render(request, "opinion/watch/post.html", given, status=422 if form.errors else 200)
