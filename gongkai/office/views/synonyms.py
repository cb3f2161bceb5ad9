"""Words the search takes as equal at a place: the groups, a new one, an end of one, all of them as a text."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from gongkai.ledger import clock
from gongkai.office.forms import SynonymFileForm, SynonymForm
from gongkai.people.desk import OfficeRequest, needs, office_page
from gongkai.people.models import Power
from gongkai.search import actions, policy
from gongkai.search import synonyms as texts
from gongkai.ui.refusal import Refused

ENDED = 20  # groups that hold no longer, shown
WRONG = 10  # lines of a file that are named


@office_page
@needs(Power.CONFIGURE, Power.OVERSEE)
def groups(request: OfficeRequest) -> HttpResponse:
    """The groups of the place, and a form for a new one."""
    form = SynonymForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            row, is_new = actions.equate([form.cleaned_data["words"]], by=request.actor, at=clock.now())
        except Refused as refused:
            form.add_error("words", refused.reason)
        else:
            messages.success(request, f"“{row.words}”{'已经生效。' if is_new else '本来就有。'}")
            return redirect("office:synonyms")
    return _page(request, form=form)


def _page(
    request: OfficeRequest, *, form: SynonymForm | None = None, file_form: SynonymFileForm | None = None
) -> HttpResponse:
    rows = policy.visible_to(request.actor)
    page = {
        "form": form or SynonymForm(),
        "file_form": file_form or SynonymFileForm(),
        "rows": rows.filter(ended_at=None),
        "ended": rows.exclude(ended_at=None).order_by("-ended_at")[:ENDED],
    }
    bad = (form and form.errors) or (file_form and file_form.errors)
    return render(request, "office/synonyms.html", page, status=422 if bad else 200)


@require_POST
@office_page
@needs(Power.CONFIGURE, Power.OVERSEE)
def end(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take the words of a group as equal no longer."""
    row = get_object_or_404(policy.visible_to(request.actor), pk=pk, ended_at=None)
    actions.part(row, by=request.actor, at=clock.now())
    messages.success(request, f"“{row.words}”已停用。")
    return redirect("office:synonyms")


@require_POST
@office_page
@needs(Power.CONFIGURE, Power.OVERSEE)
def take_in(request: OfficeRequest) -> HttpResponse:
    """The groups of a text file that are not there yet; lines that are none are named with the reason."""
    form = SynonymFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, file_form=form)
    found, wrong = texts.read(form.cleaned_data["file"])
    count = actions.equate_all(found, by=request.actor, at=clock.now())
    messages.success(request, f"新增 {count} 组，本来就有 {len(found) - count} 组。")
    if wrong:
        told = "；".join(f"第 {line} 行：{why}" for line, why in wrong[:WRONG])
        messages.warning(request, f"{len(wrong)} 行没有收下。{told}。")
    return redirect("office:synonyms")


@office_page
@needs(Power.CONFIGURE, Power.OVERSEE)
def text(request: OfficeRequest) -> HttpResponse:
    """The groups that hold, as a text that can be taken in again."""
    rows = policy.visible_to(request.actor).filter(ended_at=None)
    response = HttpResponse(
        texts.write(row.words.split() for row in rows), content_type="text/plain; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="synonyms-{request.actor.place.slug}.txt"'
    return response
