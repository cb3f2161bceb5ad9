"""What other rooms ask letters: words to the writer, and who may open a letter's attachments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from gongkai.files.policy import guard
from gongkai.ledger.outbox import handles
from gongkai.letters import actions, learning, policy
from gongkai.letters.models import Letter
from gongkai.notices import channels
from gongkai.people.actor import Actor
from gongkai.people.models import Staff

FOLLOWED = "followed"  # in the session: numbers of letters whose code was given

WORDS = {
    "received": "{government}：您的来信已收到，查询码 {code}。凭查询码和手机尾号后四位可查办理进度：{site}/{place}/follow/",
    "answered": "{government}：您的来信（查询码 {code}）已答复。查看并评价：{site}/{place}/rate/{key}/",
    "handed": "{government}：您的来信（查询码 {code}）已移送信访部门按规定处理。",
    "declined": "{government}：您的来信（查询码 {code}）不属于受理范围，理由和应走的渠道见：{site}/{place}/follow/",
}


@handles("letter.tell_writer")
def tell_writer(payload: dict[str, Any], now: datetime) -> datetime | None:
    """Send word to the writer's phone or mail. The number is read here and goes nowhere else."""
    letter = Letter.objects.select_related("place", "matter").get(pk=payload["letter"])
    person, event = letter.person, payload["event"]
    key = actions.new_rating_key(letter) if event == "answered" and not letter.rating else ""
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


@guard(actions.ROOM)
def may_open_files(request: HttpRequest, number: str) -> bool:
    """Attachments follow the letter: staff who may see it, and the writer who came with its code."""
    if number in request.session.get(FOLLOWED, ()):
        return True
    staff = request.user
    if not isinstance(staff, Staff) or not staff.is_active:
        return False
    actor = Actor.of(staff, timezone.localdate())
    return policy.visible_to(actor).filter(matter__number=number).exists()
