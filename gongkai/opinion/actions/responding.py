"""The answer: draft, review in minutes, release on the portal, later releases, taking one down."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from gongkai.ledger import asks
from gongkai.opinion import facts, policy
from gongkai.opinion.actions.report import need, rendered, report
from gongkai.opinion.models import Event, Response, Stage
from gongkai.people.actor import Actor
from gongkai.people.models import Unit
from gongkai.reviews import actions as reviews
from gongkai.reviews.models import Sheet
from gongkai.text import screen
from gongkai.ui.refusal import Refused


@transaction.atomic
def draft(
    event: Event,
    *,
    by: Actor,
    at: datetime,
    form: str,
    title: str,
    text: str,
    speaker: str = "",
    unit: Unit | None = None,
) -> Response:
    """Begin an answer, or a later one. The form is one of the place's list."""
    event = Event.objects.locked(event)
    policy.may_draft(by, event).enforce()
    _known(event, form)
    party = policy.party_of(by, event, *policy.WORKING)
    speaks = unit or (party.unit if party else None)
    assert speaks is not None
    return Response.objects.create(
        event=event, serial=event.responses.count() + 1, form=form, title=_title(title), text=text.strip(),
        speaker=speaker.strip()[:64], unit=speaks, author=by.staff, made_at=at,
    )  # fmt: skip


@transaction.atomic
def edit(
    response: Response, *, by: Actor, at: datetime, form: str, title: str, text: str, speaker: str = ""
) -> Response:
    """Change a draft."""
    response = locked(response)
    policy.may_edit(by, response).enforce()
    _known(response.event, form)
    response.form, response.title, response.text, response.speaker = (
        form,
        _title(title),
        text.strip(),
        speaker.strip()[:64],
    )
    response.save(update_fields=["form", "title", "text", "speaker"])
    return response


def _title(title: str) -> str:
    return need(title, "没有写标题", "请写一个读者看得懂的标题。")[:120]


def _known(event: Event, form: str) -> None:
    forms = asks.values_of(event.place_id, "response.form")
    if form not in forms:
        raise Refused("没有选回应形式", remedy=f"可选：{'、'.join(forms)}。")


def locked(response: Response) -> Response:
    """The response with its event, both locked: the event first, as everywhere."""
    event = Event.objects.locked(response.event)
    found = Response.objects.select_for_update(of=("self",)).select_related("unit").get(pk=response.pk)
    found.event = event
    return found


@transaction.atomic
def submit(response: Response, *, by: Actor, at: datetime) -> Sheet:
    """Send an answer to be signed, with what people ask beside it."""
    response = locked(response)
    policy.may_submit(by, response).enforce()
    found = screen.find(response.text)
    response.stage = Response.Stage.REVIEWING
    response.save(update_fields=["stage"])
    event = response.event
    points = [
        ("等级", event.grade), ("回应形式", response.form), ("由谁发声", response.speaker or response.unit.name),
        ("大家最关心的", "；".join(event.asked)), ("统一口径", event.line),
        ("像个人信息的", "；".join(one.text for one in found)),
    ]  # fmt: skip
    return reviews.submit(
        event.matter, policy.RESPONSE, unit=response.unit, title=response.title, text=response.text,
        case=policy.traits(event), by=by, at=at, points=[(label, value) for label, value in points if value],
    )  # fmt: skip


def _under_review(sheet: Sheet) -> Response:
    event = Event.objects.locked(Event.objects.only("pk").get(matter=sheet.matter_id))
    found = event.responses.select_for_update(of=("self",)).filter(stage=Response.Stage.REVIEWING).get()
    found.event = event
    return found


def signed(sheet: Sheet, by: Actor, at: datetime) -> None:
    """All have signed: it may go out."""
    response = _under_review(sheet)
    response.stage = Response.Stage.READY
    response.save(update_fields=["stage"])


def unsigned(sheet: Sheet, by: Actor, at: datetime, ground: str) -> None:
    """Returned or taken back: the draft is its author's again."""
    response = _under_review(sheet)
    response.stage = Response.Stage.DRAFT
    response.save(update_fields=["stage"])
    report(response.event, facts.RESPONSE_RETURNED, by, at, ground=ground or "退回或撤回")


def approved(sheet: Sheet, by: Actor, at: datetime) -> None:
    """The control measures are approved."""
    event = Event.objects.locked(Event.objects.only("pk").get(matter=sheet.matter_id))
    report(event, facts.MEASURES_APPROVED, by, at)


@transaction.atomic
def release(response: Response, *, by: Actor, at: datetime) -> Response:
    """Put it on the portal; the first one is what the clocks wait for, the others keep the public informed."""
    response = locked(response)
    policy.may_release(by, response).enforce()
    event = response.event
    response.stage, response.released_at = Response.Stage.RELEASED, at
    response.save(update_fields=["stage", "released_at"])
    first = event.answered_at is None
    if first:
        event.answered_at = at
    if event.stage == Stage.HANDLING:
        event.move_to(Stage.ANSWERED)
    event.save(update_fields=["answered_at", "stage"])
    report(
        event, facts.RESPONDED if first else facts.UPDATED, by, at, form=response.form, party=response.unit.code,
        serial=response.serial,
    )  # fmt: skip
    rendered(response, at)
    return response


@transaction.atomic
def withdraw(response: Response, *, by: Actor, at: datetime, reason: str) -> Response:
    """Take an answer down at once; the page says so and why. Where none is left the event is to be answered again."""
    response = locked(response)
    policy.may_withdraw(by, response).enforce()
    event = response.event
    response.stage, response.withdrawn_at = Response.Stage.WITHDRAWN, at
    response.withdrawn_because = need(reason, "没有写撤下的理由", "理由会显示在原网址上。")[:200]
    response.save(update_fields=["stage", "withdrawn_at", "withdrawn_because"])
    none_left = not policy.released_of(event).exists()
    if none_left and event.stage in (Stage.ANSWERED, Stage.CLOSED):
        event.move_to(Stage.HANDLING)
        event.closed_at = None
        event.save(update_fields=["stage", "closed_at"])
    report(
        event, facts.RESPONSE_WITHDRAWN, by, at, reason=response.withdrawn_because, serial=response.serial,
        none_left=none_left,
    )  # fmt: skip
    rendered(response, at)
    return response
