"""The doors of the configuration: each of its pages, what it is called and found by, and who may open it."""

from dataclasses import dataclass

from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.can import can
from amerce.access.privileges import Privilege


class Group(models.TextChoices):
    """What the doors are sorted into, in this order."""

    CHARGES = "charges", gettext_lazy("Patron Charges")
    CIRCULATION = "circulation", gettext_lazy("Circulation")
    PEOPLE = "people", gettext_lazy("People")
    LETTERS = "letters", gettext_lazy("Letters")
    INSTITUTION = "institution", gettext_lazy("Institution")
    ACCESS = "access", gettext_lazy("Roles and Sign-In")


@dataclass(frozen=True)
class Door:
    """A page of the configuration, as the first page shows it to who holds ``privilege``.

    ``words`` are other names by which it is looked for. ``changed`` is the event of a change on it, of one of the
    code ``tables`` if they are given.
    """

    url_name: str
    title: str | Promise
    text: str | Promise
    privilege: Privilege = Privilege.FULFILLMENT_CONFIGURE
    group: Group = Group.CIRCULATION
    words: str = ""
    changed: str = ""
    tables: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return reverse(self.url_name)


DOORS = (
    Door(
        "terms-of-use",
        gettext_lazy("Terms of Use"),
        gettext_lazy("How long a loan is and what lateness, a recall and a loss cost: by group, item policy, library."),
        words="loan period renewals grace lost item overdue notices",
        changed="terms.changed",
    ),
    Door(
        "item-policies",
        gettext_lazy("Item Policies"),
        gettext_lazy("The kinds of items that terms of use tell apart, such as short loan or equipment."),
        changed="code_table.changed",
        tables=("ItemPolicy",),
    ),
    Door(
        "calendar",
        gettext_lazy("Calendar"),
        gettext_lazy("When each library is open. Where the terms say so, no fine grows while it is closed."),
        words="opening hours closings holidays",
        changed="calendar.changed",
    ),
    Door(
        "block-rules",
        gettext_lazy("Balance Blocks"),
        gettext_lazy("From which debt on a patron cannot check out, renew or request."),
        changed="block_rule.changed",
    ),
    Door(
        "fee-types",
        gettext_lazy("Fines/Fees Behavior"),
        gettext_lazy("What patrons can be charged for: who owns it, whether it is waived or added by hand, its VAT."),
        Privilege.CHARGES_CONFIGURE,
        Group.CHARGES,
        words="Fine Fee Type Definition mapping table",
        changed="fee_type.changed",
    ),
    Door(
        "waive-reasons",
        gettext_lazy("Reasons for Waiving Fines/Fees"),
        gettext_lazy("What the list of reasons offers when fines and fees are waived."),
        Privilege.CHARGES_CONFIGURE,
        Group.CHARGES,
        words="Fine Fee Transaction Reason code table",
        changed="code_table.changed",
        tables=("FineFeeTransactionReason",),
    ),
    Door(
        "payment-methods",
        gettext_lazy("Payment Methods"),
        gettext_lazy("How patrons pay: cash, card and whatever else the library takes."),
        Privilege.CHARGES_CONFIGURE,
        Group.CHARGES,
        words="code table",
        changed="code_table.changed",
        tables=("PaymentMethod",),
    ),
    Door(
        "notification-profiles",
        gettext_lazy("Fines/Fees Notification Profiles"),
        gettext_lazy("Who is told what they owe: from which total on, by e-mail, SMS or print, and for which fee."),
        Privilege.CHARGES_CONFIGURE,
        Group.CHARGES,
        words="Fines/Fees Notification Profiles List letters reminders thresholds preview",
        changed="notification_profile.changed",
    ),
    Door(
        "bursar-profiles",
        gettext_lazy("Bursar Profiles"),
        gettext_lazy("Which fines and fees go to which bursar system, how, and what its answers do."),
        Privilege.CHARGES_CONFIGURE,
        Group.CHARGES,
        words="integration profile export import SFTP",
        changed="bursar_profile.changed",
    ),
    Door(
        "bursar-sequences",
        gettext_lazy("Bursar Transaction ID"),
        gettext_lazy("How exported fees are numbered for the bursar, and which numbers were skipped."),
        Privilege.CHARGES_CONFIGURE,
        Group.CHARGES,
        words="Bursar Transaction ID Sequence Configuration next value prefix padding",
        changed="bursar_sequence.changed",
    ),
    Door(
        "fulfillment-settings",
        gettext_lazy("Fulfillment Settings"),
        gettext_lazy("Nightly fines and paid lost loans."),
        changed="settings.changed",
    ),
    Door(
        "fulfillment-jobs",
        gettext_lazy("Fulfillment Jobs Configuration"),
        gettext_lazy("Which jobs begin by themselves, when, and beginning one now."),
        Privilege.JOB_RUN,
        words="schedule cron nightly overdue lost notifications",
        changed="job_schedule.changed",
    ),
    Door(
        "history-privacy",
        gettext_lazy("History and Privacy"),
        gettext_lazy("For how long it is known who had what, and what the next run would forget."),
        group=Group.PEOPLE,
        changed="settings.changed",
    ),
    Door(
        "user-groups",
        gettext_lazy("User Groups"),
        gettext_lazy("What terms of use, balance blocks and notifications tell people apart by."),
        Privilege.PATRON_CONFIGURE,
        Group.PEOPLE,
        words="proxies",
        changed="user_group.changed",
    ),
    Door(
        "code-tables",
        gettext_lazy("Code Tables"),
        gettext_lazy("The types of identifiers, e-mail addresses, phones, addresses and notes, and the languages."),
        Privilege.PATRON_CONFIGURE,
        Group.PEOPLE,
        words="labels identifier types",
        changed="code_table.changed",
        tables=(
            "UserIdentifierTypes",
            "UserEmailTypes",
            "UserPhoneTypes",
            "UserAddressTypes",
            "NoteTypes",
            "UserPreferredLanguage",
        ),
    ),
    Door(
        "letter-kinds",
        gettext_lazy("Letters"),
        gettext_lazy("Which letters are written and what they say, with a preview."),
        Privilege.LETTER_CONFIGURE,
        Group.LETTERS,
        words="templates notices receipt e-mail SMS print XSL",
        changed="letter_words.changed",
    ),
    Door(
        "letter-settings",
        gettext_lazy("Letter Settings"),
        gettext_lazy("Who sends letters, the postal address on them, and the SMS gateway."),
        Privilege.INSTITUTION_CONFIGURE,
        Group.LETTERS,
        words="sender reply-to mail SMTP",
        changed="letter_settings.changed",
    ),
    Door(
        "institution-settings",
        gettext_lazy("Institution Settings"),
        gettext_lazy("Name, language, time zone, currency, overpayment, order of payment, default user group."),
        Privilege.INSTITUTION_CONFIGURE,
        Group.INSTITUTION,
        words="pay all ceiling",
        changed="institution.changed",
    ),
    Door(
        "libraries",
        gettext_lazy("Libraries"),
        gettext_lazy("The libraries of the institution, and which are closed for good."),
        Privilege.INSTITUTION_CONFIGURE,
        Group.INSTITUTION,
        changed="library.changed",
    ),
    Door(
        "desks",
        gettext_lazy("Circulation Desks"),
        gettext_lazy("Where people work in each library."),
        Privilege.INSTITUTION_CONFIGURE,
        Group.INSTITUTION,
        words="locations",
        changed="desk.changed",
    ),
    Door(
        "printers",
        gettext_lazy("Printers"),
        gettext_lazy("Where letters are printed that are not sent."),
        Privilege.INSTITUTION_CONFIGURE,
        Group.INSTITUTION,
        changed="printer.changed",
    ),
    Door(
        "roles",
        gettext_lazy("Roles"),
        gettext_lazy("What each role allows, and up to which amount."),
        Privilege.ROLE_EDIT,
        Group.ACCESS,
        words="privileges ceilings",
        changed="role.changed",
    ),
    Door(
        "staff-accounts",
        gettext_lazy("Staff Accounts"),
        gettext_lazy("Who can sign in, with which roles, and what they may do and why."),
        Privilege.ACCOUNT_EDIT,
        Group.ACCESS,
        words="users password",
        changed="account.changed",
    ),
    Door(
        "sign-in-rules",
        gettext_lazy("Sign-In"),
        gettext_lazy("Which roles have to show a second factor."),
        Privilege.ROLE_EDIT,
        Group.ACCESS,
        words="password TOTP passkey",
        changed="sign_in_settings.changed",
    ),
    Door(
        "single-sign-on",
        gettext_lazy("Single Sign-On"),
        gettext_lazy("Signing in by OpenID Connect or SAML, and the roles that gives."),
        Privilege.ROLE_EDIT,
        Group.ACCESS,
        words="OIDC providers claims",
        changed="identity_provider.changed",
    ),
    Door(
        "api-keys",
        gettext_lazy("API Keys"),
        gettext_lazy("The keys by which other programs read and write here, and what each may do."),
        Privilege.API_KEY_EDIT,
        Group.ACCESS,
        words="REST interface scopes application webhook",
        changed="api_key.created",
    ),
    Door(
        "network",
        gettext_lazy("Fulfillment Network"),
        gettext_lazy("Whether members of the network are asked what a patron owes there, and who they are."),
        Privilege.INSTITUTION_CONFIGURE,
        Group.INSTITUTION,
        words="network activity members Alma consent",
        changed="network_settings.changed",
    ),
    Door(
        "webhooks",
        gettext_lazy("Webhooks"),
        gettext_lazy("Which other servers are told at once of fees, payments and blocks, and what they answered."),
        Privilege.INSTITUTION_CONFIGURE,
        Group.INSTITUTION,
        words="endpoints events signature HMAC delivery log replay",
        changed="webhook.changed",
    ),
    Door(
        "security-events",
        gettext_lazy("Security Events"),
        gettext_lazy("Who signed in, who was refused, and what was changed of roles and accounts."),
        Privilege.EVENT_VIEW,
        Group.ACCESS,
    ),
)


def doors_for(actor: Actor) -> list[Door]:
    """The pages of the configuration that ``actor`` may open."""
    return [door for door in DOORS if can(actor, door.privilege)]
