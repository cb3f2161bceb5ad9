"""Lists of documents by view, and their export."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from gongkai.documents import asks, export, policy, workbook
from gongkai.documents.forms import writing as forms
from gongkai.ledger import clock, lawbook
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.people.models import Power, Unit
from gongkai.ui import sheets
from gongkai.ui.parts import Filter, Option, onward, with_changes

MOST = 50_000  # rows of an export; more are asked for by narrowing


@office_page
@lawbook.steady()
def list_(request: OfficeRequest) -> HttpResponse:
    """Documents by view, newest first, each with its most urgent clock."""
    actor, now = request.actor, clock.now()
    seen = policy.visible_to(actor)
    form = forms.ListForm(request.GET, actor=actor)
    view = asks.BY_ID.get(request.GET.get("view", ""), asks.VIEWS[0])
    counted = asks.counts(seen, actor)
    narrowed = asks.narrowed(seen, form.chosen)
    rows, after = asks.page(narrowed, view, actor, now, request.GET.get("after", ""))
    options = [
        Option(one.id, one.label, counted.get(one.id))
        for one in asks.VIEWS
        if one is view or one.id in ("", "published") or counted.get(one.id, 1)
    ]
    page = {
        "view": view,
        "rows": rows,
        "now": now,
        "form": form if "more" in request.GET or form.is_narrowed or form.errors else None,
        "filters": [Filter("view", "看哪些", options)],
        "more_url": with_changes(request, more="1", after=None),
        "export_query": with_changes(request, after=None),
        "one_unit": form.chosen.get("unit"),
        "may_draft": bool(actor.units(Power.DRAFT)),
    } | onward(request, after)
    return render(request, "documents/list.html", page)


@office_page
@lawbook.steady()
def export_(request: OfficeRequest) -> HttpResponse:
    """What the list shows with these questions, all pages of it, as CSV or XLSX."""
    policy.may_export(request.actor).enforce()
    form = forms.ListForm(request.GET, actor=request.actor)
    view = asks.BY_ID.get(request.GET.get("view", ""), asks.VIEWS[0])
    found = asks.narrowed(policy.visible_to(request.actor), form.chosen).filter(view.rows(request.actor))
    rows = export.lines(found.select_related("matter", "unit", "issuer").order_by("-id")[:MOST])
    name = f"公文-{timezone.localtime(clock.now()):%Y%m%d-%H%M}"
    return sheets.as_xlsx(name, rows) if request.GET.get("as") == "xlsx" else sheets.as_csv(name, rows)


@office_page
@lawbook.steady()
def workbook_(request: OfficeRequest, unit: str) -> HttpResponse:
    """Everything a unit of the place has, as far as the reader may see it, in one spreadsheet."""
    policy.may_export(request.actor).enforce()
    found = get_object_or_404(Unit, place=request.actor.place, code=unit)
    name = f"{found.short_name}-{timezone.localtime(clock.now()):%Y%m%d}.xlsx"
    return sheets.given(name, workbook.of(found, request.actor))
