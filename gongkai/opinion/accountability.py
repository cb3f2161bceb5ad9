"""What the rules propose after an event: circular, talk, accountability, each with the entries that speak for it.

A proposal is not a decision. It is read from the ledger alone: which clocks of the event were missed, whether a
supervision order stayed unanswered, whether it got worse after a missed clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from gongkai.ledger import asks
from gongkai.ledger.models import Entry, Fact
from gongkai.opinion.models import Event
from gongkai.people.models import Unit

PASSIVE, WORSENED, WITHHELD = (
    "消极不作为且整改不到位",
    "回应不及时不主动不到位致舆情升级",
    "不按规定公开侵犯知情权",
)
MEASURES = {PASSIVE: "通报批评并约谈", WORSENED: "通报批评", WITHHELD: "会同监察机关追责"}
MISSED = Entry.Whats.BREACHED
ANSWERING = (
    "opinion.respond",
    "opinion.first_release",
    "opinion.press_conference",
    "opinion.accept",
    "opinion.gather",
    "opinion.keep_informing",
    "opinion.handle_offline",
)  # fmt: skip  what a responsible unit owes; not what the desks owe that grade and supervise


@dataclass(frozen=True, slots=True)
class Proposal:
    """One measure proposed against one unit, with the lines of the ledger behind it."""

    unit: Unit
    rule: str
    measure: str
    cite: str
    evidence: tuple[str, ...]


def proposals(event: Event) -> Iterator[Proposal]:
    """What the place's list of cases (opinion.accountability) proposes for this event; nothing where it has none."""
    known = asks.values_of(event.place_id, "opinion.accountability")
    cite = asks.cite_of_list(event.place_id, "opinion.accountability")
    missed = _missed(event)
    facts = list(Fact.objects.filter(matter=event.matter_id).order_by("id"))
    escalated = [fact for fact in facts if fact.kind == "opinion.escalated"]
    supervised = {fact.details.get("party") for fact in facts if fact.kind == "supervision.issued"}
    answered = {fact.details.get("party") for fact in facts if fact.kind == "supervision.answered"}
    for unit, entries in missed.items():
        lines = tuple(_line(event, entry) for entry in entries)
        if PASSIVE in known and unit.code in supervised - answered:
            yield Proposal(unit, PASSIVE, MEASURES[PASSIVE], cite, (*lines, "已发督办，没有报告结果"))
        worse = [fact for fact in escalated if any(entry.at <= fact.happened_at for entry in entries)]
        if WORSENED in known and worse:
            after = tuple(
                f"{timezone.localtime(fact.happened_at):%Y-%m-%d %H:%M} 舆情升级：{fact.details.get('reason', '')}"
                for fact in worse
            )
            yield Proposal(unit, WORSENED, MEASURES[WORSENED], cite, (*lines, *after))
        if WITHHELD in known and any(entry.key.startswith("opinion.first_release") for entry in entries):
            ordered = [
                fact for fact in facts if fact.kind == "opinion.detected" and fact.details.get("ordered_by")
            ]
            if ordered:
                yield Proposal(unit, WITHHELD, MEASURES[WITHHELD], cite, (*lines, "上级已要求主动回应"))


def _missed(event: Event) -> dict[Unit, list[Entry]]:
    """Missed clocks of answering by the unit that owed, undone ones left out."""
    rows = (
        Entry.objects.filter(matter=event.matter_id, what=MISSED, undone_by=None, unit__isnull=False)
        .select_related("unit")
        .order_by("at", "id")
    )
    found: dict[Unit, list[Entry]] = {}
    for row in rows:
        assert row.unit is not None
        if row.key.split("#")[0] not in ANSWERING:
            continue
        found.setdefault(row.unit, []).append(row)
    return found


def _line(event: Event, entry: Entry) -> str:
    says = asks.says_of(event.place_id, entry.key.split("#")[0])
    return f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M} {says}：到期未办"
