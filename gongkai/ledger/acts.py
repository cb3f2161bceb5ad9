"""The acts of a case as nouns: who sees which at which stage, with which form, and the verb behind it.

A room keeps one table of them; it draws the buttons, the pages and the addresses, so that an act is the same wherever
it is met.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from django.contrib import messages

from gongkai.ledger import story
from gongkai.ledger.forms import CaseForm
from gongkai.ledger.vocabulary import Kind
from gongkai.people.actor import Actor
from gongkai.people.desk import OfficeRequest
from gongkai.ui.refusal import Refused, Verdict

Case = TypeVar("Case")


class Doing(Protocol):
    """Of an act, what carrying it out needs."""

    @property
    def fact(self) -> Kind | None: ...
    @property
    def do(self) -> Callable[..., object]: ...
    @property
    def done(self) -> str: ...


def carry_out(
    request: OfficeRequest, act: Doing, case: Any, form: CaseForm[Any], now: datetime, **more: object
) -> bool:
    """Do what a valid form says and say so; a second click on the same page does nothing twice and says that.

    False when it was refused: the form then says why and keeps what was typed.
    """
    if act.fact and story.is_done_since(case.matter, [act.fact], form.cleaned_data["seen"], request.actor):
        messages.info(request, "这一步您刚才已经办过，没有重复记录。")
        return True
    try:
        act.do(case, by=request.actor, at=now, **form.given, **more)
    except Refused as refused:
        form.refused = refused
        return False
    messages.success(request, form.done or act.done)
    return True


@dataclass(frozen=True, slots=True)
class Act(Generic[Case]):
    """One thing a person does to a case. `noun` is its address, `label` its button, `done` what is said after.

    `whose` says who is shown it, `may` whether it may happen now; `fact` is what it records, by which a second click
    is known.
    """

    noun: str
    label: str
    done: str
    fact: Kind
    form: type[Any]
    may: Callable[..., Verdict]
    do: Callable[..., object]
    whose: Callable[[Actor, Case], bool]
    stages: tuple[str, ...]
    note: str = ""
    kind: str = "second"  # "grave" for what cannot be taken back
    starts_with: Callable[[Case], dict[str, Any]] = field(default=lambda _case: {})

    @property
    def name(self) -> str:
        """What its address is called in `urls.py` and templates."""
        return self.noun.replace("-", "_")

    @property
    def button(self) -> str:
        """The kind of its button where it is the one primary act."""
        return "grave" if self.kind == "grave" else ""


@dataclass(frozen=True, slots=True)
class Step(Generic[Case]):
    """An act as a person meets it on the page of a case: open, or closed with the reason. One may be what comes next."""

    act: Act[Case]
    verdict: Verdict
    is_next: bool = False
