"""The vocabulary of press."""

from __future__ import annotations

from gongkai.ledger.vocabulary import kind

CONFERENCE_HELD = kind(
    "press.conference_held", "举行新闻发布", form="形式", party="主办单位", number="发布编号"
)
