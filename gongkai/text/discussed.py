"""A text and what people said to it: read together, counted apart (see ``features``)."""

from __future__ import annotations

from collections.abc import Sequence

from gongkai.text.cut import normal


class Discussed(str):
    """A text with what people said to it (``heard``)."""

    heard: str

    def __new__(cls, text: str, heard: str) -> Discussed:
        made = super().__new__(cls, text)
        made.heard = heard
        return made


def heard_of(texts: Sequence[str]) -> list[str]:
    """What was said to each, as it is compared; empty for a text that stands alone."""
    return [normal(text.heard) if isinstance(text, Discussed) else "" for text in texts]
