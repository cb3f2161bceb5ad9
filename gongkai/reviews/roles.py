"""Whose a step of a chain is: the words packs use, and the power and the unit they stand for."""

from __future__ import annotations

from datetime import date

from gongkai.people.models import Duty, Power, Unit, unit_answering_for

AUTHOR = "author"
OWN: dict[str, str] = {  # somebody of the unit itself
    AUTHOR: Power.DRAFT,
    "section": Power.REVIEW,
    "unit_openness": Power.OPENNESS,
    "unit_secrecy": Power.SECRECY,
    "deputy_head": Power.APPROVE,
    "head": Power.HEAD,
    "publisher": Power.PUBLISH,
}
ELSEWHERE: dict[str, tuple[str, str]] = {  # somebody of the unit that answers for a duty at the place
    "openness_office": (Power.OPENNESS, Duty.OPENNESS),
    "secrecy_office": (Power.SECRECY, Duty.SECRECY),
    "justice": (Power.LEGAL, Duty.JUSTICE),
    "propaganda": (Power.APPROVE, Duty.PROPAGANDA),
    "cyberspace": (Power.APPROVE, Duty.CYBERSPACE),
}


def power_of(role: str) -> str:
    """The power that signs for a role. Raises KeyError for a word no pack may use."""
    return OWN[role] if role in OWN else ELSEWHERE[role][0]


def unit_of(role: str, unit: Unit, on: date) -> Unit:
    """The unit whose step it is; where nobody answers for the duty, the unit itself."""
    if role in OWN:
        return unit
    return unit_answering_for(unit.place, ELSEWHERE[role][1], on) or unit
