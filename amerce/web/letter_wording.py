"""The words of letters: states as word and colour, and why a command on letters refuses."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amerce.institutions.models import Institution
from amerce.letters import errors
from amerce.letters.models import Letter
from amerce.web.sentences import Sentence, plain

COLOURS = {
    Letter.State.WAITING: "quiet",
    Letter.State.SENDING: "quiet",
    Letter.State.SENT: "good",
    Letter.State.REFUSED: "attention",
    Letter.State.FAILED: "stop",
    Letter.State.UNKNOWN: "stop",
    Letter.State.NO_ADDRESS: "attention",
    Letter.State.DONE: "quiet",
}
MEANING = {
    Letter.State.WAITING: _("It is sent within a moment, as soon as the worker gets to it."),
    Letter.State.SENDING: _("It is being handed over right now."),
    Letter.State.SENT: _("The mail server or the gateway took it."),
    Letter.State.REFUSED: _("It was not taken for now and is tried again by itself."),
    Letter.State.FAILED: _("It was not taken for good."),
    Letter.State.UNKNOWN: _("Whether it went is not known. It is not sent again unless somebody asks for it."),
    Letter.State.NO_ADDRESS: _("The patron has no address that it can be sent to."),
    Letter.State.DONE: _("Somebody saw to it."),
}
PRINTED = _("Printed")
TO_PRINT = _("To be printed")
PRINT_MEANING = {
    Letter.State.WAITING: _("It waits for the next print batch."),
    Letter.State.SENT: _("It was printed."),
}
AGAIN = {
    Letter.State.NO_ADDRESS: _(
        "Each goes to the address that its patron has now. Those that still have none stay on the list."
    ),
    Letter.State.REFUSED: _("They are tried again at once, and their attempts are counted anew."),
    Letter.State.FAILED: _(
        "Each goes as it was, to the address that it had. Where the address itself is wrong it fails again."
    ),
    Letter.State.UNKNOWN: _(
        "Some of them may have gone: whoever got one gets the same message again, which most mail programs show once."
    ),
}
"""What sending all letters of a state again means."""
REFUSALS = {
    errors.LetterOnItsWay: _("This letter is on its way already. Nothing was done."),
    errors.LetterErased: _(
        "What this letter said was erased with the loan it named or the patron it went to. Nothing was done."
    ),
    errors.LetterKindOff: _("Letters of this kind are turned off. Nothing was sent."),
    errors.NoAddress: _("This patron has no address that it can be sent to. Nothing was sent."),
}


def _broken(error: errors.WordsBroken, _institution: Institution) -> str:
    return gettext("Line %(line)s: this cannot become a letter. %(reason)s") % {
        "line": error.line,
        "reason": error.reason,
    }


WORDS: dict[type[Exception], Sentence] = {
    errors.WordsBroken: _broken,
    errors.WordsMissing: plain(_("This cannot be empty.")),
    errors.GatewayNotTaken: plain(_("Write an https address of a server outside this network.")),
}
"""Of the pages of the configuration."""
SENTENCES = {
    "letter.sent_again": _("A letter was sent again."),
    "letter.printed_instead": _("A letter was given to print instead."),
    "letter.settled": _("A letter that did not go was seen to."),
}
"""Of events on a patron record."""


def letter_state(letter: Letter) -> str:
    """The word for how a letter stands."""
    if letter.channel == Letter.Channel.PRINT:
        if letter.state == Letter.State.WAITING:
            return str(TO_PRINT)
        if letter.state == Letter.State.SENT:
            return str(PRINTED)
    return str(letter.get_state_display())


def meaning(letter: Letter) -> str:
    """A sentence on what that means."""
    state = Letter.State(letter.state)
    if letter.channel == Letter.Channel.PRINT and state in PRINT_MEANING:
        return str(PRINT_MEANING[state])
    return str(MEANING[state])
