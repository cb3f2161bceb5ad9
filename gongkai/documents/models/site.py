"""What stands around documents on a place's site: gazette, topics, services, faults, old addresses."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from gongkai.documents.models.paper import Document
from gongkai.ledger.models import Matter
from gongkai.people.models import Place, Staff, Unit


class GazetteIssue(models.Model):
    """An issue of the government gazette: a year, a number, its documents in order."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="gazettes", verbose_name="地区")
    year = models.PositiveSmallIntegerField("年")
    issue = models.PositiveSmallIntegerField("期")
    issued_on = models.DateField("出刊日期")
    documents = models.ManyToManyField(Document, related_name="gazettes", verbose_name="刊登文件")

    class Meta:
        ordering = ["-year", "-issue"]
        verbose_name = "政府公报"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "year", "issue"], name="gazette_issue_appears_once"),
        ]

    def __str__(self) -> str:
        return f"{self.year}年第{self.issue}期"


class Topic(models.Model):
    """A topic page (专题) about one public concern: its documents, charts and media in one place."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="topics", verbose_name="地区")
    slug = models.SlugField("网址名", max_length=32)
    title = models.CharField("标题", max_length=64)
    words = models.TextField("导语", blank=True)
    figures = models.JSONField("图表", default=list)
    documents = models.ManyToManyField(Document, related_name="topics", blank=True, verbose_name="文件")
    opened_at = models.DateTimeField("开设时间")
    closed_at = models.DateTimeField("归档时间", null=True, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        verbose_name = "专题"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "slug"], name="topic_has_its_own_address_at_a_place"),
        ]

    def __str__(self) -> str:
        return self.title


class Service(models.Model):
    """A power or public service of a unit (职权和公共服务事项), with what a person needs to know before coming."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="services", verbose_name="地区")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="services", verbose_name="实施单位")
    name = models.CharField("事项名称", max_length=120)
    kind = models.CharField("事项类型", max_length=16)
    area = models.CharField("领域", max_length=32, blank=True)
    basis = models.CharField("设定依据", max_length=500, blank=True)
    conditions = models.TextField("申请条件", blank=True)
    materials = models.TextField("办理材料", blank=True)
    limit = models.CharField("办理时限", max_length=64, blank=True)
    fee = models.CharField("收费", max_length=64, blank=True)
    where = models.CharField("办理地点", max_length=200, blank=True)
    phone = models.CharField("咨询电话", max_length=32, blank=True)
    address = models.URLField("在线办理", blank=True)
    updated_at = models.DateTimeField("更新时间")

    class Meta:
        ordering = ["area", "name"]
        verbose_name = "服务事项"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["unit", "name"], name="service_of_a_unit_stands_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def full(self) -> str:
        """Its name with its unit: several units may have a service of one name."""
        return f"{self.name}（{self.unit.short_name}）"


class Fault(models.Model):
    """A fault of the site that a reader reported (我为政府网站找错). What to reach them by is encrypted."""

    class Kind(models.TextChoices):
        TEXT = "文字错误", "文字错误"
        LINK = "打不开", "链接、图片或附件打不开"
        STALE = "内容过时", "内容过时"
        PRIVATE = "泄露个人信息", "泄露个人信息"
        OTHER = "其他", "其他"

    matter = models.OneToOneField(Matter, models.PROTECT, related_name="fault", verbose_name="事项")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name="地区")
    address = models.CharField("出错的网页", max_length=300)
    kind = models.CharField("错误类别", max_length=8, choices=Kind)
    words = models.CharField("说明", max_length=500)
    contact = models.TextField("联系方式（加密）", blank=True)
    code = models.CharField("查询码", max_length=12, unique=True)
    reported_at = models.DateTimeField("提交时间")
    answer = models.CharField("处理结果", max_length=500, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True)
    answered_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="答复人")

    class Meta:
        ordering = ["-id"]
        verbose_name = "网站找错"

    def __str__(self) -> str:
        return f"{self.kind} {self.address}"


class Address(models.Model):
    """An address a document once had, kept so that old links never die."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="+", verbose_name="地区")
    path = models.CharField("旧网址", max_length=300)
    document = models.ForeignKey(Document, models.CASCADE, related_name="addresses", verbose_name="公文")

    class Meta:
        verbose_name = "旧网址"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "path"], name="old_address_leads_to_one_document"),
        ]

    def __str__(self) -> str:
        return self.path
