"""New matters with their first facts, folded and in the form the database takes before it is touched.

`open` asks nothing: it may run in another process, ahead of the one that writes (`actions.write_openings`). Keys that
only the database gives stand open: facts are counted from 1 in their matter, units are named by who owes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gongkai.law import fold as law
from gongkai.law.calendar import SHANGHAI, Calendar
from gongkai.law.rules import Rules
from gongkai.ledger import bulk, lawbook, seals
from gongkai.ledger.difference import DUTY, written
from gongkai.ledger.models import Entry, Fact, Matter, Obligation
from gongkai.ledger.vocabulary import Kind
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Unit

MATTER = ("room", "title", "place_id", "unit_id", "opened_at", "next_at", "folded_at", "rules_version")
FACT = seals.FACT_FIELDS[2:]
ENTRY = ("what", "at", "recorded_at", "note", "undoes_id")

Owner = tuple[str, str | None]
"""Who owes: a role, or a word for the owner and the code of a unit."""


@dataclass(slots=True)
class NewFact:
    """A fact to be recorded with others. `at` is the legal time; details are JSON without personal data."""

    kind: Kind
    at: datetime
    details: dict[str, Any] = field(default_factory=dict)
    because: str = ""
    recorded_at: datetime | None = None


@dataclass(slots=True)
class NewMatter:
    """A matter to be opened together with its first facts."""

    number: str
    room: str
    title: str
    place: Place
    unit: Unit | None
    facts: list[NewFact]


@dataclass(slots=True)
class Opening:
    """A matter as it will be written: columns in the order of MATTER, FACT, DUTY (its unit open) and ENTRY.

    A duty's key is given by its words and the fact it ends with; an entry also names its fact, 0 without one.
    """

    number: str
    place: str
    matter: list[Any]
    facts: list[list[Any]]
    duties: list[tuple[str, int, Owner, list[Any]]]
    entries: list[tuple[str, int, int, Owner, list[Any]]]


class Opener:
    """Folds new matters of some places, by the rules and calendars in use when it was made."""

    def __init__(self, places: Iterable[str], by: Actor, now: datetime) -> None:
        self.by, self.now = by, now
        self.books: Mapping[str, tuple[Rules, Calendar, str]] = {
            code: (lawbook.rules(code), lawbook.calendar(code), lawbook.version(code)) for code in places
        }

    def open(self, new: NewMatter) -> Opening:
        now, staff = self.now, self.by.staff.pk if self.by.staff else None
        rules, calendar, version = self.books[new.place.code]
        happened = [
            law.Fact(seq, f.kind.name, f.at.astimezone(SHANGHAI), f.recorded_at or now, f.details)
            for seq, f in enumerate(new.facts, 1)
        ]
        folded = law.fold(happened, rules, calendar, now)
        owners: dict[str, Owner] = {o.key: (o.owner, o.unit) for o in folded.obligations}
        opened_at = new.facts[0].at if new.facts else now
        unit = new.unit.pk if new.unit else None
        row = (new.room, new.title[:200], new.place.code, unit, opened_at, folded.next_at, now, version)
        facts = [
            (f.kind, f.at, f.recorded_at, staff, self.by.home, f.details, None, n.because)
            for f, n in zip(happened, new.facts, strict=True)
        ]
        duties = bulk.ready(Obligation, DUTY, (written(new.place.code, o, None) for o in folded.obligations))
        entries = bulk.ready(
            Entry, ENTRY, ((str(e.what), e.at, now, e.note[:200], None) for e in folded.entries)
        )
        return Opening(
            new.number,
            new.place.code,
            bulk.ready(Matter, MATTER, [row])[0],
            bulk.ready(Fact, FACT, facts),
            [(*_parts(o.key), owners[o.key], values) for o, values in zip(folded.obligations, duties, strict=True)],
            [
                (*_parts(e.key), e.fact or 0, ("named", e.unit) if e.unit else owners[e.key], values)
                for e, values in zip(folded.entries, entries, strict=True)
            ],
        )  # fmt: skip


def _parts(key: str) -> tuple[str, int]:
    """A duty's key without the number of the fact it ends with, and that number."""
    words, _, seq = key.rpartition("#")
    return words, int(seq)
