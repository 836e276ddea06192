"""Who may do what: accounts, roles, privileges and the one question ``can``."""
