"""Where a matter is worked on and what a room knows of matters. Rooms say it in their doors; any room may ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from gongkai.ledger.models import Matter
from gongkai.people.actor import Actor
from gongkai.ui.environment import url_for

Opened = Callable[[Actor], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """The page of a room's matters: the name of its URL, and the rows (each with a matter) a person may open."""

    name: str
    opened: Opened


@dataclass(frozen=True, slots=True)
class Known:
    """What a room knows of several matters taken together; `url` is empty for who may not open it."""

    what: str
    name: str
    says: str
    url: str


@dataclass(frozen=True, slots=True)
class Way:
    """A way from the page of a matter to a page of another room about it."""

    label: str
    url: str


Knower = Callable[[Actor, Sequence[str]], list[Known]]

PAGES: dict[str, Page] = {}
KNOWERS: list[Knower] = []
WAYS: list[Callable[[Actor, Matter], Way | None]] = []


def page(room: str, name: str, opened: Opened) -> None:
    """Declare where the matters of a room are worked on."""
    PAGES[room] = Page(name, opened)


def knows(knower: Knower) -> Knower:
    """Declare what a room knows of matters, given by number."""
    KNOWERS.append(knower)
    return knower


def way(found: Callable[[Actor, Matter], Way | None]) -> Callable[[Actor, Matter], Way | None]:
    """Declare a way from matters of any room; None for who may not go it."""
    WAYS.append(found)
    return found


def ways_from(actor: Actor, matter: Matter) -> list[Way]:
    """Where the page of a matter leads this person in other rooms."""
    return [one for found in WAYS if (one := found(actor, matter)) is not None]


def url_of(matter: Matter) -> str:
    """The page of a matter, whoever may open it; empty where its room has none."""
    return url(matter.room, matter.number)


def url(room: str, number: str) -> str:
    """As `url_of`, of the matter of a room with a number."""
    found = PAGES.get(room)
    return url_for(found.name, number) if found else ""


def urls_for(actor: Actor, matters: Iterable[Matter]) -> dict[int, str]:
    """The pages of those matters that a person may open, by key. One query a room."""
    of_room: dict[str, dict[int, Matter]] = defaultdict(dict)
    for matter in matters:
        of_room[matter.room][matter.pk] = matter
    return {
        pk: url_of(some[pk])
        for room, some in of_room.items()
        if room in PAGES
        for pk in PAGES[room].opened(actor).filter(matter__in=list(some)).values_list("matter_id", flat=True)
    }


def known_of(actor: Actor, numbers: Sequence[str]) -> list[Known]:
    """What the rooms know of matters by number."""
    return [one for knower in KNOWERS for one in knower(actor, numbers)] if numbers else []
