"""What the ledger's own effects do: an entry worth knowing becomes a notice to those who owe it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gongkai.law.explain import end_zh
from gongkai.ledger import asks
from gongkai.ledger.models import Entry, Obligation
from gongkai.ledger.outbox import handles
from gongkai.notices import actions as notices

URGENT = {Entry.Whats.BREACHED, Entry.Whats.ESCALATED}


@handles("notice.entry")
def tell_entry(payload: dict[str, Any], now: datetime) -> datetime | None:
    """Tell the unit that owes; after a breach also those who oversee the place. Undone entries tell nobody.

    Clocks of hours run through nights and holidays, and so do their reminders.
    """
    entry = Entry.objects.select_related("matter__place", "unit").get(pk=payload["entry"])
    if entry.undone_by.exists():
        return None
    obligation = Obligation.objects.filter(matter=entry.matter, key=entry.key).select_related("unit").first()
    unit = entry.unit or (obligation.unit if obligation else None)
    if obligation is None or unit is None or (obligation.settled_at and entry.what not in URGENT):
        return None
    says = asks.says_of(entry.matter.place_id, obligation.duty)
    due = f"，{end_zh(obligation.due_at)} 前" if obligation.due_at else ""
    return notices.tell(
        key=f"entry:{entry.pk}",
        unit=unit,
        place=entry.matter.place,
        title=f"{entry.get_what_display()}：{says}",
        body=f"{entry.matter.title}（{entry.matter.number}）{due}",
        number=entry.matter.number,
        urgent=entry.what in URGENT or asks.runs_by_night(entry.matter.place_id, obligation.duty),
        overseers=entry.what in URGENT,
        now=now,
    )
