"""What a platform above takes from a place: released documents in the fields of the metadata standard, and what changed.

The elements follow 政府信息公开目录系统实施指引 (国办秘函〔2009〕6号) and what national portals show beside a text.
A cursor is the last fact that was given: facts are only ever added, so nothing is missed, whenever a document is
dated, and what is asked for again is given again as it now stands.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import TextIOBase
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone

from gongkai.documents import facts
from gongkai.documents.models import Document, Edition, Sort, Stage
from gongkai.ledger.models import Fact, Link
from gongkai.people.models import Place
from gongkai.ui.sheets import harmless

A_PAGE = 200  # facts of an answer
SETTLED = timedelta(minutes=1)  # a fact is given when those recorded beside it have come to stand, too
CHANGES = (
    facts.PUBLISHED, facts.REVISED, facts.CORRECTED, facts.WITHDRAWN, facts.RELATED, facts.SERVICES_TIED,
)  # fmt: skip
ENDING = (Link.Kind.REPEALS, Link.Kind.REPLACES, Link.Kind.AMENDS)  # the other's validity follows
FIELDS: Mapping[str, str] = {
    "id": "唯一标识", "state": "状态", "identifier": "索引号", "title": "名称", "description": "内容概述", "subject": "主题分类",
    "genre": "体裁", "issuer": "发文机关", "publisher": "责任单位", "number": "文号", "made_on": "生成日期",
    "published_at": "发布日期", "changed_at": "更新日期", "effective_on": "生效日期", "ends_on": "失效日期", "validity": "有效性",
    "keywords": "关键词", "manner": "公开方式", "statutory": "法定公开内容", "openness": "五公开", "key_area": "重点领域", "services": "相关服务事项", "language": "语种",
    "address": "在线链接", "digest": "SM3 摘要", "withdrawn_at": "撤回时间", "notice": "撤回说明",
    "replacement": "替代文件索引号", "replacement_address": "替代文件链接",
}  # fmt: skip
TEXT = "html"  # the text itself, in JSON and XML only

Record = dict[str, str]


@dataclass(frozen=True, slots=True)
class Changes:
    """Documents as they now stand that changed after a cursor; the cursor to ask with next; whether there is more."""

    records: Sequence[Record]
    cursor: int
    more: bool


def changes(place: Place, after: int, now: datetime) -> Changes:
    """A page of what changed since a cursor, 0 for everything. Eight queries.

    A withdrawn document is a tombstone: its identifier, when it went, the notice its readers see, and what replaces it.
    """
    told = Fact.objects.filter(
        pk__gt=after, kind__in=[kind.name for kind in CHANGES], matter__place=place, recorded_at__lte=now - SETTLED
    ).order_by("pk").values_list("pk", "matter_id")  # fmt: skip
    page = list(told[: A_PAGE + 1])
    more, page = len(page) > A_PAGE, page[:A_PAGE]
    ids = [fact for fact, _matter in page]
    matters = dict.fromkeys(matter for _fact, matter in page)
    matters |= dict.fromkeys(
        Link.objects.filter(source__in=list(matters), kind__in=ENDING).values_list("target_id", flat=True)
    )
    return Changes(_records(place, matters, timezone.localdate(now)), ids[-1] if ids else after, more)


def since(place: Place, day: date) -> int:
    """The cursor that stands before everything recorded at a place since the beginning of a day."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    before = Fact.objects.filter(matter__place=place, recorded_at__lt=start).order_by("-pk")
    return before.values_list("pk", flat=True).first() or 0


def _records(place: Place, matters: Iterable[int], today: date) -> list[Record]:
    released = Prefetch("editions", Edition.objects.exclude(released_at=None), to_attr="released_editions")
    found = (
        Document.objects.filter(place=place, matter__in=list(matters), published_at__isnull=False)
        .select_related("matter", "unit", "issuer", "place")
        .prefetch_related(
            released, "services__unit", "withdrawals__replacement__matter", "withdrawals__replacement__place"
        )
    )
    ties: dict[int, set[str]] = {}
    for target, kind in Link.objects.filter(
        target__in=list(matters), kind__in=ENDING, source__document__stage=Stage.PUBLISHED
    ).values_list("target_id", "kind"):
        ties.setdefault(target, set()).add(kind)
    return [
        _published(one, ties.get(one.matter_id, set()), today) if one.is_published else _tombstone(one)
        for one in found.order_by("pk")
    ]


def _published(one: Document, ties: set[str], today: date) -> Record:
    edition: Edition = one.released_editions[0]  # type: ignore[attr-defined]
    gone = {Link.Kind.REPEALS, Link.Kind.REPLACES} & ties
    validity = one.validity(today, repealed=bool(gone), amended=Link.Kind.AMENDS in ties)
    return {
        "id": one.code, "state": "published", "identifier": one.index_number, "title": edition.title,
        "description": edition.summary, "subject": one.subject,
        "genre": one.get_genre_display() if one.sort == Sort.OFFICIAL else one.get_sort_display(),
        "issuer": one.issuer.name, "publisher": one.unit.name, "number": one.number, "made_on": _day(one.made_on),
        "published_at": _moment(one.published_at), "changed_at": _moment(edition.released_at),
        "effective_on": _day(one.effective_on), "ends_on": _day(one.ends_on), "validity": validity,
        "keywords": edition.keywords, "manner": one.attribute, "statutory": one.statutory, "openness": one.openness_says, "key_area": one.key_area,
        "services": "；".join(service.full for service in one.services.all()),
        "language": "zh-CN", "address": address_of(one), "digest": edition.digest, "withdrawn_at": "", "notice": "",
        "replacement": "", "replacement_address": "", TEXT: edition.html,
    }  # fmt: skip


def _tombstone(one: Document) -> Record:
    last = next(iter(one.withdrawals.all()), None)
    instead = last.replacement if last and last.replacement and last.replacement.is_published else None
    return dict.fromkeys((*FIELDS, TEXT), "") | {
        "id": one.code, "state": "withdrawn", "identifier": one.index_number,
        "withdrawn_at": _moment(last.at if last else one.withdrawn_at), "notice": last.notice if last else "",
        "replacement": instead.index_number if instead else "", "replacement_address": address_of(instead) if instead else "",
    }  # fmt: skip


def address_of(document: Document) -> str:
    """Where everybody reads a document. The address never changes."""
    return f"{settings.SITE}/{document.place.slug}/documents/{document.code}/"


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""


def _moment(at: datetime | None) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else ""


# ---- writing -----------------------------------------------------------------------------------------------------


def all_changes(place: Place, after: int, now: datetime) -> Iterator[Changes]:
    """Page after page, to the end."""
    while True:
        page = changes(place, after, now)
        yield page
        if not page.more:
            return
        after = page.cursor


def as_json(place: Place, pages: Iterable[Changes], file: TextIOBase) -> int:
    """One JSON object; how many records. Records are written as they come."""
    file.write(
        f'{{"place": "{place.code}", "fields": {json.dumps(dict(FIELDS), ensure_ascii=False)}, "documents": ['
    )
    count = cursor = 0
    for page in pages:
        cursor = page.cursor
        for record in page.records:
            file.write(("," if count else "") + "\n" + json.dumps(record, ensure_ascii=False))
            count += 1
    file.write(f'\n], "cursor": {cursor}}}\n')
    return count


def as_csv(_place: Place, pages: Iterable[Changes], file: TextIOBase) -> int:
    """A table without the texts, with the mark that spreadsheets look for; nothing in it is taken for a formula."""
    file.write("\ufeff")
    rows, count = csv.writer(file), 0
    rows.writerow(FIELDS.values())
    for page in pages:
        for record in page.records:
            rows.writerow([harmless(record[name]) for name in FIELDS])
            count += 1
    return count


def as_xml(place: Place, pages: Iterable[Changes], file: TextIOBase) -> int:
    """One XML document; what XML cannot hold (control characters) is left out."""
    out, count = XMLGenerator(file, "utf-8", short_empty_elements=True), 0
    out.startDocument()
    out.startElement("documents", AttributesImpl({"place": place.code}))
    cursor = 0
    for page in pages:
        cursor = page.cursor
        for record in page.records:
            out.startElement("document", AttributesImpl({"id": record["id"], "state": record["state"]}))
            for name in (*FIELDS, TEXT):
                if record[name] and name not in ("id", "state"):
                    out.startElement(name, AttributesImpl({}))
                    out.characters(record[name].translate(NOT_XML))
                    out.endElement(name)
            out.endElement("document")
            count += 1
    out.startElement("cursor", AttributesImpl({}))
    out.characters(str(cursor))
    out.endElement("cursor")
    out.endElement("documents")
    out.endDocument()
    return count


NOT_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
WRITERS = {"json": as_json, "csv": as_csv, "xml": as_xml}
