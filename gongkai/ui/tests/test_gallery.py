"""House test: every component stands in the gallery."""

from __future__ import annotations

import re
from pathlib import Path

from gongkai.ui.environment import Environment
from gongkai.ui.filters import still

TEMPLATES = Path(__file__).parents[1] / "jinja2" / "ui"

# Whole pages and what they alone are made of; everything else in the folder is a component.
PAGES = {"base", "portal", "office", "plain", "refused", "gallery", "gallery_office", "gallery_parts"}


def components() -> list[Path]:
    return [file for file in sorted(TEMPLATES.glob("*.html")) if file.stem not in PAGES]


def test_every_component_is_in_the_gallery(browser, monkeypatch):
    drawn, load = set(), Environment.get_template

    def load_and_tell(self, name, *args):
        drawn.add(name)
        return load(self, name, *args)

    monkeypatch.setattr(Environment, "get_template", load_and_tell)
    still.cache_clear()
    browser.get("/gallery/")
    browser.get("/gallery/?desk=office")

    assert [file.name for file in components() if f"ui/{file.name}" not in drawn] == []


def test_the_gallery_is_drawn_for_citizens_and_for_clerks(browser):
    assert 'data-desk="portal"' in browser.get("/gallery/").text
    assert 'data-desk="office"' in browser.get("/gallery/?desk=office").text


def test_every_template_begins_by_naming_its_variables():
    assert [file.name for file in TEMPLATES.glob("*.html") if not file.read_text().startswith("{# ")] == []


def test_the_gallery_keeps_a_strict_content_security_policy(browser):
    page = browser.get("/gallery/").text

    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|javascript:", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)


def test_no_two_elements_of_the_gallery_share_an_id(browser):
    ids = re.findall(r'\sid="([^"]+)"', browser.get("/gallery/").text)

    assert sorted({one for one in ids if ids.count(one) > 1}) == []


def test_what_describes_a_field_or_a_button_is_there(browser):
    page = browser.get("/gallery/").text
    ids = set(re.findall(r'\sid="([^"]+)"', page))
    named = re.findall(r'\s(?:aria-describedby|aria-labelledby|for)="([^"]+)"', page)

    assert sorted({one for value in named for one in value.split()} - ids) == []
