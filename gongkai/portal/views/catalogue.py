"""The public catalogue: what is disclosed by whom and when, the negative list, what was withheld and may be named."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from gongkai.documents import facts
from gongkai.documents.models import CatalogueEntry, Document, NegativeEntry
from gongkai.ledger import clock
from gongkai.ledger.models import Fact
from gongkai.people.models import Place, Unit
from gongkai.portal import shell
from gongkai.portal.shell import PortalRequest, public_page, show
from gongkai.portal.views.documents import as_data

CATALOGUE = shell.Column(
    "公开目录", "信息公开目录", "主动公开的事项：公开什么、什么时候、谁来公开", "公开目录,主动公开"
)
HEAD = (
    "一级事项", "二级事项", "公开内容（要素）", "公开依据", "公开时限", "公开主体", "公开渠道和载体", "公开对象", "公开方式", "公开层级",
)  # fmt: skip
NOT_NAMED = ("秘密", "隐私", "安全")  # grounds whose documents are not named either


def entries(place: Place) -> QuerySet[CatalogueEntry]:
    """The catalogue of the newest year there is."""
    found = CatalogueEntry.objects.filter(place=place)
    newest = found.order_by("-year").values_list("year", flat=True).first()
    return found.filter(year=newest or 0).select_related("unit")


def _line(one: CatalogueEntry) -> tuple[str, ...]:
    return (
        one.item, one.subitem, one.content, one.basis, one.limit, one.unit.name, one.channels, one.audience, one.manner, one.level,
    )  # fmt: skip


@public_page
def catalogue(request: PortalRequest) -> HttpResponse:
    """Areas and units of the catalogue, with the lists beside it."""
    found = entries(request.place)
    request.shows.add(f"catalogue:{request.place.code}")
    page = {
        "year": found.values_list("year", flat=True).first(),
        "areas": list(found.order_by("area").values_list("area").annotate(n=Count("pk"))),
        "units": list(
            found.order_by("unit__code").values_list("unit__code", "unit__short_name").annotate(n=Count("pk"))
        ),
    }
    return show(request, "catalogue.html", page, column=CATALOGUE, crumbs=[("公开目录", "")], proof=False)


@public_page
def area(request: PortalRequest, area: str) -> HttpResponse:
    """The entries of an area."""
    return _table(request, area, entries(request.place).filter(area=area))


@public_page
def unit(request: PortalRequest, code: str) -> HttpResponse:
    """The entries of a unit."""
    found = get_object_or_404(Unit, place=request.place, code=code)
    return _table(request, found.name, entries(request.place).filter(unit=found))


def _table(request: PortalRequest, title: str, found: QuerySet[CatalogueEntry]) -> HttpResponse:
    rows = [_line(one) for one in found]
    if not rows:
        raise Http404
    request.shows.add(f"catalogue:{request.place.code}")
    page = {"title": title, "head": HEAD, "rows": rows}
    crumbs = [("公开目录", "catalogue"), (title, "")]
    return show(request, "catalogue_table.html", page, column=CATALOGUE, crumbs=crumbs, proof=False)


@public_page
def open_data(request: PortalRequest, kind: str) -> HttpResponse:
    """The catalogue as open data (JSON or CSV)."""
    lines: Sequence[Sequence[str]] = [(one.area, *_line(one)) for one in entries(request.place)]
    return as_data(("领域", *HEAD), lines, kind, "catalogue")


@public_page
def negative(request: PortalRequest) -> HttpResponse:
    """What is not disclosed, on which ground (负面清单)."""
    today = timezone.localdate(clock.now())
    found = NegativeEntry.objects.filter(place=request.place, from_on__lte=today)
    found = found.filter(Q(until_on=None) | Q(until_on__gt=today)).select_related("unit")
    request.shows.add(f"catalogue:{request.place.code}")
    rows = [(one.item, one.unit.short_name, one.ground, one.reason, one.basis or "—") for one in found]
    page = {"head": ("事项", "单位", "理由类别", "理由", "依据"), "rows": rows}
    crumbs = [("公开目录", "catalogue"), ("负面清单", "")]
    return show(request, "negative.html", page, column=CATALOGUE, crumbs=crumbs, proof=False)


@public_page
def withheld(request: PortalRequest) -> HttpResponse:
    """The catalogues of withheld documents that units have made public, year by year.

    A document whose ground forbids even its name stands there without it.
    """
    told = Fact.objects.filter(kind=facts.WITHHELD_PUBLISHED.name, matter__place=request.place)
    groups = []
    for unit_id, at in told.order_by("-happened_at").values_list("matter__unit", "happened_at"):
        documents = Document.objects.withheld().filter(
            place=request.place, unit=unit_id, issued_at__year=timezone.localtime(at).year, issued_at__lte=at
        )
        fields = ("title", "number", "genre", "made_on", "ground", "reason", "unit__name", "secrecy")
        rows = list(documents.order_by("made_on", "pk").values(*fields))
        if rows:
            groups.append((rows[0]["unit__name"], timezone.localtime(at).year, [_named(row) for row in rows]))
    request.shows.add(f"catalogue:{request.place.code}")
    page = {"head": ("文件", "文种", "成文日期", "理由类别", "理由"), "groups": groups}
    crumbs = [("公开目录", "catalogue"), ("不予公开目录", "")]
    return show(request, "withheld.html", page, column=CATALOGUE, crumbs=crumbs, proof=False)


def _named(row: dict[str, object]) -> tuple[object, ...]:
    ground = str(row["ground"])
    is_secret = row["secrecy"] not in ("", "可以公开") or any(word in ground for word in NOT_NAMED)
    title = "（名称不便公开）" if is_secret else f"{row['title']}　{row['number']}"
    return (
        title,
        row["genre"],
        row["made_on"] or "—",
        ground or "—",
        "—" if is_secret else row["reason"] or "—",
    )
