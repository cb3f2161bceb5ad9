"""Questions the pages ask of letters: which list, in which order, with which clocks; what a letter calls for next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.urls import reverse

from gongkai.ledger import asks as ledger
from gongkai.ledger.models import Link, Obligation
from gongkai.letters import attachments, facts
from gongkai.letters.indexing import matching
from gongkai.letters.models import (
    DONE,
    WORKING,
    Draft,
    ExtensionRequest,
    Issue,
    Letter,
    LetterQuerySet,
    Part,
    Stage,
    Template,
    Tie,
)
from gongkai.letters.policy import visible_to
from gongkai.people.actor import Actor
from gongkai.people.models import Power
from gongkai.prepared import Prepared, Several, Slot, totals
from gongkai.text import alike

A_PAGE = 25
SHOWN = (
    "matter_id", "matter__number", "title", "source", "nature", "stage", "rating", "received_at", "time_class", "triage",
    "unit__short_name", "lead__short_name", "is_found", "is_signed",
)  # fmt: skip
DUPLICATES_AMONG = 400  # the newest working letters a new one is compared with
STANDING = ("open", "warned", "breached")
OWED = {"settled_at": None, "state__in": STANDING, "is_minimum": False, "due_at__isnull": False}
ANSWERS = ("letter.answer", "letter.redo")

# ---- lists -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at letters. What is being worked on stands in the order of clocks, the rest newest first."""

    id: str
    label: str
    rows: Callable[[Actor], Q]
    by_clock: bool = True
    is_counted: bool = True


def _stage(*stages: Stage, **more: Any) -> Callable[[Actor], Q]:
    return lambda _actor: Q(stage__in=stages, **more)


def _signing(signed: bool) -> Callable[[Actor], Q]:
    drafts = Draft.objects.filter(letter=OuterRef("pk"), state=Draft.State.SIGNED)
    held = Exists(drafts) if signed else ~Exists(drafts)
    return lambda _actor: Q(stage=Stage.SIGNING) & Q(held)


def _unclocked(_actor: Actor) -> Q:
    """At work, but nothing is owed for it by a day: rules of an earlier time, or a duty that ran out."""
    return Q(stage__in=WORKING) & ~Q(Exists(Obligation.objects.filter(matter=OuterRef("matter"), **OWED)))


def _helped(actor: Actor) -> Q:
    units = actor.units(Power.HANDLE)
    asked = Part.objects.filter(letter=OuterRef("pk"), unit__in=units, answered_at=None)
    return Q(stage__in=WORKING) & Q(Exists(asked))


VIEWS = (
    View("", "在办", _stage(*WORKING)),
    View("intake", "待分办", _stage(Stage.RECEIVED)),
    View("unopened", "未打开", _stage(Stage.RECEIVED, opened_at=None)),
    View("assigned", "待签收", _stage(Stage.ASSIGNED)),
    View("handling", "办理中", _stage(Stage.HANDLING)),
    View("redo", "不满意重办", _stage(Stage.HANDLING, redo_count__gt=0)),
    View("signing", "待审签", _signing(False)),
    View("signed", "待发出", _signing(True)),
    View("joint", "请我协办", _helped),
    View("protected", "举报保护", _stage(*WORKING, is_protected=True)),
    View("unclocked", "没有时限", _unclocked, by_clock=False),
    View("answered", "已答复", _stage(*DONE), by_clock=False, is_counted=False),
    View(
        "out",
        "并案、移送等",
        _stage(Stage.MERGED, Stage.HANDED, Stage.DECLINED, Stage.WITHDRAWN),
        by_clock=False,
        is_counted=False,
    ),
    View("all", "全部", lambda _actor: Q(), by_clock=False, is_counted=False),
)
BY_ID = {view.id: view for view in VIEWS}
COUNTED = tuple(view for view in VIEWS if view.is_counted)
NOW = Slot("now", DateTimeField())


@lru_cache(maxsize=256)
def _counts(actor: Actor) -> Prepared[tuple[int, ...]]:
    late = Exists(
        Obligation.objects.filter(
            matter=OuterRef("matter"),
            duty="letter.open",
            due_at__lte=NOW,
            settled_at=None,
            state__in=STANDING,
        )
    )
    alarm = Q(stage=Stage.RECEIVED, opened_at=None) & Q(late)
    figures = {view.id: Count("pk", filter=view.rows(actor)) for view in COUNTED}
    figures[""] = Count("pk")
    seen = visible_to(actor).filter(stage__in=WORKING)
    return totals(seen, **{f"of_{id}": one for id, one in figures.items()}, alarm=Count("pk", filter=alarm))


def counts(actor: Actor, now: datetime) -> dict[str, int]:
    """How many of the letters one may open stand in each view of work, by its id, and in `alarm`: unopened past the
    time to open. Counted when a fact is new or the minute is another: one query, or two.

    Only what is being worked on is counted, so the answered letters of many years cost nothing.
    """
    names = (*(view.id for view in COUNTED), "alarm")
    found = _counts(actor).ask_once(ledger.mark(now), now=now)
    return dict(zip(names, found[0], strict=True)) if found else dict.fromkeys(names, 0)


CHOSEN = {
    "source": "source", "nature": "nature", "time_class": "time_class", "unit": "unit", "since": "received_at__gte",
    "until": "received_at__lt",
}  # fmt: skip


def narrowed(letters: LetterQuerySet, chosen: Mapping[str, Any], place: str) -> LetterQuerySet:
    """The letters that answer what was chosen in the form of the list; a name without a value is not asked."""
    wanted = {column: chosen[name] for name, column in CHOSEN.items() if chosen.get(name)}
    letters = letters.filter(**wanted)
    q = chosen.get("q")
    found: LetterQuerySet = matching(letters, q, place) if q else letters  # type: ignore[assignment]
    return found


class Row(NamedTuple):
    """A letter in a list with its most urgent clock and what it calls for. `state` is a kind of `ledger.Face`."""

    number: str
    url: str
    title: str
    source: str  # with the unit, where the list is of several
    received_at: datetime
    stage: str
    rating: str
    act: str
    state: str = "lapsed"
    left: str = ""
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of a list. `after` is the key of the next page, empty on the last one."""

    rows: Sequence[Row]
    after: str = ""

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The rows as the work table shows them: a group for each kind of clock, the most urgent first."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.state, []).append(row)
        return [
            {"state": state, "word": ledger.WORDS[state], "count": len(rows), "rows": rows}
            for state, rows in found.items()
        ]


STAGES = dict(Stage.choices)
Clock = ledger.Timed | ledger.Standing | None
Listed = tuple[Any, ...]  # what is SHOWN of a letter, and what its list is ordered by


def listed(letters: LetterQuerySet, *order: str) -> QuerySet[Letter, Listed]:
    """Letters as a row of a list shows them."""
    signed = Exists(Draft.objects.filter(letter=OuterRef("pk"), state=Draft.State.SIGNED))
    found = ExpressionWrapper(~Q(findings=""), BooleanField())
    return letters.annotate(is_signed=signed, is_found=found).values_list(*SHOWN, *order)


def page(
    actor: Actor, view: View, now: datetime, after: str = "", chosen: Mapping[str, Any] | None = None
) -> Rows:
    """A page of a view of what one may open, by key: however long the list, each page costs the same.

    A key that cannot be read starts at the first page. `chosen` is what was asked for in the form of the list.
    """
    key = _key(after)
    asked = _page(actor, view, key is not None)
    if chosen and any(chosen.get(name) for name in (*CHOSEN, "q")):
        asked = Prepared(
            _paged(narrowed(visible_to(actor), chosen, actor.place.code), actor, view, key is not None)
        )
    found = asked.ask(**dict(zip(("at", "tie"), key or (), strict=False)))
    more, found = len(found) > A_PAGE, found[:A_PAGE]
    key_of_last = f"{found[-1][-2].isoformat()}~{found[-1][-1]}" if more else ""
    if not view.by_clock:
        return Rows(rows_of(found, now), key_of_last)
    clocks = {letter[0]: ledger.Standing(*letter[len(SHOWN) : -1]) for letter in found}
    return Rows(_rows(found, clocks, now), key_of_last)


@lru_cache(maxsize=256)
def _page(actor: Actor, view: View, is_further: bool) -> Prepared[Listed]:
    return Prepared(_paged(visible_to(actor), actor, view, is_further))


def _paged(letters: LetterQuerySet, actor: Actor, view: View, is_further: bool) -> QuerySet[Letter, Listed]:
    """A page of a view and one letter more; a further page stands after the key in the slots `at` and `tie`."""
    at, tie = Slot("at", DateTimeField()), Slot("tie", BigIntegerField())
    letters = letters.filter(view.rows(actor))
    if view.by_clock:
        # A letter at work always owes something; its most urgent standing duty gives it its place.
        first = (
            Obligation.objects.filter(matter=OuterRef("matter"), **OWED)
            .order_by("due_at", "pk")
            .values("pk")[:1]
        )
        owed = {f"clock__{name}": value for name, value in OWED.items()}
        letters = letters.alias(clock=FilteredRelation("matter__obligations"))
        letters = letters.filter(clock__place=actor.place, clock__pk=Subquery(first), **owed)  # type: ignore[misc]
        shown = {
            f"its_{name}": F(f"clock__{name}") for name in ledger.Standing._fields[:-2]
        }  # without due_at, is_standing
        letters = letters.annotate(**shown, at=F("clock__due_at"), tie=F("clock__pk")).order_by("at", "tie")
        if is_further:
            letters = letters.filter(Q(at__gte=at) & (Q(at__gt=at) | Q(tie__gt=tie)))
        return listed(letters, *shown, "at", "tie")[: A_PAGE + 1]
    letters = letters.annotate(at=F("received_at"), tie=F("pk")).order_by("-received_at", "-pk")
    if is_further:
        letters = letters.filter(Q(received_at__lte=at) & (Q(received_at__lt=at) | Q(pk__lt=tie)))
    return listed(letters, "at", "tie")[: A_PAGE + 1]


def _key(text: str) -> tuple[datetime, int] | None:
    at, _, tie = text.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, int(tie)) if moment.tzinfo else None
    except ValueError:
        return None


def rows_of(letters: Sequence[Listed], now: datetime) -> list[Row]:
    """`listed` letters with their clocks: the most urgent that stands, else what came of the answer. One query."""
    return _rows(letters, main_clocks(letter[0] for letter in letters), now)


def _rows(letters: Sequence[Listed], clocks: Mapping[int, Clock], now: datetime) -> list[Row]:
    is_mixed = len({unit or lead for *_, unit, lead in (letter[:12] for letter in letters)}) > 1
    address = reverse("letters:letter", args=["NUMBER"])
    rows = []
    for letter in letters:
        matter, number, title, source, nature, stage, rating, received_at, time_class, triage, unit, lead, found, signed = (
            letter[: len(SHOWN)]
        )  # fmt: skip
        where = [source, nature, (unit or lead) if is_mixed else ""]
        act = next_step(stage, time_class, triage, is_found=found, is_signed=signed)
        clock = clocks.get(matter)
        face = ledger.face(clock, now) if clock else None
        shown = (face.kind, face.left, clock.due_at) if face and clock else ()
        rows.append(
            Row(
                number, address.replace("NUMBER", number), title, " · ".join(filter(None, where)), received_at,
                STAGES[stage], rating, act, *shown,
            )
        )  # fmt: skip
    return rows


def main_clocks(matters: Iterable[int]) -> dict[int, ledger.Timed | None]:
    """By matter the duty that matters most. One query."""
    ids = list(matters)
    owed: dict[int, list[ledger.Timed]] = defaultdict(list)
    for found in _clocks().ask(matters=ids):
        owed[found[0]].append(ledger.Timed(*found))
    return {matter: main_clock(owed[matter]) for matter in ids}


@cache
def _clocks() -> Prepared[tuple[Any, ...]]:
    """Of some matters the duties as a row shows them: those that stand or were answers."""
    matters = Several("matters", BigIntegerField())
    rows = Obligation.objects.filter(Q(settled_at=None) | Q(duty__in=ANSWERS), matter__in=matters)
    return Prepared(rows.order_by().values_list(*ledger.Timed._fields))


def main_clock(obligations: Iterable[ledger.Timed]) -> ledger.Timed | None:
    """The duty that matters most: the most urgent that stands, else the answer that was owed last."""
    firm = [o for o in obligations if not o.is_minimum and o.state != "void"]
    standing = [(o.due_at, o.pk, o) for o in firm if o.is_standing and o.due_at]
    if standing:
        return min(standing)[2]
    answers = [o for o in firm if o.duty in ANSWERS]
    return max(answers, key=lambda o: (o.opened_at, o.pk), default=None)


def next_step(stage: str, time_class: str, triage: str, *, is_found: bool, is_signed: bool) -> str:
    """What a letter calls for, as a verb."""
    match stage:
        case Stage.RECEIVED:
            return "交办" if time_class and triage else "分类交办"
        case Stage.ASSIGNED:
            return "签收"
        case Stage.HANDLING:
            return "补核实记录" if time_class == "调查核实" and not is_found else "写答复"
        case Stage.SIGNING:
            return "发出答复" if is_signed else "审签"
        case _:
            return "查看"


# ---- one letter ------------------------------------------------------------------------------------------------

FROM_THE_WRITER = {str(kind) for kind in (facts.RATED, facts.WITHDRAWN, facts.SUPPLEMENTED)}
BACKWARD = {str(kind) for kind in (facts.RETURNED, facts.REPLY_RETURNED, facts.DECLINED, facts.UNPUBLISHED)}
LINE = ("收到", "交办", "办理", "审签", "答复", "评价")
PLACE_ON_LINE = {
    Stage.RECEIVED: 0, Stage.ASSIGNED: 1, Stage.HANDLING: 2, Stage.SIGNING: 3, Stage.ANSWERED: 4, Stage.CLOSED: 5,
}  # fmt: skip


LETTER, MATTER = Slot("letter", BigIntegerField()), Slot("matter", BigIntegerField())


def letter(actor: Actor, number: str) -> Letter | None:
    """The letter of a number with its matter, place, units and officer, if this person may open it. One query."""
    found = _letter(actor).ask(number=number)
    if not found:
        return None
    letter = found[0]
    letter.place = letter.matter.place = actor.place
    return letter


BESIDE = {
    "drafts": Draft.objects.filter(letter=OuterRef("pk")),
    "parts": Part.objects.filter(letter=OuterRef("pk")),
    "requests": ExtensionRequest.objects.filter(letter=OuterRef("pk")),
    "ties": Link.objects.filter(Q(source=OuterRef("matter")) | Q(target=OuterRef("matter"))),
    "files": attachments.of_number(OuterRef("matter__number")),
}


def beside(letter: Letter) -> set[str]:
    """Which of `BESIDE` a letter had when `letter` found it, so that its page asks for nothing that is not there."""
    return {name for name in BESIDE if getattr(letter, f"has_{name}")}


@lru_cache(maxsize=256)
def _letter(actor: Actor) -> Prepared[Letter]:
    numbered = visible_to(actor).filter(matter__number=Slot("number", CharField()))
    flags = {f"has_{name}": Exists(rows.order_by()) for name, rows in BESIDE.items()}
    return Prepared(numbered.select_related("matter", "unit", "lead", "officer").annotate(**flags))


def drafts(letter: Letter) -> list[Draft]:
    """The replies written so far, the last first. One query."""
    return _drafts().ask(letter=letter.pk)


@cache
def _drafts() -> Prepared[Draft]:
    return Prepared(Draft.objects.filter(letter=LETTER).select_related("author", "signer"))


def parts(letter: Letter) -> list[Part]:
    """The units asked to help. One query."""
    return _parts().ask(letter=letter.pk)


@cache
def _parts() -> Prepared[Part]:
    return Prepared(Part.objects.filter(letter=LETTER).select_related("unit"))


def extension_requests(letter: Letter) -> list[ExtensionRequest]:
    """Requests for more time, the last first. One query."""
    return _extension_requests().ask(letter=letter.pk)


@cache
def _extension_requests() -> Prepared[ExtensionRequest]:
    asked = ExtensionRequest.objects.filter(letter=LETTER)
    return Prepared(asked.select_related("asked_by", "decided_by"))


def stages(letter: Letter) -> list[tuple[str, str]]:
    """The line of stages, with where the letter stands; a letter that left the line ends with the way it went."""
    here = PLACE_ON_LINE.get(Stage(letter.stage))
    if here is None:
        passed = LINE[: 2 if letter.unit_id else 1]
        return [*((word, "done") for word in passed), (letter.get_stage_display(), "now")]
    return [(word, "done" if n < here else "now" if n == here else "next") for n, word in enumerate(LINE)]


@dataclass(frozen=True, slots=True)
class Near:
    """Another letter that says the same, or nearly: `share` (0..1) of its runs of characters are in common."""

    letter: Letter
    share: float

    @property
    def is_same(self) -> bool:
        return self.share >= alike.MERGE


def duplicates(letters: LetterQuerySet, title: str, text: str, but: int | None = None) -> list[Near]:
    """Letters at work among the given ones that say the same, nearest first, at most five. Two queries.

    `but` is the letter itself; what a person has said is another matter is not offered again.
    """
    from gongkai.text.near import NearIndex  # numpy: loaded where it is used

    whole = f"{title}\n{text}"
    open_ = letters.filter(stage__in=WORKING, is_protected=False).select_related("matter", "unit")
    if but is not None:
        pair = Q(one=OuterRef("pk"), other=but) | Q(one=but, other=OuterRef("pk"))
        open_ = open_.exclude(pk=but).exclude(Exists(Tie.objects.filter(pair, together=False)))
    same = list(open_.filter(text_print=alike.fingerprint(whole)).order_by("-received_at")[:5])
    index: NearIndex[Letter] = NearIndex()
    for letter in open_.exclude(pk__in=[one.pk for one in same]).order_by("-received_at")[:DUPLICATES_AMONG]:
        index.add(letter, f"{letter.title}\n{letter.text}")
    return [*(Near(one, 1.0) for one in same), *(Near(one, share) for one, share in index.query(whole))][:5]


@dataclass(frozen=True, slots=True)
class Tied:
    """A letter that another one was merged with."""

    number: str
    title: str
    received_at: datetime
    text: str
    rating: str
    rating_words: str


def merged_with(letter: Letter) -> tuple[Tied | None, list[Tied]]:
    """The letter this one was merged into, and those that were merged into it. One query."""
    main: Tied | None = None
    others: list[Tied] = []
    for source, *ends in _merged().ask(matter=letter.matter_id):
        if source == letter.matter_id:
            main = Tied(*ends[len(ENDS) :])
        else:
            others.append(Tied(*ends[: len(ENDS)]))
    return main, others


def main_of(letter: Letter) -> Letter:
    """The letter whose answer this one gets: of a merged one the letter it went into, else itself."""
    if letter.stage != Stage.MERGED:
        return letter
    ties = Link.objects.filter(source=letter.matter_id, kind=Link.Kind.MERGED_INTO)
    into = ties.order_by("-pk").values("target")[:1]
    found = Letter.objects.filter(matter__in=into).select_related("matter", "place", "unit", "lead")
    return found.first() or letter


ENDS = (
    "number", "letter__title", "letter__received_at", "letter__text", "letter__rating", "letter__rating_words",
)  # fmt: skip


@cache
def _merged() -> Prepared[tuple[Any, ...]]:
    ends = [f"{end}__{name}" for end in ("source", "target") for name in ENDS]
    ties = Link.objects.filter(Q(source=MATTER) | Q(target=MATTER), kind=Link.Kind.MERGED_INTO).order_by("pk")
    return Prepared(ties.values_list("source", *ends))


def templates_for(actor: Actor) -> QuerySet[Template]:
    """Words a person may start a reply from: their units' and the whole place's."""
    units = actor.units(Power.HANDLE, Power.SIGN, Power.ASSIGN)
    return (
        Template.objects.filter(place=actor.place)
        .filter(Q(unit=None) | Q(unit__in=units))
        .select_related("unit")
    )


# ---- issues, samples -------------------------------------------------------------------------------------------


def issues(letters: LetterQuerySet, actor: Actor) -> QuerySet[Issue]:
    """Hot issues with at least one letter among the given ones, the hottest first."""
    behind = Issue.letters.through.objects.filter(issue=OuterRef("pk"), letter__in=letters)
    return Issue.objects.filter(Exists(behind), place=actor.place)


def sampled(letters: LetterQuerySet) -> LetterQuerySet:
    """Letters chosen to be checked again and not yet checked, what is due first at the top."""
    owed = Obligation.objects.filter(
        matter=OuterRef("matter"), duty="letter.recheck", settled_at=None, state__in=STANDING
    )
    due = Subquery(owed.order_by("due_at").values("due_at")[:1])
    return letters.filter(Exists(owed)).order_by(due.asc(nulls_last=True), "answered_at", "pk")
