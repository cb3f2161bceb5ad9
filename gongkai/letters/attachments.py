"""Files with a letter, of three kinds: the writer's own, what the unit collected, what goes out with the reply.

Each kind is a room of its own to `files`, with a guard of its own in `doors`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from django.db.models import CharField, OuterRef, Q, QuerySet

from gongkai.files.models import Attachment
from gongkai.ledger.models import Link
from gongkai.letters.models import Letter
from gongkai.prepared import Prepared, Slot

OWN = "letters"
COLLECTED = "letters.findings"
REPLY = "letters.reply"


NAMES = {OWN: "own", COLLECTED: "collected", REPLY: "reply"}
NONE: Mapping[str, Sequence[Attachment]] = dict.fromkeys(NAMES.values(), ())


def of(letter: Letter) -> Mapping[str, Sequence[Attachment]]:
    """The files of a letter as the office shows them, by kind: `own`, `collected`, `reply`. One query."""
    found: dict[str, list[Attachment]] = {name: [] for name in NAMES.values()}
    for file in _files().ask(number=letter.number):
        found[NAMES[file.room]].append(file)
    return found


@cache
def _files() -> Prepared[Attachment]:
    return Prepared(of_number(Slot("number", CharField())))


def of_number(number: Slot | OuterRef) -> QuerySet[Attachment]:
    """The files of the letter of a number, of every kind."""
    return Attachment.objects.filter(number=number, room__in=list(NAMES))


def given_with(letter: Letter) -> QuerySet[Attachment]:
    """The files given to the writer with the answer: of the letter, or of the one it was merged into.

    What the unit has put to a later answer that is not sent yet is not among them.
    """
    if letter.answered_at is None:
        return Attachment.objects.none()
    main = Link.objects.filter(kind=Link.Kind.MERGED_INTO, source=letter.matter_id).values("target__number")
    answered = Q(number=letter.number) | Q(number__in=main)
    return Attachment.objects.filter(answered, room=REPLY, uploaded_at__lte=letter.answered_at)


def published_with(letter: Letter) -> QuerySet[Attachment]:
    """The files everybody may read beside the published answer."""
    if letter.published_at is None:
        return Attachment.objects.none()
    return Attachment.objects.of(REPLY, letter.number).filter(is_public=True)
