"""The year of opinion for the assessment: figures by unit, the rows behind each, and handing them over."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from gongkai.ledger import clock, lawbook, pages
from gongkai.opinion import actions, policy, yearly
from gongkai.opinion.forms import rest
from gongkai.people.actor import Actor
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.people.models import Unit
from gongkai.ui import sheets
from gongkai.ui.refusal import Refused
from gongkai.ui.sheets import Cells


@office_page
@lawbook.steady()
def year(request: OfficeRequest, year: int | None = None) -> HttpResponse:
    """The figures of a year as they stand now, beside what was handed over. For who oversees, and a unit about itself."""
    actor, now = request.actor, clock.now()
    known = yearly.years(actor.place, timezone.localdate(now))
    chosen = known[0] if year is None else year
    if chosen not in known:
        raise Http404
    told = yearly.reported(actor.place, chosen)
    figures, shown = yearly.figures(actor.place, chosen), _figures(actor)
    then = told[0].details["figures"] if told else figures
    changed = {(code, id): before for code, id, before, _after in yearly.differences(then, figures)}
    rows = [
        (unit, [(figure, figures.get(unit.code, {}).get(figure.id), changed.get((unit.code, figure.id))) for figure in shown])
        for unit in policy.units_assessed(actor).order_by("kind", "code")
        if unit.code in figures or unit.code in then
    ]  # fmt: skip
    page = {
        "year": chosen, "years": known, "figures": shown, "rows": rows, "told": told, "now": now,
        "changed": sum(before is not None for _unit, cells in rows for _figure, _value, before in cells),
        "is_whole": policy.sees_accountability(actor),
        "may_report": policy.may_report_year(actor, chosen, timezone.localdate(now)),
    }  # fmt: skip
    return render(request, "opinion/years.html", page)


def _figures(actor: Actor) -> list[yearly.Figure]:
    """The figures a person is shown: what is inside the office that decides stays there."""
    return [one for one in yearly.FIGURES if policy.sees_accountability(actor) or not one.is_inner]


@office_page
@lawbook.steady()
def behind(request: OfficeRequest, year: int, code: str, figure: str) -> HttpResponse:
    """The rows behind one figure of a unit; each leads to its event for who may open it."""
    actor, now = request.actor, clock.now()
    unit = get_object_or_404(policy.units_assessed(actor), code=code)
    chosen = {one.id: one for one in _figures(actor)}.get(figure)
    if chosen is None or year not in yearly.years(actor.place, timezone.localdate(now)):
        raise Http404
    lines = yearly.lines(chosen, actor.place, year, unit.code)
    urls = pages.urls_for(actor, [line.matter for line in lines if line.matter])
    page = {
        "year": year, "unit": unit, "figure": chosen, "now": now, "most": yearly.MOST,
        "rows": [(line, urls.get(line.matter.pk, "") if line.matter else "") for line in lines],
    }  # fmt: skip
    return render(request, "opinion/year_behind.html", page)


@office_page
@lawbook.steady()
def export_(request: OfficeRequest, year: int) -> HttpResponse:
    """The figures of a year as CSV or XLSX, with what was handed over beside what changed since."""
    actor, now = request.actor, clock.now()
    if year not in yearly.years(actor.place, timezone.localdate(now)):
        raise Http404
    rows = _lines(actor, year, list(policy.units_assessed(actor).order_by("kind", "code")))
    name = f"舆情回应年度数字-{year}-{timezone.localtime(now):%Y%m%d-%H%M}"
    return sheets.as_xlsx(name, rows) if request.GET.get("as") == "xlsx" else sheets.as_csv(name, rows)


def _lines(actor: Actor, year: int, units: list[Unit]) -> Iterator[Cells]:
    shown, told = _figures(actor), yearly.reported(actor.place, year)
    figures = yearly.figures(actor.place, year)
    then: yearly.Figures = told[0].details["figures"] if told else {}
    yield ("单位", *(one.says for one in shown), *(f"报送：{one.says}" for one in shown if told))
    for unit in units:
        if unit.code in figures or unit.code in then:
            now, before = figures.get(unit.code, {}), then.get(unit.code, {})
            yield (
                unit.short_name, *(now.get(one.id) for one in shown),
                *(before.get(one.id) for one in shown if told),
            )  # fmt: skip


@office_page
@lawbook.steady()
def report(request: OfficeRequest, year: int) -> HttpResponse:
    """Hand the figures of a year over to the assessment, or put right what was handed over."""
    actor, now = request.actor, clock.now()
    if not policy.sees_accountability(actor) or year not in yearly.years(
        actor.place, timezone.localdate(now)
    ):
        raise Http404
    again = bool(yearly.reported(actor.place, year))
    form = rest.YearForm(request.POST if request.method == "POST" else None, again=again)
    if form.is_valid():
        try:
            actions.report_year(year, by=actor, at=now, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, f"{refused.reason}。{refused.remedy}")
        else:
            messages.success(request, f"{year}年的数字已报送考核。")
            return redirect("opinion:year", year)
    page = {
        "event": None, "form": form, "label": f"更正{year}年的报送" if again else f"报送{year}年考核",
        "verdict": policy.may_report_year(actor, year, timezone.localdate(now)),
        "back": (reverse("opinion:year", args=[year]), f"{year}年舆情回应"),
        "note": "报送的是现在的数字，报送以后固定下来，日后和当时的数字对照。",
    }  # fmt: skip
    return render(request, "opinion/form.html", page, status=422 if form.errors else 200)
