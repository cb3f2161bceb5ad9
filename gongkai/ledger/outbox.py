"""The outbox: effects written with the facts that cause them, carried out afterwards, at least once.

A handler is given the payload (ids only) and must be safe to call twice. What fails is tried again with
growing pauses; after the last try it is given up and stays visible.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from gongkai.ledger.models import Effect

log = logging.getLogger(__name__)

TRIES = 8
Handler = Callable[[dict[str, Any], datetime], datetime | None]
HANDLERS: dict[str, Handler] = {}


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register what carries out a kind of effect. It may return a later instant to be asked again (quiet hours)."""

    def register(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        return handler

    return register


def post(kind: str, key: str, payload: dict[str, Any], due_at: datetime) -> None:
    """Put one effect out, once per key, in the caller's transaction."""
    Effect.objects.bulk_create(
        [Effect(kind=kind, key=key, payload=payload, due_at=due_at)], ignore_conflicts=True
    )


def deliver(now: datetime, limit: int = 100) -> int:
    """Carry out what is due; how many effects were taken up. Each in its own transaction."""
    due = list(
        Effect.objects.filter(done_at=None, failed_at=None, due_at__lte=now)
        .order_by("due_at")
        .values_list("pk", flat=True)[:limit]
    )
    for pk in due:
        _deliver_one(pk, now)
    return len(due)


def _deliver_one(pk: int, now: datetime) -> None:
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        effect = (
            Effect.objects.select_for_update(skip_locked=skip)
            .filter(pk=pk, done_at=None, failed_at=None)
            .first()
        )
        if effect is None:
            return
        try:
            with transaction.atomic():
                later = HANDLERS[effect.kind](effect.payload, now)
        except Exception as error:  # a handler may fail in any way; the effect must survive it
            effect.attempts += 1
            effect.error = f"{type(error).__name__}: {error}"[:300]
            effect.due_at = now + timedelta(minutes=2**effect.attempts)
            effect.failed_at = now if effect.attempts >= TRIES else None
            log.warning("effect %s failed: %s", effect.key, effect.error)
        else:
            if later is not None and later > now:
                effect.due_at = later
            else:
                effect.done_at = now
        effect.save()


def hurry(key: str, now: datetime) -> None:
    """Carry an effect out as soon as the surrounding transaction holds; if that fails the loop comes back to it."""

    def at_once() -> None:
        for pk in Effect.objects.filter(key=key, done_at=None).values_list("pk", flat=True):
            _deliver_one(pk, now)

    transaction.on_commit(at_once, robust=True)


def deliver_all(now: datetime) -> int:
    """Deliver until nothing more is due."""
    total = 0
    while count := deliver(now):
        total += count
    return total
