import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from amerce.access.actors import Actor, actor_for
from amerce.access.can import NotAllowed
from amerce.access.models import Account
from amerce.access.second_factor import (
    APP,
    CodeWrong,
    FactorNeeded,
    add_key,
    factors_of,
    has_second_factor,
    make_recovery_codes,
    new_secret,
    remove_all_factors,
    remove_factor,
    set_up_app,
    take_code,
)
from amerce.access.sign_in_settings import SettingsSaid, needs_second_factor, save_sign_in_settings
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, NameMissing, OutOfDate, RowNotFound
from amerce.inputs.stamp import stamp_of
from tests.flows.test_at_once import at_once
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
DESK, ADMIN = "circulation_desk_operator", "general_system_administrator"


def code_of(secret: str, *, periods: int = 0) -> str:
    """What an app with ``secret`` shows now, or so many half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + periods))


def with_app(library: Library, username: str = "rokafor", role: str = DESK) -> tuple[Account, str, list[str]]:
    account, secret = library.new_account(username, role), new_secret()
    codes = set_up_app(actor=actor_for(account, None), at=NOON, secret=secret, code=code_of(secret, periods=-1))
    return account, secret, codes


def require(library: Library, *roles: str) -> None:
    save_sign_in_settings(actor=library.staff(ADMIN), at=NOON, settings=SettingsSaid(roles))


def me(account: Account) -> Actor:
    return actor_for(account, None)


def kinds(account: Account) -> list[str]:
    return [each.type for each in factors_of(account)]


def test_setting_up_an_app_gives_ten_recovery_codes_once(library: Library) -> None:
    account, _secret, codes = with_app(library)

    assert (len(codes), len(set(codes))) == (10, 10)
    assert kinds(account) == ["totp", "recovery_codes"]
    anew = new_secret()
    assert set_up_app(actor=me(account), at=NOON, secret=anew, code=code_of(anew)) == []
    assert Event.objects.filter(name="second_factor.added", actor_id=account.pk).count() == 2


def test_a_wrong_code_sets_up_nothing(library: Library) -> None:
    account, secret = library.new_account("rokafor"), new_secret()

    for wrong in (
        "000000" if code_of(secret) != "000000" else "000001",
        "",
        "１２３４５６",
        code_of(secret, periods=9),
    ):
        with pytest.raises(CodeWrong):
            set_up_app(actor=me(account), at=NOON, secret=secret, code=wrong)
    assert kinds(account) == []
    assert Event.objects.count() == 0


def test_the_secret_cannot_be_read_in_the_database(library: Library) -> None:
    account, secret, codes = with_app(library)

    kept = str(list(Authenticator.objects.filter(user=account).values_list("data", flat=True)))
    assert secret not in kept
    assert not any(code in kept for code in codes)


def test_a_code_is_taken_once_also_with_a_space_in_it(library: Library) -> None:
    account, secret, _codes = with_app(library)
    code = code_of(secret)

    taken = take_code(account, f"{code[:3]} {code[3:]}")

    assert taken is not None and taken.type == APP
    assert take_code(account, code) is None


def test_a_code_of_before_is_not_taken_after_a_later_one(library: Library) -> None:
    account, secret, _codes = with_app(library)

    assert take_code(account, code_of(secret, periods=1))
    assert take_code(account, code_of(secret)) is None


def test_a_recovery_code_is_taken_once(library: Library) -> None:
    account, _secret, codes = with_app(library)

    assert take_code(account, codes[3])
    assert take_code(account, codes[3]) is None
    assert take_code(account, codes[4])


def test_with_another_secret_key_no_code_is_right_and_nothing_breaks(library: Library, settings) -> None:  # type: ignore[no-untyped-def]
    account, secret, codes = with_app(library)
    settings.SECRET_KEY = "another"

    assert take_code(account, code_of(secret)) is None
    assert take_code(account, codes[0]) is None


def test_new_recovery_codes_make_the_old_ones_void(library: Library) -> None:
    account, _secret, old = with_app(library)

    new = make_recovery_codes(actor=me(account), at=NOON)

    assert set(old) & set(new) == set()
    assert take_code(account, old[0]) is None
    assert take_code(account, new[0])
    assert Event.objects.filter(name="second_factor.codes_made").count() == 1


def test_without_a_factor_there_are_no_recovery_codes(library: Library) -> None:
    account = library.new_account("rokafor")

    with pytest.raises(RowNotFound):
        make_recovery_codes(actor=me(account), at=NOON)
    assert kinds(account) == []


def test_the_recovery_codes_go_with_the_last_factor(library: Library) -> None:
    account, _secret, _codes = with_app(library)
    add_key(actor=me(account), at=NOON, name="Blue key", credential={"id": "x"})
    app, _codes_row, key = factors_of(account)

    remove_factor(actor=me(account), at=NOON, factor_id=app.pk)
    assert kinds(account) == ["recovery_codes", "webauthn"]
    remove_factor(actor=me(account), at=NOON, factor_id=key.pk)

    assert kinds(account) == []
    removed = Event.objects.filter(name="second_factor.removed").order_by("pk")
    assert [each.data for each in removed] == [{"row": app.pk, "kind": "totp"}, {"row": key.pk, "kind": "webauthn"}]


def test_the_last_factor_stays_while_a_role_demands_one(library: Library) -> None:
    account, _secret, _codes = with_app(library)
    require(library, DESK)

    with pytest.raises(FactorNeeded):
        remove_factor(actor=me(account), at=NOON, factor_id=factors_of(account)[0].pk)
    assert has_second_factor(account)


def test_nobody_removes_the_factor_of_somebody_else(library: Library) -> None:
    theirs = with_app(library)[0]
    mine = library.new_account("other")

    with pytest.raises(RowNotFound):
        remove_factor(actor=me(mine), at=NOON, factor_id=factors_of(theirs)[0].pk)
    assert has_second_factor(theirs)


def test_a_key_needs_a_name(library: Library) -> None:
    account = library.new_account("rokafor")

    with pytest.raises(NameMissing):
        add_key(actor=me(account), at=NOON, name="  ", credential={})
    assert kinds(account) == []


def test_an_administrator_removes_what_somebody_lost(library: Library) -> None:
    account, _secret, _codes = with_app(library)

    assert remove_all_factors(actor=library.staff(ADMIN), at=NOON, account_id=account.pk)
    assert not remove_all_factors(actor=library.staff(ADMIN), at=NOON, account_id=account.pk)

    assert kinds(account) == []
    assert [each.data for each in Event.objects.filter(name="second_factor.reset")] == [{"row": account.pk}]


def test_who_lost_a_factor_is_signed_out_everywhere_and_nobody_else_is(library: Library) -> None:
    account, _secret, _codes = with_app(library)
    other = library.new_account("other", DESK)
    for each in (account, other):
        Session.objects.create(session_key=each.username, session_data="", expire_date=NOON)
        UserSession.objects.create(user=each, session_key=each.username, ip="192.0.2.1", user_agent="")

    remove_all_factors(actor=library.staff(ADMIN), at=NOON, account_id=account.pk)

    assert [each.session_key for each in Session.objects.all()] == [other.username]
    assert [each.user_id for each in UserSession.objects.all()] == [other.pk]


def test_who_may_not_edit_accounts_removes_nothing(library: Library) -> None:
    account, _secret, _codes = with_app(library)

    with pytest.raises(NotAllowed):
        remove_all_factors(actor=library.manager, at=NOON, account_id=account.pk)
    assert has_second_factor(account)


def test_an_account_of_another_institution_is_not_there(library: Library, other_library: Library) -> None:
    account, _secret, _codes = with_app(library)

    with pytest.raises(RowNotFound):
        remove_all_factors(actor=other_library.staff(ADMIN), at=NOON, account_id=account.pk)
    assert has_second_factor(account)


def test_a_role_demands_a_second_factor_of_who_holds_it(library: Library) -> None:
    operator, auditor = library.new_account("one", DESK), library.new_account("two", "auditor")

    require(library, DESK)

    assert (needs_second_factor(operator), needs_second_factor(auditor)) == (True, False)
    event = Event.objects.get(name="sign_in_settings.changed")
    assert event.data == {
        "row": library.institution.pk,
        "before": {"second_factor_roles": []},
        "after": {"second_factor_roles": [DESK]},
    }


def test_the_settings_of_another_institution_demand_nothing_here(library: Library, other_library: Library) -> None:
    require(other_library, DESK)

    assert not needs_second_factor(library.new_account("one", DESK))


def test_saying_the_same_again_writes_nothing(library: Library) -> None:
    require(library, DESK, "auditor")
    before = Event.objects.count()

    require(library, "auditor", DESK)

    assert Event.objects.count() == before


def test_settings_are_refused_with_a_role_that_is_not_there_and_when_the_page_is_out_of_date(library: Library) -> None:
    require(library, DESK)
    administrator, at = library.staff(ADMIN), NOON + timedelta(minutes=1)
    before = Event.objects.count()

    with pytest.raises(ChoiceUnknown):
        save_sign_in_settings(actor=administrator, at=at, settings=SettingsSaid(("king",)))
    with pytest.raises(OutOfDate):
        save_sign_in_settings(
            actor=administrator, at=at, settings=SettingsSaid(("auditor",)), expected_stamp=stamp_of(SettingsSaid())
        )
    with pytest.raises(NotAllowed):
        save_sign_in_settings(actor=library.manager, at=at, settings=SettingsSaid())
    assert Event.objects.count() == before


@pytest.mark.money
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("flushable")
def test_of_the_same_code_sent_many_times_at_once_one_is_taken() -> None:
    account, secret, codes = with_app(Library.new("MAIN"))
    code = code_of(secret)

    answers = at_once(*(lambda: take_code(account, code) for _each in range(8)))
    spare = at_once(*(lambda: take_code(account, codes[0]) for _each in range(8)))

    assert sum(each is not None for each in answers) == 1
    assert sum(each is not None for each in spare) == 1
