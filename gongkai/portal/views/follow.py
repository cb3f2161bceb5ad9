"""Following a letter by its code: where it stands, the answer, the rating, more words, taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gongkai.files.models import Attachment
from gongkai.ledger import asks, clock, lawbook
from gongkai.ledger.models import Fact, Obligation
from gongkai.ledger.vocabulary import KINDS
from gongkai.letters import actions, facts
from gongkai.letters.doors import FOLLOWED
from gongkai.letters.models import Letter, Stage
from gongkai.people.models import Unit
from gongkai.portal import throttle
from gongkai.portal.forms import FollowForm, RateForm, SupplementForm
from gongkai.portal.shell import FOLLOW, PortalRequest, personal_page, show
from gongkai.portal.terms import terms
from gongkai.vault import cipher

ANSWERS = ("letter.redo", "letter.answer")  # the duties whose end the writer waits for
RATED = "rated"
CRUMBS = [("查进度", "follow"), ("办理情况", "")]


# ---- the key ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@personal_page
def follow(request: PortalRequest) -> HttpResponse:
    """Code and tail open a letter in this session. Wrong ones all read the same, and soon no more are tried."""
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
        form.add_error(None, "没有查到。请对照回执核对查询码和电话后四位；写信时没有留电话的，第二栏填来信编号。")
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
    letter = Letter.objects.filter(place=request.place, code=code).select_related("matter").first()
    if letter is None:
        return None
    if letter.phone_tail:
        opens = compare_digest(letter.phone_tail, actions.phone_tail(request.place, tail))
    else:
        opens = compare_digest(letter.number.encode(), tail.encode())
    return letter if opens else None


def _ask(request: PortalRequest, form: FollowForm, status: int = 0) -> HttpResponse:
    mine = Letter.objects.filter(place=request.place, matter__number__in=request.session.get(FOLLOWED, ()))
    page = {"form": form, "mine": mine.select_related("matter")}
    code = status or (422 if form.errors else 200)
    return show(request, "follow.html", page, column=FOLLOW, crumbs=[("查进度", "")], status=code)


# ---- the letter ------------------------------------------------------------------------------------------------


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
    from gongkai.portal.views.write import attach

    found = _followed(request, number)
    if found is None:
        return redirect("portal:follow", request.place.slug)
    form = SupplementForm(request.POST, request.FILES, letter=found)
    if not form.is_valid():
        return _page(request, found, more=form)
    if form.cleaned_data["words"] or found.is_working is False:
        actions.supplement(found, at=clock.now(), words=form.cleaned_data["words"])
    _taken, refused = attach(found, form.cleaned_data["files"])
    if refused:
        for one in refused:
            form.add_error("files", one)
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
    letters = Letter.objects.select_related("matter", "place", "unit", "lead")
    return letters.filter(place=request.place, matter__number=number).first()


def _page(request: PortalRequest, letter: Letter, *, rate: RateForm | None = None, more: SupplementForm | None = None) -> HttpResponse:
    now = clock.now()
    parts = list(letter.parts.select_related("unit"))
    redo = terms(request.place.code).get("letter.redo")
    page = {
        "letter": letter,
        "state": state_zh(letter),
        "stages": stages(letter),
        "card": clock_card(letter, now),
        "unit": letter.unit or letter.lead,
        "answered_by": letter.lead if letter.unit is None else letter.unit,
        "parts": parts,
        "events": events(letter),
        "attachments": Attachment.objects.of(actions.ROOM, letter.number).filter(by=None),
        "rate": (rate or _rate_form(request)) if letter.stage == Stage.ANSWERED else None,
        "redo": redo,
        "more": (more or SupplementForm(letter=letter)) if letter.is_working else None,
    }
    bad = (rate and rate.errors) or (more and more.errors)
    return show(request, "letter.html", page, column=FOLLOW, crumbs=CRUMBS, status=422 if bad else 200)


def _rate_form(request: PortalRequest, data: Any = None) -> RateForm:
    return RateForm(data, ratings=asks.values_of(request.place.code, "letter.rating"))


# ---- in words --------------------------------------------------------------------------------------------------

STEPS = ("收到", "交办", "办理", "答复", "评价")
REACHED = {
    Stage.RECEIVED: 1, Stage.ASSIGNED: 2, Stage.HANDLING: 2, Stage.SIGNING: 3, Stage.ANSWERED: 4, Stage.CLOSED: 5,
}  # fmt: skip


def stages(letter: Letter) -> list[tuple[str, str]]:
    """The steps of a letter as the line of stages draws them; none for one that left the line."""
    reached = REACHED.get(Stage(letter.stage))
    if reached is None:
        return []
    return [(word, "done" if n < reached else "now" if n == reached else "next") for n, word in enumerate(STEPS)]


def state_zh(letter: Letter) -> str:
    """Where a letter stands, in one sentence."""
    unit = letter.unit or letter.lead or letter.place.government
    match letter.stage:
        case Stage.RECEIVED:
            return f"{letter.lead or letter.place.government}已收到，正在分给承办单位。"
        case Stage.ASSIGNED:
            return f"已交给{unit}办理。"
        case Stage.HANDLING:
            return f"您对上次答复不满意，{unit}正在重新办理。" if letter.redo_count else f"{unit}正在办理。"
        case Stage.SIGNING:
            return f"{unit}已经写好答复，正在审签。"
        case Stage.ANSWERED:
            return f"{unit}已经答复，请您评价。"
        case Stage.CLOSED:
            return f"已经办完，您的评价是“{letter.rating}”。"
        case Stage.MERGED:
            return "和相同的来信合并办理，已经答复。" if letter.answer else "和相同的来信合并办理，答复会同时给您。"
        case Stage.HANDED:
            return "已移送信访部门，由信访部门按规定处理。"
        case Stage.DECLINED:
            return "这件事不属于受理范围，理由和应走的渠道见下面。"
        case _:
            return "您已撤回这封信，不再办理。"


@dataclass(frozen=True, slots=True)
class Card:
    """The clock the writer waits for, with its working."""

    label: str
    state: str
    due: datetime
    left: str
    note: str
    cite: str
    days: Any
    sentences: Any


def clock_card(letter: Letter, now: datetime) -> Card | None:
    """The clock of the answer that was owed last, or None where nothing is owed. Two queries."""
    owed = Obligation.objects.filter(matter=letter.matter, duty__in=ANSWERS, due_at__isnull=False)
    last = owed.exclude(state__in=[Obligation.States.VOID, Obligation.States.LAPSED]).order_by("-opened_at", "-pk").first()
    if last is None or last.due_at is None:
        return None
    face = asks.face(last, now)
    working = asks.explanations(letter.matter, now).get(last.key)
    return Card(
        label="重新办理的期限" if last.duty == "letter.redo" else "答复期限",
        state=face.kind,
        due=last.due_at,
        left=face.left or face.word,
        note=_early(last),
        cite=asks.cite_of(letter.place_id, last.duty),
        days=working.days if working else (),
        sentences=working.sentences if working else (),
    )


def _early(o: Obligation) -> str:
    """How much before its time an answer came: 早 1 个工作日."""
    if o.state != Obligation.States.MET or o.settled_at is None or o.due_at is None:
        return ""
    calendar = lawbook.calendar(o.place_id)
    last_day = timezone.localdate(o.due_at - timezone.timedelta(microseconds=1))
    days = calendar.working_days_between(timezone.localdate(o.settled_at), last_day)
    return f"早 {days} 个工作日" if days > 0 else ""


def events(letter: Letter) -> list[dict[str, Any]]:
    """What happened, in the words meant for the writer, newest first. Two queries."""
    kinds = {name: kind for name, kind in KINDS.items() if kind.public}
    seen = list(Fact.objects.filter(matter=letter.matter, kind__in=kinds, corrections=None).order_by("happened_at", "id"))
    codes = {code for fact in seen if (code := fact.details.get("unit"))}
    names = dict(Unit.objects.filter(code__in=codes).values_list("code", "short_name"))
    found = [
        {
            "at": fact.happened_at,
            "title": kinds[fact.kind].public,
            "by": names.get(fact.details.get("unit", ""), ""),
            "text": _detail(fact),
            "state": "",
        }
        for fact in reversed(seen)
    ]
    if found:
        found[0]["state"] = "now"
    return found


def _detail(fact: Fact) -> str:
    """What a fact says beyond its name, as far as it is meant for the writer."""
    given = fact.details
    match fact.kind:
        case facts.CLASSIFIED.name:
            return f"按“{given['class']}”办理" if given.get("class") else ""
        case facts.EXTENDED.name:
            return f"延长 {given.get('by')} 个工作日。理由：{given.get('reason', '')}"
        case facts.RATED.name:
            return str(given.get("rating", ""))
        case facts.FOLLOWED_UP.name:
            return ""
        case _:
            return ""


# ---- the link in the message -----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@personal_page
def rate(request: PortalRequest, key: str) -> HttpResponse:
    """The answer and its rating by a link that works once. It opens nothing else."""
    print_ = cipher.fingerprint(key)[:43]
    found = Letter.objects.filter(place=request.place, rating_key=print_, stage=Stage.ANSWERED)
    letter = found.select_related("matter", "unit", "lead").first()
    if letter is None:
        return show(request, "rate_used.html", {}, column=FOLLOW, crumbs=[("评价答复", "")], status=410)
    form = _rate_form(request, request.POST or None)
    if form.is_valid():
        actions.rate(letter, at=clock.now(), **form.cleaned_data)
        request.session[RATED] = form.cleaned_data["rating"]
        return redirect("portal:rated", request.place.slug)
    page = {"letter": letter, "unit": letter.unit or letter.lead, "form": form, "redo": terms(request.place.code).get("letter.redo")}
    return show(request, "rate.html", page, column=FOLLOW, crumbs=[("评价答复", "")], status=422 if form.errors else 200)


@require_safe
@personal_page
def rated(request: PortalRequest) -> HttpResponse:
    """Thanks, and what follows from the rating."""
    page = {"rating": request.session.get(RATED, ""), "redo": terms(request.place.code).get("letter.redo")}
    return show(request, "rated.html", page, column=FOLLOW, crumbs=[("评价答复", "")])
