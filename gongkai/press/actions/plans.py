"""The plan by which major information is spread, on whatever matter it belongs to."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from gongkai.ledger import actions as ledger
from gongkai.ledger.models import Matter
from gongkai.people.actor import Actor
from gongkai.people.models import Unit
from gongkai.press import facts, policy
from gongkai.press.actions.report import when
from gongkai.press.models import Plan
from gongkai.ui.refusal import Refused


@transaction.atomic
def plan_dissemination(
    matter: Matter,
    *,
    by: Actor,
    at: datetime,
    channel: str,
    on: datetime,
    unit: Unit,
    who: str = "",
    words: str = "",
) -> Plan:
    """Add a line to the plan of a matter: which channel, when, who, what to bring out."""
    policy.may_plan_dissemination(by, matter).enforce()
    row, made = Plan.objects.get_or_create(
        matter=matter, channel=channel, on=on, unit=unit,
        defaults={"who": who.strip()[:32], "words": words.strip()[:300], "by": by.staff},
    )  # fmt: skip
    if not made:
        return row
    details = {"channel": channel, "on": when(on)}
    ledger.record(facts.DISSEMINATION_PLANNED, matter=matter, by=by, at=at, details=details)
    return row


@transaction.atomic
def note_dissemination(row: Plan, *, by: Actor, at: datetime, reach: int | None = None) -> Plan:
    """Note that a line of the plan was carried out, and whom it reached."""
    row = Plan.objects.select_for_update(of=("self",)).select_related("matter").get(pk=row.pk)
    policy.may_plan_dissemination(by, row.matter).enforce()
    if row.done_at is not None:
        raise Refused("这一条已经完成")
    row.done_at, row.reach = at, reach
    row.save(update_fields=["done_at", "reach"])
    details = {"channel": row.channel, "reach": reach}
    ledger.record(facts.DISSEMINATION_DONE, matter=row.matter, by=by, at=at, details=details)
    return row
