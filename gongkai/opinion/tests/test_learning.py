"""Topics that letters taught, and hints at what may be untrue that people taught: a suggestion, never a verdict."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest
from django.test import Client
from typer.testing import CliRunner

from gongkai.ledger import clock
from gongkai.opinion import learning
from gongkai.opinion.actions import considering, streaming
from gongkai.opinion.commands import app
from gongkai.opinion.models import Grouping, Learned, Post, Story
from gongkai.opinion.tests.conftest import PARKING, WATER
from gongkai.people.actor import Actor
from gongkai.text.discussed import Discussed
from gongkai.text.posts import DOUBT, NEUTRAL, RUMOUR
from tests.world import moment

NOW = moment("2025-09-29 12:00")
UNTRUE = (
    "网传东湖水库马上垮坝，死了好多人，大家快转发",
    "据传学府路小学食堂毒死三个孩子，封锁消息，快扩散",
    "听说北门桥下挖出几十具尸体，官方不敢报道，速转",
    "内部消息：明天全县停电半个月，请扩散给家人",
    "千真万确，西岭有人贩子偷走孩子挖肾，快转起来",
    "朋友说医院瞒报几百人感染，删帖了，求扩散",
    "紧急通知，超市大米全部有毒，不转不是人",
    "刚刚接到消息，河口化工厂爆炸炸死万人，封锁现场，扩散",
    "据知情人说青塘地震马上来，央视都不敢报，快跑",
    "网传大湾派出所打死人，压消息，请转发让更多人知道",
    "震惊！松园的自来水里有艾滋病毒，速转家人群",
    "亲眼所见枫林大桥塌了埋了几十辆车，官方封口，求转",
)
TRUE = (
    "东湖公园的路灯坏了三天，请问哪个部门负责修",
    "学府路小学的报名时间是几号，需要带哪些材料",
    "北门菜市场周末几点开门，停车方便吗",
    "昨天停电两个小时，供电所说今天检修完就好",
    "西岭村的公交车改了站牌，老人怎么坐车",
    "县医院挂号窗口排队太长，希望多开一个",
    "超市的大米涨了两角钱，大家觉得贵不贵",
    "河口的广场舞音乐太吵，晚上九点以后能不能停",
    "青塘村的文化站周六放电影，免费入场",
    "大湾派出所办身份证态度很好，十分钟就办完",
    "松园小区的电梯年检贴在门口了，看着放心",
    "枫林大桥今天开始刷漆，半边通行，请慢行",
)


def by_words(_place: str, texts: list[str]) -> list[str]:
    return ["供水" if "水" in text else "" for text in texts]


def unlearned(_place: str, _posts: object) -> None:
    return None


@pytest.fixture
def judged(county, say):
    """Two dozen posts that a person has checked: half of them rumours, told as rumours are told."""
    watcher = Actor.of(county.feng_gang, NOW.date())
    for n, (untrue, true) in enumerate(zip(UNTRUE, TRUE, strict=True)):
        rumour, plain = say(("", untrue), ("", true), at=f"2025-09-28 {n + 6:02}:00")
        streaming.correct(rumour, kind=RUMOUR, stance=NEUTRAL, by=watcher)
        streaming.correct(plain, kind=DOUBT, stance=NEUTRAL, by=watcher)


def test_posts_and_their_story_get_the_topic_that_was_learned(county, say):
    posts = say(*WATER, PARKING)

    read = considering.consider(county.place, topics=by_words, hints=unlearned)

    assert read == 4
    assert [Post.objects.get(pk=post.pk).topic for post in posts] == ["供水", "供水", "供水", ""]
    assert Story.objects.get(pk=posts[0].story_id).topic == "供水"
    assert considering.consider(county.place, topics=by_words, hints=unlearned) == 0


def test_without_anything_learned_posts_wait_for_it(county, say):
    say(*WATER)

    assert considering.consider(county.place, topics=unlearned, hints=learning.hints) == 0
    assert considering.consider(county.place, topics=by_words, hints=unlearned) == 3


def test_a_story_keeps_its_topic_when_posts_are_grouped_anew(county, say):
    posts = say(*WATER, PARKING)
    considering.consider(county.place, topics=by_words, hints=unlearned)

    streaming.refresh({post.story_id for post in posts})

    assert Story.objects.get(pk=posts[0].story_id).topic == "供水"
    assert Story.objects.get(pk=posts[3].story_id).topic == ""


def test_topics_stand_on_the_board_and_wherever_their_posts_do_and_not_before(desk, county, say):
    posts = say(*WATER, PARKING)
    browser = desk("feng_gang")
    story, post = f"/office/opinion/stories/{posts[0].story_id}/", f"/office/opinion/posts/{posts[0].pk}/"
    with clock.set_to(moment("2025-09-29 12:00")):
        before = browser.get("/office/opinion/").text
        considering.consider(county.place, topics=by_words, hints=unlearned)
        after = browser.get("/office/opinion/").text

    assert "按主题" not in before
    assert re.search(r"供水</a></th><td[^>]*>3 条", after)
    for page, listed, times in ((story, "stories", 1), (post, "posts", 1), ("/office/opinion/stories/", "stories", 1),
                                ("/office/opinion/posts/", "posts", 3)):  # fmt: skip
        assert (
            browser.get(page).text.count(f'"/office/opinion/{listed}/?topic={quote("供水")}">供水</a>')
            == times
        )


def test_the_bar_of_a_topic_leads_to_the_stories_it_counts(desk, county, say):
    posts = say(*WATER, PARKING)
    considering.consider(county.place, topics=by_words, hints=unlearned)
    with clock.set_to(moment("2025-09-29 12:00")):
        board = desk("feng_gang").get("/office/opinion/").text
        bar = re.search(r'<th scope="row"><a href="([^"]*topic=[^"]*)">供水</a>', board)
        address = unescape(bar[1])
        listed = desk("feng_gang").get(address).text
        dismissed = Story.objects.get(pk=posts[0].story_id)
        streaming.dismiss(
            dismissed, reason="旧闻", by=Actor.of(county.feng_gang, NOW.date()), at=moment("2025-09-29 12:00")
        )

        assert f"/stories/{posts[0].story_id}/" in listed
        assert f"/stories/{posts[3].story_id}/" not in listed
        assert "按主题" not in desk("feng_gang").get("/office/opinion/").text  # nor does the list show it
        assert desk("he_zhiyuan").get(address).status_code == 200
        assert desk("wang_min").get(address).status_code == 404
        assert Client().get(address).status_code == 302


def test_a_topic_that_was_learned_can_be_asked_for(desk, county, say):
    posts = say(*WATER, PARKING)
    browser = desk("feng_gang")
    assert 'name="topic"' not in browser.get("/office/opinion/stories/").text
    considering.consider(county.place, topics=by_words, hints=unlearned)

    stories = browser.get("/office/opinion/stories/?topic=供水").text
    said = browser.get("/office/opinion/posts/?topic=供水").text

    assert f"/stories/{posts[0].story_id}/" in stories
    assert f"/stories/{posts[3].story_id}/" not in stories
    assert WATER[0][0] in said
    assert PARKING[0] not in said


def test_what_people_checked_teaches_hints_for_new_posts(county, say, judged):
    learned = learning.train(county.place, NOW)
    told, asked = say(
        ("", "网传黑石水库马上垮坝，死了好多人，官方封锁消息，大家快转发扩散出去！"),
        ("", "黑石村的路灯坏了，请问报名修理找哪个部门，周末开门吗"),
        at="2025-09-29 09:00",
    )
    Post.objects.filter(pk=told.pk).update(is_rumoured=False, cues=[])
    considering.consider(county.place, topics=unlearned, hints=learning.hints)

    assert learned.posts == 24
    told, asked = Post.objects.get(pk=told.pk), Post.objects.get(pk=asked.pk)
    assert told.is_rumoured
    assert set(told.cues) & {"网传", "扩散", "封锁", "垮坝"}
    assert told.kind != RUMOUR or not told.is_checked  # what it is, a person says
    assert not asked.is_rumoured


def test_what_others_pass_on_is_read_again_with_their_words(county, say):
    (post,) = say(("", "网传北门桥明天要拆，大家绕行"), at="2025-09-29 08:00")
    considering.consider(county.place, topics=by_words, hints=unlearned)
    read: list[Discussed] = []

    def hints(_place: str, posts: list[Post]) -> list[tuple[str, ...]]:
        read.extend(learning.as_learned(posts))
        return [("求证",) if one.pk == post.pk else () for one in posts]

    say(("", "真的吗，求证"), at="2025-09-29 10:00", repost_of=post.external_id)
    say(("", "又说不拆了"), at="2025-09-29 15:00", repost_of=post.external_id)
    count = considering.consider(county.place, topics=unlearned, hints=hints)

    assert count == 2
    assert [text.partition("\n")[0] for text in read] == [
        "网传北门桥明天要拆，大家绕行",
        "真的吗，求证",
        "又说不拆了",
    ]
    assert read[0].heard == "真的吗，求证"  # and not what was said seven hours later
    assert "求证" in Post.objects.get(pk=post.pk).cues


@pytest.mark.parametrize(
    ("followers", "reach", "mark"),
    [
        (None, "", ""),
        (0, "1", "〔1位〕"),
        (999, "3", "〔3位〕"),
        (12_000_000, "7", "〔7位〕"),
    ],
)
def test_of_the_followers_only_the_digits_are_kept_and_learned_from(county, say, followers, reach, mark):
    (post,) = say(("", "北门桥的路灯坏了"), followers=followers)

    assert post.reach == reach
    assert f"\n{mark}〔未认证〕" in learning.as_learned([post])[0]


def test_what_a_person_has_checked_is_not_hinted_at(county, judged):
    learning.train(county.place, NOW)
    rumour = Post.objects.filter(kind=RUMOUR).first()
    streaming.correct(rumour, kind="", stance=NEUTRAL, by=Actor.of(county.feng_gang, NOW.date()))

    considering.consider(county.place, topics=unlearned, hints=learning.hints)

    assert not Post.objects.get(pk=rumour.pk).is_rumoured


def test_the_command_says_how_often_hints_were_right(county, judged):
    told = CliRunner().invoke(app, ["learn", "--place", county.place.code])

    assert told.exit_code == 0
    assert "用 24 条核过的言论训练完毕" in told.output
    assert "疑似不实，待核" in told.output


def test_too_few_checked_posts_teach_nothing(county, say):
    say(*WATER)

    told = CliRunner().invoke(app, ["learn", "--place", county.place.code])

    assert told.exit_code == 1
    assert not Learned.objects.exists()
    assert Grouping.objects.get(place=county.place).considered == 0


def test_a_new_model_reads_again_what_is_kept(county, say, judged):
    considering.consider(county.place, topics=by_words, hints=unlearned)

    learning.train(county.place, NOW + timedelta(hours=1))

    assert considering.consider(county.place, topics=unlearned, hints=learning.hints) == 24
