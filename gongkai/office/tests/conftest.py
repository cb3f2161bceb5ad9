from __future__ import annotations

import pytest
from django.test import Client

from gongkai.ledger import actions as ledger
from gongkai.ledger import clock
from gongkai.letters import actions
from gongkai.letters.models import Letter
from gongkai.people.models import Staff
from tests.world import moment


@pytest.fixture
def signed_in(client):
    """A browser in which a person is signed in: `signed_in(county.wang_min)`."""

    def sign_in(staff: Staff) -> Client:
        client.force_login(staff)
        return client

    return sign_in


@pytest.fixture
def letter(county):
    """Take a letter in at a time, and give it to a unit an hour later when one is named."""

    def receive(
        at: str, title: str = "电梯反复停运", unit: str = "", source: str = "群众来信", **more
    ) -> Letter:
        now = moment(at)
        with clock.set_to(now):
            found = actions.receive(
                county.place,
                source=source,
                title=title,
                text=f"{title}。请尽快处理。",
                person={"name": "张三", "phone": "13800000000"},
                by=county.actor("zhao_jing"),
                at=now,
                now=now,
                **more,
            )
        if unit:
            assign(found, unit)
        return found

    def assign(found: Letter, unit: str) -> None:
        later = found.received_at.replace(minute=found.received_at.minute + 1)
        lead = county.actor("zhao_jing")
        with clock.set_to(later):
            nature = found.nature or "投诉"
            actions.classify(found, by=lead, at=later, nature=nature, time_class="调查核实", triage="一般")
            actions.assign(found, county.units[unit], by=lead, at=later)
        found.refresh_from_db()

    return receive


@pytest.fixture
def swept():
    """Let the clocks run up to an instant."""

    def sweep(at: str) -> None:
        now = moment(at)
        with clock.set_to(now):
            ledger.sweep_all(now)

    return sweep


def text_of(response) -> str:
    return response.content.decode()
