import json
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import transaction

from gongkai.notices import actions, channels, policy
from gongkai.notices.hours import after_quiet
from gongkai.notices.models import Delivery, Notice, WebhookSecret
from gongkai.notices.tests.conftest import moment
from gongkai.people.models import Leave, Staff, Watch

MORNING = moment("2025-09-29 09:00")
NIGHT = moment("2025-09-29 23:30")


def tell(county, now=MORNING, **changed):
    given = {
        "key": "entry:1",
        "unit": county.housing,
        "place": county.place,
        "title": "临期提醒：答复留言",
        "body": "东门小区电梯停运（LY-2025-0926-0147），2025年10月10日 24:00 前",
        "number": "LY-2025-0926-0147",
        "urgent": False,
        "overseers": False,
    }
    return actions.tell(**{**given, **changed}, now=now)


def told() -> set[str]:
    return {notice.staff.name for notice in Notice.objects.all()}


def sent(channel: str) -> list[Delivery]:
    return list(Delivery.objects.filter(channel=channel).order_by("id"))


# ---- who is told -----------------------------------------------------------------------------------------


def test_only_those_who_work_on_letters_in_the_unit_are_told(county):
    assert tell(county) is None

    assert told() == {"王敏"}
    assert policy.visible_to(county.li_qiang).count() == 0


def test_b_is_told_while_a_is_away(county):
    Leave.objects.create(staff=county.wang_min, first_on=date(2025, 9, 29), last_on=date(2025, 9, 30))
    tell(county)

    assert told() == {"王敏", "赵磊"}


def test_overseers_are_told_when_asked_and_when_the_unit_has_nobody(county):
    tell(county, overseers=True)
    assert told() == {"王敏", "陈静"}

    Notice.objects.all().delete()
    county.li_qiang.is_active = False
    county.li_qiang.save()
    tell(county, unit=county.water, key="entry:2")
    assert told() == {"陈静"}


def test_nobody_is_told_twice_of_one_thing(county):
    tell(county)
    tell(county, now=MORNING + timedelta(hours=1))

    assert Notice.objects.count() == 1
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    ("now", "reached"),
    [
        ("2025-09-29 10:00", False),  # Monday, open
        ("2025-09-28 10:00", False),  # Sunday, worked
        ("2025-09-29 20:00", True),
        ("2025-10-06 10:00", True),  # Monday, National Day holiday
    ],
)
def test_what_is_urgent_out_of_hours_reaches_whoever_is_on_duty(county, now, reached):
    at = moment(now)
    Watch.objects.create(
        unit=county.water,
        staff=county.li_qiang,
        starts_at=at - timedelta(hours=3),
        ends_at=at + timedelta(hours=3),
        phone="0578-1234567",
    )
    tell(county, now=at, urgent=True)

    assert ("李强" in told()) is reached
    assert [d.staff.name for d in sent("sms")] == (["李强"] if reached else [])


# ---- quiet hours and preferences -------------------------------------------------------------------------


def test_what_is_not_urgent_waits_until_the_quiet_hours_are_over(county):
    tell(county, now=NIGHT)
    assert actions.send_due(NIGHT) == 0

    assert actions.send_due(moment("2025-09-30 07:29")) == 0
    assert actions.send_due(moment("2025-09-30 07:30")) == 1
    assert [m.to for m in mail.outbox] == [["wangmin@qingyuan.example"]]


def test_what_is_urgent_goes_at_once(county):
    tell(county, now=NIGHT, urgent=True)

    assert actions.send_due(NIGHT) == 1
    assert mail.outbox[0].subject == "【紧急】临期提醒：答复留言"


def test_quiet_hours_are_the_persons_own():
    staff = Staff(quiet_from=moment("2025-01-01 12:00").time(), quiet_until=moment("2025-01-01 14:00").time())

    assert after_quiet(moment("2025-09-29 12:30"), staff) == moment("2025-09-29 14:00")
    assert after_quiet(NIGHT, staff) == NIGHT
    assert after_quiet(moment("2025-09-29 02:00")) == moment("2025-09-29 07:30")
    assert after_quiet(moment("2025-09-29 22:00")) == moment("2025-09-30 07:30")
    assert after_quiet(moment("2025-09-29 07:30")) == moment("2025-09-29 07:30")


def test_a_person_chooses_the_ways_they_are_reached(county):
    actions.prefer(county.wang_min, mail=False, sms=True, digest=False)
    tell(county)

    assert [d.channel for d in Delivery.objects.all()] == ["sms"]


# ---- sending ---------------------------------------------------------------------------------------------


def test_an_sms_goes_to_the_gateway_and_no_log_holds_the_number(county, tmp_path, caplog):
    actions.prefer(county.wang_min, mail=False, sms=True, digest=False)
    tell(county)
    caplog.set_level("INFO")
    actions.send_due(MORNING)

    path = tmp_path / "outbox" / "sms.jsonl"
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "phone": "13812345678",
        "text": "【政务公开】临期提醒：答复留言（LY-2025-0926-0147）",
    }
    assert path.stat().st_mode & 0o777 == 0o600
    assert "138****5678" in caplog.text
    assert "13812345678" not in caplog.text


def test_a_long_sms_is_cut_to_one_message(county, tmp_path):
    actions.prefer(county.wang_min, mail=False, sms=True, digest=False)
    tell(county, title="停" * 200)
    actions.send_due(MORNING)

    text = json.loads((tmp_path / "outbox" / "sms.jsonl").read_text(encoding="utf-8"))["text"]
    assert len(text) == channels.SMS_LENGTH
    assert text.endswith("（LY-2025-0926-0147）")


def refuse_with_number(phone: str, text: str) -> None:
    raise RuntimeError(f"号码 {phone} 无效")


def test_what_fails_is_tried_again_with_growing_pauses_then_given_up(county, settings, caplog):
    settings.GONGKAI_SMS_GATEWAY = f"{__name__}.refuse_with_number"
    actions.prefer(county.wang_min, mail=False, sms=True, digest=False)
    tell(county)

    now, pauses = MORNING, []
    while (delivery := Delivery.objects.get()).failed_at is None:
        assert actions.send_due(now) == 1
        due = Delivery.objects.get().due_at
        assert actions.send_due(due - timedelta(seconds=1)) == 0
        pauses.append(due - now)
        now = due

    assert len(pauses) == actions.TRIES
    assert pauses == sorted(pauses)
    assert delivery.error == "RuntimeError"
    assert "13812345678" not in caplog.text
    assert actions.send_due(now + timedelta(days=9)) == 0


def test_what_a_killed_sender_took_is_sent_after_its_lease(county, monkeypatch):
    tell(county)

    def killed(delivery, now):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(channels, "send", killed)
        with pytest.raises(KeyboardInterrupt):
            actions.send_due(MORNING)

    assert actions.send_due(MORNING) == 0
    assert actions.send_due(MORNING + actions.LEASE) == 1
    assert len(mail.outbox) == 1


def test_what_was_told_in_a_transaction_that_fails_was_never_told(county):
    @transaction.atomic
    def tell_and_fail() -> None:
        tell(county)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        tell_and_fail()

    assert Notice.objects.count() == Delivery.objects.count() == 0


# ---- digest, reading, forgetting -------------------------------------------------------------------------


def test_the_digest_lists_what_is_unread_once_a_working_day(county):
    tell(county, now=moment("2025-09-26 15:00"))
    tell(county, now=moment("2025-09-26 16:00"), key="entry:2", title="逾期：答复留言", urgent=True)
    Delivery.objects.all().delete()

    assert actions.digest(moment("2025-09-28 07:59")) == 0
    assert actions.digest(moment("2025-09-28 08:00")) == 1
    assert actions.digest(moment("2025-09-28 08:05")) == 0
    actions.send_due(moment("2025-09-28 08:05"))

    (message,) = mail.outbox
    assert message.subject == "您有 2 条通知未读"
    assert "其中紧急 1 条" in message.body
    assert message.body.index("逾期：答复留言") < message.body.index("临期提醒：答复留言")
    assert "9月26日 16:00" in message.body


def test_there_is_no_digest_on_a_day_off_nor_of_what_came_after_eight(county):
    tell(county, now=moment("2025-09-30 09:00"))

    assert actions.digest(moment("2025-09-30 09:30")) == 0
    assert actions.digest(moment("2025-10-06 08:00")) == 0
    assert actions.digest(moment("2025-10-09 08:00")) == 1


def test_who_does_not_want_the_digest_or_has_read_everything_gets_none(county):
    tell(county)
    actions.prefer(county.wang_min, mail=True, sms=False, digest=False)
    assert actions.digest(moment("2025-09-30 08:00")) == 0

    actions.prefer(county.wang_min, mail=True, sms=False, digest=True)
    assert actions.read(county.wang_min, MORNING) == 1
    assert actions.digest(moment("2025-09-30 08:00")) == 0


def test_reading_touches_only_ones_own(county):
    tell(county, overseers=True)
    notice = Notice.objects.get(staff=county.wang_min)

    assert actions.read(county.chen_jing, MORNING, notice) == 0
    assert actions.read(county.wang_min, MORNING, notice) == 1
    assert actions.read(county.wang_min, MORNING, notice) == 0
    assert Notice.objects.unread().get().staff == county.chen_jing


def test_old_notices_and_deliveries_are_forgotten_when_done_with(county):
    tell(county)
    later = MORNING + timedelta(days=400)
    assert actions.forget(later) == 0

    actions.read(county.wang_min, MORNING)
    actions.send_due(MORNING)
    assert actions.forget(later) == 2


def test_a_webhook_secret_is_kept_sealed(county):
    actions.sign_with(county.housing, "SEC123")
    assert "SEC123" not in WebhookSecret.objects.get().sealed

    actions.sign_with(county.housing, "")
    assert WebhookSecret.objects.count() == 0
