"""Clauses that say how the whole is arranged: each shown by what the system does with it."""

from __future__ import annotations

import pytest
from django.test import Client

from gongkai.documents import actions, policy
from gongkai.documents.models import Column, Document, Genre, Topic
from gongkai.documents.tests.conftest import fresh
from gongkai.ledger import asks, clock, lawbook
from gongkai.people.models import Duty, Power, Unit, unit_answering_for
from gongkai.reviews.models import Sheet
from gongkai.ui.refusal import Refused
from tests.world import moment


@pytest.mark.clause("ZY-SX-01-1", "ZY-GL-01-1", "YZ-XZ-00-1")
def test_the_public_clause_table_names_the_regulation_behind_every_rule(county):
    page = Client().get("/qingyuan/clauses/").content.decode()

    for title in ("公文公开属性源头认定制度", "政府信息公开管理制度", "中华人民共和国政府信息公开条例"):
        assert title in page
    assert lawbook.book().by_id["yinzhou-2017-143"].clauses["YZ-XZ-00-1"].carried_by == (
        "page:portal:clauses",
    )


@pytest.mark.clause("ZY-SX-11-1", "ZY-GL-13-1")
def test_before_its_day_a_regulation_binds_nobody(db, fresh_rules):
    rules, known = lawbook.rules("520300"), moment("2026-01-01 00:00")

    before = rules.duty("document.publish", moment("2020-11-12 09:00").date(), known)
    after = rules.duty("document.publish", moment("2020-11-13 09:00").date(), known)

    assert str(before.within.span) == "20 working days"
    assert str(after.within.span) == "5 working days"


@pytest.mark.clause("ZY-SX-02-1", "GB-GW-08-1")
def test_every_kind_of_document_can_be_drafted(desk):
    genres = asks.values_of("520399", "document.genre")
    assert len(genres) == 15
    assert (
        set(asks.values_of("520399", "document.genre_example")) <= set(genres) == set(Genre.values) - {"其他"}
    )

    for genre in genres:
        assert desk.draft(genre=genre).genre == genre


@pytest.mark.clause("GB-ZT-01-1", "GB-TL-20-1", "GB-TL-19-1", "GB-TL-14-1", "GB-TL-13-1")
def test_the_national_lists_are_offered_where_a_document_is_written(desk, county):
    from gongkai.documents.forms.acts import AttributeForm
    from gongkai.documents.forms.writing import DraftForm

    draft = DraftForm(actor=county.actor("wang_min"))
    assert len(draft.fields["subject"].choices) == 22 + 1
    assert len(draft.fields["statutory"].choices) == 15 + 1
    attribute = AttributeForm(case=desk.draft(), actor=county.actor("wang_min"))
    assert [value for value, _ in attribute.fields["attribute"].choices] == [
        "主动公开",
        "依申请公开",
        "不予公开",
    ]
    assert {"涉及群众切身利益", "内部管理"} <= {value for value, _ in attribute.fields["ground"].choices}


@pytest.mark.clause("ZY-GL-02-1", "ZY-GL-05-1")
def test_what_was_made_and_what_was_obtained_are_told_apart_and_each_has_who_discloses_it(desk):
    made, obtained = desk.draft(), desk.draft(was_obtained=True)
    origin = [one.matter.facts.get(kind="document.drafted").details["origin"] for one in (made, obtained)]

    assert origin == ["制作", "获取"]
    assert [asks.route("520399", "information.responsible", {"origin": one})[0] for one in origin] == [
        "maker",
        "obtainer",
    ]


@pytest.mark.clause("ZY-GL-05-2")
def test_the_successor_discloses_for_a_unit_that_was_merged(desk, county):
    document = desk.published()
    unit = county.units["zhujian"]
    unit.closed_on, unit.successor = moment("2025-10-01 00:00").date(), county.units["shuiwu"]
    unit.save()
    with clock.set_to(moment("2025-10-09 09:00")):
        assert actions.take_over(clock.now()) == 1
        assert actions.take_over(clock.now()) == 0

    after = fresh(document)
    assert after.unit == county.units["shuiwu"]
    assert (after.index_number, after.published_at) == (document.index_number, document.published_at)
    assert policy.is_writer(county.actor("li_qiang"), after)
    assert not policy.is_writer(county.actor("wang_min"), after)


@pytest.mark.clause("ZY-GL-03-1", "QZ-TZ-00-1")
def test_a_public_enterprise_discloses_under_the_same_rules(desk, county):
    unit = county.units["zhujian"]
    unit.kind = Unit.Kind.ENTERPRISE
    unit.save()
    document = desk.issued()

    assert document.matter.obligations.get(duty="document.publish").due_at == moment("2025-10-11 00:00")


@pytest.mark.clause("ZY-GL-04-1", "GB-TL-03-1", "YZ-PT-10-1")
def test_the_office_oversees_each_unit_answers_for_itself_and_its_own_body_does_the_work(desk, county):
    document = desk.issued()
    desk_of_county, other = county.actor("chen_li"), county.actor("he_jing")
    release = desk.do("wang_min", "2025-09-28 09:00", actions.clear, document)

    assert unit_answering_for(county.place, Duty.OPENNESS, county.on) == county.units["office"]
    assert document in policy.visible_to(desk_of_county)
    assert document not in policy.visible_to(other)
    assert release.signatures.get(role="unit_openness").unit == county.units["zhujian"]
    assert policy.may_keep_site(desk_of_county)
    assert not policy.may_keep_site(other)


@pytest.mark.clause("YZ-PT-10-4")
def test_who_reviewed_what_went_out_is_found_for_every_release(desk):
    document = desk.published()
    sheet = Sheet.objects.get(matter=document.matter, subject="release")

    assert document.releases.get().reviewer == "、".join(s.by.name for s in sheet.signatures.all())
    assert all(s.decided_at for s in sheet.signatures.all())


@pytest.mark.clause("ZY-GL-07-3", "GB-TL-23-1", "YZ-PT-11-1")
def test_a_release_on_paper_or_a_screen_is_entered_in_the_register(desk):
    document = desk.published()
    desk.do("qian_fang", "2025-09-30 09:00", actions.register_release, document, channel="电子信息屏")

    assert "电子信息屏" in asks.values_of("520399", "disclosure.facility")
    assert set(document.releases.values_list("channel", flat=True)) == {"政府网站", "电子信息屏"}


@pytest.mark.clause("ZY-GL-08-2")
def test_a_stricter_special_rule_prevails(desk):
    urgent = desk.draft(at="2025-09-26 10:00", sort="information", genre="其他", is_time_critical=True)
    due = {o.duty: o.due_at for o in urgent.matter.obligations.all()}

    assert due["information.publish_same_day"] < due["information.publish"]


@pytest.mark.clause("ZY-GL-09-1")
def test_events_and_warnings_have_their_own_channels():
    from gongkai.ledger import lawbook

    values = lawbook.rules_offline("520300").lists["release.emergency_channel"].values
    assert values == ("新闻发布会", "政府网站", "新闻媒体")


@pytest.mark.clause("XA-ZD-05-1")
def test_what_is_public_starts_its_clock_by_itself(desk):
    document = desk.issued()
    assert document.matter.obligations.filter(duty="document.publish", state="open").exists()


@pytest.mark.clause("XA-WZ-02-2")
def test_a_topic_brings_documents_and_figures_about_one_concern_together(desk, county):
    document = desk.published()
    topic = desk.do(
        "qian_fang", "2025-09-30 09:00", actions.save_topic, county.place, slug="lift", title="电梯更新",
        words="哪些小区、补多少", figures=[{"label": "已更新", "value": 12}], documents=[document],
    )  # fmt: skip

    assert set(asks.values_of("610100", "topic.form")) == {"数字化", "场景式", "图表", "音频", "视频"}
    assert list(Topic.objects.get(pk=topic.pk).documents.all()) == [document]


@pytest.mark.clause("XA-WZ-02-8")
def test_services_are_kept_with_the_day_of_their_last_change(desk, county):
    unit = county.units["zhujian"]
    desk.do(
        "qin_lan",
        "2025-09-29 09:00",
        actions.save_service,
        unit,
        name="公租房申请",
        kind="行政给付",
        limit="20个工作日",
    )
    row = desk.do(
        "qin_lan",
        "2025-10-09 09:00",
        actions.save_service,
        unit,
        name="公租房申请",
        kind="行政给付",
        limit="15个工作日",
    )

    assert unit.services.count() == 1
    assert (row.limit, row.updated_at) == ("15个工作日", moment("2025-10-09 09:00"))


@pytest.mark.clause("YZ-XZ-00-3")
def test_a_gazette_prints_documents_by_year_and_issue(desk, county):
    document = desk.published()
    issue = desk.do(
        "qian_fang", "2025-10-20 09:00", actions.save_gazette, county.place, year=2025, issue=10,
        issued_on=moment("2025-10-20 00:00").date(), documents=[document],
    )  # fmt: skip
    assert str(issue) == "2025年第10期"
    assert list(issue.documents.all()) == [document]


@pytest.mark.clause("YZ-JD-06-2", "HS-LD-12-4")
def test_an_interpretation_may_be_text_questions_chart_sound_or_film(desk):
    document = desk.issued()
    for form in ("文字", "问答", "图表", "音频", "视频"):
        made = desk.do(
            "wang_min", "2025-09-27 09:00", actions.interpret, document, title=f"{form}解读", form=form
        )
        assert made.form == form
    assert "组织专家解读" in asks.values_of("652828", "response.form")


@pytest.mark.clause("HS-LD-12-1")
def test_a_section_is_named_on_the_post_that_does_the_work(county):
    assert county.posts["cyberspace"].section == "网络舆情科"


def test_the_statutory_columns_are_there_from_the_first_day(county):
    actions.lay_columns(county.place)
    actions.lay_columns(county.place)

    names = list(Column.objects.filter(place=county.place).values_list("name", flat=True))
    assert names[:4] == ["政府信息公开指南", "政府信息公开制度", "法定主动公开内容", "政府信息公开年报"]
    assert len(names) == len(set(names))
    assert Document.objects.count() == 0
    assert Power.PUBLISH in Power.values


def test_a_guide_is_put_into_its_column_by_a_publisher(desk, county):
    actions.lay_columns(county.place)
    document = desk.published()
    guide = Column.objects.get(place=county.place, slug="guide")

    desk.do("qian_fang", "2025-09-30 09:00", actions.place, document, columns=[guide])
    assert list(document.columns.all()) == [guide]
    with pytest.raises(Refused, match="发布人员"):
        desk.do("li_qiang", "2025-09-30 09:00", actions.place, document, columns=[])
