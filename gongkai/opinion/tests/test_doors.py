"""Events on screen: who may open which door, each act once through HTTP, what is kept when refused, what a page costs."""

from __future__ import annotations

import io
import re
import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from gongkai.ledger import clock
from gongkai.ledger.models import Fact
from gongkai.opinion import actions, acts
from gongkai.opinion.actions import streaming
from gongkai.opinion.models import Accountability, Dispatch, Event, Exchange, Inspection, Response, Risk
from gongkai.opinion.tests.conftest import PARKING, WATER
from gongkai.opinion.tests.world import QUESTIONS, TEXT, fresh
from gongkai.people.models import Unit
from gongkai.reviews import actions as reviews
from gongkai.reviews.models import Sheet
from tests.world import moment

NOW = "2025-09-29 14:00"
TITLE = "城东片区自来水发黄"


@pytest.fixture(autouse=True)
def at_work():
    with clock.set_to(moment(NOW)):
        yield


@pytest.fixture
def do(county):
    """Do something as a person at the hour of these tests: `do("feng_gang", actions.detect, title=…)`."""

    def act(name, verb, /, *args, **given):
        return verb(*args, by=county.actor(name), at=moment(NOW), **given)

    return act


@pytest.fixture
def event(county, do):
    """An event the water bureau has to answer, its facts gathered."""
    made = do("feng_gang", actions.detect, title=TITLE, found_by="监测发现", channel="微博")
    do(
        "feng_gang",
        actions.assess,
        made,
        grade="一般",
        scores=(20, 20, 10),
        triage="负面舆情",
        scope="单个部门",
    )
    do("feng_gang", actions.assign, made, county.units["shuiwu"])
    do("li_qiang", actions.accept, fresh(made))
    do("li_qiang", actions.gather, fresh(made), words="管网冲洗引起", questions=QUESTIONS)
    return fresh(made)


def address(name: str, event: Event, *more: object) -> str:
    return reverse(f"opinion:{name}", args=[event.code, *more])


def filled(client: Client, url: str, **changes: object) -> dict[str, object]:
    """What the form of a page would send back, with changes."""
    form = client.get(url).context["form"]
    values = {}
    for bound in form:
        value = bound.value()
        if value is not None and value is not False:
            values[bound.html_name] = value if not hasattr(value, "isoformat") else f"{value:%Y-%m-%dT%H:%M}"
    return values | changes


# ---- who sees it -------------------------------------------------------------------------------------------------


def test_a_stranger_is_sent_to_sign_in_at_every_door(client, event):
    for url in (
        reverse("opinion:board"), reverse("opinion:list"), reverse("opinion:export"), reverse("opinion:detect"),
        address("event", event), address("casebook", event), reverse("opinion:risks"), reverse("opinion:exchanges"),
        reverse("opinion:supervision"), reverse("opinion:brief"),
    ):  # fmt: skip
        assert client.get(url).status_code == 302, url


@pytest.mark.parametrize("who", ["ma_li", "zhao_jing", "wu_tao"])
def test_an_event_of_other_units_is_missing_behind_every_door(desk, event, do, who):
    do("li_qiang", actions.draft, event, form="媒体专访", title="通报", text=TEXT)
    do("feng_gang", actions.report_upward, event, words="x", way="电话")
    page = desk(who)
    numbers = [
        address("event", event),
        address("casebook", event),
        address("special", event),
        address("response", event, 1),
    ]
    numbers += [address(act.name, event) for act in acts.ACTS]
    for url in numbers:
        assert page.get(url).status_code == 404, url
    assert TITLE not in page.get(reverse("opinion:list") + "?view=all").content.decode()
    assert TITLE not in page.get(reverse("opinion:export") + "?view=all").content.decode()
    assert page.get(reverse("opinion:board")).status_code == 404


@pytest.mark.parametrize(
    "who", ["feng_gang", "lei_ting", "chen_li", "he_zhiyuan", "zheng_jie", "li_qiang", "he_jing"]
)
def test_who_watches_oversees_leads_audits_or_answers_sees_it(desk, event, who):
    assert desk(who).get(address("event", event)).status_code == 200


@pytest.mark.clause("HS-LD-17-1")
def test_what_must_not_spread_is_missing_even_for_the_auditor(desk, event):
    Event.objects.filter(pk=event.pk).update(is_restricted=True)

    found = {
        who: desk(who).get(address("event", event)).status_code
        for who in ("feng_gang", "he_zhiyuan", "li_qiang", "zheng_jie")
    }

    assert found == {"feng_gang": 200, "he_zhiyuan": 200, "li_qiang": 200, "zheng_jie": 404}


@pytest.mark.clause("HS-LD-17-1")
@pytest.mark.parametrize("who", ["zheng_jie", "tang_yue"])
def test_what_must_not_spread_is_not_named_by_what_is_owed_for_it(county, desk, event, who):
    """The auditor sees all of the place, a drafter of the unit works beside those who answer: neither may open it."""
    Event.objects.filter(pk=event.pk).update(is_restricted=True)
    office, owed = county.units["office"], event.matter.obligations.filter(settled_at=None)
    assert owed.update(unit=office, due_at=moment("2025-09-29 09:00"), state="breached")
    page = desk(who)

    lists = [
        "/office/",
        "/office/board/",
        f"/office/units/{office.code}/",
        f"/office/search/?q={event.code}",
        "/office/facts/",
    ]
    for url in lists:
        assert TITLE not in page.get(url, follow=True).content.decode(), url
    for duty in owed:
        assert page.get(reverse("office:obligation", args=[duty.pk])).status_code == 404


# ---- acts --------------------------------------------------------------------------------------------------------


def test_an_event_is_registered_once_by_a_double_click_and_keeps_what_was_typed(desk):
    page = desk("feng_gang")
    url = reverse("opinion:detect")
    wrong = filled(page, url, title=TITLE, found_by="上级要求")
    answer = page.post(url, wrong)
    assert answer.status_code == 422
    assert TITLE in answer.content.decode()
    assert "哪个上级机关" in answer.content.decode()

    given = filled(page, url, title=TITLE, found_by="监测发现")
    first, second = page.post(url, given), page.post(url, given)

    assert Event.objects.count() == 1
    assert first.url == second.url == reverse("opinion:event", args=[Event.objects.get().code])


def test_the_suggested_grade_is_shown_and_another_one_needs_a_reason(desk, say, at):
    from gongkai.opinion.models import Story
    from gongkai.opinion.tests.conftest import WATER

    say(*WATER)
    page = desk("feng_gang")
    told = Story.objects.get()
    given = filled(page, f"{reverse('opinion:detect')}?story={told.pk}")
    page.post(f"{reverse('opinion:detect')}?story={told.pk}", given)
    event = Event.objects.get()
    told.refresh_from_db()
    assert (told.matter_id, told.state) == (event.matter_id, "taken")

    url = address("assessment", event)
    shown = page.get(url).content.decode()
    suggested = page.get(url).context["suggested"]
    assert suggested.grade
    assert f"建议：{suggested.grade}" in shown
    other = next(grade for grade in ("特别重大", "一般") if grade != suggested.grade)
    assert page.post(url, filled(page, url, grade=other)).status_code == 422
    assert page.post(url, filled(page, url, grade=other, because="已经查明原因")).status_code == 302
    row = event.assessments.get()
    assert (row.suggested, row.because) == (suggested.grade, "已经查明原因")
    assert row.evidence[0]["posts"]


@pytest.mark.parametrize("noun", ["warning", "line", "report", "handling", "escalation", "facts"])
def test_an_act_with_words_happens_once_and_refuses_none(desk, event, noun):
    who = "li_qiang" if noun in ("line", "handling", "facts") else "feng_gang"
    act = next(act for act in acts.ACTS if act.noun == noun)
    page, url = desk(who), address(act.name, event)
    field = "reason" if noun == "escalation" else "words"
    before = Fact.objects.filter(kind=act.fact.name).count()

    assert page.post(url, filled(page, url, **{field: " "})).status_code == 422
    given = filled(page, url, **{field: "已经排放浑水"})
    for _ in range(2):
        assert page.post(url, given).status_code == 302

    once = Fact.objects.filter(kind=act.fact.name).count() - before
    assert once == (2 if noun == "report" else 1)


def test_a_hand_over_takes_links_and_prints_along_and_no_author(desk, event, say):
    from gongkai.opinion.models import Story
    from gongkai.opinion.tests.conftest import WATER

    say(*WATER)
    Story.objects.update(matter=event.matter)
    page, url = desk("feng_gang"), address("hand_over", event)

    page.post(url, filled(page, url, to="rumour", words="伪造通知", cite="四、"))

    row = Dispatch.objects.get(to="police")
    assert {"url", "print", "words", "source", "at", "post"} == set(row.evidence[0])
    assert "author" not in str(row.evidence)


def test_the_receiving_unit_signs_on_its_own_screen(desk, event, do):
    do("feng_gang", actions.hand_over, event, "petition", words="投诉", cite="第四条")
    row = Dispatch.objects.get()
    assert desk("li_qiang").post(address("receipt", event, row.pk), {"outcome": ""}).status_code == 409

    page = desk("zhao_jing")
    assert TITLE in page.get(reverse("opinion:list")).content.decode()
    for _ in range(2):
        page.post(address("receipt", event, row.pk), {"outcome": "已受理"})

    assert Dispatch.objects.get().outcome == "已受理"
    assert Fact.objects.filter(kind="opinion.dispatch_received").count() == 1


def test_an_answer_is_written_signed_and_released_and_stands_on_the_portal(desk, event, client):
    page = desk("li_qiang")
    url = address("draft", event)
    start = page.get(url).content.decode()
    assert "水还能不能喝" in start
    answer = page.post(url, filled(page, url, text=TEXT, form="在门户发布官方信息"))
    assert answer.url == address("response", event, 1)
    page.post(url, filled(page, url, text=TEXT, form="在门户发布官方信息"))
    assert Response.objects.count() == 1

    shown = page.get(answer.url).content.decode()
    assert "没有找到" in shown
    page.post(address("submission", event, 1))
    page.post(address("submission", event, 1))
    sheet = Sheet.objects.get()
    for name in ("lu_hai", "he_jing"):
        desk(name).post(reverse("reviews:signature", args=[sheet.pk]), {"words": "同意"})
    page.post(address("release", event, 1))
    page.post(address("release", event, 1))

    assert fresh(event).stage == "answered"
    assert Fact.objects.filter(kind="opinion.responded").count() == 1
    public = reverse("portal:response", args=["qingyuan", Response.objects.get().code])
    assert "经检测" in client.get(public).content.decode()
    assert TITLE in client.get(reverse("portal:responses", args=["qingyuan"])).content.decode()

    desk("chen_li").post(address("withdrawal", event, 1), {"words": "恢复时间有误"})
    gone = client.get(public)
    assert (gone.status_code, "恢复时间有误" in gone.content.decode()) == (410, True)
    assert TITLE not in client.get(reverse("portal:responses", args=["qingyuan"])).content.decode()


@pytest.mark.clause("ZY-YQ-06-1", "QZ-YQ-01-1", "HS-LD-04-1", "HS-LD-12-2")
def test_the_column_of_responses_is_public_has_a_feed_and_is_found(client, event, do):
    made = do("li_qiang", actions.draft, event, form="媒体专访", title="关于自来水发黄的通报", text=TEXT)
    sheet = do("li_qiang", actions.submit, made)
    for name in ("lu_hai", "he_jing"):
        do(name, reviews.sign, sheet)
    assert client.get(reverse("portal:response", args=["qingyuan", made.code])).status_code == 404
    do("li_qiang", actions.release, Response.objects.get())

    for url in (
        reverse("portal:responses", args=["qingyuan"]),
        reverse("portal:responses_feed", args=["qingyuan", "atom"]),
    ):
        assert "关于自来水发黄的通报" in client.get(url).content.decode()
    found = client.get(reverse("portal:search", args=["qingyuan"]), {"q": "自来水发黄"}).content.decode()
    assert reverse("portal:response", args=["qingyuan", made.code]) in found


# ---- the rest ----------------------------------------------------------------------------------------------------


def test_files_of_an_event_tell_the_whole_case_and_nothing_is_invented(desk, event):
    page = desk("feng_gang")
    book = Document(io.BytesIO(page.get(address("casebook", event)).content))
    text = "\n".join(p.text for p in book.paragraphs)
    assert {"回应公众", "管网冲洗引起", event.code} <= {
        w for w in ("回应公众", "管网冲洗引起", event.code) if w in text
    }

    special = Document(io.BytesIO(page.get(address("special", event)).content))
    assert "无数据。" in [p.text for p in special.paragraphs]
    daily = Document(io.BytesIO(page.get(reverse("opinion:brief")).content))
    assert any(TITLE in p.text for p in daily.paragraphs)
    first = page.get(address("casebook", event)).content
    time.sleep(2.1)  # a zip keeps the time to two seconds
    assert page.get(address("casebook", event)).content == first


def test_the_file_of_a_case_holds_consultation_line_withdrawal_and_effect(desk, event, county, do):
    row = do(
        "feng_gang", actions.call_consultation, event, [county.units["shuiwu"]],
        meets_at=moment("2025-09-29 15:00"), agenda="供水",
    )  # fmt: skip
    do("feng_gang", actions.hold_consultation, row, minutes="一致：先恢复供水")
    do("li_qiang", actions.set_line, fresh(event), words="铁锈所致，已停止冲洗")
    made = do(
        "li_qiang", actions.draft, fresh(event), form="媒体专访", title="关于自来水发黄的通报", text=TEXT
    )
    sheet = do("li_qiang", actions.submit, made)
    for name in ("lu_hai", "he_jing"):
        do(name, reviews.sign, sheet)
    do("li_qiang", actions.release, Response.objects.get())
    do(
        "feng_gang", actions.measure, fresh(event), hours=24, before=35, after=6, negative_before=20,
        negative_after=1, reached=9200, words="平息",
    )  # fmt: skip
    do("chen_li", actions.withdraw, Response.objects.get(), reason="恢复时间有误")

    answer = desk("feng_gang").get(address("casebook", event))
    text = "\n".join(p.text for p in Document(io.BytesIO(answer.content)).paragraphs)
    assert answer["Content-Type"].endswith("wordprocessingml.document")
    for words in (
        "一致：先恢复供水", "铁锈所致，已停止冲洗", "已撤下：恢复时间有误", "回应前24小时 35 条（负面 20）", "覆盖 9200 人次",
    ):  # fmt: skip
        assert words in text
    assert "24:00 前" in text
    assert " 00:00 前" not in text

    daily = Document(io.BytesIO(desk("feng_gang").get(reverse("opinion:brief")).content))
    [line] = [p.text for p in daily.paragraphs if f"{TITLE}（" in p.text and p.text.startswith("〔")]
    assert "县水务局负第一责任" in line
    assert "前：" in line


def test_press_people_find_the_way_from_an_event_to_its_plan_of_dissemination(desk, event):
    plan = reverse("press:plan", args=[event.code])
    page = desk("song_jia")

    assert plan in page.get(address("event", event)).content.decode()
    assert page.get(plan).status_code == 200
    assert plan not in desk("li_qiang").get(address("event", event)).content.decode()


def test_a_unit_may_not_read_the_brief_of_the_place(desk, event):
    assert desk("li_qiang").get(reverse("opinion:brief")).status_code == 404
    assert desk("li_qiang").get(address("special", event)).status_code == 404


def test_accountability_is_proposed_and_decided_on_screen(desk, event):
    page = desk("chen_li")
    page.post(address("proposals", event))
    assert not Accountability.objects.exists()
    row = Accountability.objects.create(
        event=event, unit=event.unit, rule="回应不及时不主动不到位致舆情升级", measure="通报批评",
        evidence=["2025-10-01 到期未办"], proposed_at=moment(NOW),
    )  # fmt: skip
    url = reverse("opinion:decision", args=[row.pk])
    assert "到期未办" in page.get(url).content.decode()
    assert desk("li_qiang").get(url).status_code == 404

    assert page.post(url, {"decided": "yes", "is_borne": "on", "words": "x"}).status_code == 422
    assert page.post(url, {"decided": "no", "is_borne": "on", "words": "首次出面"}).status_code == 302
    assert Accountability.objects.get().is_borne
    assert desk("li_qiang").get(url).status_code == 404


def test_inspections_lessons_and_bulletins_go_through_their_pages_once(desk, county):
    page = desk("chen_li")
    url = reverse("opinion:inspection_new")
    given = {
        "unit": county.units["shuiwu"].pk,
        "what": "机制",
        "on": "2025-09-28",
        "found": "没有值班表",
        "to_mend": "建值班表",
    }
    for _ in range(2):
        assert page.post(url, given).status_code == 302
    row = Inspection.objects.get()
    assert desk("ma_li").get(reverse("opinion:mending", args=[row.pk])).status_code == 404
    desk("li_qiang").post(reverse("opinion:mending", args=[row.pk]), {"words": "已建"})
    assert Inspection.objects.get().mended == "已建"

    url = reverse("opinion:exchange_new")
    for _ in range(2):
        desk("li_qiang").post(
            url,
            {"kind": "典型案例", "unit": county.units["shuiwu"].pk, "title": "两小时通报", "text": "经过"},
        )
    assert Exchange.objects.count() == 1
    assert "两小时通报" in desk("ma_li").get(reverse("opinion:exchanges")).content.decode()

    url = reverse("opinion:bulletin_new")
    assert (
        page.post(url, {"title": "通报", "from_on": "2025-09-30", "until_on": "2025-07-01"}).status_code
        == 422
    )
    assert (
        page.post(url, {"title": "通报", "from_on": "2025-07-01", "until_on": "2025-09-29"}).status_code
        == 302
    )
    assert (
        "0 件"
        in desk("ma_li")
        .get(page.post(url, {"title": "通报", "from_on": "2025-07-01", "until_on": "2025-09-29"}).url)
        .content.decode()
    )


def test_a_risk_is_assessed_on_its_page_and_needs_a_method(desk, county):
    page = desk("li_qiang")
    url = reverse("opinion:risk_new")
    assert (
        page.post(
            url, {"unit": county.units["shuiwu"].pk, "title": "水价调整", "about": "GW-0000"}
        ).status_code
        == 422
    )
    for _ in range(2):
        page.post(url, {"unit": county.units["shuiwu"].pk, "title": "水价调整", "about": ""})
    risk = Risk.objects.get()
    url = reverse("opinion:risk", args=[risk.code])
    assert page.post(url, {"level": "中", "plan": "阶梯减免"}).status_code == 422
    assert (
        page.post(
            url, {"level": "中", "plan": "阶梯减免", "asked_1": "300", "found_1": "六成担心"}
        ).status_code
        == 302
    )
    assert Risk.objects.get().stage == "reviewing"
    assert desk("ma_li").get(url).status_code == 404


def test_lists_and_board_cost_the_same_however_many(desk, event, do):
    page = desk("feng_gang")

    def queries(url: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert page.get(url).status_code == 200
        return len(found)

    urls = (reverse("opinion:list"), reverse("opinion:board"))
    few = [queries(url) for url in urls]
    for n in range(12):
        do("feng_gang", actions.detect, title=f"第{n}件", found_by="监测发现")
    assert [queries(url) for url in urls] == few


def test_every_page_says_what_it_is_when_there_is_nothing(desk):
    page = desk("feng_gang")
    for name, words in (
        ("list", "没有这样的舆情"), ("risks", "还没有风险评估"), ("exchanges", "还没有互通的内容"), ("supervision", "还没有督查记录"),
        ("board", "现在没有在办的舆情"),
    ):  # fmt: skip
        assert words in re.sub(r"\s+", "", page.get(reverse(f"opinion:{name}")).content.decode()), name


def test_a_leader_sees_what_is_late_hot_and_the_trend_and_the_desk_the_whole_board(desk, event, say):
    say(*WATER, at="2025-09-29 09:00")
    first = moment("2025-10-02 09:00")
    with clock.set_to(first):
        short = desk("he_zhiyuan").get(reverse("opinion:board")).content.decode()
        whole = desk("he_zhiyuan").get(f"{reverse('opinion:board')}?all=1").content.decode()
        desks = desk("chen_li").get(reverse("opinion:board")).content.decode()

    assert "逾期和快到期" in short
    assert TITLE in short
    assert "已逾期" in short
    assert "走势" in short
    assert "七天来源" not in short
    assert "七天来源" in whole
    assert "七天来源" in desks
    assert "立为舆情" not in whole


def test_the_board_counts_what_was_said_by_township_and_by_word_of_harm(desk, say):
    say(
        PARKING,
        ("南桥镇停车收费打人", "南桥镇集市停车收费，收费的人打人，有人受伤送医院抢救。"),
        at="2025-09-29 09:00",
    )
    say(*WATER, at="2025-09-29 10:00")

    page = re.sub(r"\s+", "", desk("feng_gang").get(reverse("opinion:board")).content.decode())

    places = page.partition('id="h-places"')[2].partition("</section>")[0]
    assert "南桥镇" in places
    assert "县水务局" not in places
    words = page.partition('id="h-words"')[2].partition("</section>")[0]
    assert re.search(r"<mark>抢救1</mark>", words)


def test_a_place_that_laid_out_its_townships_sees_a_map_that_leads_to_the_stories(desk, county, say):
    nanqiao = county.units["nanqiao"]
    quiet = Unit.objects.create(
        place=county.place, code="520399-90", name="清源县北山乡人民政府", short_name="北山乡", kind="township",
        map_row=1, map_column=2,
    )  # fmt: skip
    said = say(PARKING, ("南桥镇停车", "南桥镇集市停车收费五元，没有票据。"), at="2025-09-29 09:00")
    Unit.objects.filter(pk=nanqiao.pk).update(map_row=2, map_column=1)
    page = desk("feng_gang").get(reverse("opinion:board")).content.decode()

    assert f'unit={quiet.pk}&amp;days=7" aria-label="北山乡，0 条"' in page
    assert f'unit={nanqiao.pk}&amp;days=7" aria-label="南桥镇，2 条"' in page
    assert ">2 条<" in page.partition("列成表")[2].partition("</table>")[0]
    stories = desk("feng_gang").get(reverse("opinion:stories"), {"unit": nanqiao.pk, "days": 7})
    assert {row.story.pk for row in stories.context["rows"]} == {post.story_id for post in said}


def test_without_a_layout_places_are_bars(desk, say):
    say(PARKING, at="2025-09-29 09:00")
    page = desk("feng_gang").get(reverse("opinion:board")).content.decode()

    places = page.partition('id="h-places"')[2].partition("</section>")[0]
    assert "南桥镇" in places
    assert 'class="tiles"' not in places


def test_what_nobody_will_handle_is_not_on_the_map(desk, say, county, at):
    (post,) = say(PARKING, at="2025-09-29 09:00")
    streaming.dismiss(post.story, reason="广告", by=county.actor("feng_gang"), at=at("2025-09-29 10:00"))

    assert 'id="h-places"' not in desk("feng_gang").get(reverse("opinion:board")).content.decode()


def test_an_alarm_of_a_story_is_told_once_with_all_its_reasons(desk, say, at):
    now = at("2025-09-29 14:00")
    said = ("城东有人受伤", "城东自来水爆管，有人受伤送医院抢救，大家快来看。")
    say(*[said] * 4, at="2025-09-29 13:00")
    streaming.raise_alarms(now)
    page = desk("feng_gang").get(reverse("opinion:board")).content.decode()

    alarms = page.partition('id="h-alarms"')[2].partition("</section>")[0]
    assert alarms.count("<li>") == 1
    assert "；" in alarms


def test_what_is_done_folds_on_the_page_of_an_event(desk, event):
    page = desk("feng_gang").get(reverse("opinion:event", args=[event.code])).content.decode()
    done = page.partition("已经了结")[2].partition("</details>")[0]
    assert "研判定级" in done


@pytest.mark.parametrize(
    ("form", "back"),
    [
        ("inspection_new", ("opinion:supervision", "督查追责")),
        ("bulletin_new", ("opinion:supervision", "督查追责")),
        ("exchange_new", ("opinion:exchanges", "经验互通")),
        ("risk_new", ("opinion:risks", "风险评估")),
        ("pilot_new", ("opinion:pilots", "试点和互查")),
        ("pairing", ("opinion:pilots", "试点和互查")),
        ("year_report", ("opinion:year", "2025年舆情回应")),
    ],
)
def test_a_form_leads_back_to_the_list_it_was_opened_from(county, desk, form, back):
    args = [2025] if form == "year_report" else []
    page = (
        desk("chen_li" if args else "feng_gang").get(reverse(f"opinion:{form}", args=args)).content.decode()
    )
    url = reverse(back[0], args=args)
    assert f'<p class="kicker"><a href="{url}">{back[1]}</a></p>' in page
    assert f'<a class="button button--second" href="{url}">返回</a>' in page
