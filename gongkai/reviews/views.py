"""What waits for one's signature, and a sheet with its whole text, what changed, and who has signed."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from gongkai.ledger import asks as ledger
from gongkai.ledger import clock, lawbook
from gongkai.ledger.models import Obligation
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.reviews import actions, forms, policy
from gongkai.reviews.models import Sheet, Signature
from gongkai.reviews.subjects import SUBJECTS
from gongkai.ui.differences import differences

A_PAGE = 25


def find(request: OfficeRequest, pk: int) -> Sheet:
    """The sheet, if this person may see it; missing and forbidden answer alike."""
    seen = policy.visible_to(request.actor).select_related(
        "matter__place", "unit", "author", "overridden_by", "approved_by"
    )
    return get_object_or_404(seen, pk=pk)


@office_page
@lawbook.steady()
def list_(request: OfficeRequest) -> HttpResponse:
    """What waits for this person's signature, the oldest first; or every sheet they may see."""
    now = clock.now()
    waiting = policy.waiting_for(request.actor).select_related(
        "sheet__matter", "sheet__unit", "sheet__author", "unit"
    )
    if request.GET.get("view") == "all":
        sheets = policy.visible_to(request.actor).select_related("matter", "unit", "author").defer("text")
        page = {
            "page": Paginator(sheets, A_PAGE).get_page(request.GET.get("page")),
            "now": now,
            "subjects": SUBJECTS,
        }
        return render(request, "reviews/all.html", page)
    rows = list(waiting.defer("sheet__text").order_by("awaited_at", "pk")[:100])
    owed = Obligation.objects.filter(
        matter__in=[row.sheet.matter_id for row in rows], duty="review.sign", settled_at=None
    ).order_by("due_at")
    clocks = {o.matter_id: o for o in owed if o.is_standing}
    shown = [
        (
            row,
            SUBJECTS[row.sheet.subject].says,
            ledger.face(found, now) if (found := clocks.get(row.sheet.matter_id)) else None,
        )
        for row in rows
    ]
    page = {"rows": shown, "now": now, "form": forms.BatchForm()}
    return render(request, "reviews/list.html", page)


@office_page
@lawbook.steady()
def sheet(request: OfficeRequest, pk: int) -> HttpResponse:
    """One sheet: what is to be signed, what changed since it was last submitted, the chain."""
    return show(request, find(request, pk))


def show(
    request: OfficeRequest,
    found: Sheet,
    *,
    sign: forms.SignForm | None = None,
    returns: forms.ReturnForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Draw a sheet for its reader, with the forms as typed so far."""
    actor, step = request.actor, policy.current(found)
    before = (
        Sheet.objects.filter(matter=found.matter, subject=found.subject, pk__lt=found.pk)
        .order_by("-pk")
        .first()
    )
    start = {"step": step.order if step else None}
    page = {
        "sheet": found,
        "subject": SUBJECTS[found.subject],
        "url": SUBJECTS[found.subject].url(found.matter),
        "signatures": list(found.signatures.select_related("unit", "by")),
        "step": step,
        "may_decide": policy.may_decide(actor, found, step),
        "may_sign": policy.may_sign(actor, found, step),
        "may_recall": policy.may_recall(actor, found),
        "may_override": policy.may_override(actor, found),
        "may_approve": policy.may_approve_override(actor, found),
        "before": before,
        "lines": differences(before.text, found.text) if before else [],
        "sign": sign or forms.SignForm(initial=start),
        "returns": returns or forms.ReturnForm(initial=start, grounds=actions.return_grounds(found)),
        "override": forms.OverrideForm(),
        "now": clock.now(),
    }
    return render(request, "reviews/sheet.html", page, status=status)


def _passed(found: Sheet, step: int | None) -> bool:
    """True when the step that was shown has been decided meanwhile: a second click."""
    return step is not None and found.signatures.filter(order=step).exclude(decision="").exists()


@require_POST
@office_page
@lawbook.steady()
def signature(request: OfficeRequest, pk: int) -> HttpResponse:
    """Agree at the present step."""
    found = find(request, pk)
    form = forms.SignForm(request.POST)
    if not form.is_valid():
        return show(request, found, sign=form, status=422)
    if not _passed(found, form.cleaned_data["step"]):
        actions.sign(found, by=request.actor, at=clock.now(), words=form.cleaned_data["words"])
    messages.success(request, "已签批同意。")
    return _next(request, found)


@require_POST
@office_page
@lawbook.steady()
def return_(request: OfficeRequest, pk: int) -> HttpResponse:
    """Send the thing back to its author."""
    found = find(request, pk)
    form = forms.ReturnForm(request.POST, grounds=actions.return_grounds(found))
    if not form.is_valid():
        return show(request, found, returns=form, status=422)
    if not _passed(found, form.cleaned_data["step"]):
        words, ground = form.cleaned_data["words"], form.cleaned_data.get("ground", "")
        actions.return_(found, by=request.actor, at=clock.now(), words=words, ground=ground)
    messages.success(request, "已退回拟稿人。")
    return _next(request, found)


def _next(request: OfficeRequest, found: Sheet) -> HttpResponse:
    """To what waits next; to the thing itself when nothing does."""
    if policy.waiting_for(request.actor).exists():
        return redirect("reviews:list")
    return redirect(SUBJECTS[found.subject].url(found.matter))


@require_POST
@office_page
@lawbook.steady()
def batch(request: OfficeRequest) -> HttpResponse:
    """Agree to the chosen sheets; what is refused is named with its reason."""
    chosen = [int(pk) for pk in request.POST.getlist("sheets") if pk.isdigit()]
    mine = (
        Signature.objects.none() if not chosen else policy.waiting_for(request.actor).filter(sheet__in=chosen)
    )
    sheets = [one.sheet for one in mine.select_related("sheet")]
    words = request.POST.get("words", "")[:500]
    refused = actions.sign_all(sheets, by=request.actor, at=clock.now(), words=words)
    if done := len(sheets) - len(refused):
        messages.success(request, f"已签批 {done} 件。")
    elif not sheets:
        messages.info(request, "没有选择要签批的文稿，或已经签过。")
    for one, reason in refused:
        messages.warning(request, f"《{one.title}》没有签：{reason}。")
    return redirect("reviews:list")


@require_POST
@office_page
@lawbook.steady()
def recall(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take one's own thing back."""
    found = find(request, pk)
    if found.is_running:
        actions.recall(found, by=request.actor, at=clock.now())
    messages.success(request, "已撤回，可以修改后再送审。")
    return redirect(SUBJECTS[found.subject].url(found.matter))


@require_POST
@office_page
@lawbook.steady()
def override(request: OfficeRequest, pk: int) -> HttpResponse:
    """Go ahead in an emergency."""
    found = find(request, pk)
    form = forms.OverrideForm(request.POST)
    if not form.is_valid():
        messages.warning(request, "紧急先发要写明理由。")
        return show(request, found, status=422)
    if found.is_running:
        actions.override(found, by=request.actor, at=clock.now(), **form.cleaned_data)
    messages.success(request, "已决定先发，请另一位签批人尽快补办。")
    return redirect(SUBJECTS[found.subject].url(found.matter))


@require_POST
@office_page
@lawbook.steady()
def approval(request: OfficeRequest, pk: int) -> HttpResponse:
    """Make up for the signatures that were skipped."""
    found = find(request, pk)
    if found.approved_at is None:
        actions.approve_override(found, by=request.actor, at=clock.now())
    messages.success(request, "已补办。")
    return redirect("reviews:sheet", found.pk)
