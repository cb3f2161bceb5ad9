"""Which pages there are to bake, how one is made, and where its file lies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from gongkai.documents.actions.report import ROOM
from gongkai.documents.models import Column, Document, GazetteIssue, Service, Stage, Topic
from gongkai.documents.policy import OPENNESS
from gongkai.files.models import Attachment
from gongkai.ledger import asks as ledger
from gongkai.ledger import lawbook
from gongkai.people.models import Place
from gongkai.portal import papers, published
from gongkai.portal.feeds import TYPES
from gongkai.portal.published import Listing
from gongkai.portal.together import together
from gongkai.portal.views import around, catalogue, maps, press, responses

INDEX, GONE = "index.html", "gone.html"
FIXED = (
    "home", "documents", "archive", "openness", "openness_stages", "units", "topics", "gazettes", "catalogue", "negative", "withheld",
    "services", "press", "accounts", "map", "map_index", "map_around",
)  # fmt: skip
OF_EVERYTHING = ("units", "archive", "map", "map_index")
LIVING = (
    "home",
    "catalogue",
    "negative",
    "withheld",
    "press",
)  # show figures or the day: baked again on a beat


@dataclass(frozen=True, slots=True)
class Baked:
    """A page as it came out: its bytes, what it is made of. `status` 200, 410 for a notice, 404 for nothing there."""

    path: str
    status: int
    content: bytes
    shows: frozenset[str]

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def bake(path: str) -> Baked:
    """Make a page as a stranger without cookies would get it. Database read only."""
    request = HttpRequest.__new__(HttpRequest)
    vars(request).update(_stranger())
    request.path = request.path_info = unquote(path)
    try:
        match = resolve(request.path_info)
        response = match.func(request, *match.args, **match.kwargs)
    except (Http404, Resolver404):
        return Baked(path, HTTPStatus.NOT_FOUND, b"", frozenset())
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return Baked(path, response.status_code, content, frozenset(getattr(request, "shows", ())))


@cache
def _stranger() -> dict[str, Any]:
    """All that a request has in which nothing is asked but a page: to make one costs a tenth of a page."""
    request = HttpRequest()
    request.method = "GET"
    request.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "REQUEST_METHOD": "GET"}
    return vars(request)


@contextmanager
def read_ahead(place: Place, paths: Sequence[str]) -> Iterator[None]:
    """Have what pages will ask ready: the documents at once, what all of them ask at the first."""
    base = reverse("portal:documents", args=[place.slug])
    ends = (path.removeprefix(base).removesuffix("/") for path in paths if path.startswith(base))
    with lawbook.steady(), together(), papers.read_ahead(place, [end for end in ends if "/" not in end]):
        yield


def file_of(folder: Path, path: str) -> Path:
    """The file of a page in the folder of its place: a folder with index.html for an address that ends in /."""
    inside = unquote(path).split("/", 2)[2]
    return folder / (f"{inside}{INDEX}" if not inside or inside.endswith("/") else inside)


def place_folder(place: Place) -> Path:
    """Where the pages of a place stand: a link to the folder of the last full bake."""
    return Path(settings.GONGKAI_BAKED) / place.slug


# ---- which pages there are -----------------------------------------------------------------------------


def paths(place: Place) -> Iterator[str]:
    """Every page of a place, in no order."""
    for name in FIXED:
        yield reverse(f"portal:{name}", args=[place.slug])
    yield from _list("documents", Listing.of_place(place))
    for column in Column.objects.filter(place=place).select_related("place"):
        yield from list_of_column(column)
    for unit in around.of_place(place):
        unit.place = place
        yield reverse("portal:unit", args=[place.slug, unit.code])
        yield from _list("unit", Listing.of_unit(unit), unit.code)
    for stage in ledger.values_of(place.code, OPENNESS):
        yield reverse("portal:openness_stage", args=[place.slug, stage])
        yield from _numbered("openness_stage", Listing.of_openness(place, stage), stage)
    for slug in Topic.objects.filter(place=place).values_list("slug", flat=True):
        yield reverse("portal:topic", args=[place.slug, slug])
    for year, issue in GazetteIssue.objects.filter(place=place).values_list("year", "issue"):
        yield reverse("portal:gazette", args=[place.slug, year, issue])
    for pk in Service.objects.filter(place=place).values_list("pk", flat=True):
        yield reverse("portal:service", args=[place.slug, pk])
    for part, _at in maps.parts(place):
        yield reverse("portal:map_part", args=[place.slug, part])
    yield from responses.paths(place)
    for number in press.of_place(place).values_list("matter__number", flat=True):
        yield reverse("portal:press_event", args=[place.slug, number])
    yield from _of_catalogue(place)
    yield from _of_documents(place)


def list_of_column(column: Column) -> Iterator[str]:
    yield reverse("portal:column", args=[column.place.slug, column.slug])
    yield from _list("column", Listing.of_column(column), column.slug)


def _list(name: str, listing: Listing, *args: str) -> Iterator[str]:
    """The numbered pages and feeds of a list."""
    yield from _numbered(name, listing, *args)
    for kind in TYPES:
        yield reverse(f"portal:{name}_feed", args=[listing.place.slug, *args, kind])


def _numbered(name: str, listing: Listing, *args: str) -> Iterator[str]:
    for number in range(1, published.full_pages(listing.count()) + 1):
        yield reverse(f"portal:{name}_page", args=[listing.place.slug, *args, number])


def _of_catalogue(place: Place) -> Iterator[str]:
    entries = catalogue.entries(place).order_by()
    for area in entries.values_list("area", flat=True).distinct():
        yield reverse("portal:catalogue_area", args=[place.slug, area])
    for code in entries.values_list("unit__code", flat=True).distinct():
        yield reverse("portal:catalogue_unit", args=[place.slug, code])


def _of_documents(place: Place) -> Iterator[str]:
    base = reverse("portal:documents", args=[place.slug])
    months: set[tuple[int, int]] = set()
    many = Document.objects.filter(place=place, stage__in=[Stage.PUBLISHED, Stage.WITHDRAWN]).order_by("pk")
    for code, stage, at in many.values_list("matter__number", "stage", "published_at").iterator(
        chunk_size=2000
    ):
        yield f"{base}{code}/"
        if stage == Stage.PUBLISHED:
            local = timezone.localtime(at)
            months.add((local.year, local.month))
    for year, month in months:
        yield reverse("portal:month", args=[place.slug, year, month])
    changed = published.of_place(place).annotate(n=Count("editions")).filter(n__gt=1)
    for document in changed.select_related("matter"):
        yield from _editions(place, document)
    with_files = Attachment.objects.filter(room=ROOM).values("number")
    for document in published.of_place(place).filter(matter__number__in=with_files).select_related("matter"):
        yield from _files(place, document)


def _editions(place: Place, document: Document) -> Iterator[str]:
    serials = document.editions.exclude(released_at=None).order_by("serial").values_list("serial", flat=True)
    for serial in list(serials)[1:]:
        yield reverse("portal:edition", args=[place.slug, document.code, serial])


def _files(place: Place, document: Document) -> Iterator[str]:
    for one in papers.public_files(document):
        yield reverse("portal:document_file", args=[place.slug, document.code, one.pk, one.name])


def paths_of(document: Document, came: Mapping[str, int]) -> Iterator[str]:
    """The pages that come into being with a document: its own, the last numbered ones of its lists, and of a list it
    came into (`came`, by name) the one it stands on.
    """
    place = document.place
    yield reverse("portal:document", args=[place.slug, document.code])
    if not document.is_published or document.published_at is None:
        return
    yield from _editions(place, document)
    yield from _files(place, document)
    yield reverse("portal:map_part", args=[place.slug, maps.part_of(document)])
    local = timezone.localtime(document.published_at)
    yield reverse("portal:month", args=[place.slug, local.year, local.month])
    for name, listing, args in _listings(document):
        full = published.full_pages(listing.count())
        for number in sorted({full - 1, full, came.get(listing.name, full)}):
            if number >= 1:
                yield reverse(f"portal:{name}_page", args=[place.slug, *args, number])


def _listings(document: Document) -> list[tuple[str, Listing, tuple[str, ...]]]:
    """The numbered lists a published document stands in, with the name and arguments of their pages."""
    place = document.place
    lists: list[tuple[str, Listing, tuple[str, ...]]] = [
        ("documents", Listing.of_place(place), ()),
        ("unit", Listing.of_unit(document.unit), (document.unit.code,)),
    ]
    lists += [
        ("column", Listing.of_column(one), (one.slug,)) for one in document.columns.select_related("place")
    ]
    if stage := document.openness:
        lists.append(("openness_stage", Listing.of_openness(place, stage), (stage,)))
    return lists


def came_into(document: Document, stood: Mapping[str, int]) -> dict[str, int]:
    """The lists on whose numbered pages a document stands now and did not (`stood`), each with the number of the page."""
    if not document.is_published:
        return {}
    lists = [listing for _name, listing, _args in _listings(document) if listing.name not in stood]
    numbers = ((listing, listing.number_of(document)) for listing in lists)
    return {one.name: number for one, number in numbers if number <= published.full_pages(one.count())}


def lists_of(document: Document) -> set[str]:
    """The lists a document stands in, as their pages note them: column, unit, month, place."""
    place = document.place_id
    names = {listing.name for _name, listing, _args in _listings(document)}
    names.add(f"map:{place}:{maps.part_of(document)}")
    if document.published_at:
        local = timezone.localtime(document.published_at)
        names.add(f"month:{place}:{local.year}-{local.month}")
    return names


def number_of(path: str) -> int:
    """The number of a numbered page of a list: the last part of its address."""
    return int(path.rstrip("/").rpartition("/")[2])


def named_in(place: Place, what: str) -> list[str]:
    """The pages of the documents that a topic or an issue of the gazette (`topic:3`) names now, and they it."""
    kind, _, key = what.partition(":")
    if kind not in ("topic", "gazette"):
        return []
    named = (Topic if kind == "topic" else GazetteIssue).objects.get(pk=key).documents.published()
    codes = named.values_list("matter__number", flat=True)
    return [reverse("portal:document", args=[place.slug, code]) for code in codes]


def of_everything(document: Document) -> list[str]:
    """Pages that count or name all that is published: after a change of a document the loop makes them, moments later."""
    slug = document.place.slug
    fixed = [reverse(f"portal:{name}", args=[slug]) for name in OF_EVERYTHING]
    return [*fixed, reverse("portal:map_part", args=[slug, maps.part_of(document)])]


def living(place: Place) -> list[str]:
    return [reverse(f"portal:{name}", args=[place.slug]) for name in LIVING]
