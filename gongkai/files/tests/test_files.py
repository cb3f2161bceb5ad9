import io
import os
import socket
import struct
import threading
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import Http404

from gongkai.files import actions, policy, views
from gongkai.files.kinds import KINDS
from gongkai.files.models import Attachment
from gongkai.files.names import safe_name
from gongkai.ui.refusal import Refused

NOON = datetime(2025, 9, 29, 4, 0, tzinfo=UTC)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\0\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def zipped(*members: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for member in members:
            archive.writestr(member, "x")
    return content.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
CONTENT = {
    "pdf": PDF,
    "png": PNG,
    "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "jpeg": b"\xff\xd8\xff\xe1\0\x10Exif",
    "gif": b"GIF89a\x01\0",
    "webp": b"RIFF\x10\0\0\0WEBPVP8 ",
    "docx": zipped("[Content_Types].xml", "word/document.xml"),
    "xlsx": zipped("[Content_Types].xml", "xl/workbook.xml"),
    "pptx": zipped("[Content_Types].xml", "ppt/presentation.xml"),
    "ofd": zipped("OFD.xml", "Doc_0/Document.xml"),
    "doc": OLE + "WordDocument\0".encode("utf-16-le"),
    "xls": OLE + "Workbook\0".encode("utf-16-le"),
    "mp4": b"\0\0\0\x18ftypmp42\0\0\0\0",
    "mp3": b"\xff\xfb\x90\x64\0\0\0\0",
    "txt": "东门小区停水三天。\r\n".encode("gb18030"),
}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


def attach(name: str = "照片.png", content: bytes = PNG, number: str = "LY-1") -> Attachment:
    return actions.attach(SimpleUploadedFile(name, content), room="letters", number=number, by=None, at=NOON)


def on_disk(folder) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


# ---- what is taken ---------------------------------------------------------------------------------------


def test_every_kind_has_an_example():
    assert set(CONTENT) == {ending for kind in KINDS for ending in kind.endings}


@pytest.mark.parametrize("ending", CONTENT)
def test_a_file_that_is_what_its_ending_says_is_kept(db, ending):
    kept = attach(f"证据.{ending.upper()}", CONTENT[ending])

    assert kept.media_type == next(kind.media_type for kind in KINDS if ending in kind.endings)
    assert kept.path.read_bytes() == CONTENT[ending]


@pytest.mark.parametrize("ending", CONTENT)
def test_a_file_that_is_something_else_is_refused(db, folder, ending):
    for other, content in CONTENT.items():
        same = other == ending or {other, ending} == {"jpg", "jpeg"}
        if not same:
            with pytest.raises(Refused, match="不符"):
                attach(f"证据.{ending}", content)
    assert on_disk(folder) == []


@pytest.mark.parametrize(
    "name", ["a.exe", "a.zip", "a.html", "a.svg", "a.pdf.js", "a.docm", "无后缀", ".pdf\u202efdp.exe"]
)
def test_other_kinds_are_refused_with_what_is_taken(db, folder, name):
    with pytest.raises(Refused, match="不能上传") as refused:
        attach(name, PDF)

    assert "pdf" in refused.value.remedy
    assert on_disk(folder) == []


def test_a_document_with_macros_is_refused(db):
    with pytest.raises(Refused, match="不符"):
        attach("表.docx", zipped("word/document.xml", "word/vbaProject.bin"))


def test_empty_large_and_too_many_files_are_refused(db, folder, monkeypatch):
    with pytest.raises(Refused, match="空文件"):
        attach(content=b"")

    monkeypatch.setattr(policy, "LARGEST", 100)
    with pytest.raises(Refused, match="超过"):
        attach(content=PNG + b"\0" * 100)

    for _ in range(policy.MOST):
        attach()
    with pytest.raises(Refused, match="最多上传 10 个"):
        attach()
    attach(number="LY-2")
    assert len(on_disk(folder)) == policy.MOST + 1


def test_an_upload_that_lies_about_its_size_is_stopped_while_it_is_written(db, folder, monkeypatch):
    monkeypatch.setattr(policy, "LARGEST", 100)
    upload = SimpleUploadedFile("照片.png", PNG + b"\0" * 200)
    upload.size = 10

    with pytest.raises(Refused, match="超过"):
        actions.attach(upload, room="letters", number="LY-1", by=None, at=NOON)
    assert on_disk(folder) == []


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("照片.png", "照片.png"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\用户\\王敏\\照片.png", "照片.png"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("a\x00b\r\n\u200bc.pdf", "ab c.pdf"),
        ('"<x>".pdf', "__x__.pdf"),
        ("...pdf", "附件.pdf"),
        ("", "附件"),
        ("e\u0301.txt", "é.txt"),
        ("长" * 300 + ".docx", "长" * 115 + ".docx"),
    ],
)
def test_a_name_is_made_safe(given, name):
    assert safe_name(given) == name


# ---- how it is kept --------------------------------------------------------------------------------------


def test_a_file_is_kept_for_the_owner_only_under_its_id_with_its_digest(db, folder):
    kept = attach("投诉材料.pdf", PDF)
    digest = hashes.Hash(hashes.SM3())
    digest.update(PDF)

    assert kept.path == folder / kept.pk.hex[:2] / str(kept.pk)
    assert os.stat(kept.path).st_mode & 0o777 == 0o600
    assert (kept.size, kept.digest) == (len(PDF), digest.finalize().hex())
    assert list(Attachment.objects.of("letters", "LY-1")) == [kept]


def test_a_removed_attachment_takes_its_file_along(db, folder, django_capture_on_commit_callbacks):
    kept = attach()
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove(kept)

    assert on_disk(folder) == []
    assert Attachment.objects.count() == 0


def test_what_a_rollback_leaves_is_swept_and_nothing_else(db, folder):
    @transaction.atomic
    def attach_and_fail() -> None:
        attach("丢.png")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        attach_and_fail()
    kept = attach("留.png")
    (folder / "ab").mkdir(exist_ok=True)
    (folder / "ab" / f".{kept.pk}.part").write_bytes(b"half")
    (folder / "ab" / "README").write_bytes(b"not ours")
    hour_ago = datetime.now(UTC) - timedelta(hours=1)

    assert actions.sweep_orphans(hour_ago) == 0
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (0, 0))
    assert actions.sweep_orphans(hour_ago) == 2
    assert sorted(on_disk(folder)) == sorted(["README", str(kept.pk)])


# ---- viruses ---------------------------------------------------------------------------------------------


@pytest.fixture
def clamd(settings):
    """A daemon that finds a virus in whatever says EICAR, on a port of its own."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while size := struct.unpack("!L", stream.read(4))[0]:
                    content += stream.read(size)
                found = b"EICAR" in content
                connection.sendall(b"stream: Eicar-Test FOUND\0" if found else b"stream: OK\0")

    threading.Thread(target=answer, daemon=True).start()
    settings.GONGKAI_CLAMD = f"127.0.0.1:{listener.getsockname()[1]}"
    yield listener
    listener.close()


def test_an_infected_file_is_refused_and_not_kept(db, folder, clamd):
    with pytest.raises(Refused, match="病毒"):
        attach(content=PNG + b"EICAR")

    assert on_disk(folder) == []
    assert attach().scan == "clean"


def test_without_an_answer_a_file_is_unscanned_and_scanned_again_later(db, folder, settings, clamd, rf):
    where, settings.GONGKAI_CLAMD = settings.GONGKAI_CLAMD, "127.0.0.1:9"
    kept = attach(content=PNG + b"EICAR")
    assert kept.scan == "unscanned"
    assert actions.scan_again() == 0

    settings.GONGKAI_CLAMD = where
    assert actions.scan_again() == 1
    with guarded(lambda request, number: True), pytest.raises(Refused, match="病毒"):
        views.download(rf.get("/"), kept.pk, kept.name)


# ---- who may read it -------------------------------------------------------------------------------------


class guarded:
    """The letters room answers for its records like this, for a while."""

    def __init__(self, ask):
        self.ask = ask

    def __enter__(self):
        self.before = policy.GUARDS.pop("letters", None)
        policy.guard("letters")(self.ask)

    def __exit__(self, *error):
        del policy.GUARDS["letters"]
        if self.before:
            policy.GUARDS["letters"] = self.before


def test_whoever_may_see_the_record_may_read_it_and_nobody_else(db, rf):
    kept = attach("投诉材料.pdf", PDF)
    with guarded(lambda request, number: number == "LY-1" and "wang" in request.GET):
        response = views.download(rf.get("/?wang"), kept.pk, kept.name)
        assert b"".join(response.streaming_content) == PDF
        with pytest.raises(Http404):
            views.download(rf.get("/"), kept.pk, kept.name)


def test_without_a_guard_nobody_reads_it(db, rf):
    kept = attach()
    kept.room = "nobody"
    kept.save()

    with pytest.raises(Http404):
        views.download(rf.get("/"), kept.pk, kept.name)


def test_it_is_sent_as_a_download_that_runs_nothing(db):
    response = views.serve(attach("投诉 材料.pdf", PDF))

    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%E6%8A%95")
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, no-store"


def test_a_file_lost_from_the_disk_is_missing(db):
    kept = attach()
    kept.path.unlink()

    with pytest.raises(Http404):
        views.serve(kept)
