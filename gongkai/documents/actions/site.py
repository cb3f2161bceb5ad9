"""What readers find around the documents: columns, topics, services, gazettes, and the faults they report."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from gongkai.documents import facts, policy
from gongkai.documents.actions.report import need, rendered_around
from gongkai.documents.actions.serving import tie_documents
from gongkai.documents.models import Column, Document, Fault, GazetteIssue, Service, Topic
from gongkai.ledger import actions as ledger
from gongkai.people.actor import Actor
from gongkai.people.models import Duty, Place, Unit, unit_answering_for
from gongkai.vault import cipher

FAULTS = "faults"
STATUTORY: tuple[tuple[str, str, str], ...] = (
    ("guide", "政府信息公开指南", Column.Kind.GUIDE),
    ("institutions", "政府信息公开制度", Column.Kind.INSTITUTION),
    ("statutory", "法定主动公开内容", Column.Kind.STATUTORY),
    ("annual", "政府信息公开年报", Column.Kind.ANNUAL),
    ("request", "依申请公开", Column.Kind.ON_REQUEST),
    ("policies", "政策文件", Column.Kind.POLICY),
    ("interpretations", "政策解读", Column.Kind.INTERPRETATION),
    ("notices", "通知公告", Column.Kind.PUBLIC_NOTICE),
    ("news", "工作动态", Column.Kind.NEWS),
)


def lay_columns(place: Place) -> None:
    """Give a place the columns every site must have, in their order. What is there stays."""
    Column.objects.bulk_create(
        (Column(place=place, slug=slug, name=name, kind=kind, order=order)
         for order, (slug, name, kind) in enumerate(STATUTORY)),
        ignore_conflicts=True,
    )  # fmt: skip


@transaction.atomic
def save_column(
    place: Place,
    *,
    by: Actor,
    at: datetime,
    slug: str,
    name: str,
    kind: str,
    words: str = "",
    order: int = 50,
    stale_after: int = 180,
) -> Column:
    """Open a column of the site or change it; after `stale_after` days without a new text it is called stale."""
    policy.may_keep_site(by).enforce()
    row, _made = Column.objects.update_or_create(
        place=place,
        slug=slug,
        defaults={
            "name": name[:32], "kind": kind, "words": words[:200], "order": order, "stale_after": stale_after,
        },
    )  # fmt: skip
    rendered_around(place, f"column:{row.pk}", at)
    return row


@transaction.atomic
def save_topic(
    place: Place,
    *,
    by: Actor,
    at: datetime,
    slug: str,
    title: str,
    words: str,
    figures: Sequence[dict[str, Any]] = (),
    documents: Sequence[Document] = (),
) -> Topic:
    """Open or change a topic page: its words, its charts as rows of (label, number), its documents in order."""
    policy.may_keep_site(by).enforce()
    row, _made = Topic.objects.update_or_create(
        place=place, slug=slug,
        defaults={"title": need(title, "没有标题", "请写专题标题。")[:64], "words": words, "figures": list(figures)},
        create_defaults={"title": title[:64], "words": words, "figures": list(figures), "opened_at": at},
    )  # fmt: skip
    row.documents.set(documents)
    rendered_around(place, f"topic:{row.pk}", at)
    return row


@transaction.atomic
def save_service(
    unit: Unit,
    *,
    by: Actor,
    at: datetime,
    name: str,
    documents: Iterable[Document] | None = None,
    **fields: Any,
) -> Service:
    """Write down a service of a unit, or change it; the day of the change is shown.

    `documents` are the published ones it rests on; None leaves them as they are.
    """
    policy.may_keep_catalogue(by, unit.pk).enforce()
    row, _made = Service.objects.update_or_create(
        unit=unit, name=need(name, "没有事项名称", "请写事项名称。")[:120],
        defaults={"place": unit.place, "updated_at": at, **fields},
    )  # fmt: skip
    if documents is not None:
        tie_documents(row, by=by, at=at, documents=documents)
    rendered_around(unit.place, f"service:{row.pk}", at)
    return row


@transaction.atomic
def save_gazette(
    place: Place,
    *,
    by: Actor,
    at: datetime,
    year: int,
    issue: int,
    issued_on: date,
    documents: Sequence[Document],
) -> GazetteIssue:
    """An issue of the gazette with the documents it prints."""
    policy.may_keep_site(by).enforce()
    row, _made = GazetteIssue.objects.update_or_create(
        place=place, year=year, issue=issue, defaults={"issued_on": issued_on}
    )
    row.documents.set(documents)
    rendered_around(place, f"gazette:{row.pk}", at)
    return row


@transaction.atomic
def report_fault(
    place: Place, *, at: datetime, address: str, kind: str, words: str, contact: str = ""
) -> Fault:
    """A reader says that something on the site is wrong; no account is needed."""
    unit = unit_answering_for(place, Duty.BIG_DATA, timezone.localdate(at)) or unit_answering_for(
        place, Duty.OPENNESS, timezone.localdate(at)
    )
    by = Actor.system(place)
    matter = ledger.open_matter(
        ledger.numbers("ZC", at)[0], room=FAULTS, title=f"{kind}：{address}", place=place, unit=unit, at=at
    )
    fault = Fault.objects.create(
        matter=matter, place=place, address=address[:300], kind=kind, words=need(words, "没有写哪里错了", "请写一句。")[:500],
        contact=cipher.seal({"contact": contact.strip()[:64]}) if contact.strip() else "",
        code="".join(secrets.choice("0123456789") for _ in range(12)), reported_at=at,
    )  # fmt: skip
    ledger.record(
        facts.FAULT_REPORTED,
        matter=matter,
        by=by,
        at=at,
        details={"what": kind, "unit": unit.code if unit else ""},
    )
    return fault


@transaction.atomic
def answer_fault(fault: Fault, *, by: Actor, at: datetime, words: str) -> Fault:
    """Say what became of a reported fault; its reader sees it by the code."""
    fault = Fault.objects.select_for_update(of=("self",)).select_related("matter").get(pk=fault.pk)
    policy.may_answer_fault(by).enforce()
    fault.answer = need(words, "没有写处理结果", "请写明怎样处理的。")[:500]
    fault.answered_at, fault.answered_by = at, by.staff
    fault.save()
    ledger.record(
        facts.FAULT_ANSWERED, matter=fault.matter, by=by, at=at, details={"outcome": fault.answer[:200]}
    )
    return fault
