"""People: places, units and what they answer for, posts, staff, who stands in for whom, who is on duty."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q


class Place(models.Model):
    """A jurisdiction by administrative division code, from which its rules follow (`law.rules.chain_of`)."""

    class Level(models.TextChoices):
        PROVINCE = "province", "省"
        CITY = "city", "市"
        COUNTY = "county", "县（市、区）"

    code = models.CharField("行政区划代码", max_length=6, primary_key=True)
    slug = models.SlugField("网址名", max_length=32, unique=True)
    name = models.CharField("名称", max_length=32)
    level = models.CharField("级别", max_length=8, choices=Level)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, verbose_name="上级")
    government = models.CharField("政府名称", max_length=64)
    office_phone = models.CharField("政务公开电话", max_length=32, blank=True)
    office_hours = models.CharField("对外办公时间", max_length=64, blank=True)
    site_code = models.CharField("网站标识码", max_length=10, blank=True)
    is_open = models.BooleanField("启用门户", default=True)

    class Meta:
        ordering = ["code"]
        verbose_name = "地区"

    def __str__(self) -> str:
        return self.name


class Duty(models.TextChoices):
    """What a unit answers for in openness; routes and owners of rules name units by these words."""

    OPENNESS = "openness_office", "政务公开主管"
    PROPAGANDA = "propaganda", "宣传"
    CYBERSPACE = "cyberspace", "网信"
    PETITION = "petition", "信访"
    SECRECY = "secrecy", "保密"
    SUPERVISION = "supervision", "监察督查"
    SERVICE_CENTRE = "service_centre", "政务服务（12345）"
    BIG_DATA = "big_data", "大数据（电子政务）"
    POLICE = "police", "公安"
    JUSTICE = "justice", "司法"
    ARCHIVES = "archives", "档案"
    PRESS = "press_office", "新闻发布"


class UnitQuerySet(models.QuerySet["Unit"]):
    def standing(self, on: date) -> UnitQuerySet:
        return self.filter(Q(closed_on=None) | Q(closed_on__gt=on))

    def bodies(self, on: date | None) -> UnitQuerySet:
        """Those that act in their own name on a day: no sections; one that will be merged until its day, one that bears
        its name from a later day not yet. Without a day, those that nothing will close.
        """
        here = self.filter(closed_on=None) if on is None else self.standing(on).exclude(opened_on__gt=on)
        return here.exclude(kind=Unit.Kind.SECTION)

    def answering_for(self, duty: str) -> UnitQuerySet:
        return self.filter(responsibilities__duty=duty)


class Unit(models.Model):
    """A body of government. A merged or renamed unit keeps its row, its closing day and its successor."""

    class Kind(models.TextChoices):
        OFFICE = "office", "办公室"
        DEPARTMENT = "department", "工作部门"
        TOWNSHIP = "township", "乡镇（街道）"
        ENTERPRISE = "enterprise", "公共企事业单位"
        VERTICAL = "vertical", "垂直管理机构"
        SECTION = "section", "内设科室"

    place = models.ForeignKey(Place, models.PROTECT, related_name="units", verbose_name="地区")
    code = models.CharField("单位编号", max_length=32, unique=True)
    name = models.CharField("全称", max_length=64)
    short_name = models.CharField("简称", max_length=16)
    kind = models.CharField("性质", max_length=12, choices=Kind)
    superior = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name="上级单位"
    )
    phone = models.CharField("电话", max_length=32, blank=True)
    address = models.CharField("地址", max_length=128, blank=True)
    competence = models.TextField("职责清单", blank=True, help_text="每行一项；留言分办时按这些词提出建议")
    webhook = models.URLField("通知地址", blank=True)
    opened_on = models.DateField("设立日期", null=True, blank=True)
    closed_on = models.DateField("撤并日期", null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承接单位"
    )
    # Where a township or street stands on the tile map of its place: from the north, from the west.
    map_row = models.PositiveSmallIntegerField("方格图第几行", null=True, blank=True)
    map_column = models.PositiveSmallIntegerField("方格图第几列", null=True, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["place_id", "code"]
        verbose_name = "单位"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "name"], name="unit_name_is_unique_in_its_place"),
            models.CheckConstraint(
                condition=Q(successor=None) | Q(closed_on__isnull=False), name="unit_with_successor_is_closed"
            ),
            models.CheckConstraint(
                condition=Q(map_row=None, map_column=None) | Q(map_row__gte=1, map_column__gte=1),
                name="unit_on_the_map_has_row_and_column",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name


class Responsibility(models.Model):
    """A unit answers for a duty at its place: 政务公开, 网信, 信访 …"""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="responsibilities", verbose_name="单位")
    duty = models.CharField("职能", max_length=20, choices=Duty)

    class Meta:
        verbose_name = "单位职能"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["unit", "duty"], name="unit_answers_for_a_duty_once")
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_duty_display()}"


class Power(models.TextChoices):
    """What a post may do, within its unit unless it says otherwise. Nothing is allowed that no post gives."""

    RECEIVE = "letters.receive", "登记来信"
    ASSIGN = "letters.assign", "分办留言"
    HANDLE = "letters.handle", "承办留言"
    SIGN = "letters.sign", "审签答复"
    PROTECT = "letters.protect", "查看举报人信息"
    DRAFT = "documents.draft", "拟稿"
    REVIEW = "documents.review", "部门审核"
    OPENNESS = "documents.openness", "公开机构审查"
    SECRECY = "documents.secrecy", "保密审查"
    APPROVE = "documents.approve", "分管领导审签"
    HEAD = "documents.head", "主要领导审签"
    LEGAL = "documents.legal", "合法性审查"
    PUBLISH = "documents.publish", "发布到门户"
    WATCH = "opinion.watch", "舆情监测研判"
    RESPOND = "opinion.respond", "舆情回应处置"
    PRESS = "press.hold", "新闻发布"
    OVERSEE = "oversee", "全地区督办"
    LEAD = "lead", "查看全地区看板"
    CONFIGURE = "configure", "地方设定"
    ADMINISTER = "administer", "人员与单位管理"
    AUDIT = "audit", "审计"

    @property
    def meaning(self) -> str:
        """What the power lets a person do, for the one who gives it."""
        return MEANINGS[self]


MEANINGS = {
    Power.RECEIVE: "把来信、来电、来访录入系统",
    Power.ASSIGN: "把留言分给承办单位，改派、退回重分",
    Power.HANDLE: "办理分到本单位的留言，起草答复",
    Power.SIGN: "审核本单位的答复，同意后发出；登记本单位请假和值班",
    Power.PROTECT: "查看举报人的姓名和联系方式，每次查看都留痕",
    Power.DRAFT: "起草公文、解读和其他政府信息，提出公开属性",
    Power.REVIEW: "审核本科室起草的文稿",
    Power.OPENNESS: "审查公开属性，管理本单位的公开目录和自查",
    Power.SECRECY: "公开前一件一审，拿不准的报保密部门",
    Power.APPROVE: "审核本单位文稿的内容和公开属性",
    Power.HEAD: "审签重要文稿，紧急时先发后补",
    Power.LEGAL: "审查规章和规范性文件的解读",
    Power.PUBLISH: "把审过的文稿发布到网站，更正和撤回",
    Power.WATCH: "看全地区的舆情，研判定级，提出责任单位，移送",
    Power.RESPOND: "办理分到本单位的舆情：汇集事实、起草回应、报告线下处置",
    Power.PRESS: "安排本单位的发布会和在线访谈，管理本单位的新媒体账号；新闻发布主管单位的管全地区",
    Power.OVERSEE: "看全地区的时限，催办、督办",
    Power.LEAD: "看全地区看板，不办件",
    Power.CONFIGURE: "改规定没有写明、由本地决定的数",
    Power.ADMINISTER: "管理单位、岗位、人员和账号；不能同时有审计权限",
    Power.AUDIT: "查账号日志和导出；不能同时有人员与单位管理权限",
}


class Post(models.Model):
    """A post in a unit with the powers it gives."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts", verbose_name="单位")
    name = models.CharField("岗位", max_length=32)
    section = models.CharField("科室", max_length=32, blank=True)
    powers = models.JSONField("权限", default=list)

    class Meta:
        ordering = ["unit_id", "id"]
        verbose_name = "岗位"

    def __str__(self) -> str:
        return f"{self.unit} {self.name}"


class StaffManager(BaseUserManager["Staff"]):
    def create_user(self, username: str, password: str | None = None, **fields: object) -> Staff:
        staff = self.model(username=username, **fields)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff


class Staff(AbstractBaseUser):
    """A person who works here and signs in. What they may do comes only from their posts."""

    username = models.CharField("账号", max_length=32, unique=True)
    name = models.CharField("姓名", max_length=32)
    place = models.ForeignKey(Place, models.PROTECT, related_name="staff", verbose_name="地区")
    email = models.EmailField("电子邮箱", blank=True)
    phone = models.CharField("手机", max_length=20, blank=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("下次登录须改口令", default=False)
    quiet_from = models.TimeField("免打扰开始", null=True, blank=True)
    quiet_until = models.TimeField("免打扰结束", null=True, blank=True)
    date_joined = models.DateTimeField("建立时间", auto_now_add=True)

    objects = StaffManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    class Meta:
        ordering = ["id"]
        verbose_name = "人员"

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name


class HoldingQuerySet(models.QuerySet["Holding"]):
    def in_force(self, on: date) -> HoldingQuerySet:
        """Begun and not yet ended on a day."""
        return self.filter(Q(from_on=None) | Q(from_on__lte=on)).filter(Q(until_on=None) | Q(until_on__gt=on))

    def not_over(self, on: date) -> HoldingQuerySet:
        """In force on a day or later."""
        return self.filter(Q(until_on=None) | Q(until_on__gt=on))


class Holding(models.Model):
    """A person holds a post from a day until a day, as A (always) or as B (while A is away)."""

    class Rank(models.TextChoices):
        A = "A", "A角"
        B = "B", "B角"

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="holdings", verbose_name="人员")
    post = models.ForeignKey(Post, models.CASCADE, related_name="holdings", verbose_name="岗位")
    rank = models.CharField("角色", max_length=1, choices=Rank, default=Rank.A)
    from_on = models.DateField("任职起", null=True, blank=True)
    until_on = models.DateField("任职止", null=True, blank=True, help_text="从这一天起不再任职")

    objects = HoldingQuerySet.as_manager()

    class Meta:
        verbose_name = "任职"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["staff", "post", "rank"],
                condition=Q(until_on=None),
                name="staff_holds_a_post_once_in_a_rank_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(from_on=None) | Q(until_on=None) | Q(until_on__gte=F("from_on")),
                name="holding_ends_on_or_after_its_first_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.post} {self.rank}"


class LeaveQuerySet(models.QuerySet["Leave"]):
    def on(self, day: date) -> LeaveQuerySet:
        return self.filter(first_on__lte=day, last_on__gte=day)


class Leave(models.Model):
    """A person is away, first and last day included; B of each of their posts stands in."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="leaves", verbose_name="人员")
    first_on = models.DateField("首日")
    last_on = models.DateField("末日")
    reason = models.CharField("事由", max_length=64, blank=True)

    objects = LeaveQuerySet.as_manager()

    class Meta:
        ordering = ["-first_on"]
        verbose_name = "请假"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="leave_ends_on_or_after_its_first_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.first_on}—{self.last_on}"


class Watch(models.Model):
    """Duty roster: who is to be reached at a place around the clock, with a number that is answered."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="watches", verbose_name="单位")
    staff = models.ForeignKey(Staff, models.CASCADE, related_name="watches", verbose_name="值班人")
    starts_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("结束")
    phone = models.CharField("24小时电话", max_length=32)

    class Meta:
        ordering = ["starts_at"]
        verbose_name = "值班"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="watch_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.staff}"


class AccountEvent(models.Model):
    """Who changed whose account, post or unit, and who signed in: kept for the auditor, never edited.

    `about` says what changed in words; `whom` is the person it concerns. A failed sign-in with a name that
    nobody has carries neither place nor person, and not what was typed: it may have been a password.
    """

    class What(models.TextChoices):
        SIGNED_IN = "signed_in", "登录"
        SIGN_IN_FAILED = "sign_in_failed", "登录失败"
        SIGNED_OUT = "signed_out", "退出"
        SESSIONS_ENDED = "sessions_ended", "退出其他设备"
        PASSWORD_CHANGED = "password_changed", "修改口令"
        PASSWORD_RESET = "password_reset", "重设口令"
        SECOND_FACTOR_ON = "second_factor_on", "开启两步验证"
        SECOND_FACTOR_OFF = "second_factor_off", "关闭两步验证"
        CODES_MADE = "codes_made", "生成备用码"
        PLACE_FOUNDED = "place_founded", "建立地区"
        UNIT_OPENED = "unit_opened", "新增单位"
        UNIT_CHANGED = "unit_changed", "修改单位"
        UNIT_CLOSED = "unit_closed", "撤并单位"
        UNIT_RENAMED = "unit_renamed", "单位更名"
        POST_ADDED = "post_added", "新增岗位"
        POST_CHANGED = "post_changed", "修改岗位"
        POST_REMOVED = "post_removed", "删除岗位"
        STAFF_ADDED = "staff_added", "新增人员"
        STAFF_CHANGED = "staff_changed", "修改人员"
        STAFF_DISABLED = "staff_disabled", "停用账号"
        STAFF_ENABLED = "staff_enabled", "启用账号"
        APPOINTED = "appointed", "任职"
        HOLDING_ENDED = "holding_ended", "免职"
        LEAVE_ENTERED = "leave_entered", "登记请假"
        LEAVE_CANCELLED = "leave_cancelled", "取消请假"
        WATCH_ADDED = "watch_added", "排班"
        WATCH_REMOVED = "watch_removed", "取消排班"
        LOG_EXPORTED = "log_exported", "导出账号日志"

    at = models.DateTimeField("时间", db_index=True)
    place = models.ForeignKey(Place, models.PROTECT, null=True, verbose_name="地区")
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="操作人")
    whom = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="涉及人")
    what = models.CharField("事项", max_length=24, choices=What)
    about = models.CharField("内容", max_length=255, blank=True)
    address = models.GenericIPAddressField("来源地址", null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "账号日志"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_what_display()}"


def unit_answering_for(place: Place, duty: str, on: date) -> Unit | None:
    """The unit of a place, or of the nearest superior place that has one, that answers for a duty.

    A unit that is going to be merged comes before its successor until that day.
    """
    order = (F("closed_on").asc(nulls_last=True), "id")
    here: Place | None = place
    while here is not None:
        if unit := here.units.answering_for(duty).standing(on).order_by(*order).first():
            return unit
        here = here.parent
    return None


def on_watch(place: Place, at: datetime) -> models.QuerySet[Watch]:
    """Who is on duty at a place at an instant."""
    return Watch.objects.filter(unit__place=place, starts_at__lte=at, ends_at__gt=at).select_related(
        "unit", "staff"
    )
