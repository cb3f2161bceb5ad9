"""Filters and tags: dates as people write them, clocks, lists that keep their question."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory

from gongkai.ui import filters as ui
from gongkai.ui.parts import Filter, Option, onward
from gongkai.ui.refusal import Verdict
from gongkai.ui.views import Counted, Day


def draw(source: str, address: str = "/", **given: object) -> str:
    request = RequestFactory().get(address)
    return engines["jinja2"].from_string(source).render(given, request)


def test_a_moment_is_said_in_chinese_local_time_without_leading_zeros():
    assert ui.moment(datetime(2025, 9, 5, 1, 7, tzinfo=UTC)) == "2025年9月5日 09:07"
    assert ui.day(date(2025, 10, 1)) == "2025年10月1日"
    assert ui.month(datetime(2025, 9, 30, 16, 0, tzinfo=UTC)) == "2025年10月"
    assert ui.moment(None) == ui.day(None) == ui.month(None) == ui.due_moment(None) == ""


def test_midnight_as_a_due_moment_is_24_00_of_the_day_before():
    assert ui.due_moment(datetime(2025, 10, 10, 16, 0, tzinfo=UTC)) == "2025年10月10日 24:00"
    assert ui.due_moment(datetime(2025, 12, 31, 16, 0, tzinfo=UTC)) == "2025年12月31日 24:00"
    assert ui.due_moment(datetime(2025, 9, 30, 13, 40, tzinfo=UTC)) == "2025年9月30日 21:40"


def test_the_year_falls_away_inside_the_current_year_only():
    now = datetime(2025, 9, 29, 1, 20, tzinfo=UTC)

    assert ui.due_moment(datetime(2025, 10, 10, 16, 0, tzinfo=UTC), now) == "10月10日 24:00"
    assert ui.due_moment(datetime(2025, 12, 31, 16, 0, tzinfo=UTC), now) == "12月31日 24:00"
    assert ui.moment(datetime(2026, 1, 8, 1, 0, tzinfo=UTC), now) == "2026年1月8日 09:00"


def test_counts_and_rates():
    assert ui.thousands(2318) == "2,318"
    assert ui.rate(0.955) == "95.5%"
    assert ui.rate(0.92, 0) == "92%"
    assert ui.rate(None) == "—"


@pytest.mark.parametrize("state", ui.CLOCKS)
def test_every_clock_has_a_mark_and_a_word(state):
    clock = draw("{% include 'ui/marks.html' %}{{ state|clock }}", state=state)

    assert f'<symbol id="m-{state}"' in clock
    assert f'href="#m-{state}"' in clock
    assert ui.CLOCKS[state] in clock


def test_an_unknown_state_of_a_clock_is_an_error():
    with pytest.raises(ValueError, match="没有“overdue”这种时限状态"):
        ui.clock("overdue")


def test_a_clock_without_words_says_its_due_moment():
    due = datetime(2025, 10, 10, 16, 0, tzinfo=UTC)

    assert ">2025年10月10日 24:00 前<" in ui.clock("ample", due=due)
    assert ">约 2025年10月10日 24:00<" in ui.clock("prov", due=due)
    assert ">已过 1 个工作日<" in ui.clock("late", "已过 1 个工作日", due)
    assert '<time datetime="2025-10-11T00:00:00+08:00" data-due>' in ui.clock("soon", due=due, live=True)


def test_what_is_written_into_a_clock_or_a_row_is_escaped():
    row = SimpleNamespace(
        state="late", left="<b>", url='/"><b>', title="<b>", source="<b>", number="<b>", due=None, act="<b>"
    )
    assert "<b>" not in ui.clock("late", "<b>", word="<b>") + ui.clock("late", word="<b>", count=1)
    page = draw("{{ component('ui/work.html', groups=[{'word': 'x', 'count': 1, 'rows': [row]}]) }}", row=row)
    assert "<b>" not in page.replace("<b>x 1</b>", "")


def test_a_clock_in_a_cell_shows_the_number_and_reads_out_the_word():
    assert '<span class="visually-hidden">已逾期 </span><span>0</span>' in draw("{{ 'late'|clock(count=0) }}")


def test_the_calendar_starts_on_monday_and_says_the_month_where_it_changes():
    days = [
        Counted(Day(date(2025, 9, 30)), "start"),
        Counted(Day(date(2025, 10, 1), "holiday"), "off"),
        Counted(Day(date(2025, 10, 4), "weekend"), "off"),
        Counted(Day(date(2025, 10, 9)), "due", 1),
    ]
    first, second = ui.weeks(days)

    assert [cell["number"] for cell in first] == ["", "9/30", "10/1", "", "", "4", ""]
    assert [cell["label"] for cell in first] == ["", "当天", "放假", "", "", "周末", ""]
    assert second[3] == {"role": "due", "number": "9", "label": "第1天"}


def test_a_clock_in_hours_has_sentences_and_no_calendar():
    drawn = draw("{{ []|why(said) }}", said=[{"text": "夜间和假日照算。", "local": True}])

    assert "夜间和假日照算。" in drawn
    assert "本地设定" in drawn
    assert "<table" not in drawn


def test_an_allowed_act_is_a_button_of_its_form():
    button = draw("{{ yes|verdict('办结', name='step', value='close') }}", yes=Verdict.yes())

    assert 'type="submit" name="step" value="close">办结' in button
    assert "aria-disabled" not in button


def test_a_refused_act_keeps_its_place_and_says_why():
    button = draw("{{ no|verdict('送审签') }}", no=Verdict.no("还没有核实记录。", "留言办理办法 第五条"))

    assert 'type="button" aria-disabled="true"' in button
    assert "还没有核实记录。" in button
    assert "留言办理办法 第五条" in button
    assert 'type="submit"' not in button


def test_two_refused_acts_have_reasons_of_their_own():
    no = Verdict.no("还没有核实记录。")

    assert ui.verdict(no, "办结")["id"] != ui.verdict(no, "送审签")["id"]


def test_marked_words_are_marked_and_everything_else_escaped():
    assert ui.marked("<b>电梯</b>维修基金", ["电梯", "维修"]) == (
        "&lt;b&gt;<mark>电梯</mark>&lt;/b&gt;<mark>维修</mark>基金"
    )
    assert ui.marked("<script>", None) == "&lt;script&gt;"
    assert ui.marked("维修基金", ["维修", "维修基金"]) == "<mark>维修基金</mark>"


def test_marked_words_stay_marked_when_the_text_is_broken_into_lines():
    given = {"words": "<b>电梯\n维修基金"}

    assert draw("{{ words|marked(['电梯'])|linebreaks }}", **given) == (
        "<p>&lt;b&gt;<mark>电梯</mark><br>维修基金</p>"
    )
    assert draw("{{ words|marked(['电梯'])|linebreaksbr }}", **given) == (
        "&lt;b&gt;<mark>电梯</mark><br>维修基金"
    )


@pytest.mark.parametrize(
    "said",
    [
        "words",
        "words|default('')",
        "words|linebreaks",
        "words|linebreaksbr",
        "words|truncatechars(40)",
        "words|marked(['b'])",
        "words|marked(['b'])|linebreaks",
        "[words]|join(' ')",
        "component('ui/empty.html', title=words)",
    ],
)
def test_whatever_a_template_says_is_escaped(said):
    drawn = draw(f"{{{{ {said} }}}}", words="<u>\n<i>")

    assert "<u>" not in drawn
    assert "&lt;" in drawn


def test_a_template_names_things_and_what_is_not_there_is_nothing():
    class Letter:
        def title(self):
            return "电梯"

    given = {"letter": Letter(), "kept": {"items": 3}}

    assert (
        draw("{{ letter.title }} {{ kept.items }} {{ letter.writer.name }}{{ gone.at }}", **given)
        == "电梯 3 "
    )


def test_no_template_can_delete_or_save():
    done = []

    class Row:
        def delete(self):
            done.append("deleted")

        delete.alters_data = True

    assert draw("{{ row.delete }}{% if row.delete %}!{% endif %}", row=Row()) == ""
    assert done == []


def test_the_query_string_is_kept_but_for_what_changes():
    assert draw("{{ query(page=2, kind=none) }}", "/?q=a&kind=x&page=1") == "?q=a&amp;page=2"


def test_pages_keep_the_question_and_leave_gaps():
    drawn = draw("{{ page|pager }}", "/?q=a", page=Paginator(range(240), 20).page(6))

    assert 'href="?q=a&amp;page=5" rel="prev"' in drawn
    assert 'aria-current="page">6<' in drawn
    assert "…" in drawn
    assert 'href="?q=a&amp;page=12"' in drawn


def test_a_single_page_has_no_pager():
    assert draw("{{ page|pager }}", page=Paginator(range(3), 20).page(1)).strip() == ""


def test_a_list_by_key_goes_on_and_back_to_its_first_page_with_the_question_kept():
    def foot(path, after):
        return draw(
            '{{ component("ui/pager.html", first_url=first_url, next_url=next_url) }}',
            **onward(RequestFactory().get(path), after),
        )

    first, middle, last = foot("/?q=a", 147), foot("/?q=a&after=147", 122), foot("/?q=a&after=122", None)

    assert 'href="?q=a&amp;after=147" rel="next">下一页<' in first
    assert "回到第一页" not in first
    assert 'href="?q=a&amp;after=122" rel="next">下一页<' in middle
    assert 'href="?q=a">回到第一页<' in middle
    assert "下一页" not in last
    assert 'href="?q=a">回到第一页<' in last
    assert foot("/?q=a", None).strip() == ""


def test_a_filter_link_starts_again_at_the_first_page():
    groups = [Filter("kind", "种类", [Option("", "全部", 18), Option("letter", "信件", 11)])]
    drawn = draw("{{ groups|filters('q') }}", "/?kind=letter&page=3&q=a", groups=groups)

    assert 'href="?q=a">全部 18' in drawn
    assert 'href="?kind=letter&amp;q=a" aria-current="true">信件 11' in drawn
    assert '<input type="hidden" name="kind" value="letter">' in drawn
    assert 'name="page"' not in drawn


def test_a_filter_of_one_option_is_a_switch():
    groups = [Filter("mine", "轮到谁", [Option("1", "轮到我办")])]

    assert 'href="?mine=1">轮到我办' in draw("{{ groups|filters }}", groups=groups)
    assert 'href="?" aria-current="true">轮到我办' in draw("{{ groups|filters }}", "/?mine=1", groups=groups)


def test_a_row_of_a_table_must_fit_its_head():
    with pytest.raises(ValueError, match=r"shorter|longer"):
        ui.table("来源", ["渠道", "条数"], [["论坛"]])


def test_an_unknown_grade_is_an_error():
    with pytest.raises(ValueError, match="没有“严重”这个等级"):
        ui.grade("严重")


def test_a_long_timeline_folds_after_twelve_lines():
    events = [{"title": f"第{n}条"} for n in range(14)]
    whole, folded = (
        render_to_string("ui/timeline.html", {"events": events, "fold": fold}) for fold in (False, True)
    )

    assert "<details" not in whole
    open_, _, earlier = folded.partition("<summary>更早的 2 条</summary>")
    assert (open_.count("<li"), earlier.count("<li")) == (12, 2)
