"""Letters: what a citizen wrote, the writer apart and encrypted, the reply, those who help, issues they share."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from gongkai.ledger.models import Matter
from gongkai.people.models import Place, Staff, Unit
from gongkai.vault import cipher


class Stage(models.TextChoices):
    """Where a letter stands; the table of allowed moves is `MOVES`."""

    RECEIVED = "received", "收到"
    ASSIGNED = "assigned", "已交办"
    HANDLING = "handling", "办理中"
    SIGNING = "signing", "审签中"
    ANSWERED = "answered", "已答复"
    CLOSED = "closed", "已评价"
    MERGED = "merged", "已并案"
    HANDED = "handed", "已移送"
    DECLINED = "declined", "不予受理"
    WITHDRAWN = "withdrawn", "已撤回"


S = Stage
MOVES: dict[Stage, frozenset[Stage]] = {
    S.RECEIVED: frozenset({S.ASSIGNED, S.ANSWERED, S.MERGED, S.HANDED, S.DECLINED, S.WITHDRAWN}),
    S.ASSIGNED: frozenset({S.RECEIVED, S.ASSIGNED, S.HANDLING, S.SIGNING, S.MERGED, S.HANDED, S.WITHDRAWN}),
    S.HANDLING: frozenset({S.RECEIVED, S.ASSIGNED, S.SIGNING, S.MERGED, S.HANDED, S.WITHDRAWN}),
    S.SIGNING: frozenset({S.HANDLING, S.ANSWERED, S.HANDED, S.WITHDRAWN}),
    S.ANSWERED: frozenset({S.CLOSED, S.HANDLING, S.HANDED}),
    S.CLOSED: frozenset({S.HANDLING, S.HANDED}),
    S.MERGED: frozenset(),
    S.HANDED: frozenset(),
    S.DECLINED: frozenset(),
    S.WITHDRAWN: frozenset(),
}
WORKING = (S.RECEIVED, S.ASSIGNED, S.HANDLING, S.SIGNING)
DONE = (S.ANSWERED, S.CLOSED)


class WrongMove(ValueError):
    """A stage that does not follow from the present one: a fault in the code, not in what a person did."""


def query_code() -> str:
    """Twelve digits a writer follows the letter by, with the phone's tail as the second half of the key."""
    return f"{secrets.randbelow(10**12):012}"


class LetterQuerySet(models.QuerySet["Letter"]):
    def locked(self, letter: Letter) -> Letter:
        return (
            self.select_for_update(of=("self",))
            .select_related("matter__place", "unit", "lead")
            .get(pk=letter.pk)
        )

    def working(self) -> LetterQuerySet:
        return self.filter(stage__in=WORKING)

    def unopened(self) -> LetterQuerySet:
        """Intake nobody opened."""
        return self.filter(stage=Stage.RECEIVED, opened_at=None)

    def published(self) -> LetterQuerySet:
        return self.filter(published_at__isnull=False)


class Letter(models.Model):
    """One letter, from whatever source. The writer's personal data is in `writer`, encrypted; the text is not."""

    matter = models.OneToOneField(Matter, models.PROTECT, related_name="letter", verbose_name="事项")
    # place, lead and unit lead an index below, so they need none of their own
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False, verbose_name="地区")
    code = models.CharField("查询码", max_length=12, unique=True, default=query_code)
    stage = models.CharField("阶段", max_length=10, choices=Stage, default=Stage.RECEIVED)
    source = models.CharField("来源", max_length=16)
    title = models.CharField("标题", max_length=200)
    text = models.TextField("正文")
    object_place = models.CharField("发生地点", max_length=64, blank=True)
    about_unit = models.CharField("反映对象", max_length=64, blank=True)
    nature = models.CharField("性质", max_length=8, blank=True)
    time_class = models.CharField("办理时类", max_length=8, blank=True)
    triage = models.CharField("分流", max_length=8, blank=True)
    topic = models.CharField("主题", max_length=32, blank=True)
    lead = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="牵头单位"
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="letters", db_index=False, verbose_name="承办单位"
    )
    officer = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="承办人")
    received_at = models.DateTimeField("来信时间")
    entered_at = models.DateTimeField("登记时间")
    opened_at = models.DateTimeField("打开时间", null=True)
    signed_for_at = models.DateTimeField("签收时间", null=True)
    answered_at = models.DateTimeField("答复时间", null=True)
    published_at = models.DateTimeField("公开时间", null=True)
    alone = models.BooleanField("只涉及来信人本人", default=False)
    may_publish = models.BooleanField("来信人同意公开", default=False)
    is_named = models.BooleanField("实名", default=False)
    is_protected = models.BooleanField("举报保护", default=False)
    writer = models.TextField("来信人（加密）", blank=True)
    writer_print = models.CharField("来信人指纹", max_length=64, blank=True)
    phone_tail = models.CharField("手机尾号指纹", max_length=64, blank=True)
    text_print = models.CharField("正文指纹", max_length=64, blank=True, db_index=True)
    findings = models.TextField("核实记录", blank=True)
    answer = models.TextField("答复", blank=True)
    rating = models.CharField("评价", max_length=8, blank=True)
    rating_words = models.TextField("评价说明", blank=True)
    rating_key = models.CharField("评价链接", max_length=43, blank=True, db_index=True)
    redo_count = models.PositiveSmallIntegerField("重办次数", default=0)
    filled = models.JSONField("系统填写", default=dict)
    external_number = models.CharField("原系统编号", max_length=64, blank=True)
    forgotten_at = models.DateTimeField("来信人信息删除时间", null=True)
    public_title = models.CharField("公开标题", max_length=200, blank=True)
    public_text = models.TextField("公开正文", blank=True)
    public_answer = models.TextField("公开答复", blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-id"]
        verbose_name = "来信"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(stage__in=["answered", "closed"])
                | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="answered_letter_has_answer_and_time",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | (Q(is_protected=False) & Q(may_publish=True)),
                name="published_letter_is_consented_and_not_protected",
            ),
            models.UniqueConstraint(
                fields=["place", "source", "external_number"],
                condition=~Q(external_number=""),
                name="letter_of_another_system_is_taken_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["place", "-received_at", "-id"], name="letter_by_place"),
            models.Index(fields=["unit", "stage", "-received_at"], name="letter_by_unit"),
            models.Index(fields=["lead", "stage", "-received_at"], name="letter_by_lead"),
            models.Index(fields=["place", "stage", "-received_at"], name="letter_by_stage"),
            models.Index(
                fields=[
                    "place",
                    "stage",
                    "opened_at",
                    "unit",
                    "lead",
                    "redo_count",
                    "is_protected",
                    "matter",
                ],
                condition=Q(stage__in=["received", "assigned", "handling", "signing"]),
                name="letter_at_work",
            ),  # what the counts of the lists and of the rail read, and nothing else
            models.Index(
                fields=["place", "-published_at"],
                condition=Q(published_at__isnull=False),
                name="letter_published",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def number(self) -> str:
        return self.matter.number

    @property
    def person(self) -> dict[str, Any]:
        """The writer: name, phone, email, address, identity. Decrypts; ask `policy.may_unmask` first."""
        found: dict[str, Any] = cipher.unseal(self.writer)
        return found

    @property
    def code_shown(self) -> str:
        return f"{self.code[:4]} {self.code[4:8]} {self.code[8:]}"

    @property
    def is_working(self) -> bool:
        return self.stage in WORKING

    @property
    def is_answered(self) -> bool:
        return self.stage in DONE

    def move_to(self, stage: Stage) -> None:
        """Go to a stage that follows from the present one. Raises WrongMove otherwise."""
        if stage not in MOVES[Stage(self.stage)]:
            raise WrongMove(f"{self.stage} → {stage}")
        self.stage = stage


class Draft(models.Model):
    """A reply on its way: written by the unit, signed by its head, sent by whoever answers."""

    class State(models.TextChoices):
        WRITING = "writing", "起草"
        SUBMITTED = "submitted", "已送审"
        SIGNED = "signed", "已审签"
        RETURNED = "returned", "退回修改"
        SENT = "sent", "已发出"

    letter = models.ForeignKey(Letter, models.CASCADE, related_name="drafts", verbose_name="来信")
    text = models.TextField("答复稿", blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WRITING)
    author = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="起草人")
    signer = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="审签人")
    opinion = models.CharField("审签意见", max_length=500, blank=True)
    updated_at = models.DateTimeField("更新时间")
    signed_at = models.DateTimeField("审签时间", null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "答复稿"

    def __str__(self) -> str:
        return f"{self.letter} {self.get_state_display()}"


class Part(models.Model):
    """A unit asked to help with a letter, with its own clock and its words to the lead unit."""

    letter = models.ForeignKey(Letter, models.CASCADE, related_name="parts", verbose_name="来信")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="协办单位")
    question = models.CharField("请协助的事", max_length=500)
    words = models.TextField("协办意见", blank=True)
    asked_at = models.DateTimeField("提出时间")
    answered_at = models.DateTimeField("回复时间", null=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "协办"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["letter", "unit"], name="unit_helps_with_a_letter_once"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.letter}"


class ExtensionRequest(models.Model):
    """More time asked for, before the time is out, with a reason; granted or refused by the unit's head."""

    letter = models.ForeignKey(Letter, models.CASCADE, related_name="extension_requests", verbose_name="来信")
    amount = models.PositiveSmallIntegerField("延长工作日")
    reason = models.CharField("理由", max_length=300)
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="审批人")
    decided_at = models.DateTimeField("审批时间", null=True)
    granted = models.BooleanField("同意", null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "延期申请"

    def __str__(self) -> str:
        return f"{self.letter} {self.amount}"


class Template(models.Model):
    """Words a unit starts a reply from."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="+", verbose_name="地区")
    unit = models.ForeignKey(
        Unit, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="单位"
    )
    name = models.CharField("名称", max_length=64)
    text = models.TextField("正文")

    class Meta:
        ordering = ["name"]
        verbose_name = "答复模板"

    def __str__(self) -> str:
        return self.name


class Issue(models.Model):
    """A hot issue: letters about one place, object and matter. Rebuilt by grouping; a person's merge or split stays."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="+", verbose_name="地区")
    name = models.CharField("名称", max_length=120)
    words = models.JSONField("相同的词", default=list)
    heat = models.FloatField("热度", default=0)
    writers = models.PositiveIntegerField("来信人数", default=0)
    count = models.PositiveIntegerField("来信数", default=0)
    first_at = models.DateTimeField("最早来信")
    last_at = models.DateTimeField("最近来信")
    grouped_at = models.DateTimeField("归并时间")
    letters = models.ManyToManyField(Letter, related_name="issues", verbose_name="来信")

    class Meta:
        ordering = ["-heat", "id"]
        verbose_name = "热点问题"

    def __str__(self) -> str:
        return self.name


class Tie(models.Model):
    """A person said that two letters are, or are not, about one issue. Grouping keeps to it."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="+", verbose_name="地区")
    one = models.ForeignKey(Letter, models.CASCADE, related_name="+", verbose_name="甲")
    other = models.ForeignKey(Letter, models.CASCADE, related_name="+", verbose_name="乙")
    together = models.BooleanField("是一件事")
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="判定人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "归并判定"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["one", "other"], name="pair_of_letters_is_judged_once")
        ]

    def __str__(self) -> str:
        return f"{self.one_id} {'=' if self.together else '≠'} {self.other_id}"


class Learned(models.Model):
    """What was learned from a place's closed letters: one model a place and training, kept for the record."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="+", verbose_name="地区")
    trained_at = models.DateTimeField("训练时间")
    letters = models.PositiveIntegerField("来信数")
    report = models.JSONField("交叉验证", default=dict)
    model = models.BinaryField("模型")

    class Meta:
        ordering = ["-id"]
        verbose_name = "分类模型"

    def __str__(self) -> str:
        return f"{self.place} {self.trained_at:%Y-%m-%d}"


class Trust(models.Model):
    """From which confidence on a place lets the system fill in a field of a new letter; the newest row of a field holds.

    Without a row, or with an empty confidence, nothing is filled in. Rows are kept: each says who set it and when.
    """

    class What(models.TextChoices):
        NATURE = "nature", "诉求性质"
        TOPIC = "topic", "主题"
        TIME_CLASS = "time_class", "办理时类"
        UNIT = "unit", "承办单位"

    place = models.ForeignKey(Place, models.CASCADE, related_name="+", verbose_name="地区")
    what = models.CharField("填哪一项", max_length=10, choices=What)
    confidence = models.FloatField("把握不低于", null=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name="设定人")
    at = models.DateTimeField("设定时间")

    class Meta:
        ordering = ["-id"]
        verbose_name = "自动填写设定"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(confidence=None) | Q(confidence__gte=0.5, confidence__lte=1),
                name="trusted_confidence_is_half_to_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.get_what_display()} {self.confidence}"


class ImportMapping(models.Model):
    """Which column of a hotline's file means what, remembered for the next file with the same columns."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="+", verbose_name="地区")
    columns = models.CharField("列名摘要", max_length=64)
    mapping = models.JSONField("对应")
    used_at = models.DateTimeField("最近使用")

    class Meta:
        verbose_name = "导入对应"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["place", "columns"], name="mapping_is_kept_once_for_a_set_of_columns"
            ),
        ]

    def __str__(self) -> str:
        return self.columns


class Export(models.Model):
    """Letters taken away as a table: who, when, by which questions, how many. Noted before the first row leaves."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="+", verbose_name="地区")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name="导出人")
    at = models.DateTimeField("导出时间")
    form = models.CharField("格式", max_length=4)
    asked = models.CharField("导出条件", max_length=500)
    rows = models.PositiveIntegerField("件数")
    with_person = models.BooleanField("含来信人信息")

    class Meta:
        ordering = ["-id"]
        verbose_name = "导出记录"

    def __str__(self) -> str:
        return f"{self.by} {self.asked}"
