"""What a file is called, made safe to show, to send and to keep."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 120
_SEPARATORS = re.compile(r"[/\\]")
_FORBIDDEN = re.compile(r'[<>:"|?*]')


def safe_name(given: str) -> str:
    """The name without folders, control, invisible and direction-changing characters; at most 120 characters.

    The ending stays. A name of which nothing is left becomes 附件.
    """
    name = _SEPARATORS.split(unicodedata.normalize("NFC", given))[-1]
    name = "".join(" " if character.isspace() else character for character in name)
    name = "".join(character for character in name if unicodedata.category(character)[0] != "C")
    name = " ".join(_FORBIDDEN.sub("_", name).split())
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    stem, ending = stem.strip(". "), ending.strip()
    tail = f".{ending}" if ending else ""
    return f"{stem[: LONGEST - len(tail)].rstrip() or '附件'}{tail}"[:LONGEST]


def ending_of(name: str) -> str:
    """What follows the last point, in lower case."""
    return name.rpartition(".")[2].lower() if "." in name else ""
