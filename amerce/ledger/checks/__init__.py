"""What ``verify`` checks: each check reads a ``Scope`` and answers the first bad row it finds, or None."""
