"""A process of its own for the durability tests: records or sweeps, and says on its output what is acknowledged.

python -m gongkai.ledger.tests.worker record|sweep NUMBER COUNT
"""

import os
import sys
from datetime import datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongkai.config.settings")
django.setup()

from django.db import transaction

from gongkai.law.calendar import SHANGHAI
from gongkai.ledger import actions, clock
from gongkai.ledger.models import Matter
from gongkai.letters import facts
from gongkai.people.actor import Actor
from gongkai.people.models import Place

START = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)


def record(worker: int, count: int) -> None:
    """Open matters with a first fact each; print the number of each one after its transaction has committed."""
    place = Place.objects.get(code="520399")
    by = Actor.system(place)
    for number in range(count):
        name = f"W{worker}-{number:05}"
        with clock.set_to(START + timedelta(minutes=number)), transaction.atomic():
            matter = actions.open_matter(name, room="letters", title="试", place=place, unit=None, at=START)
            actions.record(
                facts.RECEIVED, matter=matter, by=by, at=clock.now(), details={"class": "调查核实"}
            )
        print(name, flush=True)


def touch(worker: int, count: int) -> None:
    """Record answers on matters that sweepers fold at the same time."""
    place = Place.objects.get(code="520399")
    by = Actor.system(place)
    pks = list(Matter.objects.filter(pk__gt=0).order_by("pk").values_list("pk", flat=True))
    for number in range(count):
        matter = Matter.objects.get(pk=pks[(number * 7 + worker) % len(pks)])
        with clock.set_to(START + timedelta(days=3, minutes=number)):
            actions.record(facts.ANSWERED, matter=matter, by=by, at=clock.now(), details={})
        print(matter.number, flush=True)


def sweep(worker: int, count: int) -> None:
    """Sweep again and again, time running on, in small batches."""
    for number in range(count):
        with clock.set_to(START + timedelta(hours=6 * number)):
            print(actions.sweep(clock.now(), limit=20), flush=True)


if __name__ == "__main__":
    {"record": record, "touch": touch, "sweep": sweep}[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))
