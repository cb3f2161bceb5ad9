"""What was owed as it was known: entries recorded by an instant and nothing later."""

import pytest

from gongkai.ledger import actions, asks, clock
from gongkai.ledger.models import Obligation
from gongkai.letters import facts
from gongkai.people.actor import Actor
from tests.world import moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def system(county):
    return Actor.system(county.place)


@pytest.fixture
def matter(county, system):
    """A letter received on 19 September, to be answered by 24:00 of the 26th."""
    at = moment("2025-09-19 10:00")
    unit = county.units["zhujian"]
    found = actions.open_matter(
        "LY-2025-0919-0001", room="letters", title="电梯停运", place=county.place, unit=unit, at=at
    )
    record(
        found,
        system,
        facts.RECEIVED,
        "2025-09-19 10:00",
        source="群众来信",
        unit=unit.code,
        **{"class": "调查核实"},
    )
    return found


def record(matter, by, kind, at, recorded="", because="", **details):
    with clock.set_to(moment(recorded or at)):
        return actions.record(kind, matter=matter, by=by, at=moment(at), details=details, because=because)


def answer_at(place, instant):
    """The state of the duty to answer as it was known, None when it was not owed."""
    rows = asks.standing_as_of(place, moment(instant))
    return next((row.state for row in rows if row.duty == "letter.answer"), None)


def test_it_follows_the_duty_through_its_life(county, system, matter):
    actions.sweep_all(moment("2025-09-26 08:00"))
    actions.sweep_all(moment("2025-09-27 08:00"))
    record(matter, system, facts.ANSWERED, "2025-09-28 10:00")

    assert answer_at(county.place, "2025-09-19 09:59") is None
    assert answer_at(county.place, "2025-09-19 10:00") == "open"
    assert answer_at(county.place, "2025-09-26 09:00") == "warned"
    assert answer_at(county.place, "2025-09-27 09:00") == "breached"
    assert answer_at(county.place, "2025-09-28 10:00") is None


def test_an_answer_recorded_later_was_not_known(county, system, matter):
    actions.sweep_all(moment("2025-09-27 08:00"))
    record(
        matter,
        system,
        facts.ANSWERED,
        "2025-09-25 10:00",
        recorded="2025-09-29 09:00",
        because="纸质答复补录",
    )

    assert Obligation.objects.get(matter=matter, duty="letter.answer").state == "met"
    assert answer_at(county.place, "2025-09-28 09:00") == "breached"
    assert answer_at(county.place, "2025-09-29 09:00") is None


def test_a_breach_that_had_not_been_written_was_not_known(county, matter):
    actions.sweep_all(moment("2025-09-29 08:00"))

    assert answer_at(county.place, "2025-09-28 09:00") == "open"
    assert answer_at(county.place, "2025-09-29 08:00") == "breached"


def test_what_was_voided_later_was_believed_then(county, system, matter):
    record(matter, system, facts.ANSWERED, "2025-09-22 10:00")
    rated = record(matter, system, facts.RATED, "2025-09-23 10:00", rating="不满意")
    with clock.set_to(moment("2025-09-24 10:00")):
        actions.void(rated, by=system, because="评价登记错了信件")

    def redo_at(instant):
        return [
            row.state
            for row in asks.standing_as_of(county.place, moment(instant))
            if row.duty == "letter.redo"
        ]

    assert redo_at("2025-09-23 12:00") == ["open"]
    assert redo_at("2025-09-24 12:00") == []


def test_an_extension_makes_a_warned_duty_open_again(county, system, matter):
    actions.sweep_all(moment("2025-09-26 08:00"))
    with clock.set_to(moment("2025-09-26 09:00")):
        details = {"by": 3, "approved_by": "周岚", "reason": "等配件"}
        actions.record(
            facts.EXTENDED, matter=matter, by=system, at=moment("2025-09-26 09:00"), details=details
        )

    assert answer_at(county.place, "2025-09-26 08:30") == "warned"
    assert answer_at(county.place, "2025-09-26 09:00") == "open"


def test_it_names_the_unit_of_then(county, system, matter):
    other = county.units["shuiwu"]
    record(matter, system, facts.ASSIGNED, "2025-09-22 10:00", unit=other.code)

    def unit_at(instant):
        rows = asks.standing_as_of(county.place, moment(instant))
        return next(row.unit_id for row in rows if row.duty == "letter.answer")

    assert unit_at("2025-09-21 10:00") == county.units["zhujian"].pk
    assert unit_at("2025-09-22 10:00") == other.pk


def test_as_of_now_it_is_what_stands(county, matter):
    now = moment("2025-09-29 09:00")
    actions.sweep_all(now)
    stand = Obligation.objects.filter(place=county.place, is_minimum=False).standing()

    known = {(row.matter_id, row.key, row.state) for row in asks.standing_as_of(county.place, now)}
    assert known == set(stand.values_list("matter_id", "key", "state"))


def test_another_place_is_not_asked(county, matter):
    assert asks.standing_as_of(county.city, moment("2025-09-29 09:00")) == []


def test_it_takes_one_query(county, matter, django_assert_num_queries):
    from gongkai.ledger import lawbook

    with lawbook.steady():
        lawbook.rules(county.place.code)
        with django_assert_num_queries(1):
            asks.standing_as_of(county.place, moment("2025-09-29 09:00"))
