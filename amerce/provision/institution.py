"""A new institution with its code tables, fee types, user groups, sequences, terms of use and nightly jobs."""

from collections.abc import Mapping

from django.db import transaction

from amerce.charges.defaults import default_fee_types
from amerce.charges.models import FeeType
from amerce.circulation.models import TermsOfUse
from amerce.institutions.defaults import DEFAULT_CODES, default_ceiling_minor
from amerce.institutions.models import CodeEntry, Desk, Institution, Library, NumberSequence
from amerce.institutions.sequences import RECEIPT
from amerce.jobs.models import JobSchedule
from amerce.money.amount import currency
from amerce.patrons.models import UserGroup
from amerce.provision.schedules import default_schedules

PROXY_GROUPS = frozenset({"21", "22", "23"})
USER_GROUPS = {
    "21": "Faculty (Proxy)",
    "22": "Officer (Proxy)",
    "23": "Staff (Proxy)",
    "25": "Special Borrower",
    "27": "Consortial Borrower",
    "30": "Domestic partner",
    "41": "SAO Affiliate",
    "42": "Continuing Ed. - PCI",
    "45": "Special Permission Borrowers",
    "57": "Leganto Self-Registered Patron",
    "58": "Library Guest",
    "59": "Visiting Researcher",
    "84": "Borrow Direct to other institution (RS Billing only)",
}
FIRST_RECEIPT = 10_001
_RATE, _MAXIMUM = 25, 1000  # 0.25 a day and at most 10.00, in hundredths of the currency
_RECALL_RATE, _REPLACEMENT, _PROCESS_FEE = 100, 5000, 1500


def provision_institution(
    *,
    code: str,
    name: str,
    currency_code: str = "USD",
    locale: str = "en_US",
    time_zone: str = "UTC",
    overpayment: Institution.Overpayment = Institution.Overpayment.REFUSE,
) -> Institution:
    """Make an institution ready for work. Raises ``ValueError`` for an unknown currency, ``IntegrityError`` for a
    code that is taken."""
    unit = 10 ** currency(currency_code).exponent
    with transaction.atomic():
        institution = Institution.objects.create(
            code=code,
            name=name,
            currency_code=currency_code,
            locale=locale,
            time_zone=time_zone,
            overpayment=overpayment,
            amount_ceiling_minor=default_ceiling_minor(currency(currency_code)),
        )
        FeeType.objects.bulk_create(default_fee_types(institution.pk))
        for table, labels in DEFAULT_CODES.items():
            _code_table(institution, table, labels)
        UserGroup.objects.bulk_create(
            UserGroup(institution=institution, code=group, label=label, is_proxy=group in PROXY_GROUPS)
            for group, label in USER_GROUPS.items()
        )
        NumberSequence.objects.create(institution=institution, name=RECEIPT, next_value=FIRST_RECEIPT)
        TermsOfUse.objects.create(
            institution=institution,
            name="Standard loan",
            overdue_rate_minor=_RATE * unit // 100,
            grace_minutes=24 * 60,
            overdue_maximum_minor=_MAXIMUM * unit // 100,
            recall_rate_minor=_RECALL_RATE * unit // 100,
            replacement_minor=_REPLACEMENT * unit // 100,
            process_fee_minor=_PROCESS_FEE * unit // 100,
        )
        JobSchedule.objects.bulk_create(default_schedules(institution))
        return institution


def provision_library(institution: Institution, *, code: str, name: str) -> Library:
    """Make a library with one circulation desk, so that somebody can work there."""
    with transaction.atomic():
        library = Library.objects.create(institution=institution, code=code, name=name)
        Desk.objects.create(institution=institution, library=library, code="CIRC", name="Circulation Desk")
        return library


def _code_table(institution: Institution, table: CodeEntry.Table, labels: Mapping[str, str]) -> None:
    CodeEntry.objects.bulk_create(
        CodeEntry(institution=institution, table=table, code=code, label=label, position=position)
        for position, (code, label) in enumerate(labels.items(), start=1)
    )
