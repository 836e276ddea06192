"""Runs the machine of all loan commands; ``AMERCE_SOAK=400`` runs so many examples."""

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.charges.acts import Desk
from tests.flows.loan_machine import EveryLoanCommand
from tests.flows.machine import PROFILE
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_all_loan_commands_in_any_order_cost_what_a_simple_model_counts() -> None:
    machine = type("EveryLoanCommand", (EveryLoanCommand,), {"desk": Desk(Library.new("MAIN"))})

    run_state_machine_as_test(machine, settings=PROFILE)
