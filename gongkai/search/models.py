"""What can be found: one entry for each record of any room, words taken as equal, what was asked."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from gongkai.search.index import TokenField


class Entry(models.Model):
    """A record as the index knows it. `title` and `body` are shown; `heading` and `text` are them folded.

    No index leads with what a search is narrowed by: SQLite would walk it instead of the index of pairs.
    """

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
    tokens = TokenField("字对", blank=True)

    class Meta:
        verbose_name = "检索条目"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number", "room"], name="record_is_found_as_one_entry"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-at"], name="entry_by_time"),
        ]

    def __str__(self) -> str:
        return self.title


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
