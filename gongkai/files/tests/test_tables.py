from datetime import UTC, date, datetime

import pytest

from gongkai.files.tables import day_of, moment_of

HALF_PAST_ONE = datetime(2013, 3, 11, 5, 30, 22, tzinfo=UTC)  # in China


@pytest.mark.parametrize(
    "given",
    [
        "2013-03-11 13:30:22",
        "2013/3/11 13:30:22",
        "2013年3月11日 13时30分22秒",
        "2013-03-11T13:30:22+08:00",
        "2013-03-11T05:30:22Z",
        "20130311T133022+0800",
        "Mon Mar 11 13:30:22 +0800 2013",  # weibo's interface
        "Mon, 11 Mar 2013 13:30:22 +0800",  # RFC 2822
        "11 Mar 2013 05:30:22 GMT",
        "Mon Mar 11 13:30:22 CST 2013",  # China Standard Time
        "1362979822",
        1362979822,
        1362979822.0,
        "1362979822.00",
        "1362979822000",
        1362979822000,
        datetime(2013, 3, 11, 13, 30, 22),  # as a spreadsheet has it
        HALF_PAST_ONE,
    ],
)
def test_a_moment_is_read_as_people_and_machines_write_it(given):
    assert moment_of(given) == HALF_PAST_ONE


def test_a_moment_keeps_what_is_smaller_than_a_second_and_may_be_a_day():
    assert moment_of("1362979822.5") == HALF_PAST_ONE.replace(microsecond=500_000)
    assert (
        day_of("20130311")
        == day_of("2013-3-11")
        == day_of("Mon Mar 11 13:30:22 +0800 2013")
        == date(2013, 3, 11)
    )


@pytest.mark.parametrize(
    "given",
    [
        None, "", "昨天 10:00", "2小时前", "2013年3月", "2013-13-01", "2013-02-30 10:00", "2013-03-11 25:00", "Mon Feb 31 13:30:22 +0800 2013",
        "Mon Mar 11 13:30:22 +9900 2013", "Mon Mar 11", "0001-01-01", "9999-12-31T23:00:00-08:00", "9" * 13, "41344.56", 41344, 123, "1" * 20,
        True, float("nan"), float("inf"), -1362979822,
    ],
)  # fmt: skip
def test_what_is_no_moment_is_not_guessed_at(given):
    assert moment_of(given) is None
