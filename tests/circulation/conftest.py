"""A desk that lends, and a loan that it made; a test module that needs another one says so itself."""

import pytest

from amerce.circulation.models import Loan
from tests.circulation.desk import LoanDesk
from tests.world import Library


@pytest.fixture
def desk(library: Library) -> LoanDesk:
    return LoanDesk(library)


@pytest.fixture
def loan(desk: LoanDesk) -> Loan:
    """Made at ``NOON`` to the library's one patron, due at ``DUE``."""
    return desk.lend(desk.library.new_item())
