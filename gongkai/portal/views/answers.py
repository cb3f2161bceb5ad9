"""Published questions and answers: list, search, feeds, one answer."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed

from gongkai.ledger import lawbook
from gongkai.letters import attachments, facts
from gongkai.letters.indexing import PUBLIC
from gongkai.letters.models import Letter, LetterQuerySet
from gongkai.people.models import Place, Unit
from gongkai.portal.shell import LETTERS, PortalRequest, public_page, show
from gongkai.search import asks as finding
from gongkai.ui.parts import Filter, Option

A_PAGE = 20
IN_FEED = 30
MOST_UNITS = 12


def published(place: Place) -> LetterQuerySet:
    """What everybody may read of a place, newest first."""
    found: LetterQuerySet = (
        Letter.objects.filter(place=place)
        .published()
        .select_related("matter", "unit", "lead")
        .order_by("-published_at", "-pk")
    )
    return found


@public_page
def letters(request: PortalRequest) -> HttpResponse:
    """The list, narrowed by words, nature and unit. Five queries."""
    q, nature, unit = (request.GET.get(name, "").strip() for name in ("q", "nature", "unit"))
    found = published(request.place)
    if q:
        found = found.filter(matter__number__in=finding.numbers(q, room=PUBLIC, place=request.place.code))
    natures = _counted(found.filter(_of_unit(unit)) if unit else found, "nature")
    units = _units(found.filter(nature=nature) if nature else found)
    if nature:
        found = found.filter(nature=nature)
    if unit:
        found = found.filter(_of_unit(unit))
    page = {
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
        "filters": [
            Filter("nature", "性质", [Option("", "全部"), *natures]),
            Filter("unit", "答复单位", [Option("", "全部单位"), *units]),
        ],
        "q": q,
        "narrowed": bool(q or nature or unit),
    }
    return show(request, "letters.html", page, column=LETTERS, crumbs=[(LETTERS.name, "")])


def _of_unit(code: str) -> Q:
    return Q(unit__code=code) | Q(unit=None, lead__code=code)


def _counted(found: LetterQuerySet, column: str) -> list[Option]:
    rows = found.order_by().values_list(column).annotate(n=Count("pk")).order_by("-n", column)
    return [Option(value, value, n) for value, n in rows if value]


def _units(found: LetterQuerySet) -> list[Option]:
    """The units with most answers; the lead unit where it answered itself."""
    counts: dict[int, int] = {}
    for unit, lead, n in found.order_by().values_list("unit", "lead").annotate(n=Count("pk")):
        if (id := unit or lead) is not None:
            counts[id] = counts.get(id, 0) + n
    units = Unit.objects.in_bulk(list(counts))
    ranked = sorted(units.values(), key=lambda one: -counts[one.pk])[:MOST_UNITS]
    return [Option(one.code, one.short_name, counts[one.pk]) for one in ranked]


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
