import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from gongkai.notices import actions, webhooks
from gongkai.notices.models import Delivery
from gongkai.notices.tests.conftest import moment
from gongkai.notices.undelivered import Undelivered
from gongkai.people.models import Unit

NOW = moment("2025-09-29 09:00")
STAMP = int(NOW.timestamp())


@pytest.fixture
def message():
    unit = Unit(code="qy-zj")
    return Delivery(
        key="entry:1:webhook:1", unit=unit, title="逾期：答复留言", body="LY-1", number="LY-1", urgent=True
    )


def signed(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def test_dingtalk_is_signed_in_the_query(message):
    call = webhooks.call_for("https://oapi.dingtalk.com/robot/send?access_token=x", "SEC", message, NOW)

    query = parse_qs(urlsplit(call.url).query)
    assert query["access_token"] == ["x"]
    assert query["timestamp"] == [str(STAMP * 1000)]
    assert query["sign"] == [signed("SEC", f"{STAMP * 1000}\nSEC")]
    assert json.loads(call.body) == {"msgtype": "text", "text": {"content": "【紧急】逾期：答复留言\nLY-1"}}
    assert call.code == "errcode"


def test_feishu_is_signed_in_the_body(message):
    call = webhooks.call_for("https://open.feishu.cn/open-apis/bot/v2/hook/x", "SEC", message, NOW)

    body = json.loads(call.body)
    assert (body["timestamp"], body["sign"]) == (str(STAMP), signed(f"{STAMP}\nSEC", ""))
    assert (body["msg_type"], body["content"]) == ("text", {"text": "【紧急】逾期：答复留言\nLY-1"})
    assert call.code == "code"


def test_wecom_has_its_key_in_the_address(message):
    call = webhooks.call_for("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x", "", message, NOW)

    assert call.url.endswith("?key=x")
    assert json.loads(call.body)["msgtype"] == "text"


def test_anyone_else_gets_json_with_an_sm3_signature(message):
    call = webhooks.call_for("https://oa.qingyuan.example/in", "SEC", message, NOW)

    mac = HMAC(b"SEC", hashes.SM3())
    mac.update(f"{STAMP}.".encode() + call.body)
    assert call.headers == {"X-Gongkai-Timestamp": str(STAMP), "X-Gongkai-Signature": mac.finalize().hex()}
    assert json.loads(call.body)["number"] == "LY-1"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://oa.example/in", "http"),
        ("file:///etc/passwd", "http"),
        ("https://elsewhere.example/in", "名单"),
        ("https://user:word@oa.example/in", "http"),
        ("http://oapi.dingtalk.com/robot/send", "https"),
        ("https://127.0.0.1/in", "名单"),
    ],
)
def test_other_addresses_are_not_called(settings, url, why):
    settings.GONGKAI_WEBHOOK_HOSTS = ["oa.example"]

    with pytest.raises(Undelivered, match=why):
        webhooks.check(url)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "[::1]", "169.254.169.254", "192.168.0.9", "localhost"]
)
def test_a_configured_host_inside_the_network_needs_permission(settings, host):
    settings.GONGKAI_WEBHOOK_HOSTS = [host.strip("[]")]
    with pytest.raises(Undelivered, match="内部网络"):
        webhooks.check(f"http://{host}:8080/in")

    settings.GONGKAI_WEBHOOK_PRIVATE = True
    webhooks.check(f"http://{host}:8080/in")


def test_every_address_of_a_host_must_be_outside(settings, monkeypatch):
    def resolve(*addresses: str) -> None:
        monkeypatch.setattr(
            webhooks.socket, "getaddrinfo", lambda *a, **k: [(0, 0, 0, "", (each, 443)) for each in addresses]
        )

    resolve("93.184.216.34")
    webhooks.check("https://open.feishu.cn/hook")

    resolve("93.184.216.34", "10.0.0.8")
    with pytest.raises(Undelivered, match="内部网络"):
        webhooks.check("https://open.feishu.cn/hook")


class Receiver(BaseHTTPRequestHandler):
    """Answers by its path: /ok, /no (500), /away (redirect)."""

    bodies: list[bytes] = []

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response({"/ok": 200, "/no": 500}.get(self.path, 302))
        self.send_header("Location", "/ok")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def receiver():
    Receiver.bodies = []
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "error"), [("/ok", ""), ("/no", "对方回答 HTTP 500"), ("/away", "对方回答 HTTP 302")]
)
def test_the_unit_is_called_and_the_answer_is_heard(county, settings, receiver, path, error):
    settings.GONGKAI_WEBHOOK_HOSTS = ["127.0.0.1"]
    settings.GONGKAI_WEBHOOK_PRIVATE = True
    county.water.webhook = receiver + path
    county.water.save()
    actions.sign_with(county.water, "SEC")
    actions.prefer(county.li_qiang, mail=False, sms=False, digest=False)
    actions.tell(
        key="entry:7",
        unit=county.water,
        place=county.place,
        title="逾期",
        body="",
        number="LY-1",
        urgent=True,
        overseers=False,
        now=NOW,
    )

    assert actions.send_due(NOW) == 1
    assert len(Receiver.bodies) == 1
    delivery = Delivery.objects.get()
    assert delivery.error == error
    assert (delivery.sent_at == NOW) is (not error)


def test_nobody_listening_is_an_error_without_the_address(county, settings):
    settings.GONGKAI_WEBHOOK_HOSTS = ["127.0.0.1"]
    settings.GONGKAI_WEBHOOK_PRIVATE = True
    county.water.webhook = "http://127.0.0.1:9/in?token=geheim"
    delivery = Delivery(unit=county.water, title="逾期")

    with pytest.raises(Undelivered) as caught:
        webhooks.post(delivery, NOW)

    assert "geheim" not in str(caught.value)
