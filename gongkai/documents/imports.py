"""Documents that were issued before: a folder of files, a table of their metadata, or both. Safe to run again.

Every file and row is taken or reported with its reason. What was published before comes in as published, with its
real first time; its clocks are folded from the days its row tells. What was taken before is known by its number, or
by title and text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from gongkai.documents import asks, facts, html, numbers, policy, reading
from gongkai.documents.actions import PREFIX, ROOM, SITE, lay_columns, next_index_numbers, place_in_columns
from gongkai.documents.indexing import index
from gongkai.documents.models import (
    OPEN,
    Address,
    Attribute,
    Document,
    Edition,
    Genre,
    Release,
    Service,
    Sort,
    Stage,
)
from gongkai.files.tables import BadRow, day_of, moment_of, plain, read_rows, write_report
from gongkai.ledger import actions as ledger
from gongkai.ledger import asks as ledger_asks
from gongkai.ledger import bulk
from gongkai.ledger.opening import NewFact, NewMatter
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Unit
from gongkai.ui.refusal import Refused

BATCH = 200
BECAUSE = "导入"
FIELDS = {
    "file": ("文件", "文件名", "file"), "title": ("标题", "名称", "信息名称", "title"), "number": ("发文字号", "文号", "number"),
    "unit": ("责任单位", "发布机构", "公开主体", "unit"), "issuer": ("发文机关", "制发机关", "issuer"),
    "made_on": ("成文日期", "生成日期", "made_on"), "issued_at": ("印发时间", "印发日期", "issued_at"),
    "published_at": ("首次发布时间", "发布时间", "发布日期", "published_at"), "genre": ("文种", "体裁", "genre"),
    "sort": ("类别", "sort"), "attribute": ("公开属性", "公开方式", "attribute"), "reason": ("理由", "reason"),
    "subject": ("主题分类", "subject"), "statutory": ("法定公开内容", "组配分类", "statutory"), "key_area": ("重点领域", "key_area"), "openness": ("五公开", "openness"),
    "index_number": ("索引号", "index_number"), "effective_on": ("生效日期", "施行日期", "effective_on"),
    "ends_on": ("失效日期", "废止日期", "ends_on"), "summary": ("内容概述", "概述", "summary"), "keywords": ("主题词", "关键词", "keywords"),
    "normative": ("规范性文件", "normative"), "policy": ("政策性文件", "policy"), "address": ("原网址", "网址", "address"),
    "text": ("正文", "内容", "text"), "services": ("服务事项", "相关服务事项", "services"),
}  # fmt: skip
YES = ("是", "1", "true", "yes", "√")
HALF = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", "(": "（", ")": "）"}
BESIDE_CHINESE = re.compile(
    r"(?<=[\u4e00-\u9fff》）”])[,;:?!](?=[\u4e00-\u9fff《（“\s]|$)|(?<=[\u4e00-\u9fff])\.(?=\s|$)"
)
IN_BRACKETS = re.compile(r"\(([^()\n]*[\u4e00-\u9fff][^()\n]*)\)")


def full_width(text: str) -> str:
    """Half-width signs between Chinese characters as full-width ones. Numbers, addresses and code stay as they are."""
    text = BESIDE_CHINESE.sub(lambda sign: HALF.get(sign[0], "。"), text)
    return IN_BRACKETS.sub(r"（\1）", text)


@dataclass(slots=True)
class Report:
    """What came of an import."""

    taken: int = 0
    repeated: int = 0
    published: int = 0
    bad: list[BadRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write every file and row that was not taken, with its reason."""
        write_report(path, self.bad)


@dataclass(frozen=True, slots=True)
class Piece:
    """One document to be taken: where it stands in the table (0: only a file), its file and its metadata."""

    line: int
    path: Path | None
    given: Mapping[str, Any]


def pieces(folder: Path | None, table: Path | None) -> list[Piece]:
    """What there is to take: rows of the table with their files, then files no row names.

    Raises Refused when a column that is needed is missing, or nothing is there.
    """
    files = {path.name: path for path in sorted(folder.rglob("*")) if _is_readable(path)} if folder else {}
    found: list[Piece] = []
    if table is not None:
        columns, rows = read_rows(table)
        named = {
            name: column for name, words in FIELDS.items() for column in columns if column.lower() in words
        }
        if "file" not in named and "title" not in named:
            raise Refused("表里没有“标题”，也没有“文件”这一列", remedy=f"表的列有：{'、'.join(columns)}。")
        for line, values in rows:
            given = {name: values.get(column) for name, column in named.items()}
            if any(plain(value) for value in given.values()):
                wanted = plain(given.get("file"))
                found.append(Piece(line, files.pop(wanted, Path(wanted) if wanted else None), given))
    found += [Piece(0, path, {}) for path in files.values()]
    if not found:
        raise Refused(
            "没有可以导入的文件", remedy=f"请放入 {'、'.join(sorted(reading.READERS))} 文件，或给出表格。"
        )
    return found


def _is_readable(path: Path) -> bool:
    return (
        path.is_file()
        and not path.name.startswith((".", "~$"))
        and path.suffix[1:].lower() in reading.READERS
    )


class Taken(NamedTuple):
    """One document read: not written yet, with the address it had and the services it belongs to."""

    document: Document
    edition: Edition
    address: str
    services: Sequence[Service]


class Importer:
    """One run. `published` says that what has no release time was published on its own day, or today."""

    def __init__(
        self, place: Place, *, by: Actor, now: datetime, unit: Unit | None = None, published: bool = False,
        half_width: bool = False, dry: bool = False,
    ) -> None:  # fmt: skip
        policy.may_import(by).enforce()
        self.place, self.by, self.now, self.unit = place, by, now, unit
        self.published, self.half_width, self.dry = published, half_width, dry
        self.report = Report()
        self.units = {
            name: one
            for one in Unit.objects.filter(place=place)
            for name in (one.name, one.short_name, one.code)
        }
        here = Document.objects.filter(place=place)
        self.known = set(here.exclude(number="").values_list("number", flat=True))
        self.texts = set(Edition.objects.filter(document__place=place).values_list("digest", flat=True))
        if not dry:
            lay_columns(place)

    def run(self, found: Iterable[Piece]) -> Iterator[int]:
        """Take the pieces batch by batch; yields how many each batch had."""
        left = iter(found)
        while batch := list(islice(left, BATCH)):
            self._write([one for one in map(self._read, batch) if one is not None])
            yield len(batch)

    # -- one piece -------------------------------------------------------------------------------------------------

    def _read(self, piece: Piece) -> Taken | None:
        got = {name: plain(value) for name, value in piece.given.items()}
        where = piece.path.name if piece.path else got.get("title", "")[:40]
        try:
            read = self._text(piece, got)
            document = self._document(piece, got, read)
            services = self._services(got.get("services", ""))
        except Refused as refused:
            self.report.bad.append(BadRow(piece.line, where, f"{refused.reason}。{refused.remedy}"))
            return None
        self.report.notes += [f"{where}：{line}" for line in (*read.warnings, *read.found)]
        digest = html.digest_of(document.title, read.html)
        if document.number in self.known or digest in self.texts:
            self.report.repeated += 1
            return None
        self.known.add(document.number) if document.number else None
        self.texts.add(digest)
        edition = Edition(
            serial=1, title=document.title, summary=document.summary, keywords=document.keywords, html=read.html,
            note="历史数据导入", made_at=document.formed_at, digest=digest, released_at=document.published_at,
        )  # fmt: skip
        return Taken(document, edition, got.get("address", ""), services)

    def _text(self, piece: Piece, got: Mapping[str, str]) -> reading.Read:
        if piece.path is None:
            body = (
                html.clean(got["text"])
                if "<p" in got.get("text", "")
                else html.from_text(got.get("text", ""))
            )
            return reading.Read(got.get("title", ""), full_width(body) if self.half_width else body)
        if not piece.path.is_file():
            raise Refused(f"文件夹里没有 {piece.path.name}", remedy="请核对表里的文件名。")
        read = reading.read(piece.path.name, piece.path.read_bytes())
        if not self.half_width:
            return read
        return reading.Read(full_width(read.title), full_width(read.html), read.warnings, read.found)

    def _document(self, piece: Piece, got: Mapping[str, str], read: reading.Read) -> Document:
        title = got.get("title") or read.title
        if not title:
            raise Refused("没有标题", remedy="请在表里写标题。")
        made_on = self._day(piece, "made_on")
        published_at = self._moment(piece, "published_at")
        if published_at is None and self.published:
            published_at = _noon(made_on) if made_on else self.now
        issued_at = self._moment(piece, "issued_at") or (_noon(made_on) if made_on else published_at)
        for name, at in (("发布时间", published_at), ("印发时间", issued_at)):
            if at is not None and at > self.now:
                raise Refused(f"{name}在将来", remedy="请核对日期。")
        if issued_at and published_at and published_at < issued_at:
            issued_at = published_at
        unit = self._unit(got.get("unit", ""))
        number = self._number(got.get("number", ""))
        attribute = got.get("attribute") or (Attribute.PROACTIVE if published_at else "")
        if attribute not in ("", *Attribute.values):
            raise Refused(f"没有“{attribute}”这种公开属性", remedy=f"可用：{'、'.join(Attribute.values)}。")
        if published_at and attribute not in OPEN:
            raise Refused(f"公开属性是“{attribute}”，却写了发布时间", remedy="请核对这两列。")
        genre = next(
            (one for one in Genre.values if one in got.get("genre", "") or one in title[-6:]), Genre.OTHER
        )
        sort = (
            Sort.INTERPRETATION
            if "解读" in (got.get("sort", "") or title)
            else Sort.OFFICIAL
            if number
            else Sort.INFORMATION
        )
        stage = (
            Stage.PUBLISHED
            if published_at
            else Stage.ISSUED
            if sort == Sort.OFFICIAL and issued_at and attribute
            else Stage.DRAFT
        )
        return Document(
            place=self.place, stage=stage, sort=sort, genre=genre, title=title[:200], unit=unit,
            issuer=self.units.get(got.get("issuer", ""), unit), number=number, attribute=attribute, reason=got.get("reason", "")[:500],
            subject=got.get("subject", "")[:64], statutory=got.get("statutory", "")[:64], key_area=got.get("key_area", "")[:32],
            openness=self._openness(got.get("openness", "")),
            index_number=got.get("index_number", "")[:40], summary=got.get("summary", "")[:500], keywords=got.get("keywords", "")[:120],
            is_normative=got.get("normative", "") in YES, is_policy=got.get("policy", "") in YES,
            formed_at=issued_at or published_at or self.now, made_on=made_on,
            effective_on=self._day(piece, "effective_on"), ends_on=self._day(piece, "ends_on"),
            signed_at=issued_at if sort == Sort.OFFICIAL else None,
            issued_at=issued_at if sort == Sort.OFFICIAL and attribute else None,
            published_at=published_at, changed_at=published_at,
        )  # fmt: skip

    def _unit(self, name: str) -> Unit:
        unit = self.units.get(name) if name else self.unit
        if unit is None:
            wrong = f"没有“{name}”这个单位" if name else "不知道是哪个单位的"
            raise Refused(wrong, remedy="请改成登记的全称或简称，或用 --unit 指定。")
        return unit

    def _openness(self, text: str) -> str:
        known = ledger_asks.values_of(self.place.code, policy.OPENNESS)
        if (found := text.removesuffix("公开")) and found not in known:
            raise Refused(f"五公开里没有“{text}”", remedy=f"可用：{'、'.join(known)}。")
        return found

    def _services(self, text: str) -> list[Service]:
        names = filter(None, map(str.strip, re.split(r"[；;\n]", text)))
        found = (asks.service_named(self.place.code, name) for name in names)
        return list({service.pk: service for service in found}.values())

    def _number(self, text: str) -> str:
        if not text:
            return ""
        try:
            return numbers.normalised(text)
        except numbers.WrongNumber as error:
            raise Refused(str(error), remedy="请改正发文字号。") from None

    def _day(self, piece: Piece, name: str) -> date | None:
        value = piece.given.get(name)
        if not plain(value):
            return None
        if (found := day_of(value)) is None:
            raise Refused(f"看不懂{FIELDS[name][0]}“{plain(value)}”", remedy="应像 2025-09-26。")
        return found

    def _moment(self, piece: Piece, name: str) -> datetime | None:
        value = piece.given.get(name)
        if not plain(value):
            return None
        found = (
            _noon(value) if isinstance(value, date) and not isinstance(value, datetime) else moment_of(value)
        )
        if found is None:
            raise Refused(f"看不懂{FIELDS[name][0]}“{plain(value)}”", remedy="应像 2025-09-26 10:00。")
        return found

    # -- a batch ---------------------------------------------------------------------------------------------------

    def _write(self, read: Sequence[Taken]) -> None:
        """Write a batch in one transaction: documents, editions, register, matters, facts, clocks, columns, index."""
        self.report.taken += len(read)
        self.report.published += sum(one.document.published_at is not None for one in read)
        if self.dry or not read:
            return
        with transaction.atomic():
            documents = [one.document for one in read]
            codes = _numbers(documents)
            news = [self._matter(document, code) for document, code in zip(documents, codes, strict=True)]
            matters = ledger.record_many(news, by=self.by)
            editions = [one.edition for one in read]
            indexed = next_index_numbers(
                [d for d in documents if d.stage != Stage.DRAFT and not d.index_number]
            )
            for document, number in indexed:
                document.index_number = number
            for document, matter, pk in zip(
                documents, matters, bulk.reserve(Document, len(documents)), strict=True
            ):
                document.pk, document.matter = pk, matter
            for edition, document, pk in zip(
                editions, documents, bulk.reserve(Edition, len(editions)), strict=True
            ):
                edition.pk, edition.document = pk, document
                document.edition = edition
            bulk.insert_objects(documents)
            bulk.insert_objects(editions)
            Release.objects.bulk_create(
                Release(document=d, edition=e, unit=d.unit, reviewer="历史数据", at=d.published_at, channel=SITE, digest=e.digest)
                for d, e, *_beside in read if d.published_at
            )  # fmt: skip
            Address.objects.bulk_create(
                (
                    Address(place=self.place, path=one.address[:300], document=one.document)
                    for one in read
                    if one.address
                ),
                ignore_conflicts=True,
            )
            tied = Document.services.through
            tied.objects.bulk_create(
                tied(document_id=one.document.pk, service_id=service.pk)
                for one in read
                for service in one.services
            )
            place_in_columns([d for d in documents if d.published_at])
            index(documents)

    def _matter(self, document: Document, code: str) -> NewMatter:
        """The matter of an imported document with the facts its row tells."""
        traits = policy.traits(document) | {"unit": document.unit.code}
        at = document.formed_at
        happened = [NewFact(facts.DRAFTED, at, traits, BECAUSE)]
        if document.attribute:
            more = {"formed_at": at.isoformat(), "ground": "", "reason": document.reason[:300]}
            happened.append(NewFact(facts.ATTRIBUTE_PROPOSED, at, traits | more, BECAUSE))
        if document.issued_at:
            made = {
                "number": document.number,
                "made_on": (document.made_on or timezone.localdate(at)).isoformat(),
            }
            happened.append(NewFact(facts.ISSUED, document.issued_at, traits | made, BECAUSE))
        if document.published_at:
            out = {"edition": 1, "channel": SITE, "interpreted": False}
            happened.append(NewFact(facts.PUBLISHED, document.published_at, traits | out, BECAUSE))
        return NewMatter(code, ROOM, document.title, self.place, document.unit, happened)


def _numbers(documents: Sequence[Document]) -> list[str]:
    """The numbers of new matters, by the day each was formed: one question a day. Inside a transaction."""
    days = [timezone.localdate(document.formed_at) for document in documents]
    of_day = Counter(days)
    one_of_day = dict(zip(days, documents, strict=True))
    reserved = {
        day: iter(ledger.numbers(PREFIX, one.formed_at, of_day[day])) for day, one in one_of_day.items()
    }
    return [next(reserved[day]) for day in days]


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))
