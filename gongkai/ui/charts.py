"""The geometry of the small charts. Points are SVG units; the templates only draw what is returned here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

DOT = 13  # one dot and its gap
DOTS_A_ROW = 32
MOST_DOTS = 224  # seven rows; beyond that nobody counts dots


@dataclass(frozen=True)
class Dot:
    """A duty that came due: a circle when kept, a square when missed. `x`, `y` are its centre."""

    x: int
    y: int
    kept: bool


@dataclass(frozen=True)
class Dots:
    """All duties of a period, kept first. Above MOST_DOTS there are two bars and no dots."""

    width: int
    height: int
    dots: tuple[Dot, ...] = ()
    kept_width: float = 0
    missed_width: float = 0


def dots(kept: int, missed: int) -> Dots:
    """Lay out `kept` circles and `missed` squares in rows."""
    total = kept + missed
    width = DOT * DOTS_A_ROW
    if total > MOST_DOTS:
        kept_width = round(width * kept / total, 1)
        return Dots(width, DOT, kept_width=kept_width, missed_width=round(width - kept_width, 1))
    places = [divmod(n, DOTS_A_ROW) for n in range(total)]
    marks = tuple(Dot(6 + DOT * column, 6 + DOT * row, n < kept) for n, (row, column) in enumerate(places))
    return Dots(width, DOT * max(1, -(-total // DOTS_A_ROW)), marks)


@dataclass(frozen=True)
class Spark:
    """A trend line in a box of 96 by 26: its path, its last point and the height of the aim, if any."""

    path: str
    end_x: float
    end_y: float
    aim_y: float | None


def spark(values: Sequence[float], aim: float | None = None) -> Spark:
    """Draw `values` from left to right, between the lowest and the highest. Raises ValueError when empty."""
    if not values:
        raise ValueError("走势图至少要有一个数。")
    seen = [*values, aim] if aim is not None else list(values)
    low, high = min(seen), max(seen)
    step = 90 / max(1, len(values) - 1)

    def height(value: float) -> float:
        return round(2 + 21 * (high - value) / (high - low), 1) if high > low else 13.0

    points = [(round(2 + step * n, 1), height(value)) for n, value in enumerate(values)]
    return Spark(
        path="M" + "L".join(f"{x} {y}" for x, y in points),
        end_x=points[-1][0],
        end_y=points[-1][1],
        aim_y=None if aim is None else height(aim),
    )


class Figure(NamedTuple):
    """What is counted, how often, whether some of it is late, and the page that lists it, if any."""

    label: str
    value: float
    is_late: bool = False
    url: str = ""


@dataclass(frozen=True)
class Bar:
    """One row of a bar chart: `share` is its length in per cent of the longest."""

    figure: Figure
    share: float


def bars(rows: Sequence[tuple[str, float] | tuple[str, float, bool] | Figure]) -> list[Bar]:
    """Scale figures, or as much of them as is given, to the longest. Values are not negative."""
    figures = [Figure(*row) for row in rows]
    longest = max((one.value for one in figures), default=0)
    return [Bar(one, round(100 * one.value / longest, 1) if longest else 0) for one in figures]


class Square(NamedTuple):
    """A part of a place: what it is called, its figure, the page behind it, and its square on the map if it has one."""

    name: str
    value: int
    url: str = ""
    row: int | None = None
    column: int | None = None


@dataclass(frozen=True)
class Tile:
    """A drawn square: its corner, its name in lines, how dark it is (0 to SHADES)."""

    x: int
    y: int
    lines: tuple[str, ...]
    shade: int
    square: Square


@dataclass(frozen=True)
class Tiles:
    """A map of squares of equal size, and what each shade means."""

    columns: int
    width: int
    height: int
    tiles: tuple[Tile, ...]
    key: tuple[tuple[int, str], ...]


PITCH = 100  # a square of 96 and its gap
SHADES = 4  # and none
LINE = 4  # characters of a name beside each other


def tiles(squares: Sequence[Square]) -> Tiles:
    """Lay squares out by row (from the north) and column (from the west); those without are left out.

    A figure of 0 has no shade; the others fall into four equal steps of a round number. Figures are not negative.
    """
    placed = sorted((one.row, one.column, one) for one in squares if one.row and one.column)
    if not placed:
        return Tiles(0, 0, 0, (), ())
    rows, columns, shown = zip(*placed, strict=True)
    top, left = min(rows), min(columns)
    step = _step(max(one.value for one in shown))
    across = max(columns) - left + 1
    return Tiles(
        columns=across,
        width=PITCH * across,
        height=PITCH * (max(rows) - top + 1),
        tiles=tuple(
            Tile(PITCH * (column - left), PITCH * (row - top), _lines(one.name), -(-one.value // step), one)
            for row, column, one in placed
        ),
        key=tuple((shade, _range(shade, step)) for shade in range(SHADES + 1)),
    )


def _step(most: int) -> int:
    """A quarter of the highest figure, up to the next number with one digit that is not 0."""
    step = max(1, -(-most // SHADES))
    unit: int = 10 ** (len(str(step)) - 1)
    return -(-step // unit) * unit


def _range(shade: int, step: int) -> str:
    low, high = step * (shade - 1) + 1, step * shade
    return "0" if shade == 0 else f"{low}" if low == high else f"{low}—{high}"


def _lines(name: str) -> tuple[str, ...]:
    """A name in two lines at most, as even as can be; the rest of a longer one is cut."""
    half = len(name) if len(name) <= LINE else min(LINE, -(-len(name) // 2))
    return tuple(filter(None, (name[:half], name[half : 2 * half])))


@dataclass(frozen=True)
class Tick:
    """A line of the grid: where it stands and what it says."""

    at: float
    label: str


@dataclass(frozen=True)
class Heat:
    """Volume an hour in a box of 760 by 270, from the moment of discovery to the limit."""

    curve: str
    area: str
    hours: tuple[Tick, ...]
    volumes: tuple[Tick, ...]
    peak_x: float
    peak_y: float
    peak: float
    now_x: float
    now_y: float
    now: float

    @property
    def is_early(self) -> bool:
        """Whether the peak is so near the axis that its label stands to the right of it."""
        return self.peak_x < LEFT + ROOM

    @property
    def is_late(self) -> bool:
        """Whether now is so near the end that its label stands to the left of it."""
        return self.now_x > RIGHT - ROOM


LEFT, RIGHT, TOP, BOTTOM = 46, 746, 34, 236
ROOM = 240  # for a label, in the large letters of a phone


def heat(volumes: Sequence[float], hours: int) -> Heat:
    """Draw hourly `volumes` on an axis of `hours`. Raises ValueError when there are none or too many."""
    if not volumes or len(volumes) > hours + 1:
        raise ValueError(f"热度图要有 1 到 {hours + 1} 个每小时的数，得到 {len(volumes)} 个。")
    top = _round_up(max(*volumes, 4))
    x = [round(LEFT + (RIGHT - LEFT) * hour / hours, 1) for hour in range(hours + 1)]
    y = [round(BOTTOM - (BOTTOM - TOP) * volume / top, 1) for volume in volumes]
    line = "L".join(f"{x[n]} {height}" for n, height in enumerate(y))
    peak = max(range(len(volumes)), key=volumes.__getitem__)
    last = len(volumes) - 1
    quarter = hours // 4
    return Heat(
        curve=f"M{line}",
        area=f"M{line}L{x[last]} {BOTTOM}L{LEFT} {BOTTOM}Z",
        hours=tuple(Tick(x[hour], f"{hour} 小时") for hour in range(quarter, hours, quarter))
        if quarter
        else (),
        volumes=tuple(Tick(BOTTOM - (BOTTOM - TOP) * n / 4, f"{top * n // 4}") for n in range(5)),
        peak_x=x[peak],
        peak_y=y[peak],
        peak=volumes[peak],
        now_x=x[last],
        now_y=y[last],
        now=volumes[last],
    )


def _round_up(value: float) -> int:
    """Return the next round number that four parts divide: 4, 8, 20, 40, 80, 200 and so on."""
    unit = 1
    while True:
        for step in (4, 8, 20):
            if value <= step * unit:
                return step * unit
        unit *= 10
