"""One's own account: what one holds, and the first administrator of an empty installation."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from gongkai.people import actions, asks, policy
from gongkai.people.desk import OfficeRequest, signed_in
from gongkai.people.forms import FirstForm, OwnCardForm
from gongkai.people.models import Post, Power, Staff
from gongkai.people.views.page import has_second_factor, show


@signed_in
def me(request: OfficeRequest) -> HttpResponse:
    """My account: posts today, who stands in, leave, quiet hours, password, second factor, sessions."""
    today = timezone.localdate()
    mine = request.staff
    card = {name: getattr(mine, name) for name in OwnCardForm.base_fields}
    form = OwnCardForm(request.POST or None, initial=card)
    if form.is_valid():
        actions.change_own_card(mine, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "已保存。")
        return redirect("people:me")
    held = Post.objects.filter(holdings__in=mine.holdings.in_force(today)).distinct()
    signed_for = (
        policy.visible_staff(request.actor).exclude(pk=mine.pk) if request.actor.may(Power.SIGN) else ()
    )
    page = {
        "form": form,
        "posts": [(post, post.of(mine)) for post in asks.posts_on(held, today)],
        "leaves": mine.leaves.filter(last_on__gte=today).order_by("first_on"),
        "signed_for": signed_for,
        "has_second_factor": has_second_factor(mine),
        "wants_second_factor": request.actor.may(Power.ADMINISTER) or request.actor.may(Power.AUDIT),
    }
    return show(request, "people/me.html", page, form)


@sensitive_post_parameters("password")
def first(request: HttpRequest) -> HttpResponse:
    """Found an empty installation: its place, government and first administrator. Then 404 for good."""
    if Staff.objects.exists():
        raise Http404
    form = FirstForm(request.POST or None)
    if form.is_valid():
        actions.first_administrator(at=timezone.now(), **form.cleaned_data)
        messages.success(request, "建好了，请用刚才的账号和口令登录，再新增单位和人员。")
        return redirect("account_login")
    return render(request, "people/first.html", {"form": form}, status=422 if form.errors else 200)
