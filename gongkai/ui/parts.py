"""What components are given, where a plain string or number is not enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict


class CalendarDay(Protocol):
    """A day and its kind: workday, weekend, holiday or makeup."""

    @property
    def date(self) -> date: ...
    @property
    def kind(self) -> str: ...


class CountedDay(Protocol):
    """A day in the working of a due date, as the law explains it (which this room does not import).

    `role` is start, on, off, paused, rolled or due; `number` its place in the count, None when not counted.
    """

    @property
    def day(self) -> CalendarDay: ...
    @property
    def number(self) -> int | None: ...
    @property
    def role(self) -> str: ...


class Door(NamedTuple):
    """Where the frame of a page leads, with what is said beside it: how much waits there."""

    label: str
    url: str
    current: bool = False
    beside: int | str | None = None


class Doors(NamedTuple):
    """Doors under one title."""

    title: str
    doors: tuple[Door, ...]


@dataclass(frozen=True)
class Option:
    """One value a list can be narrowed to. The empty value stands for all."""

    value: str
    label: str
    count: int | None = None


@dataclass(frozen=True)
class Filter:
    """A question a list can be asked, sent as `name=value`. With one option it is a switch: on or off."""

    name: str
    legend: str
    options: Sequence[Option]


def with_changes(request: HttpRequest, **changes: object) -> str:
    """The query string of the present address with some names given anew; those given nothing are left out."""
    return query_with(request.GET, changes)


def onward(request: HttpRequest, after: object, name: str = "after") -> dict[str, str]:
    """Where a list by key goes on (`after`, if there is more) and, further down, its first page: for `ui/pager.html`."""
    return {
        "next_url": with_changes(request, **{name: after}) if after else "",
        "first_url": with_changes(request, **{name: None}) if request.GET.get(name) else "",
    }


def query_with(given: QueryDict, changes: Mapping[str, object]) -> str:
    """As `with_changes`, of what any address was asked."""
    return f"?{urlencode(changed(given, changes), doseq=True)}"


def changed(given: QueryDict, changes: Mapping[str, object]) -> dict[str, list[str]]:
    """What an address was asked, with some names given anew; those given None or nothing are left out."""
    asked = {name: given.getlist(name) for name in given} | {
        name: [] if value in (None, "") else [str(value)] for name, value in changes.items()
    }
    return {name: values for name, values in asked.items() if values}
