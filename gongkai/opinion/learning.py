"""What a place has learned from the rumours its people have checked, and what it hints for a new post. A person decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from gongkai.opinion.actions import considering
from gongkai.opinion.models import Event, Learned, Post, Stage
from gongkai.people.models import Place
from gongkai.text import rumour
from gongkai.text.discussed import Discussed
from gongkai.text.posts import RUMOUR

if TYPE_CHECKING:  # numpy and scipy: loaded where they are used
    from gongkai.text.model import Model

MOST = 20_000  # the newest checked posts, by which a model is trained
YES, NO = "疑似不实", "其他"


def checked(place: Place) -> list[tuple[Discussed, str]]:
    """Posts that people have judged, with what they said: by hand, else by the event their story was taken up as.

    In an event of a rumour only what people say is taken for it: media and verified accounts may be denying it.
    """
    judged = Event.objects.filter(place=place).exclude(stage=Stage.FOUND)
    rumours, others = (judged.filter(is_rumour=is_one).values("matter") for is_one in (True, False))
    plain = Q(is_media=False, is_verified=False)
    told = (
        (Q(is_checked=True, kind=RUMOUR), YES),
        (Q(is_checked=True) & ~Q(kind=RUMOUR), NO),
        (Q(is_checked=False, story__matter__in=rumours) & plain, YES),
        (Q(is_checked=False, story__matter__in=others), NO),
    )
    found: list[tuple[Discussed, str]] = []
    for which, label in told:
        posts = Post.objects.filter(which, place=place, duplicate_of=None).order_by("-pk")[:MOST]
        found += [(text, label) for text in as_learned(posts)]
    return found


def as_learned(found: Iterable[Post]) -> list[Discussed]:
    """Posts as a learner reads them: with their author, and beside them the words of those who passed them on soon. One query."""
    posts = {post.pk: post for post in found}
    said: dict[int, list[str]] = defaultdict(list)
    passed_on = (
        Post.objects.filter(duplicate_of__in=posts).exclude(repost_of="").order_by("published_at", "pk")
    )
    for first, at, words in passed_on.values_list("duplicate_of", "published_at", "text"):
        if first and at <= posts[first].published_at + rumour.SPREAD:
            said[first].append(words)
    return [rumour.marked(post.whole, post.reach, post.is_verified, said[pk]) for pk, post in posts.items()]


def train(place: Place, at: datetime) -> Learned | None:
    """Learn from what people have checked and judge the result on posts it was not shown; None when they are too few."""
    from gongkai.text.features import CHARS, CUES, HEARD, WORDS
    from gongkai.text.judge import cross_validate
    from gongkai.text.learn import Target
    from gongkai.text.learn import train as learn
    from gongkai.text.model import ModelError

    rows = checked(place)
    texts = [text for text, _ in rows]
    target = Target([label for _, label in rows], (WORDS, CHARS, CUES, HEARD))
    try:
        model = learn(texts, {"rumour": target}, cues=rumour.MARKS)
        judged = cross_validate(texts, target, cues=rumour.MARKS, never={NO})
    except ModelError:
        return None
    report: dict[str, Any] = {name: value for name, value in asdict(judged).items() if name != "confusion"}
    return considering.keep_model(place, at=at, posts=len(texts), report=report, model=model.save())


def hints(place: str, posts: Sequence[Post]) -> list[tuple[str, ...]] | None:
    """For each post the words for which it may be untrue, none where that is not sure; None where nothing was learned."""
    newest = Learned.objects.filter(place=place).values_list("pk", flat=True).first()
    model = _read(newest) if newest else None
    if model is None:
        return None
    told = model.suggest(as_learned(posts))
    return [
        one["rumour"].words if one["rumour"].label == YES and one["rumour"].confidence >= rumour.SURE else ()
        for one in told
    ]


@lru_cache(maxsize=16)
def _read(pk: int) -> Model | None:
    from gongkai.text.model import Model, ModelError

    try:
        return Model.load(bytes(Learned.objects.get(pk=pk).model))
    except ModelError:  # made by another version: cue words speak until it is trained again
        return None
