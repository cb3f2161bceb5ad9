"""What readers find around the documents: columns, topics, services, gazettes, and the faults they report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongkai.documents import actions, policy
from gongkai.documents.forms import site as forms
from gongkai.documents.models import Column, Fault, GazetteIssue, Service, Stage, Topic
from gongkai.ledger import asks as ledger
from gongkai.ledger import clock, lawbook
from gongkai.ledger.models import Obligation
from gongkai.people.desk import OfficeRequest, needs, office_page
from gongkai.people.models import Power, Unit
from gongkai.ui.forms import Form
from gongkai.ui.parts import Filter, Option

SEERS = (Power.OPENNESS, Power.OVERSEE, Power.LEAD, Power.AUDIT, Power.PUBLISH)
KEEPERS = (Power.OPENNESS, Power.OVERSEE, Power.PUBLISH)
ANSWERED = 20  # faults that have been answered, shown


def _form(
    request: OfficeRequest, form: Form, heading: str, back: str, word: str, note: str = ""
) -> HttpResponse:
    page = {
        "form": form, "heading": heading, "note": note, "label": "保存", "back": f"documents:{back}", "back_word": word,
    }  # fmt: skip
    return render(request, "documents/form.html", page, status=422 if form.errors else 200)


# ---- columns -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """A column with how many texts it shows and when the last came; `warning` says that it is empty or stale."""

    column: Column
    count: int
    last: datetime | None
    warning: str


@office_page
@needs(*SEERS)
def columns(request: OfficeRequest) -> HttpResponse:
    """The columns of the site; empty and stale ones are named first (栏目缺失、更新迟). Two queries."""
    now = clock.now()
    shown = Q(documents__stage=Stage.PUBLISHED)
    found = Column.objects.filter(place=request.actor.place).annotate(
        count=Count("documents", filter=shown), last=Max("documents__published_at", filter=shown)
    )
    rows = [Kept(one, one.count, one.last, _warning(one, one.last, now)) for one in found]
    page = {
        "rows": rows,
        "warned": [row for row in rows if row.warning],
        "may_keep": policy.may_keep_site(request.actor),
        "now": now,
    }
    return render(request, "documents/columns.html", page)


def _warning(column: Column, last: datetime | None, now: datetime) -> str:
    if last is None:
        return "没有内容"
    days = (now - last).days
    return f"{days} 天没有更新" if days > column.stale_after else ""


@office_page
@needs(*KEEPERS)
def column_new(request: OfficeRequest) -> HttpResponse:
    """Open a column."""
    return _column(request, None)


@office_page
@needs(*KEEPERS)
def column(request: OfficeRequest, slug: str) -> HttpResponse:
    """Change a column."""
    return _column(request, get_object_or_404(Column, place=request.actor.place, slug=slug))


def _column(request: OfficeRequest, row: Column | None) -> HttpResponse:
    names = ("name", "slug", "kind", "words", "order", "stale_after")
    form = forms.ColumnForm(request.POST or None, initial={n: getattr(row, n) for n in names} if row else {})
    if row is not None:
        del form.fields["slug"]
    if form.is_valid():
        given = {"slug": row.slug if row else ""} | form.cleaned_data
        if row is None and Column.objects.filter(place=request.actor.place, slug=given["slug"]).exists():
            form.add_error("slug", "已经有栏目用这个网址名，请换一个。")
        else:
            actions.save_column(request.actor.place, by=request.actor, at=clock.now(), **given)
            messages.success(request, "栏目已保存。")
            return redirect("documents:columns")
    return _form(request, form, "修改栏目" if row else "开设栏目", "columns", "网站栏目")


# ---- topics ------------------------------------------------------------------------------------------------------


@office_page
@needs(*SEERS)
def topics(request: OfficeRequest) -> HttpResponse:
    """The topic pages of the place, the newest first."""
    found = Topic.objects.filter(place=request.actor.place).annotate(count=Count("documents"))
    return render(
        request, "documents/topics.html", {"rows": found, "may_keep": policy.may_keep_site(request.actor)}
    )


@office_page
@needs(*KEEPERS)
def topic_new(request: OfficeRequest) -> HttpResponse:
    """Open a topic page."""
    return _topic(request, None)


@office_page
@needs(*KEEPERS)
def topic(request: OfficeRequest, slug: str) -> HttpResponse:
    """Change a topic page."""
    return _topic(request, get_object_or_404(Topic, place=request.actor.place, slug=slug))


def _topic(request: OfficeRequest, row: Topic | None) -> HttpResponse:
    place = request.actor.place
    start = (
        {"title": row.title, "words": row.words, "figures": row.figures, "documents": _codes(row)}
        if row
        else {}
    )
    form = forms.TopicForm(request.POST or None, place=place, initial=start)
    if row is not None:
        del form.fields["slug"]
    if form.is_valid():
        given = {"slug": row.slug if row else ""} | form.cleaned_data
        if row is None and Topic.objects.filter(place=place, slug=given["slug"]).exists():
            form.add_error("slug", "已经有专题用这个网址名，请换一个。")
        else:
            actions.save_topic(place, by=request.actor, at=clock.now(), **given)
            messages.success(request, "专题已保存。")
            return redirect("documents:topics")
    return _form(request, form, "修改专题" if row else "开设专题", "topics", "专题")


def _codes(row: Topic | GazetteIssue) -> str:
    return "\n".join(row.documents.values_list("matter__number", flat=True))


# ---- services ----------------------------------------------------------------------------------------------------


@office_page
@needs(*SEERS)
def services(request: OfficeRequest) -> HttpResponse:
    """Powers and public services by unit, with the day of their last change."""
    every = Service.objects.filter(place=request.actor.place).select_related("unit")
    code = request.GET.get("unit", "")
    kept = set(policy.kept_units(request.actor).values_list("pk", flat=True))
    units = every.order_by("unit_id").values_list("unit__code", "unit__short_name").annotate(n=Count("pk"))
    page = {
        "rows": [(row, row.unit_id in kept) for row in (every.filter(unit__code=code) if code else every)],
        "filters": [
            Filter("unit", "实施单位", [Option("", "全部", every.count()), *(Option(*one) for one in units)])
        ],
        "may_keep": bool(kept),
        "may_keep_site": policy.may_keep_site(request.actor),
        "now": clock.now(),
    }
    return render(request, "documents/services.html", page)


@office_page
@needs(*KEEPERS)
def service_new(request: OfficeRequest) -> HttpResponse:
    """Write a service down."""
    return _service(request, None)


@office_page
@needs(*KEEPERS)
def service(request: OfficeRequest, pk: int) -> HttpResponse:
    """Change a service."""
    kept = Service.objects.filter(unit__in=policy.kept_units(request.actor)).select_related("unit")
    return _service(request, get_object_or_404(kept, pk=pk))


def _service(request: OfficeRequest, row: Service | None) -> HttpResponse:
    units = policy.kept_units(request.actor)
    names = (
        "name",
        "kind",
        "area",
        "basis",
        "conditions",
        "materials",
        "limit",
        "fee",
        "where",
        "phone",
        "address",
    )
    start = {n: getattr(row, n) for n in names} | {"documents": _tied(row)} if row else {}
    form = forms.ServiceForm(request.POST or None, units=units, place=request.actor.place, initial=start)
    if row is not None:
        del form.fields["unit"], form.fields["name"]
    if form.is_valid():
        given = dict(form.cleaned_data)
        unit: Unit = row.unit if row else given.pop("unit")
        name = row.name if row else given.pop("name")
        if row is None and Service.objects.filter(unit=unit, name=name).exists():
            form.add_error("name", "这个单位已经有这个事项，请在列表里修改。")
        else:
            actions.save_service(unit, by=request.actor, at=clock.now(), name=name, **given)
            messages.success(request, "事项已保存。")
            return redirect("documents:services")
    note = f"{row.unit.name} · {row.name}" if row else ""
    return _form(request, form, "修改办事事项" if row else "增加办事事项", "services", "办事事项", note)


def _tied(row: Service) -> str:
    return "\n".join(row.documents.published().values_list("matter__number", flat=True))


# ---- gazettes ----------------------------------------------------------------------------------------------------


@office_page
@needs(*SEERS)
def gazettes(request: OfficeRequest) -> HttpResponse:
    """The issues of the gazette, by year and issue, with what each prints."""
    found = GazetteIssue.objects.filter(place=request.actor.place).prefetch_related(
        "documents__matter", "documents__issuer"
    )
    return render(
        request, "documents/gazettes.html", {"rows": found, "may_keep": policy.may_keep_site(request.actor)}
    )


@office_page
@needs(*KEEPERS)
def gazette_new(request: OfficeRequest) -> HttpResponse:
    """A new issue."""
    return _gazette(request, None)


@office_page
@needs(*KEEPERS)
def gazette(request: OfficeRequest, year: int, issue: int) -> HttpResponse:
    """Change what an issue prints."""
    return _gazette(
        request, get_object_or_404(GazetteIssue, place=request.actor.place, year=year, issue=issue)
    )


def _gazette(request: OfficeRequest, row: GazetteIssue | None) -> HttpResponse:
    place, today = request.actor.place, clock.today()
    start: dict[str, object] = {"year": today.year, "issued_on": today}
    if row is not None:
        start = {"issued_on": row.issued_on, "documents": _codes(row)}
    form = forms.GazetteForm(request.POST or None, place=place, initial=start)
    if row is not None:
        del form.fields["year"], form.fields["issue"]
    if form.is_valid():
        given = ({"year": row.year, "issue": row.issue} if row else {}) | form.cleaned_data
        here = GazetteIssue.objects.filter(place=place, year=given["year"], issue=given["issue"])
        if row is None and here.exists():
            form.add_error("issue", "这一期已经有了，请在列表里修改。")
        else:
            actions.save_gazette(place, by=request.actor, at=clock.now(), **given)
            messages.success(request, "公报已保存。")
            return redirect("documents:gazettes")
    heading = f"修改公报{row}" if row else "增加一期公报"
    return _form(request, form, heading, "gazettes", "政府公报")


# ---- faults ------------------------------------------------------------------------------------------------------


@office_page
@needs(*SEERS)
@lawbook.steady()
def faults(request: OfficeRequest) -> HttpResponse:
    """Faults that readers reported: those that wait, by clock, and the last answered."""
    policy.may_answer_fault(request.actor).enforce()
    now = clock.now()
    every = Fault.objects.filter(place=request.actor.place).select_related("matter", "answered_by")
    waiting = list(every.filter(answered_at=None).order_by("reported_at")[:200])
    owed = Obligation.objects.standing().filter(matter__in=[one.matter_id for one in waiting])
    clocks = {one.matter_id: one for one in owed}
    page = {
        "rows": [
            (
                one,
                ledger.face(clocks[one.matter_id], now) if one.matter_id in clocks else None,
                clocks.get(one.matter_id),
            )
            for one in waiting
        ],
        "answered": every.exclude(answered_at=None).order_by("-answered_at")[:ANSWERED],
        "now": now,
    }
    return render(request, "documents/faults.html", page)


@office_page
@needs(*SEERS)
@lawbook.steady()
def fault(request: OfficeRequest, number: str) -> HttpResponse:
    """One fault and its answer. A second answer to one that is answered changes nothing."""
    verdict = policy.may_answer_fault(request.actor)
    verdict.enforce()
    found = get_object_or_404(
        Fault.objects.select_related("matter"), matter__number=number, place=request.actor.place
    )
    form = forms.AnswerForm(request.POST or None)
    if form.is_valid():
        if found.answered_at is None:
            actions.answer_fault(found, by=request.actor, at=clock.now(), **form.cleaned_data)
        messages.success(request, "已答复。")
        return redirect("documents:faults")
    page = {"fault": found, "form": form, "verdict": verdict, "now": clock.now()}
    return render(request, "documents/fault.html", page, status=422 if form.errors else 200)
