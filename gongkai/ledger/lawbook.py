"""The rules and the calendar in use, read once a process, and what each place has set for itself.

What a place signed for last holds there: packs and calendars that were corrected on disk wait until a person has signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.db.models import Max, Subquery

from gongkai.law import cases
from gongkai.law.calendar import Calendar
from gongkai.law.rules import Rulebook, Rules, chain_of
from gongkai.law.rules import Setting as LawSetting
from gongkai.ledger.models import Fact, RulesEdition, RulesSource, Setting
from gongkai.prepared import Prepared, totals


@lru_cache(maxsize=1)
def book() -> Rulebook:
    """All packs. Raises PackError when one of them cannot be read."""
    return Rulebook.load(settings.PACKS)


@lru_cache(maxsize=1)
def all_cases() -> list[cases.Case]:
    return list(cases.load(settings.PACKS))


@lru_cache(maxsize=64)
def calendar_offline(place: str = "") -> Calendar:
    """The national calendar with a place's local holidays laid over it, as they stand on disk."""
    return Calendar.load(settings.CALENDARS, place or None)


# ---- what was signed for --------------------------------------------------------------------------------------

_waiting: ContextVar[bool] = ContextVar("waiting", default=False)
_settled: set[str] = (
    set()
)  # places at which what stands on disk holds, as long as this process reads nothing anew


@contextmanager
def proposed() -> Iterator[None]:
    """Within, what stands on disk holds, signed for or not: to show what it would change. Also a decorator."""
    token = _waiting.set(True)
    try:
        yield
    finally:
        _waiting.reset(token)


def sources() -> dict[str, str]:
    """All packs and calendars on disk by their paths: what is kept of the rules a person signs for."""
    found = {"packs": settings.PACKS.glob("*/*/pack.toml"), "calendars": settings.CALENDARS.rglob("*.toml")}
    roots = {"packs": settings.PACKS, "calendars": settings.CALENDARS}
    return {
        f"{name}/{path.relative_to(roots[name])}": path.read_text(encoding="utf-8")
        for name, paths in found.items()
        for path in sorted(paths)
    }


def _signed(place: str) -> int | None:
    """The key of the rules a place signed for last, while those on disk wait for a signature; None when they hold."""
    if _waiting.get() or not place or place in _settled:
        return None
    last = RulesEdition.objects.filter(place=place).order_by("-id").values_list("version", "source").first()
    if last is None or last[1] is None or last[0] == _version_on_disk(place):
        _settled.add(place)
        return None
    return int(last[1])


@contextmanager
def _unpacked(source: int) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        for name, text in RulesSource.objects.get(pk=source).files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        yield Path(folder)


@lru_cache(maxsize=4)
def _kept_book(source: int) -> Rulebook:
    with _unpacked(source) as folder:
        return Rulebook.load(folder / "packs")


@lru_cache(maxsize=64)
def _kept_calendar(source: int, place: str) -> Calendar:
    with _unpacked(source) as folder:
        return Calendar.load(folder / "calendars", place)


def _book(source: int | None) -> Rulebook:
    return book() if source is None else _kept_book(source)


def calendar(place: str = "") -> Calendar:
    """The calendar in use at a place."""
    return _steadily(_calendar, place)


def _calendar(place: str) -> Calendar:
    source = _signed(place)
    return calendar_offline(place) if source is None else _kept_calendar(source, place)


@lru_cache(maxsize=64)
def _rules(place: str, source: int | None, _edition: int) -> Rules:
    rows = Setting.objects.filter(place_id__in=chain_of(place)).order_by("id")
    mine = [
        LawSetting(row.subject, row.key, row.value, row.from_on)
        for row in rows
        if row.subject in _duties(place, source)
    ]
    return _book(source).rules(place, mine)


@lru_cache(maxsize=64)
def _duties(place: str, source: int | None) -> frozenset[str]:
    return frozenset(_book(source).rules(place).duties)


Found = TypeVar("Found")
_held: ContextVar[dict[tuple[Any, ...], Any] | None] = ContextVar("held", default=None)


@contextmanager
def steady() -> Iterator[None]:
    """Look once for new rules, local settings and facts within: for a page, which asks for them many times. Also a
    decorator; inside of another such it joins that.
    """
    if _held.get() is not None:
        yield
        return
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


def _steadily(find: Callable[[str], Found], place: str) -> Found:
    held = _held.get()
    if held is None:
        return find(place)
    key = find, place, _waiting.get()
    if key not in held:
        held[key] = find(place)
    found: Found = held[key]
    return found


class Newest(NamedTuple):
    """How far the ledger has come: the keys of its last fact and of its last local setting, 0 where there is none."""

    fact: int
    setting: int


def newest() -> Newest:
    """Facts and settings are added, never changed: what hangs on them holds until one of these moves. One query."""
    return _steadily(_newest_now, "")


def _newest_now(_place: str) -> Newest:
    fact, setting = _newest().ask()[0]
    return Newest(fact or 0, setting or 0)


@cache
def _newest() -> Prepared[tuple[int | None, int | None]]:
    last_setting = Subquery(Setting.objects.order_by("-id").values("id")[:1])
    return totals(Fact.objects.all(), fact=Max("id"), setting=last_setting)


def rules(place: str) -> Rules:
    """What holds at a place now: its packs with the local settings of its chain."""
    return _steadily(_rules_now, place)


def _rules_now(place: str) -> Rules:
    return _rules(place, _signed(place), newest().setting)


def additions(place: str, on: date) -> dict[str, tuple[str, ...]]:
    """What a place and its superiors have added to open lists, as it holds on a day, by list."""
    found: dict[str, tuple[str, ...]] = {}
    for subject, from_on, values in _additions(place, newest().setting):
        if from_on <= on:
            found[subject] = (*found.get(subject, ()), *values)
    return found


@lru_cache(maxsize=64)
def _additions(place: str, _edition: int) -> list[tuple[str, date, list[str]]]:
    rows = Setting.objects.filter(place_id__in=chain_of(place), key="values").order_by("id")
    return list(rows.values_list("subject", "from_on", "value"))


def version(place: str = "") -> str:
    """What a fold is made with: packs and calendar."""
    source = _signed(place)
    return (
        _version_on_disk(place)
        if source is None
        else _version(_kept_book(source), _kept_calendar(source, place))
    )


def _version_on_disk(place: str) -> str:
    return _version(book(), calendar_offline(place))


def _version(packs: Rulebook, days: Calendar) -> str:
    return f"{packs.version}/{days.version[:16]}"


def reload() -> None:
    """Read packs and calendars again: after an import of a notice, an adoption, or in tests."""
    _settled.clear()
    for cached in (
        book,
        all_cases,
        calendar_offline,
        _kept_book,
        _kept_calendar,
        _rules,
        _duties,
        _additions,
    ):
        cached.cache_clear()


def rules_offline(place: str) -> Rules:
    """What the packs say at a place, without its local settings: no database is touched."""
    return book().rules(place)
