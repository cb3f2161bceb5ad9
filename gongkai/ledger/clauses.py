"""The clause table (制度落实): every clause of every regulation, what carries it out, and what proves it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from gongkai.law.pack import Pack
from gongkai.ledger import lawbook

MARK = re.compile(r"mark\.clause\(([^)]*)\)")
QUOTED = re.compile(r'"([A-Z]{2}-[A-Z]{2}-\w+-\d+)"')
TEST = re.compile(r"^def (test_\w+)", re.M)


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    pack: str
    title: str
    place: str
    cite: str
    says: str
    software: str
    carried_by: tuple[str, ...]
    tests: tuple[str, ...]
    note: str

    @property
    def state(self) -> str:
        """done, by_people, or not_yet."""
        return "done" if self.carried_by else "by_people" if self.software == "no" else "not_yet"


@lru_cache(maxsize=1)
def proofs() -> Mapping[str, tuple[str, ...]]:
    """Clause ids by what proves them: cases of the packs, and marked tests where the source is at hand."""
    found: dict[str, list[str]] = {}
    for case in lawbook.all_cases():
        for id in case.clauses:
            found.setdefault(id, []).append(f"案例：{case.name}")
    for path in _test_files():
        text = path.read_text(encoding="utf-8")
        for match in MARK.finditer(text):
            test = TEST.search(text, match.end())
            for id in QUOTED.findall(match[1]):
                found.setdefault(id, []).append(test[1] if test else path.name)
    return {id: tuple(dict.fromkeys(names)) for id, names in found.items()}


def _test_files() -> Iterator[Path]:
    root: Path = settings.ROOT
    yield from sorted(root.glob("tests/**/test_*.py"))
    yield from sorted(root.glob("gongkai/*/tests/test_*.py"))


def table(packs: Iterable[Pack]) -> Iterator[Row]:
    """Every clause of packs, in the order of their regulation."""
    proven = proofs()
    for pack in packs:
        for clause in pack.clauses.values():
            yield Row(
                clause.id, pack.head.id, pack.head.title, pack.head.place, clause.cite, clause.says, clause.software,
                clause.carried_by, proven.get(clause.id, ()), clause.note,
            )  # fmt: skip
