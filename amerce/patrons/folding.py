"""Making ids and names comparable: no case, no accents, no odd widths."""

import re
import unicodedata


def fold_id(value: str) -> str:
    """An identifier without case and surrounding space: what a scanner and a keyboard agree on."""
    return unicodedata.normalize("NFKC", value).strip().casefold()


def name_tokens(*names: str) -> set[str]:
    """The words of a name without case and accents: ``Élodie Moreau-Kant`` gives elodie, moreau, kant."""
    plain = unicodedata.normalize("NFKD", " ".join(names).casefold())
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    return {word[:100] for word in re.findall(r"\w+", letters)}
