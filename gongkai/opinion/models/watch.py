"""What is watched: sources and what they sent, plans, posts, the stories they make, alarms. Authors are keyed hashes."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from gongkai.ledger.models import Matter
from gongkai.people.models import Place, Staff, Unit

CHANNELS = (
    "政府网站", "群众留言", "热线电话", "门户网站", "论坛", "博客", "微博", "微信公众号", "新闻跟帖", "传统媒体", "客户端", "短视频", "其他",
)  # fmt: skip
"""The kinds of source where the packs of a place name none (`opinion.channel`)."""


HEAT_FROM = 444_444
"""The hour (since 1970) from which heat is reckoned."""


class Mode(models.TextChoices):
    """鄞政办发〔2017〕143号 三（八）: daily watching, and watching of its own at important times and in emergencies."""

    DAILY = "daily", "日常监测"
    SPECIAL = "special", "专项监测"


class Source(models.Model):
    """A place where people speak, and how its words come in. Health is kept with it."""

    class How(models.TextChoices):
        FEED = "feed", "订阅（RSS、Atom、JSON）"
        PAGE = "page", "列表网页"
        MAIL = "mail", "邮箱（IMAP）"
        PUSH = "push", "对方推送"
        FILE = "file", "文件导入"
        HAND = "hand", "人工录入"
        INSIDE = "inside", "内部（本平台）"

    class Tier(models.TextChoices):
        CENTRAL = "central", "中央媒体"
        PROVINCE = "province", "省级媒体"
        CITY = "city", "市级媒体"
        COUNTY = "county", "县级媒体"
        SELF = "self", "自媒体和个人"

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name="地区")
    name = models.CharField("名称", max_length=64)
    kind = models.CharField("渠道", max_length=16)
    how = models.CharField("方式", max_length=8, choices=How)
    tier = models.CharField("媒体级别", max_length=8, choices=Tier, default=Tier.SELF)
    address = models.CharField("地址", max_length=500, blank=True)
    selector = models.CharField("列表里的链接", max_length=200, blank=True)
    secret = models.TextField("邮箱口令（加密）", blank=True)
    token_print = models.CharField("推送口令指纹", max_length=64, blank=True, db_index=True)
    every = models.PositiveIntegerField("间隔（分钟）", default=15)
    mode = models.CharField("监测方式", max_length=8, choices=Mode, default=Mode.DAILY)
    only_matching = models.BooleanField("只收符合监测方案的", default=False)
    is_on = models.BooleanField("启用", default=True)
    tried_at = models.DateTimeField("上次采集", null=True)
    good_at = models.DateTimeField("上次成功", null=True)
    due_at = models.DateTimeField("下次采集", null=True)
    failures = models.PositiveIntegerField("连续失败", default=0)
    error = models.CharField("上次的错误", max_length=200, blank=True)
    seen = models.PositiveIntegerField("收到条数", default=0)
    mark = models.CharField("读到哪里", max_length=200, blank=True)  # ETag, last UID of the mailbox
    changed = models.CharField("对方的修改时间", max_length=64, blank=True)

    visited = models.JSONField("读过的链接", default=list)  # of a list page, hashed, the newest last

    class Meta:
        ordering = ["kind", "name"]
        verbose_name = "监测来源"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "name"], name="source_name_is_unique_in_its_place"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(is_on=True), name="source_due"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_media(self) -> bool:
        return self.tier != self.Tier.SELF

    @property
    def is_fetched(self) -> bool:
        """Whether the desk goes and gets it, and does not wait for it."""
        return self.how in (self.How.FEED, self.How.PAGE, self.How.MAIL)


class Plan(models.Model):
    """What is looked for: an expression, daily or for a time of its own."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name="地区")
    name = models.CharField("名称", max_length=64)
    mode = models.CharField("监测方式", max_length=8, choices=Mode, default=Mode.DAILY)
    expression = models.CharField("表达式", max_length=500)
    units = models.ManyToManyField(Unit, blank=True, related_name="+", verbose_name="涉及单位")
    from_at = models.DateTimeField("开始", null=True, blank=True)
    until_at = models.DateTimeField("结束", null=True, blank=True)
    is_on = models.BooleanField("启用", default=True)

    class Meta:
        ordering = ["mode", "name"]
        verbose_name = "监测方案"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "name"], name="plan_name_is_unique_in_its_place"),
            models.CheckConstraint(
                condition=Q(mode="daily")
                | Q(from_at__isnull=False, until_at__isnull=False, until_at__gt=F("from_at")),
                name="special_watching_has_beginning_and_end",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def runs_at(self, at: datetime) -> bool:
        if not self.is_on:
            return False
        return (self.from_at is None or self.from_at <= at) and (self.until_at is None or at < self.until_at)


class Story(models.Model):
    """Posts about one thing. Figures are reckoned from its posts; state, name by hand and matter are people's.

    `heat` is the binary logarithm of the people an hour, halved for every twelve hours since: as it stands it orders
    stories at any instant, `heat_at` turns it into a number of people.
    """

    class State(models.TextChoices):
        NEW = "new", "新出现"
        WATCHED = "watched", "持续关注"
        TAKEN = "taken", "已立为事件"
        DISMISSED = "dismissed", "不处理"

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False, verbose_name="地区")
    name = models.CharField("名称", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State, default=State.NEW)
    reason = models.CharField("不处理的理由", max_length=200, blank=True)
    judged_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="判定人")
    judged_at = models.DateTimeField("判定时间", null=True)
    matter = models.ForeignKey(Matter, models.PROTECT, null=True, related_name="stories", verbose_name="事件")
    first_at = models.DateTimeField("最早")
    last_at = models.DateTimeField("最近")
    posts_count = models.PositiveIntegerField("条数", default=0)
    authors_count = models.PositiveIntegerField("人数", default=0)
    media_count = models.PositiveIntegerField("媒体条数", default=0)
    negative_count = models.PositiveIntegerField("负面条数", default=0)
    heat = models.FloatField("热度", default=0)
    topic = models.CharField("主题", max_length=32, blank=True, default="", db_default="")
    risks = models.JSONField("风险词", default=dict)
    units = models.ManyToManyField(Unit, related_name="+", verbose_name="涉及单位")
    plans = models.ManyToManyField(Plan, related_name="stories", verbose_name="监测方案")

    class Meta:
        ordering = ["-heat", "-id"]
        verbose_name = "舆情线索"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state="dismissed") | ~Q(reason=""), name="dismissed_story_has_reason"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["place", "-heat"], name="story_by_heat"),
            models.Index(fields=["place", "last_at"], name="story_by_time"),
            models.Index(fields=["place", "topic", "-heat"], name="story_by_topic"),
        ]

    def __str__(self) -> str:
        return self.name

    def heat_at(self, now: datetime) -> float:
        """How many people speak of it as of an instant, each halved for every twelve hours since."""
        return float(2.0 ** (self.heat - (now.timestamp() / 3600 - HEAT_FROM) / 12))

    @property
    def is_judged(self) -> bool:
        """Whether a person has said something of it: then a regrouping leaves its posts in it."""
        return self.state != self.State.NEW


class Post(models.Model):
    """Something said in public, masked. `author` is a keyed hash: it is counted and never looked up."""

    class Reach(models.TextChoices):
        """How many follow the author, coarsely: who it is matters to nobody."""

        """How many follow an author, by the digits of that number; three classes stand on posts taken before."""

        UNKNOWN = "", "不详"
        ONES = "1", "不到十"
        TENS = "2", "几十"
        HUNDREDS = "3", "几百"
        THOUSANDS = "4", "几千"
        TEN_THOUSANDS = "5", "几万"
        HUNDRED_THOUSANDS = "6", "几十万"
        MILLIONS = "7", "百万以上"
        FEW = "few", "不到一千"
        SOME = "some", "一千到十万"
        MANY = "many", "十万以上"

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False, verbose_name="地区")
    source = models.ForeignKey(
        Source, models.PROTECT, related_name="posts", db_index=False, verbose_name="来源"
    )
    external_id = models.CharField("原编号", max_length=128)
    url = models.CharField("网址", max_length=500, blank=True)
    title = models.CharField("标题", max_length=200, blank=True)
    text = models.TextField("正文")
    has_variants = models.BooleanField("有异形字", default=False, db_default=False)
    published_at = models.DateTimeField("发布时间")
    seen_at = models.DateTimeField("采集时间")
    hour = models.PositiveIntegerField("小时")  # hours since 1970, to count by
    author = models.CharField("作者指纹", max_length=64, blank=True)
    reach = models.CharField("作者粉丝", max_length=4, choices=Reach, blank=True)
    is_verified = models.BooleanField("认证账号", default=False)
    is_media = models.BooleanField("媒体", default=False)
    reposts = models.PositiveIntegerField("转发", default=0)
    comments = models.PositiveIntegerField("评论", default=0)
    likes = models.PositiveIntegerField("点赞", default=0)
    repost_of = models.CharField("转自", max_length=128, blank=True)
    duplicate_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="copies", verbose_name="与之相同"
    )
    kind = models.CharField("类型", max_length=4, blank=True)
    topic = models.CharField("主题", max_length=32, blank=True, default="", db_default="")
    is_checked = models.BooleanField("由人核过", default=False, db_default=False)
    stance = models.CharField("态度", max_length=2, default="中性")
    is_rumoured = models.BooleanField("疑似不实", default=False)
    risks = models.JSONField("风险词", default=dict)
    cues = models.JSONField("提示词", default=list)
    plans = models.JSONField("符合的方案", default=list)
    units = models.JSONField("提到的单位", default=list)
    text_print = models.CharField("正文指纹", max_length=32, blank=True)
    story = models.ForeignKey(
        Story, models.PROTECT, related_name="posts", db_index=False, verbose_name="线索"
    )
    origin = ""  # where it was said on this desk, for who may open it: `asks.with_origins`

    class Meta:
        ordering = ["-published_at", "-id"]
        verbose_name = "监测到的言论"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "external_id"], name="post_is_taken_once_from_a_source"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["place", "-published_at"], name="post_by_time"),
            models.Index(fields=["story", "published_at"], name="post_of_story"),
            models.Index(fields=["place", "hour", "source"], name="post_by_hour"),
            models.Index(fields=["place", "kind", "-published_at"], name="post_by_kind"),
            models.Index(fields=["place", "id"], name="post_by_arrival"),
        ]

    def __str__(self) -> str:
        return self.title or self.text[:40]

    @property
    def whole(self) -> str:
        return f"{self.title}\n{self.text}" if self.title else self.text


class HourCount(models.Model):
    """What was said of a story in one hour: posts, different authors, posts of media, negative posts."""

    story = models.ForeignKey(
        Story, models.CASCADE, related_name="hours", db_index=False, verbose_name="线索"
    )
    hour = models.PositiveIntegerField("小时")  # hours since 1970
    posts = models.PositiveIntegerField("条数")
    authors = models.PositiveIntegerField("人数")
    media = models.PositiveIntegerField("媒体条数")
    negative = models.PositiveIntegerField("负面条数")

    class Meta:
        ordering = ["hour"]
        verbose_name = "每小时热度"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["story", "hour"], name="story_has_one_count_an_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.story_id} {self.hour}: {self.posts}"


class Alarm(models.Model):
    """A story that should be looked at: since when, why in words, the posts it rests on, who has seen it."""

    class Why(models.TextChoices):
        BURST = "burst", "突然增多"
        PEOPLE = "people", "多人说到"
        MEDIA = "media", "媒体报道"
        RISK = "risk", "风险内容"

    class Level(models.IntegerChoices):
        NOTE = 1, "提示"
        LOOK = 2, "注意"
        URGENT = 3, "紧急"

    story = models.ForeignKey(Story, models.CASCADE, related_name="alarms", verbose_name="线索")
    why = models.CharField("原因", max_length=8, choices=Why)
    level = models.PositiveSmallIntegerField("程度", choices=Level)
    at = models.DateTimeField("发生时间")
    raised_at = models.DateTimeField("报出时间")
    says = models.CharField("说明", max_length=200)
    posts = models.JSONField("所据言论", default=list)
    seen_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="查看人")
    seen_at = models.DateTimeField("查看时间", null=True)

    class Meta:
        ordering = ["-level", "-raised_at"]
        verbose_name = "预警"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["story", "why", "level"], name="story_is_alarmed_once_for_a_cause_and_level"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["-level", "-raised_at"],
                condition=Q(seen_at__isnull=True),
                name="alarm_nobody_has_seen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_why_display()}：{self.says}"


class PostTie(models.Model):
    """A person's word that two posts are about one thing, or are not. Regrouping keeps to it."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name="地区")
    one = models.ForeignKey(Post, models.CASCADE, related_name="+", verbose_name="一条")
    other = models.ForeignKey(Post, models.CASCADE, related_name="+", verbose_name="另一条")
    together = models.BooleanField("是一件事")
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="判定人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "言论归并判定"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["one", "other"], name="pair_of_posts_is_judged_once"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} {'＝' if self.together else '≠'} {self.other_id}"


class Grouping(models.Model):
    """How often the posts of a place were grouped anew. Its row is locked by whoever takes posts in."""

    place = models.OneToOneField(Place, models.PROTECT, related_name="+", verbose_name="地区")
    generation = models.PositiveIntegerField("次数", default=0)
    grouped_at = models.DateTimeField("上次归并", null=True)
    considered = models.PositiveBigIntegerField("读到哪一条", default=0, db_default=0)  # the key of a post
    topics = models.JSONField("有过的主题", default=list)

    class Meta:
        verbose_name = "归并"

    def __str__(self) -> str:
        return f"{self.place_id} {self.generation}"


class Learned(models.Model):
    """What was learned from posts that people of a place have checked: one model a training, kept for the record."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="+", verbose_name="地区")
    trained_at = models.DateTimeField("训练时间")
    posts = models.PositiveIntegerField("言论数")
    report = models.JSONField("交叉验证", default=dict)
    model = models.BinaryField("模型")

    class Meta:
        ordering = ["-id"]
        verbose_name = "不实判断模型"

    def __str__(self) -> str:
        return f"{self.place} {self.trained_at:%Y-%m-%d}"


class PostMapping(models.Model):
    """Which column of a file is which field of a post, remembered by the columns."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name="地区")
    columns = models.CharField("列名指纹", max_length=64)
    mapping = models.JSONField("对应", default=dict)
    used_at = models.DateTimeField("上次使用")

    class Meta:
        verbose_name = "言论导入对应"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "columns"], name="columns_of_posts_are_mapped_once"),
        ]

    def __str__(self) -> str:
        return self.columns[:8]
