"""A letter as its writer reads it: where it stands, what happened, until when an answer is owed and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from gongkai.ledger import asks, lawbook
from gongkai.ledger.models import Fact, Link, Obligation
from gongkai.ledger.vocabulary import KINDS
from gongkai.letters import facts, policy
from gongkai.letters.models import Letter, Stage
from gongkai.people.models import Unit

ANSWERS = ("letter.redo", "letter.answer")  # the duties whose end the writer waits for
STEPS = ("收到", "交办", "办理", "答复", "评价")
OTHERS = "合并办理的另一位来信人已评价"
REACHED = {
    Stage.RECEIVED: 1,
    Stage.ASSIGNED: 2,
    Stage.HANDLING: 2,
    Stage.SIGNING: 3,
    Stage.ANSWERED: 4,
    Stage.CLOSED: 5,
}


def stages(letter: Letter) -> list[tuple[str, str]]:
    """The steps of a letter as the line of stages draws them; none for one that left the line."""
    reached = REACHED.get(Stage(letter.stage))
    if reached is None:
        return []
    return [
        (word, "done" if n < reached else "now" if n == reached else "next") for n, word in enumerate(STEPS)
    ]


def answering_unit(letter: Letter) -> Unit | None:
    """The unit whose answer it is: the lead unit where it answers itself, else the unit that handled the letter."""
    return letter.lead if policy.answers_itself(letter) else letter.unit or letter.lead


def state_zh(letter: Letter, main: Letter) -> str:
    """Where a letter stands, in one sentence. `main` is the one whose answer it gets."""
    unit = main.unit or main.lead or letter.place.government
    match letter.stage:
        case Stage.RECEIVED:
            return f"{letter.lead or letter.place.government}已收到，正在分给承办单位。"
        case Stage.ASSIGNED:
            return f"已交给{unit}办理。"
        case Stage.HANDLING:
            return _redone(letter, unit) if letter.redo_count else f"{unit}正在办理。"
        case Stage.SIGNING:
            return f"{unit}已经写好答复，正在审签。"
        case Stage.ANSWERED:
            return f"{unit}已经答复，请您评价。"
        case Stage.CLOSED:
            return f"已经办完，您的评价是“{letter.rating}”。"
        case Stage.MERGED:
            return f"和相同的来信合并办理，{_together(letter, main, unit)}"
        case Stage.HANDED:
            return "已移送信访部门，由信访部门按规定处理。"
        case Stage.DECLINED:
            return "这件事不属于受理范围，理由和应走的渠道见下面。"
        case _:
            return "您已撤回这封信，不再办理。"


def _redone(letter: Letter, unit: Unit | str) -> str:
    whose = "您对上次答复" if letter.rating == "不满意" else "合并办理的另一位来信人对上次答复"
    return f"{whose}不满意，{unit}正在重新办理。"


def _together(letter: Letter, main: Letter, unit: Unit | str) -> str:
    """Where a merged letter stands with the one it went into."""
    if not letter.answer:
        return f"由{unit}一起答复，答复会同时给您。"
    if main.is_working:
        return _redone(letter, unit)
    return f"已经办完，您的评价是“{letter.rating}”。" if letter.rating else "已经答复，请您评价。"


@dataclass(frozen=True, slots=True)
class Card:
    """The clock the writer waits for, with its working."""

    label: str
    state: str
    due: datetime
    left: str
    note: str
    cite: str
    days: Any
    sentences: Any


def clock_card(letter: Letter, now: datetime) -> Card | None:
    """The clock of the answer that was owed last, or None where nothing is owed. Two queries."""
    owed = Obligation.objects.filter(matter=letter.matter, duty__in=ANSWERS, due_at__isnull=False)
    last = (
        owed.exclude(state__in=[Obligation.States.VOID, Obligation.States.LAPSED])
        .order_by("-opened_at", "-pk")
        .first()
    )
    if last is None or last.due_at is None:
        return None
    face = asks.face(last, now)
    working = asks.explanations(letter.matter, now).get(last.key)
    return Card(
        label="重新办理的期限" if last.duty == "letter.redo" else "答复期限",
        state=face.kind,
        due=last.due_at,
        left=face.left,
        note=_early(last),
        cite=asks.cite_of(letter.place_id, last.duty),
        days=working.days if working else (),
        sentences=working.sentences if working else (),
    )


def _early(o: Obligation) -> str:
    """How much before its time an answer came: 早 1 个工作日."""
    if o.state != Obligation.States.MET or o.settled_at is None or o.due_at is None:
        return ""
    calendar = lawbook.calendar(o.place_id)
    last_day = timezone.localdate(o.due_at - timedelta(microseconds=1))
    days = calendar.working_days_between(timezone.localdate(o.settled_at), last_day)
    return f"早 {days} 个工作日" if days > 0 else ""


def _unit(fact: Fact) -> str:
    """The unit a fact names: another one beside the responsible unit, or that one."""
    return str(fact.details.get("party") or fact.details.get("unit") or "")


def events(letter: Letter) -> list[dict[str, Any]]:
    """What happened, in the words meant for the writer, newest first. Two queries.

    The rating of a merged letter is told in the one it went into: its writer reads it here, the others that there was one.
    """
    kinds = {name: kind for name, kind in KINDS.items() if kind.public}
    into = Link.objects.filter(kind=Link.Kind.MERGED_INTO, source=letter.matter_id).values("target")
    own = Q(matter__in=into, kind=facts.RATED.name, details__merged=letter.number)
    told = Fact.objects.filter(Q(matter=letter.matter) | own, kind__in=kinds, corrections=None)
    seen = list(told.order_by("happened_at", "id"))
    codes = {code for fact in seen if (code := _unit(fact))}
    names = dict(Unit.objects.filter(code__in=codes).values_list("code", "short_name"))
    found = [
        {
            "at": fact.happened_at,
            "title": OTHERS
            if fact.details.get("merged", letter.number) != letter.number
            else kinds[fact.kind].public,
            "by": names.get(_unit(fact), ""),
            "text": _detail(fact),
            "state": "",
        }
        for fact in reversed(seen)
    ]
    if found:
        found[0]["state"] = "now"
    return found


def _detail(fact: Fact) -> str:
    """What a fact says beyond its name, as far as it is meant for the writer."""
    given = fact.details
    match fact.kind:
        case facts.CLASSIFIED.name:
            return f"按“{given['class']}”办理" if given.get("class") else ""
        case facts.EXTENDED.name:
            return f"延长 {given.get('by')} 个工作日。理由：{given.get('reason', '')}"
        case facts.RATED.name:
            return str(given.get("rating", ""))
        case _:
            return ""
