"""Other ways a letter goes: merged, handed over, reported, declined, withdrawn, added to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from gongkai.ledger import actions as ledger
from gongkai.ledger.models import Link
from gongkai.letters import facts, policy
from gongkai.letters.actions.reply import merged_into
from gongkai.letters.actions.report import report, tell_writer
from gongkai.letters.indexing import index
from gongkai.letters.models import Letter, Stage
from gongkai.people.actor import Actor
from gongkai.people.models import unit_answering_for
from gongkai.text import screen
from gongkai.ui.refusal import Refused


@transaction.atomic
def merge(letter: Letter, into: Letter, *, by: Actor, at: datetime) -> Letter:
    """Handle a letter together with another about the same thing; its writer gets the same answer."""
    letter, into = Letter.objects.locked(letter), Letter.objects.locked(into)
    policy.may_merge(by, letter, into).enforce()
    for other in merged_into(letter):
        ledger.link(Link.Kind.MERGED_INTO, other.matter, into.matter)
    letter.move_to(Stage.MERGED)
    letter.save(update_fields=["stage"])
    fact = report(letter, facts.MERGED, by, at, into=into.matter.number)
    ledger.link(Link.Kind.MERGED_INTO, letter.matter, into.matter, fact)
    index([letter])
    return letter


@transaction.atomic
def merge_all(letters: Iterable[Letter], into: Letter, *, by: Actor, at: datetime) -> int:
    """Merge several letters into one, all or none; how many. Those that are merged into it already are passed over."""
    known = {other.pk for other in merged_into(into)}
    fresh = [letter for letter in letters if letter.pk not in known]
    for letter in fresh:
        merge(letter, into, by=by, at=at)
    return len(fresh)


@transaction.atomic
def hand_to_petition(letter: Letter, *, by: Actor, at: datetime) -> Letter:
    """Hand a report or complaint to the petition office; the writer is told where it went."""
    letter = Letter.objects.locked(letter)
    policy.may_hand_over(by, letter).enforce()
    unit = unit_answering_for(letter.place, "petition", timezone.localdate(at))
    if unit is None:
        raise Refused("本地没有登记信访部门", remedy="请管理员在“单位”里为信访部门勾选“信访”职能。")
    letter.move_to(Stage.HANDED)
    letter.save(update_fields=["stage"])
    report(letter, facts.HANDED_TO_PETITION, by, at, party=unit.code)
    tell_writer(letter, "handed", at)
    index([letter])
    return letter


@transaction.atomic
def report_to_cyberspace(letter: Letter, *, by: Actor, at: datetime, ground: str) -> Letter:
    """Tell the cyberspace office that this may become public opinion; handling the letter goes on."""
    letter = Letter.objects.locked(letter)
    policy.may_report(by, letter).enforce()
    unit = unit_answering_for(letter.place, "cyberspace", timezone.localdate(at))
    if unit is None:
        raise Refused("本地没有登记网信部门", remedy="请管理员在“单位”里为网信部门勾选“网信”职能。")
    report(letter, facts.REPORTED_TO_CYBERSPACE, by, at, party=unit.code, ground=screen.mask(ground)[:300])
    return letter


@transaction.atomic
def decline(letter: Letter, *, by: Actor, at: datetime, reason: str, channel: str) -> Letter:
    """Not taken: another procedure is the right one. The writer is told which, and why."""
    letter = Letter.objects.locked(letter)
    policy.may_decline(by, letter).enforce()
    letter.move_to(Stage.DECLINED)
    letter.answer = f"{reason.strip()}\n\n{channel.strip()}".strip()
    letter.save(update_fields=["stage", "answer"])
    report(letter, facts.DECLINED, by, at, reason=screen.mask(reason)[:300], channel=channel[:100])
    tell_writer(letter, "declined", at)
    index([letter])
    return letter


@transaction.atomic
def withdraw(letter: Letter, *, at: datetime) -> Letter:
    """The writer takes the letter back, with its code."""
    letter = Letter.objects.locked(letter)
    if not letter.is_working:
        raise Refused(f"这封信{letter.get_stage_display()}，不能撤回")
    letter.move_to(Stage.WITHDRAWN)
    letter.save(update_fields=["stage"])
    report(letter, facts.WITHDRAWN, Actor.system(letter.place), at)
    index([letter])
    return letter


@transaction.atomic
def supplement(letter: Letter, *, at: datetime, words: str) -> Letter:
    """The writer adds something while the letter is being worked on."""
    letter = Letter.objects.locked(letter)
    if not letter.is_working:
        raise Refused(f"这封信{letter.get_stage_display()}，不能再补充", remedy="可以另写一封信。")
    letter.text = f"{letter.text}\n\n【{timezone.localtime(at):%Y-%m-%d %H:%M} 补充】\n{words.strip()}"
    letter.save(update_fields=["text"])
    report(letter, facts.SUPPLEMENTED, Actor.system(letter.place), at)
    index([letter])
    return letter
