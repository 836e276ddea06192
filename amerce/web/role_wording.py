"""The words of roles and accounts: how far a privilege goes, and why a change of them is refused."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amerce.access.api_keys import DayOver
from amerce.access.create_account import UsernameMalformed
from amerce.access.edit_account import OwnAccount
from amerce.access.locked import NobodyLeft
from amerce.access.privileges import Privilege
from amerce.access.remove_role import RoleHeld, RoleIsBuiltIn
from amerce.access.restore_role import NoDefault
from amerce.access.save_role import UNLIMITED, CeilingOutOfRange, PrivilegeNotForRoles, RoleCodeMalformed
from amerce.access.scopes import ScopeOfEveryLibrary
from amerce.institutions.models import Institution
from amerce.money.format import format_amount
from amerce.web import privilege_wording
from amerce.web.sentences import Sentence, plain


def limit_in_words(limit: Any, institution: Institution) -> str:
    """How far a role goes in a privilege, as an event keeps it: None where the role does not give it."""
    if limit is None:
        return _("no")
    if limit == UNLIMITED:
        return _("yes")
    return _("up to %(amount)s") % {"amount": format_amount(limit, institution.currency, institution.locale)}


def _held(error: RoleHeld, _institution: Institution) -> str:
    sentence = ngettext(
        "%(accounts)s account holds this role. Take it away there first.",
        "%(accounts)s accounts hold this role. Take it away from them first.",
        error.accounts,
    )
    return sentence % {"accounts": error.accounts}


def _scope_of_every_library(error: ScopeOfEveryLibrary, _institution: Institution) -> str:
    return _("%(scope)s goes over all libraries, so a key of one library cannot have it.") % {"scope": error.scope}


def _nobody_left(error: NobodyLeft, _institution: Institution) -> str:
    words = privilege_wording.WORDS[Privilege(error.privilege)]
    return _(
        "After this nobody who can sign in would hold “%(privilege)s” everywhere, and nobody could undo it. "
        "Give it to somebody else first."
    ) % {"privilege": words.name}


WORDS: dict[type[Exception], Sentence] = {
    RoleCodeMalformed: plain(gettext_lazy("Small letters a to z, digits and underscores, a letter first.")),
    PrivilegeNotForRoles: plain(gettext_lazy("Only jobs hold this.")),
    CeilingOutOfRange: plain(gettext_lazy("The amount must be above zero. Empty: any amount.")),
    RoleIsBuiltIn: plain(gettext_lazy("Every institution has this role. It can be restored, not removed.")),
    NoDefault: plain(gettext_lazy("This role was made here, so there is nothing to restore.")),
    RoleHeld: _held,
    NobodyLeft: _nobody_left,
    OwnAccount: plain(gettext_lazy("This is the account you work with. Somebody else has to shut it.")),
    DayOver: plain(gettext_lazy("This day is over.")),
    ScopeOfEveryLibrary: _scope_of_every_library,
    UsernameMalformed: plain(gettext_lazy("A user name has no spaces.")),
}
