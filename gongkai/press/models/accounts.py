"""The accounts a government speaks through (政务新媒体), what is written for them and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongkai.people.models import Staff
from gongkai.press.models.stages import Case


class Account(Case):
    """An account of a unit: who opened it answers for it. Its two rules stand before it is used."""

    class Stage(models.TextChoices):
        ASKED = "asked", "申请开设"
        ACTIVE = "active", "运行"
        CLOSED = "closed", "已注销"

    class Connector(models.TextChoices):
        FILE = "file", "写成文件，由运维取走"
        WEBHOOK = "webhook", "推送到接口，JSON，图片用 base64"
        FORM = "form", "推送到接口，表单（multipart），图片作附件"

    S = Stage
    MOVES: ClassVar = {
        S.ASKED: frozenset({S.ACTIVE, S.CLOSED}),
        S.ACTIVE: frozenset({S.CLOSED}),
        S.CLOSED: frozenset(),
    }

    platform = models.CharField("平台", max_length=16)
    handle = models.CharField("账号标识", max_length=64, blank=True)
    address = models.URLField("网址", blank=True)
    purpose = models.CharField("用途", max_length=200, blank=True)
    review_rule = models.TextField("审核发布规范", blank=True)
    security_rule = models.TextField("应用安全管理规定", blank=True)
    keeper_a = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="A角")
    keeper_b = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="B角"
    )
    connector = models.CharField("推送方式", max_length=8, choices=Connector, default=Connector.FILE)
    hook = models.URLField("接口网址", blank=True)
    secret = models.TextField("接口密钥", blank=True)
    opened_at = models.DateTimeField("启用时间", null=True)
    approved_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="批准人")
    closed_at = models.DateTimeField("注销时间", null=True)
    reason = models.CharField("注销理由", max_length=300, blank=True)

    class Meta:
        ordering = ["unit_id", "platform", "id"]
        verbose_name = "政务新媒体账号"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(stage="active") | Q(opened_at__isnull=False, approved_by__isnull=False),
                name="active_account_was_approved",
            ),
        ]

    @property
    def name(self) -> str:
        return self.title

    @property
    def is_called(self) -> bool:
        """Whether its posts are pushed to an address, not written into a folder."""
        return self.connector != self.Connector.FILE


class AccountMonth(models.Model):
    """Followers and reads of an account in a month, as its keeper entered them."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="months", verbose_name="政务新媒体账号")
    month = models.DateField("月份")
    followers = models.PositiveIntegerField("关注人数")
    reads = models.PositiveIntegerField("阅读次数", default=0)

    class Meta:
        ordering = ["-month"]
        verbose_name = "账号月度数据"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "month"], name="account_has_one_row_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.month:%Y-%m}"


class SocialPost(Case):
    """Something written for accounts: signed, then pushed to each of them."""

    class Stage(models.TextChoices):
        DRAFT = "draft", "起草"
        REVIEWING = "reviewing", "审签中"
        SIGNED = "signed", "待推送"
        PUSHED = "pushed", "已推送"

    S = Stage
    MOVES: ClassVar = {
        S.DRAFT: frozenset({S.REVIEWING}),
        S.REVIEWING: frozenset({S.DRAFT, S.SIGNED}),
        S.SIGNED: frozenset({S.PUSHED, S.DRAFT}),
        S.PUSHED: frozenset({S.PUSHED}),
    }

    text = models.TextField("正文", max_length=5000)
    author = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="起草人")
    accounts = models.ManyToManyField(Account, through="Push", related_name="posts", verbose_name="账号")

    class Meta:
        ordering = ["-id"]
        verbose_name = "新媒体稿件"


class Push(models.Model):
    """A post on its way to one account. `effect` is its row in the outbox, where tries and errors stand."""

    post = models.ForeignKey(SocialPost, models.CASCADE, related_name="pushes", verbose_name="新媒体稿件")
    account = models.ForeignKey(Account, models.PROTECT, related_name="pushes", verbose_name="政务新媒体账号")
    effect = models.CharField("待送标识", max_length=120, blank=True)
    pushed_at = models.DateTimeField("推送时间", null=True)
    sent_at = models.DateTimeField("送达时间", null=True)
    reads = models.PositiveIntegerField("阅读人数", null=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "稿件推送"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["post", "account"], name="post_goes_to_an_account_once"),
        ]

    def __str__(self) -> str:
        return f"{self.post} {self.account}"
