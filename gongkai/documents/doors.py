"""What other rooms ask of documents: the reviews, what follows their signatures and where the thing is seen."""

from __future__ import annotations

from django.urls import reverse

from gongkai.documents import policy
from gongkai.documents.actions import signing
from gongkai.documents.models import Document
from gongkai.ledger.models import Matter
from gongkai.people.actor import Actor
from gongkai.reviews.models import Sheet
from gongkai.reviews.subjects import subject
from gongkai.ui.refusal import Verdict


def url_of(matter: Matter) -> str:
    return reverse("documents:document", args=[matter.number])


def _may_sign(sheet: Sheet, _actor: Actor) -> Verdict:
    document = Document.objects.select_related("edition", "unit").get(matter=sheet.matter_id)
    return policy.may_sign(document)


subject(
    policy.ISSUE, "公文", url=url_of, may_sign=_may_sign, passed=signing.signed, returned=signing.unsigned
)
subject(policy.RELEASE, "发布", url=url_of, passed=signing.cleared, returned=signing.uncleared)
