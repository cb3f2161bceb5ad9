"""Reading what offices write: text, web pages, Word, PDF, OFD. Words and structure are kept, nothing that acts.

Each reader is loaded when its kind of file first comes. What a file hides is named, so that a review can see it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from gongkai.documents import html
from gongkai.text import screen
from gongkai.ui.refusal import Refused

LARGEST = 30 * 1024 * 1024  # bytes of a file
MOST_UNPACKED = 300 * 1024 * 1024  # bytes inside a zipped one
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


def _title(name: str, body: str) -> tuple[str, str]:
    """The first heading or short first line, which leaves the text; else the name of the file."""
    first = re.match(r"\s*<(h2|h3|p)>(.*?)</\1>", body, re.DOTALL)
    words = html.words(first[2]) if first else ""
    if first and 4 <= len(words) <= 100 and not words.endswith(SENTENCE_ENDS):
        return words.replace("\n", ""), body[first.end() :].strip()
    return name.rpartition(".")[0] or name, body


# ---- kinds -------------------------------------------------------------------------------------------------------

Reader = Callable[[bytes], tuple[str, tuple[str, ...]]]


def _decoded(data: bytes) -> str:
    """UTF-8 with or without its mark, else GB 18030, which holds every older Chinese encoding."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def _text(data: bytes) -> tuple[str, tuple[str, ...]]:
    return html.from_text(_decoded(data)), ()


def _page(data: bytes) -> tuple[str, tuple[str, ...]]:
    whole = _decoded(data)
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
    """Refuse a zipped file that would grow beyond all measure."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        if sum(entry.file_size for entry in package.infolist()) > MOST_UNPACKED:
            raise Refused("文件解开后太大", remedy="请压缩里面的图片后再上传。")


READERS: dict[str, Reader] = {
    "txt": _text, "md": _text, "html": _page, "htm": _page, "docx": _word, "pdf": _pdf, "ofd": _ofd,
}  # fmt: skip


# ---- what a file hides -----------------------------------------------------------------------------------------------


def hidden(name: str, data: bytes) -> tuple[str, ...]:
    """What a reader of the page would not see but a finder of the file would: for the secrecy review."""
    found = []
    if screen.find(name):
        found.append("文件名里有个人信息。")
    ending = name.rpartition(".")[2].lower()
    if ending in ("docx", "xlsx") and zipfile.is_zipfile(io.BytesIO(data)):
        found += _office(data)
    return tuple(found)


def _office(data: bytes) -> list[str]:
    """Marks inside a zipped office file: author, comments, tracked changes, hidden sheets, rows and columns."""
    found = []
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = set(package.namelist())

        def part(name: str) -> str:
            return package.read(name).decode("utf-8", errors="replace") if name in names else ""

        people = re.findall(r"<(?:dc:creator|cp:lastModifiedBy)>([^<]+)<", part("docProps/core.xml"))
        if people:
            found.append(f"文件属性里有姓名：{'、'.join(dict.fromkeys(people))}。")
        if any("comments" in one for one in names):
            found.append("文件里有批注。")
        if re.search(r"<w:(?:ins|del) ", part("word/document.xml")):
            found.append("文件里有修订痕迹。")
        if re.search(r'state="(?:hidden|veryHidden)"', part("xl/workbook.xml")):
            found.append("表格里有隐藏的工作表。")
        sheets = (part(one) for one in names if one.startswith("xl/worksheets/sheet"))
        if any(re.search(r'<(?:row|col)[^>]* hidden="(?:1|true)"', sheet) for sheet in sheets):
            found.append("表格里有隐藏的行或列。")
    return found
