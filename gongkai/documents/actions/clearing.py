"""Before anything goes out: secrecy one item at a time, the agreement of other units, the review of the release."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from gongkai.documents import facts, policy, sensitive
from gongkai.documents.actions.report import need, report
from gongkai.documents.models import Confirmation, Document, Stage
from gongkai.people.actor import Actor
from gongkai.people.models import Duty, Unit, unit_answering_for
from gongkai.reviews import actions as reviews
from gongkai.reviews.models import Sheet
from gongkai.text import screen
from gongkai.ui.refusal import Refused

MAY_GO_OUT = "可以公开"
MUST_NOT = "不得公开"
IN_DOUBT = "报请确定"


@transaction.atomic
def review_secrecy(document: Document, *, by: Actor, at: datetime, outcome: str, words: str = "") -> Document:
    """Review the present text for secrets, this one item. In doubt it goes to the secrecy office or the superior."""
    document = Document.objects.locked(document)
    policy.may_review_secrecy(by, document).enforce()
    if outcome not in (MAY_GO_OUT, MUST_NOT, IN_DOUBT):
        raise Refused("没有选保密审查结论", remedy=f"请选“{MAY_GO_OUT}”“{MUST_NOT}”或“{IN_DOUBT}”。")
    edition = document.edition.serial if document.edition else 1
    document.secrecy, document.secrecy_edition = outcome, edition
    document.save(update_fields=["secrecy", "secrecy_edition"])
    report(
        document,
        facts.SECRECY_REVIEWED,
        by,
        at,
        outcome=outcome,
        edition=edition,
        words=screen.mask(words)[:300],
    )
    if outcome == IN_DOUBT:
        office = (
            unit_answering_for(document.place, Duty.SECRECY, timezone.localdate(at)) or document.unit.superior
        )
        if office is None:
            raise Refused("没有可以报请的保密部门", remedy="请先在单位里标明谁是保密部门。")
        report(document, facts.SECRECY_REFERRED, by, at, party=office.code)
    return document


@transaction.atomic
def determine_secrecy(document: Document, *, by: Actor, at: datetime, outcome: str) -> Document:
    """The secrecy office or the superior unit decides what was referred in doubt."""
    document = Document.objects.locked(document)
    policy.may_determine_secrecy(by, document).enforce()
    if outcome not in (MAY_GO_OUT, MUST_NOT):
        raise Refused("没有选结论", remedy=f"请选“{MAY_GO_OUT}”或“{MUST_NOT}”。")
    document.secrecy = outcome
    document.save(update_fields=["secrecy"])
    unit = Unit.objects.filter(pk=by.home or 0).first()
    report(document, facts.SECRECY_DETERMINED, by, at, party=unit.code if unit else "", outcome=outcome)
    return document


@transaction.atomic
def ask_confirmation(
    document: Document, units: Iterable[Unit], *, by: Actor, at: datetime, question: str
) -> list[Confirmation]:
    """Ask other units named in a document to confirm it before release; each gets a clock of its own."""
    document = Document.objects.locked(document)
    policy.may_ask_confirmation(by, document).enforce()
    asked = []
    for unit in units:
        if unit.pk == document.unit_id:
            raise Refused("不能请本单位确认", remedy="请选择文中涉及的其他单位。")
        row, made = Confirmation.objects.get_or_create(
            document=document, unit=unit, defaults={"question": question.strip()[:300], "asked_at": at}
        )
        if made:
            report(document, facts.CONFIRMATION_ASKED, by, at, party=unit.code)
            asked.append(row)
    return asked


@transaction.atomic
def confirm(
    confirmation: Confirmation, *, by: Actor, at: datetime, agrees: bool, words: str = ""
) -> Confirmation:
    """The unit that was asked agrees, or says what is wrong."""
    confirmation = _locked(confirmation)
    policy.may_confirm(by, confirmation).enforce()
    if not agrees:
        need(words, "不同意要写明意见", "请写清楚哪里不一致、应当怎样写。")
    confirmation.agrees, confirmation.words = agrees, words.strip()[:500]
    confirmation.answered_by, confirmation.answered_at = by.staff, at
    confirmation.save()
    report(confirmation.document, facts.CONFIRMED, by, at, party=confirmation.unit.code, agrees=agrees)
    return confirmation


@transaction.atomic
def refer_disagreement(
    confirmation: Confirmation, *, by: Actor, at: datetime, arbiter: Unit | None = None
) -> Confirmation:
    """Take a disagreement to the common superior; without one in the unit tree, to the openness office."""
    confirmation = _locked(confirmation)
    policy.may_refer_disagreement(by, confirmation).enforce()
    document = confirmation.document
    found = arbiter or common_superior(document.unit, confirmation.unit)
    found = found or unit_answering_for(document.place, Duty.OPENNESS, timezone.localdate(at))
    if found is None:
        raise Refused("没有找到共同的主管单位", remedy="请选择由哪个单位协调。")
    confirmation.arbiter = found
    confirmation.save(update_fields=["arbiter"])
    report(document, facts.DISAGREEMENT_REFERRED, by, at, party=found.code)
    return confirmation


def common_superior(one: Unit, other: Unit) -> Unit | None:
    """The nearest unit above both."""
    above = set()
    step = one.superior
    while step is not None:
        above.add(step.pk)
        step = step.superior
    step = other.superior
    while step is not None and step.pk not in above:
        step = step.superior
    return step


@transaction.atomic
def settle_disagreement(confirmation: Confirmation, *, by: Actor, at: datetime, words: str) -> Confirmation:
    """The superior says what is to be published."""
    confirmation = _locked(confirmation)
    policy.may_settle_disagreement(by, confirmation).enforce()
    confirmation.settled = need(words, "没有写协调结论", "请写明最后怎样发布。")[:500]
    confirmation.settled_at = at
    confirmation.save(update_fields=["settled", "settled_at"])
    assert confirmation.arbiter is not None
    report(confirmation.document, facts.DISAGREEMENT_SETTLED, by, at, party=confirmation.arbiter.code,
           outcome=screen.mask(words)[:300])  # fmt: skip
    return confirmation


def _locked(confirmation: Confirmation) -> Confirmation:
    return (
        Confirmation.objects.select_for_update(of=("self",))
        .select_related("document__matter", "document__unit", "document__place", "unit", "arbiter")
        .get(pk=confirmation.pk)
    )


@transaction.atomic
def clear(document: Document, *, by: Actor, at: datetime) -> Sheet:
    """Send the present text to be reviewed for release (三审), or, of a published one, its new edition."""
    document = Document.objects.locked(document)
    policy.may_clear(by, document).enforce()
    document.move_to(Stage.CLEARING)
    document.save(update_fields=["stage"])
    return reviews.submit(
        document.matter, policy.RELEASE, unit=document.unit, title=document.title, text=document.text,
        case=policy.traits(document), by=by, at=at, points=_points(document),
    )  # fmt: skip


@transaction.atomic
def clear_change(document: Document, *, by: Actor, at: datetime) -> Sheet:
    """Send the new edition of a published document to be reviewed, while the old one stays readable."""
    document = Document.objects.locked(document)
    policy.may_edit(by, document).enforce()
    if not document.is_published or document.edition is None or document.edition.released_at:
        raise Refused("没有等待发布的新版", remedy="请先修改正文并写变更说明。")
    return reviews.submit(
        document.matter, policy.RELEASE, unit=document.unit, title=document.title, text=document.text,
        case=policy.traits(document), by=by, at=at,
        points=[*_points(document), ("变更说明", document.edition.note)],
    )  # fmt: skip


def _points(document: Document) -> list[tuple[str, str]]:
    points = [
        ("公开属性", document.attribute),
        ("不公开的部分", document.withheld),
        ("保密审查", document.secrecy or "还没有审查"),
        ("发文字号", document.number),
        ("责任单位", document.unit.name),
        ("内容概述", document.summary),
        ("主题词", document.keywords),
        *sensitive.find(document).as_points(),
    ]
    return [(label, value) for label, value in points if value]
