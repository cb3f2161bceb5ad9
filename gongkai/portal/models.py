"""What of the site stands baked as files, and what each page is made of."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from gongkai.people.models import Place


class Page(models.Model):
    """A baked page: its address, the digest of its content. A stale one is baked again by the loop."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="+", verbose_name="地区")
    path = models.CharField("网址", max_length=300, unique=True)
    digest = models.CharField("摘要", max_length=64)
    is_gone = models.BooleanField("已撤回", default=False)
    baked_at = models.DateTimeField("生成时间")
    stale = models.BooleanField("待更新", default=False)

    class Meta:
        verbose_name = "静态页面"
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(stale=True), name="page_to_bake_again"),
        ]

    def __str__(self) -> str:
        return self.path


class Dependency(models.Model):
    """A page is made of something: `document:12` (its row and text), `in:column:3` (whatever comes into a list) …"""

    page = models.ForeignKey(Page, models.CASCADE, related_name="dependencies", verbose_name="静态页面")
    key = models.CharField("依赖", max_length=64)

    class Meta:
        verbose_name = "页面依赖"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "page"], name="page_depends_on_a_thing_once"),
        ]

    def __str__(self) -> str:
        return f"{self.page} {self.key}"
