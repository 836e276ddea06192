"""Configuration > Roles: what each role allows, and up to which amount (row F2)."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.privileges import Privilege
from amerce.access.queries import holders, names_by_login
from amerce.access.remove_role import remove_role
from amerce.access.restore_role import restore_role, role_default
from amerce.access.roles import RoleFacts, roles_of
from amerce.access.save_role import CHANGED, RoleSaid, add_role, as_recorded, found_role, save_role
from amerce.inputs.errors import RowNotFound
from amerce.inputs.stamp import stamp_of
from amerce.institutions.models import Institution
from amerce.web.change_history import Word, changes_for, differences
from amerce.web.configuration import configuration_page, show
from amerce.web.privilege_wording import WORDS
from amerce.web.request import StaffRequest
from amerce.web.role_form import NewRoleForm, RoleForm
from amerce.web.role_wording import limit_in_words
from amerce.web.saving import confirmed, stamp_sent, tell_saved


@dataclass(frozen=True)
class RoleRow:
    """A line of the list. ``limited`` counts the privileges that go up to an amount only."""

    role: RoleFacts
    limited: int
    holders: int


@require_safe
@configuration_page(Privilege.ROLE_EDIT)
def roles(request: StaffRequest) -> HttpResponse:
    held = holders(request.institution.pk)
    rows = [
        RoleRow(role, sum(limit is not None for limit in role.privileges.values()), held.get(role.code, 0))
        for role in roles_of(request.institution.pk).values()
    ]
    names = names_by_login(request.institution.pk, (row.role.updated_by for row in rows))
    return show(request, "roles", {"rows": rows, "names": names})


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.ROLE_EDIT)
def new_role(request: StaffRequest) -> HttpResponse:
    """``?like=`` is the code of the role that the new one begins with."""
    like = roles_of(request.institution.pk).get(request.GET.get("like", ""))
    form = NewRoleForm(request, RoleSaid.of(like) if like else None)
    if form.is_sent() and form.attempt(add_role, code=form.cleaned_data["code"], said=form.said):
        messages.success(request, _("Added: %(name)s.") % {"name": form.said.label})
        return redirect("roles")
    return show(request, "role", {"form": form, "like": like}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.ROLE_EDIT)
def edit_role(request: StaffRequest, code: str) -> HttpResponse:
    role = _find(request, code)
    stands = RoleSaid.of(role)
    form = RoleForm(request, stands, stands=stands)
    if form.is_sent() and form.attempt(save_role, code=code, said=form.said):
        done = _("Saved: %(name)s. It holds at once.") % {"name": form.said.label}
        tell_saved(request, done, is_changed=form.answer.is_changed)
        return redirect("roles")
    context = {
        "form": form,
        "role": role,
        "holders": holders(request.institution.pk).get(code, 0),
        "changes": changes_for(request, form, CHANGED, words=_words(request.institution), row=code),
    }
    return show(request, "role", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.ROLE_EDIT)
def remove(request: StaffRequest, code: str) -> HttpResponse:
    role = _find(request, code)
    done = _("Removed: %(name)s.") % {"name": role.label}
    error = confirmed(request, remove_role, done, code=code, expected_stamp=stamp_sent(request))
    if error is None:
        return redirect("roles")
    context = {"role": role, "holders": holders(request.institution.pk).get(code, 0), "error": error}
    return show(request, "role_remove", context | _stamp(role), status=422 if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.ROLE_EDIT)
def restore(request: StaffRequest, code: str) -> HttpResponse:
    role = _find(request, code)
    if not role.is_built_in:
        raise RowNotFound(code)
    done = _("Restored: %(name)s.") % {"name": role.label}
    error = confirmed(request, restore_role, done, code=code, expected_stamp=stamp_sent(request))
    if error is None:
        return redirect("roles")
    stands = RoleSaid.of(role)
    changes = differences(
        RoleForm(request, stands, stands=stands),
        as_recorded(stands),
        as_recorded(role_default(code)),
        request.institution,
        words=_words(request.institution),
    )
    context = {"role": role, "differences": changes, "error": error}
    return show(request, "role_restore", context | _stamp(role), status=422 if error else 200)


def _stamp(role: RoleFacts) -> dict[str, str]:
    return {"stamp": stamp_of(RoleSaid.of(role))}


def _find(request: StaffRequest, code: str) -> RoleFacts:
    return found_role(roles_of(request.institution.pk), code)


def _words(institution: Institution) -> dict[str, Word]:
    """How the privileges in the event of a role are told."""
    return {each.value: (words.name, lambda limit: limit_in_words(limit, institution)) for each, words in WORDS.items()}
