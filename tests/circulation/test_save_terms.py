import pytest

from amerce.access.can import NotAllowed
from amerce.circulation.models import OverdueNotice, TermsOfUse
from amerce.circulation.policy_errors import LoansWithoutTerms, ScopeTaken
from amerce.circulation.save_terms import TermsRefused, TermsSaved, save_terms
from amerce.circulation.terms_facts import Notice, facts_of_terms
from amerce.events.models import Event
from amerce.inputs.errors import NameTaken, RowNotFound
from amerce.patrons.models import UserGroup
from tests.circulation.configuring import administrator, facts, item_policy, nothing_configured
from tests.circulation.lending import lend
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def save(library: Library, **said) -> TermsSaved:  # type: ignore[no-untyped-def]
    terms_id = said.pop("terms_id", None)
    return save_terms(actor=administrator(library), at=NOON, facts=facts(**said), terms_id=terms_id)


def refusals(library: Library, **said) -> list[tuple[str, str]]:  # type: ignore[no-untyped-def]
    """Class and field of each refusal, nothing having been written."""
    actor = administrator(library)
    terms_id = said.pop("terms_id", None)
    with nothing_configured(), pytest.raises(TermsRefused) as refused:
        save_terms(actor=actor, at=NOON, facts=facts(**said), terms_id=terms_id)
    return [(type(each).__name__, each.field) for each in refused.value.refusals]  # type: ignore[attr-defined]


def group(library: Library) -> UserGroup:
    return UserGroup.objects.get(institution=library.institution, code="22")


def general(library: Library) -> TermsOfUse:
    return TermsOfUse.objects.get(institution=library.institution, group=None, item_policy="", library=None)


def test_new_terms_say_everything_that_was_typed(library):
    item_policy(library, "SHORT")
    said = {
        "name": "  Short loan  ",
        "group_id": group(library).pk,
        "item_policy": "SHORT",
        "library_id": library.library.pk,
        "loan_length": 4,
        "loan_unit": "hour",
        "renewals_limit": 0,
        "overdue_rate_minor": 100,
        "overdue_unit": "hour",
        "grace_minutes": 10,
        "overdue_maximum_minor": 2000,
        "charges_closed_time": False,
        "recall_rate_minor": 500,
        "recall_length": 1,
        "uses_item_price": False,
        "replacement_minor": 9900,
        "process_fee_minor": 2000,
        "refund_ratio_bp": 8750,
        "refund_window_days": 90,
        "overdue_when_found": "until_found",
        "days_to_lost": 3,
        "notices": (Notice(1), Notice(2, 150)),
    }

    saved = save(library, **said)

    row = TermsOfUse.objects.get(pk=saved.terms_id)
    assert saved.is_changed
    assert facts_of_terms(row) == facts(**{**said, "name": "Short loan"})
    assert (row.updated_by, row.updated_at) == ("main-fulfillment_administrator", NOON)
    assert list(OverdueNotice.objects.values_list("number", "after_days", "fee_minor")) == [(1, 1, 0), (2, 2, 150)]


def test_a_change_is_an_event_with_before_and_after(library):
    saved = save(library, item_policy="", group_id=group(library).pk)
    save(library, terms_id=saved.terms_id, group_id=group(library).pk, overdue_rate_minor=75, notices=(Notice(7),))

    first, second = Event.objects.filter(name="terms.changed").order_by("pk")
    assert (first.data["terms"], first.data["before"]) == (saved.terms_id, None)
    assert first.data["after"]["overdue_rate_minor"] == 50
    assert second.data["before"] == first.data["after"]
    assert (second.data["after"]["overdue_rate_minor"], second.data["after"]["notices"]) == (75, [[7, 0]])


def test_saving_the_same_again_changes_nothing(library):
    saved = save(library, group_id=group(library).pk, notices=(Notice(7, 100),))

    with nothing_configured():
        again = save(library, terms_id=saved.terms_id, group_id=group(library).pk, notices=(Notice(7, 100),))

    assert not again.is_changed


def test_fewer_notices_take_the_place_of_more(library):
    mine = group(library).pk
    saved = save(library, group_id=mine, notices=(Notice(7), Notice(14), Notice(21)))

    save(library, terms_id=saved.terms_id, group_id=mine, notices=(Notice(10),))

    assert list(OverdueNotice.objects.values_list("number", "after_days")) == [(1, 10)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"name": " "}, [("NameMissing", "name")]),
        ({"name": "x" * 201}, [("TextTooLong", "name")]),
        ({"name": "Fac\0ulty"}, [("TextMalformed", "name")]),
        ({"name": "\u202eytlucaF"}, [("TextMalformed", "name")]),
        ({"group_id": 0}, [("ChoiceUnknown", "group")]),
        ({"item_policy": "NONE"}, [("ChoiceUnknown", "item_policy")]),
        ({"library_id": 0}, [("ChoiceUnknown", "library")]),
        ({"loan_length": 0}, [("NumberOutOfRange", "loan_length")]),
        ({"loan_length": 1001}, [("NumberOutOfRange", "loan_length")]),
        ({"loan_unit": "month"}, [("ChoiceUnknown", "loan_unit")]),
        ({"renewals_limit": -1}, [("NumberOutOfRange", "renewals_limit")]),
        ({"overdue_rate_minor": -1}, [("AmountNotTaken", "overdue_rate_minor")]),
        ({"overdue_rate_minor": 10_000_001}, [("AmountNotTaken", "overdue_rate_minor")]),
        ({"overdue_unit": ""}, [("ChoiceUnknown", "overdue_unit")]),
        ({"grace_minutes": 86_401}, [("NumberOutOfRange", "grace_minutes")]),
        ({"recall_length": 366}, [("NumberOutOfRange", "recall_length")]),
        ({"refund_ratio_bp": 10_001}, [("NumberOutOfRange", "refund_ratio_bp")]),
        ({"refund_window_days": -1}, [("NumberOutOfRange", "refund_window_days")]),
        ({"overdue_when_found": "sometimes"}, [("ChoiceUnknown", "overdue_when_found")]),
        ({"days_to_lost": 0}, [("NumberOutOfRange", "days_to_lost")]),
        ({"notices": (Notice(7), Notice(7))}, [("NoticesOutOfOrder", "notice_2_days")]),
        ({"notices": (Notice(0),)}, [("NumberOutOfRange", "notice_1_days")]),
        ({"notices": (Notice(1, -1),)}, [("AmountNotTaken", "notice_1_fee")]),
        ({"notices": tuple(map(Notice, range(1, 7)))}, [("NumberOutOfRange", "notices")]),
        ({"name": "", "loan_length": 0, "replacement_minor": -5}, [
            ("NameMissing", "name"), ("NumberOutOfRange", "loan_length"), ("AmountNotTaken", "replacement_minor"),
        ]),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_told_for_every_field_and_nothing_is_written(library, said, expected):
    assert refusals(library, **said) == expected


def test_a_name_that_is_taken_is_refused_in_any_case(library):
    assert refusals(library, name="standard LOAN", group_id=group(library).pk) == [("NameTaken", "name")]


def test_two_terms_for_the_same_loans_are_refused(library):
    with pytest.raises(TermsRefused) as refused:
        save(library)

    assert isinstance(refused.value.refusals[0], ScopeTaken)
    assert refused.value.refusals[0].name == "Standard loan"


def test_a_name_of_another_institution_is_free(library, other_library):
    save(other_library, name="Faculty", group_id=group(other_library).pk)

    assert save(library, name="Faculty", group_id=group(library).pk).is_changed


@pytest.mark.parametrize("field", ["group_id", "item_policy", "library_id"])
def test_what_another_institution_has_cannot_be_named(library, other_library, field):
    item_policy(other_library, "THEIRS")
    theirs = {"group_id": group(other_library).pk, "item_policy": "THEIRS", "library_id": other_library.library.pk}

    assert refusals(library, **{field: theirs[field]}) == [("ChoiceUnknown", field.removesuffix("_id"))]


def test_terms_of_another_institution_are_not_found(library, other_library):
    theirs = general(other_library).pk
    actor = administrator(library)

    with nothing_configured(), pytest.raises(RowNotFound):
        save_terms(actor=actor, at=NOON, facts=facts(), terms_id=theirs)


def test_an_item_policy_out_of_use_stays_where_it_is_and_cannot_be_chosen_anew(library):
    entry = item_policy(library, "SHORT")
    saved = save(library, item_policy="SHORT")
    entry.is_active = False
    entry.save()

    assert save(library, terms_id=saved.terms_id, item_policy="SHORT", renewals_limit=1).is_changed
    assert refusals(library, name="Other", item_policy="SHORT", library_id=library.library.pk) == [
        ("ChoiceUnknown", "item_policy")
    ]


def test_the_terms_for_everybody_cannot_be_narrowed_while_loans_would_be_left_without(library):
    lend(library)
    actor = administrator(library)
    narrowed = facts(name="Standard loan", item_policy="", library_id=None, group_id=group(library).pk)
    lend(library, patron=_patron_of_group(library, "57"))

    with nothing_configured(), pytest.raises(LoansWithoutTerms) as refused:
        save_terms(actor=actor, at=NOON, facts=narrowed, terms_id=general(library).pk)

    assert refused.value.loans == 1


def test_who_may_not_configure_is_refused(library):
    actor = library.staff("circulation_desk_manager")

    with nothing_configured(), pytest.raises(NotAllowed):
        save_terms(actor=actor, at=NOON, facts=facts())


def test_a_clash_knows_the_name(library):
    with pytest.raises(TermsRefused) as refused:
        save(library, name="Standard loan", group_id=group(library).pk)

    assert isinstance(refused.value.refusals[0], NameTaken)


def _patron_of_group(library: Library, code: str):  # type: ignore[no-untyped-def]
    patron = library.new_patron("guest")
    patron.group = UserGroup.objects.get(institution=library.institution, code=code)
    patron.save()
    return patron
