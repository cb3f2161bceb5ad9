"""Finding letters that say the same: re-sent, sent to several boxes, copied by neighbours.

A MinHash index gives candidates; the share of common runs of three characters (Jaccard) is then counted
exactly, so a wrong merge is never the index's doing. From 0.7 on two letters are one text, from 0.5 on
a person should look.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable
from typing import Generic, TypeVar

from rensa import RMinHash, RMinHashLSH

from gongkai.text.cut import normal

MERGE, OFFER = 0.7, 0.5
Key = TypeVar("Key", bound=Hashable)

_SILENT = re.compile(r"[\W_]+")
_PERMUTATIONS, _BANDS, _SEED = 128, 32, 42


def fingerprint(text: str) -> str:
    """A hash that is equal when two texts differ in nothing but white space, punctuation, width and case."""
    return hashlib.blake2b(_bare(text).encode("utf-8", "replace"), digest_size=16).hexdigest()


def jaccard(one: str, other: str) -> float:
    """The share (0..1) of runs of three characters that two texts have in common."""
    return _jaccard(_shingles(_bare(one)), _shingles(_bare(other)))


class NearIndex(Generic[Key]):
    """Texts by key, asked for those that are nearly the same."""

    def __init__(self) -> None:
        self._index = RMinHashLSH(threshold=OFFER, num_perm=_PERMUTATIONS, num_bands=_BANDS)
        self._texts: list[tuple[Key, str]] = []

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, key: Key, text: str) -> None:
        bare = _bare(text)
        self._index.insert(len(self._texts), _signature(_shingles(bare)))
        self._texts.append((key, bare))

    def query(self, text: str, *, at_least: float = OFFER) -> list[tuple[Key, float]]:
        """Keys of the texts with at least that Jaccard, nearest first, then in the order they were added."""
        shingles = _shingles(_bare(text))
        near = []
        for at in sorted(set(self._index.query(_signature(shingles)))):
            key, other = self._texts[at]
            share = _jaccard(shingles, _shingles(other))
            if share >= at_least:
                near.append((key, share))
        return sorted(near, key=lambda pair: -pair[1])


def _bare(text: str) -> str:
    return _SILENT.sub("", normal(text))


def _shingles(bare: str) -> set[str]:
    return {bare[at : at + 3] for at in range(max(1, len(bare) - 2))}


def _jaccard(one: set[str], other: set[str]) -> float:
    common = len(one & other)
    return common / (len(one) + len(other) - common)


def _signature(shingles: set[str]) -> RMinHash:
    signature = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
    signature.update(list(shingles))
    return signature
