"""What is filled in for an act on one case: a press event, an interview request, an account, a post, a failing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from gongkai.files.models import Attachment
from gongkai.ledger.forms import CaseForm
from gongkai.ledger.models import Link, Matter
from gongkai.people.actor import Actor
from gongkai.press import policy
from gongkai.press.actions import ROOM
from gongkai.press.models import Attendee, CitizenQuestion, Expert, Outlet, Spokesperson
from gongkai.ui.forms import DateInput, DateTimeInput, choices, long_text

LONG = 50_000


class ReasonForm(CaseForm[Any]):
    reason = long_text("理由", 3, 300)


class MatterField(forms.CharField):
    """The number of a matter the person may tie to; gives the matter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=64, **kwargs)
        self.actor: Actor | None = None

    def clean(self, value: Any) -> Any:
        number = str(super().clean(value)).strip().upper()
        if not number:
            return None
        assert self.actor is not None
        found = policy.plannable(self.actor).filter(number=number).first()
        if found is None:
            raise ValidationError("没有找到这个事项，请核对编号。")
        return found


class PrepareForm(CaseForm[Any]):
    agenda = long_text("议程", 5, 5000, required=False, help_text="一行一项")
    material = forms.CharField(
        label="发布材料", max_length=LONG, widget=forms.Textarea(attrs={"rows": 12}),
        help_text="新闻通稿、口径、可能被问到的问题。审定以后再改，要重新送审。",
    )  # fmt: skip


class AttendanceForm(CaseForm[Any]):
    """Who attends: heads by name, spokespersons and experts from the rosters, others by name."""

    heads = long_text("部门负责人", 2, 300, required=False, help_text="一行一人：姓名，职务")
    spokespersons = forms.ModelMultipleChoiceField(
        label="新闻发言人",
        queryset=Spokesperson.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    experts = forms.ModelMultipleChoiceField(
        label="解读专家", queryset=Expert.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    others = long_text("其他人员", 2, 300, required=False, help_text="一行一人：姓名，职务")

    def prepare(self) -> None:
        today = timezone.localdate()
        people = Spokesperson.objects.filter(place=self.case.place, role=Spokesperson.Role.SPOKESPERSON)
        for name, rows in (
            ("spokespersons", people),
            ("experts", Expert.objects.filter(place=self.case.place)),
        ):
            current = rows.filter(since__lte=today).exclude(until__lte=today)
            self.fields[name].queryset = current  # type: ignore[attr-defined]

    @property
    def given(self) -> dict[str, Any]:
        kinds = Attendee.Kind
        rows: list[dict[str, Any]] = [
            *({"kind": kinds.HEAD, **one} for one in _people(self.cleaned_data["heads"])),
            *({"kind": kinds.SPOKESPERSON, "name": one.name, "title": one.title, "spokesperson": one}
              for one in self.cleaned_data["spokespersons"]),
            *({"kind": kinds.EXPERT, "name": one.name, "title": one.organisation[:64], "expert": one}
              for one in self.cleaned_data["experts"]),
            *({"kind": kinds.OFFICIAL, **one} for one in _people(self.cleaned_data["others"])),
        ]  # fmt: skip
        return {"attendees": rows}


def _people(text: str) -> list[dict[str, str]]:
    """Lines of 姓名，职务."""
    lines = (line.strip().replace(",", "，").partition("，") for line in text.splitlines() if line.strip())
    return [{"name": name.strip()[:32], "title": title.strip()[:64]} for name, _comma, title in lines]


class AnnounceForm(CaseForm[Any]):
    preview = long_text("预告", 5, 2000, help_text="什么时候、谈什么、谁来谈；读者会看到")


class RescheduleForm(CaseForm[Any]):
    starts_at = forms.DateTimeField(label="改到什么时候", widget=DateTimeInput)
    reason = long_text("改期理由", 2, 200, help_text="读者会看到")


class InviteForm(CaseForm[Any]):
    outlets = forms.ModelMultipleChoiceField(
        label="邀请哪些媒体", queryset=Outlet.objects.none(), widget=forms.CheckboxSelectMultiple,
        help_text="有采编邮箱的自动发邮件，其余打印送达",
    )  # fmt: skip

    def prepare(self) -> None:
        known = self.case.invitations.values("outlet")
        outlets = Outlet.objects.filter(place=self.case.place, is_active=True).exclude(pk__in=known)
        self.fields["outlets"].queryset = outlets  # type: ignore[attr-defined]


class HoldForm(CaseForm[Any]):
    held_at = forms.DateTimeField(
        label="实际举行时间", required=False, widget=DateTimeInput, help_text="刚刚举行的不用填"
    )
    because = long_text("补记理由", 2, 200, required=False, help_text="举行一小时以后才记的，写明为什么")


class PublishForm(CaseForm[Any]):
    record = forms.CharField(
        label="发布实录或摘要",
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="读者会看到",
    )
    video = forms.URLField(label="视频地址", required=False, assume_scheme="https")
    files_out = forms.ModelMultipleChoiceField(
        label="一起公开的附件", queryset=Attachment.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def prepare(self) -> None:
        self.fields["files_out"].queryset = Attachment.objects.of(ROOM, self.case.code)  # type: ignore[attr-defined]


class UpdateForm(CaseForm[Any]):
    facet = forms.ChoiceField(label="说哪一方面", widget=forms.RadioSelect)
    words = long_text("内容", 5, 2000, help_text="立即在门户公开")

    def prepare(self) -> None:
        self.offer("facet", "press.facet")


class LineForm(CaseForm[Any]):
    speaker = forms.CharField(label="谁说的", max_length=32)
    words = long_text("说了什么", 4, 2000, help_text="立即在门户公开")


class ChooseForm(CaseForm[Any]):
    chosen = forms.ModelMultipleChoiceField(
        label="选用哪些提问", queryset=CitizenQuestion.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    reason = forms.CharField(
        label="没有选用的理由", max_length=120, required=False, help_text="如：与本期题目无关、已有答复"
    )

    def prepare(self) -> None:
        rows = self.case.citizen_questions.all()
        self.fields["chosen"].queryset = rows  # type: ignore[attr-defined]
        self.initial.setdefault("chosen", list(rows.filter(state="chosen").values_list("pk", flat=True)))


class AskForm(CaseForm[Any]):
    outlet = forms.ModelChoiceField(
        label="哪家媒体", queryset=Outlet.objects.none(), required=False, empty_label="没有说明"
    )
    words = long_text("问了什么", 4, 1000)

    def prepare(self) -> None:
        self.fields["outlet"].queryset = Outlet.objects.filter(place=self.case.place)  # type: ignore[attr-defined]


class TieForm(CaseForm[Any]):
    kind = forms.ChoiceField(
        label="关系", widget=forms.RadioSelect,
        choices=[(Link.Kind.ANSWERS, "回应这个舆情"), (Link.Kind.AROSE_FROM, "题目来自这个事项")],
    )  # fmt: skip
    matter = MatterField(label="事项编号")

    def prepare(self) -> None:
        self.fields["matter"].actor = self.actor  # type: ignore[attr-defined]


# ---- interview requests ------------------------------------------------------------------------------------------


class AcceptForm(CaseForm[Any]):
    meets_at = forms.DateTimeField(label="约定时间", required=False, widget=DateTimeInput)
    by_head = forms.BooleanField(label="由负责同志受访", required=False)


class RecordInterviewForm(CaseForm[Any]):
    answered_by = forms.CharField(label="受访人和职务", max_length=64)
    by_head = forms.BooleanField(label="是负责同志", required=False)
    answer = long_text("答问摘要", 6, 5000)
    address = forms.URLField(label="报道网址", required=False, assume_scheme="https")


class RefuseForm(CaseForm[Any]):
    ground = forms.ChoiceField(label="理由类别", widget=forms.RadioSelect)
    reason = long_text("理由", 3, 300, help_text="无故推诿采访是失职情形，请写明理由")

    def prepare(self) -> None:
        self.offer("ground", "press.refusal_ground")


# ---- accounts ----------------------------------------------------------------------------------------------------


class MonthForm(CaseForm[Any]):
    month = forms.DateField(label="月份", widget=DateInput, help_text="选当月任意一天")
    followers = forms.IntegerField(label="关注人数", min_value=0)
    reads = forms.IntegerField(label="阅读次数", min_value=0, required=False)

    def clean_reads(self) -> int:
        return self.cleaned_data["reads"] or 0


# ---- failings ----------------------------------------------------------------------------------------------------


class OrderForm(CaseForm[Any]):
    order = long_text("整改要求", 3, 300)


class ResultForm(CaseForm[Any]):
    result = long_text("整改结果", 4, 500)


class ProposalForm(CaseForm[Any]):
    proposal = long_text("理由和建议", 4, 300)


class DecisionForm(CaseForm[Any]):
    outcome = forms.ChoiceField(
        label="决定", choices=choices(("追究责任", "不追究，批评教育", "不追究")), widget=forms.RadioSelect
    )
    decision = long_text("理由", 3, 240)


def matter_of(actor: Actor, number: str) -> Matter | None:
    """A matter named in an address, if the person may tie to it."""
    return policy.plannable(actor).filter(number=number.strip().upper()).first() if number else None
