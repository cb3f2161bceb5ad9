"""The index of pairs behind one lookup: FTS5 without positions on SQLite, GIN over an array on PostgreSQL.

Both answer only "which entries hold all these tokens"; order and exactness are the asking side's business. A
later migration that alters `search_entry` on SQLite remakes the table and drops its triggers: it must call
`remove` before and `install` after.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup, TextField
from django.db.models.sql.compiler import SQLCompiler

TABLE = "search_entry"
FTS = f"{TABLE}_fts"
BYTEWISE = 'COLLATE "C"'  # tokens are compared by bytes, whatever the locale of the database


class TokenField(TextField):  # type: ignore[type-arg]
    """Tokens separated by spaces; `tokens__holds=(…)` finds the rows that hold them all."""


@TokenField.register_lookup
class Holds(Lookup):
    """Whether a row holds every token of a tuple. Answered by the index alone, never by reading rows."""

    lookup_name = "holds"
    prepare_rhs = False

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        match = " ".join(f'"{token}"' for token in self.rhs)
        table = compiler.quote_name_unless_alias(self.lhs.alias)
        return f'{table}."id" IN (SELECT rowid FROM {FTS} WHERE {FTS} MATCH %s)', [match]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"search_tokens({column}) {BYTEWISE} @> %s::text[]", [*params, list(self.rhs)]


def install_statements(vendor: str) -> Iterator[str]:
    if vendor == "postgresql":
        # COST keeps the planner from computing the array for every row when a token is common
        yield (
            "CREATE FUNCTION search_tokens(text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT "
            "PARALLEL SAFE COST 10000 AS $$ BEGIN RETURN string_to_array($1, ' '); END $$"
        )
        yield f"CREATE INDEX {TABLE}_pairs ON {TABLE} USING gin (search_tokens(tokens) {BYTEWISE})"
        return
    forget = f"INSERT INTO {FTS}({FTS}, rowid, tokens) VALUES ('delete', old.id, old.tokens);"
    learn = f"INSERT INTO {FTS}(rowid, tokens) VALUES (new.id, new.tokens);"
    yield (
        f"CREATE VIRTUAL TABLE {FTS} USING fts5(tokens, content='{TABLE}', content_rowid='id', detail=none, "
        "columnsize=0, tokenize='ascii')"
    )
    yield f"CREATE TRIGGER {TABLE}_inserted AFTER INSERT ON {TABLE} BEGIN {learn} END"
    yield f"CREATE TRIGGER {TABLE}_deleted AFTER DELETE ON {TABLE} BEGIN {forget} END"
    yield f"CREATE TRIGGER {TABLE}_updated AFTER UPDATE OF tokens ON {TABLE} BEGIN {forget} {learn} END"
    yield f"INSERT INTO {FTS}({FTS}) VALUES ('rebuild')"


def remove_statements(vendor: str) -> Iterator[str]:
    if vendor == "postgresql":
        yield f"DROP INDEX IF EXISTS {TABLE}_pairs"
        yield "DROP FUNCTION IF EXISTS search_tokens(text)"
        return
    for event in ("inserted", "deleted", "updated"):
        yield f"DROP TRIGGER IF EXISTS {TABLE}_{event}"
    yield f"DROP TABLE IF EXISTS {FTS}"


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the index and fill it from what is in the table."""
    with connection.cursor() as cursor:
        for statement in install_statements(connection.vendor):
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for statement in remove_statements(connection.vendor):
            cursor.execute(statement)
