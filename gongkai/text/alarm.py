"""When a story should be looked at: more is said than usual, several people say it, the media take it up, harm is told.

Each alarm says its figures in a sentence and names the posts it rests on. What is usual is measured on the story's
own place, not set: so many posts an hour over the days before. A burst is a number of posts that chance would bring
less than once in ten thousand hours at that rate (Poisson).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from math import exp, lgamma, log

RECENT = timedelta(hours=1)
BEFORE = timedelta(days=7)
PEOPLE, WITHIN = 3, timedelta(days=7)
"""So many different people within so long: the rule measured in bench/README.md."""
LEAST = 6
"""Posts an hour below which nothing is a burst."""
RARE = 1e-4
GRAVE = 30
"""Points of the risk groups of a story from which harm told by two people is urgent."""


class Level(IntEnum):
    NOTE = 1
    LOOK = 2
    URGENT = 3


class Why(StrEnum):
    BURST = "burst"
    PEOPLE = "people"
    MEDIA = "media"
    RISK = "risk"


@dataclass(frozen=True, slots=True)
class Said:
    """A post of a story as alarms see it. `author` is a mark that is counted, never shown; risks are points by group."""

    key: str
    at: datetime
    author: str
    is_media: bool
    risks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Why a story should be looked at, at what instant that became so, and the posts it rests on."""

    why: Why
    level: Level
    at: datetime
    says: str
    posts: tuple[str, ...]


def alarms(said: Sequence[Said], now: datetime, *, usual: float | None = None) -> list[Alarm]:
    """The alarms of a story at an instant, the gravest first. `said` are its posts of the last days, in any order.

    `usual` is the number of posts an hour of its kind; without it the story's own hours before the last are taken.
    """
    posts = sorted((one for one in said if now - BEFORE < one.at <= now), key=lambda one: (one.at, one.key))
    found = [*_burst(posts, now, usual), *_people(posts), *_media(posts), *_risk(posts)]
    return sorted(found, key=lambda alarm: (-alarm.level, alarm.at, alarm.why))


def _burst(posts: Sequence[Said], now: datetime, usual: float | None) -> Iterator[Alarm]:
    recent = [one for one in posts if one.at > now - RECENT]
    if len(recent) < LEAST or len({one.author for one in recent}) < PEOPLE:
        return
    if usual is None:
        hours = max(24.0, (now - RECENT - posts[0].at) / timedelta(hours=1))
        usual = (len(posts) - len(recent)) / hours
    if tail(len(recent), usual) >= RARE:
        return
    level = Level.URGENT if len(recent) >= 5 * LEAST else Level.LOOK
    says = f"最近 1 小时 {len(recent)} 条，平时每小时 {usual:.1f} 条"
    yield Alarm(Why.BURST, level, recent[-1].at, says, tuple(one.key for one in recent))


def _people(posts: Sequence[Said]) -> Iterator[Alarm]:
    first: dict[str, Said] = {}
    for one in posts:
        first.setdefault(one.author, one)
        if len(first) == PEOPLE and one.at - min(said.at for said in first.values()) <= WITHIN:
            said = tuple(said.key for said in first.values())
            people = len({said.author for said in posts})
            yield Alarm(Why.PEOPLE, Level.NOTE, one.at, f"7 天内 {people} 个不同的人在说", said)
            return


def _media(posts: Sequence[Said]) -> Iterator[Alarm]:
    media = [one for one in posts if one.is_media]
    people = {one.author for one in posts if not one.is_media}
    if media and people:
        outlets = len({one.author for one in media})
        at = max(media[0].at, min(one.at for one in posts if not one.is_media))
        yield Alarm(Why.MEDIA, Level.LOOK, at, f"{outlets} 家媒体已经报道", tuple(one.key for one in media))


def _risk(posts: Sequence[Said]) -> Iterator[Alarm]:
    told = [one for one in posts if one.risks]
    authors: set[str] = set()
    for one in told:
        authors.add(one.author)
        if len(authors) < 2 and not one.is_media:
            continue
        groups = Counter(group for said in told for group in said.risks)
        worst = max(points for said in told for points in said.risks.values())
        level = Level.URGENT if worst >= GRAVE else Level.LOOK
        says = f"说到{'、'.join(name for name, _ in groups.most_common(3))}，{len({said.author for said in told})} 人说"
        yield Alarm(Why.RISK, level, one.at, says, tuple(said.key for said in told))
        return


def tail(count: int, rate: float) -> float:
    """The chance (0..1) of `count` or more events where `rate` are usual (Poisson)."""
    rate = max(rate, 1e-3)

    def chance(n: int) -> float:
        return exp(n * log(rate) - rate - lgamma(n + 1))

    if count > rate:
        return sum(chance(n) for n in range(count, count + 200))
    return 1.0 - sum(chance(n) for n in range(count))
