"""Import of letters from a hotline's or another system's file: CSV or XLSX, any column names, safe to run again.

Every row is taken or reported with its reason; nothing is lost in between. Rows are written in batches, each in
one transaction with clocks and index; a row that was taken before is recognised by its number and source.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import attrgetter
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from gongkai.files.tables import BadRow, Row, read_rows, write_report
from gongkai.ledger import actions as ledger
from gongkai.ledger import asks, bulk
from gongkai.ledger.opening import Opener
from gongkai.letters.actions import PREFIX, ask_to_fill, lead_unit
from gongkai.letters.models import ImportMapping, Letter
from gongkai.letters.rows import COLUMNS, Reader, Taken
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Unit
from gongkai.prepared import Prepared
from gongkai.search import actions as search
from gongkai.ui.refusal import Refused

__all__ = ["BadRow", "Importer", "Report", "columns_print", "mapping_for", "read_rows", "remember"]

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
ID, MATTER = COLUMNS.index("id"), COLUMNS.index("matter_id")


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
        self.place, self.now, self.dry = place, now, dry
        self.report = Report()
        units = {
            name: unit for unit in Unit.objects.filter(place=place) for name in (unit.name, unit.short_name)
        }
        sources = dict.fromkeys((*asks.values_of(place.code, "letter.source"), source))
        self.reader = Reader(
            place, mapping, source, now, shift or timedelta(), units,
            {one: lead_unit(place, one, now) for one in sources}, Opener([place.code], by, now),
        )  # fmt: skip

    def run(self, rows: Iterator[Row]) -> Iterator[int]:
        """Take the rows batch by batch; yields how many lines each batch had."""
        bulk.expect_many()
        gc.disable()  # in the process that reads ahead too: rows make no cycles, and looking for them takes a tenth
        try:
            for batch in self.reader.ahead(rows):
                self.report.bad += batch.bad
                self._take(batch.taken)
                yield batch.lines
            self.report.bad.sort(key=attrgetter("line"))
        finally:
            gc.enable()

    def _take(self, read: Sequence[Taken]) -> None:
        """Write a batch in one transaction: letters, matters, facts, clocks and index."""
        fresh = self._new_ones(read)
        self.report.taken += len(fresh)
        self.report.units += sum(row.has_unit for row in fresh)
        self.report.answered += sum(row.has_answer for row in fresh)
        if self.dry or not fresh:
            return
        with transaction.atomic():
            _number(fresh)
            matters = ledger.write_openings([row.opening for row in fresh])
            letters = bulk.reserve(Letter, len(fresh))
            for row, pk, matter in zip(fresh, letters, matters, strict=True):
                row.letter[ID], row.letter[MATTER] = pk, matter
            bulk.insert_ready(Letter, COLUMNS, [row.letter for row in fresh])
            search.put_entries([row.entry for row in fresh])
            to_fill = [pk for row, pk in zip(fresh, letters, strict=True) if row.may_fill]
            ask_to_fill(self.place.code, to_fill, self.now)

    def _new_ones(self, read: Sequence[Taken]) -> list[Taken]:
        """Rows not taken before, here or earlier in the file."""
        numbers = {row.external_number for row in read}
        taken = Letter.objects.filter(
            place=self.place, source__in={row.source for row in read}, external_number__in=numbers
        )
        taken = taken.exclude(external_number="").order_by()  # said so that the index of such letters serves
        known = set(Prepared(taken.values_list("source", "external_number")).ask())
        fresh = []
        for row in read:
            key = (row.source, row.external_number)
            if key in known:
                self.report.repeated += 1
                continue
            known.add(key)
            fresh.append(row)
        return fresh


def _number(fresh: Sequence[Taken]) -> None:
    """Give every letter of a batch its number, one reservation a day."""
    by_day: dict[date, list[Taken]] = {}
    for row in fresh:
        by_day.setdefault(timezone.localdate(row.received_at), []).append(row)
    for rows in by_day.values():
        for row, number in zip(rows, ledger.numbers(PREFIX, rows[0].received_at, len(rows)), strict=True):
            row.opening.number = row.entry["number"] = number
