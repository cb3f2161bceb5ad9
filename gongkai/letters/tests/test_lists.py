"""Lists by clock: order, filters, pages by key, counts, export; a fixed number of queries however many letters."""

from __future__ import annotations

import csv
import io
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gongkai.letters import actions, asks, export, issues, learning, policy
from gongkai.letters.models import Export, Issue, Letter, Tie
from gongkai.people.models import Post
from gongkai.ui.refusal import Refused
from tests.world import moment


def titles(response) -> list[str]:
    return [row.title for row in response.context["rows"].rows]


def exported(browser, query: str = "") -> list[list[str]]:
    text = b"".join(browser.get(f"/office/letters/export/{query}").streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_what_is_most_urgent_stands_first(county, desk, assigned, at):
    assigned(title="后到的调查核实", at="2025-09-28 10:00")
    assigned(title="先到的调查核实", at="2025-09-26 10:00")
    assigned(title="后到的简单咨询", nature="咨询", time_class="简单咨询", at="2025-09-28 10:00")
    at("2025-09-28 10:30")
    for letter in Letter.objects.all():
        letter.matter.obligations.filter(duty="letter.sign_for").update(
            state="lapsed", settled_at=letter.received_at
        )
    shown = desk("wang_min").get("/office/letters/")
    assert titles(shown) == ["后到的简单咨询", "先到的调查核实", "后到的调查核实"]


def test_views_filters_and_words_narrow_the_list(county, desk, write, assigned, at):
    write(title="水管爆裂", text="南桥镇水管爆裂", source="12345热线", at="2025-09-27 09:00")
    assigned(title="电梯停运")
    at("2025-09-27 10:00")
    chen = desk("chen_li")

    def found(query):
        return titles(chen.get(f"/office/letters/{query}"))

    assert found("?view=unopened") == ["水管爆裂"]
    assert found("?view=assigned") == ["电梯停运"]
    assert found("?q=水管") == ["水管爆裂"]
    assert found("?source=12345热线") == ["水管爆裂"]
    assert found("?nature=投诉&time_class=调查核实") == ["电梯停运"]
    assert found(f"?unit={county.units['zhujian'].pk}") == ["电梯停运"]
    assert found("?since=2025-09-27") == ["水管爆裂"]
    assert found("?until=2025-09-26") == ["电梯停运"]
    assert found("?view=answered") == []
    assert len(found("?source=没有的来源&view=nonsense&after=nonsense")) == 2


def test_counts_are_what_the_views_show_and_are_counted_once_until_something_happens(
    county, write, assigned, django_assert_num_queries
):
    write(), write(), assigned(), assigned("shuiwu", nature="举报")
    actor, now = county.actor("chen_li"), moment("2025-10-09 09:00")
    seen = policy.visible_to(actor)
    with django_assert_num_queries(2):
        counted = asks.counts(actor, now)
    with django_assert_num_queries(1):
        assert asks.counts(actor, now) == counted
    write()
    with django_assert_num_queries(2):
        counted = asks.counts(actor, now)
    for view in asks.VIEWS:
        if view.is_counted:
            assert counted[view.id] == seen.filter(view.rows(actor)).count(), view.label
    assert counted["alarm"] == 3


@pytest.mark.clause("ZY-LY-07-1")
def test_intake_nobody_opened_in_time_rings_an_alarm(county, desk, write, at):
    letter = write()
    at("2025-09-26 17:00")
    chen = desk("chen_li")
    assert "超过时限还没有人打开" not in chen.get("/office/letters/").content.decode()
    at("2025-09-29 08:30")
    assert "1 封来信超过时限还没有人打开" in chen.get("/office/letters/").content.decode()
    assert "1 封来信还没有人打开" in desk("zhao_jing").get("/office/letters/intake/").content.decode()
    chen.get(f"/office/letters/{letter.number}/")
    assert letter.number in chen.get("/office/letters/intake/").content.decode()
    desk("zhao_jing").get(f"/office/letters/{letter.number}/")
    assert letter.number not in chen.get("/office/letters/intake/").content.decode()


def test_pages_by_key_show_every_letter_once(county, desk, write, at):
    for number in range(60):
        write(title=f"第{number}封", text=f"第{number}封的正文", at=f"2025-09-26 10:{number // 2:02}")
    at("2025-09-26 12:00")
    chen = desk("chen_li")
    for view in ("", "all"):
        found, query = [], f"?view={view}"
        while query:
            shown = chen.get(f"/office/letters/{query}")
            found += titles(shown)
            query = shown.context["next_url"]
        assert (len(found), len(set(found))) == (60, 60)


def test_a_longer_list_takes_no_more_queries(county, desk, write, assigned, at, connection_queries):
    write(), assigned()
    at("2025-09-26 12:00")
    chen = desk("chen_li")
    few = connection_queries(lambda: chen.get("/office/letters/"))
    few_of_all = connection_queries(lambda: chen.get("/office/letters/?view=all"))
    for number in range(20):
        assigned(title=f"第{number}封", text=f"第{number}封的正文")
        write(title=f"另{number}封", text=f"另{number}封的正文")
    assert connection_queries(lambda: chen.get("/office/letters/")) == few
    assert connection_queries(lambda: chen.get("/office/letters/?view=all")) == few_of_all
    assert (few, few_of_all) == (6, 7)  # what stands is counted already


def test_a_longer_story_takes_no_more_queries(county, desk, assigned, at, connection_queries):
    letter = assigned()
    at("2025-09-26 12:00")
    wang, chen = desk("wang_min"), desk("chen_li")
    wang.post(f"/office/letters/{letter.number}/receipt/")
    few = connection_queries(lambda: wang.get(f"/office/letters/{letter.number}/"))
    for number in range(5):
        chen.post(f"/office/letters/{letter.number}/cyberspace/", {"ground": f"第{number}条转发"})
        wang.post(f"/office/letters/{letter.number}/findings/", {"text": f"第{number}次看过"})
    assert connection_queries(lambda: wang.get(f"/office/letters/{letter.number}/")) == few
    assert few <= 12


def test_reading_a_letter_waits_for_nobody_who_writes(county, desk, assigned, at):
    letter = assigned()
    at("2025-09-26 12:00")
    chen = desk("chen_li")
    with CaptureQueriesContext(connection) as queries:
        chen.get(f"/office/letters/{letter.number}/")
    assert [query["sql"] for query in queries if not query["sql"].startswith("SELECT")] == []


def test_a_power_taken_away_closes_the_list_at_the_next_click(county, desk, assigned, at):
    letter = assigned()
    at("2025-09-26 12:00")
    wang = desk("wang_min")
    assert titles(wang.get("/office/letters/")) == [letter.title]
    Post.objects.filter(holdings__staff=county.wang_min).update(powers=[])
    assert titles(wang.get("/office/letters/")) == []
    assert wang.get(f"/office/letters/{letter.number}/").status_code == 404


def test_the_export_is_the_list_and_nothing_of_the_writers(county, desk, write, assigned, at):
    write(title='=HYPERLINK("http://x","y")')
    write(title="家住清河路，电话13900009999", source="12345热线")
    assigned(title="电梯停运")
    at("2025-09-27 10:00")
    chen = desk("chen_li")
    for query in ("", "?view=all", "?source=12345热线", "?view=assigned&q=电梯"):
        rows = exported(chen, query)
        shown = chen.get(f"/office/letters/{query}").context["rows"].rows
        assert {row[0] for row in rows[1:]} == {row.number for row in shown}
    everything = "\n".join(",".join(row) for row in exported(chen, "?view=all"))
    for private in ("方秀英", "13900001234", "13900009999"):
        assert private not in everything
    assert "'=HYPERLINK" in everything

    book = openpyxl.load_workbook(
        io.BytesIO(b"".join(chen.get("/office/letters/export/?as=xlsx&view=all").streaming_content))
    )
    cells = list(book.active.iter_rows(values_only=True))
    assert cells[0] == export.HEAD
    assert sorted(row[0] for row in cells[1:]) == sorted(row[0] for row in exported(chen, "?view=all")[1:])
    assert not any(cell.data_type == "f" for row in book.active.iter_rows() for cell in row)


def test_every_export_leaves_a_record_that_only_the_auditor_reads(county, desk, write, assigned, at):
    assigned(title="电梯停运")
    write(title="家住清河路，电话13900009999", source="12345热线")
    now = at("2025-09-27 10:00")
    wang, chen, zheng = desk("wang_min"), desk("chen_li"), desk("zheng_jie")
    for query in ("", "?view=all&source=12345热线&as=xlsx", "?view=all&q=13900009999"):
        b"".join(chen.get(f"/office/letters/export/{query}").streaming_content)
    b"".join(wang.get("/office/letters/export/?view=answered").streaming_content)

    kept = list(
        Export.objects.order_by("pk").values_list("by__name", "at", "form", "asked", "rows", "with_person")
    )
    assert kept == [
        ("陈立", now, "CSV", "在办", 2, False),
        ("陈立", now, "XLSX", "全部；来源：12345热线", 1, False),
        ("陈立", now, "CSV", "全部；词语：〔手机号码〕", 1, False),
        ("王敏", now, "CSV", "已答复", 0, False),
    ]  # fmt: skip
    shown = zheng.get("/office/exports/").content.decode()
    assert "全部；来源：12345热线" in shown
    assert "13900009999" not in shown
    assert {chen.get("/office/exports/").status_code, wang.get("/office/exports/").status_code} == {404}
    assert not policy.visible_exports(county.actor("chen_li")).exists()


def test_what_is_not_let_out_is_not_recorded_as_taken(county, desk, assigned, at):
    assigned()
    at("2025-09-27 10:00")
    county.wang_min.holdings.all().delete()
    assert desk("wang_min").get("/office/letters/export/").status_code == 403
    assert Client().get("/office/letters/export/").status_code == 302
    assert not Export.objects.exists()


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_nothing_exported_is_a_formula(value):
    assert export.harmless(value).startswith("'")


# ---- entry -----------------------------------------------------------------------------------------------------

GIVEN = {
    "source": "群众来信",
    "received_at": "2025-09-26T10:00",
    "title": "路灯不亮",
    "text": "清河路路灯三天不亮。",
}


def test_a_letter_entered_late_needs_a_reason_and_keeps_both_times(county, desk, at):
    at("2025-09-28 16:00")
    zhao = desk("zhao_jing")
    refused = zhao.post("/office/letters/entry/", GIVEN)
    assert refused.status_code == 422
    assert "为什么现在才登记" in refused.content.decode()
    assert "清河路路灯三天不亮" in refused.content.decode()
    zhao.post("/office/letters/entry/", GIVEN | {"because": "周末收到的纸质信"})
    letter = Letter.objects.get()
    assert (letter.received_at, letter.entered_at) == (moment("2025-09-26 10:00"), moment("2025-09-28 16:00"))
    assert (
        "补记于2025年9月28日 16:00：周末收到的纸质信"
        in zhao.get(f"/office/letters/{letter.number}/").content.decode()
    )


def test_a_letter_that_says_the_same_is_offered_before_it_is_kept(county, desk, write, at):
    earlier = write(title="路灯不亮", text="清河路路灯三天不亮。")
    at("2025-09-26 10:20")
    zhao = desk("zhao_jing")
    asked = zhao.post("/office/letters/entry/", GIVEN)
    assert asked.status_code == 422
    assert earlier.number in asked.content.decode()
    assert Letter.objects.count() == 1
    assert zhao.post("/office/letters/entry/", GIVEN | {"is_new": "on"}).status_code == 302
    assert Letter.objects.count() == 2


def test_personal_data_in_the_text_is_pointed_out(county, desk, at):
    at("2025-09-26 10:20")
    asked = desk("zhao_jing").post(
        "/office/letters/entry/", GIVEN | {"text": "路灯不亮，请打13900001234找我。"}
    )
    assert asked.status_code == 422
    assert "手机号码“13900001234”" in asked.content.decode()


def test_a_source_the_place_has_added_can_be_chosen(county, desk, at):
    from datetime import date

    from gongkai.ledger import actions as ledger

    now = at("2025-09-26 10:20")
    chen = county.actor("chen_li")
    ledger.configure(
        county.place, "letter.source", "values", ["短视频平台"], from_on=date(2025, 1, 1), by=chen, at=now
    )
    assert "短视频平台" in desk("zhao_jing").get("/office/letters/entry/").content.decode()


# ---- issues and learning ---------------------------------------------------------------------------------------


def _about_the_lift(write, count: int = 4) -> list[Letter]:
    return [
        write(
            title=f"东湖花园7幢电梯停运第{n}次反映", text=f"东湖花园7幢电梯停运，老人下不了楼，第{n}次反映，物业不管。",
            person={"name": "方秀英", "phone": f"1390000{n:04}"},
        )
        for n in range(count)
    ]  # fmt: skip


def test_letters_about_one_thing_are_a_hot_issue_and_are_merged_at_once(county, desk, write, at):
    letters = _about_the_lift(write)
    write(title="南桥镇水管爆裂", text="南桥镇水管爆裂，全村停水。")
    at("2025-09-26 12:00")
    zhao = desk("zhao_jing")
    zhao.post("/office/letters/issues/")
    issue = Issue.objects.get()
    assert (issue.count, issue.writers) == (4, 4)
    assert issue.name in zhao.get("/office/letters/issues/").content.decode()

    chosen = {"into": letters[0].number, "letters": [letter.number for letter in letters]}
    for _ in range(2):
        assert zhao.post(f"/office/letters/issues/{issue.pk}/merge/", chosen).status_code == 302
    assert Letter.objects.filter(stage="merged").count() == 3


def test_a_letter_that_is_another_matter_stays_apart(county, desk, write, at):
    letters = _about_the_lift(write)
    at("2025-09-26 12:00")
    zhao = desk("zhao_jing")
    zhao.post("/office/letters/issues/")
    issue = Issue.objects.get()
    zhao.post(f"/office/letters/issues/{issue.pk}/split/", {"letter": letters[3].number})
    assert Tie.objects.filter(together=False).count() == 3
    issues.regroup(county.place, moment("2025-09-26 13:00"))
    assert not Issue.objects.filter(letters=letters[3]).exists()
    assert Issue.objects.get().count == 3


def test_suggestions_show_their_words_and_decide_nothing(county, desk, write, at):
    letter = write()
    at("2025-09-26 10:30")
    shown = desk("zhao_jing").get(f"/office/letters/{letter.number}/").content.decode()
    assert "系统建议，由您决定" in shown
    assert "承办单位：县住建局" in shown
    assert "<mark>电梯</mark>" in shown
    letter.refresh_from_db()
    assert (letter.nature, letter.unit) == ("", None)
    taken = desk("zhao_jing").get(
        f"/office/letters/{letter.number}/?nature=投诉&unit={county.units['zhujian'].code}"
    )
    form = taken.context["classification"]
    assert (form["nature"].value(), form["unit"].value()) == ("投诉", county.units["zhujian"].pk)


def test_a_unit_is_suggested_and_given_letters_until_the_day_it_is_merged(county, write, at):
    housing, lead = county.units["zhujian"], county.actor("zhao_jing")
    housing.closed_on, housing.competence = date(2025, 10, 1), "电梯、物业"
    housing.save()
    kinds = {"nature": "投诉", "time_class": "调查核实", "triage": "一般"}

    def suggested(letter: Letter) -> set[str]:
        return {one.value for one in learning.suggest(letter) if one.field == "unit"}

    at("2025-09-30 12:00")
    letter = write(at="2025-09-30 10:00")
    assert suggested(letter) == {housing.code}
    actions.classify_and_assign(letter, by=lead, at=moment("2025-09-30 12:00"), unit=housing, **kinds)
    assert Letter.objects.get(pk=letter.pk).unit == housing

    at("2025-10-01 12:00")
    late = write(at="2025-10-01 10:00")
    assert housing.code not in suggested(late)
    with pytest.raises(Refused, match="不能承办本地来信"):
        actions.classify_and_assign(late, by=lead, at=moment("2025-10-01 12:00"), unit=housing, **kinds)


@pytest.mark.slow
def test_a_place_learns_from_its_answered_letters(county, desk, write, at):
    now = at("2025-09-26 12:00")
    assert learning.train(county.place, now) is None
    subjects = {"zhujian": ("物业", "电梯停运，物业不修"), "shuiwu": ("供水", "自来水发黄，水压很低")}
    for unit, (topic, text) in subjects.items():
        for number in range(12):
            letter = write(title=f"{text}{number}号楼", text=f"{text}，{number}号楼的住户都着急。")
            Letter.objects.filter(pk=letter.pk).update(
                stage="answered", answer="已办", answered_at=now, nature="投诉" if number % 2 else "咨询", topic=topic,
                unit=county.units[unit],
            )  # fmt: skip
    chen = desk("chen_li")
    chen.post("/office/letters/learning/")
    shown = chen.get("/office/letters/learning/").content.decode()
    assert "24 封" in shown
    assert "县住建局" in shown
    told = {one.field: one for one in learning.suggest(write(title="电梯又停运", text="物业还是不修"))}
    assert told["unit"].label == "县住建局"
    assert "已办结的来信中" in told["unit"].why
