"""What the index knows of opinion: answers that were released, for everybody."""

from __future__ import annotations

from gongkai.opinion.models import Response
from gongkai.search import actions as search

PUBLIC = "responses"


def index(response: Response) -> None:
    """Make an answer findable while it is released, and gone from the index once it is not."""
    event = response.event
    if not response.is_released or event.is_restricted or response.released_at is None:
        return search.remove(PUBLIC, response.code)
    search.put_many(
        [
            search.Item(
                room=PUBLIC, number=response.code, place=event.place_id, title=response.title, body=response.text,
                at=response.released_at, unit=response.unit.code, kind=response.form, public=True,
            )
        ]
    )  # fmt: skip
    return None
