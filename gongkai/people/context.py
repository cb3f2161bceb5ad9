"""What every page of the office says about its reader. A context processor."""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest
from django.urls import reverse

from gongkai.people.actor import Actor


def reader(request: HttpRequest) -> dict[str, object]:
    """Return `site_name`, `me` (lines) and `me_links` for `ui/office.html`; nothing outside the office."""
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor) or actor.staff is None:
        return {}
    return {
        "site_name": actor.place.name,
        "me": [actor.name, *actor.posts],
        "me_links": _links(),
    }


@cache
def _links() -> list[dict[str, str]]:
    return [
        {"label": "我的账号", "url": reverse("people:me")},
        {"label": "退出", "url": reverse("account_logout")},
    ]
