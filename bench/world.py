"""A database of its own for a measurement: `desk(folder)`, `bring(county, letters)`, then `grow(letters)` by cloning."""

from __future__ import annotations

import csv
import os
import random
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

AT_WORK = 2_000
"""Letters at work in a grown world: ten days of a county; all the others are answered."""
AT_ONCE = 5
TABLES = (
    # table, columns that point at cloned rows, columns that must stay unique
    ("ledger_matter", {"id": "ledger_matter"}, ("number",)),
    ("ledger_fact", {"id": "ledger_fact", "matter_id": "ledger_matter"}, ()),
    ("ledger_obligation", {"id": "ledger_obligation", "matter_id": "ledger_matter"}, ()),
    ("ledger_entry", {"id": "ledger_entry", "matter_id": "ledger_matter", "fact_id": "ledger_fact"}, ()),
    ("letters_letter", {"id": "letters_letter", "matter_id": "ledger_matter"}, ("code", "external_number")),
)


def desk(home: str):
    """Settings, schema and the demonstration county in a folder; returns the county, None when it was there."""
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


def bring(folder: Path, count: int, tag: str = "H"):
    """Import `count` letters of a hotline's file, made of the demonstration's scenes; the report of the import."""
    from gongkai.ledger import clock
    from gongkai.letters.imports import Importer, mapping_for, read_rows
    from gongkai.people.actor import Actor
    from gongkai.people.models import Place

    file, place = folder / f"{tag}.csv", Place.objects.get(code="520399")
    write_file(file, count, tag)
    columns, rows = read_rows(file)
    importer = Importer(
        place, mapping_for(place, columns, {}), source="12345热线", by=Actor.system(place), now=clock.now()
    )
    for _ in importer.run(rows):
        pass
    return importer.report


def write_file(path: Path, count: int, tag: str) -> None:
    raw = tomllib.loads((ROOT / "gongkai/config/demo/scenes.toml").read_text(encoding="utf-8"))
    chance = random.Random(7)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("编号", "来信时间", "标题", "正文", "来源", "性质", "承办单位", "姓名", "电话"))
        for number in range(count):
            scene = chance.choice(raw["scene"])
            fill = {name: chance.choice(values) for name, values in raw["words"].items()} | {
                "road2": "南环路"
            }
            text = "".join(chance.choice(raw["scene"])["text"].format(**fill) for _ in range(3))
            at = f"2026-{chance.randrange(1, 11):02}-{chance.randrange(1, 29):02} {chance.randrange(8, 20):02}:15"
            row = (
                scene["title"].format(**fill),
                scene["text"].format(**fill) + text,
                "12345热线",
                scene["nature"],
            )
            writer.writerow(
                (f"{tag}{number}", at, *row, "县住建局" if number % 3 else "", "王五", f"139{number:08}")
            )


def grow(wanted: int) -> int:
    """Clone what is there (matters, facts, obligations, entries, letters) until there are `wanted` letters.

    What is cloned is history, answered and settled; the first letters stay at work. Not in the index of the search.
    """
    from django.db import connection, transaction

    from gongkai.ledger import triggers
    from gongkai.letters.models import Letter

    copies = wanted // max(Letter.objects.count(), 1) - 1
    if copies < 1:
        return Letter.objects.count()
    with triggers.lifted(connection), connection.cursor() as cursor:
        tops = {}
        for table, _, _ in TABLES:
            cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
            tops[table] = cursor.fetchone()[0]
        indexes = _indexes(cursor) if connection.vendor == "sqlite" else []
        for name, _sql in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        for first in range(1, copies + 1, AT_ONCE):
            with transaction.atomic():
                _clone(cursor, first, min(first + AT_ONCE - 1, copies), tops)
        for _name, sql in indexes:
            cursor.execute(sql)
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
    return Letter.objects.count()


def _clone(cursor, first: int, last: int, tops: dict) -> None:
    """The copies of these numbers. A few at once: SQLite searches a long write-ahead log for every page."""
    from django.db import connection

    for table, keys, unique in TABLES:
        cursor.execute(f"SELECT * FROM {table} LIMIT 0")
        columns = [column[0] for column in cursor.description]
        values = [_cloned(table, name, keys, unique, tops, connection.vendor) for name in columns]
        names = ", ".join(f'"{name}"' for name in columns)
        cursor.execute(
            f"WITH RECURSIVE k(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM k WHERE n < {last}) "
            f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM k CROSS JOIN {table} t "
            f"WHERE t.id <= {tops[table]}"
        )


SETTLED = {
    ("letters_letter", "stage"): "'closed'",
    ("letters_letter", "answer"): "'已答复'",
    ("letters_letter", "answered_at"): "t.received_at",
    ("letters_letter", "opened_at"): "t.received_at",
    ("ledger_obligation", "state"): "'met'",
    ("ledger_obligation", "settled_at"): "t.opened_at",
    ("ledger_obligation", "breached_at"): "NULL",
    ("ledger_matter", "next_at"): "NULL",
}


def _cloned(table: str, name: str, keys: dict, unique: tuple, tops: dict, vendor: str) -> str:
    """A column of a cloned row, as SQL over `t`, the row, and `k.n`, the number of the copy."""
    if name in keys:
        return f't."{name}" + k.n * {tops[keys[name]]}'
    if name == "code":
        number = f"(t.id + k.n * {tops['letters_letter']})"
        return f"printf('%012d', {number})" if vendor == "sqlite" else f"LPAD({number}::text, 12, '0')"
    if name in unique:
        return f"CASE WHEN t.\"{name}\" = '' THEN '' ELSE t.\"{name}\" || '-' || k.n END"
    return SETTLED.get((table, name), f't."{name}"')


def _indexes(cursor) -> list[tuple[str, str]]:
    """The indexes that can be dropped and made again, with what makes them."""
    tables = ", ".join(f"'{table}'" for table, _, _ in TABLES)
    cursor.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({tables})"
    )
    return list(cursor.fetchall())
