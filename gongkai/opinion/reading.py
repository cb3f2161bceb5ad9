"""What is read from a post at a place: which units and plans it is about, besides what its own words say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.utils import timezone

from gongkai.opinion.models import Plan
from gongkai.people.models import Place, Unit
from gongkai.text import plan as plans
from gongkai.text import posts
from gongkai.text.cut import normal

UNITS = 3
"""Units named of a post, at most."""
NAMED, COMPETENT = 10, 1
"""What a unit's name and a word of its list of competence count for, a character of the word."""
_SIGNS = str.maketrans("、，,；;　\n", "       ")

UnitWords = tuple[str, tuple[str, ...], tuple[str, ...]]  # code, names, words of competence
PlanWords = tuple[int, str]  # key, expression


@dataclass(frozen=True, slots=True)
class Read:
    """What a post says, and the units (codes) and plans (keys) it is about; `words` led to all of it."""

    says: posts.Reading
    units: tuple[str, ...]
    plans: tuple[int, ...]
    words: tuple[str, ...]


class Reader:
    """Reads the posts of a place with its units and its plans that run."""

    def __init__(self, units: Sequence[UnitWords], running: Sequence[PlanWords]) -> None:
        import ahocorasick_rs

        self._points: dict[str, list[tuple[str, int]]] = {}
        for code, names, competence in units:
            for words, worth in ((names, NAMED), (competence, COMPETENT)):
                for word in words:
                    self._points.setdefault(normal(word), []).append((code, worth * len(word)))
        self._words = sorted(self._points)
        self._finder = ahocorasick_rs.AhoCorasick(self._words)
        self._plans = [(key, plans.parse(expression)) for key, expression in running]

    def read(self, text: str) -> Read:
        """Read a post: title and text. Near words count once, however often they are said."""
        plain = normal(text)
        says = posts.read_normal(plain)
        units: dict[str, int] = {}
        words: list[str] = []
        for at in dict.fromkeys(
            at for at, _, _ in self._finder.find_matches_as_indexes(plain, overlapping=True)
        ):
            words.append(self._words[at])
            for code, points in self._points[self._words[at]]:
                units[code] = units.get(code, 0) + points
        best = sorted(units, key=lambda code: (-units[code], code))[:UNITS]
        matched = []
        for key, plan in self._plans:
            if found := plan.find_normal(plain):
                matched.append(key)
                words += found.words
        return Read(says, tuple(best), tuple(matched), tuple(dict.fromkeys((*says.words, *words))))


def reader_of(place: Place, at: datetime) -> Reader:
    """The reader of a place as its units and plans are at an instant. Two queries."""
    units = Unit.objects.filter(place=place).bodies(timezone.localdate(at)).order_by("pk")
    words = tuple(
        (
            code,
            tuple(_names(place.name, name, short)),
            tuple(word for word in competence.translate(_SIGNS).split() if len(word) > 1),
        )
        for code, name, short, competence in units.values_list("code", "name", "short_name", "competence")
    )
    running = tuple(
        (plan.pk, plan.expression) for plan in Plan.objects.filter(place=place) if plan.runs_at(at)
    )
    return _reader(words, running)


@lru_cache(maxsize=64)
def _reader(units: tuple[UnitWords, ...], running: tuple[PlanWords, ...]) -> Reader:
    return Reader(units, running)


def _names(place: str, name: str, short: str) -> set[str]:
    """A unit as people call it: 清源县水务局, 县水务局, 水务局."""
    bare = short.removeprefix(place).removeprefix(place[-1:])
    return {word for word in (name, short, bare, name.removeprefix(place)) if len(word) > 1}
