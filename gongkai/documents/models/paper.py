"""What government writes or obtains: its editions, who had to agree, what was released when and where."""

from __future__ import annotations

from datetime import date
from html import escape
from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongkai.documents.models.column import Column
from gongkai.ledger.models import Matter
from gongkai.people.models import Place, Staff, Unit


class Sort(models.TextChoices):
    """What a text is. 公文 has a number and is issued; 解读 explains another; 信息 is released as it was formed."""

    OFFICIAL = "official", "公文"
    INTERPRETATION = "interpretation", "政策解读"
    INFORMATION = "information", "其他政府信息"


class Genre(models.TextChoices):
    """The fifteen kinds of official document (党政机关公文处理工作条例), and what is not one of them."""

    RESOLUTION = "决议", "决议"
    DECISION = "决定", "决定"
    ORDER = "命令", "命令（令）"
    COMMUNIQUE = "公报", "公报"
    ANNOUNCEMENT = "公告", "公告"
    PUBLIC_NOTICE = "通告", "通告"
    OPINIONS = "意见", "意见"
    NOTICE = "通知", "通知"
    CIRCULAR = "通报", "通报"
    REPORT = "报告", "报告"
    REQUEST = "请示", "请示"
    REPLY = "批复", "批复"
    BILL = "议案", "议案"
    LETTER = "函", "函"
    MINUTES = "纪要", "纪要"
    OTHER = "其他", "其他"


class Attribute(models.TextChoices):
    """The disclosure attribute; which of them a place uses is a list of its packs."""

    PROACTIVE = "主动公开", "主动公开"
    ON_REQUEST = "依申请公开", "依申请公开"
    WITHHELD = "不予公开", "不予公开"
    PARTIAL = "部分公开", "部分（区分）公开"


OPEN = (Attribute.PROACTIVE, Attribute.PARTIAL)


class Stage(models.TextChoices):
    """Where a document stands; the table of allowed moves is `MOVES`."""

    DRAFT = "draft", "起草"
    SIGNING = "signing", "审签中"
    SIGNED = "signed", "已签发"
    ISSUED = "issued", "已印发"
    CLEARING = "clearing", "发布审查中"
    CLEARED = "cleared", "待发布"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已撤回"


S = Stage
MOVES: dict[Stage, frozenset[Stage]] = {
    S.DRAFT: frozenset({S.SIGNING, S.CLEARING}),
    S.SIGNING: frozenset({S.DRAFT, S.SIGNED}),
    S.SIGNED: frozenset({S.ISSUED}),
    S.ISSUED: frozenset({S.CLEARING}),
    S.CLEARING: frozenset({S.DRAFT, S.ISSUED, S.CLEARED, S.PUBLISHED}),
    S.CLEARED: frozenset({S.PUBLISHED, S.CLEARING, S.DRAFT, S.ISSUED}),
    S.PUBLISHED: frozenset({S.WITHDRAWN}),
    S.WITHDRAWN: frozenset({S.CLEARING}),
}


class WrongMove(ValueError):
    """A stage that does not follow from the present one: a fault in the code, not in what a person did."""


class DocumentQuerySet(models.QuerySet["Document"]):
    def locked(self, document: Document) -> Document:
        return (
            self.select_for_update(of=("self",))
            .select_related("matter__place", "place", "unit", "issuer", "edition")
            .get(pk=document.pk)
        )

    def published(self) -> DocumentQuerySet:
        """What everybody may read now."""
        return self.filter(stage=Stage.PUBLISHED)

    def withheld(self) -> DocumentQuerySet:
        """What was issued and is not disclosed of the unit's own accord: the withheld catalogue."""
        return self.filter(attribute=Attribute.WITHHELD, issued_at__isnull=False)


class Document(models.Model):
    """One text of government, from draft to archive. What it says is in its editions; `edition` is the present one,
    whose title, summary and key words stand here too, for lists and forms of the office.
    """

    matter = models.OneToOneField(Matter, models.PROTECT, related_name="document", verbose_name="事项")
    place = models.ForeignKey(Place, models.PROTECT, related_name="documents", verbose_name="地区")
    stage = models.CharField("阶段", max_length=10, choices=Stage, default=Stage.DRAFT)
    sort = models.CharField("文稿类别", max_length=16, choices=Sort, default=Sort.OFFICIAL)
    genre = models.CharField("文种", max_length=8, choices=Genre, default=Genre.NOTICE)
    title = models.CharField("标题", max_length=200)
    summary = models.CharField("内容概述", max_length=500, blank=True)
    keywords = models.CharField("主题词", max_length=120, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="documents", verbose_name="责任单位")
    issuer = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="发文机关")
    joint = models.ManyToManyField(Unit, related_name="+", blank=True, verbose_name="联合发文单位")
    author = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="拟稿人")
    number = models.CharField("发文字号", max_length=64, blank=True)
    signatory = models.CharField("签发人", max_length=32, blank=True)
    source = models.CharField("来源", max_length=64, blank=True)

    is_policy = models.BooleanField("政策性文件", default=False)
    is_normative = models.BooleanField("行政规范性文件", default=False)
    is_rule = models.BooleanField("政府规章", default=False)
    is_important = models.BooleanField("重要", default=False)
    is_time_critical = models.BooleanField("时效性强", default=False)
    is_activity = models.BooleanField("民生重要政务活动", default=False)
    was_obtained = models.BooleanField("从他处获取", default=False)

    attribute = models.CharField("公开属性", max_length=8, choices=Attribute, blank=True)
    ground = models.CharField("不予公开的理由类别", max_length=32, blank=True)
    reason = models.CharField("属性理由", max_length=500, blank=True)
    withheld = models.TextField("不公开的部分", blank=True)
    third_party_agrees = models.BooleanField("第三方同意公开", default=False)
    public_interest = models.CharField("公共利益理由", max_length=300, blank=True)

    subject = models.CharField("主题分类", max_length=64, blank=True)
    statutory = models.CharField("法定公开内容", max_length=64, blank=True)
    openness = models.CharField("五公开", max_length=16, blank=True)
    key_area = models.CharField("重点领域", max_length=32, blank=True)
    index_number = models.CharField("索引号", max_length=40, blank=True)
    columns = models.ManyToManyField(Column, related_name="documents", blank=True, verbose_name="栏目")
    services = models.ManyToManyField(
        "documents.Service", related_name="documents", blank=True, verbose_name="服务事项"
    )

    formed_at = models.DateTimeField("形成时间")
    made_on = models.DateField("成文日期", null=True)
    effective_on = models.DateField("生效日期", null=True, blank=True)
    ends_on = models.DateField("失效日期", null=True, blank=True)
    signed_at = models.DateTimeField("签发时间", null=True)
    issued_at = models.DateTimeField("印发时间", null=True)
    published_at = models.DateTimeField("首次发布时间", null=True)
    changed_at = models.DateTimeField("最近变更时间", null=True)
    publish_after = models.DateTimeField("定时发布", null=True, blank=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True)

    form = models.CharField("解读形式", max_length=16, blank=True)
    plan = models.CharField("解读方案", max_length=500, blank=True)
    edition = models.ForeignKey(
        "Edition", models.PROTECT, null=True, related_name="+", verbose_name="现行版本"
    )
    secrecy = models.CharField("保密审查结论", max_length=8, blank=True)
    secrecy_edition = models.PositiveIntegerField("审查的版次", null=True)
    prereviewed_at = models.DateTimeField("公开机构预审时间", null=True)
    prereview_agrees = models.BooleanField("公开机构同意", null=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "公文"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(stage="published") | (Q(published_at__isnull=False) & Q(edition__isnull=False)),
                name="published_document_has_edition_and_time",
            ),
            models.CheckConstraint(
                condition=~Q(stage="published") | Q(attribute__in=[str(a) for a in OPEN]),
                name="published_document_is_open",
            ),
            models.CheckConstraint(
                condition=~Q(sort="official") | Q(issued_at=None) | ~Q(attribute=""),
                name="issued_document_has_an_attribute",
            ),
            models.UniqueConstraint(
                fields=["place", "number"], condition=~Q(number=""), name="document_number_stands_once"
            ),
            models.UniqueConstraint(
                fields=["place", "index_number"],
                condition=~Q(index_number=""),
                name="index_number_stands_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["place", "stage", "-published_at", "-id"], name="document_published"),
            models.Index(fields=["unit", "stage", "-id"], name="document_by_unit"),
            models.Index(fields=["place", "-id"], name="document_by_place"),
            models.Index(
                fields=["place", "openness", "stage", "-published_at", "-id"],
                condition=~Q(openness=""),
                name="document_by_openness",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def code(self) -> str:
        """The number of its matter: how the office and the addresses name it."""
        return self.matter.number

    @property
    def is_open(self) -> bool:
        return self.attribute in OPEN

    @property
    def openness_says(self) -> str:
        """Which of the 五公开 it is, in full: 决策公开."""
        return f"{self.openness}公开" if self.openness else ""

    @property
    def is_published(self) -> bool:
        return self.stage == Stage.PUBLISHED

    @property
    def text(self) -> str:
        return self.edition.html if self.edition else ""

    @property
    def released(self) -> Edition | None:
        """The text everybody may read: the newest edition that went out, not a change that waits for its review."""
        if self.edition is None or self.edition.released_at is not None:
            return self.edition
        return self.editions.exclude(released_at=None).first()

    def move_to(self, stage: Stage) -> None:
        """Go to a stage that follows from the present one. Raises WrongMove otherwise."""
        if stage not in MOVES[Stage(self.stage)]:
            raise WrongMove(f"{self.stage} → {stage}")
        self.stage = stage

    def validity(self, on: date, *, repealed: bool = False, amended: bool = False) -> str:
        """有效性, from dates and links, never from free text. `repealed` and `amended` say what links there are."""
        if repealed:
            return "废止"
        if self.ends_on and self.ends_on <= on:
            return "失效"
        if self.effective_on and self.effective_on > on:
            return "尚未施行"
        return "已修改" if amended else "有效"


class Edition(models.Model):
    """What a document said from one change to the next: text, title, summary, key words. Once released it is never altered."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="editions", verbose_name="公文")
    serial = models.PositiveIntegerField("版次")
    title = models.CharField("标题", max_length=200)
    html = models.TextField("正文", blank=True)
    note = models.CharField("变更说明", max_length=300, blank=True)
    is_major = models.BooleanField("重要变更", default=True)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="修改人")
    made_at = models.DateTimeField("修改时间")
    digest = models.CharField("SM3 摘要", max_length=64)
    released_at = models.DateTimeField("发布时间", null=True)
    summary = models.CharField("内容概述", max_length=500, blank=True, default="")
    keywords = models.CharField("主题词", max_length=120, blank=True, default="")

    class Meta:
        ordering = ["-serial"]
        verbose_name = "版本"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "serial"], name="edition_of_a_document_stands_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title} 第{self.serial}版"

    @property
    def whole(self) -> str:
        """All it says to its readers as one text (HTML), for comparing it with another."""
        beside = (("内容概述", self.summary), ("主题词", self.keywords))
        told = (f"<p>{label}：{escape(words)}</p>" for label, words in beside if words)
        return "".join((f"<h2>{escape(self.title)}</h2>", self.html, *told))


class Release(models.Model):
    """The release register (发布登记): what went out, by whom, where. Rows are added and never changed."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="releases", verbose_name="公文")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="releases", verbose_name="原始内容")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="发布单位")
    reviewer = models.CharField("审核人", max_length=64)
    publisher = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="发布人员")
    at = models.DateTimeField("发布时间")
    channel = models.CharField("发布渠道", max_length=32)
    digest = models.CharField("内容摘要", max_length=64)
    address = models.CharField("网址", max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "发布登记"

    def __str__(self) -> str:
        return f"{self.document} {self.channel}"


class Confirmation(models.Model):
    """Another unit named in a document is asked to confirm it before release; a common superior settles a dispute."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="confirmations", verbose_name="公文")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="相关单位")
    question = models.CharField("请确认的内容", max_length=300)
    asked_at = models.DateTimeField("提出时间")
    agrees = models.BooleanField("一致", null=True)
    words = models.CharField("意见", max_length=500, blank=True)
    answered_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="答复人")
    answered_at = models.DateTimeField("答复时间", null=True)
    arbiter = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="协调单位")
    settled = models.CharField("协调结论", max_length=500, blank=True)
    settled_at = models.DateTimeField("协调时间", null=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "发布前确认"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "unit"], name="unit_confirms_a_document_once"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.document}"

    @property
    def is_settled(self) -> bool:
        return bool(self.agrees) or self.settled_at is not None


class Withdrawal(models.Model):
    """Why a document is no longer there, in words for its readers, and where to look instead."""

    class Kind(models.TextChoices):
        WRONG = "内容有误", "内容有误"
        NOT_TO_BE_OPEN = "不应公开", "不应公开"
        REPEALED = "文件废止", "文件废止"
        MOVED = "并入其他页面", "并入其他页面"

    document = models.ForeignKey(Document, models.PROTECT, related_name="withdrawals", verbose_name="公文")
    kind = models.CharField("情形", max_length=12, choices=Kind)
    notice = models.CharField("对外说明", max_length=300)
    reason = models.CharField("内部理由", max_length=300)
    ordered_by = models.CharField("责令机关", max_length=64, blank=True)
    replacement = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="替代文件"
    )
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="撤回人")
    at = models.DateTimeField("撤回时间")

    class Meta:
        ordering = ["-id"]
        verbose_name = "撤回"

    def __str__(self) -> str:
        return f"{self.document} {self.kind}"
