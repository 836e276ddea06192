"""The request as the pages of staff see it, after ``StaffMiddleware``."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from amerce.access.actors import Actor
from amerce.access.models import Account
from amerce.institutions.models import Institution
from amerce.web.open_record import OpenRecord, OpenRecords
from amerce.web.place import ChosenPlace


class StaffRequest(HttpRequest):
    """A request by a signed-in account. ``open_record`` is there on the pages of an open patron record only."""

    user: Account
    htmx: HtmxDetails
    actor: Actor
    institution: Institution
    place: ChosenPlace | None
    open_records: OpenRecords
    open_record: OpenRecord
