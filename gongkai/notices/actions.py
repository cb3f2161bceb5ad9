"""The verbs of notices: tell, send what is due, digest, read, prefer. Nothing else writes them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from gongkai.notices import channels, hours
from gongkai.notices.models import Delivery, Notice, Preference, WebhookSecret
from gongkai.notices.undelivered import Undelivered
from gongkai.people.actor import holders, holders_at
from gongkai.people.models import Place, Power, Staff, Unit, on_watch
from gongkai.vault import cipher

log = logging.getLogger(__name__)

WORKING = (Power.HANDLE, Power.ASSIGN, Power.SIGN, Power.WATCH, Power.RESPOND)
TRIES = 6
LEASE = timedelta(minutes=5)  # how long a delivery taken up is left to whoever took it
DIGEST_LINES = 20


@transaction.atomic
def tell(
    *,
    key: str,
    unit: Unit,
    place: Place,
    title: str,
    body: str,
    number: str,
    urgent: bool,
    overseers: bool,
    now: datetime,
    powers: Sequence[str] = WORKING,
) -> datetime | None:
    """Tell those who work in a unit today, once per key; put out the mail, SMS and webhook of it.

    `powers` are those of which they have one: to work on letters, unless named.

    Those who oversee the place are told too when `overseers`, and when the unit has nobody. What is urgent
    outside office hours also reaches whoever is on duty, by SMS whatever they prefer. Quiet hours hold back
    what is not urgent. Returns None: there is nothing to ask again for.
    """
    on = hours.today(now)
    told = holders(unit, on, *powers)
    if overseers or not told:
        told += holders_at(place, on, Power.OVERSEE)
    watch: list[Staff] = []
    if urgent and not hours.at_work(place.pk, now):
        watch = [row.staff for row in on_watch(place, now) if row.staff.is_active]
    everyone = {staff.pk: staff for staff in (*told, *watch)}

    Notice.objects.bulk_create(
        [
            Notice(
                staff=staff, place=place, key=key, title=title[:200], body=body, number=number, urgent=urgent,
                at=now,
            )
            for staff in everyone.values()
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    message = Delivery(title=title[:200], body=body, number=number, urgent=urgent)
    deliveries = _to_people(message, key, everyone.values(), {staff.pk for staff in watch}, now)
    if unit.webhook:
        due = now if urgent else hours.after_quiet(now)
        deliveries.append(
            _copy(message, f"{key}:webhook:{unit.pk}", Delivery.Channel.WEBHOOK, due, unit=unit)
        )
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    return None


def _to_people(
    message: Delivery, key: str, people: Iterable[Staff], on_duty: set[int], now: datetime
) -> list[Delivery]:
    people = list(people)
    preferences = {p.staff_id: p for p in Preference.objects.filter(staff__in=people)}
    deliveries = []
    for staff in people:
        wish = preferences.get(staff.pk) or Preference()
        due = now if message.urgent else hours.after_quiet(now, staff)
        if staff.email and wish.mail:
            deliveries.append(
                _copy(message, f"{key}:mail:{staff.pk}", Delivery.Channel.MAIL, due, staff=staff)
            )
        if staff.phone and (wish.sms or staff.pk in on_duty):
            deliveries.append(_copy(message, f"{key}:sms:{staff.pk}", Delivery.Channel.SMS, due, staff=staff))
    return deliveries


def _copy(
    message: Delivery,
    key: str,
    channel: Delivery.Channel,
    due_at: datetime,
    *,
    staff: Staff | None = None,
    unit: Unit | None = None,
) -> Delivery:
    return Delivery(
        key=key, channel=channel, due_at=due_at, staff=staff, unit=unit, title=message.title,
        body=message.body, number=message.number, urgent=message.urgent,
    )  # fmt: skip


def send_due(now: datetime, limit: int = 100) -> int:
    """Send what is due, at least once; how many were taken up. Not inside a transaction: it waits for others.

    A delivery is taken by moving its due time a lease ahead, so any number may send at the same time and what
    a killed one took is sent after the lease. What fails is tried again with growing pauses, then given up.
    """
    taken = 0
    for delivery in Delivery.objects.due(now).select_related("staff", "unit").order_by("due_at")[:limit]:
        mine = Delivery.objects.pending().filter(pk=delivery.pk, due_at=delivery.due_at)
        if not mine.update(due_at=now + LEASE, attempts=F("attempts") + 1):
            continue
        taken += 1
        delivery.attempts += 1
        try:
            channels.send(delivery, now)
        except Exception as error:  # a channel may fail in any way; the others must still be sent
            said = str(error) if isinstance(error, Undelivered) else type(error).__name__
            given_up = now if delivery.attempts >= TRIES else None
            Delivery.objects.filter(pk=delivery.pk).update(
                due_at=now + timedelta(minutes=2**delivery.attempts), failed_at=given_up, error=said[:200]
            )
            log.warning("delivery %s failed: %s", delivery.key, said)
        else:
            Delivery.objects.filter(pk=delivery.pk).update(sent_at=now, error="")
    return taken


@transaction.atomic
def digest(now: datetime) -> int:
    """From 08:00 of a working day on, put out one mail to each person with notices unread since before then.

    Once for each person and day; how many were put out. Who does not want it or has no address gets none.
    """
    on = hours.today(now)
    since = hours.digest_at(on)
    if now < since:
        return 0
    unread = Q(notices__read_at=None, notices__at__lt=since)
    made = Delivery.objects.filter(staff=OuterRef("pk"), key__startswith=f"digest:{on}:")
    unwilling = Preference.objects.filter(staff=OuterRef("pk"), digest=False)
    people = (
        Staff.objects.filter(is_active=True)
        .exclude(email="")
        .filter(~Exists(made), ~Exists(unwilling))
        .annotate(
            unread=Count("notices", filter=unread),
            urgent=Count("notices", filter=unread & Q(notices__urgent=True)),
        )
        .filter(unread__gt=0)
    )
    places: dict[str, bool] = {}
    deliveries = []
    for staff in people:
        if staff.place_id not in places:
            places[staff.place_id] = hours.is_working_day(staff.place_id, on)
        if places[staff.place_id]:
            deliveries.append(
                Delivery(
                    key=f"digest:{on}:{staff.pk}", channel=Delivery.Channel.MAIL, staff=staff, due_at=now,
                    title=_("您有 %(count)s 条通知未读") % {"count": staff.unread},
                    body=_digest_text(staff, staff.unread, staff.urgent, since),
                )
            )  # fmt: skip
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    return len(deliveries)


def _digest_text(staff: Staff, unread: int, urgent: int, since: datetime) -> str:
    """The unread notices before an instant, urgent ones first, the first twenty by name."""
    notices = Notice.objects.filter(staff=staff, at__lt=since).unread().order_by("-urgent", "-at", "-id")
    lines = [_("%(name)s：您有 %(unread)s 条通知未读，其中紧急 %(urgent)s 条。")
             % {"name": staff.name, "unread": unread, "urgent": urgent}, ""]  # fmt: skip
    for notice in notices[:DIGEST_LINES]:
        local = notice.at.astimezone(hours.SHANGHAI)
        mark = _("【紧急】") if notice.urgent else ""
        lines.append(
            f"{local.month}月{local.day}日 {local:%H:%M}　{mark}{notice.title}　{notice.number}".rstrip()
        )
    if unread > DIGEST_LINES:
        lines.append(_("另有 %(more)s 条，请登录工作台查看。") % {"more": unread - DIGEST_LINES})
    return "\n".join(lines)


def read(staff: Staff, at: datetime, notice: Notice | None = None) -> int:
    """Note that a person has read one notice, or all they had by then; how many were unread."""
    mine = Notice.objects.filter(staff=staff, at__lte=at).unread()
    return (mine if notice is None else mine.filter(pk=notice.pk)).update(read_at=at)


def prefer(staff: Staff, *, mail: bool, sms: bool, digest: bool) -> Preference:
    """Keep how a person wants to be reached."""
    row, _created = Preference.objects.update_or_create(
        staff=staff, defaults={"mail": mail, "sms": sms, "digest": digest}
    )
    return row


def sign_with(unit: Unit, secret: str) -> None:
    """Keep, sealed, what the webhook of a unit is signed with; nothing when empty."""
    if secret:
        WebhookSecret.objects.update_or_create(unit=unit, defaults={"sealed": cipher.seal(secret)})
    else:
        WebhookSecret.objects.filter(unit=unit).delete()


def forget(before: datetime) -> int:
    """Drop notices read and deliveries sent or given up before an instant; how many."""
    done = Q(sent_at__lt=before) | Q(failed_at__lt=before)
    return Notice.objects.filter(read_at__lt=before).delete()[0] + Delivery.objects.filter(done).delete()[0]
