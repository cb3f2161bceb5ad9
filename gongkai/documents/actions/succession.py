"""A unit that was merged or renamed: whoever took on its duties discloses for it (承接职责的机关公开)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from gongkai.documents import facts
from gongkai.documents.actions.report import rendered, report
from gongkai.documents.indexing import index
from gongkai.documents.models import Document
from gongkai.ledger import actions as ledger
from gongkai.people.actor import Actor

AT_ONCE = 200  # documents of a run; the rest wait for the next


def take_over(now: datetime, limit: int = AT_ONCE) -> int:
    """Give the documents of closed units to their successors; how many. Index numbers and release times stay."""
    closed = Document.objects.filter(
        unit__closed_on__lte=timezone.localdate(now), unit__successor__isnull=False
    )
    rows = closed.select_related("matter__place", "place", "unit__successor", "edition").order_by("pk")[
        :limit
    ]
    for document in rows:
        _take_over(document, now)
    return len(rows)


@transaction.atomic
def _take_over(document: Document, now: datetime) -> None:
    before, successor = document.unit, document.unit.successor
    assert successor is not None
    document.unit = successor
    if document.issuer_id == before.pk:
        document.issuer = successor
    document.save(update_fields=["unit", "issuer"])
    ledger.assign_matter(document.matter, successor)
    by = Actor.system(document.place)
    report(document, facts.TAKEN_OVER, by, now, unit=successor.code, before=before.code)
    index([document])
    rendered(document, now)
