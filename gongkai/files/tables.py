"""Tables that come in: CSV in whatever encoding, XLSX, days and moments as people's systems write them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from gongkai.ui.refusal import Refused

Row = tuple[int, Mapping[str, Any]]  # a line's number and its values by column
MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]*(\d{1,2})[:：时点](\d{0,2})[:：分]?(\d{0,2})秒?(?:\.\d+)?)?"
)
SINCE_1970 = re.compile(r"\d{10}(?:\.\d+)?|\d{13}")  # seconds or milliseconds: from 2001 on
YEARS = range(1900, 2200)
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not taken: where, which column, what is wrong and what to do."""

    line: int
    column: str
    wrong: str
    value: str = ""

    def as_row(self) -> tuple[int, str, str, str]:
        return self.line, self.column, self.wrong, self.value[:100]


def write_report(path: Path, bad: Iterable[BadRow]) -> None:
    """Write rows that were not taken, with their reasons, as CSV that opens in a spreadsheet."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("行", "列", "原因", "原值"))
        writer.writerows(row.as_row() for row in bad)


def read_rows(path: Path) -> tuple[list[str], Iterator[Row]]:
    """Columns and rows (line number, values by column) of a CSV in UTF-8 or GB18030, or of an XLSX's first sheet.

    Raises Refused when the file is neither or has no heading.
    """
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        try:
            import openpyxl  # large: loaded where it is used

            sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
        except Exception as error:
            raise Refused(
                f"打不开 {path.name}：{error}", remedy="请在表格软件里另存为 .xlsx 或 .csv。"
            ) from None
        cells = sheet.iter_rows(values_only=True)
        columns = [str(cell).strip() if cell is not None else "" for cell in next(cells, ())]
        rows = ((n, dict(zip(columns, values, strict=False))) for n, values in enumerate(cells, 2))
    elif path.suffix.lower() in (".csv", ".tsv", ".txt"):
        text = _decode(path)
        delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
        reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
        columns = [cell.strip().lstrip("\ufeff") for cell in next(reader, [])]
        rows = ((reader.line_num, dict(zip(columns, values, strict=False))) for values in reader)
    else:
        raise Refused(f"不认识 {path.suffix or '没有后缀的'} 文件", remedy="请用 .csv 或 .xlsx。")
    if not any(columns):
        raise Refused(f"{path.name} 的第一行没有列名", remedy="请在第一行写上列名，例如：标题、正文。")
    return columns, rows


def _decode(path: Path) -> str:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(f"{path.name} 的文字编码不认识", remedy="请另存为 UTF-8 或 GB18030（ANSI）编码的 CSV。")


def plain(value: Any) -> str:
    """A cell as text, without signs that cannot be shown."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return text if text.isprintable() else CONTROLS.sub("", text).strip()


def moment_of(value: Any) -> datetime | None:
    """A cell as a moment, Chinese time where it names no zone; None when it cannot be read.

    As people write it (2019/2/28 11:25:05, 2025年9月26日 10时), as ISO 8601, as seconds or milliseconds since 1970, as
    mail and feeds do (RFC 2822: Mon, 11 Mar 2013 13:30:22 +0800) and weibo's interface (Mon Mar 11 13:30:22 +0800 2013).
    """
    try:
        found = value if isinstance(value, datetime) else _parse(plain(value))
    except (ValueError, OverflowError):
        return None
    if found.year not in YEARS:
        return None
    return found if found.tzinfo else timezone.make_aware(found)


def _parse(text: str) -> datetime:
    """Raises ValueError or OverflowError when it is no moment."""
    if parts := MOMENT.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in parts.groups())
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  made aware by the caller
    if SINCE_1970.fullmatch(text):
        number = float(text)
        return datetime.fromtimestamp(number if number < 1e10 else number / 1000, UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text.replace(" CST", " +0800"))  # China's, not that of Chicago


def day_of(value: Any) -> date | None:
    """A cell as a day; None when it cannot be read."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    found = moment_of(value)
    return timezone.localdate(found) if found else None
