"""Sending an attachment to whoever may see its record."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gongkai.files import policy
from gongkai.files.models import Attachment
from gongkai.ui.refusal import Refused


@require_safe
def download(request: HttpRequest, pk: UUID, name: str) -> FileResponse:
    """Send the file. A missing one and one that may not be read answer alike: 404."""
    attachment = get_object_or_404(Attachment, pk=pk)
    if not policy.may_read(request, attachment):
        raise Http404
    if attachment.scan == Attachment.Scan.INFECTED:
        raise Refused(_("这个附件含有病毒，已停止下载"), remedy=_("请联系上传人重新提供干净的文件。"))
    return serve(attachment)


def serve(attachment: Attachment) -> FileResponse:
    """The bytes as a download: never shown in the site, never guessed to be something else, never cached."""
    try:
        file = attachment.path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        file, as_attachment=True, filename=attachment.name, content_type=attachment.media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
