"""Handing fees over to the bursar and taking back what was paid there: profiles, files, runs (rows D1 to D7)."""
