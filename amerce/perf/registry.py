"""Every case of the bench, in the order of its table. A new family of operations adds its line here."""

from amerce.perf import accrual, bulk, bursar, charges, lending
from amerce.perf.case import Case

CASES: tuple[Case, ...] = (*charges.CASES, *lending.CASES, *accrual.CASES, *bulk.CASES, *bursar.CASES)
