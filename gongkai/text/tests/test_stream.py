"""The stream keeps a window, goes on after a restart and takes the word of a regrouping; alarms and cue words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gongkai.text import posts
from gongkai.text.alarm import Level, Said, Why, alarms, tail
from gongkai.text.stream import Item, Stream, stories_of

START = datetime(2025, 9, 29, tzinfo=UTC)
TOPICS = ("城东自来水发黄像泥汤", "南桥集市停车收费五元", "柳林镇粮库外墙坍塌", "东湖花园电梯停运三天")


def post(n: int, text: str, hours: float = 0) -> Item:
    return Item(f"p{n}", text[:8], f"{text}，第{n}次说。", f"w{n}", START + timedelta(hours=hours))


def fill(stream: Stream, items: list[Item]) -> dict[str, str]:
    of = {}
    for item in items:
        of[item.key] = stream.place(item).story or item.key
        stream.take(item, of[item.key])
    return of


def test_posts_alike_go_together():
    stream = Stream()
    of = fill(stream, [post(n, TOPICS[n % 4]) for n in range(12)])
    assert [of[f"p{n}"] for n in range(12)] == ["p0", "p1", "p2", "p3"] * 3

    placed = stream.place(Item("x", "自来水", "城东的自来水怎么又发黄了，谁来管一管", "w", START))
    assert placed.story == "p0"


def test_what_falls_out_of_the_window_leaves_nothing_behind():
    stream = Stream(window=timedelta(hours=24))
    fill(stream, [post(n, TOPICS[n % 4], hours=n) for n in range(40)])
    stream.forget(START + timedelta(hours=39))
    assert len(stream) == 24
    stream.forget(START + timedelta(days=9))

    assert len(stream) == 0
    assert not stream.stories
    stream.regrouped({})
    assert (stream._settled.shape, stream._column, stream._names) == ((0, 0), {}, [""])


def test_the_oldest_leave_where_there_are_too_many():
    stream = Stream(most=10)
    fill(stream, [post(n, TOPICS[n % 4], hours=n / 10) for n in range(30)])
    stream.forget(START + timedelta(hours=3))
    assert len(stream) == 10
    assert "p29" in stream
    assert "p0" not in stream


def test_after_a_restart_a_post_goes_where_it_would_have_gone():
    items = [post(n, TOPICS[n % 4]) for n in range(12)]
    stream, restarted = Stream(), Stream()
    of = fill(stream, items)
    restarted.restore((item, of[item.key]) for item in items)
    later = Item("x", "粮库", "柳林镇粮库坍塌的外墙在哪", "w", START)

    assert restarted.place(later) == stream.place(later)


def test_how_many_are_read_at_once_decides_nothing():
    items = [post(n, TOPICS[n % 4], hours=n) for n in range(60)]
    alone, together, regrouped = Stream(), Stream(), Stream()
    of = fill(alone, items)
    together.expect(items)
    assert fill(together, items) == of

    regrouped.expect(items)
    fill(regrouped, items[:30])
    regrouped.regrouped({key: of[key] for key in of if key in regrouped})
    assert fill(regrouped, items[30:]) == {item.key: of[item.key] for item in items[30:]}


def test_a_post_repeats_what_it_says_again_and_what_says_nothing_repeats_nothing_else():
    stream = Stream()
    texts = ("柳林镇粮库外墙今天早上坍塌，幸好没有人受伤。", "顶！", "👍👍")
    fill(stream, [Item(f"p{n}", "", text, "w", START) for n, text in enumerate(texts)])

    again = [Item(f"x{n}", "", f"{text}！", "w", START) for n, text in enumerate(texts)]
    assert [stream.place(item).repeats for item in again] == ["p0", "p1", "p2"]
    assert stream.place(Item("y", "", "踩", "w", START)).story == ""


def test_a_regrouping_moves_posts_and_what_comes_after_follows():
    stream = Stream()
    fill(stream, [post(n, TOPICS[n % 4]) for n in range(8)])
    stream.regrouped({"p0": "water", "p4": "water"})

    assert stream.place(post(99, TOPICS[0])).story == "water"
    assert "p0" not in stream.stories


def test_groups_keep_the_story_most_of_their_posts_were_in():
    was = {"a": "1", "b": "1", "c": "1", "d": "2", "e": "3"}
    assert stories_of([("a", "b", "d"), ("c",), ("e",)], was) == {
        "a": "1", "b": "1", "d": "1", "c": None, "e": "3",
    }  # fmt: skip
    assert stories_of([("a", "b", "e")], was, fixed=["3"])["a"] == "3"


# ---- alarms ------------------------------------------------------------------------------------


def said(n: int, minutes: float, author: str = "", media: bool = False, **risks: int) -> Said:
    return Said(f"s{n}", START + timedelta(minutes=minutes), author or f"w{n}", media, risks)


def test_three_people_within_seven_days_raise_an_alarm_at_the_third():
    told = [said(0, 0), said(1, 60), said(2, 120, "w1"), said(3, 180)]
    assert alarms(told[:3], START + timedelta(hours=4)) == []
    (one,) = alarms(told, START + timedelta(hours=4))
    assert (one.why, one.at, one.posts) == (Why.PEOPLE, told[3].at, ("s0", "s1", "s3"))


def test_a_burst_is_told_from_what_is_usual():
    steady = [said(n, n * 10) for n in range(300)]
    now = steady[-1].at
    assert Why.BURST not in {one.why for one in alarms(steady, now)}

    sudden = [*steady, *(said(1_000 + n, 2_990 + n) for n in range(40))]
    burst = next(one for one in alarms(sudden, now + timedelta(minutes=40)) if one.why is Why.BURST)
    assert burst.level is Level.URGENT
    assert "平时每小时 6.0 条" in burst.says


def test_harm_told_by_two_people_is_urgent_and_by_one_is_not():
    told = [said(0, 0, 伤亡=35), said(1, 5, "w0", 伤亡=35)]
    assert alarms(told, START + timedelta(hours=1)) == []
    two = alarms([*told, said(2, 9, 伤亡=35)], START + timedelta(hours=1))
    assert (two[0].why, two[0].level) == (Why.RISK, Level.URGENT)


def test_media_that_follow_people_are_an_alarm():
    (one,) = alarms([said(0, 0), said(1, 30, "paper", media=True)], START + timedelta(hours=1))
    assert (one.why, one.posts) == (Why.MEDIA, ("s1",))


def test_the_tail_of_poisson():
    assert tail(0, 3.0) == pytest.approx(1.0)
    assert tail(1, 3.0) == pytest.approx(0.950213, abs=1e-6)
    assert tail(10, 3.0) == pytest.approx(0.001102, abs=1e-6)
    assert tail(30, 3.0) == pytest.approx(4.39e-20, rel=0.02)


# ---- cue words ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "stance", "risks"),
    [
        ("网传南桥镇粮库坍塌有人员伤亡，求扩散", "谣言", "负面", {"伤亡", "事故灾害"}),
        ("截至目前未造成人员伤亡，现场无人受伤", "", "中性", set()),
        ("城东的水到底还能喝吗，有点担心", "疑虑", "中性", set()),
        ("凭什么突然取消公交车，说好的惠民呢", "误解", "正面", set()),
        ("路灯修好了，给住建局点赞", "", "正面", set()),
        ("今天下午三点召开座谈会", "", "中性", set()),
        ("办事拖延敷衍，太让人气愤", "", "负面", set()),
    ],
)
def test_cue_words_say_kind_stance_and_harm(text, kind, stance, risks):
    read = posts.read(text)
    assert (read.kind, read.stance, set(read.risks)) == (kind, stance, risks)
    for word in read.words:
        assert word in text
