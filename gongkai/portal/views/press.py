"""Press conferences and interviews for everybody: what is coming, what was said, a question beforehand; official accounts."""

from __future__ import annotations

from itertools import groupby

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from gongkai.files.models import Attachment
from gongkai.ledger import clock
from gongkai.people.models import Place
from gongkai.portal import shell, throttle
from gongkai.portal.forms import QuestionForm
from gongkai.portal.shell import PortalRequest, personal_page, public_page, show
from gongkai.press import actions, policy
from gongkai.press.models import Account, CitizenQuestion, PressEvent, Spokesperson
from gongkai.text import screen
from gongkai.ui.refusal import Refused

PRESS = shell.Column(
    "新闻发布", "回应关切", "新闻发布会和在线访谈：预告、实录、视频", "新闻发布会,在线访谈,新闻发言人"
)
ACCOUNTS = shell.Column(
    "政务新媒体", "机构职能", "政府各单位的微博、微信、客户端和短视频账号", "政务微博,政务微信"
)
ASKING = throttle.Limit("ask", 10, 3600)
ASKED = "asked"
SHOWN = 100  # past events in the list
ALIVE = [stage for stage in PressEvent.Stage if stage not in ("held", "published", "closed", "cancelled")]


def of_place(place: Place) -> QuerySet[PressEvent]:
    """What everybody may see of a place."""
    return PressEvent.objects.public().filter(place=place).select_related("matter", "unit", "place")


@public_page
def press(request: PortalRequest) -> HttpResponse:
    """What is coming and what was, the newest first; who speaks for which unit."""
    found = of_place(request.place)
    today = timezone.localdate(clock.now())
    people = Spokesperson.objects.filter(
        place=request.place, role=Spokesperson.Role.SPOKESPERSON, since__lte=today
    ).exclude(until__lte=today)
    request.shows.add(f"site:{request.place.code}")
    page = {
        "coming": found.filter(stage__in=ALIVE).order_by("starts_at"),
        "past": found.exclude(stage__in=ALIVE).order_by("-held_at", "-id")[:SHOWN],
        "people": people.select_related("unit").order_by("unit__code", "id"),
    }
    return show(request, "press.html", page, column=PRESS, crumbs=[(PRESS.name, "")], proof=False)


@public_page
def event(request: PortalRequest, number: str) -> HttpResponse:
    """One event: preview, what is being said, the record, the answers to media."""
    found = get_object_or_404(of_place(request.place), matter__number=number)
    request.shows |= {f"press:{found.pk}", f"site:{request.place.code}"}
    published = found.published_at is not None
    page = {
        "event": found,
        "attendees": list(found.attendees.all()),
        "lines": list(found.lines.all()) if not found.record else [],
        "statements": list(found.statements.all()),
        "chosen": list(found.citizen_questions.filter(state=CitizenQuestion.State.CHOSEN)),
        "answers": list(found.questions.exclude(answer="").select_related("outlet")) if published else [],
        "files": Attachment.objects.of(actions.ROOM, found.code).filter(is_public=True) if published else [],
        "takes_questions": policy.takes_questions(found),
        "article": {
            "title": found.title,
            "at": found.published_at or found.announced_at,
            "source": found.unit.name,
            "url": reverse("portal:press_event", args=[request.place.slug, found.code]),
        },
    }
    crumbs = [(PRESS.name, "press"), (found.title[:20], "")]
    return show(request, "press_event.html", page, column=PRESS, crumbs=crumbs, proof=False)


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def ask(request: PortalRequest, number: str) -> HttpResponse:
    """Send a question to an online interview, without an account; twice sent it is kept once."""
    found = get_object_or_404(of_place(request.place), matter__number=number)
    if not policy.takes_questions(found):
        return _ask(request, found, None, 200)
    if request.method != "POST":
        return _ask(request, found, QuestionForm(initial={"stamp": throttle.new_stamp(clock.now())}), 200)
    given, now, who = request.POST.copy(), clock.now(), throttle.address(request)
    form, stamp = QuestionForm(given), throttle.read_stamp(given.get("stamp", ""))
    if stamp is not None and CitizenQuestion.objects.filter(stamp=stamp.word, event=found).exists():
        return _kept(request, found)
    if throttle.over(ASKING, who):
        form.add_error(None, "这个网络一小时内提问太多了，请过一会儿再提交，您写的内容还在下面。")
        return _ask(request, found, form, 429)
    if not form.is_valid():
        return _ask(request, found, form, 422)
    if objection := throttle.objection(given.get("website", ""), stamp, now):
        form.add_error(None, objection)
        if stamp is None or stamp.is_stale(now):
            given["stamp"] = throttle.new_stamp(now)
        return _ask(request, found, form, 422)
    if screen.find(form.cleaned_data["words"]) and not given.get("looked"):
        given["looked"] = "yes"
        form.add_error("words", "里面像有电话、证件号等个人信息。请删去；再提交一次，系统会替您遮盖。")
        return _ask(request, found, form, 422)
    assert stamp is not None
    throttle.count(ASKING, who)
    try:
        actions.ask_online(
            found,
            at=now,
            stamp=stamp.word,
            words=form.cleaned_data["words"],
            nickname=form.cleaned_data["nickname"],
        )
    except Refused as refused:
        form.add_error(None, f"{refused.reason}。{refused.remedy}")
        return _ask(request, found, form, 422)
    return _kept(request, found)


def _kept(request: PortalRequest, found: PressEvent) -> HttpResponse:
    request.session[ASKED] = found.code
    return redirect("portal:press_asked", request.place.slug, found.code)


@require_safe
@personal_page
def asked(request: PortalRequest, number: str) -> HttpResponse:
    """What happens with a question that was just sent."""
    found = get_object_or_404(of_place(request.place), matter__number=number)
    if request.session.get(ASKED) != found.code:
        return redirect("portal:press_event", request.place.slug, found.code)
    crumbs = [(PRESS.name, "press"), ("提问已收到", "")]
    return show(request, "press_asked.html", {"event": found}, column=PRESS, crumbs=crumbs, proof=False)


def _ask(request: PortalRequest, found: PressEvent, form: QuestionForm | None, status: int) -> HttpResponse:
    crumbs = [(PRESS.name, "press"), ("提问", "")]
    page = {"event": found, "form": form}
    return show(request, "press_ask.html", page, column=PRESS, crumbs=crumbs, status=status, proof=False)


@public_page
def accounts(request: PortalRequest) -> HttpResponse:
    """The official accounts, by unit: what is not here is not the government's."""
    rows = Account.objects.filter(place=request.place, stage=Account.Stage.ACTIVE)
    found = rows.select_related("unit").order_by("unit__code", "platform", "id")
    request.shows.add(f"site:{request.place.code}")
    page = {"units": [(unit, list(group)) for unit, group in groupby(found, key=lambda one: one.unit)]}
    return show(request, "accounts.html", page, column=ACCOUNTS, crumbs=[(ACCOUNTS.name, "")], proof=False)
