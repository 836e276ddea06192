"""Writing the configuration of an institution as a file that ``load`` takes back."""

from collections.abc import Sequence
from datetime import datetime

import yaml

from amerce.config_file.part import Part
from amerce.config_file.read import VERSION, VERSION_NAME
from amerce.config_file.scalars import Bare
from amerce.institutions.models import Institution

_WIDTH = 120


def dump(institution: Institution, at: datetime, parts: Sequence[Part]) -> str:
    """The whole configuration as YAML, each part below the sentence that says what it is. No secret is in it."""
    written = [
        f"# The configuration of {institution.code}. Load it with: amerce config load FILE\n",
        f"{VERSION_NAME}: {VERSION}\n",
    ]
    for part in parts:
        value = part.shape.write(part.stands(institution, at), institution.currency)
        text = yaml.dump({part.name: value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
        written.append(f"\n# {part.about}\n{text}")
    return "".join(written)


class _Dumper(yaml.SafeDumper):
    """Writes ``Bare`` without quotes."""


def _bare(dumper: yaml.SafeDumper, text: Bare) -> yaml.ScalarNode:
    tag = dumper.resolve(yaml.ScalarNode, str(text), (True, False))  # type: ignore[no-untyped-call]
    return dumper.represent_scalar(tag, str(text))


_Dumper.add_representer(Bare, _bare)
