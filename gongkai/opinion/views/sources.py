"""Where is listened and for what: sources with their health, plans with a box to try them, a post entered by hand."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from gongkai.ledger import clock
from gongkai.opinion import policy
from gongkai.opinion.actions import collecting
from gongkai.opinion.forms import watch as forms
from gongkai.opinion.models import Plan, Source
from gongkai.opinion.watching.health import State, health
from gongkai.people.desk import OfficeRequest, needs, office_page
from gongkai.people.models import Power
from gongkai.text.plan import PlanError, parse

TRIED = 1_000  # the newest posts a plan is tried on
SHOWN = 30
OTHER = "其他"  # no kind that a regulation asks for


@office_page
@needs(*policy.SEES)
def sources(request: OfficeRequest) -> HttpResponse:
    """All sources, those that need somebody first."""
    now = clock.now()
    order = list(State)
    rows = [(source, health(source, now)) for source in policy.visible_sources(request.actor)]
    rows.sort(key=lambda row: (order.index(row[1].state), row[0].kind, row[0].name))
    covered = {source.kind for source, _ in rows if source.is_on}
    given = {
        "rows": rows,
        "ill": sum(one.state in (State.FAILING, State.LATE) for _, one in rows),
        "missing": [
            kind for kind in forms.channels(request.actor.place.code) if kind not in covered and kind != OTHER
        ],
        "now": now,
        "is_watcher": bool(policy.may_watch(request.actor)),
    }
    return render(request, "opinion/watch/sources.html", given)


@office_page
@needs(Power.WATCH)
def source(request: OfficeRequest, pk: int | None = None) -> HttpResponse:
    """Add a source or change one. The push address is shown once, when it is made."""
    actor, now = request.actor, clock.now()
    found = get_object_or_404(policy.visible_sources(actor), pk=pk) if pk is not None else None
    start = {
        name: getattr(found, name) for name in forms.SourceForm.base_fields if found and name != "password"
    }
    form = forms.SourceForm(
        request.POST if request.method == "POST" else None, actor=actor, source=found, initial=start
    )
    if request.method == "POST" and form.is_valid():
        saved, token = collecting.save_source(actor.place, form.cleaned_data, by=actor, at=now, source=found)
        if token:
            return _token_page(request, saved, token)
        messages.success(request, f"来源“{saved.name}”已保存。")
        return redirect("opinion:sources")
    given = {"form": form, "source": found, "health": health(found, now) if found else None, "now": now}
    return render(request, "opinion/watch/source.html", given, status=422 if form.errors else 200)


@require_POST
@office_page
@needs(Power.WATCH)
def token(request: OfficeRequest, pk: int) -> HttpResponse:
    """A new push address; the old one stops at once."""
    found = get_object_or_404(policy.visible_sources(request.actor), pk=pk, how=Source.How.PUSH)
    return _token_page(request, found, collecting.renew_token(found, by=request.actor))


def _token_page(request: OfficeRequest, found: Source, made: str) -> HttpResponse:
    address = f"{settings.SITE}{reverse('opinion:push', args=[made])}"
    return render(request, "opinion/watch/token.html", {"source": found, "address": address})


@require_POST
@office_page
@needs(Power.WATCH)
def attempt(request: OfficeRequest, pk: int) -> HttpResponse:
    """Have a source fetched with the next round."""
    found = get_object_or_404(policy.visible_sources(request.actor), pk=pk)
    collecting.try_now(found, by=request.actor, at=clock.now())
    messages.success(request, f"“{found.name}”会在一分钟内再试。")
    return redirect("opinion:sources")


@office_page
@needs(*policy.SEES)
def plans(request: OfficeRequest) -> HttpResponse:
    """What is looked for, with a box to try an expression on the last posts."""
    now = clock.now()
    text = request.GET.get("try", "").strip()
    given = {
        "rows": [
            (plan, plan.runs_at(now))
            for plan in policy.visible_plans(request.actor).prefetch_related("units")
        ],
        "now": now,
        "is_watcher": bool(policy.may_watch(request.actor)),
        **_tried(request, text),
    }
    return render(request, "opinion/watch/plans.html", given, status=422 if given.get("wrong") else 200)


def _tried(request: OfficeRequest, text: str) -> dict[str, Any]:
    """Which of the last posts an expression matches, or where it goes wrong."""
    if not text:
        return {"text": ""}
    try:
        plan = parse(text)
    except PlanError as wrong:
        return {
            "text": text,
            "wrong": str(wrong),
            "before": text[: wrong.position - 1],
            "rest": text[wrong.position - 1 :],
        }
    newest = (
        policy.visible_posts(request.actor).select_related("source").order_by("-published_at", "-pk")[:TRIED]
    )
    hits = [(post, found.words) for post in newest if (found := plan.find(post.whole))]
    return {"text": text, "hits": hits[:SHOWN], "count": len(hits), "among": TRIED}


@office_page
@needs(Power.WATCH)
def plan(request: OfficeRequest, pk: int | None = None) -> HttpResponse:
    """Add a plan or change one; an expression is tried before it is kept."""
    actor = request.actor
    found = get_object_or_404(policy.visible_plans(actor), pk=pk) if pk is not None else None
    start = _plan_start(found) if found else {"expression": request.GET.get("try", "")}
    form = forms.PlanForm(
        request.POST if request.method == "POST" else None, actor=actor, plan=found, initial=start
    )
    tried: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        if "try" not in request.POST:
            saved = collecting.save_plan(actor.place, form.cleaned_data, by=actor, plan=found)
            messages.success(request, f"方案“{saved.name}”已保存，从现在起收到的言论按它标记。")
            return redirect("opinion:plans")
        tried = _tried(request, form.cleaned_data["expression"])
    given = {"form": form, "plan": found, "now": clock.now(), **tried}
    return render(request, "opinion/watch/plan.html", given, status=422 if form.errors else 200)


def _plan_start(found: Plan) -> dict[str, Any]:
    names = ("name", "mode", "expression", "from_at", "until_at", "is_on")
    return {name: getattr(found, name) for name in names} | {"units": found.units.all()}


@office_page
@needs(Power.WATCH)
def entry(request: OfficeRequest) -> HttpResponse:
    """Write down one thing that was seen or heard."""
    actor, now = request.actor, clock.now()
    form = forms.EntryForm(
        request.POST if request.method == "POST" else None,
        actor=actor,
        now=now,
        initial={"published_at": now},
    )
    if request.method == "POST" and form.is_valid():
        taken = collecting.enter(form.cleaned_data["source"], form.item, by=actor, at=now)
        if not taken.stories:
            messages.warning(
                request,
                "这一条以前已经录入过，没有再收。"
                if taken.repeated
                else "这个来源只收符合监测方案的，这一条没有收。",
            )
            return redirect("opinion:posts")
        messages.success(request, "已录入，归在这条线索里。")
        return redirect("opinion:story", taken.stories[0])
    has_sources = policy.visible_sources(actor).filter(is_on=True).exists()
    given = {"form": form, "has_sources": has_sources}
    return render(request, "opinion/watch/entry.html", given, status=422 if form.errors else 200)
