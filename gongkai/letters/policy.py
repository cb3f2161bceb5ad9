"""Who may see and do what with a letter. Every door asks here: list, page, action, export, search, file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from gongkai.files.models import Attachment
from gongkai.ledger import asks
from gongkai.letters.attachments import REPLY
from gongkai.letters.models import Draft, Export, Letter, LetterQuerySet, Stage
from gongkai.people.actor import Actor
from gongkai.people.models import Power
from gongkai.text.nature import REPORT
from gongkai.ui.refusal import Verdict

yes, no = Verdict.yes, Verdict.no

ONLY_LEAD = "只有牵头单位的分办人员可以这样做"
ONLY_HANDLER = "只有承办单位可以这样做"
ONLY_SIGNER = "只有承办单位的审签人可以这样做"


def visible_to(actor: Actor) -> LetterQuerySet:
    """Letters a person may open: their unit leads, handles or helps; or they oversee, lead or audit the place."""
    letters = Letter.objects.filter(place=actor.place)
    if any(actor.may(power) for power in (Power.OVERSEE, Power.LEAD, Power.AUDIT)):
        return letters
    lead = actor.units(Power.RECEIVE, Power.ASSIGN)
    mine = actor.units(Power.HANDLE, Power.SIGN)
    helped = Letter.objects.filter(parts__unit__in=mine).values("pk")
    seen = Q(lead__in=lead) | Q(unit__in=mine) | Q(pk__in=helped)
    if actor.may(Power.PROTECT):
        seen |= Q(is_protected=True, lead__in=actor.units(Power.PROTECT))
    return letters.filter(seen)


def is_lead(actor: Actor, letter: Letter) -> bool:
    return actor.may(Power.OVERSEE) or (
        letter.lead_id is not None and actor.may(Power.ASSIGN, letter.lead_id)
    )


def is_of_lead_unit(actor: Actor, letter: Letter) -> bool:
    lead = letter.lead_id
    return lead is not None and (actor.may(Power.ASSIGN, lead) or actor.may(Power.RECEIVE, lead))


def is_handler(actor: Actor, letter: Letter) -> bool:
    return letter.unit_id is not None and actor.may(Power.HANDLE, letter.unit_id)


def is_signer(actor: Actor, letter: Letter) -> bool:
    return letter.unit_id is not None and actor.may(Power.SIGN, letter.unit_id)


def case_of(letter: Letter, draft: Draft | None = None) -> dict[str, Any]:
    """What the gates and routes of the packs read of a letter."""
    return {
        "source": letter.source,
        "nature": letter.nature,
        "class": letter.time_class,
        "triage": letter.triage,
        "findings": bool(letter.findings.strip()),
        "signed": draft is not None and draft.state in (Draft.State.SIGNED, Draft.State.SENT),
    }


@asks.provides("classified")
def _classified(case: Mapping[str, Any]) -> bool:
    return bool(case.get("class") and case.get("triage"))


@asks.provides("findings_noted")
def _findings_noted(case: Mapping[str, Any]) -> bool:
    return bool(case.get("findings"))


@asks.provides("reply_signed")
def _reply_signed(case: Mapping[str, Any]) -> bool:
    return bool(case.get("signed"))


def answers_itself(letter: Letter) -> bool:
    """True when the lead unit replies to the writer, as the place's route says; else the handling unit does."""
    return asks.route(letter.place_id, "letter.answered_by", case_of(letter))[0] == "lead"


def may_receive(actor: Actor) -> Verdict:
    if actor.is_system or actor.may(Power.RECEIVE) or actor.may(Power.OVERSEE):
        return yes()
    return no("只有收信单位可以登记来信")


def _working(letter: Letter) -> Verdict:
    if letter.is_working:
        return yes()
    return no(f"这封信{letter.get_stage_display()}，不能再这样办")


def may_classify(actor: Actor, letter: Letter) -> Verdict:
    if not (actor.is_system or is_lead(actor, letter)):
        return no(ONLY_LEAD)
    return _working(letter)


def may_assign(actor: Actor, letter: Letter) -> Verdict:
    if not (actor.is_system or is_lead(actor, letter)):
        return no(ONLY_LEAD)
    if letter.stage == Stage.SIGNING:
        return no("答复正在审签，先由审签人退回再转办")
    return (
        _working(letter)
        if not letter.is_working
        else asks.gates(letter.place_id, "letter.assign", case_of(letter))
    )


def may_sign_for(actor: Actor, letter: Letter) -> Verdict:
    if letter.stage != Stage.ASSIGNED:
        return no("没有等待签收的交办" if letter.is_working else f"这封信{letter.get_stage_display()}")
    return yes() if actor.is_system or is_handler(actor, letter) else no(ONLY_HANDLER)


def may_return(actor: Actor, letter: Letter) -> Verdict:
    if letter.stage not in (Stage.ASSIGNED, Stage.HANDLING):
        return no("现在不能退回")
    return yes() if is_handler(actor, letter) else no(ONLY_HANDLER)


def may_handle(actor: Actor, letter: Letter) -> Verdict:
    """Work on the reply: findings, draft, joint handling."""
    if not (is_handler(actor, letter) or (answers_itself(letter) and is_lead(actor, letter))):
        return no(ONLY_HANDLER)
    if letter.stage == Stage.SIGNING:
        return no("答复正在审签，退回后才能再改")
    if letter.stage not in (Stage.ASSIGNED, Stage.HANDLING):
        return no(
            "这封信还没有交办" if letter.stage == Stage.RECEIVED else f"这封信{letter.get_stage_display()}"
        )
    return yes()


def may_detach(actor: Actor, letter: Letter, file: Attachment) -> Verdict:
    """Take a file from the reply: while it is written, and not one that went out with an answer."""
    if not (verdict := may_handle(actor, letter)):
        return verdict
    if (file.room, file.number) != (REPLY, letter.number):
        return no("这不是这封信的答复附件")
    if letter.answered_at is not None and file.uploaded_at <= letter.answered_at:
        return no("这个附件已经随答复发出，不能删去")
    return yes()


def may_ask_joint(actor: Actor, letter: Letter) -> Verdict:
    """Ask other units to help: the handling unit, or the lead unit while the letter is at work."""
    verdict = may_handle(actor, letter)
    return yes() if not verdict and is_lead(actor, letter) and letter.is_working else verdict


def may_submit(actor: Actor, letter: Letter) -> Verdict:
    """Send the draft to be signed: what the gates ask for before answering is asked here already."""
    if not (verdict := may_handle(actor, letter)):
        return verdict
    return asks.gates(letter.place_id, "letter.answer", case_of(letter) | {"signed": True})


def may_sign_reply(actor: Actor, letter: Letter, draft: Draft | None) -> Verdict:
    if draft is None or draft.state != Draft.State.SUBMITTED:
        return no("没有等待审签的答复")
    if not is_signer(actor, letter):
        return no(ONLY_SIGNER)
    if actor.staff and draft.author_id == actor.staff.pk:
        return no("起草人不能审签自己的答复")
    return yes()


def may_answer(actor: Actor, letter: Letter, draft: Draft | None) -> Verdict:
    """Send the signed reply to the writer."""
    if letter.stage not in (Stage.SIGNING, Stage.RECEIVED):
        return no("没有可以发出的答复")
    lead, says, cite = asks.route(letter.place_id, "letter.answered_by", case_of(letter))
    allowed = (
        is_lead(actor, letter) if lead == "lead" else is_handler(actor, letter) or is_signer(actor, letter)
    )
    if not allowed:
        return no(says or ONLY_HANDLER, cite=cite)
    return asks.gates(letter.place_id, "letter.answer", case_of(letter, draft))


def may_ask_extension(actor: Actor, letter: Letter) -> Verdict:
    if not is_handler(actor, letter):
        return no(ONLY_HANDLER)
    if letter.stage not in (Stage.ASSIGNED, Stage.HANDLING):
        return no("现在不能申请延期")
    if letter.extension_requests.filter(granted=None).exists():
        return no("已有一份延期申请等待审批")
    return yes()


def may_decide_extension(actor: Actor, letter: Letter) -> Verdict:
    return yes() if is_signer(actor, letter) else no(ONLY_SIGNER)


def may_help(actor: Actor, letter: Letter, unit_id: int) -> Verdict:
    """Answer as a unit asked to help."""
    if not actor.may(Power.HANDLE, unit_id):
        return no("只有协办单位可以这样做")
    return _working(letter)


def may_merge(actor: Actor, letter: Letter, into: Letter) -> Verdict:
    if not (is_lead(actor, letter) and is_lead(actor, into)):
        return no(ONLY_LEAD)
    if letter.pk == into.pk or into.stage == Stage.MERGED:
        return no("不能并入这封信")
    if letter.is_protected or into.is_protected:
        return no("举报信不能并案", remedy="请分别办理，以免暴露举报人。")
    if not into.is_working:
        return no("主件已经办结，不能再并入")
    return _working(letter) if letter.stage != Stage.SIGNING else no("答复正在审签，不能并案")


def may_hand_over(actor: Actor, letter: Letter) -> Verdict:
    if not is_lead(actor, letter):
        return no(ONLY_LEAD)
    return _working(letter)


def may_report(actor: Actor, letter: Letter) -> Verdict:
    if not (is_lead(actor, letter) or is_handler(actor, letter)):
        return no(ONLY_LEAD)
    return yes()


def may_decline(actor: Actor, letter: Letter) -> Verdict:
    if not is_lead(actor, letter):
        return no(ONLY_LEAD)
    return yes() if letter.stage == Stage.RECEIVED else no("已经交办的来信不能再不予受理")


def may_publish(actor: Actor, letter: Letter) -> Verdict:
    if not (is_lead(actor, letter) or is_signer(actor, letter)):
        return no(ONLY_LEAD)
    if not letter.may_publish:
        return no("来信人没有同意公开")
    if letter.is_protected:
        return no("举报信不公开")
    return yes() if letter.is_answered else no("还没有答复")


def may_rate(letter: Letter, main: Letter) -> Verdict:
    """Rate the answer, once, as a writer who got it: of the letter itself, or of `main`, which it was merged into.

    An answer that another writer sent back may still be rated while the letter is done again.
    """
    if letter.rating:
        return no("这次答复已经评价过了")
    if main.answered_at is None or letter.answered_at != main.answered_at:
        return no("还没有答复，不能评价")
    if not (main.is_working or main.is_answered):
        return no(f"这封信{main.get_stage_display()}，不能再评价")
    return yes()


def may_unmask(actor: Actor, letter: Letter) -> Verdict:
    """See the writer. Of a protected report only named persons may; every look is recorded with its reason."""
    if letter.forgotten_at:
        return no("保存期满，来信人信息已经删除")
    if letter.is_protected:
        return yes() if actor.may(Power.PROTECT) else no("举报人信息只有指定人员可以查看")
    if is_of_lead_unit(actor, letter) or is_handler(actor, letter) or is_signer(actor, letter):
        return yes()
    return no("只有办理这封信的人可以查看来信人")


def may_follow_up(actor: Actor, letter: Letter) -> Verdict:
    if not (is_lead(actor, letter) or is_handler(actor, letter)):
        return no(ONLY_LEAD)
    return yes() if letter.is_answered else no("还没有答复")


def may_recheck(actor: Actor, letter: Letter) -> Verdict:
    return may_follow_up(actor, letter)


def may_unpublish(actor: Actor, letter: Letter) -> Verdict:
    if not (is_lead(actor, letter) or is_signer(actor, letter)):
        return no(ONLY_LEAD)
    return yes() if letter.published_at else no("问答没有公开")


def may_return_reply(actor: Actor, letter: Letter, draft: Draft | None) -> Verdict:
    """Send a reply back to its author, before or after it was signed."""
    if draft is None or draft.state not in (Draft.State.SUBMITTED, Draft.State.SIGNED):
        return no("没有可以退回的答复")
    return yes() if is_signer(actor, letter) or is_lead(actor, letter) else no(ONLY_SIGNER)


def may_draw_sample(actor: Actor) -> Verdict:
    return yes() if actor.may(Power.OVERSEE) else no("只有政务公开主管单位可以抽取复查样本")


def may_group(actor: Actor) -> Verdict:
    """Look at hot issues and say which letters belong together."""
    if any(actor.may(power) for power in (Power.ASSIGN, Power.OVERSEE, Power.LEAD)):
        return yes()
    return no("只有分办人员可以归并热点问题")


def may_keep_template(actor: Actor, unit_id: int | None) -> Verdict:
    """Words for replies: of a unit by those who write or sign them there, of the place by who oversees it."""
    if actor.may(Power.OVERSEE):
        return yes()
    if unit_id is not None and any(
        actor.may(power, unit_id) for power in (Power.HANDLE, Power.SIGN, Power.ASSIGN)
    ):
        return yes()
    return no("只能改自己单位的模板")


def may_train(actor: Actor) -> Verdict:
    return (
        yes()
        if actor.may(Power.OVERSEE) or actor.may(Power.CONFIGURE)
        else no("只有政务公开主管单位可以训练")
    )


def may_trust(actor: Actor) -> Verdict:
    """Say from which confidence on the system fills in a field of new letters."""
    if actor.may(Power.CONFIGURE):
        return yes()
    return no("您没有地方设定权限。", remedy="请找本地负责地方设定的人办理。")


def may_fill(actor: Actor, letter: Letter) -> Verdict:
    """Fill in fields as the place has set: the system only, before the letter is given to a unit, never a report."""
    if not actor.is_system:
        return no("只有系统按本地设定自动填写")
    if letter.is_protected or letter.nature == REPORT:
        return no("举报信由人分类，不自动填写")
    if letter.stage != Stage.RECEIVED or (letter.time_class and letter.triage):
        return no("这封信已经分类，不再自动填写")
    return yes()


def may_export(actor: Actor) -> Verdict:
    return yes() if actor.powers else no("没有可以导出的来信")


def visible_exports(actor: Actor) -> QuerySet[Export]:
    """What was taken away from one's place. Auditors only."""
    return Export.objects.filter(place=actor.place) if actor.may(Power.AUDIT) else Export.objects.none()
