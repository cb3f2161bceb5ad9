"""A press event: a conference, a briefing, an online interview … from its plan to its file, and who attends."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongkai.people.models import Staff
from gongkai.press.models.people import Expert, Spokesperson
from gongkai.press.models.stages import Case

INTERVIEW = "在线访谈"
ONLINE = "网上发布"


class PressEventQuerySet(models.QuerySet["PressEvent"]):
    def locked(self, event: PressEvent) -> PressEvent:
        rows = self.select_for_update(of=("self",)).select_related("matter__place", "place", "unit")
        return rows.get(pk=event.pk)

    def public(self) -> PressEventQuerySet:
        """What everybody may see: announced or published, cancelled ones with the word."""
        return self.filter(Q(announced_at__isnull=False) | Q(published_at__isnull=False))


class PressEvent(Case):
    """A conference, briefing or interview. What readers see before it is the preview, after it the record."""

    class Stage(models.TextChoices):
        PLANNED = "planned", "计划"
        PREPARED = "prepared", "材料齐备"
        REVIEWING = "reviewing", "材料审签中"
        REVIEWED = "reviewed", "材料审定"
        INVITED = "invited", "已邀请"
        HELD = "held", "已举行"
        PUBLISHED = "published", "已发布"
        CLOSED = "closed", "已归档"
        CANCELLED = "cancelled", "已取消"

    S = Stage
    MOVES: ClassVar = {
        S.PLANNED: frozenset({S.PREPARED, S.CANCELLED}),
        S.PREPARED: frozenset({S.PREPARED, S.REVIEWING, S.CANCELLED}),
        S.REVIEWING: frozenset({S.PREPARED, S.REVIEWED, S.CANCELLED}),
        S.REVIEWED: frozenset({S.PREPARED, S.INVITED, S.HELD, S.CANCELLED}),
        S.INVITED: frozenset({S.PREPARED, S.INVITED, S.HELD, S.CANCELLED}),
        S.HELD: frozenset({S.PUBLISHED}),
        S.PUBLISHED: frozenset({S.CLOSED}),
        S.CLOSED: frozenset(),
        S.CANCELLED: frozenset(),
    }

    form = models.CharField("发布形式", max_length=32)
    topic = models.CharField("题目来源", max_length=32)
    hot = models.CharField("热点事件", max_length=32, blank=True)
    is_overall = models.BooleanField("涉全局的发布例会", default=False)
    is_major = models.BooleanField("重大信息", default=False)
    starts_at = models.DateTimeField("举行时间", null=True, blank=True)
    where = models.CharField("地点", max_length=120, blank=True)
    host = models.CharField("主持人", max_length=64, blank=True)
    preview = models.TextField("预告", blank=True)
    agenda = models.TextField("议程", blank=True)
    material = models.TextField("发布材料", blank=True)
    record = models.TextField("发布实录", blank=True)
    video = models.URLField("视频地址", blank=True)
    author = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    announced_at = models.DateTimeField("预告时间", null=True)
    held_at = models.DateTimeField("实际举行时间", null=True)
    published_at = models.DateTimeField("发布时间", null=True)
    cancelled = models.CharField("取消理由", max_length=300, blank=True)

    objects = PressEventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "新闻发布活动"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(stage__in=["held", "published", "closed"]) | Q(held_at__isnull=False),
                name="held_press_event_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(stage="cancelled") | ~Q(cancelled=""), name="cancelled_press_event_has_a_reason"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["place", "-starts_at"], name="press_event_by_time"),
        ]

    @property
    def is_interview(self) -> bool:
        return self.form == INTERVIEW

    @property
    def is_over(self) -> bool:
        return self.stage in (self.Stage.HELD, self.Stage.PUBLISHED, self.Stage.CLOSED)

    @property
    def is_alive(self) -> bool:
        return not self.is_over and self.stage != self.Stage.CANCELLED


class Attendee(models.Model):
    """Who sits on the platform. A head or a spokesperson has to be among them."""

    class Kind(models.TextChoices):
        HEAD = "部门负责人", "部门负责人"
        SPOKESPERSON = "新闻发言人", "新闻发言人"
        EXPERT = "解读专家", "解读专家"
        OFFICIAL = "其他人员", "其他人员"

    event = models.ForeignKey(
        PressEvent, models.CASCADE, related_name="attendees", verbose_name="新闻发布活动"
    )
    kind = models.CharField("身份", max_length=8, choices=Kind)
    name = models.CharField("姓名", max_length=32)
    title = models.CharField("职务", max_length=64, blank=True)
    spokesperson = models.ForeignKey(
        Spokesperson, models.PROTECT, null=True, related_name="appearances", verbose_name="新闻发言人"
    )
    expert = models.ForeignKey(
        Expert, models.PROTECT, null=True, related_name="appearances", verbose_name="解读专家"
    )

    class Meta:
        ordering = ["id"]
        verbose_name = "出席人员"

    def __str__(self) -> str:
        return f"{self.name}（{self.title}）" if self.title else self.name


class Statement(models.Model):
    """A word on how a hot event goes on: the truth of it, what the government says, what is done."""

    event = models.ForeignKey(
        PressEvent, models.CASCADE, related_name="statements", verbose_name="新闻发布活动"
    )
    facet = models.CharField("方面", max_length=16)
    words = models.TextField("内容", max_length=2000)
    at = models.DateTimeField("发布时间")
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="发布人")

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = "进展发布"

    def __str__(self) -> str:
        return f"{self.event} {self.facet}"
