"""Why something is not done with a run or a schedule: one class per reason."""

from amerce.inputs.errors import Refused


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
