"""The proactive catalogue of a year, the negative list, the withheld catalogue, the self-check of November."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from gongkai.documents import actions, facts, policy
from gongkai.documents import catalogue as tables
from gongkai.documents.forms import catalogue as forms
from gongkai.documents.models import CatalogueEntry, Document, NegativeEntry, Reassessment
from gongkai.ledger import clock, cycles, lawbook
from gongkai.ledger.models import Matter
from gongkai.people.desk import OfficeRequest, needs, office_page
from gongkai.people.models import Power, Unit
from gongkai.ui import sheets
from gongkai.ui.parts import Filter, Option
from gongkai.ui.refusal import Verdict

KEEPERS = (Power.OPENNESS, Power.OVERSEE)
WITHHELD, SELF_CHECK = "withheld.file", "disclosure.self_check"
WHY = {"不予公开": "每年再看是否还不能公开", "依申请公开": "每年再看能不能转为主动公开"}
"""Why the self-check asks for a document again, by its attribute."""


def _year(request: OfficeRequest, default: int | None = None) -> int:
    """The year that is asked for, the running one by default."""
    given = request.GET.get("year", "")
    is_year = given.isdigit() and 1990 <= int(given) <= 2100
    return int(given) if is_year else default or clock.today().year


def _years(request: OfficeRequest, duty: str, units: Sequence[Unit]) -> tuple[int, list[int]]:
    """The year asked for of a yearly duty of units, and all there are, the last first. One query.

    Not asked for it is the last year in which something is still owed, so that last November is finished in January.
    """
    running, years = clock.today().year, cycles.years(request.actor.place, duty, units)
    year = _year(request, max((one for one, is_owed in years.items() if is_owed), default=running))
    return year, sorted({running, year, *years}, reverse=True)


def _back(page: str, code: str, year: int) -> HttpResponse:
    return redirect(f"{reverse(page, args=[code])}?year={year}")


def _entries(request: OfficeRequest, year: int) -> QuerySet[CatalogueEntry]:
    return CatalogueEntry.objects.filter(place=request.actor.place, year=year).select_related("unit")


# ---- the proactive catalogue -------------------------------------------------------------------------------------


@office_page
def catalogue(request: OfficeRequest) -> HttpResponse:
    """The catalogue of a year, by area; of one unit if one is chosen."""
    return _catalogue(request)


def _catalogue(
    request: OfficeRequest,
    *,
    form: forms.CatalogueFileForm | None = None,
    bad: Sequence[tables.BadRow] = (),
) -> HttpResponse:
    year, kept = _year(request), policy.kept_units(request.actor)
    every = _entries(request, year)
    found = every.filter(unit__code=code) if (code := request.GET.get("unit", "")) else every
    units = every.order_by("unit_id").values_list("unit__code", "unit__short_name").annotate(n=Count("pk"))
    years = (
        CatalogueEntry.objects.filter(place=request.actor.place)
        .order_by("-year")
        .values_list("year", flat=True)
    )
    options = [Option(str(one), f"{one}年") for one in sorted({year, *years.distinct()}, reverse=True)]
    keeps = set(kept.values_list("pk", flat=True))
    page = {
        "year": year,
        "areas": [
            (area, [(row, row.unit_id in keeps) for row in rows])
            for area, rows in groupby(found, lambda row: row.area)
        ],
        "filters": [
            Filter("year", "年度", options),
            Filter("unit", "公开主体", [Option("", "全部", len(every)), *(Option(*one) for one in units)]),
        ],
        "may_keep": bool(keeps),
        "last": _entries(request, year - 1).filter(unit__in=keeps).count(),
        "file_form": form or forms.CatalogueFileForm(),
        "bad": bad[: tables.SHOWN],
        "count_bad": len(bad),
    }
    return render(
        request, "documents/catalogue.html", page, status=422 if bad or (form and form.errors) else 200
    )


@office_page
@needs(*KEEPERS)
def entry_new(request: OfficeRequest) -> HttpResponse:
    """Add a row to the catalogue of a year."""
    return _entry(request, None)


@office_page
@needs(*KEEPERS)
def entry(request: OfficeRequest, pk: int) -> HttpResponse:
    """Change a row of the catalogue."""
    kept = CatalogueEntry.objects.filter(place=request.actor.place, unit__in=policy.kept_units(request.actor))
    return _entry(request, get_object_or_404(kept.select_related("unit"), pk=pk))


def _entry(request: OfficeRequest, row: CatalogueEntry | None) -> HttpResponse:
    units = policy.kept_units(request.actor)
    if row is not None:
        units = units.filter(pk=row.unit_id)
    start = {name: getattr(row, name) for name in tables.FIELDS} if row else {}
    form = forms.EntryForm(request.POST or None, actor=request.actor, units=units, initial=start)
    year = row.year if row else _year(request)
    if form.is_valid():
        given = form.cleaned_data
        rest = [
            one
            for one in _entries(request, year).filter(unit=given["unit"])
            if row is None or one.pk != row.pk
        ]
        key = (given["area"], given["item"], given["subitem"])
        if any((one.area, one.item, one.subitem) == key for one in rest):
            form.add_error("item", "这个单位今年的目录里已经有同名的事项。")
        else:
            changed = CatalogueEntry(place=request.actor.place, year=year, **given)
            _revise(request, year, [*rest, changed], given["unit"])
            messages.success(request, "目录已更新。")
            return _to_year(year)
    page = {
        "heading": "修改目录条目" if row else "增加目录条目", "note": f"{year}年主动公开目录", "form": form, "label": "保存",
        "back": "documents:catalogue", "back_word": "主动公开目录",
        "removal": reverse("documents:entry_removal", args=[row.pk]) if row else "",
    }  # fmt: skip
    return render(request, "documents/form.html", page, status=422 if form.errors else 200)


@require_POST
@office_page
@needs(*KEEPERS)
def entry_removal(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take a row out of the catalogue; a second click finds it gone."""
    kept = CatalogueEntry.objects.filter(place=request.actor.place, unit__in=policy.kept_units(request.actor))
    row = get_object_or_404(kept.select_related("unit"), pk=pk)
    rest = list(_entries(request, row.year).filter(unit=row.unit).exclude(pk=row.pk))
    _revise(request, row.year, rest, row.unit)
    messages.success(request, f"已从目录里删除“{row}”。")
    return _to_year(row.year)


@require_POST
@office_page
@needs(*KEEPERS)
def copy(request: OfficeRequest) -> HttpResponse:
    """Begin the catalogue of a year with last year's rows; units that have rows already keep theirs."""
    year = _year(request)
    there = _entries(request, year).values("unit")
    units = policy.kept_units(request.actor).exclude(pk__in=there)
    count = 0
    for unit in units:
        if rows := list(_entries(request, year - 1).filter(unit=unit)):
            count += _revise(request, year, rows, unit)
    messages.success(request, f"从{year - 1}年照抄了 {count} 条。" if count else "没有可以照抄的条目。")
    return _to_year(year)


@require_POST
@office_page
@needs(*KEEPERS)
def import_(request: OfficeRequest) -> HttpResponse:
    """Write the catalogue of a year from a table: of the whole place, or of one's own unit. One bad row, no change."""
    form = forms.CatalogueFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _catalogue(request, form=form)
    year, file = _year(request), form.cleaned_data["file"]
    kept = list(policy.kept_units(request.actor))
    named = {name: unit for unit in kept for name in (unit.short_name, unit.name)}
    rows, bad = tables.read(file.name, file.read(), place=request.actor.place, year=year, units=named)
    if bad:
        return _catalogue(request, bad=bad)
    if request.actor.may(Power.OVERSEE):
        count = _revise(request, year, rows, None)
    else:
        count = sum(_revise(request, year, [r for r in rows if r.unit_id == unit.pk], unit) for unit in kept)
    messages.success(request, f"{year}年的目录已按表格更新，共 {count} 条。")
    return _to_year(year)


@office_page
def export_(request: OfficeRequest) -> HttpResponse:
    """The catalogue of a year in the fields of the standard table, as CSV or XLSX."""
    year = _year(request)
    found = _entries(request, year)
    if code := request.GET.get("unit", ""):
        found = found.filter(unit__code=code)
    name, rows = f"主动公开目录-{year}", tables.lines(found)
    return sheets.as_xlsx(name, rows) if request.GET.get("as") == "xlsx" else sheets.as_csv(name, rows)


def _revise(request: OfficeRequest, year: int, rows: Sequence[CatalogueEntry], unit: Unit | None) -> int:
    """Write the rows of a unit, or of the place, anew as rows of a year."""
    for row in rows:
        row.pk, row.year = None, year
    return actions.revise_catalogue(
        request.actor.place, year, rows, unit=unit, by=request.actor, at=clock.now()
    )


def _to_year(year: int) -> HttpResponse:
    return redirect(f"{reverse('documents:catalogue')}?year={year}")


# ---- the negative list -------------------------------------------------------------------------------------------


@office_page
def negative(request: OfficeRequest) -> HttpResponse:
    """What is not disclosed, by unit, with the reason; a form for a new entry; what has been taken off."""
    kept = policy.kept_units(request.actor)
    form = forms.NegativeForm(request.POST or None, actor=request.actor, units=kept)
    if form.is_valid():
        given = dict(form.cleaned_data)
        actions.list_negative(given.pop("unit"), by=request.actor, at=clock.now(), **given)
        messages.success(request, "已列入负面清单。")
        return redirect("documents:negative")
    rows = NegativeEntry.objects.filter(unit__in=policy.seen_units(request.actor)).select_related("unit")
    keeps = set(kept.values_list("pk", flat=True))
    page = {
        "rows": [(row, row.unit_id in keeps) for row in rows if row.until_on is None],
        "struck": [row for row in rows if row.until_on],
        "form": form if keeps else None,
    }
    return render(request, "documents/negative.html", page, status=422 if form.errors else 200)


@require_POST
@office_page
@needs(*KEEPERS)
def negative_removal(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take an entry off the negative list."""
    kept = NegativeEntry.objects.filter(unit__in=policy.kept_units(request.actor))
    row = get_object_or_404(kept, pk=pk)
    if row.until_on is None:
        actions.strike_negative(row, by=request.actor, at=clock.now())
    messages.success(request, f"“{row.item}”已移出负面清单。")
    return redirect("documents:negative")


# ---- the withheld catalogue --------------------------------------------------------------------------------------


def _unit(request: OfficeRequest, code: str) -> Unit:
    return get_object_or_404(policy.seen_units(request.actor), code=code)


@office_page
@lawbook.steady()
def withheld(request: OfficeRequest) -> HttpResponse:
    """The withheld catalogues of a year, a line a unit; straight to one's own when there is only one."""
    units = list(policy.seen_units(request.actor))
    if len(units) == 1:
        return redirect("documents:withheld_unit", units[0].code)
    year, years = _years(request, WITHHELD, units)
    counts = dict(
        Document.objects.withheld().filter(unit__in=units, issued_at__year=year).order_by()
        .values_list("unit").annotate(n=Count("pk"))
    )  # fmt: skip
    done = _done(request, WITHHELD, str(year))
    rows = [
        (
            unit,
            counts.get(unit.pk, 0),
            done.get(unit.pk, {}).get(facts.WITHHELD_FILED.name),
            done.get(unit.pk, {}).get(facts.WITHHELD_PUBLISHED.name),
        )
        for unit in units
    ]
    return render(request, "documents/withheld.html", {"year": year, "years": years, "rows": rows})


@office_page
@lawbook.steady()
def withheld_unit(request: OfficeRequest, code: str) -> HttpResponse:
    """What a unit has issued in a year and withholds, each with its reason; file it, publish it."""
    unit = _unit(request, code)
    year, years = _years(request, WITHHELD, [unit])
    seen = policy.visible_to(request.actor).withheld().filter(unit=unit, issued_at__year=year)
    done = _done(request, WITHHELD, str(year)).get(unit.pk)
    may = policy.may_keep_catalogue(request.actor, unit.pk)
    filed = (done or {}).get(facts.WITHHELD_FILED.name)
    shown = (done or {}).get(facts.WITHHELD_PUBLISHED.name)
    page = {
        "unit": unit,
        "year": year,
        "years": years,
        "rows": seen.select_related("matter").order_by("issued_at"),
        "filed": filed,
        "shown": shown,
        "may_file": _in_cycle(may, done),
        "may_publish": _in_cycle(may, done) if filed or not may else Verdict.no("先报备，再公布目录"),
    }
    return render(request, "documents/withheld_unit.html", page)


def _pressed(act: Callable[..., object], said: str, page: str, duty: str) -> Callable[..., HttpResponse]:
    """A door for what a unit does with one press in a year of a duty: the act, what is said after it, the page one is
    back on.
    """

    @require_POST
    @office_page
    @needs(*KEEPERS)
    @lawbook.steady()
    def door(request: OfficeRequest, code: str) -> HttpResponse:
        unit = _unit(request, code)
        year, _ = _years(request, duty, [unit])
        act(unit, by=request.actor, at=clock.now(), year=year)
        messages.success(request, said)
        return _back(page, code, year)

    return door


filing = _pressed(actions.file_withheld, "已报备。", "documents:withheld_unit", WITHHELD)
"""File the withheld catalogue of a unit with the office."""


publication = _pressed(actions.publish_withheld, "已公布不予公开目录。", "documents:withheld_unit", WITHHELD)
"""Show the filed catalogue to the public."""


def _done(request: OfficeRequest, duty: str, period: str) -> dict[int, dict[str, Any]]:
    """By unit, the last fact of each kind in a cycle of a duty; units that are not in it are not there. Two queries."""
    number = f"ZQ-{request.actor.place.code}-{duty}-{period}"
    found = Matter.objects.filter(
        place=request.actor.place, room=cycles.ROOM, number__startswith=number[:64], unit__isnull=False
    )
    return {
        matter.unit_id: {fact.kind: fact for fact in matter.facts.all()}
        for matter in found.prefetch_related("facts__by")
        if matter.unit_id
    }


def _in_cycle(may: Verdict, done: dict[str, Any] | None) -> Verdict:
    if may and done is None:
        return Verdict.no("现在不在这项工作的周期里，周期开始后“我的工作”里会出现")
    return may


# ---- the self-check of November ----------------------------------------------------------------------------------


@office_page
@lawbook.steady()
def self_checks(request: OfficeRequest) -> HttpResponse:
    """All units with what is left to judge and how far they have come; straight to one's own when there is only one."""
    units = list(policy.seen_units(request.actor))
    if len(units) == 1:
        return redirect("documents:self_check", units[0].code)
    year, years = _years(request, SELF_CHECK, units)
    left = dict(actions.to_check(units, year).order_by().values_list("unit").annotate(n=Count("pk")))
    looked = dict(
        Reassessment.objects.filter(year=year, document__unit__in=units).order_by()
        .values_list("document__unit").annotate(n=Count("pk"))
    )  # fmt: skip
    done = _done(request, SELF_CHECK, f"{year}-11")
    rows = [(unit, left.get(unit.pk, 0), looked.get(unit.pk, 0), _state(done.get(unit.pk))) for unit in units]
    page = {"year": year, "years": years, "rows": rows, "is_running": bool(done)}
    return render(request, "documents/self_checks.html", page)


def _state(done: dict[str, Any] | None) -> str:
    """How far a unit has come, in one word."""
    done = done or {}
    found = done.get(facts.SPOT_CHECKED.name)
    if found and found.details.get("wrong") and facts.RECTIFIED.name not in done:
        return f"抽查发现 {found.details['wrong']} 件，整改中"
    for kind, word in (
        (facts.RECTIFIED, "已整改"), (facts.SPOT_CHECKED, "抽查没有问题"), (facts.SELF_CHECK_REPORTED, "已报告"),
        (facts.SELF_CHECKED, "已自查，待报告"),
    ):  # fmt: skip
        if kind.name in done:
            return word
    return "没有完成"


@office_page
@lawbook.steady()
def self_check(request: OfficeRequest, code: str) -> HttpResponse:
    """What a unit withholds or discloses on request only, to be judged again one by one, and what follows."""
    return _self_check(request, _unit(request, code))


def _self_check(
    request: OfficeRequest,
    unit: Unit,
    *,
    spot: forms.SpotCheckForm | None = None,
    mend: forms.RectificationForm | None = None,
) -> HttpResponse:
    year, years = _years(request, SELF_CHECK, [unit])
    seen = policy.visible_to(request.actor)
    found = actions.to_check([unit], year).filter(pk__in=seen.values("pk")).select_related("matter")
    left = list(found.order_by("issued_at"))
    before = Reassessment.objects.filter(document__in=left, year__lt=year, keeps=True).order_by("year")
    kept = {row.document_id: row for row in before}
    done = _done(request, SELF_CHECK, f"{year}-11").get(unit.pk)
    may = _in_cycle(policy.may_keep_catalogue(request.actor, unit.pk), done)
    kinds = done or {}
    wrong = kinds[facts.SPOT_CHECKED.name].details.get("wrong") if facts.SPOT_CHECKED.name in kinds else 0
    is_checked = facts.SELF_CHECKED.name in kinds
    page = {
        "unit": unit,
        "year": year,
        "years": years,
        "left": [(document, WHY[document.attribute], kept.get(document.pk)) for document in left],
        "judged": Reassessment.objects.filter(document__unit=unit, year=year).select_related("document__matter", "by"),
        "is_running": done is not None,
        "state": _state(done),
        "may_judge": policy.may_keep_catalogue(request.actor, unit.pk),
        "may_finish": Verdict.no(f"还有 {len(left)} 件没有判定") if may and left else may,
        "may_report": may if is_checked or not may else Verdict.no("先完成自查"),
        "is_checked": is_checked,
        "is_reported": facts.SELF_CHECK_REPORTED.name in kinds,
        "spot": (spot or forms.SpotCheckForm()) if policy.may_spot_check(request.actor) and done is not None else None,
        "mend": (mend or forms.RectificationForm()) if wrong and facts.RECTIFIED.name not in kinds and may else None,
        "events": list(kinds.values()),
    }  # fmt: skip
    bad = (spot and spot.errors) or (mend and mend.errors)
    return render(request, "documents/self_check.html", page, status=422 if bad else 200)


@office_page
@needs(*KEEPERS)
@lawbook.steady()
def judgement(request: OfficeRequest, code: str, number: str) -> HttpResponse:
    """Judge one document again: keep its attribute with a reason, or convert it."""
    unit = _unit(request, code)
    seen = policy.visible_to(request.actor).select_related("matter", "unit", "edition")
    document = get_object_or_404(seen, matter__number=number, unit=unit)
    form = forms.ReassessmentForm(request.POST or None, document=document)
    year, _ = _years(request, SELF_CHECK, [unit])
    if form.is_valid():
        if not Reassessment.objects.filter(document=document, year=year, keeps=False).exists():
            actions.reassess(document, by=request.actor, at=clock.now(), year=year, **form.cleaned_data)
        messages.success(request, f"《{document.title}》已判定。")
        return _back("documents:self_check", code, year)
    page = {
        "document": document,
        "unit": unit,
        "year": year,
        "form": form,
        "verdict": policy.may_reassess(request.actor, document),
    }
    return render(request, "documents/judgement.html", page, status=422 if form.errors else 200)


completion = _pressed(
    actions.finish_self_check, "自查已完成，请报告结果。", "documents:self_check", SELF_CHECK
)
"""The unit has looked at everything."""


report = _pressed(actions.report_self_check, "自查结果已报告。", "documents:self_check", SELF_CHECK)
"""Report the result to the openness office."""


@require_POST
@office_page
@needs(Power.OVERSEE)
@lawbook.steady()
def spot_check(request: OfficeRequest, code: str) -> HttpResponse:
    """The openness office looks behind a unit's self-check."""
    unit, form = _unit(request, code), forms.SpotCheckForm(request.POST)
    if not form.is_valid():
        return _self_check(request, unit, spot=form)
    year, _ = _years(request, SELF_CHECK, [unit])
    actions.spot_check(unit, by=request.actor, at=clock.now(), year=year, **form.cleaned_data)
    messages.success(request, "抽查结果已记下。")
    return _back("documents:self_check", code, year)


@require_POST
@office_page
@needs(*KEEPERS)
@lawbook.steady()
def rectification(request: OfficeRequest, code: str) -> HttpResponse:
    """A unit says that what was found has been put right."""
    unit, form = _unit(request, code), forms.RectificationForm(request.POST)
    if not form.is_valid():
        return _self_check(request, unit, mend=form)
    year, _ = _years(request, SELF_CHECK, [unit])
    actions.rectify(unit, by=request.actor, at=clock.now(), year=year, **form.cleaned_data)
    messages.success(request, "整改情况已记下。")
    return _back("documents:self_check", code, year)
