"""Attachments: what citizens and officers hand in with a record, kept on disk beside the database."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def of(self, room: str, number: str) -> AttachmentQuerySet:
        return self.filter(room=room, number=number)

    def unscanned(self) -> AttachmentQuerySet:
        return self.filter(scan=Attachment.Scan.UNSCANNED)


class Attachment(models.Model):
    """A file that belongs to the record `number` of a room; whoever may see the record may see it.

    A room may let everybody read what is `is_public`.
    """

    class Scan(models.TextChoices):
        CLEAN = "clean", "未发现病毒"
        INFECTED = "infected", "含病毒"
        UNSCANNED = "unscanned", "未查毒"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    room = models.CharField("业务", max_length=16)
    number = models.CharField("编号", max_length=64)
    name = models.CharField("文件名", max_length=120)
    media_type = models.CharField("类型", max_length=80)
    size = models.PositiveIntegerField("字节数")
    digest = models.CharField("SM3 摘要", max_length=64)
    scan = models.CharField("查毒", max_length=9, choices=Scan, default=Scan.UNSCANNED)
    uploaded_at = models.DateTimeField("上传时间")
    is_public = models.BooleanField("公开", default=False)
    by = models.ForeignKey("people.Staff", models.PROTECT, null=True, related_name="+", verbose_name="上传人")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["uploaded_at", "id"]
        verbose_name = "附件"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_is_not_empty"),
        ]
        indexes: ClassVar = [models.Index(fields=["room", "number"], name="attachment_of_record")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("files:download", args=[self.pk, self.name])

    @property
    def path(self) -> Path:
        """Where the bytes are: under the first two digits of the id, without name or ending."""
        return Path(settings.MEDIA_ROOT) / self.pk.hex[:2] / str(self.pk)
