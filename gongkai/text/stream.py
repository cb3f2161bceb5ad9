"""Posts as they come, put into stories: near duplicates first, then the story they are most like.

A post is the 48 of its words that say most, weighed by how rare they are among the stories of the window: a row of
length one, so that the product of two rows is how alike two posts are. It joins the story whose posts it is most like on
average, or begins one. Only the window is kept: what falls out of it leaves rows, words and counts, so memory does not
grow with time.

The order in which posts come decides a little (bench/README.md says how much), so every few minutes the whole window
is grouped anew by `hot.group`, whose result depends on the posts and on what people joined and parted, not on their
order; `regrouped` takes its word over. The state follows from posts and their stories: `restore` makes it
again after a restart, nothing is lost.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush

import numpy as np
from scipy import sparse

from gongkai.text.alike import MERGE, SILENT
from gongkai.text.cut import Cutter, normal, plain_cutter
from gongkai.text.features import Floats, Ints, numbered
from gongkai.text.near import jaccard

WINDOW = timedelta(days=7)
MOST = 10_000
"""Posts the window holds at most; the oldest leave first."""
TELLING = 48
"""Words a post keeps: its heaviest."""
JOIN = 0.17
"""Likeness (0..1) from which a post joins a story."""
CLOSE = 0.5
"""Likeness from which a post may repeat the one it is most like: then their texts are compared."""
CUT, ELSEWHERE, RUNS = 0.88, 0.8, (1, 2)
"""How `hot.group` is asked for posts: looser than for letters, since one event is told of from several places and
headlines are short.
"""
HEAD = 300
"""Characters of the text that are read."""
NEW = 1 / 8
"""Rows are settled and words counted anew when so many of the window have come since."""
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
    """Where a post belongs: its story ('' where it begins one), how alike (0..1), and which post it repeats, if any."""

    story: str
    likeness: float
    repeats: str = ""


@dataclass(slots=True)
class _Kept:
    story: str
    text: str
    row: int


@dataclass(frozen=True, slots=True)
class _Read:
    """The row of a post, the rows it shares words with (itself too), and how alike they are (0..1)."""

    row: int
    others: Ints
    likeness: Floats


class Stream:
    """The posts of a window and the stories they are in.

    `_posts` is what is kept. What it is compared by is made by `_settle`, and added to until the next time: of each row
    its post (`_keys`) and the number of its story (`_story`), 0 where the post is not taken yet or let go; of each story its
    name (`_names`) and the number of its posts (`_size`); of each word in how many stories it was (`_having`).
    """

    def __init__(
        self,
        *,
        cutter: Cutter | None = None,
        window: timedelta = WINDOW,
        most: int = MOST,
    ) -> None:
        self.window, self.most = window, most
        self._cutter = cutter or plain_cutter()
        self._posts: dict[str, _Kept] = {}
        self._oldest: list[tuple[datetime, str]] = []  # a heap
        self._expected: dict[str, Item] = {}
        self._column = _numbered([])  # of a word
        self._reads: dict[str, _Read] = {}
        self._settled = sparse.csr_matrix((0, 0), dtype=np.float32)  # words x posts
        self._fresh = sparse.csr_matrix((0, 0), dtype=np.float32)  # posts x words, those read since
        self._settle()

    def __len__(self) -> int:
        return len(self._posts)

    def __contains__(self, key: str) -> bool:
        return key in self._posts

    @property
    def stories(self) -> Mapping[str, int]:
        """The stories of the window, with the number of their posts."""
        return Counter(post.story for post in self._posts.values())

    def expect(self, items: Iterable[Item]) -> None:
        """What will be placed or taken next, in this order. It is read together, at a third of the cost."""
        self._expected = {item.key: item for item in items}

    def place(self, item: Item) -> Placed:
        """Where a post belongs. It is not taken yet: `take` does that, once its story has a name."""
        read = self._look(item)
        stories = self._story[read.others]
        alike = np.where(stories > 0, read.likeness, 0)
        nearest = int(alike.argmax())
        if alike[nearest] < JOIN:
            return Placed("", 0.0)
        key = self._keys[read.others[nearest]]
        if alike[nearest] >= CLOSE and (share := jaccard(_whole(item), self._posts[key].text)) >= MERGE:
            return Placed(self._posts[key].story, share, key)
        mean = np.bincount(stories, alike, len(self._size)) / np.maximum(self._size, 1)
        best = int(mean.argmax())
        return Placed(self._names[best] if mean[best] >= JOIN else "", float(mean[best]))

    def take(self, item: Item, story: str) -> None:
        """Take a post into a story, new or known."""
        row = self._look(item).row
        del self._reads[item.key]
        self._expected.pop(item.key, None)
        number = self._number[story]
        if number == len(self._names):
            self._names.append(story)
        self._story[row] = number
        self._size[number] += 1
        self._posts[item.key] = _Kept(story, _whole(item), row)
        heappush(self._oldest, (item.at, item.key))

    def restore(self, items: Iterable[tuple[Item, str]]) -> None:
        """Take posts with their stories, in the order in which they came, as after a restart."""
        new = [(item, story) for item, story in items if item.key not in self._posts]
        self.expect(item for item, _ in new)
        for item, story in new:
            self.take(item, story)

    def forget(self, now: datetime) -> int:
        """Let go of what is older than the window, and of the oldest where there are too many. How many went."""
        oldest, gone = self._oldest, 0
        while oldest and (oldest[0][0] <= now - self.window or len(self._posts) > self.most):
            row = self._posts.pop(heappop(oldest)[1]).row
            self._size[self._story[row]] -= 1
            self._story[row] = 0
            gone += 1
        return gone

    def regrouped(self, story_of: Mapping[str, str]) -> None:
        """Put posts into the stories named; the others stay where they are."""
        for key in story_of.keys() & self._posts.keys():
            self._posts[key].story = story_of[key]
        self._settle()

    def _look(self, item: Item) -> _Read:
        """A post as read, together with those expected after it as far as there is room."""
        if item.key not in self._reads:
            if len(self._keys) == len(self._story):
                self._settle()
            room = len(self._story) - len(self._keys)
            ahead = (one for one in self._expected.values() if one is not item and one.key not in self._reads)
            self._read([item, *itertools.islice(ahead, room - 1)])
        return self._reads[item.key]

    def _read(self, items: Sequence[Item]) -> None:
        """Add the rows of posts, and find the rows that share words with them."""
        rows, first = self._rows(items), len(self._keys)
        self._keys += [item.key for item in items]
        self._settled.resize((rows.shape[1], self._settled.shape[1]))
        self._fresh.resize((self._fresh.shape[0], rows.shape[1]))
        self._fresh = sparse.vstack([self._fresh, rows], format="csr")
        old, new = rows @ self._settled, rows @ self._fresh.T
        new.indices += old.shape[1]
        ends = zip(*(itertools.pairwise(near.indptr.tolist()) for near in (old, new)), strict=True)
        for n, (item, ((a, b), (c, d))) in enumerate(zip(items, ends, strict=True)):
            others = np.concatenate((old.indices[a:b], new.indices[c:d]))
            self._reads[item.key] = _Read(first + n, others, np.concatenate((old.data[a:b], new.data[c:d])))

    def _rows(self, items: Sequence[Item]) -> sparse.csr_matrix:
        """The telling words of posts, as rows of length one. A word is rare when few stories have it, not few posts:
        what everybody speaks of keeps its weight.
        """
        words = [self._words(item) for item in items]
        columns = [self._column[word] for word in itertools.chain.from_iterable(words)]
        width = len(self._column)
        of = np.repeat(np.arange(len(items)), [len(some) for some in words])
        cells, times = np.unique(of * width + columns, return_counts=True)
        row, column = np.divmod(cells, width)
        having = np.append(self._having, np.zeros(width - len(self._having)))[column]
        weights = (1 + np.log(times)) * np.log((len(self._number) + _FIRST) / (1 + having))
        order = np.lexsort((-weights, row))
        first = np.searchsorted(row, np.arange(len(items)))
        telling = order[np.arange(len(order)) - first[row] < TELLING]
        row, column, weights = row[telling], column[telling], weights[telling].astype(np.float32)
        length = np.sqrt(np.bincount(row, weights**2, len(items)))
        ends = np.searchsorted(row, np.arange(len(items) + 1))
        return sparse.csr_matrix(
            ((weights / length[row]).astype(np.float32), column, ends), (len(items), width)
        )

    def _words(self, item: Item) -> list[str]:
        """The words of a post, those of its title once more; what has none is one word."""
        title = self._cutter.words(item.title)
        words = [*title, *dict.fromkeys(title), *self._cutter.words(item.body[:HEAD])]
        return words or [SILENT.sub("", normal(_whole(item)))]

    def _settle(self) -> None:
        """Make the rows anew of what is kept; number its stories and its words, count the stories that have each word."""
        posts = list(self._posts.values())
        self._names = ["", *dict.fromkeys(post.story for post in posts)]
        self._number = _numbered(self._names)
        story = np.array([self._number[post.story] for post in posts], int)
        room = max(1, int(NEW * len(posts)))
        self._story = np.append(story, np.zeros(room, int))
        self._size = np.bincount(story, minlength=len(self._names) + room)

        rows = sparse.vstack([self._settled.T, self._fresh], format="csr")
        rows = rows[np.array([post.row for post in posts], int)]
        ones, shape = np.ones(len(posts)), (len(self._names), len(posts))
        in_story = sparse.csr_matrix((ones, (story, np.arange(len(posts)))), shape)
        having = np.bincount((in_story @ rows).indices, minlength=rows.shape[1])
        used = np.flatnonzero(having)
        words = list(self._column)
        self._column = _numbered([words[column] for column in used.tolist()])
        self._having, self._settled = having[used], rows[:, used].T.tocsr()
        self._fresh = sparse.csr_matrix((0, len(used)), dtype=np.float32)

        self._keys = list(self._posts)
        self._reads.clear()
        for row, post in enumerate(posts):
            post.row = row


def _numbered(names: Sequence[str]) -> defaultdict[str, int]:
    """A number for every name, from 0; a name not met before gets the next."""
    return defaultdict(itertools.count(len(names)).__next__, numbered(names))


def _whole(item: Item) -> str:
    return f"{item.title}\n{item.body}"


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
