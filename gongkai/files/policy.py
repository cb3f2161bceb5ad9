"""Who may read an attachment: exactly those who may read its record. Each room answers for its own."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from gongkai.files.models import Attachment
from gongkai.ui.refusal import Verdict

Guard = Callable[[HttpRequest, Attachment], bool]
GUARDS: dict[str, Guard] = {}

LARGEST = 20 * 1024 * 1024  # bytes
MOST = 10


def guard(room: str) -> Callable[[Guard], Guard]:
    """Register what tells whether this request may read an attachment of a room."""

    def register(ask: Guard) -> Guard:
        GUARDS[room] = ask
        return ask

    return register


def may_read(request: HttpRequest, attachment: Attachment) -> bool:
    """What the guard of the room says; where no room answers for the attachment, no."""
    ask = GUARDS.get(attachment.room)
    return ask is not None and ask(request, attachment)


def may_attach(room: str, number: str, size: int | None) -> Verdict:
    """Whether a record takes one more file of this many bytes."""
    if Attachment.objects.of(room, number).count() >= MOST:
        return Verdict.no(
            f"最多上传 {MOST} 个附件", remedy="请先删去不需要的附件，或把几张图片合成一个文件。"
        )
    if not size:
        return Verdict.no("这是一个空文件", remedy="请打开原文件看看内容是否还在，再重新选择。")
    if size > LARGEST:
        return too_large()
    return Verdict.yes()


def too_large() -> Verdict:
    return Verdict.no(f"文件超过 {LARGEST // 1024 // 1024} 兆", remedy="请压缩图片或拆成几个文件后再上传。")
