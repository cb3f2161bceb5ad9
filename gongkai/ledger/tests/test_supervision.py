"""Urging, supervising, reporting back."""

import pytest

from gongkai.ledger import actions, clock, supervision
from gongkai.ledger.models import Fact
from gongkai.letters import facts
from gongkai.notices.models import Notice
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Power
from gongkai.ui.refusal import Refused
from tests.world import TODAY, moment

pytestmark = pytest.mark.django_db

NOW = moment("2025-09-28 09:00")  # the Sunday that is worked for the holiday


@pytest.fixture
def late(county):
    """A letter of 住建局 that should have been answered by 26 September, as seen on the 28th."""
    unit = county.units["zhujian"]
    at = moment("2025-09-19 10:00")
    matter = actions.open_matter(
        "LY-2025-0919-0001", room="letters", title="电梯停运", place=county.place, unit=unit, at=at
    )
    details = {"unit": unit.code, "lead": county.units["xinfang"].code, "class": "调查核实"}
    with clock.set_to(at):
        actions.record(
            facts.RECEIVED,
            matter=matter,
            by=Actor.system(county.place),
            at=at,
            details={"source": "群众来信", **details},
        )
    actions.sweep_all(NOW)
    return matter.obligations.get(duty="letter.answer")


@pytest.fixture(autouse=True)
def _now():
    with clock.set_to(NOW):
        yield


def titles(staff) -> list[str]:
    return [notice.title for notice in Notice.objects.filter(staff=staff).order_by("id")]


def test_urging_is_a_fact_and_tells_the_people_of_the_unit(county, late):
    fact = supervision.urge(late, by=county.actor("chen_li"), at=NOW)

    assert fact.details == {"party": county.units["zhujian"].code, "obligation": late.key}
    assert titles(county.wang_min) == ["催办：办完并答复来信人"]
    assert titles(county.li_qiang) == []
    assert supervision.of([late])[late.pk].urged == 1


@pytest.mark.parametrize("name", ["wang_min", "zhao_jing", "he_zhiyuan", "zheng_jie", "wu_tao"])
def test_only_who_oversees_urges_and_supervises(county, late, name):
    with pytest.raises(Refused, match="督办的岗位"):
        supervision.urge(late, by=county.actor(name), at=NOW)
    with pytest.raises(Refused, match="督办的岗位"):
        supervision.supervise(late, by=county.actor(name), at=NOW, within="1 working day")


def test_who_oversees_another_place_does_not(county, late):
    other = Place.objects.create(
        code="520398", slug="baihe", name="白河县", level="county", government="白河县人民政府"
    )
    stranger = Actor(other, county.chen_li, {Power.OVERSEE: frozenset({1})})

    with pytest.raises(Refused, match="督办的岗位"):
        supervision.urge(late, by=stranger, at=NOW)


def test_a_duty_is_urged_once_an_hour(county, late):
    chen_li = county.actor("chen_li")
    supervision.urge(late, by=chen_li, at=NOW)

    with pytest.raises(Refused, match="一小时内"):
        supervision.urge(late, by=chen_li, at=moment("2025-09-28 09:30"))
    with clock.set_to(moment("2025-09-28 10:00")):
        supervision.urge(late, by=chen_li, at=moment("2025-09-28 10:00"))
    assert supervision.of([late])[late.pk].urged == 2


@pytest.mark.clause("GB-WZ-02-1", "GB-RX-01-3")
def test_an_order_keeps_the_duty_to_supervise(county, late):
    owed = late.matter.obligations.get(duty="letter.supervise")
    assert owed.unit == county.units["office"]

    supervision.supervise(late, by=county.actor("chen_li"), at=NOW, within="1 working day", words="请回电")

    owed.refresh_from_db()
    assert owed.state == "met"


def test_the_unit_reports_and_whoever_ordered_it_is_told(county, late):
    chen_li = county.actor("chen_li")
    supervision.supervise(late, by=chen_li, at=NOW, within="1 working day", words="请负责人回电")
    with pytest.raises(Refused, match="还没有报告"):
        supervision.supervise(late, by=chen_li, at=NOW, within="1 working day")
    assert [fact.matter_id for fact in supervision.awaited([county.units["zhujian"].pk], NOW)] == [
        late.matter_id
    ]

    with pytest.raises(Refused, match="被督办的单位"):
        supervision.answer(late, by=county.actor("li_qiang"), at=NOW, words="已经办好了")
    supervision.answer(late, by=county.actor("wang_min"), at=NOW, words="已派维修，明天修好")

    assert "报告督办结果：办完并答复来信人" in titles(county.chen_li)
    assert supervision.awaited([county.units["zhujian"].pk], NOW) == []
    with pytest.raises(Refused, match="已经报告过"):
        supervision.answer(late, by=county.actor("wang_min"), at=NOW, words="已派维修，明天修好")


def test_after_the_report_a_second_order_may_follow(county, late):
    chen_li = county.actor("chen_li")
    for _ in range(2):
        supervision.supervise(late, by=chen_li, at=NOW, within="1 working day")
        supervision.answer(late, by=county.actor("wang_min"), at=NOW, words="还要一天")

    assert Fact.objects.filter(kind="supervision.issued").count() == 2


def test_personal_data_in_the_words_is_masked(county, late):
    order = supervision.supervise(
        late, by=county.actor("chen_li"), at=NOW, within="1 working day", words="请打 13812345678 回电"
    )

    assert "13812345678" not in order.details["words"]


def test_an_answered_letter_is_not_urged(county, late):
    actions.record(facts.ANSWERED, matter=late.matter, by=Actor.system(county.place), at=NOW)

    with pytest.raises(Refused, match="逾期办结，不用再催"):
        supervision.urge(late, by=county.actor("chen_li"), at=NOW)


def test_the_desk_does_not_urge_itself(county, late):
    with pytest.raises(Refused, match="本单位的事"):
        supervision.urge(
            late.matter.obligations.get(duty="letter.supervise"), by=county.actor("chen_li"), at=NOW
        )


def test_a_report_says_something(county, late):
    supervision.supervise(late, by=county.actor("chen_li"), at=NOW, within="1 working day")

    with pytest.raises(Refused, match="写明督办结果"):
        supervision.answer(late, by=county.actor("wang_min"), at=NOW, words="好")


def test_an_order_has_one_of_the_known_terms(county, late):
    with pytest.raises(Refused, match="时限"):
        supervision.supervise(late, by=county.actor("chen_li"), at=NOW, within="1 year")


def test_a_voided_order_is_no_order(county, late):
    order = supervision.supervise(late, by=county.actor("chen_li"), at=NOW, within="1 working day")
    actions.void(order, by=county.actor("chen_li"), because="发错了单位")

    assert supervision.of([late])[late.pk].order is None
    assert county.actor("chen_li", TODAY).may(Power.OVERSEE)
