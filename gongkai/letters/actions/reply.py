"""The reply with its files: drafted, signed by another person, sent to the writer and to all whose letters were merged."""

from __future__ import annotations

from datetime import datetime

from django.core.files.base import File
from django.db import transaction

from gongkai.files import actions as files
from gongkai.files.models import Attachment
from gongkai.ledger.models import Link
from gongkai.letters import facts, policy
from gongkai.letters.actions.handling import sign_for
from gongkai.letters.actions.report import code_of, report, tell_writer
from gongkai.letters.attachments import REPLY
from gongkai.letters.indexing import index
from gongkai.letters.models import Draft, Letter, Stage
from gongkai.people.actor import Actor
from gongkai.text import screen
from gongkai.ui.refusal import Refused


def current_draft(letter: Letter) -> Draft | None:
    return letter.drafts.exclude(state=Draft.State.SENT).order_by("-id").first()


@transaction.atomic
def draft(letter: Letter, *, by: Actor, at: datetime, text: str) -> Draft:
    """Keep the reply as far as it is written."""
    letter = Letter.objects.locked(letter)
    policy.may_handle(by, letter).enforce()
    found = current_draft(letter) or Draft(letter=letter)
    found.text, found.author, found.updated_at, found.state = text.strip(), by.staff, at, Draft.State.WRITING
    found.save()
    return found


def attach_to_reply(letter: Letter, upload: File[bytes], *, by: Actor, at: datetime) -> Attachment:
    """Put a file to the reply, while it is written; the writer is given it with the answer.

    The letter is not locked while the file is read and scanned: whether it may be is asked before and after.
    """
    policy.may_handle(by, letter).enforce()
    file = files.attach(upload, room=REPLY, number=letter.number, by=by.staff, at=at)
    with transaction.atomic():
        verdict = policy.may_handle(by, Letter.objects.locked(letter))
        if not verdict:
            files.remove(file)
    verdict.enforce()
    return file


@transaction.atomic
def detach_from_reply(letter: Letter, file: Attachment, *, by: Actor) -> None:
    """Take a file from the reply while it is written. What went out with an earlier answer stays."""
    letter = Letter.objects.locked(letter)
    policy.may_detach(by, letter, file).enforce()
    files.remove(file)


@transaction.atomic
def submit(letter: Letter, *, by: Actor, at: datetime, text: str) -> Draft:
    """Send the reply to be signed. Refused, with the article, while something it needs is missing."""
    letter = Letter.objects.locked(letter)
    policy.may_submit(by, letter).enforce()
    if not text.strip():
        raise Refused("答复还没有写", remedy="请先写答复正文。")
    if letter.stage == Stage.ASSIGNED:
        letter = sign_for(letter, by=by, at=at)
    found = draft(letter, by=by, at=at, text=text)
    found.state = Draft.State.SUBMITTED
    found.save(update_fields=["state"])
    letter.move_to(Stage.SIGNING)
    letter.save(update_fields=["stage"])
    report(letter, facts.REPLY_SUBMITTED, by, at, unit=code_of(letter.unit))
    return found


@transaction.atomic
def sign_reply(letter: Letter, *, by: Actor, at: datetime, opinion: str = "") -> Draft:
    """The unit's head signs the reply; where the unit itself answers, it is sent at once by `answer`."""
    letter = Letter.objects.locked(letter)
    found = current_draft(letter)
    policy.may_sign_reply(by, letter, found).enforce()
    assert found is not None
    found.state, found.signer, found.opinion, found.signed_at = (
        Draft.State.SIGNED,
        by.staff,
        opinion[:500],
        at,
    )
    found.save(update_fields=["state", "signer", "opinion", "signed_at"])
    report(letter, facts.REPLY_SIGNED, by, at, unit=code_of(letter.unit))
    return found


@transaction.atomic
def sign_and_answer(letter: Letter, *, by: Actor, at: datetime, opinion: str = "") -> Draft:
    """Sign the reply; where the signer's unit answers itself, send it at once."""
    letter = Letter.objects.locked(letter)
    found = sign_reply(letter, by=by, at=at, opinion=opinion)
    if policy.may_answer(by, letter, found):
        answer(letter, by=by, at=at)
    return found


@transaction.atomic
def return_reply(letter: Letter, *, by: Actor, at: datetime, opinion: str) -> Draft:
    """Send the reply back to its author, with what to change."""
    letter = Letter.objects.locked(letter)
    found = current_draft(letter)
    policy.may_return_reply(by, letter, found).enforce()
    assert found is not None
    letter.move_to(Stage.HANDLING)
    letter.save(update_fields=["stage"])
    found.state, found.signer, found.opinion = Draft.State.RETURNED, by.staff, opinion[:500]
    found.save(update_fields=["state", "signer", "opinion"])
    report(letter, facts.REPLY_RETURNED, by, at, unit=code_of(letter.unit), reason=screen.mask(opinion)[:300])
    return found


@transaction.atomic
def answer(letter: Letter, *, by: Actor, at: datetime) -> Letter:
    """Send the signed reply to the writer, and to everyone whose letter was merged into this one."""
    letter = Letter.objects.locked(letter)
    found = current_draft(letter)
    policy.may_answer(by, letter, found).enforce()
    assert found is not None
    letter.move_to(Stage.ANSWERED)
    letter.answer, letter.answered_at = found.text, at
    letter.rating, letter.rating_words = "", ""
    letter.save(update_fields=["stage", "answer", "answered_at", "rating", "rating_words"])
    found.state = Draft.State.SENT
    found.save(update_fields=["state"])
    unit = letter.lead if policy.answers_itself(letter) else letter.unit
    report(letter, facts.ANSWERED, by, at, unit=code_of(unit))
    tell_writer(letter, "answered", at, str(found.pk))
    for other in merged_into(letter):
        other.answer, other.answered_at = found.text, at
        other.rating, other.rating_words = "", ""
        other.save(update_fields=["answer", "answered_at", "rating", "rating_words"])
        report(other, facts.ANSWERED, by, at, unit=code_of(unit))
        tell_writer(other, "answered", at, str(found.pk))
    index([letter])
    return letter


def merged_into(letter: Letter) -> list[Letter]:
    """Letters that were merged into this one."""
    sources = Link.objects.filter(kind=Link.Kind.MERGED_INTO, target=letter.matter).values("source")
    return list(Letter.objects.filter(matter__in=sources).select_related("matter", "lead"))
