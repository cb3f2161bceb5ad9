"""What is done to one letter: acts, the reply, looking at the writer, merging, publishing, files."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from gongkai.files import actions as files
from gongkai.files.models import Attachment
from gongkai.files.uploads import keep_attached
from gongkai.ledger import clock, lawbook, story
from gongkai.ledger.acts import Act, carry_out
from gongkai.letters import actions, acts, asks, attachments, facts, forms, policy
from gongkai.letters.models import ExtensionRequest, Letter, Part, Stage
from gongkai.letters.views.page import find, show
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.text import screen
from gongkai.ui.refusal import Refused, Verdict


@office_page
@lawbook.steady()
def letter(request: OfficeRequest, number: str) -> HttpResponse:
    """The page of a letter. The first look of its lead unit at new intake is recorded."""
    found = find(request, number)
    actions.open_(found, by=request.actor, at=clock.now())
    return show(request, found)


# ---- acts ------------------------------------------------------------------------------------------------------


@office_page
@lawbook.steady()
def act(request: OfficeRequest, number: str, act: Act[Letter]) -> HttpResponse:
    """One act: its form and whether it may happen; or the act itself, and back to the letter."""
    found, now = find(request, number), clock.now()
    draft = actions.current_draft(found)
    given = request.POST if request.method == "POST" else None
    form = act.form(
        given,
        case=found,
        actor=request.actor,
        seen=story.last_fact(found.matter),
        initial=act.starts_with(found),
    )
    if form.is_valid() and carry_out(request, act, found, form, now):
        return back(request, found)
    page = {"letter": found, "act": act, "form": form, "verdict": act.may(request.actor, found, draft)}
    return render(request, "letters/act.html", page, status=form.status)


def back(request: OfficeRequest, letter: Letter) -> HttpResponse:
    """To the letter; to the list when it has left this person's hands."""
    if policy.visible_to(request.actor).filter(pk=letter.pk).exists():
        return redirect("letters:letter", letter.number)
    return redirect("letters:list")


@require_POST
@office_page
@lawbook.steady()
def draft(request: OfficeRequest, number: str) -> HttpResponse:
    """Keep the reply as far as it is written; or put a template's words into it, without keeping."""
    found = find(request, number)
    form = forms.ReplyForm(request.POST, case=found, actor=request.actor)
    is_valid = form.is_valid()
    if "insert" in request.POST:
        template = form.cleaned_data.get("template")
        words = "\n\n".join(
            filter(None, (request.POST.get("text", "").strip(), template.text if template else ""))
        )
        seen = story.last_fact(found.matter)
        filled = forms.ReplyForm(case=found, actor=request.actor, seen=seen, initial={"text": words})
        return show(request, found, reply=filled)
    if not is_valid:
        return show(request, found, reply=form, status=422)
    actions.draft(found, by=request.actor, at=clock.now(), text=form.cleaned_data["text"])
    messages.success(request, "草稿已存。")
    return redirect("letters:letter", number)


@require_POST
@office_page
@lawbook.steady()
def submission(request: OfficeRequest, number: str) -> HttpResponse:
    """Send the reply to be signed. What was typed is kept when it is refused."""
    found = find(request, number)
    form = forms.ReplyForm(request.POST, case=found, actor=request.actor)
    if not form.is_valid():
        return show(request, found, reply=form, status=422)
    if story.is_done_since(found.matter, [facts.REPLY_SUBMITTED], form.cleaned_data["seen"], request.actor):
        return redirect("letters:letter", number)
    if policy.may_handle(request.actor, found) and not policy.may_submit(request.actor, found):
        return show(request, found, reply=form, status=409)
    actions.submit(found, by=request.actor, at=clock.now(), text=form.cleaned_data["text"])
    messages.success(request, "已送审签。")
    return redirect("letters:letter", number)


@office_page
@lawbook.steady()
def part(request: OfficeRequest, number: str, pk: int) -> HttpResponse:
    """The words of a helping unit."""
    found = find(request, number)
    asked = get_object_or_404(Part.objects.select_related("unit"), pk=pk, letter=found)
    verdict = policy.may_help(request.actor, found, asked.unit_id)
    form = forms.PartReplyForm(request.POST or None, initial={"words": asked.words})
    if form.is_valid():
        if form.cleaned_data["words"].strip() != asked.words:
            actions.answer_joint(asked, by=request.actor, at=clock.now(), **form.cleaned_data)
        messages.success(request, "协办意见已交给承办单位。")
        return back(request, found)
    page = {"letter": found, "part": asked, "form": form, "verdict": verdict}
    return render(request, "letters/part.html", page, status=422 if form.errors else 200)


@require_POST
@office_page
@lawbook.steady()
def decision(request: OfficeRequest, number: str, pk: int) -> HttpResponse:
    """Grant or refuse more time."""
    found = find(request, number)
    asked = get_object_or_404(ExtensionRequest, pk=pk, letter=found)
    form = forms.DecisionForm(request.POST)
    if not form.is_valid():
        raise Refused("没有选同意还是不同意", remedy="请返回后选一项。")
    decided = actions.decide_extension(asked, by=request.actor, at=clock.now(), **form.cleaned_data)
    messages.success(request, "已同意延期。" if decided.granted else "已答复：不同意延期。")
    return redirect("letters:letter", number)


@office_page
@lawbook.steady()
def unmask(request: OfficeRequest, number: str) -> HttpResponse:
    """The writer's name and numbers, once, in the answer to a reason that is recorded."""
    found = find(request, number)
    given = request.POST if request.method == "POST" else None
    form = forms.UnmaskForm(given, case=found, actor=request.actor)
    verdict = policy.may_unmask(request.actor, found)
    if form.is_valid():
        person = actions.unmask(found, by=request.actor, at=clock.now(), **form.given)
        return show(request, found, person=person)
    page = {"letter": found, "form": form, "verdict": verdict}
    return render(request, "letters/unmask.html", page, status=422 if form.errors else 200)


@office_page
@lawbook.steady()
def merge(request: OfficeRequest, number: str) -> HttpResponse:
    """Merge this letter into another: by number, by words, or one of those that say nearly the same."""
    found, actor = find(request, number), request.actor
    seen = policy.visible_to(actor)
    given = request.POST if request.method == "POST" else None
    form = forms.MergeForm(given, case=found, actor=actor)
    if form.is_valid():
        into = seen.select_related("matter").filter(matter__number=form.cleaned_data["into"]).first()
        if into is None:
            form.add_error("into", "没有找到这个编号，请核对；应是您能看到的、正在办理的来信。")
        elif found.stage == Stage.MERGED:
            messages.info(request, "这封信已经并案。")
            return redirect("letters:letter", into.number)
        else:
            actions.merge(found, into, by=actor, at=clock.now())
            messages.success(request, f"{found.number} 已并入这封信，来信人会收到同样的答复。")
            return redirect("letters:letter", into.number)
    q = request.GET.get("q", "").strip()
    candidates = asks.narrowed(seen.working(), {"q": q}, actor.place.code) if q else seen.none()
    page = {
        "letter": found,
        "form": form,
        "near": asks.duplicates(seen, found.title, found.text, found.pk),
        "q": q,
        "found": candidates.exclude(pk=found.pk)
        .exclude(is_protected=True)
        .select_related("matter", "unit")[:20],
        "closed": Verdict.yes()
        if policy.is_lead(actor, found) and not found.is_protected
        else policy.no(policy.ONLY_LEAD),
    }
    return render(request, "letters/merge.html", page, status=422 if form.errors else 200)


@require_POST
@office_page
@lawbook.steady()
def apart(request: OfficeRequest, number: str) -> HttpResponse:
    """A person's word that another letter is about something else: it is not offered again, nor grouped with this."""
    found = find(request, number)
    other = get_object_or_404(policy.visible_to(request.actor), matter__number=request.POST.get("other", ""))
    actions.tie(found, other, by=request.actor, at=clock.now(), together=False)
    messages.success(request, "已记下：不是一件事。")
    return redirect("letters:letter", number)


@require_POST
@office_page
@lawbook.steady()
def merged(request: OfficeRequest, number: str) -> HttpResponse:
    """Merge several chosen letters into this one."""
    found = find(request, number)
    chosen = policy.visible_to(request.actor).filter(matter__number__in=request.POST.getlist("letters"))
    count = actions.merge_all(chosen.exclude(pk=found.pk), found, by=request.actor, at=clock.now())
    messages.success(
        request, f"已并入 {count} 封，来信人会收到同样的答复。" if count else "没有选择要并入的来信。"
    )
    return redirect("letters:letter", number)


@office_page
@lawbook.steady()
def publication(request: OfficeRequest, number: str) -> HttpResponse:
    """Edit question and answer for the public and publish them; personal data that is found is shown and masked."""
    found = find(request, number)
    start = {
        "title": found.public_title or screen.mask(found.title),
        "text": found.public_text or screen.mask(found.text),
        "answer": found.public_answer or screen.mask(found.answer, kinds=actions.IN_AN_ANSWER),
        "attachments": attachments.published_with(found),
    }
    given = request.POST if request.method == "POST" else None
    form = forms.PublicationForm(
        given, case=found, actor=request.actor, seen=story.last_fact(found.matter), initial=start
    )
    if form.is_valid():
        if not story.is_done_since(found.matter, [facts.PUBLISHED], form.cleaned_data["seen"], request.actor):
            actions.publish(found, by=request.actor, at=clock.now(), **form.given)
        messages.success(request, "问答已公开。")
        return redirect("letters:letter", number)
    private = [
        *screen.find(f"{found.title}\n{found.text}"),
        *(finding for finding in screen.find(found.answer) if finding.kind in actions.IN_AN_ANSWER),
    ]
    page = {
        "letter": found,
        "form": form,
        "verdict": policy.may_publish(request.actor, found),
        "private": private,
        "marks": [finding.text for finding in private],
    }
    return render(request, "letters/publication.html", page, status=422 if form.errors else 200)


@require_POST
@office_page
@lawbook.steady()
def collected(request: OfficeRequest, number: str) -> HttpResponse:
    """Add what was collected for a letter; a file that is not taken is named with the reason, the others stay."""
    found = find(request, number)
    if not (found.is_working and acts.is_anyones(request.actor, found)):
        raise Http404
    keep = partial(files.attach, room=attachments.COLLECTED, number=number, by=request.staff, at=clock.now())
    keep_attached(request, keep)
    return redirect("letters:letter", number)


@require_POST
@office_page
@lawbook.steady()
def reply_files(request: OfficeRequest, number: str) -> HttpResponse:
    """Put files to the reply."""
    found = find(request, number)
    policy.may_handle(request.actor, found).enforce()
    keep_attached(request, partial(actions.attach_to_reply, found, by=request.actor, at=clock.now()))
    return redirect("letters:letter", number)


@require_POST
@office_page
@lawbook.steady()
def reply_file_removal(request: OfficeRequest, number: str, pk: UUID) -> HttpResponse:
    """Take a file from the reply."""
    found = find(request, number)
    file = get_object_or_404(Attachment.objects.of(attachments.REPLY, number), pk=pk)
    actions.detach_from_reply(found, file, by=request.actor)
    messages.success(request, f"已从答复中删去“{file.name}”。")
    return redirect("letters:letter", number)
