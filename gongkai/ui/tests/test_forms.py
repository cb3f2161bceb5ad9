"""Forms: our look, errors that name the field and the remedy."""

from __future__ import annotations

import re

from django import forms

from gongkai.ui.forms import DateInput, DateTimeInput, Form


class Complaint(Form):
    title = forms.CharField(label="标题", max_length=5, help_text="五个字以内")
    kind = forms.ChoiceField(label="种类", choices=[("a", "咨询"), ("b", "投诉")], widget=forms.RadioSelect)
    day = forms.DateField(label="日期", widget=DateInput, required=False)
    when = forms.DateTimeField(label="时间", widget=DateTimeInput, required=False)
    mail = forms.EmailField(label="邮箱", required=False)
    mobile = forms.RegexField(
        r"^\d{11}$", label="手机号", required=False, error_messages={"invalid": "自己写的话。"}
    )
    photo = forms.FileField(label="照片")
    agree = forms.BooleanField(label="同意公开")


def errors(**given: str) -> dict[str, list[str]]:
    return dict(Complaint(given).errors)


def test_what_is_missing_is_asked_for_by_name():
    missing = errors()

    assert missing["title"] == ["请填写标题。"]
    assert missing["kind"] == ["请选择种类。"]
    assert missing["photo"] == ["请选择要上传的文件。"]
    assert missing["agree"] == ["请先勾选“同意公开”。"]


def test_what_is_wrong_is_told_how_to_be_put_right():
    wrong = errors(title="七个字的一个题", kind="z", day="昨天", when="下午", mail="不是邮箱")

    assert wrong["title"] == ["标题最多 5 个字，现在是 7 个，请删减。"]
    assert wrong["kind"] == ["种类里没有这一项，请从列出的选项中选。"]
    assert wrong["day"] == ["日期应写作 2025-09-29 这样，请检查。"]
    assert wrong["when"] == ["时间应写作 2025-09-29 17:00 这样，请检查。"]


def test_the_wording_a_form_gives_itself_is_kept():
    assert errors(mobile="1")["mobile"] == ["自己写的话。"]


def test_the_summary_leads_to_every_field_in_error():
    drawn = str(Complaint({}))
    targets = re.findall(r'<a href="#([^"]+)">', drawn)

    assert "有 4 处需要改" in drawn
    assert targets == ["id_title", "id_kind", "id_photo", "id_agree"]
    assert all(f'id="{target}"' in drawn for target in targets)


def test_hint_and_error_are_tied_to_the_input():
    drawn = str(Complaint({})["title"].as_field_group())

    assert 'aria-describedby="id_title_helptext id_title_error"' in drawn
    assert 'id="id_title_helptext"' in drawn
    assert 'id="id_title_error"' in drawn
    assert 'aria-invalid="true"' in drawn


def test_radio_buttons_stand_in_a_fieldset_with_a_legend():
    drawn = str(Complaint()["kind"].as_field_group())

    assert re.search(r"<fieldset.*<legend[^>]*>种类", drawn, re.DOTALL)
    assert len(re.findall(r'<label class="choice" for="id_kind_\d"><input type="radio"', drawn)) == 2


def test_what_may_stay_empty_says_so():
    assert "（可不填）" in str(Complaint()["mail"].as_field_group())
    assert "（可不填）" not in str(Complaint()["title"].as_field_group())


def test_a_bound_form_shows_days_and_moments_as_the_browser_wants_them():
    drawn = str(Complaint({"day": "2025-09-29", "when": "2025-09-29T17:00"}))

    assert 'type="date" name="day" value="2025-09-29"' in drawn
    assert 'type="datetime-local" name="when" value="2025-09-29T17:00"' in drawn


def test_what_a_reader_typed_is_escaped():
    assert "<script>" not in str(Complaint({"title": "<script>"}))
