"""What happens around every view: what its page may load is said, a refusal becomes a page, the size of type is kept."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from gongkai.ui.context import TYPE_COOKIE, TYPES
from gongkai.ui.refusal import Refused

GetResponse = Callable[[HttpRequest], HttpResponse]

YEAR = 365 * 24 * 3600


def content_policy(get_response: GetResponse) -> GetResponse:
    """Say on every answer what a page of ours may load and run; an answer that says so itself is left as it is."""
    policy: str = settings.CONTENT_SECURITY_POLICY

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        return response

    return middleware


def refusals(get_response: GetResponse) -> GetResponse:
    """Answer `Refused` with a page that gives reason, article and remedy, status 409.

    Django shows the exceptions of a view to `process_exception` only, so that is where it is caught.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    middleware.process_exception = _answer  # type: ignore[attr-defined]
    return middleware


def type_size(get_response: GetResponse) -> GetResponse:
    """Remember `?type=large` and `?type=normal` for a year; caches keep the two apart."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        patch_vary_headers(response, ["Cookie"])
        asked = request.GET.get("type")
        if asked in TYPES:
            response.set_cookie(TYPE_COOKIE, asked, max_age=YEAR, samesite="Lax", secure=request.is_secure())
        return response

    return middleware


def _answer(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """Return the page of a refusal, the fragment alone for htmx; None lets any other exception pass."""
    if not isinstance(error, Refused):
        return None
    template = "ui/refused_part.html" if getattr(request, "htmx", False) else "ui/refused.html"
    return render(request, template, {"refused": error, "back": _came_from(request)}, status=409)


def _came_from(request: HttpRequest) -> str:
    """Return the page of ours the reader acted from, or "" when the browser did not say."""
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure())
    return referer if ours else ""
