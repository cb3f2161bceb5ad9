"""One duty and how it came about: facts and entries in words, now or as they were known at an instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from gongkai.ledger import asks, wording
from gongkai.ledger.models import Entry, Fact, Matter, Obligation
from gongkai.ledger.supervision import term_zh
from gongkai.ledger.vocabulary import KINDS, says
from gongkai.people.models import Duty, Unit
from gongkai.text import screen

PROMPT = timedelta(hours=1)  # recorded later than this after it happened: both times are shown
OWNERS = {"responsible": "承办单位", "lead": "牵头单位", "named": "指定的单位"}
IN_LENGTHS = (Entry.Whats.WARNED, Entry.Whats.ESCALATED, Entry.Whats.EXTENDED)


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact in words. `is_late` when it was recorded long after it happened; `undone_by` when it was corrected."""

    fact: Fact
    says: str
    details: Sequence[tuple[str, str]]
    is_late: bool
    undone_by: Fact | None


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A line of the ledger about a duty, struck out when it was undone."""

    entry: Entry
    word: str
    note: str
    is_undone: bool


@dataclass(frozen=True, slots=True)
class Then:
    """A duty as it was known at an instant."""

    at: datetime
    state: str
    due_at: datetime | None
    is_provisional: bool


def fact_lines(facts: QuerySet[Fact], known_at: datetime | None = None) -> list[FactLine]:
    """Facts in words, newest first; those recorded by an instant when one is given. Two queries."""
    if known_at is not None:
        facts = facts.filter(recorded_at__lte=known_at)
    rows = list(facts.select_related("by", "by_unit").order_by("-happened_at", "-id"))
    corrected = {
        fact.corrects_id: fact for fact in sorted(rows, key=lambda fact: fact.pk) if fact.corrects_id
    }
    names = unit_names(rows)
    return [
        FactLine(
            fact,
            says(fact.kind),
            in_words(fact, names),
            fact.recorded_at - fact.happened_at > PROMPT,
            corrected.get(fact.pk),
        )
        for fact in rows
    ]


def unit_names(facts: Sequence[Fact]) -> Mapping[str, str]:
    """Short names of the units that facts name by code. One query."""
    named = Unit.objects.filter(code__in=wording.codes(facts))
    return dict(named.values_list("code", "short_name"))


def in_words(fact: Fact, names: Mapping[str, str], *, whole: bool = False) -> list[tuple[str, str]]:
    """The details of a fact with their labels; `whole` with the codes of the house and what is not so, as an auditor
    reads it. What is left of personal data is masked.
    """
    kind = KINDS.get(fact.kind)
    labels = {"words": "内容"} | dict(kind.details if kind else {})

    def said(name: str, value: Any) -> str:
        return str(value) if whole and isinstance(value, dict) else wording.word(name, value, names)

    return [
        (labels[name], screen.mask(said(name, value)))
        for name, value in fact.details.items()
        if labels.get(name) and value not in ("", None)
        if whole or (name not in wording.CODES and value is not False)
    ]


def entry_lines(entries: QuerySet[Entry], known_at: datetime | None = None) -> list[EntryLine]:
    """What the ledger wrote about a duty, in order, undone lines included. One query."""
    if known_at is not None:
        entries = entries.filter(recorded_at__lte=known_at)
    rows = list(entries.select_related("unit").order_by("at", "id"))
    undone = {row.undoes_id for row in rows if row.undoes_id}
    return [EntryLine(row, row.get_what_display(), _note(row), row.pk in undone) for row in rows]


def _note(entry: Entry) -> str:
    if not entry.note or entry.what not in IN_LENGTHS:
        return entry.note
    length = term_zh(entry.note)
    match entry.what:
        case Entry.Whats.WARNED:
            return f"到期前 {length}"
        case Entry.Whats.ESCALATED:
            return f"逾期满 {length}"
    return f"延长 {length}"


def then(obligation: Obligation, at: datetime) -> Then | None:
    """The duty as it was known at an instant; None when it was not owed then."""
    for o in asks.folded(obligation.matter, at, known_at=at).obligations:
        if o.key == obligation.key:
            return Then(at, Obligation.States(str(o.state)).label, o.due_at, o.provisional)
    return None


def owner_zh(obligation: Obligation) -> str:
    """Who owes, as the rule says it: 承办单位, or the unit that answers for a duty."""
    owner = obligation.owner
    return OWNERS.get(owner) or (f"负责{Duty(owner).label}的单位" if owner in Duty.values else owner)


def siblings(matter: Matter, now: datetime) -> list[tuple[Obligation, str, asks.Face]]:
    """Every duty of a matter with its wording and clock. One query."""
    rows = matter.obligations.exclude(state=Obligation.States.VOID).select_related("unit")
    return [
        (o, asks.says_of(o.place_id, o.duty), asks.face(o, now)) for o in rows.order_by("opened_at", "pk")
    ]
