"""The acts of an event as nouns: who sees which at which stage, with which form, and the verb behind it.

One table draws the buttons, the pages and the addresses, so that an act is the same wherever it is met.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gongkai.ledger.acts import Act, Step
from gongkai.ledger.forms import PlainForm
from gongkai.opinion import actions, facts, policy
from gongkai.opinion.forms import acts as forms
from gongkai.opinion.models import ALIVE, Event, Stage
from gongkai.people.actor import Actor
from gongkai.people.models import Power
from gongkai.reviews import facts as reviews

S = Stage
Whose = Callable[[Actor, Event], bool]
AT_WORK = (S.HANDLING, S.ANSWERED)
GRADED = (S.GRADED, *AT_WORK)


def _watches(actor: Actor, _event: Event) -> bool:
    return actor.may(Power.WATCH)


def _coordinates(actor: Actor, _event: Event) -> bool:
    return actor.may(Power.WATCH) or actor.may(Power.OVERSEE)


def _party(actor: Actor, event: Event) -> bool:
    return policy.is_party(actor, event)


def _party_or_head(actor: Actor, event: Event) -> bool:
    return policy.is_party(actor, event, *policy.WORKING)


def _reports(actor: Actor, event: Event) -> bool:
    return _watches(actor, event) or _party(actor, event)


def _judged(event: Event) -> dict[str, Any]:
    last = event.assessments.first()
    start = {name: getattr(event, name) for name in actions.JUDGED}
    if last is None:
        return start
    return start | {
        "grade": last.grade, "content": last.content, "reaction": last.reaction, "media": last.media,
        "nature": last.nature, "trend": last.trend, "risk": last.risk, "value": last.value, "measures": last.measures,
    }  # fmt: skip


ACTS: tuple[Act[Event], ...] = (
    Act(
        "assessment", "研判定级", "已定级，时限从此按等级计。", facts.ASSESSED, forms.AssessForm, policy.may_assess,
        actions.assess, _watches, (S.FOUND, *GRADED), starts_with=_judged,
        note="建议来自监测数据，三项因素各有依据；由您决定。和建议不同的要写理由。",
    ),
    Act(
        "warning", "预警", "已预警。", facts.WARNED, forms.WordsForm, policy.may_assess, actions.warn, _watches,
        (S.FOUND, *GRADED),
    ),
    Act(
        "leader", "明确领导责任人", "已明确。", facts.LEADER_NAMED, forms.LeaderForm, policy.may_name_leader,
        actions.name_leader, _coordinates, GRADED, note="特别重大舆情由本级政府主要负责人领导。",
        starts_with=lambda e: {"leader": e.leader_id},
    ),
    Act(
        "consultation", "召集会商", "已通知各单位。", facts.CONSULTATION_CALLED, forms.ConsultForm, policy.may_consult,
        actions.call_consultation, _coordinates, ALIVE, note="重大敏感舆情要会商研判；通知马上发出，夜里也发。",
    ),
    Act(
        "measures", "预控处置意见报审", "已报审。", reviews.SUBMITTED, PlainForm, policy.may_submit_measures,
        actions.submit_measures, _watches, (S.GRADED, S.HANDLING), note="把研判里写的预控处置意见按程序报审。",
    ),
    Act(
        "assignment", "交办", "已交办，各单位收到了通知。", facts.ASSIGNED, forms.AssignForm, policy.may_assign,
        actions.assign, _coordinates, GRADED,
    ),
    Act(
        "acceptance", "签收", "已签收。", facts.ACCEPTED, forms.AcceptForm, policy.may_accept, actions.accept, _party,
        AT_WORK, note="写明本单位谁负第一责任、谁直接负责。",
    ),
    Act(
        "facts", "汇集事实", "已记下。", facts.FACTS_GATHERED, forms.FactsForm, policy.may_gather, actions.gather, _party,
        AT_WORK, starts_with=lambda e: {"words": e.facts, "questions": e.questions},
        note="把核实清楚的写在一处，回应时都从这里取。",
    ),
    Act(
        "line", "拟定统一口径", "已拟定，请各单位确认。", facts.LINE_SET, forms.LineForm, policy.may_set_line,
        actions.set_line, lambda a, e: _coordinates(a, e) or _party(a, e), AT_WORK,
        starts_with=lambda e: {"words": e.line},
    ),
    Act(
        "line-answer", "确认口径", "已答复。", facts.LINE_ANSWERED, forms.AnswerLineForm, policy.may_answer_line,
        actions.answer_line, lambda a, e: bool(e.line) and _party_or_head(a, e), AT_WORK,
    ),
    Act(
        "report", "报送", "已报送。", facts.REPORTED, forms.ReportForm, policy.may_report, actions.report_upward, _reports,
        ALIVE, note="同时报本级政府办公室和网信部门，都有签收时限。", starts_with=lambda e: {"words": e.summary},
    ),
    Act(
        "hand-over", "移送", "已移送，请对方签收。", facts.HANDED_OVER, forms.HandOverForm, policy.may_hand_over,
        actions.hand_over, _reports, ALIVE, note="移送由您决定并署名；送去的是链接和内容摘要，不含发帖人。",
    ),
    Act(
        "handling", "报告线下处置", "已记下。", facts.HANDLED, forms.WordsForm, policy.may_handle, actions.handle, _party,
        AT_WORK, note="网上问题网下解决：做了什么、结果怎样。",
    ),
    Act(
        "escalation", "舆情升级", "已记下。", facts.ESCALATED, forms.ReasonForm, policy.may_escalate, actions.escalate,
        _watches, GRADED, note="记下怎样升级了；要改等级请重新研判。",
    ),
    Act(
        "measurement", "测评回应效果", "已记下。", facts.MEASURED, forms.MeasureForm, policy.may_measure, actions.measure,
        _watches, (*AT_WORK, S.CLOSED), note="讨论量从监测数据算出，可以改。",
    ),
    Act(
        "closure", "办结", "已办结。", facts.CLOSED, forms.ReasonForm, policy.may_close, actions.close, _watches, AT_WORK,
    ),
    Act(
        "dismissal", "不作舆情处理", "已记下，时限停止。", facts.DISMISSED, forms.ReasonForm, policy.may_dismiss,
        actions.dismiss, _watches, (S.FOUND, S.GRADED), kind="grave",
    ),
    Act(
        "reopening", "重新办理", "已重新办理。", facts.REOPENED, forms.ReasonForm, policy.may_reopen, actions.reopen,
        _watches, (S.CLOSED, S.DISMISSED),
    ),
)  # fmt: skip
NEXT: dict[Stage, tuple[str, ...]] = {  # what is offered first at a stage, to whoever may do it
    S.FOUND: ("assessment",), S.GRADED: ("assignment", "leader", "measures"),
    S.HANDLING: ("acceptance", "line-answer", "facts", "report"), S.ANSWERED: ("handling", "measurement"),
    S.CLOSED: (), S.DISMISSED: (),
}  # fmt: skip
BY_NAME = {act.name: act for act in ACTS}


def steps(actor: Actor, event: Event) -> list[Step[Event]]:
    """What this person does about an event at this stage, in order. What is refused stays and says why."""
    found = [
        Step(act, act.may(actor, event))
        for act in ACTS
        if event.stage in act.stages and act.whose(actor, event)
    ]
    nouns = NEXT[Stage(event.stage)]
    first = next((step for noun in nouns for step in found if step.act.noun == noun and step.verdict), None)
    if first is None:
        return found
    return [replace(first, is_next=True), *(step for step in found if step is not first)]
