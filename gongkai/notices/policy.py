"""Whose notices they are: everybody reads their own and nobody else's."""

from __future__ import annotations

from gongkai.notices.models import Notice, NoticeQuerySet
from gongkai.people.models import Staff


def visible_to(staff: Staff) -> NoticeQuerySet:
    return Notice.objects.filter(staff=staff)
