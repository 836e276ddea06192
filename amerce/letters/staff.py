"""Where reports to staff go: one address of the institution, set with the other letter settings (row E1).

Why one address: a list of people is kept by the mail server, which knows who left.
"""

from amerce.letters.models import LetterSettings


def staff_email(institution_id: int) -> str:
    """Empty where nobody wants reports. One query."""
    settings = LetterSettings.objects.filter(institution_id=institution_id)
    return settings.values_list("staff_email", flat=True).first() or ""


def wants_reports(institution_id: int | None) -> bool:
    """Whether there is an address for them."""
    return institution_id is not None and bool(staff_email(institution_id))
