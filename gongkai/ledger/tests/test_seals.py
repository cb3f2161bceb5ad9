"""Seals: what is sealed verifies, what was tampered with is named."""

import pytest
from django.db import connection

from gongkai.ledger import actions, clock, seals, triggers
from gongkai.ledger.models import Entry, Fact, Seal
from gongkai.letters import facts
from gongkai.people.actor import Actor
from tests.world import moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(county):
    by = Actor.system(county.place)
    for number in range(6):
        now = moment(f"2026-03-0{number + 1} 10:00")
        with clock.set_to(now):
            matter = actions.open_matter(
                f"T-{number}", room="letters", title="试", place=county.place, unit=None, at=now
            )
            actions.record(facts.RECEIVED, matter=matter, by=by, at=now, details={"source": "政务信箱"})
        if number % 2:
            assert seals.seal(now)
    return county


def test_an_untouched_ledger_verifies(sealed):
    assert sum(seals.verify()) == Fact.objects.count() + Entry.objects.count()
    assert Seal.objects.count() == 3
    assert seals.seal(moment("2026-03-09 10:00")) is None


def test_the_root_is_sm3_over_the_previous_root_and_the_digests(sealed):
    first, second = Seal.objects.order_by("id")[:2]
    assert seals.sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert second.root == seals.sm3(bytes.fromhex(first.root) + bytes(second.digests)).hex()


@pytest.mark.parametrize("which", [0, 3, 5])
def test_one_tampered_fact_is_named(sealed, which):
    row = Fact.objects.order_by("id")[which]
    with triggers.lifted(connection):
        Fact.objects.filter(pk=row.pk).update(details={"source": "群众来信"})
    *_, damage = seals.verify()
    assert (damage.table, damage.row) == ("事实", row.pk)


def test_one_tampered_entry_is_named(sealed):
    row = Entry.objects.order_by("id")[7]
    with triggers.lifted(connection):
        Entry.objects.filter(pk=row.pk).update(at=moment("2026-01-01 10:00"))
    *_, damage = seals.verify()
    assert (damage.table, damage.row) == ("账目", row.pk)


def test_a_deleted_last_row_is_found(sealed):
    last = Entry.objects.order_by("-id").first()
    with triggers.lifted(connection):
        Entry.objects.filter(pk=last.pk)._raw_delete("default")
    *_, damage = seals.verify()
    assert isinstance(damage, seals.Damage)


def test_a_seal_that_was_made_to_fit_breaks_the_chain(sealed):
    row = Fact.objects.order_by("id").first()
    with triggers.lifted(connection):
        Fact.objects.filter(pk=row.pk).update(details={})
        first = Seal.objects.order_by("id").first()
        fresh = seals.digest_of(Fact.objects.filter(pk=row.pk).values_list(*seals.FACT_FIELDS).get())
        Seal.objects.filter(pk=first.pk).update(digests=fresh + bytes(first.digests)[seals.SIZE :])
    *_, damage = seals.verify()
    assert (damage.table, damage.seal) == ("封存", first.pk)
