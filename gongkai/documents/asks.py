"""Questions the pages ask of documents: which list in which order, how two editions differ, what is found in a text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from gongkai.documents import numbers, policy
from gongkai.documents.indexing import STAFF
from gongkai.documents.models import Document, DocumentQuerySet, Service, Sort, Stage
from gongkai.ledger import asks as ledger
from gongkai.ledger.models import Link, Obligation
from gongkai.people.actor import Actor
from gongkai.reviews.models import Signature
from gongkai.search import asks as search
from gongkai.ui.refusal import Refused

A_PAGE = 25
SHOWN = (
    "title", "number", "sort", "genre", "stage", "attribute", "matter__number", "matter_id", "unit__short_name", "is_policy",
    "is_normative", "published_at", "issued_at", "place_id", "publish_after",
)  # fmt: skip
LINE = ("起草", "审签", "印发", "发布审查", "发布")
PLACE_ON_LINE = {
    Stage.DRAFT: 0, Stage.SIGNING: 1, Stage.SIGNED: 2, Stage.ISSUED: 3, Stage.CLEARING: 3, Stage.CLEARED: 4, Stage.PUBLISHED: 5,
}  # fmt: skip
STANDING = ("open", "warned", "breached")


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at documents."""

    id: str
    label: str
    rows: Callable[[Actor], Q]


def _stage(*stages: Stage, **more: Any) -> Callable[[Actor], Q]:
    return lambda _actor: Q(stage__in=stages, **more)


def _mine(actor: Actor) -> Q:
    return Q(author=actor.staff) & ~Q(stage__in=[Stage.PUBLISHED, Stage.WITHDRAWN])


def _to_sign(actor: Actor) -> Q:
    waiting = Signature.objects.current().filter(sheet__matter=OuterRef("matter"))
    mine = Q(pk__in=[])
    for power, units in actor.powers.items():
        mine |= Q(power=power, unit__in=units)
    return Q(Exists(waiting.filter(mine)))


VIEWS = (
    View("", "全部", lambda _actor: Q()),
    View("mine", "我起草的", _mine),
    View("sign", "待我审签", _to_sign),
    View("draft", "起草", _stage(Stage.DRAFT)),
    View("signing", "审签中", _stage(Stage.SIGNING)),
    View("signed", "待印发", _stage(Stage.SIGNED)),
    View("issued", "待发布审查", _stage(Stage.ISSUED, attribute__in=["主动公开", "部分公开"])),
    View("clearing", "发布审查中", _stage(Stage.CLEARING)),
    View("cleared", "待发布", _stage(Stage.CLEARED)),
    View("published", "已发布", _stage(Stage.PUBLISHED)),
    View("withheld", "不予公开", lambda _actor: Q(attribute="不予公开", issued_at__isnull=False)),
    View("withdrawn", "已撤回", _stage(Stage.WITHDRAWN)),
)
BY_ID = {view.id: view for view in VIEWS}


def counts(documents: DocumentQuerySet, actor: Actor) -> dict[str, int]:
    """How many documents stand in each view of work. One query over what is not yet published."""
    open_ = documents.exclude(stage__in=[Stage.PUBLISHED, Stage.WITHDRAWN])
    of_work = [view for view in VIEWS if view.id not in ("", "published", "withheld", "withdrawn")]
    figures: dict[str, int] = open_.aggregate(
        **{f"of_{view.id}": Count("pk", filter=view.rows(actor)) for view in of_work}
    )
    return {name.removeprefix("of_"): figure for name, figure in figures.items()}


def narrowed(documents: DocumentQuerySet, chosen: Mapping[str, Any]) -> DocumentQuerySet:
    """The documents that answer what was chosen in the form of the list."""
    fields = {"unit": "unit", "attribute": "attribute", "genre": "genre", "sort": "sort"}
    found = documents.filter(**{column: chosen[name] for name, column in fields.items() if chosen.get(name)})
    if chosen.get("policy"):
        found = found.filter(Q(is_policy=True) | Q(is_normative=True) | Q(is_rule=True))
    if chosen.get("q"):
        found = found.filter(matter__number__in=search.numbers(chosen["q"], room=STAFF))
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """A document in a list with its most urgent clock."""

    document: Document
    url: str
    face: ledger.Face | None
    due: datetime | None

    @property
    def kinds(self) -> str:
        return " · ".join(
            filter(None, (self.document.unit.short_name, _sort(self.document), self.document.number))
        )

    @property
    def at(self) -> datetime | None:
        return self.document.published_at or self.document.issued_at


def _sort(document: Document) -> str:
    return document.get_genre_display() if document.sort == Sort.OFFICIAL else document.get_sort_display()


def page(
    documents: DocumentQuerySet, view: View, actor: Actor, now: datetime, after: str = ""
) -> tuple[list[Row], str]:
    """A page of a view, newest first, and the key of the next page. Two queries."""
    found = documents.filter(view.rows(actor)).select_related("matter", "unit").only(*SHOWN).order_by("-id")
    if after.isdigit():
        found = found.filter(pk__lt=int(after))
    rows = list(found[: A_PAGE + 1])
    more, rows = len(rows) > A_PAGE, rows[:A_PAGE]
    owed: dict[int, list[Obligation]] = defaultdict(list)
    standing = Obligation.objects.filter(
        matter__in=[row.matter_id for row in rows], settled_at=None, state__in=STANDING, is_minimum=False
    )
    for obligation in standing.exclude(due_at=None).order_by("due_at"):
        owed[obligation.matter_id].append(obligation)
    shown = []
    for document in rows:
        first = next(iter(owed[document.matter_id]), None)
        url = reverse("documents:document", args=[document.code])
        shown.append(
            Row(document, url, ledger.face(first, now) if first else None, first.due_at if first else None)
        )
    return shown, str(rows[-1].pk) if more else ""


def stages(document: Document) -> list[tuple[str, str]]:
    """The line of stages, with where the document stands."""
    line = LINE if document.sort == Sort.OFFICIAL else (LINE[0], *LINE[3:])
    here = PLACE_ON_LINE.get(Stage(document.stage))
    if here is None:
        return [*((word, "done") for word in line), (document.get_stage_display(), "now")]
    at = LINE[min(here, len(LINE) - 1)]
    n_here = line.index(at) if at in line else 0
    is_done = here == len(LINE)
    return [
        (word, "done" if n < n_here or is_done else "now" if n == n_here else "next")
        for n, word in enumerate(line)
    ]


def links(document: Document) -> list[tuple[str, Document]]:
    """Documents this one is tied to, with the words of the tie in both directions. Two queries."""
    ties = Link.objects.filter(Q(source=document.matter_id) | Q(target=document.matter_id)).exclude(
        kind=Link.Kind.INTERPRETS
    )
    named = {}
    for tie in ties:
        if tie.source_id == document.matter_id:
            named[tie.target_id] = tie.get_kind_display()
        else:
            named[tie.source_id] = Link.INVERSE[tie.kind]
    found = Document.objects.filter(matter__in=named).select_related("matter")
    return [(named[one.matter_id], one) for one in found]


def is_repealed(document: Document) -> bool:
    """True when a published document repeals or replaces this one."""
    ends = [Link.Kind.REPEALS, Link.Kind.REPLACES]
    return Link.objects.filter(
        kind__in=ends, target=document.matter_id, source__document__stage=Stage.PUBLISHED
    ).exists()


def is_amended(document: Document) -> bool:
    """True when a published document amends this one."""
    return Link.objects.filter(
        kind=Link.Kind.AMENDS, target=document.matter_id, source__document__stage=Stage.PUBLISHED
    ).exists()


def reasons_to_return(document: Document) -> list[ledger.Closed]:
    """What is missing from a package that is being signed, so that it may or must go back."""
    return ledger.closed_gates(document.place_id, "document.sign", policy.case_of(document))


def numbered(document: Document, text: str) -> Document | None:
    """A published document of the same place, by its matter's number or its document number."""
    found = published(document.place_id, text)
    return None if found == document else found


def published(place: str, text: str) -> Document | None:
    """What a place has published under the number of a matter or a document number."""
    here = Document.objects.published().filter(place=place).select_related("matter")
    try:
        number = numbers.normalised(text)
    except numbers.WrongNumber:
        return here.filter(matter__number=text.strip().upper()).first()
    return here.filter(number=number).first()


def services_named(place: str, words: str) -> list[Service]:
    """The services of a place with a name, or with a name and the unit behind it: `公租房申请（县住建局）`. One query."""
    name, _, unit = words.removesuffix("）").rpartition("（")
    named = Q(name=words) | Q(name=name, unit__short_name=unit)
    return list(Service.objects.filter(named, place=place).select_related("unit"))


def service_named(place: str, words: str) -> Service:
    """The one service of that name. Raises Refused when there is none, or several units have one."""
    found = services_named(place, words)
    if not found:
        raise Refused(f"没有“{words}”这个服务事项", remedy="请核对名称，或先在办事事项里登记。")
    if len(found) > 1:
        names = "、".join(one.full for one in found)
        raise Refused(f"“{words}”不止一个", remedy=f"请写上单位：{names}。")
    return found[0]
