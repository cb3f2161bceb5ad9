"""Reading what offices write: text, web pages, Word, PDF, OFD. Words and structure are kept, nothing that acts.

Each reader is loaded when its kind of file first comes. What a file hides is named, so that a review can see it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gongkai.documents import html
from gongkai.documents.numbers import WrongNumber, normalised
from gongkai.files.models import Attachment
from gongkai.text import screen
from gongkai.ui.refusal import Refused

LARGEST = 30 * 1024 * 1024  # bytes of a file
MOST_UNPACKED = 300 * 1024 * 1024  # bytes inside a zipped one
MOST_PARTS = 5_000  # files inside a zipped one
MOST_PAGES = 1_000
SENTENCE_ENDS = tuple("。！？；：…”）")


@dataclass(frozen=True, slots=True)
class Read:
    """What a file says: its title, its text as clean HTML, what went wrong, and what it hides."""

    title: str
    html: str
    warnings: tuple[str, ...] = ()
    found: tuple[str, ...] = ()


def read(name: str, data: bytes) -> Read:
    """Read a file by its ending. Raises Refused for a kind that is not read, or a file that cannot be."""
    ending = name.rpartition(".")[2].lower()
    if ending not in READERS:
        raise Refused(
            "读不了这种文件", remedy="可以上传 docx、pdf、ofd、html 或 txt；doc、wps 请另存为 docx。"
        )
    if len(data) > LARGEST:
        raise Refused("文件太大", remedy=f"最多 {LARGEST // 1024 // 1024} MB，请拆开或压缩图片后再传。")
    try:
        body, warnings = READERS[ending](data)
    except Refused:
        raise
    except Exception as error:  # a damaged file may fail anywhere in its reader
        raise Refused("这个文件打不开", remedy="请用原来的程序打开、另存一份再上传。") from error
    title, body = _title(name, body)
    if not html.words(body):
        warnings = (*warnings, "没有读到文字，可能是扫描件；请附上原件，并手工录入正文。")
    return Read(title, body, warnings, hidden(name, data))


BLOCK = re.compile(r"\s*<(h2|h3|p)>(.*?)</\1>", re.DOTALL)


def _title(name: str, body: str) -> tuple[str, str]:
    """The first heading or short first line, which leaves the text; else the name of the file.

    A document number above the title stays in the text; a title in two lines (the body, then 关于…) is joined.
    """
    above = BLOCK.match(body)
    start = above.end() if above and _is_number(above[2]) else 0
    first = BLOCK.match(body, start)
    if first is None or not _may_be_title(first[2]):
        return name.rpartition(".")[0] or name, body
    words, end = _line(first[2]), first.end()
    second = BLOCK.match(body, end)
    if second and "关于" not in words and _line(second[2]).startswith("关于") and _may_be_title(second[2]):
        words, end = words + _line(second[2]), second.end()
    return words, (body[:start] + body[end:]).strip()


def _line(block: str) -> str:
    return html.words(block).replace("\n", "").strip()


def _may_be_title(block: str) -> bool:
    words = _line(block)
    return 4 <= len(words) <= 100 and not words.endswith((*SENTENCE_ENDS, ":"))


def _is_number(block: str) -> bool:
    try:
        return bool(normalised(_line(block)))
    except WrongNumber:
        return False


# ---- kinds -------------------------------------------------------------------------------------------------------

Reader = Callable[[bytes], tuple[str, tuple[str, ...]]]


def _decoded(data: bytes) -> str:
    """UTF-16 with its mark, UTF-8 with or without, else GB 18030, which holds every older Chinese encoding."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def _text(data: bytes) -> tuple[str, tuple[str, ...]]:
    return html.from_text(_decoded(data)), ()


AROUND = re.compile(r"<(nav|header|footer|aside|form|head)\b[^>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)


def _page(data: bytes) -> tuple[str, tuple[str, ...]]:
    whole = AROUND.sub("", _decoded(data))
    body = re.search(r"<(article|main|body)[^>]*>(.*)</\1>", whole, re.DOTALL | re.IGNORECASE)
    return html.clean(body[2] if body else whole), ()


def _word(data: bytes) -> tuple[str, tuple[str, ...]]:
    import mammoth

    _unpackable(data)
    made = mammoth.convert_to_html(io.BytesIO(data))
    lost = sum(message.type == "warning" and "image" in message.message.lower() for message in made.messages)
    warnings = (f"有 {lost} 处图片没有读出，请作为附件上传。",) if lost else ()
    return html.clean(made.value), warnings


def _pdf(data: bytes) -> tuple[str, tuple[str, ...]]:
    import pypdf

    book = pypdf.PdfReader(io.BytesIO(data))
    if book.is_encrypted and not book.decrypt(""):
        raise Refused("这个 PDF 有密码", remedy="请去掉密码后再上传。")
    if len(book.pages) > MOST_PAGES:
        raise Refused(f"这个 PDF 超过 {MOST_PAGES} 页", remedy="请拆开上传，或作为附件。")
    lines: list[str] = []
    for page in book.pages:
        lines += page.extract_text().split("\n")
    return html.from_text(_rejoined(lines)), ("PDF 里的表格和版式读不出来，请对照原件核对。",)


def _rejoined(lines: list[str]) -> str:
    """Lines of a page as paragraphs: a line goes on in the next one unless it ends a sentence or a new one is set in."""
    whole: list[str] = []
    for raw in lines:
        line = raw.strip()
        if not line or re.fullmatch(r"[—\-–\s]*\d+[—\-–\s]*", line):
            continue
        sets_in = raw.startswith((" ", "\u3000")) or re.match(
            r"[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|第.{1,4}条", line
        )
        if whole and not sets_in and not whole[-1].endswith(SENTENCE_ENDS) and len(whole[-1]) > 12:
            whole[-1] += line
        else:
            whole.append(line)
    return "\n".join(whole)


def _ofd(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The words of an OFD file (GB/T 33190): the text codes of each page, line by line from the top."""
    from lxml import etree

    _unpackable(data)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    lines: list[str] = []
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        pages = [name for name in package.namelist() if re.search(r"Pages/Page_\d+/Content\.xml$", name)]
        if len(pages) > MOST_PAGES:
            raise Refused(f"这个 OFD 超过 {MOST_PAGES} 页", remedy="请拆开上传，或作为附件。")
        for name in sorted(pages, key=lambda one: int(re.findall(r"Page_(\d+)", one)[-1])):
            root = etree.fromstring(package.read(name), parser)
            placed: dict[float, list[tuple[float, str]]] = {}
            for box in root.iter("{*}TextObject"):
                left, top, *_rest = (float(part) for part in (box.get("Boundary") or "0 0 0 0").split())
                words = "".join(code.text or "" for code in box.iter("{*}TextCode"))
                placed.setdefault(round(top), []).append((left, words))
            lines += ["".join(words for _left, words in sorted(placed[top])) for top in sorted(placed)]
    return html.from_text(_rejoined(lines)), ("OFD 里的表格和版式读不出来，请对照原件核对。",)


def _unpackable(data: bytes) -> None:
    """Refuse a zipped file that would grow beyond all measure: by its size, its parts, or entities in its XML.

    What a part declares to hold is never exceeded when it is read; office formats have no use for a DTD.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = package.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise Refused("文件解开后太大", remedy="请压缩里面的图片后再上传。")
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with package.open(part) as file:
                    head = file.read(4096).replace(b"\0", b"").upper()
                if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                    raise Refused(
                        "文件里有不该有的内容（实体定义）", remedy="请用原来的程序打开、另存一份再上传。"
                    )


READERS: dict[str, Reader] = {
    "txt": _text, "md": _text, "html": _page, "htm": _page, "docx": _word, "pdf": _pdf, "ofd": _ofd,
}  # fmt: skip


# ---- what a file hides -----------------------------------------------------------------------------------------------


def hidden(name: str, data: bytes) -> tuple[str, ...]:
    """What a reader of the page would not see but a finder of the file would: for the secrecy review."""
    found = ["文件名里有个人信息。"] if screen.find(name) else []
    look = HIDING.get(name.rpartition(".")[2].lower())
    if look and len(data) <= LARGEST:
        try:
            found += look(data)
        except Exception:  # a damaged file may fail anywhere; that it was not looked into must be seen
            found.append("文件打不开，没有检查它隐藏了什么。")
    return tuple(found)


def hidden_in(attachment: Attachment) -> tuple[str, ...]:
    """What a kept file hides; looked for once in the life of a process."""
    return _hidden_at(attachment.path, attachment.name)


@lru_cache(maxsize=500)
def _hidden_at(path: Path, name: str) -> tuple[str, ...]:
    return hidden(name, path.read_bytes()) if path.exists() else ()


def _office(data: bytes) -> list[str]:
    """Marks inside a zipped office file: properties, comments, tracked changes, hidden words, sheets, rows, columns."""
    _unpackable(data)
    found = []
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = package.namelist()

        def parts(pattern: str) -> str:
            """The parts whose names match, one after another."""
            wanted = (one for one in names if re.fullmatch(pattern, one))
            return "\n".join(package.read(one).decode("utf-8", errors="replace") for one in wanted)

        people = re.findall(
            r"<(?:\w+:)?(?:creator|lastModifiedBy)(?:\s[^>]*)?>([^<]+)<", parts(r"docProps/core\.xml")
        )
        if people:
            found.append(f"文件属性里有姓名：{'、'.join(dict.fromkeys(people))}。")
        offices = re.findall(
            r"<(?:\w+:)?(?:Company|Manager)(?:\s[^>]*)?>([^<]+)<", parts(r"docProps/app\.xml")
        )
        if offices:
            found.append(f"文件属性里有单位或主管：{'、'.join(dict.fromkeys(offices))}。")
        if "docProps/custom.xml" in names:
            found.append("文件有自定义属性。")
        if any("comments" in one.lower() for one in names):
            found.append("文件里有批注。")
        text = parts(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes)\.xml")
        if re.search(r"<w:(?:ins|del|moveFrom|moveTo) ", text):
            found.append("文件里有修订痕迹。")
        if re.search(r'<w:vanish(?!\s+w:val="(?:0|false)")', text):
            found.append("文件里有隐藏文字。")
        if re.search(r'state="(?:hidden|veryHidden)"', parts(r"xl/workbook\.xml")):
            found.append("表格里有隐藏的工作表。")
        if re.search(r'<(?:row|col) [^>]*?hidden="(?:1|true)"', parts(r"xl/worksheets/[^/]+\.xml")):
            found.append("表格里有隐藏的行或列。")
    return found


def _book(data: bytes) -> list[str]:
    """Marks inside a PDF: who wrote it, notes, files inside."""
    import pypdf

    book = pypdf.PdfReader(io.BytesIO(data))
    found = []
    if book.metadata and (author := str(book.metadata.author or "").strip()):
        found.append(f"文件属性里有姓名：{author}。")
    pages = book.pages[:MOST_PAGES]
    notes = (note.get_object() for page in pages for note in page.get("/Annots") or ())
    if any(note.get("/Subtype") not in SEEN_NOTES for note in notes):
        found.append("文件里有批注。")
    if book.attachments:
        found.append(f"文件里还藏着文件：{'、'.join(list(book.attachments)[:5])}。")
    return found


SEEN_NOTES = ("/Link", "/Widget")  # what a reader of the page sees: links and fields of forms
HIDING: dict[str, Callable[[bytes], list[str]]] = {
    "docx": _office,
    "xlsx": _office,
    "pptx": _office,
    "pdf": _book,
}


# ---- a clean copy ------------------------------------------------------------------------------------------------

PROPERTIES = {
    "docProps/core.xml": r"<((?:\w+:)?(?:creator|lastModifiedBy|description|subject|keywords|category))(?:\s[^>]*)?>[^<]*</\1>",
    "docProps/app.xml": r"<((?:\w+:)?(?:Company|Manager|HyperlinkBase))(?:\s[^>]*)?>[^<]*</\1>",
    "docProps/custom.xml": r"<((?:\w+:)?property)\b.*?</\1>",
}


def without_metadata(name: str, data: bytes) -> bytes:
    """The same file without the properties that name people and offices; a kind that has none comes back as it is.

    Words, comments and hidden sheets are left: a person must take those out. Raises Refused for what cannot be opened.
    """
    clean = CLEANING.get(name.rpartition(".")[2].lower())
    if clean is None:
        return data
    try:
        return clean(data)
    except Refused:
        raise
    except Exception as error:  # a damaged file may fail anywhere in its reader
        raise Refused("这个文件打不开", remedy="请用原来的程序打开、另存一份再上传。") from error


def _office_cleaned(data: bytes) -> bytes:
    _unpackable(data)
    cleaned = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as package,
        zipfile.ZipFile(cleaned, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for part in package.infolist():
            content = package.read(part)
            if pattern := PROPERTIES.get(part.filename):
                content = re.sub(pattern, "", content.decode("utf-8"), flags=re.DOTALL).encode()
            out.writestr(part, content, zipfile.ZIP_DEFLATED)
    return cleaned.getvalue()


def _book_cleaned(data: bytes) -> bytes:
    import pypdf

    book = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    book.metadata = None
    book.root_object.pop("/Metadata", None)
    cleaned = io.BytesIO()
    book.write(cleaned)
    return cleaned.getvalue()


CLEANING: dict[str, Callable[[bytes], bytes]] = {
    "docx": _office_cleaned, "xlsx": _office_cleaned, "pptx": _office_cleaned, "pdf": _book_cleaned,
}  # fmt: skip
