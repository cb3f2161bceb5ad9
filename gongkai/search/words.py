"""How text is compared and cut for finding: folded characters, then a set of character pairs.

Chinese is found by overlapping pairs of characters (and single ones), so that a two-character word inside
running text is found without a dictionary; words and numbers in other scripts are found whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

HAN = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
WORD = r"[0-9a-z\u00c0-\u1fff\u3040-\u30ff\ua000-\ud7a3]+"
_RUN = re.compile(rf"[{HAN}]+|{WORD}")
_ODD = re.compile(r"[^ 0-9a-z、。\u4e00-\u9fff]+")  # all that is not compared as it is
_GAP = re.compile(rf"(?<=[{HAN}])\s+(?=[{HAN}])")
_NUMBERED = re.compile(r"\s*〔\s*((?:19|20)[0-9]{2})\s*〕\s*第?\s*0*([1-9][0-9]*)\s*号")
_OPENING, _CLOSING = "([{【〔［（", ")]}】〕］）"
_QUOTES = "“”„‟「」『』＂"
_STOPS = re.compile(r"[，。、；：！？…,;!?\s]+")
_TERM = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')

LONGEST, MOST = 100, 10
"""The characters and the terms of a question that are looked at."""


@cache
def folds() -> dict[int, str]:
    """What each character is compared as: half width, lower case, one kind of bracket, no controls."""
    table: dict[int, str] = {}
    for code in (*range(0x20), *range(0x7F, 0x10000), *range(0x2F800, 0x2FA20)):
        character = chr(code)
        folded = unicodedata.normalize("NFKC", character).lower()
        if unicodedata.category(character) in ("Cc", "Cf"):
            folded = " " if character.isspace() else ""
        if folded != character:
            table[code] = folded
    table.update({code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)})
    table.update(dict.fromkeys(map(ord, _OPENING), "〔"))
    table.update(dict.fromkeys(map(ord, _CLOSING), "〕"))
    return table


def fold(text: str) -> str:
    """The text as it is compared. White space between Chinese characters goes, other becomes one space."""
    folded = _numbered(" ".join(_ODD.sub(_plain, text).split()))
    return _GAP.sub("", folded) if " " in folded else folded


def _plain(odd: re.Match[str]) -> str:
    return _translated(odd[0])


@lru_cache(maxsize=1 << 12)
def _translated(odd: str) -> str:
    return odd.translate(folds())


def _numbered(folded: str) -> str:
    """Document numbers (发文字号) written one way: `〔2026〕 第07号` as `〔2026〕7号`."""
    return _NUMBERED.sub(r"〔\1〕\2号", folded) if "〔" in folded else folded


@lru_cache(maxsize=1_000)
def tokens_of(term: str) -> tuple[str, ...]:
    """What an entry must hold to hold a folded term; none when the term is only signs."""
    wanted: dict[str, None] = {}
    for run in _RUN.findall(term):
        pairs = [run[i : i + 2] for i in range(len(run) - 1)] if is_han(run) else []
        wanted.update(dict.fromkeys(pairs or [run]))
    return tuple(wanted)


def holds(text: str, term: str) -> bool:
    """Whether a folded text holds a folded term as it stands, words in other scripts only as whole ones."""
    if term not in text:
        return False
    whole = {token for token in tokens_of(term) if not is_han(token)}
    return not whole or whole <= set(_RUN.findall(text))


def is_han(run: str) -> bool:
    """Whether a run of a text, or what it begins with, is Chinese."""
    return run[0] > "\u3000" and not "\u3040" <= run[0] <= "\u30ff" and not "\ua000" <= run[0] <= "\ud7a3"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asked for. Each term is a group of folded alternatives, any of which will do."""

    terms: tuple[tuple[str, ...], ...]
    excluded: tuple[str, ...] = ()

    @property
    def widened(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The words that were typed with those taken as equal, where there are any."""
        return tuple((typed, others) for typed, *rest in self.terms if (others := tuple(rest)))

    @property
    def words(self) -> tuple[str, ...]:
        """Every wanted word, longest first: what is marked in what was found."""
        return tuple(sorted({word for term in self.terms for word in term}, key=lambda w: (-len(w), w)))


def read(q: str, groups: Iterable[frozenset[str]] = ()) -> Asked:
    """Read a question: words, "phrases" as they stand, -words not wanted, each widened by its synonyms."""
    synonyms = list(groups)
    wanted: list[tuple[str, ...]] = []
    excluded: list[str] = []
    plain = _numbered(q[:LONGEST].translate(dict.fromkeys(map(ord, _QUOTES), '"')).translate(folds()))
    for match in _TERM.finditer(plain):
        phrase = match["phrase"]
        pieces = [phrase] if phrase is not None else _STOPS.split(match["word"])
        for piece in map(fold, pieces):
            if not tokens_of(piece):
                continue
            if match["minus"]:
                excluded.append(piece)
            else:
                others = (
                    set().union(*(group for group in synonyms if piece in group)) if phrase is None else set()
                )
                wanted.append((piece, *sorted(others - {piece})))
    return Asked(tuple(dict.fromkeys(wanted))[:MOST], tuple(dict.fromkeys(excluded))[:MOST])
