"""Search, measured: `python bench/search.py N [FOLDER] [recall] [beside]` fills an index with N documents and asks it for
pages with facets.

The database is SQLite in FOLDER, or PostgreSQL when DATABASE_URL is set; then with `beside` PostgreSQL's own full text is
asked too (search_tantivy.py asks Tantivy). With `recall` the documents that hold two characters are counted by reading
all, and compared. The text is made from a seeded vocabulary with the frequencies of a language (Zipf).
"""

from __future__ import annotations

import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import accumulate, chain, islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

WORDS, CHARACTERS, LENGTH, BATCH, ASKED = 8_000, 2_500, 160, 2_000, 120
AGENCIES = ("清政发", "清政办发", "清住建发", "清民发", "清财发")
KINDS = ("通知", "意见", "批复", "公告", "决定", "其他")


def vocabulary(chance: random.Random) -> list[str]:
    """Words of two characters, a tenth of three or four, commonest first."""
    characters = [chr(0x4E00 + n) for n in chance.sample(range(20_000), CHARACTERS)]
    weights = list(accumulate(1 / (rank + 8) for rank in range(CHARACTERS)))
    lengths = [2] * 9 + [3, 4]
    words: dict[str, None] = {}
    while len(words) < WORDS:
        words["".join(chance.choices(characters, cum_weights=weights, k=chance.choice(lengths)))] = None
    return list(words)


def documents(count: int, words: list[str], chance: random.Random) -> Iterator[dict[str, Any]]:
    weights = list(accumulate(1 / (rank + 5) for rank in range(len(words))))
    first = datetime(2010, 1, 1, tzinfo=UTC)
    for n in range(count):
        text = chance.choices(words, cum_weights=weights, k=LENGTH)
        at = first + timedelta(minutes=n * (16 * 525_600 // count))
        number = f"{chance.choice(AGENCIES)}〔{at.year}〕{n % 400 + 1}号"
        yield {
            "number": f"GW-{n:07}", "title": "关于" + "".join(text[:6]) + "的通知",
            "body": number + "\n" + "，".join("".join(text[i : i + 6]) for i in range(6, LENGTH, 6)) + "。", "at": at,
            "unit": f"520399-{chance.randrange(40):02}", "kind": chance.choice(KINDS),
        }  # fmt: skip


def items(count: int, words: list[str], chance: random.Random) -> Iterator[object]:
    from gongkai.search.actions import Item

    for document in documents(count, words, chance):
        yield Item(room="published", place="520399", public=True, **document)


def questions(words: list[str], chance: random.Random) -> dict[str, list[str]]:
    """What is asked: the commonest words, words as people use them, two together, phrases, numbers, nothing there."""
    ordinary = words[40:3_000]
    return {
        "one of the 40 commonest words": chance.sample(words[:40], 20),
        "a word": chance.sample(ordinary, 40),
        "two words": [" ".join(chance.sample(ordinary, 2)) for _ in range(30)],
        "four characters": [a + b for a, b in zip(chance.sample(words[:200], 20), chance.sample(words[:200], 20), strict=True)],
        "a document number": [f"{chance.choice(AGENCIES)}[20{chance.randrange(10, 26)}]{chance.randrange(1, 400)}号" for _ in range(20)],
        "a word and not another": [f"{a} -{b}" for a, b in (chance.sample(ordinary, 2) for _ in range(20))],
    }  # fmt: skip


def held(count: int, of_first: int | None = None) -> dict[str, int]:
    """Two characters that follow each other in some document, across words too, and how many documents (of the first ones) hold them."""
    words = vocabulary(chance := random.Random(7))
    texts = (f"{one['title']}\n{one['body']}" for one in islice(documents(count, words, chance), of_first))
    first, pick = list(islice(texts, 200)), random.Random(13)
    pairs: dict[str, int] = {}
    while len(pairs) < 25:
        text = pick.choice(first)
        at = pick.randrange(len(text) - 1)
        if re.fullmatch(r"[\u4e00-\u9fff]{2}", pair := text[at : at + 2]) and pair[0] != "号":
            pairs[pair] = 0
    for text in chain(first, texts):
        for pair in pairs:
            pairs[pair] += pair in text
    return pairs


def recall(name: str, pairs: dict[str, int], count: Callable[[str], int]) -> None:
    """Say which share of the documents that hold each pair is found, at the least and in all."""
    found = {pair: count(pair) for pair in pairs}
    shares = [found[pair] / pairs[pair] for pair in pairs]
    print(f"{name:36} recall of {len(pairs)} pairs: {sum(found.values()) / sum(pairs.values()):.2%}, the least "
          f"{min(shares):.2%}, more found than there are: {sum(found[pair] > pairs[pair] for pair in pairs)}", flush=True)  # fmt: skip


def timed(asked: list[str], ask: Callable[[str], object]) -> list[tuple[float, float]]:
    """Milliseconds of each question and of CPU of this process, after one that warms up."""
    ask(asked[0])
    took = []
    for q in asked:
        start, before = time.perf_counter(), time.process_time()
        ask(q)
        took.append(((time.perf_counter() - start) * 1000, (time.process_time() - before) * 1000))
    return took


def say(name: str, took: list[tuple[float, float]]) -> None:
    wall, cpu = zip(*took, strict=True)
    p95, cpu95 = (statistics.quantiles(some, n=20)[-1] for some in (wall, cpu))
    print(
        f"{name:36} p50 {statistics.median(wall):8.1f} ms   p95 {p95:8.1f} ms   worst {max(wall):8.1f} ms"
        f"   of CPU {statistics.median(cpu):8.1f} / {cpu95:.1f} ms",
        flush=True,
    )


def main(count: int, folder: str, wanted: Collection[str]) -> None:
    os.environ.update(
        GONGKAI_HOME=folder, DJANGO_SETTINGS_MODULE="gongkai.config.settings", GONGKAI_HOSTS="*"
    )
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    from gongkai.search import actions, asks
    from gongkai.search.models import Entry

    call_command("migrate", verbosity=0, skip_checks=True)
    chance = random.Random(7)
    words = vocabulary(chance)
    if (there := Entry.objects.count()) < count:
        made, start, spent = islice(items(count, words, chance), there, None), time.perf_counter(), 0.0
        while batch := list(islice(made, BATCH)):
            before = time.perf_counter()
            with transaction.atomic():
                actions.put_many(batch)
            spent += time.perf_counter() - before
        before = time.perf_counter()
        joined = sum(iter(actions.settle, 0))
        settled = time.perf_counter() - before
        print(f"{connection.vendor}: {count - there:,} documents indexed, {(count - there) / spent:,.0f} a second "
              f"({time.perf_counter() - start:.0f} s with making them); {joined} segments joined in {settled:.0f} s", flush=True)  # fmt: skip
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
    print(f"{connection.vendor}: {Entry.objects.count():,} entries")
    every: list[tuple[float, float]] = []
    asked = questions(words, random.Random(11))
    for name, some in asked.items():
        took = timed(some, lambda q: asks.find(q, rooms=("published",), place="520399", public=True))
        say(name, took)
        every += took
    say("all of them", every)
    pairs = held(count) if "recall" in wanted else {}
    if pairs:
        recall("segments", pairs, lambda pair: asks.find(pair, place="520399", exact=True).count)
    if connection.vendor == "postgresql" and "beside" in wanted:
        full_text(asked, pairs, count)


def full_text(asked: dict[str, list[str]], pairs: dict[str, int], size: int) -> None:
    """PostgreSQL's own full text over the tokens of the segments (pairs, words), the newest first, facets in a second query;
    and the words its configuration `simple` makes of the first 20,000 texts.
    """
    from django.db import connection

    from gongkai.search.models import Entry
    from gongkai.search.words import read, tokens_of

    with connection.cursor() as cursor:
        start = time.perf_counter()
        cursor.execute("DROP TABLE IF EXISTS bench_plain")
        cursor.execute(
            "CREATE UNLOGGED TABLE bench_plain (id bigint, at timestamptz, unit text, kind text, words tsvector)"
        )
        entries = Entry.objects.values_list("pk", "at", "unit_code", "kind", "heading", "text").iterator(
            chunk_size=BATCH
        )
        while rows := list(islice(entries, BATCH)):
            with cursor.copy("COPY bench_plain FROM STDIN") as copy:
                for *row, heading, text in rows:
                    copy.write_row(
                        [*row, " ".join(f"'{token}'" for token in tokens_of(f"{heading}\n{text}"))]
                    )
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute("CREATE INDEX ON bench_plain USING gin (words)")
        cursor.execute("VACUUM ANALYZE bench_plain")
        print(f"PostgreSQL full text: made in {time.perf_counter() - start:.0f} s", flush=True)

        def query(q: str) -> str:
            question = read(q)
            wanted = [f"'{token}'" for (word, *_) in question.terms for token in tokens_of(word)]
            return " & ".join(
                wanted + [f"!'{token}'" for word in question.excluded for token in tokens_of(word)]
            )

        def ask(q: str, *, facets: bool = False) -> object:
            cursor.execute(
                "SELECT id FROM bench_plain WHERE words @@ %s::tsquery ORDER BY at DESC LIMIT 20", [query(q)]
            )
            page = cursor.fetchall()
            if facets:
                cursor.execute(
                    "SELECT unit, kind, extract(year FROM at), count(*) FROM bench_plain WHERE words @@ %s::tsquery "
                    "GROUP BY GROUPING SETS ((unit), (kind), (extract(year FROM at)), ())", [query(q)],
                )  # fmt: skip
                cursor.fetchall()
            return page

        for label, facets in (("no facets", False), ("with facets", True)):
            every: list[tuple[float, float]] = []
            for name, some in asked.items():
                took = timed(some, partial(ask, facets=facets))
                say(f"PG {label}: {name}", took)
                every += took
            say(f"PG {label}: all of them", every)

        def count(pair: str) -> int:
            cursor.execute("SELECT count(*) FROM bench_plain WHERE words @@ %s::tsquery", [query(pair)])
            return int(cursor.fetchone()[0])

        if pairs:
            recall("PostgreSQL, pairs", pairs, count)
            cursor.execute("CREATE TEMPORARY TABLE simple AS SELECT to_tsvector('simple', title || ' ' || body) AS words "
                           "FROM search_entry ORDER BY number LIMIT 20000")  # fmt: skip

            def plain(pair: str) -> int:
                cursor.execute(
                    "SELECT count(*) FROM simple WHERE words @@ plainto_tsquery('simple', %s)", [pair]
                )
                return int(cursor.fetchone()[0])

            recall("PostgreSQL, simple, 20,000 documents", held(size, 20_000), plain)


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    main(size, sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="gongkai-search-"), sys.argv[3:])
