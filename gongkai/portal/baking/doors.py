"""What the outbox asks of the baked site."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gongkai.ledger.outbox import handles
from gongkai.portal.baking import actions


@handles(actions.EFFECT)
def renew(payload: dict[str, Any], now: datetime) -> datetime | None:
    """Bake again what a release, a change or a withdrawal touches."""
    actions.renew(payload, now)
    return None
