"""What-if replay: fold facts from a file, matter by matter, touching no database of the product.

A file may hold a million facts. Where the lines of a matter stand together they are folded as they come; else they
are sorted by matter through a temporary store on disk. Memory is bounded by the largest matter and a hash a matter.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
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


def _matter_of(text: str) -> str | None:
    """The matter a line belongs to, None of one that is no object."""
    try:
        row = json.loads(text)
    except json.JSONDecodeError:
        return None
    return str(row.get("matter", "")) if isinstance(row, dict) else None


def is_grouped(lines: Iterable[str]) -> bool:
    """True when the lines of each matter stand together. Reads as far as the first that does not."""
    seen: set[int] = set()  # hashes: two matters of one hash only lead to a sort that was not needed
    current: str | None = None
    for text in lines:
        matter = _matter_of(text)
        if matter is None or matter == current:
            continue
        current, key = matter, hash(matter)
        if key in seen:
            return False
        seen.add(key)
    return True


def _by_matter(file: TextIO) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, those of a matter together: as they stand, or through a store on disk."""
    if is_grouped(file):
        file.seek(0)
        yield from enumerate(file, 1)
        return
    file.seek(0)
    with tempfile.TemporaryDirectory(prefix="gongkai-try-") as folder:
        store = sqlite3.connect(Path(folder) / "facts.sqlite3")
        try:
            store.execute("PRAGMA journal_mode=OFF")
            store.execute("PRAGMA synchronous=OFF")
            store.execute("CREATE TABLE line (matter TEXT, number INTEGER, text TEXT)")
            rows = ((_matter_of(text) or "", number, text) for number, text in enumerate(file, 1))
            store.executemany("INSERT INTO line VALUES (?, ?, ?)", rows)
            yield from store.execute("SELECT number, text FROM line ORDER BY matter, number")
        finally:
            store.close()


def replay(
    file: TextIO,
    rules: Rules,
    calendar: Calendar,
    *,
    now: datetime | None = None,
    as_of: datetime | None = None,
) -> Iterator[tuple[str, Folded | None, list[BadLine]]]:
    """Fold every matter of a file that can be read twice. `now` defaults to the last instant in that matter; `as_of`
    drops what was recorded later. Yields (matter, fold, []) for each, and last ("", None, bad lines).
    """
    bad: list[BadLine] = []
    current, facts = "", []  # type: ignore[var-annotated]
    for number, text in _by_matter(file):
        if not text.strip():
            continue
        try:
            matter, fact = read_line(text, number)
        except (ValueError, TypeError) as error:
            bad.append(BadLine(number, str(error)))
            continue
        if matter != current and facts:
            yield current, _fold(facts, rules, calendar, now, as_of), []
            facts = []
        current = matter
        facts.append(fact)
    if facts:
        yield current, _fold(facts, rules, calendar, now, as_of), []
    yield "", None, sorted(bad, key=lambda line: line.number)


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
