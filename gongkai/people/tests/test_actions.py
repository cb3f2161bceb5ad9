"""What the administrator, the signer and everybody may change, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from gongkai.people import actions, asks, policy
from gongkai.people.actor import Actor
from gongkai.people.fields import standing_units
from gongkai.people.models import (
    AccountEvent,
    Holding,
    Place,
    Post,
    Power,
    Staff,
    Unit,
    Watch,
    unit_answering_for,
)
from gongkai.ui.refusal import Refused
from tests.world import TODAY, moment

AT = moment("2025-09-29 09:00")
What = AccountEvent.What


@pytest.fixture
def admin(county):
    return county.actor("wu_tao")


def events(what):
    return list(AccountEvent.objects.filter(what=what).values_list("about", flat=True))


# ---- accounts


def test_a_new_person_gets_a_one_time_password_that_is_not_logged(county, admin):
    added, told = actions.add_staff(
        {"name": "丁宁", "phone": "", "email": ""}, username="dingning", by=admin, at=AT
    )

    assert added.check_password(told)
    assert added.must_change_password
    assert added.place == county.place
    assert not any(told in about for about in AccountEvent.objects.values_list("about", flat=True))


def test_only_the_administrator_adds_people(county):
    with pytest.raises(Refused, match="没有人员与单位管理权限"):
        actions.add_staff(
            {"name": "丁宁", "phone": "", "email": ""}, username="dingning", by=county.actor("chen_li"), at=AT
        )


def test_a_reset_password_must_be_changed_and_nobody_resets_their_own(county, admin):
    told = actions.reset_password(county.wang_min, by=admin, at=AT)

    county.wang_min.refresh_from_db()
    assert county.wang_min.check_password(told)
    assert county.wang_min.must_change_password
    with pytest.raises(Refused, match="不能给自己重设"):
        actions.reset_password(county.wu_tao, by=admin, at=AT)


def test_a_closed_account_keeps_the_person_and_takes_the_powers_of_b(county, admin):
    actions.enter_leave(
        county.wang_min, first_on=TODAY, last_on=TODAY, reason="", by=county.actor("wang_min"), at=AT
    )
    assert county.actor("zhou_lan").may(Power.HANDLE)

    actions.disable(county.zhou_lan, by=admin, at=AT)

    assert Staff.objects.get(pk=county.zhou_lan.pk).is_active is False
    post = asks.posts_on(Post.objects.filter(pk=county.posts["zhujian.handle"].pk), TODAY)[0]
    assert post.is_vacant


def test_nobody_closes_their_own_account(admin, county):
    with pytest.raises(Refused, match="不能停用自己的账号"):
        actions.disable(county.wu_tao, by=admin, at=AT)


def test_the_last_administrator_is_not_relieved(county, admin):
    holding = county.wu_tao.holdings.get()
    with pytest.raises(Refused, match="没有人能管理"):
        actions.end_holding(holding, on=TODAY, by=admin, at=AT)
    with pytest.raises(Refused, match="没有人能管理"):
        actions.change_post(holding.post, name="岗", section="", powers=[], by=admin, at=AT)

    appoint(admin, county.chen_li, county.posts["administer"])
    actions.end_holding(holding, on=TODAY, by=admin, at=AT)

    assert county.actor("chen_li").may(Power.ADMINISTER)
    assert not county.actor("wu_tao").posts


def appoint(
    admin: Actor, staff: Staff, post: Post, rank: str = Holding.Rank.A, **days: date | None
) -> Holding:
    days = {"from_on": None, "until_on": None} | days
    return actions.appoint(staff, post, rank=rank, by=admin, at=AT, **days)


# ---- powers that must be apart


def test_nobody_administers_and_audits(county, admin):
    with pytest.raises(Refused, match="“人员与单位管理”和“审计”"):
        appoint(admin, county.zheng_jie, county.posts["administer"])


def test_nobody_administers_and_audits_as_b_or_from_next_month_either(county, admin):
    with pytest.raises(Refused, match="两项权限"):
        appoint(
            admin, county.zheng_jie, county.posts["administer"], Holding.Rank.B, from_on=date(2025, 11, 1)
        )


def test_what_a_person_will_hold_next_month_counts_already(county, admin):
    appoint(admin, county.li_qiang, county.posts["audit"], from_on=date(2025, 11, 1))
    with pytest.raises(Refused, match="两项权限"):
        appoint(admin, county.li_qiang, county.posts["administer"])


def test_a_post_does_not_get_a_power_that_its_holder_must_not_have(county, admin):
    appoint(admin, county.zheng_jie, county.posts["cyberspace"])
    with pytest.raises(Refused, match="郑洁会同时有"):
        actions.change_post(
            county.posts["cyberspace"], name="舆情岗", section="", powers=["administer"], by=admin, at=AT
        )


def test_a_post_does_not_give_both_itself(county, admin):
    with pytest.raises(Refused, match="同一个岗位"):
        actions.add_post(
            county.units["office"], name="全能", section="", powers=["administer", "audit"], by=admin, at=AT
        )


def test_after_the_audit_post_has_ended_one_may_administer(county, admin):
    actions.end_holding(county.zheng_jie.holdings.get(), on=TODAY, by=admin, at=AT)
    appoint(admin, county.zheng_jie, county.posts["administer"])
    assert county.actor("zheng_jie").may(Power.ADMINISTER)


# ---- holdings


def test_a_person_returns_to_a_post_they_have_left_and_both_stays_stand(county, admin):
    holding = county.wang_min.holdings.get()
    actions.end_holding(holding, on=TODAY, by=admin, at=AT)
    assert not county.actor("wang_min").posts

    appoint(admin, county.wang_min, holding.post, from_on=date(2025, 11, 1))

    assert county.wang_min.holdings.count() == 2
    assert county.actor("wang_min", on=date(2025, 11, 1)).may(Power.HANDLE)
    assert not county.actor("wang_min", on=date(2025, 10, 31)).may(Power.HANDLE)


def test_one_does_not_hold_a_post_twice_at_a_time(county, admin):
    with pytest.raises(Refused, match="已经在县住建局 承办岗任职"):
        appoint(admin, county.wang_min, county.posts["zhujian.handle"], Holding.Rank.B)


def test_nobody_is_appointed_at_another_place(county, admin):
    city_unit = Unit.objects.create(
        place=county.city, code="520300-01", name="市政府办", short_name="市府办", kind="office"
    )
    city_post = Post.objects.create(unit=city_unit, name="岗", powers=["letters.handle"])
    with pytest.raises(Refused, match="不是本地区"):
        appoint(admin, county.wang_min, city_post)


def test_nobody_of_another_place_is_seen_or_changed(county, admin):
    stranger = Staff.objects.create_user("shiren", None, name="市人", place=county.city)
    assert stranger not in policy.visible_staff(admin)
    with pytest.raises(Refused, match="不是本地区"):
        actions.disable(stranger, by=admin, at=AT)
    with pytest.raises(Refused, match="不是本地区"):
        actions.reset_password(stranger, by=admin, at=AT)


# ---- leave and who stands in


def test_b_stands_in_while_a_is_away_and_the_post_says_so(county):
    actions.enter_leave(
        county.wang_min,
        first_on=date(2025, 9, 30),
        last_on=date(2025, 10, 9),
        reason="年休假",
        by=county.actor("zhou_lan"),
        at=AT,
    )
    posts = Post.objects.filter(pk=county.posts["zhujian.handle"].pk)

    today, tomorrow = asks.posts_on(posts, TODAY)[0], asks.posts_on(posts, date(2025, 9, 30))[0]

    assert [one.staff for one in today.stand_ins] == []
    assert [one.staff for one in tomorrow.stand_ins] == [county.zhou_lan]
    assert county.actor("zhou_lan", on=date(2025, 9, 30)).may(Power.HANDLE)
    assert not county.actor("zhou_lan").may(Power.HANDLE)


def test_leave_is_entered_by_oneself_ones_signer_or_the_administrator(county, admin):
    days = {"first_on": TODAY, "last_on": TODAY, "reason": "", "at": AT}
    with pytest.raises(Refused, match="只能登记本人和本单位"):
        actions.enter_leave(county.wang_min, by=county.actor("li_qiang"), **days)
    actions.enter_leave(county.li_qiang, by=county.actor("li_qiang"), **days)
    actions.enter_leave(county.wang_min, by=county.actor("zhou_lan"), **days)
    actions.enter_leave(county.sun_wei, by=admin, **days)


def test_leave_does_not_overlap(county):
    by = county.actor("wang_min")
    days = {"first_on": TODAY, "last_on": date(2025, 10, 9), "reason": "", "by": by, "at": AT}
    actions.enter_leave(county.wang_min, **days)
    with pytest.raises(Refused, match="已经登记过请假"):
        actions.enter_leave(county.wang_min, **(days | {"first_on": date(2025, 10, 9)}))


def test_a_leave_that_has_begun_ends_the_day_before(county):
    by = county.actor("wang_min")
    leave = actions.enter_leave(
        county.wang_min, first_on=date(2025, 9, 25), last_on=date(2025, 10, 9), reason="", by=by, at=AT
    )
    actions.cancel_leave(leave, by=by, at=AT)
    leave.refresh_from_db()
    assert leave.last_on == date(2025, 9, 28)


# ---- units


def card(**fields):
    return {
        "name": "清源县档案局",
        "short_name": "县档案局",
        "code": "520399-31",
        "kind": "department",
    } | fields


def test_a_unit_is_added_with_what_it_answers_for(county, admin):
    actions.open_unit(card(), duties=["archives"], by=admin, at=AT)
    assert unit_answering_for(county.place, "archives", TODAY).short_name == "县档案局"
    assert events(What.UNIT_OPENED) == ["清源县档案局"]


def test_a_change_of_a_unit_says_what_was_and_what_is(county, admin):
    unit = county.units["zhujian"]
    actions.change_unit(
        unit, card(name=unit.name, code=unit.code, short_name="住建局"), duties=[], by=admin, at=AT
    )
    assert events(What.UNIT_CHANGED) == ["县住建局：简称 县住建局 → 住建局"]


def test_a_merged_unit_keeps_its_row_and_its_staff_and_its_successor_answers(county, admin):
    petition, office = county.units["xinfang"], county.units["office"]
    below = county.units["jiaoyu"]
    type(below).objects.filter(pk=below.pk).update(superior=petition)

    actions.close_unit(petition, on=date(2025, 11, 1), successor=office, by=admin, at=AT)

    assert unit_answering_for(county.place, "petition", date(2025, 10, 31)) == petition
    assert unit_answering_for(county.place, "petition", date(2025, 11, 1)) == office
    assert unit_answering_for(county.place, "openness_office", date(2025, 11, 1)) == office
    for at, superior in (("2025-10-31 23:59", petition), ("2025-11-01 00:00", office)):
        actions.hand_over_parts(moment(at))
        below.refresh_from_db()
        assert below.superior == superior
    assert county.actor("zhao_jing", on=date(2025, 11, 1)).may(Power.HANDLE, petition.pk)
    with pytest.raises(Refused, match="已经撤并"):
        actions.close_unit(petition, on=TODAY, successor=office, by=admin, at=AT)


def test_a_renamed_unit_goes_on_with_duties_posts_and_people_under_a_new_row(county, admin):
    old = county.units["bigdata"]
    old.map_row, old.map_column = 1, 2
    old.save()
    renamed = actions.rename_unit(
        old,
        on=date(2025, 11, 1),
        name="清源县数据局",
        short_name="县数据局",
        code="520399-32",
        by=admin,
        at=AT,
    )

    old.refresh_from_db()
    assert (old.name, old.closed_on, old.successor) == ("清源县大数据发展管理局", date(2025, 11, 1), renamed)
    assert unit_answering_for(county.place, "big_data", date(2025, 11, 1)) == renamed
    assert (renamed.map_row, renamed.map_column) == (1, 2)
    assert not county.actor("qian_fang", on=date(2025, 10, 31)).may(Power.RECEIVE, renamed.pk)
    assert county.actor("qian_fang", on=date(2025, 11, 1)).may(Power.RECEIVE, renamed.pk)
    assert county.actor("qian_fang", on=date(2025, 11, 1)).may(Power.RECEIVE, old.pk)


def test_a_unit_that_is_merged_today_hands_over_what_is_below_it_at_once(county, admin):
    below, office = county.units["jiaoyu"], county.units["office"]
    type(below).objects.filter(pk__in=[below.pk, office.pk]).update(superior=county.units["xinfang"])

    actions.close_unit(county.units["xinfang"], on=TODAY, successor=office, by=admin, at=AT)

    below.refresh_from_db()
    assert below.superior == office
    assert Unit.objects.get(pk=office.pk).superior != office  # nobody stands below itself


def test_a_unit_is_not_merged_into_itself_or_into_another_place(county, admin):
    unit = county.units["zhujian"]
    with pytest.raises(Refused, match="另一个单位"):
        actions.close_unit(unit, on=TODAY, successor=unit, by=admin, at=AT)


def test_a_post_that_somebody_held_is_not_removed(county, admin):
    with pytest.raises(Refused, match="要留作记录"):
        actions.remove_post(county.posts["zhujian.handle"], by=admin, at=AT)
    mistaken = actions.add_post(county.units["zhujian"], name="岗", section="", powers=[], by=admin, at=AT)
    actions.remove_post(mistaken, by=admin, at=AT)
    assert not Post.objects.filter(pk=mistaken.pk).exists()


def test_units_stand_under_their_superiors(county, admin):
    section = actions.open_unit(
        card(name="物业科", code="520399-77", kind="section", superior=county.units["zhujian"]),
        duties=[],
        by=admin,
        at=AT,
    )
    branches = asks.tree(policy.visible_units(admin))
    depth = {branch.unit.pk: branch.depth for branch in branches}
    order = [branch.unit.pk for branch in branches]
    assert depth[section.pk] == 1
    assert order.index(section.pk) == order.index(county.units["zhujian"].pk) + 1


# ---- roster


def test_gaps_are_what_no_watch_covers():
    day = [moment("2025-09-29 08:00"), moment("2025-09-29 20:00")]
    night = [moment("2025-09-29 22:00"), moment("2025-09-30 08:00")]
    since, until = moment("2025-09-29 00:00"), moment("2025-09-30 09:00")

    found = asks.gaps([tuple(night), tuple(day)], since, until)

    assert found == [
        (since, moment("2025-09-29 08:00")),
        (moment("2025-09-29 20:00"), moment("2025-09-29 22:00")),
        (moment("2025-09-30 08:00"), until),
    ]


def test_a_watch_inside_another_opens_no_gap():
    outer = (moment("2025-09-29 00:00"), moment("2025-09-29 20:00"))
    inner = (moment("2025-09-29 08:00"), moment("2025-09-29 12:00"))
    midnight = moment("2025-09-30 00:00")
    assert asks.gaps([outer, inner], outer[0], midnight) == [(outer[1], midnight)]


def test_a_week_names_the_gaps_that_are_still_to_come(county):
    actions.roster(
        county.units["office"],
        county.chen_li,
        starts_at=moment("2025-09-29 08:30"),
        ends_at=moment("2025-09-30 08:30"),
        phone="0851-20000100",
        days=3,
        by=county.actor("chen_li"),
        at=AT,
    )
    week = asks.duty_week(Watch.objects.all(), date(2025, 10, 1), now=AT)
    assert week.monday == date(2025, 9, 29)
    assert [len(day.watches) for day in week.days] == [1, 1, 1, 0, 0, 0, 0]
    assert week.gaps == ((moment("2025-10-02 08:30"), moment("2025-10-06 00:00")),)


def test_one_person_is_not_on_duty_twice_at_a_time(county):
    shift = {
        "starts_at": moment("2025-09-29 08:30"),
        "ends_at": moment("2025-09-30 08:30"),
        "phone": "0851-20000100",
        "days": 1,
        "by": county.actor("chen_li"),
        "at": AT,
    }
    actions.roster(county.units["office"], county.chen_li, **shift)
    with pytest.raises(Refused, match="已经有值班"):
        actions.roster(county.units["office"], county.chen_li, **shift)


def test_a_clerk_draws_up_no_roster_and_a_signer_only_their_own(county):
    assert not policy.may_roster(county.actor("wang_min"), county.units["zhujian"])
    assert policy.may_roster(county.actor("zhou_lan"), county.units["zhujian"])
    assert not policy.may_roster(county.actor("zhou_lan"), county.units["shuiwu"])


# ---- the first administrator


def test_an_empty_installation_gets_its_first_administrator_once(db):
    given = {
        "code": "520399",
        "slug": "qingyuan",
        "place_name": "清源县",
        "government": "清源县人民政府",
        "username": "wutao",
        "name": "吴涛",
        "password": "Qingyuan-2025",
        "at": AT,
    }
    first = actions.first_administrator(**given)

    assert Actor.of(first, TODAY).may(Power.ADMINISTER)
    assert first.place.level == Place.Level.COUNTY
    assert unit_answering_for(first.place, "openness_office", TODAY).name == "清源县人民政府办公室"
    with pytest.raises(Refused, match="已经有账号"):
        actions.first_administrator(**(given | {"username": "second"}))


@pytest.mark.parametrize(
    ("code", "level"), [("520000", "province"), ("520300", "city"), ("520399", "county")]
)
def test_the_code_says_the_level(code, level):
    assert actions.level_of(code) == level


def test_the_parts_of_a_place_are_its_counties_and_its_standing_townships(county):
    city = county.place.parent
    Unit.objects.create(
        place=county.place,
        code="520399-91",
        name="清源县旧乡人民政府",
        short_name="旧乡",
        kind="township",
        closed_on=TODAY,
    )

    assert "南桥镇" in asks.parts_of(county.place, TODAY)
    assert "旧乡" not in asks.parts_of(county.place, TODAY)
    assert "旧乡" in asks.parts_of(county.place, TODAY - timedelta(days=1))
    assert county.place.name in asks.parts_of(city, TODAY)


def test_a_unit_is_offered_until_the_day_it_is_merged_and_a_new_name_from_its_day(county, admin):
    today = timezone.localdate()
    later, bigdata = today + timedelta(days=30), county.units["bigdata"]
    actions.close_unit(county.units["xinfang"], on=later, successor=county.units["office"], by=admin, at=AT)
    actions.close_unit(county.units["sifa"], on=today, successor=county.units["office"], by=admin, at=AT)
    renamed = actions.rename_unit(
        bigdata, on=later, name="清源县数据局", short_name="县数据局", code="520399-32", by=admin, at=AT
    )
    offered = set(standing_units(admin))

    assert {county.units["xinfang"], bigdata} <= offered
    assert not {county.units["sifa"], renamed} & offered


def test_bodies_are_units_that_act_in_their_own_name_on_a_day(county):
    ending, coming = county.units["zhujian"], county.units["shuiwu"]
    ending.closed_on = coming.opened_on = date(2025, 10, 1)
    for unit in (ending, coming):
        unit.save()

    def bodies(on: date | None) -> set[str]:
        return set(Unit.objects.filter(place=county.place).bodies(on).values_list("code", flat=True))

    assert ending.code in bodies(date(2025, 9, 30))
    assert coming.code not in bodies(date(2025, 9, 30))
    assert ending.code not in bodies(date(2025, 10, 1))
    assert coming.code in bodies(date(2025, 10, 1))
    assert ending.code not in bodies(None)
    sections = Unit.objects.filter(place=county.place, kind=Unit.Kind.SECTION).values_list("code", flat=True)
    assert not bodies(date(2025, 9, 30)) & set(sections)
