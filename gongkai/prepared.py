"""Questions that are asked on every page: the ORM says them once, then the database answers with other values.

Putting a queryset into words costs Django more than most answers cost the database. So a queryset with `Slot`s in
the place of what changes (the time, the key of a page) is compiled once; who makes it keeps it, by whatever shapes
the question: the reader's powers, the view. Of an answer nothing is kept, but by `ask_once` and `made_once`.

    @lru_cache(maxsize=256)
    def _late(actor: Actor) -> Prepared[Letter]:
        return Prepared(visible_to(actor).filter(due_at__lte=Slot("now", DateTimeField())))

    _late(actor).ask(now=now)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, QuerySet
from django.db.models.query import ModelIterable, get_related_populators
from django.db.models.sql.compiler import SQLCompiler

T = TypeVar("T")
R = TypeVar("R")


_era = [0]


def forget() -> None:
    """Let no kept answer count any more: the database is another one."""
    _era[0] += 1


def era() -> int:
    """Part of every mark: how often all was forgotten."""
    return _era[0]


class Slot(Expression):
    """A value given when the question is asked; `field` says how the database takes it."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [self]

    def given(self, value: Any, database: BaseDatabaseWrapper) -> Any:
        """The value as the database takes it."""
        return self.output_field.get_db_prep_value(value, database)


class Several(Slot):
    """Any number of values at once, for `…__in`: the question has the same words however many there are."""

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "SELECT value FROM json_each(%s)", [self]

    def as_postgresql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        return f"SELECT unnest(%s::{self.output_field.db_type(connection)}[])", [self]

    def given(self, value: Any, database: BaseDatabaseWrapper) -> Any:
        """A list for PostgreSQL, the same as JSON for SQLite."""
        values = [super(Several, self).given(one, database) for one in value]
        return values if database.vendor == "postgresql" else json.dumps(values)


class Prepared(Generic[T]):
    """A queryset in the words of the database: `ask` gives its rows, instances of its model or tuples of `values_list`.

    No prefetching, no flat or named tuples. Bound to no thread. Plain words (`'received'`) are written out, so that
    SQLite sees which partial index serves.
    """

    def __init__(self, rows: QuerySet[Any, T]) -> None:
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql = ""
        self.kept: tuple[Hashable, Any] | None = None
        try:
            words, params = compiler.as_sql()
        except EmptyResultSet:  # a question nothing can answer: no row is among none
            return
        plain = [isinstance(one, str) and (not one or (one.isascii() and one.isalpha())) for one in params]
        self.given = [one for one, is_plain in zip(params, plain, strict=True) if not is_plain]
        self.sql = words.replace("%%", "%%%%") % tuple(
            f"'{one}'" if is_plain else "%s" for one, is_plain in zip(params, plain, strict=True)
        )
        expressions = [column[0] for column in compiler.select]
        self.readers = [
            (at, reader, expression)
            for at, (readers, expression) in compiler.get_converters(expressions).items()
            for reader in readers
        ]
        self.make: Callable[[list[Any]], Any] = tuple
        if rows._iterable_class is ModelIterable:
            self.make = _maker(compiler)

    def ask(self, **values: Any) -> list[T]:
        """The rows as they are now. Every slot needs a value by its name. One query, none when nothing can answer."""
        return self._ask(self.sql, values)

    def some(self, first: int, most: int, **values: Any) -> list[T]:
        """At most `most` of the rows, from the one numbered `first` (from 0) on."""
        return self._ask(f"{self.sql} LIMIT {most:d} OFFSET {first:d}", values)

    def _ask(self, sql: str, values: Mapping[str, Any]) -> list[T]:
        if not self.sql:
            return []
        database = connections[DEFAULT_DB_ALIAS]
        params = [
            one.given(values[one.name], database) if isinstance(one, Slot) else one for one in self.given
        ]
        with database.cursor() as cursor:
            cursor.execute(sql, params)
            found: Iterable[Any] = cursor.fetchall()
        if not self.readers and self.make is tuple:
            return list(found)
        return [self._read(list(row), database) for row in found]

    def ask_once(self, mark: Hashable, **values: Any) -> list[T]:
        """The rows as they were when `mark` was first given; another mark asks again, and only the last is kept.

        The caller's mark moves with everything the answer hangs on: see `ledger.asks.mark`.
        """
        return self.made_once(mark, _as_they_are, **values)

    def made_once(self, mark: Hashable, make: Callable[[list[T]], R], **values: Any) -> R:
        """As `ask_once`, what `make` makes of the rows: that is kept, and they are not. One question, one `make`."""
        kept = self.kept
        if kept is None or kept[0] != mark:
            self.kept = kept = mark, make(self.ask(**values))
        made: R = kept[1]
        return made

    def _read(self, row: list[Any], database: BaseDatabaseWrapper) -> T:
        for at, reader, expression in self.readers:
            row[at] = reader(row[at], expression, database)
        made: T = self.make(row)
        return made


def _as_they_are(rows: list[T]) -> list[T]:
    return rows


def totals(rows: QuerySet[Any, Any], **figures: Any) -> Prepared[tuple[Any, ...]]:
    """One row of aggregates over all the rows, in the order of their names: `aggregate`, prepared."""
    counted = rows.order_by().annotate(**figures).values_list(*figures)
    counted.query.group_by = None
    return Prepared(counted)


def _maker(compiler: SQLCompiler) -> Callable[[list[Any]], Any]:
    """What makes an instance of a row, with its related ones and annotations, as a queryset does."""
    info = compiler.klass_info
    assert info is not None
    model, fields = info["model"], info["select_fields"]
    start, end = fields[0], fields[-1] + 1
    names = [column[0].target.attname for column in compiler.select[start:end]]
    related = get_related_populators(info, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]
    annotated = list((compiler.annotation_col_map or {}).items())

    def make(row: list[Any]) -> Any:
        made = model.from_db(DEFAULT_DB_ALIAS, names, row[start:end])
        for one in related:
            one.populate(row, made)
        for name, at in annotated:
            setattr(made, name, row[at])
        return made

    return make
