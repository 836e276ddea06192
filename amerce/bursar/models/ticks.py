"""That somebody dealt otherwise with a line of a file of payments that could not be booked (row D7)."""

from django.db import models

from amerce.bursar.models.payments import BursarPayment


class BursarTick(models.Model):
    """Who ticked the line off, when, and what they did instead; undone, the row goes and its events stay.

    Why not columns of the line: of a hundred thousand lines a few are ticked off.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+", db_index=False)
    line = models.OneToOneField(BursarPayment, models.PROTECT, related_name="tick")
    ticked_by = models.CharField(max_length=150)
    ticked_at = models.DateTimeField()
    note = models.CharField(max_length=500)

    def __str__(self) -> str:
        return self.note
