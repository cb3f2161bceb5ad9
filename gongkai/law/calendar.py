"""Working days: the State Council's holiday notices, a file a year, laid out as one table.

A day is a *workday*, a *weekend*, a *holiday* (放假) or a *makeup* day (调休上班). A year whose notice is
not out yet has only its statutory holidays and is *not announced*: what is counted across it is provisional.
Source: 《全国年节及纪念日放假办法》 and the yearly notices; its art. 4 allows local holidays, which are laid
over the national ones.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta, timezone
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias, TypeVar

T = TypeVar("T")

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""One zone and no summer time since 1991, so a fixed offset says it all."""

FIRST = date(2000, 1, 1)
LAST = date(2060, 12, 31)
"""The days a calendar knows."""
_FIRST = FIRST.toordinal()
_SPAN = LAST.toordinal() - _FIRST + 1

SATURDAY = 5
STATUTE = "《全国年节及纪念日放假办法》"
FIXED_HOLIDAYS = {
    (1, 1): "元旦",
    (5, 1): "劳动节",
    (5, 2): "劳动节",
    (10, 1): "国庆节",
    (10, 2): "国庆节",
    (10, 3): "国庆节",
}
"""(month, day) of the statutory holidays on fixed dates: all that is known of a year without a file."""

Kind: TypeAlias = Literal["workday", "weekend", "holiday", "makeup"]
OfficeHours: TypeAlias = tuple[tuple[time, time], ...]

OFFICE_HOURS: OfficeHours = ((time(8, 30), time(12, 0)), (time(14, 30), time(17, 30)))


class CalendarError(Exception):
    """A calendar that cannot be used: names the file, the key, what is wrong and what would be right."""

    def __init__(self, where: str, key: str, wrong: str, remedy: str) -> None:
        super().__init__(f"{where}：{key}：{wrong}。{remedy}。")
        self.where, self.key, self.wrong, self.remedy = where, key, wrong, remedy


@dataclass(frozen=True, slots=True)
class Day:
    """One day and why it is worked or not.

    `name` is the holiday (for a makeup day, the one it makes up for), empty on plain days; `notice` cites the
    document that says so.
    """

    date: date
    kind: Kind
    name: str
    notice: str
    announced: bool

    @property
    def is_working(self) -> bool:
        return self.kind in ("workday", "makeup")

    @property
    def zh(self) -> str:
        """What a reader calls it: 工作日, 周末, 春节放假, 国庆节调休上班."""
        match self.kind:
            case "workday":
                return "工作日"
            case "weekend":
                return "周末"
            case "holiday":
                return f"{self.name}放假"
            case "makeup":
                return f"{self.name}调休上班"


@dataclass(frozen=True, slots=True)
class Notice:
    """The document a year's arrangement comes from."""

    number: str
    title: str
    issued_on: date | None
    url: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Year:
    """One calendar file: the days of a year that differ from Monday to Friday."""

    where: str
    year: int
    announced: bool
    notices: tuple[Notice, ...]
    days: Mapping[date, Day]


@dataclass(frozen=True, slots=True)
class _Table:
    """A TOML table that complains about itself by file and key."""

    where: str
    key: str
    values: Mapping[str, Any]

    def error(self, key: str, wrong: str, remedy: str) -> CalendarError:
        return CalendarError(self.where, " ".join(filter(None, (self.key, key))), wrong, remedy)

    def only(self, *allowed: str) -> Self:
        for key in self.values:
            if key not in allowed:
                raise self.error(key, "不认识这个键", f"可用的键有：{'、'.join(allowed)}")
        return self

    def read(self, key: str, kind: type[T], called: str, default: T | None = None) -> T:
        """The value of a key, of exactly this type (a time of day is not a date, true is not 1)."""
        value = self.values.get(key, default)
        if value is None:
            raise self.error(key, "缺少这一项", f"应写{called}")
        if type(value) is not kind:
            raise self.error(key, f"写成了 {value}", f"应写{called}")
        return value

    def tables(self, key: str) -> list["_Table"]:
        rows = self.values.get(key, [])
        if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
            raise self.error(key, "写法不对", f"应写成 [[{key}]]，一项一段")
        return [_Table(self.where, f"[[{key}]] 第 {n} 项", row) for n, row in enumerate(rows, 1)]


def read_year(text: str, where: str, *, local: bool = False) -> Year:
    """Read one calendar file.

    Args:
        text: the TOML.
        where: how errors name it, such as `2025.toml`.
        local: a place's own holidays: no notice is required, and a day worked may be any day.
    Raises:
        CalendarError: anything unknown, missing, contradictory or outside the year.
    """
    try:
        table = _Table(where, "", tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise CalendarError(where, "全文", f"不是合格的 TOML（{error}）", "请按提示的行改正") from error
    table.only("year", "announced", "notice", "off", "work")
    year = table.read("year", int, "年份，如 2025")
    announced = table.read("announced", bool, " true（通知已公布）或 false（尚未公布）", local or None)
    notices = tuple(_read_notice(row) for row in table.tables("notice"))
    if announced and not notices and not local:
        raise table.error(
            "[[notice]]", "已公布的年份没有写通知", "应写明通知的文号，或把 announced 改为 false"
        )
    if not announced and (notices or table.tables("work")):
        raise table.error("announced", "尚未公布的年份不会有通知和调休", "通知已公布的，应改为 true")

    days: dict[date, Day] = {}
    for row, key, day, kind in chain(_read_off(table), _read_work(table, local=local)):
        if not date(year - 1, 12, 1) <= day <= date(year, 12, 31):
            raise row.error(key, f"{day} 不在 {year} 年", f"应在 {year} 年内，元旦调休可用到上年 12 月")
        if day in days:
            raise row.error(key, f"{day} 前面已经写过", "一天只能写一次")
        cited = row.read("notice", str, "通知的文号", notices[0].number if notices else STATUTE)
        if notices and cited not in [notice.number for notice in notices]:
            raise row.error("notice", f"没有 {cited} 这个通知", "应是本文件 [[notice]] 中的一个文号")
        days[day] = Day(day, kind, row.read("name", str, "节日名称"), cited, announced)
    return Year(where, year, announced, notices, days)


def _read_off(table: _Table) -> Iterator[tuple[_Table, str, date, Kind]]:
    for row in table.tables("off"):
        row.only("name", "from", "until", "notice")
        first = row.read("from", date, "日期，如 2025-10-01")
        last = row.read("until", date, "日期，如 2025-10-08")
        if last < first:
            raise row.error("until", f"{last} 早于 from 的 {first}", "应不早于 from，只放一天就写同一天")
        for day in _through(first, last):
            yield row, "from", day, "holiday"


def _read_work(table: _Table, *, local: bool) -> Iterator[tuple[_Table, str, date, Kind]]:
    for row in table.tables("work"):
        row.only("date", "name", "notice")
        day = row.read("date", date, "日期，如 2025-09-28")
        if day.weekday() < SATURDAY and not local:
            raise row.error("date", f"{day} 不是周末", "调休上班的应是星期六或星期日")
        yield row, "date", day, "makeup"


def _read_notice(row: _Table) -> Notice:
    row.only("number", "title", "issued_on", "url", "verified")
    number = row.read("number", str, "文号，如 国办发明电〔2024〕12号")
    if not re.fullmatch(r"\S+〔\d{4}〕\d+号", number):
        raise row.error("number", f"写成了 {number}", "应像 国办发明电〔2024〕12号，年份用六角括号")
    issued_on = row.read("issued_on", date, "日期，如 2024-11-12") if "issued_on" in row.values else None
    return Notice(
        number=number,
        title=row.read("title", str, "通知的标题", ""),
        issued_on=issued_on,
        url=row.read("url", str, "通知的网址", ""),
        verified=row.read("verified", bool, " true（文号已核对）或 false", False),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Every day from 2000 to 2060, numbered by working days. Read-only: share it freely.

    Nothing here reads the clock. Days outside the range raise `CalendarError`.
    """

    announced_from: date
    announced_until: date
    """First and last day of the years with a notice. The next notice may still move the end of December."""
    notices: tuple[Notice, ...]
    version: str
    """Digest of the files: a due date keeps the version it was reckoned with."""
    office_hours: OfficeHours
    _special: Mapping[date, Day] = field(repr=False)
    _index: tuple[int, ...] = field(repr=False)
    _nth: tuple[date, ...] = field(repr=False)

    @classmethod
    def load(cls, folder: Path, local: str | None = None) -> Self:
        """Read every `YYYY.toml` in `folder`, and `local/<place code>/YYYY.toml` over it.

        Args:
            folder: where the files are.
            local: administrative division code of a place with holidays of its own; it may have no files.
        Raises:
            CalendarError: a file is wrong, or an announced year is missing between two others.
        """
        digest = hashlib.sha256()
        national = _read_years(folder, "", digest)
        overlaid = _read_years(folder, f"local/{local}", digest) if local else []
        return cls.of(national, overlaid, version=digest.hexdigest()[:12])

    @classmethod
    def of(cls, national: Iterable[Year], local: Iterable[Year] = (), *, version: str = "") -> Self:
        """Lay the years out as one table; a local day takes the place of a national one."""
        national = sorted(national, key=lambda year: year.year)
        announced = [year.year for year in national if year.announced]
        if not announced:
            raise CalendarError(
                "日历", "announced", "没有一个年份公布了通知", "至少要有一个 announced = true 的年份"
            )
        for year in set(range(announced[0], announced[-1])).difference(announced):
            raise CalendarError(f"{year}.toml", "announced", "前后年份都已公布，唯独缺这一年", "应补上这一年")

        special = _fixed_holidays(without=[year.year for year in national])
        for known in national:
            for day, meaning in known.days.items():
                if day in special and special[day].announced:
                    raise CalendarError(known.where, str(day), "另一年的文件已经写过这一天", "一天只能写一次")
                special[day] = meaning
        for known in local:
            for day, meaning in known.days.items():
                special[day] = replace(meaning, announced=day.year in announced)

        index: list[int] = []
        nth = [FIRST]
        for day in _through(FIRST, LAST):
            if special[day].is_working if day in special else day.weekday() < SATURDAY:
                nth.append(day)
            index.append(len(nth) - 1)
        return cls(
            announced_from=date(announced[0], 1, 1),
            announced_until=date(announced[-1], 12, 31),
            notices=tuple(notice for year in national for notice in year.notices),
            version=version,
            office_hours=OFFICE_HOURS,
            _special=special,
            _index=tuple(index),
            _nth=tuple(nth),
        )

    def with_office_hours(self, *hours: tuple[time, time]) -> "Calendar":
        """The same days with other office hours, such as `(time(9), time(12)), (time(13), time(17))`."""
        edges = [edge for span in hours for edge in span]
        if not edges or any(earlier >= later for earlier, later in pairwise(edges)):
            raise CalendarError(
                "日历", "办公时间", "时段为空、颠倒或重叠", "应按先后写，如 8:30 至 12:00、14:30 至 17:30"
            )
        return replace(self, office_hours=hours)

    def day(self, day: date) -> Day:
        """What this day is, and which notice says so."""
        self.index(day)
        if day in self._special:
            return self._special[day]
        return Day(day, "workday" if day.weekday() < SATURDAY else "weekend", "", "", self.is_announced(day))

    def days(self, first: date, last: date) -> Iterator[Day]:
        """Each day from `first` through `last`."""
        return map(self.day, _through(first, last))

    def is_working(self, day: date) -> bool:
        index = self.index(day)
        return index > 0 and self._nth[index] == day

    def is_announced(self, day: date) -> bool:
        """Whether the year of this day has its notice."""
        return self.announced_from <= day <= self.announced_until

    def index(self, day: date) -> int:
        """How many working days there are from 2000-01-01 up to and including this day."""
        offset = day.toordinal() - _FIRST
        if 0 <= offset < _SPAN:
            return self._index[offset]
        raise CalendarError("日历", str(day), "超出日历", f"应在 {FIRST} 至 {LAST} 之间")

    def nth(self, index: int) -> date:
        """The first day with this index: the inverse of `index` on working days."""
        if 0 <= index < len(self._nth):
            return self._nth[index]
        raise CalendarError("日历", f"第 {index} 个工作日", "超出日历", f"应在 {FIRST} 至 {LAST} 之间")

    def working_days_between(self, earlier: date, later: date) -> int:
        """Working days after `earlier`, up to and including `later`."""
        return self.index(later) - self.index(earlier)


def _read_years(folder: Path, subfolder: str, digest: "hashlib._Hash") -> list[Year]:
    """The years of one folder in order, their text added to the digest."""
    years = []
    for path in sorted((folder / subfolder).glob("*.toml")):
        where = path.relative_to(folder).as_posix()
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise CalendarError(where, "全文", "不是 UTF-8 编码", "应另存为 UTF-8") from error
        digest.update(f"{where}\0{text}\0".encode())
        year = read_year(text, where, local=bool(subfolder))
        if path.stem != str(year.year):
            raise CalendarError(where, "year", f"写成了 {year.year}", f"应与文件名 {path.name} 一致")
        years.append(year)
    return years


def _through(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _fixed_holidays(*, without: Sequence[int]) -> dict[date, Day]:
    """What the statute alone fixes, for every year but these."""
    return {
        day: Day(day, "holiday", name, STATUTE, announced=False)
        for year in range(FIRST.year, LAST.year + 1)
        if year not in without
        for (month, day_of_month), name in FIXED_HOLIDAYS.items()
        for day in [date(year, month, day_of_month)]
    }
