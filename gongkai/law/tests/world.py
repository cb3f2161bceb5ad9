"""A small law for the tests of the fold: packs written in the test, facts in one line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from gongkai.law.calendar import SHANGHAI
from gongkai.law.fold import Fact, Folded, Obligation
from gongkai.law.pack import read
from gongkai.law.rules import Rulebook, Rules

HEAD = """
format = 1
[pack]
id = "{id}"
title = "{id}"
issuer = "清源县人民政府"
place = "{place}"
level = "county"
in_force_from = {since}
"""


def pack_file(
    folder: Path, body: str, *, id: str = "trial", place: str = "520399", since: str = "2020-01-01"
) -> Path:
    """Write a pack with a head into a folder of its own."""
    path = folder / place / id / "pack.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD.format(id=id, place=place, since=since) + body, encoding="utf-8")
    return path


def rules_of(folder: Path, body: str, place: str = "520399", **head: str) -> Rules:
    return Rulebook([read(pack_file(folder, body, place=place, **head))]).rules(place)


def moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def fact(
    seq: int, kind: str, at: str, *, recorded: str = "", corrects: int | None = None, **details: Any
) -> Fact:
    return Fact(seq, kind, moment(at), moment(recorded or at), details, corrects)


def the(folded: Folded, duty: str) -> Obligation:
    """The only obligation of a duty."""
    (found,) = (o for o in folded.obligations if o.duty.id == duty)
    return found


def whats(folded: Folded, duty: str = "") -> list[str]:
    return [str(e.what) for e in folded.entries if not duty or e.key.startswith(f"{duty}#")]
