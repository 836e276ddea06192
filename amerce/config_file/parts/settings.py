"""What holds for the whole institution."""

from datetime import datetime

from amerce.circulation.change_settings import DAYS, Settings, change_settings, settings_of
from amerce.config_file.part import Act, SettingsPart, Values, id_of
from amerce.config_file.parts.codes import group_codes, group_ids
from amerce.config_file.scalars import Amount, Choice, Flag, Number, Text
from amerce.config_file.shapes import Field, Maybe, Row
from amerce.institutions.change_institution import InstitutionFacts, change_institution
from amerce.institutions.models import Institution


class InstitutionSettings(SettingsPart):
    name = "institution"
    about = "What the institution is called, where it is, and what holds for all its money and people."
    shape = Row(
        {
            "name": Field(Text(), "Its name."),
            "currency": Field(Text(3), "ISO 4217 code; it is fixed once there is money."),
            "locale": Field(Text(20), "How numbers and dates are written, such as en_US."),
            "time_zone": Field(Text(60), "Whose days count, such as Europe/Vienna."),
            "overpayment": Field(Choice(Institution.Overpayment.values), "What is paid above the sum owed."),
            "pay_all_order": Field(Choice(Institution.PayAllOrder.values), "Which fees are paid first."),
            "amount_ceiling": Field(Amount(), "The most that one amount may be."),
            "external_ids_are_keys": Field(
                Flag(), "Whether a payment with an external transaction id seen before is that payment again.", True
            ),
            "default_user_group": Field(Maybe(Text(60)), "Code of the user group of who has none.", None),
        }
    )

    def stands(self, institution: Institution, at: datetime) -> Values:
        facts = InstitutionFacts.of(Institution.objects.get(pk=institution.pk))
        group_id = facts.default_user_group_id
        return {
            "name": facts.name,
            "currency": facts.currency_code,
            "locale": facts.locale,
            "time_zone": facts.time_zone,
            "overpayment": facts.overpayment,
            "pay_all_order": facts.pay_all_order,
            "amount_ceiling": facts.amount_ceiling_minor,
            "external_ids_are_keys": facts.external_ids_are_keys,
            "default_user_group": None if group_id is None else group_codes(institution.pk)[group_id],
        }

    def save(self, act: Act, values: Values) -> None:
        facts = InstitutionFacts(
            name=values["name"],
            currency_code=values["currency"],
            locale=values["locale"],
            time_zone=values["time_zone"],
            overpayment=values["overpayment"],
            pay_all_order=values["pay_all_order"],
            amount_ceiling_minor=values["amount_ceiling"],
            external_ids_are_keys=values["external_ids_are_keys"],
            default_user_group_id=id_of(
                "default_user_group", group_ids(act.institution.pk), values["default_user_group"]
            ),
        )
        change_institution(actor=act.actor, at=act.at, facts=facts)


class FulfillmentSettings(SettingsPart):
    name = "fulfillment"
    about = "What circulation does as a whole."
    shape = Row(
        {
            "accrues_nightly": Field(Flag(), "Whether overdue fines are charged every night."),
            "close_paid_lost_loan": Field(Flag(), "Whether a lost loan ends once all it cost is settled."),
            "overdue_at_lost_loan": Field(Flag(), "Whether the overdue fine stays when an item becomes lost."),
            "returns_kept_days": Field(Number(*DAYS["returns_kept_days"]), "Days that returns stay on the lists."),
            "anonymise_after_days": Field(Number(*DAYS["anonymise_after_days"]), "Days until a return is anonymised."),
        }
    )

    def stands(self, institution: Institution, at: datetime) -> Values:
        return dict(vars(settings_of(Institution.objects.get(pk=institution.pk))))

    def save(self, act: Act, values: Values) -> None:
        change_settings(actor=act.actor, at=act.at, settings=Settings(**values))
