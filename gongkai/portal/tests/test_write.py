"""Writing a letter: what is asked, what is found in it, what never happens twice."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gongkai.files.models import Attachment
from gongkai.letters.models import Letter
from gongkai.portal import throttle
from gongkai.portal.tests.conftest import PHONE, stamp_of, text_of
from tests.world import photo


def test_first_it_is_asked_whether_the_matter_concerns_the_writer_alone(browser, county):
    page = text_of(browser.get("/qingyuan/write/"))

    assert "是不是只涉及您本人" in page
    assert 'name="text"' not in page


@pytest.mark.clause("ZY-LY-02-1", "GB-WZ-01-1")
def test_a_letter_is_taken_and_its_receipt_shows_code_and_time_limit(browser, county, send):
    response = send()

    letter = Letter.objects.get()
    assert response.status_code == 302
    receipt = browser.get(response["Location"])
    page = text_of(receipt)
    assert letter.code_shown in page
    assert letter.number in page
    assert "2025年10月9日 24:00" in page  # two working days: 30 September, then the 9th after the holiday
    assert "第六条" in page
    assert (letter.source, letter.nature, letter.lead) == ("政务信箱", "投诉", county.units["xinfang"])
    assert letter.person == {"name": "林晓", "phone": PHONE}
    assert letter.may_publish


def test_the_code_stands_in_no_address_and_the_receipt_is_kept_by_nobody(browser, county, send):
    response = send()

    letter = Letter.objects.get()
    assert letter.code not in response["Location"]
    assert "no-store" in browser.get(response["Location"])["Cache-Control"]
    assert letter.code_shown not in text_of(Client().get(response["Location"], follow=True))


def test_a_letter_about_the_writer_alone_may_not_be_published(county, send):
    send(alone="yes")

    letter = Letter.objects.get()
    assert letter.alone
    assert not letter.may_publish


def test_mistakes_are_named_and_what_was_typed_is_kept(county, send):
    response = send(phone="1380", text="太短")

    page = text_of(response)
    assert response.status_code == 422
    assert "有 2 处需要改" in page
    assert "电话应是 11 位手机号" in page
    assert "东湖花园7幢电梯反复停运" in page
    assert not Letter.objects.exists()


@pytest.mark.parametrize("typed", ["１３８ 1234 5678", "+86 138-1234-5678", "138-1234-5678"])
def test_a_phone_number_may_be_typed_in_many_ways(county, send, typed):
    send(phone=typed)

    assert Letter.objects.get().person["phone"] == PHONE


def test_a_report_may_leave_out_name_and_phone_and_is_protected(browser, county, send):
    response = send(nature="举报", name="", phone="")

    letter = Letter.objects.get()
    assert letter.is_protected
    assert not letter.may_publish
    assert letter.writer == ""
    assert "您没有留电话" in text_of(browser.get(response["Location"]))


def test_other_letters_need_name_and_phone(county, send):
    response = send(name="", phone="")

    assert "请填写您的姓名" in text_of(response)
    assert not Letter.objects.exists()


# ---- what is found in the text -------------------------------------------------------------------------

PRIVATE = "我的身份证号是11010519491231002X，电话13900001111，请尽快修好电梯。"


def test_numbers_of_persons_in_the_text_are_shown_before_it_is_sent(county, send):
    page = text_of(send(text=PRIVATE))

    assert "还没有寄出" in page
    assert "身份证号码" in page
    assert "手机号码" in page
    assert not Letter.objects.exists()


def test_the_numbers_are_taken_out_when_the_writer_says_so(county, send):
    send(text=PRIVATE, numbers="hide")

    text = Letter.objects.get().text
    assert "11010519491231002X" not in text
    assert "13900001111" not in text
    assert "请尽快修好电梯" in text


def test_the_numbers_stay_when_the_writer_says_they_are_needed(county, send):
    send(text=PRIVATE, numbers="keep")

    assert "13900001111" in Letter.objects.get().text


def test_published_answers_to_the_same_question_are_offered_first(county, send, published):
    page = text_of(send(title="老旧小区电梯反复停运怎么办"))
    assert "是不是您要问的" in page
    assert "/qingyuan/letters/LY-2025-0926-0001/" in page
    assert Letter.objects.count() == 1

    send(title="老旧小区电梯反复停运怎么办", looked="yes")
    assert Letter.objects.count() == 2


def test_unpublished_answers_are_not_offered(county, send, answered):
    send(title=answered.title)

    assert Letter.objects.count() == 2


# ---- once, and not by machines -------------------------------------------------------------------------


def test_a_double_click_creates_one_letter_and_shows_one_receipt(browser, county, send, at):
    first = send()
    letter = Letter.objects.get()
    again = send(stamp=f"{letter.external_number}")  # not a stamp of ours: asked again, not taken
    assert Letter.objects.count() == 1
    assert "请再提交一次" in text_of(again)

    at("2025-09-29 09:00")
    stamp = stamp_of(text_of(Client().get("/qingyuan/write/?alone=no")))
    for _ in range(2):
        last = send(stamp=stamp, title="路灯不亮很久了")
        assert last["Location"] == first["Location"]
    assert Letter.objects.count() == 2
    assert Letter.objects.get(title="路灯不亮很久了").code_shown in text_of(browser.get(last["Location"]))


def test_two_requests_at_the_same_moment_give_one_letter(county, send, at, monkeypatch):
    at("2025-09-29 09:00")
    stamp = stamp_of(text_of(Client().get("/qingyuan/write/?alone=no")))
    send(stamp=stamp)
    monkeypatch.setattr("gongkai.portal.views.write._sent_with", lambda place, stamp: None)

    response = send(stamp=stamp)

    assert response.status_code == 302
    assert Letter.objects.count() == 1


def test_a_form_sent_faster_than_anybody_types_is_asked_to_be_sent_again(browser, county, at):
    at("2025-09-29 09:00")
    page = text_of(browser.get("/qingyuan/write/?alone=no"))
    filled = {
        "stamp": stamp_of(page), "nature": "咨询", "title": "医保怎么报销", "text": "城乡居民医保门诊报销比例是多少？",
        "name": "林晓", "phone": PHONE,
    }  # fmt: skip

    assert "提交得太快了" in text_of(browser.post("/qingyuan/write/", filled))
    at("2025-09-29 09:01")
    assert browser.post("/qingyuan/write/", filled).status_code == 302


def test_the_field_for_machines_must_be_empty_and_nothing_is_dropped_in_silence(county, send):
    response = send(website="http://example.com")

    assert "防机器人" in text_of(response)
    assert not Letter.objects.exists()


def test_too_many_letters_from_one_address_wait_and_lose_nothing(county, send, monkeypatch):
    monkeypatch.setattr(throttle, "WRITING", throttle.Limit("write", 2, 3600))
    send()
    send(title="路灯不亮很久了")

    response = send(title="井盖坏了没人修")

    assert response.status_code == 429
    assert "井盖坏了没人修" in text_of(response)
    assert Letter.objects.count() == 2


# ---- attachments ---------------------------------------------------------------------------------------


def test_a_refused_attachment_does_not_lose_the_letter_and_says_why(browser, county, send):
    good = SimpleUploadedFile("照片.png", photo())
    bad = SimpleUploadedFile("程序.exe", b"MZ")

    response = send(attachments=[good, bad])

    page = text_of(browser.get(response["Location"]))
    assert "“程序.exe”：不能上传这种文件" in page
    assert list(Attachment.objects.values_list("name", "number")) == [
        ("照片.png", Letter.objects.get().number)
    ]


def test_a_fault_of_the_site_is_a_letter_with_its_title_begun(browser, county):
    page = text_of(browser.get("/qingyuan/write/?about=site"))

    assert 'value="网站找错：' in page


def test_the_writer_is_told_who_reads_the_letter_why_how_long_and_what_rights_there_are(browser, county):
    page = text_of(browser.get("/qingyuan/write/?alone=no"))

    for word in ("谁收", "清源县信访局", "做什么", "谁能看", "存多久", "更正或删除"):
        assert word in page
    assert "任何人不得透露给被举报的单位和个人" in page


def test_the_drafts_leave_out_what_is_personal(browser, county):
    page = text_of(browser.get("/qingyuan/write/?alone=no"))

    private = page[
        page.index('<fieldset class="stack" data-private>') : page.index(
            "</fieldset>", page.index("data-private")
        )
    ]
    assert all(f'name="{name}"' in private for name in ("name", "phone", "email"))
