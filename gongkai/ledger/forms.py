"""What is filled in for an act on one case: a letter, a document, an event."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from django import forms
from django.db import models

from gongkai.ledger import asks
from gongkai.people.actor import Actor
from gongkai.ui.forms import Form, choices
from gongkai.ui.refusal import Refused

Case = TypeVar("Case", bound=models.Model)


def offer(form: forms.BaseForm, name: str, place: str, list_: str, empty: str = "") -> None:
    """Offer the values of a list of a place's packs in a field, with an empty choice first if it is named."""
    form.fields[name].choices = choices(asks.values_of(place, list_), empty)  # type: ignore[attr-defined]


class CaseForm(Form, Generic[Case]):
    """A form about one case. `seen` marks how far the case had come when the page was shown.

    `refused` says why the act itself was refused though everything was filled in; `done` what was done, where that
    depends on what was filled in.
    """

    refused: Refused | None = None
    done = ""
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, case: Case, actor: Actor, seen: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case, self.actor = case, actor
        self.initial.setdefault("seen", seen)
        self.prepare()

    def prepare(self) -> None:
        """Set what depends on the case and the person."""

    def offer(self, name: str, list_: str, empty: str = "") -> None:
        """Offer the values of a list of the case's place in a field."""
        offer(self, name, self.case.place_id, list_, empty)  # type: ignore[attr-defined]

    @property
    def status(self) -> int:
        """The status of the page that shows it."""
        return 409 if self.refused else 422 if self.errors else 200

    @property
    def given(self) -> dict[str, Any]:
        """What the action is given."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


class PlainForm(CaseForm[Any]):
    """Nothing to fill in: one button."""
