"""Following a letter by its code: where it stands, the answer, the rating, more words, taking it back."""

from __future__ import annotations

from functools import partial
from hmac import compare_digest
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gongkai.files import actions as files
from gongkai.files.models import Attachment
from gongkai.files.uploads import keep_each
from gongkai.ledger import asks, clock
from gongkai.letters import actions, attachments, policy
from gongkai.letters import asks as letters
from gongkai.letters.doors import FOLLOWED
from gongkai.letters.models import Letter
from gongkai.portal import throttle
from gongkai.portal.forms import FollowForm, RateForm, SupplementForm
from gongkai.portal.progress import answering_unit, clock_card, events, stages, state_zh
from gongkai.portal.shell import FOLLOW, PortalRequest, personal_page, show
from gongkai.portal.terms import terms
from gongkai.vault import cipher

RATED = "rated"
CRUMBS = [("查进度", "follow"), ("办理情况", "")]


# ---- the key -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@personal_page
def follow(request: PortalRequest) -> HttpResponse:
    """Code and tail open a letter in this session. Wrong ones read the same, and soon no more are tried."""
    form = FollowForm(request.POST or None)
    if form.is_valid():
        who, code = throttle.address(request), form.cleaned_data["code"]
        if throttle.over(throttle.TRYING, who) or throttle.over(throttle.GUESSING, code):
            form.add_error(None, "试的次数太多，先停一停。请一小时后再查，或打政务公开电话询问。")
            return _ask(request, form, status=429)
        if letter := _found(request, code, form.cleaned_data["tail"]):
            request.session.cycle_key()
            request.session[FOLLOWED] = [*request.session.get(FOLLOWED, ()), letter.number]
            return redirect("portal:letter", request.place.slug, letter.number)
        throttle.count(throttle.TRYING, who)
        throttle.count(throttle.GUESSING, code)
        form.add_error(
            None, "没有查到。请对照回执核对查询码和电话后四位；写信时没有留电话的，第二栏填来信编号。"
        )
    return _ask(request, form)


@csrf_exempt  # changes nothing: the page that asks for the code may be kept by caches, a token may not
@require_POST
@sensitive_post_parameters()
@personal_page
def code(request: PortalRequest) -> HttpResponse:
    """The code as typed on the first page: ask for the second half."""
    return _ask(request, FollowForm(initial={"code": request.POST.get("code", "")[:24]}))


@require_POST
@personal_page
def end(request: PortalRequest) -> HttpResponse:
    """Forget what was followed and written here: on a shared computer, before leaving."""
    request.session.flush()
    return redirect("portal:follow", request.place.slug)


def _found(request: PortalRequest, code: str, tail: str) -> Letter | None:
    letter = (
        Letter.objects.filter(place=request.place, code=code, forgotten_at=None)
        .select_related("matter")
        .first()
    )
    if letter is None:
        return None
    if letter.phone_tail:
        opens = compare_digest(letter.phone_tail, actions.phone_tail(request.place, tail))
    else:
        opens = compare_digest(letter.number.encode(), tail.encode())
    return letter if opens else None


def _ask(request: PortalRequest, form: FollowForm, status: int = 0) -> HttpResponse:
    numbers = request.session.get(FOLLOWED, ())
    mine = Letter.objects.filter(place=request.place, matter__number__in=numbers, forgotten_at=None)
    page = {"form": form, "mine": mine.select_related("matter")}
    code = status or (422 if form.errors else 200)
    return show(request, "follow.html", page, column=FOLLOW, crumbs=[("查进度", "")], status=code)


# ---- the letter ----------------------------------------------------------------------------------------


@require_safe
@personal_page
def letter(request: PortalRequest, number: str) -> HttpResponse:
    """The letter as its writer sees it."""
    found = _followed(request, number)
    return redirect("portal:follow", request.place.slug) if found is None else _page(request, found)


@require_POST
@personal_page
def rating(request: PortalRequest, number: str) -> HttpResponse:
    """The writer rates the answer."""
    found = _followed(request, number)
    if found is None:
        return redirect("portal:follow", request.place.slug)
    form = _rate_form(request, request.POST)
    if not form.is_valid():
        return _page(request, found, rate=form)
    actions.rate(found, at=clock.now(), **form.cleaned_data)
    return redirect("portal:letter", request.place.slug, number)


@require_POST
@personal_page
def supplement(request: PortalRequest, number: str) -> HttpResponse:
    """The writer adds words or files."""
    found = _followed(request, number)
    if found is None:
        return redirect("portal:follow", request.place.slug)
    form = SupplementForm(request.POST, request.FILES, letter=found)
    if not form.is_valid():
        return _page(request, found, more=form)
    if form.cleaned_data["words"] or not found.is_working:
        actions.supplement(found, at=clock.now(), words=form.cleaned_data["words"])
    keep = partial(files.attach, room=attachments.OWN, number=number, by=None, at=clock.now())
    _kept, refused = keep_each(form.cleaned_data["attachments"], keep)
    if refused:
        for one in refused:
            form.add_error("attachments", one)
        return _page(request, found, more=form)
    return redirect("portal:letter", request.place.slug, number)


@require_POST
@personal_page
def withdrawal(request: PortalRequest, number: str) -> HttpResponse:
    """The writer takes the letter back."""
    found = _followed(request, number)
    if found is None:
        return redirect("portal:follow", request.place.slug)
    actions.withdraw(found, at=clock.now())
    return redirect("portal:letter", request.place.slug, number)


def _followed(request: PortalRequest, number: str) -> Letter | None:
    """A letter whose key was given in this session. Others and those that do not exist answer alike."""
    if number not in request.session.get(FOLLOWED, ()):
        return None
    rows = Letter.objects.select_related("matter", "place", "unit", "lead")
    return rows.filter(place=request.place, matter__number=number, forgotten_at=None).first()


def _page(
    request: PortalRequest,
    letter: Letter,
    *,
    rate: RateForm | None = None,
    more: SupplementForm | None = None,
) -> HttpResponse:
    now, main = clock.now(), letters.main_of(letter)
    page = {
        "letter": letter,
        "state": state_zh(letter, main),
        "stages": stages(letter),
        "card": clock_card(main, now),
        "unit": main.unit or main.lead,
        "answered_by": answering_unit(main),
        "parts": letter.parts.select_related("unit"),
        "events": events(letter),
        "attachments": Attachment.objects.of(attachments.OWN, letter.number),
        "given": attachments.given_with(letter),
        "rate": (rate or _rate_form(request)) if policy.may_rate(letter, main) else None,
        "redo": _redo_length(main),
        "more": (more or SupplementForm(letter=letter)) if letter.is_working else None,
    }
    bad = (rate and rate.errors) or (more and more.errors)
    return show(request, "letter.html", page, column=FOLLOW, crumbs=CRUMBS, status=422 if bad else 200)


def _redo_length(letter: Letter) -> str:
    """How soon a letter is answered again after 不满意, in words; '' where the rules ask for nothing."""
    redo = terms(letter.place_id).get("letter.redo")
    return redo.length_of(letter.time_class) if redo else ""


def _rate_form(request: PortalRequest, data: Any = None) -> RateForm:
    return RateForm(data, ratings=asks.values_of(request.place.code, "letter.rating"))


# ---- the link in the message ---------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@personal_page
def rate(request: PortalRequest, key: str) -> HttpResponse:
    """The answer and its rating by a link that works once. It opens nothing else."""
    print_ = cipher.fingerprint(key)[:43]
    found = Letter.objects.filter(place=request.place, rating_key=print_)
    letter = found.select_related("matter", "unit", "lead").first()
    main = letters.main_of(letter) if letter else None
    if letter is None or main is None or not policy.may_rate(letter, main):
        return show(request, "rate_used.html", {}, column=FOLLOW, crumbs=[("评价答复", "")], status=410)
    form = _rate_form(request, request.POST or None)
    if form.is_valid():
        actions.rate(letter, at=clock.now(), **form.cleaned_data)
        request.session[RATED] = {"rating": form.cleaned_data["rating"], "redo": _redo_length(main)}
        return redirect("portal:rated", request.place.slug)
    page = {
        "letter": letter,
        "unit": answering_unit(main),
        "given": attachments.given_with(letter).count(),
        "form": form,
        "redo": _redo_length(main),
    }
    return show(
        request,
        "rate.html",
        page,
        column=FOLLOW,
        crumbs=[("评价答复", "")],
        status=422 if form.errors else 200,
    )


@require_safe
@personal_page
def rated(request: PortalRequest) -> HttpResponse:
    """Thanks, and what follows from the rating."""
    page = request.session.get(RATED, {})
    return show(request, "rated.html", page, column=FOLLOW, crumbs=[("评价答复", "")])
