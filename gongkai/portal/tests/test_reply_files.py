"""Files of a letter: the writer's, what the unit collected, what goes out with the reply. Who reads which, at every door."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gongkai.files import actions as files
from gongkai.files.models import Attachment
from gongkai.letters import actions, attachments
from gongkai.letters.models import Letter
from gongkai.people.actor import Actor
from gongkai.portal.tests.conftest import PHONE, answer, text_of
from gongkai.ui.refusal import Refused

WORDS = "维修合同"
WRITER = {"name": "林晓", "phone": PHONE}


def upload(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, f"{name}{WORDS}".encode())


def put(letter: Letter, kind: str, name: str, by: Client) -> Attachment:
    """A file put to a letter by staff through the office: `attachments` or `reply-files`."""
    sent = by.post(f"/office/letters/{letter.number}/{kind}/", {"attachments": [upload(name)]})
    assert sent.status_code == 302, sent.content.decode()
    return Attachment.objects.get(name=name)


def reads(browser: Client, file: Attachment) -> bool:
    response = browser.get(file.get_absolute_url())
    if response.status_code == 404:
        return False
    assert WORDS in b"".join(response.streaming_content).decode()
    return True


@pytest.fixture
def desk(county):
    def open_(name: str) -> Client:
        browser = Client()
        browser.force_login(county.staff[name])
        return browser

    return open_


@pytest.fixture
def follower(assigned, open_letter):
    browser = Client()
    open_letter(assigned, client=browser)
    return browser


def test_the_writer_is_given_the_files_of_the_reply_with_the_answer_and_not_before(
    county, at, assigned, follower, desk, open_letter
):
    at("2025-09-30 15:00")
    file = put(assigned, "reply-files", "维修合同.txt", desk("wang_min"))
    note = put(assigned, "attachments", "勘查记录.txt", desk("wang_min"))
    own = files.attach(
        upload("投诉材料.txt"),
        room=attachments.OWN,
        number=assigned.number,
        by=None,
        at=at("2025-09-30 15:01"),
    )
    page = f"/qingyuan/letter/{assigned.number}/"
    assert [reads(follower, one) for one in (file, note, own)] == [False, False, True]
    assert file.name not in text_of(follower.get(page))

    answer(county, at, assigned, "2025-09-30 15:40", "已换轴承，合同见附件。")

    assert [reads(follower, one) for one in (file, note, own)] == [True, False, True]
    shown = text_of(follower.get(page))
    assert (file.get_absolute_url() in shown, note.name in shown, own.name in shown) == (True, False, True)
    stranger = Client()
    assert not any(reads(stranger, one) for one in (file, note, own))
    other = actions.receive(
        county.place, source="政务信箱", title="路灯不亮", text="三天了", person=WRITER, by=Actor.system(county.place),
        at=at("2025-09-30 16:00"), now=at("2025-09-30 16:00"),
    )  # fmt: skip
    open_letter(other, client=stranger)
    assert not any(reads(stranger, one) for one in (file, note, own))


def test_staff_read_all_files_of_the_letters_they_may_see_and_of_no_other(county, at, assigned, desk):
    at("2025-09-30 15:00")
    wang = desk("wang_min")
    found = [put(assigned, "reply-files", "合同.txt", wang), put(assigned, "attachments", "记录.txt", wang)]
    for who in ("wang_min", "zhou_lan", "zhao_jing", "chen_li", "zheng_jie"):
        assert all(reads(desk(who), one) for one in found), who
    for who in ("li_qiang", "wu_tao"):
        assert not any(reads(desk(who), one) for one in found), who


def test_only_what_the_person_publishing_marked_is_public_and_only_while_published(
    county, at, assigned, desk, browser
):
    at("2025-09-30 15:00")
    wang, zhou = desk("wang_min"), desk("zhou_lan")
    shown, kept = (
        put(assigned, "reply-files", "公告.txt", wang),
        put(assigned, "reply-files", "名单.txt", wang),
    )
    note = put(assigned, "attachments", "记录.txt", wang)
    letter = answer(county, at, assigned, "2025-09-30 15:40", "见附件。")
    at("2025-10-09 09:00")
    address = f"/qingyuan/letters/{letter.number}/"
    told = {"title": "电梯", "text": "电梯停运", "answer": "已换"}
    form = zhou.get(f"/office/letters/{letter.number}/publication/").content.decode()
    assert (str(shown.pk) in form, str(note.pk) in form) == (True, False)
    refused = zhou.post(
        f"/office/letters/{letter.number}/publication/", told | {"attachments": [str(note.pk)]}
    )
    assert refused.status_code == 422

    zhou.post(f"/office/letters/{letter.number}/publication/", told | {"attachments": [str(shown.pk)]})

    assert [reads(browser, one) for one in (shown, kept, note)] == [True, False, False]
    page = text_of(browser.get(address))
    assert (shown.get_absolute_url() in page, kept.name in page, note.name in page) == (True, False, False)

    actions.unpublish(letter, by=county.actor("zhou_lan"), at=at("2025-10-10 09:00"), reason="内容有误")
    assert not reads(browser, shown)
    actions.publish(letter, by=county.actor("zhou_lan"), at=at("2025-10-10 10:00"), **told)
    assert not reads(browser, shown)


def test_a_file_for_a_later_answer_waits_for_it(county, at, assigned, follower, desk):
    at("2025-09-30 15:00")
    first = put(assigned, "reply-files", "第一次.txt", desk("wang_min"))
    letter = answer(county, at, assigned, "2025-09-30 15:40", "见附件。")
    actions.rate(letter, at=at("2025-09-30 16:00"), rating="不满意")
    at("2025-09-30 16:30")
    wang = desk("wang_min")
    second = put(letter, "reply-files", "第二次.txt", wang)
    assert [reads(follower, one) for one in (first, second)] == [True, False]

    gone = wang.post(f"/office/letters/{letter.number}/reply-files/{first.pk}/removal/")
    assert (gone.status_code, "已经随答复发出" in gone.content.decode()) == (409, True)
    answer(county, at, letter, "2025-09-30 17:00", "重新办了。")
    assert [reads(follower, one) for one in (first, second)] == [True, True]


def test_the_writer_of_a_merged_letter_is_given_the_files_too(county, at, assigned, desk, open_letter):
    now = at("2025-09-26 12:00")
    other = actions.receive(
        county.place, source="政务信箱", title="电梯又停了", text="电梯又停了", person=WRITER,
        by=Actor.system(county.place), at=now, now=now,
    )  # fmt: skip
    actions.merge(other, assigned, by=county.actor("zhao_jing"), at=now)
    file = put(assigned, "reply-files", "合同.txt", desk("wang_min"))
    browser = Client()
    open_letter(other, client=browser)
    assert not reads(browser, file)

    answer(county, at, assigned, "2025-09-30 15:40", "见附件。")

    assert reads(browser, file)
    assert file.get_absolute_url() in text_of(browser.get(f"/qingyuan/letter/{other.number}/"))


def test_files_are_put_to_and_taken_from_a_reply_only_while_it_is_written(county, at, assigned, desk):
    now = at("2025-09-30 15:00")
    wang = desk("wang_min")
    file, wrong = (
        put(assigned, "reply-files", "合同.txt", wang),
        put(assigned, "reply-files", "错的.txt", wang),
    )
    removal = f"/office/letters/{assigned.number}/reply-files/{wrong.pk}/removal/"
    for who, code in (("zhou_lan", 409), ("zhao_jing", 409), ("li_qiang", 404)):
        assert desk(who).post(removal).status_code == code, who
        sent = desk(who).post(
            f"/office/letters/{assigned.number}/reply-files/", {"attachments": [upload("x.txt")]}
        )
        assert sent.status_code == code, who
    assert wang.post(removal).status_code == 302
    by = county.actor("wang_min")
    actions.note_findings(assigned, by=by, at=now, text="属实")
    actions.submit(assigned, by=by, at=now, text="见附件。")

    assert file.name in text_of(desk("zhou_lan").get(f"/office/letters/{assigned.number}/"))
    with pytest.raises(Refused, match="正在审签"):
        actions.attach_to_reply(assigned, upload("晚了.txt"), by=by, at=now)
    with pytest.raises(Refused, match="正在审签"):
        actions.detach_from_reply(assigned, file, by=by)
    assert list(Attachment.objects.of(attachments.REPLY, assigned.number)) == [file]
