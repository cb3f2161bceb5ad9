"""What the government owes, as everybody may read it."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from gongkai.ledger import actions as ledger
from gongkai.ledger import lawbook, seals
from gongkai.ledger.models import Seal
from gongkai.people.models import Place
from gongkai.portal import flow as chart
from gongkai.portal.terms import terms
from gongkai.portal.tests.conftest import answer, text_of


@pytest.fixture
def late(county, at, assigned):
    """The letter, not answered on 10 October at 24:00, answered on the 13th. Everything sealed."""
    ledger.sweep_all(at("2025-10-11 00:01"))
    letter = answer(county, at, assigned, "2025-10-13 10:00", "已经修好。")
    seals.seal_all(at("2025-10-13 10:05"))
    return letter


def line(browser, query: str, name: str) -> dict[str, object]:
    found = json.loads(browser.get(f"/qingyuan/owed.json{query}").content)
    return next(one for one in found["lines"] if one["name"] == name)


def test_a_miss_is_counted_in_its_month_and_stays_a_miss_when_made_good(browser, at, late):
    at("2025-10-31 09:00")

    found = line(browser, "", "办完并答复来信人")

    assert (found["due"], found["met"], found["late"], found["made_good"]) == (1, 0, 1, 1)
    page = text_of(browser.get("/qingyuan/owed/"))
    assert "1 件到期，0 件按时，1 件逾期" in page
    assert "已补办 1 件" in page


def test_another_month_is_asked_for_by_name(browser, at, late):
    at("2025-11-20 09:00")

    assert line(browser, "?month=2025-10", "办完并答复来信人")["late"] == 1
    assert "2025年10月到期" in text_of(browser.get("/qingyuan/owed/?month=2025-10"))


def test_the_figures_of_a_past_day_are_those_that_were_known_then(browser, county, at, late):
    """A miss that is voided later was still shown as a miss before."""
    at("2025-10-14 09:00")
    received = late.matter.facts.get(kind="letter.received")
    ledger.void(received, by=county.actor("chen_li"), because="重复登记")
    at("2025-10-20 09:00")

    assert "办完并答复来信人" not in text_of(browser.get("/qingyuan/owed.csv"))
    assert line(browser, "?as_of=2025-10-13", "办完并答复来信人")["late"] == 1
    assert line(browser, "?as_of=2025-10-13", "县住建局")["late"] == 1


def test_a_duty_made_good_later_was_not_made_good_then(browser, at, late):
    at("2025-10-20 09:00")

    assert line(browser, "?as_of=2025-10-12", "办完并答复来信人")["made_good"] == 0
    assert line(browser, "?as_of=2025-10-13", "办完并答复来信人")["made_good"] == 1


@pytest.mark.parametrize("query", ["?as_of=2099-01-01", "?as_of=x", "?month=x", "?month=1999-01"])
def test_what_cannot_be_asked_is_the_present_month(browser, at, late, query):
    at("2025-10-31 09:00")

    assert line(browser, query, "办完并答复来信人")["late"] == 1


def test_the_table_to_download_says_until_when_it_holds(browser, at, late):
    at("2025-10-31 09:00")

    response = browser.get("/qingyuan/owed.csv")

    rows = list(csv.DictReader(io.StringIO(text_of(response).removeprefix("\ufeff"))))
    assert {row["截至"] for row in rows} == {"2025-10-31 09:00"}
    unit = next(row for row in rows if row["名称"] == "县住建局")
    assert (unit["分组"], unit["逾期"]) == ("单位", "1")


def test_the_first_page_says_what_was_kept_and_missed(browser, at, late):
    at("2025-11-03 09:00")

    page = text_of(browser.get("/qingyuan/"))

    assert "10月到期 1 件，按时办结 0 件，逾期 1 件" in page
    assert Seal.objects.last().short in page


def test_every_duty_is_shown_with_length_article_and_what_is_set_locally(browser, county):
    page = text_of(browser.get("/qingyuan/times/"))

    assert terms(county.place.code)[re.search('<tr id="([^"]+)"', page)[1]].claimant == "writer"
    for term in terms(county.place.code).values():
        assert f'id="{term.id}"' in page
        assert term.says in page
    assert "简单咨询 2 个工作日，调查核实 5 个工作日" in page
    assert page.count("tag--local") - 1 == sum(term.is_local for term in terms(county.place.code).values())


@pytest.mark.parametrize("code", ["520399", "520300", "330212", "610100", "330800", "652828"])
def test_what_a_term_runs_from_is_said_without_codes(db, fresh_rules, code):
    found = terms(code)
    assert len(found) > 10
    assert [term.after for term in found.values() if re.search("[a-z]", term.after)] == []


def test_the_median_is_in_working_days(browser, at, answered):
    at("2025-10-20 09:00")

    assert "一般用 3 个工作日" in text_of(browser.get("/qingyuan/times/"))


@pytest.mark.clause("ZY-LY-01-1", "ZY-LY-08-1")
def test_every_clause_that_holds_here_has_its_place_on_the_page(browser, county):
    page = text_of(browser.get("/qingyuan/clauses/"))

    for _pack, clause in lawbook.rules(county.place.code).clauses:
        assert f'id="{clause.id}"' in page
        assert clause.carried_by or clause.software == "no" or "尚未落实" in page


@pytest.mark.clause("QZ-YQ-07-1", "HS-LD-00-1", "ZY-YQ-01-1", "ZY-YQ-10-1")
@pytest.mark.parametrize(
    ("code", "words", "clause"),
    [
        ("330800", "衢州市人民政府办公室", "QZ-YQ-07-1"),
        ("652828", "和硕县人民政府", "HS-LD-00-1"),
        ("520300", "遵义市人民政府办公室", "ZY-YQ-10-1"),
    ],
)
def test_a_regulation_stands_with_its_issuer_and_the_day_it_took_effect(client, db, code, words, clause):
    place, _made = Place.objects.get_or_create(
        code=code, defaults={"slug": f"p{code}", "name": code, "level": "city", "government": code}
    )
    page = text_of(client.get(f"/{place.slug}/clauses/"))
    pack = next(pack for pack in lawbook.rules(code).packs if clause in pack.clauses)

    assert words in page
    assert f'id="{clause}"' in page
    assert (pack.head.number or "没有文号") in page
    assert (
        f"{pack.head.in_force_from.year}年{pack.head.in_force_from.month}月{pack.head.in_force_from.day}日"
        in page
    )


def test_what_is_not_carried_out_is_said_and_can_be_listed(browser, county):
    page = text_of(browser.get("/qingyuan/clauses/?state=not_yet"))

    open_ = [
        clause
        for _, clause in lawbook.rules(county.place.code).clauses
        if not clause.carried_by and clause.software != "no"
    ]
    assert f"尚未落实 {len(open_)} 条" in page
    assert 'id="ZY-LY-06-4"' not in page


def test_a_clause_carried_by_a_duty_shows_how_it_was_kept(browser, at, late):
    at("2025-10-31 09:00")
    page = text_of(browser.get("/qingyuan/clauses/"))

    row = page[page.index('id="ZY-LY-06-4"') :]
    row = row[: row.index("</li>\n    <li id=") if "</li>\n    <li id=" in row else None]
    assert "近一年到期 1 件，按时 0 件，逾期 1 件" in row
    assert "/qingyuan/times/#letter.answer" in row


@pytest.mark.clause("ZY-LY-07-1")
def test_the_chart_shows_every_duty_of_a_letter_once_and_no_two_boxes_touch(browser, county):
    drawn = chart.flow(county.place.code)

    duties = [id for id in terms(county.place.code) if id.startswith("letter.")]
    assert sorted(box.term.id for box in drawn.steps) == sorted(duties)
    assert [box.number for box in drawn.steps] == list(range(1, len(duties) + 1))
    assert [box.term.id for box in drawn.main if box.term] == [
        "letter.open",
        "letter.assign",
        "letter.sign_for",
        "letter.answer",
    ]
    boxes = [*drawn.main, *(box for pair in drawn.cases for box in pair)]
    for one in boxes:
        assert one.x >= 0
        assert one.x + chart.BOX <= drawn.width
        assert one.bottom <= drawn.height
        for other in boxes:
            apart = one is other or one.x != other.x or one.bottom <= other.y or other.bottom <= one.y
            assert apart, (one.lines, other.lines)
    page = text_of(browser.get("/qingyuan/flow/"))
    assert all(box.term.cite in page for box in drawn.steps)


def test_the_chart_follows_the_rules_of_another_place(county):
    """鄞州 has no rules of its own for the inner steps; what is drawn is what holds there."""
    drawn = chart.flow("330212")

    assert [box.term.id for box in drawn.main if box.term][-1] == "letter.answer"


def test_a_seal_is_found_by_its_first_digits(browser, at, late):
    root = Seal.objects.get().root

    page = text_of(browser.get(f"/qingyuan/seals/?digits={root[:4]}+{root[4:8].upper()}"))

    assert "有这次封存" in page
    assert root in page
    assert "没有以这些字符开头的封存" in text_of(browser.get("/qingyuan/seals/?digits=ffffffff0000"))
