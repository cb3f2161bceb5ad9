"""My work: what the units of one's posts owe, grouped by clock, with the next act as a verb."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache, lru_cache, partial
from heapq import merge
from itertools import islice
from math import inf
from typing import Any, ClassVar, NamedTuple

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    DateField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Value,
    When,
)
from django.urls import reverse
from django.utils.http import urlencode

from gongkai.ledger import asks, cycles, pages
from gongkai.ledger.models import Obligation
from gongkai.letters.asks import next_step
from gongkai.letters.models import Draft, Stage
from gongkai.office import policy
from gongkai.people import asks as people
from gongkai.people.actor import Actor, acting
from gongkai.people.models import Holding, Leave, Post, Power, Staff
from gongkai.prepared import Prepared, Several, Slot
from gongkai.press import actions as press

A_GROUP = 12  # rows of a group before 再看
A_PAGE = 50  # rows when one group is looked at
GROUPS = ("late", "today", "soon", "ample", "prov", "paused")
NOTES = {
    "late": "先办这些",
    "today": "今天 24:00 前",
    "soon": "两天内到期",
    "ample": "还不急",
    "prov": "放假安排公布后再定",
    "paused": "恢复以后接着算",
}
BIG = ("text", "writer", "findings", "answer", "rating_words", "public_text", "public_answer")

# What a duty asks for, when it is not the stage of the letter that says it.
VERBS = {
    "letter.open": "打开",
    "letter.reassign": "重新交办",
    "letter.sign_for": "签收",
    "letter.joint_reply": "提供协办意见",
    "letter.supervise": "发出督办",
    "letter.hand_over": "移送信访",
    "letter.report": "报网信",
    "letter.recheck": "复查",
    "letter.sample": "抽取样本",
    "document.publish": "审查发布",
    "document.hand_to_portal": "送发布审查",
    "document.publish_normative": "审查发布",
    "information.publish": "审查发布",
    "information.publish_same_day": "当天发布",
    "information.publish_change": "送审新版",
    "activity.publish": "审查发布",
    "interpretation.publish": "发布解读",
    "interpretation.publish_rule": "发布解读",
    "review.sign": "签批",
    "review.make_up": "补办审签",
    "document.confirm": "答复确认",
    "document.settle": "协调",
    "document.determine_secrecy": "确定是否涉密",
    "document.take_down": "撤回或更正",
    "site.answer_fault": "答复找错",
    "catalogue.revise": "修订目录",
    "withheld.file": "报备",
    "withheld.publish": "公布目录",
    "disclosure.self_check": "自查",
    "disclosure.report_self_check": "报告",
    "disclosure.rectify": "整改",
    "press.clarify": "发布进展",
    "press.follow_up": "发布进展",
    "press.answer_question": "答复媒体",
    "press.answer_interview": "答复媒体",
    "press.rectify": "整改",
    "press.overall_meeting": "安排发布",
    "press.evaluate": "评估",
    "account.stay_active": "更新账号",
}
BY_STAGE = ("letter.answer", "letter.redo", "letter.assign")


@dataclass(frozen=True, slots=True)
class Row:
    """A duty in the work table: its clock, the matter, and what to do next."""

    pk: int
    duty: str
    state: str  # of its clock
    left: str
    due: datetime | None
    title: str
    number: str
    url: str
    source: str  # where the letter came from and what it is, or what is owed; the unit, where the list is of several
    act: str


@dataclass(frozen=True, slots=True)
class Group:
    """Rows with one kind of clock. `more` are not shown here but behind `more_url`."""

    state: str
    count: int
    rows: Sequence[Row]
    more: int = 0
    more_url: str = ""

    @property
    def word(self) -> str:
        return asks.WORDS[self.state]

    @property
    def note(self) -> str:
        return NOTES[self.state]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person narrowed the list to: a duty, a unit, whose turn; one group from a key on."""

    duty: str = ""
    unit: str = ""
    turn: str = ""
    q: str = ""
    clock: str = ""
    page: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Choice:
        """Read a query string; a clock it does not know is not asked."""
        asked = {name: given.get(name, "").strip() for name in cls.__slots__}
        if asked["clock"] not in GROUPS:
            asked["clock"] = asked["page"] = ""
        return cls(**asked)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.duty or self.unit or self.turn or self.q)

    def url(self, **changes: str) -> str:
        """The query string of this choice with changes."""
        return f"?{urlencode({name: value for name, value in (asdict(self) | changes).items() if value})}"


OF_PLACE = {
    "catalogue.revise": "documents:catalogue", press.OVERALL: "press:quota", press.EVALUATE: "press:evaluations",
    "opinion.circulate": "opinion:bulletin_new", "opinion.inspect": "opinion:inspection_new",
}  # fmt: skip
OF_UNIT = {
    "withheld.file": "documents:withheld_unit",
    "withheld.publish": "documents:withheld_unit",
    "disclosure.self_check": "documents:self_check",
    "disclosure.report_self_check": "documents:self_check",
    "disclosure.rectify": "documents:self_check",
}


def address(pk: int, duty: str, unit: str | None, room: str, number: str) -> str:
    """Where a duty is done: on its matter's page; a recurring one where its duty is done; else on its own page."""
    if duty in OF_PLACE:
        return reverse(OF_PLACE[duty])
    if duty in OF_UNIT and unit:
        return f"{reverse(OF_UNIT[duty], args=[unit])}?year={cycles.year_of(number)}"
    if duty != "letter.supervise" and (page := pages.url(room, number)):
        return page
    return reverse("office:obligation", args=[pk])


@dataclass(frozen=True, slots=True)
class OfLetter:
    """What the next act hangs on, of the letter a duty is owed for; `stage` is None where there is no letter."""

    stage: str | None
    time_class: str
    triage: str
    officer: str | None
    is_found: bool
    is_signed: bool


def verb(duty: str, letter: OfLetter, *, is_mine: bool) -> str:
    """The next act, from the duty and the stage of its letter; whom it waits for when it is another's turn."""
    if letter.stage is None:
        return VERBS.get(duty, "查看")
    if is_mine and duty in BY_STAGE:
        state = {"is_found": letter.is_found, "is_signed": letter.is_signed}
        return next_step(letter.stage, letter.time_class, letter.triage, **state)
    if is_mine:
        return VERBS.get(duty, "查看")
    if letter.stage == Stage.SIGNING:
        return "等发出" if letter.is_signed else "等审签"
    return f"等{letter.officer}办" if letter.officer else "等承办岗办"


SIGNED = Exists(Draft.objects.filter(letter=OuterRef("matter__letter"), state=Draft.State.SIGNED).order_by())


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is: letters one is the officer of, stands in for, or nobody is; replies that wait for one's signature.

    What another unit than the handling one owes for a letter has no officer: it is the turn of all who work there.
    """

    officers: frozenset[int | None]
    works: frozenset[int]
    signs: frozenset[int]

    COLUMNS: ClassVar = (
        "unit_id",
        "matter__letter__stage",
        "matter__letter__officer_id",
        "matter__letter__unit_id",
    )

    @classmethod
    def of(cls, actor: Actor) -> Turn:
        works = actor.units(Power.RECEIVE, Power.ASSIGN, Power.HANDLE, Power.OVERSEE)
        officers = {None, actor.staff.pk if actor.staff else None, *actor.stands_for}
        return cls(frozenset(officers), works, actor.units(Power.SIGN))

    def is_mine(
        self, unit: int | None, stage: str | None, officer: int | None, handling: int | None, is_signed: bool
    ) -> bool:
        """The answer for one duty; `stage` is None where the matter has no letter."""
        if stage is None:
            return True
        if handling != unit:
            return unit in self.works
        if stage == Stage.SIGNING:
            return unit in (self.works if is_signed else self.signs)
        return unit in self.works and officer in self.officers


NOW, TONIGHT, SOON = (Slot(name, DateTimeField()) for name in ("now", "tonight", "soon"))
CLOCK = Case(
    When(is_paused=True, then=Value("paused")),
    When(due_at=None, then=Value("ample")),
    When(due_at__lte=NOW, then=Value("late")),
    When(is_provisional=True, then=Value("prov")),
    When(due_at__lte=TONIGHT, then=Value("today")),
    When(due_at__lte=SOON, then=Value("soon")),
    default=Value("ample"),
    output_field=CharField(),
)
"""The kind of clock of a duty, in the database, as `ledger.asks.face` sees it; `owed` fills its slots."""


class Kind(NamedTuple):
    """What a person can narrow the list by: duty, code of the unit, clock, whether it is their turn."""

    duty: str
    unit: str
    clock: str
    is_mine: bool

    def answers(self, choice: Choice) -> bool:
        is_turn = choice.turn != ("others" if self.is_mine else "mine")
        asked = ((choice.duty, self.duty), (choice.unit, self.unit), (choice.clock, self.clock))
        return is_turn and all(not wanted or wanted == mine for wanted, mine in asked)


@dataclass(frozen=True, slots=True)
class Owed:
    """All that the units of one's posts owe, by due date, as it stood at a minute: 30 bytes a duty."""

    at: datetime
    keys: array[int]  # primary keys of the duties
    dues: array[float]  # their due dates in seconds since 1970, infinite without one
    kinds: Mapping[Kind, array[int]]  # where in the order those of a kind stand

    @classmethod
    def of(cls, actor: Actor, at: datetime, rows: Iterable[tuple[Any, ...]]) -> Owed:
        turn = Turn.of(actor)
        kinds: dict[Kind, array[int]] = defaultdict(lambda: array("I"))
        keys, dues = array("Q"), array("d")
        for n, (pk, due, duty, unit, state, *asked) in enumerate(rows):
            kinds[Kind(duty, unit, state, turn.is_mine(*asked))].append(n)
            keys.append(pk)
            dues.append(due.timestamp() if due else inf)
        return cls(at, keys, dues, kinds)

    def after(self, due: datetime | None, pk: int) -> int:
        """Where in the order what comes after a due date and primary key begins."""
        key = due.timestamp() if due else inf, pk
        return bisect_right(range(len(self.keys)), key, key=lambda n: (self.dues[n], self.keys[n]))


def owed(actor: Actor, now: datetime) -> Owed:
    """What a person's units owe: read again when a fact is new or the minute is another. One query, or two."""
    at = now.replace(second=0, microsecond=0)
    tonight, soon = asks.horizons(at)
    instants = {"now": at, "tonight": tonight, "soon": soon}
    return _owed(actor).made_once(asks.mark(now), partial(Owed.of, actor, at), **instants)


@lru_cache(maxsize=256)
def _owed(actor: Actor) -> Prepared[tuple[Any, ...]]:
    rows = policy.owed_by(actor).annotate(clock=CLOCK, is_signed=SIGNED)
    rows = rows.order_by(F("due_at").asc(nulls_last=True), "pk")
    return Prepared(
        rows.values_list("pk", "due_at", "duty", "unit__code", "clock", *Turn.COLUMNS, "is_signed")
    )


def groups(choice: Choice, actor: Actor, found: Owed, shows_unit: bool = False) -> list[Group]:
    """What is owed in groups by clock, most urgent first: the first rows of each, or a page of one. One query, with
    words two.

    A page of one group starts after the key `choice.page`; a key that cannot be read starts at the first row.
    """
    most, keys = A_PAGE if choice.clock else A_GROUP, {}
    for state, places in _chosen(choice, actor, found).items():
        first = list(islice(merge(*places), most))
        keys[state] = sum(map(len, places)), [found.keys[n] for n in first]
    wanted = [pk for _, pks in keys.values() for pk in pks]
    turn = Turn.of(actor)
    rows = _shown().ask(keys=wanted) if wanted else []
    shown = {row.pk: row for row in (_row(one, turn, found.at, shows_unit) for one in rows)}
    return [
        _group(state, [shown[pk] for pk in pks if pk in shown], count, choice)
        for state, (count, pks) in keys.items()
        if any(pk in shown for pk in pks)
    ]


def _chosen(choice: Choice, actor: Actor, found: Owed) -> dict[str, list[Sequence[int]]]:
    """Where in the order what was chosen stands, by clock, in one sequence or several."""
    places: dict[str, list[Sequence[int]]] = {state: [] for state in GROUPS}
    start = found.after(*key) if choice.clock and (key := _key(choice.page)) else 0
    holding = _holding(choice.q, actor) if choice.q else None
    for kind, at in found.kinds.items():
        if kind.answers(choice):
            of_kind: Sequence[int] = at[bisect_left(at, start) :] if start else at
            if holding is not None:
                of_kind = [n for n in of_kind if found.keys[n] in holding]
            places[kind.clock].append(of_kind)
    return places


def _holding(words: str, actor: Actor) -> set[int]:
    """What is owed for matters whose number or title holds these words."""
    rows = policy.owed_by(actor).filter(
        Q(matter__number__icontains=words) | Q(matter__title__icontains=words)
    )
    return set(rows.order_by().values_list("pk", flat=True))


ON_A_CLOCK = ("place_id", "duty", "state", "is_paused", "is_provisional", "due_at")
OF_LETTER = ("stage", "time_class", "triage", "officer__name")


@cache
def _shown() -> Prepared[tuple[Any, ...]]:
    """Duties by their primary keys, as `_row` reads them; what is not owed any more is not among them."""
    found = ExpressionWrapper(~Q(matter__letter__findings=""), BooleanField())
    rows = (
        Obligation.objects.standing()
        .filter(pk__in=Several("keys", BigIntegerField()))
        .annotate(is_found=found, is_signed=SIGNED)
        .order_by()
    )
    of_letter = (f"matter__letter__{name}" for name in ("source", "nature", *OF_LETTER))
    names = ("pk", "unit__code", "unit__short_name", "matter__room", "matter__number", "matter__title")
    return Prepared(rows.values_list(*ON_A_CLOCK, *names, *Turn.COLUMNS, *of_letter, "is_found", "is_signed"))


def _row(found: tuple[Any, ...], turn: Turn, now: datetime, shows_unit: bool) -> Row:
    clock, found = asks.Standing(*found[: len(ON_A_CLOCK)]), found[len(ON_A_CLOCK) :]
    pk, code, unit, room, number, title, unit_id, stage, officer, handling, source, nature = found[:12]
    letter = OfLetter(*found[12:])
    is_cycle = room == cycles.ROOM  # its title says the duty and the period, its number is for machines
    words = [source, nature] if letter.stage is not None else [asks.says_of(clock.place_id, clock.duty)]
    face, is_mine = asks.face(clock, now), turn.is_mine(unit_id, stage, officer, handling, letter.is_signed)
    return Row(
        pk, clock.duty, face.kind, face.left, clock.due_at, title, "" if is_cycle else number,
        address(pk, clock.duty, code, room, number),
        " · ".join(filter(None, [*(["定期事项"] if is_cycle else words), unit if shows_unit else ""])),
        verb(clock.duty, letter, is_mine=is_mine),
    )  # fmt: skip


def _group(state: str, rows: Sequence[Row], count: int, choice: Choice) -> Group:
    last = rows[-1]
    key = f"{last.due.isoformat() if last.due else ''}~{last.pk}"
    return Group(state, count, rows, count - len(rows), choice.url(clock=state, page=key))


def _key(text: str) -> tuple[datetime | None, int] | None:
    due, _, pk = text.partition("~")
    try:
        at = datetime.fromisoformat(due) if due else None
        return (at, int(pk)) if at is None or at.tzinfo else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many duties stand: in all, late, due today, and whose turn; by duty and by unit code."""

    total: int
    late: int
    today: int
    mine: int
    by_duty: Mapping[str, int]
    by_unit: Mapping[str, int]


def counted(found: Owed) -> Counted:
    """The figures of the headline and the filters. No query."""
    by_duty: dict[str, int] = {}
    by_unit: dict[str, int] = {}
    total = late = today = own = 0
    for kind, places in sorted(found.kinds.items()):
        n = len(places)
        total += n
        late += n * (kind.clock == "late")
        today += n * (kind.clock == "today")
        own += n * kind.is_mine
        by_duty[kind.duty] = by_duty.get(kind.duty, 0) + n
        by_unit[kind.unit] = by_unit.get(kind.unit, 0) + n
    return Counted(total, late, today, own, by_duty, by_unit)


def headline(figures: Counted) -> list[str]:
    """The list in one sentence, in parts that are not broken."""
    if figures.today and figures.late:
        return [f"今天要办完 {figures.today} 件，", f"另有 {figures.late} 件已逾期"]
    if figures.late:
        return [f"{figures.late} 件已逾期，", "先办这些"]
    if figures.today:
        return [f"今天要办完 {figures.today} 件"]
    if figures.total:
        return ["今天没有到期的事，", f"在办 {figures.total} 件"]
    return ["没有要办的事"]


def standing_in(staff: Staff, on: date) -> list[str]:
    """Who stands in for whom today in a person's posts, in sentences. One query; for whom there are some, four."""
    if not _stands_in().ask(staff=staff.pk, on=on):
        return []
    held = Post.objects.filter(holdings__in=staff.holdings.in_force(on)).distinct()
    said = []
    for today in people.posts_on(held, on):
        me = today.of(staff)
        if me is None:
            continue
        if me.away and (others := "、".join(one.staff.name for one in today.stand_ins)):
            said.append(f"您今天请假，{today.post}由{others}代。")
        elif not me.is_a and me.acts:
            away = "、".join(one.staff.name for one in today.holders if one.is_a)
            said.append(f"您今天代{away}，{today.post}。" if away else f"{today.post}今天由您顶岗。")
    return said


@cache
def _stands_in() -> Prepared[tuple[int]]:
    """The posts that somebody acts in as B, or is away from."""
    on = Slot("on", DateField())
    mine = Holding.objects.filter(staff=Slot("staff", BigIntegerField()))
    away = Leave.objects.filter(staff=OuterRef("staff"), first_on__lte=on, last_on__gte=on)
    held = acting(mine, on).filter(Q(rank=Holding.Rank.B) | Exists(away))
    return Prepared(held.order_by().values_list("post")[:1])
