"""One duty: why that day, what happened, urging and supervision, and what was known when."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from gongkai.ledger import asks, clock, cycles, lawbook, pages, story, supervision
from gongkai.ledger.models import Obligation
from gongkai.office import duty as questions
from gongkai.office import policy, work
from gongkai.office.forms import InstantForm, OrderForm, ReportForm
from gongkai.people.desk import OfficeRequest, needs, office_page
from gongkai.people.models import Power


@office_page
@lawbook.steady()
def obligation(request: OfficeRequest, pk: int) -> HttpResponse:
    return _show(request, _find(request, pk))


@require_POST
@office_page
@needs(Power.OVERSEE)
def urging(request: OfficeRequest, pk: int) -> HttpResponse:
    """Urge the unit, and go back to where one came from."""
    found = _find(request, pk)
    supervision.urge(found, by=request.actor, at=clock.now())
    messages.success(request, f"已催办：{found.matter.title}。通知已发给{found.unit}。")
    return redirect(_back(request) or reverse("office:obligation", args=[pk]))


@require_POST
@office_page
@needs(Power.OVERSEE)
@lawbook.steady()
def supervision_order(request: OfficeRequest, pk: int) -> HttpResponse:
    """Put the unit under supervision."""
    found = _find(request, pk)
    form = OrderForm(request.POST)
    if form.is_valid():
        supervision.supervise(found, by=request.actor, at=clock.now(), **form.cleaned_data)
        messages.success(request, f"已发出督办，通知已发给{found.unit}。")
        return redirect("office:obligation", pk)
    return _show(request, found, order=form)


@require_POST
@office_page
@lawbook.steady()
def report(request: OfficeRequest, pk: int) -> HttpResponse:
    """Report what came of an order of supervision."""
    found = _find(request, pk)
    form = ReportForm(request.POST)
    if form.is_valid():
        supervision.answer(found, by=request.actor, at=clock.now(), **form.cleaned_data)
        messages.success(request, "督办结果已报告。")
        return redirect("office:obligation", pk)
    return _show(request, found, answer=form)


def _find(request: OfficeRequest, pk: int) -> Obligation:
    rows = policy.visible_obligations(request.actor).select_related("matter__place", "matter__letter", "unit")
    return get_object_or_404(rows.defer(*(f"matter__letter__{name}" for name in work.BIG)), pk=pk)


def _show(
    request: OfficeRequest,
    found: Obligation,
    *,
    order: OrderForm | None = None,
    answer: ReportForm | None = None,
) -> HttpResponse:
    now, actor, matter = clock.now(), request.actor, found.matter
    instant = InstantForm({"at": request.GET["at"]} if request.GET.get("at") else None, now=now)
    known_at = instant.cleaned_data["at"] if instant.is_valid() else None
    done = supervision.of([found])[found.pk]
    others = questions.siblings(matter, now)
    seen = policy.visible_obligations(actor).filter(pk__in=[row[0].pk for row in others])
    cause = found.key.partition("#")[2]
    may_answer = supervision.may_answer(actor, found, done)
    page: dict[str, Any] = {
        "now": now,
        "o": found,
        "matter": matter,
        "number": "定期事项" if matter.room == cycles.ROOM else matter.number,
        "says": asks.says_of(found.place_id, found.duty),
        "face": asks.face(found, now),
        "cite": asks.cite_of(found.place_id, found.duty),
        "why": asks.explanations(matter, known_at or now, known_at).get(found.key),
        "owner": questions.owner_zh(found),
        "claimant": story.CLAIMANTS.get(found.claimant, found.claimant),
        "facts": questions.fact_lines(matter.facts.all(), known_at),
        "entries": questions.entry_lines(matter.entries.filter(key=found.key), known_at),
        "others": [row for row in others if row[0].pk != found.pk],
        "cause": next((row for row in others if row[0].key == cause), None),
        "opened": set(seen.values_list("pk", flat=True)),
        "opens_unit": found.unit in policy.visible_units(actor),
        "matter_url": pages.urls_for(actor, [matter]).get(matter.pk, ""),
        "done": done,
        "instant": instant,
        "known_at": known_at,
        "then": questions.then(found, known_at) if known_at else None,
        "oversees": actor.may(Power.OVERSEE),
        "may_urge": supervision.may_urge(actor, found, done, now),
        "may_supervise": supervision.may_supervise(actor, found, done),
        "may_answer": may_answer,
        "reports": done.order is not None and (may_answer.allowed or answer is not None),
        "order": order or OrderForm(),
        "answer": answer or ReportForm(),
        "term": supervision.term_zh(done.order.details["within"]) if done.order else "",
    }
    bad = any(form is not None and form.errors for form in (order, answer, instant))
    return render(request, "office/obligation.html", page, status=422 if bad else 200)


def _back(request: OfficeRequest) -> str:
    """The page of ours named in the form, "" when there is none."""
    url = request.POST.get("back", "")
    ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if ours else ""
