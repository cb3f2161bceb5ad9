"""What the index knows of documents: all of them for staff, the released text for everybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gongkai.documents import html
from gongkai.documents.models import Document, Edition, Sort
from gongkai.search import actions as search

STAFF = "documents"
PUBLIC = "published"


def index(documents: Iterable[Document]) -> None:
    """Make documents findable as they now are; what is not published is found by staff only."""
    items: list[search.Item] = []
    gone: list[str] = []
    for document in documents:
        body = _body(document, document.edition)
        item = search.Item(
            room=STAFF, number=document.code, place=document.place_id, title=document.title,
            body=body, at=document.issued_at or document.formed_at, unit=document.unit.code,
            kind=document.genre if document.sort == Sort.OFFICIAL else document.get_sort_display(),
        )  # fmt: skip
        items.append(item)
        released = document.released if document.is_published else None
        if released is not None and document.published_at:
            body = body if released == document.edition else _body(document, released)
            shown = replace(
                item, room=PUBLIC, title=released.title, body=body, at=document.published_at, public=True
            )
            items.append(shown)
        else:
            gone.append(document.code)
    search.put_many(items)
    if gone:
        search.remove(PUBLIC, *gone)


def _body(document: Document, edition: Edition | None) -> str:
    told = (edition.summary, html.words(edition.html)) if edition else ("", "")
    return "\n".join((document.number, *told))
