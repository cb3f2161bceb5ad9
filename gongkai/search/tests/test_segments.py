"""The segments of the index against a shelf of texts that is simply read."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from gongkai.search import actions, asks, postings, segments, shelf
from gongkai.search.models import Bucket, Segment
from gongkai.search.words import fold, tokens_of

PLACE, FIRST = "330899", datetime(2024, 1, 1, tzinfo=UTC)
SIGNS = "水电气路桥 a1。"


def item(number: int, title: str, body: str) -> actions.Item:
    return actions.Item(
        room="letters", number=f"LY-{number}", place=PLACE, title=title, body=body, at=FIRST + timedelta(hours=number),
        public=number % 3 > 0, kind="咨询" if number % 2 else "投诉",
    )  # fmt: skip


def text(chance: random.Random, length: int) -> str:
    return "".join(chance.choices(SIGNS, k=length))


@pytest.fixture
def small(monkeypatch) -> None:
    """Few entries make a segment of a size, so that all sizes are met."""
    for name, value in (("MANY", 3), ("LEAST", 4), ("SMALL", 12), ("FULL", 60)):
        monkeypatch.setattr(segments, name, value)


@pytest.mark.parametrize("seed", range(4))
def test_after_any_changes_what_is_found_is_what_the_texts_hold(db, small, seed, monkeypatch):
    monkeypatch.setattr(postings, "BUCKET", 8)
    chance = random.Random(seed)
    texts: dict[str, actions.Item] = {}
    for _ in range(120):
        match chance.randrange(8):
            case 0:
                gone = chance.sample(sorted(texts), k=min(len(texts), chance.randrange(3)))
                actions.remove("letters", *gone)
                for number in gone:
                    del texts[number]
            case 1:
                actions.settle()
            case _:
                many = [
                    item(chance.randrange(90), text(chance, 4), text(chance, 9))
                    for _ in range(chance.choice((1, 1, 6)))
                ]
                actions.put_many(many)
                texts.update({one.number: one for one in many})
    for _ in range(60):
        word = fold(text(chance, chance.choice((1, 2, 2, 3, 4))))
        if not tokens_of(word) or " " in word:
            continue
        holding = {number for number, one in texts.items() if stands_in(one, word)}
        found = asks.find(f'"{word}"', place=PLACE)
        assert (found.count, found.about) == (len(holding), False), word
        assert set(asks.numbers(f'"{word}"', room="letters", place=PLACE)) == holding
        titled = [one for one in found.rows if word in one.heading]
        assert [one.pk for one in found.rows[: len(titled)]] == [one.pk for one in titled]
        public = asks.find(f'"{word}"', place=PLACE, public=True)
        assert public.count == sum(texts[number].public for number in holding)
        assert dict(public.facets["kind"]) == {
            kind: n for kind in ("咨询", "投诉") if (n := sum(texts[one].public and texts[one].kind == kind for one in holding))
        }  # fmt: skip


def stands_in(one: actions.Item, word: str) -> bool:
    """Whether a text holds a word, Latin words in it as whole ones."""
    latin = set(re.findall("[a-z0-9]+", word))
    parts = [fold(one.title), fold(one.body), fold(one.number)]
    return any(word in part and latin <= set(re.findall("[a-z0-9]+", part)) for part in parts)


def test_segments_are_joined_and_their_buckets_go(db, small):
    for n in range(40):
        actions.put(item(n, "停水", text(random.Random(n), 30)))
    while actions.settle():
        pass

    assert Segment.objects.count() < 6
    assert {one >> 16 for one in Bucket.objects.values_list("pk", flat=True)} == set(
        Segment.objects.values_list("pk", flat=True)
    )
    assert asks.find("停水", place=PLACE).count == 40


def test_one_step_of_settling_joins_one_run_of_segments(db, small):
    for n in range(9):
        actions.put_many([item(n * 20 + k, "停水", "") for k in range(4)])

    assert actions.settle() == 3
    assert sorted(Segment.objects.values_list("size", flat=True)) == [4] * 6 + [12]


def test_segments_of_which_nothing_is_left_go(db, small):
    actions.put(item(0, "停水", ""))
    actions.put(item(1, "停水", ""))
    actions.remove("letters", "LY-0", "LY-1")

    assert not Segment.objects.exists()
    assert asks.find("停水", place=PLACE).count == 0
    actions.put(item(1, "停水", ""))
    assert asks.find("停水", place=PLACE).count == 1


def test_a_large_segment_of_which_half_is_dead_is_made_anew(db, small):
    actions.put_many([item(n, "停水", "") for n in range(70)])
    actions.remove("letters", *(f"LY-{n}" for n in range(40)))
    assert actions.settle() > 0

    assert sorted(Segment.objects.values_list("size", flat=True)) == [30, 40]
    assert asks.find("停水", place=PLACE).count == 30


def test_the_index_can_be_made_anew_from_the_entries(db):
    actions.put_many([item(n, "停水", "送水") for n in range(5)])
    Segment.objects.all().delete()
    assert asks.find("送水", place=PLACE).count == 0

    assert actions.rebuild() == 5
    assert asks.find("送水", place=PLACE).count == 5


def test_what_is_undone_was_never_found(db):
    actions.put(item(1, "停水", ""))
    with transaction.atomic():
        actions.put(item(1, "停电", ""))
        assert asks.find("停电", place=PLACE).count == 1
        transaction.set_rollback(True)

    assert asks.find("停水", place=PLACE).count == 1
    assert asks.find("停电", place=PLACE).count == 0


def test_of_very_many_candidates_for_a_phrase_the_first_are_read_and_the_rest_estimated(db, monkeypatch):
    monkeypatch.setattr(shelf, "CHECKED", 10)
    monkeypatch.setattr(shelf.answer, "__kwdefaults__", {"checked": 10})
    actions.put_many([item(n, "供水厂" if n % 2 else "供水，水厂", "") for n in range(80)])
    found = asks.find("供水厂", place=PLACE)

    assert (found.about, found.count, found.reach) == (True, 40, 5)
    assert all(row.title == "供水厂" for row in found.rows)


def test_keys_of_tokens_are_never_shared_and_buckets_give_back_what_went_in():
    signs = [chr(0x4E00 + n) for n in range(60)]
    tokens = signs + [a + b for a in signs for b in signs]
    keys = {postings.key_of(token) | title for token in tokens for title in (0, postings.IN_TITLE)}
    assert len(keys) == 2 * len(tokens)

    found = postings.postings([("停水", "停电abc"), ("", "停水")])
    for bits in (0, 3):
        contents = dict(postings.split(found, 2, bits))
        assert len(contents) == 1 << bits

        def places(
            token: str, title: int = 0, bits: int = bits, contents: dict[int, bytes] = contents
        ) -> list[int]:
            key = postings.key_of(token) | title
            return np.flatnonzero(postings.holding(contents[postings.bucket_of(key, bits)], key, 2)).tolist()

        assert (
            places("停"),
            places("停水"),
            places("停水", postings.IN_TITLE),
            places("abc"),
            places("ab"),
        ) == (
            [0, 1],
            [0, 1],
            [0],
            [0],
            [],
        )
        assert np.array_equal(postings.joined([postings.moved(contents.values(), np.arange(2))]), found)


@given(st.data())
def test_lists_and_bitmaps_say_what_went_in_and_move_as_one(data):
    size = data.draw(st.integers(1, 300), label="size")
    keys = st.integers(0, (1 << 48) - 1)
    holders = data.draw(
        st.dictionaries(keys, st.sets(st.integers(0, size - 1), min_size=1), max_size=12), label="holders"
    )
    bits = data.draw(st.sampled_from((0, 1, 5)), label="bits")
    found = np.array(
        sorted(key << 16 | place for key, places in holders.items() for place in places), dtype=np.uint64
    )
    contents = dict(postings.split(found, size, bits))

    for key in {*holders, *data.draw(st.lists(keys, max_size=3), label="others")}:
        mask = postings.holding(contents[postings.bucket_of(key, bits)], key, size)
        assert set(np.flatnonzero(mask).tolist()) == holders.get(key, set())

    places = data.draw(st.permutations(range(size)), label="places")
    gone = data.draw(st.sets(st.integers(0, size - 1)), label="gone")
    to = np.array([-1 if n in gone else place for n, place in enumerate(places)], dtype=np.int64)
    assert postings.joined([postings.moved(contents.values(), to)]).tolist() == sorted(
        key << 16 | int(to[place])
        for key, holding in holders.items() for place in holding if to[place] >= 0
    )  # fmt: skip


def test_what_is_shorter_is_kept_list_or_bitmap():
    common, rare = 5 << 16, 7 << 16
    found = np.array([common | n for n in range(800)] + [rare | 3], dtype=np.uint64)
    (content,) = (content for _, content in postings.split(found, 1_000, 0))
    bucket = postings.opened(content, 1_000)

    assert (bucket.keys.tolist(), bucket.held.tolist(), bucket.places.tolist()) == ([7, 5], [1], [3])
    assert len(content) == 8 + (8 + 2 + 2) + (8 + 125)
