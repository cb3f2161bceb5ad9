"""How well and how fast opinion watches: a table, in about 6 minutes of CPU, 5 of them for `growth`.

The folder of measuring data is named by the environment variable GONGKAI_DATA; `growth` writes a database of its own
into a temporary folder.

GONGKAI_DATA=… python bench/opinion.py [events] [order] [alarms] [rumour] [story] [pace] [replay] [growth [SECONDS]] [many [POSTS]] [memory [POSTS]]
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

import text as letters
from text import say

from gongkai.text import alarm, hot, learn, posts
from gongkai.text import rumour as rumours
from gongkai.text.cut import normal, plain_cutter
from gongkai.text.features import CHARS, CUES, HEARD, WORDS, Floats
from gongkai.text.stream import CUT, ELSEWHERE, RUNS, Stream, stories_of

LONG = timedelta(days=5_000)
BATCH = 100


def data(name: str) -> Path:
    return Path(os.environ["GONGKAI_DATA"]) / name


def stream_of_letters() -> tuple[list[hot.Item], dict[str, str]]:
    gold = {row["留言编号"]: row["issue_id"] for row in letters.rows("hot-issues-half.csv")}
    items = [
        hot.Item(
            row["留言编号"],
            row["留言主题"],
            row["留言详情"],
            row["留言用户"],
            letters.moment(row["留言时间"]),
        )
        for row in letters.rows("letters-stream.csv")
    ]
    return sorted(items, key=lambda item: (item.at, item.key)), gold


def online(items: Sequence[hot.Item], window: timedelta = LONG, every: int = 0) -> dict[str, str]:
    """The story of each item; with `every`, grouped anew after so many."""
    stream, of = Stream(window=window, most=20_000), {}
    stream.expect(items)
    held: list[hot.Item] = []
    for n, item in enumerate(items, 1):
        of[item.key] = stream.place(item).story or item.key
        stream.take(item, of[item.key])
        held.append(item)
        if every and n % every == 0:
            held = held[-every:]
            groups = [
                issue.keys
                for issue in hot.group(
                    held,
                    now=item.at,
                    wide=letters.WIDE,
                    parts=letters.COUNTIES,
                    cut=CUT,
                    elsewhere=ELSEWHERE,
                    runs=RUNS,
                )
            ]
            grouped = {key for keys in groups for key in keys}
            groups += [(one.key,) for one in held if one.key not in grouped]
            first = {key: keys[0] for keys in groups for key in keys}
            moved = stories_of(groups, {one.key: of[one.key] for one in held})
            of |= {key: story or first[key] for key, story in moved.items()}
            stream.regrouped(of)
    return of


def events() -> None:
    items, gold = stream_of_letters()
    start = time.process_time()
    of = online(items)
    rate = len(items) / (time.process_time() - start)
    say(
        "online, all letters in one window: pair P / R / F1",
        "{:.3f} / {:.3f} / {:.3f}".format(*letters.pair_f1([(items, of)], gold)),
        "F1 0.43 in OPINION",
    )
    say("online: issueF1 of 4 and more / weighted", "{:.3f} / {:.3f}".format(*letters.issue_f1(of, gold)))
    say("online, near duplicates and cutting included", f"{rate:,.0f}/s of CPU", "S3 >= 1,500/s")
    whole = {item.key: item.key for item in items}
    for issue in hot.group(
        items,
        now=items[-1].at,
        wide=letters.WIDE,
        parts=letters.COUNTIES,
        cut=CUT,
        elsewhere=ELSEWHERE,
        runs=RUNS,
    ):
        whole |= dict.fromkeys(issue.keys, issue.keys[0])
    say(
        "batch as posts are grouped, all in one window: pair P / R / F1",
        "{:.3f} / {:.3f} / {:.3f}".format(*letters.pair_f1([(items, whole)], gold)),
        "Q5 >= 0.85",
    )
    windows = [items[at : at + 200] for at in range(0, len(items), 200)]
    for name, every in (("online alone", 0), ("online, grouped anew at 200", 200)):
        done = [(window, online(window, every=every)) for window in windows]
        say(
            f"windows of 200, {name}: pair P / R / F1",
            "{:.3f} / {:.3f} / {:.3f}".format(*letters.pair_f1(done, gold)),
        )


def order() -> None:
    """How much the order of arrival decides: the same window in three orders, pairs that agree with the true one."""
    items, gold = stream_of_letters()
    windows = [items[at : at + 200] for at in range(0, len(items), 200)]
    for name, every in (("online alone", 0), ("after a regrouping", 200)):
        shares, scores = [], []
        for seed in range(2):
            same = total = 0
            done = []
            for window in windows:
                mixed = random.Random(seed).sample(window, len(window))
                one, other = (
                    pairs(online(window, every=every and len(window))),
                    pairs(of := online(mixed, every=every and len(window))),
                )
                same, total = same + len(one & other), total + len(one | other)
                done.append((window, of))
            shares.append(same / total)
            scores.append(letters.pair_f1(done, gold)[2])
        say(
            f"{name}, arrival shuffled: pairs in common with the true order",
            f"{min(shares):.3f} to {max(shares):.3f}",
        )
        say(f"{name}, arrival shuffled: pair F1", f"{min(scores):.3f} to {max(scores):.3f}")


def pairs(of: dict[str, str]) -> set[tuple[str, str]]:
    members: dict[str, list[str]] = defaultdict(list)
    for key in sorted(of):
        members[of[key]].append(key)
    return {(a, b) for keys in members.values() for n, a in enumerate(keys) for b in keys[n + 1 :]}


def alarms() -> None:
    """Three writers within seven days: which issues that deserve it are rung, how many of their letters later."""
    items, gold = stream_of_letters()
    deserves: dict[str, str] = {}
    by_issue: dict[str, list[hot.Item]] = defaultdict(list)
    for item in items:
        if item.key in gold:
            by_issue[gold[item.key]].append(item)
    for issue, mine in by_issue.items():
        for n, item in enumerate(mine):
            recent = {one.writer for one in mine[: n + 1] if one.at > item.at - alarm.WITHIN}
            if len(recent) >= alarm.PEOPLE:
                deserves[issue] = item.key
                break
    stream, said = Stream(window=timedelta(days=7)), defaultdict(list)
    stream.expect(items)
    rung: dict[str, int] = {}
    told = 0
    for n, item in enumerate(items):
        story = stream.place(item).story or item.key
        stream.take(item, story)
        said[story].append(alarm.Said(item.key, item.at, item.writer, False, {}))
        found = [one for one in alarm.alarms(said[story], item.at) if one.why is alarm.Why.PEOPLE]
        if found and story not in rung:
            told += 1
            rung[story] = n
            for issue in {gold[one.key] for one in said[story] if one.key in gold}:
                rung.setdefault(f"issue {issue}", n)
        elif story in rung and item.key in gold:
            rung.setdefault(f"issue {gold[item.key]}", n)
        if n % 50 == 0:
            stream.forget(item.at)
    at = {item.key: n for n, item in enumerate(items)}
    hit = {issue: rung[f"issue {issue}"] for issue in deserves if f"issue {issue}" in rung}
    late = [
        sum(at[deserves[issue]] < at[one.key] <= n for one in by_issue[issue]) for issue, n in hit.items()
    ]
    say(
        f"3 people in 7 days, {len(deserves)} issues deserve it: recall",
        f"{len(hit) / len(deserves):.2f}",
        "Q6 >= 0.90",
    )
    say("median / most letters of the issue later", f"{sorted(late)[len(late) // 2]} / {max(late)}", "<= 1")
    say("alarms per 100 letters", f"{100 * told / len(items):.2f}", "<= 1.5")


def rumour() -> None:
    """Cue words by hand, and what a place could learn from posts that people have judged (weibo, half of CED)."""
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    rows = [json.loads(line) for line in data("posts-half.jsonl").open(encoding="utf-8")]
    truth = np.array([row["label"] for row in rows])
    read = [posts.read(row["text"]) for row in rows]
    for name, shown in (("two signs of hearsay", [one.is_rumoured for one in read]), ("one sign", [bool(one.rumour_words) for one in read]),
                        ("kind says 谣言", [one.kind == posts.RUMOUR for one in read])):  # fmt: skip
        right = truth[np.array(shown)]
        say(
            f"rumour by cue words, {name}: shown / right among them",
            f"{sum(shown)} of {len(rows)} / {right.mean():.3f}",
            ">= 0.90 right",
        )
    said = first_hours()
    spread = np.array([row["id"] in said for row in rows])
    for name, texts in (
        ("text", [row["text"] for row in rows]),
        ("text and author", [rumours.marked(row["text"], *author(row)) for row in rows]),
        (
            "text, author, reposts of 5 h where known",
            [rumours.marked(row["text"], *author(row), said.get(row["id"], ())) for row in rows],
        ),
    ):
        shares = []
        for draw in range(3):
            told, sure = np.zeros(len(rows), int), np.zeros(len(rows))
            folds = StratifiedKFold(5, shuffle=True, random_state=draw)
            for fit, held in folds.split(truth, truth + 2 * spread):
                target = learn.Target([str(truth[at]) for at in fit], (WORDS, CHARS, CUES, HEARD))
                model = learn.train([texts[at] for at in fit], {"it": target}, cues=rumours.MARKS)
                for at, one in zip(held, model.suggest([texts[at] for at in held]), strict=True):
                    told[at], sure[at] = int(one["it"].label), one["it"].confidence
            right, listed = told == truth, (told == 1) & (sure >= rumours.SURE)
            shares.append((right.mean(), right[spread].mean(), listed.mean(), truth[listed].mean()))
        every, known, shown, true = np.mean(shares, axis=0)
        say(
            f"rumour learnt, {len(rows)} posts, 3 times 5-fold, {name}: accuracy",
            f"{every:.3f}",
            "Q9 >= 0.945",
        )
        say(f"  of the {spread.sum()} with known reposts", f"{known:.3f}", "Q9 >= 0.945")
        say(
            f"  shown where {rumours.SURE:.0%} sure: share / right",
            f"{shown:.3f} / {true:.3f}",
            ">= 0.90 right",
        )


def author(row: dict[str, object]) -> tuple[str, bool]:
    """What is kept of an author: the digits of the number of followers, and whether the account is verified."""
    followers = row.get("followers")
    reach = "" if followers is None else str(min(7, len(str(max(0, int(followers))))))  # type: ignore[call-overload]
    return reach, bool(row.get("verified"))


def first_hours() -> dict[str, list[str]]:
    """For each post with known reposts what was said in its first five hours, in order."""
    found = {}
    with gzip.open(data("reposts-eighth.jsonl.gz"), "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            told = sorted((datetime.fromisoformat(at), words) for at, words, *_ in row["r"] if at[:2] == "20")
            if not told:
                continue
            found[row["id"]] = [words for at, words in told if words and at <= told[0][0] + rumours.SPREAD]
    return found


def story() -> None:
    """The same story in other words: for a headline, its other one among the headlines of that other's day."""
    import numpy as np

    groups: dict[str, list[letters.Row]] = defaultdict(list)
    for row in letters.rows("same-story-half.csv"):
        groups[row["hot_id"]].append(row)
    by_day: dict[str, list[str]] = defaultdict(list)
    with gzip.open(data("headlines.csv.gz"), "rt", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["platform"] == "douyin":  # where the pairs come from
                by_day[row["date"]].append(row["title"])
    asked = [both for mine in groups.values() if len(mine) == 2 for both in (mine, mine[::-1])]
    found = pool = 0
    scores, same = [], []
    for one, other in asked:
        day = [title for title in dict.fromkeys(by_day[other["first_seen"]]) if title != one["title"]]
        likeness = likeness_to(one["title"], day)
        found, pool = found + (day[int(likeness.argmax())] == other["title"]), pool + len(day)
        scores.append(likeness)
        same += [title == other["title"] for title in day]
    hits = np.cumsum(np.array(same)[np.argsort(-np.concatenate(scores), kind="stable")])
    f1 = 2 * hits / (np.arange(1, len(hits) + 1) + len(asked))
    say(
        f"same story, the other of {len(asked) // 2} pairs, {pool // len(asked)} candidates of its day: top-1",
        f"{found / len(asked):.3f}",
        "Q8 >= 0.91",
    )
    say("same story: best F1 over all of them", f"{f1.max():.3f}", ">= 0.76")


def likeness_to(title: str, others: Sequence[str]) -> Floats:
    """How alike posts of one line are to one, as they are grouped."""
    items = [
        hot.Item(str(n), text, text, "", datetime(2025, 1, 1, tzinfo=UTC))
        for n, text in enumerate((title, *others))
    ]
    titles = [normal(item.title) for item in items]
    features = hot._features(items, titles, [plain_cutter().words(f"{text} {text}") for text in titles], RUNS)
    return (features[1:] @ features[0].T).toarray().ravel()


def weibo() -> list[dict[str, object]]:
    return [json.loads(line) for line in data("posts-half.jsonl").open(encoding="utf-8")]


def when(row: dict[str, object]) -> datetime:
    """When a post was said: seconds since 1970, or as in a mail."""
    time_ = str(row["time"])
    if time_.isdigit():
        return datetime.fromtimestamp(int(time_), UTC)
    return datetime.strptime(time_, "%a %b %d %H:%M:%S %z %Y")


def pace() -> None:
    """One core from the raw post to its story, the window full: masked, read (units, plans, kind, stance), grouped."""
    import django

    django.setup()
    from gongkai.opinion.reading import Reader
    from gongkai.text import screen

    units = [
        (f"u{n}", (f"{name}局", f"县{name}局"), tuple(words.split()))
        for n, (name, words) in enumerate(DUTIES)
    ]
    reader = Reader(units, list(enumerate(PLANS)))
    posts_ = [("", str(row["text"])) for row in weibo()]
    letters_ = [(row["留言主题"], row["留言详情"]) for row in letters.rows("letters-stream.csv")]
    with gzip.open(data("headlines.csv.gz"), "rt", encoding="utf-8-sig") as file:
        fill = [
            ("", row["title"]) for row, _ in zip(csv.DictReader(file), range(10_000 + 4_000), strict=False)
        ]
    start = datetime(2025, 1, 1, tzinfo=UTC)
    for name, texts in (("headlines", fill[10_000:]), ("weibo posts", posts_), ("letters", letters_)):
        line, spent = Stream(), dict.fromkeys(("masked", "read", "grouped"), 0.0)
        for n, some in enumerate(in_batches([*fill[:10_000], *texts])):
            if n * BATCH == 10_000:
                spent = dict.fromkeys(spent, 0.0)
            at = [time.process_time()]
            some = [(screen.mask(title), screen.mask(text)) for title, text in some]
            at.append(time.process_time())
            for title, text in some:
                reader.read(f"{title}\n{text}" if title else text)
            at.append(time.process_time())
            items = [
                hot.Item(str(m), title or text[:40], text, str(m % 5_000), start + timedelta(seconds=10 * m))
                for m, (title, text) in enumerate(some, n * BATCH)
            ]
            line.expect(items)
            for item in items:
                line.take(item, line.place(item).story or item.key)
            line.forget(items[-1].at)
            at.append(time.process_time())
            for part, before, after in zip(spent, at, at[1:], strict=False):
                spent[part] += after - before
        each = ", ".join(f"{part} {1e6 * cpu / len(texts):.0f}" for part, cpu in spent.items())
        say(
            f"stream, window of 10,000 full, {len(texts):,} {name}", f"{len(texts) / sum(spent.values()):,.0f}/s of CPU",
            f">= 1,500/s ({each} microseconds)",
        )  # fmt: skip


def in_batches(texts: Sequence[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
    """As many at once as the desk takes."""
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]


def memory(count: int = 1_000_000) -> None:
    """So many posts through the grouping in memory, 10,000 a day: what is held does not grow with what went through."""
    with gzip.open(data("headlines.csv.gz"), "rt", encoding="utf-8-sig") as file:
        said = list(dict.fromkeys(row["title"] for row in csv.DictReader(file)))
    draw, stream, start = random.Random(0), Stream(), datetime(2025, 1, 1, tzinfo=UTC)
    spent, items = time.process_time(), []
    for n in range(1, count + 1):
        near = min(
            len(said) - 1, n * len(said) // count + draw.randrange(60)
        )  # what is spoken of moves on with the days
        text = f"{said[near]}，{said[draw.randrange(len(said))]}" if draw.random() < 0.7 else said[near]
        items.append(
            hot.Item(
                str(n),
                said[near][:40],
                text,
                f"u{draw.randrange(5_000)}",
                start + timedelta(seconds=8.64 * n),
            )
        )
        if n % BATCH:
            continue
        stream.expect(items)
        for item in items:
            stream.take(item, stream.place(item).story or item.key)
        stream.forget(items[-1].at)
        items.clear()
        if n % (count // 10) == 0:
            say(
                f"{n:,} posts through, {len(stream):,} held in {len(stream.stories):,} stories",
                f"{resident():.0f} MB, {count // 10 / (time.process_time() - spent):,.0f}/s of CPU",
            )  # fmt: skip
            spent = time.process_time()


def resident() -> float:
    """Megabytes this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


DUTIES = (
    ("水务", "供水 停水 水质 河道 排污 内涝"), ("住建", "房屋 物业 小区 烂尾 施工 噪音 燃气 电梯"), ("教育", "学校 学生 教师 补课 食堂 招生"),
    ("公安", "派出所 报警 警察 户籍 打架"), ("卫健", "医院 医生 疫苗 疫情 护士"), ("交通", "公交 出租车 道路 拥堵 高速 客运"),
    ("环保", "污染 废气 恶臭 垃圾 扬尘"), ("人社", "工资 社保 欠薪 就业 养老金"), ("市监", "食品 价格 假货 消费 药品"), ("城管", "摊贩 违建 占道 城管"),
)  # fmt: skip
PLANS = (
    "(停水 或 爆管) 非 演习",
    "学校 近/8 (打 或 伤)",
    "强拆 或 征地",
    "医院 且 死亡",
    "食物中毒 或 变质",
    "污染 且 河",
    "欠薪 或 讨薪",
    "火灾 或 爆炸",
)


def replay_() -> None:
    from gongkai.opinion import replay
    from gongkai.opinion.watching.items import Item

    items = [
        Item(str(row["id"]), str(row["text"]), when(row), author=str(row["id"])[-10:]) for row in weibo()
    ]
    start = time.process_time()
    drill = replay.dry(items)
    cpu = time.process_time() - start
    say(
        f"replay without a database, {len(items)} weibo posts, regroup and alarms",
        f"{len(items) / cpu:,.0f}/s of CPU",
        ">= 1,500/s",
    )
    say(
        "  stories / of several posts / alarms",
        f"{len(drill.stories)} / {sum(len(one) > 1 for one in drill.stories.values())} / {len(drill.rung)}",
    )


# ---- growth ------------------------------------------------------------------------------------


def growth(seconds: int = 300) -> None:
    """Take posts into a fresh database until the time is over; now and then what a page costs and what memory holds."""
    fresh("grow", seconds)


def many(count: int = 1_000_000) -> None:
    """Pages over so many posts of half a year in SQLite: 20,000 taken in as they come, the rest cloned."""
    fresh("clone", count)


def fresh(part: str, figure: int) -> None:
    """Run a part of this file in a process and a database of its own."""
    with tempfile.TemporaryDirectory() as home:
        env = os.environ | {"GONGKAI_HOME": home, "DJANGO_SETTINGS_MODULE": "gongkai.config.settings"}
        env.pop("DATABASE_URL", None)
        root = Path(__file__).parents[1]
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "-v0"],
            cwd=root,
            env=env | {"PYTHONPATH": str(root)},
            check=True,
        )
        subprocess.run([sys.executable, __file__, part, str(figure)], env=env, check=True)


def grow(seconds: int) -> None:
    import django

    django.setup()
    from django.test import Client
    from django.test.utils import override_settings

    from gongkai.config.demo.county import build_county
    from gongkai.ledger import clock
    from gongkai.opinion.actions import streaming
    from gongkai.opinion.models import Post, Source, Story
    from gongkai.people.actor import Actor

    now = clock.now()
    county = build_county(clock.today())
    source = Source.objects.create(place=county.place, name="推送", kind="微博", how="push")
    by, browser = Actor.system(county.place), Client()
    browser.force_login(county.feng_gang)
    started, spent, taken, marks = (
        time.monotonic(),
        0.0,
        0,
        [1_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000],
    )
    for batch in headline_posts(now - timedelta(days=30)):
        cpu, at = time.process_time(), batch[-1].published_at
        streaming.take_in(source, batch, by=by, at=at)
        spent, taken = spent + time.process_time() - cpu, taken + len(batch)
        over = time.monotonic() - started > seconds
        if taken >= marks[0] or over:
            marks.pop(0)
            cpu = time.process_time()
            streaming.regroup(county.place, at)
            regroup = time.process_time() - cpu
            cpu = time.process_time()
            streaming.raise_alarms(at)
            ring = time.process_time() - cpu
            biggest = Story.objects.order_by("-posts_count").first()
            with override_settings(ALLOWED_HOSTS=["*"], STORAGES=PLAIN), clock.set_to(at):
                costs = [
                    cost(browser, f"/office/opinion/{page}")
                    for page in ("stories/", f"stories/{biggest.pk}/", "posts/")
                ]
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            say(
                f"{Post.objects.count():,} posts in {Story.objects.count():,} stories: take in with everything",
                f"{taken / spent:,.0f}/s of CPU",
            )
            say("  pages: stories / a story / posts, CPU", " / ".join(f"{one:.0f}" for one in costs) + " ms")
            say("  regroup / alarms / memory", f"{regroup:.1f} s / {ring:.1f} s / {memory:.0f} MB")
            say(
                "  one post alone until its story shows a grade, p50 / p95",
                alone(browser, source, at),
                "S6 <= 300 ms",
            )
        if over or not marks:
            break


def alone(browser: object, source: object, at: datetime) -> str:
    """A hundred posts that come one by one, by the clock: taken in, and the page of the story with the grade it suggests."""
    from django.test.utils import override_settings

    from gongkai.ledger import clock
    from gongkai.opinion.actions import streaming
    from gongkai.opinion.models import Post
    from gongkai.people.actor import Actor

    took = []
    for n, post in enumerate(next(headline_posts(at))):
        one = replace(post, external_id=f"alone {at} {n}", published_at=at)
        start = time.perf_counter()
        streaming.take_in(source, [one], by=Actor.system(source.place), at=at)
        story = Post.objects.values_list("story_id", flat=True).get(
            source=source, external_id=one.external_id
        )
        with override_settings(ALLOWED_HOSTS=["*"], STORAGES=PLAIN), clock.set_to(at):
            assert browser.get(f"/office/opinion/stories/{story}/").status_code == 200
        took.append((time.perf_counter() - start) * 1000)
    return f"{statistics.median(took):.0f} / {statistics.quantiles(took, n=20)[-1]:.0f} ms"


PLAIN = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


BASE, DAYS = 20_000, 180
PAGES = (
    "", "stories/", "stories/?days=7", "posts/", "posts/?stance=负面", "posts/?kind=谣言", "posts/?q=停水", "posts/?q=奥特曼",
    "posts/?stance=正面&kind=歪曲", "events/",
)  # fmt: skip


def clone(count: int) -> None:
    """Half a year of posts: the newest days are real headlines, older ones are these again, with stories of their own."""
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings

    from gongkai.config.demo.county import build_county
    from gongkai.ledger import clock
    from gongkai.opinion.actions import finding, streaming
    from gongkai.opinion.models import HourCount, Post, Source, Story
    from gongkai.people.actor import Actor

    now, county = clock.now(), build_county(clock.today())
    source = Source.objects.create(place=county.place, name="推送", kind="微博", how="push")
    by, browser, spell = Actor.system(county.place), Client(), timedelta(days=DAYS * BASE / count)
    taken = 0
    for batch in headline_posts(now - spell, spell / (BASE / 1.33)):
        streaming.take_in(source, batch, by=by, at=min(now, batch[-1].published_at))
        if (taken := taken + len(batch)) >= BASE:
            break
    watcher = Actor.of(county.feng_gang, clock.today())
    biggest = Story.objects.order_by("-posts_count")[0]
    event = finding.detect(by=watcher, at=now, title="测量", found_by="监测")
    finding.take_up(biggest, event, by=watcher, at=now)
    addresses = [
        *PAGES,
        f"stories/{biggest.pk}/",
        f"posts/{biggest.posts.first().pk}/",
        f"events/{event.code}/",
    ]
    for copies in (0, count // BASE - 1):
        last = [model.objects.order_by("-pk")[0].pk for model in (Story, Post)]
        with connection.cursor() as cursor:
            for n in range(1, copies + 1):
                _again(cursor, n, n * spell, *last)
        posts_, stories_ = Post.objects.count(), Story.objects.count()
        say(
            f"{posts_:,} posts in {stories_:,} stories, {HourCount.objects.count():,} hours: pages, CPU / queries",
            "",
        )
        with override_settings(ALLOWED_HOSTS=["*"], STORAGES=PLAIN), clock.set_to(now):
            for address in addresses:
                for who in (county.feng_gang, county.he_zhiyuan) if not address else (county.feng_gang,):
                    browser.force_login(who)
                    spent = cost(browser, f"/office/opinion/{address}")
                    with CaptureQueriesContext(
                        connection,
                    ) as asked:
                        browser.get(f"/office/opinion/{address}")
                    slow = max(asked.captured_queries, key=lambda one: float(one["time"]))
                    say(f"  /{address} {who.name if not address else ''}", f"{spent:.0f} ms / {len(asked)}",
                        f"slowest {1_000 * float(slow['time']):.0f} ms: {slow['sql'][:int(os.environ.get('WIDE', 90))]}")  # fmt: skip
        start = time.process_time()
        streaming.raise_alarms(now)
        rung = time.process_time()
        streaming.regroup(county.place, now)
        grouped, extra = time.process_time(), more(now, copies)
        before = time.process_time()
        streaming.take_in(source, extra, by=by, at=now)
        say(
            "  alarms / regroup / 500 posts more, CPU",
            f"{rung - start:.1f} / {grouped - rung:.1f} / {time.process_time() - before:.1f} s",
        )


def more(now: datetime, copies: int) -> list[object]:
    """500 other posts of the last hour."""
    found = [
        item
        for batch, _ in zip(
            headline_posts(now - timedelta(hours=1), timedelta(seconds=5)), range(5), strict=False
        )
        for item in batch
    ]
    return [replace(item, external_id=f"more{copies}-{item.external_id}") for item in found]


def _again(cursor: object, n: int, back: timedelta, stories_: int, posts_: int) -> None:
    """The posts and stories of the newest days again, `back` days earlier."""
    earlier, hours = f"-{back.total_seconds()} seconds", int(back.total_seconds() // 3600)
    then = "strftime('%Y-%m-%d %H:%M:%f', {}, '" + earlier + "')"
    new = {
        "opinion_story": {
            "id": f"id + {n * stories_}", "first_at": then.format("first_at"), "last_at": then.format("last_at"),
            "heat": f"heat - {hours / 12}", "state": "'new'", "matter_id": "NULL",
        },
        "opinion_post": {
            "id": f"id + {n * posts_}", "external_id": f"external_id || '+{n}'", "published_at": then.format("published_at"),
            "seen_at": then.format("seen_at"), "hour": f"hour - {hours}", "story_id": f"story_id + {n * stories_}",
            "duplicate_of_id": f"duplicate_of_id + {n * posts_}",
        },
        "opinion_hourcount": {"id": "NULL", "story_id": f"story_id + {n * stories_}", "hour": f"hour - {hours}"},
        "opinion_story_units": {"id": "NULL", "story_id": f"story_id + {n * stories_}"},
    }  # fmt: skip
    key = {
        "opinion_story": "id",
        "opinion_post": "id",
        "opinion_hourcount": "story_id",
        "opinion_story_units": "story_id",
    }
    cursor.execute("BEGIN")
    for table, changes in new.items():
        cursor.execute(f"SELECT name FROM pragma_table_info('{table}')")
        columns = [name for (name,) in cursor.fetchall()]
        values = ", ".join(changes.get(name, name) for name in columns)
        most = posts_ if table == "opinion_post" else stories_
        cursor.execute(f"INSERT INTO {table} SELECT {values} FROM {table} WHERE {key[table]} <= {most}")
    cursor.execute("COMMIT")


def cost(browser: object, address: str) -> float:
    """Milliseconds of CPU of a page, the least of five."""
    best = 1e9
    for _ in range(5):
        start = time.process_time()
        answer = browser.get(address)  # type: ignore[attr-defined]
        best = min(best, time.process_time() - start)
        assert answer.status_code == 200, (address, answer.status_code)
    return 1_000 * best


def headline_posts(first: datetime, every: timedelta = timedelta(seconds=8.64)) -> Iterator[list[object]]:
    """Headlines of many days as posts, 10,000 a day, a hundred at a time; a third of them said again by others."""
    from gongkai.opinion.watching.items import Item

    draw = random.Random(0)
    batch: list[object] = []
    with gzip.open(data("headlines.csv.gz"), "rt", encoding="utf-8-sig") as file:
        for n, row in enumerate(csv.DictReader(file)):
            at = first + every * n
            for copy in range(1 + (draw.random() < 0.33)):
                text = row["title"] if not copy else f"{row['title']}，大家怎么看"
                batch.append(
                    Item(
                        f"{n}-{copy}", text, at, author=f"u{draw.randrange(5_000)}", reposts=draw.randrange(9)
                    )
                )
            if len(batch) >= 100:
                yield batch
                batch = []


PARTS = {
    "events": events, "order": order, "alarms": alarms, "rumour": rumour, "story": story, "pace": pace, "replay": replay_, "growth": growth,
}  # fmt: skip

if __name__ == "__main__":
    if "GONGKAI_DATA" not in os.environ:
        sys.exit("请设置环境变量 GONGKAI_DATA：存放测量数据的文件夹。")
    asked = sys.argv[1:]
    if asked[:1] in (["grow"], ["clone"], ["growth"], ["many"], ["memory"]):
        sized = {"grow": grow, "clone": clone, "growth": growth, "many": many, "memory": memory}
        sized[asked[0]](*map(int, asked[1:2]))
    else:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongkai.config.settings")
        for part in asked or PARTS:
            PARTS[part]()
