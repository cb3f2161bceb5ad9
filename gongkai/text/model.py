"""A linear reader as it is used: suggests topic, nature, time class and unit for new letters.

One linear machine a target stands on the same features (see ``features``), so a letter is cut once however
many things are asked about it. A suggestion says how sure it is and which words of the letter led to it. A
person decides. Everything is arrays: what trained it (see ``learn``) is not needed here, nor loaded.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from gongkai.text import cut
from gongkai.text.cut import Cutter
from gongkai.text.features import (
    GRAMS,
    Block,
    Floats,
    Ints,
    Vectoriser,
    batches,
    numbered,
    rows_of,
)
from gongkai.text.relevance import Relevance

_FORMAT = 3


class ModelError(ValueError):
    """A model cannot be trained or read; the message says why and what to do."""


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

    ``sharpness`` is Platt's method for several labels: the factor under which labels held out were likeliest.
    ``reach`` is the share of closed letters whose label was common enough to learn, less what so few letters
    leave open (Laplace's rule of succession): no suggestion is surer.
    """

    labels: tuple[str, ...]
    weights: Floats
    offsets: Floats
    sharpness: float
    reach: float

    def scores(self, features: sparse.csr_matrix) -> Floats:
        return np.asarray(features @ self.weights + self.offsets, np.float32)

    def confidence(self, scores: Floats) -> Floats:
        return np.asarray(self.reach * softmax(self.sharpness * scores), np.float32)


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt from the closed letters of one place, and from their replies if there were any."""

    vectoriser: Vectoriser
    heads: Mapping[str, Head]
    relevance: Relevance | None = None

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
        if self.relevance:
            arrays |= {"usual.letters": self.relevance.letters, "usual.replies": self.relevance.replies}
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
                blocks = {name: Block(arrays[f"{name}.keys"], arrays[f"{name}.weights"]) for name in GRAMS}
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
                relevance = None
                if "usual.letters" in arrays:
                    relevance = Relevance(vectoriser, arrays["usual.letters"], arrays["usual.replies"])
        except (KeyError, TypeError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
            if isinstance(error, ModelError):
                raise
            raise ModelError("模型文件已损坏：请重新训练。") from error
        return cls(vectoriser, heads, relevance)


def softmax(scores: Floats) -> Floats:
    """Each row as shares of one."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares
