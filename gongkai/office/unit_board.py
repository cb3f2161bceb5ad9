"""The board of one unit: what stands open by duty, how it kept over six months, its letters by stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from gongkai.ledger import asks
from gongkai.ledger.asks import Kept, Load
from gongkai.ledger.models import Obligation
from gongkai.letters.models import Letter, Stage
from gongkai.office.board import Cell, month_of, total_load, weekly_shares
from gongkai.people.models import Unit

MONTHS = 6
WORKED = (Stage.ASSIGNED, Stage.HANDLING, Stage.SIGNING)


@dataclass(frozen=True, slots=True)
class UnitBoard:
    """One unit: what stands open by duty, how it kept over six months, its letters by stage."""

    unit: Unit
    open: Sequence[Cell]
    months: Sequence[tuple[date, Kept]]
    weeks: Sequence[float]
    stages: Sequence[tuple[str, int]]

    @property
    def load(self) -> Load:
        return total_load(cell.load for cell in self.open)

    @property
    def this_month(self) -> Kept:
        return self.months[-1][1]

    @property
    def sentence(self) -> str:
        load, kept = self.load, self.this_month
        late = f"{load.late} 件逾期" if load.late else "没有逾期"
        today = f"{load.today} 件今天到期" if load.today else "今天没有到期的"
        said = f"{late}，{today}，在办 {load.total} 件。"
        return said + (
            f"本月到期 {kept.due} 件，按时 {kept.met} 件。" if kept.due else "本月还没有到期的事。"
        )


def unit_board(unit: Unit, letters: QuerySet[Letter], now: datetime) -> UnitBoard:
    """The board of one unit; `letters` are those the reader may see. Four queries."""
    rows = Obligation.objects.filter(unit=unit)
    loads = asks.load(rows, now)
    opened = [
        Cell(duty, asks.says_of(unit.place_id, duty), load)
        for (duty,), load in sorted(loads.items(), key=lambda row: (-row[1].late, -row[1].total))
    ]
    stages = dict(
        letters.filter(unit=unit, stage__in=WORKED).order_by().values_list("stage").annotate(n=Count("pk"))
    )
    return UnitBoard(
        unit,
        opened,
        monthly(rows, now),
        weekly_shares(rows, now).get(unit.pk, []),
        [(stage.label, stages[stage]) for stage in WORKED if stages.get(stage)],
    )


def monthly(rows: QuerySet[Obligation], now: datetime) -> list[tuple[date, Kept]]:
    """How duties were kept in this and the five months before, oldest first. One query."""
    month = month_of(now)
    firsts = [month]
    while len(firsts) < MONTHS:
        firsts.append(month_of(firsts[-1] - timedelta(days=1)))
    by_month = rows.annotate(month=TruncMonth("due_at", tzinfo=timezone.get_current_timezone()))
    kept = asks.kept(by_month, firsts[-1], now, ("month",))
    counted = {timezone.localtime(key[0]).date(): value for key, value in kept.items()}
    days = [timezone.localtime(first).date() for first in reversed(firsts)]
    return [(day, counted.get(day, Kept())) for day in days]
