"""Letters as a table to take away: exactly what the list shows, nothing of the writers, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from gongkai.ledger.models import Obligation
from gongkai.letters.asks import ANSWERS
from gongkai.letters.models import Letter, LetterQuerySet
from gongkai.text import screen

HEAD = (
    "编号", "来信时间", "来源", "标题", "性质", "办理时类", "分流", "主题", "牵头单位", "承办单位", "阶段", "打开时间", "签收时间",
    "答复期限", "期限状态", "答复时间", "评价", "重办次数", "公开时间",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet would calculate
WITH_PERSON = False  # no column is of the writer; what titles and topics say of people is masked
CHUNK = 500
COLUMNS = (
    "matter__number", "received_at", "source", "title", "nature", "time_class", "triage", "topic", "is_protected",
    "lead__short_name", "unit__short_name", "stage", "opened_at", "signed_for_at", "answered_at", "rating",
    "redo_count", "published_at",
)  # fmt: skip

Line = tuple[str, ...]


def lines(letters: LetterQuerySet) -> Iterator[Line]:
    """The heading and a line a letter, read in chunks. Titles of protected reports are not given."""
    yield HEAD
    last = (
        Obligation.objects.filter(matter=OuterRef("matter"), duty__in=ANSWERS)
        .exclude(state="void")
        .order_by("-id")
    )
    rows = letters.annotate(due=Subquery(last.values("due_at")[:1]), state=Subquery(last.values("state")[:1]))
    states, stages = dict(Obligation.States.choices), dict(Letter._meta.get_field("stage").flatchoices)
    for row in rows.values(*COLUMNS, "due", "state").iterator(chunk_size=CHUNK):
        title = "（举报来信）" if row["is_protected"] else screen.mask(row["title"])
        cells = (
            row["matter__number"], _moment(row["received_at"]), row["source"], title, row["nature"], row["time_class"],
            row["triage"], screen.mask(row["topic"]), row["lead__short_name"], row["unit__short_name"], stages[row["stage"]],
            _moment(row["opened_at"]), _moment(row["signed_for_at"]), _moment(row["due"]), states.get(row["state"], ""),
            _moment(row["answered_at"]), row["rating"], str(row["redo_count"]), _moment(row["published_at"]),
        )  # fmt: skip
        yield tuple(map(harmless, cells))


def harmless(value: str | None) -> str:
    """The value as text that no spreadsheet takes for a formula."""
    text = value or ""
    return f"'{text}" if text.startswith(FORMULA) else text


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def as_csv(letters: LetterQuerySet) -> Iterator[str]:
    """CSV line by line, in UTF-8 with the mark that spreadsheets look for."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for line in lines(letters):
        yield writer.writerow(line)


def as_xlsx(letters: LetterQuerySet) -> IO[bytes]:
    """An XLSX in a temporary file, at its beginning; rows are written out as they come."""
    from openpyxl import Workbook  # a fifth of a second to load: only where a sheet is asked for

    book = Workbook(write_only=True)
    sheet = book.create_sheet("来信")
    sheet.freeze_panes = "A2"
    for line in lines(letters):
        sheet.append(line)
    file = TemporaryFile()  # noqa: SIM115  given to the response, which closes it
    book.save(file)
    file.seek(0)
    return file
