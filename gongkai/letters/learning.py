"""What a place has learned from its answered letters, and what it suggests for a new one. A person decides.

Without a model, cue words and the units' lists of competence speak; they say so, and with less confidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gongkai.letters import actions
from gongkai.letters.models import DONE, Learned, Letter
from gongkai.people.models import Place, Unit
from gongkai.text import nature

if (
    TYPE_CHECKING
):  # the learner is large (a hundred megabytes, seconds to load): it is loaded where it is used
    from gongkai.text.judge import Report
    from gongkai.text.learn import Model

FIELDS = {"nature": "诉求性质", "topic": "主题", "unit": "承办单位"}
LABELS = FIELDS | {"time_class": "办理时类", "triage": "分流"}
MOST = 20_000  # the newest answered letters, by which a model is trained
LEAST = 0.35  # confidence below which nothing is suggested
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
    learned = _learned(letter.place_id)
    found = {one.field: one for one in _by_cues(text, letter.place_id)}
    if learned is not None:
        found |= {one.field: one for one in _by_model(learned, text, letter.place_id)}
    return [found[name] for name in LABELS if name in found]


def _by_cues(text: str, place: str) -> Iterator[Suggested]:
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
    yield from _by_competence(text, place)


def _readable(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without bare signs."""
    return tuple(word for word in words if any(map(str.isalnum, word)))


def _by_competence(text: str, place: str) -> Iterator[Suggested]:
    """The unit whose list of competence speaks most for the letter; the title counts twice."""
    title = text.partition("\n")[0]
    scores: list[tuple[int, Unit, tuple[str, ...], int]] = []
    for unit in Unit.objects.filter(place=place, closed_on=None).exclude(competence="").order_by("pk"):
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


def _by_model(learned: tuple[Model, int], text: str, place: str) -> Iterator[Suggested]:
    model, letters = learned
    for name, told in model.suggest([text])[0].items():
        if told.confidence < LEAST or not told.words:
            continue
        label = told.label
        if name == "unit":
            unit = Unit.objects.filter(place=place, code=told.label, closed_on=None).first()
            if unit is None:
                continue
            label = unit.short_name
        why = f"本地 {letters:,} 封已办结的来信中，这样判断约 {told.confidence:.0%} 是对的"
        yield Suggested(name, told.label, label, told.confidence, told.words, why)


def _learned(place: str) -> tuple[Model, int] | None:
    """The newest model of a place and the letters it was trained on; None when there is none that can be read."""
    newest = Learned.objects.filter(place=place).values_list("pk", flat=True).first()
    return _read(newest) if newest else None


@lru_cache(maxsize=16)
def _read(pk: int) -> tuple[Model, int] | None:
    from gongkai.text.learn import Model, ModelError

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
    from gongkai.text.learn import ModelError, Target
    from gongkai.text.learn import train as learn

    letters = list(
        Letter.objects.filter(place=place, stage__in=DONE)
        .order_by("-received_at", "-pk")
        .values_list("title", "text", "nature", "topic", "unit__code")[:MOST]
    )
    texts = [f"{title}\n{text}" for title, text, *_ in letters]
    targets = {
        "nature": Target([row[2] or None for row in letters], (WORDS, CUES)),
        "topic": Target([row[3] or None for row in letters]),
        "unit": Target([row[4] for row in letters]),
    }
    names = [
        name for pair in Unit.objects.filter(place=place).values_list("name", "short_name") for name in pair
    ]
    try:
        model = learn(texts, targets, names=names, cues=nature.CUES)
    except ModelError:
        return None
    report = {}
    for name in model.heads:
        report[name] = _figures(cross_validate(texts, targets[name], names=names, cues=nature.CUES))
    return actions.keep_model(place, at=at, letters=len(letters), report=report, model=model.save())


def _figures(report: Report) -> dict[str, Any]:
    """A report as it is kept: the figures by label, without the confusion of single pairs."""
    kept = {name: value for name, value in asdict(report).items() if name != "confusion"}
    return kept | {"first_two": report.first_two}
