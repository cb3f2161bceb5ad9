"""What is filled in about a review."""

from __future__ import annotations

from typing import Any

from django import forms

from gongkai.ui.forms import Form


class SignForm(Form):
    """Agree, with or without words. `step` is the step that was shown: a later click signs nothing else."""

    step = forms.IntegerField(required=False, widget=forms.HiddenInput)
    words = forms.CharField(
        label="批语", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReturnForm(Form):
    step = forms.IntegerField(required=False, widget=forms.HiddenInput)
    ground = forms.ChoiceField(label="退文情形", required=False)
    words = forms.CharField(label="要改什么", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, grounds: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, auto_id="return_%s", **kwargs)  # beside a SignForm on one page
        if grounds:
            self.fields["ground"].choices = [("", "其他"), *((one, one) for one in grounds)]  # type: ignore[attr-defined]
        else:
            del self.fields["ground"]


class OverrideForm(Form):
    reason = forms.CharField(
        label="紧急理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明为什么来不及逐级审签；之后要由另一个人补办。",
    )  # fmt: skip


class BatchForm(Form):
    words = forms.CharField(label="批语", max_length=500, required=False)
