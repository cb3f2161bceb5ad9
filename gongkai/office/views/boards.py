"""Boards: the whole place, and one unit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from gongkai.ledger import clock, lawbook
from gongkai.letters import policy as letters
from gongkai.office import board as questions
from gongkai.office import policy
from gongkai.office.forms import InstantForm
from gongkai.office.late import FIRST, late_cases
from gongkai.office.unit_board import unit_board
from gongkai.people import asks as people
from gongkai.people.desk import OfficeRequest, needs, office_page
from gongkai.people.models import Power
from gongkai.ui import sheets


@office_page
@needs(*policy.OVER_ALL)
@lawbook.steady()
def board(request: OfficeRequest) -> HttpResponse:
    """The whole place on one page, now or as it was known at an instant."""
    now = clock.now()
    form, known_at = _asked(request, now)
    rows = policy.visible_obligations(request.actor)
    page = {
        "now": now,
        "board": _board(request, now, known_at),
        "late": [] if known_at else late_cases(rows, request.actor, now),
        "form": form,
        "oversees": request.actor.may(Power.OVERSEE),
        "query": request.GET.urlencode(),
        "first": FIRST,
        "month": timezone.localdate(known_at or now),
    }
    return render(request, "office/board.html", page, status=422 if form.errors else 200)


@office_page
@needs(*policy.OVER_ALL)
@lawbook.steady()
def board_csv(request: OfficeRequest) -> HttpResponse:
    return sheets.as_csv(*_table(request))


@office_page
@needs(*policy.OVER_ALL)
@lawbook.steady()
def board_xlsx(request: OfficeRequest) -> HttpResponse:
    return sheets.as_xlsx(*_table(request))


def _table(request: OfficeRequest) -> tuple[str, Iterable[sheets.Cells]]:
    """The name and the rows of the board that was asked for."""
    now = clock.now()
    form, known_at = _asked(request, now)
    if form.errors:
        raise Http404
    board = _board(request, now, known_at)
    return f"看板-{timezone.localtime(board.at):%Y%m%d-%H%M}", questions.table(board)


def _board(request: OfficeRequest, now: datetime, known_at: datetime | None) -> questions.Board:
    place = request.actor.place
    return questions.board_as_of(place, known_at) if known_at else questions.board(place, now)


def _asked(request: OfficeRequest, now: datetime) -> tuple[InstantForm, datetime | None]:
    form = InstantForm({"at": request.GET["at"]} if request.GET.get("at") else None, now=now)
    return form, form.cleaned_data["at"] if form.is_valid() else None


# ---- one unit --------------------------------------------------------------------------------------------------


@office_page
def home_unit(request: OfficeRequest) -> HttpResponse:
    """The board of the unit of my first post."""
    unit = get_object_or_404(policy.visible_units(request.actor), pk=request.actor.home or 0)
    return redirect("office:unit", unit.code)


@office_page
@lawbook.steady()
def unit(request: OfficeRequest, code: str) -> HttpResponse:
    """One unit: what stands open, how it kept, what is late, who works there today."""
    now, actor = clock.now(), request.actor
    found = get_object_or_404(policy.visible_units(actor).select_related("place"), code=code)
    late = policy.visible_obligations(actor).filter(unit=found)
    page = {
        "now": now,
        "unit": found,
        "board": unit_board(found, letters.visible_to(actor), now),
        "late": late_cases(late, actor, now),
        "posts": people.posts_on(found.posts.all(), timezone.localdate()),
        "oversees": actor.may(Power.OVERSEE),
        "letters_url": f"{reverse('letters:list')}?unit={found.pk}",
        "seal": questions.last_seal(now),
    }
    return render(request, "office/unit.html", page)
