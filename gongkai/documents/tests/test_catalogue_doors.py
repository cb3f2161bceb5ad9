"""The catalogue, the lists and the site on screen: who may open which door, tables read back, each act through HTTP."""

from __future__ import annotations

from datetime import UTC, date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from gongkai.documents import actions
from gongkai.documents.actions.drafting import next_index_number
from gongkai.documents.models import (
    CatalogueEntry,
    Column,
    Fault,
    GazetteIssue,
    NegativeEntry,
    Service,
    Topic,
)
from gongkai.documents.tests.conftest import fresh
from gongkai.documents.tests.test_places import Town
from gongkai.ledger import clock, cycles
from gongkai.ledger.models import Obligation
from tests.world import moment

NOW = "2025-09-29 10:00"
ROW = {
    "area": "住房保障", "item": "公租房", "subitem": "配租", "openness": "服务", "content": "房源、条件、程序", "basis": "办法",
    "limit": "5个工作日内", "channels": "政府网站", "audience": "全社会", "manner": "主动", "level": "县级",
}  # fmt: skip
SITE = ("columns", "topics", "services", "gazettes", "faults")
LISTS = ("catalogue", "negative", "withheld", "self_checks", *SITE)
SELF_CHECK = ("disclosure.self_check", "disclosure.report_self_check", "disclosure.rectify")
OWN = {"catalogue": 200, "negative": 200, "withheld": 302, "self_checks": 302}
WRITES = (
    "entry_new",
    "catalogue_copy",
    "catalogue_import",
    "column_new",
    "topic_new",
    "service_new",
    "gazette_new",
)


@pytest.fixture(autouse=True)
def at_work(county):
    with clock.set_to(moment(NOW)):
        cycles.open_cycles(clock.now())
        yield


@pytest.fixture
def entry(county) -> CatalogueEntry:
    return CatalogueEntry.objects.create(place=county.place, year=2025, unit=county.units["zhujian"], **ROW)


def test_a_stranger_is_sent_to_sign_in(client, entry):
    for name in (*LISTS, *WRITES, "catalogue_export"):
        url = reverse(f"documents:{name}")
        assert 302 in (client.get(url).status_code, client.post(url).status_code), name


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("chen_li", dict.fromkeys(LISTS, 200)),
        ("he_zhiyuan", dict.fromkeys(LISTS, 200) | {"faults": 409}),
        ("zheng_jie", dict.fromkeys(LISTS, 200) | {"faults": 409}),
        ("qin_lan", OWN | dict.fromkeys(SITE[:4], 200) | {"faults": 409}),
        ("qian_fang", OWN | dict.fromkeys(SITE, 200)),
        ("wang_min", OWN | dict.fromkeys(SITE, 404)),
        ("wu_tao", OWN | dict.fromkeys(SITE, 404)),
    ],
)  # fmt: skip
def test_each_door_is_open_to_those_whose_work_it_is(door, entry, who, sees):
    browser = door(who)
    assert {name: browser.get(reverse(f"documents:{name}")).status_code for name in LISTS} == sees


def test_the_catalogue_stands_area_by_area(door, county, entry):
    for row in ({"area": "供水保障", "item": "水价"}, {"area": "住房保障", "item": "危房改造"}):
        CatalogueEntry.objects.create(place=county.place, year=2025, unit=entry.unit, **ROW | row)
    page = door("chen_li").get(reverse("documents:catalogue")).content.decode()

    housing = page.partition(">住房保障</h2>")[2].partition("</section>")[0]
    assert ("公租房" in housing, "危房改造" in housing, "水价" in housing) == (True, True, False)
    assert "2 条" in housing


@pytest.mark.parametrize("who", ["wang_min", "he_zhiyuan", "zheng_jie", "lu_hai"])
def test_others_change_nothing_in_the_catalogue_of_a_unit(door, county, entry, who):
    browser = door(who)
    assert browser.get(reverse("documents:entry", args=[entry.pk])).status_code == 404
    assert browser.post(reverse("documents:entry_removal", args=[entry.pk])).status_code == 404
    browser.post(
        f"{reverse('documents:entry_new')}?year=2025", {"unit": entry.unit_id, **ROW, "item": "别的"}
    )
    assert list(CatalogueEntry.objects.values_list("item", flat=True)) == ["公租房"]


@pytest.mark.clause("YZ-ML-03-1", "YZ-ML-03-2", "YZ-ML-03-3")
def test_a_unit_adds_changes_and_removes_rows_of_its_own(door, county, entry):
    browser = door("qin_lan")
    add = f"{reverse('documents:entry_new')}?year=2025"
    assert browser.post(add, {"unit": entry.unit_id, **ROW}).status_code == 422
    assert browser.post(add, {"unit": entry.unit_id, **ROW, "item": "电梯"}).status_code == 302
    row = CatalogueEntry.objects.get(item="电梯")
    changed = {"unit": row.unit_id, **ROW, "item": "电梯", "limit": "3个工作日内"}
    assert browser.post(reverse("documents:entry", args=[row.pk]), changed).status_code == 302
    row = CatalogueEntry.objects.get(item="电梯")
    assert row.limit == "3个工作日内"
    assert browser.post(reverse("documents:entry_removal", args=[row.pk])).status_code == 302

    assert list(CatalogueEntry.objects.values_list("item", flat=True)) == ["公租房"]


@pytest.mark.clause("YZ-ML-03-4")
def test_the_catalogue_comes_back_from_its_own_export_and_meets_the_yearly_duty(door, county, entry):
    browser = door("chen_li")
    take = reverse("documents:catalogue_export")
    for ending, query in (("csv", ""), ("xlsx", "&as=xlsx")):
        table = browser.get(f"{take}?year=2025{query}").content
        CatalogueEntry.objects.all().delete()
        upload = SimpleUploadedFile(f"目录.{ending}", table)
        answer = browser.post(f"{reverse('documents:catalogue_import')}?year=2025", {"file": upload})
        assert answer.status_code == 302
        row = CatalogueEntry.objects.get()
        assert {name: getattr(row, name) for name in ROW} == ROW
    matter = cycles.current(county.place, "catalogue.revise", "year", moment(NOW))
    assert matter.facts.filter(kind="catalogue.revised").count() == 2


def test_one_bad_row_changes_nothing_and_every_one_is_named(door, entry):
    head = "领域,一级事项,公开内容（要素）,公开时限,公开主体,公开渠道和载体\n"
    table = (
        head
        + "住房,甲,内容,五日,县住建局,网站\n住房,,内容,五日,县住建局,网站\n住房,乙,内容,五日,县水利局,网站\n"
    )
    upload = SimpleUploadedFile("目录.csv", table.encode())
    answer = door("chen_li").post(f"{reverse('documents:catalogue_import')}?year=2025", {"file": upload})
    page = answer.content.decode()

    assert answer.status_code == 422
    assert "第 3 行" in page
    assert "第 4 行" in page
    assert "县水利局" in page
    assert list(CatalogueEntry.objects.values_list("item", flat=True)) == ["公租房"]


def test_a_unit_may_import_only_rows_of_its_own(door, county, entry):
    upload = SimpleUploadedFile(
        "目录.csv", door("chen_li").get(reverse("documents:catalogue_export")).content
    )
    answer = door("lu_hai").post(f"{reverse('documents:catalogue_import')}?year=2025", {"file": upload})

    assert answer.status_code == 422
    assert "不是您可以写的单位" in answer.content.decode()


def test_last_year_is_copied_once(door, entry):
    browser = door("qin_lan")
    for _ in range(2):
        browser.post(f"{reverse('documents:catalogue_copy')}?year=2026")
    assert sorted(CatalogueEntry.objects.values_list("year", flat=True)) == [2025, 2026]


@pytest.mark.clause("YZ-ML-03-5")
def test_an_entry_of_the_negative_list_is_struck_and_stays_with_its_day(door, county):
    browser, url = door("qin_lan"), reverse("documents:negative")
    given = {
        "unit": county.units["zhujian"].pk,
        "item": "人防图纸",
        "ground": "法律法规禁止公开",
        "reason": "涉及安全",
    }
    assert browser.post(url, given).status_code == 302
    row = NegativeEntry.objects.get()
    assert "人防图纸" not in door("lu_hai").get(url).content.decode()
    assert door("lu_hai").post(reverse("documents:negative_removal", args=[row.pk])).status_code == 404
    browser.post(reverse("documents:negative_removal", args=[row.pk]))

    assert NegativeEntry.objects.get().until_on == date(2025, 9, 29)


@pytest.mark.clause("ZY-SX-09-1")
def test_the_withheld_catalogue_is_filed_then_published(desk, door, county):
    desk.issued(attribute="不予公开", ground="内部管理", reason="内部值班")
    browser, code = door("qin_lan"), county.units["zhujian"].code
    page = browser.get(reverse("documents:withheld_unit", args=[code])).content.decode()
    assert "内部值班" in page
    assert door("lu_hai").get(reverse("documents:withheld_unit", args=[code])).status_code == 404
    assert browser.post(reverse("documents:withheld_publication", args=[code])).status_code == 409
    assert browser.post(reverse("documents:filing", args=[code])).status_code == 302
    assert browser.post(reverse("documents:withheld_publication", args=[code])).status_code == 302

    assert "2025年9月29日" in door("chen_li").get(reverse("documents:withheld")).content.decode()


@pytest.mark.clause("YZ-SC-04-1", "YZ-SC-04-2")
def test_a_withheld_document_is_judged_on_screen(desk, door, county):
    document = desk.issued(attribute="不予公开", ground="内部管理", reason="内部值班")
    browser, code = door("qin_lan"), county.units["zhujian"].code
    url = reverse("documents:judgement", args=[code, document.code])
    assert document.title in browser.get(reverse("documents:self_check", args=[code])).content.decode()
    assert browser.post(url, {"keeps": "no", "reason": "已过时"}).status_code == 422
    assert door("lu_hai").get(url).status_code == 404
    assert browser.post(url, {"keeps": "no", "attribute": "主动公开", "reason": "已过时"}).status_code == 302

    assert fresh(document).attribute == "主动公开"
    assert "转为主动公开" in browser.get(reverse("documents:self_check", args=[code])).content.decode()
    assert (
        browser.post(reverse("documents:completion", args=[code])).status_code == 409
    )  # no such duty at 清源县


@pytest.mark.clause("YZ-SC-04-1", "YZ-SC-04-3", "YZ-SC-04-4")
def test_a_self_check_is_finished_reported_spot_checked_and_rectified_on_screen(db, fresh_rules):
    yinzhou = Town("330212", "yinzhou")
    browsers = {name: Client() for name in ("openness", "desk", "writer")}
    for name, browser in browsers.items():
        browser.force_login(yinzhou.staff[name])
    code = yinzhou.bureau.code

    def post(who: str, door: str, **given: object) -> int:
        return browsers[who].post(reverse(f"documents:{door}", args=[code]), given).status_code

    with clock.set_to(moment("2025-11-03 09:00")):
        cycles.open_cycles(clock.now())
        assert post("openness", "report") == 409  # the self-check comes first
        assert post("writer", "completion") == 404
        assert post("openness", "rectification", words="没有抽查过") == 409
        assert post("openness", "completion") == post("openness", "report") == 302
        assert post("desk", "spot_check", wrong="") == 422
        assert post("openness", "spot_check", wrong=2) == 404
        assert post("desk", "spot_check", wrong=2, words="漏了两件") == 302
        page = browsers["openness"].get(reverse("documents:self_check", args=[code])).content.decode()
        assert "抽查发现 2 件，整改中" in page
        assert post("openness", "rectification", words="") == 422
        assert post("openness", "rectification", words="两件都已补公开") == 302
        page = browsers["desk"].get(reverse("documents:self_check", args=[code])).content.decode()

    assert "已整改" in page
    assert set(
        Obligation.objects.filter(matter__unit=yinzhou.bureau, duty__in=SELF_CHECK).values_list("state")
    ) == {("met",)}


@pytest.mark.clause("YZ-SC-04-1", "YZ-SC-04-3", "YZ-SC-04-4")
def test_last_novembers_self_check_is_finished_reported_and_rectified_in_january(db, fresh_rules):
    yinzhou = Town("330212", "yinzhou")
    browsers = {name: Client() for name in ("openness", "desk")}
    for name, browser in browsers.items():
        browser.force_login(yinzhou.staff[name])
    code = yinzhou.bureau.code
    url = reverse("documents:self_check", args=[code])

    def post(who: str, name: str, **given: object) -> object:
        return browsers[who].post(f"{reverse(f'documents:{name}', args=[code])}?year=2025", given)

    with clock.set_to(moment("2025-11-03 09:00")):
        cycles.open_cycles(clock.now())
    with clock.set_to(moment("2026-01-05 09:00")):
        cycles.open_cycles(clock.now())
        page = browsers["openness"].get(url).content.decode()
        assert "2025年自查" in page  # still owed, so it is what the page opens with
        assert 'href="?year=2026"' in page
        work = browsers["openness"].get(reverse("office:work")).content.decode()
        assert f"{url}?year=2025" in work
        assert post("openness", "completion")["Location"] == f"{url}?year=2025"
        assert post("openness", "report").status_code == 302
        assert post("desk", "spot_check", wrong=1).status_code == 302
        assert post("openness", "rectification", words="已补公开").status_code == 302
        settled = browsers["openness"].get(url).content.decode()
        last = browsers["desk"].get(reverse("documents:self_checks") + "?year=2025").content.decode()
        refused = browsers["openness"].post(f"{reverse('documents:completion', args=[code])}?year=2026")

    assert "2026年自查" in settled
    assert "已整改" in last
    assert refused.status_code == 409  # November is not there yet
    states = dict(
        Obligation.objects.filter(matter__unit=yinzhou.bureau, duty__in=SELF_CHECK).values_list(
            "duty", "state"
        )
    )
    assert states == {
        "disclosure.self_check": "met_late", "disclosure.report_self_check": "met", "disclosure.rectify": "met",
    }  # fmt: skip


@pytest.mark.clause("ZY-SX-09-1", "ZY-GL-11-1")
def test_what_was_filed_in_december_is_published_in_january(desk, door, county):
    desk.issued(attribute="不予公开", ground="内部管理", reason="内部值班")
    unit = county.units["zhujian"]
    desk.do("qin_lan", "2025-12-29 09:00", actions.file_withheld, unit, year=2025)
    browser, url = door("qin_lan"), reverse("documents:withheld_unit", args=[unit.code])
    with clock.set_to(moment("2026-01-05 09:00")):
        page = browser.get(f"{url}?year=2025").content.decode()
        assert "内部值班" in page
        assert "内部值班" not in browser.get(f"{url}?year=2026").content.decode()
        published = f"{reverse('documents:withheld_publication', args=[unit.code])}?year=2025"
        assert published in page
        assert browser.post(published)["Location"] == f"{url}?year=2025"

    assert set(Obligation.objects.filter(duty="withheld.publish").values_list("state", flat=True)) == {"met"}


@pytest.mark.clause("YZ-SC-04-1")
def test_the_self_check_says_why_a_document_is_listed(desk, door, county):
    document = desk.issued(attribute="不予公开", ground="内部管理", reason="内部值班")
    url = reverse("documents:self_check", args=[document.unit.code])
    desk.do(
        "qin_lan",
        "2025-11-20 09:00",
        actions.reassess,
        document,
        year=2025,
        keeps=True,
        reason="仍属内部管理",
    )
    with clock.set_to(moment("2026-11-03 09:00")):
        page = door("qin_lan").get(url).content.decode()

    assert "不予公开，每年再看是否还不能公开" in page
    assert "理由：内部管理，内部值班" in page
    assert "2025年判定维持：仍属内部管理" in page


@pytest.mark.clause("XA-WZ-02-8")
def test_empty_and_stale_columns_are_named(desk, door, county):
    actions.lay_columns(county.place)
    Column.objects.filter(slug="policies").update(stale_after=30)
    desk.published(is_policy=True, plan="图解")
    assert "52 天没有更新" not in door("chen_li").get(reverse("documents:columns")).content.decode()
    with clock.set_to(moment("2025-11-20 10:00")):
        page = door("chen_li").get(reverse("documents:columns")).content.decode()
    assert "52 天没有更新" in page
    assert "没有内容" in page


@pytest.mark.clause("XA-WZ-02-2", "YZ-XZ-00-3")
def test_column_topic_service_and_gazette_are_written_on_screen(desk, door, county):
    document = desk.published()
    browser = door("chen_li")

    def save(name, given, *args):
        answer = browser.post(reverse(f"documents:{name}", args=args), given)
        assert answer.status_code == 302, answer.content.decode()

    column = {"name": "供水保障", "slug": "water", "kind": "重点领域", "order": 20, "stale_after": 90}
    save("column_new", column)
    save("column", column | {"name": "供水和水质"}, "water")
    assert browser.post(reverse("documents:column_new"), column).status_code == 422
    topic = {
        "title": "老旧小区",
        "slug": "old",
        "figures": "# 户数，户\n去年 915\n今年 1108",
        "documents": document.number,
    }
    save("topic_new", topic)
    page = browser.get(reverse("documents:topic", args=["old"])).content.decode()
    assert "# 户数，户" in page
    save("topic", topic | {"figures": ""}, "old")
    bad = browser.post(reverse("documents:topic", args=["old"]), topic | {"figures": "去年 很多"})
    assert bad.status_code == 422
    service = {"unit": county.units["zhujian"].pk, "name": "公租房申请", "kind": "公共服务"}
    save("service_new", service)
    save("service", service | {"fee": "不收费"}, Service.objects.get().pk)
    save("gazette_new", {"year": 2025, "issue": 3, "issued_on": "2025-09-29", "documents": document.code})
    assert browser.post(reverse("documents:gazette", args=[2025, 3]),
                        {"issued_on": "2025-09-29", "documents": "没有这份"}).status_code == 422  # fmt: skip

    assert Column.objects.get(slug="water").name == "供水和水质"
    assert Topic.objects.get().documents.get() == document
    assert Service.objects.get().fee == "不收费"
    assert list(GazetteIssue.objects.get().documents.all()) == [document]


def test_a_unit_keeps_its_own_services_and_no_columns(door, county):
    browser = door("qin_lan")
    wrong = {"unit": county.units["shuiwu"].pk, "name": "水质检测", "kind": "公共服务"}
    assert browser.post(reverse("documents:service_new"), wrong).status_code == 422
    column = {"name": "新栏目", "slug": "x", "kind": "重点领域", "order": 20, "stale_after": 90}
    assert browser.post(reverse("documents:column_new"), column).status_code == 409
    assert (Service.objects.count(), Column.objects.filter(slug="x").count()) == (0, 0)


def test_a_reported_fault_is_answered_once(door, county):
    found = actions.report_fault(
        county.place, at=moment(NOW), address="/qingyuan/", kind="打不开", words="附件打不开"
    )
    browser, url = door("qian_fang"), reverse("documents:fault", args=[found.matter.number])
    assert "附件打不开" in browser.get(reverse("documents:faults")).content.decode()
    assert door("wang_min").get(url).status_code == 404
    for words in ("已经修好", "又答一次"):
        assert browser.post(url, {"words": words}).status_code == 302

    assert Fault.objects.get().answer == "已经修好"
    assert found.matter.obligations.get().state == "met"


def test_what_is_done_in_the_first_hours_of_a_year_belongs_to_that_year(door, desk):
    document = desk.issued(attribute="不予公开", ground="内部管理", reason="内部值班")
    unit, at = document.unit, moment("2026-01-01 00:30").astimezone(UTC)  # as the clock says it
    assert next_index_number(unit, at).startswith(f"{unit.code}/2026-")
    given = {"keeps": "yes", "reason": "仍属内部管理"}
    with clock.set_to(at):
        door("qin_lan").post(reverse("documents:judgement", args=[unit.code, document.code]), given)
    assert document.reassessments.get().year == 2026
