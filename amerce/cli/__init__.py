"""The ``amerce`` command: one file per sub-command, each parses, calls one command or query and prints."""
