"""What a citizen hands in with a letter."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.files.uploadedfile import UploadedFile

from gongkai.files import actions as files
from gongkai.ledger import clock
from gongkai.letters.attachments import OWN
from gongkai.letters.models import Letter
from gongkai.ui.refusal import Refused


def attach(letter: Letter, uploads: Iterable[UploadedFile[bytes]]) -> tuple[int, list[str]]:
    """Attach files to a letter; how many were taken, and what is wrong with each of the others."""
    taken, refused = 0, []
    for upload in uploads:
        try:
            files.attach(upload, room=OWN, number=letter.number, by=None, at=clock.now())
            taken += 1
        except Refused as no:
            refused.append(f"{upload.name}：{no.reason}。{no.remedy}")
    return taken, refused
