"""The rosters: spokespersons and their training, experts, outlets and journalists; what media ask of units."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from gongkai.ledger import clock, lawbook
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.people.models import Power
from gongkai.press import actions, acts, policy
from gongkai.press.forms import rows as forms
from gongkai.press.forms.acts import matter_of
from gongkai.press.models import Expert, InterviewRequest, Journalist, Outlet, Spokesperson
from gongkai.press.views.case import around, asked, enter, find, link, listed
from gongkai.ui.filters import moment

FIELDS = ("unit", "name", "title", "role", "phone", "staff", "since", "until")


@office_page
@require_safe
@lawbook.steady()
def spokespersons(request: OfficeRequest) -> HttpResponse:
    """Who speaks for which unit, on which phone, trained in what."""
    enter(request)
    today = timezone.localdate(clock.now())
    people = Spokesperson.objects.filter(place=request.actor.place).select_related("unit")
    rows = []
    for one in people.annotate(
        trained=Count("trainings", distinct=True), seen=Count("appearances", distinct=True)
    ):
        state = "" if one.is_current(today) else "（已离任）" if one.since <= today else "（未到任）"
        name = link(reverse("press:spokesperson", args=[one.pk]), f"{one.name}{state}", one.title)
        rows.append((name, one.unit.short_name, one.role, one.phone or "—", one.trained, one.seen))
    return listed(
        request, "spokespersons", "新闻发言人", ("姓名", "单位", "担任", "媒体联系电话", "培训次数", "出席场次"), rows,
        note="名录和媒体联系电话在门户公开；培训按政策把握、舆情研判、回应引导登记。", numeric=2,
        add=("登记", reverse("press:spokesperson_new"), policy.may_keep_roster(request.actor, None)),
        empty=("还没有登记新闻发言人", "每个单位至少一名，登记后在门户公开。"),
    )  # fmt: skip


@office_page
@lawbook.steady()
def spokesperson_new(request: OfficeRequest) -> HttpResponse:
    """Put somebody on the roster."""
    if not request.actor.may(Power.PRESS):
        raise Http404
    start = {"unit": next(iter(sorted(request.actor.units(Power.PRESS))), None)}
    form = forms.SpokespersonForm(request.POST or None, actor=request.actor, initial=start)

    def do() -> str:
        actions.save_spokesperson(by=request.actor, at=clock.now(), **form.cleaned_data)
        return reverse("press:spokespersons")

    return asked(request, form, "登记新闻发言人", reverse("press:spokespersons"), do)


@office_page
@lawbook.steady()
def spokesperson(request: OfficeRequest, pk: int) -> HttpResponse:
    """One spokesperson: their trainings, appearances and evaluations."""
    enter(request)
    rows = Spokesperson.objects.filter(place=request.actor.place).select_related("unit")
    found = get_object_or_404(rows, pk=pk)
    page = {
        "person": found,
        "here": "spokespersons",
        "now": clock.now(),
        "trainings": found.trainings.all(),
        "appearances": found.appearances.select_related("event__matter").order_by("-event__held_at")[:20],
        "evaluations": found.evaluations.all()
        if policy.sees_all(request.actor) or policy.keeps(request.actor, found.unit_id)
        else [],
        "keeps": policy.keeps(request.actor, found.unit_id),
    }
    return render(request, "press/spokesperson.html", page)


@office_page
@lawbook.steady()
def spokesperson_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Change what stands on the roster."""
    found = _kept_person(request, pk)
    start = {name: getattr(found, name) for name in FIELDS} | {"unit": found.unit_id, "staff": found.staff_id}
    form = forms.SpokespersonForm(request.POST or None, actor=request.actor, initial=start)
    url = reverse("press:spokesperson", args=[found.pk])

    def do() -> str:
        actions.save_spokesperson(by=request.actor, at=clock.now(), row=found, **form.cleaned_data)
        return url

    return asked(request, form, f"修改 {found.name}", url, do)


@office_page
@lawbook.steady()
def training(request: OfficeRequest, pk: int) -> HttpResponse:
    """Note a training."""
    found = _kept_person(request, pk)
    form = forms.TrainingForm(request.POST or None, actor=request.actor)
    url = reverse("press:spokesperson", args=[found.pk])

    def do() -> str:
        actions.add_training(found, by=request.actor, at=clock.now(), **form.cleaned_data)
        return url

    return asked(request, form, f"{found.name}的培训", url, do)


def _kept_person(request: OfficeRequest, pk: int) -> Spokesperson:
    found = get_object_or_404(Spokesperson, pk=pk, place=request.actor.place)
    if not policy.keeps(request.actor, found.unit_id):
        raise Http404
    return found


# ---- experts -----------------------------------------------------------------------------------------------------


@office_page
@require_safe
@lawbook.steady()
def experts(request: OfficeRequest) -> HttpResponse:
    """The experts who explain policy, by field."""
    enter(request)
    today = timezone.localdate(clock.now())
    found = Expert.objects.filter(place=request.actor.place).select_related("unit")
    rows = [
        (
            link(reverse("press:expert", args=[one.pk]), one.name, one.organisation)
            if one.unit_id and policy.keeps(request.actor, one.unit_id)
            else one.name,
            one.field, "是" if one.is_counsel else "否", one.unit.short_name if one.unit else "—",
            "在聘" if one.is_current(today) else "不在聘", one.seen,
        )
        for one in found.annotate(seen=Count("appearances"))
    ]  # fmt: skip
    return listed(
        request, "experts", "专家解读队伍", ("姓名", "解读领域", "法律顾问", "聘请单位", "聘请", "出席场次"), rows,
        note="依托法律顾问组建；安排发布和访谈时可以直接选他们出席。", numeric=1,
        add=("登记", reverse("press:expert_new"), policy.may_keep_roster(request.actor, None)),
        empty=("还没有登记专家", "可以先登记本单位的法律顾问。"),
    )  # fmt: skip


@office_page
@lawbook.steady()
def expert(request: OfficeRequest, pk: int | None = None) -> HttpResponse:
    """Put an expert into the pool, or change what stands there."""
    if not request.actor.may(Power.PRESS):
        raise Http404
    found = get_object_or_404(Expert, pk=pk, place=request.actor.place) if pk else None
    if found and (found.unit_id is None or not policy.keeps(request.actor, found.unit_id)):
        raise Http404
    start: dict[str, Any] = {"unit": next(iter(sorted(request.actor.units(Power.PRESS))), None)}
    if found:
        fields = ("name", "organisation", "field", "is_counsel", "since", "until")
        start = {name: getattr(found, name) for name in fields} | {"unit": found.unit_id}
    form = forms.ExpertForm(request.POST or None, actor=request.actor, initial=start)

    def do() -> str:
        actions.save_expert(by=request.actor, at=clock.now(), row=found, **form.cleaned_data)
        return reverse("press:experts")

    return asked(request, form, f"修改 {found.name}" if found else "登记专家", reverse("press:experts"), do)


# ---- media -------------------------------------------------------------------------------------------------------


@office_page
@require_safe
@lawbook.steady()
def outlets(request: OfficeRequest) -> HttpResponse:
    """Outlets with how often they were invited and came."""
    enter(request)
    found = Outlet.objects.filter(place=request.actor.place).annotate(
        people=Count("journalists", filter=Q(journalists__is_active=True), distinct=True),
        invited=Count("invitations", distinct=True),
        came=Count("invitations", filter=Q(invitations__attended=True), distinct=True),
    )
    rows = [
        (
            link(reverse("press:outlet", args=[one.pk]), one.name), one.kind, one.email or "—", one.phone or "—",
            "在联系" if one.is_active else "已停", one.people, one.invited, one.came,
        )
        for one in found
    ]  # fmt: skip
    return listed(
        request, "outlets", "媒体", ("媒体", "类型", "采编邮箱", "采编电话", "状态", "记者", "邀请", "到场"), rows,
        numeric=3, add=("登记媒体", reverse("press:outlet_new"), policy.may_keep_media(request.actor)),
        empty=("还没有登记媒体", "登记采编邮箱以后，采访邀请会自动发出。"),
    )  # fmt: skip


@office_page
@lawbook.steady()
def outlet_new(request: OfficeRequest) -> HttpResponse:
    """Enter an outlet."""
    if not policy.may_keep_media(request.actor):
        raise Http404
    form = forms.OutletForm(request.POST or None, actor=request.actor)

    def do() -> str:
        made = actions.save_outlet(by=request.actor, at=clock.now(), **form.cleaned_data)
        return reverse("press:outlet", args=[made.pk])

    return asked(request, form, "登记媒体", reverse("press:outlets"), do)


@office_page
@require_safe
@lawbook.steady()
def outlet(request: OfficeRequest, pk: int) -> HttpResponse:
    """One outlet with its journalists; how to reach them is shown masked."""
    enter(request)
    found = get_object_or_404(Outlet, pk=pk, place=request.actor.place)
    page = {
        "outlet": found,
        "here": "outlets",
        "now": clock.now(),
        "journalists": found.journalists.all(),
        "invitations": found.invitations.filter(event__in=policy.visible_to(request.actor))
        .select_related("event__matter")
        .order_by("-id")[:20],
        "may_keep": policy.may_keep_media(request.actor),
    }
    return render(request, "press/outlet.html", page)


@office_page
@lawbook.steady()
def outlet_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Change what stands of an outlet."""
    found = _outlet(request, pk)
    start = {name: getattr(found, name) for name in ("name", "kind", "email", "phone", "is_active")}
    form = forms.OutletForm(request.POST or None, actor=request.actor, row=found, initial=start)
    url = reverse("press:outlet", args=[found.pk])

    def do() -> str:
        actions.save_outlet(by=request.actor, at=clock.now(), row=found, **form.cleaned_data)
        return url

    return asked(request, form, f"修改 {found.name}", url, do)


@office_page
@lawbook.steady()
def journalist(request: OfficeRequest, pk: int, row: int | None = None) -> HttpResponse:
    """Enter a journalist, or change what stands of them."""
    found = _outlet(request, pk)
    person = get_object_or_404(Journalist, pk=row, outlet=found) if row else None
    fields = ("name", "credential", "beat", "is_active")
    start = {name: getattr(person, name) for name in fields} if person else {}
    form = forms.JournalistForm(
        request.POST or None, actor=request.actor, initial=start or {"is_active": True}
    )
    url = reverse("press:outlet", args=[found.pk])

    def do() -> str:
        actions.save_journalist(found, by=request.actor, at=clock.now(), row=person, **form.cleaned_data)
        return url

    return asked(request, form, f"修改 {person.name}" if person else f"登记{found.name}的记者", url, do)


def _outlet(request: OfficeRequest, pk: int) -> Outlet:
    if not policy.may_keep_media(request.actor):
        raise Http404
    return get_object_or_404(Outlet, pk=pk, place=request.actor.place)


# ---- what media ask for ------------------------------------------------------------------------------------------


@office_page
@require_safe
@lawbook.steady()
def requests(request: OfficeRequest) -> HttpResponse:
    """Interviews that media asked for, the newest first: the log of who answered."""
    enter(request)
    now = clock.now()
    found = policy.cases(request.actor, InterviewRequest).select_related("matter", "unit", "outlet")
    rows = [
        (
            link(reverse("press:request", args=[one.code]), one.title, one.code), one.outlet.name, one.unit.short_name,
            moment(one.asked_at, now), one.stage_word,
            f"{one.answered_by}（负责同志）" if one.by_head and one.answered_by else one.answered_by or one.reason or "—",
        )
        for one in found[:200]
    ]  # fmt: skip
    return listed(
        request, "requests", "采访申请", ("采访题目", "媒体", "受访单位", "提出", "结果", "谁受访，或为什么没有"), rows,
        add=("登记", reverse("press:request_new"), policy.may_receive_request(request.actor)),
        empty=("没有媒体提出采访", "媒体来函来电要求采访的，在这里登记，答复有期限。"),
    )  # fmt: skip


@office_page
@lawbook.steady()
def request_new(request: OfficeRequest) -> HttpResponse:
    """Enter that media ask for an interview."""
    if not policy.may_receive_request(request.actor):
        raise Http404
    start: dict[str, Any] = {"unit": next(iter(sorted(request.actor.units(Power.PRESS))), None)}
    if (matter := matter_of(request.actor, request.GET.get("answers", ""))) is not None:
        start |= {"answers": matter.number}
    form = forms.RequestForm(request.POST or None, actor=request.actor, initial=start)

    def do() -> str:
        made = actions.receive_request(by=request.actor, at=clock.now(), **form.given)
        return reverse("press:request", args=[made.code])

    note = "" if form.fields["outlet"].queryset.exists() else "还没有登记媒体，请先登记。"  # type: ignore[attr-defined]
    return asked(request, form, "登记采访申请", reverse("press:requests"), do, note=note)


@office_page
@require_safe
@lawbook.steady()
def request_(request: OfficeRequest, number: str) -> HttpResponse:
    """One request for an interview."""
    found: InterviewRequest = find(request, acts.REQUESTS, number)
    fields = [
        ("媒体", found.outlet.name), ("受访单位", found.unit.name), ("提出", moment(found.asked_at)),
        ("希望专访负责同志", "是" if found.wants_head else "否"), ("结果", found.stage_word),
    ]  # fmt: skip
    if found.meets_at:
        fields.append(("约定时间", moment(found.meets_at)))
    if found.answered_by:
        fields.append(("受访人", found.answered_by + ("（负责同志）" if found.by_head else "")))
    if found.reason:
        fields.append((f"不接受：{found.ground}", found.reason))
    texts = [("想采访什么", found.words), ("答问摘要", found.answer)]
    page = around(request, acts.REQUESTS, found) | {
        "heading": found.title, "fields": fields, "texts": [one for one in texts if one[1]], "address": found.address,
    }  # fmt: skip
    return render(request, "press/case.html", page)
