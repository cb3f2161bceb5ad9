"""The account log, on screen and as a table."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone

from gongkai.people import actions, policy
from gongkai.people.desk import OfficeRequest, needs, office_page
from gongkai.people.forms import LogForm
from gongkai.people.models import AccountEvent, Power, Staff
from gongkai.people.views.page import A_PAGE, show
from gongkai.ui.parts import with_changes


@office_page
@needs(Power.AUDIT)
def log(request: OfficeRequest) -> HttpResponse:
    """The account log, newest first."""
    form, events = _asked_events(request)
    shown = Paginator(events, A_PAGE).get_page(request.GET.get("page"))
    query = with_changes(request, page=None)
    return show(request, "people/log.html", {"form": form, "shown": shown, "query": query})


@office_page
@needs(Power.AUDIT)
def log_csv(request: OfficeRequest) -> HttpResponse:
    """The same rows as a table for a spreadsheet, in UTF-8 with its mark."""
    _, events = _asked_events(request)
    now = timezone.now()
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = (
        f'attachment; filename="account-log-{timezone.localdate(now):%Y%m%d}.csv"'
    )
    response.write("\ufeff")
    table = csv.writer(response)
    table.writerow(["时间", "操作人", "事项", "涉及人", "内容", "来源地址"])
    table.writerows(_cells(event) for event in events.iterator())
    actions.note_export(rows=events.count(), by=request.actor, at=now)
    return response


def _asked_events(request: OfficeRequest) -> tuple[LogForm, QuerySet[AccountEvent]]:
    """The log form as it was sent and the events it asks for; a wrong date narrows nothing."""
    form = LogForm(request.GET or None, staff=Staff.objects.filter(place=request.actor.place))
    events = policy.visible_events(request.actor).select_related("by", "whom")
    asked = form.cleaned_data if form.is_bound and not form.errors else {}
    if asked.get("staff"):
        events = events.filter(Q(by=asked["staff"]) | Q(whom=asked["staff"]))
    if asked.get("what"):
        events = events.filter(what=asked["what"])
    if asked.get("since"):
        events = events.filter(at__gte=_midnight(asked["since"]))
    if asked.get("until"):
        events = events.filter(at__lt=_midnight(asked["until"] + timedelta(days=1)))
    return form, events


def _cells(event: AccountEvent) -> Iterator[str]:
    """The cells of an event. One that a spreadsheet would take for a formula gets an apostrophe."""
    cells = [
        f"{timezone.localtime(event.at):%Y-%m-%d %H:%M:%S}",
        _named(event.by),
        event.get_what_display(),
        _named(event.whom),
        event.about,
        event.address or "",
    ]
    return (f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell for cell in cells)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _named(staff: Staff | None) -> str:
    return f"{staff.name}（{staff.username}）" if staff else ""
