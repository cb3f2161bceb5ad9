"""An event (舆情) from the moment it is found to its end: who judged it how, who answers for it, what was said, what went where."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from gongkai.ledger.models import Matter
from gongkai.people.models import Place, Staff, Unit


class Stage(models.TextChoices):
    """Where an event stands; the table of allowed moves is `MOVES`."""

    FOUND = "found", "待研判"
    GRADED = "graded", "待交办"
    HANDLING = "handling", "处置中"
    ANSWERED = "answered", "已回应"
    CLOSED = "closed", "已办结"
    DISMISSED = "dismissed", "不作舆情处理"


S = Stage
MOVES: dict[Stage, frozenset[Stage]] = {
    S.FOUND: frozenset({S.GRADED, S.DISMISSED}),
    S.GRADED: frozenset({S.HANDLING, S.DISMISSED}),
    S.HANDLING: frozenset({S.ANSWERED, S.CLOSED}),
    S.ANSWERED: frozenset({S.HANDLING, S.CLOSED}),
    S.CLOSED: frozenset({S.HANDLING}),
    S.DISMISSED: frozenset({S.FOUND}),
}
ALIVE = (S.FOUND, S.GRADED, S.HANDLING, S.ANSWERED)


class WrongMove(ValueError):
    """A stage that does not follow from the present one: a fault in the code, not in what a person did."""


class EventQuerySet(models.QuerySet["Event"]):
    def locked(self, event: Event) -> Event:
        return (
            self.select_for_update(of=("self",))
            .select_related("matter__place", "place", "unit", "leader")
            .get(pk=event.pk)
        )

    def alive(self) -> EventQuerySet:
        return self.filter(stage__in=ALIVE)


class Event(models.Model):
    """One public concern that somebody has to judge and, if it is opinion, answer. Categories are the place's lists."""

    matter = models.OneToOneField(Matter, models.PROTECT, related_name="opinion", verbose_name="事项")
    place = models.ForeignKey(Place, models.PROTECT, related_name="opinions", verbose_name="地区")
    stage = models.CharField("阶段", max_length=10, choices=Stage, default=Stage.FOUND)
    title = models.CharField("标题", max_length=120)
    summary = models.TextField("大家在说什么", blank=True)
    found_by = models.CharField("发现方式", max_length=16)
    channel = models.CharField("最先出现的渠道", max_length=16, blank=True)
    detected_at = models.DateTimeField("发现时间")
    occurred_at = models.DateTimeField("事件发生时间", null=True, blank=True)
    ordered_by = models.CharField("要求回应的上级", max_length=64, blank=True)

    kind = models.CharField("类型", max_length=16, blank=True)
    subject = models.CharField("涉及事项", max_length=24, blank=True)
    must_respond = models.CharField("重点回应情形", max_length=40, blank=True)
    priority = models.CharField("优先发布情形", max_length=24, blank=True)
    scope = models.CharField("涉及范围", max_length=16, blank=True)
    triage = models.CharField("分类", max_length=16, blank=True)
    grade = models.CharField("等级", max_length=8, blank=True)
    is_emergency = models.BooleanField("突发事件", default=False)
    is_sensitive = models.BooleanField("重大敏感", default=False)
    is_rumour = models.BooleanField("严重造谣传谣", default=False)
    is_restricted = models.BooleanField("涉密或不宜扩散", default=False)
    needs_release = models.BooleanField("需发新闻通稿", default=False)

    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="opinions", verbose_name="第一责任单位"
    )
    leader = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="领导责任人")
    facts = models.TextField("已核实的情况", blank=True)
    questions = models.TextField("大家最关心的问题", blank=True, help_text="每行一个，回应时逐个对照")
    line = models.TextField("统一口径", blank=True)
    graded_at = models.DateTimeField("定级时间", null=True)
    answered_at = models.DateTimeField("首次回应时间", null=True)
    closed_at = models.DateTimeField("办结时间", null=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-detected_at", "-id"]
        verbose_name = "舆情"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(stage__in=["found", "dismissed"]) | (~Q(grade="") & Q(graded_at__isnull=False)),
                name="opinion_at_work_has_a_grade",
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=["handling", "answered"]) | Q(unit__isnull=False),
                name="opinion_being_handled_has_a_unit",
            ),
            models.CheckConstraint(
                condition=~Q(stage="answered") | Q(answered_at__isnull=False),
                name="answered_opinion_has_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["place", "stage", "-detected_at"], name="opinion_by_stage"),
            models.Index(fields=["place", "-detected_at"], name="opinion_by_time"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def code(self) -> str:
        return self.matter.number

    @property
    def is_alive(self) -> bool:
        return self.stage in ALIVE

    @property
    def asked(self) -> list[str]:
        """The focal questions, a line each."""
        return [line.strip() for line in self.questions.splitlines() if line.strip()]

    def move_to(self, stage: Stage) -> None:
        """Go to a stage that follows from the present one. Raises WrongMove otherwise."""
        if stage not in MOVES[Stage(self.stage)]:
            raise WrongMove(f"{self.stage} → {stage}")
        self.stage = stage


class Assessment(models.Model):
    """研判: the three factors with their evidence, nature, trend and risk, the grade a person decided. Added, never changed."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="assessments", verbose_name="舆情")
    serial = models.PositiveIntegerField("次序")
    content = models.PositiveSmallIntegerField("舆情内容（0—100）")
    reaction = models.PositiveSmallIntegerField("公众反应（0—100）")
    media = models.PositiveSmallIntegerField("媒体介入（0—100）")
    evidence = models.JSONField("依据", default=list)
    suggested = models.CharField("建议等级", max_length=8, blank=True)
    grade = models.CharField("定级", max_length=8)
    because = models.CharField("与建议不同的理由", max_length=300, blank=True)
    nature = models.CharField("性质", max_length=300, blank=True)
    trend = models.CharField("走势", max_length=300, blank=True)
    risk = models.CharField("风险", max_length=300, blank=True)
    value = models.CharField("回应价值", max_length=16, blank=True)
    measures = models.TextField("预控处置意见", blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="研判人")
    at = models.DateTimeField("研判时间")

    class Meta:
        ordering = ["-serial"]
        verbose_name = "研判"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "serial"], name="assessment_of_an_event_stands_once"),
        ]

    def __str__(self) -> str:
        return f"{self.event} 第{self.serial}次研判"


class Consultation(models.Model):
    """会商: who was invited, what was said, what was agreed."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="consultations", verbose_name="舆情")
    convener = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="召集单位")
    units = models.ManyToManyField(Unit, related_name="+", verbose_name="邀请单位")
    meets_at = models.DateTimeField("会商时间")
    agenda = models.CharField("议题", max_length=200, blank=True)
    minutes = models.TextField("会商纪要", blank=True)
    held_at = models.DateTimeField("会商完成", null=True)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="召集人")

    class Meta:
        ordering = ["-meets_at", "-id"]
        verbose_name = "会商"

    def __str__(self) -> str:
        return f"{self.event} 会商"


class Party(models.Model):
    """A unit that has to do with an event: what it answers for, who leads there, whether it agrees to the line."""

    class Role(models.TextChoices):
        LEAD = "lead", "第一责任"
        JOINT = "joint", "分工负责"
        LOCAL = "local", "属地回应"
        COORDINATE = "coordinate", "协调督导"

    event = models.ForeignKey(Event, models.PROTECT, related_name="parties", verbose_name="舆情")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    role = models.CharField("责任", max_length=12, choices=Role)
    task = models.CharField("要做什么", max_length=300, blank=True)
    head = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="第一责任人（主要领导）"
    )
    deputy = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="直接责任人（分管领导）"
    )
    assigned_at = models.DateTimeField("交办时间")
    accepted_at = models.DateTimeField("签收时间", null=True)
    agrees = models.BooleanField("同意统一口径", null=True)
    words = models.CharField("对口径的意见", max_length=300, blank=True)
    handled = models.TextField("线下处置情况", blank=True)
    handled_at = models.DateTimeField("线下处置时间", null=True)
    left_at = models.DateTimeField("不再参与", null=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "责任单位"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "unit"], name="unit_is_party_to_an_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_role_display()}"


class Response(models.Model):
    """回应: a text that answers the public, the first or a later one. Reviewed, then on the portal."""

    class Stage(models.TextChoices):
        DRAFT = "draft", "起草"
        REVIEWING = "reviewing", "审签中"
        READY = "ready", "待发布"
        RELEASED = "released", "已发布"
        WITHDRAWN = "withdrawn", "已撤下"

    event = models.ForeignKey(Event, models.PROTECT, related_name="responses", verbose_name="舆情")
    serial = models.PositiveIntegerField("次序")
    stage = models.CharField("阶段", max_length=10, choices=Stage, default=Stage.DRAFT)
    form = models.CharField("回应形式", max_length=24)
    title = models.CharField("标题", max_length=120)
    text = models.TextField("正文", blank=True)
    speaker = models.CharField("由谁发声", max_length=64, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="发布单位")
    author = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="起草人")
    made_at = models.DateTimeField("起草时间")
    released_at = models.DateTimeField("发布时间", null=True)
    withdrawn_at = models.DateTimeField("撤下时间", null=True)
    withdrawn_because = models.CharField("撤下理由", max_length=200, blank=True)

    class Meta:
        ordering = ["-serial"]
        verbose_name = "回应"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "serial"], name="response_of_an_event_stands_once"),
            models.CheckConstraint(
                condition=~Q(stage="released") | Q(released_at__isnull=False),
                name="released_response_has_a_time",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["stage", "-released_at"], name="response_released")]

    def __str__(self) -> str:
        return self.title

    @property
    def code(self) -> str:
        """How the portal names it: the number of the event and which response it is."""
        return f"{self.event.code}-{self.serial}"

    @property
    def is_released(self) -> bool:
        return self.stage == self.Stage.RELEASED


class Dispatch(models.Model):
    """What left the desk: a report upward (报送), a hand-over (移送). Under which article, with which evidence. Added only."""

    class Purpose(models.TextChoices):
        REPORT = "report", "报送"
        HAND_OVER = "hand_over", "移送"

    event = models.ForeignKey(Event, models.PROTECT, related_name="dispatches", verbose_name="舆情")
    purpose = models.CharField("事由", max_length=10, choices=Purpose)
    to = models.CharField("送往", max_length=20)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="接收单位")
    way = models.CharField("渠道", max_length=32, blank=True)
    words = models.TextField("内容", blank=True)
    cite = models.CharField("依据", max_length=120, blank=True)
    evidence = models.JSONField("线索", default=list)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="送出人")
    at = models.DateTimeField("送出时间")
    received_at = models.DateTimeField("签收时间", null=True)
    outcome = models.CharField("对方反馈", max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = "报送与移送"

    def __str__(self) -> str:
        return f"{self.event} {self.get_purpose_display()}"


class Measurement(models.Model):
    """效果: how loud it was before the answer and how loud after, and whom the answer reached."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="measurements", verbose_name="舆情")
    hours = models.PositiveSmallIntegerField("比较多少小时")
    before = models.PositiveIntegerField("回应前讨论量")
    after = models.PositiveIntegerField("回应后讨论量")
    negative_before = models.PositiveIntegerField("回应前负面")
    negative_after = models.PositiveIntegerField("回应后负面")
    reached = models.PositiveIntegerField("覆盖人次", default=0)
    words = models.CharField("评价", max_length=300, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="测评人")
    at = models.DateTimeField("测评时间")

    class Meta:
        ordering = ["-at"]
        verbose_name = "回应效果"

    def __str__(self) -> str:
        return f"{self.event} 效果"

    @property
    def change(self) -> int | None:
        """By how many percent the volume changed; None when there was none before."""
        return round((self.after - self.before) / self.before * 100) if self.before else None


class Accountability(models.Model):
    """追责: a rule proposes circular, talk or accountability with its evidence; a person decides; an honest mistake is borne."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="accountabilities", verbose_name="舆情")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="责任单位")
    rule = models.CharField("情形", max_length=40)
    measure = models.CharField("措施", max_length=16)
    cite = models.CharField("依据", max_length=120, blank=True)
    evidence = models.JSONField("证据", default=list)
    proposed_at = models.DateTimeField("提出时间")
    decided = models.BooleanField("是否采取", null=True)
    is_borne = models.BooleanField("属于容错情形", default=False)
    words = models.CharField("决定理由", max_length=300, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="决定人")
    decided_at = models.DateTimeField("决定时间", null=True)

    class Meta:
        ordering = ["-proposed_at", "-id"]
        verbose_name = "责任追究"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "unit", "rule"], name="accountability_is_proposed_once"),
            models.CheckConstraint(
                condition=Q(decided=None) | Q(decided_at__isnull=False),
                name="decided_accountability_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.measure}"


class Risk(models.Model):
    """舆情风险评估 before a major decision: what was asked, tracked and heard, the level, the plan, the approval."""

    class Stage(models.TextChoices):
        DRAFT = "draft", "评估中"
        REVIEWING = "reviewing", "报审中"
        APPROVED = "approved", "已审定"

    matter = models.OneToOneField(Matter, models.PROTECT, related_name="risk", verbose_name="事项")
    place = models.ForeignKey(Place, models.PROTECT, related_name="risks", verbose_name="地区")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="决策单位")
    title = models.CharField("决策事项", max_length=120)
    about = models.ForeignKey(
        Matter, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="对应的公文"
    )
    findings = models.JSONField("怎样评估的", default=list)
    level = models.CharField("风险等级", max_length=8, blank=True)
    plan = models.TextField("应对预案", blank=True)
    stage = models.CharField("阶段", max_length=10, choices=Stage, default=Stage.DRAFT)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="评估人")
    at = models.DateTimeField("评估时间")
    approved_at = models.DateTimeField("审定时间", null=True)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = "舆情风险评估"

    def __str__(self) -> str:
        return self.title

    @property
    def code(self) -> str:
        return self.matter.number


class Inspection(models.Model):
    """督查: how a unit's rules, mechanism and effect of answering were found."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="inspections", verbose_name="地区")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="被督查单位")
    what = models.CharField("督查内容", max_length=24)
    found = models.TextField("发现的情况")
    to_mend = models.CharField("要整改的", max_length=300, blank=True)
    on = models.DateField("督查日期")
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="督查人")
    mended = models.CharField("整改情况", max_length=300, blank=True)
    mended_at = models.DateTimeField("整改时间", null=True)

    class Meta:
        ordering = ["-on", "-id"]
        verbose_name = "回应督查"

    def __str__(self) -> str:
        return f"{self.unit} {self.what}"


class Exchange(models.Model):
    """互通: progress, difficulties, findings, lessons and model cases that units share with each other."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="exchanges", verbose_name="地区")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    kind = models.CharField("类别", max_length=16)
    title = models.CharField("标题", max_length=120)
    text = models.TextField("内容")
    event = models.ForeignKey(
        Event, models.PROTECT, null=True, blank=True, related_name="lessons", verbose_name="来自哪件舆情"
    )
    area = models.CharField("试点领域", max_length=32, blank=True, default="")
    about = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="查的哪个单位"
    )
    is_good = models.BooleanField("推广", default=False)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="填写人")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = "经验互通"

    def __str__(self) -> str:
        return self.title


class Pilot(models.Model):
    """试点: a unit is a pilot of an area from a day on, until another if it ended."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="pilots", verbose_name="地区")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="pilots", verbose_name="试点单位")
    area = models.CharField("试点领域", max_length=32)
    from_on = models.DateField("从哪天起")
    until_on = models.DateField("到哪天止", null=True, blank=True)

    class Meta:
        ordering = ["area", "unit_id", "from_on"]
        verbose_name = "试点单位"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["unit", "area", "from_on"], name="unit_begins_a_pilot_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")), name="pilot_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.area}"


class MutualCheck(models.Model):
    """互查: one pilot unit looks at the work of another by a day the office named; done by what it then shares."""

    matter = models.OneToOneField(Matter, models.PROTECT, related_name="check_of", verbose_name="事项")
    place = models.ForeignKey(Place, models.PROTECT, related_name="mutual_checks", verbose_name="地区")
    area = models.CharField("试点领域", max_length=32)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="检查单位")
    about = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="被查单位")
    due_on = models.DateField("期限")
    asked_at = models.DateTimeField("安排时间")
    found = models.OneToOneField(
        Exchange, models.PROTECT, null=True, related_name="check_done", verbose_name="互查情况"
    )

    class Meta:
        ordering = ["-asked_at", "-id"]
        verbose_name = "互查"
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(unit=F("about")), name="unit_does_not_check_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} → {self.about}"

    @property
    def code(self) -> str:
        return self.matter.number


class Bulletin(models.Model):
    """通报: how public concerns were handled in a period, with the figures of that moment. Kept as it was issued."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="bulletins", verbose_name="地区")
    title = models.CharField("标题", max_length=120)
    from_on = models.DateField("起")
    until_on = models.DateField("止")
    figures = models.JSONField("数字", default=dict)
    words = models.TextField("说明", blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", verbose_name="发布人")
    at = models.DateTimeField("发布时间")

    class Meta:
        ordering = ["-at"]
        verbose_name = "舆情通报"

    def __str__(self) -> str:
        return self.title
