"""When a library is open: what counts as lateness where closed time is not charged."""

from django.db import models


class OpeningHours(models.Model):
    """Open from ``opens`` until ``closes`` on a weekday (0 is Monday), from the day ``valid_from`` on.

    A library's hours of a day are those rows of the latest ``valid_from`` up to it, in wall-clock time of the
    institution's zone; a weekday without a row among them is closed. A library without any row is always open.
    ``closes`` of midnight is the end of the day.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    library = models.ForeignKey("institutions.Library", models.PROTECT, related_name="opening_hours")
    valid_from = models.DateField()
    weekday = models.PositiveIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["library", "valid_from"], name="opening_hours_of_library")]

    def __str__(self) -> str:
        return f"{self.weekday}: {self.opens} to {self.closes}"


class CalendarException(models.Model):
    """Days on which a library, or every one, is closed whatever the weekday: a holiday, an emergency.

    ``removed_on`` is the day on which the entry was deleted: what was closed before it stays closed, so that
    deleting a past holiday changes no fee. An emergency closing is one that is entered after the fact.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    library = models.ForeignKey("institutions.Library", models.PROTECT, null=True, related_name="+")
    first_on = models.DateField()
    last_on = models.DateField()
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    removed_on = models.DateField(null=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.CharField(max_length=150, blank=True)

    class Meta:
        indexes = [models.Index(fields=["institution", "first_on"], name="calendar_exception_first")]

    def __str__(self) -> str:
        return self.reason
