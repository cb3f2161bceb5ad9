"""Whether an answer answers: each focal question beside the sentence that comes nearest, and what a good answer holds.

Advice only: it never stops a release. The comparison is of words, so a question that is answered in other words may
be shown as open; a person looks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gongkai.opinion.models import Event
from gongkai.text import screen
from gongkai.text.summary import sentences

ENOUGH = 0.5  # share of a question's pairs of characters found in two neighbouring sentences
STALLS = ("正在了解", "高度重视", "有关部门", "进一步核实", "另行通知", "不便透露", "无可奉告")
DATE = re.compile(r"\d{1,2}\s*月\s*\d{1,2}\s*日|\d{1,2}\s*[时点:：]|小时内|日内")
GROUND = re.compile(r"《[^》]+》|经查|经核实|检测|监测|调查|现场")
CONTACT = re.compile(r"\d{3,4}-?\d{7,8}|12345|热线|电话|邮箱")


@dataclass(frozen=True, slots=True)
class Point:
    """One thing looked for: whether it is there, what is said about it, the words it was read from."""

    says: str
    is_met: bool
    words: str = ""


def check(event: Event, text: str) -> list[Point]:
    """The focal questions one by one, then ground, time, contact, stalling and personal data."""
    told = [one.text for one in sentences(text)]
    neighbours = [f"{one}{told[n + 1] if n + 1 < len(told) else ''}" for n, one in enumerate(told)]
    points = [_answered(question, told, neighbours) for question in event.asked]
    stalls = [word for word in STALLS if word in text]
    private = [
        one for one in screen.find(text) if one.kind != screen.Kind.LANDLINE
    ]  # an office gives its number
    return [
        *points,
        _found("写了依据或核实的办法", GROUND, text),
        _found("写了时间", DATE, text),
        _found("留了联系方式或后续渠道", CONTACT, text),
        Point("没有空话套话", not stalls, "、".join(stalls)),
        Point("没有个人信息", not private, "、".join(one.text for one in private)),
    ]


def _answered(question: str, told: list[str], neighbours: list[str]) -> Point:
    """The sentence nearest to a question, by the share of its pairs of characters."""
    asked = _pairs(question)
    if not asked or not told:
        return Point(f"回答了“{question}”", False)
    shares = [len(asked & _pairs(text)) / len(asked) for text in neighbours]
    best = max(range(len(shares)), key=shares.__getitem__)
    is_met = shares[best] >= ENOUGH
    return Point(f"回答了“{question}”", is_met, neighbours[best] if is_met else "")


def _pairs(text: str) -> set[str]:
    plain = "".join(letter for letter in text if letter.isalnum())
    return {plain[n : n + 2] for n in range(len(plain) - 1)}


def _found(says: str, pattern: re.Pattern[str], text: str) -> Point:
    hit = pattern.search(text)
    return Point(says, hit is not None, hit.group(0) if hit else "")


def outline(event: Event) -> str:
    """The draft a writer starts from: what is established, then each question with room for its answer."""
    parts = [event.facts.strip()]
    parts += [f"{question}\n" for question in event.asked]
    return "\n\n".join(part for part in parts if part)
