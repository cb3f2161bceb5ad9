"""What is kept beside the letters: ties between them, issues, templates, models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from gongkai.letters import policy
from gongkai.letters.models import Issue, Learned, Letter, Template, Tie
from gongkai.people.actor import Actor
from gongkai.people.models import Place, Unit

if TYPE_CHECKING:
    from gongkai.text import hot


@transaction.atomic
def tie(one: Letter, other: Letter, *, by: Actor, at: datetime, together: bool) -> Tie:
    """A person's word on whether two letters are about one issue; grouping keeps to it."""
    policy.may_group(by).enforce()
    first, second = sorted((one, other), key=lambda letter: letter.pk)
    row, _made = Tie.objects.update_or_create(
        one=first, other=second, defaults={"together": together, "by": by.staff, "at": at, "place": one.place}
    )
    return row


@transaction.atomic
def set_apart(letter: Letter, issue: Issue, *, by: Actor, at: datetime) -> None:
    """A person's word that a letter is not about an issue: apart from every other letter of it."""
    for other in issue.letters.exclude(pk=letter.pk):
        tie(letter, other, by=by, at=at, together=False)


@transaction.atomic
def save_template(place: Place, unit: Unit | None, *, name: str, text: str, by: Actor) -> Template:
    """Keep words to start replies from. Without a unit they are for the whole place."""
    policy.may_keep_template(by, unit.pk if unit else None).enforce()
    row, _made = Template.objects.update_or_create(
        place=place, unit=unit, name=name.strip()[:64], defaults={"text": text.strip()}
    )
    return row


@transaction.atomic
def delete_template(template: Template, *, by: Actor) -> None:
    policy.may_keep_template(by, template.unit_id).enforce()
    template.delete()


@transaction.atomic
def keep_issues(place: Place, groups: Iterable[hot.Issue], *, at: datetime) -> int:
    """Put the issues of a place in the place of the earlier ones; how many there are. Keys are letters' ids."""
    Issue.objects.filter(place=place).delete()
    found = list(groups)
    behind: list[Any] = []
    for group in found:
        issue = Issue.objects.create(
            place=place, name=group.name[:120], words=list(group.words), heat=group.heat, writers=group.writers,
            count=len(group.keys), first_at=group.first_at, last_at=group.last_at, grouped_at=at,
        )  # fmt: skip
        behind += [Issue.letters.through(issue_id=issue.pk, letter_id=int(key)) for key in group.keys]
    Issue.letters.through.objects.bulk_create(behind, batch_size=500)
    return len(found)


@transaction.atomic
def keep_model(
    place: Place, *, at: datetime, letters: int, report: Mapping[str, Any], model: bytes
) -> Learned:
    """Keep what was learned, with how well it did on letters it had not seen. Earlier ones stay for the record."""
    return Learned.objects.create(
        place=place, trained_at=at, letters=letters, report=dict(report), model=model
    )
