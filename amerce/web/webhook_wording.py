"""The words of webhooks: how a delivery stands, and why a call did not arrive."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.web.sentences import Sentence, plain
from amerce.webhooks.endpoints import AddressNotTaken, SecretTooShort
from amerce.webhooks.kinds import TEST, Kind
from amerce.webhooks.models import WebhookDelivery
from amerce.webhooks.replay import EndpointDisabled, StillOnTheWay
from amerce.webhooks.secrets import SHORTEST

_State = WebhookDelivery.State
STATES: dict[str, tuple[str | Promise, str]] = {
    _State.WAITING: (gettext_lazy("Waiting"), "attention"),
    _State.SENDING: (gettext_lazy("Being sent"), "accent"),
    _State.DELIVERED: (gettext_lazy("Delivered"), "good"),
    _State.FAILED: (gettext_lazy("Failed"), "stop"),
}
"""State to its words and the kind of its colour."""
UNREACHED: dict[str, str | Promise] = {
    "timeout": gettext_lazy("No answer in time"),
    "connection": gettext_lazy("No connection"),
    "unknown_name": gettext_lazy("Nobody knows the name of the server"),
    "certificate": gettext_lazy("The certificate is not trusted"),
    "protocol": gettext_lazy("The answer is not HTTP"),
    "private": gettext_lazy("The address leads into a private network"),
    "insecure": gettext_lazy("The address is not https"),
    "malformed": gettext_lazy("The address cannot be called"),
    "secret": gettext_lazy("The secret was sealed by another secret key of the installation"),
}
"""Why there was no answer."""
ADDRESSES: dict[str, str | Promise] = {
    "malformed": gettext_lazy("An address like https://hooks.example.org/fees, without a user name or a part after #."),
    "insecure": gettext_lazy("An address that begins with https://."),
    "private": gettext_lazy("This address is in a private network. The setting AMERCE_OUTBOUND_HOSTS can allow it."),
}


def kind_in_words(kind: str) -> str:
    return _("Test") if kind == TEST else str(dict(Kind.choices).get(kind, kind))


def answer_in_words(delivery: WebhookDelivery) -> str:
    """``HTTP 500``, ``No answer in time``; empty as long as nothing was sent."""
    if delivery.status_code is not None:
        return _("HTTP %(status)s") % {"status": delivery.status_code}
    return str(UNREACHED.get(delivery.error, delivery.error))


WORDS: dict[type[Exception], Sentence] = {
    AddressNotTaken: lambda error, _institution: str(ADDRESSES[error.reason]),
    SecretTooShort: lambda _error, _institution: _("At least %(least)s characters.") % {"least": SHORTEST},
    EndpointDisabled: plain(gettext_lazy("This endpoint is not enabled, so nothing is sent to it.")),
    StillOnTheWay: plain(gettext_lazy("This is still on its way, so there is nothing to send again.")),
}
