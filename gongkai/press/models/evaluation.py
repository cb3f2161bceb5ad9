"""How spokespersons did in a year, and what follows when they failed: order, circular, accountability."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongkai.people.models import Place, Staff, Unit
from gongkai.press.models.people import Spokesperson
from gongkai.press.models.stages import Case


class Evaluation(models.Model):
    """The yearly evaluation of one spokesperson, led by the press office. Figures stood so when it was written."""

    class Grade(models.TextChoices):
        GOOD = "优秀", "优秀"
        ABLE = "称职", "称职"
        WEAK = "不称职", "不称职"

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name="地区")
    year = models.PositiveSmallIntegerField("年度")
    spokesperson = models.ForeignKey(
        Spokesperson, models.PROTECT, related_name="evaluations", verbose_name="新闻发言人"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    grade = models.CharField("等次", max_length=4, choices=Grade)
    words = models.CharField("评语", max_length=500, blank=True)
    appearances = models.PositiveSmallIntegerField("出席场次", default=0)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="评估人")
    at = models.DateTimeField("评估时间")

    class Meta:
        ordering = ["-year", "unit_id", "id"]
        verbose_name = "发言人评估"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["year", "spokesperson"], name="spokesperson_is_evaluated_once_a_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.spokesperson}"


class Failing(Case):
    """A failing in press work (失职情形), with the order to put it right and what came of it."""

    class Stage(models.TextChoices):
        FOUND = "found", "已认定"
        ORDERED = "ordered", "责令整改"
        RECTIFIED = "rectified", "已报整改"
        CLOSED = "closed", "已了结"

    S = Stage
    MOVES: ClassVar = {
        S.FOUND: frozenset({S.ORDERED}),
        S.ORDERED: frozenset({S.RECTIFIED}),
        S.RECTIFIED: frozenset({S.ORDERED, S.CLOSED}),
    }

    spokesperson = models.ForeignKey(
        Spokesperson, models.PROTECT, null=True, related_name="failings", verbose_name="新闻发言人"
    )
    fault = models.CharField("失职情形", max_length=32)
    words = models.CharField("事实", max_length=500)
    about = models.CharField("有关事项编号", max_length=64, blank=True)
    found_at = models.DateTimeField("认定时间")
    order = models.CharField("整改要求", max_length=300, blank=True)
    result = models.CharField("整改结果", max_length=500, blank=True)
    circulated_at = models.DateTimeField("通报时间", null=True)
    proposal = models.CharField("追责建议", max_length=300, blank=True)
    decision = models.CharField("决定", max_length=300, blank=True)
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="决定人")

    class Meta:
        ordering = ["-id"]
        verbose_name = "发布失职情形"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decision="") | Q(decided_by__isnull=False),
                name="accountability_is_decided_by_a_person",
            ),
        ]
