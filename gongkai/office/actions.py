"""The verbs of the desk itself: set a value the packs leave to the place, sign for a revision of the rules; both after
seeing what they would change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongkai.ledger import actions as ledger
from gongkai.ledger import lawbook, revision
from gongkai.ledger.models import RulesEdition, Setting
from gongkai.office import local, policy
from gongkai.people.actor import Actor
from gongkai.ui.refusal import Refused

BATCH = 200
MOST = 20_000  # matters folded again in one request: about a minute


def try_out(
    subject: str, key: str, value: Any, *, from_on: date, by: Actor, at: datetime
) -> tuple[int, list[int]]:
    """How many matters a setting could touch and those in which something would change. Nothing is written.

    Raises Refused when the person may not, or the pack does not leave the value to the place.
    """
    with transaction.atomic():
        _configure(subject, key, value, from_on, by, at)
        touched = local.touched(by.place, subject, from_on)
        changed = [pk for batch in _batches(touched) for pk in ledger.refold(batch, at, dry=True)]
        lawbook.reload()  # the number of the setting that is taken back will be given again
        transaction.set_rollback(True)
    return len(touched), changed


@transaction.atomic
def set_locally(
    subject: str, key: str, value: Any, *, from_on: date, by: Actor, at: datetime
) -> tuple[Setting, int]:
    """Set a value and fold what it touches again; the setting, and in how many matters something changed."""
    row = _configure(subject, key, value, from_on, by, at)
    touched = local.touched(by.place, subject, from_on)
    return row, sum(len(ledger.refold(batch, at)) for batch in _batches(touched))


@lawbook.proposed()
def sign_revision(version: str, *, by: Actor, at: datetime) -> RulesEdition:
    """Sign for the rules in use as they were shown, and fold the place's matters with them.

    Raises Refused when the person may not, when the rules are no longer those shown, or when there is too much of it
    for a page.
    """
    policy.may_configure(by).enforce()
    lawbook.reload()  # what is signed for is what stands on disk
    if version != lawbook.version(by.place.code):
        raise Refused("规则在这一页打开以后又变了", remedy="请重新看过会变的事项再签。")
    if revision.affected(by.place).count() > MOST:
        raise Refused(
            f"要重算的超过 {MOST} 件，网页上做不完", remedy="请在服务器上运行 bin/gongkai ledger adopt 签字。"
        )
    return ledger.adopt(at, by)


def _configure(subject: str, key: str, value: Any, from_on: date, by: Actor, at: datetime) -> Setting:
    policy.may_configure(by).enforce()
    return ledger.configure(by.place, subject, key, value, from_on=from_on, by=by, at=at)


def _batches(pks: list[int]) -> Iterator[list[int]]:
    return (pks[start : start + BATCH] for start in range(0, len(pks), BATCH))
