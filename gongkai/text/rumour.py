"""What may tell a rumour besides its words: how it is written and who says it, as marks that a learner reads.

A rumour is never called one: a hint says 疑似不实，待核 with the words that led to it.
"""

from __future__ import annotations

from collections.abc import Mapping

SURE = 0.8
"""Confidence from which a learned hint is shown."""
_REACH: Mapping[str, str] = {"": "", "few": "〔粉丝少〕", "some": "〔粉丝中〕", "many": "〔粉丝多〕"}
_VERIFIED, _PLAIN = "〔认证〕", "〔未认证〕"
MARKS: Mapping[str, tuple[str, ...]] = {
    **{name: (mark,) for name, mark in _REACH.items() if mark},
    "verified": (_VERIFIED,),
    "plain": (_PLAIN,),
    "link": ("http",),
    "named": ("@",),
    "topic": ("#",),
    "asks": ("?", "吗"),
    "calls": ("!",),
    "headed": ("【",),
    "told": ("据", "网传", "听说", "爆料", "消息"),
}


def marked(text: str, reach: str, is_verified: bool) -> str:
    """A post with what is known of its author behind it: `reach` is '', few, some or many followers."""
    return f"{text}\n{_REACH[reach]}{_VERIFIED if is_verified else _PLAIN}"
