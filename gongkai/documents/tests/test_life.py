"""A document from its attribute at the source to its release and what comes after, under 遵义's rules."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from gongkai.documents import actions, facts, numbers, policy, proposal
from gongkai.documents.models import Document, Release, Stage
from gongkai.documents.tests.conftest import TEXT, fresh
from gongkai.ledger import clock, cycles
from gongkai.ledger.models import Link, Obligation
from gongkai.people.models import Leave
from gongkai.reviews import actions as reviews
from gongkai.reviews import policy as reviewing
from gongkai.reviews.models import Sheet, Signature
from gongkai.ui.refusal import Refused
from tests.world import moment

SECRETS = "国家秘密、商业秘密、个人隐私"


def duty(document: Document, id: str) -> Obligation | None:
    return document.matter.obligations.filter(duty=id).order_by("-id").first()


# ---- at the source ---------------------------------------------------------------------------------------------


@pytest.mark.clause("ZY-SX-03-2", "ZY-SX-07-1", "ZY-GL-06-1")
def test_without_an_attribute_a_document_is_neither_sent_up_nor_issued(desk):
    document = desk.draft(attribute=None)

    with pytest.raises(Refused, match="公开属性"):
        desk.do("wang_min", "2025-09-24 09:00", actions.submit, document)
    with pytest.raises(Refused, match="不得正式发文") as refusal:
        desk.do(
            "wang_min", "2025-09-24 09:00", actions.issue, document, number="清住建发〔2025〕7号",
            made_on=moment("2025-09-24 09:00").date(),
        )  # fmt: skip

    assert "第三条" in refusal.value.cite


@pytest.mark.clause("ZY-SX-03-1")
def test_zunyi_knows_three_attributes_and_no_partial_one(desk):
    document = desk.draft(attribute=None)

    with pytest.raises(Refused, match="没有“部分公开”"):
        desk.do("wang_min", "2025-09-22 10:00", actions.propose, document, attribute="部分公开")


def test_what_is_to_be_withheld_needs_its_reason(desk):
    document = desk.draft(attribute="不予公开", ground="内部管理")

    with pytest.raises(Refused, match="理由"):
        desk.do("wang_min", "2025-09-24 09:00", actions.submit, document)


@pytest.mark.clause("ZY-SX-05-2")
def test_a_secret_of_a_third_party_goes_out_only_with_consent_or_for_the_public_interest(desk):
    document = desk.draft(attribute="主动公开", ground=SECRETS)
    with pytest.raises(Refused, match="第三方同意"):
        desk.do("wang_min", "2025-09-24 09:00", actions.submit, document)

    desk.do(
        "wang_min", "2025-09-24 09:00", actions.propose, document, attribute="主动公开", ground=SECRETS,
        reason="企业同意", third_party_agrees=True,
    )  # fmt: skip

    assert desk.do("wang_min", "2025-09-24 09:10", actions.submit, fresh(document)).is_running


@pytest.mark.clause("ZY-GL-06-2", "ZY-GL-06-3", "ZY-SX-07-1")
def test_the_deputy_head_signs_and_the_head_too_when_it_is_important(desk):
    plain = desk.do("wang_min", "2025-09-24 09:00", actions.submit, desk.draft())
    important = desk.do("wang_min", "2025-09-24 09:00", actions.submit, desk.draft(is_important=True))

    assert list(plain.signatures.values_list("role", flat=True)) == ["author", "deputy_head"]
    assert list(important.signatures.values_list("role", flat=True)) == ["author", "deputy_head", "head"]


def test_a_document_is_issued_only_after_all_have_signed(desk):
    document = desk.draft(is_important=True)
    sheet = desk.do("wang_min", "2025-09-24 09:00", actions.submit, document)
    desk.do("zhou_lan", "2025-09-24 10:00", reviews.sign, sheet)
    when = {"number": "清住建发〔2025〕7号", "made_on": moment("2025-09-26 10:00").date()}
    with pytest.raises(Refused):
        desk.do("wang_min", "2025-09-26 10:00", actions.issue, fresh(document), **when)

    desk.do("jiang_tao", "2025-09-25 10:00", reviews.sign, sheet)
    issued = desk.do("wang_min", "2025-09-26 10:00", actions.issue, fresh(document), **when)

    assert issued.signatory == "江涛"
    assert issued.index_number == "520399-06/2025-00001"


@pytest.mark.parametrize(
    "written", ["清住建发[2025]07号", "清住建发（2025）7号", "清住建发【2025】第7号", " 清住建发〔2025〕7号 "]
)
def test_a_number_is_kept_in_one_way_however_it_is_written(written):
    assert numbers.normalised(written) == "清住建发〔2025〕7号"


@pytest.mark.parametrize(
    "written", ["清住建发2025-7", "〔2025〕7号", "清住建发〔25〕7号", "清住建发〔2025〕号"]
)
def test_what_is_no_number_is_refused_with_an_example(written):
    with pytest.raises(numbers.WrongNumber, match="如 清政办发"):
        numbers.normalised(written)


def test_a_number_is_given_once(desk):
    desk.issued()
    document = desk.signed()
    with pytest.raises(Refused, match="已经用于"):
        desk.do("wang_min", "2025-09-26 11:00", actions.issue, document, number="清住建发[2025]7号",
                made_on=moment("2025-09-26 10:00").date())  # fmt: skip


@pytest.mark.clause("ZY-SX-04-1", "ZY-SX-05-1", "ZY-SX-06-1")
def test_an_attribute_is_proposed_with_the_words_that_led_to_it():
    [open_, *_] = proposal.propose("关于公布2026年低保标准的通知", "城市低保每月780元。", "通知")
    [kept, *_] = proposal.propose("关于调整用地的请示", "妥否，请批示。", "请示")
    [rest] = proposal.propose("关于报送材料的通知", "请按时报送。", "通知")

    assert (open_.attribute, open_.ground, open_.words) == ("主动公开", "涉及群众切身利益", ("低保",))
    assert (kept.attribute, kept.ground) == ("不予公开", "未定事项、往来函件、执法案卷")
    assert rest.attribute == "依申请公开"


def test_a_text_with_the_numbers_of_persons_is_proposed_as_withheld():
    people = "张三13900001111，李四13900002222，王五13900003333领取补贴。"
    [first, *_] = proposal.propose("补贴发放名册", people, "通知")

    assert first.attribute == "不予公开"


# ---- release -----------------------------------------------------------------------------------------------------


@pytest.mark.clause("ZY-SX-08-1", "ZY-SX-08-2", "ZY-GL-07-1")
def test_the_portal_manager_publishes_within_five_working_days_of_issue(desk):
    document = desk.issued()
    assert duty(document, "document.publish").due_at == moment("2025-10-11 00:00")
    assert duty(document, "document.hand_to_portal").state == "open"

    document = desk.cleared(document)
    desk.do("qian_fang", "2025-09-29 10:00", actions.publish, document)

    assert duty(document, "document.publish").state == "met"
    assert duty(document, "document.hand_to_portal").state == "met"
    assert fresh(document).published_at == moment("2025-09-29 10:00")


def test_a_clerk_of_another_unit_may_not_publish(desk):
    document = desk.cleared(desk.issued())

    with pytest.raises(Refused, match="发布人员"):
        desk.do("li_qiang", "2025-09-29 10:00", actions.publish, document)


@pytest.mark.clause("GB-TL-17-1")
def test_nothing_goes_out_without_its_own_secrecy_review(desk):
    document = desk.issued()
    sheet = desk.do("wang_min", "2025-09-28 09:00", actions.clear, document)
    desk.do("qin_lan", "2025-09-28 10:00", reviews.sign, sheet)
    desk.do("zhou_lan", "2025-09-28 11:00", reviews.sign, sheet)

    with pytest.raises(Refused, match="保密审查"):
        desk.do("qian_fang", "2025-09-29 10:00", actions.publish, fresh(document))


def test_the_author_may_not_review_the_secrecy_of_the_own_text(desk, county):
    county.posts["zhujian.handle"].powers += ["documents.secrecy"]
    county.posts["zhujian.handle"].save()
    with pytest.raises(Refused, match="拟稿人"):
        desk.do("wang_min", "2025-09-28 09:00", actions.review_secrecy, desk.issued(), outcome="可以公开")


@pytest.mark.clause("ZY-SX-09-2")
def test_a_doubt_about_secrecy_goes_to_the_secrecy_office(desk):
    document = desk.issued()
    desk.do("qin_lan", "2025-09-28 09:00", actions.review_secrecy, document, outcome=actions.IN_DOUBT)
    referred = duty(document, "document.determine_secrecy")
    assert referred.unit.short_name == "县保密局"

    with pytest.raises(Refused, match="由保密部门"):
        desk.do("qin_lan", "2025-09-28 10:00", actions.determine_secrecy, fresh(document), outcome="可以公开")
    desk.do("bai_jie", "2025-09-28 10:00", actions.determine_secrecy, fresh(document), outcome="可以公开")

    assert duty(document, "document.determine_secrecy").state == "met"


@pytest.mark.clause("ZY-GL-10-1", "ZY-GL-10-2", "GB-TL-11-1")
def test_other_units_confirm_first_and_a_disagreement_goes_to_the_superior(desk, county):
    document = desk.issued()
    [asked] = desk.do(
        "wang_min", "2025-09-26 11:00", actions.ask_confirmation, document, [county.units["shuiwu"]],
        question="停水安排是否属实",
    )  # fmt: skip
    document = desk.cleared(document)
    with pytest.raises(Refused, match="还没有确认一致"):
        desk.do("qian_fang", "2025-09-29 09:00", actions.publish, document)

    desk.do("he_jing", "2025-09-29 09:10", actions.confirm, asked, agrees=False, words="停水时间不对")
    referred = desk.do("wang_min", "2025-09-29 09:20", actions.refer_disagreement, asked)
    assert referred.arbiter.short_name == "县政府办"
    desk.do("he_wen", "2025-09-29 09:30", actions.settle_disagreement, asked, words="按水务局意见改")

    assert duty(document, "document.confirm").state == "met"
    assert duty(document, "document.settle").state == "met"
    assert desk.do("qian_fang", "2025-09-29 10:00", actions.publish, fresh(document)).is_published


def test_a_text_changed_after_its_review_does_not_go_out(desk):
    document = desk.cleared(desk.issued())
    document.edition.html = "<p>改过</p>"
    document.edition.save()

    with pytest.raises(Refused, match="正文又改过"):
        desk.do("qian_fang", "2025-09-29 10:00", actions.publish, fresh(document))


@pytest.mark.clause("YZ-PT-10-3", "XA-ZD-05-4", "QZ-TZ-00-2")
def test_the_register_says_what_who_when_and_where_and_never_changes(desk):
    document = desk.published()
    row = Release.objects.get(document=document)

    assert row.edition.html == TEXT
    assert (row.unit.short_name, row.publisher.name, row.channel) == ("县住建局", "钱芳", "政府网站")
    assert row.reviewer == "王敏、秦岚、周岚"
    assert row.at == moment("2025-09-29 10:00")
    for change in ("UPDATE documents_release SET channel='x'", "DELETE FROM documents_release"):
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            connection.cursor().execute(change)


@pytest.mark.clause("ZY-GL-09-2", "ZY-GL-08-1")
def test_urgent_information_is_due_the_same_day_and_other_information_in_five(desk, county):
    information = {"sort": "information", "genre": "其他", "title": "停水通告"}
    urgent = desk.draft(at="2025-11-08 10:00", is_time_critical=True, **information)
    plain = desk.draft(at="2025-09-26 10:00", **information)

    assert duty(urgent, "information.publish_same_day").due_at == moment("2025-11-09 00:00")
    assert duty(plain, "information.publish").due_at == moment("2025-10-11 00:00")


@pytest.mark.clause("ZY-GL-08-1", "YZ-PT-10-2")
def test_a_new_edition_is_reviewed_before_it_takes_the_place_of_the_old(desk):
    document = desk.published()
    change = {"title": document.title, "html": TEXT.replace("15", "18")}
    with pytest.raises(Refused, match="变更说明"):
        desk.do("wang_min", "2025-10-09 09:00", actions.edit, document, **change)
    desk.do("wang_min", "2025-10-09 09:00", actions.edit, document, note="补贴提高到18万元", **change)
    assert duty(document, "information.publish_change").due_at == moment("2025-10-16 00:00")

    with pytest.raises(Refused):
        desk.do("qian_fang", "2025-10-10 09:00", actions.revise, fresh(document))
    desk.do("qin_lan", "2025-10-10 09:00", actions.review_secrecy, fresh(document), outcome="可以公开")
    sheet = desk.do("wang_min", "2025-10-10 09:10", actions.clear_change, fresh(document))
    desk.do("qin_lan", "2025-10-10 09:20", reviews.sign, sheet)
    desk.do("zhou_lan", "2025-10-10 09:30", reviews.sign, sheet)
    revised = desk.do("qian_fang", "2025-10-10 10:00", actions.revise, fresh(document))

    assert "18万元" in revised.text
    assert revised.published_at == moment("2025-09-29 10:00")
    assert revised.editions.count() == 2
    assert duty(document, "information.publish_change").state == "met"


def test_what_is_told_of_a_text_belongs_to_its_edition_and_waits_with_it_for_review(desk):
    document = desk.published(summary="补贴十五万元", keywords="电梯,补贴")
    same = {"title": document.title, "html": document.text}
    with pytest.raises(Refused, match="变更说明"):
        desk.do("wang_min", "2025-10-09 09:00", actions.edit, document, summary="补贴十八万元", **same)
    desk.do(
        "wang_min",
        "2025-10-09 09:00",
        actions.edit,
        fresh(document),
        summary="补贴十八万元",
        note="概述有误",
        **same,
    )

    changed = fresh(document)
    assert (changed.edition.serial, changed.edition.summary) == (2, "补贴十八万元")
    assert (changed.released.serial, changed.released.summary) == (1, "补贴十五万元")
    assert [one.keywords for one in changed.editions.all()] == ["电梯,补贴"] * 2
    sheet = desk.do("wang_min", "2025-10-10 09:10", actions.clear_change, changed)
    assert ["内容概述", "补贴十八万元"] in [list(point) for point in sheet.points]


@pytest.mark.clause("ZY-SX-10-1", "GB-TL-53-1")
def test_a_wrongful_disclosure_is_ordered_corrected_and_taken_down(desk):
    document = desk.published()
    desk.do("chen_li", "2025-09-30 09:00", actions.order_correction, document, reason="附件含身份证号")
    assert duty(document, "document.take_down").state == "open"

    desk.do(
        "qian_fang", "2025-09-30 10:00", actions.withdraw, fresh(document), kind="不应公开",
        notice="该文件暂时撤下，更正后重新发布。", reason="附件含身份证号",
    )  # fmt: skip

    assert duty(document, "document.take_down").state == "met"
    assert fresh(document).stage == Stage.WITHDRAWN


def test_what_is_scheduled_goes_out_when_its_time_comes(desk):
    document = desk.cleared(desk.issued())
    desk.do("qian_fang", "2025-09-28 15:00", actions.schedule, document, on=moment("2025-09-29 08:00"))

    with clock.set_to(moment("2025-09-29 07:59")):
        assert actions.publish_due(clock.now()) == 0
    with clock.set_to(moment("2025-09-29 08:00")):
        assert actions.publish_due(clock.now()) == 1
    assert fresh(document).published_at == moment("2025-09-29 08:00")


@pytest.mark.clause("ZY-GL-07-2", "XA-WZ-02-1")
def test_what_is_of_a_key_area_stands_in_both_columns(desk, county):
    actions.lay_columns(county.place)
    desk.do("qian_fang", "2025-09-20 09:00", actions.save_column, county.place, slug="housing", name="保障性住房",
            kind="重点领域")  # fmt: skip
    document = desk.published(key_area="保障性住房", is_policy=True)

    assert set(document.columns.values_list("slug", flat=True)) == {"housing", "policies", "statutory"}


def test_validity_follows_from_dates_and_links(desk):
    old, new = desk.published(), desk.published(number="清住建发〔2025〕8号")
    old.ends_on = moment("2030-01-01 00:00").date()
    day = moment("2026-01-01 00:00").date()

    desk.do("wang_min", "2025-09-29 11:00", actions.relate, new, other=old, kind="repeals")

    assert new.validity(day) == "有效"
    assert (
        old.validity(day, repealed=Link.objects.filter(kind="repeals", target=old.matter).exists()) == "废止"
    )
    assert old.validity(moment("2030-01-01 00:00").date()) == "失效"


# ---- reviews -----------------------------------------------------------------------------------------------------


def test_nobody_signs_twice_and_the_author_never(desk, county):
    county.posts["zhujian.sign"].powers += ["documents.head"]
    county.posts["zhujian.sign"].save()
    sheet = desk.do("wang_min", "2025-09-24 09:00", actions.submit, desk.draft(is_important=True))
    desk.do("zhou_lan", "2025-09-24 10:00", reviews.sign, sheet)

    with pytest.raises(Refused, match="同一个人只能签一步"):
        desk.do("zhou_lan", "2025-09-24 10:10", reviews.sign, sheet)
    assert not reviewing.waiting_for(county.actor("zhou_lan")).exists()
    assert reviewing.waiting_for(county.actor("jiang_tao")).count() == 1


def test_a_return_gives_the_draft_back_with_what_to_change(desk):
    document = desk.draft()
    sheet = desk.do("wang_min", "2025-09-24 09:00", actions.submit, document)
    with pytest.raises(Refused, match="理由"):
        desk.do("zhou_lan", "2025-09-24 10:00", reviews.return_, sheet, words=" ")
    desk.do("zhou_lan", "2025-09-24 10:00", reviews.return_, sheet, words="标准写清楚")

    assert fresh(document).stage == Stage.DRAFT
    assert sheet.signatures.get(order=2).words == "标准写清楚"


def test_in_an_emergency_the_head_goes_ahead_and_a_second_person_makes_up_for_it(desk):
    document = desk.issued()
    desk.do("qin_lan", "2025-09-28 09:00", actions.review_secrecy, document, outcome="可以公开")
    sheet = desk.do("wang_min", "2025-09-28 09:00", actions.clear, fresh(document))
    with pytest.raises(Refused, match="理由"):
        desk.do("jiang_tao", "2025-09-28 09:10", reviews.override, sheet, reason="")
    desk.do("jiang_tao", "2025-09-28 09:10", reviews.override, sheet, reason="暴雨预警，来不及逐级审签")

    assert fresh(document).stage == Stage.CLEARED
    assert duty(document, "review.make_up").state == "open"
    with pytest.raises(Refused, match="另一个人"):
        desk.do("jiang_tao", "2025-09-28 10:00", reviews.approve_override, Sheet.objects.get(pk=sheet.pk))
    desk.do("zhou_lan", "2025-09-28 10:00", reviews.approve_override, Sheet.objects.get(pk=sheet.pk))
    assert duty(document, "review.make_up").state == "met"


def test_many_sheets_are_signed_at_once_and_what_is_refused_is_named(desk, county):
    mine = [desk.do("wang_min", "2025-09-24 09:00", actions.submit, desk.draft()) for _ in range(2)]
    others = desk.do(
        "ma_li", "2025-09-24 09:00", actions.submit, desk.draft(name="ma_li", unit=county.units["jiaoyu"])
    )

    refused = desk.do("zhou_lan", "2025-09-24 10:00", reviews.sign_all, [*mine, others])

    assert [sheet.pk for sheet, _why in refused] == [others.pk]
    assert Sheet.objects.filter(state="passed").count() == 2


def test_b_signs_while_a_is_away_and_the_sheet_says_for_whom(desk, county):
    Leave.objects.create(staff=county.zhou_lan, first_on="2025-09-24", last_on="2025-09-24")
    sheet = desk.do("wang_min", "2025-09-24 09:00", actions.submit, desk.draft())
    desk.do("jiang_tao", "2025-09-24 10:00", reviews.sign, sheet)

    assert Signature.objects.get(sheet=sheet, order=2).stood_in == "周岚"


# ---- what is withheld --------------------------------------------------------------------------------------------


@pytest.mark.clause("ZY-SX-09-1", "ZY-GL-11-1")
def test_the_withheld_catalogue_is_filed_with_a_reason_each_and_then_shown(desk, county):
    with clock.set_to(moment("2025-01-02 00:00")):
        cycles.open_cycles(clock.now())
    document = desk.issued(attribute="不予公开", ground="内部管理", reason="内部人事安排")
    unit = county.units["zhujian"]
    Document.objects.filter(pk=document.pk).update(reason="")
    with pytest.raises(Refused, match="没有写不予公开的理由"):
        desk.do("qin_lan", "2025-12-20 09:00", actions.file_withheld, unit, year=2025)
    Document.objects.filter(pk=document.pk).update(reason="内部人事安排")

    matter = desk.do("qin_lan", "2025-12-20 09:00", actions.file_withheld, unit, year=2025)
    assert matter.obligations.get(duty="withheld.file").state == "met"
    assert matter.obligations.get(duty="withheld.publish").state == "open"
    desk.do("qin_lan", "2025-12-22 09:00", actions.publish_withheld, unit, year=2025)
    assert matter.obligations.get(duty="withheld.publish").state == "met"


def test_a_withheld_document_is_seen_by_its_unit_and_by_those_who_oversee_but_by_nobody_else(desk, county):
    document = desk.issued(attribute="不予公开", ground="内部管理", reason="内部人事安排")

    assert document in policy.visible_to(county.actor("wang_min"))
    assert document in policy.visible_to(county.actor("chen_li"))
    assert document in policy.visible_to(county.actor("zheng_jie"))
    for stranger in ("li_qiang", "zhao_jing", "tang_yue"):
        assert document not in policy.visible_to(county.actor(stranger))


def test_a_document_carries_its_whole_story(desk):
    document = desk.published()
    kinds = set(document.matter.facts.values_list("kind", flat=True))

    told = (facts.DRAFTED, facts.ATTRIBUTE_PROPOSED, facts.SIGNED, facts.ISSUED, facts.SECRECY_REVIEWED,
            facts.RELEASE_SIGNED, facts.PUBLISHED)  # fmt: skip
    assert {kind.name for kind in told} <= kinds


def test_words_on_the_list_and_personal_data_are_named_before_release(desk):
    document = desk.issued(html="<p>内部资料，联系人张三13900001111。</p>")
    sheet = desk.do("wang_min", "2025-09-28 09:00", actions.clear, document)

    assert ["核对的词", "内部资料"] in sheet.points
    assert any(label == "个人信息" for label, _value in sheet.points)


def test_a_place_adds_its_own_words_to_look_for(desk, county):
    from gongkai.documents import sensitive
    from gongkai.ledger import actions as ledger

    document = desk.issued(html="<p>青龙工程概算。</p>")
    assert not sensitive.find(document)
    with clock.set_to(moment("2025-09-27 09:00")):
        ledger.configure(
            county.place, "release.sensitive_word", "values", ["青龙工程"], from_on=moment("2025-09-27 00:00").date(),
            by=county.actor("chen_li"), at=clock.now(),
        )  # fmt: skip
        assert sensitive.find(document).words == ("青龙工程",)
