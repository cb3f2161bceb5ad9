"""Hot issues: the letters of one place about one object and one matter, and how many people write about it.

Three views of a letter are weighed against each other: the runs of characters of its title, the words of
the whole, and its anchors, which are strings of three to five characters that few titles have, sought in
the title and at the head of the body: names of estates, roads, companies. The anchors join what is told in
other words about the same thing. Titles that name places, bodies or projects, and none in common, or
different parts of the place, are less alike than their words: the same topic in many places stays apart.
Groups are built by average linkage; a person's word (these belong together, those do not) is kept whatever
the figures say. Same letters, same result.

People are counted, not letters: who writes twenty times counts once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from gongkai.text.cut import Cutter, normal, plain_cutter
from gongkai.text.features import Ints, Keys, char_grams, letters_with, tf_idf
from gongkai.text.stream import Item as Item

CUT = 0.865
"""Groups are joined while their letters differ by less than this on average (1 minus similarity)."""
TITLE, WHOLE, ANCHORS = 0.3, 0.4, 0.3
"""What each view of a letter counts for."""
HEAD = 120
"""Characters of the body searched for anchors."""
COMMON = 60
"""A string in more letters than this names no single thing."""
HALF_LIFE = timedelta(days=30)
ELSEWHERE = 0.6
"""What likeness is left to two letters whose titles name different things."""
RUNS = (2, 3)
"""Characters of a title that are compared together."""
_FAR = 1e9
_SPREAD = np.uint64(0x9E3779B97F4A7C15)

_OPENERS = re.compile(
    r"请求?|加快|建议|投诉|咨询|反映|关于|希望|举报|求助|强烈|要求|问题|的|一下|尽快|什么时候|严重|恳请|呼吁|何时|力度|建设|有关|部门"
)

_NAMED = re.compile(
    r"小区|花园|家园|新村|嘉园|公寓|大厦|广场|公园|社区|学院|大学|中学|小学|幼儿园|学校|医院|公司|平台|中心|市场|站|城|苑|府|园|湾|庭|郡|墅"
    r"|里|路|街|道|桥|巷|村|镇|乡|组|厂|店|楼盘|项目|工地|集团"
)
"""What the names of places, bodies and projects end in."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Letters about one thing.

    ``keys`` in order of time; ``name`` is the title of the letter nearest to all others; ``words`` are
    used by many of them and few others; ``writers`` is the number of people; ``tightness`` (0..1) the
    mean similarity of the letters; ``heat`` the number of people, each halved for every thirty days
    since he last wrote, times the root of tightness.
    """

    keys: tuple[str, ...]
    name: str
    words: tuple[str, ...]
    heat: float
    writers: int
    first_at: datetime
    last_at: datetime
    tightness: float


Pair = tuple[str, str]


def group(
    items: Sequence[Item],
    *,
    now: datetime,
    cutter: Cutter | None = None,
    wide: Sequence[str] = (),
    parts: Sequence[str] = (),
    must_link: Iterable[Pair] = (),
    cannot_link: Iterable[Pair] = (),
    cut: float = CUT,
    elsewhere: float = ELSEWHERE,
    runs: Sequence[int] = RUNS,
) -> list[Issue]:
    """The issues of two letters and more among ``items``, hottest first. For windows of up to 10,000 letters.

    ``wide`` are names too wide to tell issues apart (of the place itself, of what it belongs to); ``parts``
    those of its counties, townships and streets, which bring no letters together but keep some apart.
    ``must_link`` and ``cannot_link`` are pairs of keys a person has joined or parted; pairs with a letter
    outside the window do not count. ``elsewhere`` is what likeness is left where titles name different things,
    ``runs`` how many characters of titles are compared together. Raises ``ValueError`` when the same letters are
    both joined and parted.
    """
    items = sorted(items, key=lambda item: (item.at, item.key))
    if len(items) < 2:
        return []
    cutter = cutter or plain_cutter()
    at = {item.key: row for row, item in enumerate(items)}
    joined = _joined(len(items), [(at[a], at[b]) for a, b in must_link if a in at and b in at])
    parted = {(joined[at[a]], joined[at[b]]) for a, b in cannot_link if a in at and b in at}
    if any(a == b for a, b in parted):
        raise ValueError("同一组来信既被合并又被分开：请先撤销其中一项。")
    words = [cutter.words(f"{item.title} {item.body}") for item in items]
    seen = Counter(chain.from_iterable(map(set, words)))
    rarity = {word: log(len(items) / letters) for word, letters in seen.items() if not word.isdigit()}
    titles = [normal(item.title) for item in items]
    part_of = _any_of(parts)
    within = [sorted({*part_of.findall(title)}) for title in titles]
    too_wide = _any_of((*wide, *parts))
    titles = [too_wide.sub(" ", title) for title in titles]
    features = _features(items, titles, words, runs)
    named = [_matrix([sorted(_names(title)) for title in titles]), _matrix(within)]
    issues = [
        _issue(
            [items[row] for row in rows], _telling([words[row] for row in rows], rarity), features[rows], now
        )
        for rows in _groups(features, named, joined, parted, cut, elsewhere)
        if len(rows) > 1
    ]
    return sorted(issues, key=lambda issue: (-issue.heat, issue.first_at, issue.keys))


def _any_of(names: Sequence[str]) -> re.Pattern[str]:
    """Finds any of the names in a ``normal`` text, the longest first."""
    plain = sorted({normal(name) for name in names} - {""}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, plain)) or r"(?!)")


def _features(
    items: Sequence[Item], titles: Sequence[str], words: Sequence[Sequence[str]], runs: Sequence[int]
) -> sparse.csr_matrix:
    """Letters x features, so that the product of two rows is the similarity (0..1) of two letters.

    What one letter alone has lowers its likeness to all others (its row has length one), then is left out.
    """
    bare = [" ".join(_OPENERS.sub(" ", title).split()) for title in titles]
    heads = [f"{title} {normal(item.body)[:HEAD]}" for title, item in zip(titles, items, strict=True)]
    views = ((TITLE, char_grams(bare, runs)), (WHOLE, _numbers(words)), (ANCHORS, _anchors(titles, heads)))
    weighed = [tf_idf(*view, len(items)) * np.float32(sqrt(share)) for share, view in views]
    features = sparse.hstack(weighed, format="csr")
    return features[:, np.flatnonzero(np.bincount(features.indices, minlength=features.shape[1]) > 1)]


def _anchors(titles: Sequence[str], heads: Sequence[str]) -> tuple[Keys, Ints]:
    """The strings that few titles have, each once for every letter whose head has it."""
    strings, seen = letters_with(*_strings(titles))
    anchors = strings[seen <= COMMON]
    keys, rows = _strings(heads)
    at = np.minimum(np.searchsorted(anchors, keys), len(anchors) - 1)
    known = anchors[at] == keys if len(anchors) else np.zeros(len(keys), bool)
    pairs = np.sort(rows[known] * len(anchors) + at[known])
    pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]]
    return anchors[pairs % max(1, len(anchors))], pairs // max(1, len(anchors))


def _strings(texts: Sequence[str]) -> tuple[Keys, Ints]:
    """Every string of three to five characters that spans no space, as a number of 64 bits, with its row."""
    points = np.frombuffer("\0".join(texts).encode("utf-32-le", "replace"), "<u4").astype(np.uint64)
    rows = np.cumsum(points == 0)
    inside, key = points > 32, points
    keys, found = [], []
    for length in range(2, 6):
        inside = inside[:-1] & (points[length - 1 :] > 32)
        key = key[:-1] * _SPREAD + points[length - 1 :]
        if length > 2:
            keys.append(key[inside])
            found.append(rows[: len(key)][inside])
    return np.concatenate(keys), np.concatenate(found)


def _names(title: str) -> set[str]:
    """What a title names, each by the end of its name and the two characters before it."""
    found = {title[end.start() - 2 : end.end()] for end in _NAMED.finditer(title) if end.start() > 1}
    return {name for name in found if " " not in name}


def _matrix(lists: Sequence[Sequence[str]]) -> sparse.csr_matrix:
    """Letters x names, 1 where a letter has the name."""
    keys, rows = _numbers(lists)
    shape = (len(lists), int(keys.max(initial=0)) + 1)
    return sparse.csr_matrix((np.ones(len(keys), np.float32), (rows, keys.astype(np.int64))), shape)


def _numbers(lists: Sequence[Sequence[str]]) -> tuple[Keys, Ints]:
    """Words of each letter as numbers, with the rows they stand in."""
    flat = list(chain.from_iterable(lists))
    number = {word: at for at, word in enumerate(dict.fromkeys(flat))}
    keys = np.fromiter(map(number.__getitem__, flat), np.uint64, len(flat))
    return keys, np.repeat(np.arange(len(lists)), [len(words) for words in lists])


def _joined(letters: int, pairs: Sequence[tuple[int, int]]) -> Ints:
    """For each letter the number of the set a person has put it in."""
    rows, columns = np.array(pairs, int).reshape(-1, 2).T
    graph = sparse.coo_matrix((np.ones(len(rows)), (rows, columns)), (letters, letters))
    return np.asarray(connected_components(graph, directed=False)[1])


def _groups(
    features: sparse.csr_matrix,
    named: Sequence[sparse.csr_matrix],
    joined: Ints,
    parted: set[tuple[int, int]],
    cut: float,
    elsewhere: float,
) -> Iterator[list[int]]:
    """The rows of each group, by average linkage.

    Two groups of an average similarity s hold a pair at least as similar, so nothing is lost by looking only
    inside the components of the graph of such pairs.
    """
    for rows in _components(features, named, joined, 1 - cut, elsewhere):
        if len(rows) == 1 or (len(rows) == 2 and not parted):
            yield [int(row) for row in rows]
            continue
        part = features[rows]
        similar = (part @ part.T).toarray().astype(np.float64)
        similar[_apart([names[rows] for names in named])] *= elsewhere
        distance = np.maximum(1 - similar, 0)
        sets = joined[rows]
        distance[sets[:, None] == sets[None, :]] = 0
        for one, other in parted:
            apart = np.ix_(sets == one, sets == other)
            distance[apart] = _FAR
            distance.T[apart] = _FAR
        label = fcluster(linkage(squareform(distance, checks=False), "average"), cut, "distance")
        for name in np.unique(label):
            yield [int(row) for row in rows[label == name]]


def _components(
    features: sparse.csr_matrix,
    named: Sequence[sparse.csr_matrix],
    joined: Ints,
    similar: float,
    elsewhere: float,
    step: int = 1_000,
) -> list[Ints]:
    letters = features.shape[0]
    first = np.unique(joined, return_index=True)[1][joined]
    edges = [(np.arange(letters), first)]
    for start in range(0, letters, step):
        near = (features[start : start + step] @ features[start:].T).tocoo()
        enough = (near.data >= similar) & (near.row < near.col)
        rows, others, alike = near.row[enough] + start, near.col[enough] + start, near.data[enough]
        kept = alike * elsewhere >= similar
        doubted = np.flatnonzero(~kept)
        kept[doubted] = ~_pairs_apart(named, rows[doubted], others[doubted])
        edges.append((rows[kept], others[kept]))
    rows, others = (np.concatenate(ends) for ends in zip(*edges, strict=True))
    graph = sparse.coo_matrix((np.ones(len(rows), np.int8), (rows, others)), (letters, letters))
    label = connected_components(graph, directed=False)[1]
    order = np.argsort(label, kind="stable")
    return np.split(order, np.cumsum(np.bincount(label))[:-1])


def _apart(named: Sequence[sparse.csr_matrix]) -> NDArray[np.bool_]:
    """Letters x letters: whether both name something of a kind and nothing in common."""
    apart = np.zeros((named[0].shape[0], named[0].shape[0]), bool)
    for names in named:
        has = np.diff(names.indptr) > 0
        apart |= has[:, None] & has & ((names @ names.T).toarray() == 0)
    return apart


def _pairs_apart(named: Sequence[sparse.csr_matrix], rows: Ints, others: Ints) -> NDArray[np.bool_]:
    """The same for single pairs."""
    apart = np.zeros(len(rows), bool)
    for names in named:
        has = np.diff(names.indptr) > 0
        common = np.asarray(names[rows].multiply(names[others]).sum(axis=1)).ravel() > 0
        apart |= has[rows] & has[others] & ~common
    return apart


def _telling(letters: Sequence[Sequence[str]], rarity: Mapping[str, float], most: int = 6) -> tuple[str, ...]:
    """The words that many of these letters use and few others."""
    used = Counter(word for words in letters for word in set(words) if word in rarity)
    common = [word for word in used if used[word] > 1]
    return tuple(sorted(common, key=lambda word: (-used[word] * rarity[word], word))[:most])


def _issue(
    items: Sequence[Item], words: tuple[str, ...], features: sparse.csr_matrix, now: datetime
) -> Issue:
    count = len(items)
    similar = (features @ features.T).toarray()
    np.fill_diagonal(similar, 0)
    tightness = float(similar.sum() / (count * (count - 1)))
    last = {item.writer: item.at for item in items}
    people = sum(0.5 ** max(0.0, (now - at) / HALF_LIFE) for at in last.values())
    return Issue(
        keys=tuple(item.key for item in items),
        name=items[int(similar.sum(axis=1).argmax())].title.strip(),
        words=words,
        heat=round(people * max(tightness, 0.0) ** 0.5, 4),
        writers=len(last),
        first_at=items[0].at,
        last_at=items[-1].at,
        tightness=round(tightness, 4),
    )
