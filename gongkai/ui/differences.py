"""Two texts side by side as one: what went out and what came in, marked word by word."""

from __future__ import annotations

import difflib
import html as entities
import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

BLOCK = re.compile(r"</(?:p|h2|h3|h4|li|tr|caption|figcaption|blockquote|table)>|<br>", re.IGNORECASE)
CELL = re.compile(r"</t[dh]>", re.IGNORECASE)
TAG = re.compile(r"<[^>]+>")
SPACES = re.compile(r"[ \t\u3000\u00a0]+")
PIECE = re.compile(r"[A-Za-z0-9]+|[^\S\n]+|\n|.", re.DOTALL)


def words(html: str) -> str:
    """The plain words of a text in clean HTML: a line a block, cells apart by a blank."""
    plain = CELL.sub(" ", BLOCK.sub("\n", html))
    plain = entities.unescape(TAG.sub("", plain))
    return "\n".join(line for line in (SPACES.sub(" ", one).strip() for one in plain.split("\n")) if line)


def differences(before: str, after: str) -> list[SafeString]:
    """Two texts (HTML) as paragraphs of plain words with what went out and what came in marked (del, ins).

    Paragraphs are paired first, so that a long text with one change costs little; unchanged ones stay plain.
    """
    old, new = words(before).split("\n"), words(after).split("\n")
    shown: list[SafeString] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            shown += [escape(line) for line in new[j1:j2]]
            continue
        pairs = max(i2 - i1, j2 - j1)
        gone = [*old[i1:i2], *[""] * (pairs - (i2 - i1))]
        come = [*new[j1:j2], *[""] * (pairs - (j2 - j1))]
        shown += [_marked(a, b) for a, b in zip(gone, come, strict=True)]
    return shown


def _marked(before: str, after: str) -> SafeString:
    old, new = PIECE.findall(before), PIECE.findall(after)
    parts: list[str] = []  # every piece escaped
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(escape("".join(new[j1:j2])))
            continue
        if i2 > i1:
            parts.append(f"<del>{escape(''.join(old[i1:i2]))}</del>")
        if j2 > j1:
            parts.append(f"<ins>{escape(''.join(new[j1:j2]))}</ins>")
    return mark_safe("".join(parts))
