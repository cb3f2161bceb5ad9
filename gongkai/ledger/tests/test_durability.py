"""Processes of their own on a database of their own: killed and racing, they lose and duplicate nothing."""

import os
import secrets
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CHECK = """
import json
from collections import Counter
import django; django.setup()
from gongkai.ledger import actions
from gongkai.ledger.models import Entry, Fact, Matter, Obligation
pks = list(Matter.objects.values_list("pk", flat=True))
from datetime import datetime, timedelta
from gongkai.law.calendar import SHANGHAI
actions.sweep_all(datetime(2026, 6, 1, tzinfo=SHANGHAI))
undone = set(Entry.objects.filter(what="undone").values_list("undoes", flat=True))
lines = Counter((e.matter_id, e.key, e.what, str(e.fact_id), e.note) for e in Entry.objects.exclude(what="undone") if e.pk not in undone)
print(json.dumps({
    "numbers": list(Matter.objects.values_list("number", flat=True)),
    "received": list(Fact.objects.filter(kind="letter.received").values_list("matter__number", flat=True)),
    "answered": list(Fact.objects.filter(kind="letter.answered").values_list("matter__number", flat=True)),
    "differing": actions.differing(pks),
    "twice": [k for k, n in lines.items() if n > 1],
    "breached": Obligation.objects.filter(duty="letter.answer", breached_at__isnull=False).count(),
}))
"""
BUILD = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from datetime import date
from gongkai.config.demo.county import build_county
build_county(date(2026, 3, 2))
"""


@pytest.fixture
def scratch(tmp_path):
    """The environment of a database made for one test, on the kind of database the suite runs on."""
    env = os.environ | {"GONGKAI_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "gongkai.config.settings"}
    name = ""
    if os.environ.get("DATABASE_URL"):
        import psycopg

        name = f"gongkai_{secrets.token_hex(4)}"
        with psycopg.connect(dbname="postgres", autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}")
        env["DATABASE_URL"] = f"postgres:///{name}"
    run(env, BUILD)
    yield env
    if name:
        with psycopg.connect(dbname="postgres", autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(env, code):
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def look(env):
    import json

    return json.loads(run(env, CHECK))


def start(env, *words):
    command = [sys.executable, "-m", "gongkai.ledger.tests.worker", *map(str, words)]
    return subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_killed_recorder_loses_no_acknowledged_fact_and_leaves_no_half(scratch):
    said = []
    for round_ in range(4):
        worker = start(scratch, "record", round_, 100_000)
        for _ in range(5 + 11 * round_):
            said.append(worker.stdout.readline().strip())
        worker.send_signal(signal.SIGKILL)
        said += worker.stdout.read().split()
        worker.wait()
    found = look(scratch)
    said = [number for number in said if number.startswith("W") and len(number) == 8]
    assert set(said) <= set(found["numbers"])
    assert sorted(found["received"]) == sorted(found["numbers"])  # one fact a matter: none half, none twice
    assert len(found["numbers"]) <= len(said) + 4
    assert found["differing"] == []


def test_a_killed_sweeper_records_every_breach_once(scratch):
    recorder = start(scratch, "record", 1, 50)
    recorder.communicate()
    for round_ in range(5):
        sweeper = start(scratch, "sweep", 0, 300)
        for _ in range(20 + 9 * round_):
            sweeper.stdout.readline()
        sweeper.send_signal(signal.SIGKILL)
        sweeper.wait()
    found = look(scratch)
    assert found["breached"] == 50
    assert found["twice"] == []
    assert found["differing"] == []


def test_two_sweepers_and_a_recorder_leave_what_a_batch_leaves(scratch):
    start(scratch, "record", 1, 40).communicate()
    workers = [start(scratch, "sweep", 0, 80), start(scratch, "sweep", 1, 80), start(scratch, "touch", 2, 40)]
    said = [worker.communicate(timeout=120)[0].split() for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    found = look(scratch)
    assert Counter(found["answered"]) == Counter(said[2])
    assert found["differing"] == []
    assert found["twice"] == []
