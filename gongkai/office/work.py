"""My work: what the units of one's posts owe, grouped by clock, with the next act as a verb."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, ClassVar

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    Count,
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

from gongkai.ledger import asks, pages
from gongkai.ledger.models import Matter, Obligation, ObligationQuerySet
from gongkai.letters.asks import next_step
from gongkai.letters.models import Draft, Letter, Stage
from gongkai.office import policy
from gongkai.people import asks as people
from gongkai.people.actor import Actor
from gongkai.people.models import Post, Power, Staff
from gongkai.prepared import Prepared, Slot
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

    obligation: Obligation
    face: asks.Face
    act: str
    says: str
    shows_unit: bool = False

    @property
    def state(self) -> str:
        return self.face.kind

    @property
    def left(self) -> str:
        return self.face.left

    @property
    def due(self) -> datetime | None:
        return self.obligation.due_at

    @property
    def title(self) -> str:
        return self.obligation.matter.title

    @property
    def number(self) -> str:
        return self.obligation.matter.number

    @property
    def url(self) -> str:
        return address(self.obligation)

    @property
    def source(self) -> str:
        letter = letter_of(self.obligation.matter)
        words = [letter.source, letter.nature] if letter else [self.says]
        unit = self.obligation.unit.short_name if self.shows_unit and self.obligation.unit else ""
        return " · ".join(filter(None, [*words, unit]))


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


def letter_of(matter: Matter) -> Letter | None:
    """The letter of a matter that was selected with it; None for a matter of another room."""
    return getattr(matter, "letter", None)


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


def address(obligation: Obligation) -> str:
    """Where a duty is done: on its matter's page; a recurring one where its duty is done; else on its own page."""
    if obligation.duty in OF_PLACE:
        return reverse(OF_PLACE[obligation.duty])
    if obligation.duty in OF_UNIT and obligation.unit:
        return reverse(OF_UNIT[obligation.duty], args=[obligation.unit.code])
    if obligation.duty != "letter.supervise" and (page := pages.url_of(obligation.matter)):
        return page
    return reverse("office:obligation", args=[obligation.pk])


def verb(obligation: Obligation, *, is_mine: bool, is_found: bool, is_signed: bool) -> str:
    """The next act, from the duty and the stage of its letter; whom it waits for when it is another's turn."""
    letter = letter_of(obligation.matter)
    if letter is not None and is_mine and obligation.duty in BY_STAGE:
        return next_step(
            letter.stage, letter.time_class, letter.triage, is_found=is_found, is_signed=is_signed
        )
    if letter is None or is_mine:
        return VERBS.get(obligation.duty, "查看")
    if letter.stage == Stage.SIGNING:
        return "等发出" if is_signed else "等审签"
    return f"等{letter.officer.name}办" if letter.officer else "等承办岗办"


SIGNED = Exists(Draft.objects.filter(letter=OuterRef("matter__letter"), state=Draft.State.SIGNED).order_by())


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is: letters one is the officer of, or nobody is; replies that wait for one's signature.

    What another unit than the handling one owes for a letter has no officer: it is the turn of all who work there.
    """

    staff: int | None
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
        return cls(actor.staff.pk if actor.staff else None, works, actor.units(Power.SIGN))

    def is_mine(
        self, unit: int | None, stage: str | None, officer: int | None, handling: int | None, is_signed: bool
    ) -> bool:
        """The answer for one duty; `stage` is None where the matter has no letter. The same as `rows` gives."""
        if stage is None:
            return True
        if handling != unit:
            return unit in self.works
        if stage == Stage.SIGNING:
            return unit in (self.works if is_signed else self.signs)
        return unit in self.works and officer in (None, self.staff)

    def rows(self) -> Q:
        """The duties whose turn is this person's, in the database."""
        works, signs = Q(unit__in=self.works), Q(unit__in=self.signs)
        handled = Q(matter__letter__unit=F("unit"))
        signing = Q(matter__letter__stage=Stage.SIGNING)
        free = Q(matter__letter__officer=None) | Q(matter__letter__officer=self.staff)
        to_sign = handled & signing & ~Q(SIGNED) & signs
        to_send = handled & signing & Q(SIGNED) & works
        to_do = handled & ~signing & free & works
        return Q(matter__letter=None) | to_sign | to_send | to_do | (~handled & works)


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
"""The kind of clock of a duty, in the database, as `ledger.asks.face` sees it; `_instants` fills its slots."""


def _instants(now: datetime) -> dict[str, datetime]:
    tonight, soon = asks.horizons(now)
    return {"now": now, "tonight": tonight, "soon": soon}


def narrowed(rows: ObligationQuerySet, choice: Choice, actor: Actor) -> ObligationQuerySet:
    if choice.duty:
        rows = rows.filter(duty=choice.duty)
    if choice.unit:
        rows = rows.filter(unit__code=choice.unit)
    if choice.turn == "mine":
        rows = rows.filter(Turn.of(actor).rows())
    elif choice.turn == "others":
        rows = rows.exclude(Turn.of(actor).rows())
    if choice.q:
        rows = rows.filter(Q(matter__number__icontains=choice.q) | Q(matter__title__icontains=choice.q))
    return rows


def groups(choice: Choice, actor: Actor, now: datetime, shows_unit: bool = False) -> list[Group]:
    """What is owed in groups by clock, most urgent first: the first rows of each, or a page of one. Two queries.

    A page of one group starts after the key `choice.page`; a key that cannot be read starts at the first row.
    """
    is_whole = not (choice.is_narrowed or choice.clock)
    clocked = _clocked(actor) if is_whole else Prepared(_of_choice(choice, actor))
    keys: dict[str, list[int]] = {state: [] for state in GROUPS}
    for state, pk in clocked.ask(**_instants(now)):
        keys[state].append(pk)
    most = A_PAGE if choice.clock else A_GROUP
    wanted = [pk for pks in keys.values() for pk in pks[:most]]
    turn = Turn.of(actor)
    rows = _shown(len(wanted)).ask(**{f"pk{n}": pk for n, pk in enumerate(wanted)})
    shown = {o.pk: _row(o, turn, now, shows_unit) for o in rows}
    return [
        _group(state, [shown[pk] for pk in pks[:most]], len(pks), choice)
        for state, pks in keys.items()
        if pks
    ]


@lru_cache(maxsize=256)
def _clocked(actor: Actor) -> Prepared[tuple[str, int]]:
    return Prepared(_of_choice(Choice(), actor))


def _of_choice(choice: Choice, actor: Actor) -> Any:
    """Clock and key of every duty of a choice, by due date; of one group those after the key of its page."""
    rows: Any = narrowed(policy.owed_by(actor), choice, actor).annotate(clock=CLOCK)
    rows = rows.order_by(F("due_at").asc(nulls_last=True), "pk")
    if choice.clock:
        rows = rows.filter(clock=choice.clock)
        if key := _key(choice.page):
            rows = rows.filter(_after(*key))
    return rows.values_list("clock", "pk")


@lru_cache(maxsize=256)
def _shown(count: int) -> Prepared[Obligation]:
    """Duties by their primary keys, with what a row shows of letter, officer and unit."""
    keys: list[Any] = [Slot(f"pk{n}", BigIntegerField()) for n in range(count)]
    found = ExpressionWrapper(~Q(matter__letter__findings=""), BooleanField())
    rows = Obligation.objects.filter(pk__in=keys).annotate(is_found=found, is_signed=SIGNED)
    rows = rows.select_related("matter__letter__officer", "unit")
    return Prepared(rows.defer(*(f"matter__letter__{name}" for name in BIG)))


def _row(o: Any, turn: Turn, now: datetime, shows_unit: bool) -> Row:
    letter = letter_of(o.matter)
    is_mine = letter is None or turn.is_mine(
        o.unit_id, letter.stage, letter.officer_id, letter.unit_id, o.is_signed
    )
    act = verb(o, is_mine=is_mine, is_found=o.is_found, is_signed=o.is_signed)
    return Row(o, asks.face(o, now), act, asks.says_of(o.place_id, o.duty), shows_unit)


def _group(state: str, rows: Sequence[Row], count: int, choice: Choice) -> Group:
    last = rows[-1].obligation
    key = f"{last.due_at.isoformat() if last.due_at else ''}~{last.pk}"
    return Group(state, count, rows, count - len(rows), choice.url(clock=state, page=key))


def _after(due: datetime | None, pk: int) -> Q:
    if due is None:
        return Q(due_at=None, pk__gt=pk)
    return Q(due_at__gt=due) | Q(due_at=due, pk__gt=pk) | Q(due_at=None)


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


def counted(actor: Actor, now: datetime) -> Counted:
    """The figures of the headline and the filters. One query, grouped by all that they depend on."""
    turn = Turn.of(actor)
    found = _counted(actor).ask(**_instants(now))
    by_duty: dict[str, int] = {}
    by_unit: dict[str, int] = {}
    total = late = today = own = 0
    for duty, unit, state, *asked, n in found:
        total += n
        late += n * (state == "late")
        today += n * (state == "today")
        own += n * turn.is_mine(*asked)
        by_duty[duty] = by_duty.get(duty, 0) + n
        by_unit[unit] = by_unit.get(unit, 0) + n
    return Counted(total, late, today, own, by_duty, by_unit)


@lru_cache(maxsize=256)
def _counted(actor: Actor) -> Prepared[tuple[Any, ...]]:
    rows = policy.owed_by(actor).annotate(clock=CLOCK, is_signed=SIGNED).order_by()
    grouped = rows.values_list("duty", "unit__code", "clock", *Turn.COLUMNS, "is_signed")
    return Prepared(grouped.annotate(n=Count("pk")))


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
    """Who stands in for whom today in a person's posts, in sentences. Three queries."""
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
