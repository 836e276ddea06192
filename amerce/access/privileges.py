"""Privileges, and the built-in roles that hold them (``docs/reference/rules.md``, row F2).

Why a table in code: a privilege exists because a command asks for it, so the two change together. An institution may
change a built-in role and make its own (``access.roles``).
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Privilege(StrEnum):
    """One thing a role may allow. Each is asked for by name in the commands or queries it opens."""

    PATRON_VIEW = "patron.view"
    PATRON_FIND_BY_NAME = "patron.find_by_name"
    FEE_ADD = "fee.add"
    FEE_PAY = "fee.pay"
    FEE_DISPUTE = "fee.dispute"
    FEE_RESTORE = "fee.restore"
    FEE_LINK_ITEM = "fee.link_item"
    FEE_WAIVE = "fee.waive"
    FEE_CREDIT = "fee.credit"
    FEE_REFUND = "fee.refund"
    FEE_CORRECT = "fee.correct"
    BULK_WAIVE = "bulk.waive"
    FEE_EXPORT = "fee.export"
    BURSAR_VIEW = "bursar.view"
    FEE_ACCRUE = "fee.accrue"
    LOAN_CHECKOUT = "loan.checkout"
    LOAN_RETURN = "loan.return"
    LOAN_BACKDATE = "loan.backdate"
    LOAN_RENEW = "loan.renew"
    LOAN_MARK = "loan.mark"
    LOAN_NOTE = "loan.note"
    LOAN_PURGE = "loan.purge"
    REQUEST_PLACE = "request.place"
    REQUEST_CANCEL = "request.cancel"
    LETTER_SEND = "letter.send"
    BLOCK_OVERRIDE = "block.override"
    BLOCK_SET = "block.set"
    PATRON_EDIT = "patron.edit"
    FULFILLMENT_CONFIGURE = "fulfillment.configure"
    CHARGES_CONFIGURE = "charges.configure"
    FEE_TYPE_ENABLE = "fee_type.enable"
    PATRON_CONFIGURE = "patron.configure"
    PATRON_NOTIFY = "patron.notify"
    LETTER_CONFIGURE = "letter.configure"
    INSTITUTION_CONFIGURE = "institution.configure"
    ROLE_EDIT = "role.edit"
    DATA_IMPORT = "data.import"
    JOB_VIEW = "job.view"
    JOB_RUN = "job.run"
    ACCOUNT_CREATE = "account.create"
    ACCOUNT_EDIT = "account.edit"
    EVENT_VIEW = "event.view"
    API_KEY_EDIT = "api_key.edit"


WITH_CEILING = frozenset(
    {
        Privilege.FEE_ADD,
        Privilege.FEE_PAY,
        Privilege.FEE_DISPUTE,
        Privilege.FEE_RESTORE,
        Privilege.FEE_WAIVE,
        Privilege.FEE_CREDIT,
        Privilege.FEE_REFUND,
        Privilege.FEE_CORRECT,
        Privilege.BULK_WAIVE,
    }
)
"""What a role may allow up to an amount: the sum that one command moves, or one run of bulk waiving."""

ONLY_JOBS = frozenset({Privilege.FEE_ACCRUE, Privilege.LOAN_PURGE, Privilege.PATRON_NOTIFY})
"""What jobs hold while they run; no role can."""


@dataclass(frozen=True)
class BuiltIn:
    """A role that every institution has, with its privileges until the institution changes it."""

    label: str | Promise
    privileges: frozenset[Privilege]


_LIMITED_DESK = frozenset(
    {
        Privilege.PATRON_VIEW,
        Privilege.LOAN_CHECKOUT,
        Privilege.LOAN_RETURN,
        Privilege.LOAN_RENEW,
        Privilege.LOAN_NOTE,
        Privilege.REQUEST_PLACE,
    }
)
_DESK = _LIMITED_DESK | {
    Privilege.FEE_ADD,
    Privilege.FEE_PAY,
    Privilege.FEE_DISPUTE,
    Privilege.FEE_LINK_ITEM,
    Privilege.LOAN_MARK,
    Privilege.REQUEST_CANCEL,
    Privilege.LETTER_SEND,
}
_MANAGER = _DESK | {
    Privilege.PATRON_FIND_BY_NAME,
    Privilege.FEE_WAIVE,
    Privilege.FEE_RESTORE,
    Privilege.FEE_CREDIT,
    Privilege.FEE_REFUND,
    Privilege.FEE_CORRECT,
    Privilege.LOAN_BACKDATE,
    Privilege.BLOCK_OVERRIDE,
    Privilege.BLOCK_SET,
}
_READ = frozenset({Privilege.PATRON_VIEW, Privilege.PATRON_FIND_BY_NAME})

_CONFIGURE_USERS = frozenset(
    {Privilege.CHARGES_CONFIGURE, Privilege.PATRON_CONFIGURE, Privilege.BURSAR_VIEW, Privilege.LETTER_CONFIGURE}
)

ROLES: dict[str, BuiltIn] = {
    "circulation_desk_operator": BuiltIn(_("Circulation desk operator"), _DESK),
    "circulation_desk_operator_limited": BuiltIn(_("Circulation desk operator, limited"), _LIMITED_DESK),
    "circulation_desk_manager": BuiltIn(_("Circulation desk manager"), _MANAGER),
    "user_manager": BuiltIn(
        _("User manager"), _MANAGER | {Privilege.PATRON_EDIT, Privilege.BULK_WAIVE, Privilege.JOB_VIEW}
    ),
    "user_administrator": BuiltIn(_("User administrator"), _READ | _CONFIGURE_USERS | {Privilege.JOB_VIEW}),
    "fulfillment_administrator": BuiltIn(
        _("Fulfillment administrator"), _READ | {Privilege.FULFILLMENT_CONFIGURE, Privilege.JOB_VIEW, Privilege.JOB_RUN}
    ),
    "general_system_administrator": BuiltIn(
        _("General system administrator"),
        _READ
        | _CONFIGURE_USERS
        | {
            Privilege.FULFILLMENT_CONFIGURE,
            Privilege.INSTITUTION_CONFIGURE,
            Privilege.LETTER_SEND,
            Privilege.FEE_TYPE_ENABLE,
            Privilege.ROLE_EDIT,
            Privilege.ACCOUNT_CREATE,
            Privilege.ACCOUNT_EDIT,
            Privilege.JOB_VIEW,
            Privilege.JOB_RUN,
            Privilege.DATA_IMPORT,
            Privilege.EVENT_VIEW,
            Privilege.API_KEY_EDIT,
        },
    ),
    "bursar_clerk": BuiltIn(
        _("Bursar clerk"), _READ | {Privilege.FEE_EXPORT, Privilege.BURSAR_VIEW, Privilege.JOB_VIEW}
    ),
    "auditor": BuiltIn(_("Auditor"), _READ | {Privilege.EVENT_VIEW, Privilege.BURSAR_VIEW, Privilege.JOB_VIEW}),
    "patron": BuiltIn(_("Patron"), frozenset()),
    "api_application": BuiltIn(
        _("API application"),
        frozenset(
            {
                Privilege.PATRON_VIEW,
                Privilege.FEE_ADD,
                Privilege.FEE_PAY,
                Privilege.FEE_WAIVE,
                Privilege.FEE_DISPUTE,
                Privilege.FEE_RESTORE,
            }
        ),
    ),
}

NOT_STAFF = frozenset({"patron", "api_application"})
"""The built-in roles that nobody at a desk holds."""
