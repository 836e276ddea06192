"""From which debt on patrons are blocked."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from amerce.circulation.block_rules import AGE_LIMIT_DAYS, RuleFacts, delete_rule, save_rule
from amerce.circulation.models import BlockRule
from amerce.config_file.part import Act, TablePart, Values, id_of
from amerce.config_file.parts.codes import group_codes, group_ids
from amerce.config_file.scalars import Amount, Flag, Number, Text
from amerce.config_file.shapes import Field, Maybe, Row, Table
from amerce.institutions.models import Institution


class BlockRules(TablePart):
    name = "balance_blocks"
    about = "From which debt on a patron cannot check out, renew or request; a rule without a group is for all others."
    shape = Table(
        ("user_group",),
        Row(
            {
                "user_group": Field(Maybe(Text(60)), "Code of the user group; null for all without a rule."),
                "amount": Field(Maybe(Amount()), "Blocked from this balance on.", None),
                "age_days": Field(Maybe(Number(1, AGE_LIMIT_DAYS)), "Blocked once a fee is as old as this.", None),
                "checkout": Field(Flag(), "Whether it blocks a checkout.", True),
                "renewal": Field(Flag(), "Whether it blocks a renewal.", True),
                "request": Field(Flag(), "Whether it blocks a request.", True),
            }
        ),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        groups = group_codes(institution.pk)
        rows = [_values(rule, groups) for rule in BlockRule.objects.filter(institution=institution)]
        return sorted(rows, key=lambda row: row["user_group"] or "")

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        group_id = id_of("user_group", group_ids(act.institution.pk), row["user_group"])
        facts = RuleFacts(
            group_id=group_id,
            amount_minor=row["amount"],
            age_days=row["age_days"],
            blocks_checkout=row["checkout"],
            blocks_renewal=row["renewal"],
            blocks_request=row["request"],
        )
        save_rule(actor=act.actor, at=act.at, facts=facts, rule_id=_rule_id(act, row) if before else None)

    def remove(self, act: Act, row: Values) -> None:
        delete_rule(actor=act.actor, at=act.at, rule_id=_rule_id(act, row))


def _values(rule: BlockRule, groups: dict[int, str]) -> Values:
    facts: dict[str, Any] = asdict(RuleFacts.of(rule))
    group_id = facts["group_id"]
    return {
        "user_group": None if group_id is None else groups[group_id],
        "amount": facts["amount_minor"],
        "age_days": facts["age_days"],
        "checkout": facts["blocks_checkout"],
        "renewal": facts["blocks_renewal"],
        "request": facts["blocks_request"],
    }


def _rule_id(act: Act, row: Values) -> int:
    rules = BlockRule.objects.filter(institution=act.institution)
    code = row["user_group"]
    return (rules.filter(group=None) if code is None else rules.filter(group__code=code)).get().pk
