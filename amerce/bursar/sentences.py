"""Sentences that end a run of a bursar job, which are kept with the run and shown by pages and terminal alike."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.bursar.errors import NotReached

FILE_GONE = gettext_lazy(
    "The file is not there any more as it was made, and what it said of patrons has changed since. Restore a copy."
)
"""Where a file that was made again would not be the one that was sealed."""

INTERNAL_NUMBERS = gettext_lazy(
    "The bursar knows fees without a bursar transaction ID by their internal numbers, up to %(number)s, and would know "
    "others by the same numbers of a sequence. Give the sequence a prefix, or set its next number above, and let one "
    "serve every library."
)
"""Where two fees would have one number in the files of the bursar."""


def not_reached(error: NotReached) -> str:
    """Why the place of delivery was not reached."""
    said = {"detail": error.detail}
    if error.code == "no_host_key":
        return _("No host key is pinned in the profile. The server shows %(detail)s; compare it, then pin it.") % said
    if error.code == "other_host_key":
        return _("The server shows another host key than the one that is pinned: %(detail)s. Nothing was sent.") % said
    if error.code == "not_signed_in":
        return _("The server does not accept the user name and secret of the profile.")
    if error.code == "no_secret":
        return _("The profile has no secret that can be read here; enter it again.")
    return _("The place of the profile was not reached: %(detail)s.") % said


def rejected(reason: str, data: Mapping[str, Any]) -> str:
    """Why a file of payments was rejected, in one sentence with the position."""
    sentences = {
        "malformed": _("The file is not well-formed XML at line %(line)s, column %(column)s: %(detail)s."),
        "encoding": _("The file is not in the encoding that it says, at line %(line)s, column %(column)s."),
        "other_encoding": _(
            "The file says that its encoding is “%(found)s”. It is taken in UTF-8, UTF-16, ISO 8859 or one of Windows."
        ),
        "doctype": _("The file has a document type declaration, which is not taken (line %(line)s)."),
        "root": _("The file begins with the element “%(found)s” at line %(line)s, not with xb:xml-fragment."),
        "namespace": _("The file is in the namespace “%(found)s” at line %(line)s, not in %(wanted)s."),
        "depth": _("The elements of the file are nested too deep at line %(line)s."),
        "nothing": _("From line %(line)s on the file goes on for a megabyte without a fine or fee."),
        "large": _("The file is larger than %(limit)s megabytes, of which nothing was read."),
        "lines": _("The file has more than %(limit)s lines, at line %(line)s."),
        "empty": _("The file has no payment."),
        "long": _("A value of the file is too long at line %(line)s."),
        "names": _("The file has more than %(limit)s names of elements and attributes, up to line %(line)s."),
        "unclear": _("At line %(line)s a value of the file stands twice, or holds another element."),
        "cancelled": _("The import was cancelled by %(by)s before it began."),
        "not_begun": _("The import failed before it had read the file."),
        "problems": _("%(count)s of %(lines)s lines cannot be booked, so nothing of the file was."),
    }
    return sentences[reason] % data


def not_bookable(reason: str, data: Mapping[str, Any]) -> str:
    """Why a file that was checked would not be booked as it is."""
    sentences = {
        "same": _("The same export number and lines were imported before, so nothing would be booked."),
        "problems": _("%(count)s of %(lines)s lines cannot be booked, so nothing of the file would be."),
        "cancelled": _("The check was cancelled by %(by)s before it began."),
        "not_begun": _("The check failed before it had read the file."),
    }
    return sentences[reason] % data if reason in sentences else rejected(reason, data)
