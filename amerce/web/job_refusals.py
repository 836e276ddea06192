"""Why something is not done with a job, a run or a schedule, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from amerce.jobs import errors
from amerce.web.sentences import Sentence, plain

CRON_PARTS: dict[str, str | Promise] = {
    "": gettext_lazy("Write five parts with a space between: minute, hour, day of the month, month, weekday."),
    "minute": gettext_lazy("The first part is the minute, 0 to 59."),
    "hour": gettext_lazy("The second part is the hour, 0 to 23."),
    "day-of-month": gettext_lazy("The third part is the day of the month, 1 to 31."),
    "month": gettext_lazy("The fourth part is the month, 1 to 12."),
    "day-of-week": gettext_lazy("The fifth part is the weekday, 0 to 7 or SUN to SAT."),
}
WORDS: dict[type[Exception], Sentence] = {
    errors.JobRefused: lambda error, _institution: str(error),
    errors.RunEnded: plain(gettext_lazy("The run has ended meanwhile, so there is nothing to cancel.")),
    errors.NotCancellable: plain(gettext_lazy("This job has to be whole once it began, so it is not cancelled.")),
    errors.KeyReused: plain(gettext_lazy("This was sent before with other contents.")),
    errors.CronNotTaken: lambda error, _institution: str(CRON_PARTS[error.part]),
    errors.NeverDue: plain(gettext_lazy("There is no such day, so the job would never begin.")),
    errors.ScheduleTwice: plain(gettext_lazy("This job has a schedule with the same parameters already. Change that.")),
}
