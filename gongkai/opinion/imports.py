"""Import of posts from a file: CSV, XLSX, JSON or JSON Lines, any column names, safe to run again.

Every row is taken or reported with its reason, as with letters.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from gongkai.files.tables import BadRow, Row, plain, read_rows, write_report
from gongkai.opinion.actions import collecting
from gongkai.opinion.models import PostMapping, Source
from gongkai.opinion.watching.items import BadItem, Item, item_of
from gongkai.people.actor import Actor
from gongkai.people.models import Place
from gongkai.ui.refusal import Refused

BATCH = 500
FIELDS = {
    "id": "编号", "text": "正文", "title": "标题", "published_at": "发布时间", "url": "网址", "author": "作者", "followers": "粉丝数",
    "verified": "认证", "reposts": "转发数", "comments": "评论数", "likes": "点赞数", "repost_of": "转自",
}  # fmt: skip
NEEDED = ("text", "published_at")
GUESSES = {
    "id": ("编号", "id", "微博id", "帖子id", "mid"),
    "text": ("正文", "内容", "微博正文", "帖子内容", "文本", "text", "content", "body"),
    "title": ("标题", "主题", "title", "subject"),
    "published_at": ("发布时间", "发帖时间", "时间", "日期", "time", "date", "created_at", "published_at", "published"),
    "url": ("网址", "链接", "原文链接", "url", "link"),
    "author": ("作者", "用户", "昵称", "发布者", "author", "user", "name"),
    "followers": ("粉丝数", "粉丝", "followers"),
    "verified": ("认证", "是否认证", "verified"),
    "reposts": ("转发数", "转发", "reposts", "n_reposts"),
    "comments": ("评论数", "评论", "comments"),
    "likes": ("点赞数", "点赞", "likes"),
    "repost_of": ("转自", "原微博id", "repost_of"),
}  # fmt: skip


@dataclass(slots=True)
class Report:
    """What came of an import."""

    taken: int = 0
    repeated: int = 0
    passed: int = 0
    bad: list[BadRow] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write every row that was not taken, with its reason, as CSV that opens in a spreadsheet."""
        write_report(path, self.bad)


def read(path: Path) -> tuple[list[str], Iterator[Row]]:
    """Columns and rows of a file. Raises Refused when it cannot be read."""
    if path.suffix.lower() not in (".json", ".jsonl", ".ndjson"):
        return read_rows(path)
    rows = list(_json_rows(path))
    columns = list(dict.fromkeys(name for _, row in rows for name in row))
    if not columns:
        raise Refused(f"{path.name} 里没有一条言论", remedy="应是 JSON 列表，或每行一个 JSON 对象。")
    return columns, iter(rows)


def _json_rows(path: Path) -> Iterator[Row]:
    text = path.read_text(encoding="utf-8-sig")
    if text.lstrip()[:1] == "[":
        try:
            given = json.loads(text)
        except ValueError as wrong:
            raise Refused(f"{path.name} 不是 JSON：{wrong}", remedy="请检查括号和逗号。") from None
        yield from ((n, row) for n, row in enumerate(given, 1) if isinstance(row, dict))
        return
    for n, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as wrong:
            raise Refused(
                f"{path.name} 第 {n} 行不是 JSON：{wrong}", remedy="每行应是一个 JSON 对象。"
            ) from None
        if isinstance(row, dict):
            yield n, row


def mapping_for(place: Place | None, columns: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Field by column: what was given, else what was remembered for these columns, else a guess by name.

    Raises Refused naming what is missing.
    """
    for name, column in given.items():
        if name not in FIELDS:
            raise Refused(f"没有字段 {name}", remedy=f"可用：{'、'.join(FIELDS)}。")
        if column not in columns:
            raise Refused(f"文件里没有“{column}”这一列", remedy=f"文件的列有：{'、'.join(columns)}。")
    kept = PostMapping.objects.filter(place=place, columns=columns_print(columns)).first() if place else None
    mapping: dict[str, str] = dict(kept.mapping) if kept else _guess(columns)
    mapping.update(given)
    if missing := [f"{name}（{FIELDS[name]}）" for name in NEEDED if name not in mapping]:
        raise Refused(
            f"不知道哪一列是{'、'.join(missing)}",
            remedy=f"请用 --map 字段=列名 指明。文件的列有：{'、'.join(columns)}。",
        )
    return mapping


def columns_print(columns: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(columns).encode()).hexdigest()


def _guess(columns: Sequence[str]) -> dict[str, str]:
    lower = {column.lower(): column for column in columns}
    found: dict[str, str] = {}
    for name, words in GUESSES.items():
        column = next((lower[word] for word in words if word in lower), None)
        if column and column not in found.values():
            found[name] = column
    return found


def remember(place: Place, columns: Sequence[str], mapping: Mapping[str, str], at: datetime) -> None:
    PostMapping.objects.update_or_create(
        place=place, columns=columns_print(columns), defaults={"mapping": dict(mapping), "used_at": at}
    )


def item_from(row: Mapping[str, Any], mapping: Mapping[str, str], now: datetime) -> Item:
    """A row as an item. Raises BadItem."""
    return item_of({name: row.get(column) for name, column in mapping.items()}, now)


class Importer:
    """One run over a file into a source. `shift` moves all times, for drills on what is over."""

    def __init__(
        self, source: Source, mapping: Mapping[str, str], *, by: Actor, now: datetime, dry: bool = False,
        shift: timedelta | None = None,
    ) -> None:  # fmt: skip
        self.source, self.mapping, self.by, self.now = source, mapping, by, now
        self.dry, self.shift = dry, shift or timedelta()
        self.report = Report()

    def run(self, rows: Iterator[Row]) -> Iterator[int]:
        """Take the rows batch by batch; yields how many lines each batch had."""
        while batch := list(islice(rows, BATCH)):
            self._take([item for row in batch if (item := self._read(row)) is not None])
            yield len(batch)

    def _read(self, row: Row) -> Item | None:
        line, values = row
        if not any(plain(values.get(column)) for column in self.mapping.values()):
            return None
        try:
            item = item_from(values, self.mapping, self.now)
        except BadItem as wrong:
            column = self.mapping.get(wrong.field, wrong.field)
            self.report.bad.append(BadRow(line, column, str(wrong), plain(values.get(column))))
            return None
        return replace(item, published_at=min(item.published_at + self.shift, self.now))

    def _take(self, items: list[Item]) -> None:
        if self.dry:
            self.report.taken += len(items)
            return
        taken = collecting.receive(self.source, items, by=self.by, at=self.now)
        self.report.taken += taken.taken
        self.report.repeated += taken.repeated
        self.report.passed += taken.passed
