"""Serving the baked files from the application, before session and database: for one machine without nginx."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag

from gongkai.portal.baking.pages import GONE, INDEX
from gongkai.portal.feeds import TYPES
from gongkai.ui.context import is_large

MINUTE = 60


def baked(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer with the baked page where there is one; what asks something (a query, large type) goes on."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if (
            request.method in ("GET", "HEAD")
            and not request.META.get("QUERY_STRING")
            and not is_large(request)
        ):
            found = _found(request.path_info)
            if found is not None:
                return _answer(request, *found)
        return get_response(request)

    return middleware


def _found(path: str) -> tuple[Path, int] | None:
    """The file of an address and its status. Nothing outside the folder of the site is ever one."""
    parts = path.strip("/").split("/")
    if not parts[0] or not os.path.isdir(f"{settings.GONGKAI_BAKED}/{parts[0]}"):
        return None  # most requests are not of a place: one look is enough
    if any(part.startswith(".") or "\0" in part or "\\" in part for part in parts):
        return None
    file = Path(settings.GONGKAI_BAKED, *parts)
    if not path.endswith("/"):
        return (file, 200) if len(parts) > 1 and file.is_file() else None
    if (file / INDEX).is_file():
        return file / INDEX, 200
    return (file / GONE, 410) if (file / GONE).is_file() else None


def _answer(request: HttpRequest, file: Path, status: int) -> HttpResponse:
    stat = file.stat()
    tag = quote_etag(f"{stat.st_mtime_ns:x}-{stat.st_size:x}")
    media = TYPES.get(file.suffix[1:]) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    text = media.startswith("text/") or media.endswith(("xml", "json"))
    response = HttpResponse(
        file.read_bytes(), status=status, content_type=f"{media}; charset=utf-8" if text else media
    )
    response["Cache-Control"] = f"max-age={MINUTE}"
    response["Vary"] = "Cookie"
    response["ETag"], response["Last-Modified"] = tag, http_date(stat.st_mtime)
    if "files" in file.parts[-3:]:
        response["Content-Disposition"] = "attachment"
        response["X-Content-Type-Options"] = "nosniff"
    if status != 200:
        return response
    answer = get_conditional_response(request, etag=tag, last_modified=int(stat.st_mtime), response=response)
    return answer or response
