"""Tables for a spreadsheet: CSV with its mark, and XLSX. What a cell holds is never read as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO
from urllib.parse import quote

from django.http import HttpResponse

FORMULA = ("=", "+", "-", "@", "\t", "\r")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cells = Sequence[str | int | float | None]


def as_csv(name: str, rows: Iterable[Cells]) -> HttpResponse:
    """Rows as a UTF-8 file `name`.csv that spreadsheets open as it is."""
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=_saved_as(f"{name}.csv"))
    response.write("\ufeff")
    csv.writer(response).writerows([harmless(cell) for cell in row] for row in rows)
    return response


def as_xlsx(name: str, rows: Iterable[Cells]) -> HttpResponse:
    """Rows as the one sheet of `name`.xlsx."""
    from openpyxl import Workbook  # a fifth of a second to load: only where a sheet is asked for

    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    for row in rows:
        sheet.append([harmless(cell) for cell in row])
    file = BytesIO()
    book.save(file)
    return given(f"{name}.xlsx", file.getvalue())


def given(file: str, content: bytes) -> HttpResponse:
    """A spreadsheet or a Word file that has been made, to save under its name."""
    kind = DOCX if file.endswith(".docx") else XLSX
    return HttpResponse(content, content_type=kind, headers=_saved_as(file))


def harmless(cell: str | int | float | None) -> str | int | float | None:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _saved_as(file: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file)}"}
