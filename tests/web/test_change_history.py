"""What was changed in a row of the configuration, as its page tells it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from amerce.circulation.block_rules import RuleFacts, delete_rule, save_rule
from amerce.circulation.models import TermsOfUse
from amerce.circulation.save_terms import save_terms
from amerce.circulation.terms_facts import Notice, facts_of_terms
from amerce.patrons.models import UserGroup
from amerce.web.change_history import LIMIT
from tests.circulation.configuring import ADMINISTRATOR, administrator
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in(ADMINISTRATOR)


def test_a_change_says_each_field_before_and_after_in_the_words_of_the_page(client, library: Library):
    actor, group = administrator(library), UserGroup.objects.get(institution=library.institution, code="22")
    first = RuleFacts(amount_minor=1000, blocks_request=False)
    rule = save_rule(actor=actor, at=NOON, facts=first).rule_id
    save_rule(actor=actor, at=NOON, facts=replace(first, group_id=group.pk, age_days=30), rule_id=rule)

    changed, added = client.get(f"/configuration/balance-blocks/{rule}/").context["changes"]

    assert (changed.what, changed.by, changed.at) == ("Changed", "Main-Fulfillment_Administrator", NOON)
    assert [(each.label, each.before, each.after) for each in changed.fields] == [
        ("User group", "Every group without a rule of its own", group.label),
        ("Blocked when the oldest fee is this many days old", "empty", "30"),
    ]
    assert added.what == "Added"
    assert [(each.before, each.after) for each in added.fields][1:] == [
        (None, "$10.00"), (None, "empty"), (None, "yes"), (None, "yes"), (None, "no"),
    ]  # fmt: skip


def test_terms_tell_what_their_form_has_in_several_fields(client, library: Library):
    terms = TermsOfUse.objects.get(institution=library.institution)
    facts = replace(facts_of_terms(terms), grace_minutes=90, notices=(Notice(3, 150),), refund_ratio_bp=8750)
    save_terms(actor=administrator(library), at=NOON, facts=facts, terms_id=terms.pk)

    (change,) = client.get(f"/configuration/terms-of-use/{terms.pk}/").context["changes"]

    assert {each.label: (each.before, each.after) for each in change.fields} == {
        "Grace period": ("1 day", "90 minutes"),
        "Refund ratio in percent": ("100%", "87.5%"),
        "Overdue notices": ("none", "after 3 days: $1.50"),
    }


def test_of_another_row_or_institution_nothing_is_told(client, library, other_library):
    rule = save_rule(actor=administrator(library), at=NOON, facts=RuleFacts(amount_minor=1000)).rule_id
    other = save_rule(actor=administrator(other_library), at=NOON, facts=RuleFacts(amount_minor=500)).rule_id
    delete_rule(actor=administrator(other_library), at=NOON, rule_id=other)

    assert len(client.get(f"/configuration/balance-blocks/{rule}/").context["changes"]) == 1


def test_the_newest_are_told(client, library):
    actor = administrator(library)
    rule = save_rule(actor=actor, at=NOON, facts=RuleFacts(amount_minor=1)).rule_id
    for amount in range(2, LIMIT + 3):
        save_rule(actor=actor, at=NOON, facts=RuleFacts(amount_minor=amount), rule_id=rule)

    changes = client.get(f"/configuration/balance-blocks/{rule}/").context["changes"]

    assert len(changes) == LIMIT
    assert changes[0].fields[0].after == f"${(LIMIT + 2) / 100:.2f}"
