"""Published answers, and that nothing else is ever read by a stranger."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from gongkai.letters import actions
from gongkai.letters.models import Letter
from gongkai.people.actor import Actor
from gongkai.portal.tests.conftest import text_of

DOORS = (
    "", "letters/", "letters/?q=电梯", "letters/?nature=投诉", "search/?q=电梯", "search/?q=东湖花园",
    "letters/feed.atom", "letters/feed.json", "owed/", "times/", "clauses/", "flow/", "seals/", "owed.csv",
    "owed.json", "write/?alone=no", "follow/",
)  # fmt: skip


def test_a_published_answer_is_listed_found_and_read(browser, published):
    assert "老旧小区电梯反复停运怎么办" in text_of(browser.get("/qingyuan/letters/"))
    assert "老旧小区电梯反复停运怎么办" in text_of(browser.get("/qingyuan/"))
    found = text_of(browser.get("/qingyuan/search/?q=电梯"))
    assert "<mark>电梯</mark>" in found

    page = browser.get(f"/qingyuan/letters/{published.number}/")

    text = text_of(page)
    assert "由业主表决后更换" in text
    assert "县住建局答复" in text
    assert "用时 3 个工作日" in text  # 28, 29, 30 September: the Sunday is worked
    assert page["Cache-Control"] == "max-age=60"


def test_only_what_was_edited_for_the_public_is_shown(browser, published):
    for door in (*DOORS, f"letters/{published.number}/"):
        page = text_of(browser.get(f"/qingyuan/{door}"))
        assert "东湖花园7幢" not in page, door  # the writer's own title
        assert "老人下不了楼" not in page, door
        assert "更换轴承" not in page, door  # the answer as it was sent
        assert "林晓" not in page, door
        assert published.code not in page, door


@pytest.mark.parametrize("state", ["letter", "assigned", "answered"])
def test_strangers_read_unpublished_letters_through_no_door(browser, request, state):
    letter: Letter = request.getfixturevalue(state)

    for door in (*DOORS, f"letters/{letter.number}/", f"letter/{letter.number}/"):
        page = browser.get(f"/qingyuan/{door}", follow=True)
        assert letter.title not in text_of(page), door
        assert "更换轴承" not in text_of(page), door
        assert letter.number not in text_of(page), door
    assert browser.get(f"/qingyuan/letters/{letter.number}/").status_code == 404
    assert letter.number not in text_of(browser.get("/sitemap.xml"))


def test_an_answer_that_was_taken_off_says_so_and_is_found_no_more(browser, county, at, published):
    actions.unpublish(published, by=county.actor("zhou_lan"), at=at("2025-10-10 09:00"), reason="内容有误")

    page = browser.get(f"/qingyuan/letters/{published.number}/")

    assert page.status_code == 410
    assert "已经撤下" in text_of(page)
    assert "内容有误" not in text_of(page)
    assert published.number not in text_of(browser.get("/qingyuan/letters/"))
    assert published.number not in text_of(browser.get("/qingyuan/search/?q=电梯"))


def test_another_place_shows_its_own_answers_only(browser, published):
    assert published.number not in text_of(browser.get("/zunyi/letters/"))
    assert browser.get(f"/zunyi/letters/{published.number}/").status_code == 404


def test_the_page_carries_the_metadata_of_the_page_rules(browser, published):
    page = text_of(browser.get(f"/qingyuan/letters/{published.number}/"))

    found = dict(re.findall(r'<meta name="(\w+)" content="([^"]*)">', page))
    assert found["SiteName"] == "清源县人民政府"
    assert found["SiteDomain"] == "localhost"
    assert found["SiteIDCode"] == "5203990001"
    assert found["ColumnType"] == "回应关切"
    assert found["ArticleTitle"] == "老旧小区电梯反复停运怎么办"
    assert found["PubDate"] == "2025-10-09 09:00"
    assert found["ContentSource"] == "县住建局"


def test_lists_are_narrowed_by_nature_and_unit(browser, county, published):
    unit = county.units["zhujian"].code

    assert published.number in text_of(browser.get(f"/qingyuan/letters/?nature=投诉&unit={unit}"))
    assert published.number not in text_of(browser.get("/qingyuan/letters/?nature=咨询"))
    assert "没有找到" in text_of(browser.get("/qingyuan/letters/?unit=nobody"))


def test_another_question_is_offered_where_nothing_is_found(browser, published):
    page = text_of(browser.get("/qingyuan/search/?q=旧小区电悌反复"))

    assert "是不是要找" in page
    assert "写信问一问" in page


def test_what_was_asked_is_escaped(browser, county):
    page = text_of(browser.get("/qingyuan/search/?q=<script>alert(1)</script>"))

    assert "<script>alert" not in page


def test_the_feeds_can_be_read_by_machines(browser, published):
    root = ElementTree.fromstring(browser.get("/qingyuan/letters/feed.atom").content)
    assert [e.findtext("{*}title") for e in root.findall("{*}entry")] == ["老旧小区电梯反复停运怎么办"]

    feed = json.loads(browser.get("/qingyuan/letters/feed.json").content)
    assert feed["items"][0]["url"].endswith(f"/qingyuan/letters/{published.number}/")


def test_a_list_costs_the_same_however_long_it_is(browser, county, at, published, django_assert_num_queries):
    browser.get("/qingyuan/letters/")
    with django_assert_num_queries(4):
        browser.get("/qingyuan/letters/")
    for n in range(5):
        now = at(f"2025-10-0{n + 1} 09:00")
        more = actions.receive(
            county.place, source="政务信箱", title=f"第{n}封", text="路灯不亮，请修一修。", person={"name": "某某"},
            by=Actor.system(county.place), at=now, now=now,
        )  # fmt: skip
        Letter.objects.filter(pk=more.pk).update(
            may_publish=True, published_at=now, answered_at=now, public_title=f"第{n}封", public_answer="已修。",
            unit=county.units["zhujian"],
        )  # fmt: skip

    browser.get("/qingyuan/letters/")
    with django_assert_num_queries(4):
        page = browser.get("/qingyuan/letters/")
    assert "第4封" in text_of(page)
