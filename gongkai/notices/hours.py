"""When offices work and when people are left in peace, in Shanghai time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from gongkai.people.models import Staff

SHANGHAI = ZoneInfo("Asia/Shanghai")
QUIET = (time(22, 0), time(7, 30))
DIGEST = time(8, 0)


class Calendar(Protocol):
    """What this room asks of a calendar of working days."""

    @property
    def office_hours(self) -> Sequence[tuple[time, time]]: ...

    def is_working(self, day: date, /) -> bool: ...


class _Weekdays:
    office_hours = ((time(8, 30), time(12, 0)), (time(14, 30), time(17, 30)))

    def is_working(self, day: date, /) -> bool:
        return day.weekday() < 5


_calendar_of: Callable[[str], Calendar] = lambda place: _Weekdays()  # noqa: E731  until a calendar is brought


def use(calendar_of: Callable[[str], Calendar]) -> None:
    """Bring the calendar of a place (by its code). The ledger has one; until it does so, weekdays count."""
    global _calendar_of
    _calendar_of = calendar_of


def today(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def is_working_day(place: str, on: date) -> bool:
    return _calendar_of(place).is_working(on)


def at_work(place: str, at: datetime) -> bool:
    """Whether the offices of a place are open at an instant."""
    local = at.astimezone(SHANGHAI)
    calendar = _calendar_of(place)
    return calendar.is_working(local.date()) and any(a <= local.time() < b for a, b in calendar.office_hours)


def digest_at(on: date) -> datetime:
    """When the digest of a day is made up."""
    return datetime.combine(on, DIGEST, SHANGHAI)


def after_quiet(at: datetime, staff: Staff | None = None) -> datetime:
    """The first instant from `at` on that is not in the quiet hours of a person, or in the usual ones.

    Quiet hours may run over midnight; equal ends mean that there are none.
    """
    begin, end = QUIET
    if staff is not None and staff.quiet_from is not None and staff.quiet_until is not None:
        begin, end = staff.quiet_from, staff.quiet_until
    local = at.astimezone(SHANGHAI)
    clock = local.time()
    is_quiet = begin <= clock < end if begin <= end else clock >= begin or clock < end
    if not is_quiet:
        return at
    over_midnight = begin > end and clock >= begin
    return datetime.combine(local.date() + timedelta(days=over_midnight), end, SHANGHAI)
