"""Facts and sweeps a second, and whether a fact costs more when there is much history.

python bench/ledger.py [LETTERS]        default 20,000 letters of history; DATABASE_URL chooses the database
"""

import sys
import tempfile
import time

from world import desk, grow

HISTORY = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        county = desk(home)
        from datetime import timedelta

        from django.db import connection

        from gongkai.ledger import actions, clock, seals
        from gongkai.ledger.models import Fact, Matter
        from gongkai.letters import facts
        from gongkai.people.actor import Actor

        by = Actor.system(county.place)
        start = clock.now() - timedelta(days=1)

        def facts_a_second(count: int, tag: str) -> tuple[float, float]:
            matters = [
                actions.open_matter(
                    f"{tag}-{n}", room="letters", title="试", place=county.place, unit=None, at=start
                )
                for n in range(count)
            ]
            wall, cpu = time.perf_counter(), time.process_time()
            for number, matter in enumerate(matters):
                now = start + timedelta(seconds=number)
                with clock.set_to(now):
                    actions.record(
                        facts.RECEIVED, matter=matter, by=by, at=now, details={"class": "调查核实"}
                    )
            return count / (time.perf_counter() - wall), (time.process_time() - cpu) / count * 1000

        print(f"{connection.vendor}")
        rate, cpu = facts_a_second(1_000, "a")
        print(
            f"facts a second at {Fact.objects.count():>9,} facts of history: {rate:6.0f}/s, {cpu:.2f} ms CPU a fact"
        )
        from gongkai.letters.actions import compose
        from gongkai.letters.models import Letter

        for matter in Matter.objects.filter(number__startswith="a-")[:500]:
            letter = compose(
                county.place,
                source="政务信箱",
                title="试",
                text="试" * 200,
                person={},
                at=start,
                entered_at=start,
            )
            letter.matter = matter
            letter.save()
        Matter.objects.filter(letter=None).update(next_at=None)
        Letter.objects.exists()
        grow(HISTORY)
        rate, cpu = facts_a_second(1_000, "b")
        print(
            f"facts a second at {Fact.objects.count():>9,} facts of history: {rate:6.0f}/s, {cpu:.2f} ms CPU a fact"
        )
        Matter.objects.update(next_at=None)
        wall = time.perf_counter()
        for _ in range(200):
            actions.sweep(start)
        print(
            f"sweep with nothing due at {Matter.objects.count():,} matters: {(time.perf_counter() - wall) * 5:.2f} ms"
        )
        Matter.objects.filter(number__startswith="b-").update(next_at=start)
        wall = time.perf_counter()
        done = actions.sweep_all(clock.now())
        print(f"sweep of {done:,} due matters: {done / (time.perf_counter() - wall):,.0f}/s")
        wall = time.perf_counter()
        made = seals.seal_all(clock.now())
        print(
            f"sealing {Fact.objects.count():,} facts and their entries, {made} seals: {time.perf_counter() - wall:.1f} s"
        )


main()
