"""Who acts when: a person of the county at a time, with the clock held there; later means later in office hours."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from gongkai.config.demo.county import County, holder
from gongkai.ledger import clock, lawbook
from gongkai.people.actor import Actor


class OfficeHours:
    """The county at work, up to `now`. The same seed gives the same times."""

    def __init__(self, county: County, now: datetime, seed: int) -> None:
        self.county, self.now = county, now
        self.chance = random.Random(seed)
        self.actors: dict[str, Actor] = {}
        self.calendar = lawbook.calendar(county.place.code)

    def do(self, at: datetime, act: Any, who: str) -> Any:
        """Act as a person at a time."""
        with clock.set_to(at):
            return act(self.actor(who), at)

    def actor(self, who: str) -> Actor:
        """A person with the powers of the day the county was built."""
        if who not in self.actors:
            self.actors[who] = self.county.actor(who)
        return self.actors[who]

    def as_unit(self, key: str, power: str, at: datetime, act: Any) -> Any:
        """Act as the person of a unit who handles or signs."""
        return self.do(at, act, holder(f"{key}.{power}"))

    def later(self, at: datetime, least: float, most: float) -> datetime:
        """Some office hours later: nobody answers at night or on a day off."""
        at = timezone.localtime(at) + timedelta(hours=self.chance.uniform(least, most))
        while True:
            if not self.calendar.is_working(at.date()) or at.hour >= 18:
                at = (at + timedelta(days=1)).replace(hour=8, minute=self.chance.randrange(35, 59))
            elif at.hour < 8 or (at.hour == 8 and at.minute < 30):
                at = at.replace(hour=8, minute=self.chance.randrange(35, 59))
            elif at.hour in (12, 13):
                at = at.replace(hour=14, minute=self.chance.randrange(35, 59))
            else:
                return at

    def before(self, days: int) -> datetime:
        """The morning so many working days before today."""
        at = timezone.localtime(self.now).replace(hour=9, minute=self.chance.randrange(5, 55))
        while days:
            at -= timedelta(days=1)
            days -= self.calendar.is_working(at.date())
        return at
