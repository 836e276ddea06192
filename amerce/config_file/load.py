"""Loading a configuration file: all of it or nothing."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from amerce.config_file.changes import Change, changes_to
from amerce.config_file.errors import Fault, FileRefused
from amerce.config_file.part import Act, Part, SettingsPart, TablePart, Unknown, Values
from amerce.config_file.read import FileRead, read_file
from amerce.events.record import record
from amerce.inputs.errors import Refused
from amerce.institutions.configuring import locked_institution
from amerce.institutions.models import Institution


def preview(act: Act, text: str, parts: Sequence[Part]) -> list[Change]:
    """What ``load`` would change, and raises what it would raise. Nothing is written (ADR 0021)."""
    with transaction.atomic():
        changes = load(act, text, parts)
        transaction.set_rollback(True)
    return changes


def load(act: Act, text: str, parts: Sequence[Part]) -> list[Change]:
    """Make the configuration say what ``text`` says, and answer what was changed.

    Each change is made by its own command, with its own event. Raises ``NotAllowed``, and ``FileRefused`` for a fault
    of the file or a change that its command refuses; then nothing was changed.
    """
    with transaction.atomic():
        institution = locked_institution(act.actor)
        file = read_file(text, parts, institution.currency)
        changes = changes_to(institution, act.at, parts, file.values)
        faults = [fault for each in changes if (fault := _made(act, each, file))]
        if faults:
            raise FileRefused(faults)
        if changes:
            touched = [[each.part.name, *each.key] for each in changes]
            record("configuration.loaded", actor=act.actor, at=act.at, data={"changes": touched})
    return changes


def secrets_to_enter(institution: Institution, changes: Sequence[Change]) -> list[str]:
    """What somebody has to enter by hand after ``load`` made ``changes``, a sentence for each secret."""
    saved: dict[Part, list[tuple[Values | None, Values]]] = {}
    for each in changes:
        if each.after is not None:
            saved.setdefault(each.part, []).append((each.before, each.after))
    return [sentence for part, rows in saved.items() for sentence in part.secrets_to_enter(institution, rows)]


def _made(act: Act, change: Change, file: FileRead) -> Fault | None:
    """Have its command make ``change``; why not, if it refuses. Others are tried too, to tell all at once."""
    try:
        with transaction.atomic():
            _make(act, change)
    except (Refused, Unknown) as refused:
        at_row, of_part = (change.part.name, *change.key), (change.part.name,)
        reason = str(refused) or (type(refused).__doc__ or "").splitlines()[0]
        return Fault(file.lines.get(at_row) or file.lines[of_part], f"{_words(change)}: {reason.rstrip('.')}.")
    return None


def _make(act: Act, change: Change) -> None:
    part = change.part
    if isinstance(part, SettingsPart):
        assert change.after is not None
        part.save(act, change.after)
    elif isinstance(part, TablePart) and change.after is not None:
        part.save(act, change.after, change.before)
    elif isinstance(part, TablePart) and change.before is not None:
        part.remove(act, change.before)


def _words(change: Change) -> str:
    if change.after is not None:
        return change.name
    return _("%(row)s is left out here and cannot be removed") % {"row": change.name}
