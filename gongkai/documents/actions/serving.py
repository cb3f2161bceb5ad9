"""Documents and services: which services rest on a document (政策依据), said from either side, shown on both pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from gongkai.documents import facts, policy
from gongkai.documents.actions.report import rendered, rendered_around, report
from gongkai.documents.models import Document, Service
from gongkai.people.actor import Actor


@transaction.atomic
def tie_services(document: Document, *, by: Actor, at: datetime, services: Iterable[Service]) -> Document:
    """Say which services of its place belong to a document."""
    document = Document.objects.locked(document)
    policy.may_tie_services(by, document).enforce()
    _tie(document, {one for one in services if one.place_id == document.place_id}, by, at)
    return document


@transaction.atomic
def tie_documents(service: Service, *, by: Actor, at: datetime, documents: Iterable[Document]) -> Service:
    """Say which published documents of its place belong to a service; what is not published yet stays tied."""
    policy.may_keep_catalogue(by, service.unit_id).enforce()
    chosen = {one for one in documents if one.place_id == service.place_id and one.is_published}
    before = set(service.documents.published())
    for one in sorted(before ^ chosen, key=lambda document: document.pk):
        document = Document.objects.locked(one)
        tied = set(document.services.all())
        _tie(document, tied | {service} if one in chosen else tied - {service}, by, at)
    return service


def _tie(document: Document, services: set[Service], by: Actor, at: datetime) -> None:
    """Set the services of a document, and have the pages of both sides made anew."""
    before = set(document.services.all())
    if before == services:
        return
    document.services.set(services)
    names = "、".join(sorted(one.name for one in services))
    report(document, facts.SERVICES_TIED, by, at, services=names)
    for one in before ^ services:
        rendered_around(document.place, f"service:{one.pk}", at)
    if document.is_published:
        rendered(document, at)
