"""Messages to the chat group of a unit, signed the way the host of its address wants.

DingTalk: `timestamp` and `sign` (HMAC-SHA256, base64) in the query. Feishu: both in the body. WeCom: the key
is in the address. Anyone else: JSON with `X-Gongkai-Timestamp` and `X-Gongkai-Signature`, the HMAC-SM3 of the
timestamp, a point and the body, in hexadecimal; files go along in base64, or all as a form (multipart). Only known and configured hosts are called, and none inside
the network unless the deployment allows it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote_plus, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from django.conf import settings

from gongkai.notices.models import Delivery, WebhookSecret
from gongkai.notices.undelivered import Undelivered
from gongkai.vault import cipher

TIMEOUT = 5.0  # seconds
ANSWER = 64 * 1024  # bytes of the answer that are read
DINGTALK, WECOM, FEISHU = "oapi.dingtalk.com", "qyapi.weixin.qq.com", "open.feishu.cn"


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that goes along with a message."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Enclosures:
    """What goes along with a message; `as_form` as parts of a form, else in its JSON."""

    files: Sequence[Enclosed] = ()
    as_form: bool = False


NOTHING = Enclosures()


@dataclass(frozen=True, slots=True)
class Call:
    """What is posted, and the key under which the host's answer says 0 when it took the message."""

    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    code: str = ""


def post(delivery: Delivery, now: datetime) -> None:
    """Post a delivery to the webhook of its unit. Raises Undelivered with the cause."""
    unit = delivery.unit
    if unit is None or not unit.webhook:
        raise Undelivered("单位没有通知地址")
    kept = WebhookSecret.objects.filter(unit=unit).first()
    give(unit.webhook, cipher.unseal(kept.sealed) if kept else "", delivery, now)


def give(url: str, secret: str, delivery: Delivery, now: datetime, beside: Enclosures = NOTHING) -> None:
    """Post a message to an address the deployment may call, signed. Raises Undelivered with the cause."""
    check(url)
    call = call_for(url, secret, delivery, now, beside)
    answer = _open(call)
    if call.code:
        try:
            said = json.loads(answer)
        except ValueError:
            raise Undelivered("对方的回答不是 JSON") from None
        if not isinstance(said, dict) or said.get(call.code, 0) != 0:
            raise Undelivered(
                f"对方没有接收，代码 {said.get(call.code) if isinstance(said, dict) else '不明'}"
            )


def check(url: str) -> None:
    """Raise Undelivered unless the address is one the deployment may call."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not host or parts.username is not None:
        raise Undelivered("通知地址不是 http 或 https 网址")
    known = {DINGTALK, WECOM, FEISHU}
    if host not in known | set(getattr(settings, "GONGKAI_WEBHOOK_HOSTS", ())):
        raise Undelivered("通知地址的主机不在允许的名单里")
    if host in known and parts.scheme != "https":
        raise Undelivered("通知地址应以 https 开头")
    if getattr(settings, "GONGKAI_WEBHOOK_PRIVATE", False):
        return
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        addresses = {info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, ValueError):
        raise Undelivered("找不到通知地址的主机") from None
    if any(not ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in addresses):
        raise Undelivered("通知地址指向内部网络")


def call_for(url: str, secret: str, delivery: Delivery, now: datetime, beside: Enclosures = NOTHING) -> Call:
    """The call that the host of an address expects for a message at an instant; chat groups take the words alone."""
    host = urlsplit(url).hostname
    text = f"{'【紧急】' if delivery.urgent else ''}{delivery.title}\n{delivery.body}".strip()
    seconds = int(now.timestamp())
    if host == DINGTALK:
        if secret:
            stamp = seconds * 1000
            sign = base64.b64encode(_sha256(secret.encode(), f"{stamp}\n{secret}".encode())).decode()
            url += f"{'&' if '?' in url else '?'}timestamp={stamp}&sign={quote_plus(sign)}"
        return Call(url, _json({"msgtype": "text", "text": {"content": text}}), code="errcode")
    if host == WECOM:
        return Call(url, _json({"msgtype": "text", "text": {"content": text}}), code="errcode")
    if host == FEISHU:
        message: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if secret:
            sign = base64.b64encode(_sha256(f"{seconds}\n{secret}".encode(), b"")).decode()
            message = {"timestamp": str(seconds), "sign": sign, **message}
        return Call(url, _json(message), code="code")
    said: dict[str, Any] = {
        "key": delivery.key,
        "unit": delivery.unit.code if delivery.unit else "",
        "number": delivery.number,
        "title": delivery.title,
        "body": delivery.body,
        "urgent": delivery.urgent,
    }
    headers = {"X-Gongkai-Timestamp": str(seconds)}
    if beside.as_form:
        between = hashlib.sha256(delivery.key.encode()).hexdigest()
        headers["Content-Type"] = f"multipart/form-data; boundary={between}"
        body = _form(said, beside.files, between)
    else:
        body = _json(said | ({"files": [_spelled(one) for one in beside.files]} if beside.files else {}))
    if secret:
        mac = HMAC(secret.encode(), hashes.SM3())
        mac.update(f"{seconds}.".encode() + body)
        headers["X-Gongkai-Signature"] = mac.finalize().hex()
    return Call(url, body, headers)


def _open(call: Call) -> bytes:
    request = Request(
        call.url,
        call.body,
        {"Content-Type": "application/json; charset=utf-8", **call.headers},
        method="POST",
    )
    try:
        with build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as response:
            return bytes(response.read(ANSWER))
    except HTTPError as error:
        error.close()
        raise Undelivered(f"对方回答 HTTP {error.code}") from None
    except URLError as error:
        raise Undelivered(f"连接不上对方：{type(error.reason).__name__}") from None
    except TimeoutError:
        raise Undelivered(f"对方 {TIMEOUT:.0f} 秒内没有回答") from None


class _NoRedirect(HTTPRedirectHandler):
    """A redirect would lead past the check: it counts as an error."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _spelled(file: Enclosed) -> dict[str, str]:
    content = base64.b64encode(file.content).decode()
    return {"name": file.name, "type": file.media_type, "content": content}


def _form(said: dict[str, Any], files: Sequence[Enclosed], between: str) -> bytes:
    """The message as the part `message` (JSON), every file as a part `file` (RFC 7578)."""
    parts = [('name="message"', "application/json; charset=utf-8", _json(said))]
    for one in files:
        name = one.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        parts.append((f'name="file"; filename="{name}"', one.media_type, one.content))
    lines = []
    for disposition, media_type, content in parts:
        head = f"--{between}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {media_type}\r\n\r\n"
        lines += [head.encode(), content, b"\r\n"]
    return b"".join([*lines, f"--{between}--\r\n".encode()])


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _sha256(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()
