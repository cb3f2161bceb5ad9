"""Files that come with a form: each is kept or refused by itself, and who sent them is told which and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from gongkai.ui.refusal import Refused

Upload: TypeAlias = "UploadedFile[bytes]"


def keep_each(uploads: Iterable[Upload], keep: Callable[[Upload], object]) -> tuple[int, list[str]]:
    """Give each file to `keep`, which raises Refused of one it does not take: how many were kept, and of each of the
    others its name, the reason and the remedy.
    """
    kept, refused = 0, []
    for upload in uploads:
        try:
            keep(upload)
            kept += 1
        except Refused as no:
            refused.append(f"“{upload.name}”：{no.reason}。{no.remedy}")
    return kept, refused


def keep_attached(request: HttpRequest, keep: Callable[[Upload], object], word: str = "附件") -> None:
    """Keep what a form of the office sends as `attachments`, and say what was not taken."""
    _kept, refused = keep_each(request.FILES.getlist("attachments"), keep)
    for line in refused:
        messages.warning(request, f"没有收下{word}{line}")
