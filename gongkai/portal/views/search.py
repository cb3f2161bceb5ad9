"""The search of the portal: published documents and answers together, narrowed by kind, unit, year and days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date

from gongkai.documents.indexing import PUBLIC as DOCUMENTS
from gongkai.ledger import clock
from gongkai.letters.indexing import PUBLIC as ANSWERS
from gongkai.opinion.indexing import PUBLIC as RESPONSES
from gongkai.people.models import Unit
from gongkai.portal.figures import midnight
from gongkai.portal.shell import DOCUMENTS as COLUMN
from gongkai.portal.shell import PortalRequest, public_page, show
from gongkai.search import actions as searching
from gongkai.search import asks as finding
from gongkai.search.excerpt import snippet
from gongkai.search.models import Entry
from gongkai.ui.parts import Filter, Option

MOST_UNITS = 12
YEARS = 6
ROOMS = {DOCUMENTS: "文件", ANSWERS: "来信和答复", RESPONSES: "回应关切"}
DOORS = {DOCUMENTS: "portal:document", ANSWERS: "portal:answer", RESPONSES: "portal:response"}


@public_page
def search(request: PortalRequest) -> HttpResponse:
    """What is found, with the words marked, and another question where nothing is."""
    given = request.GET
    q = given.get("q", "").strip()[:100]
    page: dict[str, Any] = {
        "q": q,
        "exact": given.get("exact") == "1",
        "since": given.get("since", ""),
        "until": given.get("until", ""),
    }
    if q:
        page |= _found(request, q, exact=page["exact"])
    return show(request, "search.html", page, column=COLUMN, crumbs=[("搜索", "")], proof=False)


def _found(request: PortalRequest, q: str, *, exact: bool) -> dict[str, Any]:
    given, place = request.GET, request.place
    wanted, room = given.get("page", ""), given.get("room", "")
    since, until = _days(given.get("since", ""), given.get("until", ""))
    year = given.get("year", "")
    results = finding.find(
        q, rooms=(room,) if room in ROOMS else tuple(ROOMS), place=place.code, public=True,
        kind=given.get("nature") or None, unit=given.get("unit") or None, since=since, until=until,
        year=int(year) if year.isdecimal() else None,
        page=int(wanted) if wanted.isdecimal() else 1, exact=exact,
    )  # fmt: skip
    names = dict(Unit.objects.filter(place=place).values_list("code", "short_name"))
    if not wanted:
        searching.note(place.code, q, results.count, clock.now())
    return {
        "results": results,
        "page": Paginator(range(results.reach), finding.PAGE).get_page(results.page),
        "rows": [_row(row, results, names, place.slug) for row in results.rows],
        "filters": _filters(results, names),
    }


def _days(since: str, until: str) -> tuple[datetime | None, datetime | None]:
    """The first instant of a day and the first one after another; None for what is no day."""
    first, last = _day(since), _day(until)
    return midnight(first) if first else None, midnight(last + timedelta(days=1)) if last else None


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _row(row: Entry, results: finding.Results, names: dict[str, str], place: str) -> dict[str, Any]:
    return {
        "url": reverse(DOORS[row.room], args=[place, row.number]),
        "room": ROOMS[row.room],
        "title": snippet(row.title, results.asked, 0),
        "text": snippet(row.body, results.asked),
        "unit": names.get(row.unit_code, ""),
        "kind": row.kind,
        "at": row.at,
    }


def _filters(results: finding.Results, names: dict[str, str]) -> list[Filter]:
    facets = results.facets
    years = [Option(value, f"{value}年", n) for value, n in facets.get("year", ())[:YEARS]]
    rooms = [Option(value, ROOMS[value], n) for value, n in facets.get("room", ()) if value in ROOMS]
    kinds = [Option(value, value, n) for value, n in facets.get("kind", ())]
    units = [Option(code, names.get(code, code), n) for code, n in facets.get("unit", ())[:MOST_UNITS]]
    return [
        Filter("room", "在哪里找", [Option("", "全部"), *rooms]),
        Filter("nature", "种类", [Option("", "全部种类"), *kinds]),
        Filter("unit", "单位", [Option("", "全部单位"), *units]),
        Filter("year", "年份", [Option("", "不限年份"), *years]),
    ]
