"""Reading lists of links and the articles behind them, where a site has no feed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from django.utils import timezone

from gongkai.files.tables import moment_of
from gongkai.opinion.watching.feeds import decoded, words
from gongkai.opinion.watching.items import MOST_TEXT, MOST_TITLE, MOST_URL, Item, own_id
from gongkai.opinion.watching.net import Answer, Unfetched

ARTICLES = 20
"""Articles fetched from one list at a time; the rest comes with the next round."""
REMEMBERED = 500
"""Links of a list that are remembered as read."""
_STEP = re.compile(r"([a-zA-Z][a-zA-Z0-9]*|\*)?((?:[.#][\w-]+)*)")
_META = re.compile(rb"""<meta[^>]+charset=["']?([A-Za-z0-9_-]+)""", re.IGNORECASE)


def links(answer: Answer, selector: str) -> list[str]:
    """The addresses of a list page, in its order, each once, of the same site. Raises Unfetched when there are none.

    `selector` is a simple CSS selector of what holds the links: `ul.news a`, `#list li`. Empty: every link of the page.
    """
    from lxml import html

    tree = html.document_fromstring(_text(answer))
    host = urlsplit(answer.url).hostname
    found = []
    for node in tree.xpath(xpath_of(selector or "a")):
        for link in [node] if node.tag == "a" else node.iter("a"):
            url = urljoin(answer.url, (link.get("href") or "").strip()).partition("#")[0]
            if urlsplit(url).hostname == host and url != answer.url and len(url) <= MOST_URL:
                found.append(url)
    if not found:
        raise Unfetched("列表里没有找到链接，请核对“列表里的链接”这一项。")
    return list(dict.fromkeys(found))


def xpath_of(selector: str) -> str:
    """A simple CSS selector as XPath: tags, classes and ids, one inside the other. Raises Unfetched."""
    path = ""
    for step in selector.split():
        found = _STEP.fullmatch(step)
        if found is None:
            raise Unfetched(f"看不懂“{step}”，请写成 标签.类名，如 ul.news a。")
        path += f"//{found[1] or '*'}"
        for sign, name in re.findall(r"([.#])([\w-]+)", found[2]):
            path += (
                f'[@id="{name}"]'
                if sign == "#"
                else f'[contains(concat(" ", normalize-space(@class), " "), " {name} ")]'
            )
    return path


def article(answer: Answer, url: str, now: datetime) -> Item | None:
    """The article at an address, None where there is none: text, title and day as the page tells them.

    A page tells the day, not the hour: one of today was published when it was seen.
    """
    import trafilatura

    told = trafilatura.bare_extraction(_text(answer), url=url, with_metadata=True, include_comments=False)
    if told is None or isinstance(told, dict) or not (told.text or "").strip():
        return None
    at = moment_of(told.date or "")
    today = timezone.localdate(now)
    when = now if at is None or timezone.localdate(at) >= today else at
    text, title = words(told.text or "")[:MOST_TEXT], (told.title or "").strip()[:MOST_TITLE]
    return Item(own_id(url, when, text), text, when, title, url, author=told.author or "")


def new_items(
    answer: Answer, selector: str, visited: Sequence[str], get: Callable[[str], Answer], now: datetime
) -> tuple[list[Item], list[str]]:
    """The articles behind the links of a list that were not read yet, at most `ARTICLES`; and what is read by now.

    A link that fails is tried again next time. Raises Unfetched when all of them fail.
    """
    read = list(visited)
    found: list[Item] = []
    failed: Unfetched | None = None
    fresh = [url for url in links(answer, selector) if _print(url) not in set(visited)][:ARTICLES]
    for url in fresh:
        try:
            item = article(get(url), url, now)
        except Unfetched as error:
            failed = error
            continue
        read.append(_print(url))
        if item is not None:
            found.append(item)
    if failed is not None and len(read) == len(visited):
        raise failed
    return found, read[-REMEMBERED:]


def _print(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def _text(answer: Answer) -> str:
    said = match[1].decode("ascii") if (match := _META.search(answer.body[:2_000])) else ""
    text = decoded(answer.body, answer.charset or said)
    if not text.strip():
        raise Unfetched("打开的网页是空的。")
    return text
