"""The articles of a regulation (第六条, 一、（二）…) as places in its text, so that what cites one leads to it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from itertools import count
from time import monotonic
from urllib.parse import quote

from gongkai.documents import html
from gongkai.documents.exchange import address_of as page_of
from gongkai.documents.indexing import PUBLIC
from gongkai.documents.models import Document, Edition
from gongkai.documents.numbers import WrongNumber, normalised
from gongkai.people.models import Place
from gongkai.prepared import era
from gongkai.search import asks as search
from gongkai.search.words import fold

NUMERALS = "一二三四五六七八九十百零〇"
NUMERAL = f"[{NUMERALS}]+"
BLOCK = re.compile(r"<(p|h2|h3|h4|li)>(.*?)</\1>", re.DOTALL)
ARTICLE = re.compile(rf"第{NUMERAL}条")
CHAPTER = re.compile(rf"第{NUMERAL}[编章节](?=\s|$|[\u4e00-\u9fff])")
HEAD = re.compile(rf"({NUMERAL})、")
OTHER = re.compile(
    rf"[^\s<&第（({NUMERALS}]"
)  # what no article begins with: most blocks, told by one character
ITEM = re.compile(rf"[（(]({NUMERAL})[）)]")
CITED = re.compile(rf"(第{NUMERAL}条|(?<![\u4e00-\u9fff])(?:{NUMERAL})、)(?:第?[（(]({NUMERAL})[）)])?")
NAMED = re.compile(r"《(.+)》(.*)", re.DOTALL)
FIVE_MINUTES = 300  # seconds
SHORTEST, LONGEST_NAME, LOOKED_AT = 6, 10, 5  # characters of a title inside; of the name before it; documents


@dataclass(frozen=True, slots=True)
class Article:
    """Where an article begins: its key, its address in the page, which block of the text it is."""

    key: str
    id: str
    block: int


def articles(text: str) -> list[Article]:
    """The articles of a text in order. Keys are `第六条`, `第六条（二）`, `二`, `二（五）`, `第一章`.

    An address never changes while the article stays: a key that comes again, in a second regulation within the
    same text, is counted: `第六条-2`.
    """
    seen: Counter[str] = Counter()
    found: list[Article] = []
    above = ""
    for number, block in enumerate(BLOCK.finditer(text)):
        if OTHER.match(block[2]):
            continue
        words = html.words(block[2]).strip()
        if match := ARTICLE.match(words) or HEAD.match(words):
            key = above = match[0].removesuffix("、")
        elif match := CHAPTER.match(words):
            key, above = match[0], ""
        elif match := ITEM.match(words):
            key = f"{above}（{match[1]}）"
        else:
            continue
        seen[key] += 1
        found.append(Article(key, key if seen[key] == 1 else f"{key}-{seen[key]}", number))
    return found


def anchored(text: str) -> str:
    """The text with an address at every article, for the public page. Only ids are added."""
    ids = {article.block: article.id for article in articles(text)}
    if not ids:
        return text
    numbers = count()

    def marked(block: re.Match[str]) -> str:
        id = ids.get(next(numbers))
        return block[0].replace(f"<{block[1]}>", f'<{block[1]} id="{escape(id)}">', 1) if id else block[0]

    return BLOCK.sub(marked, text)


def key_of(cite: str) -> str:
    """The key of the article that a citation names: `第五条(一)` → `第五条（一）`, `二、(五)` → `二（五）`; else empty."""
    found = CITED.search(cite)
    if found is None:
        return ""
    return found[1].removesuffix("、") + (f"（{found[2]}）" if found[2] else "")


# ---- where a regulation can be read ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """A released document that holds a regulation: its page, and its articles by their keys."""

    page: str
    ids: Mapping[str, str] = field(default_factory=dict)

    def address(self, cite: str) -> str:
        """The page at the article; at the article an item belongs to, or its top, where the text has no such."""
        key = key_of(cite)
        id = self.ids.get(key) or self.ids.get(key.partition("（")[0])
        return f"{self.page}#{quote(id)}" if id else self.page


def source_of(title: str, number: str, place: Place) -> Source | None:
    """The document of a place, or of one above it, in which a regulation was released; None where none has it.

    Known by its number, its title, or a title inside it: one notice often releases several regulations.
    """
    here: Place | None = place
    while here is not None:
        for document in _candidates(title, number, here):
            edition = Edition.objects.filter(document=document).exclude(released_at=None).first()
            start = _start(edition.html, title) if edition else None
            if edition and (start is not None or _is_named(document, title, number)):
                ids: dict[str, str] = {}
                for article in articles(edition.html):
                    if article.block >= (start or 0):
                        ids.setdefault(article.key, article.id)
                return Source(page_of(document), ids)
        here = here.parent
    return None


def address_of(title: str, number: str, cite: str, place: Place) -> str:
    """Where everybody reads a cited article; empty where neither the place nor one above it has released the text."""
    source = source_of(title, number, place)
    return source.address(cite) if source else ""


def cited_at(cite: str, place: str) -> str:
    """Where everybody reads an article cited as 《…》第五条; a regulation is looked for once in five minutes."""
    named = NAMED.match(cite)
    if named is None or not place:
        return ""
    source = _source(named[1], place, (era(), monotonic() // FIVE_MINUTES))
    return source.address(named[2]) if source else ""


@lru_cache(maxsize=1024)
def _source(title: str, place: str, _mark: Hashable) -> Source | None:
    return source_of(title, "", Place.objects.get(pk=place))


def _candidates(title: str, number: str, place: Place) -> Iterator[Document]:
    released = Document.objects.filter(place=place).published().select_related("matter", "place")
    if number:
        yield from released.filter(number=_plain(number))
    codes = [
        row.number
        for row in search.find(
            f'"{_inside(title, place)}"', rooms=(PUBLIC,), place=place.code, exact=True
        ).rows
    ]
    found = {one.code: one for one in released.filter(matter__number__in=codes[:LOOKED_AT])}
    yield from (found[code] for code in codes if code in found)


def _plain(number: str) -> str:
    try:
        return normalised(number)
    except WrongNumber:
        return number


def _inside(title: str, place: Place) -> str:
    """The title without the name of its place, as it stands in a notice that releases it with others."""
    return title.removeprefix(place.name)


def _is_named(document: Document, title: str, number: str) -> bool:
    return bool(number and document.number == _plain(number)) or fold(title) in fold(document.title)


def _start(text: str, title: str) -> int | None:
    """The block that is the title of a regulation within a text: the whole title, or it without the place's name."""
    wanted = fold(title)
    for number, block in enumerate(BLOCK.finditer(text)):
        words = fold(html.words(block[2])).strip("《》")
        if len(words) >= SHORTEST and wanted.endswith(words) and len(wanted) - len(words) <= LONGEST_NAME:
            return number
    return None
