"""Institutions, their libraries and desks, settings, code tables and number sequences."""
