"""The objects of the dialect, for the document of the interface and the checks against it.

Why not used to make the answers: they are written once as trees (``fee_object.py``), for both forms, and a second
description that makes them would only be slower.
"""

from ninja import Schema
from pydantic import ConfigDict, Field


class _Open(Schema):
    model_config = ConfigDict(extra="allow")


class ErrorLine(Schema):
    errorCode: str = Field(examples=["401861"])  # noqa: N815  the dialect's names
    errorMessage: str = Field(examples=["User with identifier nobody was not found."])  # noqa: N815
    trackingId: str  # noqa: N815


class ErrorList(Schema):
    error: list[ErrorLine]


class Errors(Schema):
    errorsExist: bool  # noqa: N815
    errorList: ErrorList  # noqa: N815
    result: None = None


class Coded(_Open):
    value: str
    desc: str | None = None


class Linked(_Open):
    value: str
    link: str | None = None


class Transaction(_Open):
    type: Coded
    amount: float
    vat_amount: float
    created_by: str
    external_transaction_id: str | None = None
    transaction_time: str
    received_by: Coded | None = None
    payment_method: Coded | None = None
    reason: Coded | None = None
    comment: str | None = None


class Fee(_Open):
    id: str
    type: Coded
    status: Coded
    user_primary_id: Linked
    balance: float
    remaining_vat_amount: float
    original_amount: float
    original_vat_amount: float
    creation_time: str
    status_time: str
    comment: str | None = None
    owner: Coded
    title: str | None = None
    barcode: Linked | None = None
    bursar_transaction_id: str | None = None
    transaction: list[Transaction] | None = None
    link: str


class Fees(_Open):
    fee: list[Fee] | None = None
    total_record_count: int
    total_sum: float | None = None
    currency: str | None = None


class NewFee(_Open):
    type: Coded
    original_amount: float | str = Field(examples=["5.00"])
    owner: Coded
    barcode: Coded | None = None
    comment: str | None = None
    creation_time: str | None = None


class User(_Open):
    primary_id: str | None = None


class Users(_Open):
    user: list[User] | None = None
    total_record_count: int


class Loan(_Open):
    loan_id: str


class Loans(_Open):
    item_loan: list[Loan] | None = None
    total_record_count: int


class Request(_Open):
    request_id: str


class Requests(_Open):
    user_request: list[Request] | None = None
    total_record_count: int


class Library(_Open):
    code: str
    name: str


class Libraries(_Open):
    library: list[Library] | None = None
    total_record_count: int


class Desk(_Open):
    code: str
    name: str


class Desks(_Open):
    circ_desk: list[Desk] | None = None
    total_record_count: int


class Departments(_Open):
    department: list[Desk] | None = None
    total_record_count: int


class CodeTable(_Open):
    name: str


class CodeTables(_Open):
    code_table: list[Coded] | None = None


class General(_Open):
    institution: Coded


class Test(_Open):
    pass


REFUSALS: dict[int, type[Schema]] = dict.fromkeys((400, 401, 403, 404, 405, 411, 413, 429, 503), Errors)
"""What every call may answer instead."""
