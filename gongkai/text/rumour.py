"""What may tell a rumour besides its words: how it is written, who says it and what people say to it, for a learner.

A rumour is never called one: a hint says 疑似不实，待核 with the words that led to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from gongkai.text.discussed import Discussed

SURE = 0.8
"""Confidence from which a learned hint is shown."""
SPREAD = timedelta(hours=5)
"""What is said to a post within so long is read with it."""
HEARD = 3_000
"""Characters that are read of it."""
_REACH: Mapping[str, str] = {
    "": "", **{digits: f"〔{digits}位〕" for digits in "1234567"},
    "few": "〔粉丝少〕", "some": "〔粉丝中〕", "many": "〔粉丝多〕",
}  # fmt: skip
_VERIFIED, _PLAIN = "〔认证〕", "〔未认证〕"
MARKS: Mapping[str, tuple[str, ...]] = {
    **{name: (mark,) for name, mark in _REACH.items() if mark},
    "verified": (_VERIFIED,),
    "plain": (_PLAIN,),
}


def marked(text: str, reach: str, is_verified: bool, said_to_it: Sequence[str] = ()) -> Discussed:
    """A post with what is known of its author behind it, and beside it the words of those who passed it on.

    `reach` is '', the digits of the number of followers (1 to 7), or few, some or many.
    """
    author = f"{_REACH[reach]}{_VERIFIED if is_verified else _PLAIN}"
    return Discussed(f"{text}\n{author}", "\n".join(said_to_it)[:HEARD])
