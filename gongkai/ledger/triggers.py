"""Append-only on both databases: facts, entries and seals refuse update, delete, truncate and replace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("ledger_fact", "ledger_entry", "ledger_seal")
REFUSAL = "append-only: 履职账本只能追加"


def install_statements(vendor: str, tables: Iterable[str] = TABLES) -> Iterator[str]:
    """Statements that make tables append-only. Other rooms protect their registers with it, in their migrations."""
    if vendor == "postgresql":
        yield (
            "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
        for table in tables:
            yield (
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
            )
        return
    for table in tables:
        for act in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        # REPLACE deletes without firing delete triggers: refuse an insert over an existing row
        yield (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN NEW.id IS NOT NULL AND EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def remove_statements(vendor: str, tables: Iterable[str] = TABLES) -> Iterator[str]:
    for table in tables:
        if vendor == "postgresql":
            yield f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}"
        else:
            for name in ("no_update", "no_delete", "no_replace"):
                yield f"DROP TRIGGER IF EXISTS {table}_{name}"


def install(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for statement in install_statements(connection.vendor):
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for statement in remove_statements(connection.vendor):
            cursor.execute(statement)


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Without the triggers for a while: only to empty a test database, or to tamper on purpose in a test."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)
