"""Notices to staff, what is sent of them by mail, SMS and webhook, and how each wants to be reached."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongkai.people.models import Place, Staff, Unit


class NoticeQuerySet(models.QuerySet["Notice"]):
    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)


class Notice(models.Model):
    """Something one person should know, about the matter `number`. Told once for each key."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="notices", verbose_name="收件人")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name="地区")
    key = models.CharField("去重键", max_length=120)
    title = models.CharField("标题", max_length=200)
    body = models.TextField("内容", blank=True)
    number = models.CharField("事项编号", max_length=64, blank=True)
    urgent = models.BooleanField("紧急", default=False)
    at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = "站内通知"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["staff", "key"], name="person_is_told_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["staff", "-at"], name="notice_of_person"),
            models.Index(fields=["staff"], condition=Q(read_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.title


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def pending(self) -> DeliveryQuerySet:
        return self.filter(sent_at=None, failed_at=None)

    def due(self, now: datetime) -> DeliveryQuerySet:
        return self.pending().filter(due_at__lte=now)


class Delivery(models.Model):
    """A message on its way out, to a person by mail or SMS or to the webhook of a unit; at least once."""

    class Channel(models.TextChoices):
        MAIL = "mail", "电子邮件"
        SMS = "sms", "短信"
        WEBHOOK = "webhook", "群机器人"

    key = models.CharField("去重键", max_length=160, unique=True)
    channel = models.CharField("方式", max_length=8, choices=Channel)
    staff = models.ForeignKey(Staff, models.CASCADE, null=True, related_name="+", verbose_name="收件人")
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, related_name="+", verbose_name="收件单位")
    title = models.CharField("标题", max_length=200)
    body = models.TextField("内容", blank=True)
    number = models.CharField("事项编号", max_length=64, blank=True)
    urgent = models.BooleanField("紧急", default=False)
    due_at = models.DateTimeField("应送时间")
    sent_at = models.DateTimeField("送出时间", null=True)
    failed_at = models.DateTimeField("放弃时间", null=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    error = models.CharField("最近错误", max_length=200, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "外发通知"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(channel="webhook", unit__isnull=False, staff=None)
                | Q(channel__in=["mail", "sms"], staff__isnull=False, unit=None),
                name="delivery_goes_to_a_person_or_to_the_webhook_of_a_unit",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(sent_at=None, failed_at=None), name="delivery_queue"),
        ]

    def __str__(self) -> str:
        return self.key


class Preference(models.Model):
    """How a person wants to be reached outside the desk. Quiet hours are on the person."""

    staff = models.OneToOneField(Staff, models.CASCADE, related_name="preference", verbose_name="人员")
    mail = models.BooleanField("发电子邮件", default=True)
    sms = models.BooleanField("发短信", default=False)
    digest = models.BooleanField("每个工作日早上汇总未读", default=True)

    class Meta:
        verbose_name = "通知偏好"

    def __str__(self) -> str:
        return f"{self.staff} 的通知偏好"


class WebhookSecret(models.Model):
    """What the webhook of a unit is signed with, sealed."""

    unit = models.OneToOneField(Unit, models.CASCADE, related_name="webhook_secret", verbose_name="单位")
    sealed = models.TextField("密钥（密文）")

    class Meta:
        verbose_name = "通知密钥"

    def __str__(self) -> str:
        return f"{self.unit} 的通知密钥"
