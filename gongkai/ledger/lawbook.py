"""The rules and the calendar in use, read once a process, and what each place has set for itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import lru_cache

from django.conf import settings

from gongkai.law import cases
from gongkai.law.calendar import Calendar
from gongkai.law.rules import Rulebook, Rules, chain_of
from gongkai.law.rules import Setting as LawSetting
from gongkai.ledger.models import Setting
from gongkai.prepared import Prepared


@lru_cache(maxsize=1)
def book() -> Rulebook:
    """All packs. Raises PackError when one of them cannot be read."""
    return Rulebook.load(settings.PACKS)


@lru_cache(maxsize=1)
def all_cases() -> list[cases.Case]:
    return list(cases.load(settings.PACKS))


@lru_cache(maxsize=64)
def calendar(place: str = "") -> Calendar:
    """The national calendar with a place's local holidays laid over it."""
    return Calendar.load(settings.CALENDARS, place or None)


@lru_cache(maxsize=64)
def _rules(place: str, _edition: int) -> Rules:
    rows = Setting.objects.filter(place_id__in=chain_of(place)).order_by("id")
    mine = [
        LawSetting(row.subject, row.key, row.value, row.from_on)
        for row in rows
        if row.subject in _duties(place)
    ]
    return book().rules(place, mine)


@lru_cache(maxsize=64)
def _duties(place: str) -> frozenset[str]:
    return frozenset(book().rules(place).duties)


_held: ContextVar[dict[str, int] | None] = ContextVar("held", default=None)


@contextmanager
def steady() -> Iterator[None]:
    """Look for new local settings once a place within: for a page, which asks for rules many times. Also a decorator."""
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


def _last_setting(place: str) -> int:
    """The last local setting of a place's chain: settings are added, never changed (one query)."""
    held = _held.get()
    if held is not None and place in held:
        return held[place]
    found = _newest(place).ask()
    last: int = found[0][0] if found else 0
    if held is not None:
        held[place] = last
    return last


@lru_cache(maxsize=64)
def _newest(place: str) -> Prepared[tuple[int]]:
    settings_ = Setting.objects.filter(place_id__in=chain_of(place))
    return Prepared(settings_.order_by("-id").values_list("id")[:1])


def rules(place: str) -> Rules:
    """What holds at a place now: its packs with the local settings of its chain."""
    return _rules(place, _last_setting(place))


def additions(place: str, on: date) -> dict[str, tuple[str, ...]]:
    """What a place and its superiors have added to open lists, as it holds on a day, by list."""
    found: dict[str, tuple[str, ...]] = {}
    for subject, from_on, values in _additions(place, _last_setting(place)):
        if from_on <= on:
            found[subject] = (*found.get(subject, ()), *values)
    return found


@lru_cache(maxsize=64)
def _additions(place: str, _edition: int) -> list[tuple[str, date, list[str]]]:
    rows = Setting.objects.filter(place_id__in=chain_of(place), key="values").order_by("id")
    return list(rows.values_list("subject", "from_on", "value"))


def version(place: str = "") -> str:
    """What a fold was made with: packs and calendar."""
    return f"{book().version}/{calendar(place).version[:16]}"


def reload() -> None:
    """Read packs and calendars again: after an import of a notice, an adoption, or in tests."""
    for cached in (book, all_cases, calendar, _rules, _duties, _additions):
        cached.cache_clear()


def rules_offline(place: str) -> Rules:
    """What the packs say at a place, without its local settings: no database is touched."""
    return book().rules(place)
