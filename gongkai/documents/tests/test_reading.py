"""Files of every kind, made here: what is read of them, what they hide, what is refused."""

from __future__ import annotations

import io
import zipfile

import pypdf
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from pypdf.generic import (
    ContentStream,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    create_string_object,
)

from gongkai.documents import reading
from gongkai.documents.reading import hidden, read, without_metadata
from gongkai.ui.refusal import Refused

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TEXT = "各乡镇人民政府：\n一、补贴标准\n每台电梯补贴15万元，由县财政承担。"
TITLE = "关于公布2026年老旧小区电梯更新补贴标准的通知"


def zipped(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


def word(body: str, **more: str) -> bytes:
    """A Word file with this body, and other parts by their names."""
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{office}" Target="word/document.xml"/></Relationships>'
    )
    document = f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    return zipped(
        **{"[Content_Types].xml": types, "_rels/.rels": rels, "word/document.xml": document, **more}
    )


def p(text: str, style: str = "") -> str:
    props = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{props}<w:r><w:t>{text}</w:t></w:r></w:p>"


def pdf(*pages: str, **properties: str) -> bytes:
    """A PDF of lines in a font without glyphs: what is drawn does not matter, its words can be taken."""
    book = pypdf.PdfWriter()
    for text in pages:
        page = book.add_blank_page(595, 842)
        font = DictionaryObject(
            {NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type0"),
             NameObject("/BaseFont"): NameObject("/Song"), NameObject("/Encoding"): NameObject("/Identity-H"),
             NameObject("/ToUnicode"): book._add_object(_as_it_stands())}
        )  # fmt: skip
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): book._add_object(font)})}
        )
        lines = "".join(
            f"BT /F1 12 Tf 50 {800 - 20 * n} Td <{line.encode('utf-16-be').hex()}> Tj ET\n"
            for n, line in enumerate(text.split("\n"))
        )
        stream = DecodedStreamObject()
        stream.set_data(lines.encode())
        page[NameObject("/Contents")] = book._add_object(ContentStream(stream, book))
    if properties:
        book.add_metadata({f"/{name}": value for name, value in properties.items()})
    file = io.BytesIO()
    book.write(file)
    return file.getvalue()


def _as_it_stands() -> DecodedStreamObject:
    stream = DecodedStreamObject()
    stream.set_data(
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <0000> <FFFF> "
        b"endcodespacerange 1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap end end"
    )
    return stream


def ofd(*pages: str) -> bytes:
    return zipped(
        **{"OFD.xml": "<OFD/>"} | {f"Doc_0/Pages/Page_{n}/Content.xml": page for n, page in enumerate(pages)}
    )


def at(left: int, top: int, words: str) -> str:
    return (
        f'<ofd:TextObject Boundary="{left} {top} 100 5"><ofd:TextCode>{words}</ofd:TextCode></ofd:TextObject>'
    )


def ofd_page(*boxes: str) -> str:
    return f'<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Content>{"".join(boxes)}</ofd:Content></ofd:Page>'


# ---- kinds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_is_read_in_every_encoding_of_an_office(encoding):
    got = read("通知.txt", f"{TITLE}\n{TEXT}㐀".encode(encoding))
    assert got.title == TITLE
    assert got.html.startswith("<p>各乡镇人民政府：</p>\n<h2>一、补贴标准</h2>")
    assert got.html.endswith("㐀</p>")


def test_of_a_web_page_the_article_is_read_and_nothing_that_acts():
    page = f"""<html><head><title>网站</title></head><body><nav><a href="/">首页</a></nav><div><h1>{TITLE}</h1>
    <p onclick="x()">第一段<script>alert(1)</script></p><table><tr><td colspan="2">表</td></tr></table></div>
    <footer>版权所有</footer></body></html>"""
    got = read("a.html", page.encode("gb18030"))
    assert got.title == TITLE
    assert "第一段" in got.html
    assert '<td colspan="2">表</td>' in got.html
    assert not any(word in got.html for word in ("首页", "版权", "script", "onclick", "网站"))


def test_word_keeps_headings_paragraphs_and_tables():
    table = f"<w:tbl><w:tr><w:tc>{p('标准')}</w:tc><w:tc>{p('15万元')}</w:tc></w:tr></w:tbl>"
    got = read("a.docx", word(p(TITLE) + p("一、补贴标准。", "Heading1") + table))
    assert got.title == TITLE
    assert "<table>" in got.html
    assert "15万元" in got.html


def test_pdf_lines_are_joined_to_paragraphs_and_page_numbers_left_out():
    first = "清源县住房和城乡建设局的电梯补贴工作已经全部完成，现将有关情\n况公告如下。\n一、标准\n— 1 —"
    got = read("a.pdf", pdf(first, "每台电梯补贴十五万元。"))
    assert "现将有关情况公告如下。" in got.html
    assert "每台电梯补贴十五万元。" in got.html
    assert "1" not in got.html


def test_a_scanned_pdf_says_that_it_has_no_words():
    got = read("扫描.pdf", pdf(""))
    assert any("扫描件" in warning for warning in got.warnings)
    assert got.title == "扫描"


def test_ofd_is_read_page_by_page_from_the_top_and_from_the_left():
    second = ofd_page(at(10, 20, "第二页的话说完了。"))
    first = ofd_page(
        at(60, 40, "五万元。"), at(10, 40, "每台补贴十"), at(10, 10, "各乡镇人民政府收到以后请照办。")
    )
    got = read("a.ofd", ofd(first, *[second] * 10))
    assert got.html.startswith("<p>各乡镇人民政府收到以后请照办。</p>\n<p>每台补贴十五万元。</p>")
    assert got.html.count("第二页") == 10


@pytest.mark.parametrize(
    ("lines", "title", "left"),
    [
        (["清政办发〔2026〕7号", TITLE, "正文说完了。"], TITLE, "<p>清政办发〔2026〕7号</p>"),
        (
            ["清源县人民政府", "关于电梯补贴的通知", "正文说完了。"],
            "清源县人民政府关于电梯补贴的通知",
            "正文",
        ),
        (["各乡镇人民政府：", "正文说完了。"], "甲", "各乡镇人民政府："),
    ],
)
def test_the_title_is_found_under_the_number_and_in_two_lines(lines, title, left):
    got = read("甲.txt", "\n".join(lines).encode())
    assert got.title == title
    assert left in got.html


# ---- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.exe", b"MZ"),
        ("a.doc", b"\xd0\xcf"),
        ("a.docx", b"PK broken"),
        ("a.pdf", b"%PDF-1.7 broken"),
        ("a.ofd", b""),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_way_out(name, data):
    with pytest.raises(Refused) as refused:
        read(name, data)
    assert refused.value.remedy


def test_bombs_are_refused_before_they_are_unpacked(monkeypatch):
    entities = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>'
    for name, data in (
        ("a.docx", word(p("a"), **{"word/styles.xml": entities})),
        ("a.docx", word(p("a"), **{"word/styles.xml": entities.encode("utf-16").decode("latin-1")})),
        ("a.ofd", ofd(entities)),
    ):
        with pytest.raises(Refused):
            read(name, data)
        assert hidden(name, data) in ((), ("文件打不开，没有检查它隐藏了什么。",))
    monkeypatch.setattr(reading, "MOST_UNPACKED", 10_000)
    with pytest.raises(Refused, match="太大"):
        read("a.docx", word(p("长" * 20_000)))
    monkeypatch.setattr(reading, "LARGEST", 10)
    with pytest.raises(Refused, match="太大"):
        read("a.txt", b"12345678901")


def test_too_many_parts_and_pages_are_refused(monkeypatch):
    monkeypatch.setattr(reading, "MOST_PAGES", 2)
    with pytest.raises(Refused, match="2 页"):
        read("a.pdf", pdf("a", "b", "c"))
    with pytest.raises(Refused, match="2 页"):
        read("a.ofd", ofd(*[ofd_page()] * 3))
    monkeypatch.setattr(reading, "MOST_PARTS", 2)
    with pytest.raises(Refused, match="太大"):
        read("a.docx", word(p("a")))


def test_a_locked_pdf_is_refused():
    book = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("秘密")))
    book.encrypt("kept", algorithm="RC4-128")
    file = io.BytesIO()
    book.write(file)
    with pytest.raises(Refused, match="密码"):
        read("a.pdf", file.getvalue())


# ---- what a file hides ---------------------------------------------------------------------------------------------

CORE = (
    '<cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:title>题</dc:title><dc:creator>王敏</dc:creator>'
    "<cp:lastModifiedBy>李强</cp:lastModifiedBy></cp:coreProperties>"
)
APP = "<Properties><Company>清源县住建局</Company><Pages>3</Pages></Properties>"


def test_a_word_file_tells_what_it_hides():
    changed = f'<w:p><w:ins w:id="1" w:author="王敏"><w:r><w:rPr><w:vanish/></w:rPr><w:t>{"字" * 9}</w:t></w:r></w:ins></w:p>'
    data = word(changed, **{"docProps/core.xml": CORE, "docProps/app.xml": APP, "word/comments.xml": "<w/>"})
    assert read("a.docx", data).found == (
        "文件属性里有姓名：王敏、李强。", "文件属性里有单位或主管：清源县住建局。", "文件里有批注。", "文件里有修订痕迹。", "文件里有隐藏文字。",
    )  # fmt: skip
    assert hidden("a.docx", word(p("干净"))) == ()


@pytest.mark.parametrize(
    ("hide", "said"),
    [
        (lambda book: setattr(book.create_sheet("底表"), "sheet_state", "veryHidden"), "隐藏的工作表"),
        (lambda book: setattr(book.active.row_dimensions[2], "hidden", True), "隐藏的行或列"),
        (lambda book: setattr(book.active.column_dimensions["B"], "hidden", True), "隐藏的行或列"),
        (lambda book: setattr(book.active["A1"], "comment", Comment("内部口径", "王敏")), "批注"),
    ],
)
def test_a_spreadsheet_tells_what_it_hides(hide, said):
    def made(change) -> bytes:
        book = Workbook()
        book.properties.creator = ""
        book.active.append(["项目", "金额"])
        book.active.append(["电梯", 15])
        change(book)
        file = io.BytesIO()
        book.save(file)
        return file.getvalue()

    assert not any(said in line for line in hidden("a.xlsx", made(lambda _book: None)))
    assert any(said in line for line in hidden("a.xlsx", made(hide)))


def test_a_pdf_tells_its_author_and_its_notes():
    assert hidden("a.pdf", pdf("字")) == ()
    assert hidden("a.pdf", pdf("字", Author="王敏")) == ("文件属性里有姓名：王敏。",)
    book = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("字")))
    book.add_attachment("底稿.txt", b"secret")
    book.add_annotation(
        0,
        DictionaryObject(
            {NameObject("/Subtype"): NameObject("/Text"), NameObject("/Contents"): create_string_object("改")}
        ),
    )
    file = io.BytesIO()
    book.write(file)
    assert hidden("a.pdf", file.getvalue()) == ("文件里有批注。", "文件里还藏着文件：底稿.txt。")


def test_personal_data_in_the_name_of_a_file_is_told():
    assert hidden("申请人13812345678.txt", b"") == ("文件名里有个人信息。",)


def test_a_file_that_cannot_be_looked_into_says_so():
    assert hidden("a.pdf", b"%PDF-broken") == ("文件打不开，没有检查它隐藏了什么。",)
    assert hidden("a.xlsx", b"PK") == ("文件打不开，没有检查它隐藏了什么。",)


# ---- a clean copy ----------------------------------------------------------------------------------------------------


def test_a_clean_copy_says_the_same_and_names_nobody():
    custom = '<Properties><property pid="2" name="经办"><vt:lpwstr>王敏</vt:lpwstr></property></Properties>'
    data = word(
        p(TITLE) + p("正文说完了。"),
        **{"docProps/core.xml": CORE, "docProps/app.xml": APP, "docProps/custom.xml": custom},
    )
    clean = without_metadata("a.docx", data)
    assert read("a.docx", clean).html == read("a.docx", data).html
    with zipfile.ZipFile(io.BytesIO(clean)) as package:
        everything = "".join(package.read(name).decode() for name in package.namelist())
    assert "<dc:title>题</dc:title>" in everything
    assert not any(name in everything for name in ("王敏", "李强", "清源县住建局"))


def test_a_clean_spreadsheet_and_pdf_open_as_before():
    book = Workbook()
    book.properties.creator = "王敏"
    book.active.append(["电梯", 15])
    file = io.BytesIO()
    book.save(file)
    clean = without_metadata("a.xlsx", file.getvalue())
    assert hidden("a.xlsx", file.getvalue())
    assert hidden("a.xlsx", clean) == ()
    assert next(load_workbook(io.BytesIO(clean)).active.values) == ("电梯", 15)

    data = pdf("电梯补贴的标准已经公布。", Author="王敏")
    clean = without_metadata("a.pdf", data)
    assert hidden("a.pdf", clean) == ()
    assert read("a.pdf", clean).html == read("a.pdf", data).html
    assert "王敏".encode("utf-16-be") not in clean


def test_a_copy_of_what_has_no_properties_is_the_file_and_a_broken_one_is_refused():
    assert without_metadata("a.txt", b"x") == b"x"
    with pytest.raises(Refused):
        without_metadata("a.docx", b"PK")
