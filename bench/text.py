"""How well the reading of text does on real letters: a table, in about 3 minutes of CPU.

The folder is named by the environment variable GONGKAI_DATA.

GONGKAI_DATA=… python bench/text.py [topics] [nature] [alike] [hot] [reply] [screen]
"""

from __future__ import annotations

import csv
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score, roc_auc_score

sys.path.insert(0, str(Path(__file__).parents[1]))

from gongkai.text import alike, hot, judge, learn, nature, near, reply, screen
from gongkai.text.cut import Cutter, normal
from gongkai.text.features import CUES, WORDS, Vectoriser
from gongkai.text.relevance import Relevance

Row = dict[str, str]


def rows(name: str) -> list[Row]:
    with (Path(os.environ["GONGKAI_DATA"]) / name).open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def letter(row: Row) -> str:
    return f"{row['留言主题']}\n{row['留言详情']}"


def say(what: str, figure: object, target: str = "") -> None:
    print(f"{what:<58} {figure!s:>24}   {target}", flush=True)


def rate(count: int, work: Callable[[], object]) -> str:
    start = time.process_time()
    work()
    return f"{count / (time.process_time() - start):,.0f}/s of CPU"


def topics() -> None:
    tokens = rows("letters-topic-tokens.csv")
    texts, labels = [row["tokens"].replace(" ", "") for row in tokens], [row["label"] for row in tokens]
    report = judge.cross_validate(texts, learn.Target(labels))
    say(f"topic, {report.letters} letters, 5-fold: macro-F1", f"{report.macro_f1:.4f}", ">= 0.925")
    say(
        "topic: right / right among the first two",
        f"{report.accuracy:.4f} / {report.first_two:.4f}",
        "- / >= 0.985",
    )
    for line in report.coverage:
        say(
            f"topic: share settled at {line.precision:.0%}",
            f"{line.share:.3f}",
            ">= 0.75 at 98%" * (line.precision == 0.98),
        )
    say("topic: calibration error", f"{report.calibration_error:.3f}")
    for least in report.thresholds:
        say(
            f"topic: surer than {least.confidence:.0%}: share / right",
            f"{least.share:.3f} / {least.precision or 0:.3f}",
        )
    start = time.process_time()
    learn.train(texts, {"topic": learn.Target(labels)})
    say("train one target", f"{time.process_time() - start:.1f} s of CPU", "<= 15 s")
    natures, units = [nature.nature_by_cues(text).label for text in texts], [label[:2] for label in labels]
    targets = {
        "topic": learn.Target(labels),
        "unit": learn.Target(units),
        "nature": learn.Target(natures, (WORDS, CUES)),
        "time_class": learn.Target([nature.time_class_by_cues(text).label for text in texts], (WORDS, CUES)),
    }
    model = learn.train(texts, targets, cues=nature.CUES)
    stream = [letter(row) for row in rows("letters-stream.csv")]
    say(
        "topic, unit, nature, time class with words, cut included",
        rate(len(stream), lambda: model.suggest(stream)),
        ">= 2,000/s",
    )
    say("size of that model", f"{len(model.save()) / 1e6:.1f} MB")


def natures() -> None:
    merged = {"投诉": "投诉举报", "举报": "投诉举报", "咨询": "咨询", "建议": "建议"}
    unique = {normal(row["内容"]): row for row in reversed(rows("hotline-half.csv")) if row["性质"] in merged}
    texts = [f"{row['标题']}\n{row['内容']}" for row in unique.values()]
    labels = [merged[row["性质"]] for row in unique.values()]
    scores, errors = [], []
    for seed in range(5):
        order = np.random.RandomState(seed).permutation(len(texts))
        target = learn.Target([labels[at] for at in order], (WORDS, CUES))
        report = judge.cross_validate([texts[at] for at in order], target, cues=nature.CUES)
        scores.append(report.macro_f1)
        errors.append(report.calibration_error)
    figure = f"{np.mean(scores):.3f} ({min(scores):.3f} to {max(scores):.3f})"
    say(f"nature, {len(texts)} appeals, 5 times 5-fold: macro-F1", figure, ">= 0.72 (on twice the rows)")
    say("nature: calibration error", f"{np.mean(errors):.3f}")
    told = [nature.nature_by_cues(text).label for text in texts]
    told = ["投诉举报" if label in ("投诉", "举报", "求助") else label for label in told]
    say(
        "nature by cue words alone: macro-F1",
        f"{f1_score(labels, told, average='macro'):.4f}",
        "0.623 (on all rows)",
    )


def nearly() -> None:
    texts = [letter(row) for name in ("letters-stream.csv", "letters-with-replies.csv") for row in rows(name)]
    index: near.NearIndex[int] = near.NearIndex()
    found: dict[tuple[int, int], float] = {}

    def run() -> None:
        for key, text in enumerate(texts):
            found.update({(other, key): share for other, share in index.query(text)})
            index.add(key, text)

    say(f"near duplicates, {len(texts)} letters: look up and add", rate(len(texts), run), ">= 10,000/s")
    truth = dict(exact_pairs(texts, alike.OFFER))
    for least in (alike.MERGE, alike.OFFER):
        real = {pair for pair, share in truth.items() if share >= least}
        told = {pair for pair, share in found.items() if share >= least}
        recall, precision = len(real & told) / len(real), len(real & told) / len(told)
        say(
            f"pairs of Jaccard >= {least}: {len(real)}, recall / precision",
            f"{recall:.4f} / {precision:.4f}",
            ">= 0.995 / 1.00",
        )


def exact_pairs(texts: list[str], least: float) -> Iterator[tuple[tuple[int, int], float]]:
    """All pairs, by an inverted index of the rarest runs each must share (prefix filter)."""
    runs = [set(near._runs(text).tolist()) for text in texts]
    seen = Counter(run for letter in runs for run in letter)
    buckets: dict[int, list[int]] = defaultdict(list)
    for key, letter_runs in enumerate(runs):
        rare = sorted(letter_runs, key=lambda run: (seen[run], run))[
            : len(letter_runs) - int(least * len(letter_runs)) + 1
        ]
        for other in sorted({other for run in rare for other in buckets[run]}):
            if min(len(letter_runs), len(runs[other])) >= least * max(len(letter_runs), len(runs[other])):
                share = len(letter_runs & runs[other]) / len(letter_runs | runs[other])
                if share >= least:
                    yield (other, key), share
        for run in rare:
            buckets[run].append(key)


WIDE = ["西地省", *(f"{a}市" for a in "ABCDEFGHIJKLM")]
COUNTIES = [f"{a}{n}{kind}" for a in "ABCDEFGHIJKLM" for n in range(1, 10) for kind in "市区县"]


def issues() -> None:
    stream = rows("letters-stream.csv")
    gold = {row["留言编号"]: row["issue_id"] for row in rows("hot-issues-half.csv")}
    items = [
        hot.Item(row["留言编号"], row["留言主题"], row["留言详情"], row["留言用户"], moment(row["留言时间"]))
        for row in stream
    ]
    items.sort(key=lambda item: item.at)
    start = time.perf_counter()
    group_of = grouped(items)
    say(
        f"hot issues, {len(items)} letters in one window",
        f"{time.perf_counter() - start:.1f} s",
    )
    say(
        "hot issues: issueF1 of 4 letters and more / weighted",
        "{:.3f} / {:.3f}".format(*issue_f1(group_of, gold)),
        ">= 0.90 / 0.87",
    )
    say(
        "hot issues: pair precision / recall / F1",
        "{:.3f} / {:.3f} / {:.3f}".format(*pair_f1([(items, group_of)], gold)),
        "F1 >= 0.85",
    )
    ids = sorted(set(gold.values()), key=lambda issue: (-Counter(gold.values())[issue], issue))
    for name, half in (("1st, 4th, 5th, 8th …", {0, 3}), ("2nd, 3rd, 6th, 7th …", {1, 2})):
        part = {key: issue for key, issue in gold.items() if ids.index(issue) % 4 in half}
        say(f"  the {name} largest issues alone: pair F1", f"{pair_f1([(items, group_of)], part)[2]:.3f}")
    many = [*items, *others(10_000 - len(items))]
    start, cpu = time.perf_counter(), time.process_time()
    grouped(many)
    figure = f"{time.perf_counter() - start:.1f} s ({time.process_time() - cpu:.1f} s of CPU)"
    say(f"hot issues, {len(many)} letters in one window", figure, "<= 10 s")
    windows = [items[at : at + 200] for at in range(0, len(items), 200)]
    small = pair_f1([(window, grouped(window)) for window in windows], gold)
    say("hot issues in windows of 200 letters: pair P / R / F1", "{:.3f} / {:.3f} / {:.3f}".format(*small))


def others(count: int) -> list[hot.Item]:
    """More letters, to fill a window: those with replies, then those with topics."""
    found = [
        hot.Item(
            f"r{row['留言编号']}", row["留言主题"], row["留言详情"], row["留言用户"], moment(row["留言时间"])
        )
        for row in rows("letters-with-replies.csv")
    ]
    for at, row in enumerate(rows("letters-topic-tokens.csv")[: max(0, count - len(found))]):
        text = row["tokens"].replace(" ", "")
        found.append(hot.Item(f"t{at}", text[:20], text[20:], f"w{at}", found[0].at + timedelta(hours=at)))
    return found[:count]


def moment(text: str) -> datetime:
    form = "%Y/%m/%d %H:%M:%S" if "/" in text else "%Y-%m-%d %H:%M:%S"
    return datetime.strptime(text.strip(), form).replace(tzinfo=UTC)


def grouped(items: list[hot.Item]) -> dict[str, str]:
    """The first key of the issue of each letter."""
    found = hot.group(items, now=items[-1].at, wide=WIDE, parts=COUNTIES)
    return {item.key: item.key for item in items} | {
        key: issue.keys[0] for issue in found for key in issue.keys
    }


def issue_f1(group_of: dict[str, str], gold: dict[str, str]) -> tuple[float, float]:
    size = Counter(group_of.values())
    best = {}
    for issue, count in Counter(gold.values()).items():
        hits = Counter(group_of[key] for key in gold if gold[key] == issue)
        best[issue] = count, max(2 * hit / (count + size[name]) for name, hit in hits.items())
    large = [score for count, score in best.values() if count >= 4]
    return float(np.mean(large)), sum(count * score for count, score in best.values()) / len(gold)


def pair_f1(
    windows: list[tuple[list[hot.Item], dict[str, str]]], gold: dict[str, str]
) -> tuple[float, float, float]:
    """Over all pairs with at least one letter of a known issue."""
    hits = told = real = 0
    for items, group_of in windows:
        members: dict[str, list[str]] = defaultdict(list)
        for item in items:
            members[group_of[item.key]].append(item.key)
        for keys in members.values():
            known = Counter(gold[key] for key in keys if key in gold)
            total, other = sum(known.values()), len(keys) - sum(known.values())
            hits += sum(count * (count - 1) // 2 for count in known.values())
            told += total * (total - 1) // 2 + total * other
        real += sum(
            n * (n - 1) // 2 for n in Counter(gold[item.key] for item in items if item.key in gold).values()
        )
    return hits / told, hits / real, 2 * hits / (told + real)


def replies() -> None:
    pairs = rows("letters-with-replies.csv")
    letters, answers = [letter(row) for row in pairs], [row["答复意见"] for row in pairs]
    other = np.random.RandomState(0).permutation(len(pairs))
    half = len(pairs) // 2
    vectoriser = Vectoriser.fit(letters[:half], Cutter(), {})
    relevance = Relevance.learn(letters[:half], answers[:half], vectoriser)
    asked = [at for at in range(half, len(pairs)) if at != other[at]]
    right = relevance.scores([letters[at] for at in asked], [answers[at] for at in asked])
    wrong = relevance.scores([letters[at] for at in asked], [answers[other[at]] for at in asked])
    for least in (0, 60):
        true = [
            score
            for at, score in zip(asked, right, strict=True)
            if len("".join(answers[at].split())) >= least
        ]
        false = [
            score
            for at, score in zip(asked, wrong, strict=True)
            if len("".join(answers[other[at]].split())) >= least
        ]
        auc = roc_auc_score([1] * len(true) + [0] * len(false), true + false)
        say(
            f"relevance, own reply against another's, >= {least} characters",
            f"AUC {auc:.4f}",
            ">= 0.985" * (least > 0),
        )
    say("own replies called beside the point", f"{np.mean([score < reply.RELEVANT for score in right]):.3f}")
    say(
        "another's replies called beside the point",
        f"{np.mean([score < reply.RELEVANT for score in wrong]):.3f}",
    )
    say(
        "nine points of a reply",
        rate(500, lambda: [reply.check(a, b) for a, b in zip(letters[:500], answers, strict=False)]),
    )


def screening() -> None:
    texts = [letter(row) for row in rows("letters-stream.csv")]
    kinds: Counter[str] = Counter()
    say(
        "personal data",
        rate(len(texts), lambda: kinds.update(f.kind for text in texts for f in screen.find(text))),
    )
    say("found in letters already masked by their publisher", dict(kinds.most_common(3)))


PARTS = {
    "topics": topics,
    "nature": natures,
    "alike": nearly,
    "hot": issues,
    "reply": replies,
    "screen": screening,
}

if __name__ == "__main__":
    if "GONGKAI_DATA" not in os.environ:
        sys.exit("请设置环境变量 GONGKAI_DATA：存放测量数据的文件夹。")
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
