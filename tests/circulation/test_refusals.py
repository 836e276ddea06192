"""Every loan command: who may, where, and that it stays at home; a refusal proves that nothing was written."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import transaction

from amerce.access.actors import Actor, Place
from amerce.access.can import NotAllowed
from amerce.access.privileges import ROLES, Privilege
from amerce.circulation.add_loan_note import add_loan_note
from amerce.circulation.cancel_request import cancel_request
from amerce.circulation.checkout import checkout
from amerce.circulation.claim_return import claim_return
from amerce.circulation.errors import ItemNotFound, LoanError, LoanNotFound, PickupUnknown, RequestNotFound
from amerce.circulation.mark_found import mark_found
from amerce.circulation.mark_lost import mark_lost
from amerce.circulation.models import Item, Loan, Request
from amerce.circulation.place_request import place_request
from amerce.circulation.renew import renew
from amerce.circulation.return_item import return_item
from amerce.inputs.errors import TextMalformed, TextTooLong
from amerce.institutions.models import Library as LibraryRow
from amerce.patrons.queries import PatronNotFound
from tests.charges.checks import nothing_written
from tests.circulation.desk import LoanDesk
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

HUGE = 2**70
NEEDS: dict[Callable[..., Any], Privilege] = {
    checkout: Privilege.LOAN_CHECKOUT,
    return_item: Privilege.LOAN_RETURN,
    renew: Privilege.LOAN_RENEW,
    claim_return: Privilege.LOAN_MARK,
    mark_lost: Privilege.LOAN_MARK,
    mark_found: Privilege.LOAN_MARK,
    add_loan_note: Privilege.LOAN_NOTE,
    place_request: Privilege.REQUEST_PLACE,
    cancel_request: Privilege.REQUEST_CANCEL,
}
COMMANDS = pytest.mark.parametrize("command", NEEDS, ids=lambda command: command.__name__)
OF_A_LOAN = (renew, claim_return, mark_lost, mark_found, add_loan_note)


@dataclass
class Scene:
    """A patron with a loan, a claimed one and a request; an item on the shelf."""

    library: Library
    loan: Loan
    claimed: Loan
    shelved: Item
    request: Request

    def inputs(self, command: Callable[..., Any]) -> dict[str, Any]:
        """Inputs that ``command`` accepts."""
        own: dict[Callable[..., Any], dict[str, Any]] = {
            checkout: {"barcode": self.shelved.barcode},
            return_item: {"barcode": self.loan.item.barcode},
            renew: {"loan_ids": [self.loan.pk]},
            claim_return: {"loan_id": self.loan.pk},
            mark_lost: {"loan_id": self.loan.pk},
            mark_found: {"loan_id": self.claimed.pk},
            add_loan_note: {"loan_id": self.loan.pk, "text": "Coffee on page 7"},
            place_request: {"barcode": self.shelved.barcode, "pickup_library_id": self.library.library.pk},
            cancel_request: {"request_id": self.request.pk},
        }
        whose = {} if command is return_item else {"patron_id": self.library.patron.pk}
        return {"actor": everybody(self.library), "at": NOON, **whose, **own[command]}


def everybody(library: Library) -> Actor:
    """Who may do everything, at the desk."""
    return replace(library.operator, grants={each: frozenset({None}) for each in Privilege})


def scene_of(library: Library) -> Scene:
    desk = LoanDesk(library)
    loan, claimed, wanted = (desk.lend(library.new_item()) for _ in range(3))
    desk.claim(claimed, at=NOON)
    desk.take_back(wanted, at=NOON)
    request = place_request(
        actor=library.operator,
        at=NOON,
        patron_id=library.patron.pk,
        barcode=wanted.item.barcode,
        pickup_library_id=library.library.pk,
    ).request
    return Scene(library, loan, claimed, library.new_item(), request)


@pytest.fixture
def scene(library: Library) -> Scene:
    return scene_of(library)


@COMMANDS
def test_a_role_may_do_exactly_what_its_privileges_say(scene: Scene, command: Callable[..., Any]) -> None:
    for role in ROLES:
        inputs = {**scene.inputs(command), "actor": scene.library.staff(role)}
        _assert_allowed(command, inputs, NEEDS[command], NEEDS[command] in ROLES[role].privileges)


def test_a_role_dates_a_return_back_only_with_the_privilege_for_it(scene: Scene) -> None:
    needed = Privilege.LOAN_BACKDATE
    for role in ROLES:
        if NEEDS[return_item] in ROLES[role].privileges:
            inputs = {**scene.inputs(return_item), "actor": scene.library.staff(role), "returned_at": NOON}
            _assert_allowed(return_item, inputs, needed, needed in ROLES[role].privileges)


@COMMANDS
def test_no_other_privilege_will_do(scene: Scene, command: Callable[..., Any]) -> None:
    others = {each: frozenset({None}) for each in Privilege if each != NEEDS[command]}
    inputs = {**scene.inputs(command), "actor": replace(everybody(scene.library), grants=others)}

    _assert_allowed(command, inputs, NEEDS[command], False)


@COMMANDS
def test_a_role_in_one_library_holds_nowhere_else(scene: Scene, command: Callable[..., Any]) -> None:
    library = scene.library
    branch = LibraryRow.objects.create(institution=library.institution, code="BRANCH", name="Branch")
    in_branch = replace(everybody(library), grants={each: frozenset({branch.pk}) for each in Privilege})

    for place in (library.place, Place(library.library.pk, None), None):
        with nothing_written(), pytest.raises(NotAllowed):
            command(**{**scene.inputs(command), "actor": replace(in_branch, place=place)})
    command(**{**scene.inputs(command), "actor": replace(in_branch, place=Place(branch.pk, library.desk.pk))})


@COMMANDS
def test_what_belongs_to_another_institution_is_not_found(
    scene: Scene, other_library: Library, command: Callable[..., Any]
) -> None:
    mine, foreign = scene.inputs(command), scene_of(other_library).inputs(command)
    with nothing_written(), pytest.raises((LoanError, PatronNotFound)):
        command(**{**mine, "actor": foreign["actor"]})
    for name in mine.keys() - {"actor", "at", "text"}:
        with nothing_written(), pytest.raises((LoanError, PatronNotFound)):
            command(**{**mine, name: foreign[name]})


@pytest.mark.parametrize("command", OF_A_LOAN, ids=lambda command: command.__name__)
def test_a_loan_of_another_patron_is_not_found(scene: Scene, command: Callable[..., Any]) -> None:
    other = scene.library.new_patron("other")

    with nothing_written(), pytest.raises(LoanNotFound):
        command(**{**scene.inputs(command), "patron_id": other.pk})


@COMMANDS
@pytest.mark.parametrize("number", [0, -1, 2**40, HUGE])
def test_a_number_that_no_row_has_is_not_found(scene: Scene, command: Callable[..., Any], number: int) -> None:
    inputs = scene.inputs(command)
    expected = {
        "patron_id": (PatronNotFound, LoanNotFound, RequestNotFound),
        "loan_id": LoanNotFound,
        "loan_ids": LoanNotFound,
        "request_id": RequestNotFound,
        "pickup_library_id": PickupUnknown,
    }
    for name in inputs.keys() & expected.keys():
        with nothing_written(), pytest.raises(expected[name]):
            command(**{**inputs, name: [number] if name == "loan_ids" else number})


@pytest.mark.parametrize("command", [checkout, return_item, place_request], ids=lambda command: command.__name__)
@pytest.mark.parametrize("barcode", ["", " ", "nothing", "39\0007", "\ud800", "3" * 5000])
def test_what_is_no_barcode_is_not_found(scene: Scene, command: Callable[..., Any], barcode: str) -> None:
    with nothing_written(), pytest.raises(ItemNotFound):
        command(**{**scene.inputs(command), "barcode": barcode})


@pytest.mark.parametrize(
    ("text", "refusal"), [("\0", TextMalformed), ("x" * 1001, TextTooLong), ("\u202ea", TextMalformed)]
)
@pytest.mark.parametrize(("command", "field"), [(add_loan_note, "text"), (cancel_request, "note")])
def test_a_text_that_cannot_be_kept_or_read_is_refused(
    scene: Scene, command: Callable[..., Any], field: str, text: str, refusal: type[Exception]
) -> None:
    with nothing_written(), pytest.raises(refusal):
        command(**{**scene.inputs(command), field: text})


def _assert_allowed(
    command: Callable[..., Any], inputs: dict[str, Any], privilege: Privilege, is_allowed: bool
) -> None:
    if is_allowed:
        with transaction.atomic():
            command(**inputs)
            transaction.set_rollback(True)
        return
    with nothing_written(), pytest.raises(NotAllowed) as refused:
        command(**inputs)
    assert refused.value.privilege is privilege
