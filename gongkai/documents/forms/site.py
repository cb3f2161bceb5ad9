"""What is filled in about the site: columns, topics, services, gazettes, answers to reported faults."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from gongkai.documents import asks
from gongkai.documents.models import Column
from gongkai.people.fields import UnitField
from gongkai.people.models import Place, Unit
from gongkai.ui.forms import DateInput, Form, choices, long_text
from gongkai.ui.refusal import Refused


class AddressField(forms.SlugField):
    """The last part of an address; `new` is taken by the page that makes one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label="网址名", max_length=32, **kwargs)

    def clean(self, value: Any) -> str:
        slug = str(super().clean(value)).lower()
        if slug == "new":
            raise ValidationError("“new”有别的用处，请换一个网址名。")
        return slug


class ColumnForm(Form):
    """A column of the site."""

    name = forms.CharField(label="栏目名称", max_length=32)
    slug = AddressField(help_text="英文小写字母、数字和短横线，公布以后不要改")
    kind = forms.ChoiceField(label="类型", choices=Column.Kind.choices)
    words = forms.CharField(label="栏目说明", max_length=200, required=False)
    order = forms.IntegerField(label="顺序", min_value=0, max_value=999, initial=50)
    stale_after = forms.IntegerField(label="多少天不更新提醒", min_value=1, max_value=3650, initial=180)


class DocumentsField(forms.CharField):
    """Published documents of a place, a line each: the number of the matter or the document number."""

    def __init__(self, place: Place | None = None, **kwargs: Any) -> None:
        self.place = place
        super().__init__(widget=forms.Textarea(attrs={"rows": 4}), max_length=4000, **kwargs)

    def clean(self, value: Any) -> Any:
        found = []
        for line in filter(None, (one.strip() for one in str(super().clean(value)).splitlines())):
            one = asks.published(self.place.code, line) if self.place else None
            if one is None:
                raise ValidationError(f"没有找到已发布的“{line}”，请核对编号或发文字号。")
            found.append(one)
        return found


class ServicesField(forms.CharField):
    """Services of a place, a line each: the name, with its unit behind it where several have one of that name."""

    def __init__(self, place: str = "", **kwargs: Any) -> None:
        self.place = place
        super().__init__(widget=forms.Textarea(attrs={"rows": 4}), max_length=4000, **kwargs)

    def clean(self, value: Any) -> Any:
        lines = filter(None, (one.strip() for one in str(super().clean(value)).splitlines()))
        try:
            return [asks.service_named(self.place, line) for line in lines]
        except Refused as refused:
            raise ValidationError(f"{refused.reason}。{refused.remedy}") from None


class FiguresField(forms.CharField):
    """Charts as lines: `# 标题，单位` begins one, `标签 数字` is a bar of it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 6}), max_length=4000, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        said = []
        for chart in value:
            said.append(f"# {chart['title']}，{chart.get('unit', '')}".rstrip("，"))
            said += [f"{label} {number}" for label, number in chart["rows"]]
        return "\n".join(said)

    def clean(self, value: Any) -> Any:
        charts: list[dict[str, Any]] = []
        for line in filter(None, (one.strip() for one in str(super().clean(value)).splitlines())):
            if line.startswith("#"):
                title, _, unit = line.lstrip("# ").partition("，")
                charts.append({"title": title.strip(), "unit": unit.strip(), "rows": []})
                continue
            label, _, number = line.replace("\t", " ").rpartition(" ")
            try:
                row = [label.strip(), float(number) if "." in number else int(number)]
            except ValueError:
                raise ValidationError(f"“{line}”应是“标签 数字”，中间空一格。") from None
            if not charts:
                raise ValidationError("第一行应是图表标题，如：# 各年改造户数，户")
            charts[-1]["rows"].append(row)
        return charts


class TopicForm(Form):
    """A topic page."""

    title = forms.CharField(label="标题", max_length=64)
    slug = AddressField(help_text="英文小写字母、数字和短横线")
    words = long_text("导语", 3, 2000, required=False)
    figures = FiguresField(
        label="图表", required=False, help_text="每幅图一行“# 标题，单位”，下面每行“标签 数字”"
    )
    documents = DocumentsField(label="文件", required=False, help_text="一行一个编号或发文字号")

    def __init__(self, *args: Any, place: Place, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["documents"].place = place  # type: ignore[attr-defined]


class GazetteForm(Form):
    """An issue of the gazette."""

    year = forms.IntegerField(label="年", min_value=1949, max_value=2100)
    issue = forms.IntegerField(label="期", min_value=1, max_value=400)
    issued_on = forms.DateField(label="出刊日期", widget=DateInput)
    documents = DocumentsField(label="刊登文件", help_text="按刊登的次序，一行一个编号或发文字号")

    def __init__(self, *args: Any, place: Place, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["documents"].place = place  # type: ignore[attr-defined]


SERVICE_KINDS = (
    "行政许可", "行政确认", "行政给付", "行政奖励", "行政裁决", "其他行政权力", "公共服务",
)  # fmt: skip


class ServiceForm(Form):
    """A power or public service of a unit."""

    unit = UnitField(label="实施单位", empty_label=None)
    name = forms.CharField(label="事项名称", max_length=120)
    kind = forms.ChoiceField(label="事项类型", choices=choices(SERVICE_KINDS))
    area = forms.CharField(label="领域", max_length=32, required=False)
    basis = long_text("设定依据", 2, required=False)
    conditions = long_text("申请条件", 3, 2000, required=False)
    materials = long_text("办理材料", 3, 2000, required=False, help_text="一行一样")
    limit = forms.CharField(label="办理时限", max_length=64, required=False)
    fee = forms.CharField(label="收费", max_length=64, required=False)
    where = forms.CharField(label="办理地点", max_length=200, required=False)
    phone = forms.CharField(label="咨询电话", max_length=32, required=False)
    address = forms.URLField(label="在线办理网址", required=False, assume_scheme="https")
    documents = DocumentsField(
        label="政策依据和相关文件", required=False, help_text="已发布的文件，一行一个编号或发文字号"
    )

    def __init__(self, *args: Any, units: QuerySet[Unit], place: Place, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["documents"].place = place  # type: ignore[attr-defined]
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class AnswerForm(Form):
    words = long_text("处理结果", 3, help_text="报错的人凭查询码可以看到")
