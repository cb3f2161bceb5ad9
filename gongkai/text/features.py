"""Letters as rows of numbers: words, runs of characters, cue words and what was said to them, weighed by TF-IDF.

Every gram is its own number (three characters of 21 bits fit 63): nothing is hashed, nothing collides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from gongkai.text.cut import Cutter, normal
from gongkai.text.discussed import heard_of

WORDS, CHARS, CUES, HEARD = "words", "chars", "cues", "heard"
MANY = 3_000
"""From this many letters on a gram must be in three of them to count, not two."""
BATCH = 1_000
CUE_WEIGHT = 0.6
GRAMS: Mapping[str, float] = {WORDS: 1, CHARS: 1, HEARD: 1.8}
"""The blocks of grams, in their order, and how much each counts; measured on letters and posts (bench/README.md)."""

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]
Cues = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Block:
    """The grams of one kind that are known: sorted keys, and the inverse document frequency of each."""

    keys: Keys
    weights: Floats

    @classmethod
    def among(cls, grams: Keys, seen: Ints, letters: int, *, least: int = 2) -> Block:
        """Of sorted ``grams``, ``seen`` in so many of the ``letters``, those seen often enough."""
        often = seen >= least
        return cls(grams[often], rarity(seen[often], letters))

    def weigh(self, keys: Keys, rows: Ints, letters: int) -> sparse.csr_matrix:
        """TF-IDF of the grams ``keys`` found in the letters ``rows``: letters x grams, rows of length one."""
        if not len(self.keys):
            return sparse.csr_matrix((letters, 0), dtype=np.float32)
        order = np.argsort(keys)
        keys, rows = keys[order], rows[order]
        columns = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = self.keys[columns] == keys
        ones = np.ones(np.count_nonzero(known), np.float32)
        counts = sparse.coo_matrix((ones, (rows[known], columns[known])), (letters, len(self.keys))).tocsr()
        return weighed(counts, self.weights)


@dataclass(frozen=True, slots=True)
class Vectoriser:
    """Turns letters into rows of numbers, the same way for every target."""

    cutter: Cutter
    words: Mapping[str, int]
    blocks: Mapping[str, Block]
    cues: Cues

    @classmethod
    def fit(cls, texts: Sequence[str], cutter: Cutter, cues: Cues) -> Vectoriser:
        """Learn which grams occur often enough to count, and how rare each is."""
        least = 2 if len(texts) < MANY else 3
        seen = Counter(word for text in texts for word in set(cutter.words(text)))
        words = numbered(sorted(word for word, letters in seen.items() if letters >= least))
        bare = cls(cutter, words, {}, cues)
        parts = [bare._grams([normal(text) for text in batch], heard_of(batch)) for batch in batches(texts)]
        blocks = {}
        for name in GRAMS:
            seen_in = [letters_with(*part[name]) for part in parts]
            grams, gram = np.unique(np.concatenate([grams for grams, _ in seen_in]), return_inverse=True)
            letters = np.bincount(gram, np.concatenate([letters for _, letters in seen_in]), len(grams))
            blocks[name] = Block.among(grams, letters, len(texts), least=least)
        return cls(cutter, words, blocks, cues)

    @property
    def spans(self) -> dict[str, slice]:
        """The columns of each block of features."""
        ends = np.cumsum([0, *(len(self.blocks[name].keys) for name in GRAMS), len(self.cues)])
        return {name: slice(ends[at], ends[at + 1]) for at, name in enumerate((*GRAMS, CUES))}

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Letters x features. The first ``len(self.words)`` columns are the single words."""
        parts = [self._transform(batch) for batch in batches(texts)]
        return sparse.vstack(parts, format="csr", dtype=np.float32)

    def _transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        plain = [normal(text) for text in texts]
        grams = self._grams(plain, heard_of(texts))
        parts = [share * self.blocks[name].weigh(*grams[name], len(plain)) for name, share in GRAMS.items()]
        return sparse.hstack([*parts, self._cue_counts(plain)], format="csr", dtype=np.float32)

    def _grams(self, plain: Sequence[str], heard: Sequence[str]) -> dict[str, tuple[Keys, Ints]]:
        return {WORDS: self._word_grams(plain), CHARS: char_grams(plain), HEARD: char_grams(heard)}

    def _word_grams(self, plain: Sequence[str]) -> tuple[Keys, Ints]:
        number = self.words
        found = [[number[piece] for piece in self.cutter.cut(text) if piece in number] for text in plain]
        ones = np.array([at for letter in found for at in letter], np.uint64)
        rows = np.repeat(np.arange(len(found)), [len(letter) for letter in found])
        pairs = ((ones[:-1] + np.uint64(1)) << np.uint64(32)) | ones[1:]
        together = rows[:-1] == rows[1:]
        return np.concatenate([ones, pairs[together]]), np.concatenate([rows, rows[1:][together]])

    def _cue_counts(self, plain: Sequence[str]) -> sparse.csr_matrix:
        counts = np.zeros((len(plain), len(self.cues)), np.float32)
        if self.cues:
            group = [at for at, words in enumerate(self.cues.values()) for _ in words]
            finder = ahocorasick_rs.AhoCorasick([word for words in self.cues.values() for word in words])
            for row, text in enumerate(plain):
                for word, _, _ in finder.find_matches_as_indexes(text, overlapping=True):
                    counts[row, group[word]] += 1
        return sparse.csr_matrix(CUE_WEIGHT * np.log1p(counts))


def tf_idf(keys: Keys, rows: Ints, letters: int) -> sparse.csr_matrix:
    """TF-IDF of all the grams ``keys`` found in the letters ``rows``, as among themselves: letters x grams."""
    grams, gram = np.unique(keys, return_inverse=True)
    ones = np.ones(len(keys), np.float32)
    counts = sparse.coo_matrix((ones, (rows, gram)), (letters, len(grams))).tocsr()
    return weighed(counts, rarity(np.bincount(counts.indices, minlength=len(grams)), letters))


def rarity(seen: Ints, letters: int) -> Floats:
    """The inverse document frequency of grams ``seen`` in so many of the ``letters``."""
    return (np.log((1 + letters) / (1 + seen)) + 1).astype(np.float32)


def weighed(counts: sparse.csr_matrix, weights: Floats) -> sparse.csr_matrix:
    """Counts of grams, dampened, times the weight of each, in rows of length one."""
    letters, row = counts.shape[0], rows_of(counts)
    counts.data = (1 + np.log(counts.data)) * weights[counts.indices]
    squares = np.bincount(row, counts.data**2, letters)
    counts.data *= (1 / np.sqrt(np.maximum(squares, 1e-12)))[row]
    return counts.astype(np.float32)


def numbered(words: Sequence[str]) -> dict[str, int]:
    return {word: at for at, word in enumerate(words)}


def batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]


def rows_of(matrix: sparse.csr_matrix) -> Ints:
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def char_grams(plain: Sequence[str], lengths: Sequence[int] = (1, 2)) -> tuple[Keys, Ints]:
    """Runs of so many characters (three at most), none across a space: 21 bits a character."""
    points = np.frombuffer("\0".join(plain).encode("utf-32-le", "replace"), "<u4").astype(np.uint64)
    rows = np.cumsum(points == 0)
    inside, run = points > 32, points
    keys, found = [], []
    for length in range(1, max(lengths) + 1):
        if length > 1:
            inside = inside[:-1] & (points[length - 1 :] > 32)
            run = (run[:-1] << np.uint64(21)) | points[length - 1 :]
        if length in lengths:
            keys.append(run[inside])
            found.append(rows[: len(run)][inside])
    return np.concatenate(keys), np.concatenate(found)


def letters_with(keys: Keys, rows: Ints) -> tuple[Keys, Ints]:
    """Each gram once, with the number of letters it is in."""
    grams, gram = np.unique(keys, return_inverse=True)
    height = int(rows.max(initial=0)) + 1
    pairs = np.sort(gram * height + rows)  # sorting is several times quicker than the hashing of np.unique
    pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]]
    return grams, np.bincount(pairs // height, minlength=len(grams))
