"""What is filled in about the catalogue, the negative list and the self-check."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from gongkai.documents import policy
from gongkai.documents.models import Document
from gongkai.ledger import asks as ledger
from gongkai.ledger.forms import offer
from gongkai.people.actor import Actor
from gongkai.people.fields import UnitField
from gongkai.people.models import Unit
from gongkai.ui.forms import Form, choices, long_text


class EntryForm(Form):
    """A row of the proactive catalogue."""

    unit = UnitField(label="公开主体", empty_label=None)
    area = forms.CharField(label="领域", max_length=32)
    item = forms.CharField(label="一级事项", max_length=64)
    subitem = forms.CharField(label="二级事项", max_length=64, required=False)
    openness = forms.ChoiceField(label="五公开", required=False)
    content = long_text("公开内容（要素）", 3)
    basis = long_text("公开依据", 2, required=False)
    limit = forms.CharField(label="公开时限", max_length=200, help_text="如：形成之日起5个工作日内")
    channels = forms.CharField(label="公开渠道和载体", max_length=200, initial="政府网站")
    audience = forms.CharField(label="公开对象", max_length=64, initial="全社会")
    manner = forms.ChoiceField(label="公开方式", choices=choices(("主动", "依申请")))
    level = forms.CharField(label="公开层级", max_length=16, required=False, help_text="如：县级、乡镇级")

    def __init__(self, *args: Any, actor: Actor, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "openness", actor.place.code, policy.OPENNESS, "不分")
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class CatalogueFileForm(Form):
    file = forms.FileField(
        label="目录表格", help_text="CSV 或 XLSX，表头和导出的一样；会替换这一年原来的内容"
    )


class NegativeForm(Form):
    """A matter for the negative list."""

    unit = UnitField(label="单位", empty_label=None)
    item = forms.CharField(label="事项", max_length=120)
    ground = forms.ChoiceField(label="理由类别")
    reason = long_text("理由", 2, 300)
    basis = forms.CharField(label="依据", max_length=300, required=False)

    def __init__(self, *args: Any, actor: Actor, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = actor.place.code
        grounds = ledger.values_of(place, "disclosure.negative_ground")
        grounds = grounds or ledger.values_of(place, "disclosure.withheld_ground")
        self.fields["ground"].choices = choices(grounds)  # type: ignore[attr-defined]
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class ReassessmentForm(Form):
    """A withheld document judged again."""

    keeps = forms.TypedChoiceField(
        label="判定", choices=[("yes", "维持原属性"), ("no", "转换公开属性")], coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )  # fmt: skip
    attribute = forms.ChoiceField(label="转为", required=False, help_text="只有转换时填写")
    reason = long_text("理由", 3, 300, help_text="维持的写明为什么仍不能公开，转换的写明情况有什么变化")

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        values = ledger.values_of(document.place_id, "disclosure.attribute")
        found = choices((one for one in values if one != document.attribute), "不转换")
        self.fields["attribute"].choices = found  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("keeps") is False and not given.get("attribute"):
            self.add_error("attribute", "请选择转为哪种公开属性。")
        return given


class SpotCheckForm(Form):
    wrong = forms.IntegerField(label="应公开未公开的件数", min_value=0, help_text="没有问题填 0")
    words = long_text("抽查情况", 2, 300, required=False)


class RectificationForm(Form):
    words = long_text("整改情况", 2, 300)
