"""Pages around the documents: the openness platform, units, topics, gazettes, services, the map of the site."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import Any

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
)
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from gongkai.documents.models import CatalogueEntry, Column, GazetteIssue, Service, Topic
from gongkai.people.models import Place, Unit
from gongkai.portal import feeds, published, shell
from gongkai.portal.published import Listing
from gongkai.portal.shell import OPENNESS, SERVICES, PortalRequest, public_page, show
from gongkai.portal.views.documents import listed
from gongkai.prepared import Prepared, Slot, totals

SHOWN = 6
IN_TOPIC = 100
UNITS = shell.Column("单位", "机构职能", "各单位公开的文件、目录和办事服务", "单位,机构,职能")
TOPICS = shell.Column("专题", "回应关切", "大家关心的事，文件和数字放在一起", "专题,图表")
GAZETTES = shell.Column("政府公报", "政策文件", "政府公报，按年、期、发文机关排列", "政府公报")


# ---- 政府信息公开 ----------------------------------------------------------------------------------------


@public_page
def openness(request: PortalRequest) -> HttpResponse:
    """The openness platform: guide, rules, what must be open, yearly reports, asking for more. Nothing else."""
    columns = published.statutory(request.place)
    shelves = [(column, Listing.of_column(column).newest(SHOWN)) for column in columns]
    request.shows.add(f"site:{request.place.code}")
    for column, rows in shelves:
        request.shows |= {f"in:column:{column.pk}", f"column:{column.pk}", *published.matters(rows)}
    page = {"shelves": shelves, "request_kind": Column.Kind.ON_REQUEST}
    return show(request, "openness.html", page, column=OPENNESS, crumbs=[(OPENNESS.name, "")], proof=False)


# ---- units ---------------------------------------------------------------------------------------------


def of_place(place: Place) -> list[Unit]:
    """Every unit that may have published something, those that were merged since too."""
    return list(Unit.objects.filter(place=place).exclude(kind=Unit.Kind.SECTION).select_related("successor"))


@public_page
def units(request: PortalRequest) -> HttpResponse:
    """The units of the place, with how much each has published."""
    counted = dict(published.of_place(request.place).order_by().values_list("unit").annotate(n=Count("pk")))
    rows = [(unit, counted.get(unit.pk, 0)) for unit in of_place(request.place)]
    kinds = [(kind.label, [row for row in rows if row[0].kind == kind]) for kind in Unit.Kind]
    request.shows |= {f"in:place:{request.place.code}", f"site:{request.place.code}"}
    page = {"kinds": [(label, found) for label, found in kinds if found]}
    return show(request, "units.html", page, column=UNITS, crumbs=[("单位", "")], proof=False)


@public_page
def unit(request: PortalRequest, code: str, number: int | None = None) -> HttpResponse:
    """A unit's own openness page: what it published, its services, its part of the catalogue."""
    units = _unit().ask(place=request.place.pk, code=code)
    if not units:
        raise Http404
    found, year = units[0], units[0].year
    found.place = request.place
    shelf = published.shelf(listing := Listing.of_unit(found), number)
    listed(request, shelf, listing)
    request.shows |= {f"unit:{found.pk}", f"services:{request.place.code}"}
    in_front = number is None  # only there is shown what else the unit has
    page = {
        "unit": found,
        "shelf": shelf,
        "services": _services().ask(unit=found.pk) if found.has_services and in_front else [],
        "entries": _entries().ask(unit=found.pk, year=year)[0][0] if year and in_front else 0,
        "base": reverse("portal:unit", args=[request.place.slug, code]),
    }
    crumbs = [("单位", "units"), (found.short_name, "")]
    return show(request, "unit.html", page, column=UNITS, crumbs=crumbs, proof=False)


@cache
def _unit() -> Prepared[Any]:
    """A unit by place and code, with the last year of its part of the catalogue and whether it has services."""
    years = CatalogueEntry.objects.filter(unit=OuterRef("pk")).order_by("-year").values("year")[:1]
    units = Unit.objects.filter(place=Slot("place", CharField()), code=Slot("code", CharField()))
    units = units.exclude(kind=Unit.Kind.SECTION).select_related("successor")
    has_services = Exists(Service.objects.filter(unit=OuterRef("pk")))
    return Prepared(units.annotate(year=Subquery(years), has_services=has_services))


@cache
def _services() -> Prepared[Service]:
    return Prepared(Service.objects.filter(unit=Slot("unit", BigIntegerField())))


@cache
def _entries() -> Prepared[tuple[int]]:
    of_unit = CatalogueEntry.objects.filter(unit=Slot("unit", BigIntegerField()))
    return totals(of_unit.filter(year=Slot("year", IntegerField())), of_all=Count("pk"))


@public_page
def unit_feed(request: PortalRequest, code: str, kind: str) -> HttpResponse:
    """The newest documents of a unit as a feed."""
    found = get_object_or_404(Unit.objects.select_related("place"), place=request.place, code=code)
    rows = Listing.of_unit(found).newest(feeds.IN_FEED)
    request.shows |= {*published.matters(rows), f"in:unit:{found.pk}", f"unit:{found.pk}"}
    page = reverse("portal:unit", args=[request.place.slug, code])
    return feeds.feed(request.place, found.name, page, request.path, rows, kind)


# ---- topics --------------------------------------------------------------------------------------------


@public_page
def topics(request: PortalRequest) -> HttpResponse:
    """The topics, open ones first."""
    found = Topic.objects.filter(place=request.place)
    request.shows.add(f"site:{request.place.code}")
    page = {"open": found.filter(closed_at=None), "closed": found.exclude(closed_at=None)}
    return show(request, "topics.html", page, column=TOPICS, crumbs=[("专题", "")], proof=False)


@public_page
def topic(request: PortalRequest, slug: str) -> HttpResponse:
    """One public concern: words, figures, documents."""
    found = get_object_or_404(Topic, place=request.place, slug=slug)
    of_topic = published.of_place(request.place).filter(topics=found).order_by("-published_at", "-pk")
    rows = list(published.rows(of_topic[:IN_TOPIC], request.place))
    request.shows |= {f"topic:{found.pk}", *published.matters(rows)}
    request.shows |= {f"document:{pk}" for pk in found.documents.values_list("pk", flat=True)}
    page = {
        "topic": found,
        "rows": rows,
        "charts": [
            (one.get("title", ""), one.get("unit", ""), [(str(label), value) for label, value in one["rows"]])
            for one in found.figures
            if isinstance(one, dict) and one.get("rows")
        ],
        "article": {"title": found.title, "at": found.opened_at, "source": request.place.government},
    }
    return show(
        request,
        "topic.html",
        page,
        column=TOPICS,
        crumbs=[("专题", "topics"), (found.title, "")],
        proof=False,
    )


# ---- gazettes ------------------------------------------------------------------------------------------


@public_page
def gazettes(request: PortalRequest) -> HttpResponse:
    """The issues of the gazette by year."""
    issues = GazetteIssue.objects.filter(place=request.place)
    years = [(year, list(rows)) for year, rows in groupby(issues, key=lambda one: one.year)]
    request.shows.add(f"site:{request.place.code}")
    return show(
        request, "gazettes.html", {"years": years}, column=GAZETTES, crumbs=[("政府公报", "")], proof=False
    )


@public_page
def gazette(request: PortalRequest, year: int, issue: int) -> HttpResponse:
    """One issue, its documents by issuing body."""
    found = get_object_or_404(GazetteIssue, place=request.place, year=year, issue=issue)
    printed = published.of_place(request.place).filter(gazettes=found)
    rows = list(published.rows(printed.order_by("issuer__code", "published_at", "pk"), request.place))
    issuers = dict(printed.values_list("pk", "issuer__name"))
    request.shows |= {
        f"gazette:{found.pk}",
        *(f"document:{pk}" for pk in found.documents.values_list("pk", flat=True)),
    }
    page = {
        "gazette": found,
        "groups": [(name, list(of)) for name, of in groupby(rows, key=lambda row: issuers[row.pk])],
    }
    crumbs = [("政府公报", "gazettes"), (str(found), "")]
    return show(request, "gazette.html", page, column=GAZETTES, crumbs=crumbs, proof=False)


# ---- services ------------------------------------------------------------------------------------------


@public_page
def services(request: PortalRequest) -> HttpResponse:
    """What the units do for people, by area; `q` narrows by words."""
    q = request.GET.get("q", "").strip()[:60]
    found = (
        Service.objects.filter(place=request.place)
        .select_related("unit")
        .only("name", "area", "kind", "limit", "unit__short_name")
    )
    for word in q.split():
        found = found.filter(Q(name__contains=word) | Q(area__contains=word) | Q(conditions__contains=word))
    request.shows.add(f"services:{request.place.code}")
    page = {"areas": [(area, list(rows)) for area, rows in groupby(found, key=lambda one: one.area)], "q": q}
    return show(request, "services.html", page, column=SERVICES, crumbs=[(SERVICES.name, "")], proof=False)


@public_page
def service(request: PortalRequest, pk: int) -> HttpResponse:
    """What a person needs to know before coming."""
    found = get_object_or_404(Service.objects.select_related("unit"), place=request.place, pk=pk)
    tied = published.of_place(request.place).filter(services=found).order_by("-published_at", "-pk")
    request.shows |= {f"service:{found.pk}", f"services:{request.place.code}"}
    request.shows |= {f"document:{pk}" for pk in found.documents.values_list("pk", flat=True)}
    fields = [
        ("实施单位", found.unit.name), ("事项类型", found.kind), ("办理时限", found.limit), ("收费", found.fee),
        ("办理地点", found.where), ("咨询电话", found.phone), ("设定依据", found.basis),
    ]  # fmt: skip
    page = {
        "service": found,
        "fields": [(word, value) for word, value in fields if value],
        "rows": list(published.rows(tied, request.place)),
        "article": {"title": found.name, "at": found.updated_at, "source": found.unit.name},
    }
    crumbs = [(SERVICES.name, "services"), (found.name, "")]
    return show(request, "service.html", page, column=SERVICES, crumbs=crumbs, proof=False)


# ---- the map -------------------------------------------------------------------------------------------


@public_page
def site_map(request: PortalRequest) -> HttpResponse:
    """Every column, unit and topic on one page, for people."""
    place = request.place
    request.shows.add(f"site:{place.code}")
    page = {
        "columns": Column.objects.filter(place=place),
        "units": of_place(place),
        "topics": Topic.objects.filter(place=place),
        "fixed": [
            (label, reverse(f"portal:{name}", args=[place.slug]))
            for label, name in (
                ("首页", "home"), ("查文件", "documents"), ("政府信息公开", "openness"), ("公开目录", "catalogue"),
                ("政府公报", "gazettes"), ("办事服务", "services"), ("归档", "archive"), ("写信", "write"),
                ("新闻发布", "press"), ("政务新媒体", "accounts"),
                ("查进度", "follow"), ("来信公开", "letters"), ("办理时限", "times"), ("履职公示", "owed"),
                ("制度落实", "clauses"), ("网站找错", "fault"),
            )
        ],
    }  # fmt: skip
    return show(request, "map.html", page, column=shell.HOME, crumbs=[("网站地图", "")], proof=False)
