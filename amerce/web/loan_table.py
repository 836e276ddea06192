"""The columns of the list of loans: which there are, and which the one who is signed in chose (row A6)."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from amerce.access.queries import preference
from amerce.web.request import StaffRequest

PREFERENCE = "loan.columns"


@dataclass(frozen=True)
class Column:
    """``choice`` is what the checkbox says, where that is not the heading."""

    key: str
    label: str | Promise
    is_default: bool = True
    choice: str | Promise = ""
    css: str = ""


COLUMNS = (
    Column("call_number", gettext_lazy("Call number"), is_default=False, choice=gettext_lazy("Call numbers")),
    Column("barcode", gettext_lazy("Barcode"), css="code"),
    Column("author", gettext_lazy("Author"), is_default=False),
    Column("due", gettext_lazy("Due"), css="due"),
    Column("loaned", gettext_lazy("Loaned"), is_default=False),
    Column("library", gettext_lazy("Library"), is_default=False),
    Column("status", gettext_lazy("Status")),
    Column("renewals", gettext_lazy("Renewals")),
    Column("fine", gettext_lazy("Fine"), css="amount"),
    Column("terms", gettext_lazy("Terms")),
)
"""In the order of the table. The title is always there: without it a row says nothing."""


def chosen_columns(request: StaffRequest) -> list[Column]:
    """The columns that the one who is signed in likes to see, in the order of the table. One query."""
    kept = preference(request.actor, PREFERENCE)
    if not isinstance(kept, list):
        return [each for each in COLUMNS if each.is_default]
    return [each for each in COLUMNS if each.key in kept]
