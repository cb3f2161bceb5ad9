"""Documents: what government writes or obtains, its editions, who had to agree, what was released when and where."""

from __future__ import annotations

from datetime import date
from html import escape
from typing import ClassVar

from django.db import models
from django.db.models import Q

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
    openness = models.CharField("五公开", max_length=4, blank=True)
    key_area = models.CharField("重点领域", max_length=32, blank=True)
    index_number = models.CharField("索引号", max_length=40, blank=True)
    columns = models.ManyToManyField(Column, related_name="documents", blank=True, verbose_name="栏目")

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


class CatalogueEntry(models.Model):
    """A row of the proactive catalogue (主动公开目录), in the fields of the standard table; a year is a version of it."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="+", verbose_name="地区")
    year = models.PositiveSmallIntegerField("年度")
    area = models.CharField("领域", max_length=32)
    item = models.CharField("一级事项", max_length=64)
    subitem = models.CharField("二级事项", max_length=64, blank=True)
    openness = models.CharField("五公开", max_length=4, blank=True)
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
