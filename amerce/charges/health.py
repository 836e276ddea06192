"""What a face may ask about the ledger's safety without importing the ledger."""

from amerce.ledger.guards import missing_guards


def guards_missing() -> list[str]:
    """Names of the guards of money rows that are missing, switched off or replaced; empty when all is well."""
    return missing_guards()
