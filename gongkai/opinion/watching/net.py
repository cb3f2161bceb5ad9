"""Fetching from other people's servers, politely: what robots.txt allows, never faster than agreed, only what changed.

Only http and https, only public addresses unless the deployment allows more (`GONGKAI_WATCH_PRIVATE`), at most
`MOST` bytes, and the address that was checked is the address that is called, redirects included.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

from django.conf import settings

if TYPE_CHECKING:
    import httpx

TIMEOUT = 15.0  # seconds
MOST = 5 * 1024 * 1024  # bytes
REDIRECTS = 4
REST = 2.0  # seconds between two requests to one host
ROBOTS_KEPT = 24 * 3600.0  # seconds
NAME = "GongkaiWatch"


class Unfetched(Exception):
    """Something could not be fetched; the message says why in words for the one who keeps the source."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said. `body` is empty and `is_same` true when nothing has changed since last time."""

    url: str
    body: bytes
    media_type: str
    charset: str
    etag: str
    changed: str
    is_same: bool = False


def agent() -> str:
    """How we introduce ourselves: product and where to complain."""
    return f"{NAME}/1.0 (+{settings.SITE}; {settings.DEFAULT_FROM_EMAIL})"


def fetch(url: str, *, etag: str = "", changed: str = "", obey: bool = True) -> Answer:
    """Fetch an address, if it changed. Raises Unfetched. `obey` is False for robots.txt itself only."""
    for _ in range(REDIRECTS + 1):
        address = check(url)
        if obey and not _is_allowed(url):
            raise Unfetched("对方的 robots.txt 不允许采集这个地址，请改用订阅、推送或人工录入。")
        _rest(urlsplit(url).hostname or "")
        answer = _get(url, address, etag, changed)
        if not isinstance(answer, str):
            return answer
        url = urljoin(url, answer)
    raise Unfetched(f"对方连续转了 {REDIRECTS} 次，没有转到内容。")


def check(url: str) -> str:
    """The IP address to call for an address. Raises Unfetched unless it may be called."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise Unfetched("地址应以 http:// 或 https:// 开头，不带用户名。")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, ValueError):
        raise Unfetched("找不到这个网站，请核对地址。") from None
    if getattr(settings, "GONGKAI_WATCH_PRIVATE", False):
        return found[0]
    if any(not ipaddress.ip_address(one.partition("%")[0]).is_global for one in found):
        raise Unfetched("地址指向内部网络，不能采集。")
    return found[0]


def _get(url: str, address: str, etag: str, changed: str) -> Answer | str:
    """One request to the address that was checked: an answer, or where it redirects to."""
    parts = urlsplit(url)
    host = parts.netloc
    netloc = f"[{address}]" if ":" in address else address
    if parts.port:
        netloc = f"{netloc}:{parts.port}"
    import httpx  # large: loaded where it is used

    headers = {"Host": host, "User-Agent": agent(), "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
    if etag:
        headers["If-None-Match"] = etag
    if changed:
        headers["If-Modified-Since"] = changed
    pinned = urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
            client.stream(
                "GET", pinned, headers=headers, extensions={"sni_hostname": parts.hostname}
            ) as response,
        ):
            return _read(url, response, etag, changed)
    except httpx.TimeoutException:
        raise Unfetched(f"对方 {TIMEOUT:.0f} 秒内没有回答。") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unfetched(f"连接不上对方（{type(error).__name__}）。") from None


def _read(url: str, response: httpx.Response, etag: str, changed: str) -> Answer | str:
    given: Mapping[str, str] = response.headers
    if response.status_code == 304:
        return Answer(url, b"", "", "", etag, changed, is_same=True)
    if response.status_code in (301, 302, 303, 307, 308) and given.get("location"):
        return str(given["location"])
    if response.status_code != 200:
        raise Unfetched(_said(response.status_code))
    body, until = bytearray(), time.monotonic() + 2 * TIMEOUT
    for piece in response.iter_bytes():
        body += piece
        if len(body) > MOST:
            raise Unfetched(f"内容超过 {MOST // 1024 // 1024} MB，没有收下。")
        if time.monotonic() > until:
            raise Unfetched(f"对方 {2 * TIMEOUT:.0f} 秒没有传完。")
    kind = given.get("content-type", "")
    return Answer(
        url, bytes(body), kind.partition(";")[0].strip().lower(), response.charset_encoding or "",
        given.get("etag", "")[:200], given.get("last-modified", "")[:64],
    )  # fmt: skip


def _said(status: int) -> str:
    if status in (401, 403):
        return f"对方拒绝访问（HTTP {status}），请联系对方或换一种方式。"
    if status in (404, 410):
        return f"地址已经不在（HTTP {status}），请核对地址。"
    if status == 429:
        return "对方嫌太频繁（HTTP 429），会隔久一些再试；可把间隔调大。"
    return f"对方回答 HTTP {status}，会再试。"


# ---- manners -----------------------------------------------------------------------------------

_LOCK = threading.Lock()
_ROBOTS: dict[str, tuple[float, RobotFileParser]] = {}
_LAST: dict[str, float] = {}


def _is_allowed(url: str) -> bool:
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    with _LOCK:
        kept = _ROBOTS.get(root)
    if kept is None or time.monotonic() - kept[0] > ROBOTS_KEPT:
        kept = time.monotonic(), _robots(root)
        with _LOCK:
            _ROBOTS[root] = kept
    return kept[1].can_fetch(NAME, url)


def _robots(root: str) -> RobotFileParser:
    """What a host allows. A host without robots.txt allows everything, one that forbids reading it nothing (RFC 9309)."""
    rules = RobotFileParser()
    try:
        answer = fetch(f"{root}/robots.txt", obey=False)
        rules.parse(answer.body.decode("utf-8", "replace").splitlines())
    except Unfetched as failed:
        rules.parse(["User-agent: *", "Disallow: /" if "拒绝访问" in str(failed) else "Disallow:"])
    return rules


def _rest(host: str) -> None:
    """Wait until the host has rested since the last request."""
    with _LOCK:
        now = time.monotonic()
        free = max(now, _LAST.get(host, -REST) + REST)
        _LAST[host] = free
    if free > now:
        time.sleep(free - now)
