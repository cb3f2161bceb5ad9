"""The acts on the cases of this room as nouns: who sees which at which stage, with which form, and the verb behind it.

One table a kind of case draws the buttons, the pages and the addresses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from gongkai.ledger.forms import CaseForm, PlainForm
from gongkai.ledger.vocabulary import Kind
from gongkai.people.actor import Actor
from gongkai.people.models import Power
from gongkai.press import actions, facts, policy
from gongkai.press.forms import acts as forms
from gongkai.press.models import Account, Case, Failing, InterviewRequest, PressEvent, SocialPost
from gongkai.reviews import facts as reviews
from gongkai.ui.refusal import Verdict

Whose = Callable[[Actor, Any], bool]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a person does to a case. `noun` is its address, `label` its button, `done` what is said after."""

    noun: str
    label: str
    done: str
    fact: Kind | None
    form: type[CaseForm[Any]]
    may: policy.May
    do: Callable[..., object]
    stages: tuple[str, ...]
    note: str = ""
    kind: str = "second"  # "grave" for what cannot be taken back
    next_in: tuple[str, ...] = ()  # stages in which it is what comes next
    when: Whose = field(default=lambda _actor, _case: True)
    starts_with: Callable[[Any], dict[str, Any]] = field(default=lambda _case: {})

    @property
    def button(self) -> str:
        return "grave" if self.kind == "grave" else ""


@dataclass(frozen=True, slots=True)
class Table:
    """The acts on one kind of case, where its page is and where all of them are listed."""

    model: type[Case]
    page: str
    back: str
    word: str
    whose: Whose
    acts: tuple[Act, ...]

    def url(self, case: Any) -> str:
        return reverse(f"press:{self.page}", args=[case.code])

    def steps(self, actor: Actor, case: Any) -> list[Step]:
        """What this person does with a case at this stage, what comes next first. What is refused stays and says why."""
        found = [
            Step(act, act.may(actor, case), reverse(f"press:{self.page}_{act.noun}", args=[case.code]))
            for act in self.acts
            if case.stage in act.stages and self.whose(actor, case) and act.when(actor, case)
        ]
        return sorted(found, key=lambda step: case.stage not in step.act.next_in)


@dataclass(frozen=True, slots=True)
class Step:
    """An act as a person meets it on the page of a case: open, or closed with the reason."""

    act: Act
    verdict: Verdict
    url: str


def _transcript(event: PressEvent) -> str:
    return event.record or "\n".join(f"{line.speaker}：{line.words}" for line in event.lines.all())


def _attending(event: PressEvent) -> dict[str, Any]:
    rows = list(event.attendees.all())

    def words(kind: str) -> str:
        return "\n".join(f"{one.name}，{one.title}".rstrip("，") for one in rows if one.kind == kind)

    return {
        "heads": words("部门负责人"),
        "others": words("其他人员"),
        "spokespersons": [one.spokesperson_id for one in rows if one.spokesperson_id],
        "experts": [one.expert_id for one in rows if one.expert_id],
    }


E = PressEvent.Stage
ALIVE = (E.PLANNED, E.PREPARED, E.REVIEWING, E.REVIEWED, E.INVITED)
READY = (E.REVIEWED, E.INVITED)
OVER = (E.HELD, E.PUBLISHED, E.CLOSED)

EVENTS = Table(
    PressEvent, "event", "events", "新闻发布", lambda actor, case: policy.keeps(actor, case.unit_id),
    (
        Act("preparation", "写议程和材料", "议程和材料已记下。", facts.PREPARED, forms.PrepareForm, policy.may_prepare,
            actions.prepare, (E.PLANNED, E.PREPARED, *READY), next_in=(E.PLANNED,),
            starts_with=lambda e: {"agenda": e.agenda, "material": e.material}),
        Act("attendance", "定出席人员", "出席人员已记下。", facts.ATTENDANCE_NAMED, forms.AttendanceForm,
            policy.may_name_attendance, actions.name_attendance, ALIVE,
            note="发布会、吹风会要有部门负责人或新闻发言人出席。", starts_with=_attending),
        Act("submission", "送审材料", "已送审签。", reviews.SUBMITTED, PlainForm, policy.may_submit, actions.submit,
            (E.PREPARED,), next_in=(E.PREPARED,)),
        Act("announcement", "做预告", "预告已在门户公开。", facts.ANNOUNCED, forms.AnnounceForm, policy.may_announce,
            actions.announce, ALIVE, when=lambda _a, e: e.announced_at is None,
            note="读者在门户看到；在线访谈从这时起收网友提问。", starts_with=lambda e: {"preview": e.preview}),
        Act("invitations", "邀请媒体", "已邀请，邮件会自动发出。", facts.INVITED, forms.InviteForm, policy.may_invite,
            actions.invite, READY),
        Act("selection", "选网友提问", "已选定。", facts.QUESTIONS_CHOSEN, forms.ChooseForm, policy.may_choose, actions.choose,
            (*ALIVE, E.HELD), when=lambda _a, e: e.is_interview and e.citizen_questions.exists()),
        Act("line", "记一句实录", "已记下，读者已能看到。", None, forms.LineForm, policy.may_record_line, actions.record_line,
            (*READY, E.HELD)),
        Act("holding", "记为已举行", "已记下；它回应的舆情也已记上。", facts.CONFERENCE_HELD, forms.HoldForm, policy.may_hold,
            actions.hold, READY, next_in=READY),
        Act("publication", "公开实录", "已在门户公开。", facts.PUBLISHED, forms.PublishForm, policy.may_publish,
            actions.publish, (E.HELD,), next_in=(E.HELD,), starts_with=lambda e: {"record": _transcript(e), "video": e.video}),
        Act("question", "登记媒体提问", "已登记，答复有期限。", facts.QUESTION_ASKED, forms.AskForm, policy.may_ask,
            actions.ask, (*READY, E.HELD, E.PUBLISHED)),
        Act("statement", "发布进展", "进展已公开。", facts.UPDATE_PUBLISHED, forms.UpdateForm, policy.may_update,
            actions.update, (*ALIVE, E.HELD, E.PUBLISHED), note="真相、态度、措施，有一条发一条。"),
        Act("tie", "关联舆情或来源", "已关联。", None, forms.TieForm, policy.may_tie, actions.tie, (*ALIVE, *OVER)),
        Act("move", "改期", "已改期。", facts.RESCHEDULED, forms.RescheduleForm, policy.may_reschedule,
            actions.reschedule, ALIVE, when=lambda _a, e: e.starts_at is not None,
            starts_with=lambda e: {"starts_at": e.starts_at}),
        Act("closing", "归档", "已归档。", facts.CLOSED, PlainForm, policy.may_close, actions.close, (E.PUBLISHED,), next_in=(E.PUBLISHED,)),
        Act("cancellation", "取消", "已取消。", facts.CANCELLED, forms.ReasonForm, policy.may_cancel, actions.cancel, ALIVE,
            note="看过预告的人会看到理由。", kind="grave"),
    ),
)  # fmt: skip

R = InterviewRequest.Stage
REQUESTS = Table(
    InterviewRequest, "request", "requests", "采访申请", lambda actor, case: policy.keeps(actor, case.unit_id),
    (
        Act("acceptance", "接受采访", "已记下。", facts.INTERVIEW_ACCEPTED, forms.AcceptForm, policy.may_accept_interview,
            actions.accept, (R.ASKED, R.REFUSED), note="重要舆情和热点，负责同志应当接受专访。",
            starts_with=lambda r: {"by_head": r.wants_head}),
        Act("answer", "记受访作答", "答问已记下。", facts.INTERVIEW_ANSWERED, forms.RecordInterviewForm,
            policy.may_record_interview, actions.record_interview, (R.ASKED, R.ACCEPTED),
            starts_with=lambda r: {"by_head": r.by_head}),
        Act("refusal", "不接受", "已记下理由。", facts.INTERVIEW_REFUSED, forms.RefuseForm, policy.may_refuse_interview,
            actions.refuse, (R.ASKED, R.ACCEPTED), kind="grave"),
    ),
)  # fmt: skip

A = Account.Stage
ACCOUNTS = Table(
    Account, "account", "accounts", "新媒体账号",
    lambda actor, case: policy.keeps(actor, case.unit_id),
    (
        Act("activation", "批准启用", "已启用，在门户公开。", facts.ACCOUNT_ACTIVATED, PlainForm, policy.may_activate,
            actions.activate, (A.ASKED,), note="两项规定和 AB 角齐备才能启用；申请人不能自己批准。"),
        Act("month", "填月度数据", "已记下。", None, forms.MonthForm, policy.may_revise_account, actions.note_month,
            (A.ACTIVE,)),
        Act("updating", "记今天有更新", "已记下。", facts.ACCOUNT_UPDATED, PlainForm, policy.may_revise_account,
            actions.note_update, (A.ACTIVE,), note="从这里推送的稿件自动计入；直接在平台上发的，在这里记一次。"),
        Act("closing", "注销", "已注销。", facts.ACCOUNT_CLOSED, forms.ReasonForm, policy.may_close_account,
            actions.close_account, (A.ASKED, A.ACTIVE), kind="grave"),
    ),
)  # fmt: skip

P = SocialPost.Stage
POSTS = Table(
    SocialPost, "post", "posts", "新媒体稿件", lambda actor, case: policy.keeps(actor, case.unit_id),
    (
        Act("submission", "送审", "已送审签。", reviews.SUBMITTED, PlainForm, policy.may_submit_post,
            actions.submit_post, (P.DRAFT,)),
        Act("push", "推送", "已交出推送，结果在下面看。", facts.POST_PUSHED, PlainForm, policy.may_push, actions.push,
            (P.SIGNED, P.PUSHED), when=lambda _a, p: p.pushes.filter(sent_at=None).exists(),
            note="没有送到的会自动重试；放弃了的可以再推送一次。"),
    ),
)  # fmt: skip

F = Failing.Stage
UNCLOSED = (F.FOUND, F.ORDERED, F.RECTIFIED)
FAILINGS = Table(
    Failing, "failing", "evaluations", "评估", lambda actor, _case: policy.may_enter(actor),
    (
        Act("order", "责令整改", "已责令整改，有期限。", facts.RECTIFICATION_ORDERED, forms.OrderForm,
            policy.may_order_rectification, actions.order_rectification, (F.FOUND, F.RECTIFIED),
            when=lambda a, _c: policy.is_press_office(a)),
        Act("rectification", "报告整改结果", "已报告。", facts.RECTIFIED, forms.ResultForm, policy.may_rectify,
            actions.rectify, (F.ORDERED,), when=lambda a, c: a.may(Power.PRESS, c.unit_id)),
        Act("closing", "核实了结", "已了结。", facts.FAILING_CLOSED, PlainForm, policy.may_close_failing,
            actions.close_failing, (F.RECTIFIED,), when=lambda a, _c: policy.is_press_office(a),
            note="整改属实、到位才了结；不到位的再责令整改。"),
        Act("circular", "通报批评", "已通报。", facts.CIRCULAR_ISSUED, PlainForm, policy.may_circulate,
            actions.circulate, UNCLOSED, when=lambda a, c: policy.is_press_office(a) and c.circulated_at is None,
            kind="grave"),
        Act("proposal", "建议追责", "建议已提出，由负责人决定。", facts.ACCOUNTABILITY_PROPOSED, forms.ProposalForm,
            policy.may_propose_accountability, actions.propose_accountability, UNCLOSED,
            when=lambda a, c: policy.is_press_office(a) and not c.proposal),
        Act("decision", "决定是否追责", "已决定。", facts.ACCOUNTABILITY_DECIDED, forms.DecisionForm,
            policy.may_decide_accountability, actions.decide_accountability, UNCLOSED,
            when=lambda a, c: bool(c.proposal) and not c.decision and a.may(Power.HEAD), kind="grave"),
    ),
)  # fmt: skip

TABLES = (EVENTS, REQUESTS, ACCOUNTS, POSTS, FAILINGS)
