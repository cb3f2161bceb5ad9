"""The yearly evaluation of spokespersons, failings with what follows them, and plans of dissemination."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from gongkai.ledger import asks as ledger
from gongkai.ledger import clock, cycles, lawbook
from gongkai.ledger.models import Matter
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.press import actions, acts, policy
from gongkai.press.forms import rows as forms
from gongkai.press.models import Evaluation, Failing, Plan, Spokesperson
from gongkai.press.views.case import around, asked, asked_year, enter, find, link
from gongkai.ui.filters import moment


def _years(request: OfficeRequest) -> tuple[int, list[int]]:
    """The year asked for, else the last whose evaluation is still owed, else the running one; and all there are."""
    place, running = request.actor.place, clock.today().year
    years = cycles.years(place, actions.EVALUATE, place.units.all())
    owed = max((year for year, is_owed in years.items() if is_owed), default=running)
    all_ = sorted({running, *years}, reverse=True)
    return asked_year(request, all_, owed), all_


@office_page
@require_safe
@lawbook.steady()
def evaluations(request: OfficeRequest) -> HttpResponse:
    """Who was evaluated for a year and who was not; the failings that were found."""
    enter(request)
    actor, now = request.actor, clock.now()
    year, years = _years(request)
    leads, all_ = bool(policy.may_evaluate(actor)), policy.sees_all(actor)
    found = Evaluation.objects.filter(place=actor.place).select_related("spokesperson", "unit", "by")
    seen = found if all_ else found.filter(unit__in=actor.units(*policy.WORKERS))
    left = actions.to_evaluate(actor.place, year, timezone.localdate(now)) if all_ else []
    page = {
        "here": "evaluations", "year": year, "years": years, "now": now, "leads": leads,
        "is_owed": ledger.duty_of(actor.place.code, actions.EVALUATE) is not None,
        "left_head": ("姓名", "单位", f"{year}年出席"),
        "done_head": ("年度", "姓名", "单位", "等次", "评语", "出席场次"),
        "failing_head": ("情形", "单位", "认定", "整改", "通报", "追责决定"),
        "left": [
            (
                link(reverse("press:evaluate", args=[year, one.pk]), one.name, one.title) if leads else one.name,
                one.unit.short_name, actions.appearances(one, year),
            )
            for one in left
        ],
        "done": [
            (str(one.year), one.spokesperson.name, one.unit.short_name, one.grade, one.words or "—", one.appearances)
            for one in seen[:100]
        ],
        "failings": [
            (
                link(reverse("press:failing", args=[one.code]), one.fault, one.code), one.unit.short_name,
                moment(one.found_at, now), one.stage_word, "已通报" if one.circulated_at else "—", one.decision or "—",
            )
            for one in policy.cases(actor, Failing).select_related("matter", "unit")[:100]
        ],
    }  # fmt: skip
    return render(request, "press/evaluations.html", page)


@office_page
@lawbook.steady()
def evaluate(request: OfficeRequest, year: int, pk: int) -> HttpResponse:
    """Evaluate one spokesperson for a year."""
    if not policy.may_evaluate(request.actor):
        raise Http404
    person = get_object_or_404(Spokesperson.objects.select_related("unit"), pk=pk, place=request.actor.place)
    form = forms.EvaluationForm(request.POST or None, actor=request.actor)
    url = reverse("press:evaluations")

    def do() -> str:
        actions.evaluate(person, by=request.actor, at=clock.now(), year=year, **form.cleaned_data)
        return url

    note = f"{person.unit.name}　{person.title}　{year} 年出席 {actions.appearances(person, year)} 场"
    return asked(request, form, f"{year} 年评估：{person.name}", url, do, note=note)


@office_page
@require_POST
@lawbook.steady()
def completion(request: OfficeRequest) -> HttpResponse:
    """Report the evaluation of a year as done."""
    if not policy.may_evaluate(request.actor):
        raise Http404
    year, _ = _years(request)
    actions.finish_evaluation(request.actor.place, by=request.actor, at=clock.now(), year=year)
    messages.success(request, f"{year}年评估已报告完成。")
    return redirect("press:evaluations")


@office_page
@lawbook.steady()
def failing_new(request: OfficeRequest) -> HttpResponse:
    """Establish a failing."""
    if not policy.may_evaluate(request.actor):
        raise Http404
    form = forms.FailingForm(
        request.POST or None, actor=request.actor, initial={"about": request.GET.get("about")}
    )

    def do() -> str:
        made = actions.find_failing(by=request.actor, at=clock.now(), **form.cleaned_data)
        return reverse("press:failing", args=[made.code])

    return asked(
        request, form, "认定失职情形", reverse("press:evaluations"), do, label="认定", done="已认定。"
    )


@office_page
@require_safe
@lawbook.steady()
def failing(request: OfficeRequest, number: str) -> HttpResponse:
    """One failing with the order, its answer, circular, proposal and decision."""
    found: Failing = find(request, acts.FAILINGS, number)
    fields = [
        ("单位", found.unit.name),
        ("失职情形", found.fault),
        ("认定", moment(found.found_at)),
        ("整改", found.stage_word),
    ]
    if found.spokesperson:
        fields.append(("新闻发言人", str(found.spokesperson)))
    if found.about:
        fields.append(("有关事项", found.about))
    if found.circulated_at:
        fields.append(("通报批评", moment(found.circulated_at)))
    if found.decided_by:
        fields.append(("决定人", found.decided_by.name))
    texts = [
        ("经过", found.words), ("整改要求", found.order), ("整改结果", found.result), ("追责建议", found.proposal),
        ("决定", found.decision),
    ]  # fmt: skip
    page = around(request, acts.FAILINGS, found) | {
        "heading": found.title, "fields": fields, "texts": [one for one in texts if one[1]],
    }  # fmt: skip
    return render(request, "press/case.html", page)


# ---- plans of dissemination --------------------------------------------------------------------------------------


@office_page
@lawbook.steady()
def plan(request: OfficeRequest, number: str) -> HttpResponse:
    """The plan by which a matter is spread: its lines, and a form for one more."""
    matter = _planned(request, number)
    rows = Plan.objects.filter(matter=matter).select_related("unit")
    form = forms.PlanForm(request.POST or None, actor=request.actor, initial={"unit": matter.unit_id})
    if request.method == "POST" and form.is_valid():
        actions.plan_dissemination(matter, by=request.actor, at=clock.now(), **form.cleaned_data)
        messages.success(request, "已列入传播方案。")
        return redirect("press:plan", matter.number)
    page = {"matter": matter, "rows": rows, "form": form, "now": clock.now(), "here": "events"}
    return render(request, "press/plan.html", page, status=422 if form.errors else 200)


@office_page
@lawbook.steady()
def plan_done(request: OfficeRequest, number: str, pk: int) -> HttpResponse:
    """Note that a line of a plan was carried out, and whom it reached."""
    matter = _planned(request, number)
    row = get_object_or_404(Plan, pk=pk, matter=matter)
    form = forms.ReachForm(request.POST or None, actor=request.actor)
    url = reverse("press:plan", args=[matter.number])

    def do() -> str:
        if row.done_at is None:
            actions.note_dissemination(row, by=request.actor, at=clock.now(), **form.cleaned_data)
        return url

    return asked(request, form, f"{row.channel}：完成", url, do, label="记为完成", done="已记下。")


def _planned(request: OfficeRequest, number: str) -> Matter:
    return get_object_or_404(policy.plannable(request.actor), number=number)
