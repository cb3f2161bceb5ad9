"""The base of every form: drawn with our field component, with errors that say what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.renderers import Jinja2
from django.template import loader

REQUIRED = {
    "file": "请选择要上传的文件。",
    "tick": "请先勾选“{label}”。",
    "choose": "请选择{label}。",
    "write": "请填写{label}。",
}

# How a wrong value is put right, by the field's code for the error. Django fills in %(…)s.
WORDING: dict[type[forms.Field], dict[str, str]] = {
    forms.EmailField: {"invalid": "电子邮箱应写作 name@example.cn 这样，请检查。"},
    forms.IntegerField: {
        "invalid": "{label}应是整数，请只写数字。",
        "min_value": "{label}不能小于 %(limit_value)s，请改大。",
        "max_value": "{label}不能大于 %(limit_value)s，请改小。",
    },
    forms.DateTimeField: {"invalid": "{label}应写作 2025-09-29 17:00 这样，请检查。"},
    forms.DateField: {"invalid": "{label}应写作 2025-09-29 这样，请检查。"},
    forms.TimeField: {"invalid": "{label}应写作 17:00 这样，请检查。"},
    forms.ChoiceField: {"invalid_choice": "{label}里没有这一项，请从列出的选项中选。"},
    forms.ModelChoiceField: {"invalid_choice": "{label}里没有这一项，请从列出的选项中选。"},
    forms.FileField: {"empty": "这个文件是空的，请重新选择。", "missing": "没有收到文件，请重新选择。"},
    forms.CharField: {
        "max_length": "{label}最多 %(limit_value)d 个字，现在是 %(show_value)d 个，请删减。",
        "min_length": "{label}至少 %(limit_value)d 个字，现在是 %(show_value)d 个，请补充。",
    },
}


NO_CHOICE = "---------"  # how Django words an empty choice


class Renderer(Jinja2):
    """Draw forms and fields with our templates, the widgets inside them with those of Django."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith("ui/"):
            return loader.get_template(template_name)
        return super().get_template(template_name)


class Form(forms.Form):
    """A form whose errors name the field and the remedy. Labels must be given, in Chinese."""

    default_renderer = Renderer()  # one for all: it keeps the compiled templates of the widgets

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            reword(field)


class DateInput(forms.DateInput):
    """A day, picked with the browser's own calendar."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DateTimeInput(forms.DateTimeInput):
    """A moment to the minute, picked with the browser's own calendar."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


def reword(field: forms.Field) -> None:
    """Put our wording in the place of Django's. What the form itself words is left alone."""
    for code, wording in _wording(field).items():
        if field.error_messages.get(code) == _default(field, code):
            field.error_messages[code] = wording.replace("{label}", str(field.label or "这一项"))
    if isinstance(field, forms.ModelChoiceField) and field.empty_label == NO_CHOICE:
        field.empty_label = "请选择" if field.required else "不选"


def _wording(field: forms.Field) -> dict[str, str]:
    words = {"required": REQUIRED[_act(field)]}
    for kind, more in WORDING.items():
        if isinstance(field, kind):
            words = more | words  # the closer kind stands first in the table and wins
    return words


def _act(field: forms.Field) -> str:
    """Return what a person does to fill the field in."""
    if isinstance(field, forms.FileField):
        return "file"
    if isinstance(field, forms.BooleanField):
        return "tick"
    return "choose" if isinstance(field, (forms.ChoiceField, forms.DateField)) else "write"


def _default(field: forms.Field, code: str) -> object:
    """Return Django's own wording of `code` for this class of field, or None when the class has none."""
    for kind in type(field).__mro__:
        wording = vars(kind).get("default_error_messages", {})
        if code in wording:
            return wording[code]
    return None


def long_text(label: str, rows: int = 3, most: int = 500, **more: Any) -> forms.CharField:
    """A field of several lines, at most `most` characters."""
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **more)


def choices(values: Iterable[str], empty: str = "") -> list[tuple[str, str]]:
    """Values as choices that stand for themselves, with an empty one first if it is named."""
    return [*([("", empty)] if empty else []), *((value, value) for value in values)]
