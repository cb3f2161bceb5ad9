"""Recurring duties: one matter a cycle for every duty that the calendar opens (每月、每年、每年11月)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from gongkai.law.calendar import SHANGHAI
from gongkai.law.pack import Duty
from gongkai.ledger import actions, lawbook
from gongkai.ledger.models import Matter, Obligation
from gongkai.ledger.vocabulary import PERIOD_OPENED
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Unit, unit_answering_for

ROOM = "cycle"


def period_of(every: str, day: date) -> tuple[str, date] | None:
    """The name and first day of the cycle a day lies in, e.g. ("2026-11", 1 November); None outside November."""
    match every:
        case "year":
            return str(day.year), date(day.year, 1, 1)
        case "half":
            half = 1 if day.month <= 6 else 2
            return f"{day.year}-H{half}", date(day.year, 6 * half - 5, 1)
        case "quarter":
            quarter = (day.month + 2) // 3
            return f"{day.year}-Q{quarter}", date(day.year, 3 * quarter - 2, 1)
        case "month":
            return f"{day.year}-{day.month:02}", date(day.year, day.month, 1)
        case "november" if day.month == 11:
            return f"{day.year}-11", date(day.year, 11, 1)
        case _:
            return None


def open_cycles(now: datetime) -> int:
    """Open the matters of the cycles that have begun; how many are new. Safe to call at any time, by anybody."""
    return sum(_open(place, duty, unit, name, first) for place, duty, unit, name, first in _begun(now))


def _begun(now: datetime) -> Iterator[tuple[Place, Duty, Unit, str, date]]:
    today = now.astimezone(SHANGHAI).date()
    for place in Place.objects.filter(is_open=True):
        rules = lawbook.rules(place.code)
        for rule in rules.duties.values():
            duty = rule.at(today, now)
            if duty is None or not duty.every or not (period := period_of(duty.every, today)):
                continue
            if duty.each == "unit":
                units: list[Unit | None] = list(place.units.all().bodies(today))
            else:
                units = [unit_answering_for(place, duty.owner, today)]
            yield from (
                (place, duty, unit, *period) for unit in units if unit is not None
            )  # nobody there to owe it


@transaction.atomic
def _open(place: Place, duty: Duty, unit: Unit, name: str, first: date) -> bool:
    number = f"ZQ-{place.code}-{duty.id}-{name}" + (f"-{unit.code}" if duty.each == "unit" else "")
    if Matter.objects.filter(number=number[:64]).exists():
        return False
    at = datetime(first.year, first.month, first.day, tzinfo=SHANGHAI)
    matter = actions.open_matter(
        number[:64], room=ROOM, title=f"{duty.says}（{name}）", place=place, unit=unit, at=at
    )
    details = {"duty": duty.id, "period": name, "unit": unit.code}
    actions.record(
        PERIOD_OPENED, matter=matter, by=Actor.system(place), at=at, details=details, because="周期开始"
    )  # fmt: skip
    return True


def running(place: Place, duty: str, at: datetime, unit: str = "") -> Matter | None:
    """The matter of the running cycle of a duty at the rhythm the place has for it; None where no rule asks for it."""
    rule = lawbook.rules(place.code).duties.get(duty)
    found = rule.at(at.astimezone(SHANGHAI).date(), at) if rule else None
    return current(place, duty, found.every, at, unit) if found and found.every else None


def current(place: Place, duty: str, every: str, at: datetime, unit: str = "") -> Matter | None:
    """The matter of the running cycle of a duty, where its facts are recorded; of one unit where each owes its own."""
    period = period_of(every, at.astimezone(SHANGHAI).date())
    return of_period(place, duty, period[0], unit) if period else None


def of_period(place: Place, duty: str, period: str, unit: str = "") -> Matter | None:
    """The matter of a cycle of a duty by the name of its period, running or over."""
    number = f"ZQ-{place.code}-{duty}-{period}"
    numbers = [number[:64], f"{number}-{unit}"[:64]] if unit else [number[:64]]
    return Matter.objects.filter(number__in=numbers).order_by("-number").first()


def years(place: Place, duty: str, units: Iterable[Unit]) -> dict[int, bool]:
    """The years in which units had a cycle of a duty, and whether something is still owed in it. One query."""
    found = Matter.objects.filter(
        place=place, room=ROOM, number__startswith=f"ZQ-{place.code}-{duty}-", unit__in=units
    )
    owed = Exists(Obligation.objects.standing().filter(matter=OuterRef("pk")))
    years: dict[int, bool] = {}
    for number, is_owed in found.annotate(is_owed=owed).values_list("number", "is_owed"):
        years[year_of(number)] = is_owed or years.get(year_of(number), False)
    return years


def year_of(number: str) -> int:
    """The year of a cycle, by the number of its matter."""
    return int(number.split("-")[3])
