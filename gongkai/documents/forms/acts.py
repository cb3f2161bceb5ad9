"""What is filled in for an act on one document."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError

from gongkai.documents import asks, numbers
from gongkai.documents.actions import IN_DOUBT, MAY_GO_OUT, MUST_NOT
from gongkai.documents.forms.site import ServicesField
from gongkai.documents.forms.writing import LONG
from gongkai.documents.models import Column, Confirmation, Document, Withdrawal
from gongkai.ledger import asks as ledger
from gongkai.ledger.forms import CaseForm
from gongkai.people.fields import standing_units
from gongkai.people.models import Unit
from gongkai.ui.forms import DateInput, DateTimeInput, Form, choices, long_text


class DocumentForm(CaseForm[Document]):
    """A form about one document."""


class AttributeForm(DocumentForm):
    attribute = forms.ChoiceField(label="公开属性", widget=forms.RadioSelect)
    ground = forms.ChoiceField(label="属于哪种情形", required=False)
    reason = long_text("理由", 3, required=False, help_text="拟不予公开的，写明依据哪一条")
    withheld = long_text("不公开的部分", 2, required=False, help_text="只有部分公开时填写，如：附件二的报价")
    third_party_agrees = forms.BooleanField(label="涉及的第三方同意公开", required=False)
    public_interest = forms.CharField(
        label="不公开会对公共利益造成重大影响的理由", max_length=300, required=False
    )

    def prepare(self) -> None:
        place = self.case.place_id
        self.offer("attribute", "disclosure.attribute")
        grounds = (
            *ledger.values_of(place, "disclosure.proactive_ground"),
            *ledger.values_of(place, "disclosure.withheld_ground"),
        )
        self.fields["ground"].choices = choices(grounds, "不属于列出的情形")  # type: ignore[attr-defined]


class AgreeForm(DocumentForm):
    agrees = forms.TypedChoiceField(
        label="意见", choices=[("yes", "同意不予公开"), ("no", "不同意")], coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )  # fmt: skip
    words = long_text("说明", 2, required=False)


class IssueForm(DocumentForm):
    number = forms.CharField(
        label="发文字号", max_length=64, help_text="如 清住建发〔2026〕7号，括号怎么写都可以"
    )
    made_on = forms.DateField(label="成文日期", widget=DateInput)

    def clean_number(self) -> str:
        try:
            return numbers.normalised(self.cleaned_data["number"])
        except numbers.WrongNumber as error:
            raise ValidationError(f"{error}。") from None


class SecrecyForm(DocumentForm):
    outcome = forms.ChoiceField(
        label="结论", widget=forms.RadioSelect,
        choices=[(MAY_GO_OUT, "可以公开"), (MUST_NOT, "不得公开"), (IN_DOUBT, "拿不准，报请保密部门确定")],
    )  # fmt: skip
    words = long_text("审查意见", 2, 300, required=False)


class SecrecyOutcomeForm(DocumentForm):
    outcome = forms.ChoiceField(
        label="结论", widget=forms.RadioSelect, choices=[(MAY_GO_OUT, "可以公开"), (MUST_NOT, "不得公开")]
    )


class ConfirmationForm(DocumentForm):
    units = forms.ModelMultipleChoiceField(
        label="请哪些单位确认", queryset=Unit.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    question = long_text("请确认什么", 2, 300)

    def prepare(self) -> None:
        asked = Confirmation.objects.filter(document=self.case).values("unit")
        units = standing_units(self.actor).exclude(pk=self.case.unit_id).exclude(pk__in=asked)
        self.fields["units"].queryset = units  # type: ignore[attr-defined]


class ScheduleForm(DocumentForm):
    on = forms.DateTimeField(label="什么时候发布", widget=DateTimeInput)


class CorrectionForm(DocumentForm):
    title = forms.CharField(label="标题", max_length=200)
    html = forms.CharField(
        label="正文", max_length=LONG, widget=forms.Textarea(attrs={"rows": 16, "data-editor": ""})
    )
    reason = long_text("更正了什么、为什么", 2, 200, help_text="读者会看到")


class WithdrawalForm(DocumentForm):
    kind = forms.ChoiceField(label="情形", choices=Withdrawal.Kind.choices, widget=forms.RadioSelect)
    notice = long_text("对外说明", 2, 300, help_text="打开原网址的人会看到，如：该文件已废止，请看新文件。")
    reason = long_text("撤回理由", 2, 300, help_text="内部留档")
    ordered_by = forms.CharField(
        label="责令机关", max_length=64, required=False, help_text="被责令改正的填写"
    )
    replacement = forms.CharField(
        label="替代文件的编号或文号", max_length=64, required=False, help_text="先发布替代文件，再撤回这份"
    )

    def clean_replacement(self) -> Document | None:
        text = str(self.cleaned_data["replacement"]).strip()
        if not text:
            return None
        found = asks.numbered(self.case, text)
        if found is None:
            raise ValidationError("没有找到这份已发布的文件，请核对编号或发文字号。")
        return found


class ChannelForm(DocumentForm):
    channel = forms.ChoiceField(label="渠道", widget=forms.RadioSelect)
    address = forms.CharField(label="网址或刊期", max_length=300, required=False)

    def prepare(self) -> None:
        values = [one for one in ledger.values_of(self.case.place_id, "release.channel") if one != "政府网站"]
        self.fields["channel"].choices = choices(values)  # type: ignore[attr-defined]


class ReasonForm(DocumentForm):
    reason = long_text("理由", 3, 300)


class ConversionForm(DocumentForm):
    attribute = forms.ChoiceField(label="转为", widget=forms.RadioSelect)
    reason = long_text("理由", 3, 300)

    def prepare(self) -> None:
        values = ledger.values_of(self.case.place_id, "disclosure.attribute")
        self.fields["attribute"].choices = choices(v for v in values if v != self.case.attribute)  # type: ignore[attr-defined]


class RelationForm(DocumentForm):
    kind = forms.ChoiceField(
        label="关系",
        widget=forms.RadioSelect,
        choices=[("replaces", "替代"), ("amends", "修改"), ("repeals", "废止")],
    )
    other = forms.CharField(label="哪一份文件", max_length=64, help_text="编号或发文字号")

    def clean_other(self) -> Document:
        found = asks.numbered(self.case, self.cleaned_data["other"])
        if found is None:
            raise ValidationError("没有找到这份已发布的文件，请核对编号或发文字号。")
        return found


class ColumnsForm(DocumentForm):
    columns = forms.ModelMultipleChoiceField(
        label="放在哪些栏目",
        queryset=Column.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def prepare(self) -> None:
        self.fields["columns"].queryset = self.case.place.columns.all()  # type: ignore[attr-defined]


class ServicesForm(DocumentForm):
    services = ServicesField(
        label="服务事项", required=False,
        help_text="一行一个事项名称；几个单位有同名事项的，写成“公租房申请（县住建局）”",
    )  # fmt: skip

    def prepare(self) -> None:
        self.fields["services"].place = self.case.place_id  # type: ignore[attr-defined]


class PlanForm(DocumentForm):
    words = long_text("解读方案", 3, help_text="由谁解读、用什么形式、什么时候发布")
    form = forms.ChoiceField(label="解读形式")

    def prepare(self) -> None:
        self.fields["form"].choices = choices(FORMS)  # type: ignore[attr-defined]


FORMS = ("文字", "问答", "图表", "音频", "视频")


class InterpretationForm(DocumentForm):
    title = forms.CharField(label="标题", max_length=200)
    form = forms.ChoiceField(
        label="解读形式", choices=choices(FORMS), widget=forms.RadioSelect, initial="文字"
    )
    html = forms.CharField(
        label="解读正文", max_length=LONG, widget=forms.Textarea(attrs={"rows": 14, "data-editor": ""})
    )


class ConfirmForm(Form):
    """The answer of a unit that was asked to confirm."""

    agrees = forms.TypedChoiceField(
        label="意见", choices=[("yes", "一致，可以发布"), ("no", "不一致")], coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )  # fmt: skip
    words = long_text("哪里不一致、应当怎样写", 3, required=False)


class SettlementForm(Form):
    words = long_text("协调结论", 3, help_text="写明最后怎样发布")
