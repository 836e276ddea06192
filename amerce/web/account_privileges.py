"""Configuration > Staff Accounts, the tab of what somebody may do: each privilege, and why."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amerce.access.explain import Explained, Given, explain
from amerce.access.privileges import Privilege
from amerce.access.queries import get_account
from amerce.institutions.models import Institution
from amerce.money.format import format_amount
from amerce.web.account_tab import show_tab
from amerce.web.configuration import configuration_page
from amerce.web.privilege_wording import GROUPS, WORDS
from amerce.web.request import StaffRequest


@dataclass(frozen=True)
class Reasons:
    """A privilege in words. Each in ``why`` is a role that gives it; ``who_may`` names all that do."""

    name: str | Promise
    sentence: str | Promise
    why: list[str]
    who_may: str


@require_safe
@configuration_page(Privilege.ACCOUNT_EDIT)
def account_privileges(request: StaffRequest, account_id: int) -> HttpResponse:
    """What they may do, and why; and of the rest who may."""
    found = get_account(request.actor, account_id)
    explained = {each.privilege: each for each in explain(found)}
    groups = [
        (group.title, [_reasons(explained[each], request.institution) for each in group.privileges]) for group in GROUPS
    ]
    return show_tab(request, "account_privileges", found, {"groups": groups})


def _reasons(explained: Explained, institution: Institution) -> Reasons:
    words = WORDS[explained.privilege]
    who_may = ", ".join(str(role.label) for role in explained.who_may)
    return Reasons(words.name, words.sentence, [_why(each, institution) for each in explained.given], who_may)


def _why(given: Given, institution: Institution) -> str:
    values = {"role": given.role_label, "library": given.library_name}
    if given.ceiling_minor is None:
        if given.library_name is None:
            return _("%(role)s, everywhere") % values
        return _("%(role)s, in %(library)s") % values
    values["amount"] = format_amount(given.ceiling_minor, institution.currency, institution.locale)
    if given.library_name is None:
        return _("%(role)s, everywhere, up to %(amount)s") % values
    return _("%(role)s, in %(library)s, up to %(amount)s") % values
