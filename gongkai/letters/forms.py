"""What is filled in about a letter. Choices come from the packs' lists and what the place has added to them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from gongkai.files.kinds import TAKEN
from gongkai.files.models import Attachment
from gongkai.ledger import asks as ledger
from gongkai.ledger.forms import CaseForm, offer
from gongkai.letters import asks, attachments
from gongkai.letters.models import Letter, Part, Template
from gongkai.people.actor import Actor
from gongkai.people.fields import UnitField, standing_units
from gongkai.people.models import Unit
from gongkai.ui.forms import DateInput, DateTimeInput, Form, choices, long_text

LONG = 10_000
PROMPT = timedelta(hours=1)  # a letter entered later than this after it came needs a reason


def _text(label: str, rows: int = 4, most: int = LONG, **more: Any) -> forms.CharField:
    return long_text(label, rows, most, **more)


# ---- the list --------------------------------------------------------------------------------------------------


class ListForm(Form):
    """What a list of letters is asked for. A value that is not on offer is not asked."""

    source = forms.ChoiceField(label="来源", required=False)
    nature = forms.ChoiceField(label="性质", required=False)
    time_class = forms.ChoiceField(label="办理时类", required=False)
    unit = UnitField(label="承办单位", required=False, empty_label="全部")
    since = forms.DateField(label="来信自", required=False, widget=DateInput)
    until = forms.DateField(label="来信至（含当天）", required=False, widget=DateInput)
    q = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    view = forms.CharField(required=False, widget=forms.HiddenInput)
    ASKS = (
        "source",
        "nature",
        "time_class",
        "unit",
        "since",
        "until",
        "q",
        "more",
    )  # what calls for this form

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = actor.place.code
        for name, list_ in (
            ("source", "letter.source"),
            ("nature", "letter.nature"),
            ("time_class", "letter.class"),
        ):
            offer(self, name, place, list_, "全部")
        self.fields["unit"].queryset = standing_units(actor)  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, Any]:
        """What is asked, for `asks.narrowed`: days as the instants at which they begin and end."""
        self.is_valid()
        chosen = dict(self.cleaned_data)
        if since := chosen.get("since"):
            chosen["since"] = _midnight(since)
        if until := chosen.get("until"):
            chosen["until"] = _midnight(until + timedelta(days=1))
        return chosen

    def in_words(self, view: str) -> str:
        """What is asked, as a reader of the record of exports understands it: 在办；来源：12345热线."""
        self.is_valid()
        given = {
            self.fields[name].label or "词语": value for name, value in self.cleaned_data.items() if value and name != "view"
        }  # fmt: skip
        return "；".join([view, *(f"{label}：{value}" for label, value in given.items())])

    @property
    def is_narrowed(self) -> bool:
        """True when more than the view and the words is asked."""
        return any(
            self.cleaned_data.get(name)
            for name in ("source", "nature", "time_class", "unit", "since", "until")
        )


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001  made aware here


# ---- registration ----------------------------------------------------------------------------------------------


class FilesField(forms.FileField):
    """Any number of files; refusals come from the room of files, one by one."""

    widget = forms.ClearableFileInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=_ManyFiles(attrs={"multiple": True}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        one = super().clean
        return [one(item, initial) for item in data or [] if item]


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class EntryForm(Form):
    """A letter that came by telephone, on paper, in person or by another system, written down by staff."""

    source = forms.ChoiceField(label="来源", widget=forms.RadioSelect)
    received_at = forms.DateTimeField(
        label="来信时间", widget=DateTimeInput, help_text="来电、来访、收到纸质信的时间；办理期限从这时起算"
    )
    because = forms.CharField(
        label="补登事由",
        max_length=200,
        required=False,
        help_text="来信时间早于现在一小时以上的，写明为什么现在才登记",
    )
    title = forms.CharField(label="标题", max_length=200, help_text="一句话说清什么地方、什么事")
    text = _text("正文", 8, help_text="照来信人的原话写；姓名、电话写在下面，不要写进正文")
    nature = forms.ChoiceField(label="性质", required=False, widget=forms.RadioSelect)
    object_place = forms.CharField(label="事情发生的地点", max_length=64, required=False)
    about_unit = forms.CharField(label="反映的单位", max_length=64, required=False)
    alone = forms.BooleanField(label="只涉及来信人本人（不公开）", required=False)
    may_publish = forms.BooleanField(label="来信人同意公开", required=False)
    name = forms.CharField(label="姓名", max_length=32, required=False)
    phone = forms.CharField(
        label="电话", max_length=20, required=False, help_text="用来答复，来信人也凭它的后四位查进度"
    )
    email = forms.EmailField(label="电子邮箱", required=False)
    address = forms.CharField(label="地址", max_length=128, required=False)
    attachments = FilesField(label="附件", required=False, help_text=f"可选几个一起传：{TAKEN}")
    is_new = forms.BooleanField(required=False, widget=forms.HiddenInput)

    PERSON = ("name", "phone", "email", "address")

    def __init__(self, *args: Any, actor: Actor, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        place = actor.place.code
        offer(self, "source", place, "letter.source")
        natures = ledger.values_of(place, "letter.nature")
        self.fields["nature"].choices = choices(natures, "分类时再定")  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        phone = str(self.cleaned_data["phone"])
        if phone and sum(character.isdigit() for character in phone) < 7:
            raise ValidationError("电话至少有 7 位数字，请检查；没有电话可以不填。")
        return phone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        at = cleaned.get("received_at")
        if at and at > self.now:
            self.add_error("received_at", "来信时间在将来，请检查。")
        elif at and self.now - at > PROMPT and not cleaned.get("because"):
            self.add_error("because", "来信时间早于现在一小时以上，请写明为什么现在才登记。")
        if cleaned.get("alone") and cleaned.get("may_publish"):
            self.add_error("may_publish", "只涉及来信人本人的事不公开，这两项请只选一项。")
        return cleaned

    @property
    def person(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.PERSON}


# ---- one letter ------------------------------------------------------------------------------------------------


class LetterForm(CaseForm[Letter]):
    """A form about one letter."""


class ClassificationForm(LetterForm):
    nature = forms.ChoiceField(label="诉求性质", widget=forms.RadioSelect)
    time_class = forms.ChoiceField(label="办理时类", widget=forms.RadioSelect)
    triage = forms.ChoiceField(label="分流", widget=forms.RadioSelect)
    topic = forms.CharField(label="主题", max_length=32, required=False)
    unit = UnitField(label="交办给", required=False, empty_label="先不交办", help_text="选了就分类并交办")

    def prepare(self) -> None:
        self.offer("nature", "letter.nature")
        self.offer("time_class", "letter.class")
        self.offer("triage", "letter.triage")
        self.fields["unit"].queryset = standing_units(self.actor)  # type: ignore[attr-defined]
        if self.case.unit_id:
            del self.fields["unit"]

    @property
    def done(self) -> str:  # type: ignore[override]
        if "unit" not in self.fields:
            return ""
        unit = self.cleaned_data["unit"]
        return f"已分类，交办给{unit}。" if unit else "已分类，还没有交办。"


class AssignmentForm(LetterForm):
    unit = UnitField(label="承办单位", empty_label="请选择")

    def prepare(self) -> None:
        self.fields["unit"].queryset = standing_units(self.actor)  # type: ignore[attr-defined]


class ReturnForm(LetterForm):
    reason = _text("退回理由", 3, 300, help_text="牵头单位会看到，如：电梯不属于我局职责，应由县住建局办理")


class FindingsForm(LetterForm):
    text = _text("核实情况", 5, help_text="什么时候、谁去看的、看到什么；只在工作台里看得到")


class PartsForm(LetterForm):
    units = forms.ModelMultipleChoiceField(
        label="协办单位", queryset=Unit.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    question = _text("请协助的事", 3, 500)

    def prepare(self) -> None:
        asked = Part.objects.filter(letter=self.case).values("unit")
        units = standing_units(self.actor).exclude(pk__in=asked)
        if self.case.unit_id:
            units = units.exclude(pk=self.case.unit_id)
        self.fields["units"].queryset = units  # type: ignore[attr-defined]


class PartReplyForm(Form):
    words = _text("协办意见", 5, help_text="给承办单位看，不直接发给来信人")


class ExtensionForm(LetterForm):
    amount = forms.IntegerField(label="延长几个工作日", min_value=1, max_value=60)
    reason = _text("理由", 3, 300)


class DecisionForm(Form):
    granted = forms.TypedChoiceField(
        label="审批", choices=[("yes", "同意延期"), ("no", "不同意")], coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )  # fmt: skip


class ReplyForm(LetterForm):
    """The reply as far as it is written. Templates are put in without saving."""

    text = _text("答复正文", 10, help_text="来信人会原样看到。先说结论，再说经过，最后说下一步和日期。")
    template = forms.ModelChoiceField(
        label="从模板开始", queryset=Template.objects.none(), required=False, empty_label="不用模板"
    )

    def prepare(self) -> None:
        self.fields["template"].queryset = asks.templates_for(self.actor)  # type: ignore[attr-defined]


class OpinionForm(LetterForm):
    opinion = _text("审签意见", 2, 500, required=False)


class ReplyReturnForm(LetterForm):
    opinion = _text("要改什么", 3, 500)


class GroundForm(LetterForm):
    ground = _text("为什么可能引发舆情", 3, 300)


class DeclineForm(LetterForm):
    reason = _text("不予受理的理由", 3, 300, help_text="来信人会看到，请写明依据")
    channel = forms.CharField(
        label="应走的渠道", max_length=100, help_text="如：向县人民法院提起诉讼，或申请行政复议"
    )


class MergeForm(LetterForm):
    into = forms.CharField(label="并入哪一封", max_length=64, help_text="主件的编号，如 LY-2025-0926-0147")

    def clean_into(self) -> str:
        return str(self.cleaned_data["into"]).strip().upper()


class PublicationForm(LetterForm):
    title = forms.CharField(label="公开的标题", max_length=200)
    text = _text("公开的来信", 6)
    answer = _text("公开的答复", 8)
    attachments = forms.ModelMultipleChoiceField(
        label="一并公开的答复附件", queryset=Attachment.objects.none(), required=False, widget=forms.CheckboxSelectMultiple,
        help_text="不选的不公开。附件和文件名里的个人信息不会自动隐去，公开前请先打开看一遍。",
    )  # fmt: skip

    def prepare(self) -> None:
        files = attachments.given_with(self.case)
        self.fields["attachments"].queryset = files  # type: ignore[attr-defined]
        if not files:
            del self.fields["attachments"]


class ReasonForm(LetterForm):
    reason = _text("理由", 3, 300)


class OutcomeForm(LetterForm):
    outcome = _text("结果", 3, 300, help_text="不要写姓名、电话")


class UnmaskForm(LetterForm):
    reason = forms.CharField(
        label="事由", max_length=300, min_length=4, help_text="如：电话核实漏水位置。查看会记录。"
    )


class TemplateForm(Form):
    name = forms.CharField(label="名称", max_length=64)
    unit = UnitField(label="给谁用", required=False, empty_label="全地区")
    text = _text("正文", 8)

    def __init__(
        self, *args: Any, actor: Actor, units: QuerySet[Unit], for_place: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        if not for_place:
            self.fields["unit"].required = True
            self.fields["unit"].empty_label = None  # type: ignore[attr-defined]


class TrustForm(Form):
    """From which confidence on a field of new letters is filled in; left empty it is not."""

    what = forms.CharField(max_length=10, widget=forms.HiddenInput)
    confidence = forms.IntegerField(
        label="把握不低于百分之几",
        min_value=50,
        max_value=100,
        required=False,
        help_text="50 到 100；不填就是不自动填写",
    )

    @property
    def given(self) -> dict[str, Any]:
        least = self.cleaned_data["confidence"]
        return {"what": self.cleaned_data["what"], "confidence": None if least is None else least / 100}


class SampleForm(Form):
    share = forms.IntegerField(label="抽取比例（%）", min_value=1, max_value=100, initial=5)
    since = forms.DateField(label="答复日期自", widget=DateInput)

    @property
    def given(self) -> dict[str, Any]:
        return {"share": self.cleaned_data["share"] / 100, "since": _midnight(self.cleaned_data["since"])}
