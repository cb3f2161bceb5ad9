"""What is filled in for responses, risks, inspections, lessons, bulletins and decisions on accountability."""

from __future__ import annotations

from typing import Any

from django import forms

from gongkai.ledger import asks as ledger
from gongkai.ledger.forms import offer
from gongkai.people.actor import Actor
from gongkai.people.fields import UnitField, standing_units
from gongkai.people.models import Power
from gongkai.ui.forms import DateInput, Form, long_text


class PlaceForm(Form):
    """A form whose choices are the place's lists; `lists` says which field reads which."""

    lists: dict[str, str] = {}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        for name, list_ in self.lists.items():
            offer(self, name, actor.place.code, list_)
        if "unit" in self.fields:
            self.fields["unit"].queryset = standing_units(actor)  # type: ignore[attr-defined]


class ResponseForm(PlaceForm):
    lists = {"form": "response.form"}
    form = forms.ChoiceField(label="回应形式")
    title = forms.CharField(label="标题", max_length=120)
    text = long_text(
        "正文",
        12,
        20000,
        required=False,
        help_text="逐个回答大家最关心的问题，写明依据、措施、时间和联系方式",
    )
    speaker = forms.CharField(
        label="由谁发声", max_length=64, required=False, help_text="部门负责人、新闻发言人或专家"
    )


class DecisionForm(PlaceForm):
    decided = forms.TypedChoiceField(
        label="决定", choices=[("yes", "采取这项措施"), ("no", "不采取")], coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )  # fmt: skip
    is_borne = forms.BooleanField(label="属于容错情形（出面回应者的无心之失）", required=False)
    words = long_text("理由", 3, 300)


class ReceiptForm(Form):
    outcome = forms.CharField(label="说明（可不填）", max_length=300, required=False)


class InspectionForm(PlaceForm):
    lists = {"what": "opinion.inspected"}
    unit = UnitField(label="被督查单位")
    what = forms.ChoiceField(label="督查内容", widget=forms.RadioSelect)
    on = forms.DateField(label="督查日期", widget=DateInput)
    found = long_text("发现的情况", 4, 2000)
    to_mend = forms.CharField(label="要整改的", max_length=300, required=False)


class MendForm(Form):
    words = long_text("整改情况", 3, 300)


class ExchangeForm(PlaceForm):
    lists = {"kind": "exchange.kind"}
    kind = forms.ChoiceField(label="类别", widget=forms.RadioSelect)
    unit = UnitField(label="单位")
    title = forms.CharField(label="标题", max_length=120)
    text = long_text("内容", 6, 5000)
    area = forms.ChoiceField(label="属于哪个试点领域", required=False)
    about = UnitField(label="说的是哪个单位", required=False, empty_label="不涉及别的单位")
    is_good = forms.BooleanField(label="作为好经验推广", required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        mine = self.fields["unit"].queryset.filter(pk__in=actor.all_units)  # type: ignore[attr-defined]
        self.fields["unit"].queryset = mine  # type: ignore[attr-defined]
        self.fields["unit"].initial = actor.home
        self.fields["about"].queryset = standing_units(actor)  # type: ignore[attr-defined]
        offer(self, "area", actor.place.code, "pilot.area", "不属于")
        if not (actor.may(Power.OVERSEE) or actor.may(Power.WATCH)):
            del self.fields["is_good"]


class BulletinForm(Form):
    title = forms.CharField(label="标题", max_length=120)
    from_on = forms.DateField(label="从", widget=DateInput)
    until_on = forms.DateField(label="到", widget=DateInput)
    words = long_text("说明", 4, 2000, required=False)


class PilotForm(PlaceForm):
    lists = {"area": "pilot.area"}
    unit = UnitField(label="试点单位")
    area = forms.ChoiceField(label="试点领域", help_text="没有要选的领域，请先在“地方设定”里登记")
    from_on = forms.DateField(label="从哪天起", widget=DateInput)
    until_on = forms.DateField(label="到哪天止", required=False, widget=DateInput)


class PairForm(PlaceForm):
    lists = {"area": "pilot.area"}
    area = forms.ChoiceField(label="试点领域")
    unit = UnitField(label="检查单位")
    about = UnitField(label="被查单位")
    is_mutual = forms.BooleanField(label="两个单位互相查", required=False, initial=True)
    due_on = forms.DateField(label="最晚哪天报告", widget=DateInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        pilots = self.fields["unit"].queryset.filter(pk__in=actor.place.pilots.values("unit"))  # type: ignore[attr-defined]
        for name in ("unit", "about"):
            self.fields[name].queryset = pilots  # type: ignore[attr-defined]


class CheckForm(Form):
    title = forms.CharField(label="标题", max_length=120)
    text = long_text("查到的情况和发现的问题", 6, 5000)


class YearForm(Form):
    """Hand the figures of a year over; once that was done, with the reason of the correction."""

    because = long_text(
        "更正事由", 3, 200, required=False, help_text="上次报送以后为什么变了；会和记录时间一起显示"
    )

    def __init__(self, *args: Any, again: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not again:
            del self.fields["because"]


class RiskForm(PlaceForm):
    unit = UnitField(label="决策单位")
    title = forms.CharField(label="要出台的决策", max_length=120)
    about = forms.CharField(
        label="对应的公文编号", max_length=64, required=False, help_text="如 GW-2026-0310-0001，可不填"
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        mine = actor.units(Power.RESPOND, Power.DRAFT)
        self.fields["unit"].queryset = self.fields["unit"].queryset.filter(pk__in=mine)  # type: ignore[attr-defined]


class FindingsForm(PlaceForm):
    """One block a method of the place's list: how many were asked or read, what was found."""

    lists = {"level": "risk.level"}
    level = forms.ChoiceField(label="风险等级", widget=forms.RadioSelect)
    plan = long_text("应对预案", 5, 5000, help_text="可能出现什么、怎样应对、由谁负责")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.methods = ledger.values_of(actor.place.code, "risk.method")
        blocks: dict[str, forms.Field] = {}
        for n, method in enumerate(self.methods):
            blocks[f"asked_{n}"] = forms.IntegerField(label=f"{method}：样本数", min_value=0, required=False)
            blocks[f"found_{n}"] = long_text(f"{method}：结果", 3, 2000, required=False)
        self.fields = {**blocks, **self.fields}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not any(given.get(f"found_{n}", "").strip() for n in range(len(self.methods))):
            self.add_error(f"found_{0}", f"至少用一种方法评估：{'、'.join(self.methods)}。")
        return given

    @property
    def given(self) -> dict[str, Any]:
        """Rows of method, sample and finding; level and plan."""
        rows = [
            {
                "method": method,
                "asked": self.cleaned_data[f"asked_{n}"],
                "found": self.cleaned_data[f"found_{n}"].strip(),
            }
            for n, method in enumerate(self.methods)
            if self.cleaned_data[f"found_{n}"].strip()
        ]
        return {"findings": rows, "level": self.cleaned_data["level"], "plan": self.cleaned_data["plan"]}
