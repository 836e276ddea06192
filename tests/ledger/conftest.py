"""A ledger on which every verb was used, to be tampered with."""

import pytest

from tests.ledger.busy import Busy
from tests.world import Library


@pytest.fixture
def busy(library: Library) -> Busy:
    return Busy.at(library)
