"""What is to be looked at before a text goes out: words on the place's list, and personal data in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import ahocorasick_rs

from gongkai.documents import html
from gongkai.documents.models import Document
from gongkai.ledger import asks
from gongkai.text import screen

LIST = "release.sensitive_word"


@dataclass(frozen=True, slots=True)
class Findings:
    """Words on the list that stand in a text, each once, and pieces of personal data."""

    words: tuple[str, ...]
    private: tuple[screen.Finding, ...]

    def __bool__(self) -> bool:
        return bool(self.words or self.private)

    def as_points(self) -> list[tuple[str, str]]:
        """As (label, value) for a review sheet."""
        private = f"{len(self.private)} 处像个人信息，请核对是否应当隐去" if self.private else ""
        points = [("核对的词", "、".join(self.words)), ("个人信息", private)]
        return [(label, value) for label, value in points if value]


def find(document: Document) -> Findings:
    """What stands in the title and the present text of a document."""
    text = f"{document.title}\n{html.words(document.text)}"
    found = _matcher(asks.values_of(document.place_id, LIST)).find_matches_as_strings(text)
    return Findings(tuple(dict.fromkeys(found)), tuple(screen.find(text)))


@lru_cache(maxsize=16)
def _matcher(words: Sequence[str]) -> ahocorasick_rs.AhoCorasick:
    return ahocorasick_rs.AhoCorasick(words, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
