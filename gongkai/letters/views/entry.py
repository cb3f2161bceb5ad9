"""Writing down a letter that came by telephone, on paper, in person or through another system."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from gongkai.files import actions as files
from gongkai.files.uploads import keep_attached
from gongkai.ledger import clock, lawbook
from gongkai.letters import actions, asks, attachments, forms, policy
from gongkai.letters.models import Letter
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.people.models import Place
from gongkai.text import screen

MOMENT_AGO = timedelta(minutes=10)  # the same letter again within it is a second click


@office_page
@lawbook.steady()
def entry(request: OfficeRequest) -> HttpResponse:
    """Write a letter down that came another way. One that says the same is shown before it is kept."""
    actor, now = request.actor, clock.now()
    policy.may_receive(actor).enforce()
    start = {"received_at": timezone.localtime(now)}
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = forms.EntryForm(*given, actor=actor, now=now, initial=start)
    warned: dict[str, list[Any]] = {"near": [], "private": []}
    if form.is_valid():
        card = form.cleaned_data
        if twin := _just_entered(actor.place, card, now):
            messages.info(request, "这封信刚才已经登记，没有重复登记。")
            return redirect("letters:letter", twin.number)
        warned = _doubts(request, form)
        if card["is_new"] or not any(warned.values()):
            letter = _enter(request, form)
            messages.success(
                request, f"已登记，编号 {letter.number}，查询码 {letter.code_shown}，请告诉来信人。"
            )
            seen = policy.visible_to(actor).filter(pk=letter.pk).exists()
            return redirect("letters:letter", letter.number) if seen else redirect("letters:entry")
        again = request.POST.copy()
        again["is_new"] = "on"
        form.data = again
    page: dict[str, Any] = {"form": form, **warned, "doubts": any(warned.values())}
    return render(
        request, "letters/entry.html", page, status=422 if form.errors or any(warned.values()) else 200
    )


def _just_entered(place: Place, card: dict[str, Any], now: datetime) -> Letter | None:
    """The same letter by the same writer, entered a moment ago."""
    whole = actions.compose(
        place, source=card["source"], title=card["title"], text=card["text"], person={n: card[n] for n in forms.EntryForm.PERSON},
        at=card["received_at"], entered_at=now,
    )  # fmt: skip
    same = Letter.objects.filter(place=place, text_print=whole.text_print, writer_print=whole.writer_print)
    return same.filter(entered_at__gt=now - MOMENT_AGO).select_related("matter").first()


def _doubts(request: OfficeRequest, form: forms.EntryForm) -> dict[str, list[Any]]:
    """What a person should look at before the letter is kept: others that say the same, personal data in the text."""
    card = form.cleaned_data
    near = asks.duplicates(policy.visible_to(request.actor), card["title"], card["text"])
    return {"near": near, "private": screen.find(f"{card['title']}\n{card['text']}")}


def _enter(request: OfficeRequest, form: forms.EntryForm) -> Letter:
    card, now = form.cleaned_data, clock.now()
    with transaction.atomic():
        Place.objects.select_for_update().get(pk=request.actor.place.pk)  # one entry at a time: no twins
        if twin := _just_entered(request.actor.place, card, now):
            return twin
        letter = actions.receive(
            request.actor.place, source=card["source"], title=card["title"], text=card["text"], person=form.person,
            by=request.actor, at=card["received_at"], now=now, because=card["because"], nature=card["nature"],
            object_place=card["object_place"], about_unit=card["about_unit"], alone=card["alone"],
            may_publish=card["may_publish"],
        )  # fmt: skip
    keep = partial(files.attach, room=attachments.OWN, number=letter.number, by=request.staff, at=now)
    keep_attached(request, keep)
    return letter
