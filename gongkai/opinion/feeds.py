"""The door for partners' systems: what they watch is pushed here as JSON. No sign-in; the token of a source opens it."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from gongkai.ledger import clock
from gongkai.opinion.actions import collecting
from gongkai.opinion.watching.items import BadItem, Item, item_of
from gongkai.people.actor import Actor

MOST_ITEMS = 1_000
MOST_BYTES = 5 * 1024 * 1024


@csrf_exempt
@require_POST
def push(request: HttpRequest, token: str) -> HttpResponse:
    """Take one item or a list of items; pushing the same again takes nothing twice.

    200 when all were taken or known; 422 with the reasons by item when some were not (the others are taken); 413 when
    there are too many; 404 when the token opens nothing.
    """
    source = collecting.source_of_token(token)
    if source is None:
        raise Http404
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return _no(413, f"一次最多 {MOST_BYTES // 1024 // 1024} MB，请分批推送。")
    try:
        given = json.loads(request.read(MOST_BYTES + 1))
    except (ValueError, RecursionError):
        return _no(422, "不是 JSON，请按 UTF-8 编码推送一个对象或一个列表。")
    rows = given if isinstance(given, list) else [given]
    if len(rows) > MOST_ITEMS:
        return _no(413, f"一次最多 {MOST_ITEMS:,} 条，请分批推送。")
    now, items, rejected = clock.now(), list[Item](), list[dict[str, Any]]()
    for n, row in enumerate(rows):
        try:
            if not isinstance(row, dict):
                raise BadItem("", "每一条应是一个对象。")
            items.append(item_of(row, now))
        except BadItem as wrong:
            name = row.get("id") if isinstance(row, dict) else None
            rejected.append({"index": n, "id": name, "field": wrong.field, "reason": str(wrong)})
    taken = collecting.receive(source, items, by=Actor.system(source.place), at=now)
    answer = {"taken": taken.taken, "repeated": taken.repeated, "passed": taken.passed, "rejected": rejected}
    return JsonResponse(answer, status=422 if rejected else 200, json_dumps_params={"ensure_ascii": False})


def _no(status: int, reason: str) -> JsonResponse:
    return JsonResponse({"reason": reason}, status=status, json_dumps_params={"ensure_ascii": False})
