"""How the units of a place answered public concerns in a year: the figures for the assessment (考核), and what is behind each.

A figure is counted from the very rows its list shows: obligations of the ledger and records of opinion, nothing else.
What must not spread (涉密或不宜扩散) is in none of them, so that the figures are the same whoever asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from gongkai.ledger import asks as ledger
from gongkai.ledger.models import Fact, Matter, Obligation
from gongkai.opinion import facts
from gongkai.opinion.models import Accountability, Event, Exchange, Party, Response, Stage
from gongkai.people.models import Place
from gongkai.ui.filters import due_moment, moment

PREFIX = "KH"  # 考核
HOUR = timedelta(hours=1)
MOST = 500  # rows of a list
UNIT = "unit__code"
States = Obligation.States
Value = int | float
Figures = dict[str, dict[str, Value]]  # unit code: figure: value; what is nought is left out


class Line(NamedTuple):
    """One row behind a figure as it is read: when, what, in which words, and the matter it belongs to."""

    at: str
    title: str
    words: str
    matter: Matter | None = None


Counted = Callable[[QuerySet[Any]], Mapping[str, Value]]


def _how_many(rows: QuerySet[Any]) -> Mapping[str, Value]:
    return dict(rows.order_by().values_list(UNIT).annotate(n=Count("pk")))


def _median_hours(rows: QuerySet[Any]) -> Mapping[str, Value]:
    hours: dict[str, list[float]] = defaultdict(list)
    for code, found, answered in rows.order_by().values_list(UNIT, "detected_at", "answered_at"):
        hours[code].append((answered - found) / HOUR)
    return {code: round(median(some), 1) for code, some in hours.items()}


def _percent_met(rows: QuerySet[Any]) -> Mapping[str, Value]:
    met = Count("pk", filter=Q(state=States.MET))
    counted = rows.order_by().values_list(UNIT).annotate(met=met, n=Count("pk"))
    return {code: round(100 * kept / due) for code, kept, due in counted}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a year: its rows at a place between two instants, how they are counted by unit, how one is told.

    `is_inner` figures are for who decides on accountability, not for the units they are about.
    """

    id: str
    says: str
    means: str
    rows: Callable[[Place, datetime, datetime], QuerySet[Any]]
    told: Callable[[Any], Line]
    counted: Counted = _how_many
    is_inner: bool = False


def _events(place: Place) -> QuerySet[Event]:
    return Event.objects.filter(place=place, is_restricted=False).exclude(stage=Stage.DISMISSED)


def _answered_for(place: Place, since: datetime, until: datetime) -> QuerySet[Party]:
    found = _events(place).filter(detected_at__gte=since, detected_at__lt=until)
    parties = Party.objects.filter(event__in=found, left_at=None).exclude(role=Party.Role.COORDINATE)
    return parties.select_related("event__matter").order_by("-event__detected_at", "-pk")


def _first_answers(place: Place, since: datetime, until: datetime) -> QuerySet[Event]:
    found = _events(place).filter(answered_at__gte=since, answered_at__lt=until, unit__isnull=False)
    return found.select_related("matter").order_by("-answered_at", "-pk")


def _duties(place: Place, since: datetime, until: datetime) -> QuerySet[Obligation]:
    found = Obligation.objects.filter(matter__in=_events(place).values("matter"), unit__isnull=False)
    firm = found.fallen_due(since, until).filter(is_soft=False)
    return firm.select_related("matter").order_by("-due_at", "-pk")


def _withdrawn(place: Place, since: datetime, until: datetime) -> QuerySet[Response]:
    found = Response.objects.filter(event__in=_events(place), withdrawn_at__gte=since, withdrawn_at__lt=until)
    return found.select_related("event__matter").order_by("-withdrawn_at", "-pk")


def _decided(place: Place, since: datetime, until: datetime) -> QuerySet[Accountability]:
    found = Accountability.objects.filter(
        event__in=_events(place), decided_at__gte=since, decided_at__lt=until
    )
    return found.select_related("event__matter").order_by("-decided_at", "-pk")


def _good(place: Place, since: datetime, until: datetime) -> QuerySet[Exchange]:
    found = Exchange.objects.filter(place=place, is_good=True, at__gte=since, at__lt=until)
    return found.exclude(event__is_restricted=True).order_by("-at", "-pk")


def _event_told(one: Event) -> Line:
    words = f"{one.grade or '未定级'}，{one.get_stage_display()}"
    return Line(f"{moment(one.detected_at)} 发现", one.title, words, one.matter)


def _party_told(one: Party) -> Line:
    return _event_told(one.event)._replace(words=f"{one.get_role_display()}，{one.event.get_stage_display()}")


def _answer_told(one: Event) -> Line:
    assert one.answered_at is not None
    hours = (one.answered_at - one.detected_at) / HOUR
    return Line(f"{moment(one.answered_at)} 回应", one.title, f"发现后 {hours:.1f} 小时首次回应", one.matter)


def _duty_told(one: Obligation) -> Line:
    says = ledger.says_of(one.place_id, one.duty)
    return Line(
        f"{due_moment(one.due_at)} 到期", one.matter.title, f"{says}：{one.get_state_display()}", one.matter
    )


def _response_told(one: Response) -> Line:
    return Line(f"{moment(one.withdrawn_at)} 撤下", one.title, one.withdrawn_because, one.event.matter)


def _decision_told(one: Accountability) -> Line:
    words = f"{one.measure}：{one.rule}。{one.words}"
    return Line(f"{moment(one.decided_at)} 决定", one.event.title, words, one.event.matter)


def _good_told(one: Exchange) -> Line:
    return Line(f"{moment(one.at)} 写出", one.title, one.kind)


def _duties_in(*states: str) -> Callable[[Place, datetime, datetime], QuerySet[Obligation]]:
    return lambda place, since, until: _duties(place, since, until).filter(state__in=states)


def _decided_on(**which: Any) -> Callable[[Place, datetime, datetime], QuerySet[Accountability]]:
    return lambda place, since, until: _decided(place, since, until).filter(**which)


FIGURES = (
    Figure("events", "负责件数", "这一年发现、由本单位第一责任、分工负责或属地回应的舆情", _answered_for, _party_told),
    Figure("first_hours", "首次回应小时数", "本单位第一责任、这一年首次回应的舆情，从发现到首次回应的小时数，取中位数",
           _first_answers, _answer_told, _median_hours),
    Figure("met", "按时", "这一年到期、按时办结的时限", _duties_in(States.MET), _duty_told),
    Figure("late", "逾期办结", "这一年到期、逾期以后办结的时限", _duties_in(States.MET_LATE), _duty_told),
    Figure("owed", "逾期未办", "这一年到期、至今没有办结的时限", _duties_in(States.BREACHED), _duty_told),
    Figure("rate", "按时率（%）", "按时办结的占这一年到期时限的百分之几", _duties, _duty_told, _percent_met),
    Figure("withdrawn", "撤下回应", "这一年撤下的回应；更正是撤下以后另发", _withdrawn, _response_told),
    Figure("circulars", "通报", "决定采取的措施里有通报批评的", _decided_on(decided=True, measure__contains="通报"),
           _decision_told),
    Figure("talks", "约谈", "决定采取的措施里有约谈的", _decided_on(decided=True, measure__contains="约谈"), _decision_told),
    Figure("held", "追责", "决定追责的", _decided_on(decided=True, measure__contains="追责"), _decision_told),
    Figure("borne", "容错", "属于容错情形、决定不追责的", _decided_on(decided=False, is_borne=True), _decision_told,
           is_inner=True),
    Figure("good", "好经验", "作为好经验推广的", _good, _good_told),
)  # fmt: skip
BY_ID = {figure.id: figure for figure in FIGURES}


def figures(place: Place, year: int) -> Figures:
    """The figures of a year by unit, as they stand now; a figure that is nought is left out. One query a figure."""
    found: Figures = defaultdict(dict)
    for figure in FIGURES:
        for code, value in figure.counted(figure.rows(place, *_span(year))).items():
            found[code][figure.id] = value
    return dict(found)


def lines(figure: Figure, place: Place, year: int, unit: str) -> list[Line]:
    """The newest rows behind a figure of a unit, by its code. One query."""
    rows = figure.rows(place, *_span(year)).filter(**{UNIT: unit})
    return [figure.told(row) for row in rows[:MOST]]


def years(place: Place, today: date) -> list[int]:
    """The years there are figures of, the latest first: from the first event on. One query."""
    first = (
        Event.objects.filter(place=place)
        .order_by("detected_at")
        .values_list("detected_at", flat=True)
        .first()
    )
    since = timezone.localdate(first).year if first else today.year
    return list(range(today.year, since - 1, -1))


def _span(year: int) -> tuple[datetime, datetime]:
    zone = timezone.get_current_timezone()
    return datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)


# ---- what was handed over ----------------------------------------------------------------------------------------


def number_of(place: Place, year: int) -> str:
    """The number of the matter in which the figures of a year are handed over."""
    return f"{PREFIX}-{place.code}-{year}"


def reported(place: Place, year: int) -> list[Fact]:
    """What was handed over for a year, the last first; each replaced the one before it. One query."""
    told = Fact.objects.filter(matter__number=number_of(place, year), kind=facts.YEAR_REPORTED.name)
    return list(told.select_related("by", "by_unit").order_by("-id"))


def differences(then: Figures, now: Figures) -> Iterator[tuple[str, str, Value, Value]]:
    """Figures that are no longer what was handed over: unit code, figure, then, now."""
    for code in sorted({*then, *now}):
        before, after = then.get(code, {}), now.get(code, {})
        for figure in FIGURES:
            one, other = before.get(figure.id, 0), after.get(figure.id, 0)
            if one != other:
                yield code, figure.id, one, other
