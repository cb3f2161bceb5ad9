"""What is filled in for an act on one event."""

from __future__ import annotations

from typing import Any

from django import forms

from gongkai.ledger import clock
from gongkai.ledger.forms import CaseForm, offer
from gongkai.opinion import policy
from gongkai.opinion.actions.finding import ORDERED
from gongkai.opinion.models import Event, Party
from gongkai.people.actor import Actor, holders
from gongkai.people.fields import UnitField, standing_units
from gongkai.people.models import Duty, Power, Staff, Unit
from gongkai.ui.forms import DateTimeInput, Form, long_text


class EventForm(CaseForm[Event]):
    """A form about one event."""


class ReasonForm(EventForm):
    reason = long_text("理由")


class WordsForm(EventForm):
    words = long_text("内容", 4)


def _choice(label: str, **more: Any) -> Any:
    return forms.ChoiceField(label=label, required=False, **more)


def _tick(label: str, **more: Any) -> Any:
    return forms.BooleanField(label=label, required=False, **more)


def _score(label: str) -> Any:
    return forms.IntegerField(label=label, min_value=0, max_value=100, initial=0)


class DetectForm(Form):
    title = forms.CharField(label="大家在说什么（一句话）", max_length=120)
    summary = long_text("详细情况", 4, 2000, required=False, help_text="写内容，不写发帖人的姓名和联系方式")
    found_by = forms.ChoiceField(label="怎样发现的", widget=forms.RadioSelect)
    ordered_by = forms.CharField(
        label="要求回应的上级机关", max_length=64, required=False, help_text="上级要求的填写"
    )
    channel = _choice("最先出现在哪里")
    detected_at = forms.DateTimeField(label="发现时间", widget=DateTimeInput, help_text="时限从这时起算")
    occurred_at = forms.DateTimeField(label="事件发生时间", widget=DateTimeInput, required=False)
    is_restricted = _tick(
        "涉密或不宜扩散", help_text="只有监测人员、领导和当事单位看得到；系统里不写涉密内容"
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = actor.place.code
        offer(self, "found_by", place, "opinion.found_by")
        offer(self, "channel", place, "opinion.channel", "没有写")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("found_by") == ORDERED and not given.get("ordered_by", "").strip():
            self.add_error("ordered_by", "请写明是哪个上级机关要求回应的。")
        return given


class AssessForm(EventForm):
    content = _score("舆情内容（0—100）")
    reaction = _score("公众反应（0—100）")
    media = _score("媒体介入（0—100）")
    grade = forms.ChoiceField(label="定级", widget=forms.RadioSelect)
    because = forms.CharField(label="和建议的等级不同的，写理由", max_length=300, required=False)
    kind = _choice("类型")
    triage = _choice("分类")
    scope = _choice("涉及范围", help_text="决定由谁负第一责任")
    subject = _choice("涉及事项")
    must_respond = _choice("重点回应情形")
    priority = _choice("优先发布情形")
    value = _choice("回应价值")
    is_emergency = _tick("是突发事件")
    is_sensitive = _tick("重大敏感，需要会商")
    is_rumour = _tick("严重造谣传谣，线索要移交")
    needs_release = _tick("需要发新闻通稿")
    is_restricted = _tick("涉密或不宜扩散")
    nature = long_text("性质", 2, 300, required=False)
    trend = long_text("走势", 2, 300, required=False)
    risk = long_text("风险", 2, 300, required=False)
    measures = long_text("预控处置意见", 4, 2000, required=False)
    suggested = forms.CharField(widget=forms.HiddenInput, required=False)

    def prepare(self) -> None:
        self.offer("grade", "opinion.grade")
        for name in ("kind", "triage", "scope", "subject", "must_respond", "priority", "value"):
            self.offer(name, f"opinion.{name}", "没有定")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("suggested") and given.get("grade") not in (None, given["suggested"]):
            if not given.get("because", "").strip():
                self.add_error("because", f"建议的等级是“{given['suggested']}”。定为别的等级，请写理由。")
        return given

    @property
    def given(self) -> dict[str, Any]:
        given = super().given
        scores = (given.pop("content"), given.pop("reaction"), given.pop("media"))
        return given | {"scores": scores}


class LeaderForm(EventForm):
    leader = forms.ModelChoiceField(Staff.objects.none(), label="领导责任人")

    def prepare(self) -> None:
        people = Staff.objects.filter(place=self.case.place_id, is_active=True)
        self.fields["leader"].queryset = people.order_by("name")  # type: ignore[attr-defined]
        self.fields["leader"].label_from_instance = lambda staff: staff.name  # type: ignore[attr-defined]


class AssignForm(EventForm):
    lead = UnitField(label="第一责任单位")
    others = forms.ModelMultipleChoiceField(
        Unit.objects.none(), label="分工负责的单位", required=False, widget=forms.CheckboxSelectMultiple
    )
    role = forms.ChoiceField(
        label="这些单位怎样负责",
        choices=[(Party.Role.JOINT, "各按职责分工"), (Party.Role.LOCAL, "属地回应")],
        initial=Party.Role.JOINT,
    )
    coordinators = forms.ModelMultipleChoiceField(
        Unit.objects.none(), label="协调督导", required=False, widget=forms.CheckboxSelectMultiple
    )
    task = long_text("要做什么", 2, 300, required=False)

    def prepare(self) -> None:
        units = standing_units(self.actor)
        for name in ("lead", "others", "coordinators"):
            self.fields[name].queryset = units  # type: ignore[attr-defined]
            self.fields[name].label_from_instance = lambda unit: unit.short_name  # type: ignore[attr-defined]


class AcceptForm(EventForm):
    head = forms.ModelChoiceField(Staff.objects.none(), label="第一责任人（主要领导）", required=False)
    deputy = forms.ModelChoiceField(Staff.objects.none(), label="直接责任人（分管领导）", required=False)

    def prepare(self) -> None:
        party = policy.party_of(self.actor, self.case)
        on = clock.today()
        for name, power in (("head", Power.HEAD), ("deputy", Power.APPROVE)):
            people = holders(party.unit, on, power) if party else []
            field = self.fields[name]
            field.queryset = Staff.objects.filter(pk__in=[one.pk for one in people])  # type: ignore[attr-defined]
            field.label_from_instance = lambda staff: staff.name  # type: ignore[attr-defined]
            field.initial = people[0].pk if people else None


class ConsultForm(EventForm):
    units = forms.ModelMultipleChoiceField(
        Unit.objects.none(), label="邀请单位", widget=forms.CheckboxSelectMultiple
    )
    meets_at = forms.DateTimeField(label="会商时间", widget=DateTimeInput)
    agenda = forms.CharField(label="议题", max_length=200, required=False)

    def prepare(self) -> None:
        self.fields["units"].queryset = standing_units(self.actor)  # type: ignore[attr-defined]
        self.fields["units"].label_from_instance = lambda unit: unit.short_name  # type: ignore[attr-defined]


class MinutesForm(EventForm):
    minutes = long_text("会商纪要", 8, 5000, help_text="各方意见、一致的结论、预控处置意见")


class FactsForm(EventForm):
    words = long_text("已核实的情况", 6, 5000, help_text="时间、地点、经过、影响、已采取的措施")
    questions = long_text(
        "大家最关心的问题", 4, 1000, required=False, help_text="每行一个；起草回应时逐个对照"
    )


class LineForm(EventForm):
    words = long_text("统一口径", 4, 2000)


class AnswerLineForm(EventForm):
    agrees = forms.TypedChoiceField(
        label="意见", choices=[("yes", "一致"), ("no", "不一致")], coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )  # fmt: skip
    words = long_text("哪里不一致、应当怎样说", 2, 300, required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("agrees") is False and not given.get("words", "").strip():
            self.add_error("words", "不一致的，请写明哪里不一致、应当怎样说。")
        return given


class ReportForm(EventForm):
    words = long_text("报送内容", 5, 2000, help_text="时间、来源、内容、走势、建议")
    way = _choice("渠道")
    superior = forms.CharField(label="同时报上级机关", max_length=64, required=False)

    def prepare(self) -> None:
        self.offer("way", "opinion.report_way")


HAND_OVER = (
    ("rumour", "公安和网络监管部门（造谣传谣线索，同时移交）"),
    (Duty.PETITION, "信访部门（举报投诉）"),
    (Duty.CYBERSPACE, "网信部门（负面舆情协调）"),
    (Duty.SUPERVISION, "监察督查部门"),
)


class HandOverForm(EventForm):
    to = forms.ChoiceField(
        label="移送给谁", choices=[(str(to), says) for to, says in HAND_OVER], widget=forms.RadioSelect
    )
    words = long_text("事实和理由", 4, 2000)
    cite = forms.CharField(label="依据", max_length=120, help_text="写明哪一条")


class MeasureForm(EventForm):
    hours = forms.TypedChoiceField(
        label="前后各比较", choices=[(6, "6 小时"), (24, "24 小时"), (48, "48 小时")], coerce=int, initial=24
    )
    before = forms.IntegerField(label="回应前讨论量", min_value=0)
    after = forms.IntegerField(label="回应后讨论量", min_value=0)
    negative_before = forms.IntegerField(label="其中负面（前）", min_value=0)
    negative_after = forms.IntegerField(label="其中负面（后）", min_value=0)
    reached = forms.IntegerField(label="回应覆盖人次", min_value=0, initial=0)
    words = forms.CharField(label="评价", max_length=300, required=False)
