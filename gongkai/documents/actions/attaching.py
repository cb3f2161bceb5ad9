"""Files of a document: put beside it, and taken what they hide."""

from __future__ import annotations

from datetime import datetime

from django.core.files.base import ContentFile, File
from django.db import transaction

from gongkai.documents import facts, policy, reading
from gongkai.documents.actions.report import ROOM, rendered, report
from gongkai.documents.models import Document
from gongkai.files import actions as files
from gongkai.files.models import Attachment
from gongkai.people.actor import Actor
from gongkai.ui.refusal import Refused


@transaction.atomic
def attach(document: Document, upload: File[bytes], *, by: Actor, at: datetime) -> Attachment:
    """Put a file beside a document; beside a published one everybody finds it at once."""
    document = Document.objects.locked(document)
    policy.may_edit(by, document).enforce()
    row = files.attach(upload, room=ROOM, number=document.code, by=by.staff, at=at)
    if document.is_published:
        rendered(document, at)
    return row


@transaction.atomic
def clean_file(document: Document, attachment: Attachment, *, by: Actor, at: datetime) -> Attachment:
    """Put in the place of a file the same one without the properties that name people and offices.

    Raises Refused where there are none: comments, tracked changes and hidden sheets a person must take out.
    """
    document = Document.objects.locked(document)
    policy.may_edit(by, document).enforce()
    data = attachment.path.read_bytes()
    before = reading.hidden(attachment.name, data)
    cleaned = reading.without_metadata(attachment.name, data)
    gone = len(before) - len(reading.hidden(attachment.name, cleaned))
    if not gone:
        raise Refused(
            "没有能自动取出的信息",
            remedy="批注、修订、隐藏的文字或工作表和文件名，请用原来的程序改好，另存一份再上传。",
        )
    files.remove(attachment)
    row = files.attach(
        ContentFile(cleaned, attachment.name), room=ROOM, number=document.code, by=by.staff, at=at
    )
    report(document, facts.FILE_CLEANED, by, at, found=gone)
    if document.is_published:
        rendered(document, at)
    return row
