"""A library with a program that may do everything."""

import pytest
import time_machine

from tests.api.programs import Program
from tests.charges.acts import Desk
from tests.world import NOON, Library


@pytest.fixture(autouse=True)
def noon():  # type: ignore[no-untyped-def]
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def program(library: Library) -> Program:
    return Program.of(library)


@pytest.fixture
def desk(library: Library) -> Desk:
    return Desk(library)
