"""The list of events, the page of one, its acts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from gongkai.ledger import clock, lawbook, pages, story
from gongkai.ledger.acts import Act, carry_out
from gongkai.ledger.models import Matter
from gongkai.opinion import actions, acts, asks, export, policy, stories
from gongkai.opinion.forms import acts as forms
from gongkai.opinion.forms import rest
from gongkai.opinion.models import Consultation, Dispatch, Event, Story
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.people.models import Power
from gongkai.reviews import policy as reviewing
from gongkai.ui import sheets
from gongkai.ui.once import once
from gongkai.ui.parts import Filter, Option, onward, with_changes

BACKWARD = {
    "opinion.escalated",
    "opinion.dismissed",
    "opinion.response_withdrawn",
    "opinion.response_returned",
}
MOST = 20_000  # rows of an export
HOURS = 48  # of the heat curve: the longest clock
SUBJECTS = {"opinion.response": "回应稿", "opinion.measures": "预控处置意见"}


def find(request: OfficeRequest, number: str) -> Event:
    """The event, if this person may see it; missing and forbidden answer alike."""
    seen = policy.visible_to(request.actor).select_related(
        "matter__place", "matter__unit", "place__parent", "unit", "leader"
    )
    return get_object_or_404(seen, matter__number=number)


@office_page
@lawbook.steady()
def list_(request: OfficeRequest) -> HttpResponse:
    """Events by view, the newest first, each with its clock; and what waits to be signed for."""
    actor, now = request.actor, clock.now()
    seen = policy.visible_to(actor)
    view = asks.BY_ID.get(request.GET.get("view", ""), asks.VIEWS[0])
    words = request.GET.get("q", "").strip()
    narrowed = seen.filter(title__icontains=words) if words else seen
    counted = asks.counts(seen, actor)
    rows, after = asks.page(narrowed, view, actor, now, request.GET.get("after", ""))
    options = [
        Option(one.id, one.label, counted.get(one.id))
        for one in asks.VIEWS
        if one is view or one.id in ("", "closed", "all") or counted.get(one.id)
    ]
    page = {
        "view": view, "rows": rows, "now": now, "filters": [Filter("view", "看哪些", options)],
        "inbox": asks.inbox(actor), "may_detect": policy.may_detect(actor),
        "export_query": with_changes(request, after=None),
    } | onward(request, after)  # fmt: skip
    return render(request, "opinion/list.html", page)


@office_page
@lawbook.steady()
def export_(request: OfficeRequest) -> HttpResponse:
    """What the list shows, all pages of it, as CSV or XLSX."""
    view = asks.BY_ID.get(request.GET.get("view", ""), asks.VIEWS[0])
    found = policy.visible_to(request.actor).filter(view.rows(request.actor)).distinct()
    if words := request.GET.get("q", "").strip():
        found = found.filter(title__icontains=words)
    rows = export.lines(found.select_related("matter", "unit").order_by("-id")[:MOST])
    name = f"舆情-{timezone.localtime(clock.now()):%Y%m%d-%H%M}"
    return sheets.as_xlsx(name, rows) if request.GET.get("as") == "xlsx" else sheets.as_csv(name, rows)


# ---- one event ---------------------------------------------------------------------------------------------------


@office_page
@lawbook.steady()
def event(request: OfficeRequest, number: str) -> HttpResponse:
    """Everything about one event: how loud, who judged it how, who answers, what was said, what comes next and why then."""
    found = find(request, number)
    actor, now = request.actor, clock.now()
    sheets_ = list(reviewing.beside(found.matter, actor))
    running = [sheet for sheet in sheets_ if sheet.is_running]
    evidence, related = asks.evidence(found, now), asks.related(found)
    urls = pages.urls_for(actor, [matter for _says, matter in related])
    known = asks.concerns(asks.stories_of(found), [matter.number for _says, matter in related], actor)
    page = {
        "event": found, "now": now, "stages": asks.stages(found), "steps": acts.steps(actor, found),
        "story": story.story(found.matter, now, bad=BACKWARD),
        "running": [(sheet, SUBJECTS.get(sheet.subject, sheet.title),
                     reviewing.may_decide(actor, sheet, reviewing.current(sheet))) for sheet in running],
        "parties": found.parties.filter(left_at=None).select_related("unit", "head", "deputy"),
        "assessments": found.assessments.select_related("by"),
        "consultations": found.consultations.select_related("convener").prefetch_related("units"),
        "may_consult": bool(policy.may_consult(actor, found)),
        "responses": found.responses.select_related("unit"),
        "may_draft": policy.may_draft(actor, found) if policy.is_party(actor, found) else None,
        "dispatches": [(row, policy.may_receive(actor, row)) for row in found.dispatches.select_related("unit", "by")],
        "measurements": found.measurements.all(), "contacts": asks.contacts(found, now),
        "related": [(says, matter, urls.get(matter.pk, "")) for says, matter in related], "known": known, "proposal": _proposal(found, now), "evidence": evidence,
        "heat": _heat(found, now), "stories": Story.objects.filter(matter=found.matter_id) if policy.may_see(actor) else [],
        "accountabilities": policy.visible_accountabilities(actor).filter(event=found).select_related("unit"),
        "press_url": f"{reverse('press:event_new')}?answers={found.code}", "may_press": actor.may(Power.PRESS), "is_overseer": actor.may(Power.OVERSEE),
        "ways": pages.ways_from(actor, found.matter),
    }  # fmt: skip
    return render(request, "opinion/event.html", page)


def _proposal(found: Event, now: Any) -> asks.Proposal | None:
    """Whom the rules name, while nobody is responsible yet."""
    return asks.proposal(found, now) if found.stage == "graded" else None


def _heat(found: Event, now: Any) -> list[int]:
    """Posts an hour since it was found, at most two days of them."""
    ids = asks.stories_of(found)
    if not ids:
        return []
    hours = min(HOURS, max(1, int((now - found.detected_at).total_seconds() // 3600) + 1))
    by_hour = {one.hour: one.posts for one in stories.heat_of(ids, HOURS, now)}
    first = int(found.detected_at.timestamp() // 3600)
    return [by_hour.get(first + n, 0) for n in range(hours)]


@office_page
@lawbook.steady()
def detect(request: OfficeRequest) -> HttpResponse:
    """Register an event: from a story that was watched, from a matter of another room, or by hand."""
    verdict = policy.may_detect(request.actor)
    now = clock.now()
    told, matter = _source(request)
    form = rest_form(request, now, told, matter)

    def do() -> str:
        made = actions.detect(by=request.actor, at=now, from_matter=matter, **form.cleaned_data)
        if told is not None:
            actions.take_up(told, made, by=request.actor, at=now)
        messages.success(request, "已登记，时限开始计算。")
        if not policy.visible_to(request.actor).filter(pk=made.pk).exists():
            return reverse("opinion:list")
        return reverse("opinion:event", args=[made.code])

    if form.is_valid():
        return redirect(once(request, do, reverse("opinion:list")))
    page = {"form": form, "verdict": verdict, "story": told, "matter": matter}
    return render(request, "opinion/detect.html", page, status=422 if form.errors else 200)


def _source(request: OfficeRequest) -> tuple[Story | None, Matter | None]:
    """What the event is registered from: a story of the watch, a matter this person may open or that the watch heard."""
    story_, number = request.GET.get("story", ""), request.GET.get("from", "")
    told = None
    if story_.isdigit() and policy.may_watch(request.actor):
        told = policy.visible_stories(request.actor).filter(pk=int(story_), matter=None).first()
    matter = Matter.objects.filter(place=request.actor.place, number=number).first() if number else None
    if matter is not None:
        heard = asks.story_inside(number) if policy.may_watch(request.actor) else None
        if heard is None and not pages.urls_for(request.actor, [matter]):
            matter = None
        elif told is None and heard is not None and heard.matter_id is None:
            told = heard
    return told, matter


def rest_form(
    request: OfficeRequest, now: Any, told: Story | None, matter: Matter | None
) -> forms.DetectForm:
    """The form of registration, filled in with what is known."""
    start: dict[str, Any] = {"detected_at": now}
    if told is not None:
        first = told.posts.order_by("published_at", "pk").select_related("source").first()
        start |= {
            "title": told.name[:120], "found_by": "监测发现", "detected_at": now,
            "channel": first.source.kind if first else "", "summary": first.text[:500] if first else "",
        }  # fmt: skip
    elif matter is not None:
        start |= {"title": matter.title[:120], "found_by": "留言转来", "channel": "群众留言"}
    return forms.DetectForm(request.POST or None, actor=request.actor, initial=start)


@office_page
@lawbook.steady()
def act(request: OfficeRequest, number: str, act: Act[Event]) -> HttpResponse:
    """One act: its form and whether it may happen; or the act itself, and back to the event."""
    found, now = find(request, number), clock.now()
    suggested = asks.suggestion(found, now) if act.noun == "assessment" else None
    form = act.form(
        request.POST if request.method == "POST" else None, case=found, actor=request.actor,
        seen=story.last_fact(found.matter), initial=_start(request, act, found, suggested, now),
    )  # fmt: skip
    if form.is_valid():
        more: dict[str, object] = {}
        if suggested is not None:
            more["evidence"] = suggested.as_evidence()
        elif act.noun == "hand-over":
            more["evidence"] = asks.leads(found)
        if carry_out(request, act, found, form, now, **more):
            if policy.visible_to(request.actor).filter(pk=found.pk).exists():
                return redirect("opinion:event", found.code)
            return redirect("opinion:list")
    page = {
        "event": found, "act": act, "form": form, "verdict": act.may(request.actor, found), "suggested": suggested,
        "proposal": asks.proposal(found, now) if act.noun == "assignment" else None,
    }  # fmt: skip
    return render(request, "opinion/act.html", page, status=form.status)


def _start(request: OfficeRequest, act: Act[Event], found: Event, suggested: Any, now: Any) -> dict[str, Any]:
    """What the form starts with: what is there, what was suggested, what a link brought."""
    start = act.starts_with(found) | {name: value for name, value in request.GET.items() if value}
    if suggested is not None and suggested.grade:
        content, reaction, media = suggested.factors
        start |= {
            "suggested": suggested.grade,
            "content": content.score,
            "reaction": reaction.score,
            "media": media.score,
        }
        start.setdefault("grade", suggested.grade)
    if act.noun == "assignment":
        proposed = asks.proposal(found, now)
        start |= {
            "lead": found.unit_id or next((unit.pk for unit in proposed.units), None),
            "coordinators": [unit.pk for unit in proposed.coordinators],
            "others": [one.unit_id for one in found.parties.filter(left_at=None, role="joint")],
        }  # fmt: skip
    if act.noun == "measurement":
        start |= asks.loudness(found, now, 24)
    if act.noun == "consultation":
        start |= {"meets_at": now}
    return start


@office_page
@lawbook.steady()
def minutes(request: OfficeRequest, number: str, pk: int) -> HttpResponse:
    """What was said and agreed at a consultation."""
    found = find(request, number)
    row = get_object_or_404(Consultation.objects.select_related("event", "convener"), pk=pk, event=found)
    form = forms.MinutesForm(
        request.POST or None, case=found, actor=request.actor, seen=0, initial={"minutes": row.minutes}
    )
    verdict = policy.may_consult(request.actor, found)
    if form.is_valid():
        if row.held_at is None:
            actions.hold_consultation(
                row, by=request.actor, at=clock.now(), minutes=form.cleaned_data["minutes"]
            )
        messages.success(request, "会商纪要已记下。")
        return redirect("opinion:event", found.code)
    page = {
        "event": found,
        "form": form,
        "label": "会商纪要",
        "verdict": verdict,
        "note": "、".join(u.short_name for u in row.units.all()),
    }
    return render(request, "opinion/form.html", page, status=422 if form.errors else 200)


@office_page
@lawbook.steady()
def receipt(request: OfficeRequest, number: str, pk: int) -> HttpResponse:
    """The receiving unit signs for what it was sent."""
    found = find(request, number)
    row = get_object_or_404(Dispatch.objects.select_related("event", "unit"), pk=pk, event=found)
    form = rest.ReceiptForm(request.POST or None)
    if form.is_valid():
        if row.received_at is None:
            actions.receive(row, by=request.actor, at=clock.now(), **form.cleaned_data)
        messages.success(request, "已签收。")
        return redirect("opinion:event", found.code)
    page = {
        "event": found, "form": form, "label": f"签收{row.get_purpose_display()}", "note": row.words,
        "verdict": policy.may_receive(request.actor, row),
    }  # fmt: skip
    return render(request, "opinion/form.html", page)


@office_page
@lawbook.steady()
def casebook(request: OfficeRequest, number: str) -> HttpResponse:
    """The whole case as a Word file: what happened when, under which article, with the figures."""
    found = find(request, number)
    now = clock.now()
    return sheets.given(f"舆情案卷-{found.code}.docx", export.casebook(found, request.actor, now))
