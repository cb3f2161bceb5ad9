"""Import rate, and CPU and queries of the pages a clerk opens, at many letters.

python bench/letters.py [LETTERS] [FOLDER]      default 20,000, of which 2,000 are at work; the folder is kept
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from world import AT_WORK, bring, desk, grow

WANTED = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
PAGES, BATCHES = 15, 15


def main(home: str) -> None:
    is_new = desk(home) is not None
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from gongkai.letters.models import Letter
    from gongkai.people.models import Staff

    if is_new:
        imported("before", home, min(AT_WORK, WANTED))
    wall = time.perf_counter()
    total = grow(WANTED) if is_new else Letter.objects.count()
    print(f"{connection.vendor}: {total:,} letters, grown in {time.perf_counter() - wall:,.0f} s")
    call_command("collectstatic", verbosity=0, interactive=False, skip_checks=True)
    client = Client()
    for who in ("zhoulan", "chenli"):
        client.force_login(Staff.objects.get(username=who))
        assigned = Letter.objects.filter(unit__short_name="县住建局", stage="assigned").order_by(
            "-received_at"
        )
        number = assigned.values_list("matter__number", flat=True)[0]
        for name, address in (
            ("list at work", "/office/letters/"),
            ("list of all", "/office/letters/?view=all"),
            ("letter", f"/office/letters/{number}/"),
            ("my work", "/office/"),
            ("public letters", "/qingyuan/letters/"),
        ):
            client.get(address)
            seen: list[str] = []

            def count(execute, sql, params, many, context, seen=seen):
                seen.append(sql)
                return execute(sql, params, many, context)

            with connection.execute_wrapper(count):
                answer = client.get(address)
            batches = sorted(served(client, address) for _ in range(BATCHES))
            cpu = f"{batches[0]:4.1f} ms CPU at the least, {batches[BATCHES // 2]:4.1f} in the middle"
            print(f"{who:9} {name:15} {answer.status_code}: {cpu}, {len(seen)} queries")
    imported("after", home, AT_WORK)


def served(client, address: str) -> float:
    """CPU of a page as the server asks for it, by WSGI, in milliseconds: the mean of a batch."""
    from gongkai.config.wsgi import application

    path, _, query = address.partition("?")
    cookies = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())
    asked = client._base_environ(
        PATH_INFO=path, QUERY_STRING=query, HTTP_COOKIE=cookies, HTTP_ACCEPT="text/html"
    )
    cpu = time.process_time()
    for _ in range(PAGES):
        answer = application(dict(asked), lambda status, headers: None)
        b"".join(answer)
        answer.close()
    return (time.process_time() - cpu) / PAGES * 1000


def imported(when: str, home: str, count: int) -> None:
    wall, before = time.perf_counter(), os.times()
    taken = bring(Path(home), count, f"{when}{time.time_ns()}-").taken
    wall, after = time.perf_counter() - wall, os.times()
    writer = (after.user + after.system - before.user - before.system) / taken * 1000
    reader = (
        (after.children_user + after.children_system - before.children_user - before.children_system)
        / taken
        * 1000
    )
    rate = f"{taken / wall:,.0f} letters/s, CPU each {writer:.2f} ms writing, {reader:.2f} ms reading ahead"
    print(f"import with clocks and search, {when} growing: {rate}")


if len(sys.argv) > 2:
    main(sys.argv[2])
else:
    with tempfile.TemporaryDirectory() as folder:
        main(folder)
