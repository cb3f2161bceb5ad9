"""Letters and the hotline heard by the watch: one concern, whatever way people speak of it.

The rooms do not know each other: here what is written to the government becomes posts of sources inside the desk. A post
holds the masked words, the number of the letter and the keyed print of its writer, nothing else. The other way round posts
get the topics that letters have taught.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from gongkai.letters import issues
from gongkai.letters import learning as letters
from gongkai.letters.models import Letter
from gongkai.opinion import learning as opinion
from gongkai.opinion.actions import collecting, considering, streaming
from gongkai.opinion.models import Post, Source
from gongkai.opinion.watching.items import Item
from gongkai.people.actor import Actor
from gongkai.people.models import Place

WINDOW = timedelta(days=7)  # posts of so long make stories; an older letter is not news
A_BATCH = 500
HOTLINE = "12345热线"
CHANNELS = (
    ("群众留言", "群众来信（本平台）", ~Q(source=HOTLINE)),
    ("热线电话", "12345热线来信（本平台）", Q(source=HOTLINE)),
)
"""Kind of source (`opinion.channel`), its first name, which letters it brings."""


def hear_all(now: datetime) -> int:
    """Hear the letters of every open place; how many were new. Each batch stands by itself: a broken run goes on."""
    return sum(hear(place, now) for place in Place.objects.filter(is_open=True))


def consider_all(now: datetime) -> int:
    """Give the posts of every open place the topics its letters have taught, and hint at what may be untrue; how many."""
    return sum(
        considering.consider(place, topics=letters.topics, hints=opinion.hints)
        for place in Place.objects.filter(is_open=True)
    )


def hear(place: Place, now: datetime) -> int:
    """Hand the new letters of a place to the watch and take back those that became reports; how many were new.

    Nothing is remembered but the posts themselves: what has none yet is handed over, so it may be run at any time.
    """
    system, heard = Actor.system(place), 0
    for kind, name, which in CHANNELS:
        source = Source.objects.filter(place=place, how=Source.How.INSIDE, kind=kind).first()
        if source is not None:
            _take_back(source, system)
        if source is not None and not source.is_on:
            continue
        items = _new(place, which, source, now)
        if not items:
            continue
        source = source or collecting.inside(place, kind, name, by=system)
        for start in range(0, len(items), A_BATCH):
            batch = items[start : start + A_BATCH]
            heard += collecting.receive(source, batch, by=system, at=now).taken
    return heard


def _new(place: Place, which: Q, source: Source | None, now: datetime) -> list[Item]:
    """Letters of the window that have no post yet, the earliest first; nothing that reads like a report."""
    letters = issues.tellable(place).filter(which, received_at__gt=now - WINDOW, received_at__lte=now)
    if source is not None:
        letters = letters.filter(
            ~Exists(Post.objects.filter(source=source, external_id=OuterRef("matter__number")))
        )
    rows = letters.order_by("received_at", "pk")
    fields = ("matter__number", "title", "text", "nature", "writer_print", "received_at")
    return [
        Item(number, text, at, title=title, author=writer)
        for number, title, text, nature, writer, at in rows.values_list(*fields)
        if not issues.reads_like_report(title, text, nature)
    ]


def _take_back(source: Source, by: Actor) -> int:
    """Take out the posts of letters that turned out to be reports, or were withdrawn or declined; how many."""
    told = issues.tellable(source.place).filter(matter__number=OuterRef("external_id"))
    letter = Letter.objects.filter(matter__number=OuterRef("external_id"))
    gone = Post.objects.filter(Exists(letter), ~Exists(told), source=source)
    names = list(gone.order_by().values_list("external_id", flat=True))
    return streaming.take_back(source, names, by=by) if names else 0
