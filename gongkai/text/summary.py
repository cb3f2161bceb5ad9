"""A summary made of the texts' own sentences, each with its source: nothing is written that nobody said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p, sqrt

from gongkai.text.cut import Cutter, plain_cutter

_SENTENCE = re.compile(r"[^。！？!?；;\n]{40,}?[，,]|[^。！？!?；;\n]+[。！？!?；;]?")
"""Up to a full stop; a sentence that runs on is broken at the first comma after forty characters."""
_SHORTEST = 8


@dataclass(frozen=True, slots=True)
class Sentence:
    """Sentence ``index`` (from 0) of text number ``source``: ``start:end`` of that text."""

    source: int
    index: int
    start: int
    end: int
    text: str


def sentences(text: str, source: int = 0) -> list[Sentence]:
    """The sentences of a text, without the space around them."""
    found: list[Sentence] = []
    for match in _SENTENCE.finditer(text):
        words = match[0].strip()
        if words:
            start = match.start() + match[0].index(words)
            found.append(Sentence(source, len(found), start, start + len(words), words))
    return found


def key_sentences(texts: Sequence[str], *, most: int = 3, cutter: Cutter | None = None) -> list[Sentence]:
    """The sentences nearest to what the texts say together, without repetition, in the order of the texts.

    Weighs each word by the number of sentences that use it and takes the sentences nearest to that
    centre (centroid); one that shares most of its words with one taken already is passed over. Empty when
    there is none.
    """
    cutter = cutter or plain_cutter()
    candidates = [one for source, text in enumerate(texts) for one in sentences(text, source)]
    words = [frozenset(cutter.words(one.text)) for one in candidates]
    centre = {word: log1p(uses) for word, uses in Counter(word for used in words for word in used).items()}

    def nearness(at: int) -> float:
        if len(candidates[at].text) < _SHORTEST or not words[at]:
            return 0.0
        return sum(centre[word] for word in words[at]) / sqrt(len(words[at]))

    taken: list[int] = []
    for at in sorted(range(len(candidates)), key=lambda at: (-nearness(at), at)):
        if len(taken) == most or not nearness(at):
            break
        if all(
            len(words[at] & words[other]) < 0.7 * min(len(words[at]), len(words[other])) for other in taken
        ):
            taken.append(at)
    return [candidates[at] for at in sorted(taken)]
