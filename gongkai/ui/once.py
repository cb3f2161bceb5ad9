"""A form that is sent twice by a double click is carried out once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.core.cache import cache
from django.http import HttpRequest

A_MOMENT = (
    60  # seconds in which the same person sending the same words to the same address means the same thing
)


def once(request: HttpRequest, do: Callable[[], str], otherwise: str) -> str:
    """Carry out `do`, which says where to go then; the same form sent again within a moment goes to the same place.

    `otherwise` is where the second one goes while the first is still at work. What `do` raises lets the form be sent
    again.
    """
    key = f"once:{_print(request)}"
    if not cache.add(key, otherwise, A_MOMENT):
        return str(cache.get(key) or otherwise)
    try:
        url = do()
    except BaseException:
        cache.delete(key)
        raise
    cache.set(key, url, A_MOMENT)
    return url


def _print(request: HttpRequest) -> str:
    """What was sent, by whom and where, as a digest: no word of a form is kept in the cache."""
    sent = [
        (name, *request.POST.getlist(name)) for name in sorted(request.POST) if name != "csrfmiddlewaretoken"
    ]
    files = [
        (name, [(one.name, one.size) for one in request.FILES.getlist(name)])
        for name in sorted(request.FILES)
    ]
    told = repr((getattr(request.user, "pk", None), request.path, sent, files))
    return hashlib.sha256(told.encode()).hexdigest()
