"""A review: one sheet for one thing at one time, with the whole text as submitted, and its signatures in order."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongkai.ledger.models import Matter
from gongkai.people.models import Staff, Unit


class SheetQuerySet(models.QuerySet["Sheet"]):
    def locked(self, sheet: Sheet) -> Sheet:
        return (
            self.select_for_update(of=("self",))
            .select_related("matter__place", "unit", "author")
            .get(pk=sheet.pk)
        )

    def running(self) -> SheetQuerySet:
        return self.filter(state=Sheet.State.RUNNING)


class Sheet(models.Model):
    """A review sheet (审签单). What is signed is `text` as it stood, so that nobody signs what changed meanwhile."""

    class State(models.TextChoices):
        RUNNING = "running", "审签中"
        PASSED = "passed", "已通过"
        RETURNED = "returned", "已退回"
        RECALLED = "recalled", "已撤回"
        OVERRIDDEN = "overridden", "紧急先发"

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="sheets", verbose_name="事项")
    subject = models.CharField("审什么", max_length=32)
    chain = models.CharField("审签规则", max_length=64)
    cite = models.CharField("依据", max_length=200, blank=True)
    title = models.CharField("标题", max_length=200)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="送审单位")
    author = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name="送审人")
    text = models.TextField("送审稿", blank=True)
    points = models.JSONField("要点", default=list)
    state = models.CharField("状态", max_length=10, choices=State, default=State.RUNNING)
    different_persons = models.BooleanField("逐人不同", default=True)
    may_override = models.BooleanField("可紧急先发", default=False)
    submitted_at = models.DateTimeField("送审时间")
    ended_at = models.DateTimeField("结束时间", null=True)
    override_reason = models.CharField("紧急理由", max_length=300, blank=True)
    overridden_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", verbose_name="紧急决定人"
    )
    approved_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="补办人")
    approved_at = models.DateTimeField("补办时间", null=True)

    objects = SheetQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "审签单"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["matter", "subject"],
                condition=Q(state="running"),
                name="thing_is_under_one_review_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="overridden") | ~Q(override_reason=""), name="override_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_running(self) -> bool:
        return self.state == Sheet.State.RUNNING

    @property
    def stands(self) -> bool:
        """True when what was reviewed may go out: all have signed, or the emergency way was taken."""
        return self.state in (Sheet.State.PASSED, Sheet.State.OVERRIDDEN)


class SignatureQuerySet(models.QuerySet["Signature"]):
    def current(self) -> SignatureQuerySet:
        """The one signature each running sheet waits for."""
        return self.filter(is_current=True)


class Signature(models.Model):
    """One step of a sheet: whose it is, and what they decided, with their words."""

    class Decision(models.TextChoices):
        AGREED = "agreed", "同意"
        RETURNED = "returned", "退回"
        SKIPPED = "skipped", "紧急略过"

    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="signatures", verbose_name="审签单")
    order = models.PositiveSmallIntegerField("顺序")
    says = models.CharField("步骤", max_length=64)
    role = models.CharField("由谁签", max_length=24)
    power = models.CharField("权限", max_length=32)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="签批单位")
    is_current = models.BooleanField("轮到", default=False)
    awaited_at = models.DateTimeField("到达时间", null=True)
    decision = models.CharField("意见", max_length=8, choices=Decision, blank=True)
    words = models.CharField("批语", max_length=500, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="签批人")
    stood_in = models.CharField("代谁签批", max_length=32, blank=True)
    decided_at = models.DateTimeField("签批时间", null=True)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        ordering = ["order"]
        verbose_name = "签批"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sheet", "order"], name="step_of_a_sheet_stands_once"),
            models.UniqueConstraint(
                fields=["sheet"], condition=Q(is_current=True), name="sheet_waits_for_one_step"
            ),
            models.CheckConstraint(
                condition=Q(decision="") | Q(decided_at__isnull=False), name="decision_has_its_time"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["unit", "power"], condition=Q(is_current=True), name="signature_awaited"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet} {self.says}"
