"""Clocks: from an instant and a length of time to the instant from which it is too late.

Every unit maps instants to positions, whole numbers on a line: microseconds for hours and minutes,
microseconds of office time for working hours, day numbers for days and working days. So pauses and
extensions are additions, and a due date is one inverse.

A day ends at 24:00: the first late instant is 00:00 of the next day, Shanghai time. The day of receipt is not
counted. Instants must carry a time zone; answers are in Shanghai time.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal, Self, TypeAlias

from gongkai.law.calendar import SHANGHAI, Calendar, Day

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MINUTE = 60_000_000
HOUR = 60 * MINUTE
"""Microseconds."""

Role: TypeAlias = Literal["start", "on", "off", "paused", "rolled", "due"]


class ClockError(Exception):
    """A length or an instant that cannot be reckoned with; says what is wrong and what would be right."""


class Unit(StrEnum):
    """What is counted. The value is the plural, as packs write it."""

    MINUTE = "minutes"
    HOUR = "hours"
    DAY = "days"
    WORKING_HOUR = "working hours"
    WORKING_DAY = "working days"

    @property
    def zh(self) -> str:
        """The word after a number and a space: 5 个工作日."""
        return _ZH[self]

    @property
    def length(self) -> int:
        """How many positions one of it is."""
        return _LENGTH[self]

    @property
    def is_whole_days(self) -> bool:
        return self in (Unit.DAY, Unit.WORKING_DAY)


_ZH = {
    Unit.MINUTE: "分钟",
    Unit.HOUR: "小时",
    Unit.DAY: "日",
    Unit.WORKING_HOUR: "个工作小时",
    Unit.WORKING_DAY: "个工作日",
}
_LENGTH = {
    Unit.MINUTE: MINUTE,
    Unit.HOUR: HOUR,
    Unit.DAY: 1,
    Unit.WORKING_HOUR: HOUR,
    Unit.WORKING_DAY: 1,
}


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as a regulation gives it: `Span(5, Unit.WORKING_DAY)`, written `5 working days`."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ClockError(f"期限不能是负数：{self.amount}。应从 0 起，0 days 指当天。")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `5 working days`, `1 day`, `24 hours`; the inverse of `str`.

        Raises:
            ClockError: anything else.
        """
        match = re.fullmatch(r"(\d{1,4}) ((?:working )?(?:day|hour)|minute)s?", text)
        if match is None:
            raise ClockError(
                f"看不懂的期限：“{text}”。应是数字、空格和单位，单位可用："
                "minutes（分钟）、hours（小时）、days（自然日）、working hours（工作小时）、"
                "working days（工作日），如 5 working days。"
            )
        return cls(int(match[1]), Unit(match[2] + "s"))

    def __str__(self) -> str:
        return f"{self.amount} {self.unit.removesuffix('s') if self.amount == 1 else self.unit.value}"

    @property
    def zh(self) -> str:
        return f"{self.amount} {self.unit.zh}"

    @property
    def length(self) -> int:
        """In positions of its unit."""
        return self.amount * self.unit.length


@dataclass(frozen=True, slots=True)
class Due:
    """The end of a period: the first late instant, and whether it is provisional (暂定).

    Provisional: it depends on a year whose holiday notice is not out yet.
    """

    at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class CountedDay:
    """One line of the working: a day, its number in the count (None: not counted) and its part."""

    day: Day
    number: int | None
    role: Role


def position(instant: datetime, unit: Unit, calendar: Calendar) -> int:
    """Where an instant lies on the line of a unit.

    Returns:
        Microseconds since 1970 (hours, minutes), microseconds of office time since the calendar begins
        (working hours), the ordinal of the local date (days), or its working-day index (working days).
    """
    local = _local(instant)
    match unit:
        case Unit.MINUTE | Unit.HOUR:
            return (local - EPOCH) // MICROSECOND
        case Unit.DAY:
            return local.toordinal()
        case Unit.WORKING_DAY:
            return calendar.index(local.date())
        case Unit.WORKING_HOUR:
            return _office_time(local, calendar)


def instant_at(position: int, unit: Unit, calendar: Calendar) -> datetime:
    """The instant of a position: for days the end of that day, for working hours the first to reach it."""
    match unit:
        case Unit.MINUTE | Unit.HOUR:
            return (EPOCH + position * MICROSECOND).astimezone(SHANGHAI)
        case Unit.DAY:
            return _end_of(date.fromordinal(position))
        case Unit.WORKING_DAY:
            return _end_of(calendar.nth(position))
        case Unit.WORKING_HOUR:
            return _office_instant(position, calendar)


def elapsed(earlier: datetime, later: datetime, unit: Unit, calendar: Calendar) -> int:
    """From one instant to another, in positions of the unit."""
    return position(later, unit, calendar) - position(earlier, unit, calendar)


def due(
    start: datetime, span: Span, calendar: Calendar, *, extra: int = 0, paused: int = 0, roll: bool = True
) -> Due:
    """The end of a period that begins at `start`.

    Days begin to count on the day after `start`; no days at all means the end of the same day, worked or not.
    A period in natural days whose last day is off ends with the next working day. Extensions and pauses
    lengthen the count from the start, never from a day it rolled to.

    Args:
        extra: extensions, in positions of the span's unit.
        paused: time the clock stood still, in positions of the span's unit (`elapsed`).
        roll: whether natural days roll on.
    Raises:
        ClockError: `start` without a time zone, or a negative `extra` or `paused`.
        CalendarError: the end lies beyond the calendar.
    """
    if extra < 0 or paused < 0:
        raise ClockError(f"延长和暂停不能是负数：{extra}、{paused}。缩短期限应改期限本身。")
    start, unit = _local(start), span.unit
    budget = span.length + extra + paused
    if unit.is_whole_days and budget == 0:
        return Due(_end_of(start.date()), provisional=False)

    end = max(start, instant_at(position(start, unit, calendar) + budget, unit, calendar))
    match unit:
        case Unit.MINUTE | Unit.HOUR:
            return Due(end, provisional=False)
        case Unit.DAY:
            at = _roll(end, calendar) if roll else end
            known = not roll or _is_announced(_closing_day(end), _closing_day(at), calendar)
            return Due(at, not known)
        case Unit.WORKING_DAY | Unit.WORKING_HOUR:
            return Due(end, not _is_announced(start.date(), _closing_day(end), calendar))


def before(instant: datetime, span: Span, calendar: Calendar) -> datetime:
    """A span before an instant: when to remind.

    Days go from day end to day end, an instant inside a day standing for the end of that day: one working day
    before the end of Friday is the end of Thursday, and before the end of Monday the end of Friday.
    """
    return min(_local(instant), _moved(instant, -span.length, span.unit, calendar))


def after(instant: datetime, span: Span, calendar: Calendar) -> datetime:
    """A span after an instant: when a late step comes. Days go from day end to day end, as in `before`."""
    return max(_local(instant), _moved(instant, span.length, span.unit, calendar))


def left_zh(now: datetime, due_at: datetime, unit: Unit, calendar: Calendar) -> str:
    """How long is left or has passed: 剩 4 个工作日, 剩 5 小时, 已过 15 小时, 已过 3 天.

    Only whole units count. Days are said of day clocks more than 48 hours away, minutes within the hour.
    """
    now, due_at = _local(now), _local(due_at)
    if now < due_at:
        return f"剩{_length_zh(now, due_at, unit, calendar)}"
    return f"已过{_length_zh(due_at, now, unit, calendar)}"


def explain_days(
    start: datetime,
    due_at: datetime,
    unit: Unit,
    calendar: Calendar,
    *,
    count: int | None = None,
    pauses: Collection[tuple[datetime, datetime]] = (),
) -> list[CountedDay]:
    """The working of a due date: every day from the start day through the due day.

    Numbers are given in day units only. Roles: `start` (day of receipt), `on` (counted), `off` (not a working
    day), `paused`, `rolled` (off, after the last of the natural days), `due`.

    Args:
        count: how many days were to be counted, extensions included, pauses not; days beyond it are rolled.
        pauses: (from, until) of each time the clock stood still.
    """
    start_on, due_on = _local(start).date(), _closing_day(due_at)
    stood_still = [(_local(since).date(), _local(until).date()) for since, until in pauses]
    skips_off_days = unit in (Unit.WORKING_DAY, Unit.WORKING_HOUR)
    lines: list[CountedDay] = []
    counted = 0
    for day in calendar.days(start_on, due_on):
        role: Role = "on"
        if day.date == start_on:
            role = "start"
        elif any(since < day.date <= until for since, until in stood_still):
            role = "paused"
        elif skips_off_days and not day.is_working:
            role = "off"
        elif counted == count:
            role = "rolled"
        number = None
        if role == "on" and unit.is_whole_days:
            counted += 1
            number = counted
        lines.append(CountedDay(day, number, "due" if day.date == due_on else role))
    return lines


def _local(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ClockError(f"时刻没有时区：{instant}。应带时区，如 2025-09-29T17:00+08:00。")
    return instant.astimezone(SHANGHAI)


def _end_of(day: date) -> datetime:
    """24:00 of a day."""
    return datetime.combine(date.fromordinal(day.toordinal() + 1), time.min, SHANGHAI)


def _closing_day(instant: datetime) -> date:
    """The day an instant lies in, midnight taken as 24:00."""
    return (_local(instant) - MICROSECOND).date()


def _roll(end: datetime, calendar: Calendar) -> datetime:
    """The end of this day, or of the next working day when it is off."""
    day = _closing_day(end)
    return end if calendar.is_working(day) else _end_of(calendar.nth(calendar.index(day) + 1))


def _is_announced(first: date, last: date, calendar: Calendar) -> bool:
    """Whether every day between has its notice: announced years are one unbroken run."""
    return calendar.is_announced(first) and calendar.is_announced(last)


def _moved(instant: datetime, by: int, unit: Unit, calendar: Calendar) -> datetime:
    if unit.is_whole_days:
        instant = _local(instant) - MICROSECOND
    return instant_at(position(instant, unit, calendar) + by, unit, calendar)


@lru_cache(maxsize=64)
def _office_spans(hours: tuple[tuple[time, time], ...]) -> tuple[list[tuple[int, int]], int]:
    """Office hours in microseconds since midnight, and how long a working day is."""
    spans = [(_since_midnight(opens), _since_midnight(closes)) for opens, closes in hours]
    return spans, sum(closes - opens for opens, closes in spans)


def _since_midnight(moment: time) -> int:
    return (moment.hour * 60 + moment.minute) * MINUTE + moment.second * 1_000_000 + moment.microsecond


@lru_cache(maxsize=4096)
def _office_time(local: datetime, calendar: Calendar) -> int:
    """Office time from the calendar's beginning, in microseconds: level outside office hours."""
    (spans, a_day), day, now = (
        _office_spans(calendar.office_hours),
        local.date(),
        _since_midnight(local.time()),
    )
    whole_days, today = calendar.index(day), 0
    if calendar.is_working(day):
        whole_days -= 1
        today = sum(min(max(now, opens), closes) - opens for opens, closes in spans)
    return whole_days * a_day + today


def _office_instant(position: int, calendar: Calendar) -> datetime:
    """The first instant with so much office time behind it."""
    spans, a_day = _office_spans(calendar.office_hours)
    whole_days, today = divmod(position - 1, a_day)
    today += 1
    midnight = datetime.combine(calendar.nth(whole_days + 1), time.min, SHANGHAI)
    for opens, closes in spans:
        if today <= closes - opens:
            break
        today -= closes - opens
    return midnight + (opens + today) * MICROSECOND


def _length_zh(earlier: datetime, later: datetime, unit: Unit, calendar: Calendar) -> str:
    """A length in the largest fitting unit, rounded down, spaced to follow a Chinese word."""
    length = later - earlier
    worked = (
        _office_time(later, calendar) - _office_time(earlier, calendar) if unit is Unit.WORKING_HOUR else 0
    )
    if hours := worked // HOUR:
        return f" {hours} 个工作小时"
    if unit.is_whole_days and length > timedelta(hours=48):
        first, last = _closing_day(earlier), later.date() - timedelta(days=1)
        if unit is Unit.WORKING_DAY and (days := calendar.working_days_between(first, last)):
            return f" {days} 个工作日"
        return f" {(last - first).days} 天"
    if length >= timedelta(hours=1):
        return f" {length // timedelta(hours=1)} 小时"
    if length >= timedelta(minutes=1):
        return f" {length // timedelta(minutes=1)} 分钟"
    return "不到 1 分钟"
