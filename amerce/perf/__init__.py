"""The bench: what our commands cost beside the same statements written by hand."""
