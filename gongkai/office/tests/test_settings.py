"""Local settings: what the packs leave to the place, tried before it is set, refused where they do not."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse

from gongkai.ledger import actions as ledger
from gongkai.ledger import asks, lawbook
from gongkai.ledger.models import Entry, Obligation, Setting
from gongkai.office import actions, local
from gongkai.office.tests.conftest import text_of
from gongkai.ui.refusal import Refused
from tests.world import moment

pytestmark = pytest.mark.django_db

NOW = "2025-09-29 09:00"


def address(subject: str, key: str) -> str:
    return reverse("office:setting", args=[subject, key])


def length(amount: int, unit: str, act: str, on: str = "2025-09-29") -> dict[str, object]:
    return {"amount_0": amount, "unit_0": unit, "from_on": on, "act": act}


@pytest.fixture
def desk(county, signed_in, at):
    """陈立, who may configure, on 29 September."""
    at(NOW)
    return signed_in(county.chen_li)


def test_every_local_key_is_listed_with_value_and_origin(county, desk):
    said = text_of(desk.get(reverse("office:settings")))

    open_, fixed = (
        {
            (one.subject, one.key)
            for one in local.locals_of(county.place, moment(NOW))
            if one.is_open is wanted
        }
        for wanted in (True, False)
    )
    rules = lawbook.rules(county.place.code)
    keys = {
        (id, key)
        for id, rule in rules.duties.items()
        for key in rule.at(date(2025, 9, 29), moment(NOW)).local
    }
    assert keys <= open_
    assert ("letter.answer", "within") in fixed
    assert "规则包缺省" in said
    assert "第六条" in said


def test_a_trial_says_how_many_would_change_and_changes_nothing(county, letter, desk):
    letter("2025-09-29 08:30")
    before = list(Obligation.objects.order_by("pk").values_list("pk", "due_at")), Entry.objects.count()

    response = desk.post(address("letter.open", "within"), length(2, "hours", "try"))

    assert "将影响 1 件在办事项" in text_of(response)
    assert "改为“2 小时”" in text_of(response)
    assert (
        list(Obligation.objects.order_by("pk").values_list("pk", "due_at")),
        Entry.objects.count(),
    ) == before
    assert not Setting.objects.exists()
    assert (
        lawbook.rules(county.place.code)
        .duties["letter.open"]
        .at(date(2025, 9, 29), moment(NOW))
        .within.span.zh
        == "1 个工作日"
    )


def test_a_trial_does_not_decide_what_is_saved_next(county, letter, desk):
    """The number of the setting that was taken back is given again: the rules must not be those of the trial."""
    letter("2025-09-29 08:30")
    desk.post(address("letter.open", "within"), length(2, "hours", "try"))

    desk.post(address("letter.open", "within"), length(3, "hours", "save"))

    assert Obligation.objects.get(duty="letter.open").due_at == moment("2025-09-29 11:30")


def test_saving_folds_what_is_open_and_keeps_the_history(county, letter, desk):
    letter("2025-09-29 08:30")

    response = desk.post(address("letter.open", "within"), length(2, "hours", "save"), follow=True)

    assert "1 件在办事项的期限随之变化" in text_of(response)
    assert Obligation.objects.get(duty="letter.open").due_at == moment("2025-09-29 10:30")
    assert "陈立" in text_of(desk.get(address("letter.open", "within")))
    one = local.local_of(county.place, "letter.open", "within", moment(NOW))
    assert (one.value, one.in_force.from_on) == ("2 小时", date(2025, 9, 29))


def test_what_began_before_the_day_stays_as_it_was(county, letter, desk):
    letter("2025-09-28 15:00")
    due = Obligation.objects.get(duty="letter.open").due_at

    said = text_of(desk.post(address("letter.open", "within"), length(2, "hours", "try", on="2025-09-30")))
    desk.post(address("letter.open", "within"), length(2, "hours", "save", on="2025-09-30"))

    assert "将影响 0 件在办事项" in said
    assert Obligation.objects.get(duty="letter.open").due_at == due
    assert "2025年9月30日起有新的设定" in text_of(desk.get(reverse("office:settings")))


def test_a_day_that_has_passed_is_refused(desk):
    response = desk.post(address("letter.open", "within"), length(2, "hours", "save", on="2025-09-28"))

    assert response.status_code == 422
    assert "不能早于今天" in text_of(response)
    assert not Setting.objects.exists()


def test_a_length_by_class_is_set_class_by_class(county, desk):
    given = {"from_on": "2025-09-29", "act": "save"}
    for n, (amount, unit) in enumerate([(2, "working days"), (4, "working days"), (2, "working days")]):
        given |= {f"amount_{n}": amount, f"unit_{n}": unit}

    desk.post(address("letter.joint_reply", "within"), given)

    value = Setting.objects.get().value
    assert value == {
        "by": "class", "简单咨询": "2 working days", "调查核实": "4 working days", "otherwise": "2 working days",
    }  # fmt: skip
    duty = lawbook.rules(county.place.code).duties["letter.joint_reply"].at(date(2025, 9, 29), moment(NOW))
    assert duty.within.table["调查核实"].zh == "4 个工作日"


def test_extension_and_redo_keep_what_else_the_pack_says(county, desk):
    desk.post(
        address("letter.answer", "extend"), {"amount": 3, "times": 1, "from_on": "2025-09-29", "act": "save"}
    )
    desk.post(address("letter.redo", "times"), {"max": 1, "from_on": "2025-09-29", "act": "save"})

    rules = lawbook.rules(county.place.code).duties
    answer = rules["letter.answer"].at(date(2025, 9, 29), moment(NOW))
    assert (answer.extend.max.zh, answer.extend.approved_by) == ("3 个工作日", "单位负责人")
    assert rules["letter.redo"].at(date(2025, 9, 29), moment(NOW)).times.then.duty == "letter.supervise"


def test_an_open_list_is_added_to(county, desk):
    desk.post(
        address("letter.source", "values"),
        {"values": "流动收信车\n\n社区窗口", "from_on": "2025-09-29", "act": "save"},
    )

    assert asks.values_of(county.place.code, "letter.source")[-2:] == ("流动收信车", "社区窗口")


def test_what_is_added_to_a_list_is_offered_from_its_day_on(county, at):
    now = at("2025-09-29 09:00")
    ledger.configure(
        county.place,
        "letter.source",
        "values",
        ["短视频"],
        from_on=date(2025, 10, 1),
        by=county.actor("chen_li"),
        at=now,
    )
    assert "短视频" not in asks.values_of(county.place.code, "letter.source")
    assert "短视频" in asks.values_of(county.place.code, "letter.source", date(2025, 10, 1))
    assert "短视频" not in local.local_of(county.place, "letter.source", "values", now).value
    at("2025-10-01 00:00")
    assert "短视频" in asks.values_of(county.place.code, "letter.source")


@pytest.mark.clause("ZY-LY-06-4")
def test_what_the_regulation_fixes_is_refused_with_its_article(county, desk):
    response = desk.get(address("letter.answer", "within"))

    assert response.status_code == 409
    assert "由规章规定，不能在本地改" in text_of(response)
    assert "第六条" in text_of(response)
    with pytest.raises(Refused, match="由规章规定"):
        actions.set_locally(
            "letter.answer", "within", "9 working days",
            from_on=date(2025, 9, 29), by=county.actor("chen_li"), at=moment(NOW),
        )  # fmt: skip


def test_a_closed_list_is_refused(desk):
    response = desk.get(address("letter.rating", "values"))

    assert response.status_code == 409
    assert "清单是封闭的" in text_of(response)


def test_a_subject_nobody_knows_is_not_found(desk):
    assert desk.get(address("letter.nonsense", "within")).status_code == 404


def test_only_who_may_configure_sets_a_value(county):
    with pytest.raises(Refused, match="地方设定权限"):
        actions.set_locally(
            "letter.open",
            "within",
            "2 hours",
            from_on=date(2025, 9, 29),
            by=county.actor("wu_tao"),
            at=moment(NOW),
        )


def test_the_clauses_are_counted_and_narrowed(county, desk):
    response = desk.get(reverse("office:clauses"), {"state": "done"})

    rows = response.context["rows"]
    assert {row.state for row, _, _ in rows} == {"done"}
    assert len(rows) == response.context["counts"]["done"]
    carriers = {carrier for _, _, names in rows for carrier in names}
    assert "时限：办完并答复来信人" in carriers
    assert "记录：公文" in carriers
    assert not [
        carrier for carrier in carriers if re.search("[a-z]", carrier)
    ]  # words, no names of the house


@pytest.mark.clause("QZ-YQ-05-3")
def test_a_place_says_which_instant_starts_the_hours(county, desk):
    url = reverse("office:setting", args=["opinion.respond", "from"])
    assert "发现时间" in text_of(desk.get(url))

    desk.post(url, {"from": "occurred_at", "from_on": "2025-09-29", "act": "save"})

    duty = lawbook.rules(county.place.code).duty("opinion.respond", date(2025, 9, 30), moment(NOW))
    assert duty.from_ == "occurred_at"
    assert "事件发生时间" in text_of(desk.get(reverse("office:settings")))


def test_a_place_sets_from_which_sum_a_grade_is_suggested(county, desk):
    from gongkai.ledger.choices import chosen
    from gongkai.opinion.grading import FROM

    url = reverse("office:setting", args=["opinion.suggest", "重大"])
    assert desk.post(url, {"重大": "400", "from_on": "2025-09-29", "act": "save"}).status_code in (409, 422)
    desk.post(url, {"重大": "120", "from_on": "2025-09-29", "act": "save"})
    assert chosen(county.place.code, FROM["重大"], date(2025, 9, 29)) == 120
