"""What every request of staff carries, and what their refusals look like."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from amerce.access.actors import actor_for
from amerce.access.can import NotAllowed
from amerce.jobs.transient import is_busy
from amerce.patrons.queries import PatronNotFound
from amerce.web import open_record
from amerce.web.open_record import OpenRecords
from amerce.web.place import chosen_place
from amerce.web.refusals import busy, not_allowed, patron_not_found
from amerce.web.request import StaffRequest
from amerce.web.sign_in_adapter import MUST, PASSWORD


class FormsInUtf8:
    """Refuses a form in another encoding. Django does so when it reads the form, and again while it renders that."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() not in ("utf-8", "utf8"):
            return HttpResponse(_("Forms are read in UTF-8 only."), content_type="text/plain", status=400)
        return self.get_response(request)


class StaffMiddleware:
    """For a signed-in account: the actor, the institution, the place and the open records, in their zone and language.

    Four queries: session, account with institution, roles, place.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return _sign_in_as_a_page(request, self.get_response(request))
        staff = _staff(request)
        with timezone.override(staff.institution.zone), translation.override(_language(staff.institution.locale)):
            response = _duty_first(staff) or self.get_response(staff)
        staff.open_records.write_to(response, secure=settings.SESSION_COOKIE_SECURE)
        # The back button of a shared computer must not show the patron who was there before.
        add_never_cache_headers(response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NotAllowed):
            return not_allowed(request)
        if is_busy(exception):
            return busy(request)
        return patron_not_found(request) if isinstance(exception, PatronNotFound) else None


def _staff(request: HttpRequest) -> StaffRequest:
    staff = cast(StaffRequest, request)
    account = staff.user
    staff.institution = account.institution
    staff.place = chosen_place(staff.session, account.institution_id)
    staff.actor = actor_for(account, staff.place.place if staff.place else None)
    staff.open_records = OpenRecords(staff.session, staff.COOKIES.get(open_record.COOKIE, ""))
    return staff


def _duty_first(staff: StaffRequest) -> HttpResponse | None:
    """Who has to change the password, or to set up a second factor, does that before anything else."""
    duties = staff.session.get(MUST)
    if not duties or staff.path.startswith((reverse("my-sign-in"), reverse("sign-out"))):
        return None
    page = reverse("my-password" if PASSWORD in duties else "my-sign-in")
    return HttpResponseClientRedirect(page) if staff.htmx else redirect(page)


def _sign_in_as_a_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """htmx would put the sign-in form into a corner of the page it came from."""
    target = response.get("Location", "")
    if getattr(request, "htmx", None) and target.startswith(reverse(settings.LOGIN_URL)):
        return HttpResponseClientRedirect(reverse(settings.LOGIN_URL))
    return response


def _language(locale: str) -> str:
    """The language of a locale as Django knows it; the server's own when there are no words for it."""
    try:
        return translation.get_supported_language_variant(locale.replace("_", "-").lower())
    except LookupError:
        return settings.LANGUAGE_CODE
