"""Charging many patrons at once: the same rows as by ``assess``, and whole or not at all."""

import pytest
from django.db import transaction

from amerce.access.actors import Actor, system_actor
from amerce.access.can import NotAllowed
from amerce.access.privileges import Privilege
from amerce.charges.assess_many import NewCharge, assess_many
from amerce.charges.errors import AmountOutOfRange, TypeUnknown
from amerce.charges.many_books import open_many_books
from amerce.charges.models import Fee, FeeType
from amerce.events.models import Event
from amerce.inputs.errors import TextTooLong
from amerce.ledger.models import PatronAccount, Transfer
from amerce.ledger.verify import verify
from amerce.patrons.models import Note
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]
TYPE = "FINEFEENOTIFICATIONFEE"


def job(library: Library) -> Actor:
    return system_actor(library.institution.pk, "job", Privilege.FEE_ACCRUE)


def charged(library: Library, *charges: NewCharge, actor: Actor | None = None, type_code: str = TYPE) -> None:
    with transaction.atomic():
        many = open_many_books(
            actor=actor or job(library),
            at=NOON,
            institution=library.institution,
            patron_ids={each.patron_id for each in charges},
            loan_ids=(),
        )
        assess_many(many, type_code, charges)
        many.close()


def test_each_patron_is_charged_with_fee_transfer_account_comment_and_event(library):
    other, main = library.new_patron("other"), library.library.pk
    FeeType.objects.filter(code=TYPE).update(vat_rate_bp=1000)

    charged(
        library,
        NewCharge(library.patron.pk, 1000, main, "Reminder"),
        NewCharge(other.pk, 500, None),
        NewCharge(library.patron.pk, 250, None, "Reminder"),
    )

    fees = Fee.objects.select_related("patron", "note").order_by("patron_id", "pk")
    assert [
        (each.patron.primary_id, each.original_minor, each.remaining_minor, each.owner_id, each.status) for each in fees
    ] == [("jdoe", 1000, 1000, main, "ACTIVE"), ("jdoe", 250, 250, None, "ACTIVE"), ("other", 500, 500, None, "ACTIVE")]
    assert [each.note.text if each.note else None for each in fees] == ["Reminder", "Reminder", None]
    assert dict(PatronAccount.objects.values_list("patron_id", "active_minor")) == {
        library.patron.pk: 1250,
        other.pk: 500,
    }
    assert list(Transfer.objects.order_by("amount_minor").values_list("kind", "amount_minor", "vat_minor")) == [
        ("CHARGE", 250, 23),
        ("CHARGE", 500, 45),
        ("CHARGE", 1000, 91),
    ]
    events = Event.objects.filter(name="fee.assessed").order_by("pk")
    assert [(each.patron_id, [line["amount_minor"] for line in each.data["lines"]]) for each in events] == [
        (library.patron.pk, [1000]),
        (other.pk, [500]),
        (library.patron.pk, [250]),
    ]
    assert verify().findings == []


@pytest.mark.parametrize(
    ("amount_minor", "comment", "type_code", "reason"),
    [
        (0, "", TYPE, AmountOutOfRange),
        (10**12, "", TYPE, AmountOutOfRange),
        (100, "x" * 5000, TYPE, TextTooLong),
        (100, "", "NONE", TypeUnknown),
    ],
)
def test_one_that_is_refused_leaves_nobody_charged(library, amount_minor, comment, type_code, reason):
    good = NewCharge(library.patron.pk, 100, None)

    with pytest.raises(reason):
        charged(library, good, NewCharge(library.patron.pk, amount_minor, None, comment), type_code=type_code)

    assert [each.objects.count() for each in (Fee, Transfer, Note)] == [0, 0, 0]


def test_it_takes_the_privilege_of_a_job(library):
    with pytest.raises(NotAllowed):
        charged(library, NewCharge(library.patron.pk, 100, None), actor=library.manager)

    assert Fee.objects.count() == 0
