"""Who may see and do what with a document. Every door asks here: list, page, act, export, search, file, import."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from gongkai.documents.models import OPEN, Attribute, Confirmation, Document, DocumentQuerySet, Sort, Stage
from gongkai.ledger import asks
from gongkai.ledger.models import Fact, Link
from gongkai.people.actor import Actor
from gongkai.people.models import Duty, Power, Responsibility, Unit
from gongkai.reviews.models import Sheet, Signature
from gongkai.ui.refusal import Verdict

yes, no = Verdict.yes, Verdict.no

ONLY_UNIT = "只有起草单位的拟稿人可以这样做"
ONLY_OPENNESS = "只有本单位公开机构可以这样做"
ONLY_PUBLISHER = "只有发布人员可以这样做"
WRITERS = (Power.DRAFT, Power.REVIEW, Power.OPENNESS, Power.SECRECY, Power.APPROVE, Power.HEAD)
PORTAL_MANAGERS = (Duty.BIG_DATA, Duty.OPENNESS)
RELEASE, ISSUE, INTERPRETATION = "release", "document", "interpretation"


def visible_to(actor: Actor) -> DocumentQuerySet:
    """What is published; what one's unit writes, signs or is asked about; all of the place for who oversees it."""
    documents = Document.objects.filter(place=actor.place)
    if any(actor.may(power) for power in (Power.OVERSEE, Power.LEAD, Power.AUDIT)):
        return documents
    mine = actor.units(*WRITERS)
    asked = Confirmation.objects.filter(document=OuterRef("pk")).filter(
        Q(unit__in=actor.all_units) | Q(arbiter__in=actor.all_units)
    )
    signs = Signature.objects.filter(sheet__matter=OuterRef("matter"), unit__in=actor.all_units)
    seen = Q(stage=Stage.PUBLISHED) | Q(unit__in=mine) | Q(issuer__in=mine) | Exists(asked) | Exists(signs)
    if publishing := publishing_units(actor):
        ready = Q(stage__in=[Stage.ISSUED, Stage.CLEARING, Stage.CLEARED, Stage.WITHDRAWN])
        seen |= ready if publishing is ALL else ready & Q(unit__in=publishing)
    return documents.filter(seen)


def those_opened(actor: Actor, documents: Iterable[Document]) -> set[Document]:
    """Those of some documents that a person may open. One query, none for no documents."""
    by_key = {one.pk: one for one in documents}
    opened = visible_to(actor).filter(pk__in=by_key).values_list("pk", flat=True) if by_key else ()
    return {by_key[pk] for pk in opened}


ALL: frozenset[int] = frozenset({-1})


def publishing_units(actor: Actor) -> frozenset[int]:
    """Units for which a person publishes: ALL for those of the portal's managing unit, else their own."""
    units = actor.units(Power.PUBLISH)
    if units and Responsibility.objects.filter(unit__in=units, duty__in=PORTAL_MANAGERS).exists():
        return ALL
    return units


def is_publisher(actor: Actor, document: Document) -> bool:
    units = publishing_units(actor)
    return units is ALL or document.unit_id in units


def is_writer(actor: Actor, document: Document) -> bool:
    return actor.may(Power.DRAFT, document.unit_id)


def is_openness(actor: Actor, document: Document) -> bool:
    return actor.may(Power.OPENNESS, document.unit_id) or actor.may(Power.OVERSEE)


def sees_catalogues(actor: Actor) -> bool:
    """Who looks at the catalogues of every unit."""
    return any(actor.may(power) for power in (Power.OVERSEE, Power.LEAD, Power.AUDIT))


def seen_units(actor: Actor) -> QuerySet[Unit]:
    """Units whose negative list, withheld catalogue and self-check a person sees: all, or those they work in."""
    here = Unit.objects.filter(place=actor.place).bodies(actor.on)
    return here if sees_catalogues(actor) else here.filter(pk__in=actor.all_units)


def kept_units(actor: Actor) -> QuerySet[Unit]:
    """Units whose catalogue and services a person writes."""
    here = seen_units(actor)
    return here if actor.may(Power.OVERSEE) else here.filter(pk__in=actor.units(Power.OPENNESS))


# ---- what the packs read of a document -------------------------------------------------------------------------


def traits(document: Document) -> dict[str, Any]:
    """What conditions of packs name of a document. Facts that open clocks carry these, too."""
    return {
        "sort": document.sort,
        "genre": document.genre,
        "policy": document.is_policy,
        "normative": document.is_normative,
        "rule": document.is_rule,
        "important": document.is_important,
        "time_critical": document.is_time_critical,
        "activity": document.is_activity,
        "key_area": document.key_area,
        "attribute": document.attribute,
        "for_government": document.issuer_id != document.unit_id,
        "origin": "获取" if document.was_obtained else "制作",
    }


def case_of(document: Document) -> dict[str, Any]:
    """Everything the gates read: traits, and how far the document has come."""
    edition = document.edition.serial if document.edition else 0
    confirmations = list(document.confirmations.all()) if document.pk else []
    interpretations = interpretations_of(document)
    return traits(document) | {
        "reason": document.reason,
        "withheld_part": document.withheld,
        "ground": document.ground,
        "exception": document.third_party_agrees or document.public_interest,
        "prereviewed": document.prereview_agrees is True,
        "signed": document.signed_at is not None,
        "secrecy_cleared": document.secrecy == "可以公开" and document.secrecy_edition == edition,
        "release_signed": release_stands(document),
        "confirmed": all(one.is_settled for one in confirmations),
        "interpretation": bool(document.plan) or bool(interpretations),
        "risk_assessed": document.pk is not None and has_assessed_risk(document),
        "interpretation_ready": any(one.stage in (Stage.CLEARED, Stage.PUBLISHED) for one in interpretations),
    }


def has_assessed_risk(document: Document) -> bool:
    """Whether an assessment of the risk to public opinion about this document has been approved."""
    return Fact.objects.filter(matter=document.matter_id, kind="risk.approved").exists()


def interpretations_of(document: Document) -> list[Document]:
    """The texts that explain a document."""
    if not document.pk:
        return []
    sources = Link.objects.filter(kind=Link.Kind.INTERPRETS, target=document.matter_id).values("source")
    return list(Document.objects.filter(matter__in=sources).select_related("matter", "unit"))


def interpreted_by(document: Document) -> Document | None:
    """The document that an interpretation explains."""
    target = Link.objects.filter(kind=Link.Kind.INTERPRETS, source=document.matter_id).values("target")
    return Document.objects.filter(matter__in=target).select_related("matter", "unit").first()


def release_stands(document: Document) -> bool:
    """Whether the release of the present edition has been signed, or was taken the emergency way."""
    sheet = Sheet.objects.filter(matter=document.matter_id, subject=RELEASE).order_by("-id").first()
    return sheet is not None and sheet.stands and bool(document.edition) and sheet.text == document.text


OPENNESS = "document.openness"  # the list of 五公开
CHECKS = {
    "attribute_chosen": "attribute",
    "attribute_signed": "signed",
    "withheld_reason_given": "reason",
    "withheld_part_described": "withheld_part",
    "withholding_excepted": "exception",
    "prereviewed_by_openness": "prereviewed",
    "interpretation_attached": "interpretation",
    "interpretation_ready": "interpretation_ready",
    "secrecy_cleared": "secrecy_cleared",
    "release_signed": "release_signed",
    "risk_assessed": "risk_assessed",
    "confirmed_by_others": "confirmed",
}

asks.provide(CHECKS)


# ---- may ---------------------------------------------------------------------------------------------------------


def may_draft(actor: Actor, unit: int | None = None) -> Verdict:
    return yes() if actor.is_system or actor.may(Power.DRAFT, unit) else no(ONLY_UNIT)


def may_edit(actor: Actor, document: Document) -> Verdict:
    if not is_writer(actor, document):
        return no(ONLY_UNIT)
    if document.stage == Stage.DRAFT:
        return yes()
    if document.stage == Stage.PUBLISHED or (
        document.sort == Sort.OFFICIAL and document.stage in (Stage.ISSUED, Stage.WITHDRAWN)
    ):
        return yes()
    return no(f"这份文稿{document.get_stage_display()}，退回后才能修改")


def may_propose(actor: Actor, document: Document) -> Verdict:
    if not is_writer(actor, document):
        return no(ONLY_UNIT)
    return yes() if document.stage == Stage.DRAFT else no("报批之后不能再改公开属性，请先撤回或由审签人退回")


def may_prereview(actor: Actor, document: Document) -> Verdict:
    """The unit's openness body looks at what is proposed as withheld, before it goes up for approval."""
    if not is_openness(actor, document):
        return no(ONLY_OPENNESS)
    if document.stage != Stage.DRAFT:
        return no("报批之后不再预审")
    if document.attribute != Attribute.WITHHELD:
        return no("只有拟不予公开的文稿需要预审")
    if actor.staff is not None and document.author_id == actor.staff.pk:
        return no("拟稿人不能预审自己的文稿")
    return yes()


def may_submit(actor: Actor, document: Document) -> Verdict:
    """Send an official document up to be signed; the packs' gates say what must be with it."""
    if not is_writer(actor, document):
        return no(ONLY_UNIT)
    if document.sort != Sort.OFFICIAL:
        return no("解读和其他信息不需要印发，请直接送发布审查")
    if document.stage != Stage.DRAFT:
        return no(f"这份文稿{document.get_stage_display()}")
    if not document.text.strip():
        return no("还没有正文", remedy="请先写正文，或上传文稿。")
    return asks.gates(document.place_id, "document.submit", case_of(document))


def may_sign(document: Document) -> Verdict:
    """What stands in the way of any signature: a package that must go back (应退文)."""
    return asks.gates(document.place_id, "document.sign", case_of(document))


def may_issue(actor: Actor, document: Document) -> Verdict:
    if not (is_writer(actor, document) or actor.may(Power.OPENNESS, document.unit_id)):
        return no(ONLY_UNIT)
    if document.stage == Stage.ISSUED:
        return no("已经印发")
    if verdict := asks.gates(document.place_id, "document.issue", case_of(document)):
        return yes() if document.stage == Stage.SIGNED else no("还没有签发")
    return verdict


def may_review_secrecy(actor: Actor, document: Document) -> Verdict:
    """One item, one review: not the author, of the unit that discloses (谁公开谁审查)."""
    if not actor.may(Power.SECRECY, document.unit_id):
        return no("只有本单位保密审查人员可以这样做")
    if document.stage in (Stage.SIGNING, Stage.SIGNED, Stage.WITHDRAWN):
        return no(f"这份文稿{document.get_stage_display()}")
    if actor.staff is not None and document.author_id == actor.staff.pk:
        return no("拟稿人不能审查自己的文稿")
    return yes()


def may_determine_secrecy(actor: Actor, document: Document) -> Verdict:
    """Decide what was referred in doubt: the secrecy office, or the superior unit."""
    if document.secrecy != "报请确定":
        return no("没有报请确定的事项")
    offices = Responsibility.objects.filter(unit__in=actor.units(Power.SECRECY), duty=Duty.SECRECY)
    superior = document.unit.superior_id
    if offices.exists() or (superior is not None and actor.may(Power.SECRECY, superior)):
        return yes()
    return no("由保密部门或上级主管部门确定")


def may_ask_confirmation(actor: Actor, document: Document) -> Verdict:
    if not (is_writer(actor, document) or actor.may(Power.OPENNESS, document.unit_id)):
        return no(ONLY_UNIT)
    if document.stage in (Stage.PUBLISHED, Stage.WITHDRAWN):
        return no("发布前才需要确认")
    return yes()


def may_confirm(actor: Actor, confirmation: Confirmation) -> Verdict:
    if not any(
        actor.may(power, confirmation.unit_id) for power in (Power.OPENNESS, Power.APPROVE, Power.HEAD)
    ):
        return no("只有被请求确认的单位可以答复")
    return yes() if confirmation.settled_at is None else no("主管单位已经作出协调结论")


def may_refer_disagreement(actor: Actor, confirmation: Confirmation) -> Verdict:
    verdict = may_ask_confirmation(actor, confirmation.document)
    if not verdict:
        return verdict
    return yes() if confirmation.agrees is False else no("对方没有提出不同意见")


def may_settle_disagreement(actor: Actor, confirmation: Confirmation) -> Verdict:
    if confirmation.arbiter_id is None or confirmation.settled_at:
        return no("没有等待协调的分歧")
    powers = (Power.OPENNESS, Power.APPROVE, Power.HEAD)
    if any(actor.may(power, confirmation.arbiter_id) for power in powers):
        return yes()
    return no("由共同的主管单位协调")


def may_clear(actor: Actor, document: Document) -> Verdict:
    """Send a text to be reviewed for release."""
    if not (is_writer(actor, document) or is_publisher(actor, document)):
        return no(ONLY_UNIT)
    if not document.text.strip():
        return no("还没有正文", remedy="请先写正文，或上传文稿。")
    if document.attribute not in OPEN:
        return no(f"公开属性是“{document.attribute or '未定'}”，不能发布", remedy="要公开请先转换公开属性。")
    if document.sort == Sort.OFFICIAL:
        return yes() if document.stage in (Stage.ISSUED, Stage.WITHDRAWN) else no("公文印发之后才能发布")
    return (
        yes()
        if document.stage in (Stage.DRAFT, Stage.WITHDRAWN)
        else no(f"这份文稿{document.get_stage_display()}")
    )


def may_publish(actor: Actor, document: Document) -> Verdict:
    """Put the text on the site: reviewed, cleared for secrecy, confirmed, its interpretation with it."""
    if not (actor.is_system or is_publisher(actor, document)):
        return no(ONLY_PUBLISHER)
    if document.stage not in (Stage.CLEARED, Stage.CLEARING):
        return no(f"这份文稿{document.get_stage_display()}，还不能发布")
    if document.attribute not in OPEN:
        return no("不公开的文稿不能发布")
    verdict = asks.gates(document.place_id, "document.publish", case_of(document))
    if verdict and document.stage != Stage.CLEARED:
        return no("发布审查还没有完成")
    return verdict


def may_schedule(actor: Actor, document: Document) -> Verdict:
    if not is_publisher(actor, document):
        return no(ONLY_PUBLISHER)
    return yes() if document.stage == Stage.CLEARED else no("审查完成后才能定时发布")


def may_revise(actor: Actor, document: Document) -> Verdict:
    """Release a changed text of what is published already: the change has been cleared like the first text."""
    if not is_publisher(actor, document):
        return no(ONLY_PUBLISHER)
    return yes() if document.stage == Stage.PUBLISHED else no("还没有发布")


def may_withdraw(actor: Actor, document: Document) -> Verdict:
    if not (is_publisher(actor, document) or actor.may(Power.OVERSEE)):
        return no(ONLY_PUBLISHER)
    return yes() if document.stage == Stage.PUBLISHED else no("没有发布，不用撤回")


def may_place(actor: Actor, document: Document) -> Verdict:
    """Choose the columns a text stands in, before its release or after."""
    if not (is_publisher(actor, document) or is_openness(actor, document)):
        return no(ONLY_PUBLISHER)
    return yes() if document.attribute in OPEN else no("不公开的文稿不放入栏目")


def may_tie_services(actor: Actor, document: Document) -> Verdict:
    """Say which services a document belongs to: who writes, publishes or discloses it."""
    if not (is_writer(actor, document) or is_publisher(actor, document) or is_openness(actor, document)):
        return no(ONLY_UNIT)
    return yes() if document.attribute in OPEN else no("不公开的文稿不关联服务事项")


def may_register_release(actor: Actor, document: Document) -> Verdict:
    """Enter another channel on which a published text went out: gazette, media, inquiry point."""
    if not (is_publisher(actor, document) or is_openness(actor, document)):
        return no(ONLY_PUBLISHER)
    return yes() if document.stage == Stage.PUBLISHED else no("先在网站发布，再登记其他渠道")


def may_order_correction(actor: Actor, document: Document) -> Verdict:
    """Order a unit to put a wrongful disclosure right: who oversees the place."""
    return yes() if actor.may(Power.OVERSEE) else no("只有政务公开主管部门可以责令改正")


def may_reassess(actor: Actor, document: Document) -> Verdict:
    if not is_openness(actor, document):
        return no(ONLY_OPENNESS)
    if document.issued_at is None and document.stage != Stage.DRAFT:
        return no("只对已经形成的信息自查")
    return yes()


def may_keep_catalogue(actor: Actor, unit: int | None) -> Verdict:
    """Write catalogue, negative list, guide and services of a unit."""
    if actor.may(Power.OVERSEE) or (unit is not None and actor.may(Power.OPENNESS, unit)):
        return yes()
    return no(ONLY_OPENNESS)


def may_keep_site(actor: Actor) -> Verdict:
    """Columns, topics and gazettes of the place."""
    if actor.may(Power.OVERSEE) or publishing_units(actor) is ALL:
        return yes()
    return no("只有政务公开主管部门和网站管理单位可以这样做")


def may_spot_check(actor: Actor) -> Verdict:
    return yes() if actor.may(Power.OVERSEE) else no("只有政务公开主管部门可以抽查")


def may_answer_fault(actor: Actor) -> Verdict:
    return yes() if may_keep_site(actor) else no("只有网站管理单位可以处理找错")


def may_import(actor: Actor) -> Verdict:
    return yes() if actor.is_system or may_keep_site(actor) else no("只有网站管理单位可以批量导入")


def may_export(actor: Actor) -> Verdict:
    return yes() if actor.powers else no("没有可以导出的内容")
