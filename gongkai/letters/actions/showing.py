"""Publication of question and answer, looking at the writer, taking letters away as a table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from gongkai.files import actions as files
from gongkai.files.models import Attachment
from gongkai.letters import facts, policy
from gongkai.letters.actions.report import report
from gongkai.letters.attachments import REPLY
from gongkai.letters.indexing import index
from gongkai.letters.models import Export, Letter, LetterQuerySet
from gongkai.people.actor import Actor
from gongkai.text import screen
from gongkai.ui.refusal import Refused

IN_AN_ANSWER = tuple(
    kind for kind in screen.Kind if kind is not screen.Kind.LANDLINE
)  # an office may be called


@transaction.atomic
def publish(
    letter: Letter, *, by: Actor, at: datetime, title: str, text: str, answer: str,
    attachments: Iterable[Attachment] = (),
) -> Letter:  # fmt: skip
    """Publish question and answer, as edited for the public; personal data that is still found is masked.

    Of the files of the reply only those chosen here are public.
    """
    letter = Letter.objects.locked(letter)
    policy.may_publish(by, letter).enforce()
    letter.public_title, letter.public_text = screen.mask(title), screen.mask(text)
    letter.public_answer = screen.mask(answer, kinds=IN_AN_ANSWER)
    letter.published_at = at
    letter.save(update_fields=["public_title", "public_text", "public_answer", "published_at"])
    files.publish(REPLY, letter.number, attachments)
    report(letter, facts.PUBLISHED, by, at)
    index([letter])
    return letter


@transaction.atomic
def unpublish(letter: Letter, *, by: Actor, at: datetime, reason: str) -> Letter:
    """Take question and answer off the site at once."""
    letter = Letter.objects.locked(letter)
    policy.may_unpublish(by, letter).enforce()
    letter.published_at = None
    letter.save(update_fields=["published_at"])
    files.publish(REPLY, letter.number, ())
    report(letter, facts.UNPUBLISHED, by, at, reason=screen.mask(reason)[:300])
    index([letter])
    return letter


@transaction.atomic
def unmask(letter: Letter, *, by: Actor, at: datetime, reason: str) -> dict[str, Any]:
    """Show the writer to somebody who may see them; that they looked, and why, is a fact."""
    policy.may_unmask(by, letter).enforce()
    if len(reason.strip()) < 4:
        raise Refused("请写明查看来信人信息的事由", remedy="至少四个字，例如“电话核实漏水位置”。")
    report(letter, facts.UNMASKED, by, at, reason=screen.mask(reason)[:300])
    return letter.person


@transaction.atomic
def note_export(
    letters: LetterQuerySet, *, by: Actor, at: datetime, form: str, asked: str, with_person: bool
) -> Export:
    """Note that letters leave as a table of a form (CSV, XLSX), before they do. `asked` is the questions in words."""
    policy.may_export(by).enforce()
    assert by.staff is not None
    return Export.objects.create(
        place=by.place, by=by.staff, at=at, form=form, asked=screen.mask(asked)[:500], rows=letters.count(),
        with_person=with_person,
    )  # fmt: skip
