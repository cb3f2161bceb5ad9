"""The acts of a document as nouns: who sees which at which stage, with which form, and the verb behind it.

One table draws the buttons, the pages and the addresses, so that an act is the same wherever it is met.
"""

from __future__ import annotations

from collections.abc import Callable

from gongkai.documents import actions, facts, policy
from gongkai.documents.forms import acts as forms
from gongkai.documents.models import OPEN, Attribute, Document, Sort, Stage
from gongkai.ledger.acts import Act, Step
from gongkai.ledger.forms import PlainForm
from gongkai.people.actor import Actor
from gongkai.people.models import Power
from gongkai.reviews import facts as reviews

S = Stage
Whose = Callable[[Actor, Document], bool]
ALIVE = (S.DRAFT, S.SIGNING, S.SIGNED, S.ISSUED, S.CLEARING, S.CLEARED)


def _writers(actor: Actor, document: Document) -> bool:
    return policy.is_writer(actor, document)


def _writers_or_openness(actor: Actor, document: Document) -> bool:
    return policy.is_writer(actor, document) or actor.may(Power.OPENNESS, document.unit_id)


def _publishers(actor: Actor, document: Document) -> bool:
    return policy.is_publisher(actor, document)


def _secrecy(actor: Actor, document: Document) -> bool:
    return actor.may(Power.SECRECY, document.unit_id)


def _official(whose: Whose) -> Whose:
    return lambda actor, document: document.sort == Sort.OFFICIAL and whose(actor, document)


def _to_clear(actor: Actor, document: Document) -> bool:
    ready = S.ISSUED if document.sort == Sort.OFFICIAL else S.DRAFT
    return document.stage in (ready, S.WITHDRAWN) and (
        _writers(actor, document) or _publishers(actor, document)
    )


def _changed(whose: Whose) -> Whose:
    """Of a published document with a new edition that has not gone out."""
    return lambda actor, document: (
        document.edition is not None and document.edition.released_at is None and whose(actor, document)
    )


def _oversees(actor: Actor, _document: Document) -> bool:
    return actor.may(Power.OVERSEE)


ACTS: tuple[Act[Document], ...] = (
    Act(
        "attribute", "定公开属性", "公开属性已记下。", facts.ATTRIBUTE_PROPOSED, forms.AttributeForm,
        policy.may_propose, actions.propose, _writers, (S.DRAFT,),
        note="属性随文报批，审签人会看到属性和理由。",
        starts_with=lambda d: {
            "attribute": d.attribute, "ground": d.ground, "reason": d.reason, "withheld": d.withheld,
            "third_party_agrees": d.third_party_agrees, "public_interest": d.public_interest,
        },
    ),
    Act(
        "prereview", "公开机构预审", "已记下预审意见。", facts.PREREVIEWED, forms.AgreeForm, policy.may_prereview,
        actions.prereview, lambda a, d: d.attribute == Attribute.WITHHELD and policy.is_openness(a, d), (S.DRAFT,),
        note="政策性文件拟不予公开的，报批前先由本单位公开机构审查。",
    ),
    Act(
        "plan", "写解读方案", "解读方案已记下。", facts.INTERPRETATION_PLANNED, forms.PlanForm, policy.may_edit, actions.plan,
        lambda a, d: d.sort == Sort.OFFICIAL and (d.is_policy or d.is_normative or d.is_rule) and _writers(a, d),
        (S.DRAFT,), starts_with=lambda d: {"words": d.plan},
    ),
    Act(
        "submission", "报批", "已送审签。", reviews.SUBMITTED, PlainForm, policy.may_submit, actions.submit,
        _official(_writers), (S.DRAFT,), note="公开属性和解读材料随文一并报批。",
    ),
    Act(
        "issue", "印发", "已印发。", facts.ISSUED, forms.IssueForm, policy.may_issue, actions.issue,
        _official(_writers_or_openness), (S.SIGNED,), note="编号以后按发文字号和成文日期登记，主动公开的从这时起算发布期限。",
        starts_with=lambda d: {"made_on": d.signed_at and d.signed_at.date()},
    ),
    Act(
        "secrecy", "保密审查", "审查结论已记下。", facts.SECRECY_REVIEWED, forms.SecrecyForm, policy.may_review_secrecy,
        actions.review_secrecy, _secrecy, (S.DRAFT, S.ISSUED, S.CLEARING, S.CLEARED, S.PUBLISHED),
        note="一件一审，只对现在这一版有效；文稿改了要再审。",
    ),
    Act(
        "secrecy-determination", "确定是否涉密", "已确定。", facts.SECRECY_DETERMINED, forms.SecrecyOutcomeForm,
        policy.may_determine_secrecy, actions.determine_secrecy,
        lambda a, d: d.secrecy == actions.IN_DOUBT and a.may(Power.SECRECY), ALIVE,
    ),
    Act(
        "confirmation", "请相关单位确认", "已请他们确认，各有期限。", facts.CONFIRMATION_ASKED, forms.ConfirmationForm,
        policy.may_ask_confirmation, actions.ask_confirmation, _writers_or_openness, ALIVE,
        note="文中涉及其他单位的，发布前请他们确认一致。",
    ),
    Act(
        "interpretation", "写解读", "解读已建立，和文件互相链接。", facts.INTERPRETATION_PLANNED, forms.InterpretationForm,
        lambda a, d: policy.may_draft(a, d.unit_id), actions.interpret,
        lambda a, d: d.sort == Sort.OFFICIAL and d.is_open and _writers(a, d), (*ALIVE, S.PUBLISHED),
        note="谁起草谁解读。写清背景、主要内容、适用范围和新旧差别。",
        starts_with=lambda d: {"title": f"《{d.title}》解读"},
    ),
    Act(
        "clearance", "送发布审查", "已送审。", reviews.SUBMITTED, PlainForm, policy.may_clear, actions.clear, _to_clear,
        (S.DRAFT, S.ISSUED, S.WITHDRAWN), note="先审查后公开。审过以后正文再改，要重新送审。",
    ),
    Act(
        "publication", "发布", "已发布。", facts.PUBLISHED, PlainForm, policy.may_publish, actions.publish, _publishers,
        (S.CLEARED, S.CLEARING), note="发布到本单位专栏和对应栏目；审好的解读同时发布。",
    ),
    Act(
        "schedule", "定时发布", "到时会自动发布。", facts.SCHEDULED, forms.ScheduleForm, policy.may_schedule, actions.schedule,
        _publishers, (S.CLEARED,),
    ),
    Act(
        "change-clearance", "送审新版", "新版已送审，旧版照常可看。", reviews.SUBMITTED, PlainForm, policy.may_edit,
        actions.clear_change, _changed(_writers), (S.PUBLISHED,),
    ),
    Act(
        "revision", "发布新版", "新版已发布。", facts.REVISED, PlainForm, policy.may_revise, actions.revise,
        _changed(_publishers), (S.PUBLISHED,), note="新版代替旧版；首次发布时间不变，旧版留在版本记录里。",
    ),
    Act(
        "correction", "更正", "已更正。", facts.CORRECTED, forms.CorrectionForm, policy.may_withdraw, actions.correct,
        _publishers, (S.PUBLISHED,), note="只改笔误和技术性差错；内容变化请修改后送审新版。",
        starts_with=lambda d: {"title": d.title, "html": d.text},
    ),
    Act(
        "withdrawal", "撤回", "已从网站撤下。", facts.WITHDRAWN, forms.WithdrawalForm, policy.may_withdraw, actions.withdraw,
        lambda a, d: _publishers(a, d) or _oversees(a, d), (S.PUBLISHED,),
        note="立即从网页、目录、检索和订阅里撤下，原网址留一张说明。", kind="grave",
    ),
    Act(
        "order", "责令改正", "已责令改正，限时办理。", facts.CORRECTION_ORDERED, forms.ReasonForm, policy.may_order_correction,
        actions.order_correction, _oversees, (S.PUBLISHED,), kind="grave",
    ),
    Act(
        "channel", "登记其他渠道", "已登记。", facts.ALSO_RELEASED, forms.ChannelForm, policy.may_register_release,
        actions.register_release, lambda a, d: _publishers(a, d) or policy.is_openness(a, d), (S.PUBLISHED,),
    ),
    Act(
        "columns", "放入栏目", "已放入选中的栏目。", facts.PLACED, forms.ColumnsForm, policy.may_place, actions.place,
        lambda a, d: d.attribute in OPEN and (_publishers(a, d) or policy.is_openness(a, d)),
        (S.ISSUED, S.CLEARING, S.CLEARED, S.PUBLISHED),
        note="按文种和重点领域该放的栏目，发布时自动放入；指南、制度、年报、通知公告在这里选。",
        starts_with=lambda d: {"columns": list(d.columns.values_list("pk", flat=True))},
    ),
    Act(
        "services", "关联服务事项", "已关联，文件页和事项页互相链接。", facts.SERVICES_TIED, forms.ServicesForm,
        policy.may_tie_services, actions.tie_services,
        lambda a, d: d.attribute in OPEN and (_writers_or_openness(a, d) or _publishers(a, d)),
        (S.ISSUED, S.CLEARING, S.CLEARED, S.PUBLISHED),
        note="办这些事要看这份文件的，在这里关联；发布以后群众在文件页和事项页都看得到。",
        starts_with=lambda d: {"services": "\n".join(one.full for one in d.services.select_related("unit"))},
    ),
    Act(
        "relation", "登记替代、修改、废止", "已登记，对方的有效性随之改变。", facts.RELATED, forms.RelationForm,
        policy.may_edit, actions.relate, _writers, (S.ISSUED, S.PUBLISHED),
    ),
    Act(
        "conversion", "转换公开属性", "已转换。", facts.CONVERTED, forms.ConversionForm, policy.may_reassess, actions.convert,
        lambda a, d: d.attribute not in OPEN and policy.is_openness(a, d), (S.ISSUED,),
        note="转为公开以后，从今天起算发布期限。",
    ),
)  # fmt: skip
BY_NAME = {act.name: act for act in ACTS}


def steps(actor: Actor, document: Document) -> list[Step[Document]]:
    """What this person does with a document at this stage, in order. What is refused stays and says why."""
    return [
        Step(act, act.may(actor, document))
        for act in ACTS
        if document.stage in act.stages and act.whose(actor, document)
    ]
