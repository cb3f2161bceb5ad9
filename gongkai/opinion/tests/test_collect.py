"""Sources are fetched politely, what comes in is read whatever its form, and bad rows say why."""

from __future__ import annotations

import json
from datetime import timedelta
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.test import Client

from gongkai.opinion import imports
from gongkai.opinion.actions import collecting
from gongkai.opinion.models import Post, PostMapping, Source
from gongkai.opinion.watching import feeds, mail, net, pages
from gongkai.opinion.watching.health import State, health
from gongkai.opinion.watching.items import BadItem, item_of
from gongkai.people.actor import Actor
from gongkai.ui.refusal import Refused
from tests.world import moment

NOW = moment("2025-09-29 09:00")
RSS = """<?xml version="1.0" encoding="gb2312"?>
<rss version="2.0"><channel><title>清源新闻</title>
<item><title>城东自来水发黄</title><link>/news/1.html</link><guid>n1</guid><author>记者甲</author>
<pubDate>Mon, 29 Sep 2025 08:10:00 +0800</pubDate><description>&lt;p&gt;城东片区&lt;b&gt;自来水&lt;/b&gt;发黄。&lt;/p&gt;</description></item>
<item><title>集市停车</title><link>http://other.example/2</link><description>南桥镇集市停车收费。</description></item>
</channel></rss>"""
LIST = """<html><head><meta charset="utf-8"></head><body><div class="nav"><a href="/about">关于</a></div>
<ul class="list news"><li><a href="/a/1.html">一</a></li><li><a href="/a/2.html">二</a></li><li><a href="http://elsewhere.example/x">外</a></li></ul>
</body></html>"""
ARTICLE = """<html><head><meta charset="utf-8"><title>城东自来水发黄的情况</title></head><body><article><h1>城东自来水发黄的情况</h1>
<p>记者从水务局了解到，城东片区自来水发黄，系主管道爆裂后水流冲刷管壁所致，目前正在抢修。</p>
<p>抢修预计今晚完成，其间由送水车在东湖花园、学府路两处供水，居民可持容器领取。</p></article></body></html>"""


class Site:
    """A web server on this machine: `pages` by path, what was asked of it in `asked`."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, dict(self.headers)))
                status, headers, body = site.pages.get(self.path, (404, {}, b""))
                if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                    status, body = 304, b""
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def put(self, path: str, body: str | bytes, status: int = 200, **headers: str) -> str:
        raw = body if isinstance(body, bytes) else body.encode()
        self.pages[path] = status, {name.replace("_", "-"): value for name, value in headers.items()}, raw
        return f"{self.url}{path}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@pytest.fixture
def site(settings, monkeypatch):
    settings.GONGKAI_WATCH_PRIVATE = True
    monkeypatch.setattr(net, "REST", 0.0)
    net._ROBOTS.clear()
    made = Site()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.mark.clause("YZ-YQ-08-1", "HS-LD-09A-1")
def test_a_feed_in_gb2312_is_collected_once_and_only_when_it_changed(county, source, site):
    feed = source(
        "清源新闻", "门户网站", how="feed", address=site.put("/rss", RSS.encode("gb2312"), ETag='"v1"')
    )

    assert collecting.collect(NOW) == 2
    post = Post.objects.get(external_id="n1")
    assert (post.title, post.text) == ("城东自来水发黄", "城东片区\n自来水\n发黄。")
    assert post.url == f"{site.url}/news/1.html"
    assert post.published_at == moment("2025-09-29 08:10")
    feed.refresh_from_db()
    assert (feed.failures, feed.seen, feed.mark) == (0, 2, '"v1"')
    assert feed.due_at == NOW + timedelta(minutes=15)

    assert collecting.collect(NOW + timedelta(minutes=5)) == 0
    assert site.paths.count("/rss") == 1
    assert collecting.collect(NOW + timedelta(minutes=16)) == 0
    assert site.asked[-1][1]["If-None-Match"] == '"v1"'
    agent = site.asked[-1][1]["User-Agent"]
    assert agent.startswith("GongkaiWatch/")
    assert "http" in agent


def test_robots_are_obeyed(county, source, site):
    site.put("/robots.txt", "User-agent: *\nDisallow: /private/")
    source("不许", "论坛", how="feed", address=site.put("/private/rss", RSS.encode("gb2312")))

    assert collecting.collect(NOW) == 0
    assert site.paths == ["/robots.txt"]
    assert "robots.txt 不允许" in Source.objects.get().error


def test_a_source_that_fails_is_left_alone_twice_as_long_each_time(county, source, site):
    bad = source("坏的", "论坛", how="feed", every=30, address=site.put("/rss", "", status=500))
    pauses, now = [], NOW
    for _ in range(7):
        collecting.collect(now)
        bad.refresh_from_db()
        pauses.append(bad.due_at - now)
        now = bad.due_at
    assert pauses == [timedelta(hours=hours) for hours in (1, 2, 4, 8, 12, 12, 12)]
    found = health(bad, now)
    assert found.state is State.FAILING
    assert "HTTP 500" in found.says
    assert "核对地址" in found.says


def test_one_failing_source_does_not_keep_the_others_back(county, source, site):
    source("坏的", "论坛", how="feed", address=site.put("/none", "不是订阅"))
    source("好的", "论坛", how="feed", address=site.put("/rss", RSS.encode("gb2312")))

    assert collecting.collect(NOW) == 2
    assert "不是订阅" in Source.objects.get(name="坏的").error


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1/", "内部网络"),
        ("http://[::1]/", "内部网络"),
        ("http://169.254.169.254/latest", "内部网络"),
        ("ftp://example.com/", "http"),
        ("file:///etc/passwd", "http"),
        ("http://user@example.com/", "用户名"),
    ],
)
def test_addresses_inside_the_network_are_not_called(settings, url, says):
    settings.GONGKAI_WATCH_PRIVATE = False
    with pytest.raises(net.Unfetched, match=says):
        net.fetch(url)


def test_a_redirect_into_the_network_is_checked_too(site, monkeypatch):
    address = site.put("/go", "", status=302, Location="http://10.0.0.1/secret")
    real = net.check

    def check(url: str) -> str:
        if "10.0.0.1" in url:
            raise net.Unfetched("地址指向内部网络，不能采集。")
        return real(url)

    monkeypatch.setattr(net, "check", check)
    with pytest.raises(net.Unfetched, match="内部网络"):
        net.fetch(address)


def test_too_much_is_not_read(site, monkeypatch):
    monkeypatch.setattr(net, "MOST", 1_000)
    with pytest.raises(net.Unfetched, match="没有收下"):
        net.fetch(site.put("/big", "字" * 1_000))


def test_a_list_page_gives_its_articles_and_reads_none_twice(county, source, site):
    site.put("/a/1.html", ARTICLE)
    site.put("/a/2.html", ARTICLE.replace("发黄", "停供"))
    page = source(
        "县报网", "传统媒体", how="page", tier="county", selector="ul.news a", address=site.put("/list", LIST)
    )

    assert collecting.collect(NOW) == 2
    post = Post.objects.get(url__endswith="/a/1.html")
    assert "主管道爆裂" in post.text
    assert post.is_media
    site.asked.clear()
    Source.objects.filter(pk=page.pk).update(due_at=NOW)
    assert collecting.collect(NOW + timedelta(minutes=20)) == 0
    assert site.paths == ["/list"]


def test_a_selector_that_cannot_be_read_says_so():
    assert (
        pages.xpath_of("ul.news a")
        == '//ul[contains(concat(" ", normalize-space(@class), " "), " news ")]//a'
    )
    with pytest.raises(net.Unfetched, match="看不懂"):
        pages.xpath_of("ul > a[href]")


def test_json_feeds_and_atom_are_read():
    given = {"version": "https://jsonfeed.org/version/1.1", "items": [
        {"id": "1", "content_html": "<p>停水&amp;停电</p>", "date_published": "2025-09-29T08:00:00+08:00", "authors": [{"name": "甲"}]},
        {"id": "2"}, "坏的",
    ]}  # fmt: skip
    answer = net.Answer("https://a.example/feed", json.dumps(given).encode(), "", "", "", "")
    (item,) = feeds.items_of(answer, NOW)
    assert (item.text, item.author, item.published_at) == ("停水&停电", "甲", moment("2025-09-29 08:00"))

    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><title>a</title><entry><id>x</id><title>标题</title>
    <updated>2025-09-28T00:00:00Z</updated><summary>摘要</summary><link href="https://a.example/x"/></entry></feed>"""
    (entry,) = feeds.items_of(net.Answer("https://a.example/", atom.encode(), "", "", "", ""), NOW)
    assert (entry.external_id, entry.title, entry.text) == ("x", "标题", "摘要")


def test_a_letter_of_a_mailbox_is_an_item_and_its_sender_the_author():
    message = EmailMessage()
    message["Subject"], message["From"], message["Message-ID"] = "舆情专报", "王某 <w@a.example>", "<1@a>"
    message["Date"] = "Mon, 29 Sep 2025 08:00:00 +0800"
    message.set_content("城东停水，群众反映强烈。")
    item = mail.letter(message.as_bytes(), NOW)
    assert (item.title, item.text, item.external_id) == ("舆情专报", "城东停水，群众反映强烈。", "<1@a>")
    assert item.published_at == moment("2025-09-29 08:00")
    with pytest.raises(net.Unfetched, match="imaps"):
        mail.new_letters("imap://x", "", "", NOW)


# ---- push --------------------------------------------------------------------------------------


@pytest.fixture
def token(county, source):
    pushed = source("合作方", "微博", how="push")
    return collecting.renew_token(pushed, by=county.actor("feng_gang"))


def push(token, body):
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return Client(enforce_csrf_checks=True).post(
        f"/office/opinion/push/{token}/", text, content_type="application/json"
    )


ITEM = {
    "id": "w1",
    "text": "城东自来水发黄",
    "published_at": "2025-09-29T08:00:00+08:00",
    "author": "甲",
    "followers": 120,
}


def test_what_is_pushed_is_taken_once(token, at):
    at("2025-09-29 09:00")
    assert push(token, ITEM).json() == {"taken": 1, "repeated": 0, "passed": 0, "rejected": []}
    again = push(token, [ITEM, ITEM | {"id": "w2", "text": "东湖花园停水"}])
    assert (again.status_code, again.json()["taken"], again.json()["repeated"]) == (200, 1, 1)
    assert Post.objects.get(external_id="w1").reach == "3"
    assert Source.objects.get().seen == 2


def test_a_bad_item_is_named_with_its_reason_and_the_others_are_taken(token, at):
    at("2025-09-29 09:00")
    rows = [
        ITEM,
        {"id": "w2", "published_at": "昨天", "text": "x"},
        {"id": "w3"},
        "坏",
        ITEM | {"id": "w4", "published_at": "2025-09-30 09:00"},
    ]
    answer = push(token, rows)
    assert answer.status_code == 422
    told = answer.json()
    assert told["taken"] == 1
    assert [(one["index"], one["field"]) for one in told["rejected"]] == [
        (1, "published_at"),
        (2, "text"),
        (3, ""),
        (4, "published_at"),
    ]
    assert "将来" in told["rejected"][3]["reason"]


def test_too_many_not_json_and_a_wrong_token(token, at, monkeypatch):
    at("2025-09-29 09:00")
    assert push(token, "{").status_code == 422
    assert push(token, [ITEM] * 1_001).status_code == 413
    assert push("x" * 43, ITEM).status_code == 404
    monkeypatch.setattr("gongkai.opinion.feeds.MOST_BYTES", 10)
    assert push(token, ITEM).status_code == 413
    Source.objects.update(is_on=False)
    assert push(token, ITEM).status_code == 404
    assert Client().get(f"/office/opinion/push/{token}/").status_code == 405
    assert not Post.objects.exists()


def test_a_new_token_closes_the_old_door(county, token, at):
    at("2025-09-29 09:00")
    new = collecting.renew_token(Source.objects.get(), by=county.actor("feng_gang"))
    assert push(token, ITEM).status_code == 404
    assert push(new, ITEM).status_code == 200
    with pytest.raises(Refused):
        collecting.renew_token(Source.objects.get(), by=county.actor("wang_min"))


# ---- files -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "jsonl", "json"])
def test_a_file_is_taken_row_by_row_and_is_safe_to_run_again(county, source, tmp_path, form):
    rows = [
        {"编号": "1", "内容": "城东自来水发黄", "发布时间": "2025-09-29 08:00", "昵称": "甲"},
        {"编号": "2", "内容": "", "发布时间": "2025-09-29 08:00", "昵称": "乙"},
        {"编号": "3", "内容": "停水", "发布时间": "前天", "昵称": "丙"},
    ]
    path = tmp_path / f"posts.{form}"
    if form == "csv":
        lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
        path.write_bytes("\n".join(lines).encode("gb18030"))
    elif form == "jsonl":
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    else:
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")

    def run(dry=False):
        columns, found = imports.read(path)
        mapping = imports.mapping_for(county.place, columns, {})
        importer = imports.Importer(source(), mapping, by=Actor.system(county.place), now=NOW, dry=dry)
        list(importer.run(found))
        imports.remember(county.place, columns, mapping, NOW)
        return importer.report

    assert (run(dry=True).taken, Post.objects.count()) == (1, 0)
    first, second = run(), run()
    assert (first.taken, len(first.bad)) == (1, 2)
    assert (second.taken, second.repeated) == (0, 1)
    assert {bad.column for bad in first.bad} == {"内容", "发布时间"}
    assert PostMapping.objects.count() == 1
    first.write(tmp_path / "bad.csv")
    assert "看不懂发布时间" in (tmp_path / "bad.csv").read_text(encoding="utf-8-sig")


def test_a_mapping_that_lacks_something_says_what(county):
    with pytest.raises(Refused, match="发布时间"):
        imports.mapping_for(county.place, ["内容"], {})


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "text"),
        ({"text": "x", "published_at": ""}, "published_at"),
        ({"text": "x" * 20_001, "published_at": "2025-09-29"}, "text"),
        ({"text": "x", "published_at": "2025-09-29", "url": "javascript:alert(1)"}, "url"),
        ({"text": "x", "published_at": "2025-09-29", "reposts": "很多"}, "reposts"),
        ({"text": "x", "published_at": "2025-09-29", "id": "x" * 129}, "id"),
    ],
)
def test_an_item_that_cannot_be_taken_says_which_field(given, field):
    with pytest.raises(BadItem) as wrong:
        item_of(given, NOW)
    assert wrong.value.field == field


def test_a_post_with_the_time_of_weibos_interface_is_taken_and_one_without_sense_says_what_is_wrong():
    said = {"text": "路灯坏了", "published_at": "Mon Sep 29 08:00:00 +0800 2025"}
    assert item_of(said, NOW).published_at == moment("2025-09-29 08:00")

    with pytest.raises(BadItem, match="看不懂发布时间，应像 2025-09-26 10:00"):
        item_of(said | {"published_at": "Mon Sep 31 08:00:00 +0800 2025"}, NOW)


def test_health_says_what_to_do(source):
    forum = source("论坛", how="feed")
    assert health(forum, NOW).state is State.NEVER
    forum.good_at = NOW
    assert health(forum, NOW + timedelta(minutes=40)).state is State.WELL
    assert health(forum, NOW + timedelta(hours=2)).state is State.LATE
    forum.is_on = False
    assert health(forum, NOW).state is State.OFF
