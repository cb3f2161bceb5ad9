"""The verbs of the ledger: open a matter, record facts, fold, sweep, link, set. The only file that writes it.

Whoever records locks the matter's row first; so does the sweep. What a fold gives is compared with what is
written, and the difference is written in the same transaction, with the effects that follow from it.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import DateTimeField
from django.utils.translation import gettext as _

from gongkai.law import fold as law
from gongkai.law.calendar import SHANGHAI
from gongkai.ledger import bulk, clock, lawbook, revision, seals
from gongkai.ledger.choices import CHOICES
from gongkai.ledger.difference import DUTY, UNIT, Difference, Owners
from gongkai.ledger.models import (
    Counter,
    Entry,
    Fact,
    Link,
    Matter,
    Obligation,
    RulesEdition,
    RulesSource,
    Setting,
)
from gongkai.ledger.opening import ENTRY, FACT, MATTER, NewMatter, Opener, Opening, Owner
from gongkai.ledger.vocabulary import KINDS, Kind
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Power, Unit
from gongkai.prepared import Prepared, Slot
from gongkai.ui.refusal import Refused

PROMPT = timedelta(hours=1)  # a fact recorded later than this after it happened needs a reason


# ---- numbers and matters ---------------------------------------------------------------------------------------


def numbers(prefix: str, at: datetime, count: int = 1) -> list[str]:
    """Reserve numbers of a day, e.g. LY-2025-0926-0147. Inside a transaction."""
    series = f"{prefix}-{at.astimezone(SHANGHAI):%Y-%m%d}"
    last = bulk.add(Counter, "series", "last", series, count)
    return [f"{series}-{number:04}" for number in range(last - count + 1, last + 1)]


def open_matter(
    number: str, *, room: str, title: str, place: Place, unit: Unit | None, at: datetime
) -> Matter:
    return Matter.objects.create(
        number=number, room=room, title=title[:200], place=place, unit=unit, opened_at=at
    )


def assign_matter(matter: Matter, unit: Unit) -> None:
    """Say which unit a matter is with now; the fact that says why is recorded by the room."""
    Matter.objects.filter(pk=matter.pk).update(unit=unit)
    matter.unit = unit


# ---- facts -----------------------------------------------------------------------------------------------------


@transaction.atomic
def record(
    kind: Kind,
    *,
    matter: Matter,
    by: Actor,
    at: datetime,
    details: Mapping[str, Any] | None = None,
    corrects: Fact | None = None,
    because: str = "",
) -> Fact:
    """Record one fact and fold its matter. Acknowledged when the surrounding transaction commits.

    Raises Refused when the kind is unknown or when a fact is dated back, or corrects another, without a reason.
    """
    if kind.name not in KINDS:
        raise Refused(_("没有“%(kind)s”这种事实") % {"kind": kind.name})
    recorded_at = clock.now()
    if not because and (corrects is not None or recorded_at - at > PROMPT):
        raise Refused(
            _("补记或更正要写明事由"),
            remedy=_("请填写为什么现在才记录，或更正了什么；事由会和记录时间一起显示。"),
        )
    seals.share_lock()
    locked = Matter.objects.locked(matter.pk)
    fact = Fact(
        matter=locked,
        kind=kind.name,
        happened_at=at,
        recorded_at=recorded_at,
        by=by.staff,
        by_unit_id=by.home,
        details=dict(details or {}),
        corrects=corrects,
        because=because[:200],
    )
    values = [getattr(fact, name) for name in seals.FACT_FIELDS[1:]]
    fact.pk, fact._state.adding = bulk.insert_one(Fact, seals.FACT_FIELDS[1:], tuple(values)), False
    _refold([locked], recorded_at)
    matter.next_at, matter.folded_at = locked.next_at, locked.folded_at
    return fact


def record_many(news: Sequence[NewMatter], *, by: Actor) -> list[Matter]:
    """Open many matters with their facts in one transaction: what imports use. Sends no notices."""
    opener = Opener({new.place.code for new in news}, by, clock.now())
    keys = write_openings([opener.open(new) for new in news])
    matters = list(Matter.objects.filter(pk__in=keys).order_by("pk"))
    for matter, new in zip(matters, news, strict=True):
        matter.place, matter.unit = new.place, new.unit
    return matters


@transaction.atomic(
    savepoint=False
)  # under a savepoint SQLite pays for every row by all pages written so far
def write_openings(openings: Sequence[Opening]) -> Sequence[int]:
    """Write matters that are opened and folded already; their primary keys, in order."""
    seals.share_lock()
    keys = bulk.reserve(Matter, len(openings))
    fact_keys = iter(bulk.reserve(Fact, sum(len(one.facts) for one in openings)))
    now, units = clock.now(), Owners()
    places = {
        code: Matter(place=place, folded_at=now)
        for code, place in Place.objects.in_bulk({one.place for one in openings}).items()
    }
    owes: dict[tuple[str, Owner], int | None] = {
        (place, owner): units.find(places[place], *owner) for place, owner in set(_owners(openings))
    }
    matters: list[Sequence[Any]] = []
    facts: list[Sequence[Any]] = []
    duties: list[Sequence[Any]] = []
    entries: list[Sequence[Any]] = []
    for matter, one in zip(keys, openings, strict=True):
        pks = [0, *islice(fact_keys, len(one.facts))]
        matters.append((matter, one.number, *one.matter))
        facts += [(pk, matter, *values) for pk, values in zip(pks[1:], one.facts, strict=True)]
        for words, seq, owner, values in one.duties:
            values[UNIT] = owes[one.place, owner]
            duties.append((matter, f"{words}#{pks[seq]}", *values))
        entries += [
            (matter, f"{words}#{pks[seq]}", owes[one.place, owner], pks[fact] or None, *values)
            for words, seq, fact, owner, values in one.entries
        ]
    bulk.insert_ready(Matter, ("id", "number", *MATTER), matters)
    bulk.insert_ready(Fact, ("id", "matter_id", *FACT), facts)
    bulk.insert_ready(Obligation, ("matter_id", "key", *DUTY), duties)
    bulk.insert_ready(Entry, ("matter_id", "key", "unit_id", "fact_id", *ENTRY), entries)
    return keys


def _owners(openings: Iterable[Opening]) -> Iterator[tuple[str, Owner]]:
    for one in openings:
        yield from ((one.place, owner) for _words, _seq, owner, _values in one.duties)
        yield from ((one.place, owner) for _words, _seq, _fact, owner, _values in one.entries)


def void(fact: Fact, *, by: Actor, because: str) -> Fact:
    """Take back a fact that did not happen. The fact stays; what followed from it is undone and shown as undone."""
    from gongkai.ledger.vocabulary import VOIDED

    return record(VOIDED, matter=fact.matter, by=by, at=clock.now(), corrects=fact, because=because)


@transaction.atomic
def link(kind: Link.Kind, source: Matter, target: Matter, fact: Fact | None = None) -> Link:
    """Tie two matters, once."""
    tie, _made = Link.objects.get_or_create(kind=kind, source=source, target=target, defaults={"fact": fact})
    return tie


# ---- folding ---------------------------------------------------------------------------------------------------


def as_law(fact: Fact) -> law.Fact:
    """A stored fact as the fold reads it."""
    return law.Fact(
        fact.pk, fact.kind, fact.happened_at, fact.recorded_at, fact.details, fact.corrects_id,
        str(fact.by_id or ""),
    )  # fmt: skip


def sweep(now: datetime, limit: int = 200) -> int:
    """Fold the matters whose time has come, oldest first; how many. Any number of sweepers may run.

    Looks before it locks anything: most of the time nothing is due.
    """
    return _sweep(now, limit) if _due().ask(now=now) else 0


@cache
def _due() -> Prepared[tuple[int]]:
    return Prepared(Matter.objects.filter(next_at__lte=Slot("now", DateTimeField())).values_list("pk")[:1])


@transaction.atomic
def _sweep(now: datetime, limit: int) -> int:
    seals.share_lock()
    queue = Matter.objects.due(now).order_by("next_at")
    queue = queue.select_for_update(
        skip_locked=connection.features.has_select_for_update_skip_locked, of=("self",)
    )
    matters = list(queue[:limit])
    _refold(matters, now)
    return len(matters)


def sweep_all(now: datetime) -> int:
    """Sweep until nothing is due; what a night without the loop leaves is caught up here."""
    total = 0
    while count := sweep(now):
        total += count
    return total


@transaction.atomic
def refold(pks: Sequence[int], now: datetime, *, dry: bool = False, still: bool = False) -> list[int]:
    """Fold matters again after rules or calendar changed; the matters in which something differs.

    With `dry` nothing is written. With `still` each is folded at the instant it was last folded: what time has
    brought since is left to the sweep.
    """
    seals.share_lock()
    matters = list(Matter.objects.filter(pk__in=pks).select_for_update(of=("self",)).order_by("pk"))
    return _refold(matters, now, dry=dry, still=still)


def differing(pks: Sequence[int]) -> list[int]:
    """Matters whose written duties or entries are not what their facts give, folded at the instant last written."""
    matters = list(Matter.objects.filter(pk__in=pks, folded_at__isnull=False).select_related("place"))
    if not matters:
        return []
    difference = Difference(matters, clock.now())
    moved = {m.pk for m in matters if difference.fold(m, m.folded_at or m.opened_at).next_at != m.next_at}
    return sorted({*difference.changed, *moved})


def _refold(matters: Sequence[Matter], now: datetime, *, dry: bool = False, still: bool = False) -> list[int]:
    """Fold locked matters and write the difference, unless `dry`; the matters in which something differs."""
    if not matters:
        return []
    difference = Difference(matters, now)
    for matter in matters:
        folded_at = matter.folded_at or (matter.opened_at if still else now)
        instant = folded_at if still else max(now, folded_at)
        matter.next_at, matter.folded_at = difference.fold(matter, instant).next_at, instant
        matter.rules_version = lawbook.version(matter.place_id)
    if not dry:
        difference.write()
        bulk.update(
            Matter, ("next_at", "folded_at", "rules_version"),
            ((m.next_at, m.folded_at, m.rules_version, m.pk) for m in matters),
        )  # fmt: skip
    return difference.changed


# ---- rules in use ----------------------------------------------------------------------------------------------


def adopt(now: datetime, by: Actor, *, batch: int = 200) -> RulesEdition:
    """Fold every matter of the actor's place anew that was folded with other rules, and keep who signed for them.

    The rules are kept whole: until others are signed for, matters fold by them, whatever stands on disk.
    What is written is what `revision.page` shows; time that has passed since is left to the sweep. Raises Refused
    when the person may not, or when the system would change something that is written: that is for
    a person who has seen it.
    """
    if by.is_system:
        if not revision.is_harmless(by.place, now):
            raise Refused(
                _("规则改动后，账上有事项会变，要由人签字"),
                remedy=_(
                    "请有“地方设定”权限的人在工作台“规则修订”里看过再签，或运行 bin/gongkai ledger adopt。"
                ),
            )
    elif not by.may(Power.CONFIGURE):
        raise Refused(_("只有负责地方设定的人可以签字"))
    count = changed = 0
    with lawbook.proposed():
        while pks := list(revision.affected(by.place).values_list("pk", flat=True)[:batch]):
            count, changed = count + len(pks), changed + len(refold(pks, now, still=True))
        edition = RulesEdition.objects.create(
            place=by.place, version=lawbook.version(by.place.code), source=_kept(lawbook.sources()),
            adopted_at=now, by=by.staff, matters=count, changed=changed,
        )  # fmt: skip
        # what another process folded meanwhile by the rules before
        while pks := list(revision.affected(by.place).values_list("pk", flat=True)[:batch]):
            refold(pks, now, still=True)
    return edition


def _kept(files: Mapping[str, str]) -> RulesSource:
    """The texts of packs and calendars as one row, whoever signs for them."""
    raw = json.dumps(files, ensure_ascii=False, sort_keys=True).encode()
    digest = hashlib.sha256(raw).hexdigest()
    return RulesSource.objects.get_or_create(digest=digest, defaults={"content": zlib.compress(raw)})[0]


@transaction.atomic
def configure(
    place: Place, subject: str, key: str, value: Any, *, from_on: Any, by: Actor, at: datetime
) -> Setting:
    """Add a local setting. Raises Refused when neither a pack nor the house leaves this value to the place."""
    if not (by.is_system or by.may(Power.CONFIGURE)):
        raise Refused(_("只有负责地方设定的人可以这样做"))
    rules = lawbook.rules(place.code)
    duty = rules.duty(subject, from_on, at)
    category = rules.lists.get(subject)
    if duty is not None and key not in duty.local:
        raise Refused(
            _("“%(says)s”的 %(key)s 由规章规定，不能在本地改") % {"says": duty.says, "key": key},
            cite=duty.cite,
        )
    if category is not None and not category.open:
        raise Refused(_("这个清单是封闭的，不能增加"), cite=category.cite)
    if choice := CHOICES.get((subject, key)):
        choice.may_be(value).enforce()
    row = Setting.objects.create(
        place=place, subject=subject, key=key, value=value, from_on=from_on, by=by.staff, recorded_at=at
    )
    if duty is not None:
        lawbook.rules(place.code).duty(subject, from_on, at)  # a value that cannot be read is refused here
    return row
