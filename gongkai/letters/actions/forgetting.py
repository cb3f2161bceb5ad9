"""Letting go of who wrote a letter when the place's time is over."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from gongkai.files import actions as files
from gongkai.files.models import Attachment
from gongkai.letters import facts, retention
from gongkai.letters.actions.report import report
from gongkai.letters.attachments import OWN
from gongkai.letters.models import Letter
from gongkai.people.actor import Actor
from gongkai.people.models import Place

BATCH = 100


@transaction.atomic
def forget_writer(letter: Letter, *, at: datetime, years: int) -> bool:
    """Empty the writer and the prints of a letter and delete what the writer handed in; False when it is not time.

    The question and the answer stay, published or not, and so do the files of the reply.
    """
    letter = Letter.objects.locked(letter)
    if not retention.over(letter.place, at, years).filter(pk=letter.pk).exists():
        return False
    letter.writer, letter.writer_print, letter.phone_tail, letter.rating_key = "", "", "", ""
    letter.forgotten_at = at
    letter.save(update_fields=["writer", "writer_print", "phone_tail", "rating_key", "forgotten_at"])
    for file in Attachment.objects.of(OWN, letter.number):
        files.remove(file)
    report(letter, facts.WRITER_FORGOTTEN, Actor.system(letter.place), at, years=years)
    return True


def forget_writers(place: Place, now: datetime, *, limit: int | None = None) -> int:
    """Forget the writers of a place whose time is over, each in a transaction of its own; how many, at most `limit`."""
    years, done = retention.years_kept(place, now), 0
    while limit is None or done < limit:
        most = BATCH if limit is None else min(BATCH, limit - done)
        letters = list(retention.over(place, now, years).select_related("matter")[:most])
        forgotten = sum(forget_writer(letter, at=now, years=years) for letter in letters)
        done += forgotten
        if not forgotten:
            break
    return done


def forget_writers_everywhere(now: datetime, limit: int = 500) -> int:
    """What the loop does: at most `limit` letters of each place, the rest at its next time."""
    return sum(forget_writers(place, now, limit=limit) for place in Place.objects.all())
