"""The details of a fact in words: units by their names, lengths, days and moments as a reader says them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from gongkai.law.clock import Span
from gongkai.ledger.models import Fact
from gongkai.people.models import Duty
from gongkai.ui.filters import due_moment, moment

UNITS = ("unit", "party", "lead", "checked")  # details that name a unit by its code
CODES = frozenset({"obligation", "duty", "sheet", "chain", "subject", "step", "sort", "origin", "story"})
"""Details that only the house reads: what they say stands beside them in the fact and its matter."""
_WHEN = re.compile(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}.*(?:Z|[+-]\d{2}:\d{2}))?")


def codes(facts: Iterable[Fact]) -> set[str]:
    """Codes of the units that facts name."""
    found: set[str] = set()
    for fact in facts:
        found.update(str(fact.details[name]) for name in UNITS if fact.details.get(name))
        found.update(key for value in fact.details.values() if isinstance(value, dict) for key in value)
    return found


def word(name: str, value: Any, units: Mapping[str, str]) -> str:
    """One detail as it is read; `units` are short names by code. Of figures by unit, whose they are."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict | list):
        return "、".join(units.get(str(one), str(one)) for one in value)
    text = str(value)
    if name == "within":
        return Span.parse(text).zh
    if name == "to" and text in Duty.values:
        return Duty(text).label
    if (at := _when(text)) is None:
        return units.get(text, text)
    return due_moment(at) if name == "due_on" and isinstance(at, datetime) else moment(at)


def _when(text: str) -> date | None:
    """The day or the instant that a detail writes as 2026-11-24 or 2026-11-24T09:00:00+08:00."""
    if not _WHEN.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return None
