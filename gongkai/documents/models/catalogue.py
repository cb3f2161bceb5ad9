"""What is disclosed of its own accord and what is not: catalogue, negative list, what was judged again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from gongkai.documents.models.paper import Document
from gongkai.people.models import Place, Staff, Unit


class CatalogueEntry(models.Model):
    """A row of the proactive catalogue (主动公开目录), in the fields of the standard table; a year is a version of it."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="+", verbose_name="地区")
    year = models.PositiveSmallIntegerField("年度")
    area = models.CharField("领域", max_length=32)
    item = models.CharField("一级事项", max_length=64)
    subitem = models.CharField("二级事项", max_length=64, blank=True)
    openness = models.CharField("五公开", max_length=16, blank=True)
    content = models.CharField("公开内容（要素）", max_length=500)
    basis = models.CharField("公开依据", max_length=500, blank=True)
    limit = models.CharField("公开时限", max_length=200)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="catalogue", verbose_name="公开主体")
    channels = models.CharField("公开渠道和载体", max_length=200)
    audience = models.CharField("公开对象", max_length=64, default="全社会")
    manner = models.CharField("公开方式", max_length=16, default="主动")
    level = models.CharField("公开层级", max_length=16, blank=True)

    class Meta:
        ordering = ["area", "item", "subitem", "id"]
        verbose_name = "公开目录条目"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["place", "year", "area", "item", "subitem", "unit"],
                name="catalogue_names_an_item_of_a_unit_once_a_year",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.subitem}".strip()


class NegativeEntry(models.Model):
    """A row of the negative list (负面清单): what is not disclosed, on which ground, until it is taken off."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="+", verbose_name="地区")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    item = models.CharField("事项", max_length=120)
    ground = models.CharField("理由类别", max_length=32)
    reason = models.CharField("理由", max_length=300)
    basis = models.CharField("依据", max_length=300, blank=True)
    from_on = models.DateField("列入日期")
    until_on = models.DateField("移出日期", null=True, blank=True)

    class Meta:
        ordering = ["unit_id", "item"]
        verbose_name = "负面清单条目"

    def __str__(self) -> str:
        return self.item


class Reassessment(models.Model):
    """A withheld or often asked-for item judged again: kept as it is with a reason, or opened."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="reassessments", verbose_name="公文")
    year = models.PositiveSmallIntegerField("年度")
    keeps = models.BooleanField("维持原属性")
    reason = models.CharField("理由", max_length=300)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name="判定人")
    at = models.DateTimeField("判定时间")

    class Meta:
        ordering = ["-id"]
        verbose_name = "自查判定"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "year"], name="document_is_judged_again_once_a_year"),
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.year}"
