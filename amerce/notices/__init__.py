"""Fines/fees notification profiles, and the run that notifies whom they match (row C3)."""
