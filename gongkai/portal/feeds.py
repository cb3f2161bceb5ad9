"""A list of documents as RSS 2.0, Atom 1.0 or JSON Feed 1.1; addresses as a map for search engines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Protocol

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed

from gongkai.people.models import Place

IN_FEED = 30
MAP = """<?xml version="1.0" encoding="UTF-8"?>
<{0} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{1}
</{0}>
"""
NEVER = datetime(2000, 1, 1, tzinfo=UTC)  # the age of a feed with nothing in it


class Item(Protocol):
    """What a feed tells of one thing."""

    @property
    def title(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def changed_at(self) -> datetime: ...


class _Dated(SyndicationFeed):
    """A feed is as old as its newest item: made twice of the same, it is the same."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else NEVER


class _Rss(_Dated, Rss201rev2Feed): ...


class _Atom(_Dated, Atom1Feed): ...


KINDS = {"rss": _Rss, "atom": _Atom}
TYPES = {
    "rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json",
}  # fmt: skip


def feed(place: Place, title: str, page: str, address: str, rows: Sequence[Item], kind: str) -> HttpResponse:
    """`page` is the path of the list, `address` that of the feed. Raises Http404 for a kind that is not one."""
    if kind not in TYPES:
        raise Http404
    title = f"{place.government}：{title}"
    text = (
        _json(title, page, address, rows) if kind == "json" else _xml(place, title, page, address, rows, kind)
    )
    return HttpResponse(text, content_type=f"{TYPES[kind]}; charset=utf-8")


def _xml(place: Place, title: str, page: str, address: str, rows: Sequence[Item], kind: str) -> str:
    made = KINDS[kind](
        title=title, link=settings.SITE + page, description=title, language="zh-CN",
        feed_url=settings.SITE + address, author_name=place.government,
    )  # fmt: skip
    for row in rows:
        made.add_item(
            title=row.title, link=settings.SITE + row.url, description=f"{row.unit}　{row.number}".strip(),
            unique_id=settings.SITE + row.url, pubdate=row.at, updateddate=row.changed_at, categories=[row.kind],
        )  # fmt: skip
    text: str = made.writeString("utf-8")
    return text


def _json(title: str, page: str, address: str, rows: Sequence[Item]) -> str:
    items = [
        {
            "id": settings.SITE + row.url,
            "url": settings.SITE + row.url,
            "title": row.title,
            "content_text": f"{row.unit}　{row.number}".strip(),
            "date_published": timezone.localtime(row.at).isoformat(),
            "date_modified": timezone.localtime(row.changed_at).isoformat(),
            "tags": [row.kind],
            "authors": [{"name": row.unit}],
        }
        for row in rows
    ]
    made = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": settings.SITE + page,
        "feed_url": settings.SITE + address,
        "language": "zh-CN",
        "items": items,
    }
    return json.dumps(made, ensure_ascii=False)


def site_map(pages: Iterable[tuple[str, datetime | None]]) -> HttpResponse:
    """Addresses of pages, each with its last change where that is known, for search engines."""
    return _map("urlset", "url", pages)


def map_index(maps: Iterable[tuple[str, datetime | None]]) -> HttpResponse:
    """Addresses of maps, each with its last change where that is known."""
    return _map("sitemapindex", "sitemap", maps)


def _map(whole: str, one: str, addresses: Iterable[tuple[str, datetime | None]]) -> HttpResponse:
    lines = (
        f"<{one}><loc>{escape(settings.SITE + path)}</loc>{_last(at) if at else ''}</{one}>"
        for path, at in addresses
    )
    text = MAP.format(whole, "\n".join(lines))
    return HttpResponse(text, content_type="application/xml; charset=utf-8")


def _last(at: datetime) -> str:
    return f"<lastmod>{timezone.localtime(at).isoformat(timespec='seconds')}</lastmod>"
