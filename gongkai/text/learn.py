"""A linear reader: learns topic, nature and unit from closed letters and suggests them for new ones.

One linear support vector machine a target stands on the same features (see ``features``), so a letter
is cut once however many things are asked about it. A suggestion says how sure it is and which words of
the letter led to it. A person decides.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse, special
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from gongkai.text import cut
from gongkai.text.cut import Cutter
from gongkai.text.features import (
    CHARS,
    MANY,
    WORDS,
    Block,
    Cues,
    Floats,
    Ints,
    Vectoriser,
    batches,
    numbered,
    rows_of,
)

FEW = 6
"""A label with fewer closed letters than this is not learnt."""

_FORMAT = 1


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

    ``confidence`` (0..1) is calibrated on letters the model had not seen: of a hundred suggestions with 0.9,
    about ninety are right. ``runners_up`` are the next two labels with theirs. ``words`` are the words of the
    letter that led to the label, strongest first.
    """

    label: str
    confidence: float
    runners_up: tuple[tuple[str, float], ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """One target: a weight for every feature and label, and how scores become confidence.

    ``reach`` is the share of closed letters whose label was common enough to learn: no suggestion is surer.
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
        for batch in batches(texts):
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

    def _words(
        self, head: Head, features: sparse.csr_matrix, label: Ints, most: int = 5
    ) -> list[tuple[str, ...]]:
        """The words of each letter that count most for its label."""
        row, column = rows_of(features), features.indices
        share = features.data * head.weights[column, label[row]]
        telling = np.flatnonzero((column < len(self.vectoriser.words)) & (share > 0))
        telling = telling[np.lexsort((column[telling], -share[telling], row[telling]))]
        first = np.searchsorted(row[telling], np.arange(features.shape[0] + 1))
        chosen, words = column[telling], list(self.vectoriser.words)
        return [
            tuple(words[at] for at in chosen[start : min(start + most, end)])
            for start, end in pairwise(first)
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
            arrays |= {
                f"head{at}.weights": head.weights.astype(np.float16),
                f"head{at}.offsets": head.offsets,
            }
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
                    raise ModelError(
                        f"模型由另一版本（{about['cutter']}）训练，现为 {cut.VERSION}：请重新训练。"
                    )
                blocks = {
                    name: Block(arrays[f"{name}.keys"], arrays[f"{name}.weights"]) for name in (WORDS, CHARS)
                }
                cutter = Cutter(about["names"])
                vectoriser = Vectoriser(cutter, numbered(about["words"]), blocks, about["cues"])
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
    texts: Sequence[str],
    targets: Mapping[str, Target],
    *,
    names: Sequence[str] = (),
    cues: Cues | None = None,
) -> Model:
    """Learn every target from closed letters; ``names`` are the place's own names, kept whole when cutting.

    A label with fewer than ``FEW`` letters is left out, a target with fewer than two labels too. Raises
    ``ModelError`` when nothing is left to learn.
    """
    for name, target in targets.items():
        if len(target.labels) != len(texts):
            raise ModelError(
                f"“{name}”有 {len(target.labels)} 个标签，来信有 {len(texts)} 件：两者应当相等。"
            )
    learnable = {
        name: kept for name, target in targets.items() if len(set(kept := enough(target)) - {None}) > 1
    }
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


def enough(target: Target, least: int = FEW) -> list[str | None]:
    """The labels, None in place of those too rare to learn."""
    count = Counter(target.labels)
    return [label if count[label] >= least else None for label in target.labels]


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
