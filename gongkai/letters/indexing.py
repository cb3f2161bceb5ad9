"""What the index knows of letters: the whole letter for staff, the published question and answer for everybody."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from gongkai.letters.models import Letter
from gongkai.search import actions as search
from gongkai.search import asks

STAFF = "letters"
PUBLIC = "answers"


def index(letters: Iterable[Letter]) -> None:
    """Make letters findable as they now are; what is no longer published is found by staff only."""
    items: list[search.Item] = []
    gone: list[str] = []
    for letter in letters:
        number, unit = letter.matter.number, letter.unit or letter.lead
        items.append(staff_item(letter, number))
        if letter.published_at:
            items.append(
                search.Item(
                    room=PUBLIC, number=number, place=letter.place_id, title=letter.public_title,
                    body=f"{letter.public_text}\n{letter.public_answer}", at=letter.published_at,
                    unit=unit.code if unit else "", kind=letter.nature, public=True,
                )
            )  # fmt: skip
        else:
            gone.append(number)
    search.put_many(items)
    if gone:
        search.remove(PUBLIC, *gone)


def staff_item(letter: Letter, number: str) -> search.Item:
    unit = letter.unit or letter.lead
    return search.Item(
        room=STAFF, number=number, place=letter.place_id, title=letter.title, body=letter.text,
        at=letter.received_at, unit=unit.code if unit else "", kind=letter.nature,
    )  # fmt: skip


def matching(letters: QuerySet[Letter], q: str, place: str) -> QuerySet[Letter]:
    """Letters of a place among the given ones that a question finds, in title, text or number; all without one."""
    found = asks.numbers(q, room=STAFF, place=place)
    return letters.filter(matter__number__in=found) if q.strip() else letters
