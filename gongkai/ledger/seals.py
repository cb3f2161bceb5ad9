"""Seals: SM3 over the facts and entries since the last seal, each root built on the one before.

A seal keeps the digest of every row it covers, so a row changed behind the ledger's back is named, and a
changed digest breaks the chain of roots.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from django.db import connection, transaction

from gongkai.ledger.models import Entry, Fact, Seal

SIZE = 32
GENESIS = "0" * 64
LOCK = 7151
FACT_FIELDS = (
    "id",
    "matter_id",
    "kind",
    "happened_at",
    "recorded_at",
    "by_id",
    "by_unit_id",
    "details",
    "corrects_id",
    "because",
)
ENTRY_FIELDS = (
    "id",
    "matter_id",
    "key",
    "what",
    "at",
    "recorded_at",
    "unit_id",
    "fact_id",
    "note",
    "undoes_id",
)


@dataclass(frozen=True, slots=True)
class Damage:
    """The first thing that does not agree: which table, which row, under which seal."""

    table: str
    row: int
    seal: int
    wrong: str

    def __str__(self) -> str:
        return f"{self.table} 第 {self.row} 行（封存 {self.seal}）：{self.wrong}"


def sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def digest_of(row: tuple[Any, ...]) -> bytes:
    """SM3 of a row's fields as canonical JSON; instants in UTC to the microsecond."""
    plain = [value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value for value in row]
    return sm3(json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())


def share_lock() -> None:
    """Writers hold this until they commit, so a seal never overtakes a row that is still on its way (PostgreSQL)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])


@transaction.atomic
def seal(at: datetime, limit: int = 50_000) -> Seal | None:
    """Seal what is new. Returns None when nothing is. At most `limit` rows of each table at once."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    last = Seal.objects.order_by("-id").first()
    fact_from, entry_from = (last.last_fact, last.last_entry) if last else (0, 0)
    facts = list(Fact.objects.filter(id__gt=fact_from).order_by("id").values_list(*FACT_FIELDS)[:limit])
    entries = list(Entry.objects.filter(id__gt=entry_from).order_by("id").values_list(*ENTRY_FIELDS)[:limit])
    if not facts and not entries:
        return None
    digests = b"".join(map(digest_of, facts)) + b"".join(map(digest_of, entries))
    return Seal.objects.create(
        sealed_at=at,
        first_fact=facts[0][0] if facts else fact_from,
        last_fact=facts[-1][0] if facts else fact_from,
        first_entry=entries[0][0] if entries else entry_from,
        last_entry=entries[-1][0] if entries else entry_from,
        digests=digests,
        root=sm3(bytes.fromhex(last.root if last else GENESIS) + digests).hex(),
    )


def seal_all(at: datetime) -> int:
    """Seal until nothing is left; the number of seals made."""
    count = 0
    while seal(at):
        count += 1
    return count


def verify() -> Iterator[Damage | int]:
    """Check every seal in order. Yields the number of rows each covers, or the first damage and then ends."""
    root, fact_from, entry_from = GENESIS, 0, 0
    for seal_ in Seal.objects.order_by("id").iterator(chunk_size=50):
        digests = bytes(seal_.digests)
        facts = (
            Fact.objects.filter(id__gt=fact_from, id__lte=seal_.last_fact)
            .order_by("id")
            .values_list(*FACT_FIELDS)
        )
        entries = (
            Entry.objects.filter(id__gt=entry_from, id__lte=seal_.last_entry)
            .order_by("id")
            .values_list(*ENTRY_FIELDS)
        )
        place = 0
        for table, rows in (("事实", facts), ("账目", entries)):
            for row in rows.iterator(chunk_size=5_000):
                if digest_of(row) != digests[place : place + SIZE]:
                    yield Damage(table, row[0], seal_.pk, "内容与封存时不同，或有行被增删")
                    return
                place += SIZE
        if place != len(digests):
            yield Damage("封存", seal_.pk, seal_.pk, "封存之后有行被删除")
            return
        root = sm3(bytes.fromhex(root) + digests).hex()
        if root != seal_.root:
            yield Damage("封存", seal_.pk, seal_.pk, "根不符，封存本身被改动")
            return
        fact_from, entry_from = seal_.last_fact, seal_.last_entry
        yield place // SIZE
