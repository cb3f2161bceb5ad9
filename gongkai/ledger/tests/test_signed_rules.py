"""What was signed for holds: a pack that was corrected on disk waits until a person has signed."""

import shutil

import pytest
from django.test import Client

from gongkai.ledger import actions, clock, lawbook, revision
from gongkai.ledger.models import RulesSource
from gongkai.letters import facts
from gongkai.people.actor import Actor
from tests.world import moment

pytestmark = pytest.mark.django_db
OLD, NEW = moment("2026-03-10 00:00"), moment("2026-03-06 00:00")


@pytest.fixture
def corrected(county, settings, tmp_path):
    """The county has adopted its packs; then a copy of them, with three days for an answer, takes their place."""
    actions.adopt(moment("2026-03-01 09:00"), Actor.system(county.place))
    packs = tmp_path / "packs"
    shutil.copytree(settings.PACKS, packs)
    file = packs / "zunyi/letters/pack.toml"
    before = file.read_text()
    head, _, rest = before.partition('id = "letter.answer"')
    file.write_text(head + 'id = "letter.answer"' + rest.replace("5 working days", "3 working days", 1))
    assert file.read_text() != before
    settings.PACKS = packs
    lawbook.reload()
    yield
    lawbook.reload()


def open_letter(county, number):
    matter = actions.open_matter(
        number, room="letters", title="电梯停运", place=county.place, unit=None, at=moment("2026-03-02 10:00")
    )
    happened(county, matter, facts.RECEIVED, **{"class": "调查核实"})
    return matter


def happened(county, matter, kind, **details):
    now = moment("2026-03-02 10:00")
    with clock.set_to(now):
        actions.record(kind, matter=matter, by=Actor.system(county.place), at=now, details=details)


def due(matter):
    return matter.obligations.get(duty="letter.answer").due_at


def test_until_somebody_signs_letters_are_counted_by_the_rules_signed_last(county, corrected):
    matter = open_letter(county, "LY-1")
    assert due(matter) == OLD
    happened(county, matter, facts.ASSIGNED, unit="zhujian")
    assert due(matter) == OLD
    assert actions.differing([matter.pk]) == []


def test_what_the_signature_would_change_is_told_of_new_letters_too(county, corrected):
    matter = open_letter(county, "LY-1")
    [(found, [change])] = revision.page(county.place, moment("2026-03-02 11:00")).rows
    assert (found, change.old_due, change.due) == (matter, OLD, NEW)


def test_after_the_signature_all_are_counted_by_the_new_rules(county, corrected):
    matter = open_letter(county, "LY-1")
    signed = actions.adopt(moment("2026-03-02 11:00"), county.actor("chen_li"))
    assert (signed.matters, signed.changed) == (1, 1)
    assert due(matter) == NEW
    assert due(open_letter(county, "LY-2")) == NEW


def test_the_same_rules_are_kept_once(county):
    for _ in range(2):
        actions.adopt(moment("2026-03-01 09:00"), Actor.system(county.place))
    [kept] = RulesSource.objects.all()
    assert kept.files.keys() >= {"packs/zunyi/letters/pack.toml", "calendars/2026.toml"}


def test_a_page_that_looks_once_for_the_rules_still_sees_what_is_proposed(county, corrected):
    asked = county.place.code
    with lawbook.steady():
        signed = lawbook.rules(asked).duty("letter.answer", NEW.date(), NEW)
        with lawbook.proposed():
            proposed = lawbook.rules(asked).duty("letter.answer", NEW.date(), NEW)
        assert lawbook.rules(asked).duty("letter.answer", NEW.date(), NEW) == signed
    assert (signed.within.spans(), proposed.within.spans()) != (
        proposed.within.spans(),
        signed.within.spans(),
    )


def test_the_clause_table_says_what_was_signed_for(county, corrected, settings):
    file = settings.PACKS / "zunyi/letters/pack.toml"
    head, mark, clauses = file.read_text().partition("[[clause]]")
    file.write_text(head + mark + clauses.replace('says = "', 'says = "（新写的）', 1))
    lawbook.reload()
    browser = Client()
    browser.force_login(county.he_zhiyuan)
    for address in (f"/{county.place.slug}/clauses/", "/office/clauses/"):
        assert "（新写的）" not in browser.get(address).content.decode()
    actions.adopt(moment("2026-03-02 11:00"), county.actor("chen_li"))
    assert "（新写的）" in browser.get("/office/clauses/").content.decode()
