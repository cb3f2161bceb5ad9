"""Nobody is led astray: people of different powers follow the links of every sort of page, each from every sort."""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Iterator
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit

import lxml.etree
import lxml.html
import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from gongkai.config.demo import everything, letters
from gongkai.ledger import outbox
from gongkai.people.models import Staff

pytestmark = pytest.mark.slow  # a demonstration is made, and some twelve hundred pages

MONDAY = "2025-11-24 10:00"
DAYS = 14  # of letters, not the sixty of the demonstration: enough to learn from, in a quarter of the time
PAGES = 100  # for one person
PEOPLE = ("陈立", "王敏", "周岚", "郑洁", "吴涛", "冯刚", "何志远", "宋佳", "钱芳")
"""Openness clerk, handler, unit leader, auditor, administrator, opinion officer, head of the county, press officer, web officer."""

MARKUP = re.compile(r"</?(?:mark|a|p|br|b|div|span|strong|ul|li|time)\b|&(?:lt|gt|amp|nbsp|quot|#\d+);|{{|{%")
ENGLISH = re.compile(
    r"\b(?:None|NaN|undefined|Traceback|Exception|Error|error|Forbidden|Invalid|invalid|required|not found"
    r"|This field|Enter a|Select a|Ensure|object at 0x)\b"
)


@pytest.fixture
def demonstration(db, fresh_rules, at, monkeypatch):
    """The demonstration on a Monday of November, with what the clock loop would have told people by then."""
    now = at(MONDAY)
    monkeypatch.setattr(letters, "DAYS", DAYS)
    everything.put_in(now, "Qingyuan-2026")
    outbox.deliver_all(now)


def test_every_link_in_the_house_leads_to_a_whole_page(demonstration):
    walks = {"市民": Walk("/", Client(raise_request_exception=False))}
    for name in PEOPLE:
        browser = Client(raise_request_exception=False)
        browser.force_login(Staff.objects.get(name=name))
        walks[name] = Walk("/office/", browser)
    faults = [f"{name}：{fault}" for name, walk in walks.items() for fault in walk.faults()]
    assert faults == [], "\n" + "\n".join(faults)
    assert min(len(walk.seen) for walk in walks.values()) > 40


class Walk:
    """One reader from the first page on: of each sort of page, every sort of link once."""

    def __init__(self, start: str, browser: Client) -> None:
        self.browser = browser
        self.ahead = deque(
            [(start, "")]
        )  # addresses of sorts not met before, each with the page that led there
        self.again = deque[
            tuple[str, str]
        ]()  # those of a sort met before, by a way that is new; after the others
        self.seen: set[str] = set()
        self.sorts: set[tuple[str, frozenset[str]]] = set()
        self.ways: set[tuple[str, str]] = set()

    def faults(self) -> Iterator[str]:
        """What is wrong, each with the page and the link that led there."""
        while (self.ahead or self.again) and len(self.seen) < PAGES:
            path, source = (self.ahead or self.again).popleft()
            if path in self.seen:
                continue
            self.seen.add(path)
            for fault in self.look_at(path):
                yield f"{source or '（起点）'} → {path}：{fault}"

    def look_at(self, path: str) -> Iterator[str]:
        answer = self.browser.get(path, follow=True)
        body = answer.getvalue()
        if answer.status_code != 200:
            yield (
                f"{answer.status_code} {answer.exc_info[1]!r}" if answer.exc_info else str(answer.status_code)
            )
            return
        kind = answer["Content-Type"].partition(";")[0]
        if kind.endswith("json"):
            json.loads(body)
        elif kind.endswith("xml"):
            lxml.etree.fromstring(body)
        elif kind == "text/html":
            here = answer.redirect_chain[-1][0] if answer.redirect_chain else path
            yield from self.read(here, body.decode())

    def read(self, here: str, text: str) -> Iterator[str]:
        """Faults of a page; its links are put on the list of what to follow."""
        page = lxml.html.fromstring(text)
        ids = Counter(page.xpath("//@id"))
        if twice := [one for one, count in ids.items() if count > 1]:
            yield f"重复的 id {twice}"
        shown = " ".join(page.xpath("//body//text()[not(ancestor::script or ancestor::textarea)]"))
        for what, pattern in (("没有显示成页面的标记", MARKUP), ("英文", ENGLISH)):
            if found := pattern.search(shown):
                yield f"{what} {shown[max(0, found.start() - 30) : found.end() + 30]!r}"
        for link in _links(page):
            address, anchor = urldefrag(urljoin(here, link))
            if anchor and address == here and anchor not in ids:
                yield f"页内没有 #{anchor}"
            if urlsplit(address).netloc or not address.startswith("/") or address.startswith("/static/"):
                continue
            sort = _sort(address)
            way = (_sort(here)[0], sort[0])
            if sort not in self.sorts:
                self.ahead.append((address, here))
            elif way not in self.ways:
                self.again.append((address, here))
            self.sorts.add(sort)
            self.ways.add(way)


def _links(page: lxml.html.HtmlElement) -> Iterator[str]:
    """Where a page leads: its links, pictures, and forms that only ask, sent as they stand."""
    yield from page.xpath("//a/@href | //img/@src | //link/@href")
    for form in page.forms:
        if form.method == "GET":
            yield f"{form.action or ''}?{urlencode(form.form_values())}"


def _sort(address: str) -> tuple[str, frozenset[str]]:
    """The sort of page an address is: its named pattern and the names of what it asks; a size of type is one sort."""
    parts = urlsplit(address)
    asked = {name for name, _ in parse_qsl(parts.query)}
    if "type" in asked:
        return "type", frozenset()
    try:
        return resolve(parts.path).view_name, frozenset(asked)
    except Resolver404:
        return parts.path, frozenset()
