"""Pilot units of an area: who names them, how they check each other, what the clock says, what all may read."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gongkai.ledger import actions as ledger
from gongkai.ledger import clock, pages
from gongkai.notices.models import Notice
from gongkai.opinion import actions, policy
from gongkai.opinion.models import Exchange, MutualCheck, Pilot
from gongkai.opinion.tests.world import HESHUO
from gongkai.people.actor import Actor
from gongkai.ui.refusal import Refused
from tests.world import moment

NOW = "2025-10-09 09:00"
AREA = "义务教育"


@pytest.fixture
def place(town):
    """和硕 with two pilot units of one area: the water and the housing bureau."""
    found = town(HESHUO)
    ledger.configure(
        found.place, "pilot.area", "values", [AREA], from_on=date(2025, 1, 1), by=Actor.system(found.place),
        at=moment(NOW),
    )  # fmt: skip
    for name in ("shuiwu", "zhujian"):
        found.do("overseer", NOW, _named, found.units[name])
    return found


def _named(unit, *, by, at, **more):
    return actions.name_pilot(unit, by=by, **{"area": AREA, "from_on": date(2025, 9, 1)} | more)


def paired(place, **more):
    given = {"area": AREA, "due_on": date(2025, 10, 19)} | more
    return place.do("overseer", NOW, actions.pair, place.units["shuiwu"], place.units["zhujian"], **given)


@pytest.mark.clause("HS-LD-02-1")
def test_pilot_units_check_each_other_by_the_day_that_was_named(place):
    mine, theirs = paired(place)
    owed = mine.matter.obligations.get(duty="opinion.check")
    assert (owed.unit, timezone.localtime(owed.due_at)) == (place.units["shuiwu"], moment("2025-10-20 00:00"))
    assert theirs.matter.obligations.get(duty="opinion.check").unit == place.units["zhujian"]
    assert Notice.objects.filter(number=mine.code).exists()

    found = place.do(
        "writer", "2025-10-19 20:00", actions.report_check, mine, title="查住建局", text="目录缺两项"
    )

    assert (found.kind, found.area, found.about) == ("自查互查发现问题", AREA, place.units["zhujian"])
    assert mine.matter.obligations.get(duty="opinion.check").state == "met"
    assert policy.visible_exchanges(place.actor("police", NOW)).get() == found
    ledger.sweep(moment("2025-10-21 09:00"))
    assert theirs.matter.obligations.get(duty="opinion.check").state == "breached"


def test_a_check_is_done_once_by_the_unit_that_was_asked(place):
    mine, _theirs = paired(place)
    for who in ("other", "overseer", "watcher"):
        with pytest.raises(Refused, match="安排去检查的单位"):
            place.do(who, NOW, actions.report_check, mine, title="x", text="y")
    place.do("writer", NOW, actions.report_check, mine, title="x", text="y")
    with pytest.raises(Refused, match="已经报告"):
        place.do("writer", NOW, actions.report_check, mine, title="x", text="y")


def test_only_who_oversees_names_pilots_and_pairs_those_that_are(place):
    units = place.units
    for verb, given in (
        (_named, (units["shuiwu"],)),
        (actions.pair, (units["shuiwu"], units["zhujian"])),
    ):
        more = {} if verb is _named else {"area": AREA, "due_on": date(2025, 10, 19)}
        with pytest.raises(Refused, match="主管部门"):
            place.do("watcher", NOW, verb, *given, **more)
    with pytest.raises(Refused, match="试点领域"):
        place.do("overseer", NOW, _named, units["shuiwu"], area="没有这个")
    with pytest.raises(Refused, match="颠倒"):
        place.do("overseer", NOW, _named, units["shuiwu"], until_on=date(2025, 8, 1))
    with pytest.raises(Refused, match="自己"):
        place.do(
            "overseer",
            NOW,
            actions.pair,
            units["shuiwu"],
            units["shuiwu"],
            area=AREA,
            due_on=date(2025, 10, 19),
        )
    with pytest.raises(Refused, match="期限"):
        paired(place, due_on=date(2025, 10, 8))
    place.do("overseer", NOW, _named, units["zhujian"], until_on=date(2025, 10, 1))
    with pytest.raises(Refused, match="不是"):
        paired(place)
    assert (Pilot.objects.count(), MutualCheck.objects.count()) == (2, 0)


# ---- on screen ---------------------------------------------------------------------------------------------------


def page(place, who: str) -> Client:
    browser = Client()
    browser.force_login(place.staff[who])
    return browser


@pytest.mark.clause("HS-LD-02-1")
def test_pilots_are_named_paired_and_report_on_their_pages_once(place):
    with clock.set_to(moment(NOW)):
        office, unit = page(place, "overseer"), page(place, "writer")
        url = reverse("opinion:pilot", args=[Pilot.objects.get(unit=place.units["zhujian"]).pk])
        assert office.post(url, {"until_on": "2025-08-01"}).status_code == 422
        assert office.post(url, {"until_on": "2025-12-31"}).status_code == 302
        assert Pilot.objects.get(unit=place.units["zhujian"]).until_on == date(2025, 12, 31)

        given = {
            "area": AREA, "unit": place.units["shuiwu"].pk, "about": place.units["zhujian"].pk, "is_mutual": "on",
            "due_on": "2025-10-19",
        }  # fmt: skip
        for _ in range(2):
            assert office.post(reverse("opinion:pairing"), given).status_code == 302
        assert MutualCheck.objects.count() == 2
        check = MutualCheck.objects.get(unit=place.units["shuiwu"])
        address = pages.urls_for(place.actor("writer", NOW), [check.matter])[check.matter_id]
        assert page(place, "other").post(address, {"title": "x", "text": "y"}).status_code == 409
        assert unit.post(address, {"title": "查住建局", "text": ""}).status_code == 422
        for _ in range(2):
            assert unit.post(address, {"title": "查住建局", "text": "目录缺两项"}).status_code == 302
        assert Exchange.objects.count() == 1
        assert "目录缺两项" in page(place, "police").get(address).content.decode()
        listed = unit.get(reverse("opinion:exchanges"), {"area": AREA}).content.decode()
        assert "shuiwu查zhujian" in listed
        assert "目录缺两项" not in unit.get(reverse("opinion:exchanges"), {"area": "别的"}).content.decode()


@pytest.mark.parametrize("name", ["pilot_new", "pairing"])
def test_the_forms_of_the_office_do_nothing_for_a_unit(place, name):
    with clock.set_to(moment(NOW)):
        given = {
            "area": AREA, "unit": place.units["shuiwu"].pk, "about": place.units["zhujian"].pk,
            "due_on": "2025-10-19", "from_on": "2025-10-01",
        }  # fmt: skip
        assert page(place, "writer").post(reverse(f"opinion:{name}"), given).status_code in (409, 422)
    assert (Pilot.objects.count(), MutualCheck.objects.count()) == (2, 0)


def test_another_place_sees_neither_pilots_nor_checks(place, town):
    mine, _theirs = paired(place)
    stranger = page(town(), "overseer")
    assert stranger.get(reverse("opinion:check", args=[mine.code])).status_code == 404
    assert stranger.get(reverse("opinion:pilot", args=[Pilot.objects.first().pk])).status_code == 404
    assert AREA not in stranger.get(reverse("opinion:pilots")).content.decode()


def test_a_lesson_may_name_its_area_and_the_list_costs_the_same_however_many(place):
    with clock.set_to(moment(NOW)):
        browser, url = page(place, "writer"), reverse("opinion:exchange_new")
        given = {"kind": "试点经验", "unit": place.units["shuiwu"].pk, "title": "一", "text": "x"}
        assert (
            browser.post(url, given | {"area": AREA, "about": place.units["zhujian"].pk}).status_code == 302
        )
        assert browser.post(url, given | {"title": "二", "area": "没有"}).status_code == 422
        assert (Exchange.objects.get().area, Exchange.objects.get().about) == (AREA, place.units["zhujian"])

        def queries(name: str) -> int:
            with CaptureQueriesContext(connection) as found:
                assert browser.get(reverse(f"opinion:{name}")).status_code == 200
            return len(found)

        paired(place)
        few = [queries(name) for name in ("exchanges", "pilots")]
        for n in range(4):
            browser.post(url, given | {"title": f"第{n}", "area": AREA, "about": place.units["zhujian"].pk})
            paired(place, due_on=date(2025, 10, 20 + n))
        assert [queries(name) for name in ("exchanges", "pilots")] == few
