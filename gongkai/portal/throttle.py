"""Against floods and guessing, without puzzles: counters by address, and a signed stamp in every form.

Counters live in the cache for at most an hour, under a keyed hash; the address itself is kept nowhere.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest

from gongkai.vault import cipher

SALT = "gongkai.portal.form"
QUICKEST = timedelta(seconds=3)
LONGEST = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times within `seconds` for one address, or one code."""

    name: str
    most: int
    seconds: int


WRITING = Limit("write", 30, 3600)  # a village may share one address
TRYING = Limit("try", 20, 600)
GUESSING = Limit("guess", 5, 3600)  # wrong second halves for one code


def address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def over(limit: Limit, who: str) -> bool:
    """Whether the limit is used up already. Counts nothing."""
    return int(cache.get(_key(limit, who), 0)) >= limit.most


def count(limit: Limit, who: str) -> None:
    """One more."""
    key = _key(limit, who)
    cache.add(key, 0, limit.seconds)
    try:
        cache.incr(key)
    except ValueError:  # the window ended between the two calls
        cache.set(key, 1, limit.seconds)


def _key(limit: Limit, who: str) -> str:
    return f"portal:{limit.name}:{cipher.fingerprint(who)[:32]}"


# ---- stamps --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a form was given out, and a word of its own: one stamp brings forth one letter."""

    word: str
    at: datetime

    def is_too_quick(self, now: datetime) -> bool:
        return now - self.at < QUICKEST

    def is_stale(self, now: datetime) -> bool:
        return now - self.at > LONGEST


def new_stamp(now: datetime) -> str:
    return signing.dumps([secrets.token_urlsafe(12), now.isoformat()], salt=SALT)


def read_stamp(text: str) -> Stamp | None:
    """The stamp of a form, or None when it is not one of ours."""
    try:
        word, at = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return None
    return Stamp(word, datetime.fromisoformat(at))


def objection(trap: str, stamp: Stamp | None, now: datetime) -> str:
    """Why a form is not taken as it came, or ''. `trap` is the field people do not see. Nothing is dropped in silence."""
    if trap:
        return "页面里有一栏是防机器人用的，应当空着，已替您清空。请再提交一次。"
    if stamp is None or stamp.is_stale(now):
        return "这一页放得太久了。您写的内容都在，请再提交一次。"
    return "提交得太快了，请看一遍内容，再提交一次。" if stamp.is_too_quick(now) else ""
