"""The verbs of a review: submit, sign, return, recall, go ahead in an emergency, make up for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from gongkai.ledger import actions as ledger
from gongkai.ledger import asks
from gongkai.ledger.models import Matter
from gongkai.people.actor import Actor, stood_in_for
from gongkai.people.models import Unit
from gongkai.reviews import facts, policy, roles
from gongkai.reviews.models import Sheet, Signature
from gongkai.reviews.subjects import SUBJECTS
from gongkai.text import screen
from gongkai.ui.refusal import Refused


@transaction.atomic
def submit(
    matter: Matter,
    subject: str,
    *,
    unit: Unit,
    title: str,
    text: str,
    case: Mapping[str, Any],
    by: Actor,
    at: datetime,
    points: Sequence[Sequence[str]] = (),
) -> Sheet:
    """Put a thing under review along the chain of its place. The author's own step is signed by submitting.

    `case` is what the steps' conditions read; `points` are (label, value) pairs shown above the text.
    Raises Refused where no rule says who signs, or while it is under review already.
    """
    chain = asks.chain(matter.place_id, subject, case)
    if chain is None or not chain.steps:
        raise Refused("没有规定这种文稿由谁审签", remedy="请由规则维护人员在规则包里补上审签规则。")
    if Sheet.objects.running().filter(matter=matter, subject=subject).exists():
        raise Refused("正在审签，不能重复送审", remedy="要修改请先撤回。")
    assert by.staff is not None
    sheet = Sheet.objects.create(
        matter=matter, subject=subject, chain=chain.id, cite=chain.cite, title=title[:200], unit=unit, author=by.staff,
        text=text, points=[list(point) for point in points], different_persons=chain.different_persons,
        may_override=chain.may_override, submitted_at=at,
    )  # fmt: skip
    steps = Signature.objects.bulk_create(
        Signature(sheet=sheet, order=order, says=says, role=role, power=roles.power_of(role),
                  unit=roles.unit_of(role, unit, timezone.localdate(at)))
        for order, (says, role) in enumerate(chain.steps, 1)
    )  # fmt: skip
    _report(sheet, facts.SUBMITTED, by, at, subject=subject, chain=chain.id, steps=len(steps))
    if steps[0].role == roles.AUTHOR:
        _decide(sheet, steps[0], Signature.Decision.AGREED, "送审", by, at)
    _advance(sheet, by, at)
    return sheet


@transaction.atomic
def sign(sheet: Sheet, *, by: Actor, at: datetime, words: str = "") -> Sheet:
    """Agree at the present step; the last signature passes the sheet, and its room does what follows."""
    sheet = Sheet.objects.locked(sheet)
    step = policy.current(sheet)
    policy.may_sign(by, sheet, step).enforce()
    assert step is not None
    _decide(sheet, step, Signature.Decision.AGREED, words, by, at)
    _advance(sheet, by, at)
    return sheet


def sign_all(sheets: Iterable[Sheet], *, by: Actor, at: datetime, words: str = "") -> list[tuple[Sheet, str]]:
    """Agree to many sheets, each in its own transaction; those that were refused, with the reason."""
    refused = []
    for sheet in sheets:
        try:
            sign(sheet, by=by, at=at, words=words)
        except Refused as error:
            refused.append((sheet, error.reason))
    return refused


@transaction.atomic
def return_(sheet: Sheet, *, by: Actor, at: datetime, words: str, ground: str = "") -> Sheet:
    """Send the thing back to its author, with what to change, on a ground of the place's list if it has one."""
    sheet = Sheet.objects.locked(sheet)
    step = policy.current(sheet)
    policy.may_decide(by, sheet, step).enforce()
    assert step is not None
    if not words.strip():
        raise Refused("退回要写明理由", remedy="请写清楚要改什么，拟稿人会看到。")
    if ground and ground not in (grounds := return_grounds(sheet)):
        raise Refused("没有这种退文情形", remedy=f"可选：{'、'.join(grounds)}。")
    words = f"{ground}：{words}" if ground else words
    _decide(sheet, step, Signature.Decision.RETURNED, words, by, at)
    _end(sheet, Sheet.State.RETURNED, at)
    SUBJECTS[sheet.subject].returned(sheet, by, at, ground)
    return sheet


def return_grounds(sheet: Sheet) -> tuple[str, ...]:
    """On which grounds the place lets a thing be sent back (退文情形); none where its rules name none."""
    return asks.values_of(sheet.matter.place_id, "document.return_ground")


@transaction.atomic
def recall(sheet: Sheet, *, by: Actor, at: datetime) -> Sheet:
    """The author takes the thing back before all have signed."""
    sheet = Sheet.objects.locked(sheet)
    policy.may_recall(by, sheet).enforce()
    sheet.signatures.current().update(is_current=False)
    _end(sheet, Sheet.State.RECALLED, at)
    _report(sheet, facts.RECALLED, by, at)
    SUBJECTS[sheet.subject].returned(sheet, by, at, "")
    return sheet


@transaction.atomic
def override(sheet: Sheet, *, by: Actor, at: datetime, reason: str) -> Sheet:
    """Go ahead in an emergency without the signatures still missing; a second person makes up for them afterwards."""
    sheet = Sheet.objects.locked(sheet)
    policy.may_override(by, sheet).enforce()
    if not reason.strip():
        raise Refused("紧急先发要写明理由", remedy="请写明为什么来不及逐级审签。")
    skipped = sheet.signatures.filter(decision="")
    names = "、".join(skipped.values_list("says", flat=True))
    skipped.update(decision=Signature.Decision.SKIPPED, decided_at=at, is_current=False)
    sheet.override_reason, sheet.overridden_by = reason.strip()[:300], by.staff
    _end(sheet, Sheet.State.OVERRIDDEN, at)
    _report(
        sheet,
        facts.OVERRIDDEN,
        by,
        at,
        subject=sheet.subject,
        reason=screen.mask(reason)[:300],
        skipped=names,
    )
    SUBJECTS[sheet.subject].passed(sheet, by, at)
    return sheet


@transaction.atomic
def approve_override(sheet: Sheet, *, by: Actor, at: datetime) -> Sheet:
    """A second person signs for what was skipped in the emergency."""
    sheet = Sheet.objects.locked(sheet)
    policy.may_approve_override(by, sheet).enforce()
    sheet.approved_by, sheet.approved_at = by.staff, at
    sheet.save(update_fields=["approved_by", "approved_at"])
    _report(sheet, facts.OVERRIDE_APPROVED, by, at)
    return sheet


# ---- one step further --------------------------------------------------------------------------------------------


def _decide(sheet: Sheet, step: Signature, decision: str, words: str, by: Actor, at: datetime) -> None:
    step.decision, step.words, step.by, step.decided_at = decision, words.strip()[:500], by.staff, at
    step.is_current, step.stood_in = False, stood_in_for(by, step.power, step.unit_id, timezone.localdate(at))
    step.save()
    common = {"step": step.order, "unit": step.unit.code}
    if decision == Signature.Decision.AGREED:
        extra = {"stood_in": step.stood_in} if step.stood_in else {}
        _report(sheet, facts.SIGNED, by, at, name=step.says, **common, **extra)
    else:
        _report(sheet, facts.RETURNED, by, at, reason=screen.mask(words)[:300], **common)


def _advance(sheet: Sheet, by: Actor, at: datetime) -> None:
    """Wait for the next step; with none left the sheet has passed."""
    step = sheet.signatures.filter(decision="").select_related("unit").first()
    if step is not None:
        step.is_current, step.awaited_at = True, at
        step.save(update_fields=["is_current", "awaited_at"])
        _report(sheet, facts.AWAITED, by, at, step=step.order, party=step.unit.code, name=step.says)
        return
    _end(sheet, Sheet.State.PASSED, at)
    _report(sheet, facts.PASSED, by, at, subject=sheet.subject)
    SUBJECTS[sheet.subject].passed(sheet, by, at)


def _end(sheet: Sheet, state: Sheet.State, at: datetime) -> None:
    sheet.state, sheet.ended_at = state, at
    sheet.save(update_fields=["state", "ended_at", "override_reason", "overridden_by"])


def _report(sheet: Sheet, kind: Any, by: Actor, at: datetime, **details: Any) -> None:
    ledger.record(kind, matter=sheet.matter, by=by, at=at, details={"sheet": sheet.pk} | details)
