"""A linear reader of letters: learns topic, nature and unit from closed letters and suggests them for new ones.

Three blocks of features: ``words`` (one, and two in a row), ``chars`` (runs of two and three characters), ``cues``
(groups of cue words, see ``nature.CUES``). One linear support vector machine a target stands on the same features,
so a letter is cut once however many things are asked about it. Every gram is its own number (three characters fit
63 bits): nothing is hashed, nothing collides.

A suggestion says how sure it is and which words of the letter led to it. A person decides.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse, special
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from gongkai.text import cut
from gongkai.text.cut import Cutter, is_word, normal

WORDS, CHARS, CUES = "words", "chars", "cues"
FEW = 6
"""A label with fewer closed letters than this is not learnt."""
MANY = 3_000
"""From here on a gram must be in three letters, not two, and a fifth of the letters is enough to calibrate on."""
BATCH = 1_000
CUE_WEIGHT = 0.6

_FORMAT = 1

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]
Cues = Mapping[str, Sequence[str]]


class ModelError(ValueError):
    """A model cannot be trained or read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be learnt: one label a letter (None where unknown) and the blocks of features that tell it.

    Topics and units are told by words and chars; the nature of a letter by words and cues.
    """

    labels: Sequence[str | None]
    features: tuple[str, ...] = (WORDS, CHARS)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a letter may be, how sure that is, and why.

    ``confidence`` (0..1) is calibrated on letters the model had not seen: of a hundred suggestions with 0.9, about
    ninety are right. ``runners_up`` are the next two labels with theirs. ``words`` are the words of the letter
    that led to the label, strongest first.
    """

    label: str
    confidence: float
    runners_up: tuple[tuple[str, float], ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The grams of one kind that are known: sorted keys, and the weight (inverse document frequency) of each."""

    keys: Keys
    weights: Floats

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
        counts.data = (1 + np.log(counts.data)) * self.weights[counts.indices]
        squares = np.bincount(_rows_of(counts), counts.data**2, letters)
        counts.data *= (1 / np.sqrt(np.maximum(squares, 1e-12)))[_rows_of(counts)]
        return counts.astype(np.float32)


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
        words = _numbered(sorted(word for word, letters in seen.items() if letters >= least))
        bare = cls(cutter, words, {}, cues)
        found: dict[str, list[tuple[Keys, Ints]]] = {WORDS: [], CHARS: []}
        for batch in _batches(texts):
            for name, (keys, rows) in bare._grams([normal(text) for text in batch]).items():
                found[name].append(_letters_with(keys, rows))
        return cls(cutter, words, {name: _block(parts, least, len(texts)) for name, parts in found.items()}, cues)

    @property
    def spans(self) -> dict[str, slice]:
        """The columns of each block of features."""
        ends = np.cumsum([0, len(self.blocks[WORDS].keys), len(self.blocks[CHARS].keys), len(self.cues)])
        return {name: slice(ends[at], ends[at + 1]) for at, name in enumerate((WORDS, CHARS, CUES))}

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Letters x features. The first ``len(self.words)`` columns are the single words."""
        parts = [self._transform(batch) for batch in _batches(texts)]
        return sparse.vstack(parts, format="csr", dtype=np.float32)

    def _transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        plain = [normal(text) for text in texts]
        grams = self._grams(plain)
        parts = [self.blocks[name].weigh(*grams[name], len(plain)) for name in (WORDS, CHARS)]
        return sparse.hstack([*parts, self._cue_counts(plain)], format="csr", dtype=np.float32)

    def _grams(self, plain: Sequence[str]) -> dict[str, tuple[Keys, Ints]]:
        return {WORDS: self._word_grams(plain), CHARS: _char_grams(plain)}

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


@dataclass(frozen=True, slots=True)
class Head:
    """One target: a weight for every feature and label, and how scores become confidence.

    ``reach`` is the share of closed letters whose label was common enough to be learnt: no suggestion is surer.
    """

    labels: tuple[str, ...]
    weights: Floats
    offsets: Floats
    sharpness: float
    reach: float

    def scores(self, features: sparse.csr_matrix) -> Floats:
        return np.asarray(features @ self.weights + self.offsets, np.float32)

    def confidence(self, scores: Floats) -> Floats:
        return np.asarray(self.reach * special.softmax(self.sharpness * scores, axis=1), np.float32)


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt from the closed letters of one place."""

    vectoriser: Vectoriser
    heads: Mapping[str, Head]

    def suggest(self, texts: Sequence[str]) -> list[dict[str, Suggestion]]:
        """For every letter a suggestion for each target."""
        letters: list[dict[str, Suggestion]] = []
        for batch in _batches(texts):
            features = self.vectoriser.transform(batch)
            told = {name: self._suggest(head, features) for name, head in self.heads.items()}
            letters += [{name: told[name][row] for name in told} for row in range(len(batch))]
        return letters

    def _suggest(self, head: Head, features: sparse.csr_matrix) -> list[Suggestion]:
        confidence = head.confidence(head.scores(features))
        confidence[np.diff(features.indptr) == 0] = 0
        best = np.argsort(-confidence, axis=1, kind="stable")[:, :3]
        words = self._words(head, features, best[:, 0])
        return [
            Suggestion(
                label=head.labels[ranked[0]],
                confidence=float(confidence[row, ranked[0]]),
                runners_up=tuple((head.labels[at], float(confidence[row, at])) for at in ranked[1:]),
                words=words[row],
            )
            for row, ranked in enumerate(best)
        ]

    def _words(self, head: Head, features: sparse.csr_matrix, label: Ints, most: int = 5) -> list[tuple[str, ...]]:
        """The words of each letter that count most for its label."""
        row, column = _rows_of(features), features.indices
        share = features.data * head.weights[column, label[row]]
        telling = np.flatnonzero((column < len(self.vectoriser.words)) & (share > 0))
        telling = telling[np.lexsort((column[telling], -share[telling], row[telling]))]
        first = np.searchsorted(row[telling], np.arange(features.shape[0] + 1))
        chosen, words = column[telling], list(self.vectoriser.words)
        return [
            tuple(words[at] for at in chosen[start : min(start + most, end)])
            for start, end in zip(first[:-1], first[1:], strict=True)
        ]

    def save(self) -> bytes:
        """The model as bytes: arrays and JSON, nothing executable."""
        about = {
            "format": _FORMAT,
            "cutter": cut.VERSION,
            "names": self.vectoriser.cutter.names,
            "words": list(self.vectoriser.words),
            "cues": {group: list(words) for group, words in self.vectoriser.cues.items()},
            "heads": {name: [head.labels, head.sharpness, head.reach] for name, head in self.heads.items()},
        }
        arrays: dict[str, NDArray[Any]] = {"about": np.frombuffer(json.dumps(about).encode(), np.uint8)}
        for name, block in self.vectoriser.blocks.items():
            arrays |= {f"{name}.keys": block.keys, f"{name}.weights": block.weights}
        for at, head in enumerate(self.heads.values()):
            arrays |= {f"head{at}.weights": head.weights.astype(np.float16), f"head{at}.offsets": head.offsets}
        stream = io.BytesIO()
        np.savez_compressed(stream, allow_pickle=False, **arrays)
        return stream.getvalue()

    @classmethod
    def load(cls, saved: bytes) -> Model:
        """Read what ``save`` wrote; ``ModelError`` when it is damaged or was made by another cutter."""
        try:
            with np.load(io.BytesIO(saved), allow_pickle=False) as arrays:
                about = json.loads(arrays["about"].tobytes())
                if (about["format"], about["cutter"]) != (_FORMAT, cut.VERSION):
                    raise ModelError(f"模型由另一版本（{about['cutter']}）训练，现为 {cut.VERSION}：请重新训练。")
                blocks = {name: Block(arrays[f"{name}.keys"], arrays[f"{name}.weights"]) for name in (WORDS, CHARS)}
                cutter = Cutter(about["names"])
                vectoriser = Vectoriser(cutter, _numbered(about["words"]), blocks, about["cues"])
                heads = {
                    name: Head(
                        tuple(labels),
                        arrays[f"head{at}.weights"].astype(np.float32),
                        arrays[f"head{at}.offsets"],
                        sharpness,
                        reach,
                    )
                    for at, (name, (labels, sharpness, reach)) in enumerate(about["heads"].items())
                }
        except (KeyError, TypeError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
            if isinstance(error, ModelError):
                raise
            raise ModelError("模型文件已损坏：请重新训练。") from error
        return cls(vectoriser, heads)


def train(
    texts: Sequence[str], targets: Mapping[str, Target], *, names: Sequence[str] = (), cues: Cues | None = None
) -> Model:
    """Learn every target from closed letters; ``names`` are the place's own names, kept whole when cutting.

    A label with fewer than ``FEW`` letters is left out, a target with fewer than two labels too. Raises
    ``ModelError`` when nothing is left to learn.
    """
    for name, target in targets.items():
        if len(target.labels) != len(texts):
            raise ModelError(f"“{name}”有 {len(target.labels)} 个标签，来信有 {len(texts)} 件：两者应当相等。")
    learnable = {name: kept for name, target in targets.items() if len(set(kept := _enough(target)) - {None}) > 1}
    if not learnable:
        raise ModelError(f"办结的来信太少：至少要有两个类别各 {FEW} 件。")
    vectoriser = Vectoriser.fit(texts, Cutter(names), cues or {})
    features = vectoriser.transform(texts)
    spans = vectoriser.spans
    heads = {}
    for name, kept in learnable.items():
        rows = np.array([row for row, label in enumerate(kept) if label is not None])
        used = np.zeros(features.shape[1], np.float32)
        for block in targets[name].features:
            used[spans[block]] = 1
        reach = len(rows) / sum(label is not None for label in targets[name].labels)
        heads[name] = _head(features[rows] @ sparse.diags(used), [str(kept[row]) for row in rows], reach)
    return Model(vectoriser, heads)


def _enough(target: Target) -> list[str | None]:
    count = Counter(target.labels)
    return [label if count[label] >= FEW else None for label in target.labels]


def _head(features: sparse.csr_matrix, labels: Sequence[str], reach: float) -> Head:
    """Fit one target, and calibrate it on letters held out from a fit of their own."""
    names, truth = np.unique(np.array(labels), return_inverse=True)
    folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(truth, truth))
    scores, right = [], []
    for fit, held in folds[:1] if len(truth) >= MANY else folds:
        weights, offsets = _fit(features[fit], truth[fit], len(names))
        scores.append(features[held] @ weights + offsets)
        right.append(truth[held])
    sharpness = _sharpness(np.concatenate(scores), np.concatenate(right))
    weights, offsets = _fit(features, truth, len(names))
    return Head(tuple(str(name) for name in names), weights, offsets, sharpness, reach)


def _fit(features: sparse.csr_matrix, truth: Ints, labels: int) -> tuple[Floats, Floats]:
    machine = LinearSVC(C=0.5, class_weight="balanced", tol=0.01, random_state=0).fit(features, truth)
    weights, offsets = machine.coef_.T, machine.intercept_
    if labels == 2:
        weights, offsets = np.hstack([-weights, weights]), np.hstack([-offsets, offsets])
    return _rounded(weights), np.asarray(offsets, np.float32)


def _rounded(weights: NDArray[Any]) -> Floats:
    """As precise as they are saved, so that a loaded model says exactly what the fresh one said."""
    return np.ascontiguousarray(weights, np.float16).astype(np.float32)


def _sharpness(scores: Floats, truth: Ints) -> float:
    """The factor before the softmax under which the held-out labels are likeliest."""

    def surprise(log: float) -> float:
        told = special.log_softmax(np.exp(log) * scores, axis=1)
        return float(-told[np.arange(len(truth)), truth].mean())

    return float(np.exp(optimize.minimize_scalar(surprise, bounds=(-3, 5), method="bounded").x))


def _numbered(words: Sequence[str]) -> dict[str, int]:
    return {word: at for at, word in enumerate(words)}


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]


def _rows_of(matrix: sparse.csr_matrix) -> Ints:
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def _char_grams(plain: Sequence[str]) -> tuple[Keys, Ints]:
    """Runs of two and three characters, none across a space: 21 bits a character."""
    points = np.frombuffer("\0".join(plain).encode("utf-32-le", "replace"), "<u4").astype(np.uint64)
    rows = np.cumsum(points == 0)
    letter = points > 32
    two = letter[:-1] & letter[1:]
    three = two[:-1] & letter[2:]
    pairs = (points[:-1] << np.uint64(21)) | points[1:]
    triples = (pairs[:-1] << np.uint64(21)) | points[2:]
    return np.concatenate([pairs[two], triples[three]]), np.concatenate([rows[1:][two], rows[2:][three]])


def _letters_with(keys: Keys, rows: Ints) -> tuple[Keys, Ints]:
    """Each gram once, with the number of letters it is in."""
    grams, gram = np.unique(keys, return_inverse=True)
    height = int(rows.max(initial=0)) + 1
    pairs = np.unique(gram * height + rows)
    return grams, np.bincount(pairs // height, minlength=len(grams))


def _block(parts: Sequence[tuple[Keys, Ints]], least: int, letters: int) -> Block:
    grams, gram = np.unique(np.concatenate([keys for keys, _ in parts]), return_inverse=True)
    seen = np.bincount(gram, np.concatenate([count for _, count in parts]), len(grams))
    often = seen >= least
    return Block(grams[often], (np.log((1 + letters) / (1 + seen[often])) + 1).astype(np.float32))


@dataclass(frozen=True, slots=True)
class LabelScore:
    """How well one label is found: of ``letters`` with it, ``recall`` found; of those suggested, ``precision`` right."""

    label: str
    letters: int
    recall: float
    precision: float
    f1: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """Deciding only where confidence is at least ``confidence`` settles ``share`` of the letters at ``precision``."""

    precision: float
    share: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Report:
    """What a model would have said about closed letters it was not shown."""

    letters: int
    accuracy: float
    first_two: float
    macro_f1: float
    labels: tuple[LabelScore, ...]
    coverage: tuple[Coverage, ...]
    confusion: Mapping[tuple[str, str], int]
    """(the label it has, the label suggested) -> letters."""
    calibration_error: float
    """Mean distance between confidence and share right, over ten bands of confidence."""


def cross_validate(
    texts: Sequence[str], target: Target, *, folds: int = 5, names: Sequence[str] = (), cues: Cues | None = None
) -> Report:
    """Judge a target on the closed letters themselves: each is suggested by a model that has not seen it."""
    kept = _enough(target)
    known = np.array([row for row, label in enumerate(kept) if label is not None])
    if len(set(kept) - {None}) < 2:
        raise ModelError(f"办结的来信太少：至少要有两个类别各 {FEW} 件。")
    truth = np.array([str(kept[row]) for row in known])
    letters = [texts[row] for row in known]
    told: list[Suggestion | None] = [None] * len(letters)
    for fit, held in StratifiedKFold(folds, shuffle=True, random_state=0).split(truth, truth):
        part = Target([str(truth[row]) for row in fit], target.features)
        model = train([letters[row] for row in fit], {"it": part}, names=names, cues=cues)
        for row, suggestion in zip(held, model.suggest([letters[row] for row in held]), strict=True):
            told[row] = suggestion["it"]
    return _report(truth, [suggestion for suggestion in told if suggestion is not None])


def _report(truth: NDArray[np.str_], told: Sequence[Suggestion]) -> Report:
    said = np.array([suggestion.label for suggestion in told])
    sure = np.array([suggestion.confidence for suggestion in told])
    right = said == truth
    second = np.array([s.runners_up[0][0] if s.runners_up else s.label for s in told])
    scores = []
    for label in np.unique(truth):
        hits = int(np.count_nonzero(right & (truth == label)))
        has, got = int(np.count_nonzero(truth == label)), int(np.count_nonzero(said == label))
        scores.append(LabelScore(str(label), has, hits / has, hits / got if got else 0.0, 2 * hits / (has + got)))
    return Report(
        letters=len(truth),
        accuracy=float(right.mean()),
        first_two=float((right | (second == truth)).mean()),
        macro_f1=float(np.mean([score.f1 for score in scores])),
        labels=tuple(scores),
        coverage=tuple(_coverage(sure, right, precision) for precision in (0.90, 0.95, 0.98, 0.99)),
        confusion=Counter(zip(truth.tolist(), said.tolist(), strict=True)),
        calibration_error=_calibration_error(sure, right),
    )


def _coverage(sure: NDArray[np.float64], right: NDArray[np.bool_], precision: float) -> Coverage:
    order = np.argsort(-sure, kind="stable")
    enough = np.flatnonzero(np.cumsum(right[order]) >= precision * np.arange(1, len(right) + 1))
    if not len(enough):
        return Coverage(precision, 0.0, 1.0)
    last = int(enough[-1])
    return Coverage(precision, (last + 1) / len(right), float(sure[order[last]]))


def _calibration_error(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    band = np.minimum((sure * 10).astype(int), 9)
    return float(sum(abs(sure[band == at].sum() - right[band == at].sum()) for at in range(10)) / len(right))
