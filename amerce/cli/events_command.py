"""``amerce events failing``."""

import argparse

from django.utils.translation import gettext as _


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="failing")
    verbs.add_parser("failing", help="List what should have followed from an event and failed so far.")


def run(args: argparse.Namespace) -> int:
    """Print a line for each delivery that failed and is tried again by itself."""
    from amerce.events.queries import failing
    from amerce.institutions.models import Institution

    for institution in Institution.objects.order_by("code"):
        for delivery in failing(institution.pk):
            words = {
                "institution": institution.code,
                "handler": delivery.handler,
                "event": delivery.event.name,
                "id": delivery.event_id,
                "at": f"{delivery.event.at.astimezone(institution.zone):%Y-%m-%d %H:%M}",
                "attempts": delivery.attempts,
                "next": f"{delivery.next_at.astimezone(institution.zone):%Y-%m-%d %H:%M}",
                "error": delivery.error,
            }
            print(
                _(
                    "%(institution)s, %(handler)s after %(event)s %(id)s of %(at)s: failed %(attempts)s times,"
                    " again at %(next)s: %(error)s"
                )
                % words
            )
    return 0
