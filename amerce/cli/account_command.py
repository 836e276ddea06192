"""``amerce account create USERNAME --role ROLE``: the way in to an installation that is not the demo.

``unlock USERNAME`` and ``reset-second-factor USERNAME`` are for where no administrator is left who could.
"""

import argparse
import sys
from getpass import getpass

from amerce.cli.refusal import Refusal


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="create | unlock | reset-second-factor")
    create = verbs.add_parser("create", help="Make an account. The password is asked for, or read from a pipe.")
    create.add_argument("username", metavar="USERNAME")
    create.add_argument("--name", default="", help="the person's name; the user name if left out")
    create.add_argument("--role", metavar="ROLE", action="append", default=[], help="may be given several times")
    unlock = verbs.add_parser("unlock", help="Let an account sign in at once that is locked after failures.")
    unlock.add_argument("username", metavar="USERNAME")
    reset = verbs.add_parser("reset-second-factor", help="Remove the second factor of somebody who lost theirs.")
    reset.add_argument("username", metavar="USERNAME")
    for verb in (create, unlock, reset):
        verb.add_argument("--institution", metavar="CODE", help="needed if there are several")


def run(args: argparse.Namespace) -> int:
    does = {"create": _create, "unlock": _unlock, "reset-second-factor": _reset_second_factor}
    return does[args.verb](args)


def _unlock(args: argparse.Namespace) -> int:
    """Lift the lock and say whether there was anything to lift."""
    from django.utils import timezone

    from amerce.access.actors import system_actor
    from amerce.access.privileges import Privilege
    from amerce.access.unlock_account import unlock_account
    from amerce.cli.institution import the_institution
    from amerce.inputs.errors import RowNotFound

    actor = system_actor(the_institution(args.institution).pk, "command line", Privilege.ACCOUNT_EDIT)
    try:
        was_locked = unlock_account(actor=actor, at=timezone.now(), username=args.username)
    except RowNotFound:
        raise Refusal(f"There is no account {args.username}.") from None
    print("Unlocked." if was_locked else "Nothing had failed for this account.")
    return 0


def _reset_second_factor(args: argparse.Namespace) -> int:
    """Remove every app, key and recovery code of an account, and say whether there was one."""
    from django.utils import timezone

    from amerce.access.actors import system_actor
    from amerce.access.models import Account
    from amerce.access.privileges import Privilege
    from amerce.access.second_factor import remove_all_factors
    from amerce.cli.institution import the_institution

    institution = the_institution(args.institution)
    actor = system_actor(institution.pk, "command line", Privilege.ACCOUNT_EDIT, Privilege.ROLE_EDIT)
    found = Account.objects.filter(institution=institution, username=args.username.strip().casefold()).first()
    if found is None:
        raise Refusal(f"There is no account {args.username}.")
    was_there = remove_all_factors(actor=actor, at=timezone.now(), account_id=found.pk)
    print("Removed." if was_there else "This account has no second factor.")
    return 0


def _create(args: argparse.Namespace) -> int:
    """Make the account and print its user name. The password never stands in the arguments, which others can list."""
    from django.core.exceptions import ValidationError
    from django.utils import timezone

    from amerce.access.actors import system_actor
    from amerce.access.create_account import RoleUnknown, UsernameMalformed, create_account
    from amerce.access.privileges import Privilege
    from amerce.access.roles import roles_of
    from amerce.cli.institution import the_institution
    from amerce.inputs.errors import NameMissing, NameTaken, TextMalformed, TextTooLong

    institution = the_institution(args.institution)
    try:
        account = create_account(
            actor=system_actor(institution.pk, "command line", Privilege.ACCOUNT_CREATE, Privilege.ROLE_EDIT),
            at=timezone.now(),
            username=args.username,
            name=args.name or args.username,
            password=_password(),
            roles=args.role,
        )
    except RoleUnknown as error:
        raise Refusal(f"There is no role {error}; there are: {', '.join(roles_of(institution.pk))}.") from None
    except NameTaken as error:
        raise Refusal(f"The user name {error.name} is taken.") from None
    except (NameMissing, TextTooLong, TextMalformed, UsernameMalformed):
        raise Refusal(
            "A user name and a name have 1 to 150 characters that can be seen, a user name no spaces."
        ) from None
    except ValidationError as error:
        raise Refusal(" ".join(error.messages)) from None
    print(account.username)
    return 0


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    typed = getpass("Password: ")
    if getpass("Again: ") != typed:
        raise Refusal("The two passwords are not the same.")
    return typed
