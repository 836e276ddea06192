"""The tables of job runs, of what they have to tell, and of when jobs begin by themselves."""

from django.db import models


class JobRun(models.Model):
    """One run of a job in one institution.

    ``cursor`` is where the next slice begins; it moves in the transaction of the slice's effect, so a run that
    was cut off goes on without doing anything twice. ``lease_until`` is how long the worker that holds the run
    may be silent before another takes it. ``expected`` is how many things the run will look at, and ``counts``
    holds as ``looked_at`` how many it has. ``given`` are the parameters as typed, ``params`` what they meant then.
    ``subject`` is what it is about, the name of a profile say. Who started it is kept as they were then: ``starter`` is
    empty for the system and for a program, ``is_of_program`` tells these apart and ``api_key`` is the program's, and
    ``library`` and ``desk`` are empty for who was at none. ``form_key`` is what a form or a
    program that asks again is known by; of a job that has one open run, else, what two who ask at once have in common.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    subject = models.CharField(max_length=200, blank=True)
    given = models.JSONField(default=dict)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    cursor = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    expected = models.BigIntegerField(null=True)
    error = models.TextField(blank=True)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    started_by = models.CharField(max_length=150)
    starter = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+", db_index=False)
    is_of_program = models.BooleanField(default=False)
    api_key = models.ForeignKey("access.ApiKey", models.PROTECT, null=True, related_name="+", db_index=False)
    library = models.ForeignKey("institutions.Library", models.PROTECT, null=True, related_name="+", db_index=False)
    desk = models.ForeignKey("institutions.Desk", models.PROTECT, null=True, related_name="+", db_index=False)
    schedule = models.ForeignKey("JobSchedule", models.SET_NULL, null=True, related_name="+")
    form_key = models.CharField(max_length=120, blank=True)
    cancelled_by = models.CharField(max_length=150, blank=True)
    event_count = models.PositiveIntegerField(default=0)
    warning_count = models.PositiveIntegerField(default=0)
    error_count = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "name"],
                condition=models.Q(state="running"),
                name="job_run_one_of_a_kind_running",
            ),
            models.UniqueConstraint(
                fields=["institution", "form_key"],
                condition=~models.Q(form_key=""),
                name="job_run_one_of_a_key",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "id"], name="job_run_state"),
            models.Index(fields=["institution", "state", "id"], name="job_run_newest"),
            models.Index(fields=["institution", "name", "id"], name="job_run_of_job"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"

    @property
    def has_ended(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED, self.State.CANCELLED)


class RunEventRow(models.Model):
    """One thing that a run has to tell: a line of its report. ``number`` counts from 1 within the run.

    ``code`` and ``data`` are not words: these are made where the report is shown.
    """

    class Level(models.TextChoices):
        INFO = "info"
        WARNING = "warning"
        ERROR = "error"

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+", db_index=False)
    run = models.ForeignKey(JobRun, models.CASCADE, related_name="events", db_index=False)
    number = models.PositiveIntegerField()
    level = models.CharField(max_length=7, choices=Level)
    code = models.CharField(max_length=60)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        db_table = "jobs_run_event"
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="run_event_number")]
        indexes = [models.Index(fields=["run", "level", "number"], name="run_event_level")]

    def __str__(self) -> str:
        return f"{self.level} {self.code} of run {self.run_id}"


class JobSchedule(models.Model):
    """A job that is begun by itself whenever ``cron`` says so, on the clocks of the institution.

    ``params`` are texts as typed, read anew for each run, so that "today" is the day of the run; ``key`` is their
    stamp, by which a job has no two schedules that are the same. ``next_at`` is when it is due, None until a worker has
    worked it out.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    subject = models.CharField(max_length=200, blank=True)
    params = models.JSONField(default=dict)
    key = models.CharField(max_length=64)
    cron = models.CharField(max_length=100)
    is_enabled = models.BooleanField(default=True)
    next_at = models.DateTimeField(null=True)
    last_run = models.ForeignKey(JobRun, models.SET_NULL, null=True, related_name="+", db_index=False)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "jobs_schedule"
        constraints = [models.UniqueConstraint(fields=["institution", "name", "key"], name="job_schedule_once")]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=models.Q(is_enabled=True), name="job_schedule_due"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.cron}"
