"""What a list of documents is asked for, and a document as it is written. Choices come from the packs' lists."""

from __future__ import annotations

from typing import Any

from django import forms

from gongkai.documents import policy
from gongkai.documents.models import Document, Genre, Sort
from gongkai.ledger import asks as ledger
from gongkai.ledger.forms import offer
from gongkai.people.actor import Actor
from gongkai.people.fields import UnitField, standing_units
from gongkai.people.models import Power, Unit
from gongkai.ui.forms import DateInput, Form, choices, long_text

LONG = 200_000


class ListForm(Form):
    """What a list of documents is asked for. A value that is not on offer is not asked."""

    unit = UnitField(label="责任单位", required=False, empty_label="全部")
    sort = forms.ChoiceField(label="类别", required=False, choices=[("", "全部"), *Sort.choices])
    genre = forms.ChoiceField(label="文种", required=False, choices=[("", "全部"), *Genre.choices])
    attribute = forms.ChoiceField(label="公开属性", required=False)
    policy = forms.BooleanField(label="只看政策和规范性文件", required=False)
    q = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    view = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attributes = ledger.values_of(actor.place.code, "disclosure.attribute")
        self.fields["attribute"].choices = choices(attributes, "全部")  # type: ignore[attr-defined]
        self.fields["unit"].queryset = standing_units(actor)  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, Any]:
        """What is asked, for `asks.narrowed`."""
        self.is_valid()
        return dict(self.cleaned_data)

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("unit", "sort", "genre", "attribute", "policy"))


KINDS = (
    ("is_policy", "政策性文件"),
    ("is_normative", "行政规范性文件"),
    ("is_rule", "政府规章"),
    ("is_important", "重要，须主要领导审签"),
    ("is_time_critical", "时效性强，当天公开"),
    ("is_activity", "民生重要政务活动"),
    ("was_obtained", "从公民、法人或其他组织获取"),
)


class DraftForm(Form):
    """A document as it is written: what it is, in whose name, what it says. A file may bring the text."""

    unit = UnitField(label="责任单位", empty_label=None, help_text="谁制作谁公开；获取的信息由获取的单位公开")
    issuer = UnitField(
        label="发文机关", required=False, empty_label="责任单位自己", help_text="代拟政府文件时选政府办公室"
    )
    sort = forms.ChoiceField(
        label="类别", choices=Sort.choices, widget=forms.RadioSelect, initial=Sort.OFFICIAL
    )
    joint = forms.ModelMultipleChoiceField(
        label="联合发文单位", queryset=Unit.objects.none(), required=False, widget=forms.CheckboxSelectMultiple,
        help_text="牵头单位是上面的责任单位",
    )  # fmt: skip
    genre = forms.ChoiceField(label="文种", choices=Genre.choices, initial=Genre.NOTICE)
    title = forms.CharField(label="标题", max_length=200, help_text="机关名称、事由、文种写全")
    file = forms.FileField(
        label="上传文稿", required=False, help_text="Word（docx）、PDF、OFD、网页或文本；读出的文字可以再改"
    )
    html = forms.CharField(
        label="正文",
        max_length=LONG,
        required=False,
        widget=forms.Textarea(attrs={"rows": 18, "data-editor": ""}),
    )
    kinds = forms.MultipleChoiceField(
        label="这份文稿是", choices=KINDS, required=False, widget=forms.CheckboxSelectMultiple
    )
    subject = forms.ChoiceField(label="主题分类", required=False)
    statutory = forms.ChoiceField(label="属于哪一项法定主动公开内容", required=False)
    openness = forms.ChoiceField(label="五公开", required=False)
    key_area = forms.ChoiceField(label="重点领域", required=False)
    summary = long_text("内容概述", 2, required=False, help_text="公开目录和检索结果里显示")
    keywords = forms.CharField(label="主题词", max_length=120, required=False)
    effective_on = forms.DateField(label="生效日期", required=False, widget=DateInput)
    ends_on = forms.DateField(
        label="失效日期", required=False, widget=DateInput, help_text="规范性文件有效期一般不超过五年"
    )
    note = forms.CharField(
        label="变更说明", max_length=300, required=False, help_text="已发布的内容修改后，读者会看到这句话"
    )
    is_major = forms.BooleanField(label="重要变更（不只是改字）", required=False, initial=True)

    def __init__(self, *args: Any, actor: Actor, document: Document | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = actor.place.code
        units = standing_units(actor)
        self.fields["unit"].queryset = units.filter(pk__in=actor.units(Power.DRAFT))  # type: ignore[attr-defined]
        self.fields["issuer"].queryset = units  # type: ignore[attr-defined]
        self.fields["joint"].queryset = units  # type: ignore[attr-defined]
        lists = {"subject": "document.subject", "statutory": "disclosure.proactive"}
        for name, list_ in lists.items():
            offer(self, name, place, list_, "不选")
        offer(self, "openness", place, policy.OPENNESS, "不分")
        areas = actor.place.columns.filter(kind="重点领域").values_list("name", flat=True)
        self.fields["key_area"].choices = choices(areas, "不属于")  # type: ignore[attr-defined]
        if document is not None:
            for name in ("unit", "issuer", "joint", "sort"):
                del self.fields[name]
        if document is None or document.edition is None or document.edition.released_at is None:
            for name in ("note", "is_major"):
                del self.fields[name]

    @property
    def given(self) -> dict[str, Any]:
        """What the action is given: the kinds as single marks, the file's text in its place."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in ("file", "kinds")}
        return given | {name: name in self.cleaned_data["kinds"] for name, _label in KINDS}
