"""What calls on exports to the bursar answer."""

from ninja import Schema


class BursarProfileOut(Schema):
    code: str
    name: str


class BursarProfilesOut(Schema):
    profiles: list[BursarProfileOut]


class BursarRunOut(Schema):
    """Amounts are signed: a CREDIT counts against debts. ``difference`` is what the file holds above the ledger."""

    id: str
    number: int
    profile: str
    state: str
    started_at: str
    started_by: str
    selected: str
    selected_fees: int
    dropped_fees: int
    file: str
    file_fees: int
    file_amount: str
    file_sha256: str
    made_at: str | None
    delivered_at: str | None
    acknowledged_at: str | None
    undone_at: str | None
    ledger_amount: str
    difference: str
    paid: str
    outstanding: str


class BursarRunsOut(Schema):
    bursar_runs: list[BursarRunOut]
    next: str | None


class BursarLineOut(Schema):
    id: str
    patron: str
    fee: str
    type: str
    state: str
    reason: str
    selected: str
    exported: str
    paid: str


class BursarLinesOut(Schema):
    lines: list[BursarLineOut]
    next: str | None
