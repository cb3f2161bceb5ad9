"""Papers: published documents with everything their pages show, for one or for many in the same few questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db.models import BigIntegerField, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import Http404

from gongkai.documents.actions.report import ROOM
from gongkai.documents.models import Column, Document, Edition, GazetteIssue, Release, Service, Stage, Topic
from gongkai.files.models import Attachment
from gongkai.ledger.models import Link
from gongkai.people.models import Place
from gongkai.portal import published
from gongkai.prepared import Prepared, Several

OWN = OuterRef("pk")
LONG = (
    "html",
    "summary",
    "keywords",
)  # of an edition; SQLite reads past the text to what was added behind it
MANY, MATTERS = Several("documents", BigIntegerField()), Several("matters", BigIntegerField())
SOME_HAVE = {
    "editions": Edition.objects.filter(document=OWN)
    .exclude(released_at=None)
    .exclude(pk=OuterRef("edition")),
    "topics": Topic.documents.through.objects.filter(document=OWN),
    "services": Document.services.through.objects.filter(document=OWN),
    "gazettes": GazetteIssue.documents.through.objects.filter(document=OWN),
    "joint": Document.joint.through.objects.filter(document=OWN),
    "files": Attachment.objects.filter(room=ROOM, number=OuterRef("matter__number")),
    "ties": Link.objects.filter(Q(source=OuterRef("matter")) | Q(target=OuterRef("matter"))),
}
"""What stands beside few documents: it is asked for only where there is any."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A relation to another matter, seen from one end. `row` is the other document if that is published."""

    kind: str
    is_own: bool
    other: int | None
    row: published.Row | None


@dataclass(slots=True)
class Paper:
    """A document that is published, or was and is withdrawn, with what stands beside it on its page."""

    document: Document
    columns: list[Column] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    editions: list[Edition] = field(default_factory=list)  # the released ones, if there are more than its own
    topics: list[Topic] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    gazettes: list[GazetteIssue] = field(default_factory=list)
    joint: list[Any] = field(default_factory=list)  # each with a `unit` that issued it too
    files: list[Attachment] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)

    @property
    def explanations(self) -> list[Tie]:
        """Of interpretation, both ways, with published documents."""
        return [tie for tie in self.ties if tie.row and tie.kind == Link.Kind.INTERPRETS]

    @property
    def relations(self) -> list[Tie]:
        """Of any other kind, with published documents."""
        return [tie for tie in self.ties if tie.row and tie.kind != Link.Kind.INTERPRETS]

    @property
    def is_repealed(self) -> bool:
        return bool(self._done_to_it(Link.Kind.REPEALS, Link.Kind.REPLACES))

    @property
    def is_amended(self) -> bool:
        return bool(self._done_to_it(Link.Kind.AMENDS))

    @property
    def changes(self) -> list[Tie]:
        """The published documents that repeal, replace or amend it."""
        return self._done_to_it(Link.Kind.REPEALS, Link.Kind.REPLACES, Link.Kind.AMENDS)

    def _done_to_it(self, *kinds: Link.Kind) -> list[Tie]:
        return [tie for tie in self.ties if tie.row and not tie.is_own and tie.kind in kinds]


def paper(place: Place, code: str) -> Paper:
    """The paper of an address. Raises Http404."""
    found = _ahead.get().get((place.pk, code)) or papers(place, [code]).get(code)
    if found is None:
        raise Http404
    return found


def published_document(place: Place, code: str) -> Document:
    """A document that is published. Raises Http404."""
    found = paper(place, code).document
    if not found.is_published:
        raise Http404
    return found


_ahead: ContextVar[Mapping[tuple[str, str], Paper]] = ContextVar("_ahead", default={})  # noqa: B039 never written to


@contextmanager
def read_ahead(place: Place, codes: Sequence[str]) -> Iterator[None]:
    """Have papers ready within."""
    token = _ahead.set({(place.pk, code): one for code, one in papers(place, codes).items()})
    try:
        yield
    finally:
        _ahead.reset(token)


def papers(place: Place, codes: Sequence[str]) -> dict[str, Paper]:
    """Papers by their codes, without those that are not there. Three queries, and one for each of `SOME_HAVE` that one has."""
    if not codes:
        return {}
    found = {one.pk: Paper(one) for one in _documents().ask(codes=codes) if one.place_id == place.pk}

    def having(name: str) -> list[Document]:
        return [one.document for one in found.values() if getattr(one.document, f"has_{name}", True)]

    for name in BESIDE:
        some = [one.pk for one in having(name)]
        for row in _beside(name).ask(documents=some) if some else ():
            getattr(found[row.document_id], name).append(row)
    _tie(place, {one.matter_id: found[one.pk] for one in having("ties")})
    for one in found.values():
        one.document.place = place
    return {one.document.code: one for one in found.values()}


@lru_cache(maxsize=1)
def _documents() -> Prepared[Any]:
    """By codes alone: SQLite would begin with all documents of a place if it were named."""
    having = {f"has_{name}": Exists(rows) for name, rows in SOME_HAVE.items()}
    known = Document.objects.filter(
        matter__number__in=Several("codes", CharField()), stage__in=[Stage.PUBLISHED, Stage.WITHDRAWN]
    )
    return Prepared(known.select_related("matter", "unit", "issuer", "edition").annotate(**having))


NUMBERS = Document.objects.filter(pk__in=MANY).values("matter__number")
OF_MATTER = Document.objects.filter(matter__number=OuterRef("number")).values("pk")
BESIDE: dict[str, QuerySet[Any]] = {
    "columns": Column.objects.filter(documents__in=MANY).annotate(document_id=F("documents")),
    "releases": Release.objects.filter(document__in=MANY)
    .select_related("unit", "edition")
    .defer(*(f"edition__{name}" for name in LONG)),
    "editions": Edition.objects.filter(document__in=MANY).exclude(released_at=None).defer(*LONG),
    "topics": Topic.objects.filter(documents__in=MANY).annotate(document_id=F("documents")),
    "services": Service.objects.filter(documents__in=MANY)
    .select_related("unit")
    .annotate(document_id=F("documents")),
    "gazettes": GazetteIssue.objects.filter(documents__in=MANY).annotate(document_id=F("documents")),
    "joint": Document.joint.through.objects.filter(document__in=MANY).select_related("unit").order_by("pk"),
    "files": Attachment.objects.filter(room=ROOM, number__in=NUMBERS)
    .exclude(scan=Attachment.Scan.INFECTED)
    .annotate(document_id=Subquery(OF_MATTER)),
}
"""Rows that stand beside many documents. Each says as `document_id` whose it is."""


@lru_cache(maxsize=8)
def _beside(name: str) -> Prepared[Any]:
    return Prepared(BESIDE[name])


def _tie(place: Place, papers: Mapping[int, Paper]) -> None:
    """Put the ties of papers, which come by their matters, beside them. Two queries, or none."""
    if not papers:
        return
    links = _links().ask(matters=list(papers))
    others = {pk for *_ends, source, target in links for pk in (source, target) if pk}
    open_ = published.of_place(place).filter(pk__in=others)
    rows = {row.pk: row for row in published.rows(open_, place)}
    for kind, origin, end, source, target in links:
        for matter, is_own, other in ((origin, True, target), (end, False, source)):
            if matter in papers:
                papers[matter].ties.append(Tie(kind, is_own, other, rows.get(other or 0)))


@lru_cache(maxsize=1)
def _links() -> Prepared[tuple[str, int, int, int | None, int | None]]:
    found = Link.objects.filter(Q(source__in=MATTERS) | Q(target__in=MATTERS)).order_by("pk")
    return Prepared(found.values_list("kind", "source", "target", "source__document", "target__document"))


def public_files(document: Document) -> list[Attachment]:
    """The attachments of a published document that may be given out."""
    return _beside("files").ask(documents=[document.pk])
