"""Documents as rows to take away, in the fields of the metadata standard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.utils import timezone

from gongkai.documents.models import Document

HEAD = (
    "编号", "索引号", "标题", "发文字号", "文种", "类别", "责任单位", "发文机关", "公开属性", "理由", "主题分类", "法定公开内容", "五公开", "重点领域",
    "成文日期", "印发时间", "首次发布时间", "阶段", "生效日期", "失效日期", "内容概述",
)  # fmt: skip


def lines(documents: Iterable[Document]) -> Iterator[tuple[str, ...]]:
    """The heading and a line a document."""
    yield HEAD
    for one in documents:
        yield (
            one.code, one.index_number, one.title, one.number, one.get_genre_display(), one.get_sort_display(),
            one.unit.name, one.issuer.name, one.attribute, one.reason, one.subject, one.statutory, one.openness_says, one.key_area,
            _day(one.made_on), _moment(one.issued_at), _moment(one.published_at), one.get_stage_display(),
            _day(one.effective_on), _day(one.ends_on), one.summary,
        )  # fmt: skip


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""
