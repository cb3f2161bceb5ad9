"""A press event from its plan to its file, and what other rooms learn of it through the ledger."""

from __future__ import annotations

import pytest
from django.core import mail
from django.urls import reverse

from gongkai.ledger import asks, clock, lawbook
from gongkai.ledger.models import Fact, Link
from gongkai.press import actions, policy
from gongkai.press.models import CitizenQuestion, PressEvent
from gongkai.press.tests.conftest import MATERIAL, deliver, fresh
from gongkai.reviews import actions as reviews
from gongkai.ui.refusal import Refused
from tests.world import moment

S = PressEvent.Stage


def duty(event, name):
    return event.matter.obligations.filter(duty=name).order_by("id").last()


def test_an_event_goes_from_plan_to_file_and_the_readers_see_the_record(desk):
    event = desk.published()
    desk.do("song_jia", "2025-09-30 09:00", actions.close, event)

    assert fresh(event).stage == S.CLOSED
    assert fresh(event).held_at == moment("2025-09-29 10:00")
    assert PressEvent.objects.public().get() == event
    kinds = list(event.matter.facts.values_list("kind", flat=True))
    assert [kind for kind in kinds if kind.startswith("press.")] == [
        "press.planned", "press.prepared", "press.material_signed", "press.attendance_named",
        "press.conference_held", "press.published", "press.closed",
    ]  # fmt: skip


@pytest.mark.clause("ZY-YQ-07-1", "HS-LD-14-2")
def test_a_conference_that_answers_an_opinion_event_is_told_to_it(desk):
    opinion = desk.opinion()
    event = desk.held(answers=[opinion])

    fact = Fact.objects.get(matter=opinion, kind="press.conference_held")
    assert fact.details == {
        "form": "新闻发布会", "unit": desk.unit.code, "attended_by": "部门负责人", "number": event.code,
    }  # fmt: skip
    assert fact.happened_at == moment("2025-09-29 10:00")
    assert Link.objects.get(source=event.matter).kind == Link.Kind.ANSWERS


def test_what_is_tied_after_the_conference_learns_of_it_too(desk):
    event = desk.held()
    opinion = desk.opinion()
    desk.do("song_jia", "2025-09-29 10:30", actions.tie, event, matter=opinion, kind="answers")

    assert opinion.facts.get().kind == "press.conference_held"


def test_a_topic_comes_from_a_public_document_and_never_from_a_letter(desk, county):
    letter = desk.opinion(number="LY-2025-0928-0001", room="letters")
    with pytest.raises(Refused, match="没有这个事项"):
        desk.plan(answers=[letter])
    hidden = desk.opinion(unit=county.units["shuiwu"], number="GW-2025-0928-0001", room="documents")
    assert not policy.linkable(county.actor("song_jia")).filter(pk=hidden.pk).exists()
    assert not PressEvent.objects.exists()


@pytest.mark.clause("QZ-YQ-05-9")
def test_nothing_is_held_without_a_head_or_a_spokesperson(desk):
    event = desk.attended(desk.signed(), kind="其他人员")
    with pytest.raises(Refused, match="部门负责人或新闻发言人出席") as refusal:
        desk.do("song_jia", "2025-09-29 10:00", actions.hold, event)
    assert "国务院办公厅" in refusal.value.cite

    desk.attended(event, kind="新闻发言人")
    assert desk.do("song_jia", "2025-09-29 10:00", actions.hold, fresh(event)).stage == S.HELD
    closed = asks.closed_gates("330800", "press.hold", {"form": "吹风会", "material_signed": True})
    assert [(one.id, "衢州" in one.cite) for one in closed] == [("press.hold.attends", True)]


def test_changed_material_goes_to_be_signed_again(desk):
    event = desk.attended(desk.signed())
    desk.do(
        "song_jia", "2025-09-25 09:00", actions.prepare, event, agenda="", material=MATERIAL + "另有补充。"
    )

    assert fresh(event).stage == S.PREPARED
    with pytest.raises(Refused, match="没有审定"):
        desk.do("song_jia", "2025-09-29 10:00", actions.hold, fresh(event))


def test_returned_material_is_its_authors_again_and_nobody_signs_what_they_sent(desk):
    event = desk.plan()
    desk.do("song_jia", "2025-09-24 09:00", actions.prepare, event, agenda="", material=MATERIAL)
    sheet = desk.do("song_jia", "2025-09-24 09:00", actions.submit, fresh(event))
    with pytest.raises(Refused):
        desk.do("song_jia", "2025-09-24 09:10", reviews.sign, sheet)
    desk.do("pan_yun", "2025-09-24 10:00", reviews.return_, sheet, words="补上停水时间")

    assert fresh(event).stage == S.PREPARED


def test_what_is_held_later_needs_a_reason_and_keeps_its_time(desk):
    event = desk.attended(desk.signed())
    with pytest.raises(Refused, match="事由"):
        desk.do("song_jia", "2025-09-30 09:00", actions.hold, event, held_at=moment("2025-09-29 10:00"))
    held = desk.do(
        "song_jia", "2025-09-30 09:00", actions.hold, event, held_at=moment("2025-09-29 10:00"), because="会后补记",
    )  # fmt: skip
    assert held.held_at == moment("2025-09-29 10:00")


def test_a_cancelled_event_says_why_and_nothing_more_happens_to_it(desk):
    event = desk.plan()
    with pytest.raises(Refused, match="取消理由"):
        desk.do("song_jia", "2025-09-23 09:00", actions.cancel, event, reason=" ")
    desk.do("song_jia", "2025-09-23 09:00", actions.cancel, event, reason="与市里的发布会合并")

    assert fresh(event).stage == S.CANCELLED
    with pytest.raises(Refused, match="已经取消"):
        desk.do("song_jia", "2025-09-23 10:00", actions.prepare, fresh(event), agenda="", material="x")


def test_an_announced_event_is_moved_with_a_reason_only(desk):
    event = desk.plan()
    desk.do("song_jia", "2025-09-23 09:00", actions.announce, event, preview="29 日上午介绍管网改造")
    with pytest.raises(Refused, match="不能直接改时间"):
        desk.do(
            "song_jia", "2025-09-24 09:00", actions.edit, fresh(event), title=event.title,
            starts_at=moment("2025-09-30 10:00"),
        )  # fmt: skip
    desk.do(
        "song_jia", "2025-09-24 09:00", actions.reschedule, fresh(event), starts_at=moment("2025-09-30 10:00"),
        reason="主讲人出差",
    )  # fmt: skip
    assert fresh(event).starts_at == moment("2025-09-30 10:00")


def test_a_record_with_private_numbers_is_not_published(desk):
    event = desk.held()
    with pytest.raises(Refused, match="个人信息"):
        desk.do(
            "song_jia", "2025-09-29 15:00", actions.publish, event, record="有事请打 13812345678 找张科长。"
        )
    assert fresh(event).published_at is None


# ---- questions of the media --------------------------------------------------------------------------------------


def test_a_question_has_a_clock_and_a_refusal_has_a_reason(desk):
    event = desk.held()
    first = desk.do(
        "song_jia", "2025-09-29 10:20", actions.ask, event, words="哪天完工？", outlet=desk.outlet()
    )
    second = desk.do("song_jia", "2025-09-29 10:25", actions.ask, event, words="造价多少？")
    assert event.matter.obligations.filter(duty="press.answer_question").standing().count() == 2

    with pytest.raises(Refused, match="没有答复，也没有理由"):
        desk.do("song_jia", "2025-09-29 10:30", actions.answer, second)
    desk.do("song_jia", "2025-09-29 10:30", actions.answer, first, answer="十月底。")
    desk.do("song_jia", "2025-09-29 10:30", actions.answer, second, refusal="正在审计，月底公布。")

    assert not event.matter.obligations.filter(duty="press.answer_question").standing().exists()
    assert event.questions.get(serial=2).refusal == "正在审计，月底公布。"


def test_an_event_with_an_open_question_is_not_put_on_file(desk):
    event = desk.published()
    desk.do("song_jia", "2025-09-29 16:00", actions.ask, event, words="哪天完工？")
    with pytest.raises(Refused, match="没答复"):
        desk.do("song_jia", "2025-09-30 09:00", actions.close, event)


@pytest.mark.clause("ZY-YQ-08-1")
def test_media_ask_for_an_interview_and_the_log_says_who_answered(desk, county):
    opinion, outlet = desk.opinion(unit=county.units["zhujian"]), desk.outlet()
    request = desk.do(
        "qin_lan", "2025-09-26 10:00", actions.receive_request, unit=county.units["zhujian"], outlet=outlet,
        title="电梯更新补贴", words="补贴怎么领", wants_head=True, answers=[opinion],
    )  # fmt: skip
    owed = request.matter.obligations.get(duty="press.answer_interview")
    assert (owed.unit, owed.is_standing) == (county.units["zhujian"], True)

    desk.do(
        "qin_lan",
        "2025-09-28 09:00",
        actions.accept,
        request,
        meets_at=moment("2025-09-28 15:00"),
        by_head=True,
    )
    desk.do(
        "qin_lan", "2025-09-28 16:00", actions.record_interview, request, answered_by="江涛 局长", answer="由社区代办。",
        by_head=True,
    )  # fmt: skip

    owed.refresh_from_db()
    assert owed.state == "met"
    request.refresh_from_db()
    assert (request.stage, request.by_head) == ("answered", True)
    assert opinion.facts.get().kind == "interview.answered"


def test_an_interview_is_not_refused_without_a_reason(desk, county):
    request = desk.do(
        "qin_lan", "2025-09-26 10:00", actions.receive_request, unit=county.units["zhujian"], outlet=desk.outlet(),
        title="电梯更新补贴", words="补贴怎么领",
    )  # fmt: skip
    with pytest.raises(Refused, match="不接受的理由"):
        desk.do("qin_lan", "2025-09-28 09:00", actions.refuse, request, ground="其他理由", reason="")
    request.refresh_from_db()
    assert request.stage == "asked"


# ---- invitations -------------------------------------------------------------------------------------------------


def test_an_outlet_with_an_address_gets_one_mail_the_other_a_printed_letter(desk):
    daily, station = desk.outlet(), desk.outlet("清源电视台", email="")
    event = desk.signed()
    desk.do("song_jia", "2025-09-25 09:00", actions.invite, event, outlets=[daily, station])
    for _ in range(2):
        deliver("2025-09-25 09:01")

    assert [message.to for message in mail.outbox] == [["desk@daily.example"]]
    assert "2025年9月29日 10:00" in mail.outbox[0].body
    assert set(event.invitations.values_list("channel", flat=True)) == {"mail", "print"}
    assert event.invitations.get(outlet=daily).sent_at == moment("2025-09-25 09:01")
    with pytest.raises(Refused, match="没有要邀请的媒体"):
        desk.do("song_jia", "2025-09-25 10:00", actions.invite, fresh(event), outlets=[daily])


def test_a_journalists_contact_is_encrypted_and_never_in_a_fact(desk):
    outlet = desk.outlet()
    row = desk.do(
        "song_jia", "2025-09-22 09:00", actions.save_journalist, outlet, name="李记", contact="13812345678"
    )

    assert "13812345678" not in row.contact
    assert row.masked == "138****5678"
    desk.do("song_jia", "2025-09-22 10:00", actions.save_journalist, outlet, name="李记", row=row)
    row.refresh_from_db()
    assert row.masked == "138****5678"


# ---- hot events --------------------------------------------------------------------------------------------------


def test_a_hot_event_runs_a_clock_that_an_update_meets_and_the_next_begins(desk):
    event = desk.plan("2025-09-28 20:00", hot="其他政务舆情", form="网上发布")
    assert duty(event, "press.clarify").due_at == moment("2025-09-29 20:00")
    desk.do(
        "song_jia", "2025-09-28 21:00", actions.update, event, facet="事实", words="停水四小时，不是一周。"
    )

    assert duty(event, "press.clarify").state == "met"
    assert duty(event, "press.follow_up").due_at == moment("2025-09-30 21:00")
    assert PressEvent.objects.public().get() == event


# ---- online interviews -------------------------------------------------------------------------------------------


def interview(desk):
    event = desk.plan(form="在线访谈", starts_at=moment("2025-09-29 10:00"))
    desk.do("song_jia", "2025-09-22 10:00", actions.announce, event, preview="谈电梯更新")
    return fresh(event)


def test_a_readers_question_is_kept_once_with_its_numbers_masked(desk):
    event = interview(desk)
    for _ in range(2):
        actions.ask_online(
            event, at=moment("2025-09-23 10:00"), stamp="a1", words="我电话 13812345678，怎么申请？"
        )

    [row] = CitizenQuestion.objects.all()
    assert "13812345678" not in row.words
    assert row.state == "waiting"


def test_a_person_chooses_and_the_others_stay_with_a_reason(desk):
    event = interview(desk)
    for n in range(3):
        actions.ask_online(
            event, at=moment("2025-09-23 10:00"), stamp=f"a{n}", words=f"第 {n} 个问题是什么？"
        )
    rows = list(event.citizen_questions.all())
    with pytest.raises(Refused, match="没有写理由"):
        desk.do("song_jia", "2025-09-28 10:00", actions.choose, event, chosen=rows[:1])
    desk.do("song_jia", "2025-09-28 10:00", actions.choose, event, chosen=rows[:1], reason="已有答复")

    assert [row.state for row in event.citizen_questions.all()] == ["chosen", "left", "left"]
    fact = event.matter.facts.get(kind="press.questions_chosen")
    assert (fact.details["chosen"], fact.details["left"]) == (1, 2)


def test_the_live_text_keeps_its_order_and_a_line_sent_twice_stands_once(desk):
    event = desk.attended(desk.signed(interview(desk)))
    for words in ("各位网友好。", "各位网友好。", "今天谈电梯。"):
        desk.do("song_jia", "2025-09-29 10:00", actions.record_line, event, speaker="主持人", words=words)

    assert [(line.order, line.words) for line in event.lines.all()] == [
        (1, "各位网友好。"),
        (2, "今天谈电梯。"),
    ]


def test_an_interview_is_not_held_before_its_preview_stood_long_enough(desk):
    event = desk.plan(form="在线访谈")
    event = desk.attended(desk.signed(event))
    desk.do("song_jia", "2025-09-28 10:00", actions.announce, event, preview="谈电梯更新")
    with pytest.raises(Refused, match="还没有到最短期限"):
        desk.do("song_jia", "2025-09-29 10:00", actions.hold, fresh(event))
    assert desk.do("song_jia", "2025-10-09 10:00", actions.hold, fresh(event)).stage == S.HELD


def test_a_place_sets_how_long_a_preview_stands(desk, door):
    with clock.set_to(moment("2025-09-22 09:00")):
        url = reverse("office:setting", args=["press.preview", "before"])
        assert "最短期限" in door("chen_li").get(url).content.decode()
        given = {"from_on": "2025-09-22", "amount_0": "7", "unit_0": "days", "act": "save"}
        assert door("chen_li").post(url, given).status_code == 302
    lawbook.reload()
    event = desk.attended(desk.signed(interview(desk)))
    with pytest.raises(Refused, match="还没有到最短期限"):
        desk.do("song_jia", "2025-09-27 10:00", actions.hold, event)


def test_a_post_a_preview_and_a_line_with_private_numbers_do_not_go_out(desk):
    event = desk.signed()
    with pytest.raises(Refused, match="个人信息"):
        desk.do("song_jia", "2025-09-25 09:00", actions.announce, event, preview="咨询 13812345678")
    with pytest.raises(Refused, match="个人信息"):
        desk.do(
            "song_jia", "2025-09-29 10:00", actions.record_line, event, speaker="甲", words="打 13812345678"
        )
    with pytest.raises(Refused, match="个人信息"):
        desk.post(desk.active(), text="详询 13812345678")


def test_the_gate_compares_what_was_signed_with_what_stands(desk):
    event = desk.attended(desk.signed())
    PressEvent.objects.filter(pk=event.pk).update(agenda="悄悄改过")
    with pytest.raises(Refused, match="审定以后又改过"):
        desk.do("song_jia", "2025-09-29 10:00", actions.hold, fresh(event))
