"""What a browser calls itself, in the few words by which its owner knows it.

Why not a library: a list of sign-ins needs the family and the system, not a database of every device there was.
"""

from django.utils.translation import gettext as _

_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
"""In this order: each carries the words of some of those below it, for old times' sake."""


def browser_in_words(user_agent: str) -> str:
    """``Firefox on Windows``; what is no browser that we know as it calls itself, empty for nothing."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or user_agent
