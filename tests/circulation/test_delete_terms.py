import pytest

from amerce.access.can import NotAllowed
from amerce.circulation.delete_terms import delete_terms
from amerce.circulation.models import OverdueNotice, TermsOfUse
from amerce.circulation.policy_errors import LoansWithoutTerms
from amerce.circulation.save_terms import save_terms
from amerce.circulation.terms_facts import Notice
from amerce.events.models import Event
from amerce.inputs.errors import RowNotFound
from tests.circulation.configuring import administrator, facts, item_policy, nothing_configured
from tests.circulation.lending import lend
from tests.world import NOON

pytestmark = pytest.mark.django_db


def test_terms_go_with_their_notices_and_the_event_keeps_what_they_said(library):
    item_policy(library, "SHORT")
    said = facts(item_policy="SHORT", notices=(Notice(7, 100),))
    terms_id = save_terms(actor=administrator(library), at=NOON, facts=said).terms_id

    delete_terms(actor=administrator(library), at=NOON, terms_id=terms_id)

    event = Event.objects.filter(name="terms.changed").latest("pk")
    assert event.data == {"terms": terms_id, "before": said.data(), "after": None}
    assert [each.name for each in TermsOfUse.objects.all()] == ["Standard loan"]
    assert not OverdueNotice.objects.exists()


def test_the_terms_for_everybody_stay_while_a_loan_follows_them(library):
    lend(library)
    terms, actor = TermsOfUse.objects.get(), administrator(library)

    with nothing_configured(), pytest.raises(LoansWithoutTerms) as refused:
        delete_terms(actor=actor, at=NOON, terms_id=terms.pk)

    assert refused.value.loans == 1


def test_the_terms_for_everybody_go_when_nothing_is_out_by_them(library):
    lend(library, returned_at=NOON)

    delete_terms(actor=administrator(library), at=NOON, terms_id=TermsOfUse.objects.get().pk)

    assert not TermsOfUse.objects.exists()


def test_terms_of_another_institution_are_not_found(library, other_library):
    theirs = TermsOfUse.objects.get(institution=other_library.institution)
    actor = administrator(library)

    with nothing_configured(), pytest.raises(RowNotFound):
        delete_terms(actor=actor, at=NOON, terms_id=theirs.pk)


def test_who_may_not_configure_is_refused(library):
    actor, terms = library.manager, TermsOfUse.objects.get()

    with nothing_configured(), pytest.raises(NotAllowed):
        delete_terms(actor=actor, at=NOON, terms_id=terms.pk)
