"""Staff: accounts, posts they hold, access."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gongkai.people import actions, asks, policy
from gongkai.people.desk import OfficeRequest, needs, office_page
from gongkai.people.forms import AppointForm, EndForm, NewStaffForm, StaffForm
from gongkai.people.models import Holding, Leave, Post, Power
from gongkai.people.views.page import A_PAGE, ask, find_person, has_second_factor, show


@office_page
@needs(Power.ADMINISTER)
def staff(request: OfficeRequest) -> HttpResponse:
    """People of the place, with the posts they hold today."""
    today = timezone.localdate()
    asked = request.GET.get("q", "").strip()
    found = policy.visible_staff(request.actor).order_by("-is_active", "id")
    if asked:
        found = found.filter(
            Q(name__contains=asked)
            | Q(username__contains=asked.lower())
            | Q(holdings__post__unit__short_name__contains=asked)
        ).distinct()
    shown = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    people = list(shown)
    held: dict[int, list[Holding]] = {one.pk: [] for one in people}
    holdings = Holding.objects.in_force(today).filter(staff__in=people)
    for holding in holdings.select_related("post__unit").order_by("id"):
        held[holding.staff_id].append(holding)
    away = {leave.staff_id: leave for leave in Leave.objects.on(today).filter(staff__in=people)}
    page = {
        "rows": [(one, held[one.pk], away.get(one.pk)) for one in people],
        "shown": shown,
        "asked": asked,
        "total": found.count(),
        "today": today,
    }
    return show(request, "people/staff.html", page)


@office_page
@needs(Power.ADMINISTER)
def new_staff(request: OfficeRequest) -> HttpResponse:
    """Add a person. The one-time password is on the answer to this request and nowhere else."""
    form = NewStaffForm(request.POST or None)
    if form.is_valid():
        card = dict(form.cleaned_data)
        added, told = actions.add_staff(
            card,  # type: ignore[arg-type]
            username=card.pop("username"),
            by=request.actor,
            at=timezone.now(),
        )
        return show(request, "people/password.html", {"person": added, "password": told, "is_new": True})
    return ask(
        request, form, "新增人员", reverse("people:staff"), note="账号建好后，会给一个只显示一次的口令。"
    )


@office_page
@needs(Power.ADMINISTER)
def person(request: OfficeRequest, username: str) -> HttpResponse:
    """A person: posts past and present, leave, access."""
    today = timezone.localdate()
    found = find_person(request, username)
    holdings = found.holdings.select_related("post__unit").order_by("until_on", "id")
    acting = {
        post.post.pk: post
        for post in asks.posts_on(Post.objects.filter(holdings__in=holdings).distinct(), today)
    }
    page = {
        "person": found,
        "holdings": [
            (one, acting.get(one.post_id), one.until_on is not None and one.until_on <= today)
            for one in holdings
        ],
        "leaves": found.leaves.filter(last_on__gte=today).order_by("first_on"),
        "has_second_factor": has_second_factor(found),
        "may_disable": policy.may_disable(request.actor, found, today),
        "may_reset": policy.may_reset(request.actor, found),
        "today": today,
    }
    return show(request, "people/person.html", page)


@office_page
@needs(Power.ADMINISTER)
def edit_staff(request: OfficeRequest, username: str) -> HttpResponse:
    found = find_person(request, username)
    card = {name: getattr(found, name) for name in StaffForm.base_fields}
    form = StaffForm(request.POST or None, initial=card)
    if form.is_valid():
        actions.change_staff(found, form.cleaned_data, by=request.actor, at=timezone.now())  # type: ignore[arg-type]
        messages.success(request, "已保存。")
        return redirect("people:person", username)
    return ask(request, form, f"修改{found.name}", reverse("people:person", args=[username]))


@require_POST
@office_page
@needs(Power.ADMINISTER)
def password(request: OfficeRequest, username: str) -> HttpResponse:
    """Give a new one-time password, shown once."""
    found = find_person(request, username)
    told = actions.reset_password(found, by=request.actor, at=timezone.now())
    return show(request, "people/password.html", {"person": found, "password": told})


@require_POST
@office_page
@needs(Power.ADMINISTER)
def second_factor(request: OfficeRequest, username: str) -> HttpResponse:
    """Take the second factor off an account."""
    found = find_person(request, username)
    actions.remove_second_factor(found, by=request.actor, at=timezone.now())
    messages.success(request, f"已解除{found.name}的两步验证。请提醒本人登录后重新开启。")
    return redirect("people:person", username)


@require_POST
@office_page
@needs(Power.ADMINISTER)
def access(request: OfficeRequest, username: str) -> HttpResponse:
    """Close or open an account: `open` is 1 or 0."""
    found = find_person(request, username)
    if request.POST.get("open") == "1":
        actions.enable(found, by=request.actor, at=timezone.now())
        messages.success(request, f"已启用{found.name}的账号。")
    else:
        actions.disable(found, by=request.actor, at=timezone.now())
        messages.success(request, f"已停用{found.name}的账号，登录着的也已退出。")
    return redirect("people:person", username)


@office_page
@needs(Power.ADMINISTER)
def appointment(request: OfficeRequest, username: str) -> HttpResponse:
    """Put a person into a post."""
    found = find_person(request, username)
    form = AppointForm(request.POST or None, actor=request.actor, on=timezone.localdate())
    if form.is_valid():
        actions.appoint(found, by=request.actor, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "已任职。")
        return redirect("people:person", username)
    return ask(
        request, form, f"{found.name}：任职", reverse("people:person", args=[username]), button="确认任职"
    )


@office_page
@needs(Power.ADMINISTER)
def end_holding(request: OfficeRequest, pk: int) -> HttpResponse:
    """Relieve a person of a post."""
    holdings = policy.visible_holdings(request.actor).select_related("staff", "post__unit")
    found = get_object_or_404(holdings, pk=pk)
    form = EndForm(request.POST or None, initial={"on": timezone.localdate()})
    if form.is_valid():
        actions.end_holding(found, by=request.actor, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "已免职。")
        return redirect("people:person", found.staff.username)
    back = reverse("people:person", args=[found.staff.username])
    return ask(request, form, f"免去{found.staff.name}的{found.post}", back, button="确认免职")
