"""The same document under the rules of other places: 鄞州 (four attributes, paired interpretation), 西安 (三审), and no rules of one's own."""

from __future__ import annotations

from typing import Any

import pytest

from gongkai.documents import actions
from gongkai.documents.models import CatalogueEntry, Document, NegativeEntry
from gongkai.documents.tests.conftest import fresh
from gongkai.ledger import asks, clock, cycles
from gongkai.people.actor import Actor
from gongkai.people.models import Duty, Holding, Place, Post, Power, Responsibility, Staff, Unit
from gongkai.reviews import actions as reviews
from gongkai.ui.refusal import Refused
from tests.world import moment

POSTS = {
    "writer": (Power.DRAFT,), "section": (Power.REVIEW,), "openness": (Power.OPENNESS,), "secrecy": (Power.SECRECY,),
    "deputy": (Power.APPROVE,), "head": (Power.HEAD,), "publisher": (Power.PUBLISH,),
}  # fmt: skip
TITLE, TEXT = "关于调整公租房租金标准的通知", "<p>公租房租金调整为每平方米每月8元。</p>"


class Town:
    """A place with an office and one bureau, a person for every power: `town.do("writer", at, verb, …)`."""

    def __init__(self, code: str, slug: str) -> None:
        self.place = Place.objects.create(code=code, slug=slug, name=slug, level="county", government=slug)
        self.office = Unit.objects.create(
            place=self.place, code=f"{code}-1", name="办公室", short_name="办公室", kind="office"
        )
        self.bureau = Unit.objects.create(
            place=self.place,
            code=f"{code}-2",
            name="住建局",
            short_name="住建局",
            kind="department",
            superior=self.office,
        )
        Responsibility.objects.create(unit=self.office, duty=Duty.OPENNESS)
        self.justice = Unit.objects.create(
            place=self.place, code=f"{code}-3", name="司法局", short_name="司法局", kind="department"
        )
        Responsibility.objects.create(unit=self.justice, duty=Duty.JUSTICE)
        self.staff: dict[str, Staff] = {}
        for name, powers in POSTS.items():
            self._appoint(name, self.bureau, powers)
        self._appoint("desk", self.office, (Power.OVERSEE, Power.OPENNESS))
        self._appoint("lawyer", self.justice, (Power.LEGAL,))

    def _appoint(self, name: str, unit: Unit, powers: tuple[str, ...]) -> None:
        post = Post.objects.create(unit=unit, name=name, powers=[str(power) for power in powers])
        self.staff[name] = Staff.objects.create(
            username=f"{self.place.slug}{name}", name=name, place=self.place
        )
        Holding.objects.create(staff=self.staff[name], post=post)

    def actor(self, name: str, at: str) -> Actor:
        return Actor.of(self.staff[name], moment(at).date())

    def do(self, who: str, at: str, verb: Any, /, *args: Any, **given: Any) -> Any:
        with clock.set_to(moment(at)):
            return verb(*args, by=self.actor(who, at), at=moment(at), **given)

    def draft(self, at: str = "2025-09-22 09:00", attribute: str = "主动公开", **more: Any) -> Document:
        why = {key: more.pop(key) for key in ("reason", "ground", "withheld") if key in more}
        document = self.do("writer", at, actions.draft, unit=self.bureau, title=TITLE, html=TEXT, **more)
        if attribute:
            self.do("writer", at, actions.propose, document, attribute=attribute, **why)
        return fresh(document)


@pytest.fixture
def yinzhou(db, fresh_rules):
    return Town("330212", "yinzhou")


@pytest.fixture
def xian(db, fresh_rules):
    return Town("610100", "xian")


AT = "2025-09-24 09:00"


# ---- 鄞州 --------------------------------------------------------------------------------------------------------


@pytest.mark.clause("YZ-GW-01-1", "YZ-GW-01-3")
def test_yinzhou_sends_nothing_up_without_its_attribute(yinzhou):
    with pytest.raises(Refused, match="公开属性") as refusal:
        yinzhou.do("writer", AT, actions.submit, yinzhou.draft(attribute=""))
    assert "实施细则" in refusal.value.cite


@pytest.mark.clause("YZ-GW-01-2", "YZ-GW-01-5")
def test_yinzhou_knows_a_partial_attribute_and_asks_which_part_and_why(yinzhou):
    bare = yinzhou.draft(attribute="部分公开", reason="含商业秘密")
    with pytest.raises(Refused, match="哪一部分"):
        yinzhou.do("writer", AT, actions.submit, bare)

    whole = yinzhou.draft(attribute="部分公开", reason="含商业秘密", withheld="附件二的报价")
    sheet = yinzhou.do("writer", AT, actions.submit, whole)
    assert ["不公开的部分", "附件二的报价"] in sheet.points


@pytest.mark.clause("YZ-GW-01-4")
def test_yinzhou_asks_for_the_reason_of_what_is_withheld(yinzhou):
    with pytest.raises(Refused, match="说明理由"):
        yinzhou.do("writer", AT, actions.submit, yinzhou.draft(attribute="不予公开"))


@pytest.mark.clause("YZ-GW-01-6")
def test_a_policy_document_to_be_withheld_goes_to_the_openness_body_first(yinzhou):
    document = yinzhou.draft(attribute="不予公开", reason="涉及未公开的谈判", is_policy=True, plan="不解读")
    with pytest.raises(Refused, match="先由本单位公开机构审查"):
        yinzhou.do("writer", AT, actions.submit, document)
    with pytest.raises(Refused):
        yinzhou.do("writer", AT, actions.prereview, document, agrees=True)

    yinzhou.do("openness", AT, actions.prereview, document, agrees=True)
    assert yinzhou.do("writer", AT, actions.submit, fresh(document)).is_running


@pytest.mark.clause("YZ-GW-01-7")
def test_a_draft_for_the_government_needs_an_attribute_with_its_reason(yinzhou):
    document = yinzhou.draft(issuer=yinzhou.office, is_policy=True, plan="图解")
    with pytest.raises(Refused, match="代拟政府文件"):
        yinzhou.do("writer", AT, actions.submit, document)


@pytest.mark.clause("YZ-GW-01-8")
def test_a_package_without_attribute_may_be_returned_on_the_ground_of_the_list(yinzhou):
    grounds = asks.closed_gates("330212", "document.sign", {"attribute": "不予公开", "reason": ""})
    assert [(gate.effect, gate.must_return) for gate in grounds] == [("may_return", False)]
    document = yinzhou.draft()
    sheet = yinzhou.do("writer", AT, actions.submit, document)
    with pytest.raises(Refused, match="没有这种退文情形"):
        yinzhou.do("openness", AT, reviews.return_, sheet, ground="字不好看", words="改")

    ground = "没有明确的公开属性建议"
    yinzhou.do("openness", AT, reviews.return_, sheet, ground=ground, words="请写明建议")
    assert fresh(document).stage == "draft"
    assert sheet.signatures.get(role="unit_openness").words == f"{ground}：请写明建议"
    assert document.matter.facts.filter(kind="document.returned").exists()


@pytest.mark.clause("YZ-JD-06-1", "YZ-JD-06-3", "YZ-JD-06-5", "YZ-JD-05-1", "YZ-JD-05-2", "YZ-JD-05-3")
def test_document_and_interpretation_go_up_and_are_signed_together(yinzhou):
    document = yinzhou.draft(is_policy=True)
    with pytest.raises(Refused, match="一并报审"):
        yinzhou.do("writer", AT, actions.submit, document)
    explained = yinzhou.do(
        "writer", AT, actions.interpret, document, title="租金标准解读", html="<p>怎么算。</p>"
    )

    sheet = yinzhou.do("writer", AT, actions.submit, fresh(document))
    assert ["解读材料", "租金标准解读"] in sheet.points
    yinzhou.do("openness", AT, reviews.sign, sheet)
    yinzhou.do("head", AT, reviews.sign, sheet)

    assert explained.unit == document.unit
    assert fresh(explained).signed_at == moment(AT)
    assert asks.route("330212", "interpretation.by", {"for_government": True})[0] == "drafter"
    assert asks.route("330212", "interpretation.by", {"for_government": False})[0] == "issuer"


@pytest.mark.clause("YZ-JD-05-4")
def test_of_a_joint_document_the_lead_interprets(yinzhou):
    assert asks.route("330212", "interpretation.by", {"joint": True})[0] == "lead_issuer"


@pytest.mark.clause("YZ-JD-06-4")
def test_an_incomplete_package_must_go_back(yinzhou):
    case = {"policy": True, "for_government": True, "attribute": "主动公开", "interpretation": False}
    assert [gate.must_return for gate in asks.closed_gates("330212", "document.sign", case)] == [True]
    assert not asks.gates("330212", "document.sign", case)


@pytest.mark.clause("YZ-JD-06-6", "YZ-SC-04-5", "YZ-SC-04-6", "YZ-SC-04-7", "YZ-PT-10-2")
def test_interpretation_and_document_go_out_at_the_same_instant_each_reviewed(yinzhou):
    document = yinzhou.draft(is_policy=True)
    explained = yinzhou.do(
        "writer", AT, actions.interpret, document, title="租金标准解读", html="<p>怎么算。</p>"
    )
    sheet = yinzhou.do("writer", AT, actions.submit, fresh(document))
    yinzhou.do("openness", AT, reviews.sign, sheet)
    yinzhou.do("head", AT, reviews.sign, sheet)
    yinzhou.do("writer", "2025-09-25 09:00", actions.issue, fresh(document), number="鄞住建〔2025〕3号",
               made_on=moment(AT).date())  # fmt: skip
    with pytest.raises(Refused):
        yinzhou.do("publisher", "2025-09-25 10:00", actions.publish, fresh(document))

    def clear(one: Document) -> None:
        yinzhou.do("secrecy", "2025-09-26 09:00", actions.review_secrecy, fresh(one), outcome="可以公开")
        release = yinzhou.do("writer", "2025-09-26 09:10", actions.clear, fresh(one))
        yinzhou.do("openness", "2025-09-26 09:20", reviews.sign, release)
        yinzhou.do("deputy", "2025-09-26 09:30", reviews.sign, release)

    clear(document)
    with pytest.raises(Refused, match="解读材料还没有审好"):
        yinzhou.do("publisher", "2025-09-26 10:00", actions.publish, fresh(document))
    clear(explained)
    yinzhou.do("publisher", "2025-09-26 11:00", actions.publish, fresh(document))

    assert fresh(document).published_at == fresh(explained).published_at == moment("2025-09-26 11:00")
    assert document.matter.obligations.get(duty="interpretation.publish").state == "met"


@pytest.mark.clause("YZ-SC-04-1", "YZ-SC-04-2", "YZ-SC-04-3", "YZ-SC-04-4")
def test_in_november_a_unit_looks_at_everything_it_withholds(yinzhou):
    document = yinzhou.draft(attribute="不予公开", reason="内部管理", ground="内部管理")
    sheet = yinzhou.do("writer", AT, actions.submit, document)
    yinzhou.do("openness", AT, reviews.sign, sheet)
    yinzhou.do("head", AT, reviews.sign, sheet)
    yinzhou.do(
        "writer", AT, actions.issue, fresh(document), number="鄞住建〔2025〕4号", made_on=moment(AT).date()
    )
    with clock.set_to(moment("2025-11-01 00:10")):
        cycles.open_cycles(clock.now())
    assert list(actions.to_check([yinzhou.bureau], 2025)) == [document]
    with pytest.raises(Refused, match="还有 1 件没有判定"):
        yinzhou.do("openness", "2025-11-03 09:00", actions.finish_self_check, yinzhou.bureau, year=2025)

    yinzhou.do("openness", "2025-11-03 10:00", actions.reassess, document, year=2025, keeps=False, attribute="主动公开",
               reason="谈判已经结束")  # fmt: skip
    matter = yinzhou.do("openness", "2025-11-03 11:00", actions.finish_self_check, yinzhou.bureau, year=2025)
    assert document.matter.obligations.get(duty="document.publish").state == "open"
    yinzhou.do("openness", "2025-11-04 09:00", actions.report_self_check, yinzhou.bureau, year=2025)
    yinzhou.do(
        "desk", "2025-11-10 09:00", actions.spot_check, yinzhou.bureau, year=2025, wrong=1, words="漏一件"
    )
    assert matter.obligations.get(duty="disclosure.rectify").state == "open"
    yinzhou.do("openness", "2025-11-12 09:00", actions.rectify, yinzhou.bureau, year=2025, words="已补公开")

    states = dict(matter.obligations.values_list("duty", "state"))
    assert states == {
        "disclosure.self_check": "met", "disclosure.report_self_check": "met", "disclosure.rectify": "met",
    }  # fmt: skip


@pytest.mark.clause("YZ-ML-03-1", "YZ-ML-03-2", "YZ-ML-03-3", "YZ-ML-03-4", "ZY-GL-08-3", "YZ-XZ-00-2")
def test_the_catalogue_of_a_year_is_revised_with_its_elements(yinzhou):
    with clock.set_to(moment("2025-01-02 00:10")):
        cycles.open_cycles(clock.now())
    row = CatalogueEntry(
        place=yinzhou.place, year=2025, area="公租房", item="租金标准", openness="决策", content="租金标准和依据",
        limit="形成之日起20个工作日内", unit=yinzhou.bureau, channels="政府网站", manner="主动",
    )  # fmt: skip
    yinzhou.do("desk", "2025-03-03 09:00", actions.revise_catalogue, yinzhou.place, 2025, [row], unit=None)

    assert CatalogueEntry.objects.filter(place=yinzhou.place, year=2025).count() == 1
    matter = cycles.current(yinzhou.place, "catalogue.revise", "year", moment("2025-03-03 09:00"))
    assert matter.obligations.get().state == "met"


@pytest.mark.clause("YZ-ML-03-5")
def test_the_negative_list_asks_for_a_ground_of_the_list_and_is_revised_in_time(yinzhou):
    with pytest.raises(Refused, match="没有这种理由"):
        yinzhou.do(
            "openness", AT, actions.list_negative, yinzhou.bureau, item="图纸", ground="不方便", reason="x"
        )
    row = yinzhou.do(
        "openness",
        AT,
        actions.list_negative,
        yinzhou.bureau,
        item="人防工程图纸",
        ground="国家安全",
        reason="涉密",
    )
    yinzhou.do("openness", "2026-01-05 09:00", actions.strike_negative, row)

    assert NegativeEntry.objects.get().until_on == moment("2026-01-05 09:00").date()


@pytest.mark.clause("YZ-PT-11-1")
def test_what_goes_out_elsewhere_is_entered_in_the_register(yinzhou):
    assert "政务微信" in asks.values_of("330212", "release.channel")


# ---- 西安 --------------------------------------------------------------------------------------------------------


def issue(town: Town, document: Document, number: str = "市住建发〔2025〕9号") -> Document:
    sheet = town.do("writer", AT, actions.submit, document)
    for who in ("section", "deputy"):
        town.do(who, AT, reviews.sign, sheet)
    town.do("writer", "2025-09-26 10:00", actions.issue, fresh(document), number=number,
            made_on=moment("2025-09-26 10:00").date())  # fmt: skip
    return fresh(document)


@pytest.mark.clause("XA-ZD-05-3", "XA-ZD-05-4", "XA-ZD-05-2")
def test_xian_reviews_three_times_before_release_and_keeps_the_sheet(xian):
    document = issue(xian, xian.draft())
    release = xian.do("writer", "2025-09-28 09:00", actions.clear, document)

    assert [s.says for s in release.signatures.all()] == ["承办人初审", "承办部门审核", "承办单位审发"]
    xian.do("section", "2025-09-28 10:00", reviews.sign, release)
    xian.do("deputy", "2025-09-28 11:00", reviews.sign, release)
    with pytest.raises(Refused, match="先审查后公开"):
        xian.do("publisher", "2025-09-29 09:00", actions.publish, fresh(document))
    xian.do("secrecy", "2025-09-29 09:10", actions.review_secrecy, fresh(document), outcome="可以公开")
    xian.do("publisher", "2025-09-29 09:20", actions.publish, fresh(document))
    assert fresh(document).releases.get().reviewer == "writer、section、deputy"


@pytest.mark.clause("XA-JD-07-2")
def test_xian_asks_for_a_plan_of_interpretation_with_an_important_policy(xian):
    document = xian.draft(issuer=xian.office, is_policy=True)
    with pytest.raises(Refused, match="解读方案"):
        xian.do("writer", AT, actions.submit, document)
    xian.do("writer", AT, actions.plan, document, words="由住建局图解，印发后五日内发布", form="图表")
    assert xian.do("writer", AT, actions.submit, fresh(document)).is_running


@pytest.mark.clause("XA-JD-07-4", "XA-JD-07-1")
def test_the_interpretation_of_a_rule_passes_the_legal_office(xian):
    document = issue(xian, xian.draft(is_rule=True))
    explained = xian.do(
        "writer", "2025-09-26 11:00", actions.interpret, document, title="规章解读", html="<p>解读</p>"
    )
    release = xian.do("writer", "2025-09-26 11:10", actions.clear, fresh(explained))

    legal = release.signatures.get(role="justice")
    assert legal.unit == xian.justice
    xian.do("section", "2025-09-26 11:20", reviews.sign, release)
    with pytest.raises(Refused, match="轮到司法局"):
        xian.do("deputy", "2025-09-26 11:30", reviews.sign, release)
    xian.do("lawyer", "2025-09-26 11:40", reviews.sign, release)
    xian.do("deputy", "2025-09-26 11:50", reviews.sign, release)
    assert fresh(explained).stage == "cleared"


@pytest.mark.clause("XA-WZ-02-3", "XA-WZ-02-6", "XA-JD-07-3")
def test_a_normative_document_is_online_in_ten_working_days_and_its_interpretation_in_five(xian):
    document = issue(xian, xian.draft(is_normative=True))
    duties = {o.duty: o for o in document.matter.obligations.all()}

    assert duties["document.publish_normative"].due_at == moment("2025-10-17 00:00")
    assert duties["document.publish_normative"].is_soft
    assert duties["interpretation.publish"].due_at == moment("2025-10-11 00:00")


@pytest.mark.clause("XA-WZ-02-4")
def test_an_activity_for_the_people_is_online_within_a_day_of_its_end(xian):
    with clock.set_to(moment("2025-10-01 12:00")):
        found = actions.draft(
            unit=xian.bureau, title="走访困难群众", html="<p>走访</p>", by=xian.actor("writer", "2025-10-01 12:00"),
            at=moment("2025-10-01 12:00"), sort="information", is_activity=True, formed_at=moment("2025-10-01 11:30"),
        )  # fmt: skip
        actions.propose(
            found,
            by=xian.actor("writer", "2025-10-01 12:00"),
            at=moment("2025-10-01 12:00"),
            attribute="主动公开",
        )

    assert found.matter.obligations.get(duty="activity.publish").due_at == moment("2025-10-02 11:30")


@pytest.mark.clause("XA-ZD-05-5", "HS-LD-12-3")
@pytest.mark.parametrize("place", ["610100", "652828"])
def test_what_concerns_others_is_confirmed_first(db, place):
    assert not asks.gates(
        place, "document.publish", {"secrecy_cleared": True, "release_signed": True, "confirmed": False}
    )
    assert asks.gates(
        place, "document.publish", {"secrecy_cleared": True, "release_signed": True, "confirmed": True}
    )
