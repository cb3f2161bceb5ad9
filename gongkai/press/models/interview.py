"""The online interview: what citizens ask beforehand, what is said line by line."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from gongkai.people.models import Staff
from gongkai.press.models.event import PressEvent


class CitizenQuestion(models.Model):
    """A question sent through the portal without an account. Numbers of persons are taken out before it is kept."""

    class State(models.TextChoices):
        WAITING = "waiting", "待选"
        CHOSEN = "chosen", "选用"
        LEFT = "left", "未选用"

    event = models.ForeignKey(
        PressEvent, models.CASCADE, related_name="citizen_questions", verbose_name="新闻发布活动"
    )
    stamp = models.CharField("表单编号", max_length=40, unique=True)
    words = models.CharField("问题", max_length=500)
    nickname = models.CharField("称呼", max_length=16, blank=True)
    asked_at = models.DateTimeField("提出时间")
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField("未选用的理由", max_length=120, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="选定人")

    class Meta:
        ordering = ["id"]
        verbose_name = "网友提问"

    def __str__(self) -> str:
        return self.words[:30]


class Line(models.Model):
    """One thing said at an event, as it is put on the portal while people speak."""

    event = models.ForeignKey(PressEvent, models.CASCADE, related_name="lines", verbose_name="新闻发布活动")
    order = models.PositiveIntegerField("顺序")
    at = models.DateTimeField("时间")
    speaker = models.CharField("谁", max_length=32)
    words = models.TextField("说什么", max_length=2000)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="记录人")

    class Meta:
        ordering = ["order"]
        verbose_name = "文字直播"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "order"], name="line_of_an_event_has_its_own_place"),
        ]

    def __str__(self) -> str:
        return f"{self.speaker}：{self.words[:30]}"
