"""What other rooms ask of opinion: where an event is seen, what follows its reviews, who may open its files."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from gongkai.files.models import Attachment
from gongkai.files.policy import guard
from gongkai.ledger import pages
from gongkai.ledger.models import Matter
from gongkai.opinion import policy
from gongkai.opinion.actions import ROOM, piloting, responding, supervising
from gongkai.people.actor import Actor
from gongkai.people.models import Staff
from gongkai.reviews.subjects import subject


def url_of(matter: Matter) -> str:
    return reverse("opinion:event", args=[matter.number])


def risk_url(matter: Matter) -> str:
    return reverse("opinion:risk", args=[matter.number])


@guard(ROOM)
def may_open(request: HttpRequest, file: Attachment) -> bool:
    """Staff who may see the event; the files of an event are never public."""
    staff = request.user
    if not isinstance(staff, Staff) or not staff.is_active:
        return False
    actor = Actor.of(staff, timezone.localdate())
    return policy.visible_to(actor).filter(matter__number=file.number).exists()


subject(policy.RESPONSE, "舆情回应", url=url_of, passed=responding.signed, returned=responding.unsigned)
subject(policy.MEASURES, "预控处置意见", url=url_of, passed=responding.approved)
subject(
    policy.RISK,
    "舆情风险评估",
    url=risk_url,
    passed=supervising.risk_approved,
    returned=supervising.risk_returned,
)
pages.page(ROOM, "opinion:event", policy.visible_to)
pages.page(supervising.ROOM, "opinion:risk", policy.visible_risks)
pages.page(piloting.CHECKS, "opinion:check", policy.visible_checks)
