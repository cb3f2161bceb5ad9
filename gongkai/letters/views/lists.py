"""Lists of letters: what is being worked on by clock, the rest newest first; unopened intake; export."""

from __future__ import annotations

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header

from gongkai.ledger import clock, lawbook
from gongkai.letters import actions, asks, export, forms, policy
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.ui.parts import Filter, Option, onward, with_changes

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@office_page
@lawbook.steady()
def list_(request: OfficeRequest) -> HttpResponse:
    """Letters by view, what is being worked on in the order of clocks."""
    actor, now = request.actor, clock.now()
    asked = not request.GET.keys().isdisjoint(forms.ListForm.ASKS)
    form = forms.ListForm(request.GET, actor=actor) if asked else None
    view = _view(request)
    counted = asks.counts(actor, now)
    rows = asks.page(actor, view, now, request.GET.get("after", ""), form.chosen if form else None)
    options = [
        Option(one.id, one.label, counted.get(one.id)) for one in asks.VIEWS if _shows(one, view, counted)
    ]
    page = {
        "view": view,
        "rows": rows,
        "now": now,
        "form": form if form and ("more" in request.GET or form.is_narrowed or form.errors) else None,
        "more_url": with_changes(request, more="1", after=None),
        "filters": [Filter("view", "看哪些", options)],
        "alarm": counted["alarm"],
        "export_query": with_changes(request, after=None),
        "may_enter": policy.may_receive(actor),
        "may_group": policy.may_group(actor),
    } | onward(request, rows.after)
    return render(request, "letters/list.html", page)


def _view(request: OfficeRequest) -> asks.View:
    return asks.BY_ID.get(request.GET.get("view", ""), asks.VIEWS[0])


def _shows(one: asks.View, current: asks.View, counted: dict[str, int]) -> bool:
    """A view of work without a letter is not offered, unless it is looked at."""
    return one in (current, asks.VIEWS[0]) or not one.is_counted or counted[one.id] > 0


@office_page  # type: ignore[arg-type]  # a stream is a response, too
@lawbook.steady()
def export_(request: OfficeRequest) -> HttpResponseBase:
    """What the list shows with these questions, all pages of it, as CSV or XLSX. That it was taken away is noted."""
    policy.may_export(request.actor).enforce()
    form = forms.ListForm(request.GET, actor=request.actor)
    letters = (
        asks.narrowed(policy.visible_to(request.actor), form.chosen, request.actor.place.code)
        .filter(_view(request).rows(request.actor))
        .order_by("-received_at", "-pk")
    )
    now, is_xlsx = clock.now(), request.GET.get("as") == "xlsx"
    actions.note_export(
        letters, by=request.actor, at=now, form="XLSX" if is_xlsx else "CSV", asked=form.in_words(_view(request).label),
        with_person=export.WITH_PERSON,
    )  # fmt: skip
    name = f"来信-{timezone.localtime(now):%Y%m%d-%H%M}"
    if is_xlsx:
        return FileResponse(
            export.as_xlsx(letters), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX
        )
    response = StreamingHttpResponse(export.as_csv(letters), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.csv") or "attachment"
    return response


@office_page
@lawbook.steady()
def intake(request: OfficeRequest) -> HttpResponse:
    """Letters nobody has opened, those past their time first."""
    actor, now = request.actor, clock.now()
    rows = asks.page(actor, asks.BY_ID["unopened"], now, request.GET.get("after", ""))
    page = {
        "rows": rows,
        "now": now,
        "counted": asks.counts(actor, now),
    } | onward(request, rows.after)
    return render(request, "letters/intake.html", page)
