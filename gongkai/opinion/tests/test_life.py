"""An event from the first sign to its end, each step by the person whose step it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from gongkai.ledger import actions as ledger
from gongkai.ledger.models import Fact, Link
from gongkai.notices.models import Delivery, Notice
from gongkai.opinion import accountability, actions, asks, checks, policy
from gongkai.opinion.models import Accountability, Bulletin, Dispatch, Exchange, Inspection, Risk, Stage
from gongkai.opinion.tests.world import (
    HESHUO,
    QUESTIONS,
    QUZHOU,
    TEXT,
    XIAN,
    YINZHOU,
    ZUNYI,
    again,
    duty,
    fresh,
)
from gongkai.people.models import Watch
from gongkai.press import facts as press
from gongkai.reviews import actions as reviews
from gongkai.reviews.models import Sheet
from gongkai.ui.refusal import Refused
from tests.world import moment

# ---- found -------------------------------------------------------------------------------------------------------


@pytest.mark.clause("QZ-YQ-05-4", "QZ-YQ-03-1", "XA-YQ-04-1", "QZ-YQ-01-3")
@pytest.mark.parametrize("code", [QUZHOU, XIAN])
def test_what_is_found_is_owed_an_answer_within_48_hours_from_the_finding(town, code):
    event = town(code).found(at="2025-09-30 22:00", detected_at=moment("2025-09-30 20:00"))

    assert timezone.localtime(duty(event, "opinion.respond").due_at) == moment("2025-10-02 20:00")
    assert duty(event, "opinion.grade").unit.code.endswith("wangxin")


def test_an_event_is_not_found_in_the_future(town):
    with pytest.raises(Refused, match="不能晚于现在"):
        town().found(at="2025-09-30 22:00", detected_at=moment("2025-10-01 08:00"))


@pytest.mark.clause("QZ-YQ-02-2", "QZ-YQ-02-1")
def test_what_a_superior_orders_is_one_of_the_five_kinds_and_names_the_superior(town):
    place = town()
    with pytest.raises(Refused, match="哪个上级"):
        place.found(found_by="上级要求")

    event = place.found(found_by="上级要求", ordered_by="省人民政府办公厅")

    assert event.must_respond == "上级政府要求主动回应"
    assert Fact.objects.get(kind="opinion.detected").details["ordered_by"] == "省人民政府办公厅"
    with pytest.raises(Refused, match="清单里没有"):
        place.graded(event=event, must_respond="别的")


@pytest.mark.clause("QZ-YQ-01-4", "HS-LD-07-1")
def test_a_letter_becomes_an_event_and_stays_tied_to_it(town):
    place = town(HESHUO)
    letter = ledger.open_matter(
        "LY-1",
        room="letters",
        title="自来水发黄",
        place=place.place,
        unit=place.units["shuiwu"],
        at=moment("2025-09-29 08:00"),
    )

    event = place.found(from_matter=letter, found_by="留言转来", channel="热线电话")

    assert Link.objects.get(kind="arose_from").target == letter
    assert [matter.number for _says, matter in asks.related(event)] == ["LY-1"]


@pytest.mark.clause("HS-LD-11-6")
def test_by_night_whoever_is_on_duty_is_reached_by_sms(town):
    place = town(HESHUO)
    staff = place.staff["chief"]
    staff.phone = "19900000000"
    staff.save()
    Watch.objects.create(
        unit=place.units["wangxin"], staff=staff, phone="0996-110", starts_at=moment("2025-10-01 00:00"),
        ends_at=moment("2025-10-02 00:00"),
    )  # fmt: skip

    event = place.found(at="2025-10-01 02:00")

    assert Notice.objects.filter(staff=staff, number=event.code).exists()
    assert Delivery.objects.filter(
        channel=Delivery.Channel.SMS, staff=staff, due_at=moment("2025-10-01 02:00")
    ).exists()


def test_a_clock_of_hours_reminds_by_night_whoever_is_on_duty(town):
    from gongkai.ledger import outbox

    place = town()
    staff = place.staff["chief"]
    staff.phone = "19900000000"
    staff.save()
    Watch.objects.create(
        unit=place.units["wangxin"], staff=staff, phone="0570-110", starts_at=moment("2025-10-01 00:00"),
        ends_at=moment("2025-10-04 00:00"),
    )  # fmt: skip
    event = place.found(at="2025-10-01 14:30")
    place.graded(event=event, at="2025-10-01 15:00")
    outbox.deliver_all(moment("2025-10-01 15:00"))
    Delivery.objects.all().delete()

    night = moment("2025-10-03 02:30")  # twelve hours before the end of the forty-eight
    ledger.sweep_all(night)
    outbox.deliver_all(night)

    sent = Delivery.objects.filter(channel=Delivery.Channel.SMS, staff=staff, title__contains="回应公众")
    assert {(delivery.title, delivery.due_at) for delivery in sent} == {("临期提醒：回应公众", night)}


# ---- judged ------------------------------------------------------------------------------------------------------


@pytest.mark.clause("YZ-YQ-09-2", "YZ-YQ-09-3")
def test_a_major_emergency_is_owed_a_release_in_five_hours_and_a_conference_in_twenty_four(town):
    event = town(YINZHOU).graded(grade="特别重大", is_emergency=True)

    assert timezone.localtime(duty(event, "opinion.first_release").due_at) == moment("2025-09-29 14:00")
    assert timezone.localtime(duty(event, "opinion.press_conference").due_at) == moment("2025-09-30 09:00")


@pytest.mark.clause("QZ-YQ-05-3")
def test_a_conference_held_for_an_event_meets_its_clock(town):
    place = town()
    event = place.graded(grade="重大", is_emergency=True)
    owed = duty(event, "opinion.press_conference")
    assert timezone.localtime(owed.due_at) == moment("2025-09-30 09:00")

    actor = place.actor("press", "2025-09-29 20:00")
    ledger.record(
        press.CONFERENCE_HELD, matter=event.matter, by=actor, at=moment("2025-09-29 20:00"), because="补记",
        details={"form": "新闻发布会"},
    )  # fmt: skip

    assert duty(event, "opinion.press_conference").state == "met"


@pytest.mark.clause("HS-LD-09B-1", "HS-LD-09B-4")
def test_another_grade_than_the_suggested_needs_its_reason_and_keeps_the_evidence(town):
    place = town(HESHUO)
    event = place.found()
    points = [{"factor": "公众反应", "points": 30, "says": "3小时120人参与", "posts": [1, 2]}]
    given = {"grade": "较大", "suggested": "重大", "scores": (40, 60, 50), "evidence": points, "kind": "疑虑"}

    with pytest.raises(Refused, match="要写理由"):
        place.do("watcher", "2025-09-29 09:30", actions.assess, event, **given)
    row = place.do(
        "watcher", "2025-09-29 09:30", actions.assess, event, because="已知原因，正在恢复", **given
    )
    place.do("watcher", "2025-09-29 09:40", actions.warn, fresh(event), words="请水务局注意城东片区")

    assert (row.content, row.reaction, row.media, row.evidence) == (40, 60, 50, points)
    assert fresh(event).grade == "较大"
    assert event.matter.facts.filter(kind="opinion.warned").count() == 1


def test_a_grade_lowered_lets_the_conference_lapse_and_the_table_of_moves_holds(town):
    place = town()
    event = place.graded(grade="重大", is_emergency=True)

    place.do("watcher", "2025-09-29 11:00", actions.assess, event, grade="一般", scores=(10, 10, 0))

    assert duty(event, "opinion.press_conference").state == "lapsed"
    assert event.assessments.count() == 2
    with pytest.raises(Refused, match="待交办"):
        place.do("watcher", "2025-09-29 12:00", actions.close, fresh(event), reason="没事了")


@pytest.mark.clause("QZ-YQ-05-6")
def test_what_is_not_opinion_is_put_aside_with_a_reason_and_may_come_back(town):
    place = town()
    event = place.found()
    with pytest.raises(Refused, match="理由"):
        place.do("watcher", "2025-09-29 09:30", actions.dismiss, event, reason=" ")

    place.do("watcher", "2025-09-29 09:30", actions.dismiss, event, reason="外地的事")
    assert duty(event, "opinion.respond").state == "lapsed"
    place.do("watcher", "2025-09-30 09:30", actions.reopen, fresh(event), reason="确有本地的")

    assert fresh(event).stage == Stage.FOUND
    assert timezone.localtime(duty(event, "opinion.respond").due_at) == moment("2025-10-02 09:30")


@pytest.mark.clause("YZ-YQ-09-1", "HS-LD-14-1")
@pytest.mark.parametrize("code", [YINZHOU, HESHUO])
def test_what_is_to_be_published_first_is_marked(town, code):
    event = town(code).graded(priority="影响市场预期")

    assert event.priority == "影响市场预期"
    assert event.matter.facts.get(kind="opinion.graded").details["priority"] == "影响市场预期"


# ---- consultation and measures -----------------------------------------------------------------------------------


@pytest.mark.clause("YZ-YQ-08-3", "ZY-YQ-09-1", "XA-GT-08-1", "QZ-YQ-05-6", "YZ-YQ-09-5", "QZ-YQ-05-12")
@pytest.mark.parametrize("code", [YINZHOU, ZUNYI, XIAN, QUZHOU])
def test_major_sensitive_opinion_is_judged_together(town, code):
    place = town(code)
    event = place.graded(
        grade="重大", is_sensitive=True, nature="民生", trend="上升", risk="聚集", measures="先稳供水，再通报"
    )
    assert duty(event, "opinion.consult").state == "open"

    row = place.do(
        "overseer", "2025-09-29 09:40", actions.call_consultation, event,
        [place.units["xuanchuan"], place.units["wangxin"]], meets_at=moment("2025-09-29 10:00"), agenda="供水",
    )  # fmt: skip
    place.do("overseer", "2025-09-29 10:30", actions.hold_consultation, row, minutes="一致：先恢复供水")

    assert duty(event, "opinion.consult").state == "met"
    assert event.assessments.get().measures == "先稳供水，再通报"
    assert Notice.objects.filter(staff=place.staff["watcher"], title="请参加舆情会商").exists()
    with pytest.raises(Refused, match="已有纪要"):
        place.do("overseer", "2025-09-29 10:31", actions.hold_consultation, row, minutes="再写")


@pytest.mark.clause("XA-GT-08-1")
def test_in_xian_the_propaganda_department_convenes(town):
    from gongkai.ledger import asks as rules

    lead, says, cite = rules.route(XIAN, "opinion.convener", {"grade": "重大"})
    assert (lead, "八" in cite) == ("propaganda", True)
    assert "新闻宣传" in says


@pytest.mark.clause("HS-LD-09B-3")
def test_in_heshuo_the_measures_are_approved_before_anybody_acts(town):
    place = town(HESHUO)
    event = place.graded(grade="重大", is_sensitive=True, measures="先恢复供水")

    with pytest.raises(Refused, match="预控处置意见") as refusal:
        place.assigned(event=event)
    assert "第九条" in refusal.value.cite

    sheet = place.do("watcher", "2025-09-29 09:45", actions.submit_measures, event)
    place.do("chief", "2025-09-29 09:50", reviews.sign, sheet)
    assert place.assigned(event=event).stage == Stage.HANDLING


# ---- who answers -------------------------------------------------------------------------------------------------


@pytest.mark.clause("QZ-YQ-03-2", "YZ-YQ-07-6")
@pytest.mark.parametrize("code", [QUZHOU, YINZHOU])
def test_an_extra_major_event_is_led_by_the_head_of_the_government(town, code):
    place = town(code)
    event = place.graded(grade="特别重大")

    with pytest.raises(Refused, match="主要负责人"):
        place.assigned(event=event)
    place.do("overseer", "2025-09-29 09:50", actions.name_leader, event, place.staff["mayor"])

    assert place.assigned(event=event).leader == place.staff["mayor"]


@pytest.mark.clause("QZ-YQ-03-3", "QZ-YQ-03-5", "QZ-YQ-03-6", "QZ-YQ-03-7", "QZ-YQ-03-8", "QZ-YQ-01-2")
@pytest.mark.parametrize(
    ("scope", "lead", "article"),
    [
        ("本级重大政策", "相关责任部门", "（二）"), ("单个下级地区", "当地涉事责任部门", "（三）"),
        ("多个下级地区", "上级业务主管部门", "（四）"), ("多个部门", "政府办公室指定的牵头部门", "（五）"),
        ("垂直管理部门", "上级部门", "（六）"), ("单个部门", "相关责任部门", "一、（二）"),
    ],
)  # fmt: skip
def test_quzhou_names_the_first_responsible_by_scope_with_the_article(town, scope, lead, article):
    place = town()
    proposed = asks.proposal(place.graded(scope=scope), moment("2025-09-29 10:00"))

    assert (proposed.lead, article in proposed.cite) == (lead, True)
    assert {unit.name for unit in proposed.coordinators} == {"office", "xuanchuan"}


@pytest.mark.clause("YZ-YQ-07-1", "YZ-YQ-07-2", "YZ-YQ-07-3", "YZ-YQ-07-4", "YZ-YQ-07-5")
@pytest.mark.parametrize(
    ("scope", "lead"),
    [
        ("本级重大政策", "相关责任部门"),
        ("单个下级地区", "当地涉事责任部门"),
        ("多个下级地区", "上级业务主管部门"),
        ("多个部门", "各相关部门"),
    ],
)
def test_yinzhou_names_no_designated_lead_and_lets_office_and_propaganda_coordinate(town, scope, lead):
    place = town(YINZHOU)
    event = place.graded(scope=scope)
    proposed = asks.proposal(event, moment("2025-09-29 10:00"))
    assert (proposed.lead, "（七）" in proposed.cite) == (lead, True)

    event = place.assigned(event=event, coordinators=proposed.coordinators)
    assert {p.unit.name for p in event.parties.filter(role="coordinate")} == {"office", "xuanchuan"}


@pytest.mark.clause("HS-LD-05-1", "HS-LD-11-2", "HS-LD-03-1", "HS-LD-11-4")
def test_units_sign_for_it_each_on_its_own_clock_and_the_lead_owes_the_answer(town):
    place = town(HESHUO)
    event = place.assigned(others=[place.units["zhujian"]])

    place.do("other", "2025-09-29 10:20", actions.accept, event)

    owed = {
        o.unit.name: o.state
        for o in event.matter.obligations.filter(duty="opinion.accept").select_related("unit")
    }
    assert owed == {"shuiwu": "open", "zhujian": "met"}
    assert duty(event, "opinion.respond").unit.name == "shuiwu"
    with pytest.raises(Refused, match="责任单位"):
        place.do("police", "2025-09-29 10:20", actions.accept, event)


@pytest.mark.clause("HS-LD-12-1", "HS-LD-13-1")
def test_a_unit_answers_through_the_post_it_has_named_for_it_and_through_nobody_else(town):
    from gongkai.people.models import Post

    place = town(HESHUO)
    event = place.assigned()
    with pytest.raises(Refused, match="责任单位"):
        place.do("section", "2025-09-29 10:20", actions.accept, event)

    Post.objects.filter(name="section").update(powers=["documents.review", "opinion.respond"])
    place.do("section", "2025-09-29 10:20", actions.accept, event)

    assert event.parties.get().accepted_at == moment("2025-09-29 10:20")


def test_a_unit_that_is_no_longer_responsible_is_relieved(town):
    place = town()
    event = place.assigned(others=[place.units["zhujian"]])

    place.assigned(event=event, at="2025-09-29 10:10")

    assert event.parties.get(unit=place.units["zhujian"]).left_at is not None
    assert duty(event, "opinion.accept").unit.name == "zhujian"
    assert event.matter.obligations.get(duty="opinion.accept", unit=place.units["zhujian"]).state == "lapsed"
    assert not policy.visible_to(place.actor("other", "2025-09-29 11:00")).exists()


@pytest.mark.clause("QZ-YQ-03-7", "YZ-YQ-07-4", "HS-LD-12-3", "HS-LD-11-4")
@pytest.mark.parametrize("code", [QUZHOU, YINZHOU, HESHUO])
def test_several_units_speak_only_with_one_agreed_line(town, code):
    place = town(code)
    event = place.gathered(event=place.assigned(others=[place.units["zhujian"]]))
    place.do(
        "other",
        "2025-09-29 10:35",
        actions.accept,
        event,
        head=place.staff["other_head"],
        deputy=place.staff["other_deputy"],
    )
    place.do("writer", "2025-09-29 10:40", actions.set_line, event, words="管道冲洗引起，18时恢复")
    response = place.ready(fresh(event))
    with pytest.raises(Refused, match="口径"):
        place.do("writer", "2025-09-29 12:00", actions.release, response)

    place.do(
        "other", "2025-09-29 12:10", actions.answer_line, fresh(event), agrees=False, words="恢复时间要写20时"
    )
    assert fresh(event).parties.get(unit=place.units["zhujian"]).agrees is False
    place.do("writer", "2025-09-29 12:15", actions.set_line, fresh(event), words="管道冲洗引起，20时恢复")
    place.do("other", "2025-09-29 12:20", actions.answer_line, fresh(event), agrees=True)
    place.do("writer", "2025-09-29 12:30", actions.release, again(response))

    assert duty(event, "opinion.respond").state == "met"


# ---- what leaves the desk ----------------------------------------------------------------------------------------


@pytest.mark.clause("QZ-YQ-04-3", "HS-LD-10-1")
@pytest.mark.parametrize("code", [QUZHOU, HESHUO])
def test_major_opinion_goes_to_the_office_and_the_cyberspace_office_with_one_stroke(town, code):
    place = town(code)
    event = place.graded(grade="重大")

    place.do(
        "watcher",
        "2025-09-29 09:45",
        actions.report_upward,
        event,
        words="城东发黄",
        way="舆情专班平台",
        superior="市政府",
    )

    assert {row.to for row in Dispatch.objects.filter(event=event)} == {
        "openness_office",
        "cyberspace",
        "superior",
    }
    assert duty(event, "opinion.report").state == "met"
    assert {
        o.unit.name for o in event.matter.obligations.filter(duty="opinion.receive", unit__isnull=False)
    } == {"office", "wangxin"}


@pytest.mark.clause("QZ-YQ-04-2")
def test_a_rumour_goes_to_police_and_the_network_regulator_at_the_same_moment(town):
    place = town()
    event = place.graded(kind="谣言", is_rumour=True)
    with pytest.raises(Refused, match="依据"):
        place.do("watcher", "2025-09-29 10:00", actions.hand_over, event, "rumour", words="伪造通知", cite="")

    place.do("watcher", "2025-09-29 10:00", actions.hand_over, event, "rumour", words="伪造通知", cite="四、")

    rows = Dispatch.objects.filter(event=event)
    assert {(row.to, row.at) for row in rows} == {
        ("police", moment("2025-09-29 10:00")),
        ("cyberspace", moment("2025-09-29 10:00")),
    }
    assert duty(event, "opinion.hand_over_rumour").state == "met"
    mine = rows.get(to="police")
    place.do("police", "2025-09-29 10:30", actions.receive, mine, outcome="已立案")
    with pytest.raises(Refused, match="已经签收"):
        place.do("police", "2025-09-29 10:31", actions.receive, Dispatch.objects.get(pk=mine.pk))


@pytest.mark.clause("ZY-YQ-04-1", "ZY-YQ-04-2", "ZY-YQ-04-3", "ZY-YQ-03-1")
def test_zunyi_triages_into_three(town):
    place = town(ZUNYI)
    plain = place.graded(triage="一般关注", subject="行政管理工作")
    complaint = place.graded(event=place.found(title="投诉停水"), triage="举报投诉")
    bad = place.assigned(event=place.graded(event=place.found(title="视频说水有毒"), triage="负面舆情"))

    place.assigned(event=plain)
    place.do("watcher", "2025-09-29 11:00", actions.close, fresh(plain), reason="正面关注，研定不另发布")
    assert duty(plain, "opinion.decide_release").state == "met"
    place.do(
        "watcher", "2025-09-29 11:00", actions.hand_over, complaint, "petition", words="投诉", cite="第四条"
    )
    assert duty(complaint, "opinion.hand_over_petition").state == "met"
    place.do("watcher", "2025-09-29 11:00", actions.hand_over, bad, "cyberspace", words="协调", cite="第四条")
    assert duty(bad, "opinion.hand_over_cyberspace").state == "met"
    place.do("writer", "2025-09-30 11:00", actions.handle, fresh(bad), words="已送检，入户送水")
    assert duty(bad, "opinion.handle_offline").state == "met"
    with pytest.raises(Refused, match="没有回应"):
        place.do("watcher", "2025-09-30 12:00", actions.close, fresh(bad), reason="平息了")


# ---- the answer --------------------------------------------------------------------------------------------------


@pytest.mark.clause("QZ-YQ-05-1", "QZ-YQ-05-5", "YZ-YQ-09-4", "QZ-YQ-05-7", "ZY-YQ-05-1", "HS-LD-12-4")
@pytest.mark.parametrize("code", [QUZHOU, YINZHOU, ZUNYI, HESHUO])
def test_the_first_answer_meets_the_clock_and_later_ones_keep_the_public_informed(town, code):
    place = town(code)
    event = place.graded(grade="重大")
    event = place.gathered(event=place.assigned(event=event))
    assert duty(event, "opinion.gather").state == "met"

    event = place.released(event=event)
    assert (event.stage, duty(event, "opinion.respond").state) == (Stage.ANSWERED, "met")
    assert timezone.localtime(duty(event, "opinion.keep_informing").due_at) == moment("2025-09-30 12:00")

    later = place.ready(event, at="2025-09-30 10:00", title="供水已经恢复")
    place.do("writer", "2025-09-30 10:30", actions.release, later)
    assert timezone.localtime(duty(event, "opinion.keep_informing").due_at) == moment("2025-10-01 10:30")
    with pytest.raises(Refused, match="回应形式"):
        place.ready(event, form="弹幕")


@pytest.mark.clause("QZ-YQ-03-4")
def test_in_quzhou_a_press_release_is_cosigned_by_office_and_propaganda(town):
    place = town()
    plain = place.ready(place.gathered())
    assert Sheet.objects.get(matter=plain.event.matter, subject=policy.RESPONSE).signatures.count() == 3

    event = place.gathered(
        event=place.assigned(event=place.graded(event=place.found(title="地震"), needs_release=True))
    )
    response = place.ready(event)
    sheet = Sheet.objects.get(matter=event.matter, subject=policy.RESPONSE)
    assert [s.unit.name for s in sheet.signatures.order_by("order")] == [
        "shuiwu",
        "shuiwu",
        "shuiwu",
        "office",
        "xuanchuan",
    ]
    assert response.stage == "ready"


@pytest.mark.clause("HS-LD-13-2")
def test_in_heshuo_an_editor_writes_and_a_leader_approves(town):
    place = town(HESHUO)
    event = place.gathered()
    made = place.do(
        "writer", "2025-09-29 11:00", actions.draft, event, form="网上发布信息", title="通报", text=TEXT
    )
    sheet = place.do("writer", "2025-09-29 11:00", actions.submit, made)

    with pytest.raises(Refused):
        place.do("writer", "2025-09-29 11:01", reviews.sign, sheet)
    with pytest.raises(Refused, match="还不能发布"):
        place.do("writer", "2025-09-29 11:01", actions.release, again(made))
    place.do("deputy", "2025-09-29 11:05", reviews.sign, sheet)
    assert again(made).stage == "ready"


@pytest.mark.clause("HS-LD-11-5")
def test_in_heshuo_nothing_goes_out_before_the_two_leaders_are_named(town):
    place = town(HESHUO)
    event = place.assigned()
    place.do("writer", "2025-09-29 10:20", actions.accept, event)
    place.do("writer", "2025-09-29 10:30", actions.gather, event, words="管道冲洗")

    with pytest.raises(Refused, match="主要领导和分管领导"):
        place.do("writer", "2025-09-29 12:00", actions.release, place.ready(fresh(event)))


def test_the_text_that_goes_out_is_the_text_that_was_signed(town):
    place = town()
    response = place.ready(place.gathered())
    response.text = "换了一句"
    response.save(update_fields=["text"])

    with pytest.raises(Refused, match="审签"):
        place.do("writer", "2025-09-29 12:00", actions.release, again(response))


@pytest.mark.clause("HS-LD-17-1")
def test_what_must_not_spread_is_seen_by_few_and_never_released(town):
    place = town(HESHUO)
    event = place.graded(is_restricted=True)
    seen = {name for name in place.staff if policy.visible_to(place.actor(name, "2025-09-29 10:00")).exists()}
    assert seen == {"watcher", "chief", "mayor"}

    response = place.ready(place.gathered(event=place.assigned(event=event)))
    with pytest.raises(Refused, match="不在网站回应"):
        place.do("writer", "2025-09-29 12:00", actions.release, response)


@pytest.mark.clause("QZ-YQ-05-8", "HS-LD-06-1")
def test_an_answer_is_laid_beside_the_questions_people_ask(town):
    place = town()
    event = place.gathered()

    found = {point.says: point.is_met for point in checks.check(event, "高度重视，正在了解。")}
    good = {
        point.says: point
        for point in checks.check(event, f"水能喝，经检测合格。{TEXT}什么时候恢复：30日18时恢复供水。")
    }

    assert [line.strip() for line in QUESTIONS.splitlines()] == event.asked
    assert not found["没有空话套话"]
    assert not found["写了依据或核实的办法"]
    assert good["回答了“什么时候恢复”"].is_met
    assert good["写了时间"].is_met


def test_an_answer_taken_down_says_why(town):
    place = town()
    event = place.released()
    response = event.responses.get()

    place.do("overseer", "2025-09-29 13:00", actions.withdraw, response, reason="恢复时间有误")

    assert again(response).withdrawn_because == "恢复时间有误"
    with pytest.raises(Refused, match="没有发布"):
        place.do("overseer", "2025-09-29 13:01", actions.withdraw, again(response), reason="再撤")


@pytest.mark.clause("GB-YQ-04-1")
def test_an_event_whose_only_answer_is_taken_down_is_to_be_answered_again(town):
    place = town()
    graded = place.graded(triage="负面舆情")
    event = place.released(event=place.gathered(event=place.assigned(event=graded)))
    response = event.responses.get()
    place.do("watcher", "2025-09-30 09:00", actions.close, event, reason="已经平息")
    assert duty(event, "opinion.respond").state == "met"

    place.do("overseer", "2025-10-01 13:00", actions.withdraw, response, reason="恢复时间有误")

    event = fresh(event)
    assert (event.stage, event.closed_at) == (Stage.HANDLING, None)
    owed = duty(event, "opinion.respond")
    assert (owed.state, owed.due_at) == ("open", moment("2025-10-03 13:00"))
    with pytest.raises(Refused, match="还没有回应公众"):
        place.do("watcher", "2025-10-01 14:00", actions.close, event, reason="不用再回应")

    second = place.ready(event, "2025-10-02 09:00")
    place.do("writer", "2025-10-02 12:00", actions.release, second)
    assert duty(event, "opinion.respond").state == "met"
    assert fresh(event).stage == Stage.ANSWERED


def test_an_event_with_another_answer_is_not_to_be_answered_again(town):
    place = town()
    event = place.released()
    place.do("writer", "2025-09-29 12:30", actions.release, place.ready(event))

    place.do("overseer", "2025-09-29 13:00", actions.withdraw, event.responses.first(), reason="恢复时间有误")

    assert fresh(event).stage == Stage.ANSWERED
    assert duty(event, "opinion.respond").state == "met"


# ---- looking back ------------------------------------------------------------------------------------------------


def test_the_effect_is_kept_with_heat_before_and_after(town):
    place = town()
    event = place.released()

    row = place.do(
        "watcher", "2025-10-01 09:00", actions.measure, event, hours=24, before=200, after=50, negative_before=120,
        negative_after=10, reached=30000,
    )  # fmt: skip

    assert (row.change, duty(event, "opinion.measure").state) == (-75, "met")


@pytest.mark.clause(
    "QZ-YQ-06-3", "QZ-YQ-06-5", "QZ-YQ-05-10", "HS-LD-15-3", "QZ-YQ-00-1", "QZ-YQ-05-2", "HS-LD-08-1"
)
@pytest.mark.parametrize("code", [QUZHOU, HESHUO])
def test_a_missed_clock_that_made_it_worse_proposes_a_circular_and_a_person_decides(town, code):
    place = town(code)
    event = place.assigned()
    late = "2025-10-02 09:00"
    ledger.sweep_all(moment(late))
    assert duty(event, "opinion.supervise").unit.name == "office"
    place.do("watcher", late, actions.escalate, event, reason="全国性媒体跟进")

    made = place.do("overseer", late, actions.propose_accountability, event)
    assert [(row.unit.name, row.rule) for row in made] == [("shuiwu", accountability.WORSENED)]
    assert any("回应公众" in line for line in made[0].evidence)
    assert place.do("overseer", late, actions.propose_accountability, event) == []

    with pytest.raises(Refused, match="容错"):
        place.do("overseer", late, actions.decide, made[0], decided=True, is_borne=True, words="x")
    place.do(
        "overseer", late, actions.decide, made[0], decided=False, is_borne=True, words="首次出面，信息不全"
    )
    row = Accountability.objects.get(pk=made[0].pk)
    assert (row.decided, row.is_borne) == (False, True)
    with pytest.raises(Refused, match="已经决定"):
        place.do("overseer", late, actions.decide, row, decided=True, words="x")


@pytest.mark.clause("QZ-YQ-06-4")
def test_supervision_left_unanswered_proposes_circular_and_talk(town):
    from gongkai.ledger import supervision

    place = town()
    event = place.assigned()
    late = "2025-10-02 09:00"
    ledger.sweep_all(moment(late))
    place.do(
        "overseer",
        late,
        supervision.supervise,
        duty(event, "opinion.respond"),
        words="请立即回应",
        within="4 working hours",
    )

    made = place.do("overseer", late, actions.propose_accountability, event)

    assert [(row.rule, row.measure) for row in made] == [(accountability.PASSIVE, "通报批评并约谈")]


@pytest.mark.clause("QZ-YQ-06-6")
def test_not_disclosing_what_a_superior_ordered_to_answer_proposes_accountability_with_the_supervisory_organ(
    town,
):
    place = town()
    event = place.found(found_by="上级要求", ordered_by="省政府")
    event = place.assigned(event=place.graded(event=event, grade="重大", is_emergency=True))
    ledger.sweep_all(moment("2025-10-02 09:00"))

    made = place.do("overseer", "2025-10-02 09:00", actions.propose_accountability, event)

    assert "会同监察机关追责" in {row.measure for row in made}


def test_a_unit_does_not_decide_about_itself(town):
    place = town()
    event = place.assigned()
    row = Accountability.objects.create(
        event=event,
        unit=place.units["office"],
        rule="x",
        measure="通报批评",
        proposed_at=moment("2025-10-02 09:00"),
    )
    with pytest.raises(Refused, match="本单位"):
        place.do("overseer", "2025-10-02 09:00", actions.decide, row, decided=True, words="x")


@pytest.mark.clause("QZ-YQ-06-1", "HS-LD-15-1")
def test_inspections_look_at_rules_mechanism_and_effect_and_are_owed_twice_a_year(town):
    from gongkai.ledger import cycles

    place = town()
    cycles.open_cycles(moment("2025-09-29 08:00"))
    cycle = cycles.current(place.place, "opinion.inspect", "half", moment("2025-09-29 09:00"))

    row = place.do(
        "overseer", "2025-09-29 09:00", actions.inspect, place.units["shuiwu"], what="机制", found="没有值班表",
        on=moment("2025-09-28 09:00").date(), to_mend="建值班表",
    )  # fmt: skip
    place.do("writer", "2025-09-30 09:00", actions.mend, row, words="已建")

    assert cycle.obligations.get(duty="opinion.inspect").state == "met"
    assert Inspection.objects.get().mended == "已建"
    with pytest.raises(Refused, match="督查内容"):
        place.do(
            "overseer",
            "2025-09-29 09:00",
            actions.inspect,
            place.units["shuiwu"],
            what="食堂",
            found="x",
            on=row.on,
        )


@pytest.mark.clause("HS-LD-16-1", "QZ-YQ-06-1")
def test_five_kinds_of_things_are_shared_and_only_who_oversees_promotes(town):
    place = town(HESHUO)
    place.do(
        "writer",
        "2025-09-29 09:00",
        actions.share,
        place.units["shuiwu"],
        kind="典型案例",
        title="供水回应",
        text="两小时通报",
        is_good=True,
    )
    place.do(
        "overseer",
        "2025-09-29 09:00",
        actions.share,
        place.units["office"],
        kind="试点经验",
        title="值班",
        text="轮值",
        is_good=True,
    )

    assert list(Exchange.objects.order_by("pk").values_list("is_good", flat=True)) == [False, True]
    assert policy.visible_exchanges(place.actor("police", "2025-09-29 10:00")).count() == 2
    with pytest.raises(Refused, match="类别"):
        place.do(
            "writer",
            "2025-09-29 09:00",
            actions.share,
            place.units["shuiwu"],
            kind="闲谈",
            title="x",
            text="y",
        )


@pytest.mark.clause("HS-LD-11-3")
def test_in_heshuo_a_bulletin_is_owed_every_quarter_and_keeps_its_figures(town):
    from gongkai.ledger import cycles
    from gongkai.opinion import briefs

    place = town(HESHUO)
    cycles.open_cycles(moment("2025-09-01 08:00"))
    place.released()
    now = moment("2025-09-29 13:00")
    figures = briefs.figures(place.place, now.date() - timedelta(days=90), now.date(), now)

    place.do(
        "overseer",
        "2025-09-29 13:00",
        actions.circulate,
        title="三季度通报",
        from_on=now.date() - timedelta(days=90),
        until_on=now.date(),
        figures=figures,
    )

    cycle = cycles.current(place.place, "opinion.circulate", "quarter", now)
    assert cycle.obligations.get(duty="opinion.circulate").state == "met"
    assert (Bulletin.objects.get().figures["found"], Bulletin.objects.get().figures["answered"]) == (1, 1)


# ---- risk before decisions ---------------------------------------------------------------------------------------


@pytest.mark.clause("HS-LD-09B-2")
def test_a_risk_assessment_names_its_methods_level_and_plan_and_is_approved(town):
    place = town(HESHUO)
    risk = place.do("writer", "2025-09-20 09:00", actions.open_risk, place.units["shuiwu"], title="水价调整")
    rows = [
        {"method": "抽样调查", "asked": 300, "found": "六成担心涨价"},
        {"method": "重点走访", "found": "低保户担心"},
    ]

    with pytest.raises(Refused, match="评估方法"):
        place.do(
            "writer", "2025-09-20 10:00", actions.assess_risk, risk, findings=[], level="中", plan="阶梯减免"
        )
    sheet = place.do(
        "writer", "2025-09-20 10:00", actions.assess_risk, risk, findings=rows, level="中", plan="阶梯减免"
    )
    with pytest.raises(Refused, match="报审中"):
        place.do(
            "writer",
            "2025-09-20 10:00",
            actions.assess_risk,
            Risk.objects.get(),
            findings=rows,
            level="中",
            plan="x",
        )
    place.do("deputy", "2025-09-20 11:00", reviews.sign, sheet)

    assert Risk.objects.get().stage == "approved"
    assert [fact.kind for fact in Fact.objects.filter(matter=risk.matter, kind__startswith="risk.").order_by("id")] == [
        "risk.opened", "risk.assessed", "risk.approved",
    ]  # fmt: skip


@pytest.mark.clause("HS-LD-09B-2")
def test_in_heshuo_an_important_policy_is_not_issued_before_its_risk_was_assessed(town):
    from gongkai.ledger import asks as rules

    case = {"policy": True, "important": True, "risk_assessed": False}
    assert (
        "风险评估"
        in rules.gates(HESHUO, "document.issue", case | {"attribute": "主动公开", "signed": True}).reason
    )
    shut = {gate.id for gate in rules.closed_gates(HESHUO, "document.issue", case | {"risk_assessed": True})}
    assert "document.issue.risk_assessed" not in shut
