"""Looking back and ahead: accountability, inspections, lessons, bulletins, risk before decisions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from gongkai.ledger import clock, lawbook
from gongkai.ledger.models import Matter
from gongkai.opinion import actions, briefs, policy
from gongkai.opinion.forms import rest
from gongkai.opinion.models import Bulletin, Exchange, Inspection, Risk
from gongkai.opinion.views.events import find
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.reviews import policy as reviewing
from gongkai.ui import sheets
from gongkai.ui.refusal import Refused

A_PAGE = 50


@office_page
@lawbook.steady()
def overview(request: OfficeRequest) -> HttpResponse:
    """Accountability, inspections, bulletins: what was found and decided. For who oversees, and a unit about itself."""
    actor = request.actor
    page = {
        "accountabilities": policy.visible_accountabilities(actor).select_related("unit", "event__matter", "by")[:A_PAGE],
        "inspections": [
            (row, policy.may_mend(actor, row)) for row in policy.visible_inspections(actor).select_related("unit")[:A_PAGE]
        ],
        "bulletins": Bulletin.objects.filter(place=actor.place)[:A_PAGE],
        "may_inspect": policy.may_inspect(actor), "may_circulate": policy.may_circulate(actor), "now": clock.now(),
    }  # fmt: skip
    return render(request, "opinion/supervision.html", page)


@office_page
@lawbook.steady()
def proposals(request: OfficeRequest, number: str) -> HttpResponse:
    """Ask the rules what they propose for an event."""
    found = find(request, number)
    if request.method == "POST":
        made = actions.propose_accountability(found, by=request.actor, at=clock.now())
        messages.info(
            request, f"按规定提出 {len(made)} 项，请逐项决定。" if made else "账上没有够得上追责情形的记录。"
        )
    return redirect("opinion:event", found.code)


@office_page
@lawbook.steady()
def decision(request: OfficeRequest, pk: int) -> HttpResponse:
    """A person decides on one proposal."""
    row = get_object_or_404(
        policy.visible_accountabilities(request.actor).select_related("event__matter__place", "unit"), pk=pk
    )
    form = rest.DecisionForm(request.POST or None, actor=request.actor)
    if form.is_valid():
        try:
            if row.decided is None:
                actions.decide(row, by=request.actor, at=clock.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error("is_borne", f"{refused.reason}。{refused.remedy}")
        else:
            messages.success(request, "决定已记下。")
            return redirect("opinion:event", row.event.code)
    page = {
        "event": row.event, "form": form, "label": f"{row.unit.short_name}：{row.measure}", "note": row.rule,
        "evidence": row.evidence, "cite": row.cite, "verdict": policy.may_decide(request.actor, row),
    }  # fmt: skip
    return render(request, "opinion/form.html", page, status=422 if form.errors else 200)


@office_page
@lawbook.steady()
def inspection_new(request: OfficeRequest) -> HttpResponse:
    """Enter what an inspection found."""
    verdict = policy.may_inspect(request.actor)
    form = rest.InspectionForm(request.POST or None, actor=request.actor, initial={"on": clock.today()})
    if form.is_valid():
        given = form.cleaned_data
        known = Inspection.objects.filter(
            unit=given["unit"], what=given["what"], on=given["on"], found=given["found"].strip()
        )
        if not known.exists():
            actions.inspect(by=request.actor, at=clock.now(), **given)
        messages.success(request, "督查情况已记下。")
        return redirect("opinion:supervision")
    return _plain(request, form, "登记督查", verdict)


@office_page
@lawbook.steady()
def mending(request: OfficeRequest, pk: int) -> HttpResponse:
    """The unit says how it put right what was found."""
    row = get_object_or_404(policy.visible_inspections(request.actor).select_related("unit"), pk=pk)
    form = rest.MendForm(request.POST or None)
    if form.is_valid():
        if row.mended_at is None:
            actions.mend(row, by=request.actor, at=clock.now(), **form.cleaned_data)
        messages.success(request, "整改情况已记下。")
        return redirect("opinion:supervision")
    return _plain(request, form, "报告整改", policy.may_mend(request.actor, row), note=row.to_mend)


def _plain(
    request: OfficeRequest,
    form: Any,
    label: str,
    verdict: Any,
    back: tuple[str, str] = ("opinion:supervision", "督查追责"),
    note: str = "",
) -> HttpResponse:
    """A form of its own; `back` is the list it was opened from, by the name of its address, with its words."""
    page = {
        "event": None, "form": form, "label": label, "verdict": verdict, "note": note,
        "back": (reverse(back[0]), back[1]),
    }  # fmt: skip
    return render(request, "opinion/form.html", page, status=422 if form.errors else 200)


@office_page
@lawbook.steady()
def exchanges(request: OfficeRequest) -> HttpResponse:
    """What units tell each other, the promoted first."""
    rows = policy.visible_exchanges(request.actor).select_related("unit", "about", "by")
    if kind := request.GET.get("kind", ""):
        rows = rows.filter(kind=kind)
    if area := request.GET.get("area", ""):
        rows = rows.filter(area=area)
    page = {
        "rows": rows.order_by("-is_good", "-at")[:A_PAGE], "kind": kind, "area": area, "may_share": policy.may_share(request.actor),
        "now": clock.now(),
    }  # fmt: skip
    return render(request, "opinion/exchanges.html", page)


@office_page
@lawbook.steady()
def exchange_new(request: OfficeRequest) -> HttpResponse:
    """Tell the others."""
    form = rest.ExchangeForm(request.POST or None, actor=request.actor)
    if form.is_valid():
        given = form.cleaned_data
        if not Exchange.objects.filter(
            unit=given["unit"], title=given["title"].strip(), by=request.staff
        ).exists():
            actions.share(by=request.actor, at=clock.now(), **given)
        messages.success(request, "已发出，各单位都看得到。")
        return redirect("opinion:exchanges")
    return _plain(
        request,
        form,
        "写一条经验或问题",
        policy.may_share(request.actor),
        back=("opinion:exchanges", "经验互通"),
    )


@office_page
@lawbook.steady()
def bulletin_new(request: OfficeRequest) -> HttpResponse:
    """Issue a bulletin with the figures of its period."""
    now = clock.now()
    today = timezone.localdate(now)
    start = {
        "from_on": today - timedelta(days=90),
        "until_on": today,
        "title": f"{today.year}年舆情办理情况通报",
    }
    form = rest.BulletinForm(request.POST or None, initial=start)
    if form.is_valid():
        given = form.cleaned_data
        figures = briefs.figures(request.actor.place, given["from_on"], given["until_on"], now)
        try:
            made = Bulletin.objects.filter(
                place=request.actor.place, title=given["title"].strip(), by=request.staff
            ).first()
            made = made or actions.circulate(by=request.actor, at=now, figures=figures, **given)
        except Refused as refused:
            form.add_error("until_on", f"{refused.reason}。{refused.remedy}")
        else:
            messages.success(request, "已通报。")
            return redirect("opinion:bulletin", made.pk)
    return _plain(request, form, "发布通报", policy.may_circulate(request.actor))


@office_page
def bulletin(request: OfficeRequest, pk: int) -> HttpResponse:
    """A bulletin as it was issued; units of the place read it."""
    row = get_object_or_404(Bulletin, pk=pk, place=request.actor.place)
    return render(request, "opinion/bulletin.html", {"bulletin": row})


@office_page
@lawbook.steady()
def brief(request: OfficeRequest) -> HttpResponse:
    """The daily brief (日报) of the last day as a Word file; every sentence names its source."""
    if not policy.sees_all(request.actor):
        raise Http404
    now = clock.now()
    name = f"舆情日报-{timezone.localdate(now):%Y%m%d}.docx"
    return sheets.given(name, briefs.daily(request.actor, now))


@office_page
@lawbook.steady()
def special(request: OfficeRequest, number: str) -> HttpResponse:
    """The special report (专报) of one event as a Word file."""
    found = find(request, number)
    if not policy.sees_all(request.actor):
        raise Http404
    return sheets.given(f"舆情专报-{found.code}.docx", briefs.special(found, clock.now()))


# ---- risk --------------------------------------------------------------------------------------------------------


@office_page
@lawbook.steady()
def risks(request: OfficeRequest) -> HttpResponse:
    """Assessments before decisions."""
    rows = policy.visible_risks(request.actor).select_related("matter", "unit")[:A_PAGE]
    page = {"rows": rows, "may_open": policy.may_open_risk(request.actor), "now": clock.now()}
    return render(request, "opinion/risks.html", page)


@office_page
@lawbook.steady()
def risk_new(request: OfficeRequest) -> HttpResponse:
    """Begin an assessment."""
    form = rest.RiskForm(request.POST or None, actor=request.actor)
    verdict = policy.may_open_risk(request.actor)
    if form.is_valid():
        given = form.cleaned_data
        about = None
        if given["about"].strip():
            about = Matter.objects.filter(
                place=request.actor.place, number=given["about"].strip(), room="documents"
            ).first()
            if about is None:
                form.add_error("about", "没有这个编号的公文，请核对，或先留空。")
        if not form.errors:
            known = Risk.objects.filter(
                place=request.actor.place, title=given["title"].strip(), by=request.staff, stage="draft"
            )
            made = known.first() or actions.open_risk(
                given["unit"], by=request.actor, at=clock.now(), title=given["title"], about=about
            )
            return redirect("opinion:risk", made.code)
    return _plain(request, form, "开始风险评估", verdict, back=("opinion:risks", "风险评估"))


@office_page
@lawbook.steady()
def risk(request: OfficeRequest, number: str) -> HttpResponse:
    """One assessment: how it was done, its level and plan, its approval."""
    seen = policy.visible_risks(request.actor).select_related("matter__place", "unit", "about", "place")
    found = get_object_or_404(seen, matter__number=number)
    verdict = policy.may_assess_risk(request.actor, found)
    start = {"level": found.level, "plan": found.plan} | {
        f"{name}_{n}": row.get(name, "")
        for n, row in enumerate(found.findings)
        for name in ("asked", "found")
    }
    form = rest.FindingsForm(request.POST or None, actor=request.actor, initial=start)
    if form.is_valid():
        actions.assess_risk(found, by=request.actor, at=clock.now(), **form.given)
        messages.success(request, "已报审。")
        return redirect("opinion:risk", number)
    sheets_ = reviewing.beside(found.matter, request.actor)
    page = {"risk": found, "form": form, "verdict": verdict, "sheets": sheets_, "now": clock.now()}
    return render(request, "opinion/risk.html", page, status=422 if form.errors else 200)
