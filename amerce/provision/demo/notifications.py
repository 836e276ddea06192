"""Whom the sample library tells what they owe: three notification profiles, one of them with a fee.

Why no run here: whoever tries it previews first, and sees the letters being written.
"""

from amerce.access.actors import actor_for
from amerce.charges.models import FeeType
from amerce.institutions.models import Printer
from amerce.notices.enable_profile import disable_profile
from amerce.notices.models import NotificationProfile
from amerce.notices.profiles import INSTITUTION, ProfileFacts
from amerce.notices.save_profile import save_profile
from amerce.provision.demo.places import DAYS, Campus

_Format = NotificationProfile.SendFormat


def make_notification_profiles(campus: Campus) -> None:
    """A first reminder, a last one that is printed and costs a fee, and one for lost items that waits for its day."""
    actor, at = actor_for(campus.accounts["useradmin"], None), campus.moment(-DAYS - 1, 10)
    room = Printer.objects.get(institution=campus.institution, code="MAILROOM")
    lost = FeeType.objects.filter(institution=campus.institution, code__startswith="LOSTITEM")
    main = campus.libraries["M"].pk
    first = ProfileFacts(
        name="First reminder",
        description="A friendly word to whoever owes a library ten dollars or more for over a week.",
        minimum_minor=10_00,
        maximum_minor=50_00,
        created_before_days=7,
    )
    last = ProfileFacts(
        name="Last reminder before the bursar",
        description="By e-mail and by post, for what is owed for more than 30 days.",
        minimum_minor=50_00,
        only_active=True,
        owners=(INSTITUTION, *sorted(each.pk for each in campus.libraries.values())),
        created_before_days=30,
        creates_fee=True,
        fee_minor=2_50,
        send_format=_Format.BOTH.value,
        printer_id=room.pk,
    )
    returned = ProfileFacts(
        name="Lost items, nothing out any more",
        minimum_minor=20_00,
        skips_borrowers=True,
        owners=(main,),
        types=tuple(lost.values_list("pk", flat=True)),
        send_format=_Format.PRINT.value,
        printer_id=room.pk,
    )
    saved = [save_profile(actor=actor, at=at, facts=each) for each in (first, last, returned)]
    disable_profile(actor=actor, at=at, profile_id=saved[-1].profile_id)
