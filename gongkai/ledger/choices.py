"""What the house itself, not a pack, leaves to a place: numbers that rooms declare, set like every local setting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from gongkai.law.rules import chain_of
from gongkai.ledger.models import Setting
from gongkai.people.models import Place
from gongkai.ui.refusal import Verdict

Effect = Callable[[Place, int, datetime], str]


@dataclass(frozen=True, slots=True)
class Choice:
    """A whole number of `unit` a place chooses, from `least` to `most`. `effect` says what a number would do, in words."""

    subject: str
    key: str
    says: str
    label: str
    cite: str
    unit: str
    default: int
    least: int
    most: int
    effect: Effect

    def in_words(self, value: int) -> str:
        return f"{value} {self.unit}"

    def may_be(self, value: object) -> Verdict:
        if isinstance(value, int) and self.least <= value <= self.most:
            return Verdict.yes()
        return Verdict.no(f"{self.label}应在 {self.least} 到 {self.most} {self.unit}之间", cite=self.cite)


CHOICES: dict[tuple[str, str], Choice] = {}


def choice(given: Choice) -> Choice:
    """Declare what a place may choose."""
    CHOICES[given.subject, given.key] = given
    return given


def chosen(place: str, choice: Choice, on: date) -> int:
    """The number that holds at a place on a day: what it or its superiors set last, else the default. One query."""
    rows = Setting.objects.filter(
        place_id__in=chain_of(place), subject=choice.subject, key=choice.key, from_on__lte=on
    )
    value = rows.order_by("-from_on", "-pk").values_list("value", flat=True).first()
    return choice.default if value is None else int(value)
