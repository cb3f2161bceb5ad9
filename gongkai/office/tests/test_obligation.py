"""One duty: why that day, what happened and when it was known, urging, supervision and the report."""

from __future__ import annotations

import tomllib

import pytest
from django.conf import settings
from django.urls import reverse

from gongkai.ledger import actions as ledger
from gongkai.ledger import cycles, story, vocabulary
from gongkai.ledger.models import Fact, Obligation
from gongkai.ledger.vocabulary import Kind
from gongkai.letters import facts
from gongkai.office.duty import in_words
from gongkai.office.tests.conftest import text_of
from gongkai.people.actor import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def duty(county, letter, swept, at):
    """The answer that 住建局 owes since 26 September, on the 29th."""
    letter("2025-09-19 10:00", "路灯不亮", unit="zhujian")
    swept("2025-09-29 09:00")
    at("2025-09-29 09:00")
    return Obligation.objects.get(duty="letter.answer")


def address(duty: Obligation, page: str = "obligation") -> str:
    return reverse(f"office:{page}", args=[duty.pk])


@pytest.mark.clause("ZY-LY-06-4")
def test_it_shows_the_working_of_the_day_and_the_article(county, duty, signed_in):
    said = text_of(signed_in(county.wang_min).get(address(duty)))

    assert "为什么是这一天" in said
    assert "2025年9月26日 24:00" in said
    assert "收到来信：2025年9月19日 10:00" in said
    assert "第六条" in said
    assert "清源县住房和城乡建设局" in said


def test_a_person_of_another_unit_does_not_find_it(county, duty, signed_in):
    assert signed_in(county.li_qiang).get(address(duty)).status_code == 404


def test_facts_recorded_later_show_both_times_and_the_reason(county, duty, signed_in, at):
    now = at("2025-09-29 10:00")
    earlier = now.replace(day=25)
    ledger.record(
        facts.EXTENDED,
        matter=duty.matter,
        by=Actor.system(county.place),
        at=earlier,
        details={"by": 2, "approved_by": "周岚", "reason": "等配件"},
        because="纸质审批表补录",
    )

    said = text_of(signed_in(county.wang_min).get(address(duty)))

    assert "9月25日 10:00" in said
    assert "9月29日 10:00 才记录，事由：纸质审批表补录" in said
    assert "已撤销" in said  # the breach that was written before
    assert "延长 2 个工作日" in said


def test_as_of_tells_what_was_known_then(county, duty, signed_in, at):
    now = at("2025-09-29 10:00")
    ledger.record(
        facts.ANSWERED,
        matter=duty.matter,
        by=Actor.system(county.place),
        at=now.replace(day=25),
        because="纸质答复补录",
    )
    client = signed_in(county.chen_li)

    then = client.get(address(duty), {"at": "2025-09-29T09:30"})
    assert then.context["then"].state == "逾期"
    assert "现在是：按时办结" in text_of(then)
    assert facts.ANSWERED.name not in {line.fact.kind for line in then.context["facts"]}
    assert "当时所知" in text_of(then)
    before = client.get(address(duty), {"at": "2025-09-18T09:00"})
    assert "账上还没有这件应办事项" in text_of(before)


def test_supervision_and_report_go_through_the_pages(county, duty, client):
    client.force_login(county.chen_li)
    response = client.post(
        address(duty, "supervision"), {"within": "1 working day", "words": "请回电"}, follow=True
    )
    assert "已发出督办" in text_of(response)
    assert client.post(address(duty, "supervision"), {"within": "1 working day"}).status_code == 409

    client.force_login(county.wang_min)
    assert "报告督办结果" in text_of(client.get(address(duty)))
    short = client.post(address(duty, "report"), {"words": "好"})
    assert (short.status_code, "至少 4 个字" in text_of(short)) == (422, True)
    client.post(address(duty, "report"), {"words": "已派维修，明天修好"})

    client.force_login(county.chen_li)
    assert "已派维修，明天修好" in text_of(client.get(address(duty)))
    assert [fact.kind for fact in Fact.objects.filter(kind__startswith="supervision")] == [
        "supervision.issued",
        "supervision.answered",
    ]


def test_another_unit_does_not_report_for_it(county, duty, client):
    client.force_login(county.chen_li)
    client.post(address(duty, "supervision"), {"within": "1 working day"})
    client.force_login(county.he_zhiyuan)

    assert client.post(address(duty, "report"), {"words": "已经办好了"}).status_code == 409


def test_a_term_that_is_not_offered_is_asked_again(county, duty, signed_in):
    response = signed_in(county.chen_li).post(address(duty, "supervision"), {"within": "9 days"})

    assert response.status_code == 422
    assert not Fact.objects.filter(kind="supervision.issued").exists()


def test_the_duty_to_supervise_leads_to_what_is_to_be_supervised(county, duty, signed_in):
    owed = Obligation.objects.get(duty="letter.supervise")

    said = text_of(signed_in(county.chen_li).get(address(owed)))

    assert f"{address(duty)}#supervise" in said
    assert "本单位的事，不用催办" in said


def test_units_in_facts_are_named_not_coded(county, duty, signed_in):
    said = text_of(signed_in(county.wang_min).get(address(duty)))

    assert "承办单位：县住建局" in said
    assert county.units["zhujian"].code not in said.replace(
        reverse("office:unit", args=[county.units["zhujian"].code]), ""
    )


def test_no_page_of_a_duty_shows_a_code_of_the_house_but_the_auditor_reads_all(county, duty):
    details = {
        "chain": "zunyi.document",
        "is_major": False,
        "number": "清住建发〔2025〕7号",
        "on": "2025-09-30",
        "figures": {"520399-06": {"met": 3}},
    }
    labels = {
        "chain": "审签链",
        "is_major": "重要",
        "number": "文号",
        "on": "日期",
        "figures": "各单位的数字",
    }
    kind = Kind("test.said", "试", labels)
    fact = Fact(kind=kind.name, details=details)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(vocabulary.KINDS, kind.name, kind)
        names = {"520399-06": "县住建局"}
        shown, whole = in_words(fact, names), dict(in_words(fact, names, whole=True))

    assert shown == [("文号", "清住建发〔2025〕7号"), ("日期", "2025年9月30日"), ("各单位的数字", "县住建局")]
    assert list(whole) == ["审签链", "重要", "文号", "日期", "各单位的数字"]
    assert "'met': 3" in whole["各单位的数字"]  # what was handed over, not only whose it is


def test_whom_every_duty_of_the_packs_is_owed_to_has_a_word():
    packs = (tomllib.loads(path.read_text()) for path in settings.PACKS.rglob("*.toml"))
    claimants = {duty["claimant"] for pack in packs for duty in pack.get("duty", ()) if "claimant" in duty}

    assert len(claimants) > 5
    assert claimants <= story.CLAIMANTS.keys()


def test_a_duty_that_recurs_is_told_by_its_title_not_by_a_number_for_machines(county, signed_in, at):
    cycles.open_cycles(at("2025-09-29 09:00"))

    browser = signed_in(county.chen_li)
    owed = Obligation.objects.filter(duty="letter.sample").first()

    for page in (reverse("office:work"), address(owed)):
        said = text_of(browser.get(page))
        assert "定期事项" in said
        assert "ZQ-" not in said
