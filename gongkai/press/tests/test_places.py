"""The rules of 西安 and 和硕: six forms, three topics, two overall meetings, the evaluation and its five faults."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from gongkai.documents.tests.test_places import Town
from gongkai.ledger import asks, clock, cycles, lawbook
from gongkai.people.actor import Actor
from gongkai.people.models import Duty, Power, Responsibility
from gongkai.press import actions
from gongkai.press.asks import quota
from gongkai.press.forms.rows import EventForm
from gongkai.press.models import Account, Evaluation, Expert, Failing, Training
from gongkai.press.tests.conftest import fresh
from gongkai.reviews.models import Sheet
from gongkai.ui.refusal import Refused
from tests.world import moment


@pytest.mark.clause("XA-XF-01-3", "XA-XF-01-2")
def test_xian_offers_its_six_forms_and_three_sources_of_topics(xian):
    form = EventForm(actor=xian.actor("press", "2025-09-22 09:00"))

    assert [value for value, _ in form.fields["form"].choices] == [
        "新闻发布会", "通气会", "记者采访", "答记者问", "网上发布", "在线访谈",
    ]  # fmt: skip
    assert [value for value, _ in form.fields["topic"].choices] == ["常务会议", "重点工作", "热点问题"]
    meeting = xian.opinion(number="HY-2025-0920-0001", room="opinion")
    event = xian.plan(topic="常务会议", arose_from=[meeting])
    assert event.matter.links.get().kind == "arose_from"
    assert event.matter.facts.get(kind="press.planned").details["topic"] == "常务会议"


@pytest.mark.clause("YZ-PT-11-2")
def test_in_yinzhou_a_request_of_the_media_is_answered_on_a_clock(db, fresh_rules):
    town = Town("330212", "yinzhou")
    for power in (Power.PRESS,):
        town._appoint("press", town.bureau, (power,))
    at = "2025-09-26 10:00"
    outlet = town.do("press", at, actions.save_outlet, name="鄞州日报", kind="报纸")

    request = town.do(
        "press",
        at,
        actions.receive_request,
        unit=town.bureau,
        outlet=outlet,
        title="租金",
        words="怎么调",
        wants_head=False,
    )

    owed = request.matter.obligations.get(duty="press.answer_interview")
    assert (owed.unit, owed.is_standing) == (town.bureau, True)


@pytest.mark.clause("XA-XF-01-1")
def test_in_xian_three_sign_the_material_and_a_spokesperson_stands_on_the_roster(xian):
    person = xian.spokesperson()
    event = xian.signed()
    steps = Sheet.objects.get().signatures.values_list("says", flat=True)

    assert list(steps) == ["经办人送审", "承办部门审核", "承办单位审定"]
    rows = [{"kind": "新闻发言人", "name": person.name, "title": person.title, "spokesperson": person}]
    xian.do("press", "2025-09-25 09:00", actions.name_attendance, event, attendees=rows)
    xian.do("press", "2025-09-29 10:00", actions.hold, fresh(event))
    assert actions.appearances(person, 2025) == 1


@pytest.mark.clause("XA-XF-01-4")
def test_two_overall_meetings_a_year_keep_the_duty_of_the_place(xian):
    with clock.set_to(moment("2025-01-02 09:00")):
        cycles.open_cycles(moment("2025-01-02 09:00"))
    cycle = cycles.current(xian.place, actions.OVERALL, "year", moment("2025-09-29 09:00"))
    owed = cycle.obligations.get(duty=actions.OVERALL)
    assert (owed.unit, owed.due_at) == (xian.town.office, moment("2026-01-01 00:00"))

    xian.held(is_overall=True)
    [row], reading, cite = quota(xian.place, 2025, moment("2025-09-29 12:00"))
    assert (reading, row.held, row.missing) == ("place", 1, 1)
    assert "一、（一）二是" in cite
    owed.refresh_from_db()
    assert owed.is_standing

    xian.held(is_overall=True)
    owed.refresh_from_db()
    assert owed.state == "met"


@pytest.mark.clause("XA-XF-01-4")
def test_the_other_reading_asks_two_of_every_unit_from_the_year_it_is_set(xian):
    with pytest.raises(Refused, match="今年的应办事项"):
        xian.do("settings", "2025-09-22 09:00", actions.set_reading, xian.place, each="unit", year=2025)
    with pytest.raises(Refused, match="地方设定"):
        xian.do("press", "2025-09-22 09:00", actions.set_reading, xian.place, each="unit", year=2026)
    xian.do("settings", "2025-09-22 09:00", actions.set_reading, xian.place, each="unit", year=2026)
    lawbook.reload()
    now = moment("2026-01-02 09:00")
    with clock.set_to(now):
        cycles.open_cycles(now)
        cycle = cycles.current(xian.place, actions.OVERALL, "year", now, xian.unit.code)
        owed = cycle.obligations.get()
    assert (owed.unit, owed.owner) == (xian.unit, "named")

    xian.held(at="2026-01-05 10:00", is_overall=True)
    assert cycle.facts.filter(kind="press.overall_held").count() == 1
    with clock.set_to(now):
        rows, reading, _cite = quota(xian.place, 2026, now)
    assert reading == "unit"
    assert {row.label: (row.held, row.wanted) for row in rows}["住建局"] == (1, 2)


@pytest.mark.clause("XA-XF-01-4")
def test_the_quota_of_a_year_that_is_over_is_shown_as_it_was_read_then(xian):
    for day in ("2025-01-02", "2026-01-02"):
        with clock.set_to(moment(f"{day} 09:00")):
            cycles.open_cycles(clock.now())
    xian.held(is_overall=True)
    xian.plan(is_overall=True)
    xian.do("settings", "2025-09-22 09:00", actions.set_reading, xian.place, each="unit", year=2026)
    lawbook.reload()
    browser = Client()
    browser.force_login(xian.town.staff["spokesman"])

    def shown(query: str) -> str:
        with clock.set_to(moment("2026-01-05 09:00")):
            return browser.get(reverse("press:quota") + query).content.decode()

    with clock.set_to(moment("2026-01-05 09:00")):
        [row], reading, _cite = quota(xian.place, 2025, clock.now())
    assert (reading, row.held, row.planned, row.missing) == ("place", 1, 0, 1)
    assert "2025年涉全局的发布例会" in shown("?year=2025")
    assert "全地区合计" in shown("?year=2025")
    for query in ("", "?year=1999", "?year=x"):
        assert "2026年涉全局的发布例会" in shown(query)
    assert '<a class="pick" href="?year=2025">2025年</a>' in shown("")
    assert "各单位各自" in shown("")


@pytest.mark.clause("XA-XF-01-5", "XA-XF-01-6")
def test_a_hot_event_in_xian_is_cleared_up_at_once_and_followed_up(xian):
    assert asks.values_of("610100", "press.hot")[0] == "重大突发公共事件"
    event = xian.plan("2025-09-28 20:00", hot="群体性事件", topic="热点问题", form="网上发布")
    owed = event.matter.obligations.get(duty="press.clarify")
    assert "一、（一）三是" in asks.cite_of("610100", owed.duty)
    assert asks.duty_of("610100", "press.clarify").local == ("within",)

    for hour, facet in ((21, "事实真相"), (22, "政府态度"), (23, "处置措施")):
        xian.do("press", f"2025-09-28 {hour}:00", actions.update, event, facet=facet, words="请看这里。")
    owed.refresh_from_db()
    assert owed.state == "met"
    assert [one.facet for one in event.statements.all()] == ["处置措施", "政府态度", "事实真相"]
    assert event.matter.obligations.filter(duty="press.follow_up").standing().count() == 1


@pytest.mark.clause("XA-XF-01-7")
def test_the_press_office_evaluates_everybody_once_a_year_and_nobody_themselves(xian):
    now = "2025-12-01 09:00"
    with clock.set_to(moment("2025-01-02 09:00")):
        cycles.open_cycles(moment("2025-01-02 09:00"))
    person = xian.spokesperson()
    self_ = xian.do(
        "spokesman", "2025-09-22 09:00", actions.save_spokesperson, unit=xian.town.office, name="自己", title="主任",
        staff=xian.town.staff["spokesman"], since=date(2025, 1, 1),
    )  # fmt: skip
    with pytest.raises(Refused, match="只有新闻发布主管单位"):
        xian.do("press", now, actions.evaluate, person, year=2025, grade="称职")
    with pytest.raises(Refused, match="不能评估自己"):
        xian.do("spokesman", now, actions.evaluate, self_, year=2025, grade="优秀")
    xian.do("spokesman", now, actions.evaluate, person, year=2025, grade="称职", words="出席两场")
    with pytest.raises(Refused, match="还有 1 人没有评估"):
        xian.do("spokesman", now, actions.finish_evaluation, xian.place, year=2025)
    xian.do("chief", now, actions.evaluate, self_, year=2025, grade="优秀")
    xian.do("spokesman", now, actions.finish_evaluation, xian.place, year=2025)

    cycle = cycles.current(xian.place, actions.EVALUATE, "year", moment(now))
    assert cycle.obligations.get().state == "met"
    assert Evaluation.objects.count() == 2


@pytest.mark.clause("XA-XF-01-7")
def test_the_evaluation_of_a_year_is_reported_in_the_next(xian):
    for day in ("2025-01-02", "2026-01-05"):
        with clock.set_to(moment(f"{day} 09:00")):
            cycles.open_cycles(clock.now())
    person, browser = xian.spokesperson(), Client()
    browser.force_login(xian.town.staff["spokesman"])
    with clock.set_to(moment("2026-01-05 09:00")):
        page = browser.get(f"{reverse('press:evaluations')}?year=2025").content.decode()
        assert reverse("press:evaluate", args=[2025, person.pk]) in page
        browser.post(reverse("press:evaluate", args=[2025, person.pk]), {"grade": "称职"})
        browser.post(f"{reverse('press:completion')}?year=2025")

    cycle = cycles.of_period(xian.place, actions.EVALUATE, "2025")
    assert cycle.obligations.get().state == "met_late"
    assert cycles.of_period(xian.place, actions.EVALUATE, "2026").obligations.get().state == "open"


@pytest.mark.clause("XA-XF-01-8")
def test_a_failing_is_ordered_right_circulated_and_a_head_decides(xian):
    assert asks.values_of("610100", "press.fault") == (
        "发布虚假信息", "回避关切", "搪塞热点", "重大事件失语", "无故推诿采访",
    )  # fmt: skip
    failing = xian.do(
        "spokesman", "2025-09-08 09:00", actions.find_failing, unit=xian.unit, fault="重大事件失语", words="停水三天没有发声",
    )  # fmt: skip
    failing = xian.do(
        "spokesman", "2025-09-08 10:00", actions.order_rectification, failing, order="补开发布会"
    )
    owed = failing.matter.obligations.get(duty="press.rectify")
    assert (owed.unit, owed.due_at) == (xian.unit, moment("2025-09-23 00:00"))
    with pytest.raises(Refused, match="由被责令整改的单位"):
        xian.do("spokesman", "2025-09-09 09:00", actions.rectify, failing, result="已改")
    xian.do("press", "2025-09-15 09:00", actions.rectify, failing, result="已补开，并建立值守")
    owed.refresh_from_db()
    assert owed.state == "met"

    xian.do("spokesman", "2025-09-16 09:00", actions.circulate, failing)
    xian.do("spokesman", "2025-09-16 10:00", actions.propose_accountability, failing, proposal="后果严重")
    given = {"outcome": "不追究，批评教育", "decision": "已及时补救"}
    with pytest.raises(Refused, match="负责人决定"):
        xian.do("spokesman", "2025-09-17 09:00", actions.decide_accountability, failing, **given)
    xian.do("chief", "2025-09-17 10:00", actions.decide_accountability, failing, **given)

    failing = Failing.objects.get()
    assert failing.decided_by == xian.town.staff["chief"]
    assert failing.decision.startswith("不追究，批评教育：")
    assert failing.circulated_at is not None


def test_nobody_handles_their_own_failing(xian):
    person = xian.spokesperson(staff=xian.town.staff["spokesman"], name="自己")
    given = {"unit": xian.unit, "fault": "回避关切", "words": "没有回答", "spokesperson": person}
    with pytest.raises(Refused, match="不能认定自己"):
        xian.do("spokesman", "2025-09-08 09:00", actions.find_failing, **given)
    failing = xian.do("chief", "2025-09-08 09:00", actions.find_failing, **given)
    with pytest.raises(Refused, match="不能处理自己的事"):
        xian.do("spokesman", "2025-09-08 10:00", actions.order_rectification, failing, order="改")


@pytest.mark.clause("XA-WZ-02-7")
def test_an_online_interview_in_xian_is_planned_previewed_and_open_to_questions(xian):
    event = xian.attended(xian.signed(form="在线访谈"))
    with pytest.raises(Refused, match="还没有做预告"):
        xian.do("press", "2025-09-29 10:00", actions.hold, event)
    with pytest.raises(Refused, match="现在不收提问"):
        actions.ask_online(event, at=moment("2025-09-24 09:00"), stamp="x", words="什么时候通水？")
    xian.do("press", "2025-09-24 10:00", actions.announce, event, preview="谈供水")
    actions.ask_online(fresh(event), at=moment("2025-09-24 11:00"), stamp="x", words="什么时候通水？")
    xian.do("press", "2025-09-29 10:00", actions.hold, fresh(event))

    assert event.matter.obligations.get(duty="press.preview").state == "met"
    assert event.citizen_questions.count() == 1


@pytest.mark.clause("XA-GT-08-2")
def test_major_information_goes_out_with_its_plan_of_dissemination(xian):
    event = xian.held(is_major=True)
    with pytest.raises(Refused, match="传播方案"):
        xian.do("press", "2025-09-29 15:00", actions.publish, event, record="现在开始。")
    row = xian.do(
        "press", "2025-09-29 15:00", actions.plan_dissemination, event.matter, channel="政府网站",
        on=moment("2025-09-29 16:00"), unit=xian.unit, who="小王",
    )  # fmt: skip
    xian.do("press", "2025-09-29 15:10", actions.publish, event, record="现在开始。")
    xian.do("press", "2025-09-29 17:00", actions.note_dissemination, row, reach=12_000)

    opinion = xian.opinion(unit=xian.unit)
    xian.do(
        "press", "2025-09-29 15:00", actions.plan_dissemination, opinion, channel="政务新媒体",
        on=moment("2025-09-29 16:00"), unit=xian.unit,
    )  # fmt: skip
    assert opinion.facts.get().kind == "press.dissemination_planned"
    assert fresh(event).stage == "published"


@pytest.mark.clause("XA-XM-03-2")
def test_whoever_opens_an_account_answers_for_it_and_its_rules_stand_first(xian):
    bare = xian.account(security_rule="")
    with pytest.raises(Refused, match="谁开设谁负责"):
        xian.do("spokesman", "2025-09-22 10:00", actions.activate, bare)
    whole = xian.account(name="西安住建")
    with pytest.raises(Refused, match="只有新闻发布主管单位"):
        xian.do("press", "2025-09-22 10:00", actions.activate, whole)
    xian.do("spokesman", "2025-09-22 10:00", actions.activate, whole)

    account = Account.objects.select_related("matter", "unit", "place").get(title="西安住建")
    assert account.unit == xian.unit
    post = xian.do(
        "press",
        "2025-09-23 09:00",
        actions.draft_post,
        unit=xian.unit,
        title="停水",
        text="今晚停水。",
        accounts=[account],
    )
    with pytest.raises(Refused, match="审定以后才能推送"):
        xian.do("press", "2025-09-23 10:00", actions.push, post)


@pytest.mark.clause("XA-JD-07-5")
def test_an_expert_of_the_pool_explains_at_an_interview(xian):
    expert = xian.do(
        "press", "2025-09-22 09:00", actions.save_expert, unit=xian.unit, name="韩律师", organisation="某律师事务所",
        field="住房保障", is_counsel=True, since=date(2025, 1, 1),
    )  # fmt: skip
    event = xian.plan(form="在线访谈")
    rows = [{"kind": "解读专家", "name": expert.name, "title": expert.organisation, "expert": expert}]
    xian.do("press", "2025-09-23 09:00", actions.name_attendance, event, attendees=rows)

    assert Expert.objects.get(is_counsel=True).appearances.get().event == event


@pytest.mark.clause("HS-LD-13-3")
def test_in_heshuo_staff_for_the_net_are_trained_in_three_abilities(db, fresh_rules):
    town = Town("652828", "heshuo")
    Responsibility.objects.create(unit=town.office, duty=Duty.PRESS)
    town._appoint("press", town.bureau, (Power.PRESS,))
    by = Actor.of(town.staff["press"], date(2025, 9, 22))
    at = moment("2025-09-22 09:00")
    person = actions.save_spokesperson(
        by=by,
        at=at,
        unit=town.bureau,
        name="阿依",
        title="科员",
        role="兼职网络传播人员",
        since=date(2025, 1, 1),
    )
    for ability in asks.values_of("652828", "press.ability"):
        for _ in range(2):
            actions.add_training(
                person, by=by, at=at, on=date(2025, 9, 1), ability=ability, title="网络传播培训"
            )

    assert sorted(Training.objects.values_list("ability", flat=True)) == ["回应引导", "政策把握", "舆情研判"]
