"""Accounts and posts: what goes out, through which connector, what fails and is tried again."""

from __future__ import annotations

import base64
import json
from datetime import date
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from django.core.files.uploadedfile import SimpleUploadedFile

from gongkai.files.models import Attachment
from gongkai.ledger.models import Effect
from gongkai.notices import webhooks
from gongkai.notices.undelivered import Undelivered
from gongkai.press import actions, asks
from gongkai.press.actions import accounts
from gongkai.press.models import Push, SocialPost
from gongkai.press.tests.conftest import deliver
from gongkai.ui.refusal import Refused
from tests.world import moment


def sent(post):
    return post.pushes.exclude(sent_at=None).count()


@pytest.fixture
def home(settings, tmp_path):
    from gongkai.vault import cipher

    cipher._keys()  # keys of the run are made before the folder changes
    settings.HOME = tmp_path
    return tmp_path


@pytest.mark.clause("XA-XM-03-1")
def test_a_signed_post_is_written_for_an_account_without_an_interface(desk, home):
    account = desk.active()
    post = desk.post(account)
    desk.do("song_jia", "2025-09-23 10:00", actions.push, post)
    deliver("2025-09-23 10:01")

    folder = Path(home) / "outbox" / "posts" / f"{post.code}-{account.pk}"
    said = json.loads((folder / "post.json").read_text())
    assert (said["account"], said["platform"], said["text"]) == ("清源发布", "微博", "今晚八点起停水四小时。")
    assert "停水通知" in (folder / "post.txt").read_text()
    assert (folder / "post.json").stat().st_mode & 0o077 == 0
    assert sent(post) == 1
    assert account.matter.facts.filter(kind="account.updated").count() == 1


def test_a_post_goes_through_a_signed_webhook_once(desk, monkeypatch, settings):
    settings.GONGKAI_WEBHOOK_HOSTS, settings.GONGKAI_WEBHOOK_PRIVATE = ("hook.example",), True
    calls = []
    monkeypatch.setattr(webhooks, "_open", lambda call: calls.append(call) or b"{}")
    account = desk.active(connector="webhook", hook="https://hook.example/post", secret="钥匙")
    post = desk.post(account)
    desk.do("song_jia", "2025-09-23 10:00", actions.push, post)
    for _ in range(2):
        deliver("2025-09-23 10:01")
        actions.deliver(Push.objects.get().pk, moment("2025-09-23 10:02"))

    [call] = calls
    assert json.loads(call.body)["body"] == "今晚八点起停水四小时。"
    assert len(call.headers["X-Gongkai-Signature"]) == 64
    assert "钥匙" not in account.secret


class Listener(BaseHTTPRequestHandler):
    """Keeps what was posted to it."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.headers, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args):
        pass


@pytest.fixture
def listener(settings):
    settings.GONGKAI_WEBHOOK_HOSTS, settings.GONGKAI_WEBHOOK_PRIVATE = ("127.0.0.1",), True
    server = HTTPServer(("127.0.0.1", 0), Listener)
    server.taken = []
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.mark.parametrize("connector", ["webhook", "form"])
def test_the_pictures_of_a_post_go_along_and_are_signed_with_it(desk, listener, connector):
    account = desk.active(
        connector=connector, hook=f"http://127.0.0.1:{listener.server_port}/post", secret="钥匙"
    )
    post = desk.post(account, pictures=[SimpleUploadedFile("停水范围.png", PIXEL, "image/png")])
    desk.do("song_jia", "2025-09-23 10:00", actions.push, post)
    deliver("2025-09-23 10:01")

    [(headers, body)] = listener.taken
    mac = HMAC("钥匙".encode(), hashes.SM3())
    mac.update(f"{headers['X-Gongkai-Timestamp']}.".encode() + body)
    assert headers["X-Gongkai-Signature"] == mac.finalize().hex()
    if connector == "webhook":
        said = json.loads(body)
        [file] = said["files"]
        name, content = file["name"], base64.b64decode(file["content"])
    else:
        parts = message_from_bytes(
            b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body, policy=policy.HTTP
        ).get_payload()
        said, content = json.loads(parts[0].get_payload(decode=True)), parts[1].get_payload(decode=True)
        name = parts[1].get_filename()
        assert parts[1].get_content_type() == "image/png"
    assert said["body"] == "今晚八点起停水四小时。"
    kept = Attachment.objects.get(
        name="停水范围.png"
    ).path.read_bytes()  # a picture is made anew when it is taken
    assert (name, content) == ("停水范围.png", kept)
    assert sent(post) == 1


def test_pictures_too_large_for_an_address_are_refused_before_they_are_signed(desk, listener, monkeypatch):
    monkeypatch.setattr(accounts, "PICTURES", 10)
    account = desk.active(connector="form", hook=f"http://127.0.0.1:{listener.server_port}/post")
    with pytest.raises(Refused, match="图片太大"):
        desk.post(account, pictures=[SimpleUploadedFile("停水范围.png", PIXEL, "image/png")])


def test_what_fails_is_tried_again_and_shown_then_pushed_once_more(desk, monkeypatch, settings, door):
    settings.GONGKAI_WEBHOOK_HOSTS, settings.GONGKAI_WEBHOOK_PRIVATE = ("hook.example",), True

    def broken(_call):
        raise Undelivered("对方回答 HTTP 502")

    monkeypatch.setattr(webhooks, "_open", broken)
    post = desk.post(desk.active(connector="webhook", hook="https://hook.example/post"))
    desk.do("song_jia", "2025-09-23 10:00", actions.push, post)
    deliver("2025-09-23 10:01")
    page = door("song_jia").get(f"/office/press/posts/{post.code}/").content.decode()
    assert "第 1 次没有送到" in page
    assert "HTTP 502" in page
    with pytest.raises(Refused, match="没有要推送的账号"):
        desk.do("song_jia", "2025-09-23 10:02", actions.push, post)

    Effect.objects.filter(kind=actions.PUSH).update(failed_at=moment("2025-09-23 12:00"))
    monkeypatch.setattr(webhooks, "_open", lambda call: b"{}")
    desk.do("song_jia", "2025-09-23 13:00", actions.push, SocialPost.objects.get(pk=post.pk))
    deliver("2025-09-23 13:01")
    assert sent(post) == 1


def test_a_webhook_to_an_unknown_host_is_not_taken(desk):
    with pytest.raises(Refused, match="不在允许的名单"):
        desk.account(connector="webhook", hook="https://somewhere.example/post")


def test_a_changed_post_is_signed_again(desk):
    account = desk.active()
    post = desk.post(account)
    desk.do(
        "song_jia",
        "2025-09-23 10:00",
        actions.edit_post,
        post,
        title=post.title,
        text="改为停水六小时。",
        accounts=[account],
    )
    post.refresh_from_db()
    assert post.stage == "draft"
    with pytest.raises(Refused, match="审定以后"):
        desk.do("song_jia", "2025-09-23 11:00", actions.push, post)


def test_who_asked_for_an_account_does_not_approve_it(desk):
    account = desk.account()
    with pytest.raises(Refused, match="申请人不能批准"):
        desk.do("song_jia", "2025-09-22 10:00", actions.activate, account)


def test_an_account_without_two_keepers_is_not_approved(desk):
    account = desk.account(keeper_b=None)
    with pytest.raises(Refused, match="A 角和 B 角"):
        desk.do("pan_yun", "2025-09-22 10:00", actions.activate, account)


def test_an_account_has_to_stay_alive_and_a_day_counts_once(desk):
    account = desk.active()
    owed = account.matter.obligations.get(duty="account.stay_active")
    assert owed.due_at == moment("2025-10-07 00:00")
    for hour in (9, 10, 11):
        desk.do("song_jia", f"2025-09-25 {hour:02}:00", actions.note_update, account)

    assert account.matter.facts.filter(kind="account.updated").count() == 1
    assert account.matter.obligations.standing().get().due_at == moment("2025-10-10 00:00")
    desk.do("song_jia", "2025-09-26 09:00", actions.close_account, account, reason="并入清源发布")
    assert not account.matter.obligations.standing().exists()


@pytest.mark.clause("QZ-YQ-05-11")
def test_opening_rate_and_reach_are_counted_by_unit(desk, county, home):
    account = desk.active()
    desk.active(who="qin_lan", unit=county.units["zhujian"], platform="微信公众号", name="清源住建")
    for month, followers in ((8, 900), (9, 1200)):
        desk.do(
            "song_jia",
            "2025-09-25 09:00",
            actions.note_month,
            account,
            month=date(2025, month, 3),
            followers=followers,
        )
    post = desk.post(account)
    desk.do("song_jia", "2025-09-23 10:00", actions.push, post)
    deliver("2025-09-23 10:01")
    desk.do("song_jia", "2025-09-25 10:00", actions.note_reads, post.pushes.get(), reads=5000)

    rows, having = asks.opening(county.place, moment("2025-09-29 09:00"))
    found = {row.unit.short_name: row for row in rows}
    assert (having, len(rows)) == (2, 13)
    mine = found["县委宣传部"]
    assert (mine.active, mine.followers, mine.sent, mine.reads) == (1, 1200, 1, 5000)
    assert found["县水务局"].active == 0


def test_a_post_of_another_units_account_is_refused(desk, county):
    account = desk.active()
    with pytest.raises(Refused, match="不归您管"):
        desk.do(
            "qin_lan", "2025-09-23 09:00", actions.draft_post, unit=county.units["zhujian"], title="x", text="y",
            accounts=[account],
        )  # fmt: skip
