"""Everything a unit has in one spreadsheet: its documents, catalogue, services, negative list, a sheet each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from io import BytesIO

from django.db.models import Q
from django.utils import timezone

from gongkai.documents import export, policy
from gongkai.documents.models import CatalogueEntry, NegativeEntry, Service
from gongkai.people.actor import Actor
from gongkai.people.models import Unit
from gongkai.ui.sheets import Cells, harmless

CATALOGUE = (
    "年度", "领域", "一级事项", "二级事项", "五公开", "公开内容（要素）", "公开依据", "公开时限", "公开主体", "公开渠道和载体", "公开对象", "公开方式",
    "公开层级",
)  # fmt: skip
SERVICES = (
    "事项名称", "事项类型", "领域", "设定依据", "申请条件", "办理材料", "办理时限", "收费", "办理地点", "咨询电话", "在线办理", "更新时间",
)  # fmt: skip
NEGATIVE = ("事项", "理由类别", "理由", "依据", "列入日期", "移出日期")


def of(unit: Unit, actor: Actor) -> bytes:
    """An XLSX with what the actor may see of a unit of their place. Four queries."""
    from openpyxl import Workbook  # a fifth of a second to load: only where a sheet is asked for

    book = Workbook(write_only=True)
    for name, lines in _sheets(unit, actor):
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for line in lines:
            sheet.append([harmless(cell) for cell in line])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _sheets(unit: Unit, actor: Actor) -> Iterator[tuple[str, Iterable[Cells]]]:
    documents = policy.visible_to(actor).filter(Q(unit=unit) | Q(issuer=unit))
    yield "公文", export.lines(documents.select_related("matter", "unit", "issuer").order_by("-id"))
    yield "主动公开目录", _catalogue(unit)
    yield "服务事项", _services(unit)
    yield "负面清单", _negative(unit)


def _catalogue(unit: Unit) -> Iterator[Cells]:
    yield CATALOGUE
    for one in (
        CatalogueEntry.objects.filter(unit=unit)
        .select_related("unit")
        .order_by("-year", "area", "item", "subitem")
    ):
        yield (
            one.year, one.area, one.item, one.subitem, one.openness, one.content, one.basis, one.limit, one.unit.name,
            one.channels, one.audience, one.manner, one.level,
        )  # fmt: skip


def _services(unit: Unit) -> Iterator[Cells]:
    yield SERVICES
    for one in Service.objects.filter(unit=unit):
        yield (
            one.name, one.kind, one.area, one.basis, one.conditions, one.materials, one.limit, one.fee, one.where,
            one.phone, one.address, f"{timezone.localtime(one.updated_at):%Y-%m-%d %H:%M}",
        )  # fmt: skip


def _negative(unit: Unit) -> Iterator[Cells]:
    yield NEGATIVE
    for one in NegativeEntry.objects.filter(unit=unit):
        yield one.item, one.ground, one.reason, one.basis, _day(one.from_on), _day(one.until_on)


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""
