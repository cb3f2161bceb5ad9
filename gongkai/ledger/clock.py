"""The one place that reads the clock. Everything else is given its instant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

from gongkai.law.calendar import SHANGHAI

_set_to: ContextVar[datetime | None] = ContextVar("set_to", default=None)


def now() -> datetime:
    """The system's instant, aware, in UTC; or the one that `set_to` holds."""
    return _set_to.get() or timezone.now()


@contextmanager
def set_to(instant: datetime) -> Iterator[None]:
    """Hold the clock at an instant: for rebuilding a history, for trying deadlines, and for tests."""
    token = _set_to.set(instant)
    try:
        yield
    finally:
        _set_to.reset(token)


def today() -> date:
    """The day in Asia/Shanghai."""
    return now().astimezone(SHANGHAI).date()
