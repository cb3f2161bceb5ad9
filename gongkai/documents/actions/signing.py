"""What follows a review: the document is signed or goes back, the release is cleared or goes back."""

from __future__ import annotations

from datetime import datetime

from gongkai.documents import facts, policy
from gongkai.documents.actions.report import report
from gongkai.documents.models import Document, Sort, Stage
from gongkai.people.actor import Actor
from gongkai.reviews.models import Sheet


def document_of(sheet: Sheet) -> Document:
    """The document under review, locked."""
    return Document.objects.locked(Document.objects.only("pk").get(matter=sheet.matter_id))


def signed(sheet: Sheet, by: Actor, at: datetime) -> None:
    """All have signed: the document may be issued, and its interpretations have been signed with it."""
    document = document_of(sheet)
    document.move_to(Stage.SIGNED)
    document.signed_at, document.signatory = at, by.name[:32]
    document.save(update_fields=["stage", "signed_at", "signatory"])
    report(document, facts.SIGNED, by, at, attribute=document.attribute)
    for one in policy.interpretations_of(document):
        if one.signed_at is None:
            one.signed_at = at
            one.save(update_fields=["signed_at"])
            report(document, facts.INTERPRETATION_SIGNED, by, at, unit=document.unit.code)


def unsigned(sheet: Sheet, by: Actor, at: datetime, ground: str) -> None:
    """Returned (退文, on a ground of the place's list) or taken back: the draft is its author's again."""
    document = document_of(sheet)
    document.move_to(Stage.DRAFT)
    document.save(update_fields=["stage"])
    if ground:
        report(document, facts.RETURNED, by, at, ground=ground)


def cleared(sheet: Sheet, by: Actor, at: datetime) -> None:
    """The release has been signed; of a published document its new edition has."""
    document = document_of(sheet)
    if document.stage == Stage.CLEARING:
        document.move_to(Stage.CLEARED)
        document.save(update_fields=["stage"])
    report(document, facts.RELEASE_SIGNED, by, at, edition=document.edition.serial if document.edition else 1)


def uncleared(sheet: Sheet, by: Actor, at: datetime, ground: str) -> None:
    """Returned or taken back before release."""
    document = document_of(sheet)
    if document.stage == Stage.CLEARING:
        document.move_to(Stage.ISSUED if document.sort == Sort.OFFICIAL else Stage.DRAFT)
        document.save(update_fields=["stage"])
    if ground:
        report(document, facts.RETURNED, by, at, ground=ground)
