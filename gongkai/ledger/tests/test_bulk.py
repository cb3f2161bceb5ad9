"""Rows past the ORM's objects: all of them are written, or none."""

import pytest
from django.db import IntegrityError, connection, transaction

from gongkai.ledger import actions, bulk, seals
from gongkai.ledger.models import Fact
from gongkai.ledger.vocabulary import VOIDED
from tests.world import moment

pytestmark = pytest.mark.django_db
AT = moment("2026-03-02 10:00")


@pytest.fixture
def matter(county):
    return actions.open_matter(
        "LY-2026-0302-0001", room="letters", title="路灯不亮", place=county.place, unit=None, at=AT
    )


def facts_of(matter, keys):
    return [(pk, matter.pk, VOIDED.name, AT, AT, None, None, {"n": pk}, None, "") for pk in keys]


def test_many_rows_are_written_in_their_order(matter):
    keys = range(1, 2 * bulk.TOGETHER + 4)
    bulk.insert(Fact, seals.FACT_FIELDS, facts_of(matter, keys))
    written = Fact.objects.order_by("pk").values_list("pk", "details")
    assert list(written) == [(pk, {"n": pk}) for pk in keys]


def test_of_many_rows_none_stays_when_one_is_refused(matter):
    keys = [*range(1, bulk.TOGETHER + 4), *range(bulk.TOGETHER)]
    refused = (IntegrityError, connection.Database.IntegrityError)
    with pytest.raises(refused), transaction.atomic():
        bulk.insert(Fact, seals.FACT_FIELDS, facts_of(matter, keys))
    assert not Fact.objects.exists()
