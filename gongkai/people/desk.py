"""The door to every page of the office: who asks, with which powers today."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.middleware import get_user
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from gongkai.people.actor import Actor
from gongkai.people.asks import holders_of
from gongkai.people.models import Power, Staff

P = ParamSpec("P")


class OfficeRequest(HttpRequest):
    """A request that came through `signed_in` or `office_page`."""

    staff: Staff
    actor: Actor


OfficeView = Callable[Concatenate[OfficeRequest, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def signed_in(view: OfficeView[P]) -> View[P]:
    """Let in whoever has an account that works; give the view `request.staff` and `request.actor` of today.

    Strangers are sent to sign in, people with a one-time password to change it.
    """

    @never_cache
    @wraps(view)
    def door(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        staff = get_user(request)  # request.user, without the proxy before it
        if not isinstance(staff, Staff) or not staff.is_active:
            return redirect_to_login(request.get_full_path())
        if staff.must_change_password:
            return redirect("account_change_password")
        request.staff = staff  # type: ignore[attr-defined]
        request.actor = Actor.of(staff, timezone.localdate())  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return door


def office_page(view: OfficeView[P]) -> View[P]:
    """As `signed_in`, for people with a post. Without one they are told so and whom to ask, status 403."""

    @signed_in
    @wraps(view)
    def door(request: OfficeRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.actor.posts:
            ask = holders_of(request.actor.place, Power.ADMINISTER, timezone.localdate())
            return render(request, "people/no_post.html", {"ask": ask}, status=403)
        return view(request, *args, **kwargs)

    return door


def needs(*powers: str) -> Callable[[OfficeView[P]], OfficeView[P]]:
    """Answer 404 to whoever has none of the powers, as if there were no page. Stands under `office_page`."""

    def guard(view: OfficeView[P]) -> OfficeView[P]:
        @wraps(view)
        def guarded(request: OfficeRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not any(request.actor.may(power) for power in powers):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return guard
