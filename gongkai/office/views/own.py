"""My own pages: work, search, notices."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from gongkai.ledger import asks, clock, lawbook, pages, supervision
from gongkai.ledger.models import Matter, Obligation
from gongkai.letters import policy as letters
from gongkai.letters.indexing import matching
from gongkai.letters.models import Letter
from gongkai.notices import actions as notice_actions
from gongkai.notices.models import Preference
from gongkai.notices.policy import visible_to as notices_of
from gongkai.office import policy
from gongkai.office import work as questions
from gongkai.office.forms import PreferenceForm
from gongkai.people import actions as people
from gongkai.people.actor import Actor
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.people.models import Unit
from gongkai.prepared import Prepared
from gongkai.search import asks as finding
from gongkai.search.words import read
from gongkai.ui.parts import Filter, Option, onward

A_PAGE = 25
NOTICES_A_PAGE = 30


@office_page
@lawbook.steady()
def work(request: OfficeRequest) -> HttpResponse:
    """What the units of my posts owe, by clock."""
    now, actor = clock.now(), request.actor
    choice = questions.Choice.of(request.GET.dict())
    owed = questions.owed(actor, now)
    figures = questions.counted(owed)
    page = {
        "now": now,
        "headline": questions.headline(figures),
        "figures": figures,
        "choice": choice,
        "all_url": choice.url(clock="", page="") if choice.is_narrowed else reverse("office:work"),
        "board_url": reverse("office:board"),
        "groups": questions.groups(choice, actor, owed, shows_unit=len(figures.by_unit) > 1),
        "filters": _filters(figures, actor),
        "standing_in": questions.standing_in(request.staff, timezone.localdate()),
        "orders": _orders(request, now),
        "sees_all": policy.sees_all(actor),
    }
    return render(request, "office/work.html", page)


def _filters(figures: questions.Counted, actor: Actor) -> list[Filter]:
    place = actor.place.code
    duties = sorted(figures.by_duty.items(), key=lambda row: -row[1])
    found = []
    if len(duties) > 1:
        options = [Option(id, asks.says_of(place, id), n) for id, n in duties]
        found.append(Filter("duty", "种类", [Option("", "全部", figures.total), *options]))
    if len(figures.by_unit) > 1:
        units = dict(_names(policy.own_units(actor)).ask())
        by_unit = [Option(code, units.get(code, code), n) for code, n in figures.by_unit.items()]
        found.append(Filter("unit", "单位", [Option("", "所有单位"), *by_unit]))
    if figures.total:
        others = figures.total - figures.mine
        turns = [Option("mine", "轮到我办", figures.mine), Option("others", "等别人", others)]
        found.append(
            Filter("turn", "轮到谁", turns if duties[1:] else [Option("", "全部", figures.total), *turns])
        )
    return found


@lru_cache(maxsize=256)
def _names(units: frozenset[int]) -> Prepared[tuple[str, str]]:
    return Prepared(Unit.objects.filter(pk__in=units).order_by().values_list("code", "short_name"))


def _orders(request: OfficeRequest, now: datetime) -> list[tuple[Obligation, str, datetime]]:
    """Orders of supervision that await a report of my units: the duty, in how long, and when it was ordered."""
    awaited = supervision.awaited(request.actor.units(*supervision.REPORTING), now)
    keys = {(fact.matter_id, fact.details.get("obligation", "")): fact for fact in awaited}
    if not keys:
        return []
    rows = policy.visible_obligations(request.actor).filter(matter__in={matter for matter, _ in keys})
    rows = rows.filter(key__in={key for _, key in keys}).select_related("matter")
    return [
        (o, supervision.term_zh(fact.details["within"]), fact.happened_at)
        for o in rows
        if (fact := keys.get((o.matter_id, o.key)))
    ]


# ---- search ----------------------------------------------------------------------------------------------------


@office_page
@lawbook.steady()
def search(request: OfficeRequest) -> HttpResponse:
    """A number leads straight to its matter; words find letters one may open, newest first, by key."""
    q = request.GET.get("q", "").strip()
    if q and (found := _by_number(request, q)):
        return redirect(found)
    rows, after = _found(request, q) if q else ([], "")
    marks = finding.question(q, request.actor.place.code).words if q else ()
    page = {"q": q, "rows": rows, "marks": marks} | onward(request, after, "page")
    return render(request, "office/search.html", page)


def _by_number(request: OfficeRequest, q: str) -> str:
    """Where the matter with a number is worked on; empty when there is none that one may see."""
    matters = policy.visible_matters(request.actor)
    digits = "".join(q.split())
    known = Q(number__iexact=q) | Q(letter__external_number=q)
    if digits.isdigit() and len(digits) == 12:
        known |= Q(letter__code=digits)
    matter = Matter.objects.filter(known, pk__in=matters.values("pk")).select_related("letter").first()
    if matter is None:
        return ""
    if page := pages.url_of(matter):
        return page
    duty = matter.obligations.order_by("-id").first()
    return reverse("office:obligation", args=[duty.pk]) if duty else ""


def _found(request: OfficeRequest, q: str) -> tuple[list[Letter], str]:
    """A page of letters that hold every word, and the key of the next one."""
    if not read(q, ()).terms:
        return [], ""
    rows = matching(letters.visible_to(request.actor), q, request.actor.place.code).select_related(
        "matter", "unit", "lead"
    )
    after = request.GET.get("page", "")
    if after.isdigit():
        rows = rows.filter(pk__lt=int(after))
    found = list(rows.defer(*questions.BIG).order_by("-pk")[: A_PAGE + 1])
    return found[:A_PAGE], str(found[A_PAGE - 1].pk) if len(found) > A_PAGE else ""


# ---- notices ---------------------------------------------------------------------------------------------------


@office_page
def notices(request: OfficeRequest) -> HttpResponse:
    """My notices, unread first."""
    mine = notices_of(request.staff)
    ordered = mine.order_by(F("read_at").asc(nulls_first=True), "-at", "-id")
    unread_first = mine.filter(read_at=None).order_by("-at", "-id")
    shown = unread_first if request.GET.get("only") == "unread" else ordered
    page = Paginator(shown, NOTICES_A_PAGE).get_page(request.GET.get("page"))
    unread = unread_first.count()
    filters = [Filter("only", "哪些", [Option("", "全部"), Option("unread", "未读", unread)])]
    return render(
        request,
        "office/notices.html",
        {"page": page, "unread": unread, "filters": filters, "now": clock.now()},
    )


@office_page
def notice(request: OfficeRequest, pk: int) -> HttpResponse:
    """Open what a notice is about; it counts as read."""
    found = get_object_or_404(notices_of(request.staff), pk=pk)
    notice_actions.read(request.staff, clock.now(), found)
    if not found.number:
        return redirect("office:notices")
    return redirect(f"{reverse('office:search')}?{urlencode({'q': found.number})}")


@require_POST
@office_page
def read_all(request: OfficeRequest) -> HttpResponse:
    count = notice_actions.read(request.staff, clock.now())
    messages.success(request, f"{count} 条通知已标为已读。" if count else "没有未读的通知。")
    return redirect("office:notices")


@office_page
def preferences(request: OfficeRequest) -> HttpResponse:
    """How I want to be reached outside the desk, and when not."""
    mine = request.staff
    wish = Preference.objects.filter(staff=mine).first() or Preference()
    initial = {"mail": wish.mail, "sms": wish.sms, "digest": wish.digest} | {
        "quiet_from": mine.quiet_from, "quiet_until": mine.quiet_until,
    }  # fmt: skip
    form = PreferenceForm(request.POST or None, initial=initial)
    if form.is_valid():
        given = form.cleaned_data
        quiet = {name: given.pop(name) for name in ("quiet_from", "quiet_until")}
        notice_actions.prefer(mine, **given)
        people.change_own_card(mine, phone=mine.phone, email=mine.email, at=clock.now(), **quiet)
        messages.success(request, "已保存。")
        return redirect("office:notices")
    page = {"form": form, "staff": mine}
    return render(request, "office/preferences.html", page, status=422 if form.errors else 200)
