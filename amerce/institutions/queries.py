"""Reading institutions, places and code tables. Each query names the institution it reads."""

from django.db.models import QuerySet

from amerce.institutions.models import CodeEntry, Desk, Library


def libraries(institution_id: int) -> QuerySet[Library]:
    return Library.objects.filter(institution_id=institution_id).order_by("name")


def desks(institution_id: int) -> QuerySet[Desk]:
    """Every circulation desk with its library, by library then desk name."""
    return (
        Desk.objects.filter(institution_id=institution_id).select_related("library").order_by("library__name", "name")
    )


def active_codes(institution_id: int, table: CodeEntry.Table) -> QuerySet[CodeEntry]:
    """The rows of a code table that may be chosen now, in their order."""
    return CodeEntry.objects.filter(institution_id=institution_id, table=table, is_active=True).order_by(
        "position", "label"
    )


def code_labels(institution_id: int, table: CodeEntry.Table) -> dict[str, str]:
    """Code to label for the whole table, also for what is no longer active: history keeps its words."""
    rows = CodeEntry.objects.filter(institution_id=institution_id, table=table)
    return dict(rows.values_list("code", "label"))
