"""The text of a document as safe HTML: what is kept of a paste or a file, and what of it is plain words."""

from __future__ import annotations

import html as entities
import re

import nh3
from cryptography.hazmat.primitives import hashes

from gongkai.ui.differences import words

__all__ = ["clean", "digest_of", "from_text", "words"]

TAGS = {
    "p", "br", "h2", "h3", "h4", "strong", "b", "u", "sup", "sub", "ul", "ol", "li", "blockquote", "hr",
    "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "a", "img", "figure", "figcaption", "audio", "video",
}  # fmt: skip
ATTRIBUTES = {
    "th": {"colspan", "rowspan", "scope"}, "td": {"colspan", "rowspan"}, "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"}, "ol": {"start"}, "audio": {"src", "controls"}, "video": {"src", "controls"},
}  # fmt: skip
EMPTY = re.compile(r"<(p|h2|h3|h4|li|strong|b|u)>(?:\s|&nbsp;|\u00a0|<br>)*</\1>")


def clean(html: str) -> str:
    """Keep the structure of a text (headings, paragraphs, tables, lists, links, pictures), nothing that acts or styles."""
    html = re.sub(r"<h1(\s[^>]*)?>", "<h2>", html, flags=re.IGNORECASE).replace("</h1>", "</h2>")
    kept = nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer", strip_comments=True, clean_content_tags={"script", "style", "title"},
    )  # fmt: skip
    before = ""
    while before != kept:
        before, kept = kept, EMPTY.sub("", kept)
    return kept.strip()


def from_text(text: str) -> str:
    """Plain words as paragraphs; a numbered line in the manner of official documents (一、) becomes a heading."""
    lines = (line.strip() for line in text.replace("\r", "").split("\n"))
    return "\n".join(_line(line) for line in lines if line)


def _line(line: str) -> str:
    if re.match(r"^第[一二三四五六七八九十百零]+[章节]\s*\S{1,20}$", line) or (
        re.match(r"^[一二三四五六七八九十]+、", line) and len(line) <= 30 and not line.endswith(("。", "；"))
    ):
        return f"<h2>{entities.escape(line)}</h2>"
    return f"<p>{entities.escape(line)}</p>"


def digest_of(title: str, html: str) -> str:
    """SM3 over title and text, in hexadecimal: what the register shows of what went out."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(f"{title}\n{html}".encode())
    return digest.finalize().hex()
