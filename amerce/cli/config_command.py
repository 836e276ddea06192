"""``amerce config dump`` and ``amerce config load FILE``."""

import argparse
import sys
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amerce.cli.refusal import Refusal

if TYPE_CHECKING:
    from amerce.config_file.changes import Change
    from amerce.institutions.models import Institution


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="dump|load|explain")
    dump = verbs.add_parser("dump", help="Print the whole configuration as YAML. No password or key is in it.")
    load = verbs.add_parser("load", help="Make the configuration what a file says, all of it or nothing.")
    load.add_argument("file", metavar="FILE", help="as dump printed it; - reads from a pipe")
    load.add_argument("--dry-run", action="store_true", help="check the file and print what would change")
    verbs.add_parser("explain", help="Print what may stand in such a file.")
    for each in (dump, load):
        each.add_argument("--institution", metavar="CODE", help="needed if there are several")


def run(args: argparse.Namespace) -> int:
    from amerce.access.actors import system_actor
    from amerce.access.privileges import Privilege
    from amerce.cli.institution import the_institution
    from amerce.config_file.dump import dump
    from amerce.config_file.errors import FileRefused
    from amerce.config_file.explain import explain
    from amerce.config_file.load import load, preview, secrets_to_enter
    from amerce.config_file.part import Act
    from amerce.config_file.parts.all import PARTS

    if args.verb == "explain":
        print(explain(PARTS), end="")
        return 0
    institution, at = the_institution(args.institution), timezone.now()
    if args.verb == "dump":
        print(dump(institution, at, PARTS), end="")
        return 0
    text = _read(args.file)
    try:
        act = Act(system_actor(institution.pk, "command line", *Privilege), at, institution)
        changes = preview(act, text, PARTS) if args.dry_run else load(act, text, PARTS)
    except FileRefused as refused:
        raise Refusal(_("%(faults)s\nNothing was changed.") % {"faults": refused}) from None
    for each in changes:
        _print(each, institution)
    print(_summary(len(changes), is_dry_run=args.dry_run))
    if not args.dry_run:
        for sentence in secrets_to_enter(institution, changes):
            print(sentence)
    return 0


def _read(path: str) -> str:
    try:
        if path == "-":
            return sys.stdin.read()
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 - the path may be a pipe
            return file.read()
    except OSError as error:
        raise Refusal(_("%(path)s cannot be read: %(reason)s.") % {"path": path, "reason": error.strerror}) from None
    except UnicodeDecodeError:
        raise Refusal(_("%(path)s is not a text in UTF-8.") % {"path": path}) from None


def _print(change: "Change", institution: "Institution") -> None:
    if change.before is None or change.after is None:
        print(f"{'+' if change.before is None else '-'} {change.name}")
        return
    print(f"  {change.name}")
    for field in change.fields:
        before, after = (
            change.written(field, values, institution.currency) for values in (change.before, change.after)
        )
        print(f"      {field}: {before} -> {after}")


def _summary(count: int, *, is_dry_run: bool) -> str:
    if not count:
        return _("Nothing to change: all of it is so already.")
    if is_dry_run:
        return ngettext("%(count)s change. Nothing was written.", "%(count)s changes. Nothing was written.", count) % {
            "count": count
        }
    return ngettext("%(count)s change made.", "%(count)s changes made.", count) % {"count": count}
