"""Every command with every reason to refuse; a refusal proves that nothing was written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import pytest
from django.db import transaction

from amerce.access.actors import Actor, Place, actor_for
from amerce.access.can import AboveCeiling, NotAllowed
from amerce.access.models import RoleAssignment
from amerce.access.privileges import ROLES, WITH_CEILING, Privilege
from amerce.charges import errors
from amerce.charges.accrue import accrue
from amerce.charges.assess import ItemFacts, assess
from amerce.charges.correct import correct
from amerce.charges.dispute import dispute
from amerce.charges.export import export
from amerce.charges.link_item import link_item
from amerce.charges.models import Fee, FeeType
from amerce.charges.pay import pay
from amerce.charges.refund import refund
from amerce.charges.restore import restore
from amerce.charges.waive import waive
from amerce.circulation.models import Loan
from amerce.inputs.errors import TextMalformed, TextTooLong
from amerce.institutions.models import CodeEntry
from amerce.institutions.models import Library as LibraryRow
from amerce.ledger.models import PatronAccount, Transfer
from amerce.patrons.queries import PatronNotFound
from tests.charges.acts import Desk, facts
from tests.charges.checks import nothing_written
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

HUGE = 2**70
CEILING = 10_000_000


@dataclass
class Scene:
    """One patron with a fee in every state, a second patron, and another institution with the same."""

    desk: Desk
    everyone: Actor
    open: Fee
    part_paid: Fee
    disputed: Fee
    paid: Fee
    exported: Fee
    exported_for_good: Fee
    credit: Fee
    netted: Fee
    bound: Fee
    payment: Transfer
    loan: Loan
    other_patrons: Fee
    foreign: Desk
    foreign_fee: Fee
    foreign_payment: Transfer

    def inputs(self, verb: Callable[..., Any]) -> dict[str, Any]:
        """Inputs that ``verb`` accepts."""
        item = facts(self.desk.library.new_item())
        own: dict[Callable[..., Any], dict[str, Any]] = {
            assess: {"type_code": "OTHER", "amount_minor": 100},
            pay: {"fee_ids": [self.open.pk], "amount_minor": 100, "method": "CASH"},
            waive: {"amounts_minor": {self.open.pk: 100}, "reason": "OTHER"},
            dispute: {"fee_ids": [self.open.pk]},
            restore: {"fee_ids": [self.disputed.pk]},
            refund: {"fee_id": self.paid.pk, "amount_minor": 100, "method": "CASH"},
            correct: {"transfer_ids": [self.payment.pk]},
            export: {"fee_ids": [self.open.pk], "awaits_payment": False},
            link_item: {"fee_id": self.open.pk, "item": item},
            accrue: {
                "loan_id": self.loan.pk,
                "type_code": "OVERDUEFINE",
                "total_minor": 100,
                "item": facts(self.loan.item),
                "owner_library_id": self.desk.library.library.pk,
                "comment": "",
            },
        }
        return {"actor": self.everyone, "at": NOON, "patron_id": self.desk.patron.pk, **own[verb]}


VERBS: dict[Callable[..., Any], Privilege] = {
    assess: Privilege.FEE_ADD,
    pay: Privilege.FEE_PAY,
    waive: Privilege.FEE_WAIVE,
    dispute: Privilege.FEE_DISPUTE,
    restore: Privilege.FEE_RESTORE,
    refund: Privilege.FEE_REFUND,
    correct: Privilege.FEE_CORRECT,
    export: Privilege.FEE_EXPORT,
    link_item: Privilege.FEE_LINK_ITEM,
    accrue: Privilege.FEE_ACCRUE,
}
"""Each command and the privilege it asks for."""
WITH_FORMS = [verb for verb in VERBS if verb not in (accrue, export)]


@pytest.fixture
def scene(desk: Desk) -> Scene:
    foreign = Desk(Library.new("OTHER"))
    foreign_fee = foreign.charge(1000)
    foreign.pay(foreign_fee, amount=100)
    second = desk.library.new_patron("second")
    lost = desk.charge(9900, "LOSTITEMREPLACEMENTFEE")
    desk.waive(lost)
    part_paid, paid = desk.charge(1000), desk.charge(1000)
    desk.pay(part_paid, amount=400)
    payment = desk.last_transfer("PAYMENT")
    desk.pay(paid)
    disputed, exported, for_good = desk.charge(1000), desk.charge(1000), desk.charge(1000)
    desk.dispute(disputed)
    desk.export(exported, awaits_payment=True)
    desk.export(for_good)
    return Scene(
        desk=desk,
        everyone=replace(desk.manager, grants={each: frozenset({None}) for each in Privilege}),
        open=desk.charge(1000),
        part_paid=part_paid,
        disputed=disputed,
        paid=paid,
        exported=exported,
        exported_for_good=for_good,
        credit=desk.charge(300, "CREDIT"),
        netted=lost,
        bound=Fee.objects.get(bound_to=lost),
        payment=payment,
        loan=desk.new_loan(),
        other_patrons=desk.library.charge(1000, patron=second),
        foreign=foreign,
        foreign_fee=foreign_fee,
        foreign_payment=foreign.last_transfer("PAYMENT"),
    )


def test_every_command_accepts_the_inputs_that_the_refusals_spoil(scene: Scene) -> None:
    for verb in (link_item, accrue, assess, pay, waive, refund, correct, restore, dispute):
        verb(**scene.inputs(verb))
    scene.desk.restore(scene.open)
    export(**scene.inputs(export))


Spoil = Callable[[Scene], dict[str, Any]]
Row = tuple[Callable[..., Any], str, Spoil, type[Exception]]


def _chosen_fees(name: str, error: type[Exception], *verbs: Callable[..., Any]) -> Iterator[Row]:
    """A row for each verb that is given the fee of the scene called ``name``."""
    for verb in verbs:
        yield verb, f"fee is {name}", lambda s, v=verb: _with_fee(v, getattr(s, name).pk), error


def _with_fee(verb: Callable[..., Any], fee_id: int) -> dict[str, Any]:
    if verb is waive:
        return {"amounts_minor": {fee_id: 1}}
    return {"fee_id": fee_id} if verb in (refund, link_item) else {"fee_ids": [fee_id]}


CHOOSES = (pay, waive, dispute, restore, export)
NAMES_A_FEE = (*CHOOSES, refund, link_item)


def _unknown_fees_and_patrons() -> Iterator[Row]:
    for name in ("other_patrons", "foreign_fee"):
        yield from _chosen_fees(name, errors.FeeNotFound, *NAMES_A_FEE)
    for verb in NAMES_A_FEE:
        for fee_id in (HUGE, -HUGE, -1, 0, 999_999_999):
            yield verb, f"fee is {fee_id}", lambda s, v=verb, f=fee_id: _with_fee(v, f), errors.FeeNotFound
    for verb in VERBS:
        yield verb, "patron of another institution", lambda s: {"patron_id": s.foreign.patron.pk}, PatronNotFound
        for patron_id in (HUGE, -HUGE, -1, 0, 999_999_999):
            yield verb, f"patron {patron_id}", lambda s, p=patron_id: {"patron_id": p}, PatronNotFound


def _states() -> Iterator[Row]:
    yield from _chosen_fees("disputed", errors.StatusForbids, pay, dispute, export)
    yield from _chosen_fees("paid", errors.StatusForbids, pay, waive, dispute, restore, export)
    yield from _chosen_fees("exported", errors.StatusForbids, pay, waive, dispute, restore, export, refund)
    yield from _chosen_fees("exported_for_good", errors.StatusForbids, pay, waive, dispute, restore, export)
    yield from _chosen_fees("exported_for_good", errors.FeeAtBursar, refund)
    yield from _chosen_fees("open", errors.StatusForbids, restore)
    yield from _chosen_fees("credit", errors.CreditForbids, pay, dispute, export)
    yield from _chosen_fees("bound", errors.CreditForbids, pay, dispute, export, refund)
    yield from _chosen_fees("credit", errors.TypeNotWaivable, waive)
    yield from _chosen_fees("netted", errors.MoreThanOwed, pay)
    yield from _chosen_fees("netted", errors.NothingOwed, waive, dispute, export)
    yield refund, "credit as credit", lambda s: {"fee_id": s.credit.pk, "method": ""}, errors.CreditForbids
    for verb in CHOOSES:
        nothing = {"amounts_minor": {}} if verb is waive else {"fee_ids": []}
        yield verb, "nothing chosen", lambda s, n=nothing: n, errors.NothingChosen
    yield correct, "nothing chosen", lambda s: {"transfer_ids": []}, errors.NothingChosen


def _amounts() -> Iterator[Row]:
    for amount in (0, -1, CEILING + 1, HUGE, -HUGE):
        for verb in (assess, pay, refund):
            yield verb, f"amount {amount}", lambda s, a=amount: {"amount_minor": a}, errors.AmountOutOfRange
        out = errors.AmountOutOfRange
        yield waive, f"amount {amount}", lambda s, a=amount: {"amounts_minor": {s.open.pk: a}}, out
        yield pay, f"all, {amount}", lambda s, a=amount: {"fee_ids": None, "amount_minor": a}, out
    yield pay, "more than owed", lambda s: {"amount_minor": 1001}, errors.MoreThanOwed
    yield pay, "all, more than owed", lambda s: {"fee_ids": None, "amount_minor": 1301}, errors.MoreThanOwed
    yield waive, "more than owed", lambda s: {"amounts_minor": {s.open.pk: 1001}}, errors.MoreThanOwed
    yield waive, "one of two", lambda s: {"amounts_minor": {s.part_paid.pk: 1, s.open.pk: 0}}, errors.AmountOutOfRange
    yield refund, "more than paid", lambda s: {"fee_id": s.part_paid.pk, "amount_minor": 401}, errors.MoreThanPaid
    yield refund, "more than the credit", lambda s: {"fee_id": s.credit.pk, "amount_minor": 301}, errors.MoreThanPaid


def _codes() -> Iterator[Row]:
    for code in ("", "NOPE", "INACTIVE", "FOREIGN", "cash", "OTHER ", "x" * 500):
        for verb in (pay, refund):
            if code or verb is pay:
                yield verb, f"method {code[:9]!r}", lambda s, c=code: {"method": c}, errors.MethodUnknown
        if code != "OTHER ":
            yield waive, f"reason {code[:9]!r}", lambda s, c=code: {"reason": c}, errors.ReasonUnknown
        yield assess, f"type {code[:9]!r}", lambda s, c=code: {"type_code": c}, errors.TypeUnknown
    yield waive, "method as reason", lambda s: {"reason": "CASH"}, errors.ReasonUnknown
    yield pay, "reason as method", lambda s: {"method": "HARDSHIP"}, errors.MethodUnknown
    yield assess, "automatic type", lambda s: {"type_code": "OVERDUEFINE"}, errors.TypeNotManual
    yield assess, "disabled type", lambda s: {"type_code": "CUSTOMER_DEFINED_01"}, errors.TypeUnknown
    yield accrue, "unknown type", lambda s: {"type_code": "NOPE"}, errors.TypeUnknown


def _places_and_items() -> Iterator[Row]:
    for library in ("foreign", HUGE, -1, 0):
        owner = _library(library)
        yield assess, f"owner {library}", lambda s, o=owner: {"owner_library_id": o(s)}, errors.OwnerUnknown
        yield accrue, f"owner {library}", lambda s, o=owner: {"owner_library_id": o(s)}, errors.OwnerUnknown
    yield assess, "owner of institution's", _institution_type_with_owner, errors.OwnerUnknown
    yield assess, "no desk", lambda s: {"actor": _away(s.everyone)}, errors.DeskRequired
    yield assess, "library, no desk", lambda s: {"actor": _in_library(s)}, errors.DeskRequired
    yield assess, "foreign item", lambda s: {"item": _foreign_item(s)}, errors.ItemUnknown
    yield link_item, "foreign item", lambda s: {"item": _foreign_item(s)}, errors.ItemUnknown
    yield assess, "no such item", lambda s: {"item": ItemFacts(HUGE, "", "")}, errors.ItemUnknown
    yield link_item, "no such item", lambda s: {"item": ItemFacts(HUGE, "", "")}, errors.ItemUnknown
    yield accrue, "foreign loan", lambda s: {"loan_id": s.foreign.new_loan().pk}, errors.LoanUnknown
    yield accrue, "no such loan", lambda s: {"loan_id": 999_999_999}, errors.LoanUnknown
    yield accrue, "item of another loan", lambda s: {"item": _foreign_item(s)}, errors.LoanUnknown


def _texts() -> Iterator[Row]:
    for text, refusal in (("x" * 1001, TextTooLong), ("a\0b", TextMalformed), ("\u202ea", TextMalformed)):
        for verb in VERBS:
            if verb not in (export, link_item):
                yield verb, f"comment {text[:3]!r}", lambda s, t=text: {"comment": t}, refusal
            if verb is not accrue:
                yield verb, f"form key {text[:3]!r}", lambda s, t=text: {"form_key": t}, refusal
    for text, refusal in (("x" * 151, TextTooLong), ("a\0b", TextMalformed), ("\ud800", TextMalformed)):
        told = {"external_transaction_id": text}
        yield pay, f"external id {text[:3]!r}", lambda s, t=told: t, refusal
        for verb, field in ((pay, "method"), (refund, "method"), (waive, "reason"), (assess, "type_code")):
            if len(text) < 9:
                yield verb, f"{field} {text!r}", lambda s, f=field, t=text: {f: t}, refusal


def _transfers_and_pages() -> Iterator[Row]:
    for transfer in ("foreign_payment", HUGE, -1, 0):
        named = _transfer(transfer)
        yield correct, f"transfer {transfer}", lambda s, n=named: {"transfer_ids": [n(s)]}, errors.TransferNotFound
    yield correct, "another patron's", _other_patrons_transfer, errors.TransferNotFound
    yield correct, "one unknown of two", _known_and_unknown, errors.TransferNotFound
    for verb in WITH_FORMS:
        for seq in (0, 1, 10_000, HUGE):
            yield verb, f"page of seq {seq}", lambda s, q=seq: {"expected_seq": q}, errors.StaleAccount


def _library(which: str | int) -> Callable[[Scene], int]:
    return (lambda s: s.foreign.library.library.pk) if which == "foreign" else (lambda s: int(which))


def _transfer(which: str | int) -> Callable[[Scene], int]:
    return (lambda s: s.foreign_payment.pk) if which == "foreign_payment" else (lambda s: int(which))


def _institution_type_with_owner(scene: Scene) -> dict[str, Any]:
    return {"type_code": "CARDRENEWAL", "owner_library_id": scene.desk.library.library.pk}


def _away(actor: Actor) -> Actor:
    return replace(actor, place=None)


def _in_library(scene: Scene) -> Actor:
    return replace(scene.everyone, place=Place(scene.desk.library.library.pk, None))


def _foreign_item(scene: Scene) -> ItemFacts:
    return facts(scene.foreign.library.new_item())


def _other_patrons_transfer(scene: Scene) -> dict[str, Any]:
    return {"transfer_ids": [Transfer.objects.get(fee=scene.other_patrons).pk]}


def _known_and_unknown(scene: Scene) -> dict[str, Any]:
    return {"transfer_ids": [scene.payment.pk, 999_999_999]}


ROWS = list(
    chain(
        _unknown_fees_and_patrons(),
        _states(),
        _amounts(),
        _codes(),
        _places_and_items(),
        _texts(),
        _transfers_and_pages(),
    )
)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
def test_it_refuses_and_writes_nothing(scene: Scene, verb: Callable[..., Any]) -> None:
    _make_codes(scene)
    wrong = []

    for what, spoil, error in [row[1:] for row in ROWS if row[0] is verb]:
        inputs = {**scene.inputs(verb), **spoil(scene)}
        with nothing_written():
            got = _raised(verb, inputs)
        if type(got) is not error:
            wrong.append(f"{what}: {got!r} instead of {error.__name__}")

    assert not wrong


def _raised(verb: Callable[..., Any], inputs: dict[str, Any]) -> Exception | None:
    try:
        with transaction.atomic():
            verb(**inputs)
    except Exception as error:
        return error
    return None


def _make_codes(scene: Scene) -> None:
    """INACTIVE is switched off here, FOREIGN is another institution's."""
    mine, foreign = scene.desk.library.institution, scene.foreign.library.institution
    for institution, code, is_on in ((mine, "INACTIVE", False), (foreign, "FOREIGN", True)):
        for table in CodeEntry.Table:
            CodeEntry.objects.create(
                institution=institution, table=table, code=code, label=code, position=99, is_active=is_on
            )
        FeeType.objects.create(institution=institution, code=code, label=code, position=99, is_enabled=is_on)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
def test_a_role_may_do_exactly_what_its_privileges_say(scene: Scene, verb: Callable[..., Any]) -> None:
    for role in ROLES:
        inputs = {**scene.inputs(verb), "actor": scene.desk.library.staff(role)}
        _assert_allowed(verb, inputs, VERBS[verb], VERBS[verb] in ROLES[role].privileges)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
def test_a_cent_above_the_ceiling_of_the_role_is_refused_and_the_ceiling_itself_is_not(
    scene: Scene, verb: Callable[..., Any]
) -> None:
    if VERBS[verb] not in WITH_CEILING:
        return
    moved_minor = _moved_by(verb, scene)
    ceilings = [{(VERBS[verb], None): each} for each in (moved_minor - 1, moved_minor)]
    too_low, enough = [replace(scene.everyone, ceilings=each) for each in ceilings]

    with nothing_written(), pytest.raises(AboveCeiling) as refused:
        verb(**{**scene.inputs(verb), "actor": too_low})
    assert (refused.value.ceiling_minor, refused.value.amount_minor) == (moved_minor - 1, moved_minor)
    verb(**{**scene.inputs(verb), "actor": enough})


def _moved_by(verb: Callable[..., Any], scene: Scene) -> int:
    """What ``verb`` moves when nothing stops it, in minor units."""
    with transaction.atomic():
        before = set(Transfer.objects.values_list("pk", flat=True))
        verb(**{**scene.inputs(verb), "actor": scene.everyone})
        moved = sum(Transfer.objects.exclude(pk__in=before).values_list("amount_minor", flat=True))
        transaction.set_rollback(True)
    return int(moved)


def test_only_who_may_give_credit_charges_a_credit(scene: Scene) -> None:
    for role in ROLES:
        inputs = {**scene.inputs(assess), "actor": scene.desk.library.staff(role), "type_code": "CREDIT"}
        _assert_allowed(assess, inputs, Privilege.FEE_CREDIT, Privilege.FEE_CREDIT in ROLES[role].privileges)


def _assert_allowed(verb: Callable[..., Any], inputs: dict[str, Any], privilege: Privilege, is_allowed: bool) -> None:
    if is_allowed:
        with transaction.atomic():
            verb(**inputs)
            transaction.set_rollback(True)
        return
    with nothing_written(), pytest.raises(NotAllowed) as refused:
        verb(**inputs)
    assert refused.value.privilege is privilege


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
def test_a_role_in_one_library_holds_nowhere_else(scene: Scene, verb: Callable[..., Any]) -> None:
    library = scene.desk.library
    branch = LibraryRow.objects.create(institution=library.institution, code="BRANCH", name="Branch")
    in_branch = replace(scene.everyone, grants={each: frozenset({branch.pk}) for each in Privilege})

    for place in (library.place, Place(library.library.pk, None), None):
        with nothing_written(), pytest.raises(NotAllowed):
            verb(**{**scene.inputs(verb), "actor": replace(in_branch, place=place)})
    verb(**{**scene.inputs(verb), "actor": replace(in_branch, place=Place(branch.pk, library.desk.pk))})


def test_a_scoped_role_of_an_account_holds_only_there(scene: Scene) -> None:
    library = scene.desk.library
    branch = LibraryRow.objects.create(institution=library.institution, code="BRANCH", name="Branch")
    account = library.new_account("branch-manager")
    RoleAssignment.objects.create(
        institution=library.institution, account=account, role="circulation_desk_manager", library=branch
    )

    with nothing_written(), pytest.raises(NotAllowed):
        waive(**{**scene.inputs(waive), "actor": actor_for(account, library.place)})
    waive(**{**scene.inputs(waive), "actor": actor_for(account, Place(branch.pk, None))})


def test_a_refused_first_charge_leaves_no_account_behind(desk: Desk) -> None:
    with nothing_written(), pytest.raises(errors.AmountOutOfRange):
        desk.charge(0)

    assert not PatronAccount.objects.exists()


def test_paying_a_patron_who_was_never_charged_says_so_and_makes_no_account(desk: Desk) -> None:
    with nothing_written(), pytest.raises(errors.NothingOwed):
        desk.pay()


def test_the_ceiling_is_the_institutions_own(desk: Desk) -> None:
    yen = Desk(Library.new("YEN", "JPY"))
    yen.charge(100_000)

    with nothing_written(), pytest.raises(errors.AmountOutOfRange) as refused:
        yen.charge(100_001)

    assert refused.value.ceiling_minor == 100_000
    desk.charge(100_001)
