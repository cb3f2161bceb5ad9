"""The year's plan of press events, the page of one, its files, questions and invitations; the quota."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from gongkai.files import actions as files
from gongkai.files.models import Attachment
from gongkai.files.uploads import keep_attached
from gongkai.ledger import asks as ledger
from gongkai.ledger import clock, lawbook
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.people.models import Power, Unit
from gongkai.press import actions, acts, asks, policy
from gongkai.press.forms import rows as forms
from gongkai.press.forms.acts import matter_of
from gongkai.press.models import Invitation, MediaQuestion, Plan, PressEvent
from gongkai.press.views.case import around, asked, asked_year, enter, find
from gongkai.ui.parts import Filter, Option
from gongkai.ui.refusal import Refused


@office_page
@require_safe
@lawbook.steady()
def events(request: OfficeRequest) -> HttpResponse:
    """The plan of a year, month by month."""
    enter(request)
    now = clock.now()
    today = timezone.localdate(now)
    seen = policy.visible_to(request.actor)
    years = asks.years(seen, today)
    year = asked_year(request, years, today.year)
    view, _label, where = next(
        (one for one in asks.VIEWS if one[0] == request.GET.get("view", "")), asks.VIEWS[0]
    )
    found = asks.year_of(seen, year).filter(where)
    unit = Unit.objects.filter(place=request.actor.place, code=request.GET.get("unit", "")).first()
    if unit is not None:
        found = found.filter(unit=unit)
    options = [Option("" if one == today.year else str(one), f"{one}年") for one in years]
    page = {
        "here": "events", "now": now, "year": year, "months": asks.by_month(found), "view": view, "unit": unit,
        "filters": [
            Filter("year", "年份", options),
            Filter("view", "看哪些", [Option(id, label) for id, label, _q in asks.VIEWS]),
        ],
        "may_plan": policy.may_plan(request.actor),
    }  # fmt: skip
    return render(request, "press/events.html", page)


@office_page
@lawbook.steady()
def event_new(request: OfficeRequest) -> HttpResponse:
    """Plan a press event; `answers` and `from` in the address name what it answers or came from."""
    actor = request.actor
    if not policy.may_plan(actor):
        raise Http404
    start: dict[str, Any] = {"unit": next(iter(sorted(actor.units(Power.PRESS))), None)}
    for name, field in (("answers", "answers"), ("from", "arose_from")):
        matter = matter_of(actor, request.GET.get(name, ""))
        if matter is not None:
            start |= {field: matter.number, "title": matter.title}
            if field == "answers" and matter.unit_id and policy.keeps(actor, matter.unit_id):
                start["unit"] = matter.unit_id
    form = forms.EventForm(request.POST or None, actor=actor, initial=start)

    def do() -> str:
        made = actions.plan(by=actor, at=clock.now(), **form.given)
        return reverse("press:event", args=[made.code])

    return asked(
        request, form, "安排发布", reverse("press:events"), do, done="已列入计划。接下来写议程和材料。"
    )


@office_page
@lawbook.steady()
def event_edit(request: OfficeRequest, number: str) -> HttpResponse:
    """Change what is planned."""
    found: PressEvent = find(request, acts.EVENTS, number)
    if not policy.keeps(request.actor, found.unit_id):
        raise Http404
    fields = ("title", "form", "topic", "hot", "is_overall", "is_major", "starts_at", "where", "host")
    start = {name: getattr(found, name) for name in fields}
    form = forms.EventForm(request.POST or None, actor=request.actor, event=found, initial=start)
    url = reverse("press:event", args=[found.code])

    def do() -> str:
        actions.edit(found, by=request.actor, at=clock.now(), **form.given)
        return url

    return asked(request, form, "修改计划", url, do, verdict=policy.may_edit(request.actor, found))


@office_page
@require_safe
@lawbook.steady()
def event(request: OfficeRequest, number: str) -> HttpResponse:
    """Everything about one press event."""
    found: PressEvent = find(request, acts.EVENTS, number)
    keeps = policy.keeps(request.actor, found.unit_id) or policy.sees_all(request.actor)
    signs = request.actor.may(Power.APPROVE, found.unit_id) or request.actor.may(Power.HEAD, found.unit_id)
    page = around(request, acts.EVENTS, found) | {
        "event": found,
        "inside": keeps or signs,
        "stages": asks.stages(found),
        "ties": asks.ties(found),
        "attendees": list(found.attendees.all()),
        "invitations": list(found.invitations.select_related("outlet")),
        "questions": list(found.questions.select_related("outlet", "by")),
        "citizens": list(found.citizen_questions.all()),
        "lines": list(found.lines.all()),
        "statements": list(found.statements.all()),
        "plans": list(Plan.objects.filter(matter=found.matter_id).select_related("unit")),
        "attachments": Attachment.objects.of(actions.ROOM, found.code),
        "may_edit": policy.may_edit(request.actor, found),
    }
    return render(request, "press/event.html", page)


@office_page
@require_POST
def attachments(request: OfficeRequest, number: str) -> HttpResponse:
    """Add agenda, material, transcript or pictures as files."""
    found: PressEvent = find(request, acts.EVENTS, number)
    policy.may_ask(request.actor, found).enforce()
    keep = partial(files.attach, room=actions.ROOM, number=found.code, by=request.staff, at=clock.now())
    keep_attached(request, keep)
    return redirect("press:event", found.code)


@office_page
@lawbook.steady()
def answer(request: OfficeRequest, number: str, serial: int) -> HttpResponse:
    """Answer a question of the media, or say why not."""
    found: PressEvent = find(request, acts.EVENTS, number)
    if not policy.keeps(request.actor, found.unit_id):
        raise Http404
    question = get_object_or_404(
        MediaQuestion.objects.select_related("event__matter"), event=found, serial=serial
    )
    form = forms.AnswerForm(request.POST or None, actor=request.actor)
    url = reverse("press:event", args=[found.code])

    def do() -> str:
        if question.settled_at is None:
            actions.answer(question, by=request.actor, at=clock.now(), **form.cleaned_data)
        return url

    verdict = policy.may_answer(request.actor, question)
    return asked(
        request,
        form,
        f"答复第 {serial} 问",
        url,
        do,
        note=question.words,
        label="答复",
        done="已答复。",
        verdict=verdict,
    )


@office_page
@lawbook.steady()
def invitation(request: OfficeRequest, number: str, pk: int) -> HttpResponse:
    """Note what an invited outlet said, and whether it came."""
    found: PressEvent = find(request, acts.EVENTS, number)
    if not policy.keeps(request.actor, found.unit_id):
        raise Http404
    row = get_object_or_404(Invitation.objects.select_related("outlet", "event"), pk=pk, event=found)
    attended = {True: "yes", False: "no"}.get(row.attended) if row.attended is not None else ""
    start = {"answer": row.answer, "attended": attended}
    form = forms.InvitationForm(request.POST or None, actor=request.actor, initial=start)
    url = reverse("press:event", args=[found.code])

    def do() -> str:
        actions.note_answer(row, by=request.actor, at=clock.now(), **form.cleaned_data)
        return url

    return asked(request, form, f"{row.outlet.name}的回复", url, do)


@office_page
@require_safe
def letters(request: OfficeRequest, number: str) -> HttpResponse:
    """The invitations of an event, one a sheet, to be printed."""
    found: PressEvent = find(request, acts.EVENTS, number)
    if not policy.keeps(request.actor, found.unit_id):
        raise Http404
    rows = found.invitations.select_related("outlet", "event__unit")
    page = {"event": found, "letters": [(row, actions.letter_of(row)) for row in rows], "now": clock.now()}
    return render(request, "press/letters.html", page)


# ---- the quota ---------------------------------------------------------------------------------------------------


@office_page
@lawbook.steady()
def quota(request: OfficeRequest) -> HttpResponse:
    """Overall meetings of a year: held, planned, missing; and how the place reads the rule."""
    enter(request)
    now, place = clock.now(), request.actor.place
    running, years = timezone.localtime(now).year, asks.quota_years(place, timezone.localdate(now))
    year = asked_year(request, years, running)
    rows, reading, cite = asks.quota(place, year, now)
    verdict = policy.may_set_reading(request.actor)
    latest = ledger.duty_of(place.code, actions.OVERALL)
    start = {"each": latest.each if latest else "", "year": running + 1}
    form = forms.ReadingForm(request.POST or None, actor=request.actor, initial=start)
    if request.method == "POST" and not verdict:
        raise Http404
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_reading(place, by=request.actor, at=now, **form.cleaned_data)
        except Refused as refused:
            form.add_error("year", f"{refused.reason}。{refused.remedy}")
        else:
            messages.success(request, "已设定。")
            return redirect("press:quota")
    page = {
        "here": "quota", "year": year, "years": years, "rows": rows, "reading": reading, "cite": cite, "now": now,
        "form": form if verdict and reading and year == running else None,
    }  # fmt: skip
    return render(request, "press/quota.html", page, status=422 if form.errors else 200)
