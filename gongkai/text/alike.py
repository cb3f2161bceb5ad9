"""When two texts are one: their fingerprint, and the shares from which likeness counts (see ``near``)."""

from __future__ import annotations

import hashlib
import re

from gongkai.text.cut import normal

MERGE, OFFER = 0.7, 0.5
"""Shares of common runs of three characters: from the first on two letters are one text, from the second on
a person should look."""

SILENT = re.compile(r"[\W_]+")


def fingerprint(text: str) -> str:
    """A hash that is equal when two texts differ in nothing but white space, punctuation, width and case."""
    bare = SILENT.sub("", normal(text))
    return hashlib.blake2b(bare.encode("utf-8", "replace"), digest_size=16).hexdigest()
