"""What holds here: the values a place sets for itself, the rules it signed for, the clauses with what carries them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from gongkai.ledger import asks, clock, lawbook
from gongkai.ledger import clauses as clause_table
from gongkai.ledger import revision as revisions
from gongkai.ledger.models import Matter, Obligation, RulesEdition
from gongkai.ledger.vocabulary import says_of_record
from gongkai.office import actions, local, policy
from gongkai.office.forms import SettingForm
from gongkai.people.desk import OfficeRequest, needs, office_page
from gongkai.people.models import Power
from gongkai.ui.parts import Filter, Option, onward

SHOWN = 10  # changed matters named in a trial
STATES = {"done": "已落实", "not_yet": "尚未落实", "by_people": "由人落实"}
CARRIERS = {
    "duty": "时限",
    "gate": "把关",
    "list": "清单",
    "route": "分工",
    "review": "审签",
    "indicator": "考核",
}


@office_page
@needs(Power.CONFIGURE)
@lawbook.steady()
def settings(request: OfficeRequest) -> HttpResponse:
    """Every value the packs leave to the place, then those they fix."""
    found = local.locals_of(request.actor.place, clock.now())
    page = {"open": [one for one in found if one.is_open], "fixed": [one for one in found if not one.is_open]}
    return render(request, "office/settings.html", page)


@office_page
@needs(Power.CONFIGURE)
def setting(request: OfficeRequest, subject: str, key: str) -> HttpResponse:
    """Change one value: try it first, then set it. A value the regulation fixes is refused with its article."""
    now, actor = clock.now(), request.actor
    today = timezone.localdate(now)
    one = local.local_of(actor.place, subject, key, now)
    if one is None:
        raise Http404
    local.may_set(one).enforce()
    raw = None if key == local.VALUES else local.raw_of(actor.place, subject, key, today)
    form = SettingForm(request.POST or None, key=key, raw=raw, today=today, choice=one.choice)
    page: dict[str, Any] = {"one": one, "form": form, "told": one.told}
    if form.is_valid():
        given = {"from_on": form.cleaned_data["from_on"], "by": actor, "at": now}
        if request.POST.get("act") == "save":
            row, changed = actions.set_locally(subject, key, form.value, **given)
            told = "" if one.choice else f"{changed} 件在办事项的期限随之变化。"
            since = f"自{row.from_on.year}年{row.from_on.month}月{row.from_on.day}日起"
            messages.success(request, f"已保存，{since}。{told}")
            return redirect("office:settings")
        touched, changed_pks = actions.try_out(subject, key, form.value, **given)
        page |= {
            "tried": True,
            "value": local.value_zh(key, form.value),
            "from_on": form.cleaned_data["from_on"],
            "effect": one.choice.effect(actor.place, form.value, now) if one.choice else "",
            "touched": touched,
            "changed": len(changed_pks),
            "named": Matter.objects.filter(pk__in=changed_pks[:SHOWN]),
        }
    return render(request, "office/setting.html", page, status=422 if form.errors else 200)


@office_page
@needs(Power.CONFIGURE)
@lawbook.steady()
@lawbook.proposed()
def revision(request: OfficeRequest) -> HttpResponse:
    """What the rules in use would change in what is written, a page at a time; and the signature for it."""
    now, place = clock.now(), request.actor.place
    if request.method == "POST":
        signed = actions.sign_revision(request.POST.get("version", ""), by=request.actor, at=now)
        messages.success(request, f"已签字，重算 {signed.matters} 件，{signed.changed} 件有变化。")
        return redirect("office:revision")
    after = request.GET.get("page", "")
    found = revisions.page(place, now, after=int(after) if after.isdigit() else 0)
    units: dict[int | None, str] = dict(place.units.values_list("pk", "short_name")) if found.rows else {}
    states = dict(Obligation.States.choices)
    page = {
        "rows": [
            (matter, [_told(place.code, change, units, states) for change in changes])
            for matter, changes in found.rows
        ],
        "seen": found.seen,
        "affected": revisions.affected(place).count(),
        "version": lawbook.version(place.code),
        "editions": RulesEdition.objects.filter(place=place).select_related("by").order_by("-id")[:SHOWN],
    } | onward(request, found.after, "page")
    return render(request, "office/revision.html", page)


def _told(
    place: str, change: revisions.Change, units: Mapping[int | None, str], states: Mapping[str, str]
) -> dict[str, Any]:
    """A change in words: the duty, its times, and what else differs."""
    others = [
        f"{was or '没有'} → {will or '没有'}"
        for was, will in (
            (states.get(change.old_state, ""), states.get(change.state, "")),
            (units.get(change.old_unit, ""), units.get(change.unit, "")),
        )
        if was != will
    ]
    return {
        "says": asks.says_of(place, change.duty),
        "unit": units.get(change.unit or change.old_unit, ""),
        "was": change.old_due,
        "will": change.due,
        "others": others,
    }


@office_page
@needs(*policy.OVER_ALL, Power.CONFIGURE)
@lawbook.steady()
def clauses(request: OfficeRequest) -> HttpResponse:
    """Every clause that holds here, what carries it out and what proves it."""
    place = request.actor.place.code
    rows = list(clause_table.table(lawbook.rules(place).packs))
    state, pack = request.GET.get("state", ""), request.GET.get("pack", "")
    counts = Counter(row.state for row in rows)
    packs = {row.pack: row.title for row in rows}
    shown = [row for row in rows if state in ("", row.state) and pack in ("", row.pack)]
    page = {
        "rows": [
            (row, STATES[row.state], [_carrier(place, name) for name in row.carried_by]) for row in shown
        ],
        "counts": counts,
        "total": len(rows),
        "filters": [
            Filter(
                "state",
                "落实情况",
                [
                    Option("", "全部", len(rows)),
                    *(Option(id, word, counts[id]) for id, word in STATES.items()),
                ],
            ),
            Filter(
                "pack", "规章", [Option("", "所有规章"), *(Option(id, title) for id, title in packs.items())]
            ),
        ],
    }
    return render(request, "office/clauses.html", page)


def _carrier(place: str, name: str) -> str:
    """What carries a clause out, in words: 时限：办完并答复来信人."""
    kind, _, id = name.partition(":")
    rules = lawbook.rules(place)
    match kind:
        case "duty":
            return f"时限：{asks.says_of(place, id)}"
        case "record":
            return f"记录：{says_of_record(id)}"
        case "list" if id in rules.lists:
            return f"清单：{rules.lists[id].says or id}"
        case "gate":
            return f"把关：{next((gate.says for gate in rules.gates if gate.id == id), id)}"
        case "route" if id in rules.routes:
            return f"分工：{rules.routes[id][0][1].says or id}"
        case "page":
            return "页面"
    return CARRIERS.get(kind, kind)
