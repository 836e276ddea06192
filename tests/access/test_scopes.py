"""What may be given to a key, and what holds for one of a single library."""

import pytest

from amerce.access.scopes import OF_EVERY_LIBRARY, SCOPES, ScopeOfEveryLibrary, checked_scopes, held
from amerce.inputs.errors import ChoiceUnknown, NameMissing


def test_scopes_are_read_in_their_order_however_they_are_written() -> None:
    assert checked_scopes(["Fees.Pay", "users read", "fees:pay"]) == ("users:read", "fees:pay")
    assert checked_scopes(["all"]) == tuple(SCOPES)


def test_none_and_unknown_ones_are_refused() -> None:
    with pytest.raises(NameMissing):
        checked_scopes([])
    with pytest.raises(ChoiceUnknown):
        checked_scopes(["all", "fees:burn"])


@pytest.mark.parametrize("scope", sorted(OF_EVERY_LIBRARY))
def test_a_key_of_one_library_cannot_be_given_what_goes_over_all(scope: str) -> None:
    assert checked_scopes([scope]) == (scope,)
    with pytest.raises(ScopeOfEveryLibrary):
        checked_scopes([scope, "fees:read"], in_one_library=True)
    with pytest.raises(ScopeOfEveryLibrary):
        checked_scopes([scope, "all"], in_one_library=True)


def test_every_scope_of_a_key_of_one_library_is_every_one_that_it_can_hold() -> None:
    assert set(checked_scopes(["all"], in_one_library=True)) == set(SCOPES) - OF_EVERY_LIBRARY
    assert held(SCOPES, in_one_library=True) == set(SCOPES) - OF_EVERY_LIBRARY
    assert held(["fees:read", "gone"], in_one_library=False) == {"fees:read", "gone"}
