"""Filling in what a place lets the system fill in: a person sees it, may change it, and still classifies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from gongkai.ledger import asks, outbox
from gongkai.letters import facts, policy
from gongkai.letters.actions.report import report
from gongkai.letters.indexing import index
from gongkai.letters.models import Learned, Letter, Trust
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Unit
from gongkai.text.nature import REPORT
from gongkai.ui.refusal import Refused

LISTS = {"nature": "letter.nature", "time_class": "letter.class"}
NEVER = frozenset({REPORT})  # values a person alone gives


@transaction.atomic
def trust(place: Place, what: str, confidence: float | None, *, by: Actor, at: datetime) -> Trust:
    """Let the system fill in a field from this confidence (0.5 to 1) on; None stops it.

    Raises Refused when the person may not, or how often it would be right has not been measured here.
    """
    policy.may_trust(by).enforce()
    if what not in Trust.What.values:
        raise Refused("这一项不能自动填写", remedy=f"可以设定：{'、'.join(Trust.What.labels)}。")
    if confidence is not None:
        if not 0.5 <= confidence <= 1:
            raise Refused("把握应在 50% 到 100% 之间", remedy="请改正后再保存。")
        newest = Learned.objects.filter(place=place).values_list("report", flat=True).first()
        if what not in (newest or {}):
            raise Refused("这一项还没有训练过，不知道建议有几成对", remedy="请先训练，看过检验结果再设定。")
    assert by.staff is not None  # the power is a person's
    return Trust.objects.create(place=place, what=what, confidence=confidence, by=by.staff, at=at)


def trusted(place: str) -> dict[str, float]:
    """The fields a place lets the system fill in, each with the least confidence. One query."""
    newest: dict[str, float | None] = {}
    for what, confidence in (
        Trust.objects.filter(place=place).order_by("id").values_list("what", "confidence")
    ):
        newest[what] = confidence
    return {what: confidence for what, confidence in newest.items() if confidence is not None}


def ask_to_fill(place: str, pks: Sequence[int], now: datetime) -> None:
    """Put out that these new letters be filled in, which `policy.may_fill` allows, if the place lets the system do so."""
    if pks and trusted(place):
        outbox.post("letter.fill", f"fill:{pks[0]}:{pks[-1]}", {"letters": list(pks)}, now)


@transaction.atomic
def fill(letter: Letter, found: Mapping[str, Mapping[str, Any]], *, by: Actor, at: datetime) -> Letter:
    """Fill in the empty fields of a new letter; by field its `value`, `label`, `confidence` and `words`.

    What the place does not have on its lists is left out, and what a person alone may say. The words stay with
    the letter, which may be blotted out; the facts, which may not, hold none of them.
    """
    letter = Letter.objects.locked(letter)
    policy.may_fill(by, letter).enforce()
    filled = {
        what: dict(one) for what, one in found.items() if _may_stand(letter, what, str(one["value"]), at)
    }
    if not filled:
        return letter
    for what, one in filled.items():
        if what != "unit":  # the unit waits in the form: to give a letter away is a person's act
            setattr(letter, what, one["value"])
        # the words of the packs (unit, nature, class) are not used: nothing is owed for what is only filled in
        told = {
            "what": Trust.What(what).label,
            "value": one["label"],
            "confidence": f"{one['confidence']:.0%}",
        }
        report(letter, facts.FILLED, by, at, **told)
    letter.filled = letter.filled | filled
    letter.save(update_fields=["nature", "topic", "time_class", "filled"])
    index([letter])
    return letter


def _may_stand(letter: Letter, what: str, value: str, at: datetime) -> bool:
    if what in letter.filled or value in NEVER:
        return False
    if what == "unit":
        return letter.unit_id is None and _acts(letter.place_id, value, at)
    if getattr(letter, what):
        return False
    return what not in LISTS or value in asks.values_of(letter.place_id, LISTS[what])


def _acts(place: str, code: str, at: datetime) -> bool:
    return Unit.objects.filter(place=place, code=code).bodies(timezone.localdate(at)).exists()
