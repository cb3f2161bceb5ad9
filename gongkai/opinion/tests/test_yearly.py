"""The year of opinion for the assessment: what is counted, what is behind it, what was handed over and what changed since."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gongkai.ledger import actions as ledger
from gongkai.ledger import clock
from gongkai.ledger.models import Fact, Obligation
from gongkai.opinion import accountability, actions, policy, yearly
from gongkai.opinion.models import Accountability, Event
from gongkai.opinion.tests.world import HESHUO, QUZHOU, fresh
from gongkai.ui.refusal import Refused
from tests.world import moment

NOW = "2025-12-30 09:00"
HELD = {"measure": "通报批评并约谈", "rule": accountability.PASSIVE}


def judged(place, event: Event, **more: object) -> Accountability:
    """A decision of the office about the water bureau."""
    given = HELD | {"decided": True, "decided_at": moment("2025-11-03 09:00"), "words": "x"} | more
    return Accountability.objects.create(
        event=event, unit=place.units["shuiwu"], proposed_at=moment("2025-11-02 09:00"), **given
    )


def of(place, unit: str = "shuiwu", year: int = 2025) -> dict[str, float]:
    return yearly.figures(place.place, year).get(place.units[unit].code, {})


@pytest.mark.clause("QZ-YQ-06-2", "HS-LD-15-2")
@pytest.mark.parametrize("code", [QUZHOU, HESHUO])
def test_a_unit_has_its_events_clocks_answers_and_decisions_counted(town, code):
    place = town(code)
    event = place.released()  # found at nine, answered at noon
    late = place.assigned(event=place.graded(event=place.found(title="第二件")))
    ledger.sweep(moment(NOW), limit=1000)
    judged(place, event)
    judged(place, late, decided=False, is_borne=True)
    place.do(
        "overseer",
        NOW,
        actions.share,
        place.units["office"],
        kind="典型案例",
        title="轮值",
        text="x",
        is_good=True,
    )

    found = of(place)

    assert (found["events"], found["first_hours"]) == (2, 3.0)
    assert (found["circulars"], found["talks"], found["borne"]) == (1, 1, 1)
    assert "held" not in found
    assert of(place, "office")["good"] == 1
    clocks = Obligation.objects.filter(unit=place.units["shuiwu"], is_soft=False, is_minimum=False)
    for name, state in (("met", "met"), ("late", "met_late"), ("owed", "breached")):
        assert found.get(name, 0) == clocks.filter(state=state).count()
    assert found["met"] > 0 < found["owed"]
    assert found["rate"] == round(100 * found["met"] / (found["met"] + found["owed"] + found.get("late", 0)))


def test_what_must_not_spread_was_dismissed_or_belongs_to_another_year_is_not_counted(town):
    place = town()
    event = place.released()
    assert of(place)["events"] == 1
    assert of(place, year=2024) == {}

    Event.objects.filter(pk=event.pk).update(is_restricted=True)
    assert of(place) == {}


def test_every_figure_leads_to_the_rows_it_counts(town):
    place = town()
    event = place.released()
    place.assigned(event=place.graded(event=place.found(title="第二件")))
    ledger.sweep(moment(NOW), limit=1000)
    judged(place, event)
    response = event.responses.get()
    place.do("watcher", NOW, actions.withdraw, response, reason="数字有误")

    found = of(place)
    for figure in yearly.FIGURES:
        lines = yearly.lines(figure, place.place, 2025, place.units["shuiwu"].code)
        if figure.id in ("rate", "first_hours"):
            assert lines
        else:
            assert len(lines) == found.get(figure.id, 0), figure.id
    assert found["withdrawn"] == 1


@pytest.mark.clause("QZ-YQ-06-2", "HS-LD-15-2")
@pytest.mark.parametrize("code", [QUZHOU, HESHUO])
def test_what_was_handed_over_stays_and_a_correction_says_why(town, code):
    place = town(code)
    event = place.released()
    first = place.do("overseer", NOW, actions.report_year, 2025)
    assert first.details["figures"][place.units["shuiwu"].code]["events"] == 1
    assert first.matter.number == f"KH-{code}-2025"
    with pytest.raises(Refused, match="一样"):
        place.do("overseer", NOW, actions.report_year, 2025)

    judged(place, event)
    changed = set(yearly.differences(first.details["figures"], yearly.figures(place.place, 2025)))
    assert changed == {(place.units["shuiwu"].code, name, 0, 1) for name in ("circulars", "talks")}
    with pytest.raises(Refused, match="更正事由"):
        place.do("overseer", NOW, actions.report_year, 2025)
    second = place.do("overseer", NOW, actions.report_year, 2025, because="补记一次通报")

    assert (second.corrects, second.matter) == (first, first.matter)
    assert yearly.reported(place.place, 2025) == [second, first]
    assert Fact.objects.get(pk=first.pk).details == first.details


def test_only_who_oversees_hands_over_and_no_year_before_it_begins(town):
    place = town()
    for who in ("watcher", "mayor", "writer", "head"):
        with pytest.raises(Refused, match="主管部门"):
            place.do(who, NOW, actions.report_year, 2025)
    with pytest.raises(Refused, match="还没有开始"):
        place.do("overseer", NOW, actions.report_year, 2026)


# ---- on screen ---------------------------------------------------------------------------------------------------


@pytest.fixture
def year(town):
    """A place with an event of the water bureau, answered, and a decision borne with."""
    place = town()
    judged(place, place.released(), decided=False, is_borne=True)
    with clock.set_to(moment(NOW)):
        yield place


def page(place, who: str) -> Client:
    browser = Client()
    browser.force_login(place.staff[who])
    return browser


def addresses(place) -> dict[str, str]:
    code = place.units["shuiwu"].code
    return {
        "years": reverse("opinion:years"),
        "year": reverse("opinion:year", args=[2025]),
        "csv": reverse("opinion:year_export", args=[2025]),
        "events": reverse("opinion:year_behind", args=[2025, code, "events"]),
        "borne": reverse("opinion:year_behind", args=[2025, code, "borne"]),
        "report": reverse("opinion:year_report", args=[2025]),
    }


@pytest.mark.parametrize(
    ("who", "open_"),
    [
        ("overseer", {"years", "year", "csv", "events", "borne", "report"}),
        ("mayor", {"years", "year", "csv", "events", "borne", "report"}),
        ("writer", {"years", "year", "csv", "events"}),
        ("other", {"years", "year", "csv"}),
        ("watcher", {"years", "year", "csv"}),
    ],
)
def test_who_oversees_or_leads_sees_all_units_and_a_unit_itself_without_what_was_borne(year, who, open_):
    browser = page(year, who)
    found = {name for name, url in addresses(year).items() if browser.get(url).status_code == 200}
    assert found == open_

    url = addresses(year)["year"]
    shown = browser.get(url).context["rows"]
    sees = who in ("overseer", "mayor", "writer")
    assert ("shuiwu" in {unit.short_name for unit, _cells in shown}) is sees
    head, *lines = csv.reader(
        io.StringIO(browser.get(addresses(year)["csv"]).content.decode().removeprefix("\ufeff"))
    )
    assert ("容错" in head) is (who in ("overseer", "mayor"))
    assert ("shuiwu" in {line[0] for line in lines}) is sees


def test_another_place_and_a_year_without_opinion_are_missing(year, town):
    stranger = page(town(HESHUO), "overseer")
    assert stranger.get(addresses(year)["events"]).status_code == 404
    browser = page(year, "overseer")
    for some in (1, 2024, 2026, 9999):
        assert browser.get(reverse("opinion:year", args=[some])).status_code == 404, some


def test_a_leader_reads_and_does_not_hand_over(year):
    browser = page(year, "mayor")
    assert browser.post(addresses(year)["report"]).status_code == 422
    assert not Fact.objects.filter(kind="opinion.year_reported").exists()


def test_the_year_is_handed_over_once_by_a_double_click_and_what_changed_is_shown(year):
    browser, url = page(year, "overseer"), addresses(year)
    assert browser.post(url["report"]).status_code == 302
    assert browser.post(url["report"], {"because": ""}).status_code == 422
    assert browser.post(url["report"], {"because": "再报一次"}).status_code == 422
    assert Fact.objects.filter(kind="opinion.year_reported").count() == 1
    assert "和报送时一样" in browser.get(url["year"]).content.decode()

    year.do(
        "watcher",
        "2025-10-09 09:00",
        actions.withdraw,
        fresh(Event.objects.get()).responses.get(),
        reason="有误",
    )
    text = browser.get(url["year"]).content.decode()
    assert "有 1 个数字变了" in text
    assert "报送 0" in text
    assert browser.get(url["csv"] + "?as=xlsx").content[:2] == b"PK"


def test_the_page_of_a_year_costs_the_same_however_many(year):
    browser, url = page(year, "overseer"), addresses(year)

    def queries(name: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert browser.get(url[name]).status_code == 200
        return len(found)

    names = ("year", "csv", "events")
    few = [queries(name) for name in names]
    for n in range(4):
        year.assigned(event=year.graded(event=year.found(title=f"第{n}件")))
    assert [queries(name) for name in names] == few


def test_people_of_a_unit_are_led_only_to_events_they_may_open(year):
    text = page(year, "overseer").get(addresses(year)["events"]).content.decode()
    assert reverse("opinion:event", args=[Event.objects.get().code]) in text
    assert policy.units_assessed(year.actor("writer", NOW)).count() == 1
