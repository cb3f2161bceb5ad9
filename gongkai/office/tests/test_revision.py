"""A correction of the rules is signed by a person who has seen what it changes: in the office, or at a terminal."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from gongkai.config import serve
from gongkai.ledger import lawbook
from gongkai.ledger.commands import ledger as commands
from gongkai.ledger.models import Matter, Obligation, RulesEdition
from gongkai.office.tests.conftest import text_of
from gongkai.people.models import AccountEvent
from gongkai.ui.refusal import Refused
from tests.world import moment

pytestmark = pytest.mark.django_db

PAGE = "/office/revision/"
PASSWORD = "Mima-2025-abc"
OLD = "2025-09-29 00:00"


@pytest.fixture
def corrected(county, letter, at):
    """A letter whose duty to be opened is written as due earlier than the rules now say."""
    found = letter("2025-09-28 08:30")
    Matter.objects.update(rules_version="old")
    duty = Obligation.objects.get(duty="letter.open")
    right = duty.due_at
    Obligation.objects.filter(pk=duty.pk).update(due_at=moment(OLD))
    at("2025-09-28 09:00")
    duty.right = right
    return found, duty


def due(duty: Obligation):
    return Obligation.objects.get(pk=duty.pk).due_at


def test_the_page_lists_what_would_change_and_the_person_signs(county, corrected, signed_in):
    found, duty = corrected
    chen = signed_in(county.chen_li)
    said = text_of(chen.get(PAGE))
    assert found.matter.number in said
    assert "1 件会变" in said
    assert "2025年9月28日 24:00" in said
    assert due(duty) == moment(OLD)

    response = chen.post(PAGE, {"version": lawbook.version(county.place.code)}, follow=True)

    assert "已签字，重算 1 件，1 件有变化" in text_of(response)
    assert "陈立 签字" in text_of(response)
    assert "没有要签的" in text_of(response)
    assert due(duty) == duty.right
    assert RulesEdition.objects.get().by == county.chen_li


def test_rules_that_changed_again_are_not_signed_for(county, corrected, signed_in):
    _, duty = corrected
    refused = signed_in(county.chen_li).post(PAGE, {"version": "another"})
    assert (refused.status_code, "又变了" in text_of(refused)) == (409, True)
    assert due(duty) == moment(OLD)
    assert not RulesEdition.objects.exists()


def test_more_than_a_page_can_fold_is_for_the_terminal(county, corrected, signed_in, monkeypatch):
    monkeypatch.setattr("gongkai.office.actions.MOST", 0)
    refused = signed_in(county.chen_li).post(PAGE, {"version": lawbook.version(county.place.code)})
    assert (refused.status_code, "ledger adopt" in text_of(refused)) == (409, True)


@pytest.mark.parametrize("who", ["wang_min", "he_zhiyuan", "zheng_jie", "wu_tao"])
def test_nobody_else_signs(county, corrected, signed_in, who):
    client = signed_in(county.staff[who])
    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, {"version": lawbook.version(county.place.code)}).status_code == 404
    assert not RulesEdition.objects.exists()


# ---- at a terminal ---------------------------------------------------------------------------------------------


@pytest.fixture
def terminal(county, monkeypatch):
    """Answers typed at a terminal; chen_li's password is known."""
    for staff in (county.chen_li, county.wang_min):
        staff.set_password(PASSWORD)
        staff.save()
    monkeypatch.setattr(commands, "is_terminal", lambda: True)

    def type_(*lines: str, by: str = ""):
        options = ["adopt", *(["--by", by] if by else [])]
        return CliRunner().invoke(commands.app, options, input="".join(f"{line}\n" for line in lines))

    return type_


def test_a_dry_run_tells_and_writes_nothing(county, corrected):
    found, duty = corrected
    told = CliRunner().invoke(commands.app, ["adopt", "--dry-run"])
    assert found.matter.number in told.output
    assert "2025年9月28日 24:00 →" in told.output
    assert due(duty) == moment(OLD)


def test_who_signs_at_the_terminal_gives_the_password(county, corrected, terminal):
    _, duty = corrected
    done = terminal(county.chen_li.username, PASSWORD, "y")
    assert "1 个有变化。签字人 陈立" in done.output
    assert PASSWORD not in done.output
    assert (due(duty), RulesEdition.objects.get().by) == (duty.right, county.chen_li)


def test_a_wrong_password_another_power_or_a_no_signs_nothing(county, corrected, terminal):
    _, duty = corrected
    login = county.chen_li.username
    wrong = terminal("x", by=login)
    assert isinstance(wrong.exception, Refused)
    assert AccountEvent.objects.filter(what="sign_in_failed", by=county.chen_li).count() == 1
    assert isinstance(terminal(PASSWORD, "y", by=county.wang_min.username).exception, Refused)
    assert terminal(PASSWORD, "n", by=login).exit_code == 1
    assert due(duty) == moment(OLD)
    assert not RulesEdition.objects.exists()


def test_the_second_factor_is_asked_for_where_it_is_on(county, corrected, terminal, monkeypatch):
    from allauth.mfa.totp.internal.auth import (
        TOTP,
        format_hotp_value,
        hotp_value,
        yield_hotp_counters_from_time,
    )

    still = SimpleNamespace(time=lambda: 1_800_000_000)  # the code holds as long as the test takes
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", still)
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(county.chen_li, secret)
    login = county.chen_li.username
    assert isinstance(terminal(PASSWORD, "000000", "y", by=login).exception, Refused)
    assert not RulesEdition.objects.exists()
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert terminal(PASSWORD, code, "y", by=login).exit_code == 0
    assert RulesEdition.objects.get().by == county.chen_li


def test_nobody_signs_from_a_script(county, corrected):
    _, duty = corrected
    refused = CliRunner().invoke(
        commands.app, ["adopt", "--by", county.chen_li.username], input=f"{PASSWORD}\ny\n"
    )
    assert isinstance(refused.exception, Refused)
    assert due(duty) == moment(OLD)


# ---- without a person ------------------------------------------------------------------------------------------


def test_a_start_adopts_by_itself_what_changes_nothing(county, letter, at):
    letter("2025-09-28 08:30")
    Matter.objects.update(rules_version="old")
    at("2026-03-01 09:00")
    serve._settle(empty=True)
    assert not Matter.objects.filter(rules_version="old").exists()
    edition = RulesEdition.objects.get(place=county.place)
    assert (edition.by, edition.changed) == (None, 0)
    serve._settle(empty=True)
    assert RulesEdition.objects.filter(place=county.place).count() == 1
    assert "不用签字" in CliRunner().invoke(commands.app, ["adopt"]).output


def test_a_start_leaves_what_changes_something_to_a_person_and_says_so(county, corrected, capsys):
    _, duty = corrected
    serve._settle(empty=True)
    assert "要由人签字" in capsys.readouterr().out
    assert due(duty) == moment(OLD)
    assert not RulesEdition.objects.filter(place=county.place).exists()
