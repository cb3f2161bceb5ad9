"""The site of a place to carry away: the pages as they are served, or plain pages of its texts where none are kept."""

from __future__ import annotations

import html
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

from gongkai.documents import exchange
from gongkai.people.models import Place

PAGE = (
    '<!doctype html>\n<html lang="zh-CN">\n<head><meta charset="utf-8"><title>{title}</title></head>\n'
    "<body>\n<h1>{title}</h1>\n{body}\n</body>\n</html>\n"
)


def write(place: Place, to: Path, now: datetime) -> int:
    """Write a zip; how many files are in it. With pages kept under GONGKAI_HOME/site/<place> these, else the texts."""
    kept = Path(settings.HOME) / "site" / place.slug
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as package:
        if kept.is_dir():
            for path in sorted(one for one in kept.rglob("*") if one.is_file()):
                package.write(path, path.relative_to(kept.parent))
        else:
            for name, page in _pages(place, now):
                package.writestr(name, page)
        return len(package.namelist())


def _pages(place: Place, now: datetime) -> Iterator[tuple[str, str]]:
    """A page for each released document, and a first page that leads to them, newest first."""
    lines: dict[str, tuple[str, str]] = {}
    for changes in exchange.all_changes(place, 0, now):
        for record in changes.records:
            if record["state"] != "published" or record["id"] in lines:
                continue
            title = html.escape(record["title"])
            lines[record["id"]] = (record["published_at"], title)
            yield (
                f"documents/{record['id']}.html",
                PAGE.format(title=title, body=_facts(record) + record[exchange.TEXT]),
            )
    items = "\n".join(
        f'<li><a href="documents/{code}.html">{title}</a> {at[:10]}</li>'
        for code, (at, title) in sorted(lines.items(), key=lambda line: line[1], reverse=True)
    )
    yield (
        "index.html",
        PAGE.format(title=html.escape(f"{place.government}：公开的文件"), body=f"<ol>\n{items}\n</ol>"),
    )


def _facts(record: exchange.Record) -> str:
    """What the metadata say, as a table."""
    rows = "\n".join(
        f"<tr><th>{label}</th><td>{html.escape(record[name])}</td></tr>"
        for name, label in exchange.FIELDS.items()
        if record[name] and name not in ("state", "language", "title")
    )
    return f"<table>\n{rows}\n</table>\n"
