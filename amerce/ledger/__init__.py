"""The ledger: transfers that are written once and never changed. ``post.py`` is the only writer of money."""
