"""Who may see a sheet, sign it, return it, recall it, or go ahead in an emergency. Every door asks here."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from gongkai.ledger.models import Matter
from gongkai.people.actor import Actor
from gongkai.people.models import Power
from gongkai.reviews.models import Sheet, SheetQuerySet, Signature, SignatureQuerySet
from gongkai.reviews.subjects import SUBJECTS
from gongkai.ui.refusal import Verdict

yes, no = Verdict.yes, Verdict.no

ROLES = (
    Power.DRAFT, Power.REVIEW, Power.OPENNESS, Power.SECRECY, Power.APPROVE, Power.HEAD, Power.LEGAL, Power.PUBLISH,
)  # fmt: skip


def visible_to(actor: Actor) -> SheetQuerySet:
    """Sheets of one's own unit and those one signs; all of the place for who oversees, leads or audits it."""
    sheets = Sheet.objects.filter(matter__place=actor.place)
    if any(actor.may(power) for power in (Power.OVERSEE, Power.LEAD, Power.AUDIT)):
        return sheets
    units = actor.units(*ROLES)
    signed = Signature.objects.filter(sheet=OuterRef("pk"), unit__in=units)
    return sheets.filter(Q(unit__in=units) | Exists(signed))


def beside(matter: Matter, actor: Actor) -> SheetQuerySet:
    """The sheets of a matter as its page tells of them; `may_open` says which of them this person may open."""
    seen = visible_to(actor).filter(pk=OuterRef("pk"))
    sheets = Sheet.objects.filter(matter=matter).annotate(may_open=Exists(seen))
    return sheets.prefetch_related("signatures__unit", "signatures__by")


def waiting_for(actor: Actor) -> SignatureQuerySet:
    """The signatures that wait for this person, by power and unit; not those of sheets they may not sign."""
    mine = Q(pk__in=[])
    for power, units in actor.powers.items():
        if power in ROLES:
            mine |= Q(power=power, unit__in=units)
    staff = actor.staff.pk if actor.staff else None
    signed = Signature.objects.filter(sheet=OuterRef("sheet"), by=staff).exclude(decision="")
    other = Q(sheet__different_persons=False) | (~Q(sheet__author=staff) & ~Exists(signed))
    return Signature.objects.current().filter(mine).filter(other)


def current(sheet: Sheet) -> Signature | None:
    """The step a sheet waits for."""
    return sheet.signatures.current().select_related("unit").first()


def _is_theirs(actor: Actor, step: Signature) -> bool:
    return actor.staff is not None and actor.may(step.power, step.unit_id)


def may_decide(actor: Actor, sheet: Sheet, step: Signature | None) -> Verdict:
    """Agree or return at the present step: its own people, each person once (四眼看人，不看账号角色)."""
    if not sheet.is_running or step is None:
        return no(f"这份审签单{sheet.get_state_display()}，不需要再签")
    if not _is_theirs(actor, step):
        return no(f"现在轮到{step.unit.short_name}“{step.says}”")
    if sheet.different_persons and actor.staff is not None:
        if sheet.author_id == actor.staff.pk:
            return no("送审人不能审签自己的文稿", cite=sheet.cite)
        if sheet.signatures.filter(by=actor.staff).exclude(decision="").exists():
            return no("同一个人只能签一步，请由另一位同事签批", cite=sheet.cite)
    return yes()


def may_sign(actor: Actor, sheet: Sheet, step: Signature | None) -> Verdict:
    verdict = may_decide(actor, sheet, step)
    return SUBJECTS[sheet.subject].may_sign(sheet, actor) if verdict else verdict


def may_recall(actor: Actor, sheet: Sheet) -> Verdict:
    if not sheet.is_running:
        return no(f"这份审签单{sheet.get_state_display()}")
    if actor.staff is None or sheet.author_id != actor.staff.pk:
        return no("只有送审人可以撤回")
    return yes()


def may_override(actor: Actor, sheet: Sheet) -> Verdict:
    """Go ahead in an emergency: the head of the unit, where the rule allows it; another person makes up for it."""
    if not sheet.is_running:
        return no(f"这份审签单{sheet.get_state_display()}")
    if not sheet.may_override:
        return no("这种审签不能紧急先发", cite=sheet.cite)
    if not actor.may(Power.HEAD, sheet.unit_id):
        return no("只有本单位主要领导可以决定紧急先发")
    if sheet.author_id == (actor.staff.pk if actor.staff else None):
        return no("送审人不能决定自己的文稿先发", cite=sheet.cite)
    return yes()


def may_approve_override(actor: Actor, sheet: Sheet) -> Verdict:
    """Make up for the signatures that were skipped: a second person who could have signed one of them."""
    if sheet.state != Sheet.State.OVERRIDDEN or sheet.approved_at:
        return no("没有等待补办的审签")
    if actor.staff is None or actor.staff.pk in (sheet.overridden_by_id, sheet.author_id):
        return no("补办要由另一个人签")
    skipped = sheet.signatures.filter(decision=Signature.Decision.SKIPPED)
    if not any(_is_theirs(actor, step) for step in skipped):
        return no("只有被略过的步骤的签批人可以补办")
    return yes()
