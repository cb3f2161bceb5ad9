"""Judging a target on the closed letters themselves: how often would the suggestion have been right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from gongkai.text.features import Cues
from gongkai.text.learn import FEW, Target, enough, train
from gongkai.text.model import ModelError, Suggestion

PRECISIONS = (0.90, 0.95, 0.98, 0.99)


@dataclass(frozen=True, slots=True)
class LabelScore:
    """One label: the share of its ``letters`` found (recall), of those suggested right (precision)."""

    label: str
    letters: int
    recall: float
    precision: float
    f1: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """Deciding from ``confidence`` on settles ``share`` of the letters at ``precision``."""

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
    texts: Sequence[str],
    target: Target,
    *,
    folds: int = 5,
    names: Sequence[str] = (),
    cues: Cues | None = None,
) -> Report:
    """Judge a target on the closed letters themselves: each is suggested by a model that has not seen it.

    Letters of a label too rare to be learnt in every fold are left out. Raises ``ModelError`` when
    fewer than two labels remain.
    """
    least = ceil(FEW * folds / (folds - 1))
    kept = enough(target, least)
    known = np.array([row for row, label in enumerate(kept) if label is not None])
    if len(set(kept) - {None}) < 2:
        raise ModelError(f"办结的来信太少：至少要有两个类别各 {least} 件。")
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
        scores.append(
            LabelScore(str(label), has, hits / has, hits / got if got else 0.0, 2 * hits / (has + got))
        )
    return Report(
        letters=len(truth),
        accuracy=float(right.mean()),
        first_two=float((right | (second == truth)).mean()),
        macro_f1=float(np.mean([score.f1 for score in scores])),
        labels=tuple(scores),
        coverage=tuple(_coverage(sure, right, precision) for precision in PRECISIONS),
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
