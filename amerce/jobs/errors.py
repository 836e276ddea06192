"""Why something is not done with a run or a schedule: one class per reason."""

from django.utils.translation import gettext as _

from amerce.inputs.errors import Refused


class JobRefused(Refused):
    """A job that cannot be run as asked, or cannot go on. Its text is one sentence for the person who asked; ``field``
    is the parameter that it is about.
    """

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class RunEnded(Refused):
    """The run has ended as ``state`` says, so it can not be cancelled."""

    def __init__(self, run_id: int, state: str) -> None:
        super().__init__(f"run {run_id} is {state}")
        self.run_id = run_id
        self.state = state


class NotCancellable(Refused):
    """A run of the job ``name`` has to be whole once it began."""

    def __init__(self, run_id: int, name: str) -> None:
        super().__init__(f"run {run_id} of {name} has to be whole")
        self.run_id = run_id
        self.name = name


class KeyReused(Refused):
    """A run was queued under this key with other parameters, or of another job."""


class CronNotTaken(Refused):
    """Not five parts, or one of them is not right: ``part`` is minute, hour, day-of-month, month or day-of-week."""

    field = "cron"

    def __init__(self, part: str = "") -> None:
        super().__init__(f"the {part or 'number of parts'} of the times is wrong")
        self.part = part


class NeverDue(Refused):
    """There is no such time, 30 February say."""

    field = "cron"


class ScheduleTwice(Refused):
    """This job has a schedule with the same parameters already."""

    field = "cron"


def in_a_sentence(error: Exception) -> str:
    """Why a run failed, for who looks at it: a refusal says so itself, of a fault the first line is told."""
    if isinstance(error, JobRefused):
        return str(error)
    what = (str(error).strip() or type(error).__name__).splitlines()[0]
    return _("The run stopped at an error: %(error)s") % {"error": what}
