"""The ways out of the house: mail, SMS through a gateway, and the webhooks of units (see `webhooks`)."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

from gongkai.notices import webhooks
from gongkai.notices.models import Delivery
from gongkai.notices.undelivered import Undelivered

log = logging.getLogger(__name__)

SIGN = "【政务公开】"
SMS_LENGTH = 70  # one message of Chinese text

Gateway = Callable[[str, str], None]
"""Takes a phone number and a text; raises when the text was not accepted."""


def send(delivery: Delivery, now: datetime) -> None:
    """Send one delivery. Raises Undelivered, or whatever the channel raises."""
    match delivery.channel:
        case Delivery.Channel.MAIL:
            mail(delivery)
        case Delivery.Channel.SMS:
            sms(delivery)
        case Delivery.Channel.WEBHOOK:
            webhooks.post(delivery, now)


def mail(delivery: Delivery) -> None:
    if delivery.staff is None or not delivery.staff.email:
        raise Undelivered("没有电子邮箱")
    to_mail(delivery.staff.email, f"{'【紧急】' if delivery.urgent else ''}{delivery.title}", delivery.body)


def sms(delivery: Delivery) -> None:
    """Send title and number in one message: the rest is read at the desk, not on its way there."""
    if delivery.staff is None or not delivery.staff.phone:
        raise Undelivered("没有手机号码")
    tail = f"（{delivery.number}）" if delivery.number else ""
    room = SMS_LENGTH - len(SIGN) - len(tail)
    to_phone(delivery.staff.phone, f"{SIGN}{delivery.title[:room]}{tail}")


def to_mail(address: str, subject: str, text: str) -> None:
    """Send one mail in plain text. Raises what the mail server says."""
    EmailMessage(" ".join(subject.split()), text, None, [address]).send()


def to_phone(phone: str, text: str) -> None:
    """Send one SMS through the gateway of the deployment. Raises what the gateway says."""
    path = getattr(settings, "GONGKAI_SMS_GATEWAY", "") or "gongkai.notices.channels.file_gateway"
    gateway: Gateway = import_string(path)
    gateway(phone, text)
    log.info("sms to %s", masked(phone))


def file_gateway(phone: str, text: str) -> None:
    """The gateway of a desk without one: a line of JSON in `outbox/sms.jsonl`, readable by the owner only."""
    path = Path(settings.HOME) / "outbox" / "sms.jsonl"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(json.dumps({"phone": phone, "text": text}, ensure_ascii=False) + "\n")


def masked(phone: str) -> str:
    """A number as it may stand in a log: 138****5678."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else "****"
