"""Send Activity Report: loans, overdue loans and fines by owner, on the screen and by e-mail (row A8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.models import Fee
from amerce.circulation.letter_facts import about_loan, loan_facts
from amerce.circulation.models import Loan
from amerce.circulation.queries import loans_of
from amerce.institutions.models import Institution
from amerce.letters.errors import LetterKindOff, NoAddress
from amerce.letters.kinds import LetterKind
from amerce.letters.models import Letter
from amerce.letters.press import NewLetter
from amerce.letters.write import write_letters

LOANS_LIMIT = 500


@dataclass(frozen=True)
class Owed:
    """What is owed to a library, or to the institution itself, in minor units, credits taken off."""

    owner: str
    total_minor: int


@dataclass(frozen=True)
class ActivityReport:
    """What a patron has and owes at a moment. ``fines_minor`` is by loan id; ``total_minor`` the active balance."""

    loans: list[Loan]
    overdue: list[Loan]
    owed: list[Owed]
    fines_minor: dict[int, int]

    @property
    def total_minor(self) -> int:
        return sum(each.total_minor for each in self.owed)


def activity_report(actor: Actor, patron_id: int, *, at: datetime) -> ActivityReport:
    """Four queries. A loan is overdue or among the others, not both; at most ``LOANS_LIMIT`` of them."""
    institution = Institution.objects.get(pk=actor.institution_id)
    loans = list(loans_of(actor, patron_id)[:LOANS_LIMIT])
    active = Fee.objects.filter(
        institution_id=actor.institution_id, patron_id=patron_id, status=Fee.Status.ACTIVE
    ).order_by()
    by_owner = active.values_list("owner__name").annotate(total=Sum("remaining_minor"))
    fines = active.filter(loan__in=[each.pk for each in loans]).values_list("loan").annotate(Sum("remaining_minor"))
    return ActivityReport(
        loans=[each for each in loans if each.due_at >= at],
        overdue=[each for each in loans if each.due_at < at],
        owed=sorted(
            (Owed(owner or institution.name, total) for owner, total in by_owner if total),
            key=lambda each: each.owner.casefold(),  # alike on every engine, whatever its collation
        ),
        fines_minor=dict(fines),
    )


def send_activity_report(*, actor: Actor, at: datetime, patron_id: int, form_key: str) -> Letter:
    """Write the report as it is now to the patron by e-mail; the same form sent twice is one letter.

    Raises ``NotAllowed``, ``NoAddress``, ``LetterKindOff``.
    """
    require(actor, Privilege.LETTER_SEND)
    with transaction.atomic():
        report = activity_report(actor, patron_id, at=at)
        letter = NewLetter(
            kind=LetterKind.ACTIVITY_REPORT,
            patron_id=patron_id,
            channels=(Letter.Channel.EMAIL,),
            data=_data(report),
            key=f"activity:{patron_id}:{form_key}"[:200],
            about=[about_loan(each) for each in (*report.loans, *report.overdue)],
        )
        written = write_letters(actor=actor, at=at, letters=[letter])
        if not written:
            raise LetterKindOff
        if written[0].state == Letter.State.NO_ADDRESS:
            raise NoAddress
        return written[0]


def _data(report: ActivityReport) -> dict[str, Any]:
    def facts(loans: Iterable[Loan]) -> list[dict[str, Any]]:
        return [loan_facts(each, report.fines_minor.get(each.pk, 0)) for each in loans]

    return {
        "loans": facts(report.loans),
        "overdue_loans": facts(report.overdue),
        "owed": [{"owner": each.owner, "total_minor": each.total_minor} for each in report.owed],
        "total_minor": report.total_minor,
    }
