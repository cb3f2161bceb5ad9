"""Responses: writing one, what it leaves unanswered, sending it up, putting it out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from gongkai.ledger import clock, lawbook
from gongkai.opinion import actions, checks, policy
from gongkai.opinion.forms import rest
from gongkai.opinion.models import Event, Response
from gongkai.opinion.views.events import find
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.reviews import policy as reviewing
from gongkai.ui.forms import Form


def _find(request: OfficeRequest, number: str, serial: int) -> tuple[Event, Response]:
    found = find(request, number)
    response = get_object_or_404(found.responses.select_related("unit"), serial=serial)
    response.event = found
    return found, response


@office_page
@lawbook.steady()
def draft(request: OfficeRequest, number: str) -> HttpResponse:
    """Begin an answer from what is established and what people ask."""
    found = find(request, number)
    start = {"title": f"关于{found.title}的情况通报"[:120], "text": checks.outline(found)}
    form = rest.ResponseForm(request.POST or None, actor=request.actor, initial=start)
    verdict = policy.may_draft(request.actor, found)
    if form.is_valid():
        same = found.responses.filter(
            stage="draft", title=form.cleaned_data["title"].strip(), author=request.staff
        ).first()
        made = same or actions.draft(found, by=request.actor, at=clock.now(), **form.cleaned_data)
        return redirect("opinion:response", found.code, made.serial)
    page = {"event": found, "form": form, "verdict": verdict, "response": None}
    return render(request, "opinion/write.html", page, status=422 if form.errors else 200)


@office_page
@lawbook.steady()
def edit(request: OfficeRequest, number: str, serial: int) -> HttpResponse:
    found, response = _find(request, number, serial)
    start = {name: getattr(response, name) for name in ("form", "title", "text", "speaker")}
    form = rest.ResponseForm(request.POST or None, actor=request.actor, initial=start)
    verdict = policy.may_edit(request.actor, response)
    if form.is_valid():
        actions.edit(response, by=request.actor, at=clock.now(), **form.cleaned_data)
        messages.success(request, "已保存。")
        return redirect("opinion:response", found.code, serial)
    page = {"event": found, "form": form, "verdict": verdict, "response": response}
    return render(request, "opinion/write.html", page, status=422 if form.errors else 200)


@office_page
@lawbook.steady()
def response(request: OfficeRequest, number: str, serial: int) -> HttpResponse:
    """One answer: its text, what people ask that it does not answer, and what may be done with it."""
    found, row = _find(request, number, serial)
    actor = request.actor
    sheets = reviewing.beside(found.matter, actor).filter(subject=policy.RESPONSE, title=row.title)
    page = {
        "event": found, "response": row, "now": clock.now(), "points": checks.check(found, row.text),
        "may_edit": policy.may_edit(actor, row), "may_submit": policy.may_submit(actor, row),
        "may_release": policy.may_release(actor, row), "may_withdraw": policy.may_withdraw(actor, row),
        "sheets": sheets,
        "public_url": reverse("portal:response", args=[found.place.slug, row.code]) if row.is_released else "",
        "is_party": policy.is_party(actor, found),
    }  # fmt: skip
    return render(request, "opinion/response.html", page)


@office_page
@lawbook.steady()
def submission(request: OfficeRequest, number: str, serial: int) -> HttpResponse:
    found, row = _find(request, number, serial)
    if request.method == "POST" and row.stage == Response.Stage.DRAFT:
        actions.submit(row, by=request.actor, at=clock.now())
        messages.success(request, "已送审。")
    return redirect("opinion:response", found.code, serial)


@office_page
@lawbook.steady()
def release(request: OfficeRequest, number: str, serial: int) -> HttpResponse:
    found, row = _find(request, number, serial)
    if request.method == "POST" and not row.is_released:
        actions.release(row, by=request.actor, at=clock.now())
        messages.success(request, "已发布，网站上看得到了。")
    return redirect("opinion:response", found.code, serial)


class WithdrawalForm(rest.MendForm):
    """Why an answer is taken down."""


@office_page
@lawbook.steady()
def withdrawal(request: OfficeRequest, number: str, serial: int) -> HttpResponse:
    """Take an answer down, with the reason that is left at its address."""
    found, row = _find(request, number, serial)
    form: Form = WithdrawalForm(request.POST or None)
    form.fields["words"].label = "撤下的理由（会显示在原网址）"
    if form.is_valid():
        if row.is_released:
            actions.withdraw(row, by=request.actor, at=clock.now(), reason=form.cleaned_data["words"])
        again = "" if policy.released_of(found).exists() else "没有别的回应了，请再次回应，时限见旁边。"
        messages.success(request, f"已撤下。{again}")
        return redirect("opinion:response", found.code, serial)
    page = {
        "event": found, "form": form, "label": "撤下回应", "note": row.title,
        "verdict": policy.may_withdraw(request.actor, row),
    }  # fmt: skip
    return render(request, "opinion/form.html", page, status=422 if form.errors else 200)
