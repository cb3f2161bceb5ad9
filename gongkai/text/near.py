"""Finding letters that say the same: re-sent, sent to several boxes, copied by neighbours.

A MinHash index gives candidates; the share of common runs of three characters (Jaccard) is then counted
exactly, so a wrong merge is never the index's doing. Loads numpy: what needs no more than a fingerprint asks
``alike``.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Hashable
from functools import cache, lru_cache
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from gongkai.text.alike import OFFER, SILENT

Key = TypeVar("Key", bound=Hashable)
Runs = NDArray[np.uint64]

BANDS = 32
_ROWS, _SEED = 4, 42
_PLANE = 1 << 16
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""2**64 over the golden ratio: products with it are spread over all 64 bits (Knuth, 6.4)."""


def jaccard(one: str, other: str) -> float:
    """The share (0..1) of runs of three characters that two texts have in common."""
    return _jaccard(_once(_runs(one)), _once(_runs(other)))


class NearIndex(Generic[Key]):
    """Texts by key, asked for those that are nearly the same."""

    def __init__(self) -> None:
        self._texts: list[tuple[Key, Runs]] = []
        self._first: dict[int, int] = {}  # the text that had a band of a sketch first
        self._later: dict[int, list[int]] = {}  # those that had it after

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, key: Key, text: str) -> None:
        runs, bands = _read(text)
        here = len(self._texts)
        for band in bands:
            if self._first.setdefault(band, here) != here:
                self._later.setdefault(band, []).append(here)
        self._texts.append((key, runs))

    def query(self, text: str, *, at_least: float = OFFER) -> list[tuple[Key, float]]:
        """Keys of the texts with at least that Jaccard, nearest first, then in the order they were added."""
        runs, bands = _read(text)
        alike: set[int] = set()
        for band in bands:
            if (first := self._first.get(band)) is not None:
                alike.update((first, *self._later.get(band, ())))
        if not alike:
            return []
        near, mine = [], _once(runs)
        for at in sorted(alike):
            key, others = self._texts[at]
            share = _jaccard(mine, _once(others))
            if share >= at_least:
                near.append((key, share))
        return sorted(near, key=lambda pair: -pair[1])


@cache
def _folded() -> NDArray[np.uint32]:
    """For each character what it is compared as: NFKC, lower case; 0 for what is silent.

    Those beyond the first plane (rare Han) stand for themselves.
    """
    folds = (SILENT.sub("", unicodedata.normalize("NFKC", chr(code)).lower()) for code in range(_PLANE))
    table = np.arange(sys.maxunicode + 1, dtype=np.uint32)
    table[:_PLANE] = [ord(fold[0]) if fold else 0 for fold in folds]
    return table


def _runs(text: str) -> Runs:
    """Every run of three characters as a number, 21 bits a character; a text of one or two is one run."""
    points = np.frombuffer(text.encode("utf-32-le", "replace"), "<u4")
    points = _folded()[points]
    bare = points[points > 0].astype(np.uint64)
    if len(bare) < 3:
        bare = np.append(bare, np.zeros(3 - len(bare), np.uint64))
    runs: Runs = (bare[:-2] << np.uint64(42)) | (bare[1:-1] << np.uint64(21)) | bare[2:]
    return runs


@lru_cache(maxsize=4)
def _read(text: str) -> tuple[Runs, list[int]]:
    """The runs of a text and the bands of its sketch: whom it shares a band with is probably alike.

    A text is often looked up and then added: it is read once.
    """
    runs = _runs(text)
    sketch = RMinHash.digest_matrix_from_flat_token_hashes(
        runs * _SPREAD, [0, len(runs)], BANDS * _ROWS, _SEED
    )
    rows = iter(sketch.to_rows()[0])
    return runs, [hash(band) for band in zip(range(BANDS), *[rows] * _ROWS, strict=True)]


def _once(runs: Runs) -> Runs:
    """Each run once, in order; `np.unique` does the same in four times the time."""
    ordered = np.sort(runs)
    once: Runs = ordered[np.append(True, ordered[1:] != ordered[:-1])]
    return once


def _jaccard(one: Runs, other: Runs) -> float:
    both = np.sort(np.concatenate([one, other]))
    common = int(np.count_nonzero(both[1:] == both[:-1]))
    return common / (len(one) + len(other) - common)
