"""What ``amerce bursar undo-import`` does: asks for the undo of an import, as its page does, and ends it here."""

from django.utils import timezone
from django.utils.translation import gettext as _

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.bursar.errors import ImportStateForbids
from amerce.bursar.models import BursarImport
from amerce.bursar.undo_import import REASON_LIMIT, begin_undo_import
from amerce.cli.institution import the_institution
from amerce.cli.job_run import finish_run
from amerce.cli.refusal import Refusal
from amerce.inputs.checks import typed_ids
from amerce.inputs.errors import NameMissing, RowNotFound, TextMalformed, TextTooLong


def undo_import(number: str, reason: str, institution_code: str | None) -> str:
    """Undo the import and answer the summary of its run. Raises ``Refusal``."""
    institution = the_institution(institution_code)
    actor = system_actor(institution.pk, "command line", Privilege.FEE_EXPORT)
    import_id = next(iter(typed_ids(number)), 0)
    try:
        queued = begin_undo_import(actor=actor, at=timezone.now(), import_id=import_id, reason=reason)
    except RowNotFound as error:
        raise Refusal(_("There is no import %(number)s.") % {"number": number}) from error
    except ImportStateForbids as error:
        said = {"file": error.file_name, "state": BursarImport.State(error.state).label}
        raise Refusal(_("%(file)s is “%(state)s” and cannot be undone now.") % said) from error
    except (NameMissing, TextTooLong, TextMalformed) as error:
        raise Refusal(_("Give a reason of at most %(limit)s characters.") % {"limit": REASON_LIMIT}) from error
    return finish_run(queued.run)
