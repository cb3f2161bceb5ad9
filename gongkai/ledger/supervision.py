"""Supervision (催办、督办): whoever oversees a place urges or supervises the unit that owes, and it reports back.

Every step is a fact of the matter the duty belongs to, so packs may count it: an order of supervision keeps the
duty to supervise. The unit is told in the same transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.db import transaction
from django.db.models import QuerySet

from gongkai.law.clock import Span
from gongkai.ledger import actions, asks
from gongkai.ledger.models import Fact, Matter, Obligation
from gongkai.ledger.vocabulary import ANSWERED, SUPERVISED, URGED, says
from gongkai.notices import actions as notices
from gongkai.people.actor import Actor
from gongkai.people.models import Power, Unit
from gongkai.prepared import Prepared
from gongkai.text import screen
from gongkai.ui.refusal import Refused, Verdict

AGAIN = timedelta(hours=1)  # a duty is urged once in this time: a second click says nothing new
TERMS = ("4 working hours", "1 working day", "2 working days", "3 working days", "5 working days")
LONGEST = 300
ONLY_OVERSEER = "只有负责全地区督办的岗位可以这样做。"
REPORTING = (Power.HANDLE, Power.ASSIGN, Power.RECEIVE, Power.SIGN)


@dataclass(frozen=True, slots=True)
class Supervision:
    """What was done about a duty: how often urged, when last, the last order and its report, if any."""

    urged: int = 0
    urged_at: datetime | None = None
    order: Fact | None = None
    report: Fact | None = None

    @property
    def is_awaited(self) -> bool:
        """Supervised, and the unit has not reported yet."""
        return self.order is not None and self.report is None


def of(obligations: Iterable[Obligation]) -> dict[int, Supervision]:
    """What was done about each duty, by its primary key. One query."""
    rows = list(obligations)
    facts: dict[tuple[int, str], list[Fact]] = defaultdict(list)
    kinds = [kind.name for kind in (URGED, SUPERVISED, ANSWERED)]
    for fact in _standing(Fact.objects.filter(matter_id__in={o.matter_id for o in rows}, kind__in=kinds)):
        facts[fact.matter_id, fact.details.get("obligation", "")].append(fact)
    return {o.pk: _read(facts.get((o.matter_id, o.key), [])) for o in rows}


def awaited(units: Iterable[int], now: datetime) -> list[Fact]:
    """Orders of supervision that await a report of these units, oldest first.

    Looked for when a fact is new or the minute is another: two queries, or three.
    """
    codes = frozenset(code for (code,) in _codes(frozenset(units)).ask())
    return _ordered(codes).made_once(asks.mark(now), _unanswered)


@lru_cache(maxsize=256)
def _codes(units: frozenset[int]) -> Prepared[tuple[str]]:
    return Prepared(Unit.objects.filter(pk__in=units).order_by().values_list("code"))


@lru_cache(maxsize=256)
def _ordered(codes: frozenset[str]) -> Prepared[Fact]:
    kinds = [SUPERVISED.name, ANSWERED.name]
    return Prepared(_standing(Fact.objects.filter(kind__in=kinds, details__party__in=sorted(codes))))


def _unanswered(facts: Iterable[Fact]) -> list[Fact]:
    found: dict[tuple[int, str], Fact] = {}
    for fact in facts:
        key = (fact.matter_id, fact.details.get("obligation", ""))
        if fact.kind == SUPERVISED.name:
            found[key] = fact
        else:
            found.pop(key, None)
    return sorted(found.values(), key=lambda fact: fact.pk)


def _standing(facts: QuerySet[Fact]) -> QuerySet[Fact]:
    """Facts that were not corrected, in the order they were recorded."""
    return facts.filter(corrections=None).order_by("id")


def _read(facts: Iterable[Fact]) -> Supervision:
    urged, urged_at, order, report = 0, None, None, None
    for fact in facts:
        match fact.kind:
            case URGED.name:
                urged, urged_at = urged + 1, fact.happened_at
            case SUPERVISED.name:
                order, report = fact, None
            case _:
                report = fact
    return Supervision(urged, urged_at, order, report)


# ---- may they --------------------------------------------------------------------------------------------------


def may_urge(actor: Actor, obligation: Obligation, done: Supervision, at: datetime) -> Verdict:
    """Urge: a duty that stands and has a unit, not urged a moment ago."""
    if not (verdict := _may_oversee(actor, obligation)):
        return verdict
    if done.urged_at is not None and at - done.urged_at < AGAIN:
        return Verdict.no("一小时内已经催办过。", remedy="请等承办单位回应；仍不办的，可以发督办。")
    return Verdict.yes()


def may_supervise(actor: Actor, obligation: Obligation, done: Supervision) -> Verdict:
    """Supervise: a duty that stands and has a unit, with no order still waiting for its report."""
    if not (verdict := _may_oversee(actor, obligation)):
        return verdict
    if done.is_awaited:
        return Verdict.no("已经发出督办，单位还没有报告结果。", remedy="收到报告以后，仍未办的可以再发督办。")
    return Verdict.yes()


def may_answer(actor: Actor, obligation: Obligation, done: Supervision) -> Verdict:
    """Report back: somebody of the supervised unit, once for each order."""
    if done.order is None:
        return Verdict.no("没有对这一件发出督办。")
    unit = Unit.objects.filter(code=done.order.details.get("party", ""), place=actor.place).first()
    if unit is None or unit.pk not in actor.units(*REPORTING):
        return Verdict.no("只有被督办的单位可以报告督办结果。")
    if done.report is not None:
        return Verdict.no("这次督办已经报告过结果。")
    return Verdict.yes()


def _may_oversee(actor: Actor, obligation: Obligation) -> Verdict:
    if not actor.may(Power.OVERSEE) or obligation.place_id != actor.place.pk:
        return Verdict.no(ONLY_OVERSEER)
    if not obligation.is_standing:
        return Verdict.no(f"这一件{obligation.get_state_display()}，不用再催。")
    if obligation.unit_id in actor.units(Power.OVERSEE):
        return Verdict.no("这是本单位的事，不用催办。", remedy="请直接办理。")
    if obligation.unit is None:
        return Verdict.no("这一件还没有责任单位。", remedy="请先交办，或在“人员与单位”里登记由哪个单位负责。")
    return Verdict.yes()


# ---- the verbs -------------------------------------------------------------------------------------------------


@transaction.atomic
def urge(obligation: Obligation, *, by: Actor, at: datetime) -> Fact:
    """Urge the unit that owes a duty."""
    obligation = _locked(obligation)
    may_urge(by, obligation, of([obligation])[obligation.pk], at).enforce()
    fact = actions.record(URGED, matter=obligation.matter, by=by, at=at, details=_details(obligation))
    _tell(fact, obligation, "请尽快办理", at)
    return fact


@transaction.atomic
def supervise(obligation: Obligation, *, by: Actor, at: datetime, within: str, words: str = "") -> Fact:
    """Put a unit under supervision: it has to report within a length of `TERMS`. `words` say what is expected.

    Raises Refused for another length. Personal data in the words is masked.
    """
    if within not in TERMS:
        raise Refused(
            "没有这样的督办时限。", remedy=f"可以是：{'、'.join(term_zh(term) for term in TERMS)}。"
        )
    obligation = _locked(obligation)
    may_supervise(by, obligation, of([obligation])[obligation.pk]).enforce()
    details = _details(obligation) | {"within": within} | _said(words)
    fact = actions.record(SUPERVISED, matter=obligation.matter, by=by, at=at, details=details)
    _tell(fact, obligation, f"请在 {term_zh(within)}内报告结果。{details.get('words', '')}", at)
    return fact


@transaction.atomic
def answer(obligation: Obligation, *, by: Actor, at: datetime, words: str) -> Fact:
    """Report to whoever supervises what was done. Personal data in the words is masked."""
    obligation = _locked(obligation)
    done = of([obligation])[obligation.pk]
    may_answer(by, obligation, done).enforce()
    assert done.order is not None
    if len(words.strip()) < 4:
        raise Refused("请写明督办结果。", remedy="办了什么、什么时候办完，至少四个字。")
    details = {"party": done.order.details["party"], "obligation": obligation.key} | _said(words)
    fact = actions.record(ANSWERED, matter=obligation.matter, by=by, at=at, details=details)
    if done.order.by_unit is not None:
        _tell(fact, obligation, details["words"], at, done.order.by_unit)
    return fact


def term_zh(within: str) -> str:
    """A length of `TERMS` in Chinese: 1 个工作日."""
    return Span.parse(within).zh


def _locked(obligation: Obligation) -> Obligation:
    """The duty as it now stands, its matter locked first as whoever records does."""
    Matter.objects.locked(obligation.matter_id)
    return Obligation.objects.select_related("matter__place", "unit").get(pk=obligation.pk)


def _details(obligation: Obligation) -> dict[str, str]:
    return {"party": obligation.unit.code if obligation.unit else "", "obligation": obligation.key}


def _said(words: str) -> dict[str, str]:
    return {"words": screen.mask(words.strip())[:LONGEST]} if words.strip() else {}


def _tell(fact: Fact, obligation: Obligation, words: str, at: datetime, unit: Unit | None = None) -> None:
    """Tell a unit, by default the one that owes, in the transaction of the fact."""
    to, matter = unit or obligation.unit, obligation.matter
    assert to is not None
    notices.tell(
        key=f"{fact.kind}:{fact.pk}",
        unit=to,
        place=matter.place,
        title=f"{says(fact.kind)}：{asks.says_of(matter.place_id, obligation.duty)}",
        body=f"{matter.title}（{matter.number}）。{words}",
        number=matter.number,
        urgent=fact.kind == SUPERVISED.name,
        overseers=False,
        now=at,
    )
