"""My work: what is owed, by clock, whose turn it is, and what to do next."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gongkai.ledger import asks
from gongkai.letters import actions
from gongkai.office import policy, work
from gongkai.office.tests.conftest import text_of
from gongkai.people.models import Leave
from tests.world import moment

pytestmark = pytest.mark.django_db

WORK = "/office/"


@pytest.fixture
def page(signed_in, at):
    """The page of work as a person sees it at an instant: `page(county.wang_min, "2025-09-29 09:00")`."""

    def open_(staff, when, query=""):
        at(when)
        return signed_in(staff).get(f"{reverse('office:work')}{query}")

    return open_


def rows_of(response):
    return {group.state: list(group.rows) for group in response.context["groups"]}


def test_the_headline_says_what_is_late_and_what_ends_today(county, letter, swept, page):
    letter("2025-09-19 10:00", "路灯不亮", unit="zhujian")  # answer due 26 September
    letter("2025-09-22 10:00", "井盖缺失", unit="zhujian")  # answer due 28 September, a worked Sunday
    letter("2025-09-23 10:00", "电梯停运", unit="zhujian")  # answer due 29 September
    swept("2025-09-29 09:00")

    response = page(county.wang_min, "2025-09-29 09:00")

    groups = rows_of(response)
    late = [row.title for row in groups["late"] if row.duty == "letter.sign_for"]
    assert late == ["路灯不亮", "井盖缺失", "电梯停运"]
    assert [row.title for row in groups["today"]] == ["电梯停运"]
    assert "今天要办完 1 件，" in text_of(response)
    assert "另有 5 件已逾期" in text_of(response)


def test_the_list_groups_a_clock_as_its_face_shows_it(county, letter, swept, page):
    for day in range(15, 28):
        letter(f"2025-09-{day} 10:00", unit="zhujian")
    swept("2025-09-29 09:00")

    response = page(county.wang_min, "2025-09-29 09:00")

    for state, rows in rows_of(response).items():
        assert {row.state for row in rows} == {state}


def test_a_group_shows_its_first_rows_and_the_rest_by_key(county, letter, page):
    for n in range(work.A_GROUP + 3):
        letter(f"2025-09-29 08:{n:02}", f"来信{n}", unit="zhujian")
    first = page(county.wang_min, "2025-09-29 09:00", "?duty=letter.answer").context["groups"][0]
    assert (len(first.rows), first.count, first.more) == (work.A_GROUP, work.A_GROUP + 3, 3)

    rest = page(county.wang_min, "2025-09-29 09:00", first.more_url).context["groups"]

    titles = [row.title for row in first.rows] + [row.title for group in rest for row in group.rows]
    assert sorted(titles) == sorted(f"来信{n}" for n in range(work.A_GROUP + 3))
    assert len(rest) == 1
    assert rest[0].more == 0


def test_a_key_that_cannot_be_read_starts_at_the_first_row(county, letter, page):
    letter("2025-09-29 08:00", unit="zhujian")

    response = page(county.wang_min, "2025-09-29 08:30", "?clock=ample&page=nonsense")

    assert response.status_code == 200
    assert response.context["groups"]


def test_the_number_of_queries_does_not_grow(county, letter, signed_in, at, swept):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(WORK).status_code == 200
        return len(asked)

    letter("2025-09-19 10:00", unit="zhujian")
    swept("2025-09-29 09:00")
    at("2025-09-29 09:00")
    client = signed_in(county.wang_min)
    queries()
    one = queries()
    for day in range(15, 27):
        letter(f"2025-09-{day} 11:00", unit="zhujian")
    swept("2025-09-29 09:00")
    queries()

    assert queries() == one
    assert one <= 11


def test_the_next_act_follows_the_letter(county, letter, page, at):
    found = letter("2025-09-29 08:00", unit="zhujian")

    def acts(staff, query=""):
        groups = rows_of(page(staff, "2025-09-29 09:00", query))
        return {row.act for rows in groups.values() for row in rows if row.duty == "letter.answer"}

    assert acts(county.wang_min) == {"签收"}
    now = at("2025-09-29 09:00")
    wang_min, zhou_lan = county.actor("wang_min"), county.actor("zhou_lan")
    actions.sign_for(found, by=wang_min, at=now)
    assert acts(county.wang_min) == {"补核实记录"}
    assert acts(county.zhou_lan) == {"等王敏办"}
    actions.note_findings(found, by=wang_min, at=now, text="已到现场核实。")
    assert acts(county.wang_min) == {"写答复"}
    actions.submit(found, by=wang_min, at=now, text="您好，已经修好。")
    assert acts(county.wang_min) == {"等审签"}
    assert acts(county.zhou_lan) == {"审签"}
    assert acts(county.zhou_lan, "?turn=others") == set()
    actions.sign_reply(found, by=zhou_lan, at=now)
    assert acts(county.wang_min) == {"发出答复"}


def test_whose_turn_it_is(county, letter, page, at):
    found = letter("2025-09-29 08:00", unit="zhujian")
    actions.sign_for(found, by=county.actor("wang_min"), at=at("2025-09-29 08:30"))

    def turn(staff, of):
        return bool(page(staff, "2025-09-29 09:00", f"?turn={of}").context["groups"])

    assert (turn(county.wang_min, "mine"), turn(county.wang_min, "others")) == (True, False)
    assert (turn(county.zhou_lan, "mine"), turn(county.zhou_lan, "others")) == (False, True)


def test_who_stands_in_has_the_letters_of_the_officer_who_is_away(county, letter, at):
    found = letter("2025-09-29 08:00", unit="zhujian")
    actions.sign_for(found, by=county.actor("wang_min"), at=at("2025-09-29 08:30"))
    Leave.objects.create(staff=county.wang_min, first_on=date(2025, 9, 30), last_on=date(2025, 9, 30))

    def act(day):
        now = at(f"{day} 09:00")
        actor = county.actor("zhou_lan", on=now.date())
        groups = work.groups(work.Choice(), actor, work.owed(actor, now))
        return [row.act for group in groups for row in group.rows if row.number == found.number]

    assert act("2025-09-29") == ["等王敏办"]
    assert act("2025-09-30") == ["补核实记录"]
    assert act("2025-10-01") == ["等王敏办"]


def test_whose_turn_it_is_said_alike_in_figures_rows_and_filter(county, letter, at):
    """In every stage, for the handler, the signer, the lead and the desk."""
    received = letter("2025-09-28 09:00")
    assigned, handled, submitted, signed = (letter(f"2025-09-28 1{n}:00", unit="zhujian") for n in range(4))
    now = at("2025-09-28 15:00")
    wang_min, zhou_lan = county.actor("wang_min"), county.actor("zhou_lan")
    for found in (handled, submitted, signed):
        actions.sign_for(found, by=wang_min, at=now)
    for found in (submitted, signed):
        actions.note_findings(found, by=wang_min, at=now, text="已核实。")
        actions.submit(found, by=wang_min, at=now, text="您好，已经修好。")
    actions.sign_reply(signed, by=zhou_lan, at=now)
    assert {letter.stage for letter in (received, assigned)} == {"received", "assigned"}

    for who in ("wang_min", "zhou_lan", "zhao_jing", "chen_li"):
        actor = county.actor(who)
        owed = work.owed(actor, now)
        rows, mine, others = (
            [row for group in work.groups(work.Choice(turn=turn), actor, owed) for row in group.rows]
            for turn in ("", "mine", "others")
        )
        keys = sorted(row.pk for row in rows)
        assert keys == sorted(policy.owed_by(actor).values_list("pk", flat=True))
        assert keys == sorted(row.pk for row in (*mine, *others))
        assert work.counted(owed).mine == len(mine), who
        waiting = {row.pk for row in rows if row.act.startswith("等")}
        assert waiting == {row.pk for row in others}, who


def test_the_lead_unit_sees_what_it_owes_and_not_what_the_handling_unit_owes(county, letter, page):
    letter("2025-09-29 08:00")

    duties = {
        row.duty for rows in rows_of(page(county.zhao_jing, "2025-09-29 09:00")).values() for row in rows
    }

    assert duties == {"letter.open", "letter.assign"}


def test_another_unit_sees_nothing_of_it(county, letter, page):
    letter("2025-09-29 08:00", "电梯反复停运", unit="zhujian")

    response = page(county.li_qiang, "2025-09-29 09:00")

    assert response.context["groups"] == []
    assert "电梯反复停运" not in text_of(response)
    assert "没有要办的事" in text_of(response)


def test_a_leader_without_duties_is_shown_the_board(county, letter, page):
    letter("2025-09-29 08:00", unit="zhujian")

    assert reverse("office:board") in text_of(page(county.he_zhiyuan, "2025-09-29 09:00")).split("main")[1]


def test_a_colleague_who_may_not_open_a_letter_does_not_see_its_title(county, letter):
    """刘敏 handles reports at 信访局; what her unit owes as lead for other letters is not hers to read."""
    letter("2025-09-29 08:00", "电梯反复停运")

    assert not policy.owed_by(county.actor("liu_min")).exists()


def test_search_narrows_my_list(county, letter, page):
    letter("2025-09-29 08:00", "电梯停运", unit="zhujian")
    letter("2025-09-29 08:10", "路灯不亮", unit="zhujian")

    rows = rows_of(page(county.wang_min, "2025-09-29 09:00", "?q=路灯"))

    assert {row.title for group in rows.values() for row in group} == {"路灯不亮"}


def test_who_stands_in_today_is_said_on_both_sides(county):
    today = date(2025, 9, 29)
    assert work.standing_in(county.zhou_lan, today) == []

    Leave.objects.create(staff=county.wang_min, first_on=today, last_on=today + timedelta(days=1))

    assert work.standing_in(county.wang_min, today) == ["您今天请假，县住建局 承办岗由周岚代。"]
    assert work.standing_in(county.zhou_lan, today) == ["您今天代王敏，县住建局 承办岗。"]


def test_the_face_of_every_group_is_a_clock(county):
    assert set(work.GROUPS) <= set(asks.WORDS)


def test_an_order_of_supervision_waits_at_the_top(county, letter, swept, page, at):
    from gongkai.ledger import supervision
    from gongkai.ledger.models import Obligation

    letter("2025-09-19 10:00", unit="zhujian")
    swept("2025-09-29 09:00")
    duty = Obligation.objects.get(duty="letter.answer")
    supervision.supervise(duty, by=county.actor("chen_li"), at=at("2025-09-29 09:00"), within="1 working day")

    assert "1 件督办等您单位报告结果" in text_of(page(county.wang_min, "2025-09-29 09:30"))
    assert "督办等您单位" not in text_of(page(county.li_qiang, "2025-09-29 09:30"))
    supervision.answer(duty, by=county.actor("wang_min"), at=moment("2025-09-29 09:40"), words="明天修好")
    assert "督办等您单位" not in text_of(page(county.wang_min, "2025-09-29 09:50"))
