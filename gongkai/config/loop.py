"""The clock loop: sweep, deliver, send, seal, open cycles. Any number may run; none is the leader."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongkai.config.settings")

log = logging.getLogger("gongkai.loop")
KEPT = timedelta(days=400)  # read notices and questions asked of the search
Job = tuple[str, timedelta, Callable[[datetime], object]]


def jobs() -> list[Job]:
    """What is done and how often. Each job catches up by itself whatever was missed."""
    from gongkai.config import channels
    from gongkai.documents import actions as documents
    from gongkai.files import actions as files
    from gongkai.ledger import actions, cycles, outbox, seals
    from gongkai.letters import actions as letters
    from gongkai.letters import issues
    from gongkai.notices import actions as notices
    from gongkai.opinion.actions import collecting, streaming
    from gongkai.people import actions as people
    from gongkai.portal.baking import actions as baking
    from gongkai.search import actions as search

    return [
        ("sweep", timedelta(seconds=2), actions.sweep_all),
        ("deliver", timedelta(seconds=2), outbox.deliver_all),
        ("publish", timedelta(seconds=10), documents.publish_due),
        ("succession", timedelta(hours=1), documents.take_over),
        ("parts", timedelta(minutes=5), people.hand_over_parts),
        ("bake", timedelta(seconds=2), baking.bake_stale),
        ("drift", timedelta(hours=6), baking.look_for_drift),
        ("living", timedelta(minutes=1), baking.bake_living),
        ("sites before", timedelta(hours=1), baking.clear_away),
        ("collect", timedelta(seconds=30), collecting.collect),
        ("letters heard", timedelta(minutes=1), channels.hear_all),
        ("posts considered", timedelta(minutes=1), channels.consider_all),
        ("stories", timedelta(minutes=5), streaming.regroup_all),
        ("alarms", timedelta(minutes=1), streaming.raise_alarms),
        ("posts", timedelta(hours=24), streaming.forget_posts),
        ("send", timedelta(seconds=5), notices.send_due),
        ("seal", timedelta(minutes=1), seals.seal_all),
        ("cycles", timedelta(minutes=30), cycles.open_cycles),
        ("digest", timedelta(minutes=5), notices.digest),
        ("issues", timedelta(hours=6), issues.regroup_all),
        ("scan", timedelta(minutes=10), lambda now: files.scan_again()),
        ("orphans", timedelta(hours=24), lambda now: files.sweep_orphans(now - timedelta(days=1))),
        ("writers", timedelta(hours=1), letters.forget_writers_everywhere),
        ("settle", timedelta(seconds=10), lambda now: search.settle()),
        ("forget", timedelta(hours=24), lambda now: (notices.forget(now - KEPT), search.forget(now - KEPT))),
    ]


def run(stop: threading.Event, rest: float = 1.0) -> None:
    """Do each job when its time has come until told to stop. A job that fails is tried again at its next time."""
    from django.db import close_old_connections

    from gongkai.ledger import clock

    due = {name: 0.0 for name, _, _ in jobs()}
    while not stop.is_set():
        for name, every, job in jobs():
            if stop.is_set() or time.monotonic() < due[name]:
                continue
            due[name] = time.monotonic() + every.total_seconds()
            try:
                job(clock.now())
            except Exception:
                log.exception("job %s failed", name)
                close_old_connections()
        stop.wait(rest)


def main() -> None:
    django.setup()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(stop)


if __name__ == "__main__":
    main()
