"""Whether a reply is about its letter.

Likeness alone misleads: every reply thanks, every letter asks, and some say much that all say. So what a
letter has in common with the usual reply, and a reply with the usual letter, is taken off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from gongkai.text.features import CHARS, Floats, Vectoriser

COMMON_TALK = 2.0
"""How much the likeness to the usual counts against a pair; measured on letters apart from those it is judged by."""


@dataclass(frozen=True, slots=True)
class Relevance:
    """Knows the usual letter and the usual reply of a place: the mean of their words and runs of characters."""

    vectoriser: Vectoriser
    letters: Floats
    replies: Floats

    @classmethod
    def learn(cls, letters: Sequence[str], replies: Sequence[str], vectoriser: Vectoriser) -> Relevance:
        """From letters (first line: the title) and what was answered."""
        asked, said = _asked(letters, vectoriser), _said(replies, vectoriser)
        return cls(vectoriser, _mean(asked), _mean(said))

    def scores(self, letters: Sequence[str], replies: Sequence[str]) -> list[float]:
        """How much each reply is about its letter, about -0.1 to 1; around 0 it is about nothing in it."""
        asked, said = _asked(letters, self.vectoriser), _said(replies, self.vectoriser)
        alike = np.asarray(asked.multiply(said).sum(axis=1)).ravel()
        usual = asked @ self.replies + said @ self.letters - self.letters @ self.replies
        return [float(score) / 2 for score in alike - COMMON_TALK * usual]


def _asked(letters: Sequence[str], vectoriser: Vectoriser) -> sparse.csr_matrix:
    """Letters as rows, the title once more."""
    titles = [letter.strip().partition("\n")[0] for letter in letters]
    return (_said(letters, vectoriser) + _said(titles, vectoriser)) / 2


def _said(texts: Sequence[str], vectoriser: Vectoriser) -> sparse.csr_matrix:
    return vectoriser.transform(texts)[:, : vectoriser.spans[CHARS].stop]


def _mean(rows: sparse.csr_matrix) -> Floats:
    mean: Floats = np.asarray(rows.mean(axis=0), np.float32).ravel()
    return mean
