"""Telling other systems at once what happened to fees and blocks: signed, retried, with a log (row G4, ADR 0036)."""
