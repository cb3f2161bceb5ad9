"""What any source delivers: one thing said, before it is masked and stored. JSON of partners is read here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gongkai.files.tables import moment_of, plain

MOST_TEXT, MOST_TITLE, MOST_ID, MOST_URL = 20_000, 200, 128, 500
AHEAD = timedelta(minutes=10)
"""How far the clock of another system may be ahead of ours."""


class BadItem(ValueError):
    """An item that is not taken; `field` names what is wrong with it, the message says what to do."""

    def __init__(self, field: str, says: str) -> None:
        super().__init__(says)
        self.field = field


@dataclass(frozen=True, slots=True)
class Item:
    """One thing said. `author` is the name as delivered: it is hashed on the way in and stored nowhere."""

    external_id: str
    text: str
    published_at: datetime
    title: str = ""
    url: str = ""
    author: str = ""
    followers: int | None = None
    is_verified: bool = False
    reposts: int = 0
    comments: int = 0
    likes: int = 0
    repost_of: str = ""


def item_of(given: Mapping[str, Any], now: datetime) -> Item:
    """Read an item from JSON or the row of a table. Raises BadItem.

    Fields: id, text, published_at (needed: text or title, published_at), title, url, author, followers, verified,
    reposts, comments, likes, repost_of. Without an id the address, the time and the text stand for it.
    """
    text, title = plain(given.get("text")), plain(given.get("title"))
    if not text and not title:
        raise BadItem("text", "没有正文，也没有标题。")
    if len(text) > MOST_TEXT:
        raise BadItem("text", f"正文超过 {MOST_TEXT:,} 字。")
    at = moment_of(given.get("published_at"))
    if at is None:
        raise BadItem(
            "published_at",
            "看不懂发布时间，应像 2025-09-26 10:00、2025-09-26T10:00:00+08:00，或 1970 年以来的秒数。",
        )
    if at > now + AHEAD:
        raise BadItem("published_at", "发布时间在将来。")
    url = plain(given.get("url"))[:MOST_URL]
    if url and not url.startswith(("http://", "https://")):
        raise BadItem("url", "网址应以 http:// 或 https:// 开头。")
    name = plain(given.get("id"))
    if len(name) > MOST_ID:
        raise BadItem("id", f"编号超过 {MOST_ID} 个字符。")
    return Item(
        external_id=name or own_id(url, at, f"{title}\n{text}"),
        text=text or title,
        title=title[:MOST_TITLE] if text else "",
        published_at=min(at, now),
        url=url,
        author=plain(given.get("author")),
        followers=_count(given, "followers") if given.get("followers") not in (None, "") else None,
        is_verified=plain(given.get("verified")).lower() in ("true", "1", "是", "yes"),
        reposts=_count(given, "reposts"),
        comments=_count(given, "comments"),
        likes=_count(given, "likes"),
        repost_of=plain(given.get("repost_of"))[:MOST_ID],
    )


def own_id(url: str, at: datetime, text: str) -> str:
    """A stable number for what has none, so that delivering it again takes nothing twice."""
    given = url or f"{at.isoformat()}\n{text}"
    return "h" + hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()[:32]


def _count(given: Mapping[str, Any], name: str) -> int:
    text = plain(given.get(name)).replace(",", "")
    if not text:
        return 0
    try:
        number = int(float(text))
    except (ValueError, OverflowError):
        raise BadItem(name, "应是一个数。") from None
    return min(max(number, 0), 2_000_000_000)
