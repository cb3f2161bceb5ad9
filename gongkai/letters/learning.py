"""What a place has learned from its answered letters, and what it suggests for a new one. A person decides.

Without a model, cue words and the units' lists of competence speak; they say so, and with less confidence. Where
a place has said from which confidence on, what its model suggests is filled in at once, and a person sees that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from gongkai.ledger import clock
from gongkai.ledger.models import Fact
from gongkai.letters import actions, facts, policy
from gongkai.letters.models import DONE, Learned, Letter, Trust
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Unit, UnitQuerySet
from gongkai.text import nature

if (
    TYPE_CHECKING
):  # the learner is large (a hundred megabytes, seconds to load): it is loaded where it is used
    from gongkai.text.judge import Report
    from gongkai.text.model import Model
    from gongkai.text.relevance import Relevance

FIELDS = {"nature": "诉求性质", "topic": "主题", "unit": "承办单位", "time_class": "办理时类"}
LABELS = FIELDS | {"triage": "分流"}
MOST = 20_000  # the newest answered letters, by which a model is trained
LEAST = 0.35  # confidence below which nothing is suggested
SURE = 0.6  # confidence from which what is no letter gets a topic
WORDS_FROM_COMPETENCE = "、，,；; 　"


@dataclass(frozen=True, slots=True)
class Suggested:
    """A value suggested for one field of a letter.

    `confidence` (0..1) is calibrated when it comes from a model; of cue words it only says how one-sided they are.
    `words` stand in the letter and led to it; `why` says in a sentence where it comes from.
    """

    field: str
    value: str
    label: str
    confidence: float
    words: tuple[str, ...]
    why: str

    @property
    def title(self) -> str:
        return f"{LABELS[self.field]}：{self.label}"


def suggest(letter: Letter) -> list[Suggested]:
    """What a letter may be, field by field; nothing where nothing speaks for a value."""
    text = f"{letter.title}\n{letter.text}"
    units = _units(letter.place_id, clock.today())
    learned = _learned(letter.place_id)
    found = {one.field: one for one in _by_cues(text, units)}
    if learned is not None:
        found |= {one.field: one for one in _by_model(learned, text, units)}
    return [found[name] for name in LABELS if name in found]


def _units(place: str, on: date) -> UnitQuerySet:
    """The units a letter may be given to on a day."""
    return Unit.objects.filter(place=place).bodies(on)


def _by_cues(text: str, units: UnitQuerySet) -> Iterator[Suggested]:
    kind, time = nature.nature_by_cues(text), nature.time_class_by_cues(text)
    if kind.words:
        yield Suggested(
            "nature", kind.label, kind.label, kind.confidence, _readable(kind.words), "按提示词判断"
        )
        triage = "举报投诉" if kind.label == nature.REPORT else "一般"
        yield Suggested("triage", triage, triage, kind.confidence, (), f"按诉求性质“{kind.label}”判断")
    if time.words:
        yield Suggested(
            "time_class", time.label, time.label, time.confidence, _readable(time.words), "按提示词判断"
        )
    yield from _by_competence(text, units)


def _readable(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without bare signs."""
    return tuple(word for word in words if any(map(str.isalnum, word)))


def _by_competence(text: str, units: UnitQuerySet) -> Iterator[Suggested]:
    """The unit whose list of competence speaks most for the letter; the title counts twice."""
    title = text.partition("\n")[0]
    scores: list[tuple[int, Unit, tuple[str, ...], int]] = []
    for unit in units.exclude(competence="").order_by("pk"):
        words: dict[str, int] = {}
        for number, line in enumerate(unit.competence.splitlines(), 1):
            for term in _terms(line):
                if term in text:
                    words.setdefault(term, number)
        score = sum(len(word) * (1 + (word in title)) for word in words)
        if score:
            scores.append((score, unit, tuple(words), next(iter(words.values()))))
    scores.sort(key=lambda row: (-row[0], row[1].pk))
    if scores:
        score, unit, found, number = scores[0]
        confidence = 0.9 * score / sum(row[0] for row in scores)
        yield Suggested(
            "unit", unit.code, unit.short_name, confidence, found, f"与职责清单第 {number} 项相符"
        )


def _terms(line: str) -> list[str]:
    for sign in WORDS_FROM_COMPETENCE[1:]:
        line = line.replace(sign, WORDS_FROM_COMPETENCE[0])
    return [term for term in line.split(WORDS_FROM_COMPETENCE[0]) if len(term) > 1]


def _by_model(learned: tuple[Model, int], text: str, units: UnitQuerySet) -> Iterator[Suggested]:
    model, letters = learned
    for name, told in model.suggest([text])[0].items():
        if told.confidence < LEAST or not told.words:
            continue
        label = told.label
        if name == "unit":
            unit = units.filter(code=told.label).first()
            if unit is None:
                continue
            label = unit.short_name
        why = f"本地 {letters:,} 封已办结的来信中，这样判断约 {told.confidence:.0%} 是对的"
        yield Suggested(name, told.label, label, told.confidence, told.words, why)


def topics(place: str, texts: Sequence[str]) -> list[str] | None:
    """The topic of texts of any room as the place's letters teach it, '' where that is not sure; None without a model."""
    learned = _learned(place)
    if learned is None or "topic" not in learned[0].heads:
        return None
    told = (one["topic"] for one in learned[0].suggest(texts))
    return [one.label if one.confidence >= SURE and one.words else "" for one in told]


def relevance(place: str) -> Relevance | None:
    """What tells whether a reply is about its letter, as learned from a place's answers; None without a model."""
    learned = _learned(place)
    return learned[0].relevance if learned else None


def fill(pks: Sequence[int], now: datetime) -> int:
    """Fill in new letters where their place lets the system do so; how many got something.

    Only the model speaks here: cue words and lists do not know how often they are right. What reads like a
    report, by the model or by cue words, is left to a person altogether.
    """
    from gongkai.text.nature import REPORT, nature_by_cues

    count = 0
    for letter in Letter.objects.filter(pk__in=pks).select_related("place", "matter").order_by("pk"):
        least, text = actions.trusted(letter.place_id), f"{letter.title}\n{letter.text}"
        learned = _learned(letter.place_id)
        system = Actor.system(letter.place)
        if not least or learned is None or not policy.may_fill(system, letter):
            continue
        told = {
            one.field: one
            for one in _by_model(learned, text, _units(letter.place_id, timezone.localdate(now)))
        }
        natures = {nature_by_cues(text).label, told["nature"].value if "nature" in told else ""}
        if REPORT in natures:
            continue
        found = {
            what: {"value": one.value, "label": one.label, "confidence": one.confidence, "words": one.words}
            for what, one in told.items()
            if one.confidence >= least.get(what, 2)
        }
        count += bool(actions.fill(letter, found, by=system, at=now).filled)
    return count


def in_force(place: Place) -> dict[str, Trust]:
    """By field the setting that holds, the newest; one that stopped the filling holds too."""
    rows = Trust.objects.filter(place=place).select_related("by").order_by("id")
    return {row.what: row for row in rows}


@dataclass(frozen=True, slots=True)
class Kept:
    """Of what was filled in and then classified by a person: how often, and how often it was changed."""

    count: int = 0
    changed: int = 0


def kept_since(place: Place, since: datetime) -> dict[str, Kept]:
    """By label of the field, what became of what the system filled in since then."""
    rows = (
        Fact.objects.filter(kind=facts.FILLED.name, matter__place=place, happened_at__gt=since)
        .filter(matter__letter__filled={}, corrections=None)
        .select_related("matter__letter__unit")
        .order_by("-id")[:MOST]
    )
    names = {label: what for what, label in FIELDS.items()}
    found: dict[str, Kept] = {}
    for fact in rows:
        letter, what = fact.matter.letter, names[fact.details["what"]]
        if what == "unit":
            if letter.unit is None:
                continue
            same = letter.unit.short_name == fact.details["value"]
        else:
            same = getattr(letter, what) == fact.details["value"]
        before = found.get(what, Kept())
        found[what] = Kept(before.count + 1, before.changed + (not same))
    return found


def _learned(place: str) -> tuple[Model, int] | None:
    """The newest model of a place and the letters it was trained on; None when there is none that can be read."""
    newest = Learned.objects.filter(place=place).values_list("pk", flat=True).first()
    return _read(newest) if newest else None


@lru_cache(maxsize=16)
def _read(pk: int) -> tuple[Model, int] | None:
    from gongkai.text.model import Model, ModelError

    row = Learned.objects.get(pk=pk)
    try:
        return Model.load(bytes(row.model)), row.letters
    except ModelError:  # made by another version: cue words speak until it is trained again
        return None


# ---- training --------------------------------------------------------------------------------------------------


def train(place: Place, at: datetime) -> Learned | None:
    """Learn anew from the place's answered letters and judge the result on them; None when they are too few."""
    from gongkai.text.features import CUES, WORDS
    from gongkai.text.judge import cross_validate
    from gongkai.text.learn import Target
    from gongkai.text.learn import train as learn
    from gongkai.text.model import ModelError

    said = Fact.objects.filter(matter=OuterRef("matter"), kind=facts.CLASSIFIED.name, by__isnull=False)
    letters = list(
        Letter.objects.filter(place=place, stage__in=DONE)
        .annotate(by_a_person=Exists(said))
        .order_by("-received_at", "-pk")
        .values_list("title", "text", "nature", "topic", "unit__code", "time_class", "by_a_person", "answer")[
            :MOST
        ]
    )
    texts = [f"{title}\n{text}" for title, text, *_ in letters]
    targets = {
        "nature": Target([row[2] or None for row in letters], (WORDS, CUES)),
        "topic": Target([row[3] or None for row in letters]),
        "unit": Target([row[4] for row in letters]),
        # an import reads the time class from cue words: learning that would only repeat them, and look sure of it
        "time_class": Target([(row[5] or None) if row[6] else None for row in letters], (WORDS, CUES)),
    }
    names = [
        name for pair in Unit.objects.filter(place=place).values_list("name", "short_name") for name in pair
    ]
    try:
        replies = [row[7] for row in letters]
        model = learn(texts, targets, names=names, cues=nature.CUES, replies=replies)
    except ModelError:
        return None
    report = {}
    for name in model.heads:
        judged = cross_validate(texts, targets[name], names=names, cues=nature.CUES, never=actions.NEVER)
        report[name] = _figures(judged)
    return actions.keep_model(place, at=at, letters=len(letters), report=report, model=model.save())


def _figures(report: Report) -> dict[str, Any]:
    """A report as it is kept: the figures by label, without the confusion of single pairs."""
    kept = {name: value for name, value in asdict(report).items() if name != "confusion"}
    return kept | {"first_two": report.first_two}
