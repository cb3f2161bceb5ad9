"""What other rooms ask of documents: the reviews, what follows their signatures and where the thing is seen, who may open its
files, where a cited article can be read."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from gongkai.documents import articles, policy
from gongkai.documents.actions import FAULTS, ROOM, signing
from gongkai.documents.models import Document, Fault
from gongkai.files.models import Attachment
from gongkai.files.policy import guard
from gongkai.ledger import pages
from gongkai.ledger.models import Matter
from gongkai.people.actor import Actor
from gongkai.people.models import Staff
from gongkai.reviews.models import Sheet
from gongkai.reviews.subjects import subject
from gongkai.ui import citations
from gongkai.ui.refusal import Verdict


def url_of(matter: Matter) -> str:
    return reverse("documents:document", args=[matter.number])


@guard(ROOM)
def may_open(request: HttpRequest, file: Attachment) -> bool:
    """Everybody while the document is published; staff who may see the document."""
    documents = Document.objects.filter(matter__number=file.number)
    if documents.published().exists():
        return True
    staff = request.user
    if not isinstance(staff, Staff) or not staff.is_active:
        return False
    actor = Actor.of(staff, timezone.localdate())
    return policy.visible_to(actor).filter(matter__number=file.number).exists()


def _may_sign(sheet: Sheet, _actor: Actor) -> Verdict:
    document = Document.objects.select_related("edition", "unit").get(matter=sheet.matter_id)
    return policy.may_sign(document)


def _faults(actor: Actor) -> QuerySet[Fault]:
    faults = Fault.objects.filter(place=actor.place)
    return faults if policy.may_answer_fault(actor) else faults.none()


subject(
    policy.ISSUE, "公文", url=url_of, may_sign=_may_sign, passed=signing.signed, returned=signing.unsigned
)
subject(policy.RELEASE, "发布", url=url_of, passed=signing.cleared, returned=signing.uncleared)
citations.register(articles.cited_at)
pages.page(ROOM, "documents:document", policy.visible_to)
pages.page(FAULTS, "documents:fault", _faults)
