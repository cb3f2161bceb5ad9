"""The public pages of documents: what is published is on all of them, what is not is on none."""

from __future__ import annotations

import json
import re
from datetime import date
from unittest.mock import patch
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver
from lxml import etree

from gongkai.documents import actions
from gongkai.documents.models import Address, Column, Document, Fault, Service
from gongkai.documents.tests.conftest import fresh
from gongkai.files import actions as files
from gongkai.portal import published
from gongkai.portal.tests.conftest import stamp_of, text_of
from gongkai.portal.views import maps
from tests.world import moment

pytestmark = pytest.mark.slow  # a whole small site is made for each

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def doors(browser, start="/qingyuan/") -> dict[str, object]:
    """Every public page that links lead to, and all feeds and maps, by address."""
    seen: dict[str, object] = {}
    waiting = [start, "/qingyuan/sitemap.xml", "/qingyuan/catalogue/withheld/", "/sitemap.xml"]
    while waiting:
        address = waiting.pop()
        if address in seen or re.search(r"/(office|static)/|type=large", address):
            continue
        seen[address] = response = browser.get(address, follow=True)
        if "html" in response["Content-Type"]:
            links = re.findall(r'href="([^"]+)"', text_of(response))
            waiting += [x.split("#")[0].replace("&amp;", "&") for x in links if x.startswith("/")]
        elif "xml" in response["Content-Type"] and not response.streaming:
            waiting += re.findall(r"<loc>http://[^/]+(/[^<]*)</loc>", text_of(response))
    return seen


SECRET = "紫云英"


def test_what_is_not_published_is_behind_no_door(browser, desk, county, site, at):
    """A draft, an issued, a withheld, a withdrawn document and an edition that waits: no page, feed, map or search."""
    public = {address: text_of(one) for address, one in doors(browser).items() if not one.streaming}
    desk.draft(title=f"{SECRET}草稿的通知", html=f"<p>{SECRET}</p>")
    desk.issued(title=f"{SECRET}印发的通知", html=f"<p>{SECRET}</p>", number="清住建发〔2025〕8号")
    desk.issued(title=f"{SECRET}不予公开的通知", html=f"<p>{SECRET}</p>", number="清住建发〔2025〕9号", attribute="不予公开",
                reason="内部管理", ground="内部管理")  # fmt: skip
    gone = desk.published(title=f"{SECRET}撤回的通知", html=f"<p>{SECRET}</p>", number="清住建发〔2025〕10号")
    desk.do(
        "wang_min",
        "2025-09-29 12:00",
        actions.edit,
        site,
        title=f"{SECRET}新版",
        html=f"<p>{SECRET}</p>",
        note=f"{SECRET}改",
    )
    given = {"by": county.actor("chen_li"), "at": moment("2025-09-29 12:30")}
    everything = list(Document.objects.all())
    actions.save_topic(
        county.place, slug="lifts", title="老旧电梯更新", words="", documents=everything, **given
    )
    actions.save_gazette(
        county.place, year=2025, issue=9, issued_on=date(2025, 9, 29), documents=everything, **given
    )
    for other in everything:
        if other.pk != site.pk:
            desk.do("wang_min", "2025-09-29 12:30", actions.relate, fresh(site), other=other, kind="amends")
            other.columns.set(Column.objects.all())
    upload = SimpleUploadedFile(f"{SECRET}.pdf", PDF, "application/pdf")
    kept = files.attach(upload, room="documents", number=gone.code, by=None, at=given["at"])
    desk.do(
        "qian_fang",
        "2025-09-29 13:00",
        actions.withdraw,
        gone,
        kind="内容有误",
        notice="数字有误。",
        reason="录错",
    )

    found = doors(browser)
    assert public.keys() <= found.keys()
    for address, response in found.items():
        if not response.streaming:
            assert SECRET not in text_of(response), address
    for q in (SECRET, "清住建发[2025]8号", "清住建发〔2025〕10号"):
        page = text_of(browser.get("/qingyuan/search/", {"q": q}))
        assert "没有找到" in page
    for document in Document.objects.exclude(stage="published"):
        response = browser.get(f"/qingyuan/documents/{document.code}/")
        assert response.status_code == (410 if document.pk == gone.pk else 404)
        assert SECRET not in text_of(response)
        assert browser.get(f"/qingyuan/documents/{document.code}/editions/2/").status_code == 404
    assert browser.get(kept.get_absolute_url()).status_code == 404
    assert browser.get(f"/qingyuan/documents/{gone.code}/files/{kept.pk}/{kept.name}").status_code == 404
    for kind in ("json", "csv"):
        assert SECRET not in text_of(browser.get(f"/qingyuan/documents/all.{kind}"))


def test_a_document_that_was_amended_says_by_what_at_its_head(browser, site, desk):
    newer = desk.published(title="关于修改电梯更新补贴标准的通知", number="清住建发〔2025〕9号")
    head = '<div class="notice notice--warn"><p><b>被修改：</b>'
    assert head not in text_of(browser.get(f"/qingyuan/documents/{site.code}/"))

    desk.do("wang_min", "2025-09-29 12:30", actions.relate, newer, other=site, kind="amends")

    page = text_of(browser.get(f"/qingyuan/documents/{site.code}/"))
    assert f'{head}<a href="/qingyuan/documents/{newer.code}/">' in page
    assert "已修改" in page
    assert head not in text_of(browser.get(f"/qingyuan/documents/{newer.code}/"))


def test_the_walk_over_all_doors_meets_every_public_address(browser, site):
    met = set(doors(browser))
    upload = {"document_file", "edition", "fault_sent", "documents_page", "column_page", "unit_page"}
    for pattern in get_resolver("gongkai.portal.urls").url_patterns:
        if (
            "/documents/" in f"/{pattern.pattern}"
            or "/columns/" in str(pattern.pattern)
            or "catalogue" in str(pattern.pattern)
        ):
            shape = re.sub(r"<[^>]+>", "[^/]+", str(pattern.pattern))
            assert pattern.name in upload or any(re.fullmatch("/" + shape, one) for one in met), pattern.name


@pytest.mark.clause("GB-TL-24-1", "YZ-JD-06-6")
def test_a_document_can_be_found_read_and_downloaded_with_its_interpretation(browser, site):
    upload = SimpleUploadedFile("补贴标准.pdf", PDF, "application/pdf")
    kept = files.attach(upload, room="documents", number=site.code, by=None, at=moment("2025-09-29 10:00"))
    address = f"/qingyuan/documents/{site.code}/"
    assert address in text_of(browser.get("/qingyuan/search/?q=电梯"))
    assert address in text_of(browser.get("/qingyuan/search/?q=清住建发[2025]7号"))

    page = text_of(browser.get(address))
    for words in (
        "索引号",
        "城乡建设",
        "清住建发〔2025〕7号",
        "2025年9月29日",
        "有效性",
        "此件公开发布",
        "一图看懂电梯更新补贴",
        "发布登记",
    ):
        assert words in page, words
    interpretation = re.search(r'<a href="([^"]+)">一图看懂', page)[1]
    assert address in text_of(browser.get(interpretation))
    answer = browser.get(f"{address}files/{kept.pk}/{kept.name}")
    assert b"".join(answer.streaming_content) == PDF


def test_a_document_page_names_itself_as_the_page_rules_ask(browser, site):
    page = text_of(browser.get(f"/qingyuan/documents/{site.code}/"))
    meta = dict(re.findall(r'<meta name="(\w+)" content="([^"]*)">', page))
    assert meta["SiteName"] == "清源县人民政府"
    assert meta["SiteIDCode"] == "5203990001"
    assert meta["ColumnType"] in Column.Kind.values
    assert meta["ArticleTitle"] == site.title
    assert meta["PubDate"] == "2025-09-29 10:00"
    assert meta["ContentSource"]
    assert meta["Keywords"] == "电梯,补贴"


def test_only_the_released_text_is_shown_and_its_changes_can_be_read(browser, desk, site, at):
    address = f"/qingyuan/documents/{site.code}/"
    desk.do(
        "wang_min",
        "2025-09-29 12:00",
        actions.edit,
        site,
        title=site.title,
        html="<p>每台电梯补贴18万元。</p>",
        note="标准提高",
    )
    assert "18万元" not in text_of(browser.get(address))

    desk.do(
        "qian_fang",
        "2025-09-29 13:00",
        actions.correct,
        fresh(site),
        title=site.title,
        html="<p>每台电梯补贴16万元。</p>",
        reason="数字有误",
    )
    page = text_of(browser.get(address))
    assert "16万元" in page
    change = re.search(r'href="([^"]+/editions/\d+/)"', page)[1]
    assert "<ins>6</ins>" in text_of(browser.get(change)) or "<ins>" in text_of(browser.get(change))


def test_a_withdrawn_document_says_why_and_where_to_look(browser, desk, site):
    other = desk.published(title="关于新补贴标准的通知", number="清住建发〔2025〕12号", at="2025-09-29 11:00")
    desk.do("qian_fang", "2025-09-29 13:00", actions.withdraw, site, kind="内容有误", notice="标准有误，已重发。", reason="录错",
            replacement=other)  # fmt: skip
    response = browser.get(f"/qingyuan/documents/{site.code}/")
    assert response.status_code == 410
    assert "标准有误，已重发" in text_of(response)
    assert f"/qingyuan/documents/{other.code}/" in text_of(response)
    assert "录错" not in text_of(response)
    assert site.code not in text_of(browser.get(f"/qingyuan/documents/{other.code}/"))


def test_validity_follows_from_dates(browser, site, at):
    Document.objects.filter(pk=site.pk).update(ends_on=date(2025, 10, 1))
    assert "<dd>有效</dd>" in text_of(browser.get(f"/qingyuan/documents/{site.code}/"))
    at("2025-10-01 09:00")
    page = text_of(browser.get(f"/qingyuan/documents/{site.code}/"))
    assert "<dd>失效</dd>" in page
    assert "已经失去效力" in page


@pytest.mark.clause("ZY-GL-07-1")
def test_what_a_unit_publishes_stands_on_its_own_page(browser, county, site):
    code = county.units["zhujian"].code
    page = text_of(browser.get(f"/qingyuan/units/{code}/"))
    assert site.title in page
    assert "公租房申请" in page
    assert f"/qingyuan/catalogue/unit/{code}/" in page
    assert site.title not in text_of(browser.get(f"/qingyuan/units/{county.units['shuiwu'].code}/"))


@pytest.mark.clause("XA-WZ-02-1")
def test_units_publish_on_one_portal_in_common_columns(browser, desk, county, site):
    page = text_of(browser.get("/qingyuan/openness/"))
    for name in (
        "政府信息公开指南",
        "政府信息公开制度",
        "法定主动公开内容",
        "政府信息公开年报",
        "依申请公开",
    ):
        assert name in page
    assert site.title in page


@pytest.mark.clause("XA-WZ-02-2")
def test_a_topic_shows_words_a_chart_with_its_table_and_documents(browser, site):
    page = text_of(browser.get("/qingyuan/topics/lifts/"))
    assert "<svg" in page
    assert "南桥镇" in page
    assert site.title in page


@pytest.mark.clause("XA-WZ-02-8")
@pytest.mark.clause("HS-LD-18-1")
def test_a_document_leads_to_its_services_and_a_service_to_its_published_documents(browser, site, desk):
    service = Service.objects.get()
    out, draft = (
        f"/qingyuan/documents/{site.code}/",
        desk.issued(number="清住建发〔2025〕9号", title="还没有发布"),
    )
    for one in (site, draft):
        desk.do("wang_min", "2025-09-30 09:00", actions.tie_services, one, services=[service])

    page = text_of(browser.get(out))
    assert "相关服务事项" in page
    assert f"/qingyuan/services/{service.pk}/" in page
    page = text_of(browser.get(f"/qingyuan/services/{service.pk}/"))
    assert "政策依据和相关文件" in page
    assert out in page
    assert "还没有发布" not in page


@pytest.mark.clause("HS-LD-01-1")
def test_each_of_the_five_has_its_list_and_related_documents_say_which_they_are(browser, site, desk):
    base = f"/qingyuan/openness/{quote('执行')}/"
    other = desk.published(
        number="清住建发〔2025〕9号", title="关于补贴发放情况的通知", openness="执行", at="2025-09-29 11:00"
    )
    desk.do("wang_min", "2025-09-30 09:00", actions.relate, other, other=site, kind="amends")

    assert other.code in text_of(browser.get(base))
    assert site.code not in text_of(browser.get(base))
    assert "/qingyuan/openness/stages/" in text_of(browser.get("/qingyuan/documents/"))
    stages = text_of(browser.get("/qingyuan/openness/stages/"))
    assert base in stages
    assert other.code in stages
    assert site.code not in stages
    page = text_of(browser.get(f"/qingyuan/documents/{other.code}/"))
    assert f'<a href="{base}">执行公开</a>' in page
    assert "执行公开" in text_of(browser.get(f"/qingyuan/documents/{site.code}/"))
    assert browser.get(f"/qingyuan/openness/{quote('随便')}/").status_code == 404
    assert browser.get(f"{base}page/1/").status_code == 404


def test_services_are_listed_by_area_and_found(browser, site):
    assert "公租房申请" in text_of(browser.get("/qingyuan/services/?q=公租房"))
    assert "没有找到" in text_of(browser.get("/qingyuan/services/?q=护照"))


@pytest.mark.clause("YZ-XZ-00-3")
def test_the_gazette_stands_by_year_issue_and_issuer(browser, site):
    assert "/qingyuan/gazettes/2025/9/" in text_of(browser.get("/qingyuan/gazettes/"))
    page = text_of(browser.get("/qingyuan/gazettes/2025/9/"))
    assert site.title in page
    assert site.issuer.name in page


@pytest.mark.parametrize("base", ["documents/", "columns/policies/", "columns/statutory/", "units/{}/"])
def test_feeds_are_what_they_say(browser, county, site, base):
    base = f"/qingyuan/{base.format(county.units['zhujian'].code)}"
    atom = etree.fromstring(browser.get(f"{base}feed.atom").content)
    assert etree.QName(atom).localname == "feed"
    rss = etree.fromstring(browser.get(f"{base}feed.rss").content)
    assert rss.tag == "rss"
    assert rss.find("channel/title").text.startswith("清源县人民政府")
    feed = json.loads(browser.get(f"{base}feed.json").content)
    assert feed["version"].endswith("1.1")
    titles = {item["title"] for item in feed["items"]}
    assert titles == {item.findtext("title") for item in rss.iter("item")}
    assert browser.get(f"{base}feed.txt").status_code == 404


def test_pages_of_a_list_are_numbered_from_the_oldest_and_a_full_one_never_changes(browser, site):
    _copies(site, 80)
    column = Column.objects.get(slug="statutory", place=site.place)
    column.documents.set(Document.objects.published())
    first = text_of(browser.get("/qingyuan/columns/statutory/page/1/"))
    front = text_of(browser.get("/qingyuan/columns/statutory/"))
    assert front.count("items__t") == 25 + Document.objects.published().count() % 25
    assert "/qingyuan/columns/statutory/page/2/" in front
    _copies(site, 30, start=1000)
    column.documents.set(Document.objects.published())
    assert text_of(browser.get("/qingyuan/columns/statutory/page/1/")) == first
    assert browser.get("/qingyuan/columns/statutory/page/99/").status_code == 404


def _copies(site, n, start=0):
    """More published documents, quickly: rows with the edition of another."""
    from gongkai.ledger.models import Matter

    for k in range(start, start + n):
        matter = Matter.objects.create(
            number=f"GW-X-{k:05}",
            room="documents",
            title="x",
            place=site.place,
            opened_at=moment("2025-09-29 10:00"),
        )
        Document.objects.create(
            matter=matter, place=site.place, stage="published", title=f"第{k}号通知", unit=site.unit, issuer=site.issuer,
            attribute="主动公开", formed_at=moment("2025-09-29 10:00"), published_at=moment("2025-09-29 10:00"), edition=site.edition,
        )  # fmt: skip


def test_the_map_holds_every_document_in_parts_that_are_not_too_long(browser, site, monkeypatch):
    monkeypatch.setattr(maps, "IN_PART", 7)
    _copies(site, 20)
    named = []
    for part in re.findall(r"<loc>http://[^/]+(/[^<]*)</loc>", text_of(browser.get("/qingyuan/sitemap.xml"))):
        text = text_of(browser.get(part))
        addresses = re.findall(r"<loc>http://[^/]+(/[^<]*)</loc>", text)
        assert text.startswith("<?xml")
        assert len(addresses) <= 7 or part.endswith("around.xml")
        named += [one for one in addresses if "/documents/GW-" in one]
    codes = Document.objects.filter(place=site.place).published().values_list("matter__number", flat=True)
    assert sorted(named) == sorted(f"/qingyuan/documents/{code}/" for code in codes)
    assert "/qingyuan/sitemap.xml" in text_of(browser.get("/robots.txt"))
    assert browser.get("/qingyuan/sitemap/999.xml").status_code == 404


def test_an_old_address_leads_to_its_document_for_good(browser, site):
    Address.objects.create(place=site.place, path="/art/2019/3/4/art_1_22.html", document=site)
    response = browser.get("/art/2019/3/4/art_1_22.html")
    assert (response.status_code, response["Location"]) == (301, f"/qingyuan/documents/{site.code}/")


def test_a_page_that_is_not_there_offers_a_search(browser, site):
    response = browser.get("/qingyuan/documents/GW-2099/")
    assert response.status_code == 404
    assert "没有找到这一页" in text_of(response)
    assert 'role="search"' in text_of(response)


def test_a_list_page_costs_few_queries(browser, site, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        browser.get("/qingyuan/documents/")
    with django_assert_max_num_queries(6):
        browser.get("/qingyuan/columns/policies/")


def test_the_rows_of_a_list_are_those_of_the_list_and_no_others(site, county):
    """Of a small column and of a large one, of a unit, of the place."""
    columns = {one: set(one.documents.published()) for one in Column.objects.filter(place=site.place)}
    for column, inside in columns.items():
        column.place = site.place
        listing = published.Listing.of_column(column)
        for few in (published.FEW, 0):
            with patch.object(published, "FEW", few):
                assert {row.pk for row in listing.newest(50)} == {one.pk for one in inside}, column
        assert listing.count() == len(inside)
    assert any(columns.values())
    assert not all(columns.values())
    assert published.Listing.of_unit(county.units["shuiwu"]).newest(50) == []
    assert len(published.Listing.of_place(site.place).newest(50)) == 2


def test_open_data_gives_the_same_documents_as_the_pages(browser, site):
    records = json.loads(browser.get("/qingyuan/documents/all.json").content)["records"]
    assert {one["标题"] for one in records} == {site.title, "一图看懂电梯更新补贴"}
    assert "电梯" in text_of(browser.get("/qingyuan/documents/all.csv"))
    assert json.loads(browser.get("/qingyuan/catalogue/all.json").content)["records"][0]["领域"] == "住房保障"


# ---- faults --------------------------------------------------------------------------------------------


def test_a_reader_reports_a_fault_and_follows_it_by_its_code(browser, county, at):
    at("2025-09-29 09:00")
    page = text_of(browser.get("/qingyuan/faults/"))
    at("2025-09-29 09:01")
    given = {
        "address": "首页",
        "kind": "文字错误",
        "words": "“建设”写成“健设”",
        "contact": "13812345678",
        "stamp": stamp_of(page),
    }
    sent = browser.post("/qingyuan/faults/", given, follow=True)
    fault = Fault.objects.get()
    assert fault.code in text_of(sent)
    assert "13812345678" not in fault.contact
    assert "正在处理" in text_of(browser.post("/qingyuan/faults/follow/", {"code": fault.code}))
    actions.answer_fault(fault, by=county.actor("chen_li"), at=at("2025-09-30 09:00"), words="已改正，谢谢。")
    assert "已改正，谢谢" in text_of(browser.post("/qingyuan/faults/follow/", {"code": fault.code}))


def test_a_fault_without_its_stamp_or_from_a_machine_is_asked_again(browser, county, at):
    at("2025-09-29 09:00")
    given = {"address": "首页", "kind": "文字错误", "words": "写错了"}
    assert browser.post("/qingyuan/faults/", given).status_code == 422
    page = text_of(browser.get("/qingyuan/faults/"))
    assert browser.post("/qingyuan/faults/", given | {"stamp": stamp_of(page)}).status_code == 422
    assert not Fault.objects.exists()


def test_codes_of_faults_are_not_guessed(browser, county, at):
    at("2025-09-29 09:00")
    for _ in range(20):
        browser.post("/qingyuan/faults/follow/", {"code": "000000000000"})
    assert browser.post("/qingyuan/faults/follow/", {"code": "000000000000"}).status_code == 429
