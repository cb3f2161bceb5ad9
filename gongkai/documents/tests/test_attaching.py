"""Files beside a document: what they hide is taken out, what comes after the release is asked to be shown."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from gongkai.documents import actions, reading
from gongkai.files.models import Attachment
from gongkai.ledger import clock
from gongkai.ledger.models import Effect
from tests.world import moment

NOW = "2025-09-30 10:00"


@pytest.fixture(autouse=True)
def at_work():
    with clock.set_to(moment(NOW)):
        yield


def table(author: str | None) -> bytes:
    book, file = Workbook(), io.BytesIO()
    book.properties.creator = author
    book.active.append(["电梯", 15])
    book.save(file)
    return file.getvalue()


def put(browser, document, author: str | None) -> Attachment:
    upload = SimpleUploadedFile("附表.xlsx", table(author))
    browser.post(reverse("documents:attachments", args=[document.code]), {"attachments": upload})
    return Attachment.objects.of(actions.ROOM, document.code).get()


def test_what_a_file_says_of_its_writer_is_taken_out_by_a_button_and_recorded(desk, door):
    document, browser = desk.draft(), door("wang_min")
    before = put(browser, document, "王敏")
    page = browser.get(reverse("documents:document", args=[document.code])).content.decode()
    url = reverse("documents:cleaning", args=[document.code, before.pk])
    assert "文件属性里有姓名：王敏。" in page
    assert url in page
    assert door("lu_hai").post(url).status_code == 404

    assert browser.post(url).status_code == 302
    after = Attachment.objects.of(actions.ROOM, document.code).get()
    assert (after.name, after.pk == before.pk) == ("附表.xlsx", False)
    assert reading.hidden_in(after) == ()
    assert document.matter.facts.get(kind="document.file_cleaned").details == {"found": 1}
    page = browser.get(reverse("documents:document", args=[document.code])).content.decode()
    assert "取出文件属性里的信息" not in page


def test_a_file_that_hides_nothing_that_can_be_taken_out_stays_as_it_is(desk, door):
    document, browser = desk.draft(), door("wang_min")
    row = put(browser, document, None)

    assert browser.post(reverse("documents:cleaning", args=[document.code, row.pk])).status_code == 409
    assert Attachment.objects.of(actions.ROOM, document.code).get() == row


def test_a_file_put_beside_a_published_document_is_shown_at_once(desk, door):
    document = desk.published()
    asked = Effect.objects.filter(kind="site.render").count()
    put(door("wang_min"), document, None)

    assert Effect.objects.filter(kind="site.render").count() == asked + 1
