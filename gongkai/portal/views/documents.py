"""Published documents: the page of one, its editions and files, lists by column and month, feeds, open data."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, CharField, Count, Func
from django.db.models.sql.compiler import SQLCompiler
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from gongkai.documents import articles
from gongkai.documents.models import Column, Document, Edition, GazetteIssue, Sort, Topic
from gongkai.documents.policy import OPENNESS
from gongkai.files.views import serve
from gongkai.ledger import asks as ledger
from gongkai.ledger import clock
from gongkai.ledger.models import Link
from gongkai.portal import feeds, papers, published, qr, shell
from gongkai.portal.published import Listing
from gongkai.portal.shell import DOCUMENTS, PortalRequest, public_page, show
from gongkai.prepared import Slot
from gongkai.ui.differences import differences
from gongkai.ui.environment import url_for

MOST_DATA = 20_000
OF_STAGE = 6  # documents of each of the 五公开 on the page of all five
VOID = ("废止", "失效")
DOCUMENT, MATTER = Slot("document", BigIntegerField()), Slot("matter", BigIntegerField())
M = TypeVar("M", Column, Topic, GazetteIssue)


# ---- one document --------------------------------------------------------------------------------------


@public_page
def document(request: PortalRequest, code: str) -> HttpResponse:
    """What it says and what is known of it. One that was withdrawn says why, and where to look instead (410)."""
    paper = papers.paper(request.place, code)
    found = paper.document
    if not found.is_published:
        return _gone(request, found)
    edition = found.released
    assert edition is not None
    request.shows |= {f"document:{found.pk}", *(f"column:{one.pk}" for one in paper.columns)}
    request.shows |= {f"topic:{one.pk}" for one in paper.topics}
    request.shows |= {f"service:{one.pk}" for one in paper.services}
    request.shows |= {f"gazette:{one.pk}" for one in paper.gazettes}
    request.shows |= {
        f"document:{tie.other}" for tie in paper.ties if tie.other
    }  # its release renews the page
    on = timezone.localdate(clock.now())
    validity = found.validity(on, repealed=paper.is_repealed, amended=paper.is_amended)
    address = settings.SITE + request.path
    drawn, side = qr.path(address)
    page = {
        "document": found,
        "edition": edition,
        "text": articles.anchored(edition.html),
        "metadata": _metadata(found, edition, validity, [one.unit.name for one in paper.joint]),
        "is_void": validity in VOID,
        "changed": [(_relation(tie), tie.row) for tie in paper.changes],
        "files": paper.files,
        "explained": [("原文件" if tie.is_own else "政策解读", tie.row) for tie in paper.explanations],
        "related": [(_relation(tie), tie.row) for tie in paper.relations],
        "editions": paper.editions,
        "releases": paper.releases,
        "topics": paper.topics,
        "services": paper.services,
        "gazettes": paper.gazettes,
        "columns": paper.columns,
        "address": address,
        "qr": drawn,
        "qr_side": side,
        "article": {
            "title": edition.title,
            "at": found.published_at,
            "source": found.source or found.issuer.name,
            "keywords": edition.keywords,
            "description": edition.summary,
            "url": address,
        },
    }
    crumbs = [*_column_crumbs(request, paper.columns), (_kind(found), "")]
    return show(request, "document.html", page, column=_column_of(paper.columns), crumbs=crumbs, proof=False)


def _gone(request: PortalRequest, document: Document) -> HttpResponse:
    request.shows.add(f"document:{document.pk}")
    row = document.withdrawals.order_by("-id").first()
    instead = row.replacement if row else None
    rows = (
        list(published.rows(Document.objects.filter(pk=instead.pk).published(), request.place))
        if instead
        else []
    )
    request.shows |= published.matters(rows)
    page = {"withdrawal": row, "instead": rows}
    crumbs = [(DOCUMENTS.name, "documents"), ("已撤回", "")]
    return show(request, "document_gone.html", page, column=DOCUMENTS, crumbs=crumbs, status=410, proof=False)


def _kind(document: Document) -> str:
    return document.genre if document.sort == Sort.OFFICIAL else document.get_sort_display()


def _metadata(
    document: Document, edition: Edition, validity: str, joint: Sequence[str]
) -> list[tuple[str, str]]:
    """The fields of the national catalogue standard that have a value, with their words."""
    issuers = [document.issuer.name, *joint]
    fields = [
        ("标题", edition.title),
        ("索引号", document.index_number),
        ("主题分类", document.subject),
        ("五公开", _stage_link(document)),
        ("发文机关", "、".join(dict.fromkeys(issuers))),
        ("成文日期", _day(document.made_on)),
        ("发文字号", document.number),
        ("发布日期", _day(timezone.localtime(document.published_at)) if document.published_at else ""),
        ("文种", _kind(document)),
        ("公开方式", document.get_attribute_display()),
        ("施行日期", _day(document.effective_on)),
        ("失效日期", _day(document.ends_on)),
        ("有效性", validity if document.sort == Sort.OFFICIAL else ""),
        ("主题词", edition.keywords),
        ("内容概述", edition.summary),
    ]
    return [(word, value) for word, value in fields if value]


def _stage_link(document: Document) -> str:
    """Which of the 五公开 a document is, leading to their list."""
    if not document.openness:
        return ""
    url = url_for("portal:openness_stage", document.place.slug, document.openness)
    return format_html('<a href="{}">{}</a>', url, document.openness_says)


def _day(on: date | None) -> str:
    return f"{on.year}年{on.month}月{on.day}日" if on else ""


def _relation(tie: papers.Tie) -> str:
    return f"本文件{Link.Kind(tie.kind).label}" if tie.is_own else Link.INVERSE[tie.kind]


def _column_of(columns: Sequence[Column]) -> shell.Column:
    return frame_of(columns[0]) if columns else DOCUMENTS


def frame_of(column: Column) -> shell.Column:
    """A column of the site as the frame of a page names it."""
    return shell.Column(column.name, column.kind, column.words or column.name, f"{column.name},{column.kind}")


def _column_crumbs(request: PortalRequest, columns: Sequence[Column]) -> list[shell.Crumb]:
    if not columns:
        return [(DOCUMENTS.name, "documents")]
    return [(columns[0].name, url_for("portal:column", request.place.slug, columns[0].slug))]


@public_page
def edition(request: PortalRequest, code: str, serial: int) -> HttpResponse:
    """What a released edition changed in the one before it."""
    found = papers.published_document(request.place, code)
    released = found.editions.exclude(released_at=None)
    after = get_object_or_404(released, serial=serial)
    before = released.filter(serial__lt=serial).first()
    if before is None:
        raise Http404
    request.shows.add(f"document:{found.pk}")
    page = {
        "document": found,
        "before": before,
        "after": after,
        "lines": differences(before.whole, after.whole),
    }
    back = reverse("portal:document", args=[request.place.slug, code])
    crumbs = [(DOCUMENTS.name, "documents"), (after.title, back), ("变更内容", "")]
    return show(request, "edition.html", page, column=DOCUMENTS, crumbs=crumbs, proof=False)


@public_page
def file(request: PortalRequest, code: str, pk: UUID, name: str) -> HttpResponse:
    """An attachment of a published document."""
    found = papers.published_document(request.place, code)
    request.shows.add(f"document:{found.pk}")
    for one in papers.public_files(found):
        if one.pk == pk:
            return cast(HttpResponse, serve(one))
    raise Http404


# ---- lists ---------------------------------------------------------------------------------------------


@public_page
def documents(request: PortalRequest, number: int | None = None) -> HttpResponse:
    """All published documents of the place."""
    listing = Listing.of_place(request.place)
    shelf = published.shelf(listing, number)
    listed(request, shelf, listing)
    page = {
        "shelf": shelf,
        "column": DOCUMENTS,
        "columns": published.columns(request.place),
        "base": reverse("portal:documents", args=[request.place.slug]),
    }
    return show(request, "documents.html", page, column=DOCUMENTS, crumbs=[(DOCUMENTS.name, "")], proof=False)


@public_page
def column(request: PortalRequest, slug: str, number: int | None = None) -> HttpResponse:
    """A column: its documents, newest first."""
    found = published.column(request.place, slug)
    shelf = published.shelf(listing := Listing.of_column(found), number)
    listed(request, shelf, listing)
    request.shows.add(f"column:{found.pk}")
    page = {
        "shelf": shelf,
        "kept": found,
        "is_request": found.kind == Column.Kind.ON_REQUEST,
        "base": reverse("portal:column", args=[request.place.slug, slug]),
    }
    return show(request, "column.html", page, column=frame_of(found), crumbs=[(found.name, "")], proof=False)


@public_page
def stages(request: PortalRequest) -> HttpResponse:
    """The 五公开, each with its newest documents."""
    place = request.place
    listings = [(one, Listing.of_openness(place, one)) for one in ledger.values_of(place.code, OPENNESS)]
    shelves = [(stage, listing.newest(OF_STAGE)) for stage, listing in listings]
    request.shows |= {f"in:{listing.name}" for _stage, listing in listings}
    for _stage, rows in shelves:
        request.shows |= published.matters(rows)
    crumbs = [(DOCUMENTS.name, "documents"), ("五公开", "")]
    return show(request, "stages.html", {"shelves": shelves}, column=DOCUMENTS, crumbs=crumbs, proof=False)


@public_page
def stage(request: PortalRequest, stage: str, number: int | None = None) -> HttpResponse:
    """The documents of one of the 五公开, newest first."""
    place = request.place
    stages = ledger.values_of(place.code, OPENNESS)
    if stage not in stages:
        raise Http404
    shelf = published.shelf(listing := Listing.of_openness(place, stage), number)
    listed(request, shelf, listing)
    page = {
        "stage": stage,
        "stages": stages,
        "shelf": shelf,
        "base": reverse("portal:openness_stage", args=[place.slug, stage]),
    }
    crumbs = [("五公开", "openness_stages"), (f"{stage}公开", "")]
    return show(request, "stage.html", page, column=DOCUMENTS, crumbs=crumbs, proof=False)


def listed(request: PortalRequest, shelf: published.Shelf, listing: Listing) -> None:
    """Note what a page of a list is made of: its rows, and for the front page whatever comes in."""
    request.shows |= published.matters(shelf.rows)
    request.shows.add(f"in:{listing.name}" if shelf.number is None else f"older:{listing.name}")


@public_page
def feed(request: PortalRequest, kind: str) -> HttpResponse:
    """The newest documents of the place as a feed."""
    place = request.place
    rows = Listing.of_place(place).newest(feeds.IN_FEED)
    request.shows |= {*published.matters(rows), f"in:place:{place.code}"}
    page = reverse("portal:documents", args=[place.slug])
    return feeds.feed(place, "最新公开的文件", page, request.path, rows, kind)


@public_page
def column_feed(request: PortalRequest, slug: str, kind: str) -> HttpResponse:
    """The newest documents of a column as a feed."""
    found = published.column(request.place, slug)
    rows = Listing.of_column(found).newest(feeds.IN_FEED)
    request.shows |= {*published.matters(rows), f"in:column:{found.pk}", f"column:{found.pk}"}
    page = reverse("portal:column", args=[request.place.slug, slug])
    return feeds.feed(request.place, found.name, page, request.path, rows, kind)


# ---- archive -------------------------------------------------------------------------------------------


class Month(Func):
    """The month of an instant in Beijing, 2025-09. Django's own asks Python for each row on SQLite."""

    output_field = CharField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        template = "strftime('%%%%Y-%%%%m', %(expressions)s, '+8 hours')"
        return self.as_sql(compiler, connection, template=template)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        template = "to_char(%(expressions)s AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')"
        return self.as_sql(compiler, connection, template=template)


@public_page
def archive(request: PortalRequest) -> HttpResponse:
    """Every month in which something was published, with how much."""
    months = (
        published.of_place(request.place)
        .order_by()
        .values_list(Month("published_at"))
        .annotate(n=Count("pk"))
    )
    years: dict[int, list[tuple[date, int]]] = {}
    for text, n in sorted(months, reverse=True):
        month = date.fromisoformat(f"{text}-01")
        years.setdefault(month.year, []).append((month, n))
    request.shows.add(f"in:place:{request.place.code}")
    page = {"years": list(years.items())}
    return show(request, "archive.html", page, column=DOCUMENTS, crumbs=[("归档", "")], proof=False)


@public_page
def month(request: PortalRequest, year: int, month: int) -> HttpResponse:
    """What was published in a month."""
    since, until = month_bounds(year, month)
    found = published.of_place(request.place).filter(published_at__gte=since, published_at__lt=until)
    rows = list(published.rows(found.order_by("-published_at", "-pk"), request.place))
    if not rows:
        raise Http404
    request.shows |= {*published.matters(rows), f"in:month:{request.place.code}:{year}-{month}"}
    crumbs = [("归档", "archive"), (f"{year}年{month}月", "")]
    page = {"rows": rows, "month": since}
    return show(request, "month.html", page, column=DOCUMENTS, crumbs=crumbs, proof=False)


def month_bounds(year: int, month: int) -> tuple[datetime, datetime]:
    """The first instants of a month of Chinese time and of the next. Raises Http404 for no such month."""
    if not (1 <= month <= 12 and 1900 <= year <= 9998):
        raise Http404
    zone = timezone.get_current_timezone()
    after = (year + 1, 1) if month == 12 else (year, month + 1)
    return datetime(year, month, 1, tzinfo=zone), datetime(*after, 1, tzinfo=zone)


# ---- for machines --------------------------------------------------------------------------------------

DATA = ("索引号", "标题", "发文字号", "文种", "发文单位", "发布时间", "网址")


@public_page
def open_data(request: PortalRequest, kind: str) -> HttpResponse:
    """The published documents as open data (JSON or CSV), the newest 20,000."""
    found = published.of_place(request.place).order_by("-published_at", "-pk")[:MOST_DATA]
    lines = (
        (row.code, row.title, row.number, row.kind, row.unit, f"{timezone.localtime(row.at):%Y-%m-%d %H:%M}",
         settings.SITE + row.url)
        for row in published.rows(found, request.place)
    )  # fmt: skip
    return as_data(("编号", *DATA[1:]), lines, kind, "documents")


def as_data(head: Sequence[str], lines: Iterable[Sequence[Any]], kind: str, name: str) -> HttpResponse:
    """A table as JSON or as CSV with the mark that spreadsheets need. Raises Http404 for another kind."""
    if kind == "json":
        records = [dict(zip(head, line, strict=True)) for line in lines]
        return JsonResponse({"records": records}, json_dumps_params={"ensure_ascii": False})
    if kind != "csv":
        raise Http404
    text = io.StringIO("\ufeff")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows(lines)
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
