"""Reading accounts."""

from collections.abc import Collection

from amerce.access.models import Account


def account_names(institution_id: int, account_ids: Collection[int]) -> dict[int, str]:
    """The names of people by account id, without those whose name is not known. One query."""
    accounts = Account.objects.filter(institution_id=institution_id, pk__in=account_ids).exclude(name="")
    return dict(accounts.values_list("pk", "name"))
