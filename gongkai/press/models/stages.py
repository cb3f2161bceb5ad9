"""What every case of this room has: a matter, a place, a unit, a stage that moves by a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

from django.db import models

from gongkai.ledger.models import Matter
from gongkai.people.models import Place, Unit


class WrongMove(ValueError):
    """A stage that does not follow from the present one: a fault in the code, not in what a person did."""


class Case(models.Model):
    """Something of this room with one matter. `MOVES` says which stages follow which."""

    matter = models.OneToOneField(Matter, models.PROTECT, related_name="press_%(class)s", verbose_name="事项")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name="地区")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    title = models.CharField("标题", max_length=200)
    stage = models.CharField("阶段", max_length=10)

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {}
    Stage: ClassVar[type[models.TextChoices]]

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def code(self) -> str:
        """The number of its matter."""
        return self.matter.number

    @property
    def stage_word(self) -> str:
        return str(self.Stage(self.stage).label)

    def move_to(self, stage: str) -> Self:
        """Go to a stage that follows from the present one. Raises WrongMove otherwise."""
        if stage not in self.MOVES[self.stage]:
            raise WrongMove(f"{self.stage} → {stage}")
        self.stage = stage
        return self
