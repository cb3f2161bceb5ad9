"""What a citizen fills in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from gongkai.documents.models import Fault
from gongkai.files.kinds import ENDINGS, TAKEN
from gongkai.files.policy import LARGEST, MOST
from gongkai.letters.models import Letter
from gongkai.ui.forms import Form

REPORT = "举报"
SHORTEST, LONGEST = 10, 2000
MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
LANDLINE = re.compile(r"(0\d{2,3}[2-9]\d{6,7})")

MEANINGS = {
    "咨询": "问政策、问手续",
    "求助": "遇到困难，请政府帮忙",
    "建议": "提意见、出主意",
    "投诉": "对服务或管理不满意",
    "举报": "检举违法违纪，受保护",
}


def half_width(text: str) -> str:
    """Half-width digits and letters without spaces, dashes and brackets, as people type into numbers."""
    return re.sub(r"[\s\-—－()（）]", "", unicodedata.normalize("NFKC", text))


class PhoneField(forms.CharField):
    """A mobile number, or a fixed one with its area code; given back as digits."""

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})

    def clean(self, value: Any) -> str:
        text = half_width(super().clean(value))
        if not text:
            return ""
        found = MOBILE.fullmatch(text) or LANDLINE.fullmatch(text)
        if not found:
            raise ValidationError("电话应是 11 位手机号，或带区号的座机，如 0851-20000100，请检查。")
        return found[1]


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files. Each is judged when it is attached, so that a bad one loses no letter."""

    def __init__(self, **kwargs: Any) -> None:
        accept = ",".join(f".{ending}" for ending in sorted(ENDINGS))
        super().__init__(widget=FilesInput(attrs={"accept": accept}), required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [one for one in data or [] if isinstance(one, UploadedFile)]


class AloneForm(Form):
    """The first question: does the matter concern the writer alone?"""

    alone = forms.ChoiceField(
        label="这件事是不是只涉及您本人？",
        help_text="如您自己的低保、户口、补贴。选“是”，来信只由承办人看到，不会公开。",
        choices=(("no", "不是，和大家有关"), ("yes", "是，只涉及我本人或我家")),
        widget=forms.RadioSelect,
    )


class WriteForm(Form):
    """A letter to the government, through its own mailbox."""

    nature = forms.ChoiceField(label="您想做什么", widget=forms.RadioSelect)
    title = forms.CharField(
        label="标题", min_length=4, max_length=60, help_text="一句话说清是什么事、在哪里。"
    )
    text = forms.CharField(
        label="内容",
        min_length=SHORTEST,
        max_length=LONGEST,
        help_text=f"写清时间、地点、什么事、希望怎么办。{SHORTEST}—{LONGEST} 字。不要写身份证号、银行卡号。",
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    object_place = forms.CharField(
        label="事情发生在哪里", max_length=64, required=False, help_text="如：南桥镇东街 12 号门口"
    )
    about_unit = forms.ChoiceField(
        label="反映哪个单位", required=False, help_text="不清楚可以不选，由收信单位分办。"
    )
    attachments = FilesField(
        label="附件",
        help_text=f"最多 {MOST} 个，每个不超过 {LARGEST // 1024 // 1024} 兆。可以上传：{TAKEN}。",
    )
    name = forms.CharField(
        label="您的姓名", max_length=32, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = PhoneField(label="电话", help_text="查办理进度要用它的后四位；承办单位核实情况时会打这个电话。")
    email = forms.EmailField(
        label="电子邮箱",
        required=False,
        max_length=120,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    may_publish = forms.BooleanField(
        label="同意把来信和答复公开，让遇到同样问题的人看到",
        required=False,
        help_text="公开前会有人检查，姓名、电话、住址等不公开。不勾选不影响办理。",
    )
    alone = forms.CharField(widget=forms.HiddenInput, required=False)
    stamp = forms.CharField(widget=forms.HiddenInput, required=False)
    looked = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, natures: Sequence[str], units: Sequence[str], alone: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["nature"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [
            (nature, f"{nature}：{MEANINGS[nature]}" if nature in MEANINGS else nature) for nature in natures
        ]
        unit = self.fields["about_unit"]
        assert isinstance(unit, forms.ChoiceField)
        unit.choices = [("", "不清楚"), *((name, name) for name in units)]
        if alone:
            del self.fields["may_publish"]
        if self.data.get("nature") == REPORT:
            self.fields["name"].required = self.fields["phone"].required = False

    @property
    def about_matter(self) -> list[forms.BoundField]:
        names = ("nature", "title", "text", "object_place", "about_unit", "attachments")
        return [self[name] for name in names]

    @property
    def about_writer(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "phone", "email")]


class FollowForm(Form):
    """The key to a letter: its code, and the tail of the phone number, or else the letter's number."""

    code = forms.CharField(
        label="查询码",
        max_length=24,
        help_text="回执上的 12 位数字。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    tail = forms.CharField(
        label="电话号码后四位",
        max_length=32,
        help_text="写信时没有留电话的，填来信编号，如 LY-2025-0929-0001。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_code(self) -> str:
        code = half_width(self.cleaned_data["code"])
        if not re.fullmatch(r"\d{12}", code):
            raise ValidationError("查询码是 12 位数字，请对照回执检查。")
        return code

    def clean_tail(self) -> str:
        return unicodedata.normalize("NFKC", self.cleaned_data["tail"]).strip().upper()


class RateForm(Form):
    """What the writer thinks of the answer."""

    rating = forms.ChoiceField(label="这次答复，您满意吗？", widget=forms.RadioSelect)
    words = forms.CharField(
        label="想说的话", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="选“不满意”的，请写明哪里没有解决，便于重新办理。",
    )  # fmt: skip

    def __init__(self, *args: Any, ratings: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["rating"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(value, value) for value in ratings]


class SupplementForm(Form):
    """Something the writer adds while the letter is being worked on."""

    words = forms.CharField(
        label="补充的内容",
        min_length=4,
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    attachments = FilesField(label="补充附件")

    def __init__(self, *args: Any, letter: Letter, **kwargs: Any) -> None:
        super().__init__(*args, prefix="more", **kwargs)
        self.fields["attachments"].help_text = f"整封信最多 {MOST} 个。"
        self.letter = letter

    def clean(self) -> dict[str, Any]:
        if (
            not self.errors
            and not self.cleaned_data.get("words")
            and not self.cleaned_data.get("attachments")
        ):
            self.add_error("words", "请填写要补充的内容，或选择要补充的附件。")
        return self.cleaned_data


class FaultForm(Form):
    """Something on the site that is wrong. Whoever reports it need not say who they are."""

    address = forms.CharField(label="哪一页", max_length=300, help_text="网页的地址，或页面的标题。")
    kind = forms.ChoiceField(label="什么错误", choices=Fault.Kind.choices, widget=forms.RadioSelect)
    words = forms.CharField(
        label="说明", min_length=2, max_length=500, help_text="错在哪里，应当是什么。不要写个人信息。",
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    contact = forms.CharField(
        label="联系方式", required=False, max_length=64, help_text="电话或邮箱，只用来向您核实，加密保存。"
    )
    stamp = forms.CharField(widget=forms.HiddenInput, required=False)


class FaultCodeForm(Form):
    """The code given when a fault was reported."""

    code = forms.CharField(
        label="查询码", max_length=24, help_text="提交时给您的 12 位数字。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip


class QuestionForm(Form):
    """A question to an online interview. Whoever asks need not say who they are."""

    words = forms.CharField(
        label="您想问什么", min_length=5, max_length=500, help_text="不要写姓名、电话、证件号，里面的号码会被遮盖。",
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    nickname = forms.CharField(label="怎么称呼您", required=False, max_length=16, help_text="可以不写")
    stamp = forms.CharField(widget=forms.HiddenInput, required=False)
    looked = forms.CharField(widget=forms.HiddenInput, required=False)
