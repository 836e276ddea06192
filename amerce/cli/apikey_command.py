"""``amerce apikey create NAME --scope SCOPE…``: a key for a program, printed alone so that a script can keep it.

``list`` says which keys there are and what they may do, ``revoke NAME`` ends one.
"""

import argparse

from django.utils.translation import gettext as _

from amerce.cli.refusal import Refusal


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="create | list | revoke")
    create = verbs.add_parser("create", help="Make a key and print it; it is shown this once.")
    create.add_argument("name", metavar="NAME")
    create.add_argument(
        "--scope", metavar="SCOPE", nargs="+", action="extend", required=True, help="what it may do; all for everything"
    )
    create.add_argument("--library", metavar="CODE", help="the one library it may act in; every library if left out")
    create.add_argument("--expires", metavar="YYYY-MM-DD", help="its last day; without an end if left out")
    create.add_argument("--per-second", metavar="CALLS", type=int, help="most calls in a second, 0 for no limit")
    revoke = verbs.add_parser("revoke", help="End a key for good.")
    revoke.add_argument("name", metavar="NAME")
    for verb in (create, revoke, verbs.add_parser("list", help="List the keys, never their secrets.")):
        verb.add_argument("--institution", metavar="CODE", help="needed if there are several")


def run(args: argparse.Namespace) -> int:
    from amerce.access.actors import Actor, system_actor
    from amerce.access.privileges import Privilege
    from amerce.cli.institution import the_institution

    does = {"create": _create, "list": _list, "revoke": _revoke}
    actor: Actor = system_actor(the_institution(args.institution).pk, "command line", Privilege.API_KEY_EDIT)
    does[args.verb](args, actor)
    return 0


def _create(args, actor) -> None:  # type: ignore[no-untyped-def]
    from datetime import date

    from django.utils import timezone

    from amerce.access.api_keys import CALLS_PER_SECOND, MOST_CALLS_PER_SECOND, DayOver, create_api_key
    from amerce.access.scopes import SCOPES, ScopeOfEveryLibrary
    from amerce.inputs.errors import ChoiceUnknown, NameTaken, NumberOutOfRange, Refused
    from amerce.institutions.queries import libraries

    library = None
    if args.library is not None:
        library = libraries(actor.institution_id).filter(code=args.library).first()
        if library is None:
            raise Refusal(_("There is no library %(code)s.") % {"code": args.library})
    try:
        expires_on = date.fromisoformat(args.expires) if args.expires else None
    except ValueError:
        raise Refusal(_("%(text)s is no day; write 2027-08-31.") % {"text": args.expires}) from None
    try:
        made = create_api_key(
            actor=actor,
            at=timezone.now(),
            name=args.name,
            scopes=args.scope,
            library_id=library.pk if library else None,
            expires_on=expires_on,
            calls_per_second=CALLS_PER_SECOND if args.per_second is None else args.per_second,
        )
    except NameTaken as error:
        raise Refusal(_("There is a key “%(name)s” already; a name is used once.") % {"name": error.name}) from None
    except ChoiceUnknown:
        raise Refusal(_("A scope is unknown; there are: %(scopes)s.") % {"scopes": ", ".join(SCOPES)}) from None
    except ScopeOfEveryLibrary as error:
        raise Refusal(
            _("%(scope)s goes over all libraries, so a key of one library cannot have it.") % {"scope": error.scope}
        ) from None
    except NumberOutOfRange:
        raise Refusal(_("Calls per second are from 0 to %(most)s.") % {"most": MOST_CALLS_PER_SECOND}) from None
    except DayOver:
        raise Refusal(_("%(day)s is over.") % {"day": args.expires}) from None
    except Refused:
        raise Refusal(_("A name has 1 to 150 characters that can be seen.")) from None
    print(made.key)


def _list(args, actor) -> None:  # type: ignore[no-untyped-def]
    from amerce.access.api_keys import api_keys

    for key in api_keys(actor):
        words = [key.name, f"amk_{key.prefix}_…", " ".join(key.scopes)]
        if key.library:
            words.append(_("only %(library)s") % {"library": key.library.code})
        if key.revoked_at:
            words.append(_("revoked %(day)s") % {"day": f"{key.revoked_at:%Y-%m-%d}"})
        elif key.expires_on:
            words.append(_("through %(day)s") % {"day": key.expires_on})
        used = f"{key.last_used_at:%Y-%m-%d %H:%M}Z" if key.last_used_at else _("never")
        print(*words, _("last used %(when)s") % {"when": used}, sep=", ")


def _revoke(args, actor) -> None:  # type: ignore[no-untyped-def]
    from django.utils import timezone

    from amerce.access.api_keys import api_keys, revoke_api_key

    found = next((each for each in api_keys(actor) if each.name.casefold() == args.name.strip().casefold()), None)
    if found is None:
        raise Refusal(_("There is no key “%(name)s”.") % {"name": args.name})
    now_revoked = revoke_api_key(actor=actor, at=timezone.now(), key_id=found.pk)
    print(_("Revoked.") if now_revoked else _("It was revoked before."))
