"""The ledger: matters, facts, obligations, entries, links, outbox and seals.

Facts and entries are append-only; triggers on both databases refuse anything else. Obligations are what the
fold of a matter gives and may be rebuilt from the facts at any time.
"""

from __future__ import annotations

import json
import zlib
from datetime import datetime
from functools import cache
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from gongkai.law.fold import STANDING, State, What
from gongkai.people.models import Place, Unit
from gongkai.prepared import Prepared, Slot

_STANDING = frozenset(str(state) for state in STANDING)


class MatterQuerySet(models.QuerySet["Matter"]):
    def locked(self, pk: int) -> Matter:
        """The matter, its place with it, with its row locked until the end of the transaction."""
        found = _locked().ask(pk=pk)
        if not found:
            raise Matter.DoesNotExist
        return found[0]

    def due(self, now: datetime) -> MatterQuerySet:
        return self.filter(next_at__lte=now)


class Matter(models.Model):
    """One case of any room. `next_at` is when folding it again would add something: the queue of the sweep."""

    number = models.CharField("编号", max_length=64, unique=True)
    room = models.CharField("业务", max_length=16)
    title = models.CharField("标题", max_length=200)
    place = models.ForeignKey(
        Place, models.PROTECT, related_name="matters", db_index=False, verbose_name="地区"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="matters", verbose_name="单位")
    opened_at = models.DateTimeField("开始时间")
    next_at = models.DateTimeField("下次计算", null=True)
    folded_at = models.DateTimeField("已算到", null=True)
    rules_version = models.CharField("规则版本", max_length=40, blank=True)

    objects = MatterQuerySet.as_manager()

    class Meta:
        verbose_name = "事项"
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="matter_queue"),
            models.Index(fields=["place", "room", "-opened_at"], name="matter_by_place"),
        ]

    def __str__(self) -> str:
        return self.number


@cache
def _locked() -> Prepared[Matter]:
    rows = Matter.objects.select_for_update(of=("self",)).select_related("place")
    return Prepared(rows.filter(pk=Slot("pk", models.BigIntegerField())))


class Fact(models.Model):
    """Something that happened. `happened_at` is the legal time, `recorded_at` the system's. No personal data."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="facts", verbose_name="事项")
    kind = models.CharField("事实", max_length=48)
    happened_at = models.DateTimeField("发生时间")
    recorded_at = models.DateTimeField("记录时间")
    by = models.ForeignKey(
        "people.Staff", models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="记录人"
    )
    by_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="记录单位"
    )
    details = models.JSONField("内容", default=dict)
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="corrections", db_index=False, verbose_name="更正"
    )  # what most facts do not have is kept out of the indexes below
    because = models.CharField("补记或更正事由", max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "事实"
        indexes: ClassVar = [
            models.Index(fields=["kind", "happened_at"], name="fact_by_kind"),
            models.Index(fields=["by"], condition=Q(by__isnull=False), name="fact_by_person"),
            models.Index(fields=["by_unit"], condition=Q(by_unit__isnull=False), name="fact_by_unit"),
            models.Index(fields=["corrects"], condition=Q(corrects__isnull=False), name="fact_corrected"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.happened_at:%Y-%m-%d %H:%M}"


class ObligationQuerySet(models.QuerySet["Obligation"]):
    def standing(self) -> ObligationQuerySet:
        """Owed still: open, warned or breached and not yet made good."""
        return self.filter(state__in=[str(s) for s in STANDING], settled_at=None)

    def late(self, now: datetime) -> ObligationQuerySet:
        return self.standing().filter(due_at__lte=now)

    def fallen_due(self, since: datetime, until: datetime) -> ObligationQuerySet:
        """Firm duties whose time came in a period, whatever became of them, and those kept before their time."""
        settled = [str(s) for s in (State.MET, State.MET_LATE, State.BREACHED)]
        return self.filter(is_minimum=False, due_at__gte=since, due_at__lt=until, state__in=settled)


class Obligation(models.Model):
    """Who owes what to whom by when. Written by the fold alone; `due_at` is the first late instant."""

    class States(models.TextChoices):
        OPEN = str(State.OPEN), "办理中"
        WARNED = str(State.WARNED), "已提醒"
        MET = str(State.MET), "按时办结"
        BREACHED = str(State.BREACHED), "逾期"
        MET_LATE = str(State.MET_LATE), "逾期办结"
        LAPSED = str(State.LAPSED), "不再需要"
        VOID = str(State.VOID), "作废"

    matter = models.ForeignKey(
        Matter, models.PROTECT, related_name="obligations", db_index=False, verbose_name="事项"
    )  # matter and place lead an index below
    key = models.CharField("标识", max_length=120)
    duty = models.CharField("职责", max_length=64)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False, verbose_name="地区")
    owner = models.CharField("责任方", max_length=32)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="obligations", verbose_name="责任单位"
    )
    claimant = models.CharField("对谁负责", max_length=16)
    opened_at = models.DateTimeField("产生时间")
    due_at = models.DateTimeField("期限", null=True)
    state = models.CharField("状态", max_length=8, choices=States)
    is_provisional = models.BooleanField("暂定", default=False)
    is_paused = models.BooleanField("暂停计时", default=False)
    is_soft = models.BooleanField("原则上", default=False)
    is_minimum = models.BooleanField("最短期限", default=False)
    settled_at = models.DateTimeField("了结时间", null=True)
    breached_at = models.DateTimeField("逾期时间", null=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        verbose_name = "应办事项"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["matter", "key"], name="obligation_key_is_unique_in_its_matter"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["unit", "due_at"], condition=Q(settled_at=None), name="obligation_owed_by_unit"
            ),
            models.Index(
                fields=["place", "due_at"], condition=Q(settled_at=None), name="obligation_owed_at_place"
            ),
            models.Index(
                fields=["matter", "due_at", "state", "is_minimum", "duty", "settled_at"],
                condition=Q(settled_at=None),
                name="obligation_owed_in_matter",
            ),
            models.Index(fields=["place", "duty", "due_at"], name="obligation_by_duty"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_standing(self) -> bool:
        return self.settled_at is None and self.state in _STANDING


class Entry(models.Model):
    """A line of the ledger: what came of a duty. A line that no longer holds is answered by one that undoes it."""

    class Whats(models.TextChoices):
        OPENED = str(What.OPENED), "产生"
        WARNED = str(What.WARNED), "临期提醒"
        PAUSED = str(What.PAUSED), "暂停计时"
        RESUMED = str(What.RESUMED), "恢复计时"
        RESTARTED = str(What.RESTARTED), "重新计时"
        EXTENDED = str(What.EXTENDED), "延期"
        REFUSED = str(What.REFUSED), "延期不成立"
        MET = str(What.MET), "按时办结"
        MET_LATE = str(What.MET_LATE), "逾期办结"
        BREACHED = str(What.BREACHED), "逾期"
        ESCALATED = str(What.ESCALATED), "逾期升级"
        LAPSED = str(What.LAPSED), "不再需要"
        MOVED = str(What.MOVED), "改由他方承担"
        UNDONE = "undone", "撤销此前一条"

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="entries", verbose_name="事项")
    key = models.CharField("应办事项", max_length=120)
    what = models.CharField("情形", max_length=10, choices=Whats)
    at = models.DateTimeField("时间")
    recorded_at = models.DateTimeField("记录时间")
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="责任单位"
    )  # no question looks for unit, fact, kind or time of an entry but within its matter
    fact = models.ForeignKey(
        Fact, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="由哪条事实"
    )
    note = models.CharField("说明", max_length=200, blank=True)
    undoes = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="undone_by", db_index=False, verbose_name="撤销"
    )

    class Meta:
        ordering = ["id"]
        verbose_name = "账目"
        indexes: ClassVar = [
            models.Index(fields=["undoes"], condition=Q(undoes__isnull=False), name="entry_undone"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.key}"


class Link(models.Model):
    """A typed tie between two matters, read in both directions."""

    class Kind(models.TextChoices):
        INTERPRETS = "interprets", "解读"
        REPLACES = "replaces", "替代"
        AMENDS = "amends", "修改"
        REPEALS = "repeals", "废止"
        CONSULTATION_OF = "consultation_of", "征求意见于"
        ANSWERS = "answers", "回应"
        AROSE_FROM = "arose_from", "来自"
        MERGED_INTO = "merged_into", "并入"
        TRANSFERRED_TO = "transferred_to", "移送至"
        ASSESSES = "assesses", "评估"

    INVERSE: ClassVar = {
        "interprets": "被解读", "replaces": "被替代", "amends": "被修改", "repeals": "被废止",
        "consultation_of": "曾征求意见", "answers": "被回应", "arose_from": "引出", "merged_into": "并有",
        "transferred_to": "移送自", "assesses": "经评估",
    }  # fmt: skip

    kind = models.CharField("关系", max_length=16, choices=Kind)
    source = models.ForeignKey(Matter, models.PROTECT, related_name="links", verbose_name="从")
    target = models.ForeignKey(Matter, models.PROTECT, related_name="backlinks", verbose_name="到")
    fact = models.ForeignKey(Fact, models.PROTECT, null=True, related_name="+", verbose_name="由哪条事实")

    class Meta:
        verbose_name = "关联"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "source", "target"], name="link_is_made_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="link_joins_two_matters"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.get_kind_display()} {self.target}"


class Setting(models.Model):
    """A local setting (本地设定): what a place decides where its regulation is silent. Rows are added, never changed."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="settings", verbose_name="地区")
    subject = models.CharField("对象", max_length=64, help_text="职责编号，或清单编号")
    key = models.CharField("键", max_length=32)
    value = models.JSONField("值")
    from_on = models.DateField("自哪天起")
    by = models.ForeignKey("people.Staff", models.PROTECT, null=True, related_name="+", verbose_name="设定人")
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        ordering = ["id"]
        verbose_name = "本地设定"

    def __str__(self) -> str:
        return f"{self.place} {self.subject}.{self.key}"


class RulesSource(models.Model):
    """All packs and calendars as they stood when they were signed for: by them matters fold until others are."""

    digest = models.CharField("摘要", max_length=64, unique=True)
    content = models.BinaryField("原文")

    class Meta:
        verbose_name = "规则原文"

    def __str__(self) -> str:
        return self.digest[:12]

    @property
    def files(self) -> dict[str, str]:
        """The texts by their paths."""
        found: dict[str, str] = json.loads(zlib.decompress(self.content))
        return found


class RulesEdition(models.Model):
    """The packs and calendar in use at a place from an instant, and who signed for what they changed.

    Without a person they changed nothing that was written.
    """

    place = models.ForeignKey(
        Place, models.PROTECT, null=True, related_name="rules_editions", verbose_name="地区"
    )
    version = models.CharField("版本", max_length=40)
    source = models.ForeignKey(
        RulesSource, models.PROTECT, null=True, related_name="editions", verbose_name="原文"
    )
    adopted_at = models.DateTimeField("采用时间")
    by = models.ForeignKey("people.Staff", models.PROTECT, null=True, related_name="+", verbose_name="采用人")
    matters = models.PositiveIntegerField("重算事项数", default=0)
    changed = models.PositiveIntegerField("有变化的事项数", default=0)

    class Meta:
        ordering = ["id"]
        verbose_name = "规则版本"

    def __str__(self) -> str:
        return self.version


class Effect(models.Model):
    """Outbox: something to be done outside the transaction that decided it, once, at least. Ids only."""

    kind = models.CharField("种类", max_length=32)
    key = models.CharField("去重键", max_length=120, unique=True)
    payload = models.JSONField("内容", default=dict)
    due_at = models.DateTimeField("应送时间")
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    done_at = models.DateTimeField("送达时间", null=True)
    failed_at = models.DateTimeField("放弃时间", null=True)
    error = models.CharField("最近错误", max_length=300, blank=True)

    class Meta:
        verbose_name = "待送"
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(done_at=None, failed_at=None), name="effect_queue"),
        ]

    def __str__(self) -> str:
        return self.key


class Seal(models.Model):
    """A seal over the facts and entries since the last one: root = SM3(previous root + digests)."""

    sealed_at = models.DateTimeField("封存时间")
    first_fact = models.BigIntegerField("首条事实")
    last_fact = models.BigIntegerField("末条事实")
    first_entry = models.BigIntegerField("首条账目")
    last_entry = models.BigIntegerField("末条账目")
    digests = models.BinaryField("各条摘要")
    root = models.CharField("根", max_length=64, db_index=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "封存"

    def __str__(self) -> str:
        return self.root[:8]

    @property
    def short(self) -> str:
        """The first eight digits in two groups, as printed on circulars and pages."""
        return f"{self.root[:4]} {self.root[4:8]}"


class Counter(models.Model):
    """The last number given in a series of a place and day, e.g. LY-2025-0926."""

    series = models.CharField("序列", max_length=40, primary_key=True)
    last = models.PositiveIntegerField("末号", default=0)

    class Meta:
        verbose_name = "编号"

    def __str__(self) -> str:
        return f"{self.series} {self.last}"
