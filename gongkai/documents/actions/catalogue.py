"""The catalogue, the negative list, the November self-check, the yearly filing of what is withheld."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from gongkai.documents import facts, policy
from gongkai.documents.actions.release import convert
from gongkai.documents.actions.report import need
from gongkai.documents.models import CatalogueEntry, Document, DocumentQuerySet, NegativeEntry, Reassessment
from gongkai.ledger import actions as ledger
from gongkai.ledger import asks, cycles
from gongkai.ledger.models import Matter
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Unit
from gongkai.ui.refusal import Refused

CHECKED = ("不予公开", "依申请公开")  # what is looked at again every November


@transaction.atomic
def revise_catalogue(
    place: Place, year: int, rows: Sequence[CatalogueEntry], *, unit: Unit | None, by: Actor, at: datetime
) -> int:
    """Write the catalogue of a year anew, of one unit or of the whole place; how many entries it has."""
    policy.may_keep_catalogue(by, unit.pk if unit else None).enforce()
    old = CatalogueEntry.objects.filter(place=place, year=year)
    (old.filter(unit=unit) if unit else old).delete()
    CatalogueEntry.objects.bulk_create(rows, batch_size=500)
    matter = cycles.current(place, "catalogue.revise", "year", at, unit.code if unit else "")
    if matter is not None:
        _record(facts.CATALOGUE_REVISED, matter, by, at, unit=unit.code if unit else "", entries=len(rows))
    return len(rows)


@transaction.atomic
def list_negative(
    unit: Unit, *, by: Actor, at: datetime, item: str, ground: str, reason: str, basis: str = ""
) -> NegativeEntry:
    """Put a matter on the negative list, on a ground of the place's list, with the reason."""
    policy.may_keep_catalogue(by, unit.pk).enforce()
    grounds = asks.values_of(unit.place_id, "disclosure.negative_ground")
    if grounds and ground not in grounds:
        raise Refused("没有这种理由", remedy=f"可选：{'、'.join(grounds)}。")
    return NegativeEntry.objects.create(
        place=unit.place, unit=unit, item=need(item, "没有写事项", "请写事项名称。")[:120], ground=ground,
        reason=need(reason, "没有写理由", "列入负面清单要逐条说明理由。")[:300], basis=basis[:300], from_on=timezone.localdate(at),
    )  # fmt: skip


@transaction.atomic
def strike_negative(entry: NegativeEntry, *, by: Actor, at: datetime) -> NegativeEntry:
    """Take a matter off the negative list; the row stays with its last day."""
    policy.may_keep_catalogue(by, entry.unit_id).enforce()
    entry.until_on = timezone.localdate(at)
    entry.save(update_fields=["until_on"])
    return entry


# ---- the self-check of November ---------------------------------------------------------------------------------


@transaction.atomic
def reassess(
    document: Document, *, by: Actor, at: datetime, year: int, keeps: bool, reason: str, attribute: str = ""
) -> Reassessment:
    """Judge a withheld or often asked-for document again for a year: keep it with a reason, or convert it."""
    document = Document.objects.locked(document)
    policy.may_reassess(by, document).enforce()
    assert by.staff is not None
    reason = need(reason, "没有写理由", "维持还是转公开，都请写明理由。")
    row, _made = Reassessment.objects.update_or_create(
        document=document,
        year=year,
        defaults={"keeps": keeps, "reason": reason[:300], "by": by.staff, "at": at},
    )
    if not keeps:
        convert(document, by=by, at=at, attribute=attribute, reason=reason)
    return row


def to_check(units: Iterable[Unit], year: int) -> DocumentQuerySet:
    """What units have to look at in November of a year: withheld and on-request documents not yet judged again."""
    end = datetime(year, 12, 1, tzinfo=timezone.get_default_timezone())
    found = Document.objects.filter(unit__in=units, attribute__in=CHECKED, issued_at__lt=end)
    return found.exclude(Exists(Reassessment.objects.filter(document=OuterRef("pk"), year=year)))


@transaction.atomic
def finish_self_check(unit: Unit, *, by: Actor, at: datetime, year: int) -> Matter:
    """A unit has looked at everything. Refused while something is left, so that "全面" means all of it."""
    policy.may_keep_catalogue(by, unit.pk).enforce()
    left = to_check([unit], year).count()
    if left:
        raise Refused(f"还有 {left} 件没有判定", remedy="请逐件判定：维持原属性，或转为公开。")
    matter = _self_check(unit, year)
    judged = Reassessment.objects.filter(document__unit=unit, year=year)
    _record(facts.SELF_CHECKED, matter, by, at, unit=unit.code, looked=judged.count(),
            converted=judged.filter(keeps=False).count())  # fmt: skip
    return matter


@transaction.atomic
def report_self_check(unit: Unit, *, by: Actor, at: datetime, year: int) -> Matter:
    """Report the result to the openness office."""
    policy.may_keep_catalogue(by, unit.pk).enforce()
    matter = _self_check(unit, year)
    if not matter.facts.filter(kind=facts.SELF_CHECKED.name).exists():
        raise Refused("自查还没有完成", remedy="请先完成自查，再报告结果。")
    _record(facts.SELF_CHECK_REPORTED, matter, by, at, unit=unit.code)
    return matter


@transaction.atomic
def spot_check(unit: Unit, *, by: Actor, at: datetime, year: int, wrong: int, words: str = "") -> Matter:
    """The openness office looks behind a unit's self-check; what is wrong has to be put right."""
    policy.may_spot_check(by).enforce()
    matter = _self_check(unit, year)
    _record(facts.SPOT_CHECKED, matter, by, at, unit=unit.code, wrong=wrong, words=words[:300])
    return matter


@transaction.atomic
def rectify(unit: Unit, *, by: Actor, at: datetime, year: int, words: str) -> Matter:
    """A unit reports that what a spot check found has been put right."""
    policy.may_keep_catalogue(by, unit.pk).enforce()
    matter = _self_check(unit, year)
    if not matter.facts.filter(kind=facts.SPOT_CHECKED.name).exists():
        raise Refused("还没有抽查", remedy="抽查发现了问题，才需要报告整改。")
    _record(facts.RECTIFIED, matter, by, at, unit=unit.code, words=words[:300])
    return matter


# ---- the withheld catalogue ---------------------------------------------------------------------------------------


@transaction.atomic
def file_withheld(unit: Unit, *, by: Actor, at: datetime, year: int) -> Matter:
    """File a year's catalogue of withheld documents with the office; every entry must have its reason."""
    policy.may_keep_catalogue(by, unit.pk).enforce()
    withheld = Document.objects.withheld().filter(unit=unit, issued_at__year=year)
    if bare := withheld.filter(reason="").count():
        raise Refused(f"有 {bare} 件没有写不予公开的理由", remedy="请逐件补上理由再报备。")
    matter = _needed(unit, "withheld.file", str(year))
    _record(facts.WITHHELD_FILED, matter, by, at, unit=unit.code, entries=withheld.count())
    return matter


@transaction.atomic
def publish_withheld(unit: Unit, *, by: Actor, at: datetime, year: int) -> Matter:
    """Show the filed catalogue of withheld documents to the public, titles that may be named only."""
    policy.may_keep_catalogue(by, unit.pk).enforce()
    matter = _needed(unit, "withheld.file", str(year))
    if not matter.facts.filter(kind=facts.WITHHELD_FILED.name).exists():
        raise Refused("还没有报备", remedy="请先报备，再公布目录。")
    _record(facts.WITHHELD_PUBLISHED, matter, by, at, unit=unit.code)
    return matter


def _self_check(unit: Unit, year: int) -> Matter:
    return _needed(unit, "disclosure.self_check", f"{year}-11")


def _needed(unit: Unit, duty: str, period: str) -> Matter:
    """The matter of a cycle, in which its facts stand also when it is over: last November's are added to in January."""
    matter = cycles.of_period(unit.place, duty, period, unit.code)
    if matter is None:
        raise Refused("现在不在这项工作的周期里", remedy="周期开始后，“我的工作”里会出现这一项。")
    return matter


def _record(kind: Any, matter: Matter, by: Actor, at: datetime, **details: Any) -> None:
    ledger.record(kind, matter=matter, by=by, at=at, details=details)
