"""Local settings (本地设定): what the packs leave to a place, what holds, since when, and what would change.

A setting is kept whole, as the pack writes the key, so a changed length of `extend` carries the rest along.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from gongkai.ledger import lawbook
from gongkai.ledger.choices import CHOICES, Choice, chosen
from gongkai.ledger.models import Obligation, Setting
from gongkai.ledger.supervision import term_zh
from gongkai.people.models import Place
from gongkai.ui.refusal import Verdict

KEYS = {
    "within": "时长",
    "before": "最短期限",
    "from": "从哪一刻起算",
    "every": "多久一次",
    "extend": "延期",
    "times": "重办次数",
    "values": "增加的选项",
}  # what packs speak of; a choice of the house brings its own label
VALUES = "values"
CHOSEN = {
    "from": {"detected_at": "发现时间", "occurred_at": "事件发生时间", "happened_at": "登记或定级时间"},
    "every": {"month": "每月", "quarter": "每季度", "half": "每半年", "year": "每年"},
}  # keys whose value is one of a few words


@dataclass(frozen=True, slots=True)
class Local:
    """One key of a duty or list: what holds today and where it comes from. `is_open` when the place may set it."""

    subject: str
    key: str
    says: str
    cite: str
    value: str
    is_open: bool
    history: Sequence[Setting]
    today: date
    choice: Choice | None = None

    @property
    def label(self) -> str:
        if self.choice:
            return self.choice.label
        return KEYS[self.key] if self.is_open or self.key != VALUES else "选项"

    @property
    def default(self) -> str:
        """Where the value comes from that holds when nothing was set."""
        return "系统缺省" if self.choice else "规则包缺省"

    @property
    def in_force(self) -> Setting | None:
        """The setting that holds today, None when the pack's own value does."""
        return max(
            (row for row in self.history if row.from_on <= self.today),
            key=lambda row: (row.from_on, row.pk),
            default=None,
        )

    @property
    def coming(self) -> Sequence[Setting]:
        return [row for row in self.history if row.from_on > self.today]

    @property
    def told(self) -> list[tuple[Setting, str]]:
        """The settings with their values in words, newest first."""
        return [(row, value_zh(self.key, row.value)) for row in reversed(self.history)]


def locals_of(place: Place, now: datetime) -> list[Local]:
    """Every key the packs speak of at a place, the open ones first in the order of the packs, and the house's choices."""
    rules, today = lawbook.rules(place.code), timezone.localdate(now)
    history = _history(place)
    found: list[Local] = []
    for id, rule in rules.duties.items():
        duty = rule.at(today, now)
        if duty is None:
            continue
        cite = f"《{rule.pack.head.title}》{duty.cite}"
        for key in ("within", "before", "from", "every", "extend", "times"):
            if words := _words(duty, key):
                rows = history.get((id, key), [])
                found.append(Local(id, key, duty.says, cite, words, key in duty.local, rows, today))
    for id, category in rules.lists.items():
        pack = rules.pack_with("lists", id)
        rows = history.get((id, VALUES), [])
        added = [value for row in rows if row.from_on <= today for value in row.value]
        words = "、".join(dict.fromkeys((*category.values, *added)))
        cite = f"《{pack.head.title}》{category.cite}" if pack else category.cite
        found.append(Local(id, VALUES, category.says or id, cite, words, category.open, rows, today))
    for subject, key in CHOICES:
        choice, rows = CHOICES[subject, key], history.get((subject, key), [])
        words = choice.in_words(chosen(place.code, choice, today))
        found.append(Local(subject, key, choice.says, choice.cite, words, True, rows, today, choice))
    return sorted(found, key=lambda one: not one.is_open)


def local_of(place: Place, subject: str, key: str, now: datetime) -> Local | None:
    return next((one for one in locals_of(place, now) if (one.subject, one.key) == (subject, key)), None)


def may_set(one: Local) -> Verdict:
    """Whether the pack leaves a value to the place; if not, with the article that fixes it."""
    if one.is_open:
        return Verdict.yes()
    if one.key == VALUES:
        return Verdict.no("这个清单是封闭的，不能增加。", cite=one.cite)
    return Verdict.no(f"“{one.says}”的{one.label}由规章规定，不能在本地改。", cite=one.cite)


def raw_of(place: Place, subject: str, key: str, on: date) -> Any:
    """A key as it would be written in a pack: the last setting in force, else the nearest pack that states it."""
    rows = [row for row in _history(place).get((subject, key), []) if row.from_on <= on]
    if rows:
        return max(rows, key=lambda row: (row.from_on, row.pk)).value
    if choice := CHOICES.get((subject, key)):
        return choice.default
    layers = lawbook.rules(place.code).duties[subject].layers
    return next((raw[key] for _, raw in reversed(layers) if key in raw), None)


def value_zh(key: str, value: Any) -> str:
    """A value as it is kept, in words: 5 个工作日, 最多 1 次，合计 5 个工作日."""
    match key, value:
        case "within" | "before", str():
            return term_zh(value)
        case "within", dict():
            spans = {name: span for name, span in value.items() if name != "by"}
            return "；".join(f"{_name(name)} {term_zh(span)}" for name, span in spans.items())
        case "extend", dict():
            return _extend_zh(value.get("times", 1), term_zh(value["max"]))
        case "times", dict():
            return f"最多 {value['max']} 次"
        case "from" | "every", str():
            return CHOSEN[key].get(value, value)
        case "years", int():
            return f"{value} 年"
        case _, list():
            return "、".join(map(str, value))
    return str(value)


def touched(place: Place, subject: str, from_on: date) -> list[int]:
    """Matters a setting could change: with such a duty that stands, or that began on its first day or later."""
    since = timezone.make_aware(datetime.combine(from_on, datetime.min.time()))
    here = Q(place=place) | Q(place__parent=place) | Q(place__parent__parent=place)
    rows = Obligation.objects.filter(here, duty=subject)
    rows = rows.filter(Q(settled_at=None) | Q(opened_at__gte=since))
    return sorted(set(rows.order_by().values_list("matter_id", flat=True)))


def _history(place: Place) -> dict[tuple[str, str], list[Setting]]:
    """Settings of a place and its superiors by subject and key, as they were added. One query."""
    codes: list[str] = []
    here: Place | None = place
    while here is not None:
        codes.append(here.pk)
        here = here.parent
    found: dict[tuple[str, str], list[Setting]] = {}
    for row in Setting.objects.filter(place__in=codes).select_related("by", "place").order_by("id"):
        found.setdefault((row.subject, row.key), []).append(row)
    return found


def _words(duty: Any, key: str) -> str:
    """A key of a duty as it holds, in words; empty when the duty has none."""
    if key == "within" and duty.within:
        spans: Iterable[tuple[str, Any]] = duty.within.spans().items()
        return "；".join(
            f"{_name(name)} {span.zh}".strip() if duty.within.by else span.zh for name, span in spans
        )
    if key == "every" and duty.every:
        return CHOSEN[key].get(str(duty.every), "")
    if key == "from" and "from" in duty.local:
        return CHOSEN[key].get(str(duty.from_), str(duty.from_))
    if key == "before" and duty.before:
        return str(duty.before.zh)
    if key == "extend" and duty.extend:
        return _extend_zh(duty.extend.times, duty.extend.max.zh)
    if key == "times" and duty.times:
        return f"最多 {duty.times.max} 次"
    return ""


def _name(name: str) -> str:
    return "其他" if name in ("", "otherwise") else name


def _extend_zh(times: int, longest: str) -> str:
    return f"最多 {times} 次，合计 {longest}"
