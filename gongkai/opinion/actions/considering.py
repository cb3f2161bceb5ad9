"""What is read of posts after they came in, where a place has learned to: their topic, and hints at what may be untrue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count

from gongkai.ledger import bulk
from gongkai.opinion.models import Grouping, Learned, Post, Story
from gongkai.people.models import Place

A_BATCH = 5_000
Topics = Callable[[str, Sequence[str]], Sequence[str] | None]
"""For a place and texts the topic of each ('' where unsure); None where nothing was learned."""
Hints = Callable[[str, Sequence[Post]], Sequence[tuple[str, ...]] | None]
"""For a place and posts the words for which each may be untrue; None where nothing was learned."""


@transaction.atomic
def consider(place: Place, *, topics: Topics, hints: Hints) -> int:
    """Read the next posts of a place once more; how many. What a person has checked stays as it is.

    What others now pass on is read again, with their words. Without anything learned the posts wait: they are read
    when it is.
    """
    grouping = Grouping.objects.select_for_update().filter(place=place).first()
    if grouping is None:
        return 0
    fields = (
        "title",
        "text",
        "reach",
        "is_verified",
        "story_id",
        "topic",
        "is_rumoured",
        "cues",
        "is_checked",
        "published_at",
        "repost_of",
        "duplicate_of_id",
    )
    kept = Post.objects.filter(place=place).order_by("pk").only(*fields)
    new = list(kept.filter(pk__gt=grouping.considered)[:A_BATCH])
    passed_on = {pk for post in new if post.repost_of and (pk := post.duplicate_of_id)}
    posts = [*kept.filter(pk__in=passed_on, pk__lte=grouping.considered), *new]
    told = topics(place.pk, [post.whole for post in posts]) if posts else None
    hinted = hints(place.pk, posts) if posts else None
    if told is None and hinted is None:
        return 0
    changed, named = [], set()
    for at, post in enumerate(posts):
        words = hinted[at] if hinted and not post.is_checked else ()
        topic = told[at] if told else post.topic
        if topic != post.topic or (words and not post.is_rumoured):
            cues = list(dict.fromkeys((*post.cues, *words)))
            changed.append((topic, post.is_rumoured or bool(words), cues, post.pk))
            named.add(post.story_id)
    bulk.update(Post, ("topic", "is_rumoured", "cues"), changed)
    name_topics(named)
    grouping.considered = new[-1].pk
    grouping.topics = sorted({*grouping.topics, *(told or ())} - {""})
    grouping.save(update_fields=["considered", "topics"])
    return len(new)


def name_topics(stories: Iterable[int]) -> None:
    """The topic of stories: the one most of their posts have, of two the one that sorts first."""
    best: dict[int, tuple[int, str]] = {}
    counted = Post.objects.filter(story__in=set(stories)).exclude(topic="").order_by()
    for story, topic, count in counted.values_list("story_id", "topic").annotate(n=Count("pk")):
        best[story] = min(best.get(story, (0, "")), (-count, topic))
    bulk.update(Story, ("topic",), ((topic, story) for story, (_, topic) in best.items()))


def keep_model(place: Place, *, at: datetime, posts: int, report: Mapping[str, Any], model: bytes) -> Learned:
    """Keep what was learned with how well it did on posts it had not seen; what stands is read once more with it."""
    Grouping.objects.filter(place=place).update(considered=0)
    return Learned.objects.create(place=place, trained_at=at, posts=posts, report=dict(report), model=model)
