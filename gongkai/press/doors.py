"""What other rooms ask of press: the reviews, the effects of the outbox, who may open its files."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from gongkai.files.models import Attachment
from gongkai.files.policy import guard
from gongkai.ledger import pages
from gongkai.ledger.models import Matter
from gongkai.ledger.outbox import handles
from gongkai.people.actor import Actor
from gongkai.people.models import Staff
from gongkai.press import actions, policy
from gongkai.press.models import Account, Failing, InterviewRequest, PressEvent, SocialPost
from gongkai.reviews.subjects import subject


def url_of_event(matter: Matter) -> str:
    return reverse("press:event", args=[matter.number])


def url_of_post(matter: Matter) -> str:
    return reverse("press:post", args=[matter.number])


@pages.way
def to_plan(actor: Actor, matter: Matter) -> pages.Way | None:
    """To the plan by which a document or the answer to public opinion is spread."""
    if matter.room == "press" or not policy.may_plan_dissemination(actor, matter):
        return None
    return pages.Way("发布传播方案", reverse("press:plan", args=[matter.number]))


def _actor(request: HttpRequest) -> Actor | None:
    staff = request.user
    if not isinstance(staff, Staff) or not staff.is_active:
        return None
    return Actor.of(staff, timezone.localdate())


@guard(actions.ROOM)
def may_open(request: HttpRequest, file: Attachment) -> bool:
    """Everybody what was published with an event; staff, of an event they see, everything but others' drafts."""
    if file.is_public and PressEvent.objects.exclude(published_at=None).filter(matter__number=file.number):
        return True
    actor = _actor(request)
    if actor is None:
        return False
    return policy.visible_to(actor).filter(matter__number=file.number, unit__in=_units(actor)).exists()


@guard(actions.POSTS)
def may_open_picture(request: HttpRequest, file: Attachment) -> bool:
    """Staff who see the post."""
    actor = _actor(request)
    return actor is not None and policy.cases(actor, SocialPost).filter(matter__number=file.number).exists()


def _units(actor: Actor) -> Any:
    """Units whose unpublished files a person opens."""
    return actor.place.units.values("pk") if policy.sees_all(actor) else actor.units(*policy.WORKERS)


@handles(actions.INVITE)
def send_invitation(payload: dict[str, Any], now: datetime) -> datetime | None:
    """Mail an invitation."""
    actions.send_invitation(payload["invitation"], now)
    return None


@handles(actions.PUSH)
def deliver(payload: dict[str, Any], now: datetime) -> datetime | None:
    """Give a post to an account."""
    actions.deliver(payload["push"], now)
    return None


def _opened(actor: Actor, kind: Any) -> QuerySet[Any]:
    """The cases of a kind a person may open; none for who has no business in this room."""
    seen = policy.visible_to(actor) if kind is PressEvent else policy.cases(actor, kind)
    return seen if policy.may_enter(actor) else seen.none()


subject(policy.MATERIAL, "发布材料", url=url_of_event, passed=actions.signed, returned=actions.unsigned)
subject(
    policy.POST, "新媒体稿件", url=url_of_post, passed=actions.post_signed, returned=actions.post_unsigned
)
for _room, _name, _kind in (
    (actions.ROOM, "event", PressEvent), (actions.REQUESTS, "request", InterviewRequest),
    (actions.ACCOUNTS, "account", Account), (actions.POSTS, "post", SocialPost), (actions.FAILINGS, "failing", Failing),
):  # fmt: skip
    pages.page(_room, f"press:{_name}", partial(_opened, kind=_kind))
