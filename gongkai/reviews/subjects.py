"""What can be reviewed: a room says what it is called, where it is seen, and what follows when all have signed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gongkai.ledger.models import Matter
from gongkai.people.actor import Actor
from gongkai.ui.refusal import Verdict

if TYPE_CHECKING:
    from gongkai.reviews.models import Sheet

Follow = Callable[["Sheet", Actor, datetime], None]
Back = Callable[
    ["Sheet", Actor, datetime, str], None
]  # the last is the ground of a return, empty for a recall


def _always(_sheet: Sheet, _actor: Actor) -> Verdict:
    return Verdict.yes()


def _nothing(_sheet: Sheet, _by: Actor, _at: datetime, _ground: str = "") -> None:
    return None


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of thing under review. `may_sign` is what its room asks before any signature; the rest follows one."""

    name: str
    says: str
    url: Callable[[Matter], str]
    may_sign: Callable[[Sheet, Actor], Verdict] = _always
    passed: Follow = _nothing
    returned: Back = _nothing


SUBJECTS: dict[str, Subject] = {}


def subject(
    name: str,
    says: str,
    *,
    url: Callable[[Matter], str],
    may_sign: Callable[[Sheet, Actor], Verdict] = _always,
    passed: Follow = _nothing,
    returned: Back = _nothing,
) -> Subject:
    """Declare a kind of thing under review, once."""
    SUBJECTS[name] = Subject(name, says, url, may_sign, passed, returned)
    return SUBJECTS[name]
