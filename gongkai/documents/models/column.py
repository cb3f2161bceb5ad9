"""Columns of a site, in which documents stand."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from gongkai.people.models import Place


class Column(models.Model):
    """A column (栏目) of a place's site, or of a unit's own pages; the statutory ones are always there."""

    class Kind(models.TextChoices):
        """`ColumnType` of the national guideline for page metadata."""

        GUIDE = "信息公开指南", "信息公开指南"
        INSTITUTION = "信息公开制度", "信息公开制度"
        STATUTORY = "信息公开目录", "法定主动公开内容"
        ANNUAL = "信息公开年报", "信息公开年报"
        ON_REQUEST = "依申请公开", "依申请公开"
        POLICY = "政策文件", "政策文件"
        INTERPRETATION = "政策解读", "政策解读"
        NEWS = "工作动态", "工作动态"
        PUBLIC_NOTICE = "通知公告", "通知公告"
        KEY_AREA = "重点领域", "重点领域"
        SERVICE = "办事服务", "办事服务"
        DATA = "数据发布", "数据发布"

    place = models.ForeignKey(Place, models.CASCADE, related_name="columns", verbose_name="地区")
    slug = models.SlugField("网址名", max_length=32)
    name = models.CharField("栏目名称", max_length=32)
    kind = models.CharField("类型", max_length=16, choices=Kind)
    words = models.CharField("栏目说明", max_length=200, blank=True)
    order = models.PositiveSmallIntegerField("顺序", default=0)
    stale_after = models.PositiveSmallIntegerField("多少天不更新提醒", default=180)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = "栏目"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "slug"], name="column_has_its_own_address_at_a_place"),
        ]

    def __str__(self) -> str:
        return self.name
