from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.law.calendar import SHANGHAI, CalendarError
from gongkai.law.clock import (
    HOUR,
    MINUTE,
    ClockError,
    Due,
    Span,
    Unit,
    after,
    before,
    due,
    elapsed,
    explain_days,
    instant_at,
    left_zh,
    position,
)

SECOND = timedelta(seconds=1)


def at(text: str) -> datetime:
    """A Shanghai instant; 24:00 is 00:00 of the next day."""
    day, _, clock = text.partition(" ")
    if clock == "24:00":
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), SHANGHAI)
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def due_at(start: str, span: str, calendar, **more) -> datetime:
    return due(at(start), Span.parse(span), calendar, **more).at


# Spans


@pytest.mark.parametrize(
    ("text", "zh"),
    [
        ("5 working days", "5 个工作日"),
        ("1 working day", "1 个工作日"),
        ("24 hours", "24 小时"),
        ("30 days", "30 日"),
        ("0 days", "0 日"),
        ("4 working hours", "4 个工作小时"),
        ("30 minutes", "30 分钟"),
        ("1 minute", "1 分钟"),
    ],
)
def test_a_span_is_read_and_written_back(text, zh):
    span = Span.parse(text)

    assert str(span) == text
    assert span.zh == zh


@given(amount=st.integers(0, 9999), unit=st.sampled_from(Unit))
@settings(max_examples=50)
def test_every_span_reads_back_as_itself(amount, unit):
    assert Span.parse(str(Span(amount, unit))) == Span(amount, unit)


@pytest.mark.parametrize(
    "text", ["", "5", "5 weeks", "-1 days", "5days", "五 days", "1.5 hours", "5 working minutes"]
)
def test_an_unreadable_span_says_what_would_be_right(text):
    with pytest.raises(ClockError, match=r"看不懂的期限.*如 5 working days"):
        Span.parse(text)


def test_a_span_may_not_be_negative():
    with pytest.raises(ClockError, match="不能是负数"):
        Span(-1, Unit.DAY)


# Working days


VECTORS = """
2024-02-02  7 2024-02-18  15 2024-02-28  20 2024-03-06  40 2024-04-03
2024-09-27  7 2024-10-12  15 2024-10-23  20 2024-10-30  40 2024-11-27
2025-01-20  7 2025-02-05  15 2025-02-14  20 2025-02-21  40 2025-03-21
2025-09-30  7 2025-10-16  15 2025-10-28  20 2025-11-04  40 2025-12-02
2026-02-12  7 2026-02-28  15 2026-03-11  20 2026-03-18  40 2026-04-16
2026-09-18  7 2026-09-29  15 2026-10-15  20 2026-10-22  40 2026-11-19
2026-12-03  7 2026-12-14  15 2026-12-24  20 2026-12-31
2026-12-04  7 2026-12-15  15 2026-12-25
"""


def vectors():
    for line in VECTORS.split("\n"):
        start, *rest = line.split() or [""]
        for days, end in zip(rest[::2], rest[1::2], strict=True):
            yield pytest.param(start, int(days), end, id=f"{start}+{days}")


@pytest.mark.parametrize(("start", "days", "end"), list(vectors()))
def test_working_days_follow_the_notices(calendar, start, days, end):
    result = due(at(f"{start} 15:00"), Span(days, Unit.WORKING_DAY), calendar)

    assert result == Due(at(f"{end} 24:00"), provisional=False)


@pytest.mark.clause("ZY-LY-06-4")
def test_five_working_days_before_national_day_end_after_it(calendar):
    """28 September (Sunday) is worked, 1 to 8 October is off, 11 October (Saturday) is worked."""
    assert due_at("2025-09-26 10:00", "5 working days", calendar) == at("2025-10-10 24:00")


@pytest.mark.clause("ZY-LY-06-3")
def test_two_working_days_from_a_friday_end_on_tuesday(calendar):
    assert due_at("2025-11-07 09:00", "2 working days", calendar) == at("2025-11-11 24:00")


@pytest.mark.parametrize("received", ["00:00", "08:30", "23:59:59"])
def test_the_day_of_receipt_is_not_counted_at_any_hour(calendar, received):
    assert due_at(f"2025-11-03 {received}", "1 working day", calendar) == at("2025-11-04 24:00")


def test_a_letter_of_saturday_counts_from_monday(calendar):
    assert due_at("2025-11-08 10:00", "1 working day", calendar) == at("2025-11-10 24:00")


@pytest.mark.parametrize("span", ["0 days", "0 working days"])
@pytest.mark.parametrize("day", ["2025-11-07", "2025-11-08", "2025-10-01"])
def test_no_days_at_all_means_the_end_of_the_same_day_worked_or_not(calendar, span, day):
    assert due(at(f"{day} 10:00"), Span.parse(span), calendar) == Due(at(f"{day} 24:00"), provisional=False)


def test_an_instant_from_another_zone_belongs_to_its_shanghai_day(calendar):
    late_sunday_in_utc = datetime(2025, 11, 2, 16, 30, tzinfo=UTC)  # Monday 00:30 in Shanghai

    assert due(late_sunday_in_utc, Span(1, Unit.WORKING_DAY), calendar).at == at("2025-11-04 24:00")


def test_extensions_and_pauses_lengthen_the_count_from_the_start(calendar):
    paused = elapsed(at("2025-09-22 10:00"), at("2025-09-24 10:00"), Unit.WORKING_DAY, calendar)

    assert paused == 2
    end = due_at("2025-09-18 10:00", "5 working days", calendar, extra=2, paused=paused)
    assert end == due_at("2025-09-18 10:00", "9 working days", calendar) == at("2025-09-30 24:00")


# Provisional


@pytest.mark.parametrize(
    ("start", "span", "provisional"),
    [
        ("2026-12-03 10:00", "20 working days", False),
        ("2026-12-04 10:00", "20 working days", True),
        ("2027-03-01 10:00", "1 working day", True),
        ("2026-12-31 23:00", "0 working days", False),
        ("2026-12-31 10:00", "4 working hours", False),
        ("2026-12-31 16:00", "4 working hours", True),
        ("2026-12-31 10:00", "48 hours", False),
        ("2027-03-01 10:00", "48 hours", False),
        ("2026-12-01 10:00", "30 days", False),  # 31 December, a Thursday
        (
            "2026-12-02 10:00",
            "30 days",
            True,
        ),  # whether 1 January is off, and when it rolls to, is not announced
        ("2026-11-26 10:00", "30 days", False),  # Saturday 26 December rolls to Monday
    ],
)
def test_a_due_date_is_provisional_when_it_leans_on_a_year_without_notice(calendar, start, span, provisional):
    assert due(at(start), Span.parse(span), calendar).provisional is provisional


def test_natural_days_that_do_not_roll_are_never_provisional(calendar):
    result = due(at("2026-12-02 10:00"), Span(30, Unit.DAY), calendar, roll=False)

    assert result == Due(at("2027-01-01 24:00"), provisional=False)


def test_a_due_date_beyond_the_calendar_is_refused(calendar):
    with pytest.raises(CalendarError, match="超出日历"):
        due(at("2060-12-30 10:00"), Span(5, Unit.WORKING_DAY), calendar)


# Hours, natural days, working hours


def test_24_hours_run_through_the_night_and_the_holiday(calendar):
    assert due_at("2025-09-30 22:15", "24 hours", calendar) == at("2025-10-01 22:15")


def test_48_hours_run_through_the_weekend(calendar):
    assert due_at("2025-11-07 17:00", "48 hours", calendar) == at("2025-11-09 17:00")


def test_minutes_are_minutes(calendar):
    assert due_at("2025-10-01 23:45", "30 minutes", calendar) == at("2025-10-02 00:15")


def test_thirty_days_are_natural_days(calendar):
    assert due_at("2025-11-03 09:00", "30 days", calendar) == at("2025-12-03 24:00")


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2025-09-01", 30, "2025-10-09"),  # 1 October rolls over the whole holiday
        ("2025-11-06", 2, "2025-11-10"),  # Saturday rolls to Monday
        ("2025-09-27", 1, "2025-09-28"),  # Sunday 28 September is worked: no rolling
        ("2025-09-26", 1, "2025-09-28"),  # Saturday rolls to a make-up Sunday
    ],
)
def test_natural_days_that_end_on_a_day_off_roll_on(calendar, start, days, end):
    assert due_at(f"{start} 10:00", f"{days} days", calendar) == at(f"{end} 24:00")


def test_an_extension_counts_from_the_start_and_not_from_the_rolled_day(calendar):
    """30 days end on 1 October and roll to the 9th; ten more are 11 October, not the 19th."""
    assert due_at("2025-09-01 10:00", "30 days", calendar, extra=10) == at("2025-10-11 24:00")


def test_natural_days_need_not_roll(calendar):
    assert due_at("2025-09-01 10:00", "30 days", calendar, roll=False) == at("2025-10-01 24:00")


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2025-11-03 09:00", "2 working hours", "2025-11-03 11:00"),
        ("2025-11-03 11:00", "2 working hours", "2025-11-03 15:30"),  # over lunch
        (
            "2025-11-03 10:00",
            "2 working hours",
            "2025-11-03 12:00",
        ),  # the end of the morning, not half past two
        ("2025-11-03 13:00", "1 working hour", "2025-11-03 15:30"),  # received at lunch
        ("2025-11-03 16:30", "2 working hours", "2025-11-04 09:30"),  # over the night
        ("2025-11-07 16:30", "2 working hours", "2025-11-10 09:30"),  # over the weekend
        ("2025-11-08 10:00", "4 working hours", "2025-11-10 15:00"),  # received on Saturday
        ("2025-11-08 10:00", "0 working hours", "2025-11-08 10:00"),
        ("2025-09-30 17:00", "1 working hour", "2025-10-09 09:00"),  # over National Day
        ("2025-09-27 10:00", "1 working hour", "2025-09-28 09:30"),  # make-up Sunday
        ("2025-11-03 08:30", "13 working hours", "2025-11-04 17:30"),  # two whole days
    ],
)
def test_working_hours_run_in_office_hours_only(calendar, start, span, end):
    assert due_at(start, span, calendar) == at(end)


def test_working_hours_follow_the_place_s_office_hours(calendar):
    summer = calendar.with_office_hours((time(9), time(12)), (time(15), time(18)))

    assert due_at("2025-11-03 11:00", "2 working hours", summer) == at("2025-11-03 16:00")


def test_a_clock_refuses_an_instant_without_a_zone(calendar):
    with pytest.raises(ClockError, match=r"时刻没有时区.*应带时区"):
        due(datetime(2025, 9, 29, 17), Span(1, Unit.DAY), calendar)


@pytest.mark.parametrize("lengths", [{"extra": -1}, {"paused": -1}])
def test_an_extension_or_a_pause_may_not_be_negative(calendar, lengths):
    with pytest.raises(ClockError, match="不能是负数"):
        due(at("2025-11-03 09:00"), Span(1, Unit.DAY), calendar, **lengths)


# Before and after


@pytest.mark.parametrize(
    ("instant", "span", "earlier"),
    [
        ("2025-10-10 24:00", "1 working day", "2025-10-09 24:00"),
        ("2025-10-10 24:00", "2 working days", "2025-09-30 24:00"),
        ("2025-11-10 24:00", "1 working day", "2025-11-07 24:00"),
        ("2025-11-11 17:30", "1 working day", "2025-11-10 24:00"),  # inside a day: that day's end
        ("2025-11-10 24:00", "3 days", "2025-11-07 24:00"),
        ("2025-11-11 17:30", "0 days", "2025-11-11 17:30"),
        ("2025-10-10 24:00", "6 hours", "2025-10-10 18:00"),
        ("2025-10-10 24:00", "30 minutes", "2025-10-10 23:30"),
        ("2025-11-10 09:30", "2 working hours", "2025-11-07 16:30"),
    ],
)
def test_a_reminder_comes_a_span_before(calendar, instant, span, earlier):
    assert before(at(instant), Span.parse(span), calendar) == at(earlier)


@pytest.mark.parametrize(
    ("instant", "span", "later"),
    [
        ("2025-10-10 24:00", "1 working day", "2025-10-11 24:00"),  # a worked Saturday
        ("2025-11-07 24:00", "1 working day", "2025-11-10 24:00"),
        ("2025-11-07 17:30", "1 working day", "2025-11-10 24:00"),
        ("2025-11-07 24:00", "3 days", "2025-11-10 24:00"),
        ("2025-11-07 24:00", "24 hours", "2025-11-08 24:00"),
        ("2025-11-07 24:00", "1 working hour", "2025-11-10 09:30"),
        ("2025-11-07 24:00", "0 working hours", "2025-11-07 24:00"),
    ],
)
def test_a_late_step_comes_a_span_after(calendar, instant, span, later):
    assert after(at(instant), Span.parse(span), calendar) == at(later)


# Wording


@pytest.mark.parametrize(
    ("now", "unit", "words"),
    [
        ("2025-10-29 10:00", Unit.WORKING_DAY, "剩 7 个工作日"),
        ("2025-11-03 10:00", Unit.WORKING_DAY, "剩 4 个工作日"),
        ("2025-11-03 10:00", Unit.DAY, "剩 4 天"),
        ("2025-11-03 10:00", Unit.HOUR, "剩 110 小时"),
        ("2025-11-05 23:59", Unit.WORKING_DAY, "剩 2 个工作日"),
        ("2025-11-06 00:00", Unit.WORKING_DAY, "剩 48 小时"),
        ("2025-11-07 18:30", Unit.WORKING_DAY, "剩 5 小时"),
        ("2025-11-07 23:00:01", Unit.WORKING_DAY, "剩 59 分钟"),
        ("2025-11-07 23:59:30", Unit.WORKING_DAY, "剩不到 1 分钟"),
        ("2025-11-07 24:00", Unit.WORKING_DAY, "已过不到 1 分钟"),
        ("2025-11-08 15:00", Unit.WORKING_DAY, "已过 15 小时"),
        ("2025-11-10 10:00", Unit.WORKING_DAY, "已过 2 天"),  # only a weekend has passed
        ("2025-11-13 10:00", Unit.WORKING_DAY, "已过 3 个工作日"),
        ("2025-11-13 10:00", Unit.DAY, "已过 5 天"),
        ("2025-11-05 10:00", Unit.WORKING_HOUR, "剩 18 个工作小时"),
        ("2025-11-07 17:00", Unit.WORKING_HOUR, "剩 7 小时"),  # less than a working hour: by the wall clock
    ],
)
def test_what_is_left_is_said_in_a_fitting_unit(calendar, now, unit, words):
    assert left_zh(at(now), at("2025-11-07 24:00"), unit, calendar) == words


# The working


def working(days) -> list[tuple[str, int | None, str]]:
    return [(f"{line.day.date:%m-%d}", line.number, line.role) for line in days]


@pytest.mark.clause("ZY-LY-06-4")
def test_the_working_shows_each_counted_and_skipped_day(calendar):
    start = at("2025-09-26 10:00")
    lines = explain_days(
        start, due_at("2025-09-26 10:00", "5 working days", calendar), Unit.WORKING_DAY, calendar
    )

    assert working(lines) == [
        ("09-26", None, "start"),
        ("09-27", None, "off"),
        ("09-28", 1, "on"),
        ("09-29", 2, "on"),
        ("09-30", 3, "on"),
        *((f"10-0{day}", None, "off") for day in range(1, 9)),
        ("10-09", 4, "on"),
        ("10-10", 5, "due"),
    ]
    assert lines[2].day.notice == "国办发明电〔2024〕12号"


def test_the_working_shows_paused_days_as_not_counted(calendar):
    start, pause = at("2025-11-03 10:00"), (at("2025-11-04 09:00"), at("2025-11-06 09:00"))
    paused = elapsed(*pause, Unit.WORKING_DAY, calendar)
    end = due(start, Span(2, Unit.WORKING_DAY), calendar, paused=paused).at

    assert working(explain_days(start, end, Unit.WORKING_DAY, calendar, count=2, pauses=[pause])) == [
        ("11-03", None, "start"),
        ("11-04", 1, "on"),
        ("11-05", None, "paused"),
        ("11-06", None, "paused"),
        ("11-07", 2, "due"),
    ]


def test_the_working_shows_the_days_a_period_rolls_over(calendar):
    start, end = at("2025-11-06 10:00"), at("2025-11-10 24:00")

    assert working(explain_days(start, end, Unit.DAY, calendar, count=2)) == [
        ("11-06", None, "start"),
        ("11-07", 1, "on"),
        ("11-08", 2, "on"),
        ("11-09", None, "rolled"),
        ("11-10", None, "due"),
    ]


def test_the_working_of_a_same_day_duty_is_one_line(calendar):
    start = at("2025-11-06 10:00")

    assert working(explain_days(start, at("2025-11-06 24:00"), Unit.DAY, calendar)) == [
        ("11-06", None, "due")
    ]


def test_the_working_of_hours_numbers_no_days(calendar):
    start = at("2025-11-07 16:30")

    lines = explain_days(start, at("2025-11-10 09:30"), Unit.WORKING_HOUR, calendar)

    assert working(lines) == [
        ("11-07", None, "start"),
        ("11-08", None, "off"),
        ("11-09", None, "off"),
        ("11-10", None, "due"),
    ]


# Laws


INSTANTS = st.datetimes(datetime(2005, 1, 1), datetime(2055, 1, 1), timezones=st.just(SHANGHAI))
UNITS = st.sampled_from(Unit)


@given(instant=INSTANTS, unit=UNITS)
@settings(max_examples=60)
def test_an_instant_of_a_position_has_that_position(calendar, instant, unit):
    here = position(instant, unit, calendar)
    there = instant_at(here, unit, calendar)

    if unit.is_whole_days:
        there -= SECOND  # inside the day that ends
    assert position(there, unit, calendar) == here


@given(one=INSTANTS, other=INSTANTS, unit=UNITS)
@settings(max_examples=60)
def test_positions_never_run_backwards(calendar, one, other, unit):
    earlier, later = sorted([one, other])

    assert elapsed(earlier, later, unit, calendar) >= 0


@given(start=INSTANTS, unit=UNITS, amounts=st.lists(st.integers(0, 300), min_size=2, max_size=4))
@settings(max_examples=60)
def test_a_longer_span_is_never_due_earlier(calendar, start, unit, amounts):
    ends = [due(start, Span(amount, unit), calendar).at for amount in sorted(amounts)]

    assert all(shorter <= longer for shorter, longer in pairwise(ends))
    assert ends[0] >= start


@given(starts=st.tuples(INSTANTS, INSTANTS), unit=UNITS, amount=st.integers(0, 300))
@settings(max_examples=60)
def test_a_later_start_is_never_due_earlier(calendar, starts, unit, amount):
    earlier, later = sorted(starts)
    span = Span(amount, unit)

    assert due(earlier, span, calendar).at <= due(later, span, calendar).at


@given(start=INSTANTS, unit=UNITS, amount=st.integers(1, 300))
@settings(max_examples=60)
def test_the_time_to_the_due_instant_is_the_span(calendar, start, unit, amount):
    span = Span(amount, unit)
    end = due(start, span, calendar, roll=False).at

    if unit.is_whole_days:
        end -= SECOND
    assert elapsed(start, end, unit, calendar) == span.length


@given(instant=INSTANTS, unit=UNITS, amount=st.integers(0, 100))
@settings(max_examples=60)
def test_before_is_before_and_after_is_after(calendar, instant, unit, amount):
    span = Span(amount, unit)

    assert before(instant, span, calendar) <= instant <= after(instant, span, calendar)


@given(start=INSTANTS, amount=st.integers(1, 60), unit=st.sampled_from([Unit.DAY, Unit.WORKING_DAY]))
@settings(max_examples=40)
def test_the_working_counts_as_many_days_as_the_span(calendar, start, amount, unit):
    end = due(start, Span(amount, unit), calendar).at

    lines = explain_days(start, end, unit, calendar, count=amount)

    assert max(line.number or 0 for line in lines) == amount
    assert lines[0].role == "start"
    assert lines[-1].role == "due"


@given(instant=st.datetimes(datetime(2000, 1, 1), datetime(2060, 12, 31), timezones=st.just(UTC)))
@settings(max_examples=40)
def test_no_day_is_shorter_or_longer_than_24_hours(calendar, instant):
    day = position(instant, Unit.DAY, calendar)

    assert instant_at(day, Unit.DAY, calendar) - instant_at(day - 1, Unit.DAY, calendar) == timedelta(
        hours=24
    )
    assert 24 * HOUR == 24 * 60 * MINUTE
