"""The words of the bursar's pages: why something is refused, how a run stands."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.bursar import errors
from amerce.bursar.models import BursarImport, BursarRun
from amerce.bursar.sentences import FILE_GONE
from amerce.institutions.models import Institution
from amerce.web.sentences import Sentence, plain

STATE_COLOURS: dict[str, str] = {
    BursarRun.State.DELIVERED: "good",
    BursarRun.State.ACKNOWLEDGED: "good",
    BursarRun.State.MADE: "attention",
    BursarRun.State.DELIVERING: "attention",
    BursarRun.State.UNDOING: "attention",  # also of a file of payments, which has the same word
    BursarImport.State.DONE: "good",
    BursarImport.State.REJECTED: "stop",
    BursarImport.State.REPEATED: "attention",
    BursarImport.State.CHECKED: "attention",
}
"""What is not here is quiet."""

REASONS: dict[str, Any] = {
    "changed": gettext_lazy("paid, waived or disputed meanwhile"),
    "below_minimum": gettext_lazy("fell below the minimum"),
    "no_identifier": gettext_lazy("the patron has no such identifier"),
    "stands": gettext_lazy("something of it was given back meanwhile"),
}
"""Why a line dropped out of a run, or stayed in one that was undone."""


_NEVER_UNDONE: dict[str, Any] = {
    BursarRun.State.DELIVERING: gettext_lazy(
        "Its delivery has begun, so the bursar may have the file: what is there cannot be undone here."
    ),
    BursarRun.State.EMPTY: gettext_lazy("Nothing was exported, so there is nothing to undo."),
    BursarRun.State.UNDOING: gettext_lazy("Its undo is under way already."),
    BursarRun.State.UNDONE: gettext_lazy("It was undone already."),
}


def why_not_undone(run: BursarRun) -> str:
    """Why a run cannot be undone as it stands."""
    said = _NEVER_UNDONE.get(run.state)
    return str(said) if said else _("It was delivered: what the bursar has cannot be undone here.")


def in_place(place: str) -> str:
    """Where a file was delivered to."""
    return _("by its first download") if place == "download" else place


def _state_forbids(error: Any, _institution: Institution) -> str:
    state = BursarRun.State(error.state).label
    return _("Export %(number)s is “%(state)s” by now, so nothing was done.") % {"number": error.number, "state": state}


def _import_state_forbids(error: Any, _institution: Institution) -> str:
    if error.state == BursarImport.State.POSTING:
        return _("%(file)s is being booked right now. Undo it when that has ended.") % {"file": error.file_name}
    state = BursarImport.State(error.state).label
    return _("%(file)s is “%(state)s”, so there is nothing to undo.") % {"file": error.file_name, "state": state}


def _takes_own_files(error: Any, _institution: Institution) -> str:
    if error.profile:
        return _(
            "“%(profile)s” and this profile would meet: what one exports would be taken for payments by the other. "
            "Name another folder."
        ) % {"profile": error.profile}
    return _("Exports are put there, and would be taken for payments. Name another folder.")


WORDS: dict[type[Exception], Sentence] = {
    errors.ProfileHasRuns: plain(
        gettext_lazy("It has exported or imported, and history names it. Switch export and import off instead.")
    ),
    errors.ProfileAwaited: plain(
        gettext_lazy(
            "A run waits for it or a schedule begins one. Wait for the run to end, or delete the schedule first."
        )
    ),
    errors.CodeInUse: plain(
        gettext_lazy("Runs or schedules name it by its code, which therefore stays. Add another profile instead.")
    ),
    errors.FolderUnsafe: plain(gettext_lazy("Plain names with / between them, like student-accounts/incoming.")),
    errors.FolderTakesOwnFiles: _takes_own_files,
    errors.HostKeyMalformed: plain(gettext_lazy("This is no host key. It is one line like ssh-ed25519 AAAA….")),
    errors.KeyMalformed: plain(gettext_lazy("This is no private key without a passphrase.")),
    errors.RunStateForbids: _state_forbids,
    errors.ImportStateForbids: _import_state_forbids,
    errors.LineNeedsNobody: plain(gettext_lazy("Only a line that could not be booked is ticked off.")),
    errors.TickedOffBefore: plain(
        gettext_lazy("Somebody ticked it off meanwhile, as it says here. Undo that tick to say something else.")
    ),
    errors.NotBookable: lambda error, _institution: (
        _("%(file)s was not checked, or cannot be booked as it is, so nothing was done.") % {"file": error.file_name}
    ),
    errors.WholeExport: lambda error, _institution: (
        _("This is the file of export %(number)s itself: it says that all of it was paid. If it was, tick it first.")
        % {"number": error.number}
    ),
    errors.FileGone: plain(FILE_GONE),
    errors.FileTooLarge: lambda error, _institution: (
        _("The file is larger than %(limit)s megabytes.") % {"limit": error.limit >> 20}
    ),
}
"""Error class to the maker of its sentence."""
