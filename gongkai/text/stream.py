"""Posts as they come, put into stories one by one: near duplicates first, then the story they are most like.

A post is the 48 of its words that say most, weighed by how rare they are among the stories of
the window. It joins the story whose posts it is most like on average, or begins one. Only the window is kept: what falls
out of it is taken from its story, from the index and from the counts, so memory does not grow with time.

The order in which posts come decides a little (bench/README.md says how much), so every few minutes the whole window
is grouped anew by `hot.group`, whose result depends on the posts and on what people joined and parted, not on their
order; `regrouped` takes its word over. The state follows from posts and their stories: `restore` makes it
again after a restart, nothing is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from math import hypot, log

from gongkai.text.alike import MERGE
from gongkai.text.cut import Cutter, plain_cutter
from gongkai.text.near import NearIndex

WINDOW = timedelta(days=7)
MOST = 10_000
"""Posts the window holds at most; the oldest leave first."""
TELLING = 48
"""Features a post keeps: its heaviest."""
JOIN = 0.17
"""Likeness (0..1) from which a post joins a story."""
CUT, ELSEWHERE, RUNS = 0.88, 0.8, (1, 2)
"""How `hot.group` is asked for posts: looser than for letters, since one event is told of from several places and
headlines are short.
"""
TITLE = 1
"""A word of the title is counted so many times more."""
HEAD = 400
"""Characters of the text that are read."""
COMMON = 50
"""A word in more stories than this brings no story up, it only speaks for those that are."""
BANDS = 16
"""Near duplicates are sought by half the bands: one that is missed is very like the story it belongs to."""
_FIRST = 40
"""Stories that are taken as known before the first, so that the first words weigh something."""


@dataclass(frozen=True, slots=True)
class Item:
    """A post or a letter: `key` its own, `writer` any stable mark of who wrote it (counted, never shown), `at` when it was said."""

    key: str
    title: str
    body: str
    writer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a post went: its story ('' where it begins one), how alike (0..1), and which post it repeats, if any."""

    story: str
    likeness: float
    repeats: str = ""
    words: tuple[str, ...] = ()


@dataclass(slots=True)
class _Kept:
    story: str
    weights: dict[str, float]


class Stream:
    """The posts of a window and the stories they are in."""

    def __init__(
        self,
        *,
        cutter: Cutter | None = None,
        window: timedelta = WINDOW,
        most: int = MOST,
        join: float = JOIN,
    ) -> None:
        self.window, self.most, self.join = window, most, join
        self._cutter = cutter or plain_cutter()
        self._posts: dict[str, _Kept] = {}
        self._oldest: list[tuple[datetime, str]] = []  # a heap
        self._stories: dict[str, dict[str, float]] = {}  # the sum of the posts of a story, by feature
        self._size: Counter[str] = Counter()
        self._index: dict[str, dict[str, float]] = {}  # the same, by feature and then story
        self._near: tuple[NearIndex[str], NearIndex[str]] = (
            NearIndex(bands=BANDS),
            NearIndex(bands=BANDS),
        )  # older, newer
        self._weighed: tuple[str, dict[str, float]] = ("", {})

    def __len__(self) -> int:
        return len(self._posts)

    def __contains__(self, key: str) -> bool:
        return key in self._posts

    @property
    def stories(self) -> Mapping[str, int]:
        """The stories of the window, with the number of their posts."""
        return self._size

    def place(self, item: Item) -> Placed:
        """Where a post belongs. It is not taken yet: `take` does that, once its story has a name."""
        text = f"{item.title}\n{item.body}"
        for index in reversed(self._near):
            for key, share in index.query(text, at_least=MERGE):
                if key in self._posts:
                    return Placed(self._posts[key].story, share, key)
        weights = self._weigh(item)
        self._weighed = item.key, weights
        sums = self._sums(weights)
        likeness = {story: sum_ / self._size[story] for story, sum_ in sums.items() if sum_ >= self.join}
        best = min(likeness, key=lambda story: (-likeness[story], story), default="")
        if not best or likeness[best] < self.join:
            return Placed("", likeness.get(best, 0.0))
        shared = sorted(
            (feature for feature in weights if feature in self._stories[best]),
            key=lambda feature: (-weights[feature] * self._stories[best][feature], feature),
        )
        return Placed(best, likeness[best], words=tuple(shared[:6]))

    def take(self, item: Item, story: str) -> None:
        """Take a post into a story, new or known."""
        key, weights = self._weighed
        if key != item.key:
            weights = self._weigh(item)
        self._weighed = "", {}
        self._posts[item.key] = _Kept(story, weights)
        heappush(self._oldest, (item.at, item.key))
        self._put(story, weights)
        if len(self._near[1]) >= max(1, self.most // 2):
            self._near = (self._near[1], NearIndex(bands=BANDS))
        self._near[1].add(item.key, f"{item.title}\n{item.body}")

    def restore(self, items: Iterable[tuple[Item, str]]) -> None:
        """Take posts with their stories, in the order in which they came, as after a restart."""
        for item, story in items:
            if item.key not in self._posts:
                self.take(item, story)

    def forget(self, now: datetime) -> int:
        """Let go of what is older than the window, and of the oldest where there are too many. How many went."""
        oldest, gone = self._oldest, 0
        while oldest and (oldest[0][0] <= now - self.window or len(self._posts) > self.most):
            self._drop(self._posts.pop(heappop(oldest)[1]))
            gone += 1
        return gone

    def regrouped(self, story_of: Mapping[str, str]) -> None:
        """Put posts into the stories named; the others stay where they are."""
        for key, story in story_of.items():
            post = self._posts.get(key)
            if post is not None and post.story != story:
                self._drop(post)
                post.story = story
                self._put(story, post.weights)

    def _sums(self, weights: Mapping[str, float]) -> dict[str, float]:
        """For each story that shares a word few others have, the sum of its posts' likenesses.

        Posts are rows of length one, so words whose own length is less than `join` bring up no story to be joined.
        """
        sums: dict[str, float] = {}
        having = [(self._index[word], weight) for word, weight in weights.items() if word in self._index]
        having.sort(key=lambda one: len(one[0]))
        left = sum(weight * weight for _, weight in having)
        for stories, weight in having:
            if len(stories) <= COMMON and left >= self.join * self.join:
                for story, sum_ in stories.items():
                    sums[story] = sums.get(story, 0.0) + weight * sum_
            else:
                for story in sums.keys() & stories.keys():
                    sums[story] += weight * stories[story]
            left -= weight * weight
        return sums

    def _weigh(self, item: Item) -> dict[str, float]:
        """The telling words of a post, as a row of length one. A word is rare when few stories have it, not few posts:
        what everybody speaks of keeps its weight.
        """
        title = self._cutter.words(item.title)
        times = Counter([*title, *self._cutter.words(item.body[:HEAD])])
        for word in set(title):
            times[word] += TITLE
        index, stories = self._index, len(self._stories) + _FIRST
        weights = {
            word: (1 + log(count)) * log(stories / (1 + len(index.get(word, ()))))
            for word, count in times.items()
        }
        if len(weights) > TELLING:
            telling = sorted(sorted(weights), key=weights.__getitem__, reverse=True)[:TELLING]
            weights = {word: weights[word] for word in telling}
        length = hypot(*weights.values()) or 1.0
        return {word: weight / length for word, weight in weights.items()}

    def _put(self, story: str, weights: Mapping[str, float]) -> None:
        sums = self._stories.setdefault(story, {})
        self._size[story] += 1
        for feature, weight in weights.items():
            sums[feature] = sums.get(feature, 0.0) + weight
            self._index.setdefault(feature, {})[story] = sums[feature]

    def _drop(self, post: _Kept) -> None:
        sums = self._stories[post.story]
        self._size[post.story] -= 1
        for feature, weight in post.weights.items():
            left = sums[feature] - weight
            if left > 1e-9 and self._size[post.story]:
                sums[feature] = self._index[feature][post.story] = left
                continue
            del sums[feature], self._index[feature][post.story]
            if not self._index[feature]:
                del self._index[feature]
        if not self._size[post.story]:
            del self._stories[post.story], self._size[post.story]


def stories_of(
    groups: Sequence[Sequence[str]], was: Mapping[str, str], fixed: Iterable[str] = ()
) -> dict[str, str | None]:
    """Which story each post belongs to after a regrouping: groups keep the story most of their posts were in.

    `was` names the story of each post. Of two groups that claim one story the one with more of its posts keeps it; a
    `fixed` story (a person's word stands on it) is kept before others. None stands for a new story, one a group:
    the caller names it.
    """
    claims = []
    kept = set(fixed)
    for at, keys in enumerate(groups):
        for story, count in Counter(was[key] for key in keys if key in was).items():
            claims.append((story not in kept, -count, keys[0], at, story))
    given: dict[int, str] = {}
    taken: set[str] = set()
    for _, _, _, at, story in sorted(claims):
        if at not in given and story not in taken:
            given[at] = story
            taken.add(story)
    return {key: given.get(at) for at, keys in enumerate(groups) for key in keys}
