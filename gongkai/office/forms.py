"""What the desk asks: an instant, an order of supervision, a report, preferences, local settings, facts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.ledger.choices import Choice
from gongkai.ledger.supervision import LONGEST, TERMS, term_zh
from gongkai.ledger.vocabulary import KINDS
from gongkai.office.local import CHOSEN, KEYS, VALUES
from gongkai.people.forms import OwnCardForm
from gongkai.people.models import Staff
from gongkai.ui.forms import DateInput, DateTimeInput, Form, reword

MOST_TEXT = 1024 * 1024  # bytes
LENGTHS = (
    ("working days", "个工作日"),
    ("days", "日（自然日）"),
    ("working hours", "个工作小时"),
    ("hours", "小时"),
    ("minutes", "分钟"),
)


class InstantForm(Form):
    """An instant in the past, at which the board or a duty is looked at."""

    at = forms.DateTimeField(
        label="看哪一刻的",
        widget=DateTimeInput(),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        help_text="只按那一刻以前已经记录的事实和账目来看；后来补记、更正、撤销的都不算。",
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean_at(self) -> datetime:
        at: datetime = self.cleaned_data["at"]
        if at > self.now:
            raise forms.ValidationError("这一刻还没有到，请选过去的时间。")
        return at


class OrderForm(Form):
    """An order of supervision."""

    within = forms.ChoiceField(
        label="多久报告结果", choices=[(term, term_zh(term)) for term in TERMS], initial=TERMS[1]
    )
    words = forms.CharField(
        label="督办要求",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写给承办单位看，不要写来信人的姓名、电话。",
    )


class ReportForm(Form):
    """What came of an order of supervision."""

    words = forms.CharField(
        label="督办结果",
        max_length=LONGEST,
        min_length=4,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="办了什么，什么时候办完；没有办完的写明还要多久。不要写来信人的姓名、电话。",
    )


class PreferenceForm(Form):
    """How a person wants to be reached outside the desk."""

    mail = forms.BooleanField(label="发电子邮件", required=False)
    sms = forms.BooleanField(label="发短信", required=False)
    digest = forms.BooleanField(label="每个工作日早上八点汇总未读", required=False)
    quiet_from = OwnCardForm.base_fields["quiet_from"]
    quiet_until = OwnCardForm.base_fields["quiet_until"]

    def clean(self) -> dict[str, Any]:
        return OwnCardForm.clean(self)  # type: ignore[arg-type]


class SettingForm(Form):
    """A value of a duty or list that the pack leaves to the place. `raw` is the value as the pack writes it."""

    def __init__(
        self, *args: Any, key: str, raw: Any, today: date, choice: Choice | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.key, self.raw, self.today, self.choice = key, raw, today, choice
        for name, field in self._asked():
            self.fields[name] = field
        self.fields["from_on"] = forms.DateField(
            label="从哪一天起",
            widget=DateInput(),
            initial=today + timedelta(days=1),
            help_text="从这一天起按新的算。"
            if choice is not None
            else "这一天和以后产生的应办事项按新的算；早先的按原来的算。",
        )
        for field in self.fields.values():
            reword(field)

    def _asked(self) -> list[tuple[str, forms.Field]]:
        if self.choice is not None:
            return [(self.key, _whole(f"{self.choice.label}（{self.choice.unit}）", self.raw))]
        match self.key:
            case "within" | "before":
                names = [name for name in self.raw if name != "by"] if isinstance(self.raw, dict) else [""]
                return [
                    pair for n, name in enumerate(names) for pair in self._length(n, name, self._span(name))
                ]
            case "extend":
                amount, unit = self.raw["max"].split(" ", 1)
                return [
                    ("amount", _whole(f"合计最多延长（{_unit_zh(unit)}）", int(amount))),
                    ("times", _whole("最多延长几次", self.raw.get("times", 1))),
                ]
            case "times":
                return [("max", _whole("最多几次", self.raw["max"]))]
            case "from" | "every":
                return [
                    (
                        self.key,
                        forms.ChoiceField(
                            label=KEYS[self.key], choices=list(CHOSEN[self.key].items()), initial=self.raw
                        ),
                    )
                ]
        return [
            (
                VALUES,
                forms.CharField(
                    label="增加哪些选项",
                    widget=forms.Textarea(attrs={"rows": 4}),
                    help_text="一行一项。规章列出的选项不能删改。",
                ),
            )
        ]

    def _span(self, name: str) -> str:
        span: str = self.raw[name] if isinstance(self.raw, dict) else self.raw
        return span

    def _length(self, n: int, name: str, span: str) -> list[tuple[str, forms.Field]]:
        amount, unit = span.split(" ", 1)
        unit = unit if unit.endswith("s") else f"{unit}s"
        whose = f"“{'其他' if name == 'otherwise' else name}”的" if name else ""
        return [
            (f"amount_{n}", _whole(f"{whose}时长", int(amount))),
            (f"unit_{n}", forms.ChoiceField(label=f"{whose}单位", choices=LENGTHS, initial=unit)),
        ]

    def clean_from_on(self) -> date:
        on: date = self.cleaned_data["from_on"]
        if on < self.today:
            raise forms.ValidationError("不能早于今天：已经算过的期限不能倒改，请选今天或以后。")
        return on

    def clean_values(self) -> list[str]:
        values = [line.strip()[:32] for line in self.cleaned_data[VALUES].splitlines() if line.strip()]
        if not values:
            raise forms.ValidationError("请至少写一项。")
        return list(dict.fromkeys(values))

    @property
    def value(self) -> Any:
        """What was asked for, as the pack would write it."""
        given = self.cleaned_data
        if self.choice is not None:
            return given[self.key]
        match self.key:
            case "within" if isinstance(self.raw, dict):
                names = [name for name in self.raw if name != "by"]
                by = {"by": self.raw["by"]} if "by" in self.raw else {}
                return by | {name: self._written(n) for n, name in enumerate(names)}
            case "within" | "before":
                return self._written(0)
            case "extend":
                unit = self.raw["max"].split(" ", 1)[1]
                return {**self.raw, "max": f"{given['amount']} {unit}", "times": given["times"]}
            case "times":
                return {**self.raw, "max": given["max"]}
            case "from" | "every":
                return given[self.key]
        return given[VALUES]

    def _written(self, n: int) -> str:
        return f"{self.cleaned_data[f'amount_{n}']} {self.cleaned_data[f'unit_{n}']}"


class SynonymForm(Form):
    """One group of words taken as equal."""

    words = forms.CharField(
        label="意思相同的词", max_length=200, help_text="用空格或顿号隔开，如：医保、医疗保险、社保卡"
    )


class SynonymFileForm(Form):
    """Groups of words taken as equal, as a text file."""

    file = forms.FileField(
        label="文本文件", help_text="一行一组，词用空格隔开；# 后面的不读。已有的组不重复。"
    )

    def clean_file(self) -> str:
        upload = self.cleaned_data["file"]
        if upload.size > MOST_TEXT:
            raise forms.ValidationError("文件超过 1 兆，请拆成几个。")
        content: bytes = upload.read()
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
        raise forms.ValidationError("读不出文字，请另存为 UTF-8 的文本文件再传。")


class FactForm(Form):
    """Questions to the facts of a place."""

    number = forms.CharField(label="事项编号", required=False, max_length=64)
    kind = forms.ChoiceField(label="事实", required=False)
    by = forms.ModelChoiceField(
        label="记录人", required=False, queryset=Staff.objects.none(), empty_label="不限"
    )
    since = forms.DateField(label="记录时间从", required=False, widget=DateInput())
    until = forms.DateField(label="记录时间到", required=False, widget=DateInput())

    def __init__(self, *args: Any, place: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = sorted((kind.says, name) for name, kind in KINDS.items())
        self.fields["kind"].choices = [("", "不限"), *((name, says) for says, name in kinds)]  # type: ignore[attr-defined]
        self.fields["by"].queryset = Staff.objects.filter(place=place).order_by("name")  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """Lookups of facts for what was asked."""
        given = self.cleaned_data
        asked: dict[str, Any] = {
            "matter__number__iexact": given.get("number"),
            "kind": given.get("kind"),
            "by": given.get("by"),
        }
        if given.get("since"):
            asked["recorded_at__gte"] = _midnight(given["since"])
        if given.get("until"):
            asked["recorded_at__lt"] = _midnight(given["until"] + timedelta(days=1))
        return {name: value for name, value in asked.items() if value}


def _whole(label: str, initial: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=999, initial=initial)


def _unit_zh(unit: str) -> str:
    return dict(LENGTHS).get(unit if unit.endswith("s") else f"{unit}s", unit)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))
