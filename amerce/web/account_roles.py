"""Configuration > Staff Accounts, the tab of roles: which somebody holds, and where (row F2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.actors import EVERYWHERE
from amerce.access.assign_role import assign_role, revoke_role
from amerce.access.can import require_for
from amerce.access.models import Account
from amerce.access.privileges import NOT_STAFF, Privilege
from amerce.access.queries import get_account
from amerce.access.roles import RoleFacts, roles_of
from amerce.inputs.errors import RowNotFound
from amerce.institutions.queries import libraries
from amerce.web.account_tab import show_tab
from amerce.web.change_history import Word
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import CHOOSE, PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.saving import confirmed
from amerce.web.sign_in_adapter import MUST, duties_of


@dataclass(frozen=True)
class HeldRole:
    """``place`` is empty for everywhere. ``code`` is shown for a role that is not there any more.

    ``provider`` is the one that gave it, and gives it again at each sign-in; empty for one given by hand.
    """

    assignment_id: int
    code: str
    label: str | Promise
    place: str
    provider: str


class GivenRoleForm(PolicyForm):
    role = forms.ChoiceField(label=gettext_lazy("Role"), error_messages=CHOOSE)
    library_id = forms.TypedChoiceField(
        label=gettext_lazy("Where"), required=False, coerce=int, empty_value=EVERYWHERE, error_messages=CHOOSE
    )

    def __init__(self, request: StaffRequest, roles: dict[str, RoleFacts]) -> None:
        super().__init__(request)
        named = [(code, role.label) for code, role in roles.items() if code not in NOT_STAFF]
        self.fields["role"].choices = [("", _("Choose a role")), *named]  # type: ignore[attr-defined]
        places = [(each.pk, each.name) for each in libraries(request.institution.pk)]
        self.fields["library_id"].choices = [("", _("Everywhere")), *places]  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.ACCOUNT_EDIT)
def account_roles(request: StaffRequest, account_id: int) -> HttpResponse:
    """What they hold, and a form to give more to who may edit roles."""
    found = get_account(request.actor, account_id)
    roles = roles_of(request.institution.pk)
    form = GivenRoleForm(request, roles)
    if form.is_bound:
        require_for(request.actor, Privilege.ROLE_EDIT, EVERYWHERE)
    if form.is_sent() and form.attempt(assign_role, account_id=found.pk, **form.cleaned_data):
        request.session[MUST] = duties_of(request, request.user)
        messages.success(request, _("Given. It holds from their next page on."))
        return redirect("staff-account-roles", found.pk)
    context = {"form": form, "held": held_roles(found, roles)}
    return show_tab(request, "account_roles", found, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.ROLE_EDIT)
def take_role(request: StaffRequest, account_id: int, assignment_id: int) -> HttpResponse:
    found = get_account(request.actor, account_id)
    held = {each.assignment_id: each for each in held_roles(found, roles_of(request.institution.pk))}
    if assignment_id not in held:
        raise RowNotFound(assignment_id)
    done = _("Taken away. It holds from their next page on.")
    error = confirmed(request, revoke_role, done, account_id=found.pk, assignment_id=assignment_id)
    if error is None:
        return redirect("staff-account-roles", found.pk)
    context = {"account": found, "held": held[assignment_id], "error": error}
    return show(request, "account_role_take", context, status=422 if error else 200)


def held_roles(found: Account, roles: Mapping[str, RoleFacts]) -> list[HeldRole]:
    """The roles of an account that came with its ``roles``, by label."""
    held = [
        HeldRole(
            each.pk,
            each.role,
            roles[each.role].label if each.role in roles else each.role,
            each.library.name if each.library else "",
            each.provider.label if each.provider else "",
        )
        for each in found.roles.all()
    ]
    return sorted(held, key=lambda each: (str(each.label), each.place))


def words_of_changes(request: StaffRequest) -> dict[str, Word]:
    """How the roles in the event of an account are told."""
    roles = roles_of(request.institution.pk)
    places = {each.pk: each.name for each in libraries(request.institution.pk)}

    def in_words(held: Sequence[tuple[str, int | None]]) -> str:
        return "; ".join(
            _("%(role)s in %(library)s") % {"role": label, "library": places.get(library_id, library_id)}
            if library_id
            else str(label)
            for label, library_id in ((roles[code].label if code in roles else code, where) for code, where in held)
        ) or _("none")

    return {"roles": (gettext_lazy("Roles"), in_words)}
