"""Waiving many patrons' fines at once: preview, run, report, undo (row B15)."""
