"""Pages that are made together: what they ask alike is asked once, and holds for all of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")


class Answers(dict[Hashable, Any]):
    """What was asked so far. `of_all`: every page there is is being made, so that whole lists are worth keeping."""

    def __init__(self, of_all: bool) -> None:
        self.of_all = of_all


_answers: ContextVar[Answers | None] = ContextVar("_answers", default=None)


@contextmanager
def together(*, of_all: bool = False) -> Iterator[None]:
    """Make pages together within; inside of another such they join those."""
    if _answers.get() is not None:
        yield
        return
    token = _answers.set(Answers(of_all))
    try:
        yield
    finally:
        _answers.reset(token)


def of_all() -> bool:
    """Whether all pages are being made together."""
    answers = _answers.get()
    return answers is not None and answers.of_all


def once(key: Hashable, ask: Callable[[], T]) -> T:
    """What `ask` says; while pages are made together, what it said the first time."""
    answers = _answers.get()
    if answers is None:
        return ask()
    if key not in answers:
        answers[key] = ask()
    answer: T = answers[key]
    return answer
