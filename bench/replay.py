"""What-if replay of many facts: time, peak memory. `python bench/replay.py [facts] [--shuffled]`, 1,000,000 by default."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from multiprocessing import Process
from pathlib import Path

MATTER = 4  # facts of a letter: received, classified, signed for, answered
START = datetime.fromisoformat("2025-01-02T09:00:00+08:00")


def lines(count: int) -> list[str]:
    """A year of letters, four facts each, some answered late."""
    found, chance = [], random.Random(7)
    for n in range(count // MATTER):
        number, at = f"LY-{n:07}", START + timedelta(minutes=n * 365 * 24 * 60 * MATTER // count)
        unit = f"unit-{n % 60}"
        for kind, hours, details in (
            ("letter.received", 0, {"source": "12345热线", "lead": "service", "unit": unit}),
            ("letter.classified", 2, {"nature": "投诉", "class": "调查核实", "triage": "一般"}),
            ("letter.signed_for", 6, {"unit": unit}),
            ("letter.answered", chance.randint(24, 300), {"unit": unit}),
        ):
            row = {"matter": number, "fact": kind, "at": (at + timedelta(hours=hours)).isoformat(), **details}
            found.append(json.dumps(row, ensure_ascii=False))
    return found


def write(file: Path, count: int, *, shuffled: bool) -> None:
    rows = lines(count)
    if shuffled:
        random.Random(1).shuffle(rows)
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")


def main() -> None:
    count, shuffled = int(next((a for a in sys.argv[1:] if a.isdigit()), "1000000")), "--shuffled" in sys.argv
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "facts.jsonl"
        writer = Process(
            target=write, args=(file, count), kwargs={"shuffled": shuffled}
        )  # its memory is its own
        writer.start()
        writer.join()
        command = [
            sys.executable,
            "-m",
            "gongkai.config.cli",
            "try",
            str(file),
            "--place",
            "520399",
            "--json",
        ]
        began = time.perf_counter()
        with (Path(folder) / "out.jsonl").open("w") as out:
            child = subprocess.Popen([*command, "--now", "2026-03-01"], stdout=out)
            _pid, status, used = os.wait4(child.pid, 0)
        took = time.perf_counter() - began
    order = "in any order" if shuffled else "matter by matter"
    print(f"{count} facts, {count // MATTER} matters, {order}: {took:.0f} s, {used.ru_utime + used.ru_stime:.0f} s CPU, "
          f"{used.ru_maxrss // 1024} MB at most")  # fmt: skip
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
