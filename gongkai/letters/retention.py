"""How long a letter's writer is kept: for the years a place sets, counted from when the letter was closed.

《中华人民共和国个人信息保护法》第十九条: no longer than the purpose needs. The letter, its answer and its facts
stay as the file of the case; who wrote it, and what the writer handed in, do not.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from gongkai.ledger.choices import Choice, choice, chosen
from gongkai.ledger.models import Fact, Link, Obligation
from gongkai.letters import facts
from gongkai.letters.models import DONE, WORKING, Letter, LetterQuerySet, Stage
from gongkai.people.models import Place

OUT = (*DONE, Stage.MERGED, Stage.HANDED, Stage.DECLINED, Stage.WITHDRAWN)
CLOSING = [
    kind.name
    for kind in (
        facts.ANSWERED, facts.RATED, facts.MERGED, facts.HANDED_TO_PETITION, facts.DECLINED, facts.WITHDRAWN,
    )
]  # fmt: skip


def over(place: Place, at: datetime, years: int) -> LetterQuerySet:
    """Letters whose writers are to be forgotten: closed `years` ago, nothing owed any more; the oldest first.

    A letter closed twice (answered anew, rated) counts from the last time; a merged one from what closed the letter
    it went into, and waits for that.
    """
    before = _years_ago(at, years)
    closings = Fact.objects.filter(kind__in=CLOSING, happened_at__gte=before)
    later = closings.filter(matter=OuterRef("matter"))
    merged_into = Link.objects.filter(kind=Link.Kind.MERGED_INTO, source=OuterRef("matter"))
    later_there = merged_into.filter(Exists(closings.filter(matter=OuterRef("target"))))
    owed = Obligation.objects.standing().filter(matter=OuterRef("matter"), is_minimum=False)
    waits = merged_into.filter(target__letter__stage__in=WORKING)
    letters = Letter.objects.filter(place=place, forgotten_at=None, stage__in=OUT, received_at__lt=before)
    letters = letters.filter(Q(answered_at=None) | Q(answered_at__lt=before))
    letters = letters.filter(~Exists(later), ~Exists(later_there), ~Exists(owed), ~Exists(waits))
    found: LetterQuerySet = letters.order_by("received_at", "pk")
    return found


def _years_ago(at: datetime, years: int) -> datetime:
    """The beginning of the same day so many years before; of 28 February for the 29th."""
    day = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def years_kept(place: Place, at: datetime) -> int:
    """For how many years a place keeps who wrote a letter, now."""
    return chosen(place.code, KEPT, timezone.localdate(at))


def _effect(place: Place, years: int, at: datetime) -> str:
    count = over(place, at, years).count()
    return f"按 {years} 年算，现在已有 {count} 封来信的来信人信息期满，会自动删除，不能恢复。"


KEPT = choice(
    Choice(
        "letter.writer", "years", "来信人的姓名、联系方式和所交附件", "办结后保存年限",
        "《中华人民共和国个人信息保护法》第十九条", "年", default=3, least=1, most=30, effect=_effect,
    )
)  # fmt: skip
