"""Who says which words are taken as equal."""

from __future__ import annotations

from django.db.models import QuerySet

from gongkai.people.actor import Actor
from gongkai.people.models import Power
from gongkai.search.models import Synonym
from gongkai.ui.refusal import Verdict


def may_equate(actor: Actor) -> Verdict:
    if actor.may(Power.CONFIGURE) or actor.may(Power.OVERSEE):
        return Verdict.yes()
    return Verdict.no("只有负责地方设定或政务公开主管的人可以改同义词")


def visible_to(actor: Actor) -> QuerySet[Synonym]:
    """The groups of one's place, ended ones too, for who may change them."""
    rows = Synonym.objects.select_related("by", "ended_by")
    return rows.filter(place_code=actor.place.code) if may_equate(actor) else rows.none()
