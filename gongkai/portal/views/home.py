"""The first page of a place, and the list of places."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from gongkai.ledger import clock
from gongkai.letters.models import Letter
from gongkai.people.models import Place
from gongkai.portal import figures
from gongkai.portal.shell import HOME, MINUTE, PortalRequest, public_page, show
from gongkai.portal.terms import terms

SHOWN_DUTIES = 6
SHOWN_ANSWERS = 5
ANSWER = "letter.answer"


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """The open places by their superiors; with one place, straight to it."""
    found = list(Place.objects.filter(is_open=True).select_related("parent"))
    if len(found) == 1:
        return redirect("portal:home", found[0].slug)
    response = render(request, "portal/places.html", {"places": found})
    patch_cache_control(response, max_age=MINUTE)
    return response


@public_page
def home(request: PortalRequest) -> HttpResponse:
    """Find, write, follow; then what the government owes and whether it kept it."""
    place, now = request.place, clock.now()
    this = figures.month_of(now)
    last = figures.account(place, this.previous, now)
    current = figures.account(place, this, now)
    answers = Letter.objects.filter(place=place).published().select_related("matter", "unit", "lead")
    page = {
        "last": last,
        "current": current,
        "lines": _shown(last, current),
        "answer_term": terms(place.code).get(ANSWER),
        "answers": answers.order_by("-published_at")[:SHOWN_ANSWERS],
        "now": now,
    }
    return show(request, "home.html", page, column=HOME)


def _shown(last: figures.Account, current: figures.Account) -> list[figures.Line]:
    """The duties owed to people outside, of which most fell due last month; what stands open is of now."""
    lines = {line.label: line for line in (*current.outside, *last.outside)}
    ranked = sorted(lines.values(), key=lambda line: -line.kept.due - line.load.total)
    return ranked[:SHOWN_DUTIES]
