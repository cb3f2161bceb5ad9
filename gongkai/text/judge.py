"""Judging a target on the closed letters themselves: how often would the suggestion have been right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from gongkai.text.features import Cues
from gongkai.text.learn import FEW, Target, enough, train
from gongkai.text.model import ModelError, Suggestion

PRECISIONS = (0.90, 0.95, 0.98, 0.99)
CONFIDENCES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)


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
class Threshold:
    """Suggestions of at least this ``confidence``: the ``share`` of the letters that have one, and how many are right.

    ``precision`` is None when there is none. Labels that may not be filled in without a person do not count; letters
    of a label too rare to learn do, and are never right.
    """

    confidence: float
    share: float
    precision: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """What a model would have said about closed letters it was not shown."""

    letters: int
    accuracy: float
    first_two: float
    macro_f1: float
    labels: tuple[LabelScore, ...]
    coverage: tuple[Coverage, ...]
    thresholds: tuple[Threshold, ...]
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
    never: Collection[str] = (),
) -> Report:
    """Judge a target on the closed letters themselves: each is suggested by a model that has not seen it.

    Letters of a label too rare to be learnt in every fold are left out, but for the thresholds. ``never`` are
    labels that a person alone gives. Raises ``ModelError`` when fewer than two labels remain.
    """
    least = ceil(FEW * folds / (folds - 1))
    kept = enough(target, least)
    known = np.array([row for row, label in enumerate(kept) if label is not None])
    if len(set(kept) - {None}) < 2:
        raise ModelError(f"办结的来信太少：至少要有两个类别各 {least} 件。")
    truth = np.array([str(kept[row]) for row in known])
    letters = [texts[row] for row in known]
    rare = [
        text for text, label, one in zip(texts, target.labels, kept, strict=True) if label and one is None
    ]
    told: dict[int, Suggestion] = {}
    strangers: list[Suggestion] = []
    for fold, (fit, held) in enumerate(
        StratifiedKFold(folds, shuffle=True, random_state=0).split(truth, truth)
    ):
        part = Target([str(truth[row]) for row in fit], target.features)
        model = train([letters[row] for row in fit], {"it": part}, names=names, cues=cues)
        for row, suggestion in zip(held, model.suggest([letters[row] for row in held]), strict=True):
            told[row] = suggestion["it"]
        strangers += [suggestion["it"] for suggestion in model.suggest(rare[fold::folds])]
    return _report(truth, [told[row] for row in range(len(letters))], strangers, never)


def _report(
    truth: NDArray[np.str_],
    told: Sequence[Suggestion],
    strangers: Sequence[Suggestion],
    never: Collection[str],
) -> Report:
    said = np.array([suggestion.label for suggestion in told])
    sure = np.array([suggestion.confidence for suggestion in told])
    right = said == truth
    filled = [
        (suggestion.confidence, suggestion.label == label)
        for suggestion, label in zip((*told, *strangers), (*truth, *([None] * len(strangers))), strict=True)
        if suggestion.label not in never
    ]
    letters = len(told) + len(strangers)
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
        thresholds=tuple(_threshold(filled, letters, least) for least in CONFIDENCES),
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


def _threshold(filled: Sequence[tuple[float, bool]], letters: int, least: float) -> Threshold:
    right = [is_right for sure, is_right in filled if sure >= least]
    return Threshold(least, len(right) / letters, sum(right) / len(right) if right else None)


def _calibration_error(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    band = np.minimum((sure * 10).astype(int), 9)
    return float(sum(abs(sure[band == at].sum() - right[band == at].sum()) for at in range(10)) / len(right))
