"""Properties of the fold, for any facts in any order."""

from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongkai.law.calendar import Calendar
from gongkai.law.fold import Fact, fold
from gongkai.law.rules import Rulebook
from gongkai.law.tests.world import moment

ROOT = Path(__file__).parents[3]
RULES = Rulebook.load(ROOT / "packs").rules("520399")
CALENDAR = Calendar.load(ROOT / "calendars")
START = moment("2026-02-10 08:00")  # Spring Festival is near: make-up days and nine days off

KINDS = (
    "letter.received", "letter.opened", "letter.classified", "letter.assigned", "letter.signed_for", "letter.returned",
    "letter.extended", "letter.answered", "letter.rated", "letter.merged", "letter.joint_asked", "letter.joint_answered",
    "supervision.issued", "fact.voided",
)  # fmt: skip
details = st.fixed_dictionaries(
    {},
    optional={
        "class": st.sampled_from(["简单咨询", "调查核实"]),
        "triage": st.sampled_from(["一般", "举报投诉", "舆情"]),
        "rating": st.sampled_from(["满意", "不满意"]),
        "unit": st.sampled_from(["a", "b"]),
        "by": st.integers(1, 6),
        "approved_by": st.just("周岚"),
    },
)


@st.composite
def histories(draw, most=9):
    """Facts with their own times of happening and of recording; some correct or void earlier ones."""
    facts = []
    for seq in range(1, draw(st.integers(1, most)) + 1):
        happened = START + timedelta(minutes=draw(st.integers(0, 40_000)))
        recorded = happened + timedelta(minutes=draw(st.integers(-500, 9_000)))
        kind = "letter.received" if seq == 1 else draw(st.sampled_from(KINDS))
        corrects = (
            draw(st.integers(1, seq - 1))
            if seq > 1 and (kind == "fact.voided" or draw(st.booleans()))
            else None
        )
        facts.append(Fact(seq, kind, happened, recorded, draw(details), corrects))
    return facts


moments = st.integers(0, 80_000).map(lambda minutes: START + timedelta(minutes=minutes))
quiet = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def summary(folded):
    return [(o.key, str(o.state), o.due_at, o.settled_at, o.unit) for o in folded.obligations], folded.entries


@quiet
@given(histories(), moments, st.randoms())
def test_the_order_in_which_facts_are_given_does_not_matter(facts, now, random):
    shuffled = facts[:]
    random.shuffle(shuffled)
    assert summary(fold(facts, RULES, CALENDAR, now)) == summary(fold(shuffled, RULES, CALENDAR, now))


@quiet
@given(histories(), moments, moments)
def test_what_was_entered_by_an_instant_is_the_beginning_of_what_is_entered_later(facts, one, other):
    earlier, later = sorted((one, other))
    before, after = fold(facts, RULES, CALENDAR, earlier), fold(facts, RULES, CALENDAR, later)
    assert after.entries[: len(before.entries)] == before.entries


@quiet
@given(histories(), moments, moments)
def test_as_known_at_is_the_fold_of_what_was_recorded_by_then(facts, now, known):
    believed = fold(facts, RULES, CALENDAR, now, known_at=known)
    only = fold([f for f in facts if f.recorded_at <= known], RULES, CALENDAR, now, known_at=known)
    assert summary(believed) == summary(only)


@quiet
@given(histories(), moments)
def test_nothing_happens_between_now_and_next_at(facts, now):
    folded = fold(facts, RULES, CALENDAR, now)
    if folded.next_at is None:
        later = now + timedelta(days=400)
        assert fold(facts, RULES, CALENDAR, later).entries == folded.entries
        return
    assert folded.next_at > now
    just_before = fold(facts, RULES, CALENDAR, folded.next_at - timedelta(microseconds=1))
    assert just_before.entries == folded.entries


@quiet
@given(histories(), moments)
def test_every_obligation_is_opened_once_and_settled_at_most_once(facts, now):
    folded = fold(facts, RULES, CALENDAR, now)
    for o in folded.obligations:
        whats = [str(e.what) for e in folded.entries if e.key == o.key]
        assert whats.count("opened") == 1
        assert sum(whats.count(w) for w in ("met", "met_late", "lapsed")) <= 1
        assert whats.count("breached") <= 1
