"""Prepared questions give what the querysets give, for every value of their slots."""

from __future__ import annotations

from datetime import date

import pytest
from django.db.models import BigIntegerField, CharField, Count, DateField, Q
from django.db.models.functions import Coalesce

from gongkai.people.actor import Actor
from gongkai.people.models import Holding, Leave, Post, Power, Staff, Unit
from gongkai.prepared import Prepared, Several, Slot, totals

ON = date(2025, 9, 26)


def test_instances_come_with_their_related_ones_and_annotations(county, django_assert_num_queries):
    rows = Staff.objects.select_related("place").annotate(posts=Count("holdings")).order_by("pk")
    asked = Prepared(rows.filter(username=Slot("who", CharField())))
    for username in ("wangmin", "zhoulan"):
        with django_assert_num_queries(1):
            (found,) = asked.ask(who=username)
            assert found.place.name == "清源县"
        expected = rows.get(username=username)
        assert (found.pk, found.posts, found.date_joined) == (
            expected.pk,
            expected.posts,
            expected.date_joined,
        )


def test_tuples_are_read_as_the_fields_say(county):
    rows = Post.objects.order_by("pk").values_list("powers", "unit__name", "unit__closed_on")
    assert Prepared(rows).ask() == list(rows)


def test_a_slot_may_stand_in_a_list_and_more_than_once(county):
    a, b = Slot("a", BigIntegerField()), Slot("b", BigIntegerField())
    asked = Prepared(
        Unit.objects.filter(Q(pk__in=[a, b]) | Q(superior__id=a)).order_by("pk").values_list("pk")
    )
    units = list(Unit.objects.order_by("pk").values_list("pk", flat=True))
    assert asked.ask(a=units[0], b=units[2])[:1] == [(units[0],)]
    assert (units[2],) in asked.ask(a=units[0], b=units[2])
    assert (units[2],) not in asked.ask(a=units[0], b=units[1])


def test_several_values_are_given_at_once_however_many(county, django_assert_num_queries):
    by_key = Prepared(
        Unit.objects.filter(pk__in=Several("units", BigIntegerField())).order_by("pk").values_list("pk")
    )
    by_code = Prepared(Unit.objects.filter(code__in=Several("codes", CharField())).order_by("pk"))
    units = list(Unit.objects.order_by("pk"))
    for some in (units, units[:1], []):
        with django_assert_num_queries(2):
            assert by_key.ask(units=[one.pk for one in some]) == [(one.pk,) for one in some]
            assert by_code.ask(codes=[one.code for one in some]) == some
    assert by_code.ask(codes=["x\"'],", units[0].code]) == units[:1]


def test_instants_are_what_the_queryset_gives(county):
    rows = Staff.objects.order_by("pk").values_list(
        "date_joined", "last_login", Coalesce("last_login", "date_joined")
    )
    assert Prepared(rows).ask() == list(rows)


def test_a_question_that_nothing_can_answer_takes_no_query(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Prepared(Unit.objects.filter(pk__in=[])).ask() == []


def test_totals_are_one_row_whatever_there_is(county):
    everybody, gone = Count("pk"), Count("pk", filter=Q(is_active=False))
    assert totals(Staff.objects.all(), everybody=everybody, gone=gone).ask() == [(Staff.objects.count(), 0)]
    assert totals(Staff.objects.filter(username="nobody"), everybody=everybody).ask() == [(0,)]


def test_words_that_are_written_out_cannot_be_more_than_words(county):
    for name in ("x' OR '1'='1", "％s", "%s", "100%", "住建局"):
        assert Prepared(Staff.objects.filter(name=name)).ask() == []
    assert len(Prepared(Staff.objects.filter(username="wangmin")).ask()) == 1


def test_a_value_that_was_not_given_is_an_error(county):
    with pytest.raises(KeyError):
        Prepared(Leave.objects.filter(first_on=Slot("on", DateField()))).ask()


def test_powers_taken_away_and_given_count_at_the_next_look(county):
    zhou = county.zhou_lan
    assert Actor.of(zhou, ON).may(Power.SIGN)
    held = Holding.objects.filter(staff=zhou)
    held.update(until_on=ON)
    assert not Actor.of(zhou, ON).powers
    held.update(until_on=None)
    Post.objects.filter(holdings__staff=zhou).update(powers=[Power.AUDIT])
    assert set(Actor.of(zhou, ON).powers) == {Power.AUDIT}
