"""One verdict disables the button, guards the action and becomes the page."""

from __future__ import annotations

import pytest

from gongkai.ui.refusal import Refused, Verdict


def test_a_yes_is_true_and_enforcing_it_does_nothing():
    verdict = Verdict.yes()

    assert verdict
    verdict.enforce()


def test_a_no_is_false_and_enforcing_it_says_why():
    verdict = Verdict.no("只有承办单位可以办结。", "留言办理办法 第五条", "请转给承办单位。")

    assert not verdict
    with pytest.raises(Refused, match="只有承办单位") as refused:
        verdict.enforce()
    assert (refused.value.cite, refused.value.remedy) == ("留言办理办法 第五条", "请转给承办单位。")


def test_a_refused_act_answers_409_with_reason_article_and_remedy(browser):
    answer = browser.post("/refuse/")

    assert answer.status_code == 409
    for words in ("还没有核实记录。", "留言办理办法 第五条", "请先添加核实记录。"):
        assert words in answer.text
    assert "<html" in answer.text


def test_htmx_is_given_the_fragment_alone(browser):
    answer = browser.post("/refuse/", headers={"HX-Request": "true"})

    assert answer.status_code == 409
    assert "还没有核实记录。" in answer.text
    assert "<html" not in answer.text


def test_the_way_back_leads_to_the_page_the_reader_came_from(browser):
    answer = browser.post("/refuse/", headers={"Referer": "http://testserver/office/letters/LY-1/"})

    assert 'href="http://testserver/office/letters/LY-1/"' in answer.text


def test_the_way_back_never_leads_to_another_site(browser):
    answer = browser.post("/refuse/", headers={"Referer": "https://elsewhere.example/trap"})

    assert "elsewhere.example" not in answer.text


def test_an_allowed_act_goes_on(browser):
    assert browser.post("/allow/").text == "办结"


def test_any_other_error_is_still_an_error(browser):
    answer = browser.get("/crash/")

    assert answer.status_code == 500
    assert "系统出错了" in answer.text
