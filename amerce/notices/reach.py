"""By which channels a message goes to a patron: one rule for preview and run."""

from amerce.letters.models import Letter
from amerce.notices.profiles import ProfileFacts

_EMAIL, _SMS, _PRINT = (each.value for each in (Letter.Channel.EMAIL, Letter.Channel.SMS, Letter.Channel.PRINT))


def channels(facts: ProfileFacts, *, has_email: bool, has_sms: bool, has_gateway: bool) -> tuple[str, ...]:
    """E-mail to who has an address, SMS to who chose a number for it if there is a gateway, print where the profile
    prints.

    Who is reached by none of them gets an e-mail that waits for an address, so that it stands on the worklist.
    """
    found = [_EMAIL] if has_email and facts.sends else []
    if has_sms and has_gateway and facts.sends:
        found.append(_SMS)
    if facts.prints:
        found.append(_PRINT)
    return tuple(found or [_EMAIL])
