"""The configuration of an institution as one YAML file: written, compared, and loaded all or nothing."""
