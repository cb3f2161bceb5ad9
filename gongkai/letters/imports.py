"""Import of letters from a hotline's or another system's file: CSV or XLSX, any column names, safe to run again.

Every row is taken or reported with its reason; nothing is lost in between. Rows are written in batches, each in
one transaction with clocks and index; a row that was taken before is recognised by its number and source.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from gongkai.files.tables import BadRow, Row, moment_of, plain, read_rows, write_report
from gongkai.ledger import actions as ledger
from gongkai.ledger import asks, bulk
from gongkai.letters import facts
from gongkai.letters.actions import (
    PERSON,
    PREFIX,
    ROOM,
    ask_to_fill,
    compose,
    lead_unit,
    received_details,
)
from gongkai.letters.indexing import index
from gongkai.letters.models import ImportMapping, Letter, Stage
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Unit
from gongkai.prepared import Prepared
from gongkai.text import nature as cues
from gongkai.ui.refusal import Refused

__all__ = ["BadRow", "Importer", "Report", "columns_print", "mapping_for", "read_rows", "remember"]

BATCH = 1_000
FIELDS = {
    "number": "原编号", "received_at": "来信时间", "title": "标题", "text": "正文", "source": "来源", "nature": "性质",
    "unit": "承办单位", "answered_at": "答复时间", "answer": "答复", "name": "姓名", "phone": "电话", "email": "邮箱",
    "address": "地址", "identity": "证件号码", "object_place": "发生地点", "about_unit": "反映对象", "topic": "主题",
}  # fmt: skip
NEEDED = ("received_at", "text")
GUESSES = {
    "number": ("原编号", "编号", "留言编号", "工单编号", "工单号", "诉求编号", "信件编号", "appeal_id", "id"),
    "received_at": ("来信时间", "留言时间", "受理时间", "诉求时间", "登记时间", "提交时间", "时间", "received", "accepted_at", "created"),
    "title": ("标题", "留言主题", "诉求标题", "诉求主题", "主题", "标题名称", "title", "subject"),
    "text": ("正文", "留言详情", "诉求内容", "内容", "详情", "问题描述", "content", "text", "body"),
    "source": ("来源", "诉求来源", "渠道", "受理渠道", "channel", "source"),
    "nature": ("性质", "诉求性质", "诉求类型", "类型", "nature"),
    "unit": ("承办单位", "办理单位", "责任单位", "主办单位", "unit"),
    "answered_at": ("答复时间", "办结时间", "回复时间", "reply_time", "answered_at"),
    "answer": ("答复", "答复意见", "回复内容", "答复内容", "办理结果", "reply", "answer"),
    "name": ("姓名", "留言用户", "来电人", "诉求人", "联系人", "writer", "user", "name"),
    "phone": ("电话", "手机", "联系电话", "来电号码", "phone"),
    "email": ("邮箱", "电子邮箱", "email"),
    "address": ("地址", "联系地址", "address"),
    "identity": ("证件号码", "身份证号", "identity"),
    "object_place": ("发生地点", "事发地点", "地点", "河流", "place", "river"),
    "about_unit": ("反映对象", "被反映单位", "object"),
    "topic": ("一级标签", "类别", "topic"),
}  # fmt: skip
NATURES = {"咨询": "咨询", "求助": "求助", "建议": "建议", "意见": "建议", "投诉": "投诉", "举报": "举报"}
MOST_TEXT = 20_000


@dataclass(slots=True)
class Report:
    """What came of an import."""

    taken: int = 0
    repeated: int = 0
    bad: list[BadRow] = field(default_factory=list)
    units: int = 0
    answered: int = 0

    def write(self, path: Path) -> None:
        """Write every row that was not taken, with its reason, as CSV that opens in a spreadsheet."""
        write_report(path, self.bad)


Read = tuple[Letter, dict[str, Any]]  # a letter not yet written, and what else its row tells


def columns_print(columns: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(columns).encode()).hexdigest()


def mapping_for(place: Place, columns: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Field by column: what was given, else what was remembered for these columns, else a guess by name.

    Raises Refused naming what is missing.
    """
    for name, column in given.items():
        if name not in FIELDS:
            raise Refused(f"没有字段 {name}", remedy=f"可用：{'、'.join(FIELDS)}。")
        if column not in columns:
            raise Refused(f"文件里没有“{column}”这一列", remedy=f"文件的列有：{'、'.join(columns)}。")
    remembered = ImportMapping.objects.filter(place=place, columns=columns_print(columns)).first()
    mapping: dict[str, str] = dict(remembered.mapping) if remembered else _guess(columns)
    mapping.update(given)
    if missing := [f"{name}（{FIELDS[name]}）" for name in NEEDED if name not in mapping]:
        raise Refused(
            f"不知道哪一列是{'、'.join(missing)}",
            remedy=f"请用 --map 字段=列名 指明。文件的列有：{'、'.join(columns)}。",
        )
    return mapping


def _guess(columns: Sequence[str]) -> dict[str, str]:
    lower = {column.lower(): column for column in columns}
    found: dict[str, str] = {}
    for name, words in GUESSES.items():
        column = next((lower[word.lower()] for word in words if word.lower() in lower), None)
        if column and column not in found.values():
            found[name] = column
    return found


def remember(place: Place, columns: Sequence[str], mapping: Mapping[str, str], at: datetime) -> None:
    ImportMapping.objects.update_or_create(
        place=place, columns=columns_print(columns), defaults={"mapping": dict(mapping), "used_at": at}
    )


class Importer:
    """One run over a file. `shift` moves all times by whole days, for drills on old letters."""

    def __init__(
        self, place: Place, mapping: Mapping[str, str], *, source: str, by: Actor, now: datetime, dry: bool = False,
        shift: timedelta | None = None,
    ) -> None:  # fmt: skip
        self.place, self.mapping, self.source, self.by, self.now = place, mapping, source, by, now
        self.dry, self.shift = dry, shift or timedelta()
        self.report = Report()
        self.units = {
            name: unit for unit in Unit.objects.filter(place=place) for name in (unit.name, unit.short_name)
        }
        self.sources: tuple[str, ...] = asks.values_of(place.code, "letter.source")
        self.leads: dict[str, Unit | None] = {}

    def run(self, rows: Iterator[Row]) -> Iterator[int]:
        """Take the rows batch by batch; yields how many lines each batch had."""
        while batch := list(islice(rows, BATCH)):
            self._take([letter for letter in map(self._read, batch) if letter is not None])
            yield len(batch)

    # -- one row -------------------------------------------------------------------------------------------------

    def _read(self, row: Row) -> Read | None:
        line, values = row
        got = {name: plain(values.get(column)) for name, column in self.mapping.items()}
        if not any(got.values()):
            return None
        text, title = got.get("text", ""), got.get("title", "")
        if not text:
            return self._refuse(line, "text", "正文是空的")
        if len(text) > MOST_TEXT:
            return self._refuse(line, "text", f"正文超过 {MOST_TEXT:,} 字", text)
        received = self._moment(values.get(self.mapping["received_at"]))
        if received is None:
            return self._refuse(
                line, "received_at", "看不懂时间，应像 2025-09-26 10:00", got.get("received_at", "")
            )
        received += self.shift
        if received > self.now:
            return self._refuse(line, "received_at", "来信时间在将来", got.get("received_at", ""))
        source = got.get("source") or self.source
        if source not in self.sources:
            source = self.source
        letter = compose(
            self.place, source=source, title=title or _first_words(text), text=text,
            person={name: got.get(name, "") for name in PERSON}, at=received, entered_at=self.now,
            nature=_nature(got.get("nature", "")), object_place=got.get("object_place", ""),
            about_unit=got.get("about_unit", ""), external_number=got.get("number") or _own_number(text, received),
            lead=self._lead(source),
        )  # fmt: skip
        letter.topic = got.get("topic", "")[:32]
        more: dict[str, Any] = {"line": line, "unit": self.units.get(got.get("unit", ""))}
        answered = self._moment(values.get(self.mapping.get("answered_at", "")))
        if got.get("answer") and answered is not None:
            answered += self.shift
            if answered < received:
                return self._refuse(line, "answered_at", "答复早于来信", got.get("answered_at", ""))
            more |= {"answer": got["answer"], "answered_at": min(answered, self.now)}
        return letter, more

    def _refuse(self, line: int, name: str, wrong: str, value: str = "") -> Read | None:
        """Report a row that is not taken; None, so that its reader can return it."""
        self.report.bad.append(BadRow(line, self.mapping.get(name, name), wrong, value))
        return None

    def _moment(self, value: Any) -> datetime | None:
        return moment_of(value)

    def _lead(self, source: str) -> Unit | None:
        if source not in self.leads:
            self.leads[source] = lead_unit(self.place, source, self.now)
        return self.leads[source]

    # -- a batch -------------------------------------------------------------------------------------------------

    def _take(self, read: list[Read]) -> None:
        """Write a batch in one transaction: letters, matters, facts, clocks and index."""
        fresh = self._new_ones(read)
        if self.dry or not fresh:
            self.report.taken += len(fresh)
            return
        with transaction.atomic():
            _number(fresh)
            news = [self._matter(letter, more) for letter, more in fresh]
            for (letter, _more), matter in zip(fresh, ledger.record_many(news, by=self.by), strict=True):
                letter.matter = matter
            letters = [letter for letter, _more in fresh]
            for letter, pk in zip(letters, bulk.reserve(Letter, len(letters)), strict=True):
                letter.pk = pk
            bulk.insert_objects(letters)
            index(letters)
            ask_to_fill(letters, self.now)
        self.report.taken += len(fresh)

    def _new_ones(self, read: list[Read]) -> list[Read]:
        """Rows not taken before, here or earlier in the file."""
        numbers = {letter.external_number for letter, _ in read}
        sources = {letter.source for letter, _ in read}
        taken = Letter.objects.filter(place=self.place, source__in=sources, external_number__in=numbers)
        taken = taken.exclude(external_number="").order_by()  # said so that the index of such letters serves
        known = set(Prepared(taken.values_list("source", "external_number")).ask())
        fresh = []
        for letter, more in read:
            key = (letter.source, letter.external_number)
            if key in known:
                self.report.repeated += 1
                continue
            known.add(key)
            fresh.append((letter, more))
        return fresh

    def _matter(self, letter: Letter, more: Mapping[str, Any]) -> ledger.NewMatter:
        """The matter of an imported letter with the facts its row tells."""
        because = "导入"
        at = letter.received_at
        happened = [ledger.NewFact(facts.RECEIVED, at, received_details(letter), because)]
        klass = cues.time_class_by_cues(f"{letter.title}\n{letter.text}").label if letter.nature else ""
        if letter.nature:
            letter.time_class, letter.triage = klass, "举报投诉" if letter.nature == "举报" else "一般"
            details = {"nature": letter.nature, "class": klass, "triage": letter.triage}
            happened.append(ledger.NewFact(facts.CLASSIFIED, at, details, because))
        unit: Unit | None = more.get("unit")
        if unit is not None:
            letter.unit, letter.stage, letter.opened_at = unit, Stage.ASSIGNED, at
            happened.append(ledger.NewFact(facts.ASSIGNED, at, {"unit": unit.code}, because))
            self.report.units += 1
        if "answer" in more:
            letter.answer, letter.answered_at = more["answer"], more["answered_at"]
            letter.stage, letter.opened_at = Stage.ANSWERED, letter.opened_at or at
            details = {"unit": unit.code} if unit else {}
            happened.append(ledger.NewFact(facts.ANSWERED, more["answered_at"], details, because))
            self.report.answered += 1
        return ledger.NewMatter(more["number"], ROOM, letter.title, self.place, unit or letter.lead, happened)


def _number(fresh: Sequence[Read]) -> None:
    """Give every letter of a batch its number, one reservation a day."""
    by_day: dict[date, list[Read]] = {}
    for row in fresh:
        by_day.setdefault(timezone.localtime(row[0].received_at).date(), []).append(row)
    for rows in by_day.values():
        numbers = ledger.numbers(PREFIX, rows[0][0].received_at, len(rows))
        for (_letter, more), number in zip(rows, numbers, strict=True):
            more["number"] = number


def _first_words(text: str) -> str:
    return re.split(r"[。！？!?\n]", text.strip(), maxsplit=1)[0][:40]


def _nature(word: str) -> str:
    return next((nature for cue, nature in NATURES.items() if cue in word), "")


def _own_number(text: str, at: datetime) -> str:
    """A stable number for a row without one, so that running again takes nothing twice."""
    return "h" + hashlib.sha256(f"{at.isoformat()}\n{text}".encode()).hexdigest()[:24]
