"""Privileges, and the roles that hold them (``docs/reference/rules.md``, row F2).

Why a table in code: a privilege exists because a command asks for it, so the two change together.
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
    FEE_EXPORT = "fee.export"
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
    BLOCK_OVERRIDE = "block.override"
    BLOCK_SET = "block.set"
    PATRON_EDIT = "patron.edit"
    FULFILLMENT_CONFIGURE = "fulfillment.configure"
    DATA_IMPORT = "data.import"
    JOB_RUN = "job.run"
    ACCOUNT_CREATE = "account.create"


@dataclass(frozen=True)
class Role:
    """A named set of privileges as a library knows it."""

    label: str | Promise
    privileges: frozenset[Privilege]


_DESK = frozenset(
    {
        Privilege.PATRON_VIEW,
        Privilege.FEE_ADD,
        Privilege.FEE_PAY,
        Privilege.FEE_DISPUTE,
        Privilege.FEE_LINK_ITEM,
        Privilege.LOAN_CHECKOUT,
        Privilege.LOAN_RETURN,
        Privilege.LOAN_RENEW,
        Privilege.LOAN_MARK,
        Privilege.LOAN_NOTE,
        Privilege.REQUEST_PLACE,
        Privilege.REQUEST_CANCEL,
    }
)
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

ROLES: dict[str, Role] = {
    "circulation_desk_operator": Role(_("Circulation desk operator"), _DESK),
    "circulation_desk_manager": Role(_("Circulation desk manager"), frozenset(_MANAGER)),
    "user_manager": Role(_("User manager"), frozenset(_MANAGER | {Privilege.PATRON_EDIT})),
    "user_administrator": Role(_("User administrator"), _READ),
    "fulfillment_administrator": Role(_("Fulfillment administrator"), _READ | {Privilege.FULFILLMENT_CONFIGURE}),
    "general_system_administrator": Role(
        _("General system administrator"),
        _READ
        | {
            Privilege.FULFILLMENT_CONFIGURE,
            Privilege.JOB_RUN,
            Privilege.DATA_IMPORT,
            Privilege.ACCOUNT_CREATE,
        },
    ),
    "bursar_clerk": Role(_("Bursar clerk"), _READ | {Privilege.FEE_EXPORT}),
    "auditor": Role(_("Auditor"), _READ),
}
