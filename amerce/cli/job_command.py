"""``amerce job run NAME`` and ``amerce job list``.

Why two files beside it do the work: options are read before Django knows the settings, so nothing here may need it.
"""

import argparse

from django.utils.translation import gettext as _

from amerce.cli.refusal import Refusal


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="run|list")
    run_parser = verbs.add_parser("run", help="Run a job to its end, here and now.")
    run_parser.add_argument("name", metavar="NAME", help="the job; see amerce job list")
    run_parser.add_argument(
        "--param", metavar="K=V", action="append", default=[], type=_pair, help="a parameter of the job"
    )
    run_parser.add_argument("--institution", metavar="CODE", help="where to run it; needed if there are several")
    verbs.add_parser("list", help="List the jobs, their parameters and how they last went.")


def run(args: argparse.Namespace) -> int:
    if args.verb == "list":
        from amerce.cli.job_list import list_jobs

        list_jobs()
        return 0
    from amerce.cli.job_run import run_job

    given = dict(args.param)
    if len(given) < len(args.param):
        raise Refusal(_("A parameter was given twice."))
    print(run_job(args.name, given, args.institution))
    return 0


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise argparse.ArgumentTypeError(f"“{text}” is not of the form name=value")
    return name, value
