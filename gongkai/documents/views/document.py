"""The page of one document, its acts, its text, the answers of other units."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from gongkai.documents import actions, acts, asks, html, policy, proposal, reading, sensitive
from gongkai.documents.forms import acts as forms
from gongkai.documents.forms import writing
from gongkai.documents.models import Confirmation, Document, Edition
from gongkai.files.models import Attachment
from gongkai.files.uploads import Upload, keep_attached
from gongkai.ledger import asks as ledger
from gongkai.ledger import clock, lawbook, pages, story
from gongkai.ledger.acts import Act, carry_out
from gongkai.ledger.forms import PlainForm
from gongkai.people.desk import OfficeRequest, needs, office_page
from gongkai.people.models import Power
from gongkai.reviews import policy as reviewing
from gongkai.ui.differences import differences
from gongkai.ui.refusal import Refused

BACKWARD = {"document.returned", "review.returned", "document.withdrawn", "document.correction_ordered"}


def find(request: OfficeRequest, number: str) -> Document:
    """The document, if this person may see it; missing and forbidden answer alike."""
    seen = policy.visible_to(request.actor).select_related(
        "matter__place", "place", "unit", "issuer", "author", "edition"
    )
    return get_object_or_404(seen, matter__number=number)


@office_page
@lawbook.steady()
def document(request: OfficeRequest, number: str) -> HttpResponse:
    """Everything about one document: what it says, where it stands, what comes next and why then."""
    return show(request, find(request, number))


def show(request: OfficeRequest, found: Document, status: int = 200) -> HttpResponse:
    """Draw the page of a document for its reader."""
    actor, now = request.actor, clock.now()
    words = html.words(found.text)
    sheets = list(reviewing.beside(found.matter, actor))
    running = next((sheet for sheet in sheets if sheet.is_running), None)
    proposed = proposal.propose(found.title, words, found.genre) if found.stage == "draft" else []
    explained, links = policy.interpretations_of(found), asks.links(found)
    explains = policy.interpreted_by(found) if found.sort == "interpretation" else None
    beside = [*explained, *(one for _word, one in links), *([explains] if explains else [])]
    opened = policy.those_opened(actor, beside)
    releases = list(found.releases.select_related("unit", "publisher", "edition"))
    page = {
        "document": found,
        "now": now,
        "stages": asks.stages(found),
        "steps": acts.steps(actor, found),
        "may_edit": policy.may_edit(actor, found) if policy.is_writer(actor, found) else None,
        "proposed": proposed,
        "marks": {word for one in proposed for word in one.words},
        "sensitive": sensitive.find(found),
        "interpreter": _interpreter(found),
        "sheets": sheets,
        "running": running,
        "may_sign": reviewing.may_decide(actor, running, reviewing.current(running)) if running else None,
        "closed": asks.reasons_to_return(found) if running else [],
        "confirmations": _confirmations(request, found),
        "interpretations": [one for one in explained if one in opened],
        "interpreted": explains if explains in opened else None,
        "links": [(word, one) for word, one in links if one in opened],
        "ways": pages.ways_from(actor, found.matter),
        "validity": found.validity(
            timezone.localdate(now), repealed=asks.is_repealed(found), amended=asks.is_amended(found)
        ),
        "editions": list(found.editions.select_related("by")),
        "releases": releases,
        "released": next((one for one in releases if one.edition_id == found.edition_id), None),
        "withdrawals": list(found.withdrawals.select_related("by", "replacement__matter")),
        "attachments": [
            (file, reading.hidden_in(file)) for file in Attachment.objects.of(actions.ROOM, found.code)
        ],
        "columns": list(found.columns.all()),
        "services": list(found.services.select_related("unit")),
        "story": story.story(found.matter, now, bad=BACKWARD),
    }
    return render(request, "documents/document.html", page, status=status)


def _interpreter(found: Document) -> tuple[str, str] | None:
    """Who has to explain a policy document, and under which article."""
    if not (found.is_policy or found.is_normative or found.is_rule):
        return None
    case = policy.traits(found) | {"joint": found.joint.exists()}
    _lead, says, cite = ledger.route(found.place_id, "interpretation.by", case)
    return (says, cite) if says else None


def _confirmations(request: OfficeRequest, found: Document) -> list[dict[str, Any]]:
    """Units that were asked, with what this person may do about each."""
    rows = found.confirmations.select_related(
        "unit", "arbiter", "answered_by", "document__unit", "document__place"
    )
    actor = request.actor
    return [
        {
            "row": row,
            "answer": policy.may_confirm(actor, row)
            if row.unit_id in actor.all_units and row.agrees is None
            else None,
            "refer": policy.may_refer_disagreement(actor, row)
            if row.agrees is False and row.arbiter_id is None and policy.is_writer(actor, found)
            else None,
            "settle": policy.may_settle_disagreement(actor, row)
            if row.arbiter_id in actor.all_units and row.settled_at is None
            else None,
        }
        for row in rows
    ]


# ---- the text ----------------------------------------------------------------------------------------------------


@office_page
@needs(Power.DRAFT)
@lawbook.steady()
def draft(request: OfficeRequest) -> HttpResponse:
    """A new document; a file may bring the text, which is shown before anything is kept."""
    form = writing.DraftForm(
        request.POST or None, request.FILES or None, actor=request.actor, initial=_first(request)
    )
    if form.is_valid():
        if (read := _read(request, form)) is not None:
            return read
        given = form.given
        given.pop("note", None)
        given.pop("is_major", None)
        given["html"] = _body(given["html"])
        made = actions.draft(by=request.actor, at=clock.now(), **given)
        messages.success(request, "已起草。接下来定公开属性。")
        return redirect("documents:document", made.code)
    page = {"form": form, "document": None}
    return render(request, "documents/edit.html", page, status=422 if form.errors else 200)


def _first(request: OfficeRequest) -> dict[str, Any]:
    return {"unit": next(iter(sorted(request.actor.units(Power.DRAFT))), None)}


def _body(text: str) -> str:
    """What was typed without script is plain words; what the editor sends is HTML."""
    return text if "<" in text and ">" in text else html.from_text(text)


def _read(
    request: OfficeRequest, form: writing.DraftForm, found: Document | None = None
) -> HttpResponse | None:
    """Put the words of an uploaded file into the form, to be looked at before they are kept."""
    upload = form.cleaned_data.get("file")
    if upload is None:
        return None
    try:
        read = reading.read(upload.name, upload.read())
    except Refused as refused:
        form.add_error("file", f"{refused.reason}。{refused.remedy}")
        return render(request, "documents/edit.html", {"form": form, "document": found}, status=422)
    typed = request.POST.copy()
    typed["html"] = read.html
    typed["title"] = typed.get("title") or read.title
    shown = writing.DraftForm(
        actor=request.actor, document=found, initial=typed.dict() | {"kinds": typed.getlist("kinds")}
    )
    for line in (*read.warnings, *read.found):
        messages.warning(request, line)
    messages.info(request, f"已读出“{upload.name}”的文字，请核对后保存。")
    return render(request, "documents/edit.html", {"form": shown, "document": found})


@office_page
@lawbook.steady()
def edit(request: OfficeRequest, number: str) -> HttpResponse:
    """Change the text; of a published document this makes a new edition that has to be reviewed."""
    found = find(request, number)
    verdict = policy.may_edit(request.actor, found)
    start = {
        name: getattr(found, name)
        for name in ("genre", "title", "subject", "statutory", "openness", "key_area", "summary", "keywords", "effective_on", "ends_on")
    }  # fmt: skip
    start |= {"html": found.text, "kinds": [name for name, _label in writing.KINDS if getattr(found, name)]}
    form = writing.DraftForm(
        request.POST or None, request.FILES or None, actor=request.actor, document=found, initial=start
    )
    if form.is_valid():
        if (read := _read(request, form, found)) is not None:
            return read
        given = form.given
        given["html"] = _body(given["html"])
        try:
            actions.edit(found, by=request.actor, at=clock.now(), **given)
        except Refused as refused:
            form.add_error("note" if "note" in form.fields else None, f"{refused.reason}。{refused.remedy}")
        else:
            messages.success(request, "已保存。")
            return redirect("documents:document", found.code)
    page = {"form": form, "document": found, "verdict": verdict}
    return render(request, "documents/edit.html", page, status=422 if form.errors else 200)


@office_page
@lawbook.steady()
def act(request: OfficeRequest, number: str, act: Act[Document]) -> HttpResponse:
    """One act: its form and whether it may happen; or the act itself, and back to the document."""
    found, now = find(request, number), clock.now()
    given = request.POST if request.method == "POST" else None
    form = act.form(
        given,
        case=found,
        actor=request.actor,
        seen=story.last_fact(found.matter),
        initial=_start(request, act, found),
    )
    if form.is_valid() and carry_out(request, act, found, form, now):
        if policy.visible_to(request.actor).filter(pk=found.pk).exists():
            return redirect("documents:document", found.code)
        return redirect("documents:list")
    page = {"document": found, "act": act, "form": form, "verdict": act.may(request.actor, found)}
    return render(request, "documents/act.html", page, status=form.status)


def _start(request: OfficeRequest, act: Act[Document], found: Document) -> dict[str, Any]:
    """What the form starts with: what is there, and what a suggestion was taken over by a link."""
    chosen = {name: value for name, value in request.GET.items() if value}
    return act.starts_with(found) | chosen


@office_page
@lawbook.steady()
def difference(request: OfficeRequest, number: str, serial: int) -> HttpResponse:
    """An edition beside the one before it: what went out, what came in."""
    found = find(request, number)
    after = get_object_or_404(Edition, document=found, serial=serial)
    before = Edition.objects.filter(document=found, serial__lt=serial).order_by("-serial").first()
    page = {
        "document": found,
        "after": after,
        "before": before,
        "lines": differences(before.whole if before else "", after.whole),
    }
    return render(request, "documents/difference.html", page)


# ---- other units -------------------------------------------------------------------------------------------------


def _confirmation(request: OfficeRequest, number: str, pk: int) -> tuple[Document, Confirmation]:
    found = find(request, number)
    rows = Confirmation.objects.select_related("document__unit", "document__place", "unit", "arbiter")
    return found, get_object_or_404(rows, pk=pk, document=found)


@office_page
@lawbook.steady()
def confirm(request: OfficeRequest, number: str, pk: int) -> HttpResponse:
    """The answer of a unit that was asked to confirm."""
    found, row = _confirmation(request, number, pk)
    form = forms.ConfirmForm(request.POST or None)
    if form.is_valid():
        if form.cleaned_data["agrees"] or form.cleaned_data["words"].strip():
            if row.agrees != form.cleaned_data["agrees"] or row.words != form.cleaned_data["words"].strip():
                actions.confirm(row, by=request.actor, at=clock.now(), **form.cleaned_data)
            messages.success(request, "已答复。")
            return redirect("documents:document", found.code)
        form.add_error("words", "不一致的，请写明哪里不一致、应当怎样写。")
    page = {
        "document": found, "row": row, "form": form, "label": "答复确认", "verdict": policy.may_confirm(request.actor, row),
    }  # fmt: skip
    return render(request, "documents/confirmation.html", page, status=422 if form.errors else 200)


@office_page
@lawbook.steady()
def referral(request: OfficeRequest, number: str, pk: int) -> HttpResponse:
    """Take a disagreement to the unit above both."""
    found, row = _confirmation(request, number, pk)
    form = PlainForm(request.POST or None, case=found, actor=request.actor)
    if request.method == "POST":
        if row.arbiter_id is None:
            actions.refer_disagreement(row, by=request.actor, at=clock.now())
        messages.success(request, "已报主管单位协调。")
        return redirect("documents:document", found.code)
    page = {
        "document": found, "row": row, "form": form, "label": "报主管单位协调",
        "verdict": policy.may_refer_disagreement(request.actor, row),
    }  # fmt: skip
    return render(request, "documents/confirmation.html", page)


@office_page
@lawbook.steady()
def settlement(request: OfficeRequest, number: str, pk: int) -> HttpResponse:
    """What the unit above both says."""
    found, row = _confirmation(request, number, pk)
    form = forms.SettlementForm(request.POST or None)
    if form.is_valid():
        if row.settled_at is None:
            actions.settle_disagreement(row, by=request.actor, at=clock.now(), **form.cleaned_data)
        messages.success(request, "协调结论已记下。")
        return redirect("documents:document", found.code)
    page = {
        "document": found, "row": row, "form": form, "label": "协调分歧",
        "verdict": policy.may_settle_disagreement(request.actor, row),
    }  # fmt: skip
    return render(request, "documents/confirmation.html", page, status=422 if form.errors else 200)


@office_page
@lawbook.steady()
def attachments(request: OfficeRequest, number: str) -> HttpResponse:
    """Add files to a document; a file that is not taken is named with the reason, the others stay."""
    found = find(request, number)
    policy.may_edit(request.actor, found).enforce()

    def keep(upload: Upload) -> None:
        for line in reading.hidden(upload.name or "", upload.read()):
            messages.warning(request, f"附件“{upload.name}”：{line}")
        upload.seek(0)
        actions.attach(found, upload, by=request.actor, at=clock.now())

    keep_attached(request, keep)
    return redirect("documents:document", found.code)


@office_page
@lawbook.steady()
def cleaning(request: OfficeRequest, number: str, pk: UUID) -> HttpResponse:
    """Take out of a file of a document what its properties say of people and offices."""
    found = find(request, number)
    attachment = Attachment.objects.of(actions.ROOM, found.code).filter(pk=pk).first()
    if request.method == "POST" and attachment is not None:
        actions.clean_file(found, attachment, by=request.actor, at=clock.now())
        messages.success(request, f"已取出附件“{attachment.name}”里能取出的隐藏信息。")
    return redirect("documents:document", found.code)
