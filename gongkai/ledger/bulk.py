"""Reading and writing rows past the ORM's objects: where every fact passes, and imports of a city's hotline.

Rows are tuples in the order of the named fields; instants, flags and JSON are turned into what the database stores
and back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models

Row = tuple[Any, ...]


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


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows of the named fields (attribute names). Every field without a database default must be named."""
    fields = [_field(model, name) for name in names]
    adapt = [_adapter(field) for field in fields]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    ready = [tuple(f(v) if f is not None else v for f, v in zip(adapt, row, strict=True)) for row in rows]
    if not ready:
        return
    with connection.cursor() as cursor:
        cursor.executemany(f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({marks})', ready)


def update(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Set the named fields of rows; each tuple ends with the primary key."""
    fields = [_field(model, name) for name in (*names, "id")]
    adapt = [_adapter(field) for field in fields]
    ready = [tuple(f(v) if f is not None else v for f, v in zip(adapt, row, strict=True)) for row in rows]
    if not ready:
        return
    columns = ", ".join(f'"{field.column}" = %s' for field in fields[:-1])
    with connection.cursor() as cursor:
        cursor.executemany(f'UPDATE "{model._meta.db_table}" SET {columns} WHERE id = %s', ready)


def select(model: type[models.Model], names: Sequence[str], matters: Sequence[int]) -> dict[int, list[Row]]:
    """Rows of the named fields by their matter, in the order of their primary key."""
    fields = [_field(model, name) for name in names]
    back = [_reader(field) for field in fields]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(matters))
    sql = (
        f'SELECT matter_id, {columns} FROM "{model._meta.db_table}" WHERE matter_id IN ({marks}) ORDER BY id'
    )
    found: dict[int, list[Row]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, list(matters))
        for matter, *values in cursor.fetchall():
            row = tuple(
                f(v) if f is not None and v is not None else v for f, v in zip(back, values, strict=True)
            )
            found.setdefault(matter, []).append(row)
    return found


def insert_objects(objects: Sequence[models.Model]) -> None:
    """Insert model instances whose primary keys are set, every column of them."""
    if not objects:
        return
    model = type(objects[0])
    names = [field.attname for field in model._meta.concrete_fields]
    insert(model, names, (tuple(getattr(one, name) for name in names) for one in objects))


def _field(model: type[models.Model], name: str) -> Any:
    return next(field for field in model._meta.concrete_fields if field.attname == name)


def _adapter(field: Any) -> Callable[[Any], Any] | None:
    """What turns a value into what the database takes; None where it is taken as it is."""
    if isinstance(field, models.JSONField):
        return lambda value: json.dumps(value, ensure_ascii=False)
    if isinstance(field, models.DateTimeField) and connection.vendor == "sqlite":
        return _sqlite_moment
    if isinstance(field, models.BooleanField) and connection.vendor == "sqlite":
        return lambda value: None if value is None else int(value)
    if isinstance(field, models.BinaryField):
        return lambda value: value
    return None


def _reader(field: Any) -> Callable[[Any], Any] | None:
    """What turns a stored value into Python's; None where it is that already."""
    if isinstance(field, models.JSONField):
        return lambda value: json.loads(value) if isinstance(value, str) else value
    if isinstance(field, models.DateTimeField) and connection.vendor == "sqlite":
        return lambda value: value.replace(
            tzinfo=UTC
        )  # Django's SQLite hands out instants without their zone
    if isinstance(field, models.BooleanField) and connection.vendor == "sqlite":
        return bool
    return None


def _sqlite_moment(value: datetime | None) -> str | None:
    """Django's own text of an instant in SQLite: UTC without an offset."""
    if value is None:
        return None
    return str(value.astimezone(UTC).replace(tzinfo=None))
