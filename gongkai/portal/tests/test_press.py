"""Press for everybody: what is coming, what was said, a question without an account, the official accounts."""

from __future__ import annotations

import re

import pytest

from gongkai.press import actions
from gongkai.press.models import CitizenQuestion
from gongkai.press.tests.conftest import Desk, fresh
from tests.world import moment

LIST = "/qingyuan/press/"


@pytest.fixture
def desk(county) -> Desk:
    return Desk(county)


@pytest.fixture
def interview(desk):
    event = desk.plan(form="在线访谈", title="电梯更新补贴在线访谈")
    desk.do("song_jia", "2025-09-23 09:00", actions.announce, event, preview="29 日上午谈电梯更新补贴")
    return fresh(event)


def text(response):
    return response.content.decode()


def page_of(event):
    return f"{LIST}{event.code}/"


def ask(browser, event, at, **changes):
    """Open the form, fill it in, send it a minute later."""
    at("2025-09-24 09:00")
    stamp = re.search(r'name="stamp" value="([^"]+)"', text(browser.get(f"{page_of(event)}question/")))[1]
    at("2025-09-24 09:01")
    given = {"stamp": stamp, "words": "没有业主委员会的小区怎么申请？"} | changes
    return browser.post(f"{page_of(event)}question/", given), given


def test_what_is_planned_is_nobodys_to_see_before_its_preview(browser, desk):
    event = desk.signed()
    assert browser.get(page_of(event)).status_code == 404
    assert event.title not in text(browser.get(LIST))
    assert "现在没有预告" in text(browser.get(LIST))


@pytest.mark.clause("XA-WZ-02-7")
def test_an_interview_is_previewed_and_takes_questions(browser, interview, at):
    page = text(browser.get(LIST))
    assert "电梯更新补贴在线访谈" in page
    assert "我要提问" in page
    assert "29 日上午谈电梯更新补贴" in text(browser.get(page_of(interview)))

    answer, given = ask(browser, interview, at)
    assert answer.url == f"{page_of(interview)}question/sent/"
    assert "提问已收到" in text(browser.get(answer.url))
    assert browser.post(f"{page_of(interview)}question/", given).status_code == 302
    assert CitizenQuestion.objects.get().words == "没有业主委员会的小区怎么申请？"


def test_a_question_is_not_shown_before_somebody_chose_it(browser, desk, interview, at):
    ask(browser, interview, at)
    assert "没有业主委员会" not in text(browser.get(page_of(interview)))
    rows = list(interview.citizen_questions.all())
    desk.do("song_jia", "2025-09-25 09:00", actions.choose, interview, chosen=rows)
    assert "没有业主委员会" in text(browser.get(page_of(interview)))


def test_numbers_of_persons_are_pointed_out_then_masked(browser, interview, at):
    answer, given = ask(browser, interview, at, words="请打 13812345678 告诉我怎么申请")
    assert answer.status_code == 422
    assert "个人信息" in text(answer)
    assert browser.post(f"{page_of(interview)}question/", given | {"looked": "yes"}).status_code == 302
    assert "13812345678" not in CitizenQuestion.objects.get().words


def test_floods_robots_and_short_questions_are_held_off(browser, interview, at):
    assert ask(browser, interview, at, words="？")[0].status_code == 422
    assert "机器人" in text(ask(browser, interview, at, website="x")[0])
    for _ in range(10):
        assert ask(browser, interview, at)[0].status_code == 302
    answer, _given = ask(browser, interview, at)
    assert answer.status_code == 429
    assert "没有业主委员会" in text(answer)
    assert CitizenQuestion.objects.count() == 10


def test_after_the_interview_no_questions_are_taken_and_the_record_stands(browser, desk, interview):
    event = desk.attended(desk.signed(interview))
    desk.do(
        "song_jia", "2025-09-29 10:00", actions.record_line, event, speaker="主持人", words="各位网友好。"
    )
    assert "文字直播" in text(browser.get(page_of(event)))
    desk.do("song_jia", "2025-09-29 10:00", actions.hold, fresh(event))
    assert "现在不收提问" in text(browser.get(f"{page_of(event)}question/"))
    given = {"record": "主持人：各位网友好。", "video": "https://video.example/1"}
    desk.do("song_jia", "2025-09-29 15:00", actions.publish, fresh(event), **given)

    page = text(browser.get(page_of(event)))
    assert "https://video.example/1" in page
    assert "文字直播" not in page
    assert "有实录" in text(browser.get(LIST))
    assert "十二个小区" not in page


def test_a_cancelled_event_says_why(browser, desk, interview):
    desk.do("song_jia", "2025-09-24 09:00", actions.cancel, interview, reason="主讲人生病，改日举行")
    assert "主讲人生病" in text(browser.get(page_of(interview)))
    assert "已取消" in text(browser.get(LIST))
    assert "我要提问" not in text(browser.get(LIST))


def test_the_roster_shows_who_speaks_now(browser, desk, at):
    at("2025-09-29 09:00")
    desk.spokesperson(name="周岚")
    gone = desk.spokesperson(name="前任")
    given = {"unit": gone.unit, "name": "前任", "title": "副局长", "until": moment("2025-06-01 00:00").date()}
    desk.do("song_jia", "2025-09-22 09:00", actions.save_spokesperson, row=gone, **given)
    page = text(browser.get(LIST))

    assert "0851-20000199" in page
    assert "周岚" in page
    assert "前任" not in page


def test_the_register_of_accounts_shows_what_was_approved(browser, desk):
    desk.account(name="还没有批准")
    desk.active(name="清源发布", address="https://weibo.example/qingyuan")
    page = text(browser.get("/qingyuan/accounts/"))

    assert "https://weibo.example/qingyuan" in page
    assert "还没有批准" not in page


def test_events_of_another_place_and_of_nobody_are_not_there(browser, interview, db):
    from gongkai.people.models import Place

    Place.objects.create(code="610100", slug="xian", name="西安市", level="city", government="西安市人民政府")
    assert browser.get(f"/xian/press/{interview.code}/").status_code == 404
    assert browser.get("/qingyuan/press/FB-2025-0101-0001/").status_code == 404


def test_the_pages_are_baked_and_renewed(browser, desk, interview, settings, tmp_path):
    from gongkai.portal.baking import actions as baking
    from gongkai.portal.baking import pages
    from gongkai.press.tests.conftest import deliver

    settings.GONGKAI_BAKED = tmp_path / "site"
    baking.bake_all(desk.place, moment("2025-09-23 10:00"))
    file = pages.place_folder(desk.place) / "press" / interview.code / "index.html"
    assert "29 日上午谈电梯更新补贴" in file.read_text()
    desk.do("song_jia", "2025-09-24 09:00", actions.cancel, interview, reason="主讲人生病，改日举行")
    deliver("2025-09-24 09:01")

    assert "主讲人生病" in file.read_text()
    assert "已取消" in (pages.place_folder(desk.place) / "press" / "index.html").read_text()
