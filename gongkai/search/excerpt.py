"""A piece of a text around what was asked for, with the words marked."""

from __future__ import annotations

import re

from gongkai.search.words import Asked, folds, read

Pieces = list[tuple[str, bool]]


def snippet(text: str, q: str | Asked, length: int = 120) -> Pieces:
    """Cut about `length` characters around the first wanted word, as pieces of (text, is wanted).

    The characters are those of the text itself. `length` 0 keeps the whole text, as for a title.
    """
    asked = read(q) if isinstance(q, str) else q
    hits = _hits(text, asked.words)
    start, end = 0, len(text)
    if length and end > length:
        start = max(0, min((hits[0][0] if hits else 0) - length // 4, end - length))
        end = start + length
    pieces: Pieces = []
    at = start
    for first, last in hits:
        if first < at or last > end:
            continue
        pieces += [(text[at:first], False), (text[first:last], True)]
        at = last
    pieces.append((text[at:end], False))
    if start:
        pieces.insert(0, ("…", False))
    if end < len(text):
        pieces.append(("…", False))
    return [(" ".join(piece.splitlines()) if length else piece, wanted) for piece, wanted in pieces if piece]


def _hits(text: str, words: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where the words stand in the text, first and last character, in order and apart."""
    if not words:
        return []
    table = folds()
    folded = text.translate(table)
    if len(folded) == len(text):
        places = range(len(text))
    else:
        places = [i for i, character in enumerate(text) for _ in character.translate(table)]  # type: ignore[assignment]
    wanted = re.compile("|".join(r"\s*".join(map(re.escape, word)) for word in words))
    return [(places[m.start()], places[m.end() - 1] + 1) for m in wanted.finditer(folded)]
