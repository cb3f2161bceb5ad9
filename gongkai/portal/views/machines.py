"""What machines ask for: health, robots, the map of the site."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gongkai.documents import exchange
from gongkai.ledger import clock
from gongkai.ledger.models import Matter
from gongkai.letters.models import Letter
from gongkai.people.models import Place
from gongkai.portal import feeds
from gongkai.portal.baking import actions as baking
from gongkai.portal.shell import COLUMNS, PortalRequest, last_seal, public_page

LATEST = 300  # seconds a duty may wait to be counted before the loop is taken to stand still
IN_MAP = 5_000
CLOSED = ("follow", "letter", "rate", "rated", "write/receipt")


@never_cache
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Whether the house works: the database, how far the sweep is behind, the last seal; 503 if not."""
    now = clock.now()
    try:
        waiting = Matter.objects.due(now).order_by("next_at").values_list("next_at", flat=True).first()
        seal = last_seal()
        site = baking.state()
    except DatabaseError:
        return JsonResponse({"ok": False, "database": False}, status=503)
    behind = int((now - waiting).total_seconds()) if waiting else 0
    found = {
        "ok": behind <= LATEST,
        "database": True,
        "sweep_behind_seconds": behind,
        "site": site,
        "last_seal": seal
        and {
            "number": seal.pk,
            "sealed_at": timezone.localtime(seal.sealed_at).isoformat(),
            "root": seal.root,
        },
    }
    return JsonResponse(found, status=200 if found["ok"] else 503)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What is not for search engines, and where the maps are. One query."""
    open_places = Place.objects.filter(is_open=True).values_list("slug", flat=True)
    lines = [
        "User-agent: *",
        "Disallow: /office/",
        "Disallow: /files/",
        *(f"Disallow: /*/{name}/" for name in CLOSED),
        f"Sitemap: {settings.SITE}{reverse('portal:sitemap')}",
        *(f"Sitemap: {settings.SITE}{reverse('portal:map_index', args=[slug])}" for slug in open_places),
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The public pages of the open places and the newest published answers. Two queries."""
    slugs = list(Place.objects.filter(is_open=True).values_list("slug", flat=True))
    names = ["home", *(name for name, _column in COLUMNS if name != "follow"), "flow", "seals"]
    pages: list[tuple[str, datetime | None]] = [
        (reverse(f"portal:{name}", args=[slug]), None) for slug in slugs for name in names
    ]
    published = Letter.objects.filter(place__slug__in=slugs).published().order_by("-published_at")
    answers = published.values_list("place__slug", "matter__number", "published_at")[:IN_MAP]
    pages += [(reverse("portal:answer", args=[slug, number]), at) for slug, number, at in answers]
    return feeds.site_map(pages)


@public_page
def changes(request: PortalRequest) -> JsonResponse:
    """For a platform above: documents that changed after a cursor (`?after=`), withdrawn ones as tombstones."""
    after = request.GET.get("after", "")
    page = exchange.changes(request.place, int(after[:18]) if after.isdecimal() else 0, clock.now())
    found = {
        "place": request.place.code, "fields": dict(exchange.FIELDS), "documents": page.records,
        "cursor": page.cursor, "more": page.more,
    }  # fmt: skip
    return JsonResponse(found, json_dumps_params={"ensure_ascii": False})
