"""Transfers and idempotency records, which nothing may change, and the patron account, which follows from them.

Why ``db_index=False``: an index of several columns begins with that one, or nobody asks by it alone; and every index
is written with every row.
"""

from django.db import models

from amerce.ledger.chart import Kind

NO_HASH = "0" * 64
"""What stands before the first transfer of an account."""


class PatronAccount(models.Model):
    """What one patron owes, as the sums of the transfers so far: a projection that ``verify`` recomputes.

    ``seq`` counts the transfers and ``head_hash`` is the hash of the last; a page that was made at another
    ``seq`` is out of date. The row is what commands lock first. Minor units of the institution's currency.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    patron = models.OneToOneField("patrons.Patron", models.PROTECT, related_name="account")
    seq = models.BigIntegerField(default=0)
    head_hash = models.CharField(max_length=64, default=NO_HASH)
    active_minor = models.BigIntegerField(default=0)
    disputed_minor = models.BigIntegerField(default=0)
    transferred_minor = models.BigIntegerField(default=0)
    credit_minor = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"account of patron {self.patron_id}"

    @property
    def balance_minor(self) -> int:
        """The active balance: what is owed and can be paid, less the credit not used yet."""
        return self.active_minor - self.credit_minor


class Transfer(models.Model):
    """One movement of money between two ledger accounts. It cannot be unbalanced and is never changed.

    ``fee`` is what it is about. ``credit_fee`` is the CREDIT whose unused rest it moves, set whenever one side
    is ``patron:credit``. ``corrects`` names the transfer that it takes back; ``payment_id`` is the receipt
    number that groups the lines of one payment. ``hash`` covers every column and ``previous_hash``.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(PatronAccount, models.PROTECT, related_name="transfers", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=20, choices=Kind)
    debit = models.CharField(max_length=80)
    credit = models.CharField(max_length=80)
    amount_minor = models.BigIntegerField()
    vat_minor = models.BigIntegerField()
    currency_code = models.CharField(max_length=3)
    fee = models.ForeignKey("charges.Fee", models.PROTECT, related_name="transfers")
    credit_fee = models.ForeignKey("charges.Fee", models.PROTECT, null=True, related_name="credit_transfers")
    at = models.DateTimeField()
    actor = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=150)
    library = models.ForeignKey("institutions.Library", models.PROTECT, null=True, related_name="+")
    desk = models.ForeignKey("institutions.Desk", models.PROTECT, null=True, related_name="+")
    method = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    note = models.ForeignKey("patrons.Note", models.PROTECT, null=True, related_name="+")
    note_hash = models.CharField(max_length=64, blank=True)
    external_transaction_id = models.CharField(max_length=150, blank=True)
    payment_id = models.BigIntegerField(null=True)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "seq"], name="transfer_seq"),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="transfer_amount_above_zero"),
            models.CheckConstraint(condition=~models.Q(debit=models.F("credit")), name="transfer_two_accounts"),
            models.CheckConstraint(
                condition=models.Q(vat_minor__gte=0, vat_minor__lte=models.F("amount_minor")),
                name="transfer_vat_within_amount",
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "payment_id"], name="transfer_payment"),
            models.Index(fields=["institution", "at"], name="transfer_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_minor} {self.debit} from {self.credit}"


class Idempotency(models.Model):
    """That a command was done once: asked again with the same ``key`` it answers ``result``.

    ``scope`` says whose key it is (``form``, ``external:all``). ``hash`` covers every column.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+", db_index=False)
    patron = models.ForeignKey("patrons.Patron", models.PROTECT, related_name="+", db_index=False)
    scope = models.CharField(max_length=60)
    key = models.CharField(max_length=150)
    input_hash = models.CharField(max_length=64)
    result = models.JSONField()
    at = models.DateTimeField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patron", "scope", "key"], name="idempotency_key")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
