"""What goes out: to a platform above, as an offline copy, as the spreadsheet of a unit."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from django.urls import reverse
from lxml import etree
from openpyxl import load_workbook

from gongkai.documents import actions, exchange, offline
from gongkai.documents.models import CatalogueEntry, NegativeEntry
from gongkai.documents.tests.conftest import TEXT, TITLE, fresh
from gongkai.ledger import clock
from tests.world import moment

LATER = moment("2025-10-20 09:00")


def take(county, after: int = 0):
    return exchange.changes(county.place, after, LATER)


def withdraw(desk, document, at: str = "2025-10-10 09:00", **more):
    desk.do(
        "qian_fang",
        at,
        actions.withdraw,
        document,
        kind="内容有误",
        notice="数字有误，改后再发。",
        reason="内部：财务算错了",
        **more,
    )


def test_a_released_document_is_given_with_its_metadata(desk, county):
    document = desk.published()
    [record] = take(county).records
    assert set(record) == {*exchange.FIELDS, "html"}
    assert (record["id"], record["state"], record["title"]) == (document.code, "published", TITLE)
    assert (record["number"], record["made_on"]) == ("清住建发〔2025〕7号", "2025-09-26")
    assert record["published_at"] == "2025-09-29T10:00:00+08:00"
    assert record["validity"] == "有效"
    assert record["html"] == fresh(document).text
    assert record["address"].endswith(f"/{county.place.slug}/documents/{document.code}/")


@pytest.mark.parametrize("reached", ["draft", "signed", "issued"])
def test_what_is_not_released_is_not_given(desk, county, reached):
    getattr(desk, reached)()
    assert take(county).records == []


def test_a_change_that_waits_for_its_review_is_not_given(desk, county):
    document = desk.published()
    desk.do(
        "wang_min",
        "2025-10-09 09:00",
        actions.edit,
        document,
        title="没有审过的标题",
        html="<p>没有审过</p>",
        summary="没有审过的概述",
        keywords="没有审过",
        note="改标准",
    )
    [record] = take(county).records
    assert (record["title"], record["html"]) == (TITLE, TEXT)
    assert "没有审过" not in json.dumps(record, ensure_ascii=False)


def test_the_tombstone_names_what_replaces_the_document(desk, county):
    wrong = desk.published()
    right = desk.published(title="关于更正电梯更新补贴标准的通知", number="清住建发〔2025〕8号")
    withdraw(desk, wrong, replacement=right)
    stone = next(one for one in take(county).records if one["state"] == "withdrawn")
    assert stone["replacement"] == fresh(right).index_number
    assert stone["replacement_address"] == exchange.address_of(right)

    withdraw(desk, right, "2025-10-11 09:00")
    assert {(one["replacement"], one["replacement_address"]) for one in take(county).records} == {("", "")}


def test_the_cursor_gives_only_what_changed_since(desk, county):
    first = desk.published()
    page = take(county)
    assert not page.more
    assert take(county, page.cursor).records == []
    assert take(county, page.cursor).cursor == page.cursor

    desk.do(
        "qian_fang",
        "2025-10-09 09:00",
        actions.correct,
        first,
        title=TITLE,
        html="<p>改了一个字</p>",
        reason="笔误",
    )
    [again] = take(county, page.cursor).records
    assert (again["id"], again["html"]) == (first.code, "<p>改了一个字</p>")
    assert again["changed_at"] == "2025-10-09T09:00:00+08:00"


def test_a_withdrawn_document_is_a_tombstone_without_a_word_of_it(desk, county):
    document = desk.published()
    before = take(county)
    withdraw(desk, document)
    [stone] = take(county, before.cursor).records
    assert {name: value for name, value in stone.items() if value} == {
        "id": document.code, "state": "withdrawn", "identifier": fresh(document).index_number,
        "withdrawn_at": "2025-10-10T09:00:00+08:00", "notice": "数字有误，改后再发。",
    }  # fmt: skip


def test_what_was_recorded_this_minute_waits_for_what_stands_beside_it(desk, county):
    desk.published(at="2025-09-29 10:00")
    just_now = moment("2025-09-29 10:00")
    assert exchange.changes(county.place, 0, just_now).records == []
    assert exchange.changes(county.place, 0, just_now + timedelta(minutes=1)).records


def test_a_document_of_which_another_repeals_is_given_again_as_repealed(desk, county):
    old = desk.published()
    cursor = take(county).cursor
    new = desk.published(number="清住建发〔2025〕8号", title="关于废止电梯更新补贴标准的通知")
    desk.do("wang_min", "2025-10-10 09:00", actions.relate, new, other=old, kind="repeals")
    given = {record["id"]: record["validity"] for record in take(county, cursor).records}
    assert given == {old.code: "废止", new.code: "有效"}


def test_a_repeal_counts_from_the_day_the_other_is_released(desk, county):
    old = desk.published()
    new = desk.issued(number="清住建发〔2025〕8号", title="关于废止电梯更新补贴标准的通知")
    desk.do("wang_min", "2025-09-30 09:00", actions.relate, new, other=old, kind="repeals")
    before = take(county)
    assert [record["validity"] for record in before.records] == ["有效"]
    desk.do("qian_fang", "2025-10-11 10:00", actions.publish, desk.cleared(new, "2025-10-11 09:00"))
    assert {one["id"]: one["validity"] for one in take(county, before.cursor).records}[old.code] == "废止"


def test_pages_lead_to_the_end_and_give_everything(desk, county, monkeypatch):
    codes = {desk.published(number=f"清住建发〔2025〕{n}号").code for n in (1, 2, 3)}
    monkeypatch.setattr(exchange, "A_PAGE", 1)
    pages = list(exchange.all_changes(county.place, 0, LATER))
    assert [page.more for page in pages] == [True, True, False]
    assert {record["id"] for page in pages for record in page.records} == codes


def test_a_day_is_a_cursor_too(desk, county):
    desk.published()
    assert take(county, exchange.since(county.place, date(2025, 9, 29))).records
    assert take(county, exchange.since(county.place, date(2025, 9, 30))).records == []


def test_json_csv_and_xml_say_the_same(desk, county):
    document = desk.published(title="=1+1 的标题<&>\u0007", html="<p>甲 &amp; 乙</p>")
    files = {}
    for kind, write in exchange.WRITERS.items():
        file = io.StringIO()
        assert write(county.place, exchange.all_changes(county.place, 0, LATER), file) == 1
        files[kind] = file.getvalue()

    [record] = json.loads(files["json"])["documents"]
    [row] = csv.DictReader(io.StringIO(files["csv"].removeprefix("\ufeff")))
    tree = etree.fromstring(files["xml"].encode())
    assert record["id"] == row["唯一标识"] == tree[0].get("id") == document.code
    assert row["名称"].startswith("'=")
    assert tree.findtext("document/html") == record["html"]
    assert tree.findtext("cursor") == str(json.loads(files["json"])["cursor"])


def test_a_platform_asks_at_the_door_of_an_open_place(desk, county, client):
    document = desk.published()
    url = reverse("portal:changes", args=[county.place.slug])
    with clock.set_to(LATER):
        found = client.get(url).json()
        assert [one["id"] for one in found["documents"]] == [document.code]
        assert client.get(url, {"after": found["cursor"]}).json()["documents"] == []
        assert client.get(url, {"after": "DROP TABLE"}).status_code == 200
        assert client.get(url, {"after": "9" * 40}).json()["documents"] == []


def test_the_offline_copy_holds_the_texts_and_leads_to_them(desk, county, tmp_path, settings):
    settings.HOME = tmp_path
    document = desk.published()
    gone = desk.published(number="清住建发〔2025〕8号", title="撤掉的通知")
    withdraw(desk, gone)
    assert offline.write(county.place, tmp_path / "site.zip", LATER) == 2
    with zipfile.ZipFile(tmp_path / "site.zip") as package:
        assert f"documents/{document.code}.html" in package.read("index.html").decode()
        assert TEXT in package.read(f"documents/{document.code}.html").decode()
        assert "撤掉的通知" not in package.read("index.html").decode()


def test_the_offline_copy_is_the_kept_pages_where_there_are_any(county, tmp_path, settings):
    settings.HOME = tmp_path
    page = tmp_path / "site" / county.place.slug / "a" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("页面", encoding="utf-8")
    assert offline.write(county.place, tmp_path / "site.zip", LATER) == 1
    with zipfile.ZipFile(tmp_path / "site.zip") as package:
        assert package.read(f"{county.place.slug}/a/index.html").decode() == "页面"


# ---- the spreadsheet of a unit -------------------------------------------------------------------------------


def book(browser, unit) -> dict[str, list[tuple]]:
    with clock.set_to(LATER):
        response = browser.get(reverse("documents:workbook", args=[unit.code]))
    assert response.status_code == 200
    return {sheet.title: list(sheet.values) for sheet in load_workbook(io.BytesIO(response.content))}


def test_a_unit_takes_everything_it_has_in_sheets(desk, door, county):
    unit = county.units["zhujian"]
    draft = desk.draft(title="=HYPERLINK 草稿")
    CatalogueEntry.objects.create(
        place=county.place,
        year=2025,
        area="住房保障",
        item="保障性住房",
        content="分配结果",
        limit="20个工作日",
        unit=unit,
        channels="政府网站",
    )
    NegativeEntry.objects.create(
        place=county.place,
        unit=unit,
        item="投标报价",
        ground="商业秘密",
        reason="企业商业秘密",
        from_on=date(2025, 1, 1),
    )
    sheets = book(door("wang_min"), unit)
    assert list(sheets) == ["公文", "主动公开目录", "服务事项", "负面清单"]
    assert sheets["公文"][1][0] == draft.code
    assert sheets["公文"][1][2] == "'=HYPERLINK 草稿"
    assert sheets["主动公开目录"][1][2] == "保障性住房"
    assert sheets["负面清单"][1][0] == "投标报价"


def test_the_list_of_a_unit_leads_to_its_spreadsheet(desk, door, county):
    desk.draft()
    unit = county.units["zhujian"]
    with clock.set_to(LATER):
        page = door("wang_min").get(reverse("documents:list"), {"unit": unit.pk}).content.decode()
    assert reverse("documents:workbook", args=[unit.code]) in page


def test_others_get_of_a_unit_what_they_may_see_and_strangers_nothing(desk, door, county, client):
    unit = county.units["zhujian"]
    desk.draft()
    assert book(door("li_qiang"), unit)["公文"][1:] == []
    assert client.get(reverse("documents:workbook", args=[unit.code])).status_code == 302
    with clock.set_to(LATER):
        assert door("wang_min").get(reverse("documents:workbook", args=["nowhere"])).status_code == 404


def test_the_command_line_writes_a_file_and_says_what_it_cannot_read(desk, county, tmp_path):
    from typer.testing import CliRunner

    from gongkai.documents.commands import exports

    document = desk.published()
    file = tmp_path / "out.json"
    with clock.set_to(LATER):
        run = CliRunner().invoke(exports, ["documents", "--place", county.place.slug, "--to", str(file)])
        late = CliRunner().invoke(
            exports, ["documents", "--place", county.place.slug, "--to", str(file), "--since", "前天"]
        )
    assert run.exit_code == 0
    assert [one["id"] for one in json.loads(file.read_text(encoding="utf-8"))["documents"]] == [document.code]
    assert late.exit_code == 2


def test_a_folder_that_is_not_there_is_said_in_words(desk, county, tmp_path, monkeypatch, capsys):
    from gongkai.config import cli

    desk.published()
    target = tmp_path / "missing" / "out.json"
    given = ["gongkai", "export", "documents", "--place", county.place.slug, "--to", str(target)]
    monkeypatch.setattr("sys.argv", given)
    with clock.set_to(LATER), pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 1
    assert f"{target}：没有这个文件夹或文件" in capsys.readouterr().err
