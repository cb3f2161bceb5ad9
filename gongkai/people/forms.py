"""What is asked of the administrator, the auditor and of everybody about themselves."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from gongkai.people import policy
from gongkai.people.actor import Actor
from gongkai.people.models import AccountEvent, Duty, Holding, Place, Post, Power, Staff, Unit
from gongkai.ui.forms import DateInput, DateTimeInput, Form

USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")
PHONE = re.compile(r"[0-9+][0-9 ()转-]{4,30}")
MAP_SIDE = 20  # rows and columns of a tile map


def check_username(text: str) -> str:
    """Return the account name in lower case. Raises ValidationError with the remedy when it will not do."""
    name = text.strip().lower()
    if not USERNAME.fullmatch(name):
        raise ValidationError("账号用小写字母开头，可以有数字、点和横线，3 到 32 位，如 wangmin。")
    if Staff.objects.filter(username=name).exists():
        raise ValidationError(f"账号 {name} 已经有人用了，请换一个，如加上数字。")
    return name


class PhoneField(forms.CharField):
    """A telephone number as people write it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=32, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}), **kwargs
        )

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        if number and not PHONE.fullmatch(number):
            raise ValidationError("电话只写数字、空格、横线和“转”，如 0851-28250000 转 801。")
        return number


class UnitField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A unit chosen by its full name."""

    def label_from_instance(self, unit: Any) -> str:
        return str(unit.name)


class StaffField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A person chosen by name and account."""

    def label_from_instance(self, staff: Any) -> str:
        return f"{staff.name}（{staff.username}）"


class UnitForm(Form):
    """A unit: what it is called, what it answers for, how it is reached."""

    name = forms.CharField(label="全称", max_length=64, help_text="如：清源县住房和城乡建设局")
    short_name = forms.CharField(label="简称", max_length=16, help_text="列表和通报里用，如：县住建局")
    code = forms.CharField(label="单位编号", max_length=32, help_text="全系统不重复；定了就不要再改")
    kind = forms.ChoiceField(label="性质", choices=Unit.Kind.choices)
    superior = UnitField(label="上级单位", queryset=Unit.objects.none(), required=False, empty_label="没有")
    duties = forms.MultipleChoiceField(
        label="在公开工作中的职能",
        choices=Duty.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="规定里写“主管部门”“信访部门”时，系统据此找到单位",
    )
    competence = forms.CharField(
        label="职责清单",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="每行一项，如：物业管理、电梯、井盖。分办留言时按这些词提建议",
    )
    phone = PhoneField(label="电话", required=False)
    address = forms.CharField(label="地址", max_length=128, required=False)
    webhook = forms.URLField(
        label="群机器人通知地址",
        required=False,
        assume_scheme="https",
        help_text="钉钉、企业微信、飞书群机器人的地址，以 https:// 开头",
        error_messages={"invalid": "通知地址应以 https:// 开头，请从群机器人的设置里整段复制。"},
    )
    opened_on = forms.DateField(label="设立日期", required=False, widget=DateInput)
    map_row = forms.IntegerField(
        label="方格图第几行",
        required=False,
        min_value=1,
        max_value=MAP_SIDE,
        help_text="只有乡镇（街道）要填：在本地的大致方位，从北往南数。舆情看板据此画方格图",
    )
    map_column = forms.IntegerField(
        label="方格图第几列", required=False, min_value=1, max_value=MAP_SIDE, help_text="从西往东数"
    )

    def __init__(self, *args: Any, actor: Actor, unit: Unit | None = None, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.unit = actor, unit
        superiors = policy.visible_units(actor).standing(on)
        _offer(self, "superior", superiors.exclude(pk__in=_below(unit)) if unit else superiors)
        if unit and unit.closed_on:
            self.fields["closed_on"] = forms.DateField(label="撤并日期", widget=DateInput)

    @staticmethod
    def given(unit: Unit) -> dict[str, Any]:
        """What the form shows of a unit at first."""
        fields = [name for name in UnitForm.base_fields if name != "duties"]
        card = {name: getattr(unit, name) for name in [*fields, "closed_on"]}
        return card | {"duties": list(unit.responsibilities.values_list("duty", flat=True))}

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if _others(policy.visible_units(self.actor), self.unit).filter(name=name).exists():
            raise ValidationError(f"已经有“{name}”。同一地区的单位全称不能重复，撤并的也算。")
        return name

    def clean_code(self) -> str:
        return _free_code(str(self.cleaned_data["code"]), self.unit)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        square = {name: given.get(name) for name in ("map_row", "map_column")}
        if None in square.values():
            if any(square.values()) and not self.errors:
                self.add_error("map_row", "方格图的行和列要么都填，要么都不填。")
            return given
        there = _others(policy.visible_units(self.actor), self.unit).filter(closed_on=None, **square)
        if taken := there.first():
            self.add_error("map_row", f"这一格已经是{taken.short_name}，请换一格。")
        return given


class ClosureForm(Form):
    """From which day a unit is merged, and into which."""

    on = forms.DateField(label="自哪天起", widget=DateInput)
    successor = UnitField(
        label="承接单位",
        queryset=Unit.objects.none(),
        help_text="这天以后的新来件、原单位的职能和下级单位归它；没有办完的件不会自动转走",
    )

    def __init__(self, *args: Any, actor: Actor, unit: Unit, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "successor", policy.visible_units(actor).standing(on).exclude(pk=unit.pk))


class RenameForm(Form):
    """The new name a unit bears by decision, from a day on."""

    on = forms.DateField(label="自哪天起", widget=DateInput)
    name = forms.CharField(label="新的全称", max_length=64)
    short_name = forms.CharField(label="新的简称", max_length=16)
    code = forms.CharField(label="新的单位编号", max_length=32, help_text="全系统不重复")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if policy.visible_units(self.actor).filter(name=name).exists():
            raise ValidationError(f"已经有“{name}”。同一地区的单位全称不能重复，撤并的也算。")
        return name

    def clean_code(self) -> str:
        return _free_code(str(self.cleaned_data["code"]))


class PostForm(Form):
    """A post and what it lets its holders do."""

    name = forms.CharField(label="岗位名称", max_length=32, help_text="如：承办岗、审签岗")
    section = forms.CharField(label="科室", max_length=32, required=False)
    powers = forms.MultipleChoiceField(
        label="权限",
        choices=[(power.value, f"{power.label}：{power.meaning}") for power in Power],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="只在本单位内有效；写明“全地区”的和管理、审计、本地设定除外",
    )


class NewStaffForm(Form):
    """A person who gets an account."""

    name = forms.CharField(label="姓名", max_length=32)
    username = forms.CharField(
        label="账号", max_length=32, help_text="一般用姓名拼音，如 wangmin；以后不能改"
    )
    phone = PhoneField(label="手机", required=False, help_text="催办短信发到这里")
    email = forms.EmailField(label="电子邮箱", required=False)

    def clean_username(self) -> str:
        return check_username(str(self.cleaned_data["username"]))


class StaffForm(Form):
    """A person's name and how to reach them."""

    name = forms.CharField(label="姓名", max_length=32)
    phone = PhoneField(label="手机", required=False)
    email = forms.EmailField(label="电子邮箱", required=False)


class AppointForm(Form):
    """Which post a person takes, as A or B, and from when."""

    post = forms.ModelChoiceField(label="岗位", queryset=Post.objects.none(), empty_label="请选择")
    rank = forms.ChoiceField(
        label="角色",
        choices=[(Holding.Rank.A, "A角：平时办理"), (Holding.Rank.B, "B角：A角请假时代办")],
        widget=forms.RadioSelect,
        initial=Holding.Rank.A,
    )
    from_on = forms.DateField(label="从哪天起", required=False, widget=DateInput, help_text="不填就是马上")
    until_on = forms.DateField(
        label="到哪天止", required=False, widget=DateInput, help_text="从这一天起不再任职；不填就是一直任职"
    )

    def __init__(self, *args: Any, actor: Actor, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standing = policy.visible_units(actor).standing(on)
        posts = policy.visible_posts(actor).filter(unit__in=standing)
        _offer(self, "post", posts.select_related("unit"))

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("from_on"), self.cleaned_data.get("until_on")
        if first and last and last <= first:
            self.add_error("until_on", "结束的日子应在开始之后，请改正。")
        return self.cleaned_data


class EndForm(Form):
    """From which day a person no longer holds a post."""

    on = forms.DateField(label="从哪天起不再任职", widget=DateInput)


class LeaveForm(Form):
    """First and last day away."""

    first_on = forms.DateField(label="第一天", widget=DateInput)
    last_on = forms.DateField(label="最后一天", widget=DateInput, help_text="这一天也算请假")
    reason = forms.CharField(
        label="事由", max_length=64, required=False, help_text="如：年休假、出差、培训。不要写病情"
    )

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first_on"), self.cleaned_data.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", "最后一天不能早于第一天，请改正。")
        if first and last and last - first > timedelta(days=366):
            self.add_error("last_on", "一次最多登记一年；更长的请免去岗位。")
        return self.cleaned_data


class WatchForm(Form):
    """Who is on duty, from when until when, and which number is answered."""

    unit = UnitField(label="值班单位", queryset=Unit.objects.none(), empty_label="请选择")
    staff = StaffField(label="值班人", queryset=Staff.objects.none(), empty_label="请选择")
    starts_at = forms.DateTimeField(label="开始", widget=DateTimeInput)
    ends_at = forms.DateTimeField(label="结束", widget=DateTimeInput)
    phone = PhoneField(label="24小时电话", help_text="打过去一定有人接的号码")
    days = forms.IntegerField(
        label="连续排几天", min_value=1, max_value=31, initial=1, help_text="每天同样的时间"
    )

    def __init__(self, *args: Any, units: QuerySet[Unit], staff: QuerySet[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "unit", units)
        _offer(self, "staff", staff)

    def clean(self) -> dict[str, Any]:
        start, end = self.cleaned_data.get("starts_at"), self.cleaned_data.get("ends_at")
        if start and end and end <= start:
            self.add_error("ends_at", "结束应在开始之后，请改正。")
        elif start and end and end - start > timedelta(days=7):
            self.add_error("ends_at", "一班最长 7 天，请分开排。")
        return self.cleaned_data


class OwnCardForm(Form):
    """How to reach oneself, and when not to."""

    phone = PhoneField(label="手机", required=False)
    email = forms.EmailField(label="电子邮箱", required=False)
    quiet_from = forms.TimeField(
        label="免打扰从几点", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label="免打扰到几点",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="这段时间只发紧急的短信和邮件，其余等到结束后再发",
    )

    def clean(self) -> dict[str, Any]:
        start, end = self.cleaned_data.get("quiet_from"), self.cleaned_data.get("quiet_until")
        if (start is None) != (end is None):
            missing = "quiet_until" if end is None else "quiet_from"
            self.add_error(missing, "免打扰要同时填开始和结束，或者都不填。")
        return self.cleaned_data


class LogForm(Form):
    """Questions to the account log."""

    staff = StaffField(label="人员", queryset=Staff.objects.none(), required=False, empty_label="所有人")
    what = forms.ChoiceField(
        label="事项", choices=[("", "所有事项"), *AccountEvent.What.choices], required=False
    )
    since = forms.DateField(label="从", required=False, widget=DateInput)
    until = forms.DateField(label="到", required=False, widget=DateInput)

    def __init__(self, *args: Any, staff: QuerySet[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "staff", staff)


class FirstForm(Form):
    """The place and the person an empty installation begins with."""

    code = forms.RegexField(
        r"^\d{6}$",
        label="行政区划代码",
        help_text="六位数，如遵义市 520300。适用哪些规定由它决定",
        error_messages={"invalid": "行政区划代码是六位数字，请在民政部公布的代码表里查。"},
    )
    place_name = forms.CharField(label="地区名称", max_length=32, help_text="如：清源县")
    slug = forms.RegexField(
        r"^[a-z][a-z0-9-]{1,31}$",
        label="网址名",
        help_text="门户地址的一段，用小写拼音，如 qingyuan",
        error_messages={"invalid": "网址名用小写字母开头，可以有数字和横线，如 qingyuan。"},
    )
    government = forms.CharField(label="政府名称", max_length=64, help_text="如：清源县人民政府")
    name = forms.CharField(label="您的姓名", max_length=32)
    username = forms.CharField(label="账号", max_length=32, help_text="一般用姓名拼音，如 wutao")
    password = forms.CharField(
        label="口令",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="至少 10 位，要有小写字母、大写字母、数字、其他符号中的三种",
    )

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"])
        if (
            slug in RESERVED
            or Place.objects.filter(slug=slug).exclude(code=self.data.get("code", "")).exists()
        ):
            raise ValidationError(f"网址名 {slug} 已经用了，请换一个。")
        return slug

    def clean_username(self) -> str:
        return check_username(str(self.cleaned_data["username"]))

    def clean(self) -> dict[str, Any]:
        if password := self.cleaned_data.get("password"):
            person = Staff(
                username=self.cleaned_data.get("username", ""), name=self.cleaned_data.get("name", "")
            )
            try:
                validate_password(password, person)
            except ValidationError as error:
                self.add_error("password", error)
        return self.cleaned_data


# First segments of addresses that are not a place's.
RESERVED = frozenset({"office", "static", "files", "api", "kiosk", "health"})


def _offer(form: Form, name: str, rows: QuerySet[Any]) -> None:
    """Let the field of a form choose from these rows."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


def _others(units: QuerySet[Unit], unit: Unit | None) -> QuerySet[Unit]:
    return units.exclude(pk=unit.pk) if unit else units


def _free_code(code: str, unit: Unit | None = None) -> str:
    if _others(Unit.objects.all(), unit).filter(code=code).exists():
        raise ValidationError(f"单位编号 {code} 已经用了，请换一个。")
    return code


def _below(unit: Unit) -> list[int]:
    """The unit and every unit under it: none of them may become its superior."""
    found, row = [unit.pk], [unit.pk]
    while row := list(
        Unit.objects.filter(superior__in=row).exclude(pk__in=found).values_list("pk", flat=True)
    ):
        found += row
    return found
