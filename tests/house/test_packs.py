"""The shipped packs in the whole house: no fault, every case holds, every door of the command line answers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gongkai.law import cases
from gongkai.ledger import asks, checks, clauses, lawbook

ROOT = Path(__file__).parents[2]


def test_no_pack_has_a_fault():
    assert [str(fault) for fault in checks.faults()] == []


@pytest.mark.parametrize("case", lawbook.all_cases(), ids=lambda case: case.name)
def test_the_case_holds(case):
    assert cases.run(case, lawbook.book(), lawbook.calendar_offline(case.place), asks.CHECKS) == []


@pytest.mark.clause("ZY-LY-01-1", "ZY-LY-08-1", "ZY-LY-03-1")
def test_the_clause_table_is_complete_and_honest():
    rows = list(clauses.table(lawbook.book().packs))
    assert len([row for row in rows if not row.id.startswith("GB-")]) == 365
    letters = {row.id: row for row in rows if row.id.startswith("ZY-LY") or row.id == "YZ-GZ-13-1"}
    assert len(letters) == 17
    for row in letters.values():
        assert row.carried_by, row.id
        assert row.tests, row.id
    assert {row.state for row in rows if row.id.startswith("QZ-PY")} == {"not_yet"}


def gongkai(*words, **more):
    command = [sys.executable, "-m", "gongkai.config.cli", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, **more)


def test_the_calendar_answers_on_the_command_line():
    assert gongkai("calendar", "due", "2026-09-18", "20").stdout == "2026-10-22\n"
    beyond = gongkai("calendar", "due", "2026-12-20", "20")
    assert (beyond.stdout, beyond.returncode) == ("2027-01-18 暂定\n", 0)
    assert (
        gongkai("calendar", "due", "2026-09-18T15:30", "24", "--unit", "hours").stdout == "2026-09-19 15:30\n"
    )
    assert gongkai("calendar", "due", "2026-09-18", "30", "--unit", "days").stdout == "2026-10-19\n"
    wrong = gongkai("calendar", "due", "不是日期", "3")
    assert wrong.returncode == 2
    assert "例如 2026-09-18" in wrong.stderr


def test_two_places_are_compared_rule_by_rule():
    out = gongkai("packs", "diff", "zunyi", "heshuo").stdout
    assert "letter.answer" in out
    assert "第六条" in out


def test_the_replay_touches_no_database_and_reports_bad_lines(tmp_path):
    lines = [
        {
            "matter": "甲",
            "fact": "letter.received",
            "at": "2025-09-26T10:00:00",
            "class": "调查核实",
            "unit": "zhujian",
        },
        {"matter": "乙", "fact": "letter.received", "at": "2025-09-26T10:00:00", "class": "简单咨询"},
        {"matter": "甲", "fact": "letter.answered", "at": "2025-10-11T09:00:00"},
    ]
    file = tmp_path / "facts.jsonl"
    file.write_text(
        "\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n{broken\n", encoding="utf-8"
    )
    env = {"PATH": "/usr/bin:/bin", "GONGKAI_HOME": str(tmp_path / "home"), "DATABASE_URL": ""}
    done = gongkai("try", str(file), "--place", "zunyi", "--json", env=env | {"PYTHONPATH": str(ROOT)})
    rows = {row["matter"]: row for row in map(json.loads, done.stdout.splitlines())}
    states = {matter: {o["duty"]: o["state"] for o in row["obligations"]} for matter, row in rows.items()}
    assert states["甲"]["letter.answer"] == "met_late"
    assert states["乙"]["letter.answer"] == "open"
    assert "第 4 行" in done.stderr
    assert done.returncode == 1
    assert not (tmp_path / "home" / "gongkai.sqlite3").exists()
