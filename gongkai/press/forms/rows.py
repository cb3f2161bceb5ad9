"""What is filled in for a new case, and for the rows of rosters and registers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from gongkai.ledger.forms import offer
from gongkai.people.actor import Actor
from gongkai.people.fields import UnitField, standing_units
from gongkai.people.models import Staff
from gongkai.press import policy
from gongkai.press.forms.acts import MatterField
from gongkai.press.models import Account, Evaluation, Outlet, PressEvent, Spokesperson
from gongkai.ui.forms import DateInput, DateTimeInput, Form, long_text


class RowForm(Form):
    """A form whose choices depend on who fills it in; `unit` offers the units they keep."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        if "unit" in self.fields:
            self.fields["unit"].queryset = policy.kept_units(actor)  # type: ignore[attr-defined]
        self.prepare()

    def prepare(self) -> None:
        """Set what depends on the person."""

    def offer(self, name: str, list_: str, empty: str = "") -> None:
        offer(self, name, self.actor.place.code, list_, empty)


class EventForm(RowForm):
    """A press event as it is planned."""

    unit = UnitField(label="主办单位", empty_label=None)
    title = forms.CharField(label="题目", max_length=200)
    form = forms.ChoiceField(label="发布形式", widget=forms.RadioSelect)
    topic = forms.ChoiceField(label="题目来源", widget=forms.RadioSelect)
    hot = forms.ChoiceField(
        label="是不是要快速反应的事件", required=False, help_text="选了以后，从现在起计时，要尽快公开澄清"
    )
    is_overall = forms.BooleanField(label="涉全局的发布例会（指标完成、重大决策、项目推进）", required=False)
    is_major = forms.BooleanField(label="重大信息，发布前要有传播方案", required=False)
    starts_at = forms.DateTimeField(label="举行时间", required=False, widget=DateTimeInput)
    where = forms.CharField(label="地点", max_length=120, required=False)
    host = forms.CharField(label="主持人", max_length=64, required=False)
    answers = MatterField(label="回应哪个舆情", required=False, help_text="舆情编号，如 YQ-2026-0511-0001")
    arose_from = MatterField(label="题目来自哪个事项", required=False, help_text="会议或公文的编号，可以不填")

    def __init__(self, *args: Any, event: PressEvent | None = None, **kwargs: Any) -> None:
        self.event = event
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        self.offer("form", "press.form")
        self.offer("topic", "press.topic")
        self.offer("hot", "press.hot", "不是")
        if self.event is not None:
            for name in ("unit", "answers", "arose_from"):
                del self.fields[name]
            return
        for name in ("answers", "arose_from"):
            self.fields[name].actor = self.actor  # type: ignore[attr-defined]

    @property
    def given(self) -> dict[str, Any]:
        """What the action is given."""
        given = dict(self.cleaned_data)
        for name in {"answers", "arose_from"} & set(given):
            given[name] = [given[name]] if given[name] else []
        return given


class SpokespersonForm(RowForm):
    unit = UnitField(label="单位", empty_label=None)
    name = forms.CharField(label="姓名", max_length=32)
    title = forms.CharField(label="职务", max_length=64)
    role = forms.ChoiceField(
        label="担任", choices=Spokesperson.Role.choices, widget=forms.RadioSelect, initial="新闻发言人"
    )
    phone = forms.CharField(
        label="媒体联系电话", max_length=32, required=False, help_text="办公电话，在门户公开；不要填私人手机"
    )
    staff = forms.ModelChoiceField(
        label="工作台人员", queryset=Staff.objects.none(), required=False, empty_label="没有账号",
        help_text="有账号的选上，评估时本人要回避",
    )  # fmt: skip
    since = forms.DateField(label="任职起", widget=DateInput)
    until = forms.DateField(label="任职止", required=False, widget=DateInput)

    def prepare(self) -> None:
        self.fields["staff"].queryset = self.actor.place.staff.filter(is_active=True)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        return _in_order(self)


def _in_order(form: Form) -> dict[str, Any]:
    since, until = form.cleaned_data.get("since"), form.cleaned_data.get("until")
    if since and until and until < since:
        form.add_error("until", "任职止不能早于任职起，请核对。")
    return form.cleaned_data


class TrainingForm(RowForm):
    on = forms.DateField(label="日期", widget=DateInput)
    ability = forms.ChoiceField(label="哪种能力", widget=forms.RadioSelect)
    title = forms.CharField(label="培训内容", max_length=120)
    hours = forms.IntegerField(label="学时", min_value=0, max_value=200, required=False)

    def prepare(self) -> None:
        self.offer("ability", "press.ability")

    def clean_hours(self) -> int:
        return self.cleaned_data["hours"] or 0


class ExpertForm(RowForm):
    unit = UnitField(label="聘请单位", empty_label=None)
    name = forms.CharField(label="姓名", max_length=32)
    organisation = forms.CharField(label="所在单位和职务", max_length=120)
    field = forms.CharField(label="解读领域", max_length=64)
    is_counsel = forms.BooleanField(label="是法律顾问", required=False)
    since = forms.DateField(label="聘请起", widget=DateInput)
    until = forms.DateField(label="聘请止", required=False, widget=DateInput)

    def clean(self) -> dict[str, Any]:
        return _in_order(self)


class OutletForm(RowForm):
    name = forms.CharField(label="媒体名称", max_length=64)
    kind = forms.ChoiceField(label="类型", widget=forms.RadioSelect)
    email = forms.EmailField(label="采编邮箱", required=False, help_text="采编部门的邮箱，采访邀请发到这里")
    phone = forms.CharField(label="采编电话", max_length=32, required=False)
    is_active = forms.BooleanField(label="在联系", required=False, initial=True)

    def __init__(self, *args: Any, row: Outlet | None = None, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        self.offer("kind", "press.outlet")

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        twin = Outlet.objects.filter(place=self.actor.place, name=name)
        if twin.exclude(pk=self.row.pk if self.row else 0).exists():
            raise ValidationError("这家媒体已经登记过，请到它那一页修改。")
        return name


class JournalistForm(RowForm):
    name = forms.CharField(label="姓名", max_length=32)
    credential = forms.CharField(label="记者证号", max_length=32, required=False)
    beat = forms.CharField(label="报道领域", max_length=64, required=False)
    contact = forms.CharField(
        label="联系方式",
        max_length=64,
        required=False,
        help_text="加密保存，页面上只显示遮盖后的；不改就空着",
    )
    is_active = forms.BooleanField(label="在联系", required=False, initial=True)


class InvitationForm(RowForm):
    answer = forms.ChoiceField(
        label="回复", choices=[("", "未回复"), ("yes", "参加"), ("no", "不参加")], required=False,
        widget=forms.RadioSelect,
    )  # fmt: skip
    attended = forms.TypedChoiceField(
        label="到场", choices=[("", "还不知道"), ("yes", "到了"), ("no", "没有到")], required=False, empty_value=None,
        coerce=lambda value: value == "yes", widget=forms.RadioSelect,
    )  # fmt: skip


class AnswerForm(RowForm):
    """The answer to a question of the media, or why there is none."""

    answer = long_text("答复", 6, 5000, required=False)
    refusal = long_text("不便答复的理由", 2, 300, required=False, help_text="没有答复的必须写明")

    def clean(self) -> dict[str, Any]:
        if not self.errors and not (
            self.cleaned_data["answer"].strip() or self.cleaned_data["refusal"].strip()
        ):
            self.add_error("answer", "请写答复；不便答复的，写明理由。")
        return self.cleaned_data


class RequestForm(RowForm):
    unit = UnitField(label="受访单位", empty_label=None)
    outlet = forms.ModelChoiceField(label="媒体", queryset=Outlet.objects.none(), empty_label=None)
    title = forms.CharField(label="采访题目", max_length=200)
    words = long_text("想采访什么", 5, 1000, help_text="媒体的提纲")
    wants_head = forms.BooleanField(label="希望专访负责同志", required=False)
    answers = MatterField(label="和哪个舆情有关", required=False, help_text="舆情编号，可以不填")

    def prepare(self) -> None:
        self.fields["outlet"].queryset = Outlet.objects.filter(place=self.actor.place, is_active=True)  # type: ignore[attr-defined]
        self.fields["answers"].actor = self.actor  # type: ignore[attr-defined]

    @property
    def given(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        given["answers"] = [given["answers"]] if given["answers"] else []
        return given


class AccountForm(RowForm):
    """An account as it is asked for, or changed."""

    unit = UnitField(label="开设单位", empty_label=None, help_text="谁开设谁主管谁应用谁负责")
    platform = forms.ChoiceField(label="平台", widget=forms.RadioSelect)
    name = forms.CharField(label="账号名称", max_length=64)
    handle = forms.CharField(label="账号标识", max_length=64, required=False)
    address = forms.URLField(label="网址", required=False, assume_scheme="https")
    purpose = forms.CharField(label="用途", max_length=200, required=False)
    keeper_a = forms.ModelChoiceField(label="A 角", queryset=Staff.objects.none())
    keeper_b = forms.ModelChoiceField(label="B 角", queryset=Staff.objects.none())
    review_rule = long_text(
        "审核发布规范", 4, 3000, required=False, help_text="谁起草、谁审核、谁发布；没有它不能启用"
    )
    security_rule = long_text(
        "应用安全管理规定", 4, 3000, required=False, help_text="口令、设备、人员变动、应急；没有它不能启用"
    )
    connector = forms.ChoiceField(
        label="推送方式", choices=Account.Connector.choices, widget=forms.RadioSelect, initial="file"
    )
    hook = forms.URLField(label="接口网址", required=False, assume_scheme="https")
    secret = forms.CharField(
        label="接口密钥", max_length=128, required=False, help_text="加密保存；不改就空着",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, row: Account | None = None, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        self.offer("platform", "account.platform")
        for name in ("keeper_a", "keeper_b"):
            self.fields[name].queryset = self.actor.place.staff.filter(is_active=True)  # type: ignore[attr-defined]
        if self.row is not None:
            for name in ("unit", "platform", "name"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("keeper_a") and given.get("keeper_a") == given.get("keeper_b"):
            self.add_error("keeper_b", "A 角和 B 角不能是同一个人。")
        if given.get("connector", "file") not in ("", Account.Connector.FILE) and not given.get("hook"):
            self.add_error("hook", "推送到接口的，请写接口网址。")
        return given


class PostForm(RowForm):
    """Something written for accounts."""

    title = forms.CharField(label="标题", max_length=200)
    text = long_text("正文", 10, 5000)
    accounts = forms.ModelMultipleChoiceField(
        label="发到哪些账号", queryset=Account.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def prepare(self) -> None:
        kept = policy.kept_units(self.actor)
        rows = Account.objects.filter(place=self.actor.place, stage="active", unit__in=kept)
        self.fields["accounts"].queryset = rows.select_related("unit")  # type: ignore[attr-defined]


class NewPostForm(PostForm):
    unit = UnitField(label="单位", empty_label=None)

    field_order = ("unit", "title", "text", "accounts")


class ReadsForm(RowForm):
    reads = forms.IntegerField(label="阅读人数", min_value=0)


class PlanForm(RowForm):
    """A line of a plan of dissemination."""

    channel = forms.ChoiceField(label="渠道", widget=forms.RadioSelect)
    on = forms.DateTimeField(label="什么时候", widget=DateTimeInput)
    unit = UnitField(label="负责单位", empty_label=None)
    who = forms.CharField(label="谁来办", max_length=32, required=False)
    words = forms.CharField(label="内容要点", max_length=300, required=False)

    def prepare(self) -> None:
        self.offer("channel", "press.channel")
        self.fields["unit"].queryset = standing_units(self.actor)  # type: ignore[attr-defined]


class ReachForm(RowForm):
    reach = forms.IntegerField(label="到达人数", min_value=0, required=False)


class EvaluationForm(RowForm):
    grade = forms.ChoiceField(label="等次", choices=Evaluation.Grade.choices, widget=forms.RadioSelect)
    words = long_text("评语", 3, 500, required=False)


class FailingForm(RowForm):
    unit = UnitField(label="单位", empty_label=None)
    spokesperson = forms.ModelChoiceField(
        label="新闻发言人", queryset=Spokesperson.objects.none(), required=False, empty_label="不涉及个人"
    )
    fault = forms.ChoiceField(label="失职情形", widget=forms.RadioSelect)
    words = long_text("事实", 4, 500, help_text="什么时候、什么事、怎样失职；不写无关的个人信息")
    about = forms.CharField(label="有关事项编号", max_length=64, required=False)

    def prepare(self) -> None:
        self.offer("fault", "press.fault")
        people = Spokesperson.objects.filter(place=self.actor.place)
        self.fields["spokesperson"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        person, unit = self.cleaned_data.get("spokesperson"), self.cleaned_data.get("unit")
        if person is not None and unit is not None and person.unit_id != unit.pk:
            self.add_error("spokesperson", "这位发言人不是这个单位的，请核对。")
        return self.cleaned_data


class ReadingForm(RowForm):
    each = forms.ChoiceField(
        label="怎样理解“每年不少于2次”", widget=forms.RadioSelect,
        choices=[("place", "全地区合计"), ("unit", "各单位各自")],
    )  # fmt: skip
    year = forms.IntegerField(label="从哪一年起", min_value=2000, max_value=2100)
