"""Where the parts are joined: the list of jobs, what hangs on events, and what a worker does beside runs.

Why one file: the packages do not know each other, so that whoever asks what hangs on what finds it here.
"""

from amerce.bulk.job import BULK_WAIVING
from amerce.bulk.undo import UNDO_BULK_WAIVING
from amerce.bursar.export_job import BURSAR_EXPORT
from amerce.bursar.import_job import BURSAR_IMPORT
from amerce.bursar.run_letters import BURSAR_LETTERS
from amerce.bursar.undo_import_job import BURSAR_UNDO_IMPORT
from amerce.bursar.undo_job import BURSAR_UNDO
from amerce.bursar.untaken_uploads import UNTAKEN_UPLOADS
from amerce.circulation.anonymise import ANONYMISE_LOANS
from amerce.circulation.find_lent_copy import FOUND_BY_LENDING
from amerce.circulation.loan_letters import LOAN_LETTERS
from amerce.circulation.lost_loans import LOST_LOANS
from amerce.circulation.overdue_fines import OVERDUE_FINES
from amerce.circulation.overdue_notices import OVERDUE_NOTICES
from amerce.circulation.paid_lost_loans import PAID_LOST_LOANS
from amerce.circulation.purge import PURGE_RETURNS
from amerce.circulation.recalculate import RECALCULATE
from amerce.events.deliver import deliver_next
from amerce.events.handlers import Handler
from amerce.jobs.due import begin_due
from amerce.jobs.errand import Errand
from amerce.jobs.job import Job
from amerce.ledger.digest_job import LEDGER_DIGEST
from amerce.letters.again_job import SEND_LETTERS_AGAIN
from amerce.letters.charge_letters import CHARGE_LETTERS
from amerce.letters.deliver import deliver_letters
from amerce.letters.print_job import PRINT_LETTERS
from amerce.notices.run import FINES_FEES_NOTIFICATIONS
from amerce.webhooks.block_job import BALANCE_BLOCKS
from amerce.webhooks.courier import deliver_webhooks
from amerce.webhooks.plan import WEBHOOKS

JOBS: tuple[Job, ...] = (
    OVERDUE_FINES,
    OVERDUE_NOTICES,
    LOST_LOANS,
    RECALCULATE,
    BALANCE_BLOCKS,
    ANONYMISE_LOANS,
    PURGE_RETURNS,
    LEDGER_DIGEST,
    BULK_WAIVING,
    UNDO_BULK_WAIVING,
    BURSAR_EXPORT,
    BURSAR_IMPORT,
    BURSAR_UNDO,
    BURSAR_UNDO_IMPORT,
    FINES_FEES_NOTIFICATIONS,
    PRINT_LETTERS,
    SEND_LETTERS_AGAIN,
)
HANDLERS: tuple[Handler, ...] = (
    PAID_LOST_LOANS,
    FOUND_BY_LENDING,
    *LOAN_LETTERS,
    CHARGE_LETTERS,
    UNTAKEN_UPLOADS,
    BURSAR_LETTERS,
    WEBHOOKS,
)
ERRANDS: tuple[Errand, ...] = (begin_due, deliver_next, deliver_letters, deliver_webhooks)
