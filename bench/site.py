"""The public site: `python bench/site.py N [folder]` makes N published documents, bakes, renews, serves and measures.

With nginx and wrk installed the rate of a baked page is compared with that of a plain file of the same size.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from world import desk

TURNS = 8  # of a plain file and a baked page
WORDS = ("电梯", "供水", "入学", "补贴", "道路", "养老", "医保", "低保", "绿化", "公交")


def publish(count: int) -> None:
    """Rows as a release leaves them, without the reviews before it."""
    from gongkai.documents import actions
    from gongkai.documents.models import Column, Document, Edition
    from gongkai.ledger import clock
    from gongkai.ledger.models import Matter
    from gongkai.people.models import Place, Unit

    place, now = Place.objects.get(code="520399"), clock.now()
    actions.lay_columns(place)
    units, columns = list(Unit.objects.filter(place=place)), list(Column.objects.filter(place=place))
    text = "<p>为做好有关工作，现将有关事项通知如下，请认真贯彻执行。</p>" * 30
    for start in range(0, count, 2000):
        many = range(start, min(start + 2000, count))
        matters = Matter.objects.bulk_create(
            Matter(number=f"GW-B-{n:07}", room="documents", title="x", place=place, opened_at=now)
            for n in many
        )
        documents = Document.objects.bulk_create(
            Document(
                matter=matter, place=place, unit=units[n % 10], issuer=units[n % 10], title=f"关于{WORDS[n % 10]}工作的第{n}号通知",
                attribute="主动公开", formed_at=now, stage="cleared", number=f"清发〔2025〕{n + 1}号",
            )
            for n, matter in zip(many, matters, strict=True)
        )  # fmt: skip
        editions = Edition.objects.bulk_create(
            Edition(document=one, serial=1, title=one.title, html=text, made_at=now, released_at=now, digest="0" * 64) for one in documents
        )  # fmt: skip
        for n, one, edition in zip(many, documents, editions, strict=True):
            one.edition, one.stage = edition, "published"
            one.published_at = one.changed_at = now - timedelta(hours=count - n)
        Document.objects.bulk_update(
            documents, ["edition", "stage", "published_at", "changed_at"], batch_size=500
        )
        member = Document.columns.through
        member.objects.bulk_create(
            (member(document=one, column=columns[k]) for n, one in zip(many, documents, strict=True) for k in {2, 5 + n % 4}),
            batch_size=2000,
        )  # fmt: skip


def cpu(path: str, times: int = 20) -> float:
    """Milliseconds of CPU of a page made by the application."""
    from django.db import close_old_connections

    from gongkai.portal.baking import pages

    close_old_connections()
    assert pages.bake(path).status == 200, path
    start = time.process_time()
    for _ in range(times):
        pages.bake(path)
    return (time.process_time() - start) / times * 1000


def spent(master: int) -> float:
    """Seconds of CPU of nginx's one worker."""
    worker = Path(f"/proc/{master}/task/{master}/children").read_text().split()[0]
    fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def asked(master: int, address: str) -> float:
    """Microseconds of CPU of nginx for one request."""
    before = spent(master)
    out = subprocess.run(["wrk", "-t1", "-c32", "-d1s", address], capture_output=True, text=True).stdout
    return (spent(master) - before) / int(re.search(r"(\d+) requests in", out)[1]) * 1_000_000


def serve(place: str, paths: list[str]) -> None:
    """CPU of baked pages as a share of that of plain files with the same bytes, in turns, through nginx."""
    from django.conf import settings

    from gongkai.portal.baking import nginx

    if not (shutil.which("nginx") and shutil.which("wrk")):
        print("nginx or wrk is missing: not measured")
        return
    site, home = Path(settings.GONGKAI_BAKED), Path(tempfile.mkdtemp())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = nginx.configuration(site, Path(settings.STATIC_ROOT), "127.0.0.1:9", f"127.0.0.1:{port}")
    plain = home / "plain"
    plain.mkdir()
    for n, path in enumerate(paths):
        (plain / f"{n}.html").write_bytes((site / place / path / "index.html").read_bytes())
    text += f"\nserver {{ listen 127.0.0.1:{port + 1}; root {plain}; }}\n"
    (home / "site.conf").write_text(text)
    (home / "nginx.conf").write_text(
        f"daemon off; user root; pid {home}/pid; error_log {home}/error.log; worker_processes 1; events {{ worker_connections 512; }}\n"
        f"http {{ access_log off; include {home}/site.conf; }}"
    )
    process = subprocess.Popen(["nginx", "-p", str(home), "-c", str(home / "nginx.conf")])
    try:
        time.sleep(1)
        for n, path in enumerate(paths):
            pair = f"http://127.0.0.1:{port + 1}/{n}.html", f"http://127.0.0.1:{port}/{place}/{path}"
            turns = [[asked(process.pid, address) for address in pair] for _ in range(TURNS)]
            plain_file, baked = (min(figures) for figures in zip(*turns, strict=True))
            shares = sorted(one / other * 100 for one, other in turns)
            print(f"{path}: {baked:.1f} microseconds of CPU, a plain file {plain_file:.1f};"
                  f" a plain file as 100: {shares[0]:.0f}–{shares[-1]:.0f}, middle {shares[TURNS // 2]:.0f}")  # fmt: skip
    finally:
        process.terminate()


def main() -> None:
    count = int(sys.argv[1])
    home = sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="gongkai-site-")
    fresh = desk(home) is not None
    os.environ["DJANGO_SETTINGS_MODULE"] = "gongkai.config.settings"
    from django.conf import settings

    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    from gongkai.documents.models import Document
    from gongkai.ledger import clock
    from gongkai.people.models import Place
    from gongkai.portal.baking import actions

    start = time.perf_counter()
    if fresh:
        publish(count)
        print(f"{count} documents made in {time.perf_counter() - start:.0f} s")
    place = Place.objects.get(code="520399")
    last = Document.objects.filter(place=place).order_by("-published_at").first()
    print(f"document page, uncached: {cpu(f'/qingyuan/documents/{last.code}/'):.1f} ms CPU")
    for name in ("documents/", "columns/statutory/", "units/520399-06/", "columns/statutory/page/1/"):
        print(f"{name}, uncached: {cpu(f'/qingyuan/{name}'):.1f} ms CPU")
    for processes in (2,):
        start, before = time.perf_counter(), sum(os.times()[:4])
        made = actions.bake_all(place, clock.now(), force=True, processes=processes)
        took, worked = time.perf_counter() - start, sum(os.times()[:4]) - before
        print(
            f"full bake, {processes} process(es): {made.pages} pages in {took:.1f} s, {made.pages / took:.0f} a second;"
            f" {worked / made.pages * 1000:.1f} ms CPU a page"
        )
    times = []
    for _ in range(5):
        start, before = time.perf_counter(), time.process_time()
        renewed = actions.renew({"document": last.pk}, clock.now())
        times.append((time.perf_counter() - start, time.process_time() - before))
    took, worked = sorted(times)[2]
    print(f"a changed document with its lists, feeds, maps: {renewed} pages live after {took * 1000:.0f} ms,"
          f" {worked * 1000:.0f} ms CPU")  # fmt: skip
    serve("qingyuan", ["documents/", f"documents/{last.code}/"])


if __name__ == "__main__":
    main()
