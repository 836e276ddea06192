"""Entry point of ``amerce``: finds the sub-command, sets Django up, turns refusals into one sentence.

Exit codes: 0 done, 1 failed with one sentence on stderr, 2 wrong usage, 141 nobody read on.
"""

import argparse
import os
import signal
import sys
from importlib import import_module

from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DatabaseError

from amerce.cli.refusal import Refusal

COMMANDS = {
    "migrate": "Make or bring up to date the tables of the database.",
    "demo": "Make a sample library and serve it.",
    "serve": "Serve the pages.",
    "work": "Run queued jobs, one slice at a time.",
    "verify": "Recompute every balance and check every money row.",
    "account": "Make an account that can sign in, or unlock one.",
    "apikey": "Make, list or revoke a key for programs.",
    "import": "Load data of another system.",
    "job": "Run a job now, or list the jobs.",
    "bursar": "Export to the bursar, import what was paid there, or say how it stands.",
    "config": "Print the configuration as a file, or load one.",
    "events": "List what should have followed from an event and failed so far.",
    "bench": "Measure commands against hand-written SQL.",
}

_NEED_NO_TABLES = {"migrate", "demo", "bench", "serve"}  # serve asks for its secret first, then itself


def main(argv: list[str] | None = None) -> int:
    """Run one sub-command. ``argv`` without the program's name."""
    os.umask(0o077)  # the data folder holds names, addresses and sessions
    parser = argparse.ArgumentParser(prog="amerce", description="Patron charges for libraries.")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = next((each for each in (sys.argv[1:] if argv is None else argv) if not each.startswith("-")), None)
    for name, help_text in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=help_text, description=help_text)
        if name == wanted:
            _module(name).arguments(subparser)
    args = parser.parse_args(argv)
    try:
        _set_up()
        if args.command not in _NEED_NO_TABLES:
            import_module("amerce.cli.tables").refuse_pending_migrations()
        code: int = _module(args.command).run(args)
        sys.stdout.flush()
    except (Refusal, ImproperlyConfigured) as refusal:
        return _fail(str(refusal))
    except DatabaseError as error:
        return _fail(f"The database refused: {str(error).strip().splitlines()[0]}")
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read has read enough, as ``| head`` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it ends
        return 128 + signal.SIGPIPE
    return code


def _module(name: str):  # type: ignore[no-untyped-def]
    return import_module(f"amerce.cli.{name}_command")


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amerce.config.settings")
    import django

    django.setup()


def _fail(sentence: str) -> int:
    print(f"amerce: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
