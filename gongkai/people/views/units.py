"""Units with their names, successors and posts."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from gongkai.people import actions, asks, policy
from gongkai.people.desk import OfficeRequest, needs, office_page
from gongkai.people.forms import ClosureForm, PostForm, RenameForm, UnitForm
from gongkai.people.models import Power
from gongkai.people.views.page import ask, find_unit, show


@office_page
def home(request: OfficeRequest) -> HttpResponse:
    """Lead to the first of these pages that the person may use."""
    if request.actor.may(Power.ADMINISTER):
        return redirect("people:units")
    return redirect("people:log" if request.actor.may(Power.AUDIT) else "people:roster")


@office_page
@needs(Power.ADMINISTER)
def units(request: OfficeRequest) -> HttpResponse:
    """Units of the place as a tree; closed ones on request."""
    today = timezone.localdate()
    here = policy.visible_units(request.actor)
    closed = here.exclude(pk__in=here.standing(today)).count()
    shown = here if "closed" in request.GET else here.standing(today)
    counted = (
        shown.select_related("successor").prefetch_related("responsibilities").annotate(n=Count("posts"))
    )
    page = {
        "branches": asks.tree(counted),
        "closed": closed,
        "show_closed": "closed" in request.GET,
        "today": today,
    }
    return show(request, "people/units.html", page)


@office_page
@needs(Power.ADMINISTER)
def new_unit(request: OfficeRequest) -> HttpResponse:
    form = UnitForm(request.POST or None, actor=request.actor, on=timezone.localdate())
    if form.is_valid():
        card = dict(form.cleaned_data)
        added = actions.open_unit(card, duties=card.pop("duties"), by=request.actor, at=timezone.now())  # type: ignore[arg-type]
        messages.success(request, f"已新增{added.name}。接着给它设岗位。")
        return redirect("people:unit", added.pk)
    return ask(request, form, "新增单位", reverse("people:units"))


@office_page
@needs(Power.ADMINISTER)
def unit(request: OfficeRequest, pk: int) -> HttpResponse:
    """A unit, its posts and who holds them today."""
    today = timezone.localdate()
    found = find_unit(request, pk)
    page = {
        "unit": found,
        "duties": found.responsibilities.all(),
        "competence": [line for line in found.competence.splitlines() if line.strip()],
        "parts": found.parts.standing(today),
        "posts": asks.posts_on(found.posts.all(), today),
        "may_close": policy.may_close(request.actor, found),
        "today": today,
    }
    return show(request, "people/unit.html", page)


@office_page
@needs(Power.ADMINISTER)
def edit_unit(request: OfficeRequest, pk: int) -> HttpResponse:
    found = find_unit(request, pk)
    form = UnitForm(
        request.POST or None,
        actor=request.actor,
        unit=found,
        on=timezone.localdate(),
        initial=UnitForm.given(found),
    )
    if form.is_valid():
        card = dict(form.cleaned_data)
        actions.change_unit(found, card, duties=card.pop("duties"), by=request.actor, at=timezone.now())  # type: ignore[arg-type]
        messages.success(request, "已保存。")
        return redirect("people:unit", pk)
    return ask(
        request,
        form,
        f"修改{found.short_name}",
        reverse("people:unit", args=[pk]),
        note="这里改的是笔误和联系方式。机构改革更名、合并，请用“更名”“撤并”，旧名称会留作记录。",
    )


@office_page
@needs(Power.ADMINISTER)
def closure(request: OfficeRequest, pk: int) -> HttpResponse:
    """Merge a unit into another."""
    found = find_unit(request, pk)
    policy.may_close(request.actor, found).enforce()
    form = ClosureForm(request.POST or None, actor=request.actor, unit=found, on=timezone.localdate())
    if form.is_valid():
        actions.close_unit(found, by=request.actor, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "已登记撤并。没有办完的件还在原单位名下，请政务公开科改派。")
        return redirect("people:unit", pk)
    return ask(request, form, f"撤并{found.short_name}", reverse("people:unit", args=[pk]), button="确认撤并")


@office_page
@needs(Power.ADMINISTER)
def new_name(request: OfficeRequest, pk: int) -> HttpResponse:
    """Give a unit a new name from a day on."""
    found = find_unit(request, pk)
    policy.may_close(request.actor, found).enforce()
    form = RenameForm(request.POST or None, actor=request.actor)
    if form.is_valid():
        renamed = actions.rename_unit(found, by=request.actor, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "已更名，岗位和人员跟着过来。没有办完的件还在原名称下，请政务公开科改派。")
        return redirect("people:unit", renamed.pk)
    note = "旧名称留作记录并写明承接单位；岗位、人员、职能转到新名称下。"
    back = reverse("people:unit", args=[pk])
    return ask(request, form, f"{found.short_name}更名", back, button="确认更名", note=note)


@office_page
@needs(Power.ADMINISTER)
def new_post(request: OfficeRequest, pk: int) -> HttpResponse:
    found = find_unit(request, pk)
    form = PostForm(request.POST or None)
    if form.is_valid():
        actions.add_post(found, by=request.actor, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "已新增岗位。请到人员的页面让人任职。")
        return redirect("people:unit", pk)
    return ask(request, form, f"{found.short_name}：新增岗位", reverse("people:unit", args=[pk]))


@office_page
@needs(Power.ADMINISTER)
def edit_post(request: OfficeRequest, pk: int) -> HttpResponse:
    """Change a post and its powers, or take it away when nobody ever held it."""
    found = get_object_or_404(policy.visible_posts(request.actor).select_related("unit"), pk=pk)
    back = reverse("people:unit", args=[found.unit_id])
    if "remove" in request.POST:
        actions.remove_post(found, by=request.actor, at=timezone.now())
        messages.success(request, "已删除岗位。")
        return redirect(back)
    card = {"name": found.name, "section": found.section, "powers": found.powers}
    form = PostForm(request.POST or None, initial=card)
    if form.is_valid():
        actions.change_post(found, by=request.actor, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "已保存，马上生效。")
        return redirect(back)
    removal = policy.may_remove_post(request.actor, found)
    return ask(request, form, f"修改{found}", back, remove=removal, remove_label="删除岗位")
