"""``amerce migrate``."""

import argparse

from django.conf import settings
from django.core.management import call_command


def arguments(parser: argparse.ArgumentParser) -> None:
    """Takes no options."""


def run(args: argparse.Namespace) -> int:
    """Make the data folder and the tables, and put the guards of the money rows in place."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0)
    print("The database is up to date.")
    return 0
