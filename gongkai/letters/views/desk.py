"""What the desk does beside single letters: hot issues, samples to check again, what was learned, templates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gongkai.ledger import clock, cycles, lawbook
from gongkai.letters import actions, asks, forms, issues, learning, policy
from gongkai.letters.models import DONE, Learned, Letter, LetterQuerySet, Stage, Trust
from gongkai.people.desk import OfficeRequest, needs, office_page
from gongkai.people.models import Power, Unit

MANY = 100  # issues on a page
WATCHED = timedelta(days=90)  # how far back it is counted what became of what the system filled in


# ---- hot issues ------------------------------------------------------------------------------------------------


@office_page
@needs(Power.ASSIGN, Power.OVERSEE, Power.LEAD)
@lawbook.steady()
def issues_(request: OfficeRequest) -> HttpResponse:
    """What many people write about, the hottest first; grouped anew on demand."""
    actor, now = request.actor, clock.now()
    if request.method == "POST":
        policy.may_group(actor).enforce()
        count = issues.regroup(actor.place, now)
        messages.success(request, f"已重新归并，共 {count} 个热点问题。")
        return redirect("letters:issues")
    found = list(asks.issues(policy.visible_to(actor), actor)[:MANY])
    page = {
        "issues": found,
        "grouped_at": found[0].grouped_at if found else None,
        "now": now,
        "days": issues.WINDOW.days,
    }
    return render(request, "letters/issues.html", page)


@office_page
@needs(Power.ASSIGN, Power.OVERSEE, Power.LEAD)
@lawbook.steady()
def issue(request: OfficeRequest, pk: int) -> HttpResponse:
    """The letters behind a hot issue: merge them, or say that one of them is another matter."""
    actor, now = request.actor, clock.now()
    seen = policy.visible_to(actor)
    found = get_object_or_404(asks.issues(seen, actor), pk=pk)
    letters = seen.filter(issues=found).order_by("received_at", "pk")
    working = list(letters.working().exclude(stage=Stage.SIGNING).select_related("matter"))
    page = {
        "issue": found,
        "rows": asks.Rows(asks.rows_of(list(asks.listed(letters)), now)),
        "working": working if len(working) > 1 else [],
        "verdict": policy.may_merge(actor, working[1], working[0]) if len(working) > 1 else None,
        "now": now,
        "detect_url": _detect(letters) if actor.may(Power.WATCH) or actor.may(Power.ASSIGN) else "",
    }
    return render(request, "letters/issue.html", page)


def _detect(letters: LetterQuerySet) -> str:
    """Where an issue is registered as an event of opinion, from its newest letter that is no report."""
    newest = (
        letters.filter(is_protected=False)
        .order_by("-received_at", "-pk")
        .values_list("matter__number", flat=True)
    )
    return f"{reverse('opinion:detect')}?{urlencode({'from': newest[0]})}" if newest else ""


@require_POST
@office_page
@needs(Power.ASSIGN, Power.OVERSEE)
@lawbook.steady()
def issue_merge(request: OfficeRequest, pk: int) -> HttpResponse:
    """Merge the chosen letters of an issue into the one chosen as the main letter."""
    seen = policy.visible_to(request.actor)
    found = get_object_or_404(asks.issues(seen, request.actor), pk=pk)
    behind = seen.filter(issues=found)
    main = get_object_or_404(behind.select_related("matter"), matter__number=request.POST.get("into", ""))
    chosen = behind.filter(matter__number__in=request.POST.getlist("letters")).exclude(pk=main.pk)
    count = actions.merge_all(chosen, main, by=request.actor, at=clock.now())
    messages.success(request, f"已把 {count} 封并入 {main.number}。")
    return redirect("letters:letter", main.number)


@require_POST
@office_page
@needs(Power.ASSIGN, Power.OVERSEE)
@lawbook.steady()
def issue_split(request: OfficeRequest, pk: int) -> HttpResponse:
    """One of the letters is about something else: said of it and every other letter of the issue, and kept to."""
    seen, now = policy.visible_to(request.actor), clock.now()
    found = get_object_or_404(asks.issues(seen, request.actor), pk=pk)
    other = get_object_or_404(seen.filter(issues=found), matter__number=request.POST.get("letter", ""))
    actions.set_apart(other, found, by=request.actor, at=now)
    issues.regroup(request.actor.place, now)
    messages.success(request, "已记下：不是一件事，以后也不会归到一起。")
    return redirect("letters:issues")


# ---- samples ---------------------------------------------------------------------------------------------------


@office_page
@lawbook.steady()
def sample(request: OfficeRequest) -> HttpResponse:
    """Letters drawn to be checked again, and the monthly drawing."""
    actor, now = request.actor, clock.now()
    first = timezone.localtime(now).replace(day=1)
    last_month = (first - timedelta(days=1)).replace(day=1).date()
    form = forms.SampleForm(request.POST if request.method == "POST" else None, initial={"since": last_month})
    if form.is_valid():
        drawn = actions.draw_sample(actor.place, by=actor, at=now, **form.given)
        messages.success(
            request,
            f"抽中 {len(drawn)} 封，已通知承办单位复查。" if drawn else "没有可抽的已答复来信，已记录。",
        )
        return redirect("letters:sample")
    cycle = cycles.current(actor.place, "letter.sample", "month", now)
    drawn_already = cycle.facts.filter(kind="letter.sample_drawn").order_by("-id") if cycle else ()
    letters = asks.listed(asks.sampled(policy.visible_to(actor)))[:200]
    page = {
        "form": form,
        "verdict": policy.may_draw_sample(actor),
        "rows": asks.Rows(asks.rows_of(list(letters), now)),
        "drawn": list(drawn_already),
        "now": now,
    }
    return render(request, "letters/sample.html", page, status=422 if form.errors else 200)


# ---- what was learned ------------------------------------------------------------------------------------------


@office_page
@needs(Power.OVERSEE, Power.CONFIGURE)
def learning_(request: OfficeRequest) -> HttpResponse:
    """What was learned from the place's answered letters and how well it does on letters it had not seen."""
    place = request.actor.place
    if request.method == "POST":
        policy.may_train(request.actor).enforce()
        learned = learning.train(place, clock.now())
        if learned is None:
            messages.warning(request, "已答复并分好类的来信太少，还不能训练；继续按提示词和职责清单建议。")
        else:
            messages.success(request, f"用 {learned.letters} 封来信训练完毕，新的建议已经生效。")
        return redirect("letters:learning")
    return _learning_page(request)


@require_POST
@office_page
@needs(Power.OVERSEE, Power.CONFIGURE)
def trust(request: OfficeRequest) -> HttpResponse:
    """Let the system fill in a field of new letters from a confidence on, or stop it."""
    form = forms.TrustForm(request.POST, prefix=request.POST.get("field", ""))
    if not form.is_valid():
        return _learning_page(request, form)
    row = actions.trust(request.actor.place, **form.given, by=request.actor, at=clock.now())
    done = f"把握不低于 {row.confidence:.0%} 的自动填写，分类时可以改" if row.confidence else "不再自动填写"
    messages.success(request, f"{row.get_what_display()}：{done}。")
    return redirect("letters:learning")


def _learning_page(request: OfficeRequest, wrong: forms.TrustForm | None = None) -> HttpResponse:
    """The page of what was learned; `wrong` is a form with errors, drawn in the place of its field's own."""
    place, now = request.actor.place, clock.now()
    newest = Learned.objects.filter(place=place).defer("model").first()
    units = dict(Unit.objects.filter(place=place).values_list("code", "short_name")) if newest else {}
    done = Letter.objects.filter(place=place, stage__in=DONE)
    targets = [_target(name, figures, units) for name, figures in newest.report.items()] if newest else []
    in_force, kept = learning.in_force(place), learning.kept_since(place, now - WATCHED)
    for target in targets:
        target |= {
            "setting": in_force.get(target["what"]),
            "kept": kept.get(target["what"]),
            "form": _trust_form(target["what"], in_force.get(target["what"]), wrong),
        }
    page = {
        "learned": newest,
        "targets": targets,
        "may_trust": policy.may_trust(request.actor),
        "watched": WATCHED.days,
        "confidences": ["把握不低于", "占来信", "对的占"],
        "answered": done.count(),
        "since": done.filter(answered_at__gt=newest.trained_at).count() if newest else 0,
        "heads": ["类别", "封数", "建议对的占", "找出来的占"],
        "history": Learned.objects.filter(place=place).defer("model", "report")[:10],
        "trusts": Trust.objects.filter(place=place).select_related("by")[:20],
    }
    return render(request, "letters/learning.html", page, status=422 if wrong else 200)


def _trust_form(what: str, setting: Trust | None, wrong: forms.TrustForm | None) -> forms.TrustForm:
    if wrong is not None and wrong.prefix == what:
        return wrong
    least = round(setting.confidence * 100) if setting and setting.confidence else None
    return forms.TrustForm(prefix=what, initial={"what": what, "confidence": least})


def _target(name: str, figures: dict[str, Any], units: dict[str, str]) -> dict[str, Any]:
    """The figures of one target as the page shows them, its labels in the order of their number."""
    labels = sorted(figures["labels"], key=lambda one: (-one["letters"], one["label"]))
    rows = [
        [
            units.get(one["label"], one["label"]),
            one["letters"],
            *(f"{one[k]:.0%}" for k in ("precision", "recall")),
        ]
        for one in labels
    ]
    sure = [one for one in figures["coverage"] if one["share"] > 0]
    sure_from = [
        [f"{one['confidence']:.0%}", f"{one['share']:.0%}", "没有" if one["precision"] is None else f"{one['precision']:.1%}"]
        for one in figures.get("thresholds", ())
    ]  # fmt: skip
    return {
        "what": name,
        "thresholds": sure_from,
        "error": figures["calibration_error"],
        "name": learning.FIELDS.get(name, name),
        "rows": rows,
        "sure": sure,
        **{key: figures[key] for key in ("letters", "accuracy", "first_two", "macro_f1")},
    }


# ---- templates of replies --------------------------------------------------------------------------------------


@office_page
@needs(Power.HANDLE, Power.SIGN, Power.ASSIGN, Power.OVERSEE)
def templates(request: OfficeRequest) -> HttpResponse:
    """Words that replies start from: those one may use, and a form for a new one or a change."""
    actor = request.actor
    usable = asks.templates_for(actor)
    for_place = bool(policy.may_keep_template(actor, None))
    units = Unit.objects.filter(place=actor.place).standing(timezone.localdate(clock.now()))
    if not for_place:
        units = units.filter(pk__in=actor.units(Power.HANDLE, Power.SIGN, Power.ASSIGN))
    edited = usable.filter(pk=request.GET["edit"]).first() if request.GET.get("edit", "").isdigit() else None
    start = (
        {"name": edited.name, "unit": edited.unit_id, "text": edited.text}
        if edited
        else {"unit": units.first()}
    )
    given = request.POST if request.method == "POST" else None
    form = forms.TemplateForm(given, actor=actor, units=units, for_place=for_place, initial=start)
    if form.is_valid():
        actions.save_template(actor.place, by=actor, **form.cleaned_data)
        messages.success(request, "模板已保存。")
        return redirect("letters:templates")
    rows = [(one, bool(policy.may_keep_template(actor, one.unit_id))) for one in usable]
    return render(
        request,
        "letters/templates.html",
        {"rows": rows, "form": form, "edited": edited},
        status=422 if form.errors else 200,
    )


@require_POST
@office_page
@needs(Power.HANDLE, Power.SIGN, Power.ASSIGN, Power.OVERSEE)
def template_removal(request: OfficeRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(asks.templates_for(request.actor), pk=pk)
    actions.delete_template(found, by=request.actor)
    messages.success(request, f"已删除模板“{found.name}”。")
    return redirect("letters:templates")
