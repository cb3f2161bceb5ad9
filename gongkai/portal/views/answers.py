"""Published questions and answers: list, search, feeds, one answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast

from django.conf import settings
from django.core.paginator import Paginator
from django.db import models
from django.db.models import CharField, Q, QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed

from gongkai.ledger import asks as ledger
from gongkai.ledger import clock, lawbook
from gongkai.letters import attachments, facts
from gongkai.letters.indexing import PUBLIC
from gongkai.letters.models import Letter, LetterQuerySet
from gongkai.people.models import Place
from gongkai.portal.shell import LETTERS, PortalRequest, public_page, show
from gongkai.prepared import Prepared, Slot
from gongkai.search import asks as finding
from gongkai.ui.parts import Filter, Option

A_PAGE = 20
IN_FEED = 30
MOST_UNITS = 12


def published(place: Place) -> LetterQuerySet:
    """What everybody may read of a place, newest first."""
    return _published(place.code).select_related("matter", "unit", "lead")


def _published(place: str | Slot) -> LetterQuerySet:
    found: LetterQuerySet = Letter.objects.filter(place=place).published().order_by("-published_at", "-pk")
    return found


class Answer(NamedTuple):
    """A published question in a list. The lead unit stands for the unit where it answered itself."""

    number: str
    public_title: str
    nature: str
    answered_at: datetime
    unit: str
    lead: str


FIELDS = ("matter__number", "public_title", "nature", "answered_at", "unit__short_name", "lead__short_name")
GROUPED = ("nature", "unit", "unit__code", "unit__short_name", "lead", "lead__code", "lead__short_name")


class Count(NamedTuple):
    """How many answers of a nature a unit has published."""

    nature: str
    unit: int | None
    code: str
    name: str
    n: int


@dataclass(frozen=True, slots=True)
class Answers:
    """Some of the published answers of a place, newest first, read by the page: what Django's Paginator cuts.

    `q` are words, `nature` and `unit` (its code) what they were narrowed to; empty is not asked.
    """

    place: Place
    nature: str = ""
    unit: str = ""
    q: str = ""
    counts: Sequence[Count] = ()

    def __len__(self) -> int:
        return sum(one.n for one in self.counts if self._is_of_nature(one) and self._is_of_unit(one))

    def __getitem__(self, some: slice) -> list[Answer]:
        if self.q:
            found = _narrowed(_holding(self.place, self.q), self.nature, self.unit)
            rows: list[Any] = list(found.values_list(*FIELDS)[some])
        else:
            asked = {"place": self.place.pk, "nature": self.nature, "unit": self.unit}
            rows = _listed(bool(self.nature), bool(self.unit)).some(
                some.start, some.stop - some.start, **asked
            )
        return [Answer(*row) for row in rows]

    def natures(self) -> list[Option]:
        """The natures of what the unit has answered, those with most first."""
        found: Counter[str] = Counter()
        for one in self.counts:
            if one.nature and self._is_of_unit(one):
                found[one.nature] += one.n
        return [
            Option(value, value, n) for value, n in sorted(found.items(), key=lambda row: (-row[1], row[0]))
        ]

    def units(self) -> list[Option]:
        """The units with most answers of the nature."""
        found: dict[int, tuple[str, str, int]] = {}
        for one in self.counts:
            if one.unit is not None and self._is_of_nature(one):
                found[one.unit] = one.code, one.name, found.get(one.unit, ("", "", 0))[2] + one.n
        ranked = sorted(found.items(), key=lambda row: (-row[1][2], row[0]))[:MOST_UNITS]
        return [Option(*option) for _pk, option in ranked]

    def _is_of_nature(self, one: Count) -> bool:
        return not self.nature or one.nature == self.nature

    def _is_of_unit(self, one: Count) -> bool:
        return not self.unit or one.code == self.unit


def _holding(place: Place, q: str) -> LetterQuerySet:
    found: LetterQuerySet = published(place).filter(
        matter__number__in=finding.numbers(q, room=PUBLIC, place=place.code)
    )
    return found


def _narrowed(found: LetterQuerySet, nature: str | Slot, unit: str | Slot) -> LetterQuerySet:
    if nature:
        found = found.filter(nature=nature)
    if unit:
        found = found.filter(Q(unit__code=unit) | Q(unit=None, lead__code=unit))
    return found


@lru_cache(maxsize=4)
def _listed(of_nature: bool, of_unit: bool) -> Prepared[tuple[Any, ...]]:
    nature = Slot("nature", CharField()) if of_nature else ""
    unit = Slot("unit", CharField()) if of_unit else ""
    found = _narrowed(_published(Slot("place", CharField())), nature, unit)
    return Prepared(found.values_list(*FIELDS))


def newest(place: Place, most: int) -> list[Answer]:
    """The newest published answers. One query."""
    return Answers(place)[0:most]


def _counts(place: Place, q: str, now: datetime) -> list[Count]:
    """How many there are by nature and unit: one query; without words none while nothing is recorded."""
    if q:
        return _as_counts(list(_grouped(_holding(place, q))))
    return _counted(place.code).made_once(ledger.mark(now), _as_counts)


@lru_cache(maxsize=64)
def _counted(place: str) -> Prepared[tuple[Any, ...]]:
    return Prepared(_grouped(_published(place)))


def _grouped(found: LetterQuerySet) -> QuerySet[Letter, tuple[Any, ...]]:
    return found.order_by().values_list(*GROUPED).annotate(n=models.Count("pk"))


def _as_counts(rows: Iterable[tuple[Any, ...]]) -> list[Count]:
    """Rows of GROUPED with their number."""
    return [
        Count(nature, *((unit, code, name) if unit else (lead, lead_code or "", lead_name or "")), n)
        for nature, unit, code, name, lead, lead_code, lead_name, n in rows
    ]


@public_page
def letters(request: PortalRequest) -> HttpResponse:
    """The list, narrowed by words, nature and unit. Four queries."""
    q, nature, unit = (request.GET.get(name, "").strip() for name in ("q", "nature", "unit"))
    found = Answers(request.place, nature, unit, q, _counts(request.place, q, clock.now()))
    page = {
        "page": Paginator(cast("Sequence[Answer]", found), A_PAGE).get_page(request.GET.get("page")),
        "filters": [
            Filter("nature", "性质", [Option("", "全部"), *found.natures()]),
            Filter("unit", "答复单位", [Option("", "全部单位"), *found.units()]),
        ],
        "q": q,
        "narrowed": bool(q or nature or unit),
    }
    return show(request, "letters.html", page, column=LETTERS, crumbs=[(LETTERS.name, "")])


@public_page
def answer(request: PortalRequest, number: str) -> HttpResponse:
    """A question with its answer. One that was taken off says so (410); others do not exist."""
    letter = published(request.place).filter(matter__number=number).first()
    if letter is None:
        if _was_published(request.place, number):
            return show(
                request,
                "gone.html",
                {},
                column=LETTERS,
                crumbs=[(LETTERS.name, "letters"), ("已撤下", "")],
                status=410,
            )
        raise Http404
    calendar = lawbook.calendar(request.place.code)
    received, answered = timezone.localdate(letter.received_at), timezone.localdate(letter.answered_at)
    page = {
        "letter": letter,
        "files": attachments.published_with(letter),
        "unit": letter.unit or letter.lead,
        "days": calendar.working_days_between(received, answered),
        "article": {
            "title": letter.public_title,
            "at": letter.published_at,
            "source": letter.unit or letter.lead or request.place.government,
        },
        "address": settings.SITE + request.path,
    }
    return show(
        request, "answer.html", page, column=LETTERS, crumbs=[(LETTERS.name, "letters"), ("来信和答复", "")]
    )


def _was_published(place: Place, number: str) -> bool:
    taken_off = Letter.objects.filter(
        place=place, matter__number=number, matter__facts__kind=facts.UNPUBLISHED.name
    )
    return taken_off.exists()


# ---- feeds ---------------------------------------------------------------------------------------------


@public_page
def atom(request: PortalRequest) -> HttpResponse:
    """The newest answers as an Atom feed."""
    place = request.place
    feed = Atom1Feed(
        title=f"{place.government}：来信和答复",
        link=_address("portal:letters", place.slug),
        description=LETTERS.about,
        language="zh-CN",
        feed_url=_address("portal:letters_feed", place.slug),
        author_name=place.government,
    )
    for letter in published(place)[:IN_FEED]:
        address = _address("portal:answer", place.slug, letter.number)
        feed.add_item(
            title=letter.public_title,
            link=address,
            description=letter.public_answer,
            unique_id=address,
            pubdate=letter.published_at,
            updateddate=letter.published_at,
            categories=[letter.nature] if letter.nature else [],
        )
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


@public_page
def json_feed(request: PortalRequest) -> HttpResponse:
    """The newest answers as a JSON feed (jsonfeed.org, version 1.1)."""
    place = request.place
    items = [
        {
            "id": _address("portal:answer", place.slug, letter.number),
            "url": _address("portal:answer", place.slug, letter.number),
            "title": letter.public_title,
            "content_text": f"{letter.public_text}\n\n{letter.public_answer}",
            "date_published": timezone.localtime(letter.published_at).isoformat(),
            "tags": [letter.nature] if letter.nature else [],
            "authors": [{"name": str(letter.unit or letter.lead or place.government)}],
        }
        for letter in published(place)[:IN_FEED]
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"{place.government}：来信和答复",
        "home_page_url": _address("portal:letters", place.slug),
        "feed_url": _address("portal:letters_json", place.slug),
        "language": "zh-CN",
        "items": items,
    }
    response = JsonResponse(feed, json_dumps_params={"ensure_ascii": False})
    response["Content-Type"] = "application/feed+json; charset=utf-8"
    return response


def _address(name: str, *args: str) -> str:
    return settings.SITE + reverse(name, args=args)
