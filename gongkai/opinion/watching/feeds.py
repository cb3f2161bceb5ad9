"""Reading feeds: RSS, Atom and JSON Feed, in whatever encoding Chinese sites write them."""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from gongkai.files.tables import moment_of
from gongkai.opinion.watching.items import MOST_ID, MOST_TEXT, MOST_TITLE, MOST_URL, Item, own_id
from gongkai.opinion.watching.net import Answer, Unfetched

_DECLARED = re.compile(rb"""<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']""")
_TAGS = re.compile(r"<[^>]*>")


def items_of(answer: Answer, now: datetime) -> list[Item]:
    """The entries of a feed, newest first as it gives them. Raises Unfetched when it is none."""
    text = decoded(answer.body, answer.charset)
    if text.lstrip()[:1] == "{":
        return list(_json(text, answer.url, now))
    return list(_xml(text, answer.url, now))


def decoded(body: bytes, charset: str = "") -> str:
    """The text of a document: as it says itself, as the server says, else UTF-8, else GB18030."""
    says = [match[1].decode("ascii")] if (match := _DECLARED.search(body[:200])) else []
    for encoding in (*says, charset, "utf-8-sig", "gb18030"):
        wide = "gb18030" if encoding.lower() in ("gb2312", "gbk", "x-gbk") else encoding
        try:
            return body.decode(wide) if wide else body.decode("utf-8-sig")
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("utf-8", "replace")


def _xml(text: str, base: str, now: datetime) -> Iterator[Item]:
    import feedparser

    feed = feedparser.parse(re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff")), sanitize_html=False)
    if not feed.entries and not feed.version:
        raise Unfetched("打开的不是订阅（RSS、Atom、JSON），请核对地址，或改用列表网页。")
    for entry in feed.entries:
        body = max((one.get("value", "") for one in entry.get("content", ())), key=len, default="")
        yield from _item(
            name=entry.get("id", ""), url=urljoin(base, entry.get("link", "")), title=entry.get("title", ""),
            text=body or entry.get("summary", ""), author=entry.get("author", ""),
            at=_moment(entry), now=now,
        )  # fmt: skip


def _moment(entry: Any) -> datetime | None:
    told = entry.get("published_parsed") or entry.get("updated_parsed")
    if told:
        return datetime.fromtimestamp(calendar.timegm(told), UTC)
    return moment_of(entry.get("published") or entry.get("updated") or "")


def _json(text: str, base: str, now: datetime) -> Iterator[Item]:
    try:
        feed = json.loads(text)
        entries = feed["items"]
    except (ValueError, KeyError, TypeError):
        raise Unfetched("打开的 JSON 不是订阅（JSON Feed）：里面应有 items。") from None
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        authors = entry.get("authors") or [entry.get("author") or {}]
        first = authors[0] if isinstance(authors, list) and authors and isinstance(authors[0], dict) else {}
        yield from _item(
            name=str(entry.get("id") or ""), url=urljoin(base, str(entry.get("url") or "")),
            title=str(entry.get("title") or ""), text=str(entry.get("content_text") or entry.get("content_html") or entry.get("summary") or ""),
            author=str(first.get("name") or ""), at=moment_of(entry.get("date_published") or entry.get("date_modified")),
            now=now,
        )  # fmt: skip


def _item(
    *, name: str, url: str, title: str, text: str, author: str, at: datetime | None, now: datetime
) -> Iterator[Item]:
    """One entry, unless it says nothing. One without a time was published when it was seen."""
    title, text = words(title)[:MOST_TITLE], words(text)[:MOST_TEXT]
    if not title and not text:
        return
    if not url.startswith(("http://", "https://")):
        url = ""
    when = min(at, now) if at else now
    name = name if 0 < len(name) <= MOST_ID else own_id(name or url, when, f"{title}\n{text}")
    yield Item(name, text or title, when, title if text else "", url[:MOST_URL], author=author)


def words(html: str) -> str:
    """The words of a piece of HTML, without tags."""
    from html import unescape

    bare = _TAGS.sub("\n", re.sub(r"(?is)<(script|style)\b.*?</\1>", "", html)) if "<" in html else html
    return re.sub(r"[ \t\r\f\v\u3000]*\n\s*", "\n", unescape(bare)).strip()
