"""What every template can say and draw: `{{ letter.received_at|moment }}`, `{{ face.state|clock(left=face.left) }}`.

Moments are shown in Chinese local time as 2025年9月29日 17:00, without leading zeros in month and day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar
from zlib import crc32

from django.core.paginator import Page
from django.forms import BoundField
from django.http import HttpRequest, QueryDict
from django.utils import dateformat, timezone
from django.utils.safestring import SafeString
from jinja2 import Environment, pass_context, pass_environment
from jinja2.runtime import Context
from markupsafe import Markup, escape

from gongkai.ui import charts, citations
from gongkai.ui.parts import CountedDay, Filter, changed, query_with, with_changes

ZONE = timezone.get_default_timezone()
F = TypeVar("F", bound=Callable[..., Any])
FILTERS: dict[str, Callable[..., Any]] = {}


def filter_(function: F) -> F:
    """Give a function to all templates, under its own name."""
    FILTERS[function.__name__] = function
    return function


def drawn(name: str, asks_request: bool = False) -> Callable[[F], F]:
    """Give templates a component: what the function returns fills the template `name`."""

    def give(function: F) -> F:
        @pass_environment
        def draw(environment: Environment, *args: object, **given: object) -> Markup:
            return component(environment, name, **function(*args, **given))

        @pass_context
        def draw_here(context: Context, *args: object, **given: object) -> Markup:
            return draw(context.environment, *args, **given, request=context["request"])

        FILTERS[function.__name__] = draw_here if asks_request else draw
        return function

    return give


@pass_environment
def component(environment: Environment, name: str, /, **values: object) -> Markup:
    """A component drawn with nothing but the values it is given: `{{ component("ui/empty.html", title="…") }}`."""
    return Markup(environment.get_template(name).render(values))


@pass_environment
@lru_cache(maxsize=512)
def still(environment: Environment, name: str, /, **values: Hashable) -> Markup:
    """A component that many pages show alike, such as the navigation of a site: drawn once for what it is given."""
    return component(environment, name, **values)


CLOCKS = {
    "ample": "充裕",
    "soon": "将到期",
    "today": "今日到期",
    "late": "已逾期",
    "met": "已按时办结",
    "metlate": "逾期办结",
    "prov": "暂定",
    "paused": "暂停计时",
    "lapsed": "不再需要",
}
GRADES = ("一般", "较大", "重大", "特别重大")


@filter_
def cited_at(cite: str, place: str) -> str:
    """Where a cited article can be read at a place, for the `url` of `ui/citation.html`."""
    return citations.address(cite, place)


# ---- moments and numbers ----------------------------------------------------------------------


@filter_
def day(value: date | None, now: date | None = None) -> str:
    """2025年9月29日. With `now`, the year falls away inside the year of `now`. None gives nothing."""
    if value is None:
        return ""
    local = _local(value)
    year = "" if now and _local(now).year == local.year else f"{local.year}年"
    return f"{year}{local.month}月{local.day}日"


@filter_
def moment(value: date | None, now: date | None = None) -> str:
    """2025年9月29日 17:00 for an aware datetime; a date has no time to show. `now` as for `day`."""
    if not isinstance(value, datetime):
        return day(value, now)
    local = value.astimezone(ZONE)
    return f"{day(local, now)} {local.hour:02}:{local.minute:02}"


@filter_
def due_moment(value: datetime | None, now: date | None = None) -> str:
    """The first late instant as people say it: 00:00 of the 11th is the 10th, 24:00."""
    if value is None:
        return ""
    local = value.astimezone(ZONE)
    if (local.hour, local.minute) != (0, 0):
        return moment(local, now)
    return f"{day(local.date() - timedelta(days=1), now)} 24:00"


@filter_
def minute(value: datetime | None) -> str:
    """2025-09-29 17:00, as the metadata of pages have it. None gives nothing."""
    return "" if value is None else f"{_local(value):%Y-%m-%d %H:%M}"


@filter_
def instant(value: datetime | None) -> str:
    """2025-09-29T17:00:00+08:00, for machines. None gives nothing."""
    return "" if value is None else value.astimezone(ZONE).isoformat()


@filter_
def moment_time(value: datetime | None, now: date | None = None, css: str = "") -> Markup:
    """`moment` for people and machines: <time datetime="2025-09-29T17:00:00+08:00">2025年9月29日 17:00</time>."""
    return _time(value, moment, _year_of(now), css)


@filter_
def day_time(value: datetime | None, now: date | None = None, css: str = "") -> Markup:
    """`day` for people and machines."""
    return _time(value, day, _year_of(now), css)


@filter_
def due_time(value: datetime | None, now: date | None = None, css: str = "") -> Markup:
    """`due_moment` for people and machines."""
    return _time(value, due_moment, _year_of(now), css)


@lru_cache(maxsize=16)
def _year_of(now: date | None) -> date | None:
    """What of `now` a moment depends on, as a day of its year."""
    return now and date(_local(now).year, 1, 1)


@lru_cache(maxsize=4096)
def _time(
    value: datetime | None, say: Callable[[datetime | None, date | None], str], year: date | None, css: str
) -> Markup:
    """Drawn once: the rows of a list say the same to all who read it, and a minute later too."""
    styled = f' class="{css}"' if css else ""
    return Markup(f'<time{styled} datetime="{instant(value)}">{say(value, year)}</time>')


@filter_
def written(value: date | None, form: str) -> str:
    """Chinese local time in a form of Django's (`Y-m-d`, `l`), for machines and weekdays. None gives nothing."""
    return "" if value is None else dateformat.format(_local(value), form)


@filter_
def month(value: date | None) -> str:
    """2025年9月."""
    return "" if value is None else f"{_local(value).year}年{_local(value).month}月"


def _local(value: date) -> date:
    """Bring an aware datetime to Chinese local time; leave a date as it is."""
    return value.astimezone(ZONE) if isinstance(value, datetime) else value


@filter_
def thousands(value: float | None) -> str:
    """2,318: a comma from a thousand on. None gives nothing."""
    return "" if value is None else f"{value:,}"


@filter_
def rate(value: float | None, places: int = 1) -> str:
    """95.5% for the share 0.955; `rate:0` for a unit, whose cases are few. None gives —."""
    return "—" if value is None else f"{100 * value:.{places}f}%"


@filter_
def marked(text: str, words: Iterable[str] | None) -> Markup:
    """The text with every one of `words` in <mark>, the longest first; everything else escaped."""
    found = sorted(filter(None, words or ()), key=len, reverse=True)
    if not found:
        return escape(text)
    pieces = re.split(f"({'|'.join(map(re.escape, found))})", text)
    return Markup("").join(Markup("<mark>{}</mark>").format(p) if p in found else p for p in pieces)


# ---- clocks -----------------------------------------------------------------------------------


@filter_
def clock(
    state: str,
    left: str = "",
    due: datetime | None = None,
    count: int | None = None,
    word: str = "",
    live: bool = False,
) -> Markup:
    """A clock: mark, word, then what is left. `state` is a key of CLOCKS, else ValueError.

    left  "剩 1 个工作日"; without it `due` is shown instead
    count  for a cell of a matrix: the number is seen, the word is read out
    live  the hours and minutes to `due` are counted down on the page
    """
    if state not in CLOCKS:
        raise ValueError(f"没有“{state}”这种时限状态，可用：{'、'.join(CLOCKS)}。")
    if due is not None and not left:
        left = f"约 {due_moment(due)}" if state == "prov" else f"{due_moment(due)} 前"
    word, drawn = escape(word or CLOCKS[state]), MARK.format(state)
    if count is not None:
        return Markup(f'{drawn}<span class="visually-hidden">{word} </span><span>{count}</span></span>')
    if not left:
        return Markup(f"{drawn}<span>{word}</span></span>")
    left = escape(left)
    if live and due is not None:
        left = f'<time datetime="{instant(due)}" data-due>{left}</time>'
    return Markup(f'{drawn}<span>{word}</span> <span class="clock__left">{left}</span></span>')


MARK = '<span class="clock clock--{0}"><svg aria-hidden="true"><use href="#m-{0}"/></svg>'


@drawn("ui/why.html")
def why(days: Iterable[CountedDay], sentences: Iterable[Any], is_open: bool = False) -> dict[str, Any]:
    """Why this day: a calendar of `days` in order, and `sentences` with text, cite, cite_url, local.

    Clocks in hours pass no days. `is_open` unfolds it from the start.
    """
    ordered = list(days)
    return {
        "weeks": weeks(ordered),
        "first": ordered[0].day.date if ordered else None,
        "last": ordered[-1].day.date if ordered else None,
        "sentences": list(sentences),
        "is_open": is_open,
    }


def weeks(days: Sequence[CountedDay]) -> list[list[dict[str, str]]]:
    """Lay days in order out in weeks from Monday. Days that are not given are empty cells.

    The month is said on the first day and where it changes.
    """
    if not days:
        return []
    given = {one.day.date: one for one in days}
    monday = days[0].day.date - timedelta(days=days[0].day.date.weekday())
    rows = []
    said = 0  # the month that was said last
    while monday <= days[-1].day.date:
        row = []
        for on in (monday + timedelta(days=n) for n in range(7)):
            one = given.get(on)
            if one is None:
                row.append({"role": "out", "number": "", "label": ""})
                continue
            number = f"{on.day}" if on.month == said else f"{on.month}/{on.day}"
            said = on.month
            row.append({"role": one.role, "number": number, "label": _part_of(one)})
        rows.append(row)
        monday += timedelta(days=7)
    return rows


def _part_of(one: CountedDay) -> str:
    """Say in two or three characters what a day is to the count."""
    if one.number is not None:
        return f"第{one.number}天"
    if one.role == "off":
        return "周末" if one.day.kind == "weekend" else "放假"
    return {"start": "当天", "on": "计时", "paused": "暂停", "rolled": "顺延", "due": "截止"}[one.role]


# ---- acts and forms ---------------------------------------------------------------------------


@drawn("ui/verdict.html")
def verdict(
    verdict: Any, label: str, name: str = "", value: str = "", kind: str = "", url: str = ""
) -> dict[str, Any]:
    """A button that says why it is refused. `verdict` is a refusal.Verdict.

    name, value  sent with the form the button stands in; `url` makes it a link instead
    kind  "" for the one primary act, else "second" or "grave"
    """
    return {
        "verdict": verdict,
        "label": label,
        "name": name,
        "value": value,
        "kind": kind,
        "url": url,
        "id": f"why-{crc32(f'{label}{name}{value}{url}'.encode()):08x}",
    }


@filter_
def control(field: BoundField) -> SafeString:
    """The input of a field in our look. The ids of hint and error are those of `ui/field.html`."""
    classes = f"{field.field.widget.attrs.get('class', '')} input".strip()
    return field.as_widget(attrs={"class": classes})


# ---- lists ------------------------------------------------------------------------------------


@drawn("ui/table.html")
def table(
    caption: str,
    head: Sequence[str],
    rows: Iterable[Sequence[object]],
    numeric: int = 0,
    hide_caption: bool = False,
) -> dict[str, Any]:
    """A table of words and figures that becomes cards on a phone. The first cell names its row.

    `numeric` is the number of columns at the end that hold figures.
    """
    heads = [(label, n >= len(head) - numeric) for n, label in enumerate(head)]
    cells = [[(*first, text) for first, text in zip(heads, row, strict=True)] for row in rows]
    return {"caption": caption, "hide_caption": hide_caption, "head": heads, "rows": cells}


@pass_context
def query(context: Context, **changes: object) -> str:
    """The query string of this page with changes: `{{ query(page=2) }}`. None takes a name out."""
    return with_changes(context["request"], **changes)


@drawn("ui/pager.html", asks_request=True)
def pager(page: Page[Any], *, request: HttpRequest) -> dict[str, Any]:
    """Numbered pages of a Django Page, with the query string kept. One page shows nothing."""

    def url(number: int) -> str:
        return with_changes(request, page=number)

    numbers = [
        {
            "number": number,
            "url": url(number) if isinstance(number, int) else "",
            "current": number == page.number,
        }
        for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
    return {
        "numbers": numbers if page.has_other_pages() else [],
        "previous_url": url(page.previous_page_number()) if page.has_previous() else "",
        "next_url": url(page.next_page_number()) if page.has_next() else "",
    }


@drawn("ui/filters.html", asks_request=True)
def filters(
    groups: Sequence[Filter], search: str = "", hint: str = "编号、标题", *, request: HttpRequest
) -> dict[str, Any]:
    """The questions a list can be asked, each a link, and a search box when `search` names its parameter.

    A new answer starts again at the first page.
    """
    kept = changed(request.GET, {"page": None, search: None})
    return {
        "groups": [
            {
                "legend": group.legend,
                "options": [_option(request.GET, group, n) for n in range(len(group.options))],
            }
            for group in groups
        ],
        "search": search,
        "value": request.GET.get(search, "") if search else "",
        "hint": hint,
        "kept": [(name, value) for name, values in kept.items() for value in values],
    }


def _option(given: QueryDict, group: Filter, n: int) -> dict[str, Any]:
    option = group.options[n]
    chosen = given.get(group.name, "") == option.value
    turned_off = chosen and len(group.options) == 1
    changes = {group.name: None if turned_off else option.value or None, "page": None}
    return {
        "label": option.label,
        "count": option.count,
        "current": chosen,
        "url": query_with(given, changes),
    }


# ---- charts -----------------------------------------------------------------------------------


@drawn("ui/dots.html")
def dots(kept: int, missed: int, label: str = "") -> dict[str, Any]:
    """Kept circles, missed squares: one a duty that came due."""
    return {
        "drawn": charts.dots(kept, missed),
        "kept": kept,
        "missed": missed,
        "due": kept + missed,
        "label": label,
    }


@drawn("ui/spark.html")
def spark(values: Sequence[float], label: str, aim: float | None = None) -> dict[str, Any]:
    """A trend beside its number. `label` says it in words: 近八周按时率从 88% 到 92%."""
    return {"drawn": charts.spark(values, aim) if values else None, "label": label}


@drawn("ui/bars.html")
def bars(
    rows: Sequence[tuple[str, float] | tuple[str, float, bool] | charts.Figure],
    caption: str,
    unit: str = "件",
) -> dict[str, Any]:
    """Bars drawn in the table of their figures. Rows are (label, value), (label, value, is_late) or figures with a link."""
    return {"rows": charts.bars(rows), "caption": caption, "unit": unit}


@drawn("ui/tiles.html")
def tiles(squares: Sequence[charts.Square], caption: str, unit: str = "条") -> dict[str, Any]:
    """A map of squares over the table of its figures, the highest first; where no square has its place, the table alone."""
    ranked = sorted(squares, key=lambda one: -one.value)
    listed = [charts.Figure(one.name, one.value, url=one.url) for one in ranked]
    return {"drawn": charts.tiles(squares), "listed": listed, "caption": caption, "unit": unit}


@drawn("ui/heat.html")
def heat(
    volumes: Sequence[float], hours: int, limit: str = "", label: str = "每小时讨论量"
) -> dict[str, Any]:
    """One event since it was found: hourly volume on an axis of `hours`, which ends at the `limit` if there is one."""
    title = f"heat-{crc32(f'{label}{limit}{len(volumes)}'.encode()):08x}"
    return {"drawn": charts.heat(volumes, hours), "hours": hours, "limit": limit, "label": label, "id": title}


@drawn("ui/grade.html")
def grade(word: str) -> dict[str, Any]:
    """The grade of an event in bars and a word. `word` is one of GRADES, else ValueError."""
    if word not in GRADES:
        raise ValueError(f"没有“{word}”这个等级，可用：{'、'.join(GRADES)}。")
    level = GRADES.index(word)
    return {
        "word": word,
        "bars": [{"x": 5 * n, "top": 9 - 3 * n, "height": 3 * n + 3, "on": n <= level} for n in range(4)],
    }
