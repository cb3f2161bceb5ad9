"""Rows of a hotline's file as letters that are ready to be written: all that can be done before the database is asked.

Another process may read ahead of the one that writes; it must ask the database nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, count, islice
from multiprocessing import get_context
from typing import Any

from gongkai.files.tables import BadRow, Row, moment_of, plain
from gongkai.ledger import bulk
from gongkai.ledger.opening import NewFact, NewMatter, Opener, Opening
from gongkai.letters import facts, policy
from gongkai.letters.actions import PERSON, ROOM, compose, received_details
from gongkai.letters.indexing import staff_item
from gongkai.letters.models import Letter, Stage
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Unit
from gongkai.processes import end_with_parent
from gongkai.search import actions as search
from gongkai.text import nature as cues

BATCH, AHEAD = 240, 8  # the first batch is written by nobody while it is read: a short one
READERS = 2  # a letter is longer to read and fold than to write
IN_ORDER = 20_000  # lines that are put into the order of their times
NATURES = {"咨询": "咨询", "求助": "求助", "建议": "建议", "意见": "建议", "投诉": "投诉", "举报": "举报"}
MOST_TEXT = 20_000
BECAUSE = "导入"
COLUMNS = bulk.columns_of(Letter)


@dataclass(slots=True)
class Taken:
    """A row that may be taken: its letter in the order of COLUMNS, without keys, its matter, its entry in the index."""

    source: str
    external_number: str
    received_at: datetime
    letter: list[Any]
    opening: Opening
    entry: dict[str, Any]
    may_fill: bool
    has_unit: bool
    has_answer: bool


@dataclass(slots=True)
class Batch:
    """What came of some lines of a file."""

    lines: int
    taken: list[Taken] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


@dataclass(slots=True)
class Reader:
    """Reads rows as letters of a place, by what its maker looked up. `shift` moves all times by whole days."""

    place: Place
    mapping: Mapping[str, str]
    source: str
    now: datetime
    shift: timedelta
    units: Mapping[str, Unit]
    leads: Mapping[str, Unit | None]
    opener: Opener
    bad: list[BadRow] = field(default_factory=list)

    def ahead(self, rows: Iterator[Row]) -> Iterator[Batch]:
        """The batches of a file; of a long one other processes read while this one writes."""
        batches = _batches(self.in_order(rows))
        first = next(batches, [])
        batches = chain([first], batches) if first else batches
        if len(first) < BATCH or len(os.sched_getaffinity(0)) == 1:
            yield from map(self.batch, batches)
            return
        with ProcessPoolExecutor(READERS, get_context("fork"), _begin, (self, batches)) as others:
            numbers = count()
            waiting = deque(others.submit(_read, number) for number in islice(numbers, AHEAD))
            while (batch := waiting.popleft().result()).lines:
                waiting.append(others.submit(_read, next(numbers)))
                yield batch

    def in_order(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Many lines at once by the words of their times: what lies together in indexes is written together."""
        column = self.mapping["received_at"]
        while some := list(islice(rows, IN_ORDER)):
            yield from sorted(some, key=lambda row: str(row[1].get(column)))

    def batch(self, lines: Sequence[Row]) -> Batch:
        taken = [found for found in map(self.read, lines) if found is not None]
        bad, self.bad = self.bad, []
        return Batch(len(lines), taken, bad)

    def read(self, row: Row) -> Taken | None:
        """A row; None when it is empty, or wrong and reported so."""
        line, values = row
        got = {name: plain(values.get(column)) for name, column in self.mapping.items()}
        if not any(got.values()):
            return None
        text, title = got.get("text", ""), got.get("title", "")
        if not text:
            return self._refuse(line, "text", "正文是空的")
        if len(text) > MOST_TEXT:
            return self._refuse(line, "text", f"正文超过 {MOST_TEXT:,} 字", text)
        received = moment_of(values.get(self.mapping["received_at"]))
        if received is None:
            return self._refuse(
                line, "received_at", "看不懂时间，应像 2025-09-26 10:00", got.get("received_at", "")
            )
        received += self.shift
        if received > self.now:
            return self._refuse(line, "received_at", "来信时间在将来", got.get("received_at", ""))
        answered = moment_of(values.get(self.mapping.get("answered_at", "")))
        if not got.get("answer"):
            answered = None
        if answered is not None:
            answered += self.shift
            if answered < received:
                return self._refuse(line, "answered_at", "答复早于来信", got.get("answered_at", ""))
        source = got.get("source") or self.source
        if source not in self.leads:
            source = self.source
        letter = compose(
            self.place, source=source, title=title or _first_words(text), text=text,
            person={name: got.get(name, "") for name in PERSON}, at=received, entered_at=self.now,
            nature=_nature(got.get("nature", "")), object_place=got.get("object_place", ""),
            about_unit=got.get("about_unit", ""), external_number=got.get("number") or _own_number(text, received),
            lead=self.leads[source],
        )  # fmt: skip
        letter.topic = got.get("topic", "")[:32]
        unit = self.units.get(got.get("unit", ""))
        if answered is not None:
            letter.answer, letter.answered_at = got["answer"], min(answered, self.now)
        return self._taken(letter, unit)

    def _refuse(self, line: int, name: str, wrong: str, value: str = "") -> Taken | None:
        """Report a row that is not taken; None, so that its reader can return it."""
        self.bad.append(BadRow(line, self.mapping.get(name, name), wrong, value))
        return None

    def _taken(self, letter: Letter, unit: Unit | None) -> Taken:
        opening = self.opener.open(self._matter(letter, unit))
        return Taken(
            letter.source, letter.external_number, letter.received_at,
            bulk.ready(Letter, COLUMNS, [bulk.values_of(letter)])[0], opening, search.entry(staff_item(letter, "")),
            policy.may_fill(Actor.system(self.place), letter).allowed, unit is not None, letter.answered_at is not None,
        )  # fmt: skip

    def _matter(self, letter: Letter, unit: Unit | None) -> NewMatter:
        """The matter of an imported letter with the facts its row tells; its number is given when it is written."""
        at = letter.received_at
        happened = [NewFact(facts.RECEIVED, at, received_details(letter), BECAUSE)]
        if letter.nature:
            letter.time_class = cues.time_class_by_cues(f"{letter.title}\n{letter.text}").label
            letter.triage = "举报投诉" if letter.nature == "举报" else "一般"
            details = {"nature": letter.nature, "class": letter.time_class, "triage": letter.triage}
            happened.append(NewFact(facts.CLASSIFIED, at, details, BECAUSE))
        if unit is not None:
            letter.unit, letter.stage, letter.opened_at = unit, Stage.ASSIGNED, at
            happened.append(NewFact(facts.ASSIGNED, at, {"unit": unit.code}, BECAUSE))
        if letter.answered_at is not None:
            letter.stage, letter.opened_at = Stage.ANSWERED, letter.opened_at or at
            details = {"unit": unit.code} if unit else {}
            happened.append(NewFact(facts.ANSWERED, letter.answered_at, details, BECAUSE))
        return NewMatter("", ROOM, letter.title, self.place, unit or letter.lead, happened)


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    return iter(lambda: list(islice(rows, BATCH)), [])


_reading: list[tuple[Reader, Iterator[tuple[int, list[Row]]]]] = []  # of a process that reads ahead


def _begin(reader: Reader, batches: Iterator[list[Row]]) -> None:
    end_with_parent()
    _reading.append((reader, enumerate(batches)))


def _read(number: int) -> Batch:
    """The batch of that number. Those before it are another process's; at the end there is an empty one."""
    reader, batches = _reading[0]
    return next((reader.batch(lines) for at, lines in batches if at == number), Batch(0))


def _first_words(text: str) -> str:
    return re.split(r"[。！？!?\n]", text.strip(), maxsplit=1)[0][:40]


def _nature(word: str) -> str:
    return next((nature for cue, nature in NATURES.items() if cue in word), "")


def _own_number(text: str, at: datetime) -> str:
    """A stable number for a row without one, so that running again takes nothing twice."""
    return "h" + hashlib.sha256(f"{at.isoformat()}\n{text}".encode()).hexdigest()[:24]
