"""Rows by many keys at once: one value for the database, however many there are."""

from __future__ import annotations

import json
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigAutoField, BigIntegerField, Lookup
from django.db.models.sql.compiler import SQLCompiler


class Among(Lookup):
    """Whether a number is one of a list: `pk__among=[…]`."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", [*params, json.dumps(list(self.rhs))]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::bigint[])", [*params, list(self.rhs)]


def register() -> None:
    """Make the lookup known to the keys it is for."""
    BigAutoField.register_lookup(Among)
    BigIntegerField.register_lookup(Among)
