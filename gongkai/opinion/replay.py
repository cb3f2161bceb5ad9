"""A recorded stream played again: at its pace into a place, or dry, through memory alone, to see and to measure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import perf_counter

from gongkai.opinion.watching.items import Item
from gongkai.text import alarm, hot, posts, screen
from gongkai.text.stream import CUT, ELSEWHERE, RUNS, Stream, stories_of
from gongkai.text.stream import Item as Text

EVERY = timedelta(minutes=10)
"""Between two looks for alarms, of the stream's own time."""
REGROUPED = 2_000
"""The newest posts that are grouped anew now and then."""


@dataclass(frozen=True, slots=True)
class Rung:
    """An alarm of the drill: which story, why, when it was due and `delay` until it was raised."""

    story: str
    name: str
    alarm: alarm.Alarm
    delay: timedelta


@dataclass(slots=True)
class Drill:
    """What a dry replay found: stories with their posts, alarms, and how fast it went (posts a second)."""

    posts: int = 0
    speed: float = 0.0
    stories: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    rung: list[Rung] = field(default_factory=list)


def dry(
    items: Sequence[Item],
    *,
    window: timedelta = timedelta(days=7),
    regroup_every: int = 500,
    wide: Sequence[str] = (),
) -> Drill:
    """Play items through masking, reading, grouping and alarms, without a database, as fast as it goes."""
    drill, stream, began = Drill(), Stream(window=window), perf_counter()
    said: dict[str, list[alarm.Said]] = defaultdict(list)
    texts: dict[str, Text] = {}
    was: dict[str, str] = {}
    known: dict[tuple[str, str], int] = {}
    live: set[str] = set()
    look_at: datetime | None = None
    items = [
        replace(item, title=screen.mask(item.title), text=screen.mask(item.text))
        for item in sorted(items, key=lambda one: (one.published_at, one.external_id))
    ]
    ones = [
        Text(
            item.external_id,
            item.title or item.text[:40],
            item.text,
            item.author or item.external_id,
            item.published_at,
        )
        for item in items
    ]
    for n, (item, one) in enumerate(zip(items, ones, strict=True), 1):
        if n % regroup_every == 1 % regroup_every:
            stream.expect(ones[n - 1 : n - 1 + regroup_every])
        if look_at is None:
            look_at = item.published_at + EVERY
        while item.published_at >= look_at:
            _look(drill, said, known, live, look_at)
            live.clear()
            look_at = max(look_at + EVERY, item.published_at - EVERY)
        says = posts.read(f"{item.title}\n{item.text}")
        story = stream.place(one).story or one.key
        stream.take(one, story)
        texts[one.key], was[one.key] = one, story
        drill.names.setdefault(story, one.title)
        risks = {name: posts.RISKS[name].points for name in says.risks}
        said[story].append(alarm.Said(one.key, one.at, one.writer, False, risks))
        live.add(story)
        if n % regroup_every == 0:
            stream.forget(item.published_at)
            _regroup(stream, texts, was, said, item.published_at, wide)
    if look_at is not None:
        _look(drill, said, known, live, look_at)
    for key, story in was.items():
        drill.stories.setdefault(story, []).append(key)
    drill.posts = len(items)
    drill.speed = len(items) / max(1e-9, perf_counter() - began)
    return drill


def _look(
    drill: Drill,
    said: dict[str, list[alarm.Said]],
    known: dict[tuple[str, str], int],
    live: Iterable[str],
    now: datetime,
) -> None:
    for story in sorted(live):
        for one in alarm.alarms(said[story], now):
            if one.level > known.get((story, one.why), 0):
                known[story, one.why] = one.level
                drill.rung.append(Rung(story, drill.names[story], one, now - one.at))


def _regroup(
    stream: Stream, texts: dict[str, Text], was: dict[str, str], said: dict[str, list[alarm.Said]], now: datetime,
    wide: Sequence[str],
) -> None:  # fmt: skip
    """Group what the window holds anew, and let posts and what was said follow."""
    held = [key for key in texts if key in stream][-REGROUPED:]
    for key in [key for key in texts if key not in stream]:
        del texts[key]
    issues = hot.group(
        [texts[key] for key in held], now=now, wide=wide, cut=CUT, elsewhere=ELSEWHERE, runs=RUNS
    )
    groups = [issue.keys for issue in issues]
    grouped = {key for keys in groups for key in keys}
    groups += [(key,) for key in held if key not in grouped]
    for key, story in stories_of(groups, {key: was[key] for key in held}).items():
        to = story or next(keys[0] for keys in groups if key in keys)
        if to != was[key]:
            moved = [one for one in said[was[key]] if one.key == key]
            said[was[key]] = [one for one in said[was[key]] if one.key != key]
            said[to] += moved
            was[key] = to
    stream.regrouped({key: was[key] for key in held})
