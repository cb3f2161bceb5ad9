"""Learning topic, nature, time class and unit from closed letters. Loads scikit-learn; using a model does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse, special
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from gongkai.text.cut import Cutter
from gongkai.text.features import CHARS, MANY, WORDS, Cues, Floats, Ints, Vectoriser
from gongkai.text.model import Head, Model, ModelError
from gongkai.text.relevance import Relevance

FEW = 6
"""A label with fewer closed letters than this is not learnt."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be learnt: one label a letter (None where unknown) and the blocks of features that tell it.

    Topics and units are told by words and chars; the nature of a letter by words and cues.
    """

    labels: Sequence[str | None]
    features: tuple[str, ...] = (WORDS, CHARS)


def train(
    texts: Sequence[str],
    targets: Mapping[str, Target],
    *,
    names: Sequence[str] = (),
    cues: Cues | None = None,
    replies: Sequence[str] = (),
) -> Model:
    """Learn every target from closed letters; ``names`` are the place's own names, kept whole when cutting.

    From the ``replies`` to them, in the same order, what a reply has in common with its letter is learnt too.

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
        labelled = sum(label is not None for label in targets[name].labels)
        reach = len(rows) / labelled * (len(rows) + 1) / (len(rows) + 2)
        heads[name] = _head(features[rows] @ sparse.diags(used), [str(kept[row]) for row in rows], reach)
    relevance = Relevance.learn(texts, replies, vectoriser) if replies else None
    return Model(vectoriser, heads, relevance)


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
