"""The tab Proxies of User Details: who may borrow for the patron, and for whom the patron may borrow."""

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.patrons.errors import RowNotFound
from amerce.patrons.models import Patron
from amerce.patrons.queries import find_by_identifier, proxies_of
from amerce.patrons.record import RecordOutcome
from amerce.patrons.remove_proxy import remove_proxy
from amerce.patrons.set_proxy import set_proxy
from amerce.web.record_form import RecordForm, RemovalForm, done, edit_page, show_form
from amerce.web.request import StaffRequest


class ProxyForm(RecordForm):
    typed = forms.CharField(
        label=gettext_lazy("ID of the proxy"),
        max_length=100,
        help_text=gettext_lazy("Scan or type an ID of the patron who may borrow for this one."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
        error_messages={"required": gettext_lazy("Scan or type an ID.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@edit_page
def new_proxy(request: StaffRequest, patron: Patron) -> HttpResponse:
    form = ProxyForm(request, patron)
    back = reverse("patron-proxies", args=[patron.pk])
    outcome = _set(request, form) if form.is_bound and form.is_valid() else None
    if outcome:
        return done(request, outcome, _("The proxy is added."), back)
    return show_form(request, form, "web/people/_proxy_form.html", title=_("Add proxy"), tab="proxies", back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@edit_page
def proxy_removal(request: StaffRequest, patron: Patron, proxy_id: int) -> HttpResponse:
    row = proxies_of(request.actor, patron.pk).filter(proxy_id=proxy_id).first()
    if row is None:
        raise RowNotFound
    form = RemovalForm(request, patron)
    back = reverse("patron-proxies", args=[patron.pk])
    if form.is_bound and form.is_valid():
        outcome = form.attempt(remove_proxy, at=timezone.now(), proxy_id=proxy_id)
        if outcome:
            return done(request, outcome, _("The proxy is removed."), back)
    body, title = "web/people/_removal_form.html", _("Remove proxy")
    return show_form(request, form, body, title=title, tab="proxies", back=back, gone=row.proxy.display_name)


def _set(request: StaffRequest, form: ProxyForm) -> RecordOutcome | None:
    typed = form.cleaned_data["typed"]
    found = find_by_identifier(request.actor, typed)
    if len(found) != 1:
        several = _("Several patrons have the id %(typed)s. Type the primary ID.")
        none = _("No patron has the id %(typed)s.")
        form.add_error("typed", (several if found else none) % {"typed": typed})
        return None
    return form.attempt(set_proxy, at=timezone.now(), proxy_id=found[0].pk)
