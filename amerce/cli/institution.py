"""Which institution a sub-command works in."""

from django.utils.translation import gettext as _

from amerce.cli.refusal import Refusal
from amerce.institutions.models import Institution


def the_institution(code: str | None) -> Institution:
    """The institution of that code, or the only one there is. Raises ``Refusal``."""
    known = {each.code: each for each in Institution.objects.order_by("code")}
    if not known:
        raise Refusal(_("There is no institution yet; amerce import makes one."))
    if code is None and len(known) == 1:
        return next(iter(known.values()))
    if code is None:
        raise Refusal(_("Name one with --institution, there are several: %(codes)s.") % {"codes": ", ".join(known)})
    if code not in known:
        raise Refusal(
            _("There is no institution “%(code)s”; there are: %(codes)s.") % {"code": code, "codes": ", ".join(known)}
        )
    return known[code]
