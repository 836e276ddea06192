"""The job run table."""

from django.db import models


class JobRun(models.Model):
    """One run of a job in one institution.

    ``cursor`` is where the next slice begins; it moves in the transaction of the slice's effect, so a run that
    was cut off goes on without doing anything twice. ``lease_until`` is how long the worker that holds the run
    may be silent before another takes it. ``expected`` is how many things the run will look at, and ``counts``
    holds as ``looked_at`` how many it has.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
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
    worker = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "name"],
                condition=models.Q(state="running"),
                name="job_run_one_of_a_kind_running",
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="job_run_state")]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"
