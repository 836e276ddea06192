"""Two institutions in one database never see each other's rows, whichever public query is asked.

A query that is added and not listed here fails the first test.
"""

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from django.db.models import Model, Q, QuerySet

from amerce.access.actors import Actor
from amerce.charges import codes, frozen, preview, statements
from amerce.charges import queries as charges
from amerce.charges.errors import FeeNotFound
from amerce.charges.models import Fee, FeeType
from amerce.circulation import queries as circulation
from amerce.circulation import returned
from amerce.circulation.add_loan_note import add_loan_note
from amerce.circulation.errors import LoanError
from amerce.circulation.models import Loan, Request
from amerce.circulation.return_item import return_item
from amerce.events import queries as events
from amerce.events.models import Event, EventDelivery
from amerce.inputs.errors import Refused
from amerce.institutions import bursar_sequences
from amerce.institutions import queries as institutions
from amerce.institutions.models import BursarSequence, CodeEntry, Printer, SkippedNumbers
from amerce.jobs import queries as jobs
from amerce.jobs.models import JobRun, JobSchedule
from amerce.ledger.chart import Kind
from amerce.notices import profiles
from amerce.notices.models import NotificationProfile
from amerce.patrons import queries as patrons
from amerce.patrons.facts import ContactFacts
from amerce.patrons.models import Contact, Note, Proxy
from amerce.patrons.notes import write_note
from tests.charges.acts import Desk
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

Ask = Callable[[Desk, Desk], Any]
"""Asks as the first desk for what belongs to the second."""
_TABLE = CodeEntry.Table.WAIVE_REASON

ABOUT_A_PATRON: dict[Callable[..., Any], Ask] = {
    charges.balances: lambda me, of: charges.balances(me.manager, of.patron.pk),
    charges.fees_of: lambda me, of: charges.fees_of(me.manager, of.patron.pk),
    charges.get_fee: lambda me, of: charges.get_fee(me.manager, of.patron.pk, _fee(of).pk),
    charges.chosen_fees: lambda me, of: charges.chosen_fees(me.manager, of.patron.pk, [_fee(of).pk]),
    charges.bound_unused_minor: lambda me, of: charges.bound_unused_minor(me.manager, of.patron.pk, [_lost(of).pk]),
    charges.history: lambda me, of: charges.history(me.manager, _fee(of)),
    charges.receipt: lambda me, of: charges.receipt(me.manager, of.receipt),  # type: ignore[attr-defined]
    charges.changes_since: lambda me, of: charges.changes_since(me.manager, of.patron.pk, 0),
    charges.first_fees: lambda me, of: charges.first_fees(me.manager, of.patron.pk, "ACTIVE"),
    charges.transactions_of: lambda me, of: charges.transactions_of(me.manager, [_fee(of).pk])[_fee(of).pk],
    charges.transfers_of_account: lambda me, of: charges.transfers_of_account(me.manager, of.patron.pk, 0),
    charges.fees_with_transactions: lambda me, of: charges.fees_with_transactions(
        me.manager,
        since=NOON - timedelta(days=9),
        until=NOON + timedelta(days=9),
        kinds=[each.value for each in Kind],
        owned=Q(),
        where=Q(fee__patron_id=of.patron.pk),
        offset=0,
        limit=99,
    )[0],
    preview.owed_for_all: lambda me, of: list(filter(None, preview.owed_for_all(me.manager, of.patron.pk))),
    frozen.frozen_days: lambda me, of: frozen.frozen_days(_id(me), [_loan(of).pk], ["OVERDUEFINE"], UTC),
    events.of_patron: lambda me, of: events.of_patron(_id(me), of.patron.pk),
    events.those_of_patrons: lambda me, of: events.those_of_patrons(
        _id(me), [of.patron.pk], "loan.returned", NOON - timedelta(days=9)
    ),
    events.of_actor: lambda me, of: events.of_actor(_id(me), of.manager.account_id or 0, "loan.returned", NOON),
    jobs.last_run: lambda me, of: jobs.last_run(_id(me), f"job-{_code(of)}"),
    statements.story: lambda me, of: statements.story(me.manager, _fee(of)),
    statements.standing_after: lambda me, of: statements.standing_after(me.manager, of.patron.pk, 99, [_fee(of).pk]),
    statements.titles_before: lambda me, of: statements.titles_before(
        me.manager, of.patron.pk, NOON - timedelta(days=9)
    ),
    patrons.get_patron: lambda me, of: patrons.get_patron(me.manager, of.patron.pk),
    patrons.find_by_identifier: lambda me, of: patrons.find_by_identifier(
        me.manager, f"only-{of.library.library.name}"
    ),
    patrons.find_by_identifier_of_type: lambda me, of: patrons.find_by_identifier_of_type(
        me.manager, f"barcode-{_code(of)}", "BARCODE"
    ),
    patrons.search: lambda me, of: patrons.search(me.manager, [patrons.Sought("name", f"only{_code(of)}")]),
    patrons.find_by_name: lambda me, of: patrons.find_by_name(me.manager, f"only{of.library.library.name}"),
    patrons.identifiers_of: lambda me, of: patrons.identifiers_of(me.manager, of.patron.pk),
    patrons.contacts_of: lambda me, of: patrons.contacts_of(me.manager, of.patron.pk),
    patrons.preferred_contacts: lambda me, of: patrons.preferred_contacts(_id(me), [of.patron.pk], Contact.Kind.EMAIL),
    patrons.note_texts: lambda me, of: patrons.note_texts(me.manager, of.patron.pk, [_note(of).pk]),
    patrons.names_of: lambda me, of: patrons.names_of(me.manager, [of.patron.pk]),
    patrons.proxies_about: lambda me, of: patrons.proxies_about(me.manager, of.patron.pk),
    patrons.proxies_of: lambda me, of: patrons.proxies_of(me.manager, of.patron.pk),
    patrons.proxy_for: lambda me, of: patrons.proxy_for(me.manager, of.library.patron.pk),
    circulation.item_facts: lambda me, of: circulation.item_facts(me.manager, f"item-{of.library.library.name}"),
    circulation.loans_of: lambda me, of: circulation.loans_of(me.manager, of.patron.pk),
    circulation.loans_of_session: lambda me, of: circulation.loans_of_session(
        me.manager, of.patron.pk, NOON - timedelta(days=9)
    ),
    circulation.returns_of: lambda me, of: circulation.returns_of(me.manager, of.patron.pk),
    circulation.requests_of: lambda me, of: circulation.requests_of(me.manager, of.patron.pk),
    circulation.get_loan: lambda me, of: circulation.get_loan(me.manager, of.patron.pk, _loan(of).pk),
    circulation.get_request: lambda me, of: circulation.get_request(me.manager, of.patron.pk, _request(of).pk),
    circulation.titles_of_loans: lambda me, of: circulation.titles_of_loans(me.manager, of.patron.pk, [_loan(of).pk]),
    circulation.titles_of_requests: lambda me, of: circulation.titles_of_requests(
        me.manager, of.patron.pk, [_request(of).pk]
    ),
    circulation.notes_of: lambda me, of: circulation.notes_of(me.manager, _loan(of)),
    circulation.find_items: lambda me, of: circulation.find_items(me.manager, f"item-{of.library.library.name}", 9),
    returned.waiting_for: lambda me, of: returned.waiting_for(me.manager, [_request(of).item_id]),
    returned.returned_since: lambda me, of: returned.returned_since(
        replace(me.manager, account_id=of.manager.account_id), NOON
    ),
    circulation.held_by: lambda me, of: circulation.held_by(
        me.manager, of.patron.pk, at=NOON, returns_since=NOON - timedelta(days=9)
    ),
}
REFUSES_WHAT_IS_NOT_OURS: dict[Callable[..., Any], Ask] = {
    bursar_sequences.get_bursar_sequence: lambda me, of: bursar_sequences.get_bursar_sequence(
        _administrator(me), BursarSequence.objects.get(institution=of.library.institution).pk
    ),
    charges.get_type_definition: lambda me, of: charges.get_type_definition(_administrator(me), _fee(of).type_id),
    profiles.get_profile: lambda me, of: profiles.get_profile(
        _administrator(me), NotificationProfile.objects.get(institution=of.library.institution).pk
    ),
    profiles.locked_profile: lambda me, of: profiles.locked_profile(
        _administrator(me), NotificationProfile.objects.get(institution=of.library.institution).pk
    ),
    jobs.get_run: lambda me, of: jobs.get_run(_sees_jobs(me), JobRun.objects.get(name=f"job-{_code(of)}").pk),
    jobs.get_schedule: lambda me, of: jobs.get_schedule(
        _sees_jobs(me), JobSchedule.objects.filter(institution=of.library.institution).earliest("pk").pk
    ),
    codes.require_method: lambda me, of: codes.require_method(_id(me), f"METHOD{_code(of)}"),
    codes.require_reason: lambda me, of: codes.require_reason(_id(me), f"ONLY{_code(of)}"),
    codes.enabled_type: lambda me, of: codes.enabled_type(_id(me), f"TYPE{_code(of)}"),
    codes.fee_type: lambda me, of: codes.fee_type(_id(me), f"TYPE{_code(of)}"),
    codes.require_library: lambda me, of: codes.require_library(_id(me), of.library.library.pk),
    codes.require_open_library: lambda me, of: codes.require_open_library(_id(me), of.library.library.pk),
    codes.require_item: lambda me, of: codes.require_item(_id(me), _loan(of).item_id),
    codes.require_loan: lambda me, of: codes.require_loan(_id(me), of.patron.pk, _loan(of).pk, _loan(of).item_id),
}
OF_ONE_INSTITUTION: dict[Callable[..., Any], Callable[[Desk], Any]] = {
    patrons.everybody: lambda me: patrons.everybody(me.manager),
    patrons.user_groups: lambda me: patrons.user_groups(_id(me)),
    charges.types_to_filter_by: lambda me: charges.types_to_filter_by(me.manager, me.patron.pk),
    charges.creatable_types: lambda me: charges.creatable_types(me.manager),
    bursar_sequences.bursar_sequences: lambda me: bursar_sequences.bursar_sequences(_administrator(me)),
    bursar_sequences.skipped_numbers: lambda me: bursar_sequences.skipped_numbers(_administrator(me)),
    profiles.profiles: lambda me: profiles.profiles(_administrator(me)),
    profiles.all_profiles: lambda me: profiles.all_profiles(_id(me)),
    charges.type_definitions: lambda me: charges.type_definitions(_administrator(me)),
    events.failing: lambda me: events.failing(_id(me)),
    events.last_changes: lambda me: Event.objects.filter(
        pk__in=[each.pk for each in events.last_changes(_id(me), ["fee.waived"]).values()]
    ),
    events.changes_of: lambda me: events.changes_of(_id(me), "fee.waived"),
    events.feed: lambda me: events.feed(_id(me), 0),
    charges.transfers_after: lambda me: charges.transfers_after(me.manager, 0),
    jobs.runs_of: lambda me: jobs.runs_of(_id(me)),
    jobs.going_on: lambda me: jobs.going_on(_sees_jobs(me)),
    jobs.history: lambda me: jobs.history(_sees_jobs(me)),
    jobs.schedules: lambda me: jobs.schedules(_sees_jobs(me)),
    institutions.libraries: lambda me: institutions.libraries(_id(me)),
    institutions.open_libraries: lambda me: institutions.open_libraries(_id(me)),
    institutions.open_desks: lambda me: institutions.open_desks(_id(me)),
    institutions.printers: lambda me: institutions.printers(_id(me)),
    institutions.desks: lambda me: institutions.desks(_id(me)),
    institutions.active_codes: lambda me: institutions.active_codes(_id(me), _TABLE),
    institutions.code_labels: lambda me: institutions.code_labels(_id(me), _TABLE),
}
ON_WHAT_IT_IS_GIVEN = {
    bursar_sequences.transaction_id,
    bursar_sequences.highest,
    bursar_sequences.lowest,
    profiles.record_change,
    charges.matching,
    charges.filtered_balances,
    events.settled_until,
    jobs.report_is_for,
    jobs.may_read_report,
    jobs.report_of,
    preview.plan_payment,
    circulation.facts_of,
    circulation.is_overdue,
    statements.money_leaves,
    statements.money_sign,
    statements.uses_credit,
}
"""Queries over rows of another query, and functions of one row; ``plan_payment`` is tested below."""


def _fee(desk: Desk) -> Fee:
    return Fee.objects.filter(patron=desk.patron, type__code="OTHER").latest("pk")


def _lost(desk: Desk) -> Fee:
    return Fee.objects.get(patron=desk.patron, type__code="LOSTITEMREPLACEMENTFEE")


def _id(desk: Desk) -> int:
    return desk.library.institution.pk


def _administrator(desk: Desk) -> Actor:
    return desk.library.staff("user_administrator")


def _sees_jobs(desk: Desk) -> Actor:
    return desk.library.staff("general_system_administrator")


def _code(desk: Desk) -> str:
    return desk.library.institution.code


def _loan(desk: Desk) -> Loan:
    return Loan.objects.filter(patron=desk.patron, returned_at=None).latest("pk")


def _request(desk: Desk) -> Request:
    return Request.objects.get(patron=desk.patron)


def _note(desk: Desk) -> Note:
    return write_note(institution_id=_id(desk), patron_id=desk.patron.pk, text="She pays tomorrow")


def _furnish(code: str) -> Desk:
    desk = Desk(Library.new(code))
    institution, library = desk.library.institution, desk.library.library
    library.name = code
    library.save()
    desk.patron = desk.library.new_patron(
        f"only-{code}", last_name=f"only{code}", identifiers={"BARCODE": f"barcode-{code}"}
    )
    email = ContactFacts(Contact.Kind.EMAIL, f"only@{code}.example", is_preferred=True)
    Contact.objects.bulk_create([email.row(desk.patron, is_loaded=False)])
    Proxy.objects.create(
        institution=institution, patron=desk.patron, proxy=desk.library.patron, created_at=NOON, created_by="x"
    )
    item = desk.library.new_item("The leopard", f"item-{code}")
    desk.charge(1000, item=item)
    desk.waive(desk.charge(500, "LOSTITEMREPLACEMENTFEE"), amount=100)
    desk.receipt = desk.pay(_fee(desk), amount=100).payment_id  # type: ignore[attr-defined]
    desk.link_item(_fee(desk), item)
    desk.accrue(desk.new_loan(item), 10)
    fine = Fee.objects.get(patron=desk.patron, type__code="OVERDUEFINE")
    desk.dispute(fine)
    desk.restore(fine, at=NOON + timedelta(days=1))
    return_item(actor=desk.manager, at=NOON, barcode=desk.new_loan().item.barcode)
    add_loan_note(actor=desk.manager, at=NOON, patron_id=desk.patron.pk, loan_id=_loan(desk).pk, text="Coffee")
    Request.objects.create(institution=institution, patron=desk.patron, item=item, pickup=library, placed_at=NOON)
    methods = CodeEntry.Table.PAYMENT_METHOD
    CodeEntry.objects.create(institution=institution, table=_TABLE, code=f"ONLY{code}", label=code, position=99)
    CodeEntry.objects.create(institution=institution, table=methods, code=f"METHOD{code}", label=code, position=99)
    FeeType.objects.create(institution=institution, code=f"TYPE{code}", label=code, position=99)
    numbers = BursarSequence.objects.create(institution=institution, name=code, start=1, next_value=9)
    SkippedNumbers.objects.create(institution=institution, sequence=numbers, first=1, last=8, created_at=NOON)
    NotificationProfile.objects.create(institution=institution, name=code, minimum_minor=1)
    Printer.objects.create(institution=institution, code=code, name=code, queue=code)
    JobRun.objects.create(institution=institution, name=f"job-{code}", queued_at=NOON)
    JobRun.objects.create(institution=institution, name="ended", state=JobRun.State.DONE, queued_at=NOON)
    EventDelivery.objects.create(
        institution=institution,
        event=events.of_patron(institution.pk, desk.patron.pk)[0],
        handler=code,
        attempts=1,
        next_at=NOON,
    )
    return desk


@pytest.fixture
def desks() -> tuple[Desk, Desk]:
    mine, theirs = _furnish("mine"), _furnish("theirs")
    theirs.receipt = theirs.pay(_fee(theirs), amount=100).payment_id  # a number that the other never gave
    return mine, theirs


def test_every_public_query_is_listed() -> None:
    public = {
        each
        for module in (
            charges,
            codes,
            events,
            frozen,
            jobs,
            preview,
            statements,
            patrons,
            institutions,
            bursar_sequences,
            profiles,
            circulation,
            returned,
        )
        for name, each in inspect.getmembers(module, inspect.isfunction)
        if each.__module__ == module.__name__ and not name.startswith("_")
    }

    assert public == {*ABOUT_A_PATRON, *REFUSES_WHAT_IS_NOT_OURS, *OF_ONE_INSTITUTION, *ON_WHAT_IT_IS_GIVEN}


@pytest.mark.parametrize("query", ABOUT_A_PATRON, ids=lambda query: query.__name__)
def test_what_belongs_to_a_patron_is_only_seen_in_its_own_institution(
    desks: tuple[Desk, Desk], query: Callable[..., Any]
) -> None:
    mine, theirs = desks
    ask = ABOUT_A_PATRON[query]

    own = ask(mine, mine)

    assert not _is_empty(own), "the query finds nothing even at home, so it proves nothing"
    assert _is_empty(_answer(ask, mine, theirs))
    assert _is_empty(_answer(ask, theirs, mine)) or query is charges.receipt  # numbers are each institution's own


@pytest.mark.parametrize("query", OF_ONE_INSTITUTION, ids=lambda query: query.__name__)
def test_what_belongs_to_an_institution_is_only_seen_there(desks: tuple[Desk, Desk], query: Callable[..., Any]) -> None:
    ask = OF_ONE_INSTITUTION[query]
    for me, other in (desks, desks[::-1]):
        answer = ask(me)
        if isinstance(answer, QuerySet):
            assert {row.institution_id for row in answer} == {_id(me)}
        else:
            assert f"ONLY{other.library.institution.code}" not in answer
            assert f"ONLY{me.library.institution.code}" in answer


@pytest.mark.parametrize("check", REFUSES_WHAT_IS_NOT_OURS, ids=lambda check: check.__name__)
def test_what_another_institution_has_is_refused(desks: tuple[Desk, Desk], check: Callable[..., Any]) -> None:
    ask = REFUSES_WHAT_IS_NOT_OURS[check]
    for me, other in (desks, desks[::-1]):
        ask(me, me)
        with pytest.raises(Refused):
            ask(me, other)


def test_a_receipt_number_that_both_gave_shows_each_its_own(desks: tuple[Desk, Desk]) -> None:
    for me in desks:
        rows = charges.receipt(me.manager, 10_001)
        assert {row.institution_id for row in rows} == {_id(me)}


def test_a_payment_of_another_institutions_fee_is_not_planned(desks: tuple[Desk, Desk]) -> None:
    mine, theirs = desks
    for patron in (mine.patron, theirs.patron):
        with pytest.raises(FeeNotFound):
            preview.plan_payment(mine.manager, mine.library.institution, patron.pk, [_fee(theirs).pk], None)


def test_the_same_ids_names_and_barcodes_in_two_institutions_find_each_its_own() -> None:
    first, second = Desk(Library.new("ONE")), Desk(Library.new("TWO"))

    for me in (first, second):
        assert patrons.find_by_identifier(me.manager, "JDOE") == [me.patron]
        assert patrons.find_by_name(me.manager, "doe jane") == [me.patron]


def _answer(ask: Ask, me: Desk, of: Desk) -> Any:
    try:
        return ask(me, of)
    except (LookupError, FeeNotFound, LoanError):
        return None


def _is_empty(answer: Any) -> bool:
    """Nothing, no rows, or figures that are all zero."""
    if isinstance(answer, QuerySet | list | dict):
        return not answer
    if answer is None or isinstance(answer, Model):
        return answer is None
    return not any(value for name, value in vars(answer).items())
