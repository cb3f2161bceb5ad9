"""The vocabulary of facts: every kind with its wording and the details it carries. Rooms declare, the ledger knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.apps import apps


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact. `public` is how the citizen reads it; empty means it is not shown outside."""

    name: str
    says: str
    details: Mapping[str, str] = field(default_factory=dict)
    public: str = ""

    def __str__(self) -> str:
        return self.name


KINDS: dict[str, Kind] = {}


def kind(name: str, says: str, /, *, public: str = "", **details: str) -> Kind:
    """Declare a kind of fact once. Raises ValueError when two rooms claim one name."""
    if name in KINDS:
        raise ValueError(f"事实 {name} 已有别的房间声明，请换一个名字。")
    KINDS[name] = Kind(name, says, details, public)
    return KINDS[name]


def says(name: str) -> str:
    known = KINDS.get(name)
    return known.says if known else name


def says_of_record(id: str) -> str:
    """What carries out a clause as a record, in words: a kind of fact, or a model (`documents.Document`)."""
    return KINDS[id].says if id in KINDS else str(apps.get_model(id)._meta.verbose_name)


PERIOD_OPENED = kind("period.opened", "进入新的周期", duty="职责编号", period="年、月等", unit="单位")
VOIDED = kind("fact.voided", "撤销一条误记的事实")
SUPERVISED = kind(
    "supervision.issued",
    "发出督办",
    public="已督办",
    party="被督办单位",
    obligation="应办事项",
    within="时长",
    words="要求",
)
URGED = kind("supervision.urged", "催办", party="被催办单位", obligation="应办事项")
ANSWERED = kind(
    "supervision.answered", "报告督办结果", party="被督办单位", obligation="应办事项", words="结果"
)
