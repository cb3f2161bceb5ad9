"""Django's SQLite, spared two things that pages of many rows pay for again and again.

The words of a question are brought from `%s` to `?` once, not each time it is asked (0.1 ms of a long one), and an
instant is read as this house stores it, without looking into the settings (55 times on a list of letters).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3.operations import DatabaseOperations as Operations


@lru_cache(maxsize=2048)
def _in_marks(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class Cursor(base.SQLiteCursorWrapper):
    def convert_query(self, query: str, *, param_names: Iterable[str] | None = None) -> str:
        if param_names is None:
            return _in_marks(query)
        said: str = super().convert_query(query, param_names=param_names)
        return said


class DatabaseOperations(Operations):
    def convert_datetimefield_value(
        self, value: str | datetime | None, expression: Any, connection: Any
    ) -> Any:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations

    def create_cursor(self, name: str | None = None) -> Cursor:
        cursor: Cursor = self.connection.cursor(factory=Cursor)
        return cursor
