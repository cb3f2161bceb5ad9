"""What can be found: one entry for each record of any room, words taken as equal, what was asked."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Entry(models.Model):
    """A record as the index knows it. `title` and `body` are shown; `heading` and `text` are them folded."""

    room = models.CharField("业务", max_length=16)
    number = models.CharField("编号", max_length=64)
    place_code = models.CharField("行政区划代码", max_length=6)
    unit_code = models.CharField("单位编号", max_length=32, blank=True)
    kind = models.CharField("种类", max_length=32, blank=True)
    public = models.BooleanField("公开", default=False)
    at = models.DateTimeField("时间")
    title = models.CharField("标题", max_length=200)
    body = models.TextField("正文", blank=True)
    heading = models.CharField("比对用标题", max_length=400)
    text = models.TextField("比对用正文", blank=True)

    class Meta:
        verbose_name = "检索条目"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number", "room"], name="record_is_found_as_one_entry"),
        ]

    def __str__(self) -> str:
        return self.title


class Segment(models.Model):
    """Entries put into the index together: their columns, and postings in `2 ** bits` buckets. Never changed.

    Of two the later overrides the other, by `turn` or without one by key; what a process holds of it is known by its
    `stamp` (random). `kinds` are the rooms,
    places, units, kinds, opennesses and years of its entries as JSON, `columns` the ids, times and numbers of kinds.
    """

    turn = models.BigIntegerField("次序", null=True)
    stamp = models.BigIntegerField("标记")
    size = models.PositiveIntegerField("条数")
    bits = models.PositiveSmallIntegerField("分桶位数")
    kinds = models.TextField("种类")
    columns = models.BinaryField("列")

    class Meta:
        verbose_name = "检索分段"

    def __str__(self) -> str:
        return f"{self.pk}: {self.size}"


class Bucket(models.Model):
    """A part of the postings of a segment; its key is that of the segment times 65,536 and its number."""

    id = models.BigIntegerField("编号", primary_key=True)
    content = models.BinaryField("字对和位置")

    class Meta:
        verbose_name = "检索分桶"

    def __str__(self) -> str:
        return f"{self.pk >> 16}/{self.pk & 0xFFFF}"


class Synonym(models.Model):
    """Words taken as equal, at one place or, with no place, everywhere. Who said so, when, and who ended it, stays."""

    place_code = models.CharField("行政区划代码", max_length=6, blank=True)
    words = models.CharField("同义词", max_length=200, help_text="用空格隔开，如：医保 医疗保险")
    by = models.ForeignKey("people.Staff", models.PROTECT, null=True, related_name="+", verbose_name="设定人")
    at = models.DateTimeField("设定时间", null=True)
    ended_by = models.ForeignKey(
        "people.Staff", models.PROTECT, null=True, related_name="+", verbose_name="停用人"
    )
    ended_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        ordering = ["words", "id"]
        verbose_name = "同义词"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["place_code", "words"], condition=models.Q(ended_at=None),
                name="synonyms_are_written_once_at_a_place",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.words


class Query(models.Model):
    """What was asked and how much was found. Who asked is not kept, and personal data in it is masked."""

    place_code = models.CharField("行政区划代码", max_length=6, blank=True)
    at = models.DateTimeField("时间")
    text = models.CharField("检索词", max_length=200)
    hits = models.PositiveIntegerField("条数")

    class Meta:
        verbose_name = "检索记录"
        indexes: ClassVar = [models.Index(fields=["place_code", "-at"], name="query_by_place")]

    def __str__(self) -> str:
        return self.text
