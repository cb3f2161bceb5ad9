"""The map of a place's documents for search engines: all of them, in parts, under an index.

A part holds the documents of a run of keys, so a release changes the newest part, a change the one its document is in.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Max
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.urls import reverse

from gongkai.documents.models import Column, Document, Service, Topic
from gongkai.people.models import Place, Unit
from gongkai.portal import feeds, published
from gongkai.portal.shell import PortalRequest, public_page

IN_PART = 45_000  # keys; the protocol ends at 50,000 addresses
FIXED = ("documents", "openness", "units", "topics", "gazettes", "catalogue", "services", "archive", "map")
LAST = Coalesce("changed_at", "published_at")


def part_of(document: Document) -> int:
    """The part a document stands in."""
    return int(document.pk) // IN_PART


def parts(place: Place) -> list[tuple[int, datetime]]:
    """The parts of a place that hold anything, each with its last change. One query."""
    of_place = published.of_place(place).order_by().annotate(part=F("pk") / IN_PART)
    return list(of_place.values_list("part").annotate(last=Max(LAST)).order_by("part"))


@public_page
def index(request: PortalRequest) -> HttpResponse:
    """Where the parts are."""
    slug = request.place.slug
    maps: list[tuple[str, datetime | None]] = [(reverse("portal:map_around", args=[slug]), None)]
    maps += [(reverse("portal:map_part", args=[slug, part]), at) for part, at in parts(request.place)]
    request.shows.add(f"in:place:{request.place.code}")
    return feeds.map_index(maps)


@public_page
def around(request: PortalRequest) -> HttpResponse:
    """What there is besides documents."""
    place = request.place
    pages = [reverse(f"portal:{name}", args=[place.slug]) for name in FIXED]
    for name, model, field in (
        ("column", Column, "slug"), ("topic", Topic, "slug"), ("unit", Unit, "code"), ("service", Service, "pk"),
    ):  # fmt: skip
        found = model._default_manager.filter(place=place).values_list(field, flat=True)
        pages += [reverse(f"portal:{name}", args=[place.slug, one]) for one in found]
    request.shows |= {f"site:{place.code}", f"services:{place.code}"}
    return feeds.site_map((path, None) for path in pages)


@public_page
def part(request: PortalRequest, part: int) -> HttpResponse:
    """The documents of a run of keys, the oldest first."""
    place, first = request.place, part * IN_PART
    of_part = published.of_place(place).filter(pk__gte=first, pk__lt=first + IN_PART).order_by("pk")
    rows = of_part.annotate(last=LAST).values_list("matter__number", "last")
    base = reverse("portal:documents", args=[place.slug])
    pages = [(f"{base}{code}/", last) for code, last in rows]
    if not pages:
        raise Http404
    request.shows.add(f"in:map:{place.code}:{part}")
    return feeds.site_map(pages)
