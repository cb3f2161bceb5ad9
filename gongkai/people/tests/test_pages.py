"""The pages, through HTTP: who may open them, and what they show and do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from gongkai.people import actions
from gongkai.people.models import AccountEvent, Holding, Staff, Unit, Watch
from tests.world import moment

AT = moment("2025-09-29 09:00")


def page(response) -> str:
    return response.content.decode()


def addresses(county) -> dict[str, str]:
    """The address of every page of this room by its name."""
    arguments = {
        "unit": [county.units["zhujian"].pk],
        "edit_unit": [county.units["zhujian"].pk],
        "closure": [county.units["zhujian"].pk],
        "new_name": [county.units["zhujian"].pk],
        "new_post": [county.units["zhujian"].pk],
        "edit_post": [county.posts["zhujian.handle"].pk],
        "end_holding": [county.wang_min.holdings.get().pk],
        "cancel_leave": [1],
        "remove_watch": [1],
    }
    for name in ("person", "edit_staff", "password", "second_factor", "access", "appointment", "leave"):
        arguments[name] = ["wangmin"]
    names = [name for name in get_resolver("gongkai.people.urls").reverse_dict if isinstance(name, str)]
    return {name: reverse(f"people:{name}", args=arguments.get(name, [])) for name in names}


POSTS_ONLY = {"password", "second_factor", "access", "cancel_leave", "remove_watch"}
FOR_ALL = {"me", "home", "roster", "leave"}


def test_strangers_are_sent_to_sign_in_from_every_page(client, county):
    for name, address in addresses(county).items():
        response = client.post(address) if name in POSTS_ONLY else client.get(address)
        if name == "first":
            assert response.status_code == 404
        else:
            assert response.status_code == 302, name
            assert response.url.startswith(reverse("account_login")), name


def test_a_case_officer_finds_no_page_of_the_administrator_or_auditor(signed_in, county):
    client = signed_in(county.li_qiang)
    for name, address in addresses(county).items():
        if name in FOR_ALL - {"leave"}:
            continue
        response = client.post(address) if name in POSTS_ONLY else client.get(address)
        assert response.status_code == 404, name


def test_the_administrator_sees_every_page_but_the_log(signed_in, county):
    client = signed_in(county.wu_tao)
    for name, address in addresses(county).items():
        if name in POSTS_ONLY or name in {"home", "first"}:
            continue
        assert client.get(address).status_code == (404 if name.startswith("log") else 200), name


def test_a_person_without_a_post_is_told_whom_to_ask(signed_in, county):
    county.li_qiang.holdings.all().delete()
    client = signed_in(county.li_qiang)

    response = client.get("/office/work/")

    assert response.status_code == 403
    assert "您还没有岗位" in page(response)
    assert "吴涛" in page(response)
    assert client.get(reverse("people:me")).status_code == 200


def test_the_work_list_knows_who_asks(signed_in, county):
    assert page(signed_in(county.wang_min).get("/office/work/")) == "王敏：县住建局 承办岗"


def test_a_closed_account_is_out_at_the_next_click(signed_in, county):
    client = signed_in(county.wang_min)
    actions.disable(county.wang_min, by=county.actor("wu_tao"), at=AT)
    assert client.get("/office/work/").status_code == 302


def test_a_new_person_gets_a_password_shown_once(signed_in, county):
    client = signed_in(county.wu_tao)

    response = client.post(reverse("people:new_staff"), {"name": "丁宁", "username": "DingNing"})

    told = response.context["password"]
    assert told in page(response)
    assert Staff.objects.get(username="dingning").check_password(told)
    assert response["Cache-Control"].startswith("max-age=0")
    assert told not in page(client.get(reverse("people:person", args=["dingning"])))


@pytest.mark.parametrize(
    ("username", "says"), [("wangmin", "已经有人用了"), ("王敏", "小写字母开头"), ("", "请填写账号")]
)
def test_an_account_name_that_will_not_do_is_refused_with_the_remedy(signed_in, county, username, says):
    response = signed_in(county.wu_tao).post(
        reverse("people:new_staff"), {"name": "丁宁", "username": username}
    )
    assert response.status_code == 422
    assert says in page(response)


def test_a_person_is_appointed_and_relieved_on_screen(signed_in, county):
    client = signed_in(county.wu_tao)
    post = county.posts["jiaoyu.handle"]

    client.post(reverse("people:appointment", args=["liqiang"]), {"post": post.pk, "rank": "A"})
    holding = Holding.objects.get(staff=county.li_qiang, post=post)
    assert "县教育局 承办岗" in page(client.get(reverse("people:person", args=["liqiang"])))

    client.post(reverse("people:end_holding", args=[holding.pk]), {"on": timezone.localdate()})
    assert "已结束" in page(client.get(reverse("people:person", args=["liqiang"])))


def test_who_would_administer_and_audit_is_refused_with_a_page(signed_in, county):
    response = signed_in(county.wu_tao).post(
        reverse("people:appointment", args=["zhengjie"]), {"post": county.posts["administer"].pk, "rank": "A"}
    )
    assert response.status_code == 409
    assert "“人员与单位管理”和“审计”" in page(response)


def test_leave_shows_who_stands_in_today(signed_in, county):
    today = timezone.localdate()
    client = signed_in(county.wang_min)

    response = client.post(
        reverse("people:leave", args=["wangmin"]), {"first_on": today, "last_on": today, "reason": "年休假"}
    )

    assert response.status_code == 302
    assert "今天由周岚代" in page(client.get(reverse("people:me")))
    unit_page = page(signed_in(county.wu_tao).get(reverse("people:unit", args=[county.units["zhujian"].pk])))
    assert "今天由周岚代" in unit_page


def test_leave_page_warns_when_there_is_no_b(signed_in, county):
    assert "没有 B 角" in page(signed_in(county.li_qiang).get(reverse("people:leave", args=["liqiang"])))


def test_a_signer_enters_leave_for_their_unit_only(signed_in, county):
    client = signed_in(county.zhou_lan)
    assert client.get(reverse("people:leave", args=["wangmin"])).status_code == 200
    assert client.get(reverse("people:leave", args=["liqiang"])).status_code == 404
    assert "王敏" in page(client.get(reverse("people:me")))


def test_the_roster_warns_of_gaps_and_shows_the_number(signed_in, county):
    client = signed_in(county.chen_li)
    assert "没有人值班" in page(client.get(reverse("people:roster")))

    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    response = client.post(
        reverse("people:new_watch"),
        {
            "unit": county.units["office"].pk,
            "staff": county.sun_wei.pk,
            "starts_at": f"{monday}T00:00",
            "ends_at": f"{monday + timedelta(days=1)}T00:00",
            "phone": "0851-20000100",
            "days": 7,
        },
    )

    text = page(client.get(response.url))
    assert "没有人值班" not in text
    assert "现在值班" in text
    assert "0851-20000100" in text
    watch = Watch.objects.last()
    client.post(reverse("people:remove_watch", args=[watch.pk]))
    assert "没有人值班" in page(client.get(response.url))


def test_a_clerk_sees_the_roster_and_no_button(signed_in, county):
    client = signed_in(county.wang_min)
    assert "排班</a>" not in page(client.get(reverse("people:roster")))
    assert client.get(reverse("people:new_watch")).status_code == 404


def test_a_unit_is_added_changed_and_merged_on_screen(signed_in, county):
    client = signed_in(county.wu_tao)
    given = {"name": "清源县统计局", "short_name": "县统计局", "code": "520399-31", "kind": "department"}

    added = client.post(
        reverse("people:new_unit"), given | {"duties": ["justice"], "competence": "公证\n法律援助"}
    )
    unit = Unit.objects.get(name="清源县统计局")
    assert added.url == reverse("people:unit", args=[unit.pk])
    assert "公证、法律援助" in page(client.get(added.url))

    assert client.post(reverse("people:new_unit"), given).status_code == 422
    client.post(reverse("people:edit_unit", args=[unit.pk]), given | {"superior": county.units["office"].pk})
    unit.refresh_from_db()
    assert unit.superior == county.units["office"]
    assert not unit.responsibilities.exists()

    client.post(
        reverse("people:closure", args=[unit.pk]),
        {"on": timezone.localdate(), "successor": county.units["gongan"].pk},
    )
    assert "清源县统计局" not in page(client.get(reverse("people:units")))
    assert "由县公安局承接" in page(client.get(reverse("people:units"), {"closed": ""}))


def test_a_township_is_put_on_the_map_and_no_square_holds_two(signed_in, county):
    client, nanqiao = signed_in(county.wu_tao), county.units["nanqiao"]
    given = {"name": "清源县北山乡人民政府", "short_name": "北山乡", "code": "520399-33", "kind": "township"}
    client.post(reverse("people:new_unit"), given | {"map_row": "1", "map_column": "2"})
    north = Unit.objects.get(code="520399-33")
    assert "第 1 行，第 2 列" in page(client.get(reverse("people:unit", args=[north.pk])))

    url = reverse("people:edit_unit", args=[nanqiao.pk])
    card = {name: getattr(nanqiao, name) for name in ("name", "short_name", "code", "kind")}
    taken = client.post(url, card | {"map_row": "1", "map_column": "2"})
    assert "这一格已经是北山乡" in page(taken)
    half = client.post(url, card | {"map_row": "3"})
    assert "要么都填，要么都不填" in page(half)
    assert (taken.status_code, half.status_code) == (422, 422)
    assert client.post(url, card | {"map_row": "0", "map_column": "2"}).status_code == 422

    client.post(url, card | {"map_row": "3", "map_column": "2"})
    nanqiao.refresh_from_db()
    assert (nanqiao.map_row, nanqiao.map_column) == (3, 2)
    client.post(url, card)
    nanqiao.refresh_from_db()
    assert nanqiao.map_row is None


def test_a_unit_does_not_stand_under_its_own_part(signed_in, county):
    office, part = county.units["office"], county.units["xinfang"]
    part.superior = office
    part.save()
    client = signed_in(county.wu_tao)
    form = client.get(reverse("people:edit_unit", args=[office.pk])).context["form"]
    assert part not in form.fields["superior"].queryset
    assert office not in form.fields["superior"].queryset


def test_another_place_is_not_found(signed_in, county):
    elsewhere = Unit.objects.create(
        place=county.city, code="x", name="市府办", short_name="市府办", kind="office"
    )
    Staff.objects.create_user("shiren", None, name="市人", place=county.city)
    client = signed_in(county.wu_tao)
    assert client.get(reverse("people:unit", args=[elsewhere.pk])).status_code == 404
    assert client.get(reverse("people:person", args=["shiren"])).status_code == 404
    assert "市人" not in page(client.get(reverse("people:staff")))


def test_the_auditor_finds_events_and_takes_them_out(signed_in, county):
    actions.reset_password(county.wang_min, by=county.actor("wu_tao"), at=AT)
    actions.enter_leave(
        county.li_qiang,
        first_on=AT.date(),
        last_on=AT.date(),
        reason="=HYPERLINK()",
        by=county.actor("li_qiang"),
        at=AT,
    )
    client = signed_in(county.zheng_jie)

    text = page(client.get(reverse("people:log"), {"staff": county.wang_min.pk, "what": "password_reset"}))
    assert "共 1 条" in text
    assert "共 0 条" not in text
    assert "没有记录" in page(client.get(reverse("people:log"), {"until": "2025-09-28"}))

    AccountEvent.objects.update(about="=HYPERLINK(1)")
    table = client.get(reverse("people:log_csv"))
    assert table["Content-Type"].startswith("text/csv")
    assert "'=HYPERLINK" in page(table)
    assert AccountEvent.objects.filter(what="log_exported", by=county.zheng_jie, about="2 条").exists()


def test_the_auditor_does_not_see_another_places_log(signed_in, county):
    stranger = Staff.objects.create_user("shiren", None, name="市人", place=county.city)
    actions.note(AccountEvent.What.SIGNED_IN, stranger, at=AT)
    actions.note(AccountEvent.What.SIGN_IN_FAILED, None, at=AT, about="没有这个账号")
    text = page(signed_in(county.zheng_jie).get(reverse("people:log")))
    assert "市人" not in text
    assert "没有这个账号" in text


def test_my_account_keeps_quiet_hours(signed_in, county):
    client = signed_in(county.wang_min)
    response = client.post(reverse("people:me"), {"quiet_from": "22:00"})
    assert response.status_code == 422
    client.post(reverse("people:me"), {"quiet_from": "22:00", "quiet_until": "07:30", "phone": "19908510001"})
    county.wang_min.refresh_from_db()
    assert county.wang_min.quiet_until.hour == 7


def test_the_first_page_founds_an_empty_installation_and_is_gone(db):
    client = Client()
    given = {
        "code": "520399",
        "place_name": "清源县",
        "slug": "qingyuan",
        "government": "清源县人民政府",
        "name": "吴涛",
        "username": "wutao",
        "password": "abc",
    }
    assert "建立第一位管理员" in page(client.get(reverse("account_login")))
    assert "至少" in page(client.post(reverse("people:first"), given))
    assert client.post(reverse("people:first"), given | {"slug": "office"}).status_code == 422

    response = client.post(reverse("people:first"), given | {"password": "Qingyuan-2025"})

    assert response.url == reverse("account_login")
    assert client.get(reverse("people:first")).status_code == 404
    signed = client.post(reverse("account_login"), {"login": "wutao", "password": "Qingyuan-2025"})
    assert client.get(signed.url).status_code == 200


def test_pages_ask_the_database_a_fixed_number_of_times(signed_in, county, django_assert_max_num_queries):
    client = signed_in(county.wu_tao)
    for name in ("people:staff", "people:units", "people:roster"):
        with django_assert_max_num_queries(14):
            client.get(reverse(name))


def test_an_empty_choice_of_a_unit_is_worded(signed_in, county):
    shown = page(signed_in(county.wu_tao).get(reverse("people:closure", args=[county.units["zhujian"].pk])))

    assert "请选择" in shown
    assert "---" not in shown
