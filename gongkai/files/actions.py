"""The verbs of attachments: attach, remove, scan again, sweep. The only file that writes them.

The bytes reach the disk under their final name before the row is committed, so a row never lacks its file;
what a rollback or a crash leaves without a row is swept. Pictures are kept without what they say of place and person.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from gongkai.files import pictures, policy, scan
from gongkai.files.kinds import ENDINGS, TAKEN, kind_of
from gongkai.files.models import Attachment
from gongkai.files.names import ending_of, safe_name
from gongkai.people.models import Staff
from gongkai.ui.refusal import Refused

PART = ".part"


def attach(upload: File[bytes], *, room: str, number: str, by: Staff | None, at: datetime) -> Attachment:
    """Keep an uploaded file with a record. `by` is None for what a citizen hands in.

    Raises Refused, with what to do about it, when there are too many, it is empty, too large, of a kind that
    is not taken, not what its ending says, infected, or a picture that cannot be read.
    """
    policy.may_attach(room, number, upload.size).enforce()
    name = safe_name(upload.name or "")
    ending = ending_of(name)
    if ending not in ENDINGS:
        raise Refused(_("不能上传这种文件"), remedy=_("可以上传：%(taken)s。") % {"taken": TAKEN})
    row = Attachment(id=uuid.uuid4(), room=room, number=number, name=name, uploaded_at=at, by=by)
    part = row.path.with_name(f".{row.pk}{PART}")
    try:
        row.size, row.digest = _write(upload, part)
        kind = kind_of(part, ending)
        if kind is None:
            raise Refused(
                _("文件内容与后缀 .%(ending)s 不符") % {"ending": ending},
                remedy=_("请用原来的程序打开，另存为正确的格式后再上传；不要只改后缀。"),
            )
        row.media_type, row.scan = kind.media_type, scan.scanned(part)
        if row.scan == Attachment.Scan.INFECTED:
            raise Refused(_("文件中发现病毒，没有保存"), remedy=_("请先在自己的电脑上查杀病毒，再重新上传。"))
        if kind.media_type in pictures.FORMATS:
            _bare(row, part)
        part.rename(row.path)
        _sync(row.path.parent)
        with transaction.atomic():
            row.save(force_insert=True)
    except BaseException:
        part.unlink(missing_ok=True)
        row.path.unlink(missing_ok=True)
        raise
    return row


def _write(upload: File[bytes], path: Path) -> tuple[int, str]:
    """Write an upload to a new file of the owner's only, down to the disk; its size and SM3 digest."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashes.Hash(hashes.SM3()), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in upload.chunks():
            size += len(chunk)
            if size > policy.LARGEST:
                policy.too_large().enforce()
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.finalize().hex()


def _bare(row: Attachment, part: Path) -> None:
    """Take out of a picture what it says beside the picture; HEIC becomes JPEG, in name too."""
    try:
        media_type = pictures.bare(part, row.media_type)
    except pictures.LargePicture:
        raise Refused(
            _("图片太大，超过 %(most)s 万像素") % {"most": pictures.LARGEST // 10_000},
            remedy=_("请在手机或电脑上缩小图片后再上传。"),
        ) from None
    except pictures.BrokenPicture:
        raise Refused(_("图片打不开，可能没有传完整"), remedy=_("请重新拍照或另存后再上传。")) from None
    if media_type != row.media_type:
        row.name, row.media_type = f"{row.name.rpartition('.')[0]}.jpg", media_type
    digest = hashes.Hash(hashes.SM3())
    with part.open("rb") as file:
        while chunk := file.read(File.DEFAULT_CHUNK_SIZE):
            digest.update(chunk)
        os.fsync(file.fileno())
    row.size, row.digest = part.stat().st_size, digest.finalize().hex()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(attachment: Attachment) -> None:
    """Take an attachment from its record; the bytes go when the transaction holds."""
    path = attachment.path
    attachment.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def publish(room: str, number: str, chosen: Iterable[Attachment]) -> None:
    """Let everybody read the chosen attachments of a record, and no other of it."""
    rows, pks = Attachment.objects.of(room, number), [attachment.pk for attachment in chosen]
    rows.exclude(pk__in=pks).update(is_public=False)
    rows.filter(pk__in=pks).update(is_public=True)


def scan_again(limit: int = 50) -> int:
    """Scan what could not be scanned when it came; how many now have an answer."""
    answered = 0
    for attachment in Attachment.objects.unscanned()[:limit]:
        verdict = scan.scanned(attachment.path)
        if verdict == Attachment.Scan.UNSCANNED:
            break
        answered += Attachment.objects.unscanned().filter(pk=attachment.pk).update(scan=verdict)
    return answered


def sweep_orphans(older_than: datetime) -> int:
    """Delete files last written before an instant that no row owns; how many.

    Leave them an hour at least: the transaction that owns a younger file may still be open.
    """
    stale = [path for path in _kept() if path.stat().st_mtime < older_than.timestamp()]
    owned = set(Attachment.objects.values_list("pk", flat=True))
    orphans = [path for path in stale if path.name.endswith(PART) or uuid.UUID(path.name) not in owned]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _kept() -> Iterator[Path]:
    """The files this room has written: parts and attachments. Anything else in the folder is left alone."""
    root = Path(settings.MEDIA_ROOT)
    for path in root.glob("[0-9a-f][0-9a-f]/*"):
        name = path.name.removeprefix(".").removesuffix(PART)
        try:
            uuid.UUID(name)
        except ValueError:
            continue
        yield path
