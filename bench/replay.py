"""What-if replay of many facts: time, peak memory. `python bench/replay.py [facts] [--shuffled]`, 1,000,000 by default."""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
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


def main() -> None:
    count = int(next((a for a in sys.argv[1:] if a.isdigit()), "1000000"))
    rows = lines(count)
    if "--shuffled" in sys.argv:
        random.Random(1).shuffle(rows)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "facts.jsonl"
        file.write_text("\n".join(rows) + "\n", encoding="utf-8")
        del rows
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
            subprocess.run([*command, "--now", "2026-03-01"], stdout=out, check=True)
        took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{count} facts, {count // MATTER} matters: {took:.1f} s, {peak} MB at most")


if __name__ == "__main__":
    main()
