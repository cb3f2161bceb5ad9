"""Who speaks: spokespersons and staff for the net, what they were trained in, experts who explain policy."""

from __future__ import annotations

from datetime import date

from django.db import models

from gongkai.people.models import Place, Staff, Unit


class Spokesperson(models.Model):
    """A person who speaks for a unit, or works for it on the net. The phone is for media and stands on the portal."""

    class Role(models.TextChoices):
        SPOKESPERSON = "新闻发言人", "新闻发言人"
        FULL_TIME = "专职网络传播人员", "专职网络传播人员"
        PART_TIME = "兼职网络传播人员", "兼职网络传播人员"

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name="地区")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="spokespersons", verbose_name="单位")
    staff = models.ForeignKey(
        Staff, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="工作台人员"
    )
    name = models.CharField("姓名", max_length=32)
    title = models.CharField("职务", max_length=64)
    role = models.CharField("担任", max_length=16, choices=Role, default=Role.SPOKESPERSON)
    phone = models.CharField("媒体联系电话", max_length=32, blank=True)
    since = models.DateField("任职起")
    until = models.DateField("任职止", null=True, blank=True)

    class Meta:
        ordering = ["unit_id", "role", "id"]
        verbose_name = "新闻发言人"

    def __str__(self) -> str:
        return f"{self.name}（{self.title}）"

    def is_current(self, on: date) -> bool:
        return self.since <= on and (self.until is None or self.until > on)


class Training(models.Model):
    """Something a spokesperson was trained in: policy, judging or guiding."""

    spokesperson = models.ForeignKey(
        Spokesperson, models.CASCADE, related_name="trainings", verbose_name="新闻发言人"
    )
    on = models.DateField("日期")
    ability = models.CharField("能力", max_length=32)
    title = models.CharField("培训内容", max_length=120)
    hours = models.PositiveSmallIntegerField("学时", default=0)

    class Meta:
        ordering = ["-on", "-id"]
        verbose_name = "发言人培训"

    def __str__(self) -> str:
        return f"{self.spokesperson.name} {self.title}"


class Expert(models.Model):
    """Somebody of the experts who explain policy (专家解读队伍), built on the legal counsel."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name="地区")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="聘请单位")
    name = models.CharField("姓名", max_length=32)
    organisation = models.CharField("所在单位和职务", max_length=120)
    field = models.CharField("解读领域", max_length=64)
    is_counsel = models.BooleanField("法律顾问", default=False)
    since = models.DateField("聘请起")
    until = models.DateField("聘请止", null=True, blank=True)

    class Meta:
        ordering = ["field", "id"]
        verbose_name = "解读专家"

    def __str__(self) -> str:
        return f"{self.name}（{self.organisation}）"

    def is_current(self, on: date) -> bool:
        return self.since <= on and (self.until is None or self.until > on)
