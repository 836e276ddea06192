"""The words of the fulfilment network: what a member answered, and why a setting of it is refused."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.network.answer import State
from amerce.network.members import MEMBERS_LIMIT, MemberIsSelf, ServerAddressNotTaken, TooManyMembers
from amerce.web.sentences import Sentence, plain
from amerce.web.webhook_wording import ADDRESSES

STATES: dict[State, str | Promise] = {
    State.NOTHING: gettext_lazy("Nothing is owed there."),
    State.UNKNOWN: gettext_lazy("Not known there."),
    State.NO_IDENTIFIER: gettext_lazy("Not asked: this patron has no identifier by which they are known there."),
    State.NOT_SHARED: gettext_lazy("This institution does not share what its patrons owe."),
    State.REFUSED: gettext_lazy("Could not be asked: the API key was refused."),
    State.BUSY: gettext_lazy("Could not be reached: it is asked too often just now. Try again in a minute."),
    State.NOT_REACHED: gettext_lazy("Could not be reached."),
    State.NOT_UNDERSTOOD: gettext_lazy("Could not be read: the answer is not that of the Alma interface."),
    State.NO_KEY: gettext_lazy("Could not be asked: its API key has to be typed anew, under Fulfillment Network."),
}
"""What is said where nothing is owed, or nothing is known."""
TROUBLED = {State.REFUSED, State.BUSY, State.NOT_REACHED, State.NOT_UNDERSTOOD, State.NO_KEY}
"""Those after which it is not known what the patron owes there."""

WORDS: dict[type[Exception], Sentence] = {
    TooManyMembers: lambda _error, _institution: (
        _("There are %(limit)s members, and no more can be asked at once.") % {"limit": MEMBERS_LIMIT}
    ),
    MemberIsSelf: plain(gettext_lazy("This is the institution itself.")),
    ServerAddressNotTaken: lambda error, _institution: str(ADDRESSES[error.reason]),
}
SENTENCES: dict[str, str | Promise] = {
    "network.looked": gettext_lazy("Asked the members of the fulfillment network what is owed there."),
    "network.shown": gettext_lazy("Another institution of the fulfillment network was shown what is owed here."),
}
"""Event name to its sentence in the history of a patron."""
