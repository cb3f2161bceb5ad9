"""Fields by which people and units are chosen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from gongkai.people.actor import Actor
from gongkai.people.models import Unit


class UnitField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for the type checker only
    """A unit, by its short name. Which are on offer is set by the form."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Unit.objects.none(), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.short_name)


def standing_units(actor: Actor) -> QuerySet[Unit]:
    """Units of the place that act in their own name today."""
    return Unit.objects.filter(place=actor.place).bodies(timezone.localdate())
