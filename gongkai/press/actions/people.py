"""The rosters: spokespersons, what they were trained in, experts, outlets and journalists."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongkai.people.actor import Actor
from gongkai.people.models import Unit
from gongkai.press import policy
from gongkai.press.actions.report import around, need
from gongkai.press.models import Expert, Journalist, Outlet, Spokesperson, Training
from gongkai.vault import cipher


@transaction.atomic
def save_spokesperson(
    *, by: Actor, at: datetime, unit: Unit, row: Spokesperson | None = None, **fields: Any
) -> Spokesperson:
    """Put somebody on the roster, or change what stands there. The roster with its phones is on the portal."""
    policy.may_keep_roster(by, unit.pk).enforce()
    if row is not None:
        policy.may_keep_roster(by, row.unit_id).enforce()
    row = row or Spokesperson(place=unit.place)
    row.unit = unit
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    around(unit.place, "press.roster", at)
    return row


@transaction.atomic
def add_training(
    person: Spokesperson, *, by: Actor, at: datetime, on: date, ability: str, title: str, hours: int = 0
) -> Training:
    """Note what a spokesperson was trained in."""
    policy.may_keep_roster(by, person.unit_id).enforce()
    title = need(title, "没有写培训内容", "请写培训的题目。")
    row, _made = Training.objects.get_or_create(
        spokesperson=person, on=on, ability=ability, title=title[:120], defaults={"hours": hours}
    )
    return row


@transaction.atomic
def save_expert(*, by: Actor, at: datetime, row: Expert | None = None, **fields: Any) -> Expert:
    """Put an expert into the pool, or change what stands there."""
    unit = fields.get("unit")
    policy.may_keep_roster(by, unit.pk if unit else None).enforce()
    row = row or Expert(place=by.place)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return row


@transaction.atomic
def save_outlet(*, by: Actor, at: datetime, row: Outlet | None = None, **fields: Any) -> Outlet:
    """Enter an outlet, or change what stands there."""
    policy.may_keep_media(by).enforce()
    row = row or Outlet(place=by.place)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return row


@transaction.atomic
def save_journalist(
    outlet: Outlet,
    *,
    by: Actor,
    at: datetime,
    name: str,
    credential: str = "",
    beat: str = "",
    contact: str = "",
    is_active: bool = True,
    row: Journalist | None = None,
) -> Journalist:
    """Enter a journalist. An empty contact leaves the one that is kept; it is encrypted and shown masked."""
    policy.may_keep_media(by).enforce()
    row = row or Journalist(outlet=outlet)
    row.name, row.credential, row.beat, row.is_active = name, credential, beat, is_active
    if contact.strip():
        row.contact = cipher.seal({"contact": contact.strip()})
        row.masked = masked(contact.strip())
    row.save()
    return row


def masked(contact: str) -> str:
    """What may be seen of a phone number or an address: 138****5678, z***@example.cn."""
    name, at, host = contact.partition("@")
    if at:
        return f"{name[:1]}***@{host}"[:32]
    return f"{contact[:3]}****{contact[-4:]}" if len(contact) > 7 else "****"
