"""日报 and 专报: what was found, how loud, what is owed, what was answered. Every line names its source; nothing is invented."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from gongkai.ledger.models import Obligation
from gongkai.opinion import asks, policy
from gongkai.opinion.export import heading, saved
from gongkai.opinion.models import Event, Post, Response, Story
from gongkai.people.actor import Actor
from gongkai.people.models import Place
from gongkai.ui.filters import due_moment, moment

DAY = timedelta(days=1)
EMPTY = "无数据。"
LOUDEST = 10


def figures(place: Place, first: date, last: date, now: datetime) -> dict[str, Any]:
    """How public concerns were handled between two days, both included, as the ledger has it now."""
    since = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    until = timezone.make_aware(datetime.combine(last, datetime.min.time())) + DAY
    events = Event.objects.filter(place=place, detected_at__gte=since, detected_at__lt=until)
    counted = events.aggregate(
        found=Count("pk"), answered=Count("pk", filter=Q(answered_at__isnull=False)),
        closed=Count("pk", filter=Q(stage="closed")), dismissed=Count("pk", filter=Q(stage="dismissed")),
    )  # fmt: skip
    clocks = Obligation.objects.filter(
        matter__in=events.values("matter"),
        duty__in=["opinion.respond", "opinion.first_release", "opinion.press_conference"],
    )
    counted |= clocks.aggregate(
        met=Count("pk", filter=Q(state="met")), late=Count("pk", filter=Q(state="met_late")),
        breached=Count("pk", filter=Q(state="breached")),
    )  # fmt: skip
    grades = events.exclude(grade="").values_list("grade").annotate(n=Count("pk")).order_by("grade")
    return counted | {"grades": dict(grades), "at": now.isoformat()}


def daily(actor: Actor, now: datetime) -> bytes:
    """The brief of the last twenty-four hours as .docx, for who may see all opinion of the place."""
    from docx import Document as new

    events = policy.visible_to(actor)
    page = new()
    page.add_heading(f"舆情日报（{timezone.localdate(now):%Y年%m月%d日}）", 1)
    page.add_paragraph(f"{actor.place.name}，截至{moment(now)}，过去24小时。")
    heading(page, "在办")
    rows = asks.by_grade(events, now)
    if not rows:
        page.add_paragraph(EMPTY)
    for name, group in rows:
        for row in group:
            unit = f"，{row.event.unit.short_name}负第一责任" if row.event.unit else "，还没有交办"
            due = f"，{due_moment(row.due)} 前" if row.due else ""
            clock = f"。{row.says}{due}：{row.face.word}" if row.face else ""
            page.add_paragraph(
                f"〔{name}〕{row.event.title}（{row.event.code}）{unit}{clock}", style="List Bullet"
            )
    heading(page, "新出现的话题")
    stories = policy.visible_stories(actor).filter(first_at__gt=now - DAY).order_by("-heat", "pk")[:LOUDEST]
    _stories(page, list(stories))
    heading(page, "24小时内的回应")
    answers = Response.objects.filter(event__in=events, released_at__gt=now - DAY).select_related(
        "event__matter", "unit"
    )
    for answer in answers:
        page.add_paragraph(
            f"{moment(answer.released_at)} {answer.unit.short_name}：{answer.title}（{answer.event.code}）",
            style="List Bullet",
        )
    if not answers:
        page.add_paragraph(EMPTY)
    return saved(page)


def _stories(page: Any, stories: list[Story]) -> None:
    if not stories:
        page.add_paragraph(EMPTY)
    for story in stories:
        first = story.posts.select_related("source").order_by("published_at", "pk").first()
        source = f"，最早见于{first.source.name}（言论 {first.pk}）" if first else ""
        page.add_paragraph(
            f"{story.name}：{story.posts_count} 条，{story.authors_count} 人{source}", style="List Bullet"
        )


def special(event: Event, now: datetime) -> bytes:
    """The special report on one event as .docx: what people say, word for word and with its source, how it spread, what to do."""
    from docx import Document as new

    page = new()
    page.add_heading(f"舆情专报：{event.title}", 1)
    page.add_paragraph(f"{event.code}，{event.grade or '未定级'}，截至{moment(now)}。")
    found = asks.evidence(event, now)
    heading(page, "大家在说什么")
    if found is None or not found.sentences:
        page.add_paragraph(EMPTY)
    else:
        posts = {
            post.pk: post
            for post in Post.objects.filter(pk__in=[s.post for s in found.sentences]).select_related("source")
        }
        for one in found.sentences:
            page.add_paragraph(
                f"“{one.text}”（{posts[one.post].source.name}，言论 {one.post}）", style="List Bullet"
            )
    heading(page, "热度和来源")
    if found is None:
        page.add_paragraph(EMPTY)
    else:
        page.add_paragraph(
            f"共 {found.posts} 条，{found.authors} 人；最近3小时每小时 {found.speed} 条；负面占 {found.negative:.0%}。"
        )
        for outlet in found.path:
            page.add_paragraph(
                f"{moment(outlet.first_at)} {outlet.name}（{outlet.kind}）：{outlet.posts} 条，首条言论 {outlet.first_post}",
                style="List Bullet",
            )
    heading(page, "研判和建议")
    judged = event.assessments.first()
    if judged is None:
        page.add_paragraph("还没有研判。")
    else:
        page.add_paragraph(
            f"定级“{judged.grade}”：舆情内容 {judged.content} 分，公众反应 {judged.reaction} 分，媒体介入 {judged.media} 分。"
            f"性质：{judged.nature or '未写'}。走势：{judged.trend or '未写'}。风险：{judged.risk or '未写'}。"
        )
        if judged.measures:
            page.add_paragraph(f"预控处置意见：{judged.measures}")
    if event.facts:
        heading(page, "已核实的情况")
        page.add_paragraph(event.facts)
    return saved(page)
