"""Every door of the desk for every role: strangers sign in, who may not finds nothing."""

from __future__ import annotations

import pytest
from django.urls import get_resolver, reverse

from gongkai.ledger.models import Obligation

pytestmark = pytest.mark.django_db

POSTS_ONLY = {"read_all", "urging", "supervision", "report", "synonyms_import", "synonym_end"}

# Who finds the page (200, or a redirect to one's own); everybody else gets 404.
EVERYBODY = {
    "wang_min", "zhou_lan", "li_qiang", "zhao_jing", "sun_wei", "qian_fang", "chen_li", "he_zhiyuan", "wu_tao",
    "zheng_jie", "feng_gang", "liu_min",
}  # fmt: skip
WIDE = {"chen_li", "he_zhiyuan", "zheng_jie"}
OPEN_TO = {
    "work": EVERYBODY,
    "search": EVERYBODY,
    "notices": EVERYBODY,
    "preferences": EVERYBODY,
    "home_unit": EVERYBODY,
    "board": WIDE,
    "board_csv": WIDE,
    "board_xlsx": WIDE,
    "unit": WIDE | {"wang_min", "zhou_lan"},
    "obligation": WIDE | {"wang_min", "zhou_lan", "zhao_jing"},
    "settings": {"chen_li"},
    "setting": {"chen_li"},
    "revision": {"chen_li"},
    "synonyms": {"chen_li"},
    "synonyms_text": {"chen_li"},
    "clauses": WIDE,
    "facts": {"zheng_jie"},
    "exports": {"zheng_jie"},
}


@pytest.fixture
def addresses(county, letter) -> dict[str, str]:
    """The address of every page by its name, about a letter of 住建局."""
    letter("2025-09-22 10:00", unit="zhujian")
    duty = Obligation.objects.get(duty="letter.answer")
    arguments = {
        "unit": [county.units["zhujian"].code],
        "notice": [1],
        "synonym_end": [1],
        "setting": ["letter.open", "within"],
        **{key: [duty.pk] for key in ["obligation", "urging", "supervision", "report"]},
    }
    names = [name for name in get_resolver("gongkai.office.urls").reverse_dict if isinstance(name, str)]
    return {name: reverse(f"office:{name}", args=arguments.get(name, [])) for name in names}


def test_strangers_are_sent_to_sign_in_from_every_door(client, addresses):
    for name, address in addresses.items():
        response = client.post(address) if name in POSTS_ONLY else client.get(address)
        assert response.status_code == 302, name
        assert response.url.startswith(reverse("account_login")), name


def test_every_door_that_shows_something_is_in_the_table(addresses):
    assert set(addresses) - POSTS_ONLY - {"notice"} == set(OPEN_TO)


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_a_person_finds_the_doors_of_their_posts_and_no_other(county, addresses, client, who):
    client.force_login(county.staff[who])

    found = {name for name in OPEN_TO if client.get(addresses[name]).status_code != 404}

    assert found == {name for name, people in OPEN_TO.items() if who in people}


@pytest.mark.parametrize("who", sorted(EVERYBODY - {"chen_li"}))
def test_only_who_oversees_may_urge_and_supervise(county, addresses, client, who):
    client.force_login(county.staff[who])

    assert client.post(addresses["urging"]).status_code == 404
    assert client.post(addresses["supervision"], {"within": "1 working day"}).status_code == 404


def test_what_changes_something_is_not_done_by_following_a_link(county, addresses, signed_in):
    client = signed_in(county.chen_li)

    for name in POSTS_ONLY:
        assert client.get(addresses[name]).status_code == 405, name


def test_nobody_reads_the_notice_of_another(county, letter, swept, signed_in):
    from gongkai.ledger import outbox
    from gongkai.notices.models import Notice
    from tests.world import moment

    letter("2025-09-22 10:00", unit="zhujian")
    outbox.deliver_all(moment("2025-09-22 12:00"))
    other = Notice.objects.exclude(staff=county.li_qiang).first()
    assert other is not None

    assert signed_in(county.li_qiang).get(reverse("office:notice", args=[other.pk])).status_code == 404
    other.refresh_from_db()
    assert other.read_at is None


def test_the_rail_leads_only_where_one_may_go(county, addresses, client):
    for who in sorted(EVERYBODY):
        client.force_login(county.staff[who])
        nav = client.get(reverse("office:work")).context["nav"]
        for group in nav:
            for item in group.doors:
                assert client.get(item.url).status_code in (200, 302), (who, item.label)


def test_the_rail_counts_what_stands_once_until_something_happens(
    county, addresses, django_assert_num_queries
):
    from django.test import RequestFactory

    from gongkai.office.context import desk

    request = RequestFactory().get("/office/")
    request.actor = county.actor("chen_li")
    with django_assert_num_queries(3):
        nav = desk(request)["nav"]
    with django_assert_num_queries(2):
        assert desk(request)["nav"] == nav

    counts = {item.label: item.beside for group in nav for item in group.doors}
    assert (counts["信件"], counts["未打开"]) == (1, 0)
    assert [item.label for group in nav for item in group.doors if item.current] == ["我的工作"]


def test_the_rail_counts_to_ninety_nine_and_says_that_there_is_more():
    from gongkai.office.context import _shown

    assert [_shown(count) for count in (None, 0, 99, 100)] == [None, 0, 99, "99+"]
