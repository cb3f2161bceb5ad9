"""What every page knows about its reader: the size of type they chose."""

from __future__ import annotations

from django.http import HttpRequest

from gongkai.ui.parts import with_changes

TYPES = ("normal", "large")
TYPE_COOKIE = "type"


def desk(request: HttpRequest) -> dict[str, object]:
    """Return `large_type` (bool) and `type_switch`, this page's query string with the other size."""
    large = is_large(request)
    other = "normal" if large else "large"
    switch = with_changes(request, type=other) if request.GET else f"?type={other}"
    return {"large_type": large, "type_switch": switch}


def is_large(request: HttpRequest) -> bool:
    """Say whether this reader reads the 大字版: what the address asks for, else what the cookie remembers."""
    asked = request.GET.get("type")
    return (asked if asked in TYPES else request.COOKIES.get(TYPE_COOKIE)) == "large"
