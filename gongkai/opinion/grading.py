"""A grade suggested from three factors (舆情内容、公众反应、媒体介入), each 0..100 with the figures behind it.

There is no national standard for grading opinion: from which sum a grade is suggested is each place's setting, and a
person decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from gongkai.ledger.choices import Choice, choice, chosen
from gongkai.opinion.stories import Factor
from gongkai.people.models import Place

GRADES = ("一般", "较大", "重大", "特别重大")
CITE = "没有全国统一的分级标准，由本地设定"


def _effect(place: Place, value: int, now: datetime) -> str:
    return f"三项因素合计到 {value} 分的，建议定为这一级；由人决定。"


FROM = {
    grade: choice(
        Choice(
            "opinion.suggest",
            grade,
            "舆情等级建议",
            f"合计多少分起建议“{grade}”",
            CITE,
            "分",
            default,
            1,
            300,
            _effect,
        )
    )
    for grade, default in (("较大", 90), ("重大", 150), ("特别重大", 210))
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the figures suggest. `grade` is empty when nothing was watched: silence is not an assessment."""

    factors: tuple[Factor, ...]
    grade: str

    @property
    def total(self) -> int:
        return sum(factor.score for factor in self.factors)

    def as_evidence(self) -> list[dict[str, object]]:
        """As it is kept with the assessment, so that the same figures can be read again."""
        return [
            {"factor": factor.name, "score": factor.score, "says": point.says, "points": point.points,
             "posts": list(point.posts), "count": point.count}
            for factor in self.factors
            for point in factor.points
        ]  # fmt: skip


def suggest(place: str, factors: tuple[Factor, ...], on: date) -> Suggestion:
    """The grade the place's thresholds give for the sum of the factors. Three queries."""
    if not any(factor.points for factor in factors):
        return Suggestion(factors, "")
    total = sum(factor.score for factor in factors)
    grade = GRADES[0]
    for name, threshold in FROM.items():
        if total >= chosen(place, threshold, on):
            grade = name
    return Suggestion(factors, grade)
