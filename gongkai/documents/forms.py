"""What is filled in about a document. Choices come from the packs' lists and what the place has added to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from gongkai.documents import numbers
from gongkai.documents.actions import IN_DOUBT, MAY_GO_OUT, MUST_NOT
from gongkai.documents.models import Column, Confirmation, Document, Genre, Sort, Withdrawal
from gongkai.ledger import asks as ledger
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Power, Unit
from gongkai.ui.forms import DateInput, DateTimeInput, Form

LONG = 200_000
OPENNESS = ("决策", "执行", "管理", "服务", "结果")


def _text(label: str, rows: int = 3, most: int = 500, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **more)


def choices(values: Iterable[str], empty: str = "") -> list[tuple[str, str]]:
    """Values as choices that stand for themselves, with an empty one first if it is named."""
    return [*([("", empty)] if empty else []), *((value, value) for value in values)]


def standing_units(actor: Actor) -> QuerySet[Unit]:
    """Units of the place that are not closed; sections do not act in their own name."""
    found: QuerySet[Unit] = Unit.objects.filter(place=actor.place, closed_on=None).exclude(
        kind=Unit.Kind.SECTION
    )
    return found


class UnitField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for the type checker only
    """A unit of the place, by its short name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Unit.objects.none(), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.short_name)


# ---- the list ----------------------------------------------------------------------------------------------------


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


# ---- the text ----------------------------------------------------------------------------------------------------

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
    openness = forms.ChoiceField(label="五公开", required=False, choices=choices(OPENNESS, "不分"))
    key_area = forms.ChoiceField(label="重点领域", required=False)
    summary = _text("内容概述", 2, required=False, help_text="公开目录和检索结果里显示")
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
            self.fields[name].choices = choices(ledger.values_of(place, list_), "不选")  # type: ignore[attr-defined]
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


# ---- acts --------------------------------------------------------------------------------------------------------


class DocumentForm(Form):
    """A form about one document. `seen` marks how far it had come when the page was shown."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, document: Document, actor: Actor, seen: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document, self.actor = document, actor
        self.initial.setdefault("seen", seen)
        self.prepare()

    def prepare(self) -> None:
        """Set what depends on the document and the person."""

    @property
    def given(self) -> dict[str, Any]:
        """What the action is given."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


class PlainForm(DocumentForm):
    """Nothing to fill in: one button."""


class AttributeForm(DocumentForm):
    attribute = forms.ChoiceField(label="公开属性", widget=forms.RadioSelect)
    ground = forms.ChoiceField(label="属于哪种情形", required=False)
    reason = _text("理由", 3, required=False, help_text="拟不予公开的，写明依据哪一条")
    withheld = _text("不公开的部分", 2, required=False, help_text="只有部分公开时填写，如：附件二的报价")
    third_party_agrees = forms.BooleanField(label="涉及的第三方同意公开", required=False)
    public_interest = forms.CharField(
        label="不公开会对公共利益造成重大影响的理由", max_length=300, required=False
    )

    def prepare(self) -> None:
        place = self.document.place_id
        self.fields["attribute"].choices = choices(ledger.values_of(place, "disclosure.attribute"))  # type: ignore[attr-defined]
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
    words = _text("说明", 2, required=False)


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
    words = _text("审查意见", 2, 300, required=False)


class SecrecyOutcomeForm(DocumentForm):
    outcome = forms.ChoiceField(
        label="结论", widget=forms.RadioSelect, choices=[(MAY_GO_OUT, "可以公开"), (MUST_NOT, "不得公开")]
    )


class ConfirmationForm(DocumentForm):
    units = forms.ModelMultipleChoiceField(
        label="请哪些单位确认", queryset=Unit.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    question = _text("请确认什么", 2, 300)

    def prepare(self) -> None:
        asked = Confirmation.objects.filter(document=self.document).values("unit")
        units = standing_units(self.actor).exclude(pk=self.document.unit_id).exclude(pk__in=asked)
        self.fields["units"].queryset = units  # type: ignore[attr-defined]


class ScheduleForm(DocumentForm):
    on = forms.DateTimeField(label="什么时候发布", widget=DateTimeInput)


class CorrectionForm(DocumentForm):
    title = forms.CharField(label="标题", max_length=200)
    html = forms.CharField(
        label="正文", max_length=LONG, widget=forms.Textarea(attrs={"rows": 16, "data-editor": ""})
    )
    reason = _text("更正了什么、为什么", 2, 200, help_text="读者会看到")


class WithdrawalForm(DocumentForm):
    kind = forms.ChoiceField(label="情形", choices=Withdrawal.Kind.choices, widget=forms.RadioSelect)
    notice = _text("对外说明", 2, 300, help_text="打开原网址的人会看到，如：该文件已废止，请看新文件。")
    reason = _text("撤回理由", 2, 300, help_text="内部留档")
    ordered_by = forms.CharField(
        label="责令机关", max_length=64, required=False, help_text="被责令改正的填写"
    )
    replacement = forms.CharField(label="替代文件的编号或文号", max_length=64, required=False)

    def clean_replacement(self) -> Document | None:
        text = str(self.cleaned_data["replacement"]).strip()
        if not text:
            return None
        found = numbered(self.document, text)
        if found is None:
            raise ValidationError("没有找到这份文件，请核对编号或发文字号。")
        return found


def numbered(document: Document, text: str) -> Document | None:
    """A published document of the same place, by its matter's number or its document number."""
    found = published(document.place_id, text)
    return None if found == document else found


def published(place: str, text: str) -> Document | None:
    """What a place has published under the number of a matter or a document number."""
    here = Document.objects.published().filter(place=place).select_related("matter")
    try:
        number = numbers.normalised(text)
    except numbers.WrongNumber:
        return here.filter(matter__number=text.strip().upper()).first()
    return here.filter(number=number).first()


class ChannelForm(DocumentForm):
    channel = forms.ChoiceField(label="渠道", widget=forms.RadioSelect)
    address = forms.CharField(label="网址或刊期", max_length=300, required=False)

    def prepare(self) -> None:
        values = [
            one for one in ledger.values_of(self.document.place_id, "release.channel") if one != "政府网站"
        ]
        self.fields["channel"].choices = choices(values)  # type: ignore[attr-defined]


class ReasonForm(DocumentForm):
    reason = _text("理由", 3, 300)


class ConversionForm(DocumentForm):
    attribute = forms.ChoiceField(label="转为", widget=forms.RadioSelect)
    reason = _text("理由", 3, 300)

    def prepare(self) -> None:
        values = ledger.values_of(self.document.place_id, "disclosure.attribute")
        self.fields["attribute"].choices = choices(v for v in values if v != self.document.attribute)  # type: ignore[attr-defined]


class RelationForm(DocumentForm):
    kind = forms.ChoiceField(
        label="关系",
        widget=forms.RadioSelect,
        choices=[("replaces", "替代"), ("amends", "修改"), ("repeals", "废止")],
    )
    other = forms.CharField(label="哪一份文件", max_length=64, help_text="编号或发文字号")

    def clean_other(self) -> Document:
        found = numbered(self.document, self.cleaned_data["other"])
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
        self.fields["columns"].queryset = self.document.place.columns.all()  # type: ignore[attr-defined]


class PlanForm(DocumentForm):
    words = _text("解读方案", 3, help_text="由谁解读、用什么形式、什么时候发布")
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
    words = _text("哪里不一致、应当怎样写", 3, required=False)


class SettlementForm(Form):
    words = _text("协调结论", 3, help_text="写明最后怎样发布")


# ---- the catalogue and the lists ---------------------------------------------------------------------------------


class EntryForm(Form):
    """A row of the proactive catalogue."""

    unit = UnitField(label="公开主体", empty_label=None)
    area = forms.CharField(label="领域", max_length=32)
    item = forms.CharField(label="一级事项", max_length=64)
    subitem = forms.CharField(label="二级事项", max_length=64, required=False)
    openness = forms.ChoiceField(label="五公开", required=False, choices=choices(OPENNESS, "不分"))
    content = _text("公开内容（要素）", 3)
    basis = _text("公开依据", 2, required=False)
    limit = forms.CharField(label="公开时限", max_length=200, help_text="如：形成之日起5个工作日内")
    channels = forms.CharField(label="公开渠道和载体", max_length=200, initial="政府网站")
    audience = forms.CharField(label="公开对象", max_length=64, initial="全社会")
    manner = forms.ChoiceField(label="公开方式", choices=choices(("主动", "依申请")))
    level = forms.CharField(label="公开层级", max_length=16, required=False, help_text="如：县级、乡镇级")

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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
    reason = _text("理由", 2, 300)
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
    reason = _text("理由", 3, 300, help_text="维持的写明为什么仍不能公开，转换的写明情况有什么变化")

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
    words = _text("抽查情况", 2, 300, required=False)


class RectificationForm(Form):
    words = _text("整改情况", 2, 300)


# ---- the site ----------------------------------------------------------------------------------------------------


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
            one = published(self.place.code, line) if self.place else None
            if one is None:
                raise ValidationError(f"没有找到已发布的“{line}”，请核对编号或发文字号。")
            found.append(one)
        return found


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
    words = _text("导语", 3, 2000, required=False)
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
    basis = _text("设定依据", 2, required=False)
    conditions = _text("申请条件", 3, 2000, required=False)
    materials = _text("办理材料", 3, 2000, required=False, help_text="一行一样")
    limit = forms.CharField(label="办理时限", max_length=64, required=False)
    fee = forms.CharField(label="收费", max_length=64, required=False)
    where = forms.CharField(label="办理地点", max_length=200, required=False)
    phone = forms.CharField(label="咨询电话", max_length=32, required=False)
    address = forms.URLField(label="在线办理网址", required=False, assume_scheme="https")

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class AnswerForm(Form):
    words = _text("处理结果", 3, help_text="报错的人凭查询码可以看到")
