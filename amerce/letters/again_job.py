"""The job *Send Letters Again*: what the worklist shows in one state waits for the transport anew (rows B12, E1).

Why of one state: what was refused, what may have gone and what has no address are three questions, and whoever asks for
all of one has looked at that one.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor, system_actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.inputs.errors import Refused
from amerce.institutions.models import Institution
from amerce.jobs.enqueue import queue_run, read_params
from amerce.jobs.job import Job, JobRefused, Step
from amerce.jobs.models import JobRun
from amerce.letters.again import hand_back
from amerce.letters.kinds import LetterKind
from amerce.letters.models import Letter
from amerce.letters.queries import NEEDS_A_HAND, SENDING_AGAIN, open_runs, to_send_again

SLICE_LETTERS = 200
"""Each writes its own row and an event."""
STATE, KIND = "state", "kind"
_AFTER = "after_letter"


class NothingToSendAgain(Refused):
    """No letter to a patron is in this state any more."""


def start_sending_again(*, actor: Actor, at: datetime, state: str, kind: str = "") -> JobRun:
    """Queue a run that sends again every letter to a patron that is in ``state`` by then, of one kind if it is named.
    Asked for again before that run has begun or while it goes on, it is the same run.

    Raises ``NotAllowed``, ``NothingToSendAgain``, and ``JobRefused`` for a state or a kind that is none.
    """
    require(actor, Privilege.LETTER_SEND)
    given = {STATE: state} | ({KIND: kind} if kind else {})
    params = read_params(SEND_LETTERS_AGAIN, given, actor.institution_id, at)
    with transaction.atomic():
        Institution.objects.select_for_update(of=("self",)).get(pk=actor.institution_id)
        if not to_send_again(actor, state=state, kind=kind).exists():
            raise NothingToSendAgain
        before = next((each for each in open_runs(actor, SENDING_AGAIN) if each.params == params), None)
        return before or queue_run(SEND_LETTERS_AGAIN, given, params, actor=actor, at=at).run


def _read_params(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    state, kind = given[STATE], given.get(KIND, "")
    for typed, known in ((state, NEEDS_A_HAND), (kind, ("", *LetterKind.values))):
        if typed not in known:
            codes = ", ".join(each for each in known if each)
            raise JobRefused(_("“%(typed)s” is none of these: %(codes)s.") % {"typed": typed, "codes": codes})
    return {STATE: state, KIND: kind}


def _wanted(run: JobRun, actor: Actor) -> QuerySet[Letter]:
    """The letters that were there when the run was asked for, and that it has not come to yet: one that fails once
    more meanwhile is not sent a third time.
    """
    letters = to_send_again(actor, state=run.params[STATE], kind=run.params[KIND])
    return letters.filter(created_at__lte=run.queued_at, pk__gt=run.cursor.get(_AFTER, 0))


def _expected(run: JobRun) -> int:
    return _wanted(run, system_actor(run.institution_id, "job", Privilege.LETTER_SEND)).count()


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    ids = list(_wanted(run, actor).values_list("pk", flat=True)[:SLICE_LETTERS])
    letters = list(_wanted(run, actor).filter(pk__in=ids).select_for_update(of=("self",)))
    went = len(hand_back(letters, actor=actor, at=at))
    return Step(
        cursor={_AFTER: ids[-1]} if ids else run.cursor,
        counts={"looked_at": len(ids), "letters": went, "no_address": len(letters) - went},
        is_last=len(ids) < SLICE_LETTERS,
    )


def _summary(run: JobRun) -> str:
    return f"letters={run.counts.get('letters', 0)} no_address={run.counts.get('no_address', 0)}"


SEND_LETTERS_AGAIN = Job(
    name=SENDING_AGAIN,
    title=gettext_lazy("Send Letters Again"),
    params={
        STATE: gettext_lazy("failed, refused, unknown or no_address"),
        KIND: gettext_lazy("the code of a kind of letter; every kind if left out"),
    },
    needed=frozenset({STATE}),
    privileges=frozenset({Privilege.LETTER_SEND}),
    privilege_to_run=Privilege.LETTER_SEND,
    acts_for_starter=True,
    read_params=_read_params,
    expected=_expected,
    slice=_slice,
    summary=_summary,
)
