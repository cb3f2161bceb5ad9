"""The verbs of collecting: keep sources and plans, fetch what is due, take what is pushed or entered by hand."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from gongkai.opinion import policy
from gongkai.opinion.actions.streaming import Taken, take_in
from gongkai.opinion.models import Plan, Source
from gongkai.opinion.watching import feeds, mail, net, pages
from gongkai.opinion.watching.items import Item
from gongkai.people.actor import Actor
from gongkai.people.models import Place
from gongkai.text.plan import PlanError, parse
from gongkai.ui.refusal import Refused
from gongkai.vault import cipher

log = logging.getLogger("gongkai.opinion")

LEASE = timedelta(minutes=10)  # how long a source taken up is left to whoever took it
LONGEST = timedelta(hours=12)  # between two tries of a source that fails
SOONEST = 5  # minutes between two visits of a source
A_ROUND = 20  # sources of one round of the job


# ---- sources and plans -------------------------------------------------------------------------


@transaction.atomic
def save_source(
    place: Place, given: Mapping[str, Any], *, by: Actor, at: datetime, source: Source | None = None
) -> tuple[Source, str]:
    """Add or change a source; with it the push token, told once, where one was made.

    `given` are fields of the source; `password` (of a mailbox) is sealed; an empty one leaves the old one.
    """
    policy.may_watch(by).enforce()
    source = Source.objects.select_for_update().get(pk=source.pk) if source else Source(place=place)
    moved = (source.address, source.how, source.selector) != tuple(
        given[name] for name in ("address", "how", "selector")
    )
    for name in (
        "name",
        "kind",
        "how",
        "tier",
        "address",
        "selector",
        "every",
        "mode",
        "only_matching",
        "is_on",
    ):
        setattr(source, name, given[name])
    source.every = max(SOONEST, source.every)
    if source.how in (Source.How.FEED, Source.How.PAGE):
        _may_be_fetched(source.address)
    if password := given.get("password"):
        source.secret = cipher.seal(password)
    if moved:
        source.mark = source.changed = source.error = ""
        source.visited = []
        source.failures, source.due_at = 0, at if source.is_fetched else None
    token = _new_token(source) if source.how == Source.How.PUSH and not source.token_print else ""
    if source.how != Source.How.PUSH:
        source.token_print = ""
    source.save()
    return source, token


def _may_be_fetched(address: str) -> None:
    """Refuse what could never be fetched; a site that is down today may be."""
    try:
        net.check(address)
    except net.Unfetched as wrong:
        if "找不到" not in str(wrong):
            raise Refused(str(wrong)) from None


@transaction.atomic
def renew_token(source: Source, *, by: Actor) -> str:
    """A new push token; the old one does not open any more."""
    policy.may_watch(by).enforce()
    source = Source.objects.select_for_update().get(pk=source.pk, how=Source.How.PUSH)
    token = _new_token(source)
    source.save(update_fields=["token_print"])
    return token


def _new_token(source: Source) -> str:
    token = secrets.token_urlsafe(32)
    source.token_print = cipher.fingerprint(token)
    return token


def source_of_token(token: str) -> Source | None:
    """The source that pushes with a token, if it is switched on."""
    found = Source.objects.filter(token_print=cipher.fingerprint(token), how=Source.How.PUSH, is_on=True)
    return found.select_related("place").first() if token else None


@transaction.atomic
def try_now(source: Source, *, by: Actor, at: datetime) -> None:
    """Have a source fetched with the next round, however long it was to wait."""
    policy.may_watch(by).enforce()
    Source.objects.filter(pk=source.pk).update(due_at=at)


@transaction.atomic
def save_plan(place: Place, given: Mapping[str, Any], *, by: Actor, plan: Plan | None = None) -> Plan:
    """Add or change a plan. Posts taken from now on are read by it; those taken before are not read again."""
    policy.may_watch(by).enforce()
    try:
        parse(given["expression"])
    except PlanError as wrong:
        raise Refused(f"表达式写错了。{wrong}") from None
    plan = plan or Plan(place=place)
    for name in ("name", "mode", "expression", "from_at", "until_at", "is_on"):
        setattr(plan, name, given[name])
    plan.save()
    plan.units.set(given.get("units", ()))
    return plan


# ---- what comes in -----------------------------------------------------------------------------


def inside(place: Place, kind: str, name: str, *, by: Actor) -> Source:
    """The source by which another room of this desk is heard; made on first use. People may rename it or switch it off."""
    policy.may_watch(by).enforce()
    found = Source.objects.filter(place=place, how=Source.How.INSIDE, kind=kind).first()
    return (
        found
        or Source.objects.get_or_create(
            place=place, name=name, defaults={"how": Source.How.INSIDE, "kind": kind}
        )[0]
    )


def receive(source: Source, items: list[Item], *, by: Actor, at: datetime) -> Taken:
    """Take what was pushed, imported or entered, and note that the source is well."""
    taken = take_in(source, items, by=by, at=at)
    Source.objects.filter(pk=source.pk).update(
        tried_at=at, good_at=at, failures=0, error="", seen=F("seen") + taken.taken
    )
    return taken


def enter(source: Source, item: Item, *, by: Actor, at: datetime) -> Taken:
    """Take one thing a person saw or heard."""
    policy.may_watch(by).enforce()
    if not source.is_on:
        raise Refused("这个来源已经停用", remedy="请换一个来源，或先启用它。")
    return receive(source, [item], by=by, at=at)


def collect(now: datetime) -> int:
    """Fetch the sources that are due; how many posts were new. Not inside a transaction: it waits for others.

    A source is taken up by moving its due time a lease ahead, so any number may collect at the same time.
    """
    due = Source.objects.filter(
        is_on=True, place__is_open=True, how__in=(Source.How.FEED, Source.How.PAGE, Source.How.MAIL)
    )
    due = due.filter(Q(due_at=None) | Q(due_at__lte=now)).select_related("place").order_by("due_at", "pk")
    found = 0
    for source in due[:A_ROUND]:
        mine = Source.objects.filter(pk=source.pk, due_at=source.due_at)
        if mine.update(due_at=now + LEASE, tried_at=now):
            found += _collect(source, now)
    return found


def _collect(source: Source, now: datetime) -> int:
    """Fetch one source and note how it went. After failures the pause doubles, up to half a day."""
    try:
        found = fetch(source, now)
        taken = (
            take_in(source, found.items, by=Actor.system(source.place), at=now) if found.items else Taken()
        )
    except Exception as error:  # a source may fail in any way; the others must still be read
        says = str(error) if isinstance(error, net.Unfetched) else f"读取时出错（{type(error).__name__}）。"
        failures = source.failures + 1
        pause = min(timedelta(minutes=source.every) * 2 ** min(failures, 12), LONGEST)
        Source.objects.filter(pk=source.pk).update(failures=failures, error=says[:200], due_at=now + pause)
        log.warning("source %s failed: %s", source.pk, says)
        return 0
    Source.objects.filter(pk=source.pk).update(
        good_at=now, failures=0, error="", mark=found.mark, changed=found.changed, visited=found.visited, seen=F("seen") + taken.taken,
        due_at=now + timedelta(minutes=max(SOONEST, source.every)),
    )  # fmt: skip
    return taken.taken


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a source had that is new, and where to go on from."""

    items: list[Item]
    mark: str = ""
    changed: str = ""
    visited: list[str] = field(default_factory=list)


def fetch(source: Source, now: datetime) -> Fetched:
    """Ask a source for what is new. Raises Unfetched."""
    if source.how == Source.How.MAIL:
        items, mark = mail.new_letters(source.address, cipher.unseal(source.secret) or "", source.mark, now)
        return Fetched(items, mark)
    answer = net.fetch(source.address, etag=source.mark, changed=source.changed)
    if answer.is_same:
        return Fetched([], source.mark, source.changed, source.visited)
    if source.how == Source.How.FEED:
        return Fetched(feeds.items_of(answer, now), answer.etag, answer.changed)
    items, visited = pages.new_items(answer, source.selector, source.visited, net.fetch, now)
    return Fetched(items, visited=visited)
