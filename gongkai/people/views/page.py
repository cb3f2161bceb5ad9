"""What the pages of people share: how one is shown, and how a unit or a person is found."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from gongkai.people import policy
from gongkai.people.desk import OfficeRequest
from gongkai.people.models import Power, Staff, Unit

A_PAGE = 50


def show(
    request: OfficeRequest, template: str, page: dict[str, Any], form: Form | None = None
) -> HttpResponse:
    """Show a page of the office with the sections its reader may enter."""
    sections = [
        ("units", "单位和岗位", Power.ADMINISTER),
        ("staff", "人员", Power.ADMINISTER),
        ("roster", "值班", None),
        ("log", "账号日志", Power.AUDIT),
    ]
    here = request.resolver_match.url_name if request.resolver_match else ""
    page["sections"] = [
        {"label": label, "url": reverse(f"people:{name}"), "current": name == here}
        for name, label, power in sections
        if request.actor.posts and (power is None or request.actor.may(power))
    ]
    status = 422 if form is not None and form.errors else 200
    return render(request, template, page, status=status)


def ask(
    request: OfficeRequest,
    form: Form,
    heading: str,
    back: str,
    *,
    button: str = "保存",
    note: str = "",
    **more: Any,
) -> HttpResponse:
    """Show a form alone on its page."""
    page = {"form": form, "heading": heading, "back": back, "button": button, "note": note} | more
    return show(request, "people/form.html", page, form)


def find_unit(request: OfficeRequest, pk: int) -> Unit:
    return get_object_or_404(
        policy.visible_units(request.actor).select_related("superior", "successor"), pk=pk
    )


def find_person(request: OfficeRequest, username: str) -> Staff:
    return get_object_or_404(policy.visible_staff(request.actor), username=username)


def has_second_factor(staff: Staff) -> bool:
    return bool(Authenticator.objects.filter(user=staff, type=Authenticator.Type.TOTP).exists())
