"""The codes by which a file names rows of other parts."""

from amerce.institutions.models import Library
from amerce.patrons.models import UserGroup


def group_codes(institution_id: int) -> dict[int, str]:
    """Id to code."""
    return dict(UserGroup.objects.filter(institution_id=institution_id).values_list("pk", "code"))


def group_ids(institution_id: int) -> dict[str, int]:
    """Code to id."""
    return {code: pk for pk, code in group_codes(institution_id).items()}


def library_codes(institution_id: int) -> dict[int, str]:
    """Id to code."""
    return dict(Library.objects.filter(institution_id=institution_id).values_list("pk", "code"))


def library_ids(institution_id: int) -> dict[str, int]:
    """Code to id."""
    return {code: pk for pk, code in library_codes(institution_id).items()}
