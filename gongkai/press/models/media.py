"""Media: outlets and their journalists, who was invited, what they asked, which interviews they asked for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongkai.people.models import Place, Staff
from gongkai.press.models.event import PressEvent
from gongkai.press.models.stages import Case


class Outlet(models.Model):
    """A newspaper, station, agency or site. Its e-mail and phone are those of its office, not of a person."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name="地区")
    name = models.CharField("媒体名称", max_length=64)
    kind = models.CharField("类型", max_length=16)
    email = models.EmailField("采编邮箱", blank=True)
    phone = models.CharField("采编电话", max_length=32, blank=True)
    is_active = models.BooleanField("在联系", default=True)

    class Meta:
        ordering = ["-is_active", "kind", "name"]
        verbose_name = "媒体"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "name"], name="outlet_stands_once_at_a_place"),
        ]

    def __str__(self) -> str:
        return self.name


class Journalist(models.Model):
    """A journalist of an outlet. How to reach them is kept encrypted and shown masked."""

    outlet = models.ForeignKey(Outlet, models.CASCADE, related_name="journalists", verbose_name="媒体")
    name = models.CharField("姓名", max_length=32)
    credential = models.CharField("记者证号", max_length=32, blank=True)
    beat = models.CharField("报道领域", max_length=64, blank=True)
    contact = models.TextField("联系方式", blank=True)
    masked = models.CharField("联系方式（遮盖）", max_length=32, blank=True)
    is_active = models.BooleanField("在联系", default=True)

    class Meta:
        ordering = ["-is_active", "id"]
        verbose_name = "记者"

    def __str__(self) -> str:
        return self.name


class Invitation(models.Model):
    """An outlet invited to an event: sent by mail or printed, accepted, attended."""

    class Channel(models.TextChoices):
        MAIL = "mail", "邮件"
        PRINT = "print", "打印送达"

    class Answer(models.TextChoices):
        NONE = "", "未回复"
        YES = "yes", "参加"
        NO = "no", "不参加"

    event = models.ForeignKey(
        PressEvent, models.CASCADE, related_name="invitations", verbose_name="新闻发布活动"
    )
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="invitations", verbose_name="媒体")
    channel = models.CharField("送达方式", max_length=8, choices=Channel)
    invited_at = models.DateTimeField("邀请时间")
    sent_at = models.DateTimeField("邮件发出时间", null=True)
    answer = models.CharField("回复", max_length=4, choices=Answer, blank=True, default=Answer.NONE)
    attended = models.BooleanField("到场", null=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "媒体邀请"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "outlet"], name="outlet_is_invited_to_an_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.outlet}"


class MediaQuestion(models.Model):
    """A question of the media, at an event or after it: answered, or a reason given why not."""

    event = models.ForeignKey(
        PressEvent, models.CASCADE, related_name="questions", verbose_name="新闻发布活动"
    )
    serial = models.PositiveSmallIntegerField("第几问")
    outlet = models.ForeignKey(Outlet, models.PROTECT, null=True, related_name="+", verbose_name="媒体")
    words = models.TextField("问题", max_length=1000)
    asked_at = models.DateTimeField("提出时间")
    answer = models.TextField("答复", blank=True)
    refusal = models.CharField("不便答复的理由", max_length=300, blank=True)
    settled_at = models.DateTimeField("答复时间", null=True)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="答复人")

    class Meta:
        ordering = ["serial"]
        verbose_name = "媒体提问"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "serial"], name="media_question_has_its_own_number"),
            models.CheckConstraint(
                condition=Q(settled_at=None) | ~Q(answer="") | ~Q(refusal=""),
                name="settled_media_question_has_answer_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} 第{self.serial}问"


class InterviewRequest(Case):
    """Media ask for an interview: taken, answered, or refused with a reason."""

    class Stage(models.TextChoices):
        ASKED = "asked", "待答复媒体"
        ACCEPTED = "accepted", "已接受"
        ANSWERED = "answered", "已受访"
        REFUSED = "refused", "未接受"

    S = Stage
    MOVES: ClassVar = {
        S.ASKED: frozenset({S.ACCEPTED, S.REFUSED, S.ANSWERED}),
        S.ACCEPTED: frozenset({S.ANSWERED, S.REFUSED}),
        S.ANSWERED: frozenset(),
        S.REFUSED: frozenset({S.ACCEPTED}),
    }

    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="requests", verbose_name="媒体")
    words = models.TextField("想采访什么", max_length=1000)
    wants_head = models.BooleanField("希望专访负责同志", default=False)
    asked_at = models.DateTimeField("提出时间")
    meets_at = models.DateTimeField("约定时间", null=True, blank=True)
    answered_by = models.CharField("受访人和职务", max_length=64, blank=True)
    by_head = models.BooleanField("负责同志受访", default=False)
    answer = models.TextField("答问摘要", blank=True)
    address = models.URLField("报道网址", blank=True)
    ground = models.CharField("不接受的理由类别", max_length=32, blank=True)
    reason = models.CharField("不接受的理由", max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "采访申请"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(stage="refused") | ~Q(reason=""), name="refused_interview_has_a_reason"
            ),
        ]
