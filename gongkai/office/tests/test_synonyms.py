"""Words taken as equal: who says so, that the search heeds it at once, and that a reader may do without."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gongkai.letters import actions as letters
from gongkai.office.tests.conftest import text_of
from gongkai.search import actions
from gongkai.search.models import Synonym
from gongkai.ui.refusal import Refused
from tests.world import moment

pytestmark = pytest.mark.django_db

PAGE = "/office/synonyms/"
PORTAL = "/qingyuan/search/"


@pytest.fixture
def published(county, letter, at):
    """An answer about 停水 that everybody may read."""
    found = letter("2025-09-26 10:00", "停水两天", unit="shuiwu", may_publish=True)
    type(found).objects.filter(pk=found.pk).update(
        stage="answered", answer="已修", answered_at=moment("2025-09-28 10:00")
    )
    found.refresh_from_db()
    by = county.actor("chen_li")
    letters.publish(
        found, by=by, at=at("2025-09-28 11:00"), title="停水两天怎么办", text="停水", answer="已修好"
    )
    return found


def test_a_group_is_heeded_at_once_by_portal_and_office(county, published, signed_in, at):
    chen, reader = signed_in(county.chen_li), Client()
    assert published.number not in text_of(reader.get(PORTAL, {"q": "断水"}))
    now = at("2025-09-29 09:00")

    assert "已经生效" in text_of(chen.post(PAGE, {"words": "断水、停水"}, follow=True))

    row = Synonym.objects.get()
    assert (row.words, row.by, row.at, row.place_code) == (
        "停水 断水",
        county.chen_li,
        now,
        county.place.code,
    )
    found = text_of(reader.get(PORTAL, {"q": "断水"}))
    assert published.number in found
    assert "也找了意思相同的词：“断水”和“停水”" in found
    assert "停水两天" in text_of(chen.get("/office/search/", {"q": "断水"})).replace(
        "<mark>停水</mark>", "停水"
    )
    assert published.number in text_of(chen.get("/office/letters/", {"q": "断水", "view": "all"}))
    assert published.number not in text_of(reader.get("/zunyi/search/", {"q": "断水"}))


def test_a_reader_may_look_for_the_words_typed_only(county, published):
    actions.equate(["断水", "停水"], by=county.actor("chen_li"), at=moment("2025-09-29 09:00"))
    reader = Client()
    wide = text_of(reader.get(PORTAL, {"q": "断水"}))
    assert "exact=1" in wide
    narrow = text_of(reader.get(PORTAL, {"q": "断水", "exact": "1"}))
    assert published.number not in narrow
    assert "只找了您写的词" in narrow
    assert "意思相同" not in text_of(reader.get(PORTAL, {"q": "路灯"}))


def test_an_ended_group_is_heeded_no_more_and_stays_on_record(county, published, signed_in, at):
    row, _ = actions.equate(["断水", "停水"], by=county.actor("chen_li"), at=moment("2025-09-29 09:00"))
    now = at("2025-09-30 09:00")
    chen = signed_in(county.chen_li)

    chen.post(f"{PAGE}{row.pk}/end/")

    row.refresh_from_db()
    assert (row.ended_by, row.ended_at) == (county.chen_li, now)
    assert published.number not in text_of(Client().get(PORTAL, {"q": "断水"}))
    assert "停用的" in text_of(chen.get(PAGE))
    assert chen.post(f"{PAGE}{row.pk}/end/").status_code == 404
    again, is_new = actions.equate(["停水", "断水"], by=county.actor("chen_li"), at=now)
    assert (is_new, again.pk != row.pk) == (True, True)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("停水", "至少要有两个"),
        ("停水 停水", "至少要有两个"),
        ("停水 ？！", "不是能查找的词"),
        ("停水 " + "长" * 21, "太长"),
    ],
)
def test_what_is_no_group_is_refused_with_the_reason(county, signed_in, words, why):
    refused = signed_in(county.chen_li).post(PAGE, {"words": words})
    assert (refused.status_code, why in text_of(refused)) == (422, True)
    assert not Synonym.objects.exists()


def test_groups_go_out_as_a_text_and_come_in_again(county, signed_in):
    chen = signed_in(county.chen_li)
    text = "# 供水\n停水 断水 # 常用\n\n医保、医疗保险、社保卡\n只有一个\n停水 断水\n"
    for encoding in ("utf-8", "gb18030"):
        sent = {"file": SimpleUploadedFile("词.txt", text.encode(encoding))}
        told = text_of(chen.post(f"{PAGE}import/", sent, follow=True))
        assert "第 5 行：一组至少要有两个不同的词" in told
    assert "新增 0 组，本来就有 2 组" in told
    assert Synonym.objects.count() == 2

    out = chen.get("/office/synonyms.txt").content
    assert out.decode().splitlines() == ["停水 断水", "医保 医疗保险 社保卡"]
    Synonym.objects.all().delete()
    chen.post(f"{PAGE}import/", {"file": SimpleUploadedFile("词.txt", out)})
    assert chen.get("/office/synonyms.txt").content == out


@pytest.mark.parametrize("name", ["图.png", "大.txt"])
def test_a_file_that_is_no_text_is_refused(county, signed_in, name):
    content = b"\x89PNG\xff\xfe\x00" if name == "图.png" else b"a" * (1024 * 1024 + 1)
    refused = signed_in(county.chen_li).post(f"{PAGE}import/", {"file": SimpleUploadedFile(name, content)})
    assert refused.status_code == 422


@pytest.mark.parametrize("who", ["wang_min", "zhao_jing", "he_zhiyuan", "zheng_jie"])
def test_nobody_else_changes_them(county, signed_in, who):
    row, _ = actions.equate(["断水", "停水"], by=county.actor("chen_li"), at=moment("2025-09-29 09:00"))
    client = signed_in(county.staff[who])
    assert client.post(PAGE, {"words": "a b"}).status_code == 404
    assert client.post(f"{PAGE}{row.pk}/end/").status_code == 404
    with pytest.raises(Refused):
        actions.part(row, by=county.actor(who), at=moment("2025-09-29 09:00"))
    with pytest.raises(Refused):
        actions.equate(["甲", "乙"], by=county.actor(who), at=moment("2025-09-29 09:00"))
