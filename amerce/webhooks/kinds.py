"""What a webhook can be told of. The names are part of the interface: ``docs/reference/webhooks.md``."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    FEE_CREATED = "fee.created", _("Fee created")
    FEE_PAID = "fee.paid", _("Fee paid")
    FEE_WAIVED = "fee.waived", _("Fee waived")
    FEE_DISPUTED = "fee.disputed", _("Fee disputed")
    FEE_RESTORED = "fee.restored", _("Fee restored")
    FEE_EXPORTED = "fee.exported", _("Fee exported to the bursar")
    FEE_IMPORTED = "fee.imported", _("Payment imported from the bursar")
    FEE_CHANGED = "fee.changed", _("Fee changed otherwise: it grew, was taken back, corrected or refunded")
    BLOCK_SET = "block.set", _("Block set")
    BLOCK_LIFTED = "block.lifted", _("Block lifted")


BLOCKS = frozenset({Kind.BLOCK_SET.value, Kind.BLOCK_LIFTED.value})
TEST = "webhook.test"
"""What "Send a test" sends, whatever an endpoint asks for."""

BY_TRANSFER: dict[str, Kind] = {
    "PAYMENT": Kind.FEE_PAID,
    "WAIVE": Kind.FEE_WAIVED,
    "DISPUTE": Kind.FEE_DISPUTED,
    "RESTORE": Kind.FEE_RESTORED,
    "CREDIT": Kind.FEE_CREATED,
    "EXPORT": Kind.FEE_EXPORTED,
    "EXPORTED_AND_PAID": Kind.FEE_EXPORTED,
    "PAYMENT_RECEIVED": Kind.FEE_IMPORTED,
}
"""The kind of a transfer to what it is told as. A charge is told as created or changed, all others as changed."""
