"""Find, ask, act, show: the pages of people."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from gongkai.people import actions, asks, policy
from gongkai.people.desk import OfficeRequest, needs, office_page, signed_in
from gongkai.people.forms import (
    AppointForm,
    ClosureForm,
    EndForm,
    FirstForm,
    LeaveForm,
    LogForm,
    NewStaffForm,
    OwnCardForm,
    PostForm,
    RenameForm,
    StaffForm,
    UnitForm,
    WatchForm,
)
from gongkai.people.models import AccountEvent, Holding, Leave, Post, Power, Staff, Unit, Watch
from gongkai.ui.parts import with_changes

A_PAGE = 50


# ---- one's own account --------------------------------------------------------------------------


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
        "has_second_factor": _has_second_factor(mine),
        "wants_second_factor": request.actor.may(Power.ADMINISTER) or request.actor.may(Power.AUDIT),
    }
    return _show(request, "people/me.html", page, form)


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


# ---- units and posts ----------------------------------------------------------------------------


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
    return _show(request, "people/units.html", page)


@office_page
@needs(Power.ADMINISTER)
def new_unit(request: OfficeRequest) -> HttpResponse:
    form = UnitForm(request.POST or None, actor=request.actor, on=timezone.localdate())
    if form.is_valid():
        card = dict(form.cleaned_data)
        added = actions.open_unit(card, duties=card.pop("duties"), by=request.actor, at=timezone.now())  # type: ignore[arg-type]
        messages.success(request, f"已新增{added.name}。接着给它设岗位。")
        return redirect("people:unit", added.pk)
    return _ask(request, form, "新增单位", reverse("people:units"))


@office_page
@needs(Power.ADMINISTER)
def unit(request: OfficeRequest, pk: int) -> HttpResponse:
    """A unit, its posts and who holds them today."""
    today = timezone.localdate()
    found = _unit(request, pk)
    page = {
        "unit": found,
        "duties": found.responsibilities.all(),
        "competence": [line for line in found.competence.splitlines() if line.strip()],
        "parts": found.parts.standing(today),
        "posts": asks.posts_on(found.posts.all(), today),
        "may_close": policy.may_close(request.actor, found),
        "today": today,
    }
    return _show(request, "people/unit.html", page)


@office_page
@needs(Power.ADMINISTER)
def edit_unit(request: OfficeRequest, pk: int) -> HttpResponse:
    found = _unit(request, pk)
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
    return _ask(
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
    found = _unit(request, pk)
    policy.may_close(request.actor, found).enforce()
    form = ClosureForm(request.POST or None, actor=request.actor, unit=found, on=timezone.localdate())
    if form.is_valid():
        actions.close_unit(found, by=request.actor, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "已登记撤并。没有办完的件还在原单位名下，请政务公开科改派。")
        return redirect("people:unit", pk)
    return _ask(
        request, form, f"撤并{found.short_name}", reverse("people:unit", args=[pk]), button="确认撤并"
    )


@office_page
@needs(Power.ADMINISTER)
def new_name(request: OfficeRequest, pk: int) -> HttpResponse:
    """Give a unit a new name from a day on."""
    found = _unit(request, pk)
    policy.may_close(request.actor, found).enforce()
    form = RenameForm(request.POST or None, actor=request.actor)
    if form.is_valid():
        renamed = actions.rename_unit(found, by=request.actor, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "已更名，岗位和人员跟着过来。没有办完的件还在原名称下，请政务公开科改派。")
        return redirect("people:unit", renamed.pk)
    note = "旧名称留作记录并写明承接单位；岗位、人员、职能转到新名称下。"
    back = reverse("people:unit", args=[pk])
    return _ask(request, form, f"{found.short_name}更名", back, button="确认更名", note=note)


@office_page
@needs(Power.ADMINISTER)
def new_post(request: OfficeRequest, pk: int) -> HttpResponse:
    found = _unit(request, pk)
    form = PostForm(request.POST or None)
    if form.is_valid():
        actions.add_post(found, by=request.actor, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "已新增岗位。请到人员的页面让人任职。")
        return redirect("people:unit", pk)
    return _ask(request, form, f"{found.short_name}：新增岗位", reverse("people:unit", args=[pk]))


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
    return _ask(request, form, f"修改{found}", back, remove=removal, remove_label="删除岗位")


# ---- staff --------------------------------------------------------------------------------------


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
    return _show(request, "people/staff.html", page)


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
        return _show(request, "people/password.html", {"person": added, "password": told, "is_new": True})
    return _ask(
        request, form, "新增人员", reverse("people:staff"), note="账号建好后，会给一个只显示一次的口令。"
    )


@office_page
@needs(Power.ADMINISTER)
def person(request: OfficeRequest, username: str) -> HttpResponse:
    """A person: posts past and present, leave, access."""
    today = timezone.localdate()
    found = _person(request, username)
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
        "has_second_factor": _has_second_factor(found),
        "may_disable": policy.may_disable(request.actor, found, today),
        "may_reset": policy.may_reset(request.actor, found),
        "today": today,
    }
    return _show(request, "people/person.html", page)


@office_page
@needs(Power.ADMINISTER)
def edit_staff(request: OfficeRequest, username: str) -> HttpResponse:
    found = _person(request, username)
    card = {name: getattr(found, name) for name in StaffForm.base_fields}
    form = StaffForm(request.POST or None, initial=card)
    if form.is_valid():
        actions.change_staff(found, form.cleaned_data, by=request.actor, at=timezone.now())  # type: ignore[arg-type]
        messages.success(request, "已保存。")
        return redirect("people:person", username)
    return _ask(request, form, f"修改{found.name}", reverse("people:person", args=[username]))


@require_POST
@office_page
@needs(Power.ADMINISTER)
def password(request: OfficeRequest, username: str) -> HttpResponse:
    """Give a new one-time password, shown once."""
    found = _person(request, username)
    told = actions.reset_password(found, by=request.actor, at=timezone.now())
    return _show(request, "people/password.html", {"person": found, "password": told})


@require_POST
@office_page
@needs(Power.ADMINISTER)
def second_factor(request: OfficeRequest, username: str) -> HttpResponse:
    """Take the second factor off an account."""
    found = _person(request, username)
    actions.remove_second_factor(found, by=request.actor, at=timezone.now())
    messages.success(request, f"已解除{found.name}的两步验证。请提醒本人登录后重新开启。")
    return redirect("people:person", username)


@require_POST
@office_page
@needs(Power.ADMINISTER)
def access(request: OfficeRequest, username: str) -> HttpResponse:
    """Close or open an account: `open` is 1 or 0."""
    found = _person(request, username)
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
    found = _person(request, username)
    form = AppointForm(request.POST or None, actor=request.actor, on=timezone.localdate())
    if form.is_valid():
        actions.appoint(found, by=request.actor, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "已任职。")
        return redirect("people:person", username)
    return _ask(
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
    return _ask(request, form, f"免去{found.staff.name}的{found.post}", back, button="确认免职")


# ---- leave and roster ---------------------------------------------------------------------------


@signed_in
def leave(request: OfficeRequest, username: str) -> HttpResponse:
    """Enter leave, one's own or that of somebody one answers for, and see who stands in."""
    today = timezone.localdate()
    found = _person(request, username)
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
    return _show(request, "people/leave.html", page | {"form": form}, form)


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
    return _show(request, "people/roster.html", page)


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
    return _ask(request, form, "排班", reverse("people:roster"), button="排班")


@require_POST
@office_page
def remove_watch(request: OfficeRequest, pk: int) -> HttpResponse:
    watches = policy.visible_watches(request.actor).select_related("unit", "staff")
    found = get_object_or_404(watches, pk=pk)
    week = _week_of(found)
    actions.remove_watch(found, by=request.actor, at=timezone.now())
    messages.success(request, "已取消这一班。")
    return redirect(week)


# ---- the account log ----------------------------------------------------------------------------


@office_page
@needs(Power.AUDIT)
def log(request: OfficeRequest) -> HttpResponse:
    """The account log, newest first."""
    form, events = _asked_events(request)
    shown = Paginator(events, A_PAGE).get_page(request.GET.get("page"))
    query = with_changes(request, page=None)
    return _show(request, "people/log.html", {"form": form, "shown": shown, "query": query})


@office_page
@needs(Power.AUDIT)
def log_csv(request: OfficeRequest) -> HttpResponse:
    """The same rows as a table for a spreadsheet, in UTF-8 with its mark."""
    _, events = _asked_events(request)
    now = timezone.now()
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = (
        f'attachment; filename="account-log-{timezone.localdate(now):%Y%m%d}.csv"'
    )
    response.write("\ufeff")
    table = csv.writer(response)
    table.writerow(["时间", "操作人", "事项", "涉及人", "内容", "来源地址"])
    table.writerows(_cells(event) for event in events.iterator())
    actions.note_export(rows=events.count(), by=request.actor, at=now)
    return response


def _asked_events(request: OfficeRequest) -> tuple[LogForm, QuerySet[AccountEvent]]:
    """The log form as it was sent and the events it asks for; a wrong date narrows nothing."""
    form = LogForm(request.GET or None, staff=Staff.objects.filter(place=request.actor.place))
    events = policy.visible_events(request.actor).select_related("by", "whom")
    asked = form.cleaned_data if form.is_bound and not form.errors else {}
    if asked.get("staff"):
        events = events.filter(Q(by=asked["staff"]) | Q(whom=asked["staff"]))
    if asked.get("what"):
        events = events.filter(what=asked["what"])
    if asked.get("since"):
        events = events.filter(at__gte=_midnight(asked["since"]))
    if asked.get("until"):
        events = events.filter(at__lt=_midnight(asked["until"] + timedelta(days=1)))
    return form, events


def _cells(event: AccountEvent) -> Iterator[str]:
    """The cells of an event. One that a spreadsheet would take for a formula gets an apostrophe."""
    cells = [
        f"{timezone.localtime(event.at):%Y-%m-%d %H:%M:%S}",
        _named(event.by),
        event.get_what_display(),
        _named(event.whom),
        event.about,
        event.address or "",
    ]
    return (f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell for cell in cells)


# ---- pages --------------------------------------------------------------------------------------


def _show(
    request: OfficeRequest, template: str, page: dict[str, Any], form: Form | None = None
) -> HttpResponse:
    """Show a page of the office with the sections its reader may enter."""
    sections = [
        ("units", "单位和岗位", Power.ADMINISTER),
        ("staff", "人员", Power.ADMINISTER),
        ("roster", "值班", None),
        ("log", "账号日志", Power.AUDIT),
    ]
    here = request.resolver_match.url_name if request.resolver_match else ""
    page["sections"] = [
        {"label": label, "url": reverse(f"people:{name}"), "current": name == here}
        for name, label, power in sections
        if request.actor.posts and (power is None or request.actor.may(power))
    ]
    status = 422 if form is not None and form.errors else 200
    return render(request, template, page, status=status)


def _ask(
    request: OfficeRequest,
    form: Form,
    heading: str,
    back: str,
    *,
    button: str = "保存",
    note: str = "",
    **more: Any,
) -> HttpResponse:
    """Show a form alone on its page."""
    page = {"form": form, "heading": heading, "back": back, "button": button, "note": note} | more
    return _show(request, "people/form.html", page, form)


def _unit(request: OfficeRequest, pk: int) -> Unit:
    return get_object_or_404(
        policy.visible_units(request.actor).select_related("superior", "successor"), pk=pk
    )


def _person(request: OfficeRequest, username: str) -> Staff:
    return get_object_or_404(policy.visible_staff(request.actor), username=username)


def _rostered(request: OfficeRequest) -> QuerySet[Unit]:
    """Units whose roster this person draws up."""
    actor = request.actor
    standing = policy.visible_units(actor).standing(timezone.localdate())
    if actor.may(Power.ADMINISTER) or actor.may(Power.OVERSEE):
        return standing
    return standing.filter(pk__in=actor.units(Power.SIGN))


def _has_second_factor(staff: Staff) -> bool:
    return bool(Authenticator.objects.filter(user=staff, type=Authenticator.Type.TOTP).exists())


def _named(staff: Staff | None) -> str:
    return f"{staff.name}（{staff.username}）" if staff else ""


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _week_of(watch: Watch) -> str:
    return f"{reverse('people:roster')}?week={timezone.localdate(watch.starts_at)}"
