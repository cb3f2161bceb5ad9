"""The rail of the desk: where a person may go today, with how much waits there. A context processor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from gongkai.ledger import asks as ledger
from gongkai.ledger import clock
from gongkai.letters import policy as letters
from gongkai.notices import policy as notices
from gongkai.office import policy
from gongkai.opinion import policy as opinion
from gongkai.people.actor import Actor
from gongkai.people.models import Power, Staff
from gongkai.prepared import Prepared
from gongkai.press import policy as press
from gongkai.reviews import policy as reviews
from gongkai.ui import parts


@dataclass(frozen=True, slots=True)
class Door:
    """A page the rail leads to, who is shown it, and which figure stands beside it."""

    group: str
    label: str
    page: str
    open_to: Callable[[Actor], bool]
    counts: str = ""
    also: tuple[str, ...] = ()  # pages beside it that count as it


def _any(*powers: str) -> Callable[[Actor], bool]:
    return lambda actor: any(actor.may(power) for power in powers)


def _works(actor: Actor) -> bool:
    return bool(policy.own_units(actor))


CATALOGUES = (Power.OPENNESS, Power.OVERSEE, Power.LEAD, Power.AUDIT)
DOORS = (
    Door("本人", "我的工作", "office:work", lambda actor: True, "work"),
    Door("本人", "信件", "letters:list", lambda actor: _works(actor) or policy.sees_all(actor), "letters"),
    Door(
        "本人",
        "公文",
        "documents:list",
        lambda actor: bool(actor.units(*reviews.ROLES)) or policy.sees_all(actor),
    ),
    Door("本人", "公开目录", "documents:catalogue", _any(*CATALOGUES)),
    Door("本人", "网站内容", "documents:columns", _any(*CATALOGUES, Power.PUBLISH)),
    Door("本人", "新闻发布", "press:events", _any(Power.PRESS, *press.OVERSEERS)),
    Door("本人", "待我审签", "reviews:list", lambda actor: bool(actor.units(*reviews.ROLES)), "reviews"),
    Door("本人", "通知", "office:notices", lambda actor: True, "unread"),
    Door("本人", "查找", "office:search", lambda actor: _works(actor) or policy.sees_all(actor)),
    Door("本人", "本单位", "office:home_unit", lambda actor: _works(actor) and not policy.sees_all(actor)),
    Door("全县", "看板", "office:board", policy.sees_all),
    Door(
        "全县",
        "未打开",
        "letters:intake",
        _any(Power.ASSIGN, Power.RECEIVE, Power.OVERSEE, Power.LEAD),
        "unopened",
    ),
    Door("全县", "热点", "letters:issues", _any(Power.ASSIGN, Power.OVERSEE, Power.LEAD)),
    Door("全县", "舆情", "opinion:board", opinion.sees_all),
    Door(
        "全县",
        "舆情监测",
        "opinion:stories",
        opinion.may_see,
        also=("opinion:posts", "opinion:post_entry", "opinion:sources", "opinion:plans"),
    ),
    Door(
        "全县",
        "本单位舆情",
        "opinion:list",
        lambda actor: not opinion.sees_all(actor) and _any(Power.RESPOND)(actor),
    ),
    Door("全县", "制度落实", "office:clauses", policy.sees_all),
    Door("管理", "人员与单位", "people:units", _any(Power.ADMINISTER)),
    Door("管理", "值班", "people:roster", lambda actor: True),
    Door("管理", "地方设定", "office:settings", _any(Power.CONFIGURE)),
    Door("管理", "同义词", "office:synonyms", _any(Power.CONFIGURE, Power.OVERSEE)),
    Door("管理", "规则修订", "office:revision", _any(Power.CONFIGURE)),
    Door("管理", "分类建议", "letters:learning", _any(Power.OVERSEE, Power.CONFIGURE)),
    Door("管理", "事实", "office:facts", _any(Power.AUDIT)),
    Door("管理", "导出记录", "office:exports", _any(Power.AUDIT)),
    Door("管理", "账号日志", "people:log", _any(Power.AUDIT)),
)


MOST = 99  # the rail says 99+ of more: how many there are is said on the page it leads to
STANDING = ("work", "letters", "unopened")  # what facts alone change
LIVE = ("reviews", "unread")


def desk(request: HttpRequest) -> dict[str, object]:
    """Return `home_url`, `nav` (doors under their titles) and `doors` (their addresses); nothing outside the office.

    Two queries, or three.
    """
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor) or actor.staff is None or not (home := _url("office:work")):
        return {}
    (doors, doors_of), counts = _doors(actor), _counts(actor, clock.now())
    here = doors_of.get(_current(list(doors_of), request.path, home), "")
    level = actor.place.get_level_display()[:1]
    names = {"全县": f"全{level}"}
    nav = (
        parts.Doors(
            names.get(title, title),
            tuple(
                parts.Door(door.label, url, url == here, _shown(counts.get(door.counts)))
                for door, url in some
            ),
        )
        for title, some in groupby(doors, lambda one: one[0].group)
    )
    return {"home_url": home, "nav": tuple(nav), "doors": {url for _, url in doors}}


@lru_cache(maxsize=256)
def _doors(actor: Actor) -> tuple[list[tuple[Door, str]], dict[str, str]]:
    """The doors that are open to somebody with these powers, and by the address of each page its door's."""
    doors = [(door, url) for door in DOORS if door.open_to(actor) and (url := _url(door.page))]
    also = {_url(page): url for door, url in doors for page in door.also}
    return doors, also | {url: url for _, url in doors}


def _shown(count: int | None) -> int | str | None:
    return f"{MOST}+" if count and count > MOST else count


def _url(page: str) -> str:
    """The address of a page, empty when its room is not mounted in this house."""
    try:
        return reverse(page)
    except NoReverseMatch:
        return ""


def _current(urls: list[str], path: str, home: str) -> str:
    """The nearest door above the page one is on."""
    above = [url for url in urls if path == url or (url != home and path.startswith(url))]
    return max(above, key=len, default="")


class _Count(Subquery):
    """How many rows a query has, at most one more than `MOST`, as a value of another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def _counts(actor: Actor, now: datetime) -> dict[str, int | None]:
    """Duties owed, letters at work, intake unopened, as of the last fact; sheets to sign and notices unread, now."""
    standing = _figures(actor, STANDING).ask_once(ledger.mark(now))[0]
    live = _figures(actor, LIVE).ask()[0]
    return dict(zip((*STANDING, *LIVE), (*standing, *live), strict=True))


@lru_cache(maxsize=512)
def _figures(actor: Actor, names: tuple[str, ...]) -> Prepared[tuple[int | None, ...]]:
    assert actor.staff is not None
    seen = letters.visible_to(actor)
    asked: dict[str, QuerySet[Any]] = {
        "work": policy.owed_by(actor),
        "letters": seen.working(),
        "unopened": seen.unopened(),
        "reviews": reviews.waiting_for(actor),
        "unread": notices.visible_to(actor.staff).unread(),
    }
    counts = (_Count(asked[name].order_by().values("pk")[: MOST + 1]) for name in names)
    return Prepared(Staff.objects.filter(pk=actor.staff.pk).values_list(*counts))
