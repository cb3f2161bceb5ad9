"""After the answer: rating, follow-up, sample and re-check."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from gongkai.ledger import actions as ledger
from gongkai.ledger import cycles
from gongkai.letters import facts, policy
from gongkai.letters.actions.report import code_of, report
from gongkai.letters.asks import main_of
from gongkai.letters.models import Letter, Stage
from gongkai.people.actor import Actor
from gongkai.people.models import Place
from gongkai.text import screen
from gongkai.vault import cipher


def new_rating_key(letter: Letter) -> str:
    """A one-time key for the rating link; only its keyed hash is kept."""
    key = secrets.token_urlsafe(24)
    letter.rating_key = cipher.fingerprint(key)[:43]
    letter.save(update_fields=["rating_key"])
    return key


@transaction.atomic
def rate(letter: Letter, *, at: datetime, rating: str, words: str = "") -> Letter:
    """A writer rates the answer, once for each answer. 不满意 sends the letter back to be done again.

    Of a merged letter it is the one it went into that is done again: the rating is told there, for all its writers
    alike, and stays with the letter of who gave it. What another writer has sent back already is not sent back twice.
    """
    main = Letter.objects.locked(main_of(letter))
    letter = main if letter.pk == main.pk else Letter.objects.locked(letter)
    policy.may_rate(letter, main).enforce()
    letter.rating, letter.rating_words, letter.rating_key = rating, words.strip(), ""
    if rating == "不满意" and main.is_answered:
        main.redo_count += 1
        main.move_to(Stage.HANDLING)
        main.findings = ""
        main.save(update_fields=["redo_count", "stage", "findings"])
    elif letter.stage == Stage.ANSWERED:
        letter.move_to(Stage.CLOSED)
    letter.save(update_fields=["rating", "rating_words", "rating_key", "stage"])
    whose = {} if letter is main else {"merged": letter.number}
    report(main, facts.RATED, Actor.system(main.place), at, rating=rating, **whose)
    return letter


@transaction.atomic
def follow_up(letter: Letter, *, by: Actor, at: datetime, outcome: str) -> Letter:
    """Ask the writer again, by phone or at the door, and note how it went."""
    letter = Letter.objects.locked(letter)
    policy.may_follow_up(by, letter).enforce()
    report(letter, facts.FOLLOWED_UP, by, at, outcome=screen.mask(outcome)[:300])
    return letter


@transaction.atomic
def draw_sample(place: Place, *, by: Actor, at: datetime, share: float, since: datetime) -> list[Letter]:
    """Choose answered letters to be checked again: a share of each unit's, at least one; the choice is random.

    The month's duty to draw is met by it, also when there was nothing to choose from.
    """
    policy.may_draw_sample(by).enforce()
    closed = Letter.objects.filter(
        place=place, stage__in=(Stage.ANSWERED, Stage.CLOSED), answered_at__gte=since, answered_at__lte=at
    )
    closed = closed.exclude(matter__facts__kind=facts.RECHECK_CHOSEN.name).select_related(
        "matter", "unit", "place"
    )
    by_unit: dict[int | None, list[Letter]] = {}
    for letter in closed:
        by_unit.setdefault(letter.unit_id, []).append(letter)
    chosen: list[Letter] = []
    for letters in by_unit.values():
        count = max(1, round(len(letters) * share))
        chosen += secrets.SystemRandom().sample(letters, min(count, len(letters)))
    for letter in chosen:
        report(letter, facts.RECHECK_CHOSEN, by, at, unit=code_of(letter.unit))
    cycles.open_cycles(at)
    if cycle := cycles.current(place, "letter.sample", "month", at):
        ledger.record(facts.SAMPLE_DRAWN, matter=cycle, by=by, at=at, details={"count": len(chosen)})
    return chosen


@transaction.atomic
def recheck(letter: Letter, *, by: Actor, at: datetime, outcome: str) -> Letter:
    """Note what checking a closed letter again found."""
    letter = Letter.objects.locked(letter)
    policy.may_recheck(by, letter).enforce()
    report(letter, facts.RECHECKED, by, at, outcome=screen.mask(outcome)[:300])
    return letter
