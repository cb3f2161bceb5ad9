"""The chart of how a letter is handled, drawn from the rules of its place. Points are SVG units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gongkai.ledger import asks, lawbook
from gongkai.portal.terms import Term, terms

START = "letter.received"
END = "letter.answered"
ROOM = "letter."

LANES = ("来信人", "牵头收信单位", "承办单位", "督办和协同")
LANE_OF = {"lead": 1, "responsible": 2, "named": 2}
WIDTH, LANE, BOX, HEAD = 840, 210, 190, 40
LINE, PAD, GAP = 22, 12, 34
A_LINE = 10  # characters of 15 units in a box, with room for its number


@dataclass(frozen=True, slots=True)
class Box:
    """A step: its lines of text, where it stands, and its number in the table below."""

    number: int
    lines: tuple[str, ...]
    x: int
    y: int
    kind: str = "step"
    term: Term | None = None

    @property
    def height(self) -> int:
        return 2 * PAD + LINE * len(self.lines)

    @property
    def middle(self) -> int:
        return self.x + BOX // 2

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def text(self) -> list[tuple[int, str]]:
        """Each line with the height it stands at."""
        return [(self.y + PAD + LINE * n + 16, line) for n, line in enumerate(self.lines)]


@dataclass(frozen=True, slots=True)
class Chart:
    """The way of every letter from top to bottom, then what happens in certain cases."""

    main: tuple[Box, ...]
    cases: tuple[tuple[Box, Box], ...]
    arrows: tuple[str, ...]
    heads: tuple[tuple[int, str], ...]
    rule: int
    height: int
    width: int = WIDTH

    @property
    def steps(self) -> list[Box]:
        """The boxes that stand for a duty, in the order of their numbers."""
        return [box for box in (*self.main, *(box for _, box in self.cases)) if box.term]


def flow(place: str) -> Chart:
    """Lay the duties of letters out: what every letter passes, then the cases with their occasions."""
    known = terms(place)
    duties = {
        id: duty
        for id in lawbook.rules(place).duties
        if id.startswith(ROOM) and (duty := asks.duty_of(place, id))
    }
    passed, always = {START}, []
    for id, duty in duties.items():
        plain = not duty.when and any(opener.fact in passed and not opener.when for opener in duty.opened_by)
        if plain and duty.met_by:
            always.append(id)
            passed.add(duty.met_by[0].fact)
    last = [id for id in always if duties[id].met_by[0].fact == END]
    way = [id for id in always if id not in last] + last
    lanes = {id: LANE_OF.get(duty.owner, 3) for id, duty in duties.items()}

    y = HEAD + GAP
    main = [Box(0, ("写信",), _x(0), y, "end")]
    for number, id in enumerate(way, 1):
        y = main[-1].bottom + GAP
        main.append(Box(number, _lines(known[id]), _x(lanes[id]), y, "step", known[id]))
    main.append(Box(0, ("收到答复，评价",), _x(0), main[-1].bottom + GAP, "end"))

    rule = main[-1].bottom + GAP
    cases: list[tuple[Box, Box]] = []
    y = rule + HEAD + GAP // 2
    for number, id in enumerate((id for id in duties if id not in way), len(way) + 1):
        term = known[id]
        occasion = Box(0, tuple(_occasion(term)), _x(0), y, "case")
        box = Box(number, _lines(term), _x(lanes[id]), y, "step", term)
        cases.append((occasion, box))
        y = max(occasion.bottom, box.bottom) + GAP // 2
    return Chart(
        tuple(main), tuple(cases), tuple(_arrows(main, cases)),
        tuple((_x(n) + BOX // 2, word) for n, word in enumerate(LANES)), rule, y + GAP // 2,
    )  # fmt: skip


def _occasion(term: Term) -> Iterator[str]:
    """What calls for a duty that not every letter does; a condition on a line of its own."""
    what, bracket, condition = term.after.partition("（")
    yield from _wrap(f"遇到：{what}" if what else "定期" if term.is_periodic else "逾期没有办")
    if bracket:
        yield from _wrap(bracket + condition)


def _x(lane: int) -> int:
    return lane * LANE + (LANE - BOX) // 2


def _lines(term: Term) -> tuple[str, ...]:
    article = term.cite.rpartition("》")[2]
    return (
        *_wrap(term.says),
        *(line for part in term.length.split("，") for line in _wrap(part)),
        article,
    )


def _wrap(text: str, most: int = A_LINE) -> Iterable[str]:
    """Lines of about the same length, none longer than the box is wide; digits count half."""
    count = -(-_width(text) // most)
    length = -(-len(text) // count)
    return (text[at : at + length] for at in range(0, len(text), length))


def _width(text: str) -> int:
    return -(-sum(2 if ord(character) > 0xFF else 1 for character in text) // 2)


def _arrows(main: Sequence[Box], cases: Sequence[tuple[Box, Box]]) -> Iterable[str]:
    for above, below in pairwise(main):
        half = (above.bottom + below.y) // 2
        yield f"M{above.middle} {above.bottom}V{half}H{below.middle}V{below.y - 2}"
    for occasion, box in cases:
        yield f"M{occasion.x + BOX} {box.y + PAD + 10}H{box.x - 2}"
