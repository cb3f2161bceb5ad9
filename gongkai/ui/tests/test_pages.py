"""The pages around the components: size of type, errors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from gongkai.ui.middleware import content_policy
from gongkai.ui.tests.test_gallery import TEMPLATES


def test_large_type_is_asked_for_once_and_remembered(browser):
    asked = browser.get("/gallery/?type=large")
    later = browser.get("/gallery/")

    assert 'data-type="large"' in asked.text
    assert asked.cookies["type"].value == "large"
    assert 'data-type="large"' in later.text


def test_the_switch_says_where_it_leads_and_keeps_the_question(browser):
    normal = browser.get("/gallery/?q=电梯")
    large = browser.get("/gallery/?q=电梯&type=large")

    assert 'href="?q=%E7%94%B5%E6%A2%AF&amp;type=large">大字版' in normal.text
    assert 'href="?q=%E7%94%B5%E6%A2%AF&amp;type=normal">标准字' in large.text


def test_normal_type_can_be_had_again(browser):
    browser.get("/gallery/?type=large")
    back = browser.get("/gallery/?type=normal")

    assert "data-type" not in back.text
    assert "data-type" not in browser.get("/gallery/").text


def test_an_unknown_size_changes_nothing(browser):
    answer = browser.get("/gallery/?type=huge")

    assert "data-type" not in answer.text
    assert "type" not in answer.cookies


def test_caches_keep_the_two_sizes_apart(browser):
    assert "Cookie" in browser.get("/gallery/")["Vary"]


def test_a_missing_page_says_what_to_do(browser):
    answer = browser.get("/nowhere/")

    assert answer.status_code == 404
    assert "没有找到这一页" in answer.text
    assert "回首页" in answer.text


def test_pages_of_a_broken_system_need_nothing_to_be_drawn():
    for name in ("500.html", "400.html"):
        page = (TEMPLATES.parent / name).read_text(encoding="utf-8")
        assert "{%" not in page
        assert "{{" not in page


def test_an_answer_that_says_what_it_may_load_is_left_as_it_is(settings):
    for said, heard in (("default-src 'none'; sandbox", "sandbox"), ("", settings.CONTENT_SECURITY_POLICY)):
        headers = {"Content-Security-Policy": said} if said else {}
        answer = content_policy(lambda _request, h=headers: HttpResponse(headers=h))(HttpRequest())
        assert heard in answer["Content-Security-Policy"]
