"""Documents and the services that rest on them: said from either side, by whom, carried in and out."""

from __future__ import annotations

import pytest
from django.urls import reverse

from gongkai.documents import actions, asks, exchange, imports
from gongkai.documents.models import Document, Service
from gongkai.documents.tests.conftest import fresh
from gongkai.ledger import clock
from gongkai.people.actor import Actor
from gongkai.ui.refusal import Refused
from tests.world import moment

NOW = "2025-10-09 09:00"


@pytest.fixture
def service(desk, county):
    """公租房申请 of the housing bureau."""
    return desk.do(
        "qin_lan",
        "2025-09-29 11:00",
        actions.save_service,
        county.units["zhujian"],
        name="公租房申请",
        kind="公共服务",
    )


@pytest.mark.clause("HS-LD-18-1")
def test_a_document_is_tied_to_services_and_what_was_tied_is_a_fact(desk, service):
    document = desk.published()
    desk.do("qian_fang", NOW, actions.tie_services, document, services=[service])
    desk.do("qian_fang", NOW, actions.tie_services, document, services=[service])

    assert list(service.documents.all()) == [document]
    [fact] = document.matter.facts.filter(kind="document.services_tied")
    assert fact.details == {"services": "公租房申请"}


@pytest.mark.clause("HS-LD-18-1")
def test_a_service_names_its_published_documents_and_leaves_what_is_not_out_yet(desk, service):
    out, draft = desk.published(), desk.issued(number="清住建发〔2025〕9号", title="关于公租房的通知")
    desk.do("wang_min", NOW, actions.tie_services, draft, services=[service])

    desk.do("qin_lan", NOW, actions.tie_documents, service, documents=[out, draft])
    assert set(service.documents.all()) == {out, draft}
    desk.do("qin_lan", NOW, actions.tie_documents, service, documents=[])
    assert list(service.documents.all()) == [draft]
    assert out.matter.facts.filter(kind="document.services_tied").count() == 2


def test_who_neither_writes_publishes_nor_discloses_it_ties_nothing(desk, county, service):
    document = desk.published()
    with pytest.raises(Refused, match="拟稿人"):
        desk.do("li_qiang", NOW, actions.tie_services, document, services=[service])
    with pytest.raises(Refused):
        desk.do("li_qiang", NOW, actions.tie_documents, service, documents=[document])
    withheld = desk.issued(
        number="清住建发〔2025〕9号", attribute="不予公开", reason="内部管理", title="值班安排"
    )
    with pytest.raises(Refused, match="不公开"):
        desk.do("wang_min", NOW, actions.tie_services, withheld, services=[service])
    assert not service.documents.exists()


def test_a_service_is_found_by_its_name_and_where_several_units_have_it_by_the_unit(desk, county, service):
    place = county.place.code
    assert asks.service_named(place, "公租房申请") == service
    desk.do("chen_li", NOW, actions.save_service, county.units["shuiwu"], name="公租房申请", kind="公共服务")
    with pytest.raises(Refused, match="不止一个"):
        asks.service_named(place, "公租房申请")
    assert asks.service_named(place, service.full) == service
    with pytest.raises(Refused, match="没有"):
        asks.service_named(place, "办护照")


def test_both_forms_of_the_office_tie_them_once_and_others_have_no_door(desk, door, county, service):
    document = desk.published()
    by_document = reverse("documents:services", args=[document.code])
    by_service = reverse("documents:service", args=[service.pk])
    given = {"kind": "公共服务", "documents": document.number}
    with clock.set_to(moment(NOW)):
        writer = door("wang_min")
        assert writer.post(by_document, {"services": "没有这件事", "seen": 0}).status_code == 422
        seen = writer.get(by_document).context["form"]["seen"].value()
        for _ in range(2):
            assert writer.post(by_document, {"services": service.full, "seen": seen}).status_code == 302
        assert (
            service.full in writer.get(reverse("documents:document", args=[document.code])).content.decode()
        )
        assert document.matter.facts.filter(kind="document.services_tied").count() == 1

        keeper = door("qin_lan")
        assert document.code in keeper.get(by_service).content.decode()
        assert keeper.post(by_service, given | {"documents": "没有这份"}).status_code == 422
        assert keeper.post(by_service, given | {"documents": ""}).status_code == 302
        assert not service.documents.exists()
        assert keeper.post(by_service, given).status_code == 302
        assert list(service.documents.all()) == [document]

        for who in ("li_qiang", "ma_li"):
            assert door(who).post(by_service, given | {"documents": ""}).status_code == 404, who
            assert door(who).post(by_document, {"services": "", "seen": 0}).status_code in (404, 409, 422), (
                who
            )
        assert list(service.documents.all()) == [document]


@pytest.mark.clause("HS-LD-18-1")
def test_the_table_brings_services_in_and_open_data_takes_them_out(desk, county, service, tmp_path):
    table = tmp_path / "目录.csv"
    table.write_text(
        "标题,正文,发文字号,发布日期,服务事项\n"
        f"关于公租房的通知,条件放宽。,清住建发〔2025〕3号,2025-09-26,公租房申请；{service.full}\n"
        "关于护照的通知,办理。,清住建发〔2025〕4号,2025-09-26,办护照\n",
        encoding="utf-8",
    )
    with clock.set_to(moment(NOW)):
        importer = imports.Importer(
            county.place, by=Actor.system(county.place), now=moment(NOW), unit=county.units["zhujian"]
        )
        list(importer.run(imports.pieces(None, table)))

    assert [row.wrong for row in importer.report.bad] == [
        "没有“办护照”这个服务事项。请核对名称，或先在办事事项里登记。"
    ]
    document = Document.objects.get()
    assert list(document.services.all()) == [service]
    [record] = exchange.changes(county.place, 0, moment("2025-10-20 09:00")).records
    assert record["services"] == "公租房申请（县住建局）"

    cursor = exchange.changes(county.place, 0, moment("2025-10-20 09:00")).cursor
    desk.do("qian_fang", NOW, actions.tie_services, fresh(document), services=[])
    [record] = exchange.changes(county.place, cursor, moment("2025-10-20 09:00")).records
    assert (record["id"], record["services"]) == (document.code, "")


@pytest.mark.clause("HS-LD-01-1")
def test_the_five_are_offered_from_the_list_of_the_place_and_carried_out(desk, door, county, fresh_rules):
    document = desk.published(openness="决策")
    with clock.set_to(moment(NOW)):
        browser = door("wang_min")
        form = browser.get(reverse("documents:draft")).context["form"]
        assert [value for value, _label in form.fields["openness"].choices] == [
            "", "决策", "执行", "管理", "服务", "结果",
        ]  # fmt: skip
        assert "决策公开" in browser.get(reverse("documents:document", args=[document.code])).content.decode()
        sheet = browser.get(reverse("documents:export")).content.decode()
        assert "五公开" in sheet
        assert "决策公开" in sheet
    [record] = exchange.changes(county.place, 0, moment("2025-10-20 09:00")).records
    assert record["openness"] == "决策公开"


def test_open_data_asks_the_same_however_many_services(desk, county, service, django_assert_num_queries):
    document = desk.published()
    more = [
        Service.objects.create(
            place=county.place,
            unit=county.units["shuiwu"],
            name=f"事项{n}",
            kind="公共服务",
            updated_at=moment(NOW),
        )
        for n in range(5)
    ]
    desk.do("qian_fang", NOW, actions.tie_services, document, services=[service, *more])
    with django_assert_num_queries(8):
        exchange.changes(county.place, 0, moment("2025-10-20 09:00"))
