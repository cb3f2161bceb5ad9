"""What every page of the portal shares: its place, its frame, its metadata, and how long it may be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import CharField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.http import require_safe

from gongkai.ledger import lawbook
from gongkai.ledger.models import Seal
from gongkai.people.models import Place
from gongkai.portal import together
from gongkai.prepared import Prepared, Slot
from gongkai.ui.environment import url_for
from gongkai.ui.parts import Door

MINUTE = 60
Crumb = tuple[str, str]  # label and name or address of the page, "" for the page itself


class PortalRequest(HttpRequest):
    """A request for a page of an open place."""

    place: Place
    shows: set[str]  # what the page is made of, e.g. "document:12": when that changes, the baked page does


@dataclass(frozen=True, slots=True)
class Column:
    """A column (栏目) of the site. `type` is one of those the page rules (网页设计规范) name."""

    name: str
    type: str
    about: str
    words: str


HOME = Column("首页", "首页", "查来信答复、写信、查办理进度，看政府该办的事办到了没有", "政务公开,首页")
DOCUMENTS = Column("查文件", "政策文件", "政府公开的全部文件，新的在前", "文件,政策,通知,公告")
OPENNESS = Column(
    "信息公开",
    "信息公开目录",
    "政府信息公开指南、制度、目录、年报和依申请公开",
    "政府信息公开,指南,目录,年报",
)
SERVICES = Column("办事服务", "办事服务", "各单位办什么事、要什么材料、多久办完", "办事,服务,材料,时限")
FAULTS = Column("网站找错", "咨询投诉", "网站上有错，告诉我们", "找错,纠错")
WRITE = Column("写信", "咨询投诉", "向政府咨询、求助、建议、投诉、举报", "写信,咨询,投诉,政务信箱")
FOLLOW = Column("查进度", "咨询投诉", "凭查询码查办理进度、看答复、评价", "办理进度,查询码,评价")
LETTERS = Column("来信公开", "回应关切", "群众来信和政府的答复", "来信,答复,问答")
TIMES = Column(
    "办理时限", "信息公开指南", "每件事最迟多久办完、依据哪一条、实际办了多久", "办理时限,期限,依据"
)
RESPONSES = Column("回应关切", "回应关切", "大家关心、议论的事，由责任单位公开回应", "回应关切,舆情,回应")
OWED = Column("履职公示", "数据发布", "政府该办的事，多少按时办了，多少逾期", "履职,按时,逾期")
CLAUSES = Column("制度落实", "政策文件", "每条规定由什么落实，落实得怎样", "制度,条款,落实")

COLUMNS: tuple[tuple[str, Column], ...] = (
    ("documents", DOCUMENTS),
    ("openness", OPENNESS),
    ("write", WRITE),
    ("follow", FOLLOW),
    ("letters", LETTERS),
    ("responses", RESPONSES),
    ("times", TIMES),
    ("owed", OWED),
    ("clauses", CLAUSES),
)

FOOTER = (
    ("办理流程图", "flow"), ("怎样核对数字", "seals"), ("订阅来信答复", "letters_feed"), ("我为政府网站找错", "fault"), ("网站地图", "map"),
)  # fmt: skip

P = ParamSpec("P")
View = Callable[Concatenate[PortalRequest, P], HttpResponse]


def _opened(request: HttpRequest, slug: str) -> PortalRequest:
    """The request with its place. A place that is not open answers like one that does not exist: 404."""
    found = cast(PortalRequest, request)
    places = together.once(("place", slug), lambda: _of_slug().ask(slug=slug))
    if not places:
        raise Http404
    found.place = places[0]
    found.shows = {f"place:{found.place.code}"}
    return found


@lru_cache(maxsize=1)
def _of_slug() -> Prepared[Place]:
    return Prepared(Place.objects.filter(slug=Slot("slug", CharField()), is_open=True))


def public_page(view: View[P]) -> Callable[..., HttpResponse]:
    """A page anybody may read, and keep for a minute."""

    @wraps(view)
    def page(request: HttpRequest, place: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        with lawbook.steady():
            response = view(_opened(request, place), *args, **kwargs)
        if response.status_code == 200:
            patch_cache_control(response, max_age=MINUTE)
        return response

    return require_safe(page)


def personal_page(view: View[P]) -> Callable[..., HttpResponse]:
    """A page for one reader: no browser and no cache on the way keeps it."""

    @wraps(view)
    def page(request: HttpRequest, place: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        with lawbook.steady():
            response = view(_opened(request, place), *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return page


def show(
    request: PortalRequest,
    template: str,
    page: Mapping[str, Any],
    *,
    column: Column,
    crumbs: Sequence[Crumb] = (),
    status: int = 200,
    proof: bool = True,
) -> HttpResponse:
    """Draw a page in the frame of its place. One query, for the last seal; `proof=False` on a page without figures."""
    context = {**frame(request.place, column, crumbs, proof), **page}
    return render(request, f"portal/{template}", context, status=status)


def frame(place: Place, column: Column, crumbs: Sequence[Crumb] = (), proof: bool = True) -> dict[str, Any]:
    """What `portal/page.html` needs: name, navigation, crumbs, footer, proof, metadata."""
    seal = last_seal() if proof else None
    trail = [("首页", "home"), *crumbs] if crumbs else []
    return {
        "place": place,
        "column": column,
        "site_name": place.government,
        "site_domain": urlsplit(settings.SITE).hostname,
        "home_url": _address(place, "home"),
        "nav": _doors(place.slug, column),
        "crumbs": [{"label": label, "url": _address(place, name)} for label, name in trail],
        "footer_links": _footer_doors(place.slug),
        "footer_lines": _footer_lines(place),
        "proof": seal and {"at": seal.sealed_at, "seal": seal.short, "url": _address(place, "seals")},
    }


def _address(place: Place, name: str) -> str:
    return name if not name or name.startswith("/") else url_for(f"portal:{name}", place.slug)


@lru_cache(maxsize=2_000)
def _doors(slug: str, here: Column) -> tuple[Door, ...]:
    return tuple(
        Door(column.name, url_for(f"portal:{name}", slug), column == here) for name, column in COLUMNS
    )


@lru_cache(maxsize=256)
def _footer_doors(slug: str) -> tuple[Door, ...]:
    return tuple(Door(label, url_for(f"portal:{name}", slug)) for label, name in FOOTER)


def last_seal() -> Seal | None:
    """The newest seal without the digests it covers."""
    found = _last_seal().ask()
    return found[0] if found else None


@lru_cache(maxsize=1)
def _last_seal() -> Prepared[Seal]:
    return Prepared(Seal.objects.defer("digests").order_by("-id")[:1])


def _footer_lines(place: Place) -> tuple[str, ...]:
    phone = f"政务公开电话：{place.office_phone}" if place.office_phone else ""
    hours = f"（{place.office_hours}）" if phone and place.office_hours else ""
    lines = [f"主办：{place.government}", f"{phone}{hours}"]
    if place.site_code:
        lines.append(f"网站标识码：{place.site_code}")
    if settings.DEMONSTRATION:
        lines.append("这是演示站点，地名、人物和来信都是虚构的。")
    return tuple(filter(None, lines))
