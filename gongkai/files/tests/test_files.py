import io
import os
import socket
import struct
import threading
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import Http404
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from gongkai.files import actions, pictures, policy, views
from gongkai.files.kinds import KINDS
from gongkai.files.models import Attachment
from gongkai.files.names import safe_name
from gongkai.ui.refusal import Refused

NOON = datetime(2025, 9, 29, 4, 0, tzinfo=UTC)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\0\n%%EOF\n"
HEIC = (Path(__file__).parent / "gps.heic").read_bytes()  # 64 x 32, says where it was taken and with what


def picture(kind: str, *, says: bool = False, turned: int = 1, **more) -> bytes:
    """A picture, red on the left; with `says` it tells the place, the device and its owner in every way it can."""
    image = Image.new("RGB", (64, 32), "white")
    image.paste("red", (0, 0, 32, 32))
    exif = Image.Exif()
    if says:
        exif[ExifTags.Base.Make], exif[ExifTags.Base.Artist] = "SecretPhone", "SecretOwner"
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
        place |= {1: "N", 2: (27.0, 42.0, 1.5), 3: "E", 4: (106.0, 55.0, 2.0)}
        more |= {"xmp": b"<x:xmpmeta>SecretXmp</x:xmpmeta>"} if kind != "PNG" else {}
        more |= {"comment": b"SecretComment"} if kind == "JPEG" else {}
        if kind == "PNG":
            more["pnginfo"] = PngInfo()
            more["pnginfo"].add_text("Author", "SecretText")
            more["pnginfo"].add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>SecretXmp</x:xmpmeta>")
    exif[ExifTags.Base.Orientation] = turned
    content = io.BytesIO()
    image.save(content, kind, exif=exif, **more)
    return content.getvalue()


PNG = picture("PNG")


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
    "jpg": picture("JPEG"),
    "jpeg": picture("JPEG"),
    "gif": b"GIF89a\x01\0",
    "webp": picture("WEBP"),
    "heic": HEIC,
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


def sm3(content: bytes) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize().hex()


def on_disk(folder) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


# ---- what is taken ---------------------------------------------------------------------------------------


def test_every_kind_has_an_example():
    assert set(CONTENT) == {ending for kind in KINDS for ending in kind.endings}


@pytest.mark.parametrize("ending", CONTENT)
def test_a_file_that_is_what_its_ending_says_is_kept(db, ending):
    kept = attach(f"证据.{ending.upper()}", CONTENT[ending])

    media_type = next(kind.media_type for kind in KINDS if ending in kind.endings)
    assert kept.media_type == ("image/jpeg" if ending == "heic" else media_type)
    content = kept.path.read_bytes()
    assert content == CONTENT[ending] or media_type in pictures.FORMATS
    assert (kept.size, kept.digest) == (len(content), sm3(content))


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

    monkeypatch.setattr(policy, "LARGEST", len(PNG) + 50)
    with pytest.raises(Refused, match="超过"):
        attach(content=PNG + b"\0" * 100)

    for _ in range(policy.MOST):
        attach()
    with pytest.raises(Refused, match="最多上传 10 个"):
        attach()
    attach(number="LY-2")
    assert len(on_disk(folder)) == policy.MOST + 1


def test_an_upload_that_lies_about_its_size_is_stopped_while_it_is_written(db, folder, monkeypatch):
    monkeypatch.setattr(policy, "LARGEST", len(PNG) + 50)
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

    assert kept.path == folder / kept.pk.hex[:2] / str(kept.pk)
    assert os.stat(kept.path).st_mode & 0o777 == 0o600
    assert (kept.size, kept.digest) == (len(PDF), sm3(PDF))
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


# ---- pictures ------------------------------------------------------------------------------------------------

SECRETS = (b"SecretPhone", b"SecretOwner", b"SecretXmp", b"SecretComment", b"SecretText", b"Exif")


def opened(kept: Attachment) -> Image.Image:
    image = Image.open(kept.path)
    image.load()
    return image


@pytest.mark.parametrize(("ending", "kind"), [("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP")])
@pytest.mark.parametrize("turned", [1, 6])
def test_a_picture_loses_where_and_by_whom_it_was_taken_and_stands_upright(db, ending, kind, turned):
    content = picture(kind, says=True, turned=turned)
    told = Image.open(io.BytesIO(content)).getexif()
    assert told.get_ifd(ExifTags.IFD.GPSInfo)[2] == (27.0, 42.0, 1.5)
    assert sum(secret in content for secret in SECRETS) >= 3

    kept = attach(f"现场.{ending}", content + b"SecretText")
    image, left = opened(kept), kept.path.read_bytes()

    assert not dict(image.getexif())
    assert [secret for secret in SECRETS if secret in left] == []
    assert {"exif", "xmp", "comment", "Author"} & set(image.info) == set()
    upright = {1: ((64, 32), (60, 16)), 6: ((32, 64), (16, 60))}
    assert (image.size, image.convert("RGB").getpixel(upright[turned][1])) == (
        upright[turned][0],
        (255, 255, 255),
    )
    assert image.convert("RGB").getpixel((4, 4))[0] > 200 > 60 > image.convert("RGB").getpixel((4, 4))[2]


def test_a_picture_of_a_telephone_that_office_programs_do_not_open_becomes_one_they_do(db):
    assert b"SecretPhone" in HEIC

    kept = attach("IMG_0001.HEIC", HEIC)

    assert (kept.name, kept.media_type, opened(kept).format) == ("IMG_0001.jpg", "image/jpeg", "JPEG")
    assert opened(kept).size == (64, 32)
    assert b"SecretPhone" not in kept.path.read_bytes()
    assert os.stat(kept.path).st_mode & 0o777 == 0o600


def test_a_picture_that_was_not_turned_keeps_the_quality_it_came_with(db):
    kept = attach("现场.jpg", picture("JPEG", says=True, quality=71))

    assert opened(kept).quantization == Image.open(io.BytesIO(picture("JPEG", quality=71))).quantization


def test_every_frame_of_a_moving_picture_stays(db):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    content = io.BytesIO()
    frames[0].save(content, "WEBP", save_all=True, append_images=frames[1:], xmp=b"SecretXmp", lossless=True)

    kept = attach("动图.webp", content.getvalue())

    assert opened(kept).n_frames == 3
    assert b"SecretXmp" not in kept.path.read_bytes()


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "heic"])
def test_a_picture_cut_short_is_refused_and_not_kept(db, folder, ending):
    with pytest.raises(Refused, match="打不开"):
        attach(f"现场.{ending}", CONTENT[ending][: len(CONTENT[ending]) * 2 // 3])
    assert on_disk(folder) == []


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(db, folder):
    for size in ((8_001, 8_000), (60_000, 4_000)):
        content = io.BytesIO()
        Image.new("1", size).save(content, "PNG")
        with pytest.raises(Refused, match="6400 万像素"):
            attach("大图.png", content.getvalue())
    assert on_disk(folder) == []


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
    kept = attach("说明.txt", b"EICAR")
    assert kept.scan == "unscanned"
    assert actions.scan_again() == 0

    settings.GONGKAI_CLAMD = where
    assert actions.scan_again() == 1
    with guarded(lambda request, attachment: True), pytest.raises(Refused, match="病毒"):
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
    with guarded(lambda request, attachment: attachment.number == "LY-1" and "wang" in request.GET):
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
