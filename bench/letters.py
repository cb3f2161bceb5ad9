"""Import rate, and CPU and queries of the pages a clerk opens, at many letters.

python bench/letters.py [LETTERS]       default 20,000; the letters are the demonstration's scenes, cloned
"""

import csv
import random
import sys
import tempfile
import time
import tomllib
from pathlib import Path

from world import desk, grow

WANTED = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
PAGES = 30


def write_file(path: Path, count: int) -> None:
    raw = tomllib.loads(
        (Path(__file__).parents[1] / "gongkai/config/demo/scenes.toml").read_text(encoding="utf-8")
    )
    chance = random.Random(7)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("编号", "来信时间", "标题", "正文", "来源", "性质", "承办单位", "姓名", "电话"))
        for number in range(count):
            scene = chance.choice(raw["scene"])
            fill = {name: chance.choice(values) for name, values in raw["words"].items()} | {
                "road2": "南环路"
            }
            text = "".join(chance.choice(raw["scene"])["text"].format(**fill) for _ in range(3))
            at = f"2026-{chance.randrange(1, 11):02}-{chance.randrange(1, 29):02} {chance.randrange(8, 20):02}:15"
            row = (
                scene["title"].format(**fill),
                scene["text"].format(**fill) + text,
                "12345热线",
                scene["nature"],
            )
            writer.writerow(
                (f"H{number}", at, *row, "县住建局" if number % 3 else "", "王五", f"139{number:08}")
            )


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        county = desk(home)
        from django.db import connection
        from django.test import Client

        from gongkai.ledger import clock
        from gongkai.letters.imports import Importer, mapping_for, read_rows
        from gongkai.letters.models import Letter
        from gongkai.people.actor import Actor

        file = Path(home) / "hotline.csv"
        write_file(file, 2_000)
        columns, rows = read_rows(file)
        importer = Importer(
            county.place, mapping_for(county.place, columns, {}), source="12345热线",
            by=Actor.system(county.place), now=clock.now(),
        )  # fmt: skip
        wall, cpu = time.perf_counter(), time.process_time()
        sum(importer.run(rows))
        count = importer.report.taken
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(
            f"{connection.vendor}: import with clocks and search: {count / wall:,.0f} letters/s, {cpu / count * 1000:.2f} ms CPU each"
        )

        from django.core.management import call_command

        call_command("collectstatic", verbosity=0, interactive=False, skip_checks=True)
        total = grow(WANTED)
        client = Client()
        for who in ("zhou_lan", "chen_li"):
            client.force_login(county.staff[who])
            letter = Letter.objects.filter(unit=county.units["zhujian"]).order_by("-received_at").first()
            for name, address in (
                ("list of 25", "/office/letters/"),
                ("letter", f"/office/letters/{letter.matter.number}/"),
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
                cpu = time.process_time()
                for _ in range(PAGES):
                    client.get(address)
                cpu = (time.process_time() - cpu) / PAGES * 1000
                print(
                    f"{total:>9,} letters, {who:9} {name:15} {answer.status_code}: {cpu:6.1f} ms CPU, {len(seen)} queries"
                )


main()
