"""Terms of use."""

from datetime import datetime
from typing import Any

from amerce.circulation.delete_terms import delete_terms
from amerce.circulation.models import TermsOfUse
from amerce.circulation.save_terms import TermsRefused, save_terms
from amerce.circulation.terms_facts import NOTICE_DAYS, NOTICES_LIMIT, NUMBERS, Notice, TermsFacts, facts_of_terms
from amerce.config_file.part import Act, TablePart, Values, id_of
from amerce.config_file.parts.codes import group_codes, group_ids, library_codes, library_ids
from amerce.config_file.scalars import Amount, Choice, Flag, Number, Percent, Text
from amerce.config_file.shapes import Field, ListOf, Maybe, Row, Table
from amerce.institutions.models import Institution

_UNIT = Choice([each.value for each in TermsOfUse.Unit])
_FOUND = Choice([each.value for each in TermsOfUse.OverdueWhenFound])
_NEW = TermsFacts(name="")
_NOTICE = Row(
    {
        "after_days": Field(Number(*NOTICE_DAYS), "Days after the due day."),
        "fee": Field(Amount(), "What it costs.", 0),
    }
)
_SAME = {
    "loan_length": Field(Number(*NUMBERS["loan_length"]), "How many loan_unit a loan is.", _NEW.loan_length),
    "loan_unit": Field(_UNIT, "Unit of loan_length.", str(_NEW.loan_unit)),
    "renewals_limit": Field(Number(*NUMBERS["renewals_limit"]), "How often it may be renewed.", _NEW.renewals_limit),
    "overdue_rate": Field(Amount(), "For each begun overdue_unit of lateness.", 0),
    "overdue_unit": Field(_UNIT, "Unit of overdue_rate.", str(_NEW.overdue_unit)),
    "grace_minutes": Field(Number(*NUMBERS["grace_minutes"]), "Within them nothing, past them everything.", 0),
    "overdue_maximum": Field(Amount(), "The most for a loan; 0 for none.", 0),
    "charges_closed_time": Field(Flag(), "Whether closed time counts.", _NEW.charges_closed_time),
    "recall_rate": Field(Amount(), "Instead of overdue_rate once an item is recalled.", 0),
    "recall_length": Field(Number(*NUMBERS["recall_length"]), "Days left from a recall on.", _NEW.recall_length),
    "uses_item_price": Field(Flag(), "Whether a lost item costs its price, if it has one.", _NEW.uses_item_price),
    "replacement": Field(Amount(), "What a lost item costs otherwise.", 0),
    "process_fee": Field(Amount(), "What handling a lost item costs.", 0),
    "refund_ratio": Field(Percent(), "Of what was paid, given back when it is found.", _NEW.refund_ratio_bp),
    "refund_window_days": Field(Maybe(Number(*NUMBERS["refund_window_days"])), "Days for that; null for ever.", None),
    "overdue_when_found": Field(_FOUND, "Which lateness is charged then.", str(_NEW.overdue_when_found)),
    "days_to_lost": Field(Maybe(Number(*NUMBERS["days_to_lost"])), "Days overdue until lost; null for never.", None),
}
_COLUMNS = {
    **{name: name for name in _SAME},
    "overdue_rate": "overdue_rate_minor",
    "overdue_maximum": "overdue_maximum_minor",
    "recall_rate": "recall_rate_minor",
    "replacement": "replacement_minor",
    "process_fee": "process_fee_minor",
    "refund_ratio": "refund_ratio_bp",
}


class Terms(TablePart):
    name = "terms_of_use"
    about = "How long a loan is and what lateness, a recall and a loss cost; the most specific row holds."
    shape = Table(
        ("name",),
        Row(
            {
                "name": Field(Text(), "Its name."),
                "user_group": Field(Maybe(Text(60)), "Code of the user group; null for all.", None),
                "item_policy": Field(Maybe(Text(60)), "Code of the item policy; null for all.", None),
                "library": Field(Maybe(Text(60)), "Code of the library; null for all.", None),
                **_SAME,
                "notices": Field(ListOf(_NOTICE, NOTICES_LIMIT), "Overdue notices, at most five.", []),
            }
        ),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        groups, libraries = group_codes(institution.pk), library_codes(institution.pk)
        rows = TermsOfUse.objects.filter(institution=institution).prefetch_related("notices").order_by("pk")
        return [_values(facts_of_terms(row), groups, libraries) for row in rows]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        facts = TermsFacts(
            name=row["name"],
            group_id=id_of("user_group", group_ids(act.institution.pk), row["user_group"]),
            item_policy=row["item_policy"] or "",
            library_id=id_of("library", library_ids(act.institution.pk), row["library"]),
            **{column: row[name] for name, column in _COLUMNS.items()},
            notices=tuple(Notice(each["after_days"], each["fee"]) for each in row["notices"]),
        )
        try:
            save_terms(actor=act.actor, at=act.at, facts=facts, terms_id=_terms_id(act, row) if before else None)
        except TermsRefused as refused:
            raise refused.refusals[0] from None

    def remove(self, act: Act, row: Values) -> None:
        delete_terms(actor=act.actor, at=act.at, terms_id=_terms_id(act, row))


def _values(facts: TermsFacts, groups: dict[int, str], libraries: dict[int, str]) -> Values:
    kept: dict[str, Any] = {name: getattr(facts, column) for name, column in _COLUMNS.items()}
    return {
        "name": facts.name,
        "user_group": None if facts.group_id is None else groups[facts.group_id],
        "item_policy": facts.item_policy or None,
        "library": None if facts.library_id is None else libraries[facts.library_id],
        **kept,
        "notices": [{"after_days": each.after_days, "fee": each.fee_minor} for each in facts.notices],
    }


def _terms_id(act: Act, row: Values) -> int:
    return TermsOfUse.objects.get(institution=act.institution, name=row["name"]).pk
