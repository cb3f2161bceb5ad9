"""Every construct of a pack, one test each: what facts give what duties."""

import pytest

from gongkai.law.fold import FoldError, State, earliest_of, fold
from gongkai.law.pack import PackError, read
from gongkai.law.rules import Rulebook, Setting
from gongkai.law.tests.world import fact, moment, pack_file, rules_of, the, whats

ANSWER = """
[[duty]]
id = "answer"
says = "答复"
opened_by = "asked"
met_by = "answered"
within = "5 working days"
cite = "一"
{more}
"""


@pytest.fixture
def law(tmp_path):
    return lambda body, **head: rules_of(tmp_path, body, **head)


def test_a_duty_is_open_then_warned_then_breached_and_stays_owed(law, calendar):
    rules = law(ANSWER.format(more='warn = ["1 working day"]\nlate = ["1 working day"]'))
    facts = [fact(1, "asked", "2026-03-02 10:00")]

    assert the(fold(facts, rules, calendar, moment("2026-03-03 09:00")), "answer").state == State.OPEN
    warned = fold(facts, rules, calendar, moment("2026-03-07 00:00"))
    assert the(warned, "answer").state == State.WARNED
    late = fold(facts, rules, calendar, moment("2026-03-11 00:00"))
    assert the(late, "answer").state == State.BREACHED
    assert the(late, "answer").is_standing
    assert whats(late) == ["opened", "warned", "breached", "escalated"]


def test_next_at_is_the_next_instant_at_which_something_happens(law, calendar):
    rules = law(ANSWER.format(more='warn = ["1 working day"]\nlate = ["1 working day"]'))
    facts = [fact(1, "asked", "2026-03-02 10:00")]
    steps = []
    now = moment("2026-03-02 10:00")
    while (folded := fold(facts, rules, calendar, now)).next_at:
        now = folded.next_at
        steps.append(now)
    assert steps == [moment("2026-03-07"), moment("2026-03-10"), moment("2026-03-11")]


def test_at_one_instant_the_clock_comes_before_the_fact(law, calendar):
    rules = law(ANSWER.format(more=""))
    on_time = fold(
        [fact(1, "asked", "2026-03-02 10:00"), fact(2, "answered", "2026-03-09 23:59:59")],
        rules,
        calendar,
        moment("2026-04-01"),
    )
    too_late = fold(
        [fact(1, "asked", "2026-03-02 10:00"), fact(2, "answered", "2026-03-10 00:00")],
        rules,
        calendar,
        moment("2026-04-01"),
    )
    assert the(on_time, "answer").state == State.MET
    assert the(too_late, "answer").state == State.MET_LATE
    assert the(too_late, "answer").breached_at == moment("2026-03-10 00:00")


def test_a_pause_moves_the_end_by_as_many_working_days(law, calendar):
    rules = law(ANSWER.format(more='pause = { on = "consulted", until = "consulted_back" }'))
    facts = [fact(1, "asked", "2026-03-02 10:00"), fact(2, "consulted", "2026-03-04 10:00")]
    paused = fold(facts, rules, calendar, moment("2026-03-20 10:00"))
    assert the(paused, "answer").is_paused
    assert the(paused, "answer").state == State.OPEN
    facts.append(fact(3, "consulted_back", "2026-03-11 10:00"))
    resumed = fold(facts, rules, calendar, moment("2026-03-11 10:00"))
    assert the(resumed, "answer").due_at == moment("2026-03-17 00:00")  # 9 March and five working days more
    assert whats(resumed) == ["opened", "paused", "resumed"]


def test_a_restart_counts_from_the_new_instant(law, calendar):
    rules = law(ANSWER.format(more='restart = "corrected"'))
    facts = [fact(1, "asked", "2026-03-02 10:00"), fact(2, "corrected", "2026-03-05 10:00")]
    assert the(fold(facts, rules, calendar, moment("2026-03-05 10:00")), "answer").due_at == moment(
        "2026-03-13"
    )


def test_an_extension_counts_on_the_budget_and_keeps_its_cap(law, calendar):
    rules = law(
        ANSWER.format(
            more='extend = { on = "extended", max = "5 working days", times = 2, approved_by = "head" }'
        )
    )
    facts = [
        fact(1, "asked", "2026-03-02 10:00"),
        fact(2, "extended", "2026-03-04 10:00", by=3, approved_by="周岚"),
        fact(3, "extended", "2026-03-05 10:00", by=3, approved_by="周岚"),
        fact(4, "extended", "2026-03-06 10:00", by=2),
    ]
    folded = fold(facts, rules, calendar, moment("2026-03-06 10:00"))
    assert the(folded, "answer").due_at == moment("2026-03-13")
    refusals = [e.note for e in folded.entries if e.what == "refused"]
    assert refusals == ["延期合计不得超过 5 个工作日", "延期须经批准"]


def test_an_extension_after_the_end_does_not_count(law, calendar):
    rules = law(ANSWER.format(more='extend = { on = "extended", max = "5 working days" }'))
    facts = [fact(1, "asked", "2026-03-02 10:00"), fact(2, "extended", "2026-03-10 10:00", by=5)]
    folded = fold(facts, rules, calendar, moment("2026-03-10 10:00"))
    assert the(folded, "answer").state == State.BREACHED
    assert whats(folded) == ["opened", "breached", "refused"]


def test_a_changed_clock_voids_its_older_timers(law, calendar):
    rules = law(
        ANSWER.format(more='warn = ["1 working day"]\nextend = { on = "extended", max = "5 working days" }')
    )
    facts = [fact(1, "asked", "2026-03-02 10:00"), fact(2, "extended", "2026-03-05 10:00", by=5)]
    folded = fold(facts, rules, calendar, moment("2026-03-11 00:00"))
    assert whats(folded) == ["opened", "extended"]
    assert the(folded, "answer").state == State.OPEN


def test_a_minimum_period_refuses_haste_except_with_a_reason(law, calendar):
    rules = law(
        """
[[duty]]
id = "comments_open"
says = "征求意见"
opened_by = "consultation.opened"
must_not = "consultation.closed"
before = "30 days"
unless = { when = { reason = "present" }, before = "7 days" }
cite = "六"
"""
    )
    opened = fact(1, "consultation.opened", "2026-03-02 10:00")
    hasty = fold(
        [opened, fact(2, "consultation.closed", "2026-03-20 10:00")], rules, calendar, moment("2026-05-01")
    )
    assert the(hasty, "comments_open").state == State.BREACHED
    assert not the(hasty, "comments_open").is_standing
    reasoned = fold(
        [opened, fact(2, "consultation.closed", "2026-03-20 10:00", reason="防汛在即")],
        rules,
        calendar,
        moment("2026-05-01"),
    )
    assert the(reasoned, "comments_open").state == State.MET
    patient = fold(
        [opened, fact(2, "consultation.closed", "2026-04-02 00:00")], rules, calendar, moment("2026-05-01")
    )
    assert the(patient, "comments_open").state == State.MET
    standing = fold([opened], rules, calendar, moment("2026-03-05"))
    assert earliest_of(the(standing, "comments_open"), {}, calendar) == moment("2026-04-02 00:00")


def test_a_table_gives_the_length_and_follows_a_later_classification(law, calendar):
    rules = law(
        ANSWER.format(more="").replace(
            '"5 working days"', '{ by = "class", "繁" = "5 working days", otherwise = "2 working days" }'
        )
    )
    facts = [fact(1, "asked", "2026-03-02 10:00")]
    assert the(fold(facts, rules, calendar, moment("2026-03-02 11:00")), "answer").due_at == moment(
        "2026-03-05"
    )
    facts.append(fact(2, "classified", "2026-03-03 10:00", **{"class": "繁"}))
    assert the(fold(facts, rules, calendar, moment("2026-03-03 11:00")), "answer").due_at == moment(
        "2026-03-10"
    )


def test_a_recurring_duty_asks_for_k_in_a_period(law, calendar):
    rules = law(
        """
[[duty]]
id = "press"
says = "召开新闻发布会"
every = "year"
at_least = 2
met_by = "held"
cite = "三"
"""
    )
    opened = fact(1, "period.opened", "2026-01-01", duty="press", period="2026")
    once = fold([opened, fact(2, "held", "2026-05-01 10:00")], rules, calendar, moment("2027-01-01"))
    assert the(once, "press").state == State.BREACHED
    assert the(once, "press").due_at == moment("2027-01-01")
    twice = fold(
        [opened, fact(2, "held", "2026-05-01 10:00"), fact(3, "held", "2026-09-01 10:00")],
        rules,
        calendar,
        moment("2027-01-01"),
    )
    assert the(twice, "press").state == State.MET
    assert the(twice, "press").settled_at == moment("2026-09-01 10:00")


def test_a_same_moment_duty_is_kept_at_that_instant_or_before(law, calendar):
    rules = law(
        """
[[duty]]
id = "interpret"
says = "发布解读"
with = "document.published"
met_by = "interpretation.published"
cite = "六"
"""
    )
    document = fact(2, "document.published", "2026-03-02 10:00")
    before = fold(
        [fact(1, "interpretation.published", "2026-03-01 10:00"), document],
        rules,
        calendar,
        moment("2026-04-01"),
    )
    together = fold(
        [document, fact(3, "interpretation.published", "2026-03-02 10:00")],
        rules,
        calendar,
        moment("2026-04-01"),
    )
    after = fold(
        [document, fact(3, "interpretation.published", "2026-03-02 10:01")],
        rules,
        calendar,
        moment("2026-04-01"),
    )
    states = [the(f, "interpret").state for f in (before, together, after)]
    assert states == [State.MET, State.MET, State.MET_LATE]


REDO_ONCE = """
[[duty]]
id = "redo"
says = "重办"
opened_by = "rated"
when = { rating = "不满意" }
met_by = "answered"
within = "2 working days"
times = { max = 1, then = { duty = "order", owner = "openness_office", within = "1 working day" } }
cite = "六"

[[duty]]
id = "order"
says = "督办"
met_by = "ordered"
owner = "openness_office"
cite = "六"
"""


def test_redo_at_most_k_times_then_something_else(law, calendar):
    rules = law(REDO_ONCE)
    facts = [
        fact(1, "rated", "2026-03-02 10:00", rating="不满意"),
        fact(2, "answered", "2026-03-03 10:00"),
        fact(3, "rated", "2026-03-04 10:00", rating="不满意"),
    ]
    folded = fold(facts, rules, calendar, moment("2026-03-04 10:00"))
    assert the(folded, "redo").state == State.MET
    assert the(folded, "order").due_at == moment("2026-03-06")
    assert the(folded, "order").owner == "openness_office"


def test_a_redo_that_stands_is_not_opened_again_nor_counted(law, calendar):
    rules = law(REDO_ONCE)
    facts = [
        fact(1, "rated", "2026-03-02 10:00", rating="不满意"),
        fact(2, "rated", "2026-03-02 11:00", rating="不满意"),
        fact(3, "answered", "2026-03-03 10:00"),
        fact(4, "rated", "2026-03-04 10:00", rating="不满意"),
        fact(5, "rated", "2026-03-04 11:00", rating="不满意"),
    ]
    folded = fold(facts, rules, calendar, moment("2026-03-04 11:00"))
    assert [o.key for o in folded.obligations] == ["redo#1", "order#4"]


def test_a_breach_is_a_fact_that_opens_reparation(law, calendar):
    rules = law(
        ANSWER.format(
            more='on_breach = { duty = "explain", owner = "openness_office", within = "1 working day" }'
        )
        + """
[[duty]]
id = "explain"
says = "说明"
met_by = "explained"
cite = "二"

[[duty]]
id = "talk"
says = "约谈"
opened_by = "breached:explain"
met_by = "talked"
within = "1 working day"
cite = "三"
"""
    )
    folded = fold([fact(1, "asked", "2026-03-02 10:00")], rules, calendar, moment("2026-03-13"))
    assert the(folded, "explain").opened_at == moment("2026-03-10")
    assert the(folded, "explain").due_at == moment("2026-03-11") + (
        moment("2026-03-12") - moment("2026-03-11")
    )
    assert the(folded, "talk").opened_at == the(folded, "explain").due_at


def test_a_soft_duty_is_missed_apart(law, calendar):
    rules = law(ANSWER.format(more='soft_when = { class = "简" }'))
    facts = [
        fact(1, "asked", "2026-03-02 10:00"),
        fact(2, "classified", "2026-03-03 10:00", **{"class": "简"}),
    ]
    assert the(fold(facts, rules, calendar, moment("2026-04-01")), "answer").is_soft


def test_a_duty_lapses(law, calendar):
    rules = law(ANSWER.format(more='lapses_by = [{ fact = "withdrawn", when = { by = "writer" } }]'))
    asked = fact(1, "asked", "2026-03-02 10:00")
    other = fold(
        [asked, fact(2, "withdrawn", "2026-03-03 10:00", by="clerk")], rules, calendar, moment("2026-03-04")
    )
    own = fold(
        [asked, fact(2, "withdrawn", "2026-03-03 10:00", by="writer")], rules, calendar, moment("2026-04-04")
    )
    assert the(other, "answer").state == State.OPEN
    assert the(own, "answer").state == State.LAPSED
    assert whats(own) == ["opened", "lapsed"]


def test_a_correction_takes_the_place_of_its_fact(law, calendar):
    rules = law(ANSWER.format(more=""))
    facts = [
        fact(1, "asked", "2026-03-02 10:00"),
        fact(2, "asked", "2026-03-04 10:00", recorded="2026-03-05 09:00", corrects=1),
    ]
    folded = fold(facts, rules, calendar, moment("2026-03-05 09:00"))
    assert the(folded, "answer").due_at == moment("2026-03-12")
    as_known = fold(facts, rules, calendar, moment("2026-03-05 09:00"), known_at=moment("2026-03-04 09:00"))
    assert the(as_known, "answer").due_at == moment("2026-03-10")


def test_a_voided_fact_is_gone_and_may_come_back(law, calendar):
    rules = law(ANSWER.format(more=""))
    facts = [fact(1, "asked", "2026-03-02 10:00"), fact(2, "fact.voided", "2026-03-03 10:00", corrects=1)]
    assert fold(facts, rules, calendar, moment("2026-03-03 10:00")).obligations == ()
    facts.append(fact(3, "asked", "2026-03-02 10:00", recorded="2026-03-04 10:00", corrects=2))
    assert the(fold(facts, rules, calendar, moment("2026-03-04 10:00")), "answer").due_at == moment(
        "2026-03-10"
    )


def test_a_late_fact_is_taken_when_it_happened(law, calendar):
    rules = law(ANSWER.format(more=""))
    facts = [
        fact(1, "asked", "2026-03-02 10:00"),
        fact(2, "answered", "2026-03-06 10:00", recorded="2026-03-20 10:00"),
    ]
    assert the(fold(facts, rules, calendar, moment("2026-03-20 10:00")), "answer").state == State.MET
    believed = fold(facts, rules, calendar, moment("2026-03-19"), known_at=moment("2026-03-19"))
    assert the(believed, "answer").state == State.BREACHED


def test_a_future_fact_waits_and_arms_the_queue(law, calendar):
    rules = law(ANSWER.format(more=""))
    facts = [fact(1, "asked", "2026-03-02 10:00", recorded="2026-03-01 10:00")]
    folded = fold(facts, rules, calendar, moment("2026-03-01 10:00"))
    assert folded.obligations == ()
    assert folded.next_at == moment("2026-03-02 10:00")


def test_the_clock_may_start_at_an_instant_that_the_fact_carries(law, calendar):
    rules = law(ANSWER.replace("5 working days", "24 hours").format(more='from = "detected_at"'))
    folded = fold(
        [fact(1, "asked", "2026-03-02 10:00", detected_at="2026-03-02T08:00:00")],
        rules,
        calendar,
        moment("2026-03-02 10:00"),
    )
    assert the(folded, "answer").due_at == moment("2026-03-03 08:00")


def test_a_joint_duty_is_met_by_its_own_unit_only(law, calendar):
    rules = law(
        """
[[duty]]
id = "help"
says = "协办"
opened_by = "joint"
owner = "named"
within = "3 working days"
met_by = [{ fact = "helped", same = ["unit"] }]
cite = "一"
"""
    )
    facts = [
        fact(1, "joint", "2026-03-02 10:00", unit="a"),
        fact(2, "joint", "2026-03-02 10:00", unit="b"),
        fact(3, "helped", "2026-03-03 10:00", unit="b"),
    ]
    folded = fold(facts, rules, calendar, moment("2026-03-03 10:00"))
    assert {o.unit: str(o.state) for o in folded.obligations} == {"a": "open", "b": "met"}


def test_the_day_ends_with_the_office_where_the_pack_says_so(law, calendar):
    rules = law(ANSWER.format(more='ends = "office_hours"'))
    assert the(
        fold([fact(1, "asked", "2026-03-02 10:00")], rules, calendar, moment("2026-03-02 11:00")), "answer"
    ).due_at == moment("2026-03-09 17:30")


def test_the_law_of_the_trigger_moment_governs(law, calendar):
    amended = (
        ANSWER.format(more="")
        + '\n[[amend]]\nduty = "answer"\nfrom = 2026-03-05\nwithin = "2 working days"\nbecause = "修订"\n'
    )
    rules = law(amended)
    old, new = fact(1, "asked", "2026-03-04 10:00"), fact(2, "asked", "2026-03-05 10:00")
    assert the(fold([old], rules, calendar, moment("2026-03-06")), "answer").due_at == moment("2026-03-12")
    assert the(fold([new], rules, calendar, moment("2026-03-06")), "answer").due_at == moment("2026-03-10")


def test_a_rule_for_pending_matters_moves_their_clock(law, calendar):
    rules = law(
        ANSWER.format(more='applies = "pending"')
        + '\n[[amend]]\nduty = "answer"\nfrom = 2026-03-05\nwithin = "10 working days"\nbecause = "修订"\n'
    )
    facts = [fact(1, "asked", "2026-03-04 10:00")]
    before = fold(facts, rules, calendar, moment("2026-03-04 12:00"))
    after = fold(facts, rules, calendar, moment("2026-03-05 00:00"))
    assert (the(before, "answer").due_at, the(after, "answer").due_at) == (
        moment("2026-03-12"),
        moment("2026-03-19"),
    )
    assert before.next_at == moment("2026-03-05")


def test_a_correction_of_the_encoding_holds_from_when_it_was_recorded(law, calendar):
    rules = law(
        ANSWER.format(more="")
        + '\n[[correct]]\nduty = "answer"\nrecorded_at = 2026-03-06T09:00:00\nwithin = "3 working days"\nbecause = "录入有误"\n'
    )
    facts = [fact(1, "asked", "2026-03-04 10:00")]
    assert the(fold(facts, rules, calendar, moment("2026-03-06 10:00")), "answer").due_at == moment(
        "2026-03-10"
    )
    known = fold(facts, rules, calendar, moment("2026-03-05"), known_at=moment("2026-03-05"))
    assert the(known, "answer").due_at == moment("2026-03-12")


def test_a_child_may_be_stricter_and_a_tightened_parent_tightens_it(tmp_path, calendar):
    parent = (
        ANSWER.format(more="")
        + '\n[[amend]]\nduty = "answer"\nfrom = 2026-04-01\nwithin = "1 working days"\nbecause = "收紧"\n'
    )
    child = '\n[[duty]]\nid = "answer"\nrefines = "up/answer"\nwithin = "2 working days"\ncite = "甲"\n'
    book = Rulebook(
        [
            read(pack_file(tmp_path, parent, id="up", place="520300")),
            read(pack_file(tmp_path, child, id="down")),
        ]
    )
    rules = book.rules("520399")
    assert the(
        fold([fact(1, "asked", "2026-03-02 10:00")], rules, calendar, moment("2026-03-02 11:00")), "answer"
    ).due_at == moment("2026-03-05")
    assert the(
        fold([fact(1, "asked", "2026-04-07 10:00")], rules, calendar, moment("2026-04-07 11:00")), "answer"
    ).due_at == moment("2026-04-09")


def test_a_looser_child_needs_a_citation(tmp_path, calendar):
    parent = read(pack_file(tmp_path, ANSWER.format(more=""), id="up", place="520300"))
    loose = '\n[[duty]]\nid = "answer"\nrefines = "up/answer"\nwithin = "9 working days"\ncite = "甲"\n'
    quiet = Rulebook([parent, read(pack_file(tmp_path, loose, id="down"))]).rules("520399")
    cited = Rulebook(
        [parent, read(pack_file(tmp_path, loose + 'derogates = "某法第一条"\n', id="down"))]
    ).rules("520399")
    asked = [fact(1, "asked", "2026-03-02 10:00")]
    assert the(fold(asked, quiet, calendar, moment("2026-03-02 11:00")), "answer").due_at == moment(
        "2026-03-10"
    )
    assert the(fold(asked, cited, calendar, moment("2026-03-02 11:00")), "answer").due_at == moment(
        "2026-03-14"
    )


def test_two_rules_for_one_duty_without_an_order_are_refused(tmp_path):
    one = read(pack_file(tmp_path, ANSWER.format(more=""), id="one"))
    two = read(pack_file(tmp_path, ANSWER.format(more=""), id="two"))
    with pytest.raises(PackError, match="没有先后"):
        Rulebook([one, two]).rules("520399")


def test_a_local_setting_holds_from_its_day(tmp_path, calendar):
    pack = read(pack_file(tmp_path, ANSWER.format(more='local = ["within"]')))
    rules = Rulebook([pack]).rules(
        "520399", [Setting("answer", "within", "1 working day", moment("2026-03-05").date())]
    )
    dues = [
        the(
            fold([fact(1, "asked", f"2026-03-{d:02} 10:00")], rules, calendar, moment("2026-03-06")), "answer"
        ).due_at
        for d in (4, 5)
    ]
    assert dues == [moment("2026-03-12"), moment("2026-03-07")]


def test_a_date_beyond_the_notices_is_provisional(law, calendar):
    rules = law(ANSWER.replace("5 working days", "40 working days").format(more=""))
    assert the(
        fold([fact(1, "asked", "2026-12-03 10:00")], rules, calendar, moment("2026-12-03 11:00")), "answer"
    ).provisional


def test_rules_that_open_each_other_without_end_are_stopped(law, calendar):
    rules = law(
        """
[[duty]]
id = "a"
says = "甲"
opened_by = ["asked", "breached:b"]
met_by = "never"
within = "0 hours"
cite = "一"
[[duty]]
id = "b"
says = "乙"
opened_by = "breached:a"
met_by = "never"
within = "0 hours"
cite = "一"
"""
    )
    with pytest.raises(FoldError, match="没有尽头"):
        fold([fact(1, "asked", "2026-03-02 10:00")], rules, calendar, moment("2026-03-02 11:00"))


def test_a_unit_asked_beside_the_responsible_one_owes_its_own_part_and_nothing_else(law, calendar):
    rules = law(
        ANSWER.format(more="")
        + """
[[duty]]
id = "help"
says = "协办"
opened_by = "help_asked"
owner = "named"
met_by = { fact = "helped", same = ["party"] }
within = "1 working day"
cite = "二"
"""
    )
    facts = [
        fact(1, "asked", "2026-03-02 10:00", unit="zhujian"),
        fact(2, "help_asked", "2026-03-02 11:00", party="shuiwu"),
    ]
    found = fold(facts, rules, calendar, moment("2026-03-02 12:00"))
    assert the(found, "answer").unit == "zhujian"
    assert the(found, "help").unit == "shuiwu"
