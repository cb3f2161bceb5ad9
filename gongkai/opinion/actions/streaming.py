"""The verbs of the stream: take posts in, group them anew, raise alarms, judge stories, forget posts.

What has been grouped so far is held in memory by place and made again from the database when it is missing, when
another process has regrouped, and after a transaction that failed: the database alone is the truth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log2
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, F, Max, Min, Q
from django.utils import timezone

from gongkai.ledger import bulk
from gongkai.ledger.choices import Choice, choice, chosen
from gongkai.notices import actions as notices
from gongkai.opinion import policy
from gongkai.opinion.actions import considering
from gongkai.opinion.models import Alarm, Grouping, HourCount, Post, PostTie, Source, Story
from gongkai.opinion.models.watch import HEAT_FROM
from gongkai.opinion.reading import Reader, reader_of
from gongkai.opinion.watching.items import Item
from gongkai.people.actor import Actor
from gongkai.people.asks import parts_of
from gongkai.people.models import Holding, Place, Power, Unit
from gongkai.text import alarm, alike, cut, screen
from gongkai.text.posts import NEGATIVE, RISKS, RUMOUR
from gongkai.ui.refusal import Refused
from gongkai.vault import cipher

if TYPE_CHECKING:  # numpy and the cutter's dictionary: loaded where posts are taken
    from gongkai.text.stream import Item as Text
    from gongkai.text.stream import Stream

GROUPED = 5_000  # the newest posts of the window, grouped anew
LIVE, HEARD = timedelta(days=1), timedelta(minutes=30)
COUNTS = ("reposts", "comments", "likes")

KEPT = choice(
    Choice(
        "opinion", "posts_kept", "言论采集以后保存多少天", "言论保存期",
        "《中华人民共和国个人信息保护法》第十九条", "天", 180, 30, 1_095,
        lambda place, days, at: f"{_over(place, at, days).count()} 条已采集的言论会在今晚删除，立为事件的不算。",
    )
)  # fmt: skip


def _over(place: Place, at: datetime, days: int) -> Any:
    return Post.objects.filter(place=place, seen_at__lt=at - timedelta(days=days), story__matter=None)


# ---- taking in ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a batch: new posts, those known before, those no plan looks for; the stories that changed."""

    taken: int = 0
    repeated: int = 0
    passed: int = 0
    stories: tuple[int, ...] = ()


@transaction.atomic
def take_in(source: Source, items: Sequence[Item], *, by: Actor, at: datetime) -> Taken:
    """Take a batch of a source: masked, read, put into stories, counted. Safe to run again with the same items.

    Of a post known before only its counts change. Of a source that keeps what matches, the rest is passed over.
    """
    policy.may_watch(by).enforce()
    grouping = _locked(source.place_id)
    given = {item.external_id: item for item in items}
    known = {
        post.external_id: post
        for post in Post.objects.filter(source=source, external_id__in=given).only("external_id", *COUNTS)
    }
    _note_counts(known, given)
    reader = reader_of(source.place, at)
    posts = [
        post
        for name, item in given.items()
        if name not in known and (post := _post(source, item, reader, at)) is not None
    ]
    passed = len(given) - len(known) - len(posts)
    if not posts:
        return Taken(0, len(items) - passed, passed)
    posts.sort(key=lambda post: (post.published_at, post.external_id))
    for post, pk in zip(posts, bulk.reserve(Post, len(posts)), strict=True):
        post.pk = pk
    state = _Desk.of(source.place, grouping, at)
    begun = _put(posts, state, source)
    bulk.insert_objects(begun)
    bulk.insert_objects(posts)
    stories = sorted({post.story_id for post in posts})
    _reckon(stories, hours={(post.story_id, post.hour) for post in posts})
    _tie(posts)
    state.keep(posts[-1].pk, grouping.generation)
    return Taken(len(posts), len(items) - len(posts) - passed, passed, tuple(stories))


def _locked(place: str) -> Grouping:
    """The row of a place that whoever changes its stories holds."""
    Grouping.objects.get_or_create(place_id=place)
    return Grouping.objects.select_for_update().get(place_id=place)


def _note_counts(known: Mapping[str, Post], given: Mapping[str, Item]) -> None:
    """Reposts, comments and likes as last told."""
    changed = []
    for name, post in known.items():
        told = [getattr(given[name], count) for count in COUNTS]
        if any(told) and told != [getattr(post, count) for count in COUNTS]:
            changed.append((*told, post.pk))
    bulk.update(Post, COUNTS, changed)


def _post(source: Source, item: Item, reader: Reader, at: datetime) -> Post | None:
    """A post as it is stored: masked, read, its author a hash. None where the source keeps only what matches."""
    title, text = screen.mask(item.title), screen.mask(item.text)
    whole = f"{title}\n{text}" if title else text
    read = reader.read(whole)
    if source.only_matching and not read.plans:
        return None
    says = read.says
    return Post(
        place_id=source.place_id, source=source, external_id=item.external_id, url=item.url, title=title, text=text,
        published_at=item.published_at, seen_at=at, hour=hour_of(item.published_at), author=author_print(source, item),
        reach=reach_of(item.followers), is_verified=item.is_verified, is_media=source.is_media,
        reposts=item.reposts, comments=item.comments, likes=item.likes, repost_of=item.repost_of,
        kind=says.kind, stance=says.stance, is_rumoured=says.is_rumoured,
        risks={name: list(words) for name, words in says.risks.items()}, cues=list(read.words),
        plans=list(read.plans), units=list(read.units), text_print=alike.fingerprint(whole), has_variants=cut.has_variants(whole),
    )  # fmt: skip


def author_print(source: Source, item: Item) -> str:
    """A keyed hash of who said it, within the source. A medium is one author; whoever is not named, one each."""
    if source.is_media:
        return cipher.fingerprint(f"opinion:{source.pk}")
    return cipher.fingerprint(f"opinion:{source.pk}:{item.author or f'#{item.external_id}'}")


def reach_of(followers: int | None) -> str:
    """How many follow, by the digits of their number: the number itself is not kept."""
    return Post.Reach.UNKNOWN if followers is None else str(min(7, len(str(followers))))


def hour_of(at: datetime) -> int:
    """The hours since 1970 at an instant."""
    return int(at.timestamp()) // 3600


def _put(posts: Sequence[Post], state: _Desk, source: Source) -> list[Story]:
    """Give each post its story; those that begin with this batch. A repost goes where what it repeats is."""
    begun: list[Story] = []
    story_of: dict[str, tuple[int, int]] = {}
    origins = {post.repost_of for post in posts if post.repost_of}
    for name, pk, story in Post.objects.filter(source=source, external_id__in=origins).values_list(
        "external_id", "pk", "story_id"
    ):
        story_of[name] = pk, story
    fresh = iter(bulk.reserve(Story, len(posts)))
    items = [state.item(post.pk, post.title, post.text, post.author, post.published_at) for post in posts]
    state.stream.expect(items)
    for post, item in zip(posts, items, strict=True):
        origin = story_of.get(post.repost_of)
        if origin is not None:
            post.duplicate_of_id, post.story_id = origin
        else:
            placed = state.stream.place(item)
            post.duplicate_of_id = int(placed.repeats) if placed.repeats else None
            if placed.story:
                post.story_id = int(placed.story)
            else:
                begun.append(_begun(next(fresh), post))
                post.story_id = begun[-1].pk
        state.stream.take(item, str(post.story_id))
        story_of[post.external_id] = post.pk, post.story_id
    return begun


def _begun(pk: int, post: Post) -> Story:
    return Story(
        pk=pk, place_id=post.place_id, name=_name_of(post), first_at=post.published_at, last_at=post.published_at,
    )  # fmt: skip


def _name_of(post: Post) -> str:
    return (post.title or first_words(post.text))[:200]


def first_words(text: str) -> str:
    """What stands for a title where there is none: the first sentence, at most forty characters."""
    head = text.strip()
    for sign in "。！？!?\n":
        head = head.partition(sign)[0]
    return head[:40] or text.strip()[:40]


def _reckon(stories: Iterable[int], hours: Iterable[tuple[int, int]] | None = None) -> None:
    """Count the hours of stories anew (all of them, or those named), then the stories from their hours and posts."""
    ids = sorted(set(stories))
    if not ids:
        return
    counted = Post.objects.filter(story__in=ids).order_by()
    named = set(hours or ())
    if named:
        counted = counted.filter(hour__in={hour for _, hour in named})
    rows = counted.values("story_id", "hour").annotate(
        n=Count("id"), people=Count("author", distinct=True), media=Count("id", filter=Q(is_media=True)),
        bad=Count("id", filter=Q(stance=NEGATIVE)),
    )  # fmt: skip
    if not named:
        HourCount.objects.filter(story__in=ids).delete()
    counts = ("posts", "authors", "media", "negative")
    bulk.put(
        HourCount, ("story_id", "hour"), ("story_id", "hour", *counts),
        ((row["story_id"], row["hour"], row["n"], row["people"], row["media"], row["bad"]) for row in rows),
    )  # fmt: skip
    people_of: dict[int, list[tuple[int, int]]] = defaultdict(list)
    totals: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    found = HourCount.objects.filter(story__in=ids).values_list("story_id", "hour", *counts)
    for story, hour, posts, people, media, bad in found:
        people_of[story].append((hour, people))
        totals[story] = [total + more for total, more in zip(totals[story], (posts, media, bad), strict=True)]
    spans = (
        Post.objects.filter(story__in=ids)
        .order_by()
        .values_list("story_id")
        .annotate(first=Min("published_at"), last=Max("published_at"), people=Count("author", distinct=True))
    )
    bulk.update(
        Story, ("posts_count", "media_count", "negative_count", "first_at", "last_at", "authors_count", "heat"),
        (
            (*totals[story], first, last, people, heat_of_hours(people_of[story]), story)
            for story, first, last, people in spans
        ),
    )  # fmt: skip


def heat_of_hours(people: Sequence[tuple[int, int]]) -> float:
    """The binary logarithm of the people of each (hour, people), doubled for every twelve hours from `HEAT_FROM` on."""
    last = max(hour for hour, _ in people)
    return round(
        (last - HEAT_FROM) / 12 + log2(sum(count * 2.0 ** ((hour - last) / 12) for hour, count in people)), 6
    )


def _tie(posts: Sequence[Post]) -> None:
    """Note on stories the units, plans and risk words of their new posts."""
    codes = {code for post in posts for code in post.units}
    units = dict(Unit.objects.filter(code__in=codes).values_list("code", "pk"))
    pairs = {(post.story_id, units[code]) for post in posts for code in post.units if code in units}
    bulk.put(Story.units.through, ("story_id", "unit_id"), ("story_id", "unit_id"), sorted(pairs))
    followed = {(post.story_id, plan) for post in posts for plan in post.plans}
    bulk.put(Story.plans.through, ("story_id", "plan_id"), ("story_id", "plan_id"), sorted(followed))
    told: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for post in posts:
        for name, words in post.risks.items():
            told[post.story_id][name].update(words)
    changed = []
    for story, risks in Story.objects.filter(pk__in=told).values_list("pk", "risks"):
        words_of = told[story]
        for name, words in risks.items():
            words_of[name].update(words)
        changed.append(({name: sorted(words_of[name]) for name in RISKS if name in words_of}, story))
    bulk.update(Story, ("risks",), changed)


# ---- what is held in memory --------------------------------------------------------------------


@dataclass(slots=True)
class _Desk:
    """The stream of a place as far as post `last`, grouped as of `generation`."""

    place: str
    stream: Stream
    last: int = 0
    generation: int = 0

    @classmethod
    def of(cls, place: Place, grouping: Grouping, at: datetime) -> _Desk:
        """Take the stream of a place out of memory and bring it up to date, or make it anew."""
        from gongkai.text import stream

        desk = _DESKS.pop(place.pk, None)
        if desk is None:
            desk = cls(place.pk, stream.Stream(), generation=grouping.generation)
        since = at - desk.stream.window
        rows = Post.objects.filter(place=place, pk__gt=desk.last, published_at__gt=since).order_by("-pk")
        fields = ("pk", "title", "text", "author", "published_at", "story_id")
        newest = list(rows.values_list(*fields)[: desk.stream.most])
        desk.stream.restore((desk.item(*row), str(story)) for *row, story in reversed(newest))
        desk.last = newest[0][0] if newest else desk.last
        if desk.generation != grouping.generation:
            here = Post.objects.filter(place=place, published_at__gt=since).values_list("pk", "story_id")
            desk.stream.regrouped({str(pk): str(story) for pk, story in here})
        desk.stream.forget(at)
        return desk

    @staticmethod
    def item(pk: int, title: str, text: str, author: str, at: datetime) -> Text:
        from gongkai.text import stream

        return stream.Item(str(pk), title or first_words(text), text, author, at)

    def keep(self, last: int, generation: int) -> None:
        """Put the stream back once what it holds is in the database; after a failure it is made anew."""
        self.last, self.generation = last, generation
        transaction.on_commit(lambda: _DESKS.__setitem__(self.place, self))


_DESKS: dict[str, _Desk] = {}


# ---- grouping anew -----------------------------------------------------------------------------


@transaction.atomic
def regroup(place: Place, at: datetime) -> int:
    """Group the posts of the window anew, whatever order they came in; how many changed their story.

    A story somebody has judged keeps its posts; what people joined and parted stays so. Raises Refused when what
    they said contradicts itself.
    """
    from gongkai.text import hot, stream

    grouping = _locked(place.pk)
    since = at - stream.WINDOW
    posts = Post.objects.filter(place=place, published_at__gt=since).order_by("-published_at", "-pk")
    rows = list(
        posts.values_list("pk", "title", "text", "author", "published_at", "story_id", "duplicate_of_id")[
            :GROUPED
        ]
    )
    was = {str(row[0]): str(row[5]) for row in rows}
    copies: dict[str, list[str]] = defaultdict(list)  # they follow what they repeat, and make no word common
    for row in rows:
        if was.get(str(row[6])) == str(row[5]):
            copies[str(row[6])].append(str(row[0]))
    behind = {key for keys in copies.values() for key in keys}
    items = [
        hot.Item(str(pk), title or first_words(text), text, author, when)
        for pk, title, text, author, when, *_ in rows
        if str(pk) not in behind
    ]
    judged = set(
        map(
            str,
            Story.objects.filter(place=place, pk__in={row[5] for row in rows})
            .exclude(state=Story.State.NEW)
            .values_list("pk", flat=True),
        )
    )
    origin = _origins(copies)
    together, apart = _ties(place, was, judged, origin)
    wide = (place.name, *([place.parent.name] if place.parent else []))
    try:
        issues = hot.group(
            items,
            now=at,
            wide=wide,
            parts=parts_of(place, timezone.localdate(at)),
            must_link=together,
            cannot_link=apart,
            cut=stream.CUT,
            elsewhere=stream.ELSEWHERE,
            runs=stream.RUNS,
        )
    except ValueError as contradiction:
        raise Refused(
            str(contradiction).replace("来信", "言论"), remedy="请在线索里重新判定这几条。"
        ) from None
    groups = [issue.keys for issue in issues]
    grouped = {key for keys in groups for key in keys}
    groups += [(item.key,) for item in items if item.key not in grouped]
    followers: dict[str, list[str]] = defaultdict(list)
    for copy, first in origin.items():
        followers[first].append(copy)
    groups = [(*keys, *(copy for key in keys for copy in followers[key])) for keys in groups]
    story_of = stream.stories_of(groups, was, judged)
    names = {item.key: item.title for item in items}
    names |= {keys[0]: issue.name for keys, issue in zip(groups, issues, strict=False)}
    moved = _move(place, groups, story_of, names, was, judged)
    grouping.generation = F("generation") + 1
    grouping.grouped_at = at
    grouping.save(update_fields=["generation", "grouped_at"])
    return moved


def _origins(copies: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """For each copy what it repeats in the end, copies of copies included."""
    of = {copy: first for first, keys in copies.items() for copy in keys}
    for copy in of:
        while of[copy] in of:
            of[copy] = of[of[copy]]
    return of


def _ties(
    place: Place, was: Mapping[str, str], judged: set[str], origin: Mapping[str, str]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Pairs that belong together and pairs that do not: what people said, and the posts of judged stories.

    A copy is spoken of by what it repeats.
    """
    told = PostTie.objects.filter(place=place).order_by("pk").values_list("one_id", "other_id", "together")
    said = [
        (origin.get(str(one), str(one)), origin.get(str(other), str(other)), is_one)
        for one, other, is_one in told
    ]
    together = [(one, other) for one, other, is_one in said if is_one]
    apart = [(one, other) for one, other, is_one in said if not is_one]
    first: dict[str, str] = {}
    for key, story in was.items():
        if story in judged and key not in origin:
            together.append((first.setdefault(story, key), key))
    ends = list(first.values())
    apart += [(one, other) for n, one in enumerate(ends) for other in ends[n + 1 :]]
    return together, apart


def _move(
    place: Place, groups: Sequence[Sequence[str]], story_of: Mapping[str, str | None], names: Mapping[str, str],
    was: Mapping[str, str], judged: set[str],
) -> int:  # fmt: skip
    """Write where posts belong now; stories left without posts go. How many posts moved."""
    fresh = iter(bulk.reserve(Story, sum(story_of[keys[0]] is None for keys in groups)))
    moved: list[tuple[int, int]] = []  # story, post
    begun: list[Story] = []
    renamed: dict[int, str] = {}
    for keys in groups:
        story = story_of[keys[0]]
        if story is None:
            begun.append(
                Story(
                    pk=next(fresh),
                    place=place,
                    name=names[keys[0]][:200],
                    first_at=_DAWN,
                    last_at=_DAWN,
                )
            )
            story = str(begun[-1].pk)
        elif story not in judged:
            renamed[int(story)] = names[keys[0]][:200]
        moved += [(int(story), int(key)) for key in keys if was[key] != story]
    bulk.insert_objects(begun)
    bulk.update(Post, ("story_id",), moved)
    bulk.update(Story, ("name",), ((name, pk) for pk, name in renamed.items()))
    touched = {int(was[str(post)]) for _, post in moved} | {story for story, _ in moved}
    refresh(touched)
    return len(moved)


_DAWN = datetime(2000, 1, 1, tzinfo=UTC)  # of a story not yet reckoned


def refresh(stories: Iterable[int]) -> None:
    """Reckon stories anew after posts went in or out; those nobody judged that have none left go."""
    ids = set(stories)
    held = set(Post.objects.filter(story__in=ids).order_by().values_list("story_id", flat=True).distinct())
    empty = Story.objects.filter(pk__in=ids - held, matter=None)
    HourCount.objects.filter(story__in=ids - held).delete()
    empty.delete()
    for table in (Story.units.through, Story.plans.through):
        table.objects.filter(story_id__in=held).delete()
    Story.objects.filter(pk__in=held).update(risks={})
    _tie(list(Post.objects.filter(story__in=held).only("story_id", "units", "plans", "risks")))
    _reckon(held)
    Story.objects.filter(pk__in=held).exclude(topic="").update(topic="")
    considering.name_topics(held)


def regroup_all(now: datetime) -> int:
    """Group the posts of every place that took some in since its last grouping; how many changed their story."""
    moved = 0
    for grouping in Grouping.objects.select_related("place__parent"):
        taken = Post.objects.filter(place=grouping.place_id).order_by("-pk").values_list("seen_at", flat=True)
        newest = taken.first()
        if newest is not None and (grouping.grouped_at is None or newest > grouping.grouped_at):
            moved += regroup(grouping.place, now)
    return moved


# ---- alarms ------------------------------------------------------------------------------------


def raise_alarms(now: datetime) -> int:
    """Look at every story that was heard of in the last half hour; how many alarms were raised.

    An alarm of a cause is raised once, and once more where it becomes graver. Dismissed stories are left alone, and
    what was said more than a day ago is no news however late it came in.
    """
    heard = Q(authors_count__gte=2) | (Q(media_count__gt=0) & ~Q(risks={}))
    raised = 0
    for place in Place.objects.filter(pk__in=Grouping.objects.values("place")):
        fresh = Post.objects.filter(place=place, published_at__gt=now - LIVE, seen_at__gt=now - HEARD)
        stories = Story.objects.filter(heard, pk__in=fresh.values("story"))
        raised += sum(_alarm(story, now) for story in stories.exclude(state=Story.State.DISMISSED))
    return raised


@transaction.atomic
def _alarm(story: Story, now: datetime) -> int:
    fields = ("pk", "published_at", "author", "is_media", "risks")
    posts = Post.objects.filter(story=story, published_at__gt=now - alarm.BEFORE).values_list(*fields)
    said = [
        alarm.Said(str(pk), at, author, media, {name: RISKS[name].points for name in risks if name in RISKS})
        for pk, at, author, media, risks in posts
    ]
    known: dict[str, int] = {}
    for why, level in story.alarms.values_list("why", "level"):
        known[why] = max(level, known.get(why, 0))
    new = [one for one in alarm.alarms(said, now) if one.level > known.get(one.why, 0)]
    for one in new:
        row = Alarm(
            story=story, why=one.why, level=one.level, at=one.at, raised_at=now, says=one.says[:200],
            posts=[int(key) for key in one.posts[:200]],
        )  # fmt: skip
        row.save()
    if worst := max(new, key=lambda one: one.level, default=None):
        if worst.level > alarm.Level.NOTE:
            _tell(story, worst, now)
    return len(new)


def _tell(story: Story, told: alarm.Alarm, now: datetime) -> None:
    """Tell those who watch, in whichever units they are."""
    local = timezone.localdate(now)
    watching = Holding.objects.in_force(local).filter(post__unit__place=story.place_id).select_related("post")
    units = {one.post.unit_id for one in watching if Power.WATCH in one.post.powers}
    label = Alarm.Why(told.why).label
    for unit in Unit.objects.filter(pk__in=units).order_by("pk"):
        notices.tell(
            key=f"opinion.alarm:{story.pk}:{told.why}:{int(told.level)}", unit=unit, place=story.place,
            title=f"舆情预警（{label}）：{story.name}", body=told.says, number="",
            urgent=told.level >= alarm.Level.URGENT, overseers=False, now=now, powers=(Power.WATCH,),
        )  # fmt: skip


@transaction.atomic
def note_seen(story: Story, *, by: Actor, at: datetime) -> int:
    """Note who has looked at the alarms of a story first; how many were unseen."""
    if not policy.may_watch(by):
        return 0
    return Alarm.objects.filter(story=story, seen_at=None).update(seen_by=by.staff, seen_at=at)


# ---- judging -----------------------------------------------------------------------------------


@transaction.atomic
def watch(story: Story, *, by: Actor, at: datetime) -> None:
    """Keep an eye on a story; its posts stay together from now on."""
    _judge(story, Story.State.WATCHED, "", by, at)


@transaction.atomic
def dismiss(story: Story, *, reason: str, by: Actor, at: datetime) -> None:
    """Say that a story needs nothing, and why."""
    if not reason.strip():
        raise Refused("没有写理由", remedy="请写明为什么不需要处理。")
    _judge(story, Story.State.DISMISSED, reason.strip(), by, at)


@transaction.atomic
def reopen(story: Story, *, by: Actor, at: datetime) -> None:
    """Take back that a story is watched or dismissed."""
    _judge(story, Story.State.NEW, "", by, at)


def _judge(story: Story, state: Story.State, reason: str, by: Actor, at: datetime) -> None:
    story = Story.objects.select_for_update().get(pk=story.pk)
    verdict = (
        policy.may_dismiss_story(by, story) if state == Story.State.DISMISSED else policy.may_judge(by, story)
    )
    verdict.enforce()
    story.state, story.reason, story.judged_by, story.judged_at = state, reason, by.staff, at
    story.save(update_fields=["state", "reason", "judged_by", "judged_at"])


@transaction.atomic
def merge(story: Story, into: Story, *, by: Actor, at: datetime) -> Story:
    """Put the posts of a story into another of the same place; they stay together for good."""
    grouping = _locked(into.place_id)
    _same_place(story, into)
    policy.may_judge(by, story).enforce()
    policy.may_watch(by).enforce()
    PostTie.objects.filter(
        one__story__in=(story, into), other__story__in=(story, into), together=False
    ).delete()
    centre, *others = Post.objects.filter(story__in=(into, story)).order_by("published_at", "pk")
    for post in others:
        _say(centre, post, together=True, by=by, at=at)
    Post.objects.filter(story=story).update(story=into)
    Alarm.objects.filter(story=story).delete()
    _regrouped(grouping, (story.pk, into.pk))
    return into


@transaction.atomic
def split(story: Story, posts: Sequence[Post], *, by: Actor, at: datetime) -> Story:
    """Take posts out of a story into one of their own: another matter, now and at every regrouping."""
    grouping = _locked(story.place_id)
    policy.may_judge(by, story).enforce()
    chosen_ = [post for post in posts if post.story_id == story.pk]
    rest = list(
        Post.objects.filter(story=story)
        .exclude(pk__in=[post.pk for post in chosen_])
        .order_by("published_at", "pk")
    )
    if not chosen_:
        raise Refused("没有选言论", remedy="请勾选说的是另一件事的言论。")
    if not rest:
        raise Refused("不能把全部言论都分出去", remedy="至少留一条。")
    first = min(chosen_, key=lambda post: (post.published_at, post.pk))
    other = Story(
        place_id=story.place_id, name=_name_of(first), first_at=first.published_at,
        last_at=first.published_at,
    )  # fmt: skip
    other.save()
    for post in chosen_:
        if post.pk != first.pk:
            _say(first, post, together=True, by=by, at=at)
    PostTie.objects.filter(one__in=chosen_, other__in=rest).delete()
    PostTie.objects.filter(one__in=rest, other__in=chosen_).delete()
    _say(rest[0], first, together=False, by=by, at=at)
    for post in rest[1:]:
        _say(rest[0], post, together=True, by=by, at=at)
    Post.objects.filter(pk__in=[post.pk for post in chosen_]).update(story=other)
    _regrouped(grouping, (story.pk, other.pk))
    return other


def _same_place(story: Story, into: Story) -> None:
    if story.pk == into.pk or story.place_id != into.place_id:
        raise Refused("不能并入这条线索", remedy="请选本地的另一条线索。")


def _say(one: Post, other: Post, *, together: bool, by: Actor, at: datetime) -> None:
    low, high = sorted((one.pk, other.pk))
    PostTie.objects.update_or_create(
        one_id=low,
        other_id=high,
        defaults={"place_id": one.place_id, "together": together, "by": by.staff, "at": at},
    )


def _regrouped(grouping: Grouping, stories: Iterable[int]) -> None:
    refresh(stories)
    grouping.generation = F("generation") + 1
    grouping.save(update_fields=["generation"])


@transaction.atomic
def correct(post: Post, *, kind: str, stance: str, by: Actor) -> None:
    """Put right what a post was read as: its kind of misgiving and how it speaks."""
    policy.may_watch(by).enforce()
    post.kind, post.stance, post.is_checked = kind, stance, True
    post.is_rumoured = kind == RUMOUR
    post.save(update_fields=["kind", "stance", "is_checked", "is_rumoured"])
    _reckon([post.story_id], hours={(post.story_id, post.hour)})


@transaction.atomic
def take_back(source: Source, names: Sequence[str], *, by: Actor) -> int:
    """Delete what a source no longer lets us show, also from events; how many went. A story loses the name it had of it."""
    grouping = _locked(source.place_id)
    policy.may_watch(by).enforce()
    gone = list(Post.objects.filter(source=source, external_id__in=names))
    Post.objects.filter(pk__in=[post.pk for post in gone]).delete()
    for post in gone:
        first = Post.objects.filter(story=post.story_id).order_by("published_at", "pk").first()
        name = _name_of(first) if first else "（已收回）"
        Story.objects.filter(pk=post.story_id, name=_name_of(post)).update(name=name)
    _regrouped(grouping, {post.story_id for post in gone})
    return len(gone)


# ---- forgetting --------------------------------------------------------------------------------


def forget_posts(now: datetime) -> int:
    """Delete posts kept for as long as their place keeps them; those of an event stay with it. How many went."""
    gone = 0
    for place in Place.objects.filter(pk__in=Grouping.objects.values("place")):
        days = chosen(place.pk, KEPT, timezone.localdate(now))
        gone += _forget(place, now, days)
    return gone


@transaction.atomic
def _forget(place: Place, now: datetime, days: int) -> int:
    grouping = _locked(place.pk)
    over = list(_over(place, now, days).values_list("pk", "story_id")[:5_000])
    if over:
        Post.objects.filter(pk__in=[pk for pk, _ in over]).delete()
        _regrouped(grouping, {story for _, story in over})
    return len(over)
