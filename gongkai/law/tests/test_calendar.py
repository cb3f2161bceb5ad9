from datetime import date, time, timedelta
from pathlib import Path

import pytest
from chinese_calendar.constants import holidays, workdays
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.law.calendar import FIRST, LAST, STATUTE, Calendar, CalendarError, read_year

ANNOUNCED = [date(2010, 1, 1) + timedelta(n) for n in range((date(2026, 12, 31) - date(2010, 1, 1)).days + 1)]
DAYS = st.dates(FIRST, LAST)

NOTICE = '[[notice]]\nnumber = "国办发明电〔2024〕12号"\n'
YEAR = "year = 2025\nannounced = true\n" + NOTICE


def calendar_of(*texts: str, local: str = "") -> Calendar:
    years = [read_year(text, f"{n}.toml") for n, text in enumerate(texts)]
    return Calendar.of(years, [read_year(local, "local/513400/2025.toml", local=True)] if local else [])


# What the notices say


def test_every_day_of_17_years_agrees_with_chinesecalendar(calendar):
    def is_workday(day: date) -> bool:
        return day in workdays or (day.weekday() < 5 and day not in holidays)

    assert [day for day in ANNOUNCED if calendar.is_working(day) != is_workday(day)] == []


@pytest.mark.slow  # importing holidays takes longer than all the other tests of this room
def test_every_day_of_17_years_agrees_with_holidays(calendar):
    from holidays.countries.china import China

    china = China()

    assert [day for day in ANNOUNCED if calendar.is_working(day) != china.is_working_day(day)] == []


@pytest.mark.slow
def test_provisional_years_have_exactly_the_statutory_days(calendar):
    from holidays.countries.china import China

    named = China(years=range(2027, 2036), language="zh_CN").items()
    statutory = {day for day, name in named if day.year >= 2027 and "补假" not in name}
    ours = {
        day.date
        for day in calendar.days(date(2027, 1, 1), date(2035, 12, 31))
        if day.kind in ("holiday", "makeup")
    }

    assert ours == statutory


@pytest.mark.parametrize(("year", "working_days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_so_many_working_days(calendar, year, working_days):
    assert calendar.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == working_days


@pytest.mark.parametrize(
    ("on", "kind", "zh", "notice"),
    [
        (date(2025, 10, 6), "holiday", "国庆节、中秋节放假", "国办发明电〔2024〕12号"),
        (date(2025, 9, 28), "makeup", "国庆节、中秋节调休上班", "国办发明电〔2024〕12号"),
        (date(2025, 9, 29), "workday", "工作日", ""),
        (date(2025, 9, 27), "weekend", "周末", ""),
        (date(2026, 9, 20), "makeup", "国庆节调休上班", "国办发明电〔2025〕7号"),
        (date(2024, 2, 9), "workday", "工作日", ""),  # 除夕, only encouraged
        (date(2018, 12, 31), "holiday", "元旦放假", "国办发明电〔2018〕15号"),  # in the notice for 2019
        (date(2018, 12, 29), "makeup", "元旦调休上班", "国办发明电〔2018〕15号"),
        (date(2019, 5, 2), "holiday", "劳动节放假", "国办发明电〔2019〕3号"),  # second notice
        (date(2019, 4, 28), "makeup", "劳动节调休上班", "国办发明电〔2019〕3号"),
        (date(2020, 1, 30), "holiday", "春节放假", "国办发明电〔2019〕16号"),
        (date(2020, 1, 31), "holiday", "春节放假", "国办发明电〔2020〕1号"),  # extension
        (date(2020, 2, 1), "holiday", "春节放假", "国办发明电〔2020〕1号"),  # was to be worked
        (date(2015, 9, 4), "holiday", "抗战胜利70周年纪念日放假", "国发明电〔2015〕1号"),
        (date(2015, 9, 6), "makeup", "抗战胜利70周年纪念日调休上班", "国发明电〔2015〕1号"),
    ],
)
def test_a_day_says_what_it_is_and_which_notice_says_so(calendar, on, kind, zh, notice):
    day = calendar.day(on)

    assert (day.kind, day.zh, day.notice, day.announced) == (kind, zh, notice, True)
    assert day.is_working == calendar.is_working(on)


def test_every_shipped_notice_is_checked_and_titled(calendar):
    assert len(calendar.notices) == 17 + 3
    assert all(notice.verified and notice.title and notice.issued_on for notice in calendar.notices)


# What is not known yet


def test_the_year_after_the_last_notice_is_provisional(calendar):
    assert calendar.announced_until == date(2026, 12, 31)
    assert calendar.is_announced(date(2026, 12, 31))
    assert not calendar.is_announced(date(2027, 1, 1))
    day = calendar.day(date(2027, 2, 5))
    assert (day.kind, day.name, day.notice, day.announced) == ("holiday", "春节", STATUTE, False)


def test_years_without_a_file_have_weekends_and_fixed_dates_only(calendar):
    kinds = [day.kind for day in calendar.days(date(2042, 9, 30), date(2042, 10, 6))]

    assert kinds == ["workday", "holiday", "holiday", "holiday", "weekend", "weekend", "workday"]
    assert not calendar.is_announced(date(2042, 10, 1))
    assert not calendar.is_announced(date(2009, 12, 31))


# The table


@given(day=DAYS)
@settings(max_examples=60)
def test_nth_finds_the_day_an_index_came_from(calendar, day):
    index = calendar.index(day)

    assert calendar.index(calendar.nth(index)) == index
    assert calendar.is_working(day) == (calendar.nth(index) == day and index > 0)
    assert calendar.nth(index) <= day


def test_the_index_grows_by_one_on_working_days_and_stands_on_others(calendar):
    days = list(calendar.days(FIRST, LAST))
    counted = 0
    for day in days:
        counted += day.is_working
        assert calendar.index(day.date) == counted


@pytest.mark.parametrize("day", [FIRST - timedelta(1), LAST + timedelta(1)])
def test_a_day_beyond_the_table_is_refused(calendar, day):
    with pytest.raises(CalendarError, match="应在 2000-01-01 至 2060-12-31 之间"):
        calendar.index(day)


@pytest.mark.parametrize("index", [-1, 10**6])
def test_an_index_beyond_the_table_is_refused(calendar, index):
    with pytest.raises(CalendarError, match="超出日历"):
        calendar.nth(index)


# Local holidays


LOCAL = """
year = 2025
[[off]]
name = "火把节"
from = 2025-07-21
until = 2025-07-23
[[work]]
date = 2025-07-26
name = "火把节"
[[work]]
date = 2025-10-08
name = "国庆节"
"""


def test_local_holidays_lie_over_the_national_ones(tmp_path, calendar):
    write(tmp_path, "2025.toml", YEAR + '[[off]]\nname = "国庆节"\nfrom = 2025-10-01\nuntil = 2025-10-08\n')
    write(tmp_path, "local/513400/2025.toml", LOCAL)

    national, local = Calendar.load(tmp_path), Calendar.load(tmp_path, local="513400")

    assert national.is_working(date(2025, 7, 21))
    assert local.day(date(2025, 7, 21)).zh == "火把节放假"
    assert local.day(date(2025, 7, 21)).announced
    assert local.is_working(date(2025, 7, 26))
    assert local.is_working(date(2025, 10, 8))
    assert not local.is_working(date(2025, 10, 7))
    assert local.version != national.version


def test_a_place_without_local_files_has_the_national_days(tmp_path):
    write(tmp_path, "2025.toml", YEAR)

    assert Calendar.load(tmp_path, local="330800").version == Calendar.load(tmp_path).version


# Files


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_the_version_changes_with_the_files(tmp_path):
    write(tmp_path, "2025.toml", YEAR)
    before = Calendar.load(tmp_path).version
    write(tmp_path, "2025.toml", YEAR + '[[off]]\nname = "元旦"\nfrom = 2025-01-01\nuntil = 2025-01-01\n')

    assert Calendar.load(tmp_path).version != before


OFF = '[[off]]\nname = "国庆节"\nfrom = 2025-10-01\nuntil = {until}\n'


@pytest.mark.parametrize(
    ("text", "key", "wrong", "remedy"),
    [
        ("year = ", "全文", "不是合格的 TOML", "请按提示的行改正"),
        ("announced = true\n" + NOTICE, "year", "缺少这一项", "应写年份"),
        ('year = "2025"\nannounced = true\n' + NOTICE, "year", "写成了 2025", "应写年份"),
        ("year = 2025\n" + NOTICE, "announced", "缺少这一项", "true"),
        ("year = 2025\nannounced = true\n", "[[notice]]", "没有写通知", "announced 改为 false"),
        ("year = 2025\nannounced = false\n" + NOTICE, "announced", "不会有通知和调休", "应改为 true"),
        ("holiday = 1\n" + YEAR, "holiday", "不认识这个键", "year、announced、notice、off、work"),
        (YEAR.replace("〔2024〕", "[2024]"), "[[notice]] 第 1 项 number", "[2024]", "六角括号"),
        (YEAR + "off = 1\n", "[[notice]] 第 1 项 off", "不认识这个键", "number、title"),
        ("off = 1\n" + YEAR, "off", "写法不对", "[[off]]"),
        (YEAR + OFF.format(until="2025-09-30"), "[[off]] 第 1 项 until", "早于 from", "不早于"),
        (YEAR + OFF.format(until="2025-10-08T00:00:00"), "[[off]] 第 1 项 until", "写成了", "应写日期"),
        (
            YEAR + OFF.format(until="2026-10-08"),
            "[[off]] 第 1 项 from",
            "2026-01-01 不在 2025 年",
            "上年 12 月",
        ),
        (YEAR + 2 * OFF.format(until="2025-10-08"), "[[off]] 第 2 项 from", "前面已经写过", "只能写一次"),
        (
            YEAR + OFF.format(until='2025-10-08\nnotice = "x"'),
            "[[off]] 第 1 项 notice",
            "没有 x",
            "[[notice]]",
        ),
        (
            YEAR + '[[work]]\ndate = 2025-09-29\nname = "国庆节"',
            "[[work]] 第 1 项 date",
            "不是周末",
            "星期六",
        ),
        (YEAR + "[[work]]\ndate = 2025-09-28", "[[work]] 第 1 项 name", "缺少这一项", "节日名称"),
        (YEAR + '[[work]]\nday = 2025-09-28\nname = ""', "[[work]] 第 1 项 day", "不认识这个键", "date"),
    ],
)
def test_a_malformed_file_says_where_what_and_what_would_be_right(text, key, wrong, remedy):
    with pytest.raises(CalendarError) as caught:
        read_year(text, "2025.toml")

    assert caught.value.where == "2025.toml"
    assert caught.value.key == key
    assert wrong in caught.value.wrong
    assert remedy in caught.value.remedy
    assert str(caught.value).startswith(f"2025.toml：{key}：")


def test_a_file_of_another_year_is_refused(tmp_path):
    write(tmp_path, "2024.toml", YEAR)

    with pytest.raises(CalendarError, match=r"^2024.toml：year：写成了 2025。应与文件名 2024.toml 一致。$"):
        Calendar.load(tmp_path)


def test_a_file_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "2025.toml").write_bytes(YEAR.encode("gbk", errors="ignore"))

    with pytest.raises(CalendarError, match=r"^2025.toml：全文：不是 UTF-8 编码"):
        Calendar.load(tmp_path)


def test_an_announced_year_may_not_be_missing_between_two_others():
    with pytest.raises(CalendarError, match=r"2026.toml：announced：.*唯独缺这一年"):
        calendar_of(YEAR, YEAR.replace("2025", "2027"))


def test_a_calendar_without_any_notice_is_refused(tmp_path):
    with pytest.raises(CalendarError, match="没有一个年份公布了通知"):
        Calendar.load(tmp_path)


def test_two_years_may_not_claim_the_same_day():
    off = '[[off]]\nname = "元旦"\nfrom = 2025-12-31\nuntil = 2025-12-31\n'

    with pytest.raises(CalendarError, match=r"1.toml：2025-12-31：另一年的文件已经写过这一天"):
        calendar_of(YEAR + off, YEAR.replace("2025", "2026") + off)


def test_a_notice_may_move_the_last_days_of_the_year_before():
    off = '[[off]]\nname = "元旦"\nfrom = 2025-12-31\nuntil = 2026-01-02\n'

    assert calendar_of(YEAR, YEAR.replace("2025", "2026") + off).day(date(2025, 12, 31)).zh == "元旦放假"


@pytest.mark.parametrize("hours", [[], [(time(9), time(9))], [(time(9), time(13)), (time(12), time(17))]])
def test_office_hours_must_be_in_order(calendar, hours):
    with pytest.raises(CalendarError, match="时段为空、颠倒或重叠"):
        calendar.with_office_hours(*hours)
