"""The parts of the configuration file, one module each."""
