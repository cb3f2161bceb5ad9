"""A database of its own for a measurement, filled by cloning: `desk(folder)` then `grow(letters)`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

TABLES = (
    # table, columns that point at cloned rows, columns that must stay unique
    ("ledger_matter", {"id": "ledger_matter"}, ("number",)),
    ("ledger_fact", {"id": "ledger_fact", "matter_id": "ledger_matter"}, ()),
    ("ledger_obligation", {"id": "ledger_obligation", "matter_id": "ledger_matter"}, ()),
    ("ledger_entry", {"id": "ledger_entry", "matter_id": "ledger_matter", "fact_id": "ledger_fact"}, ()),
    ("letters_letter", {"id": "letters_letter", "matter_id": "ledger_matter"}, ("code", "external_number")),
)


def desk(home: str):
    """Settings, schema and the demonstration county in a folder; returns the county."""
    os.environ.update(GONGKAI_HOME=home, DJANGO_SETTINGS_MODULE="gongkai.config.settings", GONGKAI_HOSTS="*")
    import django

    django.setup()
    from django.core.management import call_command

    from gongkai.config.demo.county import build_county
    from gongkai.ledger import clock
    from gongkai.people.models import Place

    call_command("migrate", verbosity=0, skip_checks=True)
    if Place.objects.filter(code="520399").exists():
        return None
    return build_county(clock.today(), "Qingyuan-2026")


def grow(wanted: int) -> int:
    """Clone what is there (matters, facts, obligations, entries, letters) until there are `wanted` letters."""
    from django.db import connection, transaction

    from gongkai.ledger import triggers
    from gongkai.letters.models import Letter

    with triggers.lifted(connection), connection.cursor() as cursor:
        base = Letter.objects.count()
        tops = {}
        for table, _, _ in TABLES:
            cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
            tops[table] = cursor.fetchone()[0]
        for copy in range(1, wanted // base):
            with transaction.atomic():
                for table, keys, unique in TABLES:
                    cursor.execute(f"SELECT * FROM {table} LIMIT 0")
                    columns = [column[0] for column in cursor.description]
                    values = []
                    for name in columns:
                        if name in keys:
                            values.append(f'"{name}" + {copy * tops[keys[name]]}')
                        elif name in unique:
                            values.append(
                                f"CASE WHEN \"{name}\" = '' THEN '' ELSE \"{name}\" || '-{copy}' END"
                                if name != "code"
                                else f"printf('%012d', id + {copy * tops['letters_letter']})"
                                if connection.vendor == "sqlite"
                                else f"LPAD((id + {copy * tops['letters_letter']})::text, 12, '0')"
                            )
                        else:
                            values.append(f'"{name}"')
                    names = ", ".join(f'"{name}"' for name in columns)
                    cursor.execute(
                        f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {table} WHERE id <= {tops[table]}"
                    )
        # what was cloned is history: answered and settled; the first letters stay at work
        letters, matters = tops["letters_letter"], tops["ledger_matter"]
        cursor.execute(
            "UPDATE letters_letter SET stage = 'closed', answer = '已答复', answered_at = received_at, opened_at = received_at "
            f"WHERE id > {letters}"
        )
        cursor.execute(
            f"UPDATE ledger_obligation SET state = 'met', settled_at = opened_at, breached_at = NULL WHERE matter_id > {matters}"
        )
        cursor.execute(f"UPDATE ledger_matter SET next_at = NULL WHERE id > {matters}")
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
    return Letter.objects.count()
