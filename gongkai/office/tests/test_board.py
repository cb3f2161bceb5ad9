"""The boards: one sentence, the late cases, units by duties, as now and as it was known."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from gongkai.ledger import actions as ledger
from gongkai.ledger import clock, seals
from gongkai.ledger.models import Fact, Obligation
from gongkai.letters import actions
from gongkai.office import board as questions
from gongkai.office.late import late_cases
from gongkai.office.tests.conftest import text_of
from gongkai.ui import sheets
from tests.world import moment

pytestmark = pytest.mark.django_db

BOARD = "/office/board/"
NOW = "2025-09-29 09:00"


@pytest.fixture
def busy(county, letter, swept, at):
    """住建局 late with an answer, 水务局 with time left, one letter not given to any unit."""
    letter("2025-09-19 10:00", "路灯不亮", unit="zhujian")
    letter("2025-09-28 10:00", "停水两天", unit="shuiwu")
    letter("2025-09-28 15:00", "河道有垃圾")
    swept(NOW)
    at(NOW)
    return county


def test_units_with_something_late_stand_first_and_the_sums_agree(busy):
    board = questions.board(busy.place, moment(NOW))

    assert board.lines[0].name == "县住建局"
    assert board.load.total == Obligation.objects.filter(is_minimum=False).standing().count()
    assert board.load.late == Obligation.objects.late(moment(NOW)).count()
    assert [cell.load.late for cell in board.lines[0].cells if cell.duty == "letter.answer"] == [1]
    assert "待定单位" in {line.name for line in board.lines}


def test_the_sentence_says_rate_and_change_with_their_counts(busy, letter, swept, at):
    found = letter("2025-08-04 10:00", "门牌掉了", unit="zhujian")
    now = at("2025-08-05 10:00")
    actions.sign_for(found, by=busy.actor("wang_min"), at=now)
    actions.note_findings(found, by=busy.actor("wang_min"), at=now, text="已核实。")
    actions.submit(found, by=busy.actor("wang_min"), at=now, text="已经补上。")
    actions.sign_reply(found, by=busy.actor("zhou_lan"), at=now)
    actions.answer(found, by=busy.actor("wang_min"), at=now)

    board = questions.board(busy.place, moment(NOW))

    kept = board.total.kept
    assert f"{kept.due} 件中 {kept.met} 件" in board.sentence
    assert kept.late >= 1
    assert "比上月" in board.sentence


def test_the_number_of_queries_does_not_grow(busy, letter, swept, signed_in):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(BOARD).status_code == 200
        return len(asked)

    client = signed_in(busy.chen_li)
    queries()
    one = queries()
    for day in range(15, 27):
        letter(f"2025-09-{day} 11:00", unit=["zhujian", "shuiwu", "jiaoyu", "gongan"][day % 4])
    swept(NOW)

    queries()  # what stands is counted once until something happens
    assert queries() == one
    assert one <= 22


def test_the_page_carries_the_instant_and_the_seal(busy, signed_in):
    seals.seal_all(moment("2025-09-29 08:59"))
    said = text_of(signed_in(busy.chen_li).get(BOARD))

    assert "截至" in said
    assert "2025年9月29日 09:00" in said
    assert questions.last_seal(moment(NOW)).short in said


def test_who_oversees_urges_from_the_board_and_comes_back(busy, signed_in):
    client = signed_in(busy.chen_li)
    duty = Obligation.objects.late(moment(NOW)).filter(unit=busy.units["zhujian"]).earliest("due_at")
    urging = reverse("office:urging", args=[duty.pk])
    assert urging in text_of(client.get(BOARD))

    response = client.post(urging, {"back": BOARD}, follow=True)

    assert response.redirect_chain == [(BOARD, 302)]
    said = text_of(response)
    assert "已催 1 次" in said
    assert urging not in said


def test_a_matter_late_in_several_duties_is_one_row_with_their_count(busy, letter, swept, signed_in):
    late = Obligation.objects.late(moment(NOW)).filter(matter__letter__title="路灯不亮")
    assert late.count() > 1
    letter("2025-09-18 10:00", "井盖丢失", unit="zhujian")
    swept(NOW)

    shown = signed_in(busy.chen_li).get(BOARD)

    cases = shown.context["late"]
    assert [case.obligation.matter.title for case in cases] == ["井盖丢失", "路灯不亮", "停水两天"]
    assert cases[1].others == late.count() - 1
    assert cases[1].obligation == late.earliest("due_at")
    assert f"还有 {cases[1].others} 项也逾期" in text_of(shown)
    late.exclude(pk=late.latest("due_at").pk).update(is_soft=True)
    assert late_cases(late, busy.actor("chen_li"), moment(NOW))[0].obligation == late.latest("due_at")


def test_as_of_tells_the_rates_by_what_was_entered_by_then(busy, letter, swept, at, signed_in):
    found = letter("2025-09-22 10:00", "门牌掉了", unit="shuiwu")
    now = at("2025-09-23 10:00")
    li, lead = busy.actor("li_qiang"), busy.actor("zhao_jing")
    actions.sign_for(found, by=li, at=now)
    swept(NOW)
    before = questions.board_as_of(busy.place, moment("2025-09-29 09:10"))
    assert before.total.kept == questions.board(busy.place, moment("2025-09-29 09:10")).total.kept
    assert before.total.kept.met >= 1
    assert before.total.kept.late >= 1
    assert before.total.weeks
    wrong = Fact.objects.get(matter=found.matter, kind="letter.signed_for")
    with clock.set_to(moment("2025-09-29 09:20")):
        ledger.void(wrong, by=lead, because="误点")
    at("2025-09-29 10:00")

    then = questions.board_as_of(busy.place, moment("2025-09-29 09:10"))

    assert then.total.kept == before.total.kept
    assert (
        questions.board(busy.place, moment("2025-09-29 09:30")).total.kept.made_good
        < then.total.kept.made_good
    )
    page = signed_in(busy.chen_li).get(BOARD, {"at": "2025-09-29T09:10"})
    assert f"{then.total.kept.due} 件中 {then.total.kept.met} 件" in text_of(page)
    rows = (
        signed_in(busy.chen_li).get(reverse("office:board_csv"), {"at": "2025-09-29T09:10"}).content.decode()
    )
    assert f"全县,合计,{then.load.late},{then.load.soon},{then.load.ample},{then.total.kept.due}," in rows


def test_as_of_takes_the_same_queries_whatever_there_is(busy, letter, swept, signed_in, at):
    at("2025-09-29 12:00")
    client = signed_in(busy.chen_li)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(BOARD, {"at": "2025-09-29T09:00"}).status_code == 200
        return len(asked)

    queries()
    one = queries()
    for day in range(15, 27):
        letter(f"2025-09-{day} 11:00", unit=["zhujian", "shuiwu", "jiaoyu", "gongan"][day % 4])
    swept(NOW)
    queries()  # what stands is counted once until something happens
    assert queries() == one


def test_a_way_back_to_another_house_is_not_taken(busy, signed_in):
    duty = Obligation.objects.get(duty="letter.answer", unit=busy.units["zhujian"])

    response = signed_in(busy.chen_li).post(
        reverse("office:urging", args=[duty.pk]), {"back": "https://elsewhere.example/"}
    )

    assert response.url == reverse("office:obligation", args=[duty.pk])


@pytest.mark.parametrize("who", ["he_zhiyuan", "zheng_jie"])
def test_leader_and_auditor_see_the_board_without_acts(busy, signed_in, who):
    said = text_of(signed_in(busy.staff[who]).get(BOARD))

    assert "路灯不亮" in said
    assert "urging" not in said
    assert "#supervise" not in said


def test_as_of_shows_what_was_known_then(busy, signed_in, at):
    at("2025-09-29 12:00")
    client = signed_in(busy.chen_li)

    then = client.get(BOARD, {"at": "2025-09-19T10:30"}).context["board"]
    now = client.get(BOARD, {"at": NOW.replace(" ", "T")}).context["board"]

    assert (then.load.late, [line.name for line in then.lines]) == (0, ["县住建局"])
    assert now.load.late == Obligation.objects.late(moment(NOW)).count()
    assert now.load.total == Obligation.objects.filter(is_minimum=False).standing().count()


def test_as_of_refuses_what_has_not_come_yet(busy, signed_in):
    response = signed_in(busy.chen_li).get(BOARD, {"at": "2025-12-01T10:00"})

    assert response.status_code == 422
    assert "还没有到" in text_of(response)


def test_the_downloads_hold_the_same_figures(busy, signed_in):
    client = signed_in(busy.chen_li)
    as_csv = client.get(reverse("office:board_csv")).content.decode("utf-8-sig").splitlines()
    book = load_workbook(BytesIO(client.get(reverse("office:board_xlsx")).content))
    as_xlsx = [
        [str(cell) for cell in row if cell is not None] for row in book.active.iter_rows(values_only=True)
    ]

    assert as_csv == [",".join(row) for row in as_xlsx]
    assert as_csv[0].startswith("截至,2025-09-29 09:00,封存")
    whole = next(row for row in as_xlsx if row[:2] == ["全县", "合计"])
    assert sum(map(int, whole[2:6])) == Obligation.objects.filter(is_minimum=False).standing().count()


def test_a_cell_is_never_a_formula():
    said = sheets.as_csv("表", [["=1+1", "+2", "@x", "平常", -3]]).content.decode("utf-8-sig")

    assert said.strip() == "'=1+1,'+2,'@x,平常,-3"


def test_a_board_of_nothing_says_what_comes(county, signed_in, at):
    at(NOW)

    said = text_of(signed_in(county.chen_li).get(BOARD))

    assert "没有逾期，今天没有到期的。本月还没有到期的事。" in said
    assert "没有在办的事" in said


def test_the_board_of_a_unit_agrees_with_that_of_the_place(busy, signed_in):
    unit = busy.units["zhujian"]
    response = signed_in(busy.wang_min).get(reverse("office:unit", args=[unit.code]))

    whole = questions.board(busy.place, moment(NOW))
    line = next(line for line in whole.lines if line.unit == unit)
    assert response.context["board"].load == line.load
    assert response.context["board"].this_month == line.kept
    assert ("已交办", 1) in response.context["board"].stages
    assert "王敏" in text_of(response)


def test_the_board_of_a_unit_takes_the_same_queries_whatever_it_holds(busy, letter, swept, signed_in):
    client = signed_in(busy.wang_min)
    address = reverse("office:unit", args=[busy.units["zhujian"].code])

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    queries()
    one = queries()
    for day in range(15, 20):
        letter(f"2025-09-{day} 11:00", unit="zhujian")
    swept(NOW)

    queries()  # what stands is counted once until something happens
    assert queries() == one


def test_my_unit_leads_to_the_board_of_my_post(busy, signed_in):
    response = signed_in(busy.wang_min).get(reverse("office:home_unit"))

    assert response.url == reverse("office:unit", args=[busy.units["zhujian"].code])
