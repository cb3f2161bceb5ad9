"""Who may see and do what with an event. Every door asks here: list, page, act, export, file, brief, portal."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from gongkai.ledger import asks
from gongkai.ledger.models import Fact
from gongkai.opinion.models import (
    Accountability,
    Alarm,
    Consultation,
    Dispatch,
    Event,
    EventQuerySet,
    Exchange,
    Inspection,
    MutualCheck,
    Party,
    Pilot,
    Plan,
    Post,
    Response,
    Risk,
    Source,
    Stage,
    Story,
)
from gongkai.people.actor import Actor
from gongkai.people.models import Power, Unit
from gongkai.reviews.models import Sheet, Signature
from gongkai.ui.refusal import Verdict

yes, no = Verdict.yes, Verdict.no

RESPONSE, MEASURES, RISK = "opinion.response", "opinion.measures", "opinion.risk"
MAJOR = ("重大", "特别重大")
ONLY_WATCH = "只有舆情监测研判人员可以这样做"
ONLY_PARTY = "只有责任单位可以这样做"
WORKING = (Power.RESPOND, Power.REVIEW, Power.APPROVE, Power.HEAD)


# ---- watching ----------------------------------------------------------------------------------

SEES = (Power.WATCH, Power.OVERSEE, Power.LEAD)


def may_see(actor: Actor) -> bool:
    """Whether a person sees what is said at their place."""
    return any(actor.may(power) for power in SEES)


def visible_stories(actor: Actor) -> QuerySet[Story]:
    return Story.objects.filter(place=actor.place) if may_see(actor) else Story.objects.none()


def visible_posts(actor: Actor) -> QuerySet[Post]:
    return Post.objects.filter(place=actor.place) if may_see(actor) else Post.objects.none()


def visible_alarms(actor: Actor) -> QuerySet[Alarm]:
    here = Story.objects.filter(pk=OuterRef("story"), place=actor.place)
    return Alarm.objects.filter(Exists(here)) if may_see(actor) else Alarm.objects.none()


def visible_sources(actor: Actor) -> QuerySet[Source]:
    return Source.objects.filter(place=actor.place) if may_see(actor) else Source.objects.none()


def visible_plans(actor: Actor) -> QuerySet[Plan]:
    return Plan.objects.filter(place=actor.place) if may_see(actor) else Plan.objects.none()


def may_watch(actor: Actor) -> Verdict:
    """Keep sources and plans, enter posts, say which belong together."""
    return yes() if actor.is_system or actor.may(Power.WATCH) else no(ONLY_WATCH)


def may_judge(actor: Actor, story: Story) -> Verdict:
    """Watch a story, dismiss it, move posts in and out of it."""
    if not (verdict := may_watch(actor)):
        return verdict
    if story.matter_id is not None:
        return no("这条线索已经立为事件", remedy="请在事件里处理。")
    return yes()


def may_dismiss_story(actor: Actor, story: Story) -> Verdict:
    if not (verdict := may_judge(actor, story)):
        return verdict
    return yes() if story.state != Story.State.DISMISSED else no("这条线索已经定为不处理")


# ---- who sees what -----------------------------------------------------------------------------------------------


def sees_all(actor: Actor) -> bool:
    """Who looks at the opinion of the whole place: who watches it, oversees, leads or audits."""
    return any(actor.may(power) for power in (Power.WATCH, Power.OVERSEE, Power.LEAD, Power.AUDIT))


def visible_to(actor: Actor) -> EventQuerySet:
    """The events of the place; for a unit those it is party to, is invited to, was sent, or has to sign.

    What must not spread (涉密或不宜扩散) is left to who watches, who leads, and the parties themselves.
    """
    events = Event.objects.filter(place=actor.place)
    units = actor.units(*WORKING)
    party = Party.objects.filter(event=OuterRef("pk"), unit__in=units, left_at=None)
    invited = Consultation.objects.filter(event=OuterRef("pk"), units__in=units)
    sent = Dispatch.objects.filter(event=OuterRef("pk"), unit__in=actor.all_units)
    signs = Signature.objects.filter(sheet__matter=OuterRef("matter"), unit__in=actor.all_units)
    theirs = Q(Exists(party)) | Q(Exists(invited)) | Q(Exists(sent)) | Q(Exists(signs))
    if actor.may(Power.WATCH) or actor.may(Power.LEAD):
        return events
    if sees_all(actor):
        return events.filter(Q(is_restricted=False) | theirs)
    return events.filter(theirs)


def visible_risks(actor: Actor) -> QuerySet[Risk]:
    """Risk assessments of the place for who watches or oversees; else those of one's own units."""
    risks = Risk.objects.filter(place=actor.place)
    signs = Signature.objects.filter(sheet__matter=OuterRef("matter"), unit__in=actor.all_units)
    return risks if sees_all(actor) else risks.filter(Q(unit__in=actor.all_units) | Exists(signs))


def sees_accountability(actor: Actor) -> bool:
    """Who looks at how every unit is held to account: who oversees, leads or audits."""
    return any(actor.may(power) for power in (Power.OVERSEE, Power.LEAD, Power.AUDIT))


def units_assessed(actor: Actor) -> QuerySet[Unit]:
    """The units whose figures of a year a person sees: all for who sees accountability, else one's own."""
    units = Unit.objects.filter(place=actor.place)
    return units if sees_accountability(actor) else units.filter(pk__in=actor.all_units)


def visible_accountabilities(actor: Actor) -> QuerySet[Accountability]:
    """Proposals and decisions: who oversees, leads or audits sees all; a unit what was decided about it."""
    rows = Accountability.objects.filter(event__in=visible_to(actor))
    if sees_accountability(actor):
        return rows
    return rows.filter(unit__in=actor.all_units, decided=True)


def visible_inspections(actor: Actor) -> QuerySet[Inspection]:
    rows = Inspection.objects.filter(place=actor.place)
    return rows if sees_all(actor) else rows.filter(unit__in=actor.all_units)


def visible_exchanges(actor: Actor) -> QuerySet[Exchange]:
    """What units share is for everybody who works at the place; what came from a restricted event is not."""
    rows = Exchange.objects.filter(place=actor.place)
    return rows if actor.may(Power.WATCH) else rows.exclude(event__is_restricted=True)


def visible_pilots(actor: Actor) -> QuerySet[Pilot]:
    """Everybody who works at the place sees who tries what out."""
    return Pilot.objects.filter(place=actor.place)


def visible_checks(actor: Actor) -> QuerySet[MutualCheck]:
    """Everybody who works at the place sees who checks whom, as what they find is shared with all."""
    return MutualCheck.objects.filter(place=actor.place)


def released() -> QuerySet[Response]:
    """What everybody may read on the portal."""
    return Response.objects.filter(stage=Response.Stage.RELEASED, event__is_restricted=False)


def party_of(actor: Actor, event: Event, *powers: Power) -> Party | None:
    """The part of one of the actor's units in an event."""
    units = actor.units(*(powers or (Power.RESPOND,)))
    return event.parties.filter(unit__in=units, left_at=None).select_related("unit").first()


def is_party(actor: Actor, event: Event, *powers: Power) -> bool:
    return party_of(actor, event, *powers) is not None


# ---- what the packs read -----------------------------------------------------------------------------------------


def traits(event: Event) -> dict[str, Any]:
    """What conditions of packs name of an event. Facts that open clocks carry these, too."""
    return {
        "grade": event.grade, "kind": event.kind, "subject": event.subject, "must_respond": event.must_respond,
        "priority": event.priority, "scope": event.scope, "triage": event.triage, "emergency": event.is_emergency,
        "sensitive": event.is_sensitive, "major": event.grade in MAJOR, "rumour": event.is_rumour,
        "needs_release": event.needs_release,
    }  # fmt: skip


def released_of(event: Event) -> QuerySet[Response]:
    """The answers to an event that stand on the portal."""
    return Response.objects.filter(event=event, stage=Response.Stage.RELEASED)


def case_of(event: Event) -> dict[str, Any]:
    """Everything the gates read: traits, and how far the event has come."""
    parties = [one for one in event.parties.all() if one.left_at is None] if event.pk else []
    speaking = [one for one in parties if one.role != Party.Role.COORDINATE]
    happened = set(Fact.objects.filter(matter=event.matter_id).values_list("kind", flat=True))
    return traits(event) | {
        "several": len(speaking) > 1,
        "leader": event.leader_id is not None,
        "facts": bool(event.facts.strip()),
        "lead_designated": any(one.role == Party.Role.LEAD for one in parties),
        "line_agreed": len(speaking) < 2 or (bool(event.line) and all(one.agrees for one in speaking)),
        "measures_approved": "opinion.measures_approved" in happened,
        "consulted": "opinion.consulted" in happened,
        "answered": event.answered_at is not None and released_of(event).exists(),
        "dissemination_planned": "press.dissemination_planned" in happened,
        "responsible_heads_named": all(one.head_id and one.deputy_id for one in speaking),
    }


def case_of_response(response: Response) -> dict[str, Any]:
    """What the gates of a release read: the event, and the text that is to go out."""
    speakers = set(
        response.event.parties.filter(left_at=None)
        .exclude(role=Party.Role.COORDINATE)
        .values_list("unit", flat=True)
    )
    return case_of(response.event) | {
        "form": response.form,
        "response_signed": response_stands(response),
        "spoken_by_responsible": response.unit_id in speakers,
    }


def response_stands(response: Response) -> bool:
    """Whether exactly this text was signed, or taken the emergency way."""
    if response.stage != Response.Stage.READY:
        return False
    sheet = Sheet.objects.filter(matter=response.event.matter_id, subject=RESPONSE).order_by("-id").first()
    return sheet is not None and sheet.stands and sheet.text == response.text


CHECKS = {
    "head_of_government_leads": "leader",
    "facts_gathered": "facts",
    "lead_designated": "lead_designated",
    "line_agreed": "line_agreed",
    "measures_approved": "measures_approved",
    "consulted_jointly": "consulted",
    "opinion_answered": "answered",
    "response_signed": "response_signed",
    "spoken_by_responsible": "spoken_by_responsible",
    "responsible_heads_named": "responsible_heads_named",
}

asks.provide(CHECKS)


# ---- may: the event ----------------------------------------------------------------------------------------------


def may_detect(actor: Actor) -> Verdict:
    """Register an event: who watches, any unit about itself (专人专责、即时掌握), who hands out letters of what many write about."""
    if actor.is_system or actor.may(Power.WATCH) or actor.units(Power.RESPOND) or actor.may(Power.ASSIGN):
        return yes()
    return no("只有舆情监测人员、各单位的舆情专人和来信分办人员可以登记")


def _watches(actor: Actor, event: Event, *stages: Stage) -> Verdict:
    if not actor.may(Power.WATCH):
        return no(ONLY_WATCH)
    return yes() if event.stage in stages else no(f"这件舆情{event.get_stage_display()}")


def may_assess(actor: Actor, event: Event) -> Verdict:
    return _watches(actor, event, Stage.FOUND, Stage.GRADED, Stage.HANDLING, Stage.ANSWERED)


def may_dismiss(actor: Actor, event: Event) -> Verdict:
    return _watches(actor, event, Stage.FOUND, Stage.GRADED)


def may_reopen(actor: Actor, event: Event) -> Verdict:
    return _watches(actor, event, Stage.DISMISSED, Stage.CLOSED)


def may_consult(actor: Actor, event: Event) -> Verdict:
    if not (actor.may(Power.WATCH) or actor.may(Power.OVERSEE)):
        return no(ONLY_WATCH)
    return yes() if event.is_alive else no(f"这件舆情{event.get_stage_display()}")


def may_submit_measures(actor: Actor, event: Event) -> Verdict:
    verdict = _watches(actor, event, Stage.GRADED, Stage.HANDLING)
    if verdict and not event.assessments.exclude(measures="").exists():
        return no("还没有写预控处置意见", remedy="请在研判里写清楚准备怎样处置。")
    return verdict


def may_name_leader(actor: Actor, event: Event) -> Verdict:
    if not (actor.may(Power.WATCH) or actor.may(Power.OVERSEE)):
        return no(ONLY_WATCH)
    return yes() if event.is_alive else no(f"这件舆情{event.get_stage_display()}")


def may_assign(actor: Actor, event: Event, designating: bool = True) -> Verdict:
    """Hand an event to the units that answer for it. `designating`: a lead is being named with it."""
    verdict = _watches(actor, event, Stage.GRADED, Stage.HANDLING, Stage.ANSWERED)
    if not verdict and event.is_alive and actor.may(Power.OVERSEE) and event.stage != Stage.FOUND:
        verdict = yes()
    if not verdict:
        return verdict
    case = case_of(event)
    case["lead_designated"] = designating or case["lead_designated"]
    return asks.gates(event.place_id, "opinion.assign", case)


def may_report(actor: Actor, event: Event) -> Verdict:
    if not (actor.may(Power.WATCH) or is_party(actor, event)):
        return no(ONLY_WATCH)
    return yes() if event.is_alive else no(f"这件舆情{event.get_stage_display()}")


def may_hand_over(actor: Actor, event: Event) -> Verdict:
    """Give leads to another body: a named person decides, under a named article."""
    if actor.is_system:
        return no("移送由人决定")
    return may_report(actor, event)


def may_receive(actor: Actor, dispatch: Dispatch) -> Verdict:
    if dispatch.unit_id is None or dispatch.unit_id not in actor.all_units:
        return no("只有接收单位可以签收")
    return yes() if dispatch.received_at is None else no("已经签收")


def may_accept(actor: Actor, event: Event) -> Verdict:
    party = party_of(actor, event)
    if party is None:
        return no(ONLY_PARTY)
    return yes() if party.accepted_at is None else no("已经签收")


def may_gather(actor: Actor, event: Event) -> Verdict:
    if not is_party(actor, event):
        return no(ONLY_PARTY)
    return yes() if event.is_alive else no(f"这件舆情{event.get_stage_display()}")


def may_set_line(actor: Actor, event: Event) -> Verdict:
    """Write the one line all will keep to: the lead unit, or who coordinates."""
    lead = event.parties.filter(
        unit__in=actor.units(Power.RESPOND), role=Party.Role.LEAD, left_at=None
    ).exists()
    if not (lead or actor.may(Power.WATCH) or actor.may(Power.OVERSEE)):
        return no("由牵头单位或协调单位拟定口径")
    return yes() if event.is_alive else no(f"这件舆情{event.get_stage_display()}")


def may_answer_line(actor: Actor, event: Event) -> Verdict:
    party = party_of(actor, event, Power.RESPOND, Power.APPROVE, Power.HEAD)
    if party is None:
        return no(ONLY_PARTY)
    if not event.line:
        return no("还没有拟定统一口径")
    return yes() if event.is_alive else no(f"这件舆情{event.get_stage_display()}")


def may_handle(actor: Actor, event: Event) -> Verdict:
    """Report what was done on the ground (网上问题网下解决)."""
    if not is_party(actor, event):
        return no(ONLY_PARTY)
    return yes() if event.stage in (Stage.HANDLING, Stage.ANSWERED) else no("交办之后才能报告处置情况")


def may_escalate(actor: Actor, event: Event) -> Verdict:
    return _watches(actor, event, Stage.GRADED, Stage.HANDLING, Stage.ANSWERED)


def may_measure(actor: Actor, event: Event) -> Verdict:
    verdict = _watches(actor, event, Stage.HANDLING, Stage.ANSWERED, Stage.CLOSED)
    return verdict if not verdict or event.answered_at else no("还没有回应，不能测评效果")


def may_close(actor: Actor, event: Event) -> Verdict:
    verdict = _watches(actor, event, Stage.HANDLING, Stage.ANSWERED)
    return verdict and asks.gates(event.place_id, "opinion.close", case_of(event)) if verdict else verdict


# ---- may: responses ----------------------------------------------------------------------------------------------


def may_draft(actor: Actor, event: Event) -> Verdict:
    if not is_party(actor, event, Power.RESPOND, Power.DRAFT):
        return no(ONLY_PARTY)
    return yes() if event.stage in (Stage.HANDLING, Stage.ANSWERED) else no("交办之后才能起草回应")


def may_edit(actor: Actor, response: Response) -> Verdict:
    if not is_party(actor, response.event, Power.RESPOND, Power.DRAFT):
        return no(ONLY_PARTY)
    if response.unit_id not in actor.units(Power.RESPOND, Power.DRAFT):
        return no("只有起草单位可以修改")
    return (
        yes() if response.stage == Response.Stage.DRAFT else no(f"这份回应稿{response.get_stage_display()}")
    )


def may_submit(actor: Actor, response: Response) -> Verdict:
    verdict = may_edit(actor, response)
    if verdict and not response.text.strip():
        return no("还没有正文")
    return (
        verdict and asks.gates(response.event.place_id, "opinion.submit", case_of_response(response))
        if verdict
        else verdict
    )


def may_release(actor: Actor, response: Response) -> Verdict:
    """Put an answer out: signed, spoken by who manages or handles, agreed with the others."""
    if not (
        actor.may(Power.RESPOND, response.unit_id)
        or actor.may(Power.PUBLISH, response.unit_id)
        or actor.may(Power.WATCH)
    ):
        return no(ONLY_PARTY)
    if response.stage != Response.Stage.READY:
        return no(f"这份回应稿{response.get_stage_display()}，还不能发布")
    if response.event.is_restricted:
        return no("涉密或不宜扩散的舆情不在网站回应", remedy="请按领导小组办公室的意见另行处理。")
    return asks.gates(response.event.place_id, "opinion.release", case_of_response(response))


def may_withdraw(actor: Actor, response: Response) -> Verdict:
    if not (actor.may(Power.WATCH) or actor.may(Power.OVERSEE)):
        return no(ONLY_WATCH)
    return yes() if response.is_released else no("没有发布，不用撤下")


# ---- may: the rest -----------------------------------------------------------------------------------------------


def may_propose(actor: Actor, event: Event) -> Verdict:
    return yes() if actor.is_system or actor.may(Power.OVERSEE) else no("只有政务公开主管部门可以提出")


def may_decide(actor: Actor, row: Accountability) -> Verdict:
    """Decide on accountability: a person of the office that oversees, never of the unit it is about."""
    if not actor.may(Power.OVERSEE):
        return no("只有政务公开主管部门可以决定")
    if row.unit_id in actor.all_units:
        return no("不能决定对本单位的追责")
    return yes() if row.decided is None else no("已经决定")


def may_inspect(actor: Actor) -> Verdict:
    return (
        yes()
        if actor.may(Power.OVERSEE) or actor.may(Power.WATCH)
        else no("只有政务公开和舆情主管部门可以督查")
    )


def may_mend(actor: Actor, row: Inspection) -> Verdict:
    if not actor.may(Power.RESPOND, row.unit_id):
        return no("只有被督查单位可以报告整改")
    return yes() if row.to_mend and row.mended_at is None else no("没有要整改的")


def may_share(actor: Actor) -> Verdict:
    return (
        yes()
        if actor.units(Power.RESPOND) or actor.may(Power.WATCH) or actor.may(Power.OVERSEE)
        else no(ONLY_PARTY)
    )


def may_pilot(actor: Actor) -> Verdict:
    """Name pilot units and have them check each other: the office that leads the pilots."""
    return yes() if actor.may(Power.OVERSEE) else no("只有政务公开主管部门可以定试点单位、安排互查")


def may_report_check(actor: Actor, check: MutualCheck) -> Verdict:
    if not actor.may(Power.RESPOND, check.unit_id):
        return no("只有安排去检查的单位可以报告")
    return yes() if check.found_id is None else no("这次互查已经报告")


def may_circulate(actor: Actor) -> Verdict:
    return yes() if actor.may(Power.OVERSEE) or actor.may(Power.WATCH) else no(ONLY_WATCH)


def may_report_year(actor: Actor, year: int, on: date) -> Verdict:
    """Hand the figures of a year over to the assessment: who oversees, since they tell of accountability."""
    if not actor.may(Power.OVERSEE):
        return no("只有政务公开主管部门可以报送考核")
    return yes() if year <= on.year else no("这一年还没有开始")


def may_open_risk(actor: Actor, unit: int | None = None) -> Verdict:
    """Assess the risk of a decision: the unit that decides."""
    return (
        yes()
        if actor.may(Power.RESPOND, unit) or actor.may(Power.DRAFT, unit)
        else no("由决策单位组织风险评估")
    )


def may_assess_risk(actor: Actor, risk: Risk) -> Verdict:
    verdict = may_open_risk(actor, risk.unit_id)
    return (
        verdict
        if not verdict or risk.stage == Risk.Stage.DRAFT
        else no(f"这项评估{risk.get_stage_display()}")
    )
