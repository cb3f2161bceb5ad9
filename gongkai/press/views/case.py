"""What the pages of all cases of this room share: how one is found, what is around it, one act on it, a plain list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gongkai.ledger import clock, lawbook, story
from gongkai.ledger.acts import carry_out
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.press import acts, policy
from gongkai.press.models import PressEvent
from gongkai.reviews import policy as reviewing
from gongkai.ui.forms import Form
from gongkai.ui.once import once
from gongkai.ui.refusal import Refused, Verdict

BACKWARD = {"review.returned", "press.cancelled", "press.fault_found", "interview.refused", "account.closed"}


def enter(request: OfficeRequest) -> None:
    """404 for whoever has no business in this room."""
    if not policy.may_enter(request.actor):
        raise Http404


def asked_year(request: OfficeRequest, years: Iterable[int], default: int) -> int:
    """The year asked for (`?year=`) of those there are; another, or none, is the default."""
    given = request.GET.get("year", "")
    return next((year for year in years if str(year) == given), default)


def rows_of(request: OfficeRequest, table: acts.Table) -> QuerySet[Any]:
    """The cases of a table a person sees."""
    if table.model is PressEvent:
        return policy.visible_to(request.actor)
    return policy.cases(request.actor, table.model)


def find(request: OfficeRequest, table: acts.Table, number: str) -> Any:
    """The case, if this person may see it; missing and forbidden answer alike."""
    seen = rows_of(request, table).select_related("matter__place", "place", "unit")
    return get_object_or_404(seen, matter__number=number)


def around(request: OfficeRequest, table: acts.Table, case: Any) -> dict[str, Any]:
    """What every page of a case shows: its acts, its clocks, its reviews, its story."""
    actor, now = request.actor, clock.now()
    sheets = list(reviewing.beside(case.matter, actor))
    running = next((sheet for sheet in sheets if sheet.is_running), None)
    return {
        "case": case,
        "table": table,
        "now": now,
        "steps": table.steps(actor, case),
        "keeps": table.whose(actor, case),
        "story": story.story(case.matter, now, bad=BACKWARD),
        "sheets": sheets,
        "running": running,
        "may_sign": reviewing.may_decide(actor, running, reviewing.current(running)) if running else None,
    }


@office_page
@lawbook.steady()
def act(request: OfficeRequest, number: str, table: acts.Table, act: acts.Act) -> HttpResponse:
    """One act: its form and whether it may happen; or the act itself, and back to the case."""
    case, now = find(request, table, number), clock.now()
    if not table.whose(request.actor, case):
        raise Http404
    form = act.form(
        request.POST if request.method == "POST" else None, case=case, actor=request.actor,
        seen=story.last_fact(case.matter), initial=act.starts_with(case),
    )  # fmt: skip
    if form.is_valid() and carry_out(request, act, case, form, now):
        return redirect(table.url(case))
    page = {
        "case": case, "table": table, "act": act, "form": form, "verdict": act.may(request.actor, case),
        "url": table.url(case), "back_url": reverse(f"press:{table.back}"),
    }  # fmt: skip
    return render(request, "press/act.html", page, status=form.status)


def link(url: str, words: object, more: object = "") -> SafeString:
    """A cell that leads somewhere, with a second line in small type."""
    if not more:
        return format_html('<a href="{}">{}</a>', url, words)
    return format_html('<a href="{}">{}</a><br><span class="small muted">{}</span>', url, words, more)


def listed(
    request: OfficeRequest,
    here: str,
    heading: str,
    head: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    note: str = "",
    add: tuple[str, str, Verdict] | None = None,
    filters: Sequence[Any] = (),
    empty: tuple[str, str] = ("还没有", "登记以后列在这里。"),
    numeric: int = 0,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """A list of this room: a table, a way to add, a word when there is nothing."""
    page = {
        "here": here, "heading": heading, "note": note, "head": head, "rows": list(rows), "filters": filters, "add": add,
        "empty": empty, "numeric": numeric, "now": clock.now(),
    }  # fmt: skip
    return render(request, "press/list.html", page | (more or {}))


def asked(
    request: OfficeRequest,
    form: Form,
    heading: str,
    back: str,
    do: Callable[[], str],
    *,
    note: str = "",
    label: str = "保存",
    done: str = "已保存。",
    verdict: Verdict | None = None,
    multipart: bool = False,
) -> HttpResponse:
    """One form on a page of its own: shown, or carried out by `do`, which says where to go then."""
    if form.is_valid():
        try:
            url = once(request, do, back)
        except Refused as refused:
            form.add_error(None, f"{refused.reason}。{refused.remedy}")
        else:
            messages.success(request, done)
            return redirect(url)
    page = {
        "form": form, "heading": heading, "note": note, "label": label, "back_url": back, "multipart": multipart,
        "verdict": verdict or Verdict.yes(),
    }  # fmt: skip
    return render(request, "press/form.html", page, status=422 if form.errors else 200)
