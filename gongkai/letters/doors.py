"""What other rooms ask letters: words to the writer, and who may open a letter's attachments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from gongkai.files.models import Attachment
from gongkai.files.policy import guard
from gongkai.ledger import pages
from gongkai.ledger.models import Link
from gongkai.ledger.outbox import handles
from gongkai.letters import actions, asks, attachments, learning, policy
from gongkai.letters.models import Issue, Letter, Stage
from gongkai.notices import channels
from gongkai.people.actor import Actor
from gongkai.people.models import Power, Staff

ISSUES = 5  # hot issues named of a concern
FOLLOWED = "followed"  # in the session: numbers of letters whose code was given

WORDS = {
    "received": "{government}：您的来信已收到，查询码 {code}。凭查询码和手机尾号后四位可查办理进度：{site}/{place}/follow/",
    "answered": "{government}：您的来信（查询码 {code}）已答复。查看并评价：{site}/{place}/rate/{key}/",
    "answered_together": "{government}：您的来信（查询码 {code}）和反映同一件事的来信一起办理，已答复。查看并评价：{site}/{place}/rate/{key}/",
    "handed": "{government}：您的来信（查询码 {code}）已移送信访部门按规定处理。",
    "declined": "{government}：您的来信（查询码 {code}）不属于受理范围，理由和应走的渠道见：{site}/{place}/follow/",
}


@handles("letter.tell_writer")
def tell_writer(payload: dict[str, Any], now: datetime) -> datetime | None:
    """Send word to the writer's phone or mail. The number is read here and goes nowhere else."""
    letter = Letter.objects.select_related("place", "matter").get(pk=payload["letter"])
    person, event = letter.person, payload["event"]
    key = actions.new_rating_key(letter) if event == "answered" and not letter.rating else ""
    if event == "answered" and letter.stage == Stage.MERGED:
        event = "answered_together"
    text = WORDS[event].format(
        government=letter.place.government,
        code=letter.code_shown,
        site=settings.SITE,
        place=letter.place.slug,
        key=key,
    )
    if phone := person.get("phone"):
        channels.to_phone(phone, text)
    elif email := person.get("email"):
        channels.to_mail(email, f"{letter.place.government}：来信办理", text)
    return None


@handles("letter.fill")
def fill(payload: dict[str, Any], now: datetime) -> datetime | None:
    """Fill in new letters as their place has set."""
    learning.fill(payload["letters"], now)
    return None


@guard(attachments.OWN)
def may_open_own(request: HttpRequest, file: Attachment) -> bool:
    """The writer's files: who may see the letter, and the writer who came with its code."""
    return file.number in request.session.get(FOLLOWED, ()) or _sees(request, file)


@guard(attachments.COLLECTED)
def may_open_collected(request: HttpRequest, file: Attachment) -> bool:
    """What the unit collected: who may see the letter."""
    return _sees(request, file)


@guard(attachments.REPLY)
def may_open_reply(request: HttpRequest, file: Attachment) -> bool:
    """Files of the reply: who may see the letter; writers who were given that answer; everybody where published."""
    if file.is_public and Letter.objects.published().filter(matter__number=file.number).exists():
        return True
    merged = Q(matter__links__kind=Link.Kind.MERGED_INTO, matter__links__target__number=file.number)
    followed = Letter.objects.filter(matter__number__in=request.session.get(FOLLOWED, ()), forgotten_at=None)
    followed = followed.filter(Q(matter__number=file.number) | merged, answered_at__gte=file.uploaded_at)
    return followed.exists() or _sees(request, file)


def _sees(request: HttpRequest, file: Attachment) -> bool:
    """Whether staff is signed in who may see the letter."""
    staff = request.user
    if not isinstance(staff, Staff) or not staff.is_active:
        return False
    actor = Actor.of(staff, timezone.localdate())
    return policy.visible_to(actor).filter(matter__number=file.number).exists()


@pages.knows
def issues_of(actor: Actor, numbers: Sequence[str]) -> list[pages.Known]:
    """The hot issues some letters are in, the hottest first. Two queries."""
    behind = Issue.letters.through.objects.filter(issue=OuterRef("pk"), letter__matter__number__in=numbers)
    found = list(Issue.objects.filter(Exists(behind), place=actor.place)[:ISSUES])
    opens = any(actor.may(power) for power in (Power.ASSIGN, Power.OVERSEE, Power.LEAD))
    opened = (
        set(asks.issues(policy.visible_to(actor), actor).filter(pk__in=[one.pk for one in found]))
        if opens
        else set()
    )
    return [
        pages.Known(
            "群众来信热点", issue.name, f"{issue.writers} 人，{issue.count} 封来信",
            reverse("letters:issue", args=[issue.pk]) if issue in opened else "",
        )
        for issue in found
    ]  # fmt: skip


pages.page(actions.ROOM, "letters:letter", policy.visible_to)
