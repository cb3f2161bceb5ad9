"""For the auditor: the facts as they were recorded and whether they are sealed, and who took letters away. Read only."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render

from gongkai.ledger.models import Fact, Seal
from gongkai.ledger.vocabulary import says
from gongkai.letters import policy as letters
from gongkai.office import duty
from gongkai.office.forms import FactForm
from gongkai.people.desk import OfficeRequest, needs, office_page
from gongkai.people.models import Power
from gongkai.text import screen
from gongkai.ui.parts import onward

A_PAGE = 50


@office_page
@needs(Power.AUDIT)
def facts(request: OfficeRequest) -> HttpResponse:
    """Facts of the place by matter, kind, person and time, newest first, by key, with the seal over each."""
    place = request.actor.place
    form = FactForm(request.GET or None, place=place.pk)
    rows = Fact.objects.filter(matter__place=place).select_related("matter", "by", "by_unit")
    if form.is_valid():
        rows = rows.filter(**form.chosen())
    after = request.GET.get("page", "")
    if after.isdigit():
        rows = rows.filter(pk__lt=int(after))
    found = list(rows.order_by("-pk")[: A_PAGE + 1])
    shown, more = found[:A_PAGE], len(found) > A_PAGE
    names, seals = duty.unit_names(shown), _seals(shown)
    page = {
        "form": form,
        "rows": [
            (
                fact,
                says(fact.kind),
                duty.in_words(fact, names, whole=True),
                screen.mask(fact.because),
                seals.get(fact.pk),
            )
            for fact in shown
        ],
    } | onward(request, shown[-1].pk if more else None, "page")
    return render(request, "office/facts.html", page, status=422 if form.errors else 200)


@office_page
@needs(Power.AUDIT)
def exports(request: OfficeRequest) -> HttpResponse:
    """Letters that were taken away as tables, newest first, by key."""
    rows = letters.visible_exports(request.actor).select_related("by")
    after = request.GET.get("page", "")
    if after.isdigit():
        rows = rows.filter(pk__lt=int(after))
    found = list(rows[: A_PAGE + 1])
    last = found[A_PAGE - 1].pk if len(found) > A_PAGE else None
    page = {"rows": found[:A_PAGE]} | onward(request, last, "page")
    return render(request, "office/exports.html", page)


def _seals(facts: Sequence[Fact]) -> dict[int, Seal]:
    """The seal over each fact, none for those not sealed yet. One query."""
    if not facts:
        return {}
    ids = [fact.pk for fact in facts]
    rows = list(
        Seal.objects.filter(last_fact__gte=min(ids), first_fact__lte=max(ids))
        .defer("digests")
        .order_by("last_fact", "id")
    )
    ends = [seal.last_fact for seal in rows]
    found = {id: bisect_left(ends, id) for id in ids}
    return {id: rows[n] for id, n in found.items() if n < len(rows)}
