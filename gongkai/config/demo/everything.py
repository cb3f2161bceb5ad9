"""The whole demonstration: the places, the county, its documents, letters, press and opinion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gongkai.config.demo import county, documents, letters, opinion, places, press
from gongkai.ledger import clock


@dataclass(frozen=True, slots=True)
class Filled:
    """How much was put in."""

    papers: int
    letters: int
    press: int
    events: int


def put_in(now: datetime, password: str) -> Filled:
    """Fill an empty database. Takes some seconds."""
    places.add_places()
    built = county.build_county(clock.today(), password)
    papers, written = documents.fill(built, now), letters.fill(built, now)
    held = press.build_press(built, now)
    county.add_townships(built)
    return Filled(papers, written, held, opinion.build_opinion(built, now))
