"""Writing a letter: whom it concerns, the letter itself, a look before it goes, the receipt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from gongkai.files import actions as files
from gongkai.files.uploads import Upload, keep_each
from gongkai.ledger import asks, clock
from gongkai.letters import actions, attachments, retention
from gongkai.letters.doors import FOLLOWED
from gongkai.letters.indexing import PUBLIC
from gongkai.letters.models import Letter
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Unit
from gongkai.portal import throttle
from gongkai.portal.forms import AloneForm, WriteForm
from gongkai.portal.progress import clock_card
from gongkai.portal.shell import WRITE, PortalRequest, personal_page, show
from gongkai.portal.terms import terms
from gongkai.search import asks as finding
from gongkai.search.models import Entry
from gongkai.text import screen

SOURCE = "政务信箱"
FORM = "web-"  # and the word of its stamp: the number of a form, unique among letters, so one form gives one
RECEIPT = "receipt"
SITE_FAULT = {"title": "网站找错：", "nature": "建议"}
NUMBERS = frozenset({screen.Kind.IDENTITY, screen.Kind.PASSPORT, screen.Kind.CARD, screen.Kind.MOBILE})
OFFERED = 3


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@personal_page
def write(request: PortalRequest) -> HttpResponse:
    """First whom it concerns, then the letter."""
    if request.method == "POST":
        return _send(request)
    about_site = request.GET.get("about") == "site"
    given = "no" if about_site else request.GET.get("alone")
    first = AloneForm(request.GET if given is not None else None)
    if not (about_site or first.is_valid()):
        term = terms(request.place.code).get("letter.answer")
        page = {"form": first, "term": term, "draft": _draft(request.place)}
        return show(
            request,
            "write_first.html",
            page,
            column=WRITE,
            crumbs=[("写信", "")],
            status=422 if first.errors else 200,
        )
    alone = given == "yes"
    initial = {"alone": given, "stamp": throttle.new_stamp(clock.now()), **(SITE_FAULT if about_site else {})}
    return _ask(request, _form(request, alone, initial=initial), alone)


@require_safe
@personal_page
def receipt(request: PortalRequest) -> HttpResponse:
    """The number and code of the letter just sent, and what happens next. Lives in the session alone."""
    kept = request.session.get(RECEIPT, {})
    letter = (
        Letter.objects.filter(place=request.place, matter__number=kept.get("number", ""))
        .select_related("matter", "place", "lead", "unit")
        .first()
    )
    if letter is None:
        return redirect("portal:follow", request.place.slug)
    page = {
        "letter": letter,
        "card": clock_card(letter, clock.now()),
        "term": terms(request.place.code).get("letter.answer"),
        "refused": kept.get("refused", []),
        "attached": kept.get("attached", 0),
        "has_phone": bool(letter.phone_tail),
    }
    return show(request, "receipt.html", page, column=WRITE, crumbs=[("写信", "write"), ("回执", "")])


# ---- sending -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """What the writer should look at before the letter goes: numbers of persons in it, answers that exist."""

    numbers: Sequence[screen.Finding] = ()
    answers: Sequence[Entry] = ()

    def __bool__(self) -> bool:
        return bool(self.numbers or self.answers)


def _send(request: PortalRequest) -> HttpResponse:
    alone, now, who = request.POST.get("alone") == "yes", clock.now(), throttle.address(request)
    given = request.POST.copy()
    form = _form(request, alone, data=given, files=request.FILES)
    stamp = throttle.read_stamp(given.get("stamp", ""))
    if stamp and (sent := _sent_with(request.place, stamp)):
        return _done(request, sent)
    if throttle.over(throttle.WRITING, who):
        form.add_error(
            None, "这个网络一小时内寄出的信太多了，系统先停一停。请过一会儿再提交，您写的内容还在下面。"
        )
        return _ask(request, form, alone, status=429)
    if not form.is_valid():
        return _ask(request, form, alone)
    if objection := throttle.objection(request.POST.get("website", ""), stamp, now):
        form.add_error(None, objection)
        if stamp is None or stamp.is_stale(now):
            given["stamp"] = throttle.new_stamp(now)
        return _ask(request, form, alone)
    assert stamp is not None
    written = dict(form.cleaned_data)
    if request.POST.get("numbers") == "hide":
        written |= {name: screen.mask(written[name], kinds=NUMBERS) for name in ("title", "text")}
    look = _look(request, written)
    if look:
        given["looked"] = "yes"
        return _ask(request, form, alone, look)
    throttle.count(throttle.WRITING, who)
    try:
        letter = _received(request.place, written, stamp, alone)
    except IntegrityError:  # the same form came twice at the same time
        letter = Letter.objects.get(place=request.place, source=SOURCE, external_number=_number_of(stamp))
        return _done(request, letter)
    return _done(request, letter, written["attachments"])


def _look(request: PortalRequest, written: dict[str, Any]) -> Look:
    """What is found in the letter, unless the writer has seen it and said what to do."""
    found = [one for one in screen.find(f"{written['title']}\n{written['text']}") if one.kind in NUMBERS]
    if request.POST.get("numbers") == "keep":
        found = []
    answers = (
        []
        if request.POST.get("looked") or written["nature"] == "举报"
        else _similar(request.place, written["title"])
    )
    return Look(found, answers)


def _similar(place: Place, title: str) -> Sequence[Entry]:
    """Published answers that may answer already; those to fewer words only when two of them are left."""
    found = finding.find(title, rooms=(PUBLIC,), place=place.code, public=True)
    if not found.count and len(found.suggestion.split()) > 1:
        found = finding.find(found.suggestion, rooms=(PUBLIC,), place=place.code, public=True)
    return found.rows[:OFFERED]


def _received(place: Place, written: dict[str, Any], stamp: throttle.Stamp, alone: bool) -> Letter:
    now = clock.now()
    return actions.receive(
        place,
        source=SOURCE,
        title=written["title"],
        text=written["text"],
        person={name: written[name] for name in ("name", "phone", "email")},
        by=Actor.system(place),
        at=now,
        now=now,
        alone=alone,
        may_publish=written.get("may_publish", False),
        nature=written["nature"],
        object_place=written["object_place"],
        about_unit=written["about_unit"],
        external_number=_number_of(stamp),
    )


def _number_of(stamp: throttle.Stamp) -> str:
    return FORM + stamp.word


def _sent_with(place: Place, stamp: throttle.Stamp) -> Letter | None:
    sent = Letter.objects.filter(place=place, source=SOURCE, external_number=_number_of(stamp))
    return sent.select_related("matter").first()


def _done(request: PortalRequest, letter: Letter, uploads: Iterable[Upload] = ()) -> HttpResponse:
    """To the receipt; whoever holds the form holds the letter. A second click keeps the first receipt."""
    number = letter.number
    if request.session.get(RECEIPT, {}).get("number") != number:
        keep = partial(files.attach, room=attachments.OWN, number=number, by=None, at=clock.now())
        attached, refused = keep_each(uploads, keep)
        request.session.cycle_key()
        request.session[RECEIPT] = {"number": number, "attached": attached, "refused": refused}
        request.session[FOLLOWED] = [*request.session.get(FOLLOWED, ()), number]
    return redirect("portal:receipt", request.place.slug)


# ---- the form ------------------------------------------------------------------------------------------


def _draft(place: Place) -> str:
    """The key under which the browser keeps what is typed until it is sent."""
    return f"write-{place.slug}"


def _form(request: PortalRequest, alone: bool, **given: Any) -> WriteForm:
    today = timezone.localdate(clock.now())
    units = Unit.objects.filter(place=request.place).bodies(today)
    natures = asks.values_of(request.place.code, "letter.nature")
    return WriteForm(natures=natures, units=list(units.values_list("name", flat=True)), alone=alone, **given)


def _ask(
    request: PortalRequest, form: WriteForm, alone: bool, look: Look = Look(), status: int = 0
) -> HttpResponse:
    lead = actions.lead_unit(request.place, SOURCE, clock.now())
    page = {
        "form": form,
        "alone": alone,
        "look": look,
        "hidden_numbers": [(one.kind, f"{one.text[:3]}…{one.text[-2:]}") for one in look.numbers],
        "lead": lead,
        "had_files": bool(request.FILES),
        "draft": _draft(request.place),
        "years_kept": retention.years_kept(request.place, clock.now()),
    }
    code = status or (422 if form.errors else 200)
    return show(
        request, "write.html", page, column=WRITE, crumbs=[("写信", "write"), ("写信内容", "")], status=code
    )
