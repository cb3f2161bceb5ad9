"""Groups of words taken as equal, as a text: one group a line, words apart by spaces or 、; what stands after # is not read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gongkai.search.words import fold, tokens_of

MOST_WORDS = 10
LONGEST = 20  # characters of a word
MOST_GROUPS = 2_000
_APART = re.compile(r"[\s,，、;；=＝|]+")


class BadGroup(ValueError):
    """A line that is no group; the message says why, to the person who wrote it."""


def group_of(line: str) -> tuple[str, ...]:
    """The words of a line as they are compared, in order. Raises BadGroup."""
    words = tuple(sorted(dict.fromkeys(fold(word) for word in _APART.split(line) if word)))
    if len(words) < 2:
        raise BadGroup("一组至少要有两个不同的词")
    if len(words) > MOST_WORDS:
        raise BadGroup(f"一组最多 {MOST_WORDS} 个词")
    for word in words:
        if len(word) > LONGEST:
            raise BadGroup(f"“{word[:LONGEST]}…”太长，一个词最多 {LONGEST} 个字")
        if not tokens_of(word):
            raise BadGroup(f"“{word}”不是能查找的词")
    return words


def read(text: str) -> tuple[list[tuple[str, ...]], list[tuple[int, str]]]:
    """The groups of a text, and the lines that are none with the reason."""
    groups: dict[tuple[str, ...], None] = {}
    wrong: list[tuple[int, str]] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.partition("#")[0].strip()
        if not line:
            continue
        if len(groups) == MOST_GROUPS:
            wrong.append((number, f"一次最多 {MOST_GROUPS} 组，从这一行起没有读"))
            break
        try:
            groups[group_of(line)] = None
        except BadGroup as bad:
            wrong.append((number, str(bad)))
    return list(groups), wrong


def write(groups: Iterable[Sequence[str]]) -> str:
    return "".join(f"{' '.join(words)}\n" for words in groups)
