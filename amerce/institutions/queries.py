"""Reading institutions, places and code tables. Each query names the institution it reads."""

from django.db.models import QuerySet

from amerce.institutions.models import CodeEntry, Desk, Library, Printer


def libraries(institution_id: int) -> QuerySet[Library]:
    """Every library, also those that are closed."""
    return Library.objects.filter(institution_id=institution_id).order_by("name")


def open_libraries(institution_id: int) -> QuerySet[Library]:
    """The libraries where somebody can work, own and pick up."""
    return libraries(institution_id).filter(is_active=True)


def desks(institution_id: int) -> QuerySet[Desk]:
    """Every circulation desk with its library, by library then desk name, also those that are closed."""
    return (
        Desk.objects.filter(institution_id=institution_id).select_related("library").order_by("library__name", "name")
    )


def open_desks(institution_id: int) -> QuerySet[Desk]:
    """The desks that can be chosen as a location: open, in a library that is open."""
    return desks(institution_id).filter(is_active=True, library__is_active=True)


def printers(institution_id: int) -> QuerySet[Printer]:
    """Every printer with its library, by name, also those out of use."""
    return Printer.objects.filter(institution_id=institution_id).select_related("library").order_by("name")


def active_codes(institution_id: int, table: CodeEntry.Table) -> QuerySet[CodeEntry]:
    """The rows of a code table that may be chosen now, in their order."""
    chosen = CodeEntry.objects.filter(institution_id=institution_id, table=table, is_active=True, removed_at=None)
    return chosen.order_by("position", "label")


def code_labels(institution_id: int, table: CodeEntry.Table) -> dict[str, str]:
    """Code to label for the whole table, also for what is no longer active or was removed: history keeps its words."""
    rows = CodeEntry.objects.filter(institution_id=institution_id, table=table)
    return dict(rows.values_list("code", "label"))
