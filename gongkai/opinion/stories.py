"""What stories show as evidence for an assessment: every figure names its posts; the same posts, the same bytes.

Three factors of 0 to 100 points are suggested (衢政办发〔2018〕89号, 遵义 2020: content, reaction of the public, the media).
Each point says what it stands for and which posts it rests on. A person grades.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log2

from django.db.models import Sum

from gongkai.opinion.models import HourCount, Post, Source, Story
from gongkai.text.posts import NEGATIVE, RISKS, RUMOUR
from gongkai.text.summary import key_sentences

SHOWN = 20  # posts named behind a point
MOST = 5_000  # posts read for an assessment, the newest
TIERS = {
    Source.Tier.CENTRAL: 40, Source.Tier.PROVINCE: 25, Source.Tier.CITY: 15, Source.Tier.COUNTY: 8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """Points of a factor, why, and the posts (at most twenty, the earliest) they rest on; `count` is all of them."""

    points: int
    says: str
    posts: tuple[int, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor of the assessment: the score is the sum of its points, at most 100."""

    name: str
    points: tuple[Point, ...]

    @property
    def score(self) -> int:
        return min(100, sum(point.points for point in self.points))


@dataclass(frozen=True, slots=True)
class Outlet:
    """A source that spoke of it: how often, first and last, and its first post."""

    source: int
    name: str
    kind: str
    tier: str
    posts: int
    authors: int
    first_at: datetime
    last_at: datetime
    first_post: int
    first_words: str

    @property
    def is_media(self) -> bool:
        return self.tier != Source.Tier.SELF


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a post, word for word."""

    text: str
    post: int


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour since 1970 of several stories together."""

    hour: int
    posts: int
    authors: int
    media: int
    negative: int

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.hour * 3600, UTC)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of stories at an instant. Shares are 0..1, speed is posts an hour over the last three hours."""

    at: datetime
    posts: int
    authors: int
    speed: float
    negative: float
    kinds: tuple[tuple[str, int], ...]
    sources: tuple[Outlet, ...]
    first_post: int | None
    path: tuple[Outlet, ...]
    content: Factor
    reaction: Factor
    media: Factor
    sentences: tuple[Sentence, ...]
    units: tuple[tuple[str, int], ...]

    @property
    def factors(self) -> tuple[Factor, Factor, Factor]:
        return self.content, self.reaction, self.media


def evidence(story_ids: Iterable[int], now: datetime) -> Evidence:
    """The evidence of stories at an instant: posts published until then. Two queries."""
    ids = sorted(set(story_ids))
    found = Post.objects.filter(story__in=ids, published_at__lte=now).select_related("source")
    posts = sorted(
        found.order_by("-published_at", "-pk")[:MOST], key=lambda post: (post.published_at, post.pk)
    )
    outlets = media(posts)
    authors = {post.author for post in posts}
    recent = [post for post in posts if post.published_at > now - timedelta(hours=3)]
    bad = [post for post in posts if post.stance == NEGATIVE]
    kinds = Counter(post.kind for post in posts if post.kind)
    units = Counter(code for post in posts for code in post.units)
    negative = len(bad) / len(posts) if posts else 0.0
    sentences = key_sentences([post.text for post in posts[:200]], most=3)
    return Evidence(
        at=now,
        posts=len(posts),
        authors=len(authors),
        speed=round(len(recent) / 3, 1),
        negative=round(negative, 3),
        kinds=tuple(sorted(kinds.items(), key=lambda one: (-one[1], one[0]))),
        sources=outlets,
        first_post=posts[0].pk if posts else None,
        path=tuple(sorted(outlets, key=lambda one: (one.first_at, one.source))),
        content=_content(posts),
        reaction=_reaction(posts, recent, bad, authors),
        media=_media(posts, outlets),
        sentences=tuple(Sentence(one.text, posts[one.source].pk) for one in sentences),
        units=tuple(sorted(units.items(), key=lambda one: (-one[1], one[0]))),
    )


def media(posts: Iterable[Post]) -> tuple[Outlet, ...]:
    """The sources of posts, those that spoke most first. Posts come with their source."""
    of: dict[int, list[Post]] = defaultdict(list)
    for post in posts:
        of[post.source_id].append(post)
    outlets = []
    for pk, mine in of.items():
        first, last = min(mine, key=_order), max(mine, key=_order)
        source, people = first.source, len({post.author for post in mine})
        outlets.append(
            Outlet(
                pk, source.name, source.kind, source.tier, len(mine), people, first.published_at, last.published_at,
                first.pk, (first.title or first.text)[:60],
            )
        )  # fmt: skip
    return tuple(sorted(outlets, key=lambda one: (-one.posts, one.first_at, one.source)))


def heat_of(stories: Iterable[int], hours: int, now: datetime) -> list[Hour]:
    """The last `hours` hours of stories together, the present one last; silent hours are there with zeros. One query."""
    last = int(now.timestamp()) // 3600
    counted = {
        row["hour"]: row
        for row in HourCount.objects.filter(story__in=list(stories), hour__gt=last - hours, hour__lte=last)
        .order_by()
        .values("hour")
        .annotate(n=Sum("posts"), people=Sum("authors"), outlets=Sum("media"), bad=Sum("negative"))
    }
    none = {"n": 0, "people": 0, "outlets": 0, "bad": 0}
    rows = ((hour, counted.get(hour, none)) for hour in range(last - hours + 1, last + 1))
    return [Hour(hour, row["n"], row["people"], row["outlets"], row["bad"]) for hour, row in rows]


def of_matter(matter: int) -> list[int]:
    """The stories an opinion event has taken up."""
    return list(Story.objects.filter(matter=matter).order_by("pk").values_list("pk", flat=True))


def _content(posts: Sequence[Post]) -> Factor:
    behind: dict[str, list[Post]] = defaultdict(list)
    words: dict[str, set[str]] = defaultdict(set)
    for post in posts:
        for name, found in post.risks.items():
            behind[name].append(post)
            words[name].update(found)
    points = [
        _point(RISKS[name].points, f"{name}：{'、'.join(sorted(words[name]))}", behind[name])
        for name in RISKS
        if name in behind
    ]
    if rumours := [post for post in posts if post.is_rumoured or post.kind == RUMOUR]:
        points.append(_point(10, "有疑似不实的说法，待核", rumours))
    return Factor("内容", tuple(sorted(points, key=lambda one: (-one.points, one.says))))


def _reaction(
    posts: Sequence[Post], recent: Sequence[Post], bad: Sequence[Post], authors: set[str]
) -> Factor:
    points = []
    if len(authors) > 1:
        points.append(_point(min(40, round(6 * log2(len(authors)))), f"{len(authors)} 个不同的人在说", posts))
    if recent:
        speed = len(recent) / 3
        points.append(
            _point(min(30, round(6 * log2(1 + speed))), f"最近 3 小时平均每小时 {speed:.1f} 条", recent)
        )
    spread = [post for post in posts if post.reposts + post.comments > 0]
    if total := sum(post.reposts + post.comments for post in spread):
        points.append(_point(min(15, round(1.5 * log2(1 + total))), f"转发和评论共 {total:,} 次", spread))
    if bad:
        share = len(bad) / len(posts)
        points.append(_point(round(15 * share), f"{share:.0%} 的言论是负面的", bad))
    return Factor("公众反应", tuple(point for point in points if point.points))


def _media(posts: Sequence[Post], outlets: Sequence[Outlet]) -> Factor:
    points = []
    for tier, worth in TIERS.items():
        mine = [one for one in outlets if one.tier == tier]
        if mine:
            keys = {one.source for one in mine}
            names = "、".join(one.name for one in sorted(mine, key=lambda one: (one.first_at, one.source)))
            more = min(10, 3 * (len(mine) - 1))
            says = f"{Source.Tier(tier).label} {len(mine)} 家：{names}"
            points.append(_point(worth + more, says, [post for post in posts if post.source_id in keys]))
    kinds = sorted({one.kind for one in outlets})
    if len(kinds) > 1:
        points.append(
            _point(min(20, 5 * (len(kinds) - 1)), f"出现在 {len(kinds)} 类渠道：{'、'.join(kinds)}", posts)
        )
    return Factor("媒体关注", tuple(points))


def _point(points: int, says: str, posts: Sequence[Post]) -> Point:
    return Point(points, says, tuple(post.pk for post in posts[:SHOWN]), len(posts))


def _order(post: Post) -> tuple[datetime, int]:
    return post.published_at, post.pk
