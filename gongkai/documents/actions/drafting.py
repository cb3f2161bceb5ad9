"""From the first words to the approval: draft, edit, attribute at the source, prereview, submit, return."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from gongkai.documents import facts, numbers, policy
from gongkai.documents.actions.report import PREFIX, ROOM, need, rendered, report, traits
from gongkai.documents.html import clean, digest_of
from gongkai.documents.models import Attribute, Document, Edition, Sort, Stage
from gongkai.ledger import actions as ledger
from gongkai.ledger import asks
from gongkai.ledger.models import Link
from gongkai.people.actor import Actor
from gongkai.people.models import Unit
from gongkai.reviews import actions as reviews
from gongkai.reviews.models import Sheet
from gongkai.text import screen
from gongkai.ui.refusal import Refused

KINDS = (
    "is_policy", "is_normative", "is_rule", "is_important", "is_time_critical", "is_activity", "was_obtained",
)  # fmt: skip
PLAIN = (
    "genre", "summary", "keywords", "subject", "statutory", "openness", "key_area", "source", "effective_on", "ends_on",
    "form", "plan",
)  # fmt: skip


@transaction.atomic
def draft(
    *,
    unit: Unit,
    title: str,
    by: Actor,
    at: datetime,
    html: str = "",
    sort: str = Sort.OFFICIAL,
    issuer: Unit | None = None,
    joint: tuple[Unit, ...] = (),
    formed_at: datetime | None = None,
    **fields: Any,
) -> Document:
    """Begin a document of a unit. `issuer` is in whose name it will be issued (代拟), the unit itself by default.

    `formed_at` is when information came into being, or when an activity ended; what is drafted here is formed now.
    """
    policy.may_draft(by, unit.pk).enforce()
    need(title, "没有标题", "请写标题。")
    matter = ledger.open_matter(
        ledger.numbers(PREFIX, at)[0], room=ROOM, title=title, place=unit.place, unit=unit, at=at
    )
    document = Document(
        matter=matter, place=unit.place, unit=unit, issuer=issuer or unit, author=by.staff, sort=sort,
        title=title.strip()[:200], formed_at=formed_at or at,
    )  # fmt: skip
    _fill(document, fields)
    document.save()
    document.joint.set(joint)
    new_edition(document, html, by=by, at=at, note="初稿")
    report(document, facts.DRAFTED, by, at, **traits(document))
    return document


@transaction.atomic
def interpret(
    document: Document,
    *,
    by: Actor,
    at: datetime,
    title: str,
    html: str = "",
    form: str = "文字",
    plan: str = "",
) -> Document:
    """Write the interpretation of a document: by the unit that drafted it, tied to it both ways."""
    found = draft(
        unit=document.unit, title=title, by=by, at=at, html=html, sort=Sort.INTERPRETATION, genre="其他",
        form=form, plan=plan, is_rule=document.is_rule, is_normative=document.is_normative, subject=document.subject,
    )  # fmt: skip
    ledger.link(Link.Kind.INTERPRETS, found.matter, document.matter)
    propose(found, by=by, at=at, attribute=Attribute.PROACTIVE, reason="政策解读")
    report(document, facts.INTERPRETATION_PLANNED, by, at, unit=document.unit.code, form=form)
    return found


@transaction.atomic
def plan(document: Document, *, by: Actor, at: datetime, words: str, form: str) -> Document:
    """Write down how a document will be explained, before the texts of the explanation are there."""
    document = Document.objects.locked(document)
    policy.may_edit(by, document).enforce()
    document.plan = need(words, "没有写解读方案", "请写明由谁解读、用什么形式、什么时候发布。")[:500]
    document.save(update_fields=["plan"])
    report(document, facts.INTERPRETATION_PLANNED, by, at, unit=document.unit.code, form=form)
    return document


@transaction.atomic
def edit(
    document: Document,
    *,
    by: Actor,
    at: datetime,
    title: str,
    html: str,
    note: str = "",
    is_major: bool = True,
    **fields: Any,
) -> Document:
    """Change a text. Before release the draft itself changes; after it a new edition is made, with what changed."""
    document = Document.objects.locked(document)
    policy.may_edit(by, document).enforce()
    released = document.edition is not None and document.edition.released_at is not None
    if released and not note.strip():
        raise Refused("没有写变更说明", remedy="已发布的内容修改后，读者会看到改了什么，请写一句。")
    _fill(document, fields)
    document.title = need(title, "没有标题", "请写标题。")[:200]
    document.save()
    cleaned = clean(html)
    before = document.edition
    if before is None or cleaned != before.html or _told(document) != _told(before):
        if released or before is None:
            new_edition(document, html, by=by, at=at, note=note, is_major=is_major)
        else:
            before.html, before.made_at, before.by = cleaned, at, by.staff
            before.title, before.summary, before.keywords = _told(document)
            before.digest = digest_of(document.title, cleaned)
            before.save()
        report(document, facts.EDITED, by, at, edition=document.edition.serial if document.edition else 1,
               published=document.is_published)  # fmt: skip
    if document.is_published:  # what stands beside the text is shown as it is now
        rendered(document, at)
    return document


def new_edition(
    document: Document, html: str, *, by: Actor, at: datetime, note: str = "", is_major: bool = True
) -> Edition:
    """Add an edition and make it the present one."""
    last = document.editions.order_by("-serial").values_list("serial", flat=True).first() or 0
    cleaned = clean(html)
    document.edition = Edition.objects.create(
        document=document, serial=last + 1, title=document.title, summary=document.summary, keywords=document.keywords,
        html=cleaned, note=note.strip()[:300], is_major=is_major, by=by.staff, made_at=at,
        digest=digest_of(document.title, cleaned),
    )  # fmt: skip
    document.changed_at = at
    document.save(update_fields=["edition", "changed_at"])
    return document.edition


def _told(one: Document | Edition) -> tuple[str, str, str]:
    """What is told of a text beside it."""
    return one.title, one.summary, one.keywords


def _fill(document: Document, fields: Mapping[str, Any]) -> None:
    if unknown := set(fields) - {*KINDS, *PLAIN}:
        raise TypeError(f"not a field of a draft: {sorted(unknown)}")
    for name, value in fields.items():
        setattr(document, name, value)


@transaction.atomic
def propose(
    document: Document,
    *,
    by: Actor,
    at: datetime,
    attribute: str,
    ground: str = "",
    reason: str = "",
    withheld: str = "",
    third_party_agrees: bool = False,
    public_interest: str = "",
) -> Document:
    """Say the disclosure attribute of a draft, with the reason; of a partial one what is withheld."""
    document = Document.objects.locked(document)
    policy.may_propose(by, document).enforce()
    if attribute not in asks.values_of(document.place_id, "disclosure.attribute"):
        raise Refused(f"这里没有“{attribute}”这种公开属性", remedy="请在列出的公开属性里选一种。")
    document.attribute, document.ground = attribute, ground[:32]
    document.reason, document.withheld = reason.strip()[:500], withheld.strip()
    document.third_party_agrees, document.public_interest = third_party_agrees, public_interest.strip()[:300]
    document.prereviewed_at, document.prereview_agrees = None, None
    document.save()
    report(
        document, facts.ATTRIBUTE_PROPOSED, by, at, formed_at=document.formed_at.isoformat(),
        ground=document.ground, reason=screen.mask(document.reason)[:300], **traits(document),
    )  # fmt: skip
    return document


@transaction.atomic
def prereview(document: Document, *, by: Actor, at: datetime, agrees: bool, words: str = "") -> Document:
    """The openness body of the unit agrees, or not, that a policy document be withheld."""
    document = Document.objects.locked(document)
    policy.may_prereview(by, document).enforce()
    document.prereviewed_at, document.prereview_agrees = at, agrees
    document.save(update_fields=["prereviewed_at", "prereview_agrees"])
    report(document, facts.PREREVIEWED, by, at, attribute=document.attribute, agrees=agrees,
           words=screen.mask(words)[:300])  # fmt: skip
    return document


@transaction.atomic
def submit(document: Document, *, by: Actor, at: datetime) -> Sheet:
    """Send an official document up to be signed, attribute and interpretation with it."""
    document = Document.objects.locked(document)
    policy.may_submit(by, document).enforce()
    document.move_to(Stage.SIGNING)
    document.save(update_fields=["stage"])
    return reviews.submit(
        document.matter, policy.ISSUE, unit=document.unit, title=document.title, text=document.text,
        case=policy.traits(document), by=by, at=at, points=_points(document),
    )  # fmt: skip


def _points(document: Document) -> list[tuple[str, str]]:
    points = [
        ("文种", document.get_genre_display()),
        ("发文机关", document.issuer.name),
        ("公开属性", document.attribute),
        ("理由", document.reason),
        ("不公开的部分", document.withheld),
        ("解读方案", document.plan),
        *(("解读材料", one.title) for one in policy.interpretations_of(document)),
    ]
    return [(label, value) for label, value in points if value]


@transaction.atomic
def issue(
    document: Document, *, by: Actor, at: datetime, number: str, made_on: date, index: str = ""
) -> Document:
    """Issue a signed document under its number. No attribute, no issue (公开属性未明确不得发文)."""
    document = Document.objects.locked(document)
    policy.may_issue(by, document).enforce()
    try:
        document.number = numbers.normalised(number)
    except numbers.WrongNumber as error:
        raise Refused("发文字号不对", remedy=f"{error}。") from None
    if (
        twin := Document.objects.filter(place=document.place_id, number=document.number)
        .exclude(pk=document.pk)
        .first()
    ):
        raise Refused(f"{document.number} 已经用于《{twin.title}》", remedy="请核对发文登记簿，换一个序号。")
    document.move_to(Stage.ISSUED)
    document.made_on, document.issued_at = made_on, at
    document.index_number = index or next_index_number(document.unit, at)
    document.save()
    report(
        document,
        facts.ISSUED,
        by,
        at,
        number=document.number,
        made_on=made_on.isoformat(),
        **traits(document),
    )
    return document


def next_index_numbers(documents: Iterable[Document]) -> list[tuple[Document, str]]:
    """Index numbers for documents that have none, by unit and year of their forming. Inside a transaction."""
    last: dict[tuple[str, int], int] = {}
    given = []
    for document in documents:
        unit, year = document.unit, timezone.localdate(document.formed_at).year
        key = (unit.code, year)
        if key not in last:
            last[key] = int(next_index_number(unit, document.formed_at).rpartition("-")[2]) - 1
        last[key] += 1
        given.append((document, numbers.index_number(unit.code, year, last[key])))
    return given


def next_index_number(unit: Unit, at: datetime) -> str:
    """The next index number of a unit in a year. Inside a transaction."""
    year = timezone.localdate(at).year
    prefix = f"{unit.code}/{year}-"
    last = (
        Document.objects.filter(place=unit.place_id, index_number__startswith=prefix)
        .order_by("-index_number")
        .values_list("index_number", flat=True)
        .first()
    )
    return numbers.index_number(unit.code, year, int(last.rpartition("-")[2]) + 1 if last else 1)
