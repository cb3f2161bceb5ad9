"""Who a request comes from: session and person, each one prepared question on every page of the office."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import BigIntegerField, CharField, DateTimeField
from django.utils import timezone

from gongkai.people.models import Staff
from gongkai.prepared import Prepared, Slot


class SessionStore(db.SessionStore):
    """Sessions in the database, as Django keeps them."""

    def _get_session_from_db(self) -> Session | None:
        found = _session().ask(key=self.session_key, now=timezone.now())
        if not found:
            self._session_key = None
        return found[0] if found else None

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """What a session holds. Whether it was signed here is looked at once, for the same words are signed alike."""
        held: dict[str, Any] = json.loads(_opened(session_data))
        return held


@lru_cache(maxsize=1024)
def _opened(session_data: bytes | str) -> str:
    return json.dumps(db.SessionStore().decode(session_data))


class People(AuthenticationBackend):  # type: ignore[misc]
    """As allauth signs people in; a person comes with their place. An account that is off is nobody."""

    def get_user(self, user_id: int) -> Staff | None:
        found = _staff().ask(id=user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None


@cache
def _session() -> Prepared[Session]:
    key, now = Slot("key", CharField()), Slot("now", DateTimeField())
    return Prepared(Session.objects.filter(session_key=key, expire_date__gt=now))


@cache
def _staff() -> Prepared[Staff]:
    return Prepared(Staff.objects.filter(pk=Slot("id", BigIntegerField())).select_related("place"))
