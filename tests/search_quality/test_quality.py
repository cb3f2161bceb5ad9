"""How well people find: the documents of a county, what is asked of them, and what must come first."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from gongkai.people.actor import Actor
from gongkai.people.models import Place, Power
from gongkai.search import actions, asks
from gongkai.search.words import fold
from tests.search_quality.shelf import DOCUMENTS, FIRST, NEARLY, PLACE, QUESTIONS, SYNONYMS, items


@pytest.fixture
def library(db) -> None:
    actions.put_many(items())
    overseer = Actor(Place(code=PLACE), powers={Power.OVERSEE: frozenset({1})})
    actions.equate_all([line.split() for line in SYNONYMS], by=overseer, at=FIRST)


def found(q: str, **chosen: object) -> list[str]:
    return [row.number for row in asks.find(q, place=PLACE, public=True, **chosen).rows]


def test_there_are_sixty_documents_and_forty_questions():
    assert len({code for code, *_ in DOCUMENTS}) == 60
    assert len({q for q, _ in QUESTIONS}) == 40


@pytest.mark.parametrize(("q", "first"), [(q, first) for q, first in QUESTIONS if first])
def test_what_is_asked_for_comes_first(library, q, first):
    assert set(found(q)[: len(first)]) == first


@pytest.mark.parametrize("q", [q for q, first in QUESTIONS if not first])
def test_words_that_no_document_holds_together_find_nothing(library, q):
    assert found(q) == []


def test_every_word_of_two_characters_finds_every_document_that_holds_it_and_no_other(library):
    texts = {code: fold(f"{number}\n{title}\n{text}") for code, number, title, text in DOCUMENTS}
    halves = {code: (fold(title), fold(f"{number}\n{text}")) for code, number, title, text in DOCUMENTS}
    pairs = {text[i : i + 2] for text in texts.values() for i in range(len(text) - 1)}
    words = sorted(pair for pair in pairs if all("\u4e00" <= character <= "\u9fff" for character in pair))
    for word in random.Random(3).sample(words, 250):
        holding = {code for code, parts in halves.items() if any(word in part for part in parts)}
        if holding:
            assert set(asks.numbers(f'"{word}"', room="published", place=PLACE)) == holding, word


@pytest.mark.parametrize(("q", "meant"), NEARLY)
def test_a_slip_is_answered_with_what_was_meant(library, q, meant):
    assert asks.find(q, place=PLACE, public=True).suggestion == meant


def test_years_are_counted_in_beijing_and_can_be_chosen(library):
    facets = asks.find("补贴", place=PLACE, public=True).facets
    assert [year for year, _ in facets["year"]] == sorted((year for year, _ in facets["year"]), reverse=True)
    for year, count in facets["year"]:
        rows = asks.find("补贴", place=PLACE, public=True, year=int(year)).rows
        assert len(rows) == count
        assert all(str((row.at + timedelta(hours=8)).year) == year for row in rows)


def test_the_first_hours_of_a_year_in_beijing_belong_to_it(library):
    late = FIRST.replace(year=2030, month=12, day=31, hour=16, minute=30)  # half past midnight of 2031
    actions.put(
        actions.Item(
            room="published", number="N", place=PLACE, title="新年贺词", body="", at=late, public=True
        )
    )
    assert asks.find("新年贺词", place=PLACE).facets["year"] == [("2031", 1)]
    assert found("新年贺词", year=2031) == ["N"]
    assert found("新年贺词", year=2030) == []
    assert found("新年贺词", year=0) == found("新年贺词", year=99_999) == []


def test_kinds_are_counted_as_the_other_choices_narrow_them(library):
    whole = dict(asks.find("", place=PLACE).facets["kind"])
    assert sum(whole.values()) == 60
    narrowed = asks.find("", place=PLACE, kind="办法", year=2022)
    assert dict(narrowed.facets["kind"])["办法"] == narrowed.count < whole["办法"]
    assert sum(n for _, n in narrowed.facets["year"]) == whole["办法"]
