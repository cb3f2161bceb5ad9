"""Release and after: publish together with the interpretation, schedule, revise, correct, withdraw, other channels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from gongkai.documents import facts, policy
from gongkai.documents.actions.drafting import new_edition, next_index_number
from gongkai.documents.actions.report import need, rendered, report, traits
from gongkai.documents.indexing import index
from gongkai.documents.models import (
    Address,
    Attribute,
    Column,
    Document,
    Edition,
    Release,
    Sort,
    Stage,
    Withdrawal,
)
from gongkai.ledger import actions as ledger
from gongkai.ledger import asks
from gongkai.ledger.models import Link
from gongkai.people.actor import Actor
from gongkai.reviews.models import Sheet
from gongkai.text import screen
from gongkai.ui.refusal import Refused

SITE = "政府网站"


@transaction.atomic
def publish(document: Document, *, by: Actor, at: datetime) -> Document:
    """Put a cleared text on the site, with its interpretations that are cleared, at the same instant.

    The first release time is kept for good: neither correction nor a new edition changes it.
    """
    document = Document.objects.locked(document)
    policy.may_publish(by, document).enforce()
    assert document.edition is not None
    document.move_to(Stage.PUBLISHED)
    document.published_at = document.published_at or at
    document.publish_after, document.withdrawn_at = None, None
    document.changed_at = at
    if not document.index_number:
        document.index_number = next_index_number(document.unit, at)
    document.save()
    place_in_columns([document])
    _register(document, document.edition, SITE, by, at)
    together = [one for one in policy.interpretations_of(document) if one.stage == Stage.CLEARED]
    report(
        document, facts.PUBLISHED, by, at, edition=document.edition.serial, channel=SITE,
        interpreted=bool(together), **traits(document),
    )  # fmt: skip
    for one in together:
        publish(one, by=by, at=at)
    if document.sort == Sort.INTERPRETATION and (target := policy.interpreted_by(document)):
        report(target, facts.INTERPRETATION_PUBLISHED, by, at, form=document.form or "文字")
        rendered(target, at)
    index([document])
    rendered(document, at)
    return document


@transaction.atomic
def schedule(document: Document, *, by: Actor, at: datetime, on: datetime) -> Document:
    """Publish a cleared text at a later instant; the clock of the desk does it."""
    document = Document.objects.locked(document)
    policy.may_schedule(by, document).enforce()
    if on <= at:
        raise Refused("定时发布的时间已经过去", remedy="请选择以后的时间，或直接发布。")
    document.publish_after = on
    document.save(update_fields=["publish_after"])
    report(document, facts.SCHEDULED, by, at, on=on.isoformat())
    return document


def publish_due(now: datetime, limit: int = 50) -> int:
    """Publish what was scheduled for by now; how many went out. What may no longer go out stays, with the reason in its story."""
    due = Document.objects.filter(stage=Stage.CLEARED, publish_after__lte=now).order_by("publish_after")
    count = 0
    for document in due.select_related("place")[:limit]:
        try:
            publish(document, by=Actor.system(document.place), at=now)
            count += 1
        except Refused as refused:
            Document.objects.filter(pk=document.pk).update(publish_after=None)
            report(document, facts.SCHEDULE_FAILED, Actor.system(document.place), now, reason=refused.reason)
    return count


@transaction.atomic
def revise(document: Document, *, by: Actor, at: datetime) -> Document:
    """Put the new, reviewed edition of a published document in the place of the old one, which stays in the record."""
    document = Document.objects.locked(document)
    policy.may_revise(by, document).enforce()
    edition = document.edition
    if edition is None or edition.released_at is not None:
        raise Refused("没有等待发布的新版", remedy="请先修改正文并写变更说明。")
    asks.gates(document.place_id, "document.publish", policy.case_of(document)).enforce()
    document.changed_at = at
    document.save(update_fields=["changed_at"])
    _register(document, edition, SITE, by, at)
    report(document, facts.REVISED, by, at, edition=edition.serial, major=edition.is_major, note=edition.note)
    index([document])
    rendered(document, at)
    return document


@transaction.atomic
def correct(document: Document, *, by: Actor, at: datetime, title: str, html: str, reason: str) -> Document:
    """Put a slip right at once, with a note that readers see; what it said before stays in the record."""
    document = Document.objects.locked(document)
    policy.may_withdraw(by, document).enforce()
    need(reason, "没有写更正理由", "请写明更正了什么、为什么，读者会看到。")
    document.title = need(title, "没有标题", "请写标题。")[:200]
    document.changed_at = at
    document.save(update_fields=["title", "changed_at"])
    edition = new_edition(document, html, by=by, at=at, note=f"更正：{reason.strip()}", is_major=False)
    _register(document, edition, SITE, by, at)
    report(document, facts.CORRECTED, by, at, reason=screen.mask(reason)[:300], edition=edition.serial)
    index([document])
    rendered(document, at)
    return document


@transaction.atomic
def withdraw(
    document: Document,
    *,
    by: Actor,
    at: datetime,
    kind: str,
    notice: str,
    reason: str,
    ordered_by: str = "",
    replacement: Document | None = None,
) -> Withdrawal:
    """Take a document from the site at once everywhere; a notice says why, and where to look instead."""
    document = Document.objects.locked(document)
    policy.may_withdraw(by, document).enforce()
    row = Withdrawal.objects.create(
        document=document, kind=kind, ordered_by=ordered_by[:64], replacement=replacement, by=by.staff, at=at,
        notice=need(notice, "没有写对外说明", "请写一句读者能看懂的话。")[:300],
        reason=need(reason, "没有写撤回理由", "请写明为什么撤回，内部留档。")[:300],
    )  # fmt: skip
    document.move_to(Stage.WITHDRAWN)
    document.withdrawn_at = at
    document.save(update_fields=["stage", "withdrawn_at"])
    if ordered_by:
        report(
            document,
            facts.CORRECTION_ORDERED,
            by,
            at,
            reason=screen.mask(reason)[:300],
            party=ordered_by[:64],
        )
    report(document, facts.WITHDRAWN, by, at, ground=kind, reason=screen.mask(reason)[:300])
    if replacement is not None:
        ledger.link(Link.Kind.REPLACES, replacement.matter, document.matter)
        rendered(replacement, at)
    index([document])
    rendered(document, at, at_once=True)
    return row


@transaction.atomic
def order_correction(document: Document, *, by: Actor, at: datetime, reason: str) -> Document:
    """Order the unit to put a wrongful disclosure right by a time that its place has set."""
    document = Document.objects.locked(document)
    policy.may_order_correction(by, document).enforce()
    need(reason, "没有写责令改正的理由", "请写明哪里不应当公开。")
    report(
        document, facts.CORRECTION_ORDERED, by, at, reason=screen.mask(reason)[:300], unit=document.unit.code
    )
    return document


@transaction.atomic
def register_release(
    document: Document, *, by: Actor, at: datetime, channel: str, address: str = ""
) -> Release:
    """Enter in the register that a published text also went out elsewhere: gazette, media, inquiry point."""
    document = Document.objects.locked(document)
    policy.may_register_release(by, document).enforce()
    assert document.edition is not None
    row = _register(document, document.edition, need(channel, "没有写渠道", "请选择渠道。"), by, at, address)
    report(document, facts.ALSO_RELEASED, by, at, channel=row.channel)
    return row


@transaction.atomic
def convert(document: Document, *, by: Actor, at: datetime, attribute: str, reason: str) -> Document:
    """Change the attribute of what was issued, e.g. open what had been withheld, with the reason."""
    document = Document.objects.locked(document)
    policy.may_reassess(by, document).enforce()
    if document.is_published:
        raise Refused("已经发布", remedy="不应公开的请撤回。")
    if attribute not in asks.values_of(document.place_id, "disclosure.attribute"):
        raise Refused(f"这里没有“{attribute}”这种公开属性", remedy="请在列出的公开属性里选一种。")
    document.attribute, document.reason = attribute, need(reason, "没有写理由", "请写明为什么转换。")[:500]
    if attribute != Attribute.PARTIAL:
        document.withheld = ""
    document.save(update_fields=["attribute", "reason", "withheld"])
    report(document, facts.CONVERTED, by, at, reason=screen.mask(reason)[:300], **traits(document))
    return document


@transaction.atomic
def place(document: Document, *, by: Actor, at: datetime, columns: Iterable[Column]) -> Document:
    """Say in which columns of the site a text stands: those of its kind by themselves, others by a person's choice."""
    document = Document.objects.locked(document)
    policy.may_place(by, document).enforce()
    chosen = [column for column in columns if column.place_id == document.place_id]
    document.columns.set(chosen)
    report(document, facts.PLACED, by, at, columns="、".join(column.name for column in chosen))
    rendered(document, at)
    return document


@transaction.atomic
def relate(document: Document, *, by: Actor, at: datetime, other: Document, kind: str) -> Link:
    """Tie two documents: this one replaces, amends or repeals the other; the other's validity follows."""
    policy.may_edit(by, document).enforce()
    fact = report(
        document, facts.RELATED, by, at, other=other.number or other.code, kind=Link.Kind(kind).label
    )
    row = ledger.link(Link.Kind(kind), document.matter, other.matter, fact)
    rendered(document, at)
    rendered(other, at)
    return row


def remember_address(document: Document, path: str) -> None:
    """Keep an address the document once had; it leads here for good."""
    Address.objects.get_or_create(place=document.place, path=path[:300], defaults={"document": document})


def place_in_columns(documents: Sequence[Document]) -> None:
    """Put texts into the columns of their kind, and what is of a key area into that column, too (双栏目)."""
    columns = {place: list(Column.objects.filter(place=place)) for place in {d.place_id for d in documents}}
    through = Document.columns.through
    through.objects.bulk_create(
        [
            through(document_id=document.pk, column_id=column.pk)
            for document in documents
            for column in columns[document.place_id]
            if _belongs(document, column)
        ],
        ignore_conflicts=True,
    )


def _belongs(document: Document, column: Column) -> bool:
    kinds: set[str] = {str(COLUMN_OF.get(Sort(document.sort), ""))}
    if document.is_policy or document.is_normative:
        kinds.add(Column.Kind.POLICY)
    if document.statutory or document.sort == Sort.OFFICIAL:
        kinds.add(Column.Kind.STATUTORY)
    is_of_area = column.kind == Column.Kind.KEY_AREA and column.name == document.key_area
    return column.kind in kinds or is_of_area


COLUMN_OF = {Sort.INTERPRETATION: Column.Kind.INTERPRETATION, Sort.INFORMATION: Column.Kind.NEWS}


def _register(
    document: Document, edition: Edition, channel: str, by: Actor, at: datetime, address: str = ""
) -> Release:
    if edition.released_at is None:
        edition.released_at = at
        edition.save(update_fields=["released_at"])
    sheet = Sheet.objects.filter(matter=document.matter, subject=policy.RELEASE).order_by("-id").first()
    names = (
        sheet.signatures.exclude(by=None).order_by("order").values_list("by__name", flat=True)
        if sheet
        else ()
    )
    return Release.objects.create(
        document=document, edition=edition, unit=document.unit, reviewer="、".join(dict.fromkeys(names))[:64],
        publisher=by.staff, at=at, channel=channel[:32], digest=edition.digest, address=address[:300],
    )  # fmt: skip
