"""Calling servers of others: which addresses may be called, and one bounded HTTP request to them."""
