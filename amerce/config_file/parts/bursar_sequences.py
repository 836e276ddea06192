"""Bursar transaction id sequences."""

from datetime import datetime

from amerce.config_file.part import Act, TablePart, Values, id_of
from amerce.config_file.parts.codes import library_codes, library_ids
from amerce.config_file.scalars import Number, Text
from amerce.config_file.shapes import Field, Maybe, Row, Table
from amerce.institutions.bursar_sequences import DIGITS_LIMIT, SequenceFacts, highest
from amerce.institutions.delete_bursar_sequence import delete_bursar_sequence
from amerce.institutions.models import BursarSequence, Institution
from amerce.institutions.save_bursar_sequence import PREFIX_LIMIT, save_bursar_sequence


class BursarSequences(TablePart):
    name = "bursar_sequences"
    about = "How fees are numbered for the bursar. The next number is not here: it belongs to what was exported."
    shape = Table(
        ("name",),
        Row(
            {
                "name": Field(Text(), "Its name."),
                "library": Field(Maybe(Text(60)), "Code of the library; null for all without their own.", None),
                "start": Field(Number(0, highest(0)), "The first number."),
                "prefix": Field(Text(PREFIX_LIMIT), "What stands before the number.", ""),
                "padding": Field(Number(0, DIGITS_LIMIT), "Digits of the number; 0 for as many as it has.", 0),
            }
        ),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        libraries = library_codes(institution.pk)
        rows = BursarSequence.objects.filter(institution=institution, removed_at=None).order_by("name")
        return [
            {
                "name": row.name,
                "library": None if row.library_id is None else libraries[row.library_id],
                "start": row.start,
                "prefix": row.prefix,
                "padding": row.padding,
            }
            for row in rows
        ]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        library_id = id_of("library", library_ids(act.institution.pk), row["library"])
        facts = SequenceFacts(
            name=row["name"],
            library_id=library_id,
            start=row["start"],
            prefix=row["prefix"],
            padding=row["padding"],
        )
        sequence_id = _sequence_id(act, row) if before else None
        save_bursar_sequence(actor=act.actor, at=act.at, facts=facts, sequence_id=sequence_id)

    def remove(self, act: Act, row: Values) -> None:
        delete_bursar_sequence(actor=act.actor, at=act.at, sequence_id=_sequence_id(act, row))


def _sequence_id(act: Act, row: Values) -> int:
    return BursarSequence.objects.get(institution=act.institution, removed_at=None, name=row["name"]).pk
