"""Plans: what is looked for in posts, written the way people write it: (停水 或 爆管) 且 城东 非 演习.

    或 or |      either            且 and & or a space   both
    非 not -     and not           近/N near/N           within N characters of each other, in either order
    “…” "…"      the words as they stand, signs of the language among them, spaces not

Signs stand between spaces, brackets or quotes, so that 非法集资, 附近 and 或者 are words. 非 binds tightest, then 近,
then 且, then 或. Case and width of letters do not matter, as in `cut.normal`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from gongkai.text.cut import normal, runs

Needs = tuple[tuple[str, ...], ...]

MOST = 500
"""Characters of a plan."""
NEAR = 10
"""Characters between two words that are near, where the plan names no number."""

_PIECE = re.compile(
    r"""\s*(?:(?P<open>[(（])|(?P<close>[)）])|[“"](?P<quoted>[^”"]*)(?P<end>[”"]?)|(?P<word>[|&｜＆]|[^\s()（）“”"|&｜＆]+))"""
)
_NEAR = re.compile(r"(?:近|near)(?:/(\d{1,3}))?", re.IGNORECASE)
_SIGNS = {"且": "and", "and": "and", "&": "and", "或": "or", "or": "or", "|": "or", "｜": "or", "＆": "and", "非": "not", "not": "not", "-": "not"}  # fmt: skip


class PlanError(ValueError):
    """A plan that cannot be read; `position` (from 1) is the character at which it goes wrong."""

    def __init__(self, position: int, says: str) -> None:
        super().__init__(f"第 {position} 个字：{says}")
        self.position = position


@dataclass(frozen=True, slots=True)
class Found:
    """What a plan found in a text: the words, each once, in the order of the plan."""

    words: tuple[str, ...]


class Node:
    """A part of a plan. `words` of a normal text that satisfy it, or None when it is not satisfied."""

    def words(self, text: str) -> tuple[str, ...] | None:
        raise NotImplementedError

    def spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where in the text it is said: start, end and the word."""
        raise NotImplementedError

    def needs(self) -> Needs:
        """What a normal text cannot do without to satisfy it; other texts may have it too."""
        return ()


@dataclass(frozen=True, slots=True)
class Word(Node):
    word: str

    def words(self, text: str) -> tuple[str, ...] | None:
        return (self.word,) if self.word in text else None

    def spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        start = text.find(self.word)
        while start >= 0:
            yield start, start + len(self.word), self.word
            start = text.find(self.word, start + 1)

    def needs(self) -> Needs:
        return tuple((run,) for run in runs(self.word))


@dataclass(frozen=True, slots=True)
class Either(Node):
    parts: tuple[Node, ...]

    def words(self, text: str) -> tuple[str, ...] | None:
        found = [words for part in self.parts if (words := part.words(text)) is not None]
        return tuple(dict.fromkeys(word for words in found for word in words)) if found else None

    def spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        for part in self.parts:
            yield from part.spans(text)

    def needs(self) -> Needs:
        """One of each part: that whose shortest run is longest."""
        of = [part.needs() for part in self.parts]
        if not all(of):
            return ()
        telling = (max(needs, key=lambda any_of: min(map(len, any_of))) for needs in of)
        return (tuple(run for any_of in telling for run in any_of),)


@dataclass(frozen=True, slots=True)
class Both(Node):
    parts: tuple[Node, ...]

    def words(self, text: str) -> tuple[str, ...] | None:
        found: list[str] = []
        for part in self.parts:
            if (words := part.words(text)) is None:
                return None
            found += words
        return tuple(dict.fromkeys(found))

    def needs(self) -> Needs:
        return tuple(any_of for part in self.parts for any_of in part.needs())


@dataclass(frozen=True, slots=True)
class Without(Node):
    part: Node

    def words(self, text: str) -> tuple[str, ...] | None:
        return () if self.part.words(text) is None else None


@dataclass(frozen=True, slots=True)
class Near(Node):
    one: Node
    other: Node
    most: int

    def words(self, text: str) -> tuple[str, ...] | None:
        if not (ones := list(self.one.spans(text))):
            return None
        for a, b in product(ones, self.other.spans(text)):
            if max(a[0], b[0]) - min(a[1], b[1]) <= self.most:
                return a[2], b[2]
        return None

    def needs(self) -> Needs:
        return self.one.needs() + self.other.needs()


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that was read. `find` answers with the words that were met, or None."""

    root: Node

    @property
    def needs(self) -> Needs:
        """What a text that it finds has for certain: of every set of `cut.runs` at least one."""
        return self.root.needs()

    def find(self, text: str) -> Found | None:
        return self.find_normal(normal(text))

    def find_normal(self, text: str) -> Found | None:
        words = self.root.words(text)
        return None if words is None else Found(words)


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: str
    """open, close, word, and, or, not, near, end"""
    at: int
    text: str = ""
    number: int = 0


def parse(text: str) -> Plan:
    """Read a plan. Raises PlanError with the position of what cannot be read."""
    if len(text) > MOST:
        raise PlanError(MOST + 1, f"表达式最多 {MOST} 个字。")
    reader = _Reader(list(_pieces(text)))
    root = reader.either()
    if (left := reader.piece).kind != "end":
        raise PlanError(left.at, "多了一个右括号。" if left.kind == "close" else f"看不懂“{left.text}”。")
    if not _asks(root):
        raise PlanError(1, "只有“非”，会找到所有的话；请写出要找的词。")
    return Plan(root)


def _pieces(text: str) -> Iterator[_Piece]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _PIECE.match(text, at)
        if found is None:  # the one sign no piece begins with
            raise PlanError(text.index("”", at) + 1, "引号没有开头。")
        start = found.start() + len(found[0]) - len(found[0].lstrip()) + 1
        at = found.end()
        if found["open"] or found["close"]:
            yield _Piece("open" if found["open"] else "close", start, found[0].strip())
        elif found["quoted"] is not None:
            if not found["end"]:
                raise PlanError(start, "引号没有合上。")
            if not normal(found["quoted"]):
                raise PlanError(start, "引号里没有字。")
            yield _Piece("word", start, normal(found["quoted"]))
        elif near := _NEAR.fullmatch(found["word"]):
            yield _Piece("near", start, found["word"], int(near[1] or NEAR))
        elif sign := _SIGNS.get(found["word"].lower()):
            yield _Piece(sign, start, found["word"])
        else:
            yield _Piece("word", start, normal(found["word"]))
    yield _Piece("end", end + 1)


class _Reader:
    """Recursive descent: a method for each strength of sign."""

    def __init__(self, pieces: list[_Piece]) -> None:
        self.pieces, self.here = pieces, 0

    @property
    def piece(self) -> _Piece:
        return self.pieces[self.here]

    def take(self, kind: str) -> bool:
        if self.piece.kind != kind:
            return False
        self.here += 1
        return True

    def either(self) -> Node:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def both(self) -> Node:
        parts = [self.near()]
        while self.take("and") or self.piece.kind in ("word", "open", "not"):
            parts.append(self.near())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def near(self) -> Node:
        one = self.negated()
        while self.piece.kind == "near":
            sign = self.piece
            self.here += 1
            other = self.negated()
            if not (_is_said(one) and _is_said(other)):
                raise PlanError(sign.at, "“近”的两边只能是词，或用“或”连起来的词。")
            one = Near(one, other, sign.number)
        return one

    def negated(self) -> Node:
        return Without(self.negated()) if self.take("not") else self.single()

    def single(self) -> Node:
        piece = self.piece
        self.here += 1
        if piece.kind == "word":
            return Word(piece.text)
        if piece.kind == "open":
            inside = self.either()
            if not self.take("close"):
                raise PlanError(piece.at, "括号没有合上。")
            return inside
        if piece.kind == "end":
            raise PlanError(piece.at, "这里还缺一个词。")
        raise PlanError(piece.at, f"“{piece.text}”前面还缺一个词。")


def _is_said(node: Node) -> bool:
    return isinstance(node, Word) or (isinstance(node, Either) and all(map(_is_said, node.parts)))


def _asks(node: Node) -> bool:
    """Whether a plan needs some word to be there."""
    match node:
        case Without():
            return False
        case Either(parts):
            return all(map(_asks, parts))
        case Both(parts):
            return any(map(_asks, parts))
        case _:
            return True
