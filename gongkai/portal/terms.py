"""The duties of a place in words: what is owed, how long it may take, by whom, under which article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gongkai.ledger import asks, lawbook, wording
from gongkai.ledger.vocabulary import KINDS
from gongkai.people.models import Duty as Responsibility

OUTSIDE = ("writer", "public", "applicant")  # those outside government to whom something is owed
OWNERS = {"lead": "牵头收信单位", "responsible": "承办单位", "named": "交办或协办的单位"}
PERIODS = {"year": "每年", "half": "每半年", "quarter": "每季度", "month": "每月", "november": "每年11月"}


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A duty as it is read. `is_local`: the regulation gives no length, the place has set it (本地设定)."""

    id: str
    says: str
    length: str
    lengths: Mapping[str, str]
    cite: str
    owner: str
    after: str
    claimant: str
    is_local: bool
    is_soft: bool
    is_periodic: bool

    @property
    def is_for_people(self) -> bool:
        return self.claimant in OUTSIDE

    def length_of(self, name: str) -> str:
        """How long a matter of a class may take; every length where the class is not known."""
        return self.lengths.get(name) or self.length


def terms(place: str) -> Mapping[str, Term]:
    """Every duty that holds at a place, by id, in the order of its regulations. One query."""
    return _terms(place, lawbook.rules(place))


@lru_cache(maxsize=64)
def _terms(place: str, _rules: object) -> Mapping[str, Term]:
    found: dict[str, Term] = {}
    for id in lawbook.rules(place).duties:
        duty = asks.duty_of(place, id)
        if duty is None:
            continue
        found[id] = Term(
            id=id,
            says=duty.says,
            length=_length(duty),
            lengths={name: span.zh for name, span in duty.within.spans().items()} if duty.within else {},
            cite=asks.cite_of(place, id),
            owner=owner_zh(duty.owner),
            after="、".join(_opener(opener.fact, {**opener.when, **duty.when}) for opener in duty.opened_by),
            claimant=duty.claimant,
            is_local="within" in duty.local,
            is_soft=duty.soft or bool(duty.soft_when),
            is_periodic=bool(duty.every),
        )
    return found


def owner_zh(owner: str) -> str:
    """Who owes it: 承办单位, or the department that answers for a responsibility."""
    if owner in OWNERS:
        return OWNERS[owner]
    return f"{Responsibility(owner).label}部门" if owner in Responsibility.values else owner


def condition_zh(when: dict[str, Any]) -> str:
    """The values a condition asks for: 举报投诉."""
    said = (values for name, values in when.items() if name not in wording.CODES)
    return "、".join(
        value for values in said for value in values if value not in ("true", "false", "present", "absent")
    )


def _opener(kind: str, when: dict[str, Any]) -> str:
    says = KINDS[kind].says if kind in KINDS else kind
    values = condition_zh(when)
    return f"{says}（{values}）" if values else says


def _length(duty: Any) -> str:
    """How long, in words; a table of lengths is read out entry by entry."""
    if duty.within is not None:
        spans = duty.within.spans()
        ordered = sorted(((span.unit, span.amount, name, span.zh) for name, span in spans.items() if name))
        named = [f"{name} {length}" for _unit, _amount, name, length in ordered]
        return "，".join(named) if named else str(spans[""].zh)
    if duty.every:
        return f"{PERIODS[duty.every]}至少 {duty.at_least} 次"
    if duty.before is not None:
        return f"至少满 {duty.before.zh}"
    return "同时办" if duty.with_ else "没有规定时限"
