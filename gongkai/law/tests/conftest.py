from pathlib import Path

import pytest

from gongkai.law.calendar import Calendar

CALENDARS = Path(__file__).parents[3] / "calendars"


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    """The shipped calendar: notices to 2026, provisional years after."""
    return Calendar.load(CALENDARS)
