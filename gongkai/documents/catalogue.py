"""The proactive catalogue as a table in the fields of the standard (标准目录): rows to take away, and rows read back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gongkai.documents.models import CatalogueEntry
from gongkai.people.models import Place, Unit
from gongkai.ui.refusal import Refused

FIELDS = {
    "area": "领域", "item": "一级事项", "subitem": "二级事项", "openness": "五公开", "content": "公开内容（要素）",
    "basis": "公开依据", "limit": "公开时限", "unit": "公开主体", "channels": "公开渠道和载体", "audience": "公开对象",
    "manner": "公开方式", "level": "公开层级",
}  # fmt: skip
NEEDED = ("area", "item", "content", "limit", "unit", "channels")
MOST = 5_000  # rows of a file
SHOWN = 50  # bad rows that are named


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken: its line in the file, the column, what is wrong."""

    line: int
    column: str
    wrong: str


def lines(entries: Iterable[CatalogueEntry]) -> Iterator[tuple[str, ...]]:
    """The heading and a line an entry; what this writes `read` takes back."""
    yield ("序号", *FIELDS.values())
    for number, one in enumerate(entries, 1):
        yield (str(number), *(one.unit.name if name == "unit" else getattr(one, name) for name in FIELDS))


def read(
    name: str, data: bytes, *, place: Place, year: int, units: Mapping[str, Unit]
) -> tuple[list[CatalogueEntry], list[BadRow]]:
    """The entries of a CSV or XLSX file and every row that is none. `units` are those that may be named, by name.

    Raises Refused when the file is no table or lacks a column.
    """
    rows = _xlsx(data) if name.lower().endswith(".xlsx") else _csv(data)
    head = [cell.strip() for cell in rows[0]] if rows else []
    if missing := [FIELDS[field] for field in NEEDED if FIELDS[field] not in head]:
        raise Refused(f"表里没有这些列：{'、'.join(missing)}", remedy="请先导出一份目录，照它的表头填写。")
    if len(rows) > MOST:
        raise Refused(f"表格超过 {MOST} 行", remedy="请分开导入，或删去空行。")
    found: list[CatalogueEntry] = []
    bad: list[BadRow] = []
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in enumerate(rows[1:], 2):
        row = {field: cells[head.index(label)].strip() if label in head and head.index(label) < len(cells) else ""
               for field, label in FIELDS.items()}  # fmt: skip
        if not any(row.values()):
            continue
        wrong = list(_faults(line, row, units))
        unit = units.get(row["unit"])
        key = (row["area"], row["item"], row["subitem"], unit.code if unit else "")
        if key in seen:
            wrong.append(BadRow(line, "一级事项", f"和第 {seen[key]} 行是同一个事项"))
        seen.setdefault(key, line)
        bad += wrong
        if unit is not None and not wrong:
            given = {field: value for field, value in row.items() if value and field != "unit"}
            found.append(CatalogueEntry(place=place, year=year, unit=unit, **given))
    return found, bad


def _faults(line: int, row: Mapping[str, str], units: Mapping[str, Unit]) -> Iterator[BadRow]:
    for field, label in FIELDS.items():
        if field in NEEDED and not row[field]:
            yield BadRow(line, label, "没有填写")
        elif field == "unit" and row[field] not in units:
            yield BadRow(line, label, f"“{row[field]}”不是您可以写的单位，请写全称或简称")
        elif field != "unit" and len(row[field]) > (
            most := getattr(CatalogueEntry._meta.get_field(field), "max_length", 0)
        ):
            yield BadRow(line, label, f"有 {len(row[field])} 个字，最多 {most} 个")


def _csv(data: bytes) -> list[Sequence[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    return [[cell.removeprefix("'") for cell in row] for row in csv.reader(io.StringIO(text))]


def _xlsx(data: bytes) -> list[Sequence[str]]:
    from openpyxl import load_workbook  # a fifth of a second to load

    try:
        sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
    except Exception as error:  # a damaged file may fail anywhere in its reader
        raise Refused("这个文件打不开", remedy="请另存为 xlsx 或 csv 再上传。") from error
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
