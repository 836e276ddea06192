"""CSV files of any library, described by a mapping file (``default.toml`` explains every key)."""
