"""Documents and reviews on screen: who may open which door, each act once through HTTP, what is kept when refused."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gongkai.documents import actions
from gongkai.documents.acts import ACTS
from gongkai.documents.models import Document
from gongkai.documents.tests.conftest import TEXT, fresh
from gongkai.ledger import clock
from gongkai.reviews import actions as reviews
from gongkai.reviews.models import Sheet
from tests.world import moment

NOW = "2025-09-29 10:00"


@pytest.fixture(autouse=True)
def at_work():
    with clock.set_to(moment(NOW)):
        yield


def address(name: str, document: Document, *more: object) -> str:
    return reverse(f"documents:{name}", args=[document.code, *more])


def seen(client, url: str) -> str:
    return re.search(r'name="seen" value="(\d+)"', client.get(url).content.decode())[1]


def test_a_stranger_finds_no_door(client, desk):
    document = desk.issued()
    for url in (
        reverse("documents:list"),
        address("document", document),
        reverse("reviews:list"),
        reverse("documents:export"),
    ):
        assert client.get(url).status_code == 302


@pytest.mark.parametrize("who", ["li_qiang", "zhao_jing", "tang_yue"])
def test_what_is_not_published_is_missing_for_other_units_behind_every_door(desk, door, who):
    document = desk.issued(attribute="不予公开", ground="内部管理", reason="内部人事安排")
    sheet = Sheet.objects.get(matter=document.matter)
    browser = door(who)

    assert browser.get(address("document", document)).status_code == 404
    assert browser.get(address("edit", document)).status_code == 404
    assert browser.get(address("difference", document, 1)).status_code == 404
    for act in ACTS:
        assert browser.get(address(act.name, document)).status_code == 404
        assert browser.post(address(act.name, document)).status_code == 404
    assert browser.get(reverse("reviews:sheet", args=[sheet.pk])).status_code == 404
    for door_ in ("signature", "return", "recall", "override", "approval"):
        assert browser.post(reverse(f"reviews:{door_}", args=[sheet.pk])).status_code == 404
    assert document.title not in browser.get(reverse("documents:list")).content.decode()
    assert document.title not in browser.get(reverse("documents:export")).content.decode()


@pytest.mark.parametrize("kind", ["repeals", "interprets"])
def test_what_is_public_does_not_name_the_draft_that_is_tied_to_it(desk, door, kind):
    public = desk.published()
    draft = desk.draft("2025-10-09 09:00", title="关于废止电梯更新补贴标准的通知")
    desk.do("wang_min", "2025-10-09 10:00", actions.relate, draft, other=public, kind=kind)

    found = {
        who: draft.title in door(who).get(address("document", public)).content.decode()
        for who in ("wang_min", "li_qiang")
    }

    assert found == {"wang_min": True, "li_qiang": False}


def test_the_way_from_the_first_word_to_the_site_on_screen(desk, door, county):
    writer, deputy, checker, publisher = (
        door(name) for name in ("wang_min", "zhou_lan", "qin_lan", "qian_fang")
    )
    made = writer.post(
        reverse("documents:draft"),
        {"unit": county.units["zhujian"].pk, "sort": "official", "genre": "通知", "title": "关于电梯补贴的通知",
         "html": "一、补贴标准\n每台电梯补贴15万元。", "kinds": ["is_policy"]},
    )  # fmt: skip
    document = Document.objects.get()
    assert made.url == address("document", document)
    assert fresh(document).text == "<h2>一、补贴标准</h2>\n<p>每台电梯补贴15万元。</p>"

    def do(browser, name, **given):
        url = address(name, document)
        answer = browser.post(url, {"seen": seen(browser, url)} | given)
        assert answer.status_code == 302, answer.content.decode()
        return answer

    do(writer, "attribute", attribute="主动公开", ground="涉及群众切身利益")
    do(writer, "submission")
    sheet = Sheet.objects.get()
    assert "关于电梯补贴的通知" in deputy.get(reverse("reviews:list")).content.decode()
    deputy.post(reverse("reviews:signature", args=[sheet.pk]), {"step": 2, "words": "同意"})
    do(writer, "issue", number="清住建发[2025]9号", made_on="2025-09-29")
    do(checker, "secrecy", outcome="可以公开")
    do(writer, "clearance")
    release = Sheet.objects.get(subject="release")
    checker.post(reverse("reviews:signature", args=[release.pk]), {"step": 2})
    deputy.post(reverse("reviews:batch"), {"sheets": [release.pk]})
    do(publisher, "publication")

    assert fresh(document).is_published
    page = writer.get(address("document", document)).content.decode()
    for words in ("清住建发〔2025〕9号", "发布登记", "按时办结", "王敏、秦岚、周岚"):
        assert words in page


def test_a_second_click_does_nothing_twice(desk, door):
    document = desk.published()
    writer = door("qian_fang")
    url = address("channel", document)
    mark = seen(writer, url)
    for _ in range(2):
        writer.post(url, {"seen": mark, "channel": "政府公报"})
    assert document.releases.filter(channel="政府公报").count() == 1


def test_a_closed_act_stays_and_says_why(desk, door):
    document = desk.draft(attribute=None)
    page = door("wang_min").get(address("document", document)).content.decode()

    assert "报批" in page
    assert "还没有确定公开属性" in page


def test_a_wrong_number_keeps_what_was_typed(desk, door):
    document = desk.signed()
    answer = door("wang_min").post(address("issue", document), {"number": "九号文", "made_on": "2025-09-29"})

    assert answer.status_code == 422
    assert "九号文" in answer.content.decode()
    assert "像发文字号" in answer.content.decode()


def test_the_page_of_the_text_shows_it_and_keeps_what_is_written(desk, door):
    document = desk.draft()
    writer, url = door("wang_min"), address("edit", document)
    page = writer.get(url)
    kept = writer.post(url, {"genre": "通知", "title": document.title, "html": TEXT.replace("15", "18")})

    assert page.status_code == 200
    assert "每台电梯补贴15万元" in page.content.decode()
    assert kept.url == address("document", document)
    assert "补贴18万元" in fresh(document).text


def test_an_act_that_is_refused_keeps_what_was_typed(desk, door):
    document = desk.draft()
    answer = door("wang_min").post(
        address("issue", document), {"number": "清住建发〔2025〕31号", "made_on": "2025-09-29"}
    )
    page = answer.content.decode()

    assert answer.status_code == 409
    assert "不能办的原因" in page
    assert 'value="清住建发〔2025〕31号"' in page


def test_a_sheet_is_a_link_only_for_who_may_open_it(desk, door):
    document = desk.published()
    sheets = [reverse("reviews:sheet", args=[sheet.pk]) for sheet in Sheet.objects.all()]
    inside, outside = (
        door(name).get(address("document", document)).content.decode() for name in ("wang_min", "li_qiang")
    )

    assert "发布审查" in outside
    assert all(url in inside and url not in outside for url in sheets)


def test_a_sheet_has_no_two_fields_of_one_name(desk, door):
    sheet = desk.do("wang_min", NOW, actions.submit, desk.draft())
    page = door("zhou_lan").get(reverse("reviews:sheet", args=[sheet.pk])).content.decode()
    ids = re.findall(r' id="([^"]+)"', page)

    assert len(ids) == len(set(ids))


def test_press_people_find_the_way_from_a_document_to_its_plan_of_dissemination(desk, door):
    document = desk.published()
    plan = reverse("press:plan", args=[document.code])
    checker = door("qin_lan")

    assert plan in checker.get(address("document", document)).content.decode()
    assert checker.get(plan).status_code == 200
    assert plan not in door("wang_min").get(address("document", document)).content.decode()


def test_a_corrected_document_does_not_wait_for_a_review_of_its_secrets(desk, door):
    document = desk.published()
    given = {"title": document.title, "html": f"{TEXT}<p>（街道）</p>", "reason": "漏“（街道）”"}
    desk.do("qian_fang", "2025-10-09 09:00", actions.correct, document, **given)

    assert "须重审" not in door("wang_min").get(f"/office/documents/{document.code}/").content.decode()


def test_what_was_released_is_not_to_be_looked_at_before_release(desk, door):
    document = desk.cleared(desk.issued(html="<p>补贴标准，联系人张三13900001111。</p>"))
    url = reverse("documents:document", args=[document.code])
    assert "发布前请核对" in door("wang_min").get(url).content.decode()
    desk.do("qian_fang", "2025-09-29 10:00", actions.publish, document)
    shown = door("wang_min").get(url).content.decode()
    assert "发布前请核对" not in shown
    assert "已发布（发布审查：王敏、秦岚、周岚）" in shown
    assert "<mark>13900001111</mark>" in shown

    given = {"title": document.title, "html": "<p>补贴标准，联系人李四13900002222。</p>", "note": "换联系人"}
    desk.do("wang_min", "2025-10-09 09:00", actions.edit, fresh(document), **given)
    assert "发布前请核对" in door("wang_min").get(url).content.decode()


def test_an_uploaded_text_is_shown_before_it_is_kept(desk, door, county):
    from django.core.files.uploadedfile import SimpleUploadedFile

    upload = SimpleUploadedFile("通知.txt", "关于停水的通知\n一、停水范围\n东街。".encode("gb18030"))
    answer = door("wang_min").post(
        reverse("documents:draft"),
        {
            "unit": county.units["zhujian"].pk,
            "sort": "official",
            "genre": "通知",
            "title": "停水通知",
            "file": upload,
        },
    )
    assert Document.objects.count() == 0
    assert "停水范围" in answer.content.decode()


def test_the_difference_of_two_editions_is_marked(desk, door):
    document = desk.published()
    desk.do(
        "wang_min",
        NOW,
        actions.edit,
        document,
        title=document.title,
        html=TEXT.replace("15", "18"),
        summary="补贴提高",
        note="提高",
    )
    page = door("wang_min").get(address("difference", fresh(document), 2)).content.decode()

    assert "<del>15</del><ins>18</ins>" in page
    assert "<ins>内容概述：补贴提高</ins>" in page


def test_another_unit_answers_on_screen_and_a_disagreement_is_settled(desk, door, county):
    document = desk.issued()
    [asked] = desk.do(
        "wang_min", NOW, actions.ask_confirmation, document, [county.units["shuiwu"]], question="停水"
    )
    other = door("he_jing")
    url = address("confirm", document, asked.pk)
    assert other.post(url, {"agrees": "no"}).status_code == 422
    assert other.post(url, {"agrees": "no", "words": "时间不对"}).status_code == 302
    assert door("wang_min").post(address("referral", document, asked.pk)).status_code == 302
    settled = door("he_wen").post(address("settlement", document, asked.pk), {"words": "按水务局意见"})

    assert settled.status_code == 302
    asked.refresh_from_db()
    assert asked.is_settled


def test_a_return_an_emergency_and_its_making_up_on_screen(desk, door):
    document = desk.draft()
    sheet = desk.do("wang_min", NOW, actions.submit, document)
    door("zhou_lan").post(reverse("reviews:return", args=[sheet.pk]), {"step": 2, "words": "写清标准"})
    assert fresh(document).stage == "draft"

    issued = desk.issued(number="清住建发〔2025〕10号")
    desk.do("qin_lan", NOW, actions.review_secrecy, issued, outcome="可以公开")
    release = desk.do("wang_min", NOW, actions.clear, fresh(issued))
    door("jiang_tao").post(reverse("reviews:override", args=[release.pk]), {"reason": "暴雨预警"})
    door("zhou_lan").post(reverse("reviews:approval", args=[release.pk]))

    release.refresh_from_db()
    assert (release.state, release.approved_by.name) == ("overridden", "周岚")


def test_the_list_and_the_page_ask_a_fixed_number_of_questions(desk, door):
    desk.issued()
    browser = door("chen_li")
    document = Document.objects.get()

    def questions(url: str) -> int:
        browser.get(url)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert browser.get(url).status_code == 200
        return len(asked)

    few = questions(reverse("documents:list"))
    for n in range(8):
        desk.issued(number=f"清住建发〔2025〕{20 + n}号")
    assert questions(reverse("documents:list")) == few
    assert few <= 12
    assert questions(address("document", document)) <= 45


def test_an_import_of_the_export_names_every_field(desk, door):
    desk.issued()
    answer = door("chen_li").get(reverse("documents:export"))
    text = answer.content.decode("utf-8-sig")

    assert text.splitlines()[0].startswith("编号,索引号,标题,发文字号")
    assert "清住建发〔2025〕7号" in text


def test_signing_shows_the_whole_text_and_what_changed_since_the_last_time(desk, door):
    document = desk.draft()
    first = desk.do("wang_min", "2025-09-24 09:00", actions.submit, document)
    desk.do("zhou_lan", "2025-09-24 10:00", reviews.return_, first, words="标准不对")
    desk.do(
        "wang_min",
        "2025-09-25 09:00",
        actions.edit,
        fresh(document),
        title=document.title,
        html=TEXT.replace("15", "18"),
    )
    second = desk.do("wang_min", "2025-09-25 10:00", actions.submit, fresh(document))
    page = door("zhou_lan").get(reverse("reviews:sheet", args=[second.pk])).content.decode()

    assert "每台电梯补贴18万元" in page
    assert "<del>15</del><ins>18</ins>" in page


def test_a_document_that_is_not_out_replaces_none_and_the_page_says_so(desk, door):
    document, waiting = desk.published(at="2025-09-29 09:30"), desk.draft(attribute=None)
    url = address("withdrawal", document)
    given = {
        "kind": "文件废止",
        "notice": "请看新文件。",
        "reason": "已有新文件",
        "replacement": waiting.code,
    }
    browser = door("chen_li")
    refused = browser.post(url, given | {"seen": seen(browser, url)})

    assert refused.status_code == 422
    assert "没有找到这份已发布的文件" in refused.content.decode()
    assert fresh(document).withdrawn_at is None
