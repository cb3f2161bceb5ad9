"""Who wrote a letter is kept for the place's time after closing, then forgotten; question and answer stay."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from typer.testing import CliRunner

from gongkai.files import actions as files
from gongkai.files.models import Attachment
from gongkai.ledger import actions as ledger
from gongkai.ledger.models import Fact, Obligation
from gongkai.letters import actions, attachments, commands, policy, retention
from gongkai.letters.models import Letter
from gongkai.ui.refusal import Refused
from tests.world import moment

DAY = "2028-10-01 03:00"  # three years and a day after the answer
FOLLOW = {"tail": "1234"}


@pytest.fixture
def closed(county, assigned, at):
    """A letter with files of every kind, answered on 2025-09-30 and rated, its duties met."""

    def close(title: str = "东湖花园7幢电梯反复停运", **more) -> Letter:
        letter = assigned(
            nature="咨询", time_class="简单咨询", title=title, text=f"{title}，请尽快处理。", **more
        )
        at("2025-09-26 11:00")
        wang, zhou = county.actor("wang_min"), county.actor("zhou_lan")
        for room, name in (
            (attachments.OWN, "投诉.txt"),
            (attachments.COLLECTED, "记录.txt"),
            (attachments.REPLY, "合同.txt"),
        ):
            files.attach(
                SimpleUploadedFile(name, b"x"),
                room=room,
                number=letter.number,
                by=None,
                at=at("2025-09-26 11:00"),
            )
        actions.submit(letter, by=wang, at=at("2025-09-30 09:00"), text="已经修好。")
        actions.sign_reply(letter, by=zhou, at=at("2025-09-30 10:00"))
        actions.answer(letter, by=county.actor("zhao_jing"), at=at("2025-09-30 11:00"))
        actions.rate(letter, at=at("2025-09-30 12:00"), rating="满意")
        ledger.sweep_all(at("2026-09-30 12:00"))
        Obligation.objects.standing().filter(matter=letter.matter).update(
            state="lapsed", settled_at=moment("2026-01-01 00:00")
        )
        letter.refresh_from_db()
        return letter

    return close


def forget(county, when: str) -> int:
    return actions.forget_writers(county.place, moment(when))


def test_who_wrote_is_forgotten_when_the_time_is_over_and_the_letter_stays(
    county, closed, at, django_capture_on_commit_callbacks
):
    letter = closed()
    path = Attachment.objects.get(name="投诉.txt").path
    actions.publish(
        letter,
        by=county.actor("zhao_jing"),
        at=at("2025-10-09 09:00"),
        title="电梯",
        text="停运",
        answer="已修",
    )
    at("2028-09-30 23:00")
    assert forget(county, "2028-09-30 23:00") == 0
    now = at(DAY)

    with django_capture_on_commit_callbacks(execute=True):
        assert forget(county, DAY) == 1

    letter.refresh_from_db()
    assert (letter.writer, letter.writer_print, letter.phone_tail, letter.rating_key) == ("", "", "", "")
    assert (letter.person, letter.forgotten_at) == ({}, now)
    assert (letter.title, letter.answer, letter.public_answer) == (
        "东湖花园7幢电梯反复停运",
        "已经修好。",
        "已修",
    )
    assert set(Attachment.objects.values_list("name", flat=True)) == {"记录.txt", "合同.txt"}
    assert not path.exists()
    fact = Fact.objects.get(matter=letter.matter, kind="letter.writer_forgotten")
    assert (fact.by, fact.details) == (None, {"years": 3})
    public = Client().get(f"/qingyuan/letters/{letter.number}/")
    assert (public.status_code, "已修" in public.content.decode()) == (200, True)
    assert letter.number in Client().get("/qingyuan/search/?q=电梯").content.decode()


def test_code_and_tail_find_it_until_then_and_nothing_does_after(county, closed, at):
    letter = closed()
    at("2028-09-30 12:00")
    before = Client()
    assert before.post("/qingyuan/follow/", {"code": letter.code, **FOLLOW}).status_code == 302
    at(DAY)
    forget(county, DAY)

    for tail in ("1234", letter.number):
        asked = Client().post("/qingyuan/follow/", {"code": letter.code, "tail": tail})
        assert (asked.status_code, "没有查到" in asked.content.decode()) == (422, True)
    assert before.get(f"/qingyuan/letter/{letter.number}/").status_code == 302
    assert letter.title not in before.get("/qingyuan/follow/").content.decode()


def test_the_office_is_told_that_the_writer_is_gone(county, closed, desk, at):
    letter = closed()
    at(DAY)
    forget(county, DAY)
    shown = desk("wang_min").get(f"/office/letters/{letter.number}/").content.decode()
    assert "来信人信息保存期满" in shown
    letter.refresh_from_db()
    assert "已经删除" in policy.may_unmask(county.actor("wang_min"), letter).reason


def test_what_is_still_owed_or_at_work_or_was_closed_later_keeps_its_writer(county, closed, write, at):
    owing, redone, working = closed(), closed("水管爆裂"), write(title="路灯不亮", text="路灯不亮")
    Obligation.objects.filter(matter=owing.matter).update(state="breached", settled_at=None)
    Letter.objects.filter(pk=redone.pk).update(answered_at=moment("2026-03-01 09:00"))
    merged = closed("又是电梯")
    Letter.objects.filter(pk=merged.pk).update(stage="merged")
    ledger.link("merged_into", merged.matter, working.matter)
    at(DAY)
    assert forget(county, DAY) == 0
    Letter.objects.filter(pk=working.pk).update(stage="withdrawn")
    Obligation.objects.filter(matter=working.matter).update(
        state="lapsed", settled_at=moment("2026-01-01 00:00")
    )
    assert forget(county, DAY) == 2


def test_it_is_done_in_batches_and_only_once(county, closed, at, monkeypatch):
    for n in range(5):
        closed(f"第{n}封")
    at(DAY)
    monkeypatch.setattr("gongkai.letters.actions.forgetting.BATCH", 2)
    assert actions.forget_writers(county.place, moment(DAY), limit=3) == 3
    assert actions.forget_writers_everywhere(moment(DAY)) == 2
    assert forget(county, DAY) == 0
    assert Fact.objects.filter(kind="letter.writer_forgotten").count() == 5
    letter = Letter.objects.first()
    assert actions.forget_writer(letter, at=moment(DAY), years=3) is False


def test_the_places_own_time_holds_from_its_day_and_stands_in_the_notice(county, closed, desk, at):
    now = at("2027-01-04 09:00")
    letter = closed()
    at("2027-01-04 09:00")
    notice = "/qingyuan/write/?alone=no"
    assert "办结后保存 3 年" in Client().get(notice).content.decode()
    chen = desk("chen_li")
    address = "/office/settings/letter.writer/years/"
    tried = chen.post(address, {"years": 1, "from_on": "2027-01-05", "act": "try"}).content.decode()
    assert "现在已有 1 封来信的来信人信息期满" in tried
    for wrong in (0, 31):
        assert chen.post(address, {"years": wrong, "from_on": "2027-01-05", "act": "save"}).status_code in (
            409,
            422,
        )
    chen.post(address, {"years": 1, "from_on": "2027-01-05", "act": "save"})

    assert retention.years_kept(county.place, now) == 3
    at("2027-01-05 09:00")
    assert "办结后保存 1 年" in Client().get(notice).content.decode()
    assert "1 年" in chen.get("/office/settings/").content.decode()
    assert forget(county, "2027-01-05 09:00") == 1
    assert Fact.objects.get(matter=letter.matter, kind="letter.writer_forgotten").details == {"years": 1}


def test_only_who_configures_sets_the_time_and_within_reason(county, at):
    now = at("2025-09-29 09:00")
    given = {"from_on": date(2025, 9, 30), "at": now}
    with pytest.raises(Refused, match="地方设定"):
        ledger.configure(county.place, "letter.writer", "years", 5, by=county.actor("wang_min"), **given)
    with pytest.raises(Refused, match="1 到 30 年"):
        ledger.configure(county.place, "letter.writer", "years", 0, by=county.actor("chen_li"), **given)


def test_the_command_line_tells_first_and_then_does(county, closed, at):
    letter = closed()
    at(DAY)
    told = CliRunner().invoke(commands.app, ["forget", "--dry-run", "--place", "qingyuan"])
    assert letter.number in told.output
    assert "办结后保存 3 年，1 封期满。（未写入）" in told.output
    letter.refresh_from_db()
    assert letter.writer
    done = CliRunner().invoke(commands.app, ["forget"])
    assert "已删除 1 封的来信人信息" in done.output


def test_years_end_on_the_same_day_and_a_leap_day_on_the_last_of_february(county):
    assert retention._years_ago(moment("2028-02-29 15:00"), 3) == moment("2025-02-28 00:00")
    assert retention._years_ago(moment("2028-10-01 00:00"), 3) == moment("2025-10-01 00:00")
