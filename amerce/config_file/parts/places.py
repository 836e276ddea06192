"""Libraries, circulation desks and printers."""

from datetime import datetime

from amerce.config_file.part import Act, TablePart, Values, id_of
from amerce.config_file.parts.codes import library_codes, library_ids
from amerce.config_file.scalars import Flag, Text
from amerce.config_file.shapes import Field, Maybe, Row, Table
from amerce.institutions.models import Desk, Institution, Library, Printer
from amerce.institutions.rows import CODE_LIMIT
from amerce.institutions.save_desk import DeskFacts, save_desk
from amerce.institutions.save_library import LibraryFacts, save_library
from amerce.institutions.save_printer import EMAIL_LIMIT, PrinterFacts, save_printer

_CODE = Field(Text(CODE_LIMIT), "Its code.")
_NAME = Field(Text(), "Its name.")
_ACTIVE = Field(Flag(), "Whether it can be chosen.", True)


class Libraries(TablePart):
    name = "libraries"
    about = "Libraries. None is removed; one that is left out stays as it is."
    is_whole = False
    shape = Table(("code",), Row({"code": _CODE, "name": _NAME, "active": _ACTIVE}))

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        rows = Library.objects.filter(institution=institution).order_by("code")
        return [{"code": row.code, "name": row.name, "active": row.is_active} for row in rows]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        facts = LibraryFacts(code=row["code"], name=row["name"], is_active=row["active"])
        library_id = library_ids(act.institution.pk)[row["code"]] if before else None
        save_library(actor=act.actor, at=act.at, facts=facts, library_id=library_id)


class Desks(TablePart):
    name = "desks"
    about = "Circulation desks. None is removed; one that is left out stays as it is."
    is_whole = False
    shape = Table(
        ("library", "code"),
        Row({"library": Field(Text(60), "Code of its library."), "code": _CODE, "name": _NAME, "active": _ACTIVE}),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        rows = Desk.objects.filter(institution=institution).select_related("library").order_by("library__code", "code")
        return [
            {"library": row.library.code, "code": row.code, "name": row.name, "active": row.is_active} for row in rows
        ]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        library_id = id_of("library", library_ids(act.institution.pk), row["library"])
        assert library_id is not None
        facts = DeskFacts(library_id=library_id, code=row["code"], name=row["name"], is_active=row["active"])
        desks = Desk.objects.filter(institution=act.institution, library_id=library_id, code=row["code"])
        save_desk(actor=act.actor, at=act.at, facts=facts, desk_id=desks.get().pk if before else None)


class Printers(TablePart):
    name = "printers"
    about = "Printers for letters. None is removed; one that is left out stays as it is."
    is_whole = False
    shape = Table(
        ("code",),
        Row(
            {
                "code": _CODE,
                "name": _NAME,
                "library": Field(Maybe(Text(60)), "Code of its library; null for every one.", None),
                "email": Field(Text(EMAIL_LIMIT), "Address that prints what it gets; or else a queue.", ""),
                "queue": Field(Text(), "Queue, if there is no address.", ""),
                "active": _ACTIVE,
            }
        ),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        libraries = library_codes(institution.pk)
        return [
            {
                "code": row.code,
                "name": row.name,
                "library": None if row.library_id is None else libraries[row.library_id],
                "email": row.email,
                "queue": row.queue,
                "active": row.is_active,
            }
            for row in Printer.objects.filter(institution=institution).order_by("code")
        ]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        facts = PrinterFacts(
            code=row["code"],
            name=row["name"],
            library_id=id_of("library", library_ids(act.institution.pk), row["library"]),
            email=row["email"],
            queue=row["queue"],
            is_active=row["active"],
        )
        printers = Printer.objects.filter(institution=act.institution, code=row["code"])
        save_printer(actor=act.actor, at=act.at, facts=facts, printer_id=printers.get().pk if before else None)
