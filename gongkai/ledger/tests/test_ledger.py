"""The ledger on a database: recording, sweeping, corrections, settings, outbox, cycles."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongkai.law import fold as law
from gongkai.ledger import actions, asks, clock, cycles, lawbook, outbox, revision, triggers
from gongkai.ledger.models import Effect, Entry, Fact, Link, Matter, Obligation, RulesEdition, Setting
from gongkai.ledger.vocabulary import KINDS, Kind
from gongkai.letters import facts
from gongkai.people.actor import Actor
from gongkai.ui.refusal import Refused
from tests.world import moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def system(county):
    return Actor.system(county.place)


@pytest.fixture
def matter(county):
    unit = county.units["zhujian"]
    return actions.open_matter(
        "LY-2026-0302-0001",
        room="letters",
        title="电梯停运",
        place=county.place,
        unit=unit,
        at=moment("2026-03-02 10:00"),
    )


def record(kind, matter, by, at, **details):
    with clock.set_to(moment(at)):
        return actions.record(kind, matter=matter, by=by, at=moment(at), details=details)


def test_a_recorded_fact_gives_the_duties_of_the_place(county, system, matter):
    unit = county.units["zhujian"]
    record(
        facts.RECEIVED,
        matter,
        system,
        "2026-03-02 10:00",
        source="政务信箱",
        unit=unit.code,
        **{"class": "调查核实"},
    )
    duty = matter.obligations.get(duty="letter.answer")
    assert (duty.unit, duty.due_at, duty.state) == (unit, moment("2026-03-10 00:00"), "open")
    assert matter.entries.filter(what="opened").count() == matter.obligations.count()


def test_sweeping_brings_the_breach_and_next_at(system, matter):
    record(facts.RECEIVED, matter, system, "2026-03-02 10:00", **{"class": "调查核实"})
    for _ in range(20):
        matter.refresh_from_db()
        if matter.next_at is None or matter.next_at > moment("2026-03-10 00:00"):
            break
        assert actions.sweep(matter.next_at) == 1
    assert matter.obligations.get(duty="letter.answer").state == "breached"
    assert actions.sweep(moment("2026-03-10 00:00")) == 0


def test_a_missed_night_is_caught_up(system, matter):
    record(facts.RECEIVED, matter, system, "2026-03-02 10:00", **{"class": "调查核实"})
    actions.sweep_all(moment("2026-04-20 09:00"))
    breach = matter.entries.get(key__startswith="letter.answer#", what="breached")
    assert (breach.at, breach.recorded_at) == (moment("2026-03-10 00:00"), moment("2026-04-20 09:00"))


def test_dating_back_needs_a_reason_and_shows_both_times(system, matter):
    with clock.set_to(moment("2026-03-09 10:00")):
        with pytest.raises(Refused, match="事由"):
            actions.record(facts.RECEIVED, matter=matter, by=system, at=moment("2026-03-02 10:00"))
        fact = actions.record(
            facts.RECEIVED,
            matter=matter,
            by=system,
            at=moment("2026-03-02 10:00"),
            because="纸质来信，今天转到",
        )
    assert (fact.happened_at, fact.recorded_at) == (moment("2026-03-02 10:00"), moment("2026-03-09 10:00"))


def test_an_unknown_kind_of_fact_is_refused(system, matter):
    with pytest.raises(Refused, match="没有"):
        actions.record(Kind("letter.vanished", "消失"), matter=matter, by=system, at=clock.now())


def test_voiding_undoes_what_followed_and_keeps_what_was_believed(system, matter):
    record(facts.RECEIVED, matter, system, "2026-03-02 10:00", **{"class": "调查核实"})
    rated = record(facts.RATED, matter, system, "2026-03-03 10:00", rating="不满意")
    assert matter.obligations.filter(duty="letter.redo").exists()
    with clock.set_to(moment("2026-03-04 10:00")):
        actions.void(rated, by=system, because="评价登记错了信件")
    redo = matter.obligations.get(duty="letter.redo")
    assert redo.state == "void"
    undone = matter.entries.get(what="undone", undoes__what="opened")
    assert undone.undoes.key == redo.key
    believed = asks.folded(matter, moment("2026-03-03 12:00"), moment("2026-03-03 12:00"))
    assert "letter.redo" in {o.duty.id for o in believed.obligations}


def test_facts_entries_and_seals_refuse_change(system, matter):
    fact = record(facts.RECEIVED, matter, system, "2026-03-02 10:00")
    entry = matter.entries.first()
    tries = [
        lambda: Fact.objects.filter(pk=fact.pk).update(kind="x"),
        lambda: Fact.objects.filter(pk=fact.pk)._raw_delete("default"),
        lambda: Entry.objects.filter(pk=entry.pk).update(note="x"),
        lambda: Entry.objects.filter(pk=entry.pk)._raw_delete("default"),
    ]
    if connection.vendor == "sqlite":
        columns = "id, matter_id, kind, happened_at, recorded_at, details, because"
        tries.append(
            lambda: connection.cursor().execute(
                f"REPLACE INTO ledger_fact ({columns}) SELECT {columns} FROM ledger_fact WHERE id = {fact.pk}"
            )
        )
    else:
        tries.append(
            lambda: connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE ledger_fact CASCADE")
        )
    for attempt in tries:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()


def test_a_child_cannot_be_deleted_through_its_matter(system, matter):
    record(facts.RECEIVED, matter, system, "2026-03-02 10:00")
    with pytest.raises(Exception, match=r"protected|append-only"), transaction.atomic():
        matter.delete()


# ---- incremental equals batch ----------------------------------------------------------------------------------

STEPS = (
    facts.OPENED, facts.CLASSIFIED, facts.ASSIGNED, facts.SIGNED_FOR, facts.RETURNED, facts.EXTENDED, facts.ANSWERED,
    facts.RATED, facts.JOINT_ASKED, facts.JOINT_ANSWERED,
)  # fmt: skip
details = st.fixed_dictionaries(
    {},
    optional={
        "class": st.sampled_from(["简单咨询", "调查核实"]), "rating": st.sampled_from(["满意", "不满意"]),
        "unit": st.sampled_from(["520399-06", "520399-07"]), "by": st.integers(1, 6), "approved_by": st.just("周岚"),
        "triage": st.sampled_from(["一般", "舆情"]),
    },
)  # fmt: skip
happenings = st.lists(
    st.tuples(st.integers(0, 30_000), st.sampled_from(STEPS), details, st.integers(0, 20_000)),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(happenings, st.lists(st.integers(0, 60_000), max_size=6))
def test_recording_in_any_order_with_any_sweeps_leaves_what_a_batch_leaves(county, system, happened, sweeps):
    start = moment("2026-02-10 08:00")
    matter = actions.open_matter(
        f"T-{Matter.objects.count():06}", room="letters", title="试", place=county.place, unit=None, at=start
    )
    moments = [("fact", start, (facts.RECEIVED, start, {}))]
    for minutes, kind, more, delay in happened:
        at = start + timedelta(minutes=minutes)
        moments.append(("fact", at + timedelta(minutes=delay), (kind, at, more)))
    moments += [("sweep", start + timedelta(minutes=minutes), None) for minutes in sweeps]
    end = start + timedelta(minutes=70_000)
    for what, now, fact in [*sorted(moments, key=lambda row: row[1]), ("sweep", end, None)]:
        with clock.set_to(now):
            if what == "fact":
                kind, at, more = fact
                actions.record(kind, matter=matter, by=system, at=at, details=more, because="补记")
            else:
                actions.sweep(now)
    matter.refresh_from_db()
    batch = law.fold(
        map(actions.as_law, matter.facts.all()),
        lawbook.rules("520399"),
        lawbook.calendar("520399"),
        matter.folded_at,
    )
    written = {o.key: (o.state, o.due_at, o.settled_at) for o in matter.obligations.exclude(state="void")}
    assert written == {o.key: (str(o.state), o.due_at, o.settled_at) for o in batch.obligations}
    undone = set(matter.entries.filter(what="undone").values_list("undoes", flat=True))
    standing = sorted(
        (e.key, e.what, e.at) for e in matter.entries.exclude(what="undone") if e.pk not in undone
    )
    assert standing == sorted((e.key, str(e.what), e.at) for e in batch.entries)
    assert actions.differing([matter.pk]) == []


def test_a_duty_changed_by_hand_is_found_by_the_check(system, matter):
    record(facts.RECEIVED, matter, system, "2026-03-02 10:00")
    assert actions.differing([matter.pk]) == []
    Obligation.objects.filter(matter=matter, duty="letter.answer").update(state="met")
    assert actions.differing([matter.pk]) == [matter.pk]


# ---- rules in use ----------------------------------------------------------------------------------------------


def test_a_local_setting_moves_new_clocks_and_says_local(county, system, matter):
    chen = county.actor("chen_li")
    on = moment("2026-03-01 09:00")
    with clock.set_to(on):
        actions.configure(
            county.place, "letter.sign_for", "within", "2 working hours", from_on=on.date(), by=chen, at=on
        )
    record(facts.RECEIVED, matter, system, "2026-03-02 10:00")
    record(facts.ASSIGNED, matter, system, "2026-03-02 10:30", unit="520399-06")
    assert matter.obligations.get(duty="letter.sign_for").due_at == moment("2026-03-02 15:00")
    key = matter.obligations.get(duty="letter.sign_for").key
    assert any(s.local for s in asks.explanations(matter, moment("2026-03-02 11:00"))[key].sentences)


def test_what_the_regulation_fixes_cannot_be_set_here(county):
    chen = county.actor("chen_li")
    now = moment("2026-03-01 09:00")
    with pytest.raises(Refused, match="规章规定") as refused:
        actions.configure(
            county.place, "letter.answer", "within", "9 working days", from_on=now.date(), by=chen, at=now
        )
    assert refused.value.cite == "第六条"
    with pytest.raises(Refused, match="封闭"):
        actions.configure(
            county.place, "letter.rating", "values", ["很好"], from_on=now.date(), by=chen, at=now
        )
    assert not Setting.objects.exists()


@pytest.fixture
def corrected(system, matter):
    """A matter whose answer is written as due a day earlier than the packs now say."""
    record(facts.RECEIVED, matter, system, "2026-03-02 10:00", **{"class": "调查核实"})
    Matter.objects.update(rules_version="old")
    Obligation.objects.filter(duty="letter.answer").update(due_at=moment("2026-03-09 00:00"))
    return matter


def test_a_revision_is_told_duty_by_duty_and_writes_nothing(county, corrected):
    page = revision.page(county.place, moment("2026-03-02 11:00"))
    [(found, [change])] = page.rows
    assert (found, page.seen, page.after) == (corrected, 1, None)
    assert (change.duty, change.old_due, change.due) == (
        "letter.answer", moment("2026-03-09 00:00"), moment("2026-03-10 00:00"),
    )  # fmt: skip
    assert corrected.obligations.get(duty="letter.answer").due_at == moment("2026-03-09 00:00")


def test_time_that_has_passed_is_no_change_of_the_rules(county, system, matter):
    record(facts.RECEIVED, matter, system, "2026-03-02 10:00", **{"class": "调查核实"})
    Matter.objects.update(rules_version="old")
    late = moment("2026-06-01 11:00")
    assert revision.page(county.place, late).rows == []
    assert revision.is_harmless(county.place, late)


def test_a_correction_is_signed_by_a_person_who_may(county, system, corrected):
    now, chen = moment("2026-03-02 11:00"), county.actor("chen_li")
    with pytest.raises(Refused, match="要由人签字"):
        actions.adopt(now, system)
    with pytest.raises(Refused, match="负责地方设定"):
        actions.adopt(now, county.actor("wang_min"))
    assert not RulesEdition.objects.exists()
    assert corrected.obligations.get(duty="letter.answer").due_at == moment("2026-03-09 00:00")

    signed = actions.adopt(now, chen)

    assert (signed.by, signed.place, signed.matters, signed.changed) == (chen.staff, county.place, 1, 1)
    assert corrected.obligations.get(duty="letter.answer").due_at == moment("2026-03-10 00:00")
    again = actions.adopt(now, system)
    assert (again.by, again.matters, again.changed) == (None, 0, 0)


def test_the_changes_are_told_page_by_page_each_once(county, system):
    now = moment("2026-03-02 11:00")
    for number in range(7):
        one = actions.open_matter(
            f"LY-{number}",
            room="letters",
            title="甲",
            place=county.place,
            unit=None,
            at=moment("2026-03-02 10:00"),
        )
        record(facts.RECEIVED, one, system, "2026-03-02 10:00", **{"class": "调查核实"})
    Matter.objects.update(rules_version="old")
    changed = Matter.objects.exclude(number__in=["LY-1", "LY-4"])
    Obligation.objects.filter(duty="letter.answer", matter__in=changed).update(
        due_at=moment("2026-03-09 00:00")
    )
    told, after = [], 0
    while after is not None:
        page = revision.page(county.place, now, after=after, rows=2, seen=3)
        told += [matter.number for matter, _ in page.rows]
        after = page.after
    assert told == ["LY-0", "LY-2", "LY-3", "LY-5", "LY-6"]


# ---- links, outbox, cycles -------------------------------------------------------------------------------------


def test_a_link_is_made_once_and_never_to_itself(county, matter):
    other = actions.open_matter(
        "LY-2", room="letters", title="乙", place=county.place, unit=None, at=matter.opened_at
    )
    actions.link(Link.Kind.MERGED_INTO, other, matter)
    actions.link(Link.Kind.MERGED_INTO, other, matter)
    assert Link.objects.count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        actions.link(Link.Kind.ANSWERS, matter, matter)


def test_an_effect_is_carried_out_once_and_tried_again_when_it_fails(county):
    seen, fail = [], [True]

    def handler(payload, now):
        if fail:
            raise OSError(fail.pop() and "网络不通")
        seen.append(payload)

    now = moment("2026-03-02 10:00")
    outbox.HANDLERS["test.effect"] = handler
    try:
        for _ in range(2):
            outbox.post("test.effect", "once", {"id": 1}, now)
        assert outbox.deliver(now) == 1
        effect = Effect.objects.get()
        assert (effect.attempts, effect.done_at, seen) == (1, None, [])
        outbox.deliver(effect.due_at)
        outbox.deliver_all(effect.due_at)
        assert seen == [{"id": 1}]
    finally:
        del outbox.HANDLERS["test.effect"]


def test_an_effect_that_never_works_is_given_up_and_stays_visible(county):
    outbox.HANDLERS["test.broken"] = lambda payload, now: 1 / 0
    now = moment("2026-03-02 10:00")
    outbox.post("test.broken", "x", {}, now)
    for _ in range(outbox.TRIES):
        outbox.deliver(now)
        now = Effect.objects.get().due_at
    effect = Effect.objects.get()
    assert effect.failed_at
    assert "ZeroDivisionError" in effect.error
    del outbox.HANDLERS["test.broken"]


def test_a_breach_tells_the_unit_and_those_who_oversee(county, system, matter):
    from gongkai.notices.models import Notice

    record(
        facts.RECEIVED,
        matter,
        system,
        "2026-03-02 10:00",
        unit=county.units["zhujian"].code,
        **{"class": "调查核实"},
    )
    now = moment("2026-03-10 09:00")
    actions.sweep_all(now)
    outbox.deliver_all(now)
    told = set(Notice.objects.filter(title__startswith="逾期：").values_list("staff__name", flat=True))
    assert {"王敏", "周岚", "陈立"} <= told
    assert "李强" not in told


@pytest.mark.clause("ZY-LY-06-1")
def test_a_recurring_duty_opens_one_matter_a_cycle(county):
    now = moment("2026-03-05 09:00")
    with clock.set_to(now):
        yearly_of_each_unit, yearly_of_the_place = len(county.units), 1
        assert cycles.open_cycles(now) == 1 + yearly_of_the_place + yearly_of_each_unit
        assert cycles.open_cycles(now) == 0
        found = cycles.current(county.place, "letter.sample", "month", now)
    duty = found.obligations.get()
    assert (duty.duty, duty.due_at) == ("letter.sample", moment("2026-04-01 00:00"))
    assert duty.unit == county.units["office"]


def test_every_kind_of_fact_the_packs_know_is_declared():
    assert {"letter.received", "letter.answered", "supervision.issued"} <= set(KINDS)


def test_the_triggers_can_be_lifted_only_on_purpose(system, matter):
    fact = record(facts.RECEIVED, matter, system, "2026-03-02 10:00")
    with triggers.lifted(connection):
        Fact.objects.filter(pk=fact.pk).update(because="改")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Fact.objects.filter(pk=fact.pk).update(because="再改")
