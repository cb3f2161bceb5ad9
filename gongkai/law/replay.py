"""What-if replay: fold facts from a file, matter by matter, touching no database of the product.

A file may hold a million facts in any order; it is sorted by matter through a temporary store on disk, so
memory stays bounded by the largest matter.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from gongkai.law.calendar import Calendar
from gongkai.law.cases import GIVEN, fact_from
from gongkai.law.fold import Fact, Folded, fold
from gongkai.law.rules import Rules

OWN = (*GIVEN, "matter", "seq", "details")


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line of a facts file that cannot be read: its number and what is wrong."""

    number: int
    wrong: str

    def __str__(self) -> str:
        return f"第 {self.number} 行：{self.wrong}"


def read_line(text: str, number: int) -> tuple[str, Fact]:
    """A fact and its matter from one JSON line. Raises ValueError naming what is missing.

    Keys: `fact`, `at`, optional `matter`, `recorded_at`, `corrects` (a `seq`), `seq` (default the line's number);
    details under `details` or beside them.
    """
    try:
        row = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"不是一行 JSON：{error.msg}") from None
    if not isinstance(row, dict):
        raise ValueError('应为一个对象，例如 {"fact": "letter.received", "at": "2025-09-26T10:00:00"}')
    details = row.get("details", {})
    if not isinstance(details, dict):
        raise ValueError("details 应为对象")
    flat = {
        **details,
        **{key: value for key, value in row.items() if key not in ("matter", "seq", "details")},
    }
    fact = fact_from(flat, int(row.get("seq", number)))
    return str(row.get("matter", "")), fact


@contextmanager
def sorted_by_matter(lines: Iterable[str]) -> Iterator[tuple[sqlite3.Connection, list[BadLine]]]:
    """Spool lines into a temporary store ordered by matter; the store is gone afterwards."""
    bad: list[BadLine] = []
    with tempfile.TemporaryDirectory(prefix="gongkai-try-") as folder:
        store = sqlite3.connect(Path(folder) / "facts.sqlite3")
        store.execute("PRAGMA journal_mode=OFF")
        store.execute("PRAGMA synchronous=OFF")
        store.execute("CREATE TABLE line (matter TEXT, number INTEGER, text TEXT)")
        store.executemany("INSERT INTO line VALUES (?, ?, ?)", _good(lines, bad))
        store.execute("CREATE INDEX by_matter ON line (matter, number)")
        try:
            yield store, bad
        finally:
            store.close()


def _good(lines: Iterable[str], bad: list[BadLine]) -> Iterator[tuple[str, int, str]]:
    for number, text in enumerate(lines, 1):
        if text.strip():
            try:
                matter, _fact = read_line(text, number)
            except (ValueError, TypeError) as error:
                bad.append(BadLine(number, str(error)))
            else:
                yield matter, number, text


def replay(
    file: TextIO,
    rules: Rules,
    calendar: Calendar,
    *,
    now: datetime | None = None,
    as_of: datetime | None = None,
) -> Iterator[tuple[str, Folded | None, list[BadLine]]]:
    """Fold every matter of a file. `now` defaults to the last instant in that matter; `as_of` drops what was
    recorded later. Yields (matter, fold, []) for each, and last ("", None, bad lines).
    """
    with sorted_by_matter(file) as (store, bad):
        rows = store.execute("SELECT matter, number, text FROM line ORDER BY matter, number")
        current, facts = None, []  # type: ignore[var-annotated]
        for matter, number, text in rows:
            if matter != current and facts:
                yield current or "", _fold(facts, rules, calendar, now, as_of), []
                facts = []
            current = matter
            facts.append(read_line(text, number)[1])
        if facts:
            yield current or "", _fold(facts, rules, calendar, now, as_of), []
        yield "", None, bad


def _fold(
    facts: list[Fact], rules: Rules, calendar: Calendar, now: datetime | None, as_of: datetime | None
) -> Folded:
    until = now or as_of or max(fact.at for fact in facts)
    return fold(facts, rules, calendar, until, known_at=as_of)


def as_row(matter: str, folded: Folded) -> Mapping[str, Any]:
    """A fold as JSON: obligations with due dates, states and articles."""
    return {
        "matter": matter,
        "next_at": folded.next_at.isoformat() if folded.next_at else None,
        "obligations": [
            {
                "duty": o.duty.id, "says": o.duty.says, "owner": o.owner, "unit": o.unit, "state": str(o.state),
                "opened_at": o.opened_at.isoformat(), "due_at": o.due_at.isoformat() if o.due_at else None,
                "provisional": o.provisional, "soft": o.is_soft, "cite": o.duty.cite,
                "settled_at": o.settled_at.isoformat() if o.settled_at else None,
            }
            for o in folded.obligations
        ],
    }  # fmt: skip
