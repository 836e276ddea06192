"""What each privilege is called and what it allows, in the groups in which a role is edited."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amerce.access.privileges import Privilege


@dataclass(frozen=True)
class PrivilegeWords:
    name: str | Promise
    sentence: str | Promise


@dataclass(frozen=True)
class PrivilegeGroup:
    title: str | Promise
    privileges: tuple[Privilege, ...]


WORDS: dict[Privilege, PrivilegeWords] = {
    Privilege.PATRON_VIEW: PrivilegeWords(
        _("See patron records"), _("Finds a patron by an identifier and sees what they borrow and owe.")
    ),
    Privilege.PATRON_FIND_BY_NAME: PrivilegeWords(
        _("Find by name"), _("Searches patrons by name, and sees who waits for an item.")
    ),
    Privilege.PATRON_EDIT: PrivilegeWords(
        _("Edit patron records"), _("Adds users and changes their details, contacts, identifiers, notes and proxies.")
    ),
    Privilege.BLOCK_SET: PrivilegeWords(_("Set blocks"), _("Blocks a patron by hand and lifts such blocks.")),
    Privilege.BLOCK_OVERRIDE: PrivilegeWords(
        _("Override blocks"), _("Lends to a blocked patron, or an item that somebody waits for, for a reason.")
    ),
    Privilege.FEE_ADD: PrivilegeWords(_("Add fines and fees"), _("Charges a patron by hand.")),
    Privilege.FEE_PAY: PrivilegeWords(_("Take payments"), _("Takes money for fines and fees and prints receipts.")),
    Privilege.FEE_DISPUTE: PrivilegeWords(_("Dispute"), _("Puts a fee in dispute, so that it is not owed meanwhile.")),
    Privilege.FEE_RESTORE: PrivilegeWords(_("Restore"), _("Ends a dispute, so that the fee is owed again.")),
    Privilege.FEE_LINK_ITEM: PrivilegeWords(_("Link items"), _("Gives a fee the item that it is for.")),
    Privilege.FEE_WAIVE: PrivilegeWords(_("Waive"), _("Waives fines and fees, whole or in part.")),
    Privilege.FEE_CREDIT: PrivilegeWords(_("Give credits"), _("Gives a patron a credit.")),
    Privilege.FEE_REFUND: PrivilegeWords(
        _("Refund"), _("Gives back what was paid, in money or as a credit, and pays credits out.")
    ),
    Privilege.FEE_CORRECT: PrivilegeWords(_("Correct"), _("Takes back a transaction that was a mistake.")),
    Privilege.BULK_WAIVE: PrivilegeWords(
        _("Bulk Fine Waiving"), _("Waives the fines and fees of many users at once, and undoes such a run.")
    ),
    Privilege.FEE_EXPORT: PrivilegeWords(
        _("Export to bursar"), _("Hands fines and fees over to the bursar, books what was paid there, and undoes both.")
    ),
    Privilege.BURSAR_VIEW: PrivilegeWords(
        _("See the bursar's files"), _("Sees bursar profiles, their runs and reconciliation, and downloads files.")
    ),
    Privilege.LOAN_CHECKOUT: PrivilegeWords(_("Check out"), _("Lends items.")),
    Privilege.LOAN_RETURN: PrivilegeWords(_("Return"), _("Takes items back.")),
    Privilege.LOAN_BACKDATE: PrivilegeWords(_("Backdate returns"), _("Says that an item came back earlier.")),
    Privilege.LOAN_RENEW: PrivilegeWords(_("Renew"), _("Renews loans.")),
    Privilege.LOAN_MARK: PrivilegeWords(
        _("Mark loans"), _("Marks a loan as lost, claimed returned or found, with the fees that follow.")
    ),
    Privilege.LOAN_NOTE: PrivilegeWords(_("Write loan notes"), _("Writes notes on loans.")),
    Privilege.REQUEST_PLACE: PrivilegeWords(_("Place requests"), _("Requests items for patrons.")),
    Privilege.REQUEST_CANCEL: PrivilegeWords(_("Cancel requests"), _("Cancels the requests of patrons.")),
    Privilege.LETTER_SEND: PrivilegeWords(
        _("Send letters"), _("Sends receipts and activity reports, prints letters, and sees to those that did not go.")
    ),
    Privilege.LETTER_CONFIGURE: PrivilegeWords(
        _("Configure letters"), _("Changes the words of letters, and which are written.")
    ),
    Privilege.FULFILLMENT_CONFIGURE: PrivilegeWords(
        _("Configure fulfillment"), _("Changes terms of use, item policies, calendar, balance blocks and settings.")
    ),
    Privilege.CHARGES_CONFIGURE: PrivilegeWords(
        _("Configure patron charges"), _("Changes fee types, reasons for waiving and bursar transaction IDs.")
    ),
    Privilege.FEE_TYPE_ENABLE: PrivilegeWords(
        _("Enable more fee types"), _("Enables and names the ten fee types that wait for it.")
    ),
    Privilege.PATRON_CONFIGURE: PrivilegeWords(
        _("Configure users"), _("Changes user groups and what the pages of patron records offer.")
    ),
    Privilege.INSTITUTION_CONFIGURE: PrivilegeWords(
        _("Configure the institution"), _("Changes libraries, desks, printers and the settings of the institution.")
    ),
    Privilege.ROLE_EDIT: PrivilegeWords(
        _("Edit roles"), _("Says what roles allow, and gives them to people. Who holds it can get everything.")
    ),
    Privilege.ACCOUNT_CREATE: PrivilegeWords(_("Add staff accounts"), _("Makes accounts that can sign in.")),
    Privilege.ACCOUNT_EDIT: PrivilegeWords(
        _("Edit staff accounts"), _("Shuts and opens accounts, and sets a temporary password.")
    ),
    Privilege.API_KEY_EDIT: PrivilegeWords(
        _("Make API keys"), _("Makes keys for programs, with whatever they may do, and revokes them.")
    ),
    Privilege.EVENT_VIEW: PrivilegeWords(
        _("See security events"), _("Reads who signed in, who was refused, and what was changed of roles and accounts.")
    ),
    Privilege.JOB_VIEW: PrivilegeWords(
        _("See jobs"),
        _(
            "Sees which jobs run and when, and reads their reports; those of the bursar only with a privilege there, "
            "those of Bulk Fine Waiving only with it or with security events."
        ),
    ),
    Privilege.JOB_RUN: PrivilegeWords(_("Run jobs"), _("Starts, cancels and schedules jobs.")),
    Privilege.DATA_IMPORT: PrivilegeWords(_("Load data"), _("Loads data from other systems.")),
}
"""The words of every privilege that a role can hold."""

GROUPS = (
    PrivilegeGroup(
        _("Patrons"),
        (
            Privilege.PATRON_VIEW,
            Privilege.PATRON_FIND_BY_NAME,
            Privilege.PATRON_EDIT,
            Privilege.BLOCK_SET,
            Privilege.BLOCK_OVERRIDE,
            Privilege.LETTER_SEND,
        ),
    ),
    PrivilegeGroup(
        _("Fines and fees"),
        (
            Privilege.FEE_ADD,
            Privilege.FEE_PAY,
            Privilege.FEE_WAIVE,
            Privilege.FEE_DISPUTE,
            Privilege.FEE_RESTORE,
            Privilege.FEE_CREDIT,
            Privilege.FEE_REFUND,
            Privilege.FEE_CORRECT,
            Privilege.BULK_WAIVE,
            Privilege.FEE_LINK_ITEM,
            Privilege.FEE_EXPORT,
            Privilege.BURSAR_VIEW,
        ),
    ),
    PrivilegeGroup(
        _("Loans and requests"),
        (
            Privilege.LOAN_CHECKOUT,
            Privilege.LOAN_RETURN,
            Privilege.LOAN_BACKDATE,
            Privilege.LOAN_RENEW,
            Privilege.LOAN_MARK,
            Privilege.LOAN_NOTE,
            Privilege.REQUEST_PLACE,
            Privilege.REQUEST_CANCEL,
        ),
    ),
    PrivilegeGroup(
        _("Configuration"),
        (
            Privilege.CHARGES_CONFIGURE,
            Privilege.FEE_TYPE_ENABLE,
            Privilege.FULFILLMENT_CONFIGURE,
            Privilege.PATRON_CONFIGURE,
            Privilege.LETTER_CONFIGURE,
            Privilege.INSTITUTION_CONFIGURE,
        ),
    ),
    PrivilegeGroup(
        _("Administration"),
        (
            Privilege.ROLE_EDIT,
            Privilege.ACCOUNT_CREATE,
            Privilege.ACCOUNT_EDIT,
            Privilege.API_KEY_EDIT,
            Privilege.EVENT_VIEW,
            Privilege.JOB_VIEW,
            Privilege.JOB_RUN,
            Privilege.DATA_IMPORT,
        ),
    ),
)
