"""The board of a place: units by duties and how they kept them, now and as it was known, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import TruncWeek
from django.utils import timezone

from gongkai.ledger import asks
from gongkai.ledger.asks import Kept, Load, Stood
from gongkai.ledger.models import Matter, Obligation, Seal
from gongkai.letters.models import Letter, Stage
from gongkai.office.late import FIRST
from gongkai.people.models import Place, Unit

WEEKS = 8
FACES = ("late", "today", "soon", "ample")


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands open of one duty in one unit."""

    duty: str
    says: str
    load: Load

    @property
    def marks(self) -> list[tuple[str, int]]:
        """Clocks with their counts, without zeros."""
        return [(face, count) for face in FACES if (count := getattr(self.load, face))]


@dataclass(frozen=True, slots=True)
class Line:
    """One unit, or the whole place: a cell for each duty, how it kept this month, its rate week by week."""

    name: str
    unit: Unit | None
    cells: Sequence[Cell]
    kept: Kept
    weeks: Sequence[float] = ()

    @property
    def load(self) -> Load:
        return total_load(cell.load for cell in self.cells)

    @property
    def change(self) -> float | None:
        """Percentage points from the first to the last week."""
        return round(100 * (self.weeks[-1] - self.weeks[0]), 1) if len(self.weeks) > 1 else None

    @property
    def trend(self) -> str:
        """The change in words: ↑ 4, 持平."""
        if self.change is None:
            return ""
        return f"{'↑' if self.change > 0 else '↓'} {abs(self.change):g}" if self.change else "持平"

    @property
    def label(self) -> str:
        return f"近八周按时率从 {self.weeks[0]:.0%} 到 {self.weeks[-1]:.0%}" if self.weeks else ""


@dataclass(frozen=True, slots=True)
class StoodLate:
    """A matter that was late as the ledger had it at an instant: its longest late duty, how many `others` were."""

    stood: Stood
    others: int
    matter: Matter
    unit: Unit | None
    says: str


@dataclass(frozen=True, slots=True)
class Board:
    """All of a place at an instant. `known_at` is set when it is told as it was known then."""

    at: datetime
    duties: Sequence[tuple[str, str]]
    lines: Sequence[Line]
    total: Line
    known_at: datetime | None = None
    last_month: Kept = field(default_factory=Kept)
    late: Sequence[StoodLate] = ()
    redone: int = 0
    provisional: int = 0
    seal: Seal | None = None

    @property
    def load(self) -> Load:
        return self.total.load

    @property
    def sentence(self) -> str:
        """The board in one sentence."""
        load = self.load
        if self.known_at:
            return f"那时账上有 {load.late} 件逾期，{load.soon} 件已提醒，在办 {load.total} 件。{self._rate}"
        late = f"{load.late} 件逾期" if load.late else "没有逾期"
        today = f"{load.today} 件今天到期" if load.today else "今天没有到期的"
        return f"{late}，{today}。{self._rate}"

    @property
    def _rate(self) -> str:
        now, before = self.total.kept, self.last_month
        month = f"{timezone.localtime(self.at).month}月" if self.known_at else "本月"
        if now.share is None:
            return f"{month}还没有到期的事。"
        said = f"{month}按时率 {now.share:.1%}（{now.due} 件中 {now.met} 件）"
        if before.share is None:
            return f"{said}。"
        change = round(100 * (now.share - before.share), 1)
        if not change:
            return f"{said}，与上月持平。"
        return f"{said}，比上月{'升' if change > 0 else '降'} {abs(change):g} 个百分点。"


# ---- now -------------------------------------------------------------------------------------------------------


def board(place: Place, now: datetime) -> Board:
    """The board as it stands now. Eight queries."""
    rows = asks.at_place(place)
    month = month_of(now)
    loads = asks.load(rows, now, ("unit_id", "duty"))
    kept = asks.kept(rows, month, now, ("unit_id", "duty"))
    before = asks.kept(rows, month_of(month - timedelta(days=1)), month, ("place_id",))
    weekly = weekly_shares(rows, now)
    duties = _duties(place, [*loads, *kept], loads)
    names: dict[int | None, Unit] = {unit.pk: unit for unit in place.units.all()}
    ids = dict.fromkeys(id for id, _ in [*loads, *kept])
    lines = [_line(names.get(id), id, duties, loads, kept, weekly) for id in ids]
    redone = Letter.objects.filter(place=place, stage=Stage.HANDLING, redo_count__gt=0).count()
    provisional = rows.standing().filter(is_provisional=True).count()  # type: ignore[attr-defined]
    return Board(
        now,
        duties,
        sorted(lines, key=lambda line: (-line.load.late, -line.load.today, -line.load.total, line.name)),
        _whole(place, duties, lines, weekly.get(None, [])),
        last_month=before.get((place.pk,), Kept()),
        redone=redone,
        provisional=provisional,
        seal=last_seal(now),
    )


def weekly_shares(
    rows: QuerySet[Obligation], now: datetime, known_at: datetime | None = None
) -> dict[int | None, list[float]]:
    """Share kept in each of the last eight weeks that had anything due, by unit; under None all together. One query.

    With `known_at` by the entries written until then.
    """
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    since = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    weekly = rows.annotate(week=TruncWeek("due_at", tzinfo=timezone.get_current_timezone()))
    return _shares(_kept(weekly, since, now, known_at, ("unit_id", "week")))


def _kept(
    rows: QuerySet[Obligation], since: datetime, until: datetime, known_at: datetime | None, by: Sequence[str]
) -> dict[tuple[Any, ...], Kept]:
    if known_at is None:
        return asks.kept(rows, since, until, by)
    return asks.kept_as_of(rows, since, until, known_at, by)


def month_of(now: datetime) -> datetime:
    """The first instant of the month that holds an instant, in Shanghai."""
    return timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def last_seal(at: datetime) -> Seal | None:
    """The last seal set by an instant."""
    return Seal.objects.filter(sealed_at__lte=at).defer("digests").order_by("-id").first()


# ---- as it was known -------------------------------------------------------------------------------------------


def board_as_of(place: Place, instant: datetime) -> Board:
    """The board as the ledger had it at an instant, from entries alone. Seven queries."""
    stood, rows, month = asks.standing_as_of(place, instant), asks.at_place(place), month_of(instant)
    counts: dict[tuple[Any, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in stood:
        counts[one.unit_id, one.duty][one.state] += 1
    loads = {
        key: Load(late=n["breached"], soon=n["warned"], ample=n["open"]) for key, n in counts.items()
    }  # fmt: skip
    kept = _kept(rows, month, instant, instant, ("unit_id", "duty"))
    before = _kept(rows, month_of(month - timedelta(days=1)), month, instant, ("place_id",))
    weekly = weekly_shares(rows, instant, instant)
    duties = _duties(place, [*loads, *kept], loads)
    names: dict[int | None, Unit] = {unit.pk: unit for unit in place.units.all()}
    ids = dict.fromkeys(id for id, _ in [*loads, *kept])
    lines = [_line(names.get(id), id, duties, loads, kept, weekly) for id in ids]
    return Board(
        instant,
        duties,
        sorted(lines, key=lambda line: (-line.load.late, -line.load.total, line.name)),
        _whole(place, duties, lines, weekly.get(None, [])),
        known_at=instant,
        last_month=before.get((place.pk,), Kept()),
        late=_stood_late(place, stood, names),
        seal=last_seal(instant),
    )


def _stood_late(
    place: Place, stood: Iterable[Stood], names: Mapping[int | None, Unit], limit: int = FIRST
) -> list[StoodLate]:
    """What was late, one row a matter, longest first. One query."""
    by_matter: dict[int, list[Stood]] = defaultdict(list)
    for one in stood:
        if one.state == "breached":
            by_matter[one.matter_id].append(one)
    first = list(by_matter.items())[:limit]
    matters = Matter.objects.in_bulk([pk for pk, _ in first])
    return [
        StoodLate(one, len(others), matters[pk], names.get(one.unit_id), asks.says_of(place.code, one.duty))
        for pk, (one, *others) in first
    ]


# ---- sums ------------------------------------------------------------------------------------------------------


def total_load(loads: Iterable[Load]) -> Load:
    rows = [(x.late, x.today, x.soon, x.ample) for x in loads]
    return Load(*map(sum, zip(*rows, strict=True))) if rows else Load()


def total_kept(rows: Iterable[Kept]) -> Kept:
    found = [(k.due, k.met, k.late, k.made_good, k.soft_missed) for k in rows]
    return Kept(*map(sum, zip(*found, strict=True))) if found else Kept()


def _duties(
    place: Place, keys: Iterable[tuple[Any, str]], loads: Mapping[Any, Load]
) -> list[tuple[str, str]]:
    """The columns: duties that stand open, those with most first, in words."""
    open_: dict[str, int] = defaultdict(int)
    for (_, duty), load in loads.items():
        open_[duty] += load.total
    return [
        (id, asks.says_of(place.code, id))
        for id in sorted(open_, key=lambda id: (-open_[id], id))
        if open_[id]
    ]


def _line(
    unit: Unit | None,
    id: int | None,
    duties: Sequence[tuple[str, str]],
    loads: Mapping[tuple[Any, ...], Load],
    kept: Mapping[tuple[Any, ...], Kept],
    weekly: Mapping[int | None, list[float]],
) -> Line:
    cells = [Cell(duty, says, loads.get((id, duty), Load())) for duty, says in duties]
    mine = total_kept(value for key, value in kept.items() if key[0] == id)
    name = unit.short_name if unit else "待定单位"
    return Line(name, unit, cells, mine, weekly.get(id, []) if id else [])


def _whole(
    place: Place, duties: Sequence[tuple[str, str]], lines: Sequence[Line], weeks: Sequence[float]
) -> Line:
    cells = [
        Cell(duty, says, total_load(line.cells[n].load for line in lines))
        for n, (duty, says) in enumerate(duties)
    ]
    return Line(
        f"全{place.get_level_display()[:1]}", None, cells, total_kept(line.kept for line in lines), weeks
    )


def _shares(kept: Mapping[tuple[Any, ...], Kept]) -> dict[int | None, list[float]]:
    by_unit: dict[int | None, dict[datetime, Kept]] = defaultdict(dict)
    weeks: dict[datetime, list[Kept]] = defaultdict(list)
    for (unit, week), value in kept.items():
        weeks[week].append(value)
        if unit is not None:
            by_unit[unit][week] = value
    by_unit[None] = {week: total_kept(values) for week, values in weeks.items()}
    return {
        unit: [share for week in sorted(values) if (share := values[week].share) is not None]
        for unit, values in by_unit.items()
    }


# ---- the table to take away ------------------------------------------------------------------------------------


def table(board: Board) -> Iterable[list[str | int]]:
    """The board as rows for a spreadsheet, the instant and the seal first."""
    yield [
        "截至",
        f"{timezone.localtime(board.at):%Y-%m-%d %H:%M}",
        "封存",
        board.seal.short if board.seal else "尚未封存",
    ]
    if board.known_at:
        yield ["单位", "职责", "已逾期", "已提醒", "办理中", "本月到期", "本月按时", "本月逾期"]
    else:
        yield ["单位", "职责", "已逾期", "今日到期", "将到期", "充裕", "本月到期", "本月按时", "本月逾期"]
    for line in [*board.lines, board.total]:
        for cell in line.cells:
            load = cell.load
            if not load.total:
                continue
            if board.known_at:
                yield [line.name, cell.says, load.late, load.soon, load.ample]
            else:
                yield [line.name, cell.says, load.late, load.today, load.soon, load.ample]
        load, kept = line.load, line.kept
        if board.known_at:
            yield [line.name, "合计", load.late, load.soon, load.ample, kept.due, kept.met, kept.late]
        else:
            yield [
                line.name,
                "合计",
                load.late,
                load.today,
                load.soon,
                load.ample,
                kept.due,
                kept.met,
                kept.late,
            ]
