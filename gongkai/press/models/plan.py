"""The plan by which major information is spread: which channel, when, who, and whom it reached."""

from __future__ import annotations

from django.db import models

from gongkai.ledger.models import Matter
from gongkai.people.models import Staff, Unit


class Plan(models.Model):
    """One line of the plan of a matter: a press event, an opinion event, a document."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="press_plans", verbose_name="事项")
    channel = models.CharField("渠道", max_length=32)
    on = models.DateTimeField("什么时候")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="负责单位")
    who = models.CharField("谁来办", max_length=32, blank=True)
    words = models.CharField("内容要点", max_length=300, blank=True)
    done_at = models.DateTimeField("完成时间", null=True)
    reach = models.PositiveIntegerField("到达人数", null=True)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="制定人")

    class Meta:
        ordering = ["on", "id"]
        verbose_name = "发布传播方案"

    def __str__(self) -> str:
        return f"{self.matter} {self.channel}"
