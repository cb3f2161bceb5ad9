"""Leave, and who is on duty when."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gongkai.people import actions, asks, policy
from gongkai.people.desk import OfficeRequest, office_page, signed_in
from gongkai.people.forms import LeaveForm, WatchForm
from gongkai.people.models import Holding, Post, Power, Staff, Unit, Watch
from gongkai.people.views.page import ask, find_person, show


@signed_in
def leave(request: OfficeRequest, username: str) -> HttpResponse:
    """Enter leave, one's own or that of somebody one answers for, and see who stands in."""
    today = timezone.localdate()
    found = find_person(request, username)
    form = LeaveForm(request.POST or None)
    if form.is_valid():
        actions.enter_leave(found, by=request.actor, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "已登记。请假期间由 B 角代办。")
        return redirect("people:leave", username)
    held = Post.objects.filter(
        holdings__in=found.holdings.in_force(today).filter(rank=Holding.Rank.A)
    ).distinct()
    at_desk = request.actor.may(Power.ADMINISTER) and found.pk != request.staff.pk
    page = {
        "person": found,
        "is_me": found.pk == request.staff.pk,
        "back": reverse("people:person", args=[username]) if at_desk else reverse("people:me"),
        "leaves": found.leaves.filter(last_on__gte=today).order_by("first_on"),
        "past": found.leaves.filter(last_on__lt=today)[:10],
        "posts": [(post, [h for h in post.holders if not h.is_a]) for post in asks.posts_on(held, today)],
        "today": today,
    }
    return show(request, "people/leave.html", page | {"form": form}, form)


@require_POST
@signed_in
def cancel_leave(request: OfficeRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(policy.visible_leaves(request.actor).select_related("staff__place"), pk=pk)
    actions.cancel_leave(found, by=request.actor, at=timezone.now())
    messages.success(request, "已取消请假。")
    return redirect("people:leave", found.staff.username)


@office_page
def roster(request: OfficeRequest) -> HttpResponse:
    """The duty roster of a week, and when nobody is on duty."""
    day = _day(request.GET.get("week")) or timezone.localdate()
    week = asks.duty_week(policy.visible_watches(request.actor), day, timezone.now())
    editable = {unit.pk for unit in _rostered(request)}
    page = {
        "week": week,
        "editable": editable,
        "today": timezone.localdate(),
        "now": timezone.now(),
        "on_duty": [w for one in week.days for w in one.watches if w.starts_at <= timezone.now() < w.ends_at],
    }
    return show(request, "people/roster.html", page)


@office_page
def new_watch(request: OfficeRequest) -> HttpResponse:
    """Put somebody on duty."""
    units = _rostered(request)
    if not units.exists():
        raise Http404
    people = Staff.objects.filter(place=request.actor.place, is_active=True)
    start = timezone.make_aware(
        datetime.combine(_day(request.GET.get("day")) or timezone.localdate(), time(8, 30))
    )
    initial = {"starts_at": start, "ends_at": start + timedelta(days=1), "unit": units.first(), "days": 1}
    form = WatchForm(request.POST or None, units=units, staff=people, initial=initial)
    if form.is_valid():
        watches = actions.roster(by=request.actor, at=timezone.now(), **form.cleaned_data)
        messages.success(request, f"已排 {len(watches)} 班。")
        return redirect(_week_of(watches[0]))
    return ask(request, form, "排班", reverse("people:roster"), button="排班")


@require_POST
@office_page
def remove_watch(request: OfficeRequest, pk: int) -> HttpResponse:
    watches = policy.visible_watches(request.actor).select_related("unit", "staff")
    found = get_object_or_404(watches, pk=pk)
    week = _week_of(found)
    actions.remove_watch(found, by=request.actor, at=timezone.now())
    messages.success(request, "已取消这一班。")
    return redirect(week)


def _rostered(request: OfficeRequest) -> QuerySet[Unit]:
    """Units whose roster this person draws up."""
    actor = request.actor
    standing = policy.visible_units(actor).standing(timezone.localdate())
    if actor.may(Power.ADMINISTER) or actor.may(Power.OVERSEE):
        return standing
    return standing.filter(pk__in=actor.units(Power.SIGN))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _week_of(watch: Watch) -> str:
    return f"{reverse('people:roster')}?week={timezone.localdate(watch.starts_at)}"
