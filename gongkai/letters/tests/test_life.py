"""The life of a letter through the screens of the office, from the telephone to the rating and after."""

from __future__ import annotations

import pytest

from gongkai.ledger import clock
from gongkai.ledger.models import Fact
from gongkai.letters import actions
from gongkai.letters.models import Draft, ExtensionRequest, Letter, Part, Stage
from tests.world import moment


def page(letter: Letter, noun: str = "") -> str:
    return f"/office/letters/{letter.number}/" + (f"{noun}/" if noun else "")


def kinds(letter: Letter) -> list[str]:
    facts = Fact.objects.filter(matter=letter.matter).order_by("id").values_list("kind", flat=True)
    return [kind.removeprefix("letter.") for kind in facts]


ENTRY = {
    "source": "群众来信",
    "received_at": "2025-09-26T10:00",
    "title": "东湖花园7幢电梯反复停运",
    "text": "7幢电梯从6月起三天两头停，老人下不了楼，物业一直不修。",
    "name": "方秀英",
    "phone": "13900001234",
    "may_publish": "on",
}


@pytest.mark.clause("ZY-LY-02-1", "ZY-LY-04-1", "ZY-LY-04-4", "ZY-LY-06-4")
def test_a_letter_on_paper_is_entered_classified_checked_signed_answered_and_published(county, desk, at):
    at("2025-09-26 10:20")
    zhao, wang, zhou = desk("zhao_jing"), desk("wang_min"), desk("zhou_lan")

    entered = zhao.post("/office/letters/entry/", ENTRY)
    letter = Letter.objects.get()
    assert entered.status_code == 302
    assert letter.lead == county.units["xinfang"]

    shown = zhao.get(page(letter))
    assert "承办单位：县住建局" in shown.content.decode()
    chosen = {
        "nature": "投诉",
        "time_class": "调查核实",
        "triage": "一般",
        "unit": county.units["zhujian"].pk,
    }
    told = zhao.post(page(letter, "classification"), chosen, follow=True)
    assert "已分类，交办给县住建局。" in told.content.decode()

    assert wang.post(page(letter, "receipt")).status_code == 302
    text = "您好，您反映的东湖花园7幢电梯停运，原因是曳引机轴承磨损，10月底前更换。联系电话 20000106。"
    refused = wang.post(page(letter, "submission"), {"text": text})
    assert refused.status_code == 409
    assert "还没有核实记录" in refused.content.decode()
    assert "第六条" in refused.content.decode()
    assert text in refused.content.decode()

    assert wang.post(page(letter, "findings"), {"text": "9月27日到现场，轴承磨损属实。"}).status_code == 302
    assert wang.post(page(letter, "submission"), {"text": text}).status_code == 302
    assert zhou.post(page(letter, "signature"), {"opinion": "同意"}).status_code == 302

    letter.refresh_from_db()
    assert letter.stage == Stage.ANSWERED
    assert letter.answer == text
    assert letter.drafts.get().state == Draft.State.SENT
    answer = letter.matter.obligations.get(duty="letter.answer")
    assert (answer.state, answer.due_at) == ("met", moment("2025-10-11 00:00"))

    told = {
        "title": letter.title,
        "text": letter.text,
        "answer": f"{letter.answer}找方秀英，电话 13900001234",
    }
    assert zhou.post(page(letter, "publication"), told).status_code == 302
    letter.refresh_from_db()
    assert letter.published_at is not None
    assert "13900001234" not in letter.public_answer
    assert "20000106" in letter.public_answer
    assert zhou.post(page(letter, "unpublication"), {"reason": "有错字"}).status_code == 302
    letter.refresh_from_db()
    assert letter.published_at is None
    assert kinds(letter) == [
        "received", "opened", "classified", "assigned", "signed_for", "findings_noted", "reply_submitted",
        "reply_signed", "answered", "published", "unpublished",
    ]  # fmt: skip


@pytest.mark.clause("ZY-LY-05-1", "ZY-LY-06-3")
def test_a_plain_question_is_answered_by_the_lead_unit_in_two_working_days(county, desk, assigned, at):
    letter = assigned(nature="咨询", time_class="简单咨询", source="12345热线")
    at("2025-09-26 15:00")
    wang, zhou, sun = desk("wang_min"), desk("zhou_lan"), desk("sun_wei")
    wang.post(page(letter, "submission"), {"text": "公租房租金减免今年照旧，请到政务大厅住建窗口办理。"})

    signed = zhou.post(page(letter, "signature"), {}, follow=True)
    assert "由平台单位取得承办单位材料后回复" in signed.content.decode()
    letter.refresh_from_db()
    assert letter.stage == Stage.SIGNING

    assert sun.post(page(letter, "answer")).status_code == 302
    letter.refresh_from_db()
    assert letter.stage == Stage.ANSWERED
    assert Fact.objects.get(kind="letter.answered").details["unit"] == county.units["service"].code
    owed = letter.matter.obligations.get(duty="letter.answer")
    assert (owed.due_at, owed.is_soft) == (moment("2025-09-30 00:00"), True)


@pytest.mark.clause("ZY-LY-04-2", "ZY-LY-04-3")
def test_the_source_says_which_unit_leads(county, write):
    leads = {
        source: write(source=source).lead.short_name for source in ("政务信箱", "12345热线", "政务微信微博")
    }
    assert leads == {"政务信箱": "县信访局", "12345热线": "县政务服务中心", "政务微信微博": "县大数据局"}


def test_the_wrong_unit_returns_a_letter_and_sees_it_no_more(county, desk, assigned, at):
    letter = assigned("shuiwu")
    at("2025-09-26 10:41")
    li = desk("li_qiang")
    reply = li.post(page(letter, "return"), {"reason": "电梯不属于我局职责"}, follow=True)
    assert reply.redirect_chain[0][0] == "/office/letters/"
    assert li.get(page(letter)).status_code == 404
    letter.refresh_from_db()
    assert (letter.stage, letter.unit) == (Stage.RECEIVED, None)
    assert letter.matter.obligations.get(duty="letter.reassign").is_standing

    again = {"unit": county.units["zhujian"].pk}
    desk("zhao_jing").post(page(letter, "assignment"), again)
    assert letter.matter.obligations.get(duty="letter.reassign").state == "met"


def test_a_letter_is_not_given_away_before_it_is_classified(county, desk, write, at):
    letter = write()
    at("2025-09-26 10:30")
    zhao = desk("zhao_jing")
    shown = zhao.get(page(letter, "assignment")).content.decode()
    assert 'aria-disabled="true"' in shown
    refused = zhao.post(page(letter, "assignment"), {"unit": county.units["zhujian"].pk})
    assert refused.status_code == 409
    assert "来信还没有分类" in refused.content.decode()
    assert "第五条" in refused.content.decode()


@pytest.mark.clause("ZY-LY-05-2")
def test_a_report_goes_to_the_petition_office_and_the_writer_is_told(county, desk, write, at):
    letter = write("举报村支书收回扣", "我举报某村支书收受回扣，请查处。", source="12345热线")
    at("2025-09-26 10:30")
    sun = desk("sun_wei")
    sun.post(
        page(letter, "classification"), {"nature": "举报", "time_class": "调查核实", "triage": "举报投诉"}
    )
    letter.refresh_from_db()
    assert letter.is_protected
    assert letter.matter.obligations.get(duty="letter.hand_over").is_standing

    assert sun.post(page(letter, "petition")).status_code == 302
    letter.refresh_from_db()
    assert letter.stage == Stage.HANDED
    assert letter.matter.obligations.get(duty="letter.hand_over").state == "met"


@pytest.mark.clause("ZY-LY-05-3")
def test_what_may_become_public_opinion_is_reported_to_the_cyberspace_office(county, desk, write, at):
    letter = write("桥面塌了一块，网上都在传")
    at("2025-09-26 10:30")
    zhao = desk("zhao_jing")
    zhao.post(page(letter, "classification"), {"nature": "投诉", "time_class": "调查核实", "triage": "舆情"})
    assert letter.matter.obligations.get(duty="letter.report").is_standing
    zhao.post(page(letter, "cyberspace"), {"ground": "短视频已有上千转发"})
    assert letter.matter.obligations.get(duty="letter.report").state == "met"
    letter.refresh_from_db()
    assert letter.stage == Stage.RECEIVED


@pytest.mark.clause("ZY-LY-06-2")
def test_a_dissatisfied_writer_sends_the_letter_back_to_be_done_again(county, desk, assigned, at):
    letter = answered(county, assigned)
    at("2025-09-30 09:00")
    actions.rate(letter, at=moment("2025-09-30 09:00"), rating="不满意", words="没有修")
    shown = desk("wang_min").get("/office/letters/?view=redo").content.decode()
    assert letter.title in shown
    again = desk("wang_min").get(page(letter)).content.decode()
    assert "不满意" in again
    assert "没有修" in again
    assert letter.matter.obligations.get(duty="letter.redo").is_standing


def test_a_sample_holds_no_letter_that_was_answered_after_it_was_drawn(county, assigned, at):
    letter, chen = answered(county, assigned), county.actor("chen_li")
    drawn = {"by": chen, "share": 0.1, "since": moment("2025-09-01 00:00")}

    assert actions.draw_sample(county.place, at=at("2025-09-29 09:59"), **drawn) == []
    assert actions.draw_sample(county.place, at=at("2025-09-29 10:00"), **drawn) == [letter]


@pytest.mark.clause("ZY-LY-06-1")
def test_a_sample_of_answered_letters_is_drawn_and_checked_again(county, desk, assigned, at):
    letter = answered(county, assigned)
    at("2025-10-10 09:00")
    chen, wang = desk("chen_li"), desk("wang_min")
    drawn = chen.post("/office/letters/sample/", {"share": "5", "since": "2025-09-01"}, follow=True)
    assert letter.number in drawn.content.decode()
    month = Fact.objects.get(kind="letter.sample_drawn")
    assert month.details == {"count": 1}
    assert month.matter.obligations.get(duty="letter.sample").state == "met"

    assert letter.matter.obligations.get(duty="letter.recheck").is_standing
    wang.post(page(letter, "recheck"), {"outcome": "电梯已经更换轴承，运行正常"})
    assert letter.matter.obligations.get(duty="letter.recheck").state == "met"


def test_the_letter_whose_check_is_due_first_stands_first(county, desk, assigned, at):
    first, chen = answered(county, assigned), county.actor("chen_li")
    draw = {"by": chen, "share": 1, "since": moment("2025-09-01 00:00")}
    actions.draw_sample(county.place, at=at("2025-09-29 11:00"), **draw)
    later = answered(county, assigned)
    Letter.objects.filter(pk=later.pk).update(answered_at=moment("2025-10-09 10:00"))
    actions.draw_sample(county.place, at=at("2025-10-10 09:00"), **draw)

    shown = desk("chen_li").get("/office/letters/sample/").content.decode()
    assert 0 < shown.index(first.number) < shown.index(later.number)


def test_a_helping_unit_gives_its_words_to_the_handling_unit(county, desk, assigned, at):
    letter = assigned()
    at("2025-09-26 11:00")
    wang, li = desk("wang_min"), desk("li_qiang")
    assert li.get(page(letter)).status_code == 404
    wang.post(page(letter, "receipt"))
    wang.post(page(letter, "parts"), {"units": [county.units["shuiwu"].pk], "question": "请核实水压"})
    part = Part.objects.get()
    assert letter.title in li.get("/office/letters/?view=joint").content.decode()
    assert li.post(page(letter, f"parts/{part.pk}"), {"words": "水压正常"}).status_code == 302
    assert "水压正常" in wang.get(page(letter)).content.decode()
    assert letter.matter.obligations.get(duty="letter.joint_reply").state == "met"


def test_more_time_is_asked_for_and_granted_by_the_signer(county, desk, assigned, at):
    letter = assigned()
    at("2025-09-29 09:00")
    wang, zhou = desk("wang_min"), desk("zhou_lan")
    wang.post(page(letter, "receipt"))
    too_much = wang.post(page(letter, "extension"), {"amount": "9", "reason": "要等配件"})
    assert too_much.status_code == 409
    wang.post(page(letter, "extension"), {"amount": "3", "reason": "要等配件"})
    asked = ExtensionRequest.objects.get()
    assert wang.post(page(letter, f"extension/{asked.pk}"), {"granted": "yes"}).status_code == 409
    zhou.post(page(letter, f"extension/{asked.pk}"), {"granted": "yes"})
    assert letter.matter.obligations.get(duty="letter.answer").due_at == moment("2025-10-15 00:00")


def test_letters_about_one_thing_are_merged_and_answered_together(county, desk, write, at):
    first, second = write(), write(person={"name": "马建国", "phone": "13900005678"})
    at("2025-09-26 10:30")
    zhao = desk("zhao_jing")
    assert first.number in zhao.get(page(second)).content.decode()
    assert zhao.post(page(second, "merge"), {"into": first.number}).status_code == 302
    second.refresh_from_db()
    assert second.stage == Stage.MERGED
    assert second.title in zhao.get(page(first)).content.decode()
    missing = zhao.post(page(first, "merge"), {"into": "LY-2025-0926-9999"})
    assert missing.status_code == 422
    third = write(person={})
    for _ in range(2):
        zhao.post(page(first, "merged"), {"letters": [third.number, second.number]})
    third.refresh_from_db()
    assert third.stage == Stage.MERGED
    assert kinds(third).count("merged") == 1


def test_who_handles_a_letter_reads_what_was_merged_with_it_without_a_dead_link(
    county, desk, assigned, write, at
):
    first, second = assigned(), write("电梯又坏了", person={"name": "马建国", "phone": "13900005678"})
    at("2025-09-26 10:30")
    actions.merge(second, first, by=county.actor("zhao_jing"), at=moment("2025-09-26 10:30"))
    shown = desk("wang_min").get(page(first)).content.decode()

    assert second.number in shown
    assert second.text in shown
    assert page(second) not in shown
    assert page(second) in desk("zhao_jing").get(page(first)).content.decode()


def test_each_writer_of_letters_answered_together_gets_a_rating_link_of_his_own(
    county, desk, assigned, write, at, monkeypatch
):
    from gongkai.letters import doors

    first, second = assigned(), write(person={"name": "马建国", "phone": "13900005678"})
    at("2025-09-26 10:30")
    actions.merge(second, first, by=county.actor("zhao_jing"), at=moment("2025-09-26 10:30"))
    sent = {}
    monkeypatch.setattr(doors.channels, "to_phone", sent.__setitem__)
    for one in (first, second):
        doors.tell_writer({"letter": one.pk, "event": "answered"}, moment("2025-09-29 10:00"))

    assert "一起办理，已答复" in sent["13900005678"]
    keys = {words.partition("/rate/")[2] for words in sent.values()}
    assert len(keys) == 2
    assert "" not in keys


def test_letters_a_person_says_are_two_matters_are_not_offered_again(county, desk, write, at):
    first, second = write(), write(person={})
    at("2025-09-26 10:30")
    zhao = desk("zhao_jing")
    assert first.number in zhao.get(page(second)).content.decode()
    zhao.post(page(second, "apart"), {"other": first.number})
    assert first.number not in zhao.get(page(second)).content.decode()


def test_what_another_procedure_settles_is_declined_with_the_way_to_go(county, desk, write, at):
    letter = write("对法院判决不服")
    at("2025-09-26 10:30")
    told = {"reason": "已经法院判决", "channel": "向上一级人民法院申请再审"}
    assert desk("zhao_jing").post(page(letter, "decline"), told).status_code == 302
    letter.refresh_from_db()
    assert (letter.stage, "申请再审" in letter.answer) == (Stage.DECLINED, True)


def test_a_template_is_put_into_the_reply_without_losing_what_was_typed(county, desk, assigned, at):
    letter = assigned()
    at("2025-09-26 11:00")
    wang = desk("wang_min")
    wang.post(
        "/office/letters/templates/",
        {"name": "开头", "unit": county.units["zhujian"].pk, "text": "感谢来信。"},
    )
    wang.post(page(letter, "receipt"))
    template = county.units["zhujian"].pk and wang.get("/office/letters/templates/").context["rows"][0][0]
    shown = wang.post(page(letter, "draft"), {"text": "已写的话", "template": template.pk, "insert": "1"})
    assert "已写的话\n\n感谢来信。" in shown.content.decode()
    assert not letter.drafts.exists()
    wang.post(page(letter, "draft"), {"text": "已写的话"})
    assert letter.drafts.get().text == "已写的话"


def answered(county, assigned) -> Letter:
    """A letter that 住建局 looked into and answered on 29 September."""
    letter, at = assigned(), moment("2025-09-29 10:00")
    wang, zhou = county.actor("wang_min"), county.actor("zhou_lan")
    with clock.set_to(at):
        actions.note_findings(letter, by=wang, at=at, text="到现场看过")
        actions.submit(letter, by=wang, at=at, text="轴承磨损，10月底前更换。")
        actions.sign_and_answer(letter, by=zhou, at=at)
    letter.refresh_from_db()
    return letter
