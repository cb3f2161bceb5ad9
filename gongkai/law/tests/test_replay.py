"""The what-if replay: the same folds in whatever order the lines stand; what cannot be read is named."""

import io
import json
import random
from pathlib import Path

import pytest

from gongkai.law.calendar import Calendar
from gongkai.law.replay import as_row, is_grouped, replay
from gongkai.law.rules import Rulebook
from gongkai.law.tests.world import moment

ROOT = Path(__file__).parents[3]


def lines() -> list[str]:
    rows = []
    for n in range(12):
        rows += [
            {
                "matter": f"LY-{n}",
                "fact": "letter.received",
                "at": f"2025-09-{n + 10}T10:00:00",
                "class": "调查核实",
            },
            {
                "matter": f"LY-{n}",
                "fact": "letter.answered",
                "at": f"2025-{'10' if n % 2 else '09'}-{n + 11}T09:00:00",
            },
        ]
    return [json.dumps(row, ensure_ascii=False) for row in rows]


@pytest.fixture(scope="module")
def law():
    return Rulebook.load(ROOT / "packs").rules("520300"), Calendar.load(ROOT / "calendars", "520300")


def told(law, rows, **when):
    found = {}
    for matter, folded, bad in replay(io.StringIO("\n".join(rows)), *law, **when):
        if folded is None:
            return found, [str(line) for line in bad]
        assert matter not in found
        found[matter] = as_row(matter, folded)
    raise AssertionError("the bad lines come last")


def test_the_order_of_the_lines_of_different_matters_changes_nothing(law):
    apart = lines()
    random.Random(3).shuffle(apart)
    assert is_grouped(lines())
    assert not is_grouped(apart)
    now = moment("2025-11-01T00:00:00")
    whole, bad = told(law, lines(), now=now)
    assert (len(whole), bad) == (12, [])
    assert {o["state"] for row in whole.values() for o in row["obligations"] if o["duty"] == "letter.answer"} == {
        "met", "met_late",
    }  # fmt: skip
    assert told(law, apart, now=now) == (whole, [])


@pytest.mark.parametrize("apart", [False, True])
def test_lines_that_cannot_be_read_are_named_and_keep_nothing_apart(law, apart):
    rows = lines()
    rows[1:1] = ["{broken", "", "[]", '{"matter": "LY-0", "at": "2025-09-10"}']
    assert is_grouped(rows)
    if apart:
        rows.append(rows.pop(0))
    whole, bad = told(law, rows, now=moment("2025-11-01T00:00:00"))
    assert len(whole) == 12
    assert [line.partition("：")[0] for line in bad] == [f"第 {n - apart} 行" for n in (2, 4, 5)]


def test_lines_without_a_matter_are_one(law):
    rows = [json.dumps({k: v for k, v in json.loads(row).items() if k != "matter"}) for row in lines()[:2]]
    assert set(told(law, rows)[0]) == {""}
