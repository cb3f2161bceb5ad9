"""Reading and writing rows past the ORM's objects: where every fact passes, and imports of a city's hotline.

Rows are tuples in the order of the named fields; instants, flags and JSON are turned into what the database stores
and back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from django.db import connection, models

Row = tuple[Any, ...]
_JSON = json.JSONEncoder(ensure_ascii=False)
Adapters = tuple[tuple[int, Callable[[Any], Any]], ...]  # by the place of the value in its row
TOGETHER = 40
"""Rows in one statement on SQLite, which pays for each, and most where a trigger may refuse it."""


def reserve(model: type[models.Model], count: int) -> range | list[int]:
    """Primary keys for `count` new rows, in order. Inside a transaction: SQLite has one writer at a time."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = f"pg_get_serial_sequence('{table}', 'id')"
            cursor.execute(f"SELECT nextval({sequence}) FROM generate_series(1, %s)", [count])
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()
    first = (last[0] if last else 0) + 1
    return range(first, first + count)


def expect_many() -> None:
    """Let SQLite hold in memory what thousands of rows touch, 64 MB, as long as the connection lives."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size=-64000")


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows of the named fields (attribute names). Every field without a database default must be named."""
    insert_ready(model, names, ready(model, names, rows))


def ready(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> list[list[Any]]:
    """Rows of the named fields as the database takes them, for `insert_ready`. Asks the database nothing."""
    return _adapted(rows, _insertion(model, tuple(names))[1])


def insert_ready(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of the named fields that are as the database takes them: by COPY on PostgreSQL.

    Inside a transaction: what a statement of many rows wrote before one was refused is undone with all the rest.
    """
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            columns = ", ".join(f'"{_field(model, name).column}"' for name in names)
            with cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            whole = len(rows) // TOGETHER * TOGETHER
            several = [list(chain(*rows[at : at + TOGETHER])) for at in range(0, whole, TOGETHER)]
            cursor.executemany(_insertion(model, tuple(names), TOGETHER)[0], several)
            cursor.executemany(_insertion(model, tuple(names))[0], rows[whole:])


def insert_one(model: type[models.Model], names: Sequence[str], row: Row) -> int:
    """Insert one row as `insert` does; its primary key."""
    words, adapters = _insertion(model, tuple(names))
    with connection.cursor() as cursor:
        cursor.execute(f"{words} RETURNING id", _adapted([row], adapters)[0])
        return int(cursor.fetchone()[0])


def add(model: type[models.Model], key: str, name: str, value: str, amount: int) -> int:
    """Add to a column of the row with that key, made when there is none and locked from then on; what it is now."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ("{key}", "{name}") VALUES (%s, %s) ON CONFLICT ("{key}") '
            f'DO UPDATE SET "{name}" = "{table}"."{name}" + excluded."{name}" RETURNING "{name}"',
            [value, amount],
        )
        return int(cursor.fetchone()[0])


def update(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Set the named fields of rows; each tuple ends with the primary key."""
    words, adapters = _change(model, tuple(names))
    ready = _adapted(rows, adapters)
    if not ready:
        return
    with connection.cursor() as cursor:
        cursor.executemany(words, ready)


def clear(rows: models.QuerySet[Any]) -> None:
    """Delete rows in one statement and read none of them first. What hangs on them must be gone."""
    rows._raw_delete(rows.db)


def clear_many(model: type[models.Model], keys: Sequence[int]) -> None:
    """Delete rows by their primary keys."""
    with connection.cursor() as cursor:
        cursor.executemany(f'DELETE FROM "{model._meta.db_table}" WHERE id = %s', [(key,) for key in keys])


def put(model: type[models.Model], key: Sequence[str], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows of the named fields; where a row has the same `key` (of a unique constraint) its other fields are set.

    With no field besides the key a row that is there stays as it is.
    """
    words, adapters = _insertion(model, tuple(names))
    ready = _adapted(rows, adapters)
    if not ready:
        return
    columns = [_field(model, name).column for name in names if name not in key]
    changes = ", ".join(f'"{column}" = excluded."{column}"' for column in columns)
    same = ", ".join(f'"{_field(model, name).column}"' for name in key)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"{words} ON CONFLICT ({same}) DO {f'UPDATE SET {changes}' if changes else 'NOTHING'}", ready
        )


def select(model: type[models.Model], names: Sequence[str], matters: Sequence[int]) -> dict[int, list[Row]]:
    """Rows of the named fields by their matter, in the order of their primary key."""
    words, readers = _selection(model, tuple(names), len(matters))
    found: dict[int, list[Row]] = {}
    with connection.cursor() as cursor:
        cursor.execute(words, list(matters))
        rows = cursor.fetchall()
    for matter, *values in rows:
        for at, read in readers:
            if values[at] is not None:
                values[at] = read(values[at])
        found.setdefault(matter, []).append(tuple(values))
    return found


@lru_cache(maxsize=64)
def _insertion(model: type[models.Model], names: tuple[str, ...], rows: int = 1) -> tuple[str, Adapters]:
    fields = [_field(model, name) for name in names]
    columns, marks = ", ".join(f'"{field.column}"' for field in fields), ", ".join(["%s"] * len(fields))
    verb = "INSERT" if rows == 1 else "INSERT OR FAIL"  # SQLite need not be able to undo it alone
    values = ", ".join([f"({marks})"] * rows)
    return f'{verb} INTO "{model._meta.db_table}" ({columns}) VALUES {values}', _adapters(fields)


@lru_cache(maxsize=64)
def _change(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, Adapters]:
    fields = [_field(model, name) for name in (*names, "id")]
    columns = ", ".join(f'"{field.column}" = %s' for field in fields[:-1])
    return f'UPDATE "{model._meta.db_table}" SET {columns} WHERE id = %s', _adapters(fields)


@lru_cache(maxsize=64)
def _selection(model: type[models.Model], names: tuple[str, ...], count: int) -> tuple[str, Adapters]:
    fields = [_field(model, name) for name in names]
    columns, marks = ", ".join(f'"{field.column}"' for field in fields), ", ".join(["%s"] * count)
    table, readers = model._meta.db_table, enumerate(map(_reader, fields))
    return (
        f'SELECT matter_id, {columns} FROM "{table}" WHERE matter_id IN ({marks}) ORDER BY id',
        tuple((at, read) for at, read in readers if read is not None),
    )


def _adapters(fields: Sequence[Any]) -> Adapters:
    return tuple((at, adapt) for at, adapt in enumerate(map(_adapter, fields)) if adapt is not None)


def _adapted(rows: Iterable[Row], adapters: Adapters) -> list[list[Any]]:
    ready = [list(row) for row in rows]
    for row in ready:
        for at, adapt in adapters:
            row[at] = adapt(row[at])
    return ready


def insert_objects(objects: Sequence[models.Model]) -> None:
    """Insert model instances whose primary keys are set, every column of them."""
    if not objects:
        return
    model = type(objects[0])
    insert(model, columns_of(model), map(values_of, objects))


@lru_cache(maxsize=64)
def columns_of(model: type[models.Model]) -> tuple[str, ...]:
    """The attribute names of all columns of a model."""
    return tuple(field.attname for field in model._meta.concrete_fields)


def values_of(one: models.Model) -> Row:
    """An instance as a row of `columns_of` its model."""
    return tuple(getattr(one, name) for name in columns_of(type(one)))


def _field(model: type[models.Model], name: str) -> Any:
    return next(field for field in model._meta.concrete_fields if field.attname == name)


def _adapter(field: Any) -> Callable[[Any], Any] | None:
    """What turns a value into what the database takes; None where it is taken as it is."""
    if isinstance(field, models.JSONField):
        return _JSON.encode
    if isinstance(field, models.DateTimeField) and connection.vendor == "sqlite":
        return _sqlite_moment
    if isinstance(field, models.BooleanField) and connection.vendor == "sqlite":
        return lambda value: None if value is None else int(value)
    return None


def _reader(field: Any) -> Callable[[Any], Any] | None:
    """What turns a stored value into Python's; None where it is that already."""
    if isinstance(field, models.JSONField):
        return lambda value: json.loads(value) if isinstance(value, str) else value
    if isinstance(field, models.BooleanField) and connection.vendor == "sqlite":
        return bool
    return None


@lru_cache(maxsize=1 << 14)
def _sqlite_moment(value: datetime | None) -> str | None:
    """Django's own text of an instant in SQLite: UTC without an offset."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(" ")[:-6]
