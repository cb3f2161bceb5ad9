"""Pilot units of an area, and how they check each other."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from gongkai.ledger import clock, lawbook
from gongkai.opinion import actions, policy
from gongkai.opinion.forms import rest
from gongkai.opinion.models import MutualCheck
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.ui.refusal import Refused, Verdict

A_PAGE = 100


@office_page
@lawbook.steady()
def overview(request: OfficeRequest) -> HttpResponse:
    """Who tries what out, and who checks whom until when."""
    actor = request.actor
    checks = policy.visible_checks(actor).select_related("matter", "unit", "about", "found")
    page = {
        "pilots": policy.visible_pilots(actor).select_related("unit")[:A_PAGE], "checks": checks[:A_PAGE],
        "may_pilot": policy.may_pilot(actor), "today": clock.today(), "now": clock.now(),
    }  # fmt: skip
    return render(request, "opinion/pilots.html", page)


@office_page
@lawbook.steady()
def pilot(request: OfficeRequest, pk: int | None = None) -> HttpResponse:
    """Name a unit as a pilot, or say until when it is one."""
    row = get_object_or_404(policy.visible_pilots(request.actor), pk=pk) if pk else None
    start: dict[str, Any] = {"from_on": clock.today()}
    if row:
        start = {"unit": row.unit_id, "area": row.area, "from_on": row.from_on, "until_on": row.until_on}
    form = rest.PilotForm(request.POST or None, actor=request.actor, initial=start)
    if row:
        for name in ("unit", "area", "from_on"):
            form.fields[name].disabled = True
    if form.is_valid():
        try:
            actions.name_pilot(by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, f"{refused.reason}。{refused.remedy}")
        else:
            messages.success(request, "试点单位已登记。")
            return redirect("opinion:pilots")
    label = "修改试点单位" if row else "登记试点单位"
    return _plain(request, form, label, policy.may_pilot(request.actor))


@office_page
@lawbook.steady()
def pairing(request: OfficeRequest) -> HttpResponse:
    """Pair two pilot units to check each other."""
    form = rest.PairForm(request.POST or None, actor=request.actor)
    if form.is_valid():
        given = form.cleaned_data
        standing = MutualCheck.objects.filter(
            unit=given["unit"], about=given["about"], area=given["area"], found=None, due_on=given["due_on"]
        )
        try:
            if not standing.exists():
                actions.pair(by=request.actor, at=clock.now(), **given)
        except Refused as refused:
            form.add_error(None, f"{refused.reason}。{refused.remedy}")
        else:
            messages.success(request, "互查已安排，检查单位收到了通知。")
            return redirect("opinion:pilots")
    return _plain(request, form, "安排互查", policy.may_pilot(request.actor))


@office_page
@lawbook.steady()
def check(request: OfficeRequest, number: str) -> HttpResponse:
    """One check: what is to be looked at by when; the checking unit writes what it found."""
    seen = policy.visible_checks(request.actor).select_related("matter__place", "unit", "about", "found__by")
    row = get_object_or_404(seen, matter__number=number)
    form = rest.CheckForm(request.POST or None, initial={"title": row.matter.title})
    if form.is_valid():
        if row.found_id is None:
            actions.report_check(row, by=request.actor, at=clock.now(), **form.cleaned_data)
        messages.success(request, "互查情况已报告，各单位都看得到。")
        return redirect("opinion:check", number)
    verdict = policy.may_report_check(request.actor, row)
    page = {"check": row, "form": form, "verdict": verdict, "now": clock.now()}
    return render(request, "opinion/check.html", page, status=422 if form.errors else 200)


def _plain(request: OfficeRequest, form: Any, label: str, verdict: Verdict) -> HttpResponse:
    back = reverse("opinion:pilots"), "试点和互查"
    page = {"event": None, "form": form, "label": label, "verdict": verdict, "back": back}
    return render(request, "opinion/form.html", page, status=422 if form.errors else 200)
