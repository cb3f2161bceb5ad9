"""Reading a mailbox over IMAP: letters that partners and reporting lines send. Nothing is deleted or marked there."""

from __future__ import annotations

import email
import imaplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from gongkai.opinion.watching.feeds import words
from gongkai.opinion.watching.items import MOST_ID, MOST_TEXT, MOST_TITLE, Item, own_id
from gongkai.opinion.watching.net import TIMEOUT, Unfetched

LETTERS = 100
"""Letters read at a time."""
SIZE = 2 * 1024 * 1024


def new_letters(address: str, password: str, mark: str, now: datetime) -> tuple[list[Item], str]:
    """The letters after `mark` and the mark to go on from. `address` is imaps://name@host/folder. Raises Unfetched."""
    parts = urlsplit(address)
    if parts.scheme != "imaps" or not parts.hostname or not parts.username:
        raise Unfetched(
            "邮箱地址应写作 imaps://用户名@主机/文件夹，例如 imaps://yuqing%40qy.example@mail.qy.example/INBOX。"
        )
    folder = unquote(parts.path.lstrip("/")) or "INBOX"
    try:
        with imaplib.IMAP4_SSL(
            parts.hostname, parts.port or 993, ssl_context=ssl.create_default_context(), timeout=TIMEOUT
        ) as box:
            box.login(unquote(parts.username), password)
            if box.select(f'"{folder}"', readonly=True)[0] != "OK":
                raise Unfetched(f"邮箱里没有文件夹 {folder}。")
            return _read(box, mark, now)
    except imaplib.IMAP4.error as error:
        raise Unfetched(f"邮箱拒绝登录或读取：{str(error)[:80]}。请核对用户名和口令。") from None
    except (OSError, ssl.SSLError) as error:
        raise Unfetched(f"连接不上邮箱（{type(error).__name__}）。") from None


def _read(box: imaplib.IMAP4_SSL, mark: str, now: datetime) -> tuple[list[Item], str]:
    """UIDs grow within a validity; another validity means the folder was made anew and is read from the start."""
    validity = (box.response("UIDVALIDITY")[1] or [b""])[0] or b""
    known, _, last = mark.partition(":")
    after = int(last) if known == validity.decode() and last.isdigit() else 0
    _, found = box.uid("SEARCH", f"UID {after + 1}:*")
    uids = sorted(uid for uid in map(int, (found[0] or b"").split()) if uid > after)[:LETTERS]
    items = []
    for uid in uids:
        _, answer = box.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{SIZE}>)")
        raw = next((part[1] for part in answer if isinstance(part, tuple)), b"")
        if item := letter(raw, now):
            items.append(item)
    return items, f"{validity.decode()}:{max([after, *uids])}"


def letter(raw: bytes, now: datetime) -> Item | None:
    """A letter as an item: subject, text, day; its sender is the author. None when it says nothing."""
    message = email.message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    part = message.get_body(("plain", "html"))
    try:
        text = words(part.get_content() if part is not None else "")[:MOST_TEXT]
    except (LookupError, UnicodeDecodeError, KeyError):
        text = ""
    title = str(message.get("Subject", "")).strip()[:MOST_TITLE]
    if not text and not title:
        return None
    try:
        at = parsedate_to_datetime(str(message["Date"])) if message["Date"] else now
    except ValueError:
        at = now
    at = min(at if at.tzinfo else at.replace(tzinfo=UTC), now)
    name = str(message.get("Message-ID", "")).strip()
    name = name if 0 < len(name) <= MOST_ID else own_id("", at, f"{title}\n{text}")
    return Item(name, text or title, at, title if text else "", author=str(message.get("From", "")))
