"""What may stand in the fields of a patron record."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from amerce.inputs.checks import can_be_seen
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import active_codes
from amerce.patrons.errors import CodeUnknown, EmailMalformed, FieldMalformed, FieldMissing, FieldTooLong, TooManyLines
from amerce.patrons.facts import ADDRESS_LINES
from amerce.patrons.folding import fold_id
from amerce.patrons.models import UserGroup

_EMAIL_LIMIT = 254


def check_text(field: str, value: str, limit: int, *, needed: bool = False) -> None:
    """Raises ``FieldMissing``, ``FieldTooLong``, ``FieldMalformed``."""
    if needed and not value.strip():
        raise FieldMissing(field)
    if len(value) > limit:
        raise FieldTooLong(field, limit)
    if not can_be_seen(value):
        raise FieldMalformed(field)


def check_id(field: str, value: str, limit: int) -> None:
    """Also that something is left of it without case and space, and not too much. Raises as ``check_text``."""
    check_text(field, value, limit, needed=True)
    folded = fold_id(value)
    if not folded:
        raise FieldMissing(field)
    if len(folded) > limit:
        raise FieldTooLong(field, limit)
    if any(not each.isprintable() for each in value):
        raise FieldMalformed(field)


def check_email(value: str) -> None:
    """Raises ``EmailMalformed``, ``FieldTooLong``."""
    check_text("text", value, _EMAIL_LIMIT, needed=True)
    try:
        validate_email(value)
    except ValidationError as error:
        raise EmailMalformed from error


def check_lines(value: str) -> None:
    """Raises ``TooManyLines``."""
    if len(value.splitlines()) > ADDRESS_LINES:
        raise TooManyLines(ADDRESS_LINES)


def check_codes(
    institution_id: int, table: CodeEntry.Table, field: str, codes: Iterable[str], *, kept: Iterable[str] = ()
) -> None:
    """That each may be chosen now; ``kept`` are those that stand there already. Raises ``CodeUnknown``."""
    new = set(codes) - set(kept)
    if new and new - set(active_codes(institution_id, table).values_list("code", flat=True)):
        raise CodeUnknown(field)


def group_of(institution_id: int, group_id: int | None, *, kept_id: int | None = None) -> UserGroup | None:
    """Raises ``CodeUnknown`` for a group of nobody here, and for one out of use unless it is ``kept_id``."""
    if group_id is None:
        return None
    group = UserGroup.objects.filter(institution_id=institution_id, pk=group_id).first()
    if group is None or not (group.is_active or group.pk == kept_id):
        raise CodeUnknown("group")
    return group


def difference(before: Mapping[str, Any], after: Mapping[str, Any], *, told: frozenset[str]) -> dict[str, Any]:
    """For an event: the names of what changed, with the old and new value of those that are ``told``.

    Why not all: an event holds codes and days, never a person's name or words.
    """
    changed = [name for name in after if before.get(name) != after[name]]
    shown = [name for name in changed if name in told]
    return {
        "changed": changed,
        "before": {name: _plain(before.get(name)) for name in shown},
        "after": {name: _plain(after[name]) for name in shown},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
