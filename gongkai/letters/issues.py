"""Hot issues: the letters of the last months grouped by what they are about. A person's word on a pair is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from gongkai.letters import actions
from gongkai.letters.models import Letter, LetterQuerySet, Stage, Tie
from gongkai.people.asks import parts_of
from gongkai.people.models import Place
from gongkai.text.nature import REPORT, nature_by_cues
from gongkai.ui.refusal import Refused

WINDOW = timedelta(days=90)
MOST = 10_000


def tellable(place: Place) -> LetterQuerySet:
    """Letters that more people may read of than handle them: no protected report, nothing withdrawn or declined."""
    letters = Letter.objects.filter(place=place, is_protected=False).exclude(nature=REPORT)
    return letters.exclude(stage__in=(Stage.WITHDRAWN, Stage.DECLINED))


def reads_like_report(title: str, text: str, nature: str) -> bool:
    """Whether a letter that nobody has classified yet may be a report: it is left out until somebody has."""
    return not nature and nature_by_cues(f"{title}\n{text}").label == REPORT


def regroup(place: Place, now: datetime) -> int:
    """Group the letters of a place anew; how many issues there are now.

    Protected reports, and what reads like one before it is classified, are left out: an issue is shown to more
    people than a report. Raises Refused when what people said of pairs contradicts itself.
    """
    from gongkai.text import hot  # large: loaded where it is used

    letters = (
        tellable(place)
        .filter(received_at__gt=now - WINDOW)
        .order_by("-received_at", "-pk")
        .values_list("pk", "title", "text", "writer_print", "received_at", "nature")[:MOST]
    )
    items = [
        hot.Item(str(pk), title, text, writer or f"letter:{pk}", at)
        for pk, title, text, writer, at, kind in letters
        if not reads_like_report(title, text, kind)
    ]
    ties = Tie.objects.filter(place=place).order_by("pk").values_list("one_id", "other_id", "together")
    joined = [(str(one), str(other)) for one, other, together in ties if together]
    parted = [(str(one), str(other)) for one, other, together in ties if not together]
    wide = (place.name, *([place.parent.name] if place.parent else []))
    try:
        groups = hot.group(
            items,
            now=now,
            wide=wide,
            parts=parts_of(place, timezone.localdate(now)),
            must_link=joined,
            cannot_link=parted,
        )
    except ValueError as contradiction:
        raise Refused(str(contradiction), remedy="请在热点问题里重新判定这几封来信。") from None
    return actions.keep_issues(place, groups, at=now)


def regroup_all(now: datetime) -> int:
    """Group the letters of every open place anew; how many issues there are now."""
    return sum(regroup(place, now) for place in Place.objects.filter(is_open=True).select_related("parent"))
