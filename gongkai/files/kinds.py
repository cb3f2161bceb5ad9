"""What kind of file it is by its content; the ending of the name is believed only when it says the same."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HEAD = 8192
_OFFICE = "application/vnd.openxmlformats-officedocument"
_MACROS = "vbaProject.bin"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken: its endings, its media type, how its content is known."""

    endings: tuple[str, ...]
    media_type: str
    is_it: Callable[[Path, bytes], bool]


def _starts(*marks: bytes) -> Callable[[Path, bytes], bool]:
    return lambda path, head: head.startswith(marks)


def _is_pdf(path: Path, head: bytes) -> bool:
    return b"%PDF-" in head[:1024]


def _is_webp(path: Path, head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _is_heic(path: Path, head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1")


def _is_mp4(path: Path, head: bytes) -> bool:
    return head[4:8] == b"ftyp" and not _is_heic(path, head)


def _is_mp3(path: Path, head: bytes) -> bool:
    frame = len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[2] & 0xF0 != 0xF0
    return head[:3] == b"ID3" or frame


def _zipped(member: str) -> Callable[[Path, bytes], bool]:
    """A zip that has this member, and no macros. Only the directory is read, nothing is unpacked."""

    def is_it(path: Path, head: bytes) -> bool:
        if not head.startswith(b"PK"):
            return False
        try:
            with zipfile.ZipFile(path) as archive:
                members = archive.namelist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
            return False
        return member in members and not any(name.endswith(_MACROS) for name in members)

    return is_it


def _compound(*streams: str) -> Callable[[Path, bytes], bool]:
    """An OLE compound file whose directory names one of these streams."""

    def is_it(path: Path, head: bytes) -> bool:
        if not head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
            return False
        content = path.read_bytes()
        return any(f"{stream}\0".encode("utf-16-le") in content for stream in streams)

    return is_it


def _is_text(path: Path, head: bytes) -> bool:
    """Text in UTF-8 or GB18030, without control characters other than tabs and line ends."""
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not any(character < " " and character not in "\t\r\n\f" for character in text)
    return False


KINDS = (
    Kind(("pdf",), "application/pdf", _is_pdf),
    Kind(("png",), "image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    Kind(("jpg", "jpeg"), "image/jpeg", _starts(b"\xff\xd8\xff")),
    Kind(("gif",), "image/gif", _starts(b"GIF87a", b"GIF89a")),
    Kind(("webp",), "image/webp", _is_webp),
    Kind(("heic",), "image/heic", _is_heic),
    Kind(("docx",), f"{_OFFICE}.wordprocessingml.document", _zipped("word/document.xml")),
    Kind(("xlsx",), f"{_OFFICE}.spreadsheetml.sheet", _zipped("xl/workbook.xml")),
    Kind(("pptx",), f"{_OFFICE}.presentationml.presentation", _zipped("ppt/presentation.xml")),
    Kind(("ofd",), "application/ofd", _zipped("OFD.xml")),
    Kind(("doc",), "application/msword", _compound("WordDocument")),
    Kind(("xls",), "application/vnd.ms-excel", _compound("Workbook", "Book")),
    Kind(("mp4",), "video/mp4", _is_mp4),
    Kind(("mp3",), "audio/mpeg", _is_mp3),
    Kind(("txt",), "text/plain", _is_text),
)
ENDINGS = {ending: kind for kind in KINDS for ending in kind.endings}
TAKEN = "、".join(ENDINGS)


def kind_of(path: Path, ending: str) -> Kind | None:
    """The kind that the ending names, if the content of the file is of it."""
    kind = ENDINGS.get(ending)
    if kind is None:
        return None
    with path.open("rb") as file:
        head = file.read(HEAD)
    return kind if kind.is_it(path, head) else None
