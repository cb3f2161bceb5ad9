"""Press on screen: who may open which door, each act through HTTP, what is shown when there is nothing."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gongkai.files import actions as files
from gongkai.files.models import Attachment
from gongkai.ledger import clock
from gongkai.press import actions, acts
from gongkai.press.models import (
    Account,
    Failing,
    InterviewRequest,
    Outlet,
    PressEvent,
    SocialPost,
    Spokesperson,
)
from gongkai.press.tests.conftest import TITLE, fresh
from gongkai.reviews.models import Sheet
from tests.world import moment

NOW = "2025-09-29 10:30"
LISTS = (
    "events", "quota", "spokespersons", "experts", "outlets", "requests", "accounts", "posts", "evaluations",
)  # fmt: skip
NEW = ("event_new", "spokesperson_new", "expert_new", "outlet_new", "request_new", "account_new", "post_new")


@pytest.fixture(autouse=True)
def at_work():
    with clock.set_to(moment(NOW)):
        yield


def address(name, *args):
    return reverse(f"press:{name}", args=args)


def text(response):
    return response.content.decode()


def do(browser, url, **given):
    """An act through its page: the mark of the page, then the form."""
    mark = re.search(r'name="seen" value="(\d+)"', text(browser.get(url)))
    return browser.post(url, ({"seen": mark[1]} if mark else {}) | given)


@pytest.fixture
def hidden(desk, county):
    """A case of every kind of 住建局, none of them public."""
    zhujian, outlet = county.units["zhujian"], desk.outlet()
    event = desk.plan(who="qin_lan", unit=zhujian)
    account = desk.account(who="qin_lan", unit=zhujian, name="清源住建")
    request = desk.do(
        "qin_lan", "2025-09-26 10:00", actions.receive_request, unit=zhujian, outlet=outlet, title="电梯", words="怎么领",
    )  # fmt: skip
    active = desk.active(who="qin_lan", unit=zhujian, name="住建之声")
    post = desk.do(
        "qin_lan",
        "2025-09-26 10:00",
        actions.draft_post,
        unit=zhujian,
        title="通知",
        text="x",
        accounts=[active],
    )
    failing = desk.do(
        "song_jia",
        "2025-09-26 10:00",
        actions.find_failing,
        unit=zhujian,
        fault="工作消极、不作为",
        words="没有发声",
    )
    return [
        (acts.EVENTS, event), (acts.REQUESTS, request), (acts.ACCOUNTS, account), (acts.POSTS, post),
        (acts.FAILINGS, failing),
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["lu_hai", "li_qiang", "zhao_jing", "qian_fang", "wu_tao", "jin_ming"])
def test_a_case_of_another_unit_is_missing_behind_every_door(hidden, door, who):
    browser = door(who)
    for table, case in hidden:
        assert browser.get(table.url(case)).status_code == 404, table.page
        for act in table.acts:
            url = address(f"{table.page}_{act.noun}", case.code)
            assert (browser.get(url).status_code, browser.post(url).status_code) == (404, 404), url
    event, account, post = hidden[0][1], hidden[2][1], hidden[3][1]
    for url in (
        address("event_edit", event.code), address("letters", event.code), address("account_edit", account.code),
        address("post_edit", post.code), address("plan", event.code), address("plan", account.code),
    ):  # fmt: skip
        assert browser.get(url).status_code == 404, url
    for url in (address("attachments", event.code), address("pictures", post.code)):
        assert browser.post(url).status_code == 404, url
    for name in LISTS:
        answer = browser.get(address(name))
        assert answer.status_code == 404 or "清源住建" not in text(answer), name
        assert answer.status_code == 404 or TITLE not in text(answer), name


@pytest.mark.parametrize("who", ["li_qiang", "zhao_jing", "qian_fang", "wu_tao", "tang_yue"])
def test_who_has_no_business_here_finds_no_list(desk, door, who):
    for name in (*LISTS, *NEW):
        assert door(who).get(address(name)).status_code == 404, name


@pytest.mark.parametrize("who", ["chen_li", "he_zhiyuan", "zheng_jie"])
def test_who_oversees_leads_or_audits_sees_and_does_nothing(hidden, door, who):
    browser = door(who)
    for table, case in hidden:
        page = browser.get(table.url(case))
        assert page.status_code == 200
        assert 'id="h-steps"' not in text(page), table.page
    for table, case in hidden[:4]:
        for act in table.acts:
            assert browser.post(address(f"{table.page}_{act.noun}", case.code)).status_code == 404
    for name in NEW:
        assert browser.get(address(name)).status_code == 404, name
    for name in LISTS:
        assert browser.get(address(name)).status_code == 200, name


def test_the_unit_and_the_press_office_find_their_acts(hidden, door):
    for who in ("qin_lan", "song_jia"):
        browser = door(who)
        for table, case in hidden:
            assert browser.get(table.url(case)).status_code == 200
            for step in table.steps(browser_actor(case, who), case):
                assert browser.get(step.url).status_code == 200, step.url
    assert "批准启用" in text(door("pan_yun").get(acts.ACCOUNTS.url(hidden[2][1])))


def browser_actor(case, who):
    from gongkai.people.actor import Actor
    from gongkai.people.models import Staff

    return Actor.of(Staff.objects.get(username=who.replace("_", "")), moment(NOW).date())


def test_a_signer_sees_the_event_and_its_material(desk, door, county):
    event = desk.plan(who="qin_lan", unit=county.units["zhujian"])
    desk.do("qin_lan", "2025-09-24 09:00", actions.prepare, event, agenda="", material="口径一二三")
    desk.do("qin_lan", "2025-09-24 09:00", actions.submit, fresh(event))
    page = text(door("zhou_lan").get(acts.EVENTS.url(event)))

    assert "口径一二三" in page
    assert "看全文并签批" in page


def test_an_announced_event_shows_other_staff_its_preview_and_not_its_material(desk, door):
    event = desk.signed()
    desk.do("song_jia", "2025-09-25 09:00", actions.announce, event, preview="29 日上午介绍")
    page = text(door("li_qiang").get(acts.EVENTS.url(event)))

    assert "29 日上午介绍" in page
    assert "十二个小区" not in page
    assert "h-facts" not in page


def test_the_way_of_an_event_on_screen_ends_on_the_portal(desk, door, client):
    writer = door("song_jia")
    opinion, outlet = desk.opinion(), desk.outlet()
    form = text(writer.get(address("event_new") + f"?answers={opinion.number}"))
    assert opinion.number in form
    assert "网传南桥镇停水一周" in form
    given = {
        "unit": desk.unit.pk, "title": TITLE, "form": "新闻发布会", "topic": "政务舆情", "hot": "", "where": "发布厅",
        "starts_at": "2025-09-29T10:00", "answers": opinion.number,
    }  # fmt: skip
    assert writer.post(address("event_new"), given | {"form": "联欢会"}).status_code == 422
    made = writer.post(address("event_new"), given)
    event = PressEvent.objects.get()
    assert made.url == acts.EVENTS.url(event)

    def act(name, browser=writer, **more):
        answer = do(browser, address(f"event_{name}", event.code), **more)
        assert answer.status_code == 302, text(answer)

    act("preparation", agenda="一、情况", material="管网改造十月底完工。")
    act("attendance", heads="周岚，副局长")
    act("announcement", preview="29 日上午介绍管网改造")
    act("submission")
    sheet = Sheet.objects.get()
    door("pan_yun").post(reverse("reviews:signature", args=[sheet.pk]), {"step": 2, "words": "同意"})
    act("invitations", outlets=[outlet.pk])
    act("line", speaker="主持人", words="现在开始。")
    assert "现在开始。" in text(client.get(f"/qingyuan/press/{event.code}/"))
    act("holding")
    act("question", words="哪天完工？", outlet=outlet.pk)
    writer.post(address("answer", event.code, 1), {"answer": "十月底。"})
    act("publication", record="主持人：现在开始。")
    act("closing")

    assert fresh(event).stage == "closed"
    assert opinion.facts.filter(kind="press.conference_held").count() == 1
    page = text(client.get(f"/qingyuan/press/{event.code}/"))
    for words in ("主持人：现在开始。", "周岚（副局长）", "哪天完工？", "十月底。"):
        assert words in page
    assert "管网改造十月底完工。" not in page


def test_a_second_click_holds_nothing_twice(desk, door):
    event = desk.attended(desk.signed())
    url, writer = address("event_holding", event.code), door("song_jia")
    mark = re.search(r'name="seen" value="(\d+)"', text(writer.get(url)))[1]
    for _ in range(2):
        assert writer.post(url, {"seen": mark}).status_code == 302
    assert event.matter.facts.filter(kind="press.conference_held").count() == 1


def test_a_closed_act_stays_and_says_why_with_its_article(desk, door):
    page = text(door("song_jia").get(acts.EVENTS.url(desk.signed())))
    assert "现在不能记为已举行" in page
    assert "国务院办公厅关于在政务公开工作中进一步做好政务舆情回应的通知" in page


def test_files_of_an_event_are_read_by_its_own_and_after_release_by_everybody_who_was_chosen(
    desk, door, client
):
    event = desk.held()
    for name in ("通稿.txt", "内部口径.txt"):
        upload = SimpleUploadedFile(name, "管网改造十月底完工。".encode())
        files.attach(upload, room="press", number=event.code, by=None, at=moment("2025-09-24 09:00"))
    out, inside = Attachment.objects.get(name="通稿.txt"), Attachment.objects.get(name="内部口径.txt")
    assert client.get(out.get_absolute_url()).status_code in (302, 404)
    desk.do("song_jia", "2025-09-29 11:00", actions.publish, event, record="现在开始。", files_out=[out])

    assert client.get(out.get_absolute_url()).status_code == 200
    assert client.get(inside.get_absolute_url()).status_code in (302, 404)
    assert door("li_qiang").get(inside.get_absolute_url()).status_code == 404
    assert door("song_jia").get(inside.get_absolute_url()).status_code == 200


def test_the_registers_are_kept_on_screen(desk, door, county):
    keeper = door("qin_lan")
    unit = county.units["zhujian"].pk
    person = {"unit": unit, "name": "周岚", "title": "副局长", "role": "新闻发言人", "since": "2025-01-01"}
    assert keeper.post(address("spokesperson_new"), person | {"until": "2024-01-01"}).status_code == 422
    assert keeper.post(address("spokesperson_new"), person).status_code == 302
    row = Spokesperson.objects.get()
    trained = {"on": "2025-09-01", "ability": "政策把握", "title": "发言人培训班", "hours": "8"}
    assert keeper.post(address("training", row.pk), trained).status_code == 302
    assert "发言人培训班" in text(keeper.get(address("spokesperson", row.pk)))
    assert door("lu_hai").post(address("training", row.pk), trained).status_code == 404
    assert door("lu_hai").get(address("spokesperson_edit", row.pk)).status_code == 404

    expert = {
        "unit": unit,
        "name": "韩律师",
        "organisation": "律师事务所",
        "field": "住房",
        "since": "2025-01-01",
    }
    assert keeper.post(address("expert_new"), expert).status_code == 302
    assert "韩律师" in text(keeper.get(address("experts")))

    outlet = {"name": "清源日报", "kind": "报刊", "email": "desk@daily.example", "is_active": "on"}
    assert keeper.post(address("outlet_new"), outlet).status_code == 302
    assert keeper.post(address("outlet_new"), outlet).status_code == 422
    paper = Outlet.objects.get()
    keeper.post(
        address("journalist_new", paper.pk), {"name": "李记", "contact": "13812345678", "is_active": "on"}
    )
    page = text(keeper.get(address("outlet", paper.pk)))
    assert "138****5678" in page
    assert "13812345678" not in page + text(
        keeper.get(address("journalist", paper.pk, paper.journalists.get().pk))
    )


def test_a_request_an_account_a_post_and_a_failing_pass_on_screen(desk, door, county):
    keeper, office, unit = door("qin_lan"), door("song_jia"), county.units["zhujian"].pk
    outlet = desk.outlet()
    keeper.post(
        address("request_new"), {"unit": unit, "outlet": outlet.pk, "title": "电梯", "words": "怎么领"}
    )
    request = InterviewRequest.objects.get()
    refusal = address("request_refusal", request.code)
    assert do(keeper, refusal, ground="其他理由").status_code == 422
    do(
        keeper,
        address("request_answer", request.code),
        answered_by="江涛 局长",
        answer="由社区代办。",
        by_head="on",
    )
    assert "江涛 局长（负责同志）" in text(keeper.get(address("requests")))

    account = {
        "unit": unit, "platform": "微博", "name": "清源住建", "keeper_a": county.wang_min.pk, "connector": "file",
        "review_rule": "三审", "security_rule": "专机",
    }  # fmt: skip
    twice = account | {"keeper_b": county.wang_min.pk}
    assert keeper.post(address("account_new"), twice).status_code == 422
    keeper.post(address("account_new"), account | {"keeper_b": county.qin_lan.pk})
    found = Account.objects.get()
    assert do(keeper, address("account_activation", found.code)).status_code == 409
    do(office, address("account_activation", found.code))
    do(keeper, address("account_month", found.code), month="2025-09-15", followers="1200")
    assert "1,200" in text(keeper.get(address("accounts")))

    keeper.post(
        address("post_new"), {"unit": unit, "title": "停水", "text": "今晚停水。", "accounts": [found.pk]}
    )
    post = SocialPost.objects.get()
    do(keeper, address("post_submission", post.code))
    door("zhou_lan").post(reverse("reviews:signature", args=[Sheet.objects.get().pk]), {"step": 2})
    do(keeper, address("post_push", post.code))
    assert "正在送" in text(keeper.get(address("post", post.code)))

    given = {"unit": unit, "fault": "工作消极、不作为", "words": "没有发声"}
    assert keeper.post(address("failing_new"), given).status_code == 404
    office.post(address("failing_new"), given)
    failing = Failing.objects.get()
    do(office, address("failing_order", failing.code), order="补开发布会")
    assert do(office, address("failing_rectification", failing.code), result="改了").status_code == 409
    do(keeper, address("failing_rectification", failing.code), result="已补开")
    do(office, address("failing_circular", failing.code))
    do(office, address("failing_proposal", failing.code), proposal="后果严重")
    assert do(office, address("failing_closing", failing.code)).status_code == 409  # not decided yet
    do(door("pan_yun"), address("failing_decision", failing.code), outcome="不追究", decision="已补救")
    failing.refresh_from_db()
    assert (failing.stage, failing.decided_by) == ("rectified", county.pan_yun)
    assert keeper.post(address("failing_closing", failing.code)).status_code == 409
    do(office, address("failing_closing", failing.code))
    page = text(office.get(address("failing", failing.code)))
    for words in ("已了结", "补开发布会", "已补开", "后果严重", "已补救", "核实整改，了结失职情形"):
        assert words in page
    assert not any(label in page for label in ("责令整改</a>", "通报批评</a>", "建议追责</a>"))
    assert do(office, address("failing_order", failing.code), order="再改").status_code == 409
    person = desk.spokesperson(county.units["zhujian"])
    office.post(address("evaluate", 2025, person.pk), {"grade": "称职"})
    assert "称职" in text(office.get(address("evaluations")))
    assert keeper.get(address("evaluate", 2025, person.pk)).status_code == 404


def test_a_plan_of_dissemination_is_kept_on_screen(desk, door):
    event = desk.plan()
    url, keeper = address("plan", event.code), door("song_jia")
    line = {"channel": "政府网站", "on": "2025-09-29T16:00", "unit": desk.unit.pk, "who": "小王"}
    for _ in range(2):
        assert keeper.post(url, line).status_code == 302
    row = event.matter.press_plans.get()
    keeper.post(address("plan_done", event.code, row.pk), {"reach": "5000"})
    assert "到达 5,000 人" in text(keeper.get(url))
    assert keeper.get(address("plan", "LY-2025-0926-0001")).status_code == 404


def test_every_list_says_what_to_do_when_it_is_empty(desk, door):
    browser = door("song_jia")
    for name in LISTS:
        page = text(browser.get(address(name)))
        assert 'class="empty"' in page or name == "quota", name
    assert "本地的制度没有规定次数" in text(browser.get(address("quota")))


def test_the_year_is_shown_month_by_month_and_narrowed(desk, door):
    desk.plan()
    desk.plan(title="公租房访谈", form="在线访谈", starts_at=moment("2025-10-20 10:00"))
    desk.plan(title="没有定时间的发布", starts_at=None)
    browser = door("song_jia")
    page = text(browser.get(address("events")))

    assert (
        page.index("没有定时间的发布")
        < page.index("2025年10月")
        < page.index("公租房访谈")
        < page.index(TITLE)
    )
    narrowed = text(browser.get(address("events") + "?view=interview"))
    assert "公租房访谈" in narrowed
    assert TITLE not in narrowed
    assert "没有这样的发布" in text(browser.get(address("events") + "?year=2026"))


def test_a_double_click_on_a_new_case_makes_one(desk, door):
    browser = door("qin_lan")
    url = reverse("press:event_new")
    form = browser.get(url).context["form"]
    given = {
        "unit": form.fields["unit"].queryset.first().pk, "title": "电梯更新吹风会",
        "form": form.fields["form"].choices[-1][0], "topic": form.fields["topic"].choices[-1][0],
    }  # fmt: skip

    first, second = browser.post(url, given), browser.post(url, given)

    assert (first.status_code, second.url) == (302, first.url)
    assert PressEvent.objects.count() == 1
