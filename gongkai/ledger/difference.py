"""What folds give against what is written: the difference is all that is ever written of a duty.

Read and written as plain rows, for this is where every fact passes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from gongkai.law import fold as law
from gongkai.law.calendar import SHANGHAI
from gongkai.ledger import bulk, lawbook, seals
from gongkai.ledger.models import Effect, Entry, Fact, Matter, Obligation
from gongkai.people.models import Unit, unit_answering_for

FACT = ("id", "kind", "happened_at", "recorded_at", "details", "corrects_id", "by_id")
DUTY = (
    "duty", "place_id", "owner", "unit_id", "claimant", "opened_at", "due_at", "state", "is_provisional", "is_paused",
    "is_soft", "is_minimum", "settled_at", "breached_at",
)  # fmt: skip
LINE = ("id", "key", "what", "at", "fact_id", "note", "unit_id", "undoes_id")
NOTED = {
    str(w) for w in (law.What.OPENED, law.What.WARNED, law.What.MOVED, law.What.BREACHED, law.What.ESCALATED)
}
UNDONE = str(Entry.Whats.UNDONE)
STATE, SETTLED, UNIT = DUTY.index("state"), DUTY.index("settled_at"), DUTY.index("unit_id")


def written(place: str, o: law.Obligation, unit: int | None) -> bulk.Row:
    """An obligation of a place as it is written, in the order of DUTY."""
    return (
        o.duty.id, place, o.owner, unit, o.duty.claimant, o.opened_at, o.due_at, str(o.state),
        o.provisional and o.is_standing, o.is_paused, o.is_soft, o.duty.is_minimum, o.settled_at, o.breached_at,
    )  # fmt: skip


class Difference:
    """A batch of matters: `fold` each of them, then `write` once."""

    def __init__(self, matters: Sequence[Matter], now: datetime) -> None:
        ids = [matter.pk for matter in matters]
        self.now = now
        self.facts = bulk.select(Fact, FACT, ids)
        self.duties = bulk.select(Obligation, ("id", "key", *DUTY), ids)
        self.lines = bulk.select(Entry, LINE, ids)
        self.books = {
            place: (lawbook.rules(place), lawbook.calendar(place)) for place in {m.place_id for m in matters}
        }
        self.units = Owners()
        self.created: list[bulk.Row] = []
        self.updated: list[bulk.Row] = []
        self.entries: list[bulk.Row] = []
        self.changed: list[int] = []

    def fold(self, matter: Matter, instant: datetime) -> law.Folded:
        """Fold one matter at an instant and note what differs from what is written of it."""
        rules, calendar = self.books[matter.place_id]
        facts = [
            law.Fact(seq, kind, at, recorded, details, corrects, str(by or ""))
            for seq, kind, at, recorded, details, corrects, by in self.facts.get(matter.pk, ())
        ]
        folded = law.fold(facts, rules, calendar, instant)
        before = (len(self.created), len(self.updated), len(self.entries))
        owners = self._compare_duties(matter, folded)
        self._compare_lines(matter, folded.entries, owners)
        if before != (len(self.created), len(self.updated), len(self.entries)):
            self.changed.append(matter.pk)
        return folded

    def _compare_duties(self, matter: Matter, folded: law.Folded) -> dict[str, int | None]:
        old = {key: (pk, tuple(values)) for pk, key, *values in self.duties.get(matter.pk, ())}
        owners: dict[str, int | None] = {}
        for o in folded.obligations:
            owners[o.key] = unit = self.units.find(matter, o.owner, o.unit)
            values = written(matter.place_id, o, unit)
            known = old.pop(o.key, None)
            if known is None:
                self.created.append((matter.pk, o.key, *values))
            elif known[1] != values:
                self.updated.append((*values, known[0]))
        for pk, values in old.values():  # what is no longer given by any fact
            if values[STATE] != law.State.VOID:
                gone = list(values)
                gone[STATE], gone[SETTLED] = str(law.State.VOID), self.now
                self.updated.append((*gone, pk))
        return owners

    def _compare_lines(
        self, matter: Matter, entries: Sequence[law.Entry], owners: Mapping[str, int | None]
    ) -> None:
        lines = self.lines.get(matter.pk, ())
        undone = {undoes for *_, undoes in lines if undoes}
        standing: dict[tuple[Any, ...], list[tuple[int, int | None]]] = defaultdict(list)
        for pk, key, what, at, fact, note, unit, _undoes in lines:
            if what != UNDONE and pk not in undone:
                standing[key, what, at, fact, note].append((pk, unit))
        for entry in entries:
            note = entry.note[:200]
            if same := standing.get((entry.key, str(entry.what), entry.at, entry.fact, note)):
                same.pop()
                continue
            unit = self.units.code(entry.unit) if entry.unit else owners.get(entry.key)
            self.entries.append(
                (matter.pk, entry.key, str(entry.what), entry.at, self.now, unit, entry.fact, note, None)
            )
        for (key, *_), rest in standing.items():
            for pk, unit in rest:
                self.entries.append((matter.pk, key, UNDONE, self.now, self.now, unit, None, "", pk))

    def write(self) -> None:
        """Write the difference and the effects that follow from it."""
        bulk.insert(Obligation, ("matter_id", "key", *DUTY), self.created)
        bulk.update(Obligation, DUTY, self.updated)
        if not self.entries:
            return
        keys = bulk.reserve(Entry, len(self.entries))
        bulk.insert(
            Entry, seals.ENTRY_FIELDS, ((pk, *row) for pk, row in zip(keys, self.entries, strict=True))
        )
        noted = [pk for pk, row in zip(keys, self.entries, strict=True) if row[2] in NOTED]
        bulk.insert(
            Effect,
            ("kind", "key", "payload", "due_at", "attempts", "error"),
            (("notice.entry", f"entry:{pk}", {"entry": pk}, self.now, 0, "") for pk in noted),
        )


class Owners:
    """Who owes: a code from a fact, or the unit that answers for a role at the matter's place. Looked up once."""

    def __init__(self) -> None:
        self.codes: dict[str, int | None] = {}
        self.roles: dict[tuple[str, str], int | None] = {}

    def find(self, matter: Matter, owner: str, code: str | None) -> int | None:
        if owner in law.OWNERS or owner == "named":
            return self.code(code) if code else None
        role = (matter.place_id, owner)
        if role not in self.roles:
            unit = unit_answering_for(matter.place, owner, _day(matter))
            self.roles[role] = unit.pk if unit else None
        return self.roles[role]

    def code(self, code: str) -> int | None:
        if code not in self.codes:
            self.codes[code] = Unit.objects.filter(code=code).values_list("pk", flat=True).first()
        return self.codes[code]


def _day(matter: Matter) -> date:
    return (matter.folded_at or matter.opened_at).astimezone(SHANGHAI).date()
