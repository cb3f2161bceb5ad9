"""The first page of a place, and the list of places."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from gongkai.ledger import clock
from gongkai.ledger.asks import Kept, Load
from gongkai.people.models import Place
from gongkai.portal import figures, published
from gongkai.portal.shell import HOME, MINUTE, PortalRequest, public_page, show
from gongkai.portal.terms import terms
from gongkai.portal.views import answers

SHOWN_DUTIES = 6
SHOWN_ANSWERS = 5
SHOWN_DOCUMENTS = 6
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
    last, current = figures.accounts(place, (this.previous, this), now)
    counted = last if any(line.kept.due for line in last.outside) else current
    documents = published.Listing.of_place(place).newest(SHOWN_DOCUMENTS)
    request.shows |= {*published.matters(documents), f"in:place:{place.code}", f"site:{place.code}"}
    page = {
        "documents": documents,
        "columns": published.columns(place),
        "accounts": [account for account in (last, current) if figures.total(account.outside).due],
        "counted": counted,
        "load": figures.open_total(current.outside),
        "lines": _shown(counted, current),
        "answer_term": terms(place.code).get(ANSWER),
        "answers": answers.newest(place, SHOWN_ANSWERS),
        "now": now,
    }
    return show(request, "home.html", page, column=HOME)


def _shown(counted: figures.Account, current: figures.Account) -> list[figures.Line]:
    """The duties owed to people outside: how they were kept in the counted month, and what stands open now."""
    kept = {line.term: line.kept for line in counted.outside}
    load = {line.term: line.load for line in current.outside}
    lines = [
        figures.Line(term.says, kept.get(term, Kept()), load.get(term, Load()), term)
        for term in dict.fromkeys([*kept, *load])
        if term is not None
    ]
    return sorted(lines, key=lambda line: -line.kept.due - line.load.total)[:SHOWN_DUTIES]
