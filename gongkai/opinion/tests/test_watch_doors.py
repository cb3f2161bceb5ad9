"""Who may come in at the doors of watching, what they see there, and that a page costs what it costs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gongkai.ledger import actions as ledger
from gongkai.opinion.actions import streaming
from gongkai.opinion.models import Alarm, Plan, Post, Source, Story
from gongkai.opinion.tests.conftest import PARKING, WATER
from gongkai.opinion.views import stories
from gongkai.opinion.watching.items import Item
from gongkai.people.actor import Actor
from gongkai.text.plan import parse
from tests.world import moment

NOW = "2025-09-29 10:00"
PAGES = ("stories/", "posts/", "sources/", "plans/")
HANDS = ("entry/", "sources/new/", "plans/new/")


@pytest.fixture(autouse=True)
def channels(county):
    """The county watches more channels than the four its city names; the list is open."""
    ledger.configure(
        county.place, "opinion.channel", "values", ["热线电话", "新闻跟帖", "传统媒体", "政府网站"], from_on=date(2025, 1, 1),
        by=Actor.system(county.place), at=moment("2025-09-29 08:00"),
    )  # fmt: skip


@pytest.mark.parametrize("page", [*PAGES, *HANDS, "stories/{story}/", "posts/{post}/", "sources/{source}/"])
def test_a_clerk_of_another_room_finds_no_door(desk, say, page):
    post = say(PARKING)[0]
    address = f"/office/opinion/{page.format(story=post.story_id, post=post.pk, source=post.source_id)}"

    assert desk("wang_min").get(address).status_code == 404
    assert desk("feng_gang").get(address).status_code == 200
    assert Client().get(address).status_code == 302


def test_a_leader_reads_and_writes_nothing(desk, say):
    post = say(PARKING)[0]
    leader = desk("he_zhiyuan")

    for page in (*PAGES, f"stories/{post.story_id}/", f"posts/{post.pk}/"):
        assert leader.get(f"/office/opinion/{page}").status_code == 200
    for page in HANDS:
        assert leader.get(f"/office/opinion/{page}").status_code == 404
    answer = leader.post(f"/office/opinion/stories/{post.story_id}/judgement/", {"what": "watch"})
    assert answer.status_code == 409
    assert Story.objects.get().state == "new"


def test_stories_stand_by_heat_and_are_narrowed(desk, say, source, at):
    say(*WATER)
    say(PARKING, to=source("热线", "热线电话"))
    at(NOW)
    watcher = desk("feng_gang")

    page = watcher.get("/office/opinion/stories/").content.decode()
    assert page.index("自来水") < page.index("停车")
    for query, shown, hidden in (
        ("channel=热线电话", "停车收费", "发黄"),
        ("kind=歪曲", "没有这样的线索", "发黄"),
        ("unit=520399-10", "停车收费", "发黄"),
    ):
        if query.startswith("unit="):
            from gongkai.people.models import Unit

            query = f"unit={Unit.objects.get(code=query[5:]).pk}"
        page = watcher.get(f"/office/opinion/stories/?{query}").content.decode()
        assert shown in page, query
        assert hidden not in page.partition("<ol")[2], query


def test_the_lists_cost_the_same_however_long(county, desk, source, at):
    watcher, to = desk("feng_gang"), source()

    def grow(count, start):
        words = ("桥东", "柳林", "南山", "北坡", "石桥", "清河", "马场", "东湖", "西郊", "学府")
        things = (
            "路灯不亮",
            "电梯停运",
            "垃圾成堆",
            "噪声扰民",
            "井盖丢失",
            "公交改线",
            "水压不足",
            "学位紧张",
        )
        items = [
            Item(
                f"g{start + n}",
                f"{words[n % 10]}{things[n // 10 % 8]}第{start + n}回",
                moment(NOW) - timedelta(minutes=n),
                author=f"{n}",
            )
            for n in range(count)
        ]
        streaming.take_in(to, items, by=Actor.system(county.place), at=moment(NOW))

    def queries(address):
        watcher.get(address)
        with CaptureQueriesContext(connection) as found:
            assert watcher.get(address).status_code == 200
        return len(found)

    at(NOW)
    grow(20, 0)
    pages = ("stories/", "posts/", f"stories/{Story.objects.first().pk}/", "sources/", "plans/?try=路灯")
    before = [queries(f"/office/opinion/{page}") for page in pages]
    grow(60, 100)
    assert [queries(f"/office/opinion/{page}") for page in pages] == before


def test_a_story_page_shows_words_path_and_points(desk, say, source, at):
    say(*WATER)
    say(
        (WATER[0][0], "城东片区自来水发黄，多人中毒。"),
        at="2025-09-29 08:50",
        to=source("市报", "传统媒体", tier="city"),
    )
    at(NOW)
    page = desk("feng_gang").get(f"/office/opinion/stories/{Post.objects.first().story_id}/").content.decode()

    for words in (
        "<mark>中毒</mark>",
        "市级媒体 1 家：市报",
        "清源论坛",
        "原话摘要",
        "每小时条数",
        "4 个不同的人在说",
    ):
        assert words in page
    assert "网友" not in page


def test_dismissing_needs_a_reason_on_the_page_too(desk, say, at):
    story = Story.objects.get(pk=say(PARKING)[0].story_id)
    at(NOW)
    watcher, address = desk("feng_gang"), f"/office/opinion/stories/{story.pk}/judgement/"

    assert watcher.post(address, {"what": "dismiss", "reason": ""}).status_code == 422
    assert watcher.post(address, {"what": "dismiss", "reason": "已公示"}).status_code == 302
    story.refresh_from_db()
    assert (story.state, story.reason, story.judged_by.name) == ("dismissed", "已公示", "冯刚")
    assert "停车收费" not in watcher.get("/office/opinion/stories/").content.decode().partition("<ol")[2]


def test_ticked_posts_are_parted_and_a_story_is_merged_from_the_page(desk, say, at):
    posts = say(*WATER, PARKING)
    at(NOW)
    watcher = desk("feng_gang")
    answer = watcher.post(f"/office/opinion/stories/{posts[0].story_id}/split/", {"posts": [posts[1].pk]})
    other = Post.objects.get(pk=posts[1].pk).story_id
    assert answer["Location"] == f"/office/opinion/stories/{other}/"
    assert other != posts[0].story_id

    watcher.post(f"/office/opinion/stories/{other}/merge/", {"into": posts[0].story_id})
    assert Post.objects.get(pk=posts[1].pk).story_id == posts[0].story_id


def test_alarms_are_seen_by_somebody(desk, say, at):
    story = Story.objects.get(pk=say(*WATER)[0].story_id)
    now = at("2025-09-29 09:00")
    streaming.raise_alarms(now)
    watcher = desk("feng_gang")
    assert "多人说到" in watcher.get(f"/office/opinion/stories/{story.pk}/").content.decode()

    watcher.post(f"/office/opinion/stories/{story.pk}/judgement/", {"what": "seen"})

    alarm = Alarm.objects.get(why="people")
    assert (alarm.seen_by.name, alarm.seen_at) == ("冯刚", now)


def test_posts_are_found_by_an_expression(desk, say, at):
    say(*WATER, PARKING)
    at(NOW)
    watcher = desk("feng_gang")

    page = watcher.get("/office/opinion/posts/", {"q": "自来水 近/6 发黄 非 水厂"}).content.decode()
    assert "东湖花园自来水" in page.replace("<mark>", "").replace("</mark>", "")
    assert "打水厂电话" not in page
    wrong = watcher.get("/office/opinion/posts/", {"q": "(自来水"})
    assert wrong.status_code == 422
    assert "括号没有合上" in wrong.content.decode()


def test_what_was_read_from_a_post_is_put_right(desk, say, at):
    (post,) = say(WATER[1])
    at(NOW)
    desk("feng_gang").post(f"/office/opinion/posts/{post.pk}/", {"kind": "误解", "stance": "中性"})

    post.refresh_from_db()
    assert (post.kind, post.stance) == ("误解", "中性")
    assert Story.objects.get().negative_count == 0


@pytest.mark.clause("YZ-YQ-08-2")
def test_a_special_plan_needs_its_time_and_runs_only_then(county, desk, at):
    at(NOW)
    watcher = desk("feng_gang")
    plan = {"name": "国庆假期", "mode": "special", "expression": "景区 且 (拥堵 或 宰客)", "is_on": "on"}
    assert "专项监测要写明开始和结束" in watcher.post("/office/opinion/plans/new/", plan).content.decode()

    plan |= {"from_at": "2025-10-01T00:00", "until_at": "2025-10-09T00:00"}
    assert watcher.post("/office/opinion/plans/new/", plan).status_code == 302
    saved = Plan.objects.get()
    assert not saved.runs_at(moment(NOW))
    assert saved.runs_at(moment("2025-10-03 12:00"))
    assert not saved.runs_at(moment("2025-10-09 00:00"))
    assert "10月8日 24:00" in watcher.get("/office/opinion/plans/").content.decode()


def test_a_plan_is_tried_on_the_last_posts_and_says_where_it_is_wrong(desk, say, at):
    say(*WATER, PARKING)
    at(NOW)
    watcher = desk("feng_gang")
    page = watcher.get("/office/opinion/plans/", {"try": "自来水 且 (城东 或 东湖)"}).content.decode()
    assert "符合 3 条" in page
    wrong = watcher.get("/office/opinion/plans/", {"try": "自来水 且 （城东"})
    assert wrong.status_code == 422
    assert "第 7 个字：括号没有合上。" in wrong.content.decode()


@pytest.mark.clause("YZ-YQ-08-1", "HS-LD-09A-1", "ZY-YQ-02-1")
def test_the_kinds_of_source_are_offered_and_those_without_one_are_named(desk, at, source):
    at(NOW)
    watcher = desk("feng_gang")
    source("清源论坛", "论坛")
    page = watcher.get("/office/opinion/sources/").content.decode()
    missing = page.partition("还没有来源的渠道")[2].partition("</div>")[0]
    assert "论坛" not in missing
    for kind in ("门户网站", "微博", "新闻跟帖", "传统媒体"):
        assert kind in missing
        assert f'value="{kind}"' in watcher.get("/office/opinion/sources/new/").content.decode()


@pytest.mark.clause("HS-LD-09A-3", "HS-LD-07-1", "QZ-YQ-01-4")
def test_what_was_heard_on_the_hotline_is_entered_at_any_hour(county, desk, at, source):
    at("2025-09-28 23:40")
    hotline = source("12345 热线", "热线电话")
    given = {
        "source": hotline.pk,
        "title": "",
        "text": "城东停水两天了，电话 13912345678",
        "published_at": "2025-09-28T23:30",
        "author": "来电人",
    }
    answer = desk("feng_gang").post("/office/opinion/entry/", given)

    post = Post.objects.get()
    assert answer["Location"] == f"/office/opinion/stories/{post.story_id}/"
    assert "13912345678" not in post.text
    assert post.seen_at == moment("2025-09-28 23:40")
    assert Source.objects.get().seen == 1


def test_a_source_is_kept_with_its_password_sealed_and_its_token_shown_once(county, desk, at):
    at(NOW)
    watcher = desk("feng_gang")
    given = {
        "name": "合作媒体",
        "kind": "传统媒体",
        "how": "push",
        "tier": "county",
        "mode": "daily",
        "every": "15",
        "is_on": "on",
    }
    page = watcher.post("/office/opinion/sources/new/", given).content.decode()
    assert "/office/opinion/push/" in page
    kept = Source.objects.get()
    token = page.partition("/office/opinion/push/")[2].partition("/")[0]
    assert token not in str(Source.objects.values_list()[0])
    assert token not in watcher.get(f"/office/opinion/sources/{kept.pk}/").content.decode()

    mail = given | {
        "name": "报送邮箱",
        "how": "mail",
        "address": "imaps://yq@mail.example/INBOX",
        "password": "秘密口令",
    }
    watcher.post("/office/opinion/sources/new/", mail)
    sealed = Source.objects.get(how="mail")
    assert "秘密口令" not in str(Source.objects.filter(pk=sealed.pk).values_list()[0])
    assert sealed.secret


def test_an_expression_finds_what_it_would_find_by_reading_every_post(desk, say, at):
    say(
        *WATER, PARKING, ("", "城东⾃来水发黄"), ("", "演习通知：城东停\n水")
    )  # the first sign of 自来水 is a radical
    at(NOW)
    watcher = desk("feng_gang")

    def found(words):
        return len(watcher.get("/office/opinion/posts/", {"q": words}).context["rows"])

    every = Post.objects.count()
    assert found("自来水") == 4
    assert found("(收费 或 发黄) 非 自来水") == 1
    assert found("停水") == 0
    assert found("“停 水”") == 1
    assert found("城东 或 停车") == every


def test_whatever_signs_a_post_is_written_with_an_expression_finds_it(desk, say, at):
    say(
        ("", "城东⾃来水发黄"), ("⾃来水", "又黄了！！"), ("", "①号楼停水"), ("", "1号楼停\n水"), ("", "Ａ座停水，Ｗater"),
        ("A座停水", "WaTer"), ("", "\u212a座城东的停水"), ("", "十㎏桔子"), ("", "涨了100%"), ("", "涨了1000"), ("", "a_b"), ("", "axb"), ("", "ﬁx"),
    )  # fmt: skip
    at(NOW)
    watcher, posts = desk("feng_gang"), list(Post.objects.all())
    for words in (
        "自来水", "停水", "“停 水”", "1号楼", "①号楼", "a座 且 停水", "Ａ座", "water", "WATER", "k座", "(自来水 或 1号楼) 非 water",
        "停水 近/3 城东", "“，”", "自来水 或 “！！”", "kg桔", "100%", "a_b", "fix",
    ):  # fmt: skip
        found = watcher.get("/office/opinion/posts/", {"q": words}).context["rows"]
        told = {post.pk for post in posts if parse(words).find(post.whole)}
        assert told, words
        assert {post.pk for post, _ in found} == told, words


def test_no_more_than_the_newest_posts_are_compared(desk, say, at, monkeypatch):
    say(*WATER, PARKING)
    at(NOW)
    monkeypatch.setattr(stories, "SEARCHED", 2)
    newest = Post.objects.order_by("-published_at", "-pk")[:2]
    watcher = desk("feng_gang")
    for words in ("城东 或 停车 或 自来水", "自来水", "停车"):
        rows = watcher.get("/office/opinion/posts/", {"q": words}).context["rows"]
        assert {post.pk for post, _ in rows} == {post.pk for post in newest if parse(words).find(post.whole)}
