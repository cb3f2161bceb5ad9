"""The acts of a letter as nouns: who sees which at which stage, with which form, and the verb behind it.

One table draws the buttons, the pages and the addresses, so that an act is the same wherever it is met.
"""

from __future__ import annotations

from collections.abc import Callable

from gongkai.ledger.acts import Act, Step
from gongkai.ledger.forms import PlainForm
from gongkai.letters import actions, facts, forms, policy
from gongkai.letters.models import DONE, WORKING, Draft, Letter, Stage
from gongkai.people.actor import Actor
from gongkai.ui.refusal import Verdict

S = Stage
May = Callable[[Actor, Letter, Draft | None], Verdict]
Whose = Callable[[Actor, Letter], bool]


def _two(may: Callable[[Actor, Letter], Verdict]) -> May:
    return lambda actor, letter, _draft: may(actor, letter)


def _handlers(actor: Actor, letter: Letter) -> bool:
    return policy.is_handler(actor, letter) or (
        policy.answers_itself(letter) and policy.is_lead(actor, letter)
    )


def _lead_or_handler(actor: Actor, letter: Letter) -> bool:
    return policy.is_lead(actor, letter) or policy.is_handler(actor, letter)


def is_leads_or_signers(actor: Actor, letter: Letter) -> bool:
    return policy.is_lead(actor, letter) or policy.is_signer(actor, letter)


def _publishers(actor: Actor, letter: Letter) -> bool:
    return letter.published_at is not None and is_leads_or_signers(actor, letter)


def is_anyones(actor: Actor, letter: Letter) -> bool:
    return _lead_or_handler(actor, letter) or policy.is_signer(actor, letter)


OPEN = (S.RECEIVED, S.ASSIGNED, S.HANDLING)
WITH_UNIT = (S.ASSIGNED, S.HANDLING)

ACTS: tuple[Act[Letter], ...] = (
    Act(
        "classification", "分类", "已分类。", facts.CLASSIFIED, forms.ClassificationForm, _two(policy.may_classify),
        actions.classify_and_assign, policy.is_lead, OPEN,
        note="办理时类决定期限：简单咨询短，调查核实长。举报会转为保护件。",
        starts_with=lambda letter: {
            "nature": letter.nature, "time_class": letter.time_class, "triage": letter.triage, "topic": letter.topic,
        },
    ),
    Act(
        "assignment", "交办", "已交办。", facts.ASSIGNED, forms.AssignmentForm, _two(policy.may_assign),
        actions.assign, policy.is_lead, OPEN, note="改派给另一个单位也在这里；期限不重新计算。",
        starts_with=lambda letter: {"unit": letter.unit_id},
    ),
    Act(
        "receipt", "签收", "已签收，您是承办人。", facts.SIGNED_FOR, PlainForm, _two(policy.may_sign_for),
        actions.sign_for, policy.is_handler, (S.ASSIGNED,),
    ),
    Act(
        "return", "退回", "已退回牵头单位。", facts.RETURNED, forms.ReturnForm, _two(policy.may_return),
        actions.return_, policy.is_handler, WITH_UNIT, note="退回后由牵头单位重新交办，答复期限不停。",
    ),
    Act(
        "findings", "记核实情况", "已记录核实情况。", facts.FINDINGS_NOTED, forms.FindingsForm, _two(policy.may_handle),
        actions.note_findings, _handlers, WITH_UNIT,
        starts_with=lambda letter: {"text": letter.findings},
    ),
    Act(
        "parts", "请协办", "已请协办。", facts.JOINT_ASKED, forms.PartsForm, _two(policy.may_ask_joint),
        actions.ask_joint, _lead_or_handler, WITH_UNIT, note="每个协办单位各有期限，意见给承办单位。",
    ),
    Act(
        "extension", "申请延期", "已提交，等审签人审批。", facts.EXTENDED, forms.ExtensionForm,
        _two(policy.may_ask_extension), actions.ask_extension, policy.is_handler, WITH_UNIT,
        note="到期之前批准才算数。",
    ),
    Act(
        "signature", "同意", "已审签。", facts.REPLY_SIGNED, forms.OpinionForm, policy.may_sign_reply,
        actions.sign_and_answer, policy.is_signer, (S.SIGNING,),
    ),
    Act(
        "signature-return", "退回修改", "已退回起草人。", facts.REPLY_RETURNED, forms.ReplyReturnForm,
        policy.may_return_reply, actions.return_reply, is_leads_or_signers, (S.SIGNING,),
    ),
    Act(
        "answer", "发出答复", "已答复来信人。", facts.ANSWERED, PlainForm, policy.may_answer,
        actions.answer, is_anyones, (S.SIGNING,),
    ),
    Act(
        "petition", "移送信访", "已移送信访部门。", facts.HANDED_TO_PETITION, PlainForm,
        _two(policy.may_hand_over), actions.hand_to_petition, policy.is_lead, WORKING,
        note="举报投诉移送信访部门按规定处理，来信人会收到告知。移送后这封信在这里办结。", kind="grave",
    ),
    Act(
        "cyberspace", "报网信", "已报网信部门，来信继续办理。", facts.REPORTED_TO_CYBERSPACE, forms.GroundForm,
        _two(policy.may_report), actions.report_to_cyberspace, _lead_or_handler, WORKING,
        note="可能引发舆情的来信报网信部门；办理和答复照常进行。",
    ),
    Act(
        "decline", "不予受理", "已告知来信人不予受理。", facts.DECLINED, forms.DeclineForm, _two(policy.may_decline),
        actions.decline, policy.is_lead, (S.RECEIVED,), note="来信人会看到理由和应走的渠道。", kind="grave",
    ),
    Act(
        "unpublication", "撤下问答", "已从网站撤下。", facts.UNPUBLISHED, forms.ReasonForm,
        _two(policy.may_unpublish), actions.unpublish, _publishers, DONE, kind="grave",
    ),
    Act(
        "follow-up", "记回访", "已记录回访。", facts.FOLLOWED_UP, forms.OutcomeForm, _two(policy.may_follow_up),
        actions.follow_up, _lead_or_handler, DONE,
    ),
    Act(
        "recheck", "记复查", "已记录复查。", facts.RECHECKED, forms.OutcomeForm, _two(policy.may_recheck),
        actions.recheck, _lead_or_handler, DONE,
    ),
)  # fmt: skip
BY_NAME = {act.name: act for act in ACTS}


def steps(actor: Actor, letter: Letter, draft: Draft | None) -> dict[str, Step[Letter]]:
    """What this person does with letters at this stage, by name. What is refused stays and says why."""
    return {
        act.name: Step(act, act.may(actor, letter, draft))
        for act in ACTS
        if letter.stage in act.stages and act.whose(actor, letter)
    }
