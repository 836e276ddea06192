"""Runs the machine of all verbs; ``AMERCE_SOAK=400`` runs so many examples."""

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.charges.acts import Desk
from tests.flows.machine import PROFILE, EveryVerb
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_all_verbs_in_any_order_agree_with_a_simple_model_and_with_verify() -> None:
    desks = Desk(Library.new("MAIN")), Desk(Library.new("KEEPS", "JPY", overpayment="credit"))
    for desk in desks:
        for type_code, rate_bp in (("OTHER", 1000), ("LOSTITEMREPLACEMENTFEE", 1900), ("OVERDUEFINE", 775)):
            desk.vat_rate(type_code, rate_bp)
    machine = type("EveryVerb", (EveryVerb,), {"desks": desks})

    run_state_machine_as_test(machine, settings=PROFILE)
