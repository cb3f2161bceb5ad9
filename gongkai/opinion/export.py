"""Events as rows of a sheet, and one event as a Word file (案卷)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils import timezone

from gongkai.ledger import asks as ledger
from gongkai.ledger import story
from gongkai.opinion import asks
from gongkai.opinion.models import Event
from gongkai.people.actor import Actor
from gongkai.ui.filters import due_moment, moment
from gongkai.ui.sheets import Cells

if TYPE_CHECKING:
    from docx.document import Document

FIXED = (2020, 1, 1)
HEAD: Cells = (
    "编号", "标题", "阶段", "等级", "类型", "分类", "范围", "发现方式", "渠道", "发现时间", "定级时间", "首次回应", "办结时间",
    "第一责任单位",
)  # fmt: skip


def lines(events: Iterable[Event]) -> Iterator[Cells]:
    """The head, then a row an event."""
    yield HEAD
    for one in events:
        yield (
            one.code, one.title, one.get_stage_display(), one.grade, one.kind, one.triage, one.scope, one.found_by,
            one.channel, _at(one.detected_at), _at(one.graded_at), _at(one.answered_at), _at(one.closed_at),
            one.unit.short_name if one.unit else "",
        )  # fmt: skip


def _at(value: datetime | None) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if value else ""


def casebook(event: Event, actor: Actor, now: datetime) -> bytes:
    """The whole case as .docx: facts in order, clocks with articles, judgements, parties, answers, what left the desk."""
    from docx import Document as new  # large: loaded where it is used

    page = new()
    page.add_heading(event.title, 1)
    page.add_paragraph(
        f"{event.code} · {event.grade or '未定级'} · {event.get_stage_display()} · {moment(now)}制"
    )
    if event.summary:
        page.add_paragraph(event.summary)
    heading(page, "时限")
    for one in story.duties(event.matter, now):
        due = f"，{due_moment(one.clock.due_at)} 前" if one.clock.due_at else ""
        page.add_paragraph(f"{one.says}{due}：{one.face.word}（{one.cite}）", style="List Bullet")
    heading(page, "研判")
    for row in event.assessments.all():
        page.add_paragraph(
            f"{moment(row.at)} 定为“{row.grade}”：舆情内容 {row.content}，公众反应 {row.reaction}，媒体介入 {row.media}。"
            + "".join(
                f"{label}：{text}。"
                for label, text in (("性质", row.nature), ("走势", row.trend), ("风险", row.risk))
                if text
            )
        )
        for point in row.evidence:
            page.add_paragraph(
                f"{point['factor']} {point['points']} 分：{point['says']}", style="List Bullet"
            )
        if row.measures:
            page.add_paragraph(f"预控处置意见：{row.measures}")
    _consultations(page, event)
    heading(page, "责任单位")
    for party in event.parties.select_related("unit", "head", "deputy"):
        people = "，".join(
            f"{label}{one.name}"
            for label, one in (("第一责任人", party.head), ("直接责任人", party.deputy))
            if one
        )
        page.add_paragraph(f"{party.unit.name}（{party.get_role_display()}）{people}", style="List Bullet")
        if party.handled:
            page.add_paragraph(f"线下处置：{party.handled}")
    if event.facts:
        heading(page, "已核实的情况")
        page.add_paragraph(event.facts)
    if event.line:
        heading(page, "统一口径")
        page.add_paragraph(event.line)
    heading(page, "回应")
    for answer in event.responses.select_related("unit").order_by("serial"):
        when = moment(answer.released_at) if answer.released_at else answer.get_stage_display()
        page.add_paragraph(
            f"{answer.title}（{answer.form}，{answer.unit.short_name}，{when}）", style="List Bullet"
        )
        if answer.withdrawn_at:
            page.add_paragraph(f"{moment(answer.withdrawn_at)} 已撤下：{answer.withdrawn_because}")
        page.add_paragraph(answer.text)
    _measured(page, event)
    heading(page, "报送与移送")
    for sent in event.dispatches.select_related("unit").order_by("at"):
        to = sent.unit.short_name if sent.unit else sent.outcome
        page.add_paragraph(
            f"{moment(sent.at)} {sent.get_purpose_display()}{to} {sent.way}{sent.cite}", style="List Bullet"
        )
    heading(page, "经过")
    for line in reversed(story.timeline(ledger.told(event.matter_id))):
        page.add_paragraph(
            f"{moment(line['at'])} {line['title']} {line['by']} {line['text']}", style="List Bullet"
        )
    found = asks.evidence(event, now)
    if found:
        heading(page, "来源")
        for outlet in found.sources:
            page.add_paragraph(
                f"{outlet.name}（{outlet.kind}）{outlet.posts} 条，最早 {moment(outlet.first_at)}",
                style="List Bullet",
            )
    return saved(page)


def _consultations(page: Document, event: Event) -> None:
    rows = event.consultations.select_related("convener").prefetch_related("units").order_by("meets_at", "pk")
    if rows:
        heading(page, "会商")
    for row in rows:
        units = "、".join(unit.short_name for unit in row.units.all())
        page.add_paragraph(
            f"{moment(row.meets_at)} {row.agenda}（{row.convener.short_name}召集，{units}）",
            style="List Bullet",
        )
        page.add_paragraph(row.minutes or "还没有会商纪要。")


def _measured(page: Document, event: Event) -> None:
    rows = event.measurements.order_by("at")
    if rows:
        heading(page, "回应效果")
    for row in rows:
        page.add_paragraph(
            f"{moment(row.at)} 回应前{row.hours}小时 {row.before} 条（负面 {row.negative_before}），"
            f"后{row.hours}小时 {row.after} 条（负面 {row.negative_after}），覆盖 {row.reached} 人次。{row.words}",
            style="List Bullet",
        )


def heading(page: Document, words: str) -> None:
    """A heading of the second level."""
    page.add_heading(words, 2)


def saved(book: Document) -> bytes:
    """The file of a page. Times inside are those of a fixed day: the same case gives the same bytes."""
    fixed = datetime(*FIXED)  # noqa: DTZ001  the format knows no zone
    book.core_properties.created = book.core_properties.modified = fixed
    book.core_properties.author = "公开工作台"
    loose, firm = BytesIO(), BytesIO()
    book.save(loose)
    with ZipFile(loose) as read, ZipFile(firm, "w", ZIP_DEFLATED) as written:
        for part in read.infolist():
            written.writestr(ZipInfo(part.filename, (*FIXED, 0, 0, 0)), read.read(part), ZIP_DEFLATED)
    return firm.getvalue()
