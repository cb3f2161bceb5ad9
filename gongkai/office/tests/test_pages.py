"""Search, notices and the auditor's facts."""

from __future__ import annotations

import pytest
from django.urls import reverse

from gongkai.ledger import clock, outbox, seals
from gongkai.ledger.models import Obligation
from gongkai.letters import actions
from gongkai.notices.models import Notice, Preference
from gongkai.office.tests.conftest import text_of
from tests.world import moment

pytestmark = pytest.mark.django_db

SEARCH = "/office/search/"
NOTICES = "/office/notices/"
FACTS = "/office/facts/"


# ---- search ----------------------------------------------------------------------------------------------------


def test_a_number_leads_straight_to_the_letter(county, letter, signed_in):
    found = letter("2025-09-22 10:00", unit="zhujian")
    client = signed_in(county.wang_min)

    for q in (found.number, found.number.lower(), found.code_shown, found.code):
        assert client.get(SEARCH, {"q": q}).url == reverse("letters:letter", args=[found.number])


def test_a_number_of_another_unit_leads_nowhere(county, letter, signed_in):
    found = letter("2025-09-22 10:00", "电梯反复停运", unit="zhujian")

    response = signed_in(county.li_qiang).get(SEARCH, {"q": found.number})

    assert response.status_code == 200
    assert "没有找到" in text_of(response)


def test_words_find_only_what_one_may_open(county, letter, client):
    letter("2025-09-22 10:00", "东湖花园电梯停运", unit="zhujian")
    letter("2025-09-22 11:00", "东湖花园停水", unit="shuiwu")

    def titles(who, q):
        client.force_login(county.staff[who])
        return {row.title for row in client.get(SEARCH, {"q": q}).context["rows"]}

    assert titles("wang_min", "东湖花园") == {"东湖花园电梯停运"}
    assert titles("li_qiang", "东湖花园") == {"东湖花园停水"}
    assert titles("chen_li", "东湖花园") == {"东湖花园电梯停运", "东湖花园停水"}
    assert titles("chen_li", "东湖花园 电梯") == {"东湖花园电梯停运"}
    assert titles("wu_tao", "东湖花园") == set()
    assert titles("chen_li", "……") == set()


def test_the_rest_is_found_by_key(county, letter, signed_in):
    for minute in range(27):
        letter(f"2025-09-22 10:{minute:02}", f"东湖花园{minute}号")
    client = signed_in(county.chen_li)

    first = client.get(SEARCH, {"q": "东湖花园"})
    rest = client.get(SEARCH + first.context["next_url"])

    titles = [row.title for row in [*first.context["rows"], *rest.context["rows"]]]
    assert len(titles) == len(set(titles)) == 27
    assert rest.context["next_url"] == ""


# ---- notices ---------------------------------------------------------------------------------------------------


@pytest.fixture
def told(county, letter):
    """王敏 was told of a duty."""
    letter("2025-09-22 10:00", "电梯停运", unit="zhujian")
    outbox.deliver_all(moment("2025-09-22 12:00"))
    return Notice.objects.filter(staff=county.wang_min)


def test_opening_a_notice_reads_it_and_leads_to_its_letter(county, told, signed_in, at):
    at("2025-09-22 13:00")
    client = signed_in(county.wang_min)
    one = told.first()

    response = client.get(reverse("office:notice", args=[one.pk]))

    one.refresh_from_db()
    assert one.read_at == moment("2025-09-22 13:00")
    assert client.get(response.url).url == reverse("letters:letter", args=[one.number])


def test_unread_stand_first_and_all_are_marked_at_once(county, told, signed_in, at):
    at("2025-09-22 13:00")
    client = signed_in(county.wang_min)
    count = told.count()
    assert count >= 2
    client.get(reverse("office:notice", args=[told.order_by("-at", "-id").first().pk]))

    shown = list(client.get(NOTICES).context["page"])
    assert [bool(one.read_at) for one in shown] == [False] * (count - 1) + [True]

    client.post(reverse("office:read_all"))
    assert not told.unread().exists()
    assert "没有未读的通知" in text_of(client.get(NOTICES))


def test_preferences_are_kept(county, signed_in):
    client = signed_in(county.wang_min)
    address = reverse("office:preferences")

    client.post(address, {"sms": "on", "quiet_from": "21:00", "quiet_until": "08:00"})

    wish = Preference.objects.get(staff=county.wang_min)
    county.wang_min.refresh_from_db()
    assert (wish.mail, wish.sms, wish.digest) == (False, True, False)
    assert f"{county.wang_min.quiet_from:%H:%M}" == "21:00"
    half = client.post(address, {"quiet_from": "21:00"})
    assert (half.status_code, "同时填开始和结束" in text_of(half)) == (422, True)


# ---- facts -----------------------------------------------------------------------------------------------------


def test_the_auditor_reads_facts_with_their_seal_and_nothing_of_the_writer(county, letter, signed_in):
    letter("2025-09-22 10:00", "张三家的电梯停运", unit="zhujian")
    seal = seals.seal(moment("2025-09-22 12:00"))
    letter("2025-09-23 10:00", "路灯不亮")

    said = text_of(signed_in(county.zheng_jie).get(FACTS))

    assert seal.short in said
    assert "待封存" in said
    assert "交办" in said
    assert "张三" not in said
    assert "13800000000" not in said


def test_facts_are_found_by_matter_kind_person_and_time(county, letter, signed_in):
    first = letter("2025-09-22 10:00", unit="zhujian")
    letter("2025-09-24 10:00", unit="zhujian")
    client = signed_in(county.zheng_jie)

    def kinds(**asked):
        return {(fact.matter.number, fact.kind) for fact, *_ in client.get(FACTS, asked).context["rows"]}

    assert kinds(number=first.number, kind="letter.assigned") == {(first.number, "letter.assigned")}
    assert kinds(by=county.wang_min.pk) == set()
    assert {number for number, _ in kinds(until="2025-09-22")} == {first.number}
    assert {
        number for number, _ in kinds(by=county.zhao_jing.pk, since="2025-09-22", until="2025-09-22")
    } == {first.number}


def test_facts_of_another_place_are_not_shown(county, letter, signed_in):
    from gongkai.people.models import Place, Staff

    letter("2025-09-22 10:00")
    other = Place.objects.create(
        code="520398", slug="baihe", name="白河县", level="county", government="白河县人民政府"
    )
    Staff.objects.filter(pk=county.zheng_jie.pk).update(place=other)

    assert signed_in(county.zheng_jie).get(FACTS).context["rows"] == []


def test_the_facts_take_the_same_queries_whatever_they_are(
    county, letter, signed_in, django_assert_max_num_queries
):
    for day in (22, 23, 24):
        letter(f"2025-09-{day} 10:00", unit="zhujian")
    seals.seal(moment("2025-09-25 12:00"))
    client = signed_in(county.zheng_jie)
    client.get(FACTS)

    with django_assert_max_num_queries(9):
        client.get(FACTS)


def test_words_typed_as_a_reason_are_masked(county, letter, signed_in):
    found = letter("2025-09-22 10:00", unit="zhujian")
    now = moment("2025-09-22 11:00")
    with clock.set_to(now):
        actions.return_(found, by=county.actor("wang_min"), at=now, reason="打 13812345678 核实，不归我局管")

    assert "13812345678" not in text_of(signed_in(county.zheng_jie).get(FACTS))
    assert Obligation.objects.filter(duty="letter.reassign").exists()
