"""What stands beside a case: the duty on the card, the others, what is settled."""

import pytest

from gongkai.ledger import actions, clock, lawbook, story
from gongkai.letters import facts
from gongkai.people.actor import Actor
from tests.world import moment

pytestmark = pytest.mark.django_db
ANSWERS = ("letter.answer", "letter.redo")


@pytest.fixture
def letter(county):
    """A letter that came on Monday morning."""
    at = moment("2026-03-02 10:00")
    matter = actions.open_matter(
        "LY-1", room="letters", title="电梯停运", place=county.place, unit=None, at=at
    )
    happened(county, matter, facts.RECEIVED, at, **{"class": "调查核实"})
    return matter


def happened(county, matter, kind, at, **details):
    with clock.set_to(at):
        actions.record(kind, matter=matter, by=Actor.system(county.place), at=at, details=details)


def test_the_card_is_for_what_is_due_first_and_says_why(county, letter):
    told = story.story(letter, moment("2026-03-02 11:00"), answers=ANSWERS)
    assert told.card.clock.due_at == min(one.clock.due_at for one in (told.card, *told.standing))
    assert told.why.sentences
    assert told.card not in told.standing
    assert told.count == letter.obligations.count() - 1


def test_when_nothing_stands_the_card_is_for_the_answer(county, letter):
    at = moment("2026-03-03 10:00")
    happened(county, letter, facts.CLASSIFIED, at, nature="投诉", **{"class": "调查核实", "triage": "一般"})
    happened(county, letter, facts.ASSIGNED, at, unit="zhujian")
    happened(county, letter, facts.ANSWERED, at, unit="zhujian")
    told = story.story(letter, moment("2026-03-03 11:00"), answers=ANSWERS)
    assert (told.card.clock.duty, told.card.face.kind) == ("letter.answer", "met")
    assert told.standing == []
    assert {one.clock.duty for one in told.settled} == {"letter.sign_for", "letter.assign", "letter.open"}
    assert story.story(letter, moment("2026-03-03 11:00")).card is None


def test_a_story_takes_three_questions(county, letter, django_assert_max_num_queries):
    story.story(letter, moment("2026-03-02 11:00"))
    with lawbook.steady(), django_assert_max_num_queries(5):  # with what rules there are
        story.story(letter, moment("2026-03-02 11:00"))


def test_what_must_be_kept_takes_the_card_before_what_should(county, letter):
    now = moment("2026-03-02 11:00")
    first = story.story(letter, now).card
    letter.obligations.filter(pk=first.clock.pk).update(is_soft=True)
    told = story.story(letter, now)
    assert told.card.key != first.key
    assert not told.card.is_soft
    assert first.key in {one.key for one in told.standing}
