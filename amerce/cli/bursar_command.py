"""``amerce bursar export|import|status PROFILE`` and ``undo-import NUMBER``: the bursar's jobs by a shorter name, and
how its runs stand.
"""

import argparse

from django.utils.translation import gettext as _

from amerce.cli.refusal import Refusal


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="export|import|status|undo-import")
    for verb, help_text in (
        ("export", "Export fines and fees by a profile, and deliver the file."),
        ("import", "Book what was paid at the bursar."),
        ("status", "Say how the last runs of a profile stand."),
    ):
        of_verb = verbs.add_parser(verb, help=help_text)
        of_verb.add_argument("profile", metavar="PROFILE", help="the code of the bursar profile")
        of_verb.add_argument("--institution", metavar="CODE", help="where; needed if there are several")
        if verb == "import":
            of_verb.add_argument("--file", metavar="PATH", help="this file, instead of those in the import folder")
            of_verb.add_argument("--check", action="store_true", help="say what would be booked, and book nothing")
    undo = verbs.add_parser("undo-import", help="Take back what an import booked.")
    undo.add_argument("number", metavar="NUMBER", help="the number of the import, as amerce bursar status says it")
    undo.add_argument("--reason", metavar="TEXT", required=True, help="why, which stands on each transaction")
    undo.add_argument("--institution", metavar="CODE", help="where; needed if there are several")


def run(args: argparse.Namespace) -> int:
    from amerce.cli.bursar_status import keep_upload, print_status, remove_upload
    from amerce.cli.bursar_undo import undo_import
    from amerce.cli.job_run import run_job

    if args.verb == "undo-import":
        print(undo_import(args.number, args.reason, args.institution))
        return 0
    if args.verb == "status":
        print_status(args.profile, args.institution)
        return 0
    given = {"profile": args.profile}
    is_check = args.verb == "import" and args.check
    if args.verb == "import" and args.file:
        given["upload"] = keep_upload(args.file, args.institution)
    if is_check:
        given["check"] = "yes"
    try:
        summary = run_job(f"bursar-{args.verb}", given, args.institution)
    except Refusal:
        if "upload" in given:
            remove_upload(given["upload"], args.institution)
        raise
    print(summary)
    if is_check and "\n" in summary:
        raise Refusal(_("A file would not be booked as it is."))
    if args.verb == "import" and "\n" in summary:
        raise Refusal(_("A file was rejected; nothing of it was booked."))
    return 0
