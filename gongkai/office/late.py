"""What is late: one row a matter, its most urgent duty chosen, with what was done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from gongkai.ledger import asks, supervision
from gongkai.ledger.models import Obligation
from gongkai.ledger.supervision import Supervision
from gongkai.people.actor import Actor
from gongkai.ui.refusal import Verdict

FIRST = 10  # late matters shown on a board


@dataclass(frozen=True, slots=True)
class Case:
    """A late matter: its most urgent duty, how it looks, what was done about it; how many `others` are late too."""

    obligation: Obligation
    others: int
    face: asks.Face
    says: str
    done: Supervision
    may_urge: Verdict
    may_supervise: Verdict

    @property
    def officer(self) -> str:
        """Who works on it in the unit that owes; empty when nobody does yet."""
        letter = getattr(self.obligation.matter, "letter", None)
        owes = letter is not None and letter.unit_id == self.obligation.unit_id
        return letter.officer.name if letter and owes and letter.officer else ""


def late_cases(rows: QuerySet[Obligation], actor: Actor, now: datetime, limit: int = FIRST) -> list[Case]:
    """The late matters among what these duties are of, longest late first. Two queries.

    Of several late duties of a matter the firm ones come before those that hold in principle, then the longest late.
    """
    found = rows.late(now).filter(is_minimum=False)  # type: ignore[attr-defined]
    matter = F("matter_id")
    found = found.annotate(
        rank=Window(RowNumber(), partition_by=matter, order_by=["is_soft", "due_at", "pk"]),
        count=Window(Count("pk"), partition_by=matter),
    ).filter(rank=1)
    found = found.select_related("matter__letter__officer", "unit").order_by("due_at", "pk")
    late = list(
        found.defer("matter__letter__text", "matter__letter__writer", "matter__letter__answer")[:limit]
    )
    done = supervision.of(late)
    return [
        Case(
            o,
            o.count - 1,
            asks.face(o, now),
            asks.says_of(o.place_id, o.duty),
            done[o.pk],
            supervision.may_urge(actor, o, done[o.pk], now),
            supervision.may_supervise(actor, o, done[o.pk]),
        )
        for o in late
    ]
