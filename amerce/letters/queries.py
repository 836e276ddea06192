"""Reading letters. Each query names the institution it reads and asks for the privilege to look."""

from django.db.models import Q, QuerySet

from amerce.access.actors import Actor
from amerce.access.can import NotAllowed, can, require
from amerce.access.privileges import Privilege
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.jobs.models import JobRun
from amerce.letters.kinds import LetterKind
from amerce.letters.models import Letter, PrintBatch

PRINTING, SENDING_AGAIN = "print-letters", "send-letters-again"
"""The names of the jobs that make files to print, and that send again what did not go."""
NEEDS_A_HAND = (Letter.State.NO_ADDRESS, Letter.State.UNKNOWN, Letter.State.FAILED, Letter.State.REFUSED)
"""What the worklist shows: what waits for a person, and what the transport refuses for now."""


_SUBJECTS = {LetterKind.BURSAR_RUN: Privilege.BURSAR_VIEW}
"""By the kind of a letter to staff, what lets somebody see what it is about."""


def letters_of(actor: Actor, patron_id: int) -> QuerySet[Letter]:
    """Everything that was written to a patron, newest first, without what it says: the Attachments (row B12)."""
    require(actor, Privilege.PATRON_VIEW)
    letters = Letter.objects.filter(institution_id=actor.institution_id, patron_id=patron_id)
    return letters.select_related("printer").defer("facts", "body", "pdf").order_by("-pk")


def get_letter(actor: Actor, letter_id: int, *, patron_id: int | None = None) -> Letter:
    """One letter, of the patron if one is named. Raises ``NotAllowed``, ``RowNotFound``."""
    require(actor, Privilege.PATRON_VIEW)
    letters = Letter.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([letter_id]))
    if patron_id is not None:
        letters = letters.filter(patron_id=patron_id)
    letter = letters.select_related("printer", "patron").first()
    if letter is None:
        raise RowNotFound(letter_id)
    require_to_read(actor, letter)
    return letter


def require_to_read(actor: Actor, letter: Letter) -> None:
    """A letter to nobody among the patrons, a report to staff or a test, is not a desk's matter. Raises ``NotAllowed``.

    It is read by who configures letters, or may see what it is about. Of an erased one there is nothing to read.
    """
    if letter.patron_id is not None or letter.erased_at is not None or can(actor, Privilege.LETTER_CONFIGURE):
        return
    subject = _SUBJECTS.get(LetterKind(letter.kind), Privilege.LETTER_CONFIGURE)
    if not can(actor, subject):
        raise NotAllowed(actor, subject)


def _readable(actor: Actor) -> Q:
    """The letters that ``require_to_read`` lets pass."""
    if can(actor, Privilege.LETTER_CONFIGURE):
        return Q()
    seen = [kind for kind, subject in _SUBJECTS.items() if can(actor, subject)]
    return Q(patron__isnull=False) | Q(kind__in=seen)


def worklist(actor: Actor, *, state: str = "", kind: str = "") -> QuerySet[Letter]:
    """The letters that need a hand and that ``actor`` may read, the oldest first; of one of the states that need one,
    or of one kind.
    """
    require(actor, Privilege.LETTER_SEND)
    states = [state] if state else NEEDS_A_HAND
    letters = Letter.objects.filter(institution_id=actor.institution_id, state__in=states).filter(_readable(actor))
    if kind:
        letters = letters.filter(kind=kind)
    return letters.select_related("patron", "printer").defer("facts", "body", "pdf").order_by("pk")


def to_send_again(actor: Actor, *, state: str, kind: str = "") -> QuerySet[Letter]:
    """Of the worklist in ``state``, what was written to patrons. A report to staff is sent again from its row alone."""
    letters = worklist(actor, state=state, kind=kind).select_related(None)
    return letters.filter(patron__isnull=False, erased_at=None)


def to_print(actor: Actor) -> QuerySet[Letter]:
    """The letters that wait for a print batch, the oldest first; those of a printer with an e-mail address go there."""
    require(actor, Privilege.LETTER_SEND)
    letters = Letter.objects.filter(
        institution_id=actor.institution_id, channel=Letter.Channel.PRINT, state=Letter.State.WAITING, batch=None
    )
    return letters.exclude(printer__email__gt="").order_by("pk")


def batches(actor: Actor) -> QuerySet[PrintBatch]:
    """Every print batch, newest first, without its file."""
    require(actor, Privilege.LETTER_SEND)
    rows = PrintBatch.objects.filter(institution_id=actor.institution_id)
    return rows.select_related("printer").defer("pdf").order_by("-pk")


def open_runs(actor: Actor, name: str) -> list[JobRun]:
    """The runs of one of the jobs on letters, as long as they wait or go on, those first that go on."""
    require(actor, Privilege.LETTER_SEND)
    runs = JobRun.objects.filter(institution_id=actor.institution_id, name=name)
    return list(runs.filter(state__in=(JobRun.State.QUEUED, JobRun.State.RUNNING)).order_by("-state", "pk"))
