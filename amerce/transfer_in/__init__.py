"""Loading data of other systems: one sub-package per source, each all or nothing."""
