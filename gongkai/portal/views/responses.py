"""回应关切: what the government answered to what people say, first and later answers in one line of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse

from gongkai.opinion import policy
from gongkai.opinion.models import Response
from gongkai.people.models import Place
from gongkai.portal import feeds, shell
from gongkai.portal.shell import PortalRequest, public_page, show

COLUMN = shell.RESPONSES
A_PAGE = 30


def of_place(place: Place) -> QuerySet[Response]:
    """Released answers of a place, the newest first."""
    found = policy.released().filter(event__place=place)
    return found.select_related("event__matter", "unit").order_by("-released_at", "-pk")


def paths(place: Place) -> list[str]:
    """The addresses of the column: its list, its feeds, every answer that is or was out."""
    out = Response.objects.filter(event__place=place, released_at__isnull=False).select_related(
        "event__matter"
    )
    return [
        reverse("portal:responses", args=[place.slug]),
        *(reverse("portal:responses_feed", args=[place.slug, kind]) for kind in feeds.TYPES),
        *(reverse("portal:response", args=[place.slug, one.code]) for one in out),
    ]


@public_page
def responses(request: PortalRequest) -> HttpResponse:
    """The newest answers; older ones are found by the search."""
    rows = list(of_place(request.place)[:A_PAGE])
    request.shows.add(_key(request.place))
    return show(
        request, "responses.html", {"rows": rows}, column=COLUMN, crumbs=[(COLUMN.name, "")], proof=False
    )


@public_page
def feed(request: PortalRequest, kind: str) -> HttpResponse:
    """The newest answers as a feed."""
    request.shows.add(_key(request.place))
    page = reverse("portal:responses", args=[request.place.slug])
    rows = [_line(one, request.place) for one in of_place(request.place)[: feeds.IN_FEED]]
    return feeds.feed(request.place, COLUMN.name, page, request.path, rows, kind)


def _key(place: Place) -> str:
    return f"responses:{place.code}"


@dataclass(frozen=True, slots=True)
class Line:
    """An answer as a feed tells it."""

    title: str
    url: str
    unit: str
    kind: str
    at: datetime
    number: str = ""

    @property
    def changed_at(self) -> datetime:
        return self.at


def _line(one: Response, place: Place) -> Line:
    assert one.released_at is not None
    url = reverse("portal:response", args=[place.slug, one.code])
    return Line(one.title, url, one.unit.name, one.form, one.released_at)


@public_page
def response(request: PortalRequest, code: str) -> HttpResponse:
    """One answer with those before and after it. One that was taken down says so and why (410)."""
    number, _, serial = code.rpartition("-")
    if not serial.isdigit():
        raise Http404
    out = Response.objects.filter(
        event__place=request.place, event__matter__number=number, serial=int(serial)
    )
    found = out.filter(released_at__isnull=False).select_related("event__matter", "unit").first()
    if found is None or found.event.is_restricted:
        raise Http404
    request.shows |= {_key(request.place), f"response:{found.pk}"}
    crumbs = [(COLUMN.name, "responses"), (found.title, "")]
    if not found.is_released:
        gone = {"response": found}
        return show(
            request, "response_gone.html", gone, column=COLUMN, crumbs=crumbs, status=410, proof=False
        )
    page = {
        "response": found,
        "line": of_place(request.place).filter(event=found.event).order_by("released_at", "pk"),
        "article": {"title": found.title, "at": found.released_at, "source": found.unit.name},
    }
    return show(request, "response.html", page, column=COLUMN, crumbs=crumbs, proof=False)
