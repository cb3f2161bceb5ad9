"""Who may see and do what in press. Every door asks here: list, page, act, export, file, portal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from gongkai.ledger import asks
from gongkai.ledger.models import Fact, Link, Matter
from gongkai.ledger.vocabulary import KINDS
from gongkai.people.actor import Actor
from gongkai.people.models import Duty, Power, Responsibility, Unit
from gongkai.press import facts
from gongkai.press.models import (
    Account,
    Attendee,
    Case,
    Failing,
    InterviewRequest,
    MediaQuestion,
    Plan,
    PressEvent,
    Push,
    SocialPost,
    Spokesperson,
)
from gongkai.press.models.event import PressEventQuerySet
from gongkai.reviews.models import Sheet, Signature
from gongkai.ui.refusal import Verdict

yes, no = Verdict.yes, Verdict.no

MATERIAL, POST = "press.material", "post"
OPINION, DOCUMENTS = "opinion", "documents"
ONLY_UNIT = "只有主办单位的新闻发布人员可以这样做"
ONLY_OFFICE = "只有新闻发布主管单位可以这样做"
WORKERS = (Power.PRESS, Power.REVIEW, Power.APPROVE, Power.HEAD)
OVERSEERS = (Power.OVERSEE, Power.LEAD, Power.AUDIT)
ALL: frozenset[int] = frozenset({-1})


def is_press_office(actor: Actor) -> bool:
    """Whether a person does press work in the unit that answers for it at the place."""
    units = actor.units(Power.PRESS)
    return bool(units) and Responsibility.objects.filter(unit__in=units, duty__in=[Duty.PRESS]).exists()


def sees_all(actor: Actor) -> bool:
    return any(actor.may(power) for power in OVERSEERS) or is_press_office(actor)


def may_enter(actor: Actor) -> bool:
    """Who has any business in this room."""
    return any(actor.may(power) for power in (*WORKERS, *OVERSEERS))


def keeps(actor: Actor, unit: int) -> bool:
    """Does press work for a unit: its own press person, or the press office for every unit."""
    return actor.may(Power.PRESS, unit) or is_press_office(actor)


def kept_units(actor: Actor) -> QuerySet[Unit]:
    """Units for which a person does press work."""
    here = Unit.objects.filter(place=actor.place).bodies(actor.on)
    return here if is_press_office(actor) else here.filter(pk__in=actor.units(Power.PRESS))


# ---- what a person sees ------------------------------------------------------------------------------------------


def visible_to(actor: Actor) -> PressEventQuerySet:
    """Press events: one's unit's, those one signs, what is public; all for who oversees or is the press office."""
    events = PressEvent.objects.filter(place=actor.place)
    if sees_all(actor):
        return events
    signs = Signature.objects.filter(sheet__matter=OuterRef("matter"), unit__in=actor.all_units)
    public = Q(announced_at__isnull=False) | Q(published_at__isnull=False)
    return events.filter(public | Q(unit__in=actor.units(*WORKERS)) | Exists(signs))


def cases(actor: Actor, kind: type[Case]) -> QuerySet[Any]:
    """Interview requests, accounts, posts or failings a person sees: their units', or all of the place."""
    rows = kind._default_manager.filter(place=actor.place)
    if sees_all(actor):
        return rows
    mine = Q(unit__in=actor.units(*WORKERS))
    if kind is SocialPost:
        signs = Signature.objects.filter(sheet__matter=OuterRef("matter"), unit__in=actor.all_units)
        mine |= Q(Exists(signs))
    return rows.filter(mine)


def linkable(actor: Actor) -> QuerySet[Matter]:
    """Matters of other rooms a press person may tie to and plan for: an opinion event or a document of their units,
    or one that is public already; opinion events of the whole place for the press office. Never a letter.
    """
    return Matter.objects.filter(place=actor.place).filter(_linkable(actor))


def _linkable(actor: Actor) -> Q:
    told = [name for name, kind in KINDS.items() if kind.public]
    public = Exists(Fact.objects.filter(matter=OuterRef("pk"), kind__in=told))
    rooms = Q(room=DOCUMENTS) & (Q(unit__in=actor.units(Power.PRESS)) | public)
    opinion = Q(room=OPINION)
    if not is_press_office(actor):
        opinion &= Q(unit__in=actor.units(Power.PRESS))
    return rooms | opinion


def plannable(actor: Actor) -> QuerySet[Matter]:
    """Matters whose spreading a person may plan: press events they see, and what they may tie to."""
    seen = visible_to(actor).filter(matter=OuterRef("pk"))
    if not is_press_office(actor):
        seen = seen.filter(unit__in=actor.units(Power.PRESS))
    return Matter.objects.filter(place=actor.place).filter(Q(Exists(seen)) | _linkable(actor))


# ---- what the packs read -----------------------------------------------------------------------------------------


def traits(event: PressEvent) -> dict[str, Any]:
    """What conditions of packs name of a press event. Facts that open clocks carry these, too."""
    return {
        "form": event.form,
        "topic": event.topic,
        "hot": event.hot,
        "overall": event.is_overall,
        "major": event.is_major,
    }


def case_of(event: PressEvent) -> dict[str, Any]:
    """Everything the gates read: traits, and how far the event has come."""
    present = [Attendee.Kind.HEAD, Attendee.Kind.SPOKESPERSON]
    return traits(event) | {
        "attended": event.attendees.filter(kind__in=present).exists(),
        "material_signed": is_signed(event),
        "disseminated": Plan.objects.filter(matter=event.matter_id).exists(),
        "previewed": event.announced_at is not None,
    }


def is_signed(event: PressEvent) -> bool:
    """Whether the present agenda and material were signed, or taken the emergency way."""
    sheet = Sheet.objects.filter(matter=event.matter_id, subject=MATERIAL).order_by("-id").first()
    return sheet is not None and sheet.stands and sheet.text == text_of(event)


def text_of(event: PressEvent) -> str:
    """What is signed: the agenda and the material."""
    return f"{event.agenda}\n\n{event.material}".strip()


def case_of_account(account: Account) -> dict[str, Any]:
    return {
        "platform": account.platform,
        "rules": bool(account.review_rule.strip() and account.security_rule.strip()),
        "keepers": account.keeper_a_id is not None and account.keeper_b_id is not None,
    }


def case_of_post(post: SocialPost) -> dict[str, Any]:
    sheet = Sheet.objects.filter(matter=post.matter_id, subject=POST).order_by("-id").first()
    return {"post_signed": sheet is not None and sheet.stands and sheet.text == post.text}


CHECKS = {
    "head_or_spokesperson_attends": "attended",
    "press_material_signed": "material_signed",
    "dissemination_planned": "disseminated",
    "interview_previewed": "previewed",
    "account_rules_given": "rules",
    "account_keepers_named": "keepers",
    "post_signed": "post_signed",
}

asks.provide(CHECKS)


# ---- press events ------------------------------------------------------------------------------------------------


def may_plan(actor: Actor, unit: int | None = None) -> Verdict:
    if actor.may(Power.PRESS, unit) or (actor.may(Power.PRESS) and is_press_office(actor)):
        return yes()
    return no(ONLY_UNIT)


def _keeper(actor: Actor, event: PressEvent) -> Verdict:
    if not keeps(actor, event.unit_id):
        return no(ONLY_UNIT)
    return yes() if event.stage != event.Stage.CANCELLED else no("已经取消")


def may_edit(actor: Actor, event: PressEvent) -> Verdict:
    """Change what is planned, before the material goes to be signed; after that it has to be signed again."""
    if not (verdict := _keeper(actor, event)):
        return verdict
    if event.stage == event.Stage.REVIEWING:
        return no("材料正在审签，退回或撤回以后才能改")
    return yes() if event.is_alive else no("已经举行，不能再改计划")


def may_prepare(actor: Actor, event: PressEvent) -> Verdict:
    return may_edit(actor, event)


def may_submit(actor: Actor, event: PressEvent) -> Verdict:
    if not (verdict := _keeper(actor, event)):
        return verdict
    if event.stage != event.Stage.PREPARED:
        return no("议程和材料备好以后才能送审")
    return yes() if event.material.strip() else no("还没有发布材料")


def may_name_attendance(actor: Actor, event: PressEvent) -> Verdict:
    if not (verdict := _keeper(actor, event)):
        return verdict
    return yes() if event.is_alive else no("已经举行，出席情况不能再改")


def may_announce(actor: Actor, event: PressEvent) -> Verdict:
    """Put the preview on the portal."""
    if not (verdict := _keeper(actor, event)):
        return verdict
    if event.announced_at is not None:
        return no("已经预告过", remedy="要改时间请用“改期”。")
    if event.starts_at is None:
        return no("还没有定时间")
    return yes() if event.is_alive else no("已经举行，不用预告")


def may_invite(actor: Actor, event: PressEvent) -> Verdict:
    if not (verdict := _keeper(actor, event)):
        return verdict
    if event.starts_at is None:
        return no("还没有定时间")
    if event.stage not in (event.Stage.REVIEWED, event.Stage.INVITED):
        return no("材料审定以后才能邀请媒体")
    return yes()


def may_reschedule(actor: Actor, event: PressEvent) -> Verdict:
    if not (verdict := _keeper(actor, event)):
        return verdict
    return yes() if event.is_alive else no("已经举行，不能改期")


def may_hold(actor: Actor, event: PressEvent, at: datetime | None = None) -> Verdict:
    """Record that it was held: the packs' gates say who must attend, what must be signed and shown beforehand."""
    if not (verdict := _keeper(actor, event)):
        return verdict
    if event.stage not in (event.Stage.REVIEWED, event.Stage.INVITED):
        return no("已经举行" if event.is_over else "材料还没有审定")
    if verdict := asks.gates(event.place_id, "press.hold", case_of(event)):
        if at is not None:
            return asks.may_happen(event.matter, str(facts.CONFERENCE_HELD), at, {})
        return yes()
    return verdict


def may_publish(actor: Actor, event: PressEvent) -> Verdict:
    """Put the record on the portal; major information needs its plan of dissemination first."""
    if not (verdict := _keeper(actor, event)):
        return verdict
    if event.stage != event.Stage.HELD:
        return no("举行以后才能公开发布内容")
    return asks.gates(event.place_id, "press.publish", case_of(event))


def may_update(actor: Actor, event: PressEvent) -> Verdict:
    """Publish how a hot event goes on."""
    if not (verdict := _keeper(actor, event)):
        return verdict
    return yes() if event.stage != event.Stage.CLOSED else no("已经归档")


def may_record_line(actor: Actor, event: PressEvent) -> Verdict:
    """Write down what is said while people speak."""
    if not (verdict := _keeper(actor, event)):
        return verdict
    if event.stage in (event.Stage.PUBLISHED, event.Stage.CLOSED):
        return no("实录已经发布，不能再加")
    if event.stage in (event.Stage.REVIEWED, event.Stage.INVITED, event.Stage.HELD):
        return yes()
    return no("材料还没有审定，直播不能开始")


def may_choose(actor: Actor, event: PressEvent) -> Verdict:
    """Choose among the questions of citizens: a person does, nothing else."""
    if not (verdict := _keeper(actor, event)):
        return verdict
    return yes() if event.stage not in (event.Stage.PUBLISHED, event.Stage.CLOSED) else no("已经发布")


def takes_questions(event: PressEvent) -> bool:
    """Whether readers may send a question now: the interview has been announced and is still to come."""
    return event.is_interview and event.announced_at is not None and event.is_alive


def may_close(actor: Actor, event: PressEvent) -> Verdict:
    if not (verdict := _keeper(actor, event)):
        return verdict
    if event.stage != event.Stage.PUBLISHED:
        return no("发布以后才能归档")
    if event.questions.filter(settled_at=None).exists():
        return no("还有没答复的媒体提问", remedy="请答复，或写明不便答复的理由。")
    return yes()


def may_cancel(actor: Actor, event: PressEvent) -> Verdict:
    if not (verdict := _keeper(actor, event)):
        return verdict
    if event.stage == event.Stage.REVIEWING:
        return no("材料正在审签，先撤回送审")
    return yes() if event.is_alive else no("已经举行，不能取消")


def may_ask(actor: Actor, event: PressEvent) -> Verdict:
    """Enter a question of the media."""
    if not (verdict := _keeper(actor, event)):
        return verdict
    return yes() if event.stage != event.Stage.CLOSED else no("已经归档")


def may_answer(actor: Actor, question: MediaQuestion) -> Verdict:
    if not keeps(actor, question.event.unit_id):
        return no(ONLY_UNIT)
    return yes() if question.settled_at is None else no("这一问已经有了答复")


def answered_events(event: PressEvent) -> QuerySet[Matter]:
    """The opinion events that a press event answers."""
    ties = Link.objects.filter(kind=Link.Kind.ANSWERS, source=event.matter_id).values("target")
    return Matter.objects.filter(pk__in=ties)


def may_tie(actor: Actor, event: PressEvent) -> Verdict:
    return _keeper(actor, event)


# ---- roster, media, requests -------------------------------------------------------------------------------------


def may_keep_roster(actor: Actor, unit: int | None) -> Verdict:
    if unit is not None and keeps(actor, unit):
        return yes()
    return yes() if unit is None and actor.may(Power.PRESS) else no(ONLY_UNIT)


def may_keep_media(actor: Actor) -> Verdict:
    return yes() if actor.may(Power.PRESS) else no("只有新闻发布人员可以登记媒体")


def may_receive_request(actor: Actor, unit: int | None = None) -> Verdict:
    return may_plan(actor, unit)


def _answers_media(actor: Actor, request: InterviewRequest, *stages: str) -> Verdict:
    if not keeps(actor, request.unit_id):
        return no(ONLY_UNIT)
    return yes() if request.stage in stages else no(f"这份申请{request.stage_word}")


def may_accept_interview(actor: Actor, request: InterviewRequest) -> Verdict:
    """Give an interview; one that was refused may still be given."""
    return _answers_media(actor, request, request.Stage.ASKED, request.Stage.REFUSED)


def may_record_interview(actor: Actor, request: InterviewRequest) -> Verdict:
    return _answers_media(actor, request, request.Stage.ASKED, request.Stage.ACCEPTED)


def may_refuse_interview(actor: Actor, request: InterviewRequest) -> Verdict:
    """Refuse, with a reason: the form asks for it, and so does the record."""
    return _answers_media(actor, request, request.Stage.ASKED, request.Stage.ACCEPTED)


# ---- accounts and posts ------------------------------------------------------------------------------------------


def may_open_account(actor: Actor, unit: int | None = None) -> Verdict:
    return may_plan(actor, unit)


def may_revise_account(actor: Actor, account: Account) -> Verdict:
    if not keeps(actor, account.unit_id):
        return no("只有开设单位可以这样做（谁开设谁主管谁负责）")
    return yes() if account.stage != account.Stage.CLOSED else no("已经注销")


def may_activate(actor: Actor, account: Account) -> Verdict:
    """Approve an account: a person of the press office, not who asked for it; its two rules must be there."""
    if not is_press_office(actor):
        return no(ONLY_OFFICE)
    if account.stage != account.Stage.ASKED:
        return no("已经启用" if account.stage == account.Stage.ACTIVE else "已经注销")
    asked = Fact.objects.filter(matter=account.matter_id, kind=str(facts.ACCOUNT_REQUESTED)).first()
    if asked is not None and actor.staff is not None and asked.by_id == actor.staff.pk:
        return no("申请人不能批准自己的申请")
    return asks.gates(account.place_id, "account.activate", case_of_account(account))


def may_close_account(actor: Actor, account: Account) -> Verdict:
    return may_revise_account(actor, account)


def may_draft_post(actor: Actor, unit: int | None = None) -> Verdict:
    return may_plan(actor, unit)


def may_edit_post(actor: Actor, post: SocialPost) -> Verdict:
    if not keeps(actor, post.unit_id):
        return no(ONLY_UNIT)
    if post.stage in (post.Stage.DRAFT, post.Stage.SIGNED):
        return yes()
    return no("正在审签，退回以后才能改" if post.stage == post.Stage.REVIEWING else "已经推送，不能再改")


def may_submit_post(actor: Actor, post: SocialPost) -> Verdict:
    if not keeps(actor, post.unit_id):
        return no(ONLY_UNIT)
    if post.stage != post.Stage.DRAFT:
        return no(f"稿件{post.stage_word}")
    return yes() if post.pushes.exists() else no("还没有选账号")


def may_push(actor: Actor, post: SocialPost) -> Verdict:
    """Send a signed post to its accounts; to one that failed, again."""
    if not keeps(actor, post.unit_id):
        return no(ONLY_UNIT)
    if post.stage not in (post.Stage.SIGNED, post.Stage.PUSHED):
        return no("审定以后才能推送")
    if post.pushes.exclude(account__stage=Account.Stage.ACTIVE).filter(sent_at=None).exists():
        return no("有的账号没有启用或已经注销", remedy="请修改稿件，换一个账号。")
    return asks.gates(post.place_id, "post.push", case_of_post(post))


def may_enter_reads(actor: Actor, push: Push) -> Verdict:
    if not keeps(actor, push.account.unit_id):
        return no(ONLY_UNIT)
    return yes() if push.sent_at is not None else no("还没有送达")


# ---- dissemination -----------------------------------------------------------------------------------------------


def may_plan_dissemination(actor: Actor, matter: Matter) -> Verdict:
    if not actor.may(Power.PRESS):
        return no("只有新闻发布人员可以制定传播方案")
    return yes() if plannable(actor).filter(pk=matter.pk).exists() else no(ONLY_UNIT)


# ---- evaluation --------------------------------------------------------------------------------------------------


def may_evaluate(actor: Actor) -> Verdict:
    return yes() if is_press_office(actor) else no(ONLY_OFFICE)


def is_judged(actor: Actor, person: Spokesperson | None) -> bool:
    """Whether somebody would judge themselves."""
    return (
        person is not None
        and person.staff_id is not None
        and actor.staff is not None
        and (person.staff_id == actor.staff.pk)
    )


def may_order(actor: Actor, failing: Failing) -> Verdict:
    if not is_press_office(actor):
        return no(ONLY_OFFICE)
    if failing.stage == failing.Stage.CLOSED:
        return no("已经了结")
    return no("不能处理自己的事") if is_judged(actor, failing.spokesperson) else yes()


def may_order_rectification(actor: Actor, failing: Failing) -> Verdict:
    if not (verdict := may_order(actor, failing)):
        return verdict
    return no("已经责令整改，等单位报告") if failing.stage == failing.Stage.ORDERED else yes()


def may_rectify(actor: Actor, failing: Failing) -> Verdict:
    if not actor.may(Power.PRESS, failing.unit_id):
        return no("由被责令整改的单位报告结果")
    return yes() if failing.stage == failing.Stage.ORDERED else no("没有等待报告的整改")


def may_circulate(actor: Actor, failing: Failing) -> Verdict:
    if not (verdict := may_order(actor, failing)):
        return verdict
    return no("已经通报") if failing.circulated_at else yes()


def may_close_failing(actor: Actor, failing: Failing) -> Verdict:
    """What the unit reported was looked at and is right; a proposal to hold somebody to account is decided first."""
    if not (verdict := may_order(actor, failing)):
        return verdict
    if failing.stage != failing.Stage.RECTIFIED:
        return no("单位还没有报告整改结果")
    return no("追责建议还没有决定") if failing.proposal and not failing.decision else yes()


def may_propose_accountability(actor: Actor, failing: Failing) -> Verdict:
    if not (verdict := may_order(actor, failing)):
        return verdict
    return no("已经提出建议") if failing.proposal else yes()


def may_decide_accountability(actor: Actor, failing: Failing) -> Verdict:
    """A head decides, who is not the one that proposed it: the head of the press office or of the government office."""
    heads = Responsibility.objects.filter(
        unit__in=actor.units(Power.HEAD), duty__in=[Duty.PRESS, Duty.PROPAGANDA, Duty.OPENNESS]
    )
    if not heads.exists():
        return no("由宣传部门或政府办公室的负责人决定")
    if is_judged(actor, failing.spokesperson):
        return no("不能处理自己的事")
    if not failing.proposal:
        return no("还没有追责建议")
    proposed = Fact.objects.filter(matter=failing.matter_id, kind=str(facts.ACCOUNTABILITY_PROPOSED)).last()
    if proposed is not None and actor.staff is not None and proposed.by_id == actor.staff.pk:
        return no("提出建议的人不能作决定")
    return no("已经决定") if failing.decision else yes()


def may_set_reading(actor: Actor) -> Verdict:
    return yes() if actor.may(Power.CONFIGURE) else no("只有负责地方设定的人可以这样做")


May = Callable[[Actor, Any], Verdict]
