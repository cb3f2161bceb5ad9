"""Documents that come from a folder, a table or both: taken with their real days, or reported with the reason."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from gongkai.documents import imports, reading
from gongkai.documents.models import Address, Document, Edition, Release
from gongkai.ledger import clock
from gongkai.people.actor import Actor
from gongkai.search import asks as search
from gongkai.ui.refusal import Refused
from tests.world import moment

HEAD = "文件,标题,发文字号,责任单位,成文日期,发布日期,公开属性,规范性文件,原网址\n"


@pytest.fixture
def run(county):
    """Import a folder with a table: `run(folder, table)` gives the report."""

    def go(folder: Path | None, table: Path | None = None, **more):
        with clock.set_to(moment("2025-11-03 09:00")):
            importer = imports.Importer(
                county.place,
                by=Actor.system(county.place),
                now=clock.now(),
                unit=county.units["zhujian"],
                **more,
            )
            list(importer.run(imports.pieces(folder, table)))
            return importer.report

    return go


def table_of(folder: Path, rows: str) -> Path:
    path = folder / "目录.csv"
    path.write_text(HEAD + rows, encoding="gb18030")
    return path


@pytest.mark.clause("HS-LD-01-1")
def test_the_table_says_which_of_the_five_it_is_and_another_word_is_reported(tmp_path, run):
    table = tmp_path / "a.csv"
    table.write_text(
        "标题,正文,发文字号,五公开\n通知一,甲。,清住建发〔2025〕3号,决策公开\n通知二,乙。,清住建发〔2025〕4号,执行\n"
        "通知三,丙。,清住建发〔2025〕5号,随便公开\n通知四,丁。,清住建发〔2025〕6号,\n",
        encoding="utf-8",
    )
    report = run(None, table)

    found = dict(Document.objects.values_list("title", "openness"))
    assert found == {"通知一": "决策", "通知二": "执行", "通知四": ""}
    assert ["随便公开" in row.wrong for row in report.bad] == [True]


def test_what_was_published_before_comes_in_with_its_real_days(tmp_path, run):
    (tmp_path / "a.txt").write_text("关于电梯补贴的通知\n一、补贴标准\n每台15万元。", encoding="gb18030")
    report = run(
        tmp_path,
        table_of(
            tmp_path,
            "a.txt,,清住建发[2025]03号,县住建局,2025-09-22,2025-09-26 10:30,主动公开,是,/old/1.html\n",
        ),
    )

    document = Document.objects.get()
    assert (report.taken, report.published, report.bad) == (1, 1, [])
    assert (document.title, document.number) == ("关于电梯补贴的通知", "清住建发〔2025〕3号")
    assert document.published_at == moment("2025-09-26 10:30")
    assert document.edition.html == "<h2>一、补贴标准</h2>\n<p>每台15万元。</p>"
    assert Release.objects.get().at == moment("2025-09-26 10:30")
    assert Address.objects.get().path == "/old/1.html"
    assert document.matter.obligations.get(duty="document.publish").state == "met"
    assert set(document.matter.facts.values_list("because", flat=True)) == {"导入"}
    assert search.find("电梯补贴", rooms=["published"]).count == 1
    assert "policies" in set(document.columns.values_list("slug", flat=True))


def test_running_again_takes_nothing_twice(tmp_path, run):
    (tmp_path / "a.txt").write_text("关于停水的通知\n东街停水。", encoding="utf-8")
    (tmp_path / "b.txt").write_text("关于停电的通知\n西街停电。", encoding="utf-8")
    first, again = run(tmp_path, published=True), run(tmp_path, published=True)

    assert (first.taken, again.taken, again.repeated) == (2, 0, 2)
    assert Document.objects.count() == 2
    assert len(set(Document.objects.values_list("index_number", flat=True))) == 2


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("a.txt,,九号文,县住建局,2025-09-22,,主动公开,,\n", "不像发文字号"),
        ("a.txt,,,县邮政局,2025-09-22,,主动公开,,\n", "没有“县邮政局”这个单位"),
        ("a.txt,,,县住建局,某日,,主动公开,,\n", "看不懂成文日期"),
        ("a.txt,,,县住建局,2025-09-22,2026-09-22,主动公开,,\n", "发布时间在将来"),
        ("a.txt,,,县住建局,2025-09-22,2025-09-23,不予公开,,\n", "却写了发布时间"),
        ("没有.txt,标题,,县住建局,2025-09-22,,主动公开,,\n", "文件夹里没有"),
    ],
)
def test_a_row_that_is_not_taken_says_why(tmp_path, run, row, why):
    (tmp_path / "a.txt").write_text("关于停水的通知\n东街停水。", encoding="utf-8")
    report = run(tmp_path, table_of(tmp_path, row))

    assert why in report.bad[0].wrong
    report.write(tmp_path / "rejected.csv")
    assert why in (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig")


def test_a_dry_run_writes_nothing(tmp_path, run):
    (tmp_path / "a.txt").write_text("关于停水的通知\n东街停水。", encoding="utf-8")
    report = run(tmp_path, dry=True)

    assert (report.taken, Document.objects.count(), Edition.objects.count()) == (1, 0, 0)


def test_an_empty_folder_and_a_table_without_titles_are_refused(tmp_path):
    with pytest.raises(Refused, match="没有可以导入的文件"):
        imports.pieces(tmp_path, None)
    (tmp_path / "t.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    with pytest.raises(Refused, match="没有“标题”"):
        imports.pieces(None, tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("要求如下:一是宣传,二是检查;三是报告.", "要求如下：一是宣传，二是检查；三是报告。"),
        ("县(市、区)人民政府", "县（市、区）人民政府"),
        ("比例为1:3,共1,000户", "比例为1:3,共1,000户"),
        ("见http://a.cn/x,y", "见http://a.cn/x,y"),
    ],
)
def test_half_width_signs_between_characters_become_full_width(before, after):
    assert imports.full_width(before) == after


# ---- reading -----------------------------------------------------------------------------------------------------


def test_a_page_keeps_its_text_and_loses_what_acts():
    read = reading.read(
        "a.html", "<body><script>x()</script><h1>通知标题</h1><p onclick='x'>正文</p></body>".encode()
    )

    assert (read.title, read.html) == ("通知标题", "<p>正文</p>")


def test_an_ofd_file_is_read_line_by_line_from_the_top():
    page = """<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Content><ofd:Layer>
      <ofd:TextObject Boundary="20 40 100 10"><ofd:TextCode>东街停水两天。</ofd:TextCode></ofd:TextObject>
      <ofd:TextObject Boundary="20 20 100 10"><ofd:TextCode>关于停水的通告</ofd:TextCode></ofd:TextObject>
    </ofd:Layer></ofd:Content></ofd:Page>"""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("Doc_0/Pages/Page_0/Content.xml", page)
    read = reading.read("a.ofd", file.getvalue())

    assert read.title == "关于停水的通告"
    assert "东街停水两天。" in read.html


def test_a_damaged_or_foreign_file_is_refused_with_a_remedy():
    with pytest.raises(Refused, match="打不开"):
        reading.read("a.docx", b"PK nothing")
    with pytest.raises(Refused, match="读不了") as refusal:
        reading.read("a.exe", b"MZ")
    assert "docx" in refusal.value.remedy
