"""Places, links, health: what holds for every page."""

from __future__ import annotations

import json
import re

import pytest

from gongkai.people.models import Place
from gongkai.portal.tests.conftest import text_of

PUBLIC = ("", "letters/", "search/", "times/", "owed/", "clauses/", "flow/", "seals/")
PERSONAL = ("write/", "write/?alone=no", "follow/", "rated/")


def test_one_open_place_is_gone_to_at_once_and_several_are_listed(browser, county):
    assert "清源县人民政府" in text_of(browser.get("/"))

    Place.objects.exclude(pk=county.place.pk).update(is_open=False)
    assert browser.get("/")["Location"] == "/qingyuan/"


def test_without_a_place_the_page_says_so(browser, db):
    assert "还没有开通的地方" in text_of(browser.get("/"))


def test_a_place_that_is_not_open_does_not_exist(browser, county):
    Place.objects.filter(pk=county.place.pk).update(is_open=False)

    for page in (*PUBLIC, *PERSONAL):
        assert browser.get(f"/qingyuan/{page}").status_code == 404
    assert browser.get("/nowhere/").status_code == 404


@pytest.mark.parametrize("page", PUBLIC)
def test_public_pages_may_be_kept_a_minute_and_set_no_cookie(browser, county, page):
    response = browser.get(f"/qingyuan/{page}")

    assert response.status_code == 200
    assert response["Cache-Control"] == "max-age=60"
    assert not response.cookies


@pytest.mark.parametrize("page", PERSONAL)
def test_personal_pages_are_kept_by_nobody(browser, county, page):
    assert "no-store" in browser.get(f"/qingyuan/{page}")["Cache-Control"]


def test_no_link_of_the_portal_leads_nowhere(browser, county, published):
    seen, waiting = set(), ["/qingyuan/", "/"]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        response = browser.get(address, follow=True)
        assert response.status_code == 200, address
        if "html" in response["Content-Type"]:
            links = re.findall(r'href="([^"]+)"', text_of(response))
            waiting += [
                link.split("#")[0].replace("&amp;", "&")
                for link in links
                if link.startswith("/") and "/static/" not in link
            ]
    assert len(seen) > 20


def test_no_page_writes_style_or_script_into_itself(browser, county, published):
    for page in (*PUBLIC, *PERSONAL, f"letters/{published.number}/"):
        text = text_of(browser.get(f"/qingyuan/{page}"))
        assert not re.search(r"<style|<script>|\sstyle=|\son\w+=", text), page


def test_every_page_has_one_heading_a_title_of_its_own_and_the_names_of_the_site(browser, county):
    titles = set()
    for page in (*PUBLIC, "write/", "follow/"):
        text = text_of(browser.get(f"/qingyuan/{page}"))
        assert len(re.findall(r"<h1", text)) == 1, page
        assert '<meta name="SiteIDCode" content="5203990001">' in text
        assert '<meta name="ColumnType"' in text
        titles.add(re.search(r"<title>(.*?)</title>", text)[1])
    assert len(titles) == len(PUBLIC) + 2


def test_the_health_page_tells_when_the_clock_loop_stands_still(browser, county, at, letter):
    at("2025-09-26 10:01")
    assert json.loads(browser.get("/status.json").content)["ok"]

    at("2025-09-30 10:00")
    behind = browser.get("/status.json")
    assert behind.status_code == 503
    assert json.loads(behind.content)["sweep_behind_seconds"] > 300


def test_machines_are_kept_from_personal_pages_and_given_a_map(browser, published):
    robots = text_of(browser.get("/robots.txt"))
    assert "Disallow: /*/letter/" in robots
    assert "Disallow: /office/" in robots

    site_map = text_of(browser.get("/sitemap.xml"))
    assert f"/qingyuan/letters/{published.number}/" in site_map
    assert "follow" not in site_map
    assert site_map.startswith("<?xml")
